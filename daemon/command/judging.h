/* judging — the engine run on the books: what it finds, and what of that is new to them. */
#ifndef COMMAND_JUDGING_H
#define COMMAND_JUDGING_H

#include "daemon/command/cases.h"
#include "daemon/trace/feed.h"
#include "daemon/trace/gather.h"

typedef struct judged {
    trace_feed feed;
    arena a;
    trace_result result;
    trace_cases cases;
} judged;

/** Judge as of the end of a day; `known`: cases there are. */
MUST_USE bool judge_books(txn *t, const trace_rules *r, day_t as_of, const trace_known *known, size_t n, judged *out,
                          err *e);
void judged_auto(judged *g);

/** The references of a signal, a line each; in `a`. */
str judged_evidence(const trace_signal *s, arena *a);

#endif
