/* lines — what is posted, document by document: for those who ask about single lines of a span of days. */
#ifndef LEDGER_LINES_H
#define LEDGER_LINES_H

#include "daemon/ledger/facts.h"
#include "daemon/ledger/posting.h"

typedef struct lines_ask {
    facts *f;
    uint32_t partner; /* 0: all; one that answers for itself: its places' lines too */
    day_t from, to;   /* inclusive; DAY_MIN, DAY_MAX: open */
} lines_ask;

/** Is the line one that is asked for? */
bool lines_meant(const lines_ask *q, const posted *x);

/** One document with a line that is meant. False stops the walk. */
typedef bool (*lines_fn)(void *arg, uint64_t document, const posting *p);
/** Every document with lines that are meant, once, partner by partner and day by day. */
void lines_walk(const lines_ask *q, lines_fn fn, void *arg);

#endif
