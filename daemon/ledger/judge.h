/* judge — one line of a document: what it posts, or which word it waits for. Types, kinds and signs are a table. */
#ifndef LEDGER_JUDGE_H
#define LEDGER_JUDGE_H

#include "daemon/ledger/lookup.h"
#include "daemon/ledger/posting.h"
#include "daemon/store/apply.h"

/* A posting being built, from the first line of its content to the last. */
typedef struct builder {
    posting p;
    size_t row_cap, wait_cap, text_cap, day_cap;
    size_t *wait_line_cap;
    map waits, texts; /* reason and word → wait; text → number */
    arena *a;
    apply_result *r; /* problems */
    uint32_t lines;  /* judged so far */
} builder;

/** `lines`: of the content, so that its rows find room at once. */
void builder_begin(builder *x, arena *a, apply_result *r, uint32_t content, uint32_t lines);
/** All lines are judged: what they are posted as. */
posting builder_done(builder *x);
void builder_end(builder *x);

typedef struct judge {
    const judge_rules *rules;
    lookup *l;
    doc_type type;
    bool nil; /* its lines say of days that there was nothing */
    builder *x;
} judge;

/** Judge all lines of document `doc` of the lookup's batch and add what they post or wait for. */
void judge_document(judge *g, uint32_t doc);

#endif
