/* plan — what one entry will do to the ledger, worked out by reading only, then put. The three steps are take.c (which
 * contents came, which holds now), settle.c (take out what was posted, judge and post what holds) and put.c. */
#ifndef LEDGER_PLAN_H
#define LEDGER_PLAN_H

#include "daemon/ledger/coded.h"
#include "daemon/ledger/document.h"
#include "daemon/ledger/flow.h"
#include "daemon/ledger/judge.h"
#include "daemon/ledger/uploads.h"
#include "daemon/store/apply.h"
#include "proto/journal.pb-c.h"

/* A document touched by the entry. */
typedef struct doc_work {
    document d;
    bool again;    /* to be judged again though the content that holds is the same */
    bool named;    /* the file of this entry has it */
    bool changed;  /* its record is to be written */
    bool fresh;    /* it gets its number with this entry */
    bool settled;  /* old was taken out and now was worked out */
    bool had, has; /* is there an old posting, a new one */
    posting old, now;
    coded_document coded; /* lines with codes, and lots handed on */
} doc_work;

/* What became of a document in its upload (upload_document). Numbers are stored. */
typedef enum outcome { OUTCOME_POSTED = 1, OUTCOME_DUPLICATE, OUTCOME_OLDER, OUTCOME_PART, OUTCOME_REVERSED } outcome;

/* A content that came with the entry. */
typedef struct taken {
    doc_work *work;
    int32_t content;     /* index, −1: a duplicate */
    uint32_t lines, row; /* row: of its first line in the batch, for problems; NO_ROW none */
    day_t date;          /* of the content */
    outcome what;
} taken;

/* A decoded batch with what its words mean. */
typedef struct source {
    uint64_t entry; /* 0: none */
    bool create;    /* its upload had the right to create unknown places and products */
    batch b;
    arena frame, memo; /* the batch; what its words mean, and scratch */
    lookup words;
} source;

typedef struct plan {
    txn *t;
    const entry *en;
    apply_result *r;
    arena mem, *a; /* of the plan itself, bounded by what the entry touches */
    judge_rules rules;
    makes made;
    doc_work **work;
    size_t works, work_cap;
    map index; /* document key → work */
    taken *taken;
    size_t takens, taken_cap;
    source now, old; /* the batch of this entry; the last one read back from the journal */
    flow_changes flows;
    upload up;     /* the upload of this entry; no 0: none */
    bool replaces; /* its file is the whole truth for a span, and this push has not cleared it yet */
    bool clears;   /* the span is cleared with this entry */
} plan;

void plan_begin(plan *p, txn *t, const entry *en, apply_result *r);
void plan_auto(plan *p);

/** The work of a document known by number; NULL when there is none. */
doc_work *plan_document(plan *p, uint64_t no);
/** The work of a document as a head states it, new when nobody has seen it. */
doc_work *plan_document_of(plan *p, const document *head);

void plan_take(plan *p, taken x);
/** Take the documents of the batch in p->now. `reporter` is the partner they come from, 0: each document names it. An
 *  agent may name its own partner and those below it only. */
MUST_USE bool take_documents(plan *p, uint32_t reporter, bool of_agent, err *e);

/** Of a file that is the whole truth for a span: is it? Before take_documents. */
void plan_begin_replacement(plan *p, str who);
/** With its last batch: reverse the documents of the span that it no longer has, of the partners, streams and types it
 *  speaks of. Nothing is reversed, and a problem says so, when lines of it did not arrive or the bounds are passed. */
MUST_USE bool plan_replace(plan *p, err *e);

/** Room for one content more behind those of a document: what was pointed to in d->content stands elsewhere. */
content *plan_content(plan *p, document *d);

/** Make the batch of this entry p->now. ERR_DATA: malformed. */
MUST_USE bool plan_open(plan *p, const Entry__Upload *body, err *e);
/** The batch of an entry, decoded; NULL and *e when it cannot be read. Valid until the next call with another entry. */
source *plan_source(plan *p, uint64_t seq, err *e);

/** Take out and post whatever changed; count it. */
MUST_USE bool plan_settle(plan *p, err *e);
/** Write everything. */
void plan_put(plan *p);

#endif
