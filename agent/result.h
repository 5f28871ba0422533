/* result — what became of files: the sums and problems that push prints and that reports are made of. */
#ifndef AGENT_RESULT_H
#define AGENT_RESULT_H

#include "agent/spool.h"
#include "base/json.h"

typedef struct result {
    uint64_t files, documents;
    uint64_t lines; /* data rows: committed + duplicate + quarantined + refused, once all is judged */
    uint64_t committed, duplicate, superseded, quarantined, refused;
    uint64_t problem_total; /* also of those not kept */
    problem *problem;       /* ≤ LIMIT_SKIPPED */
    size_t problems, problem_cap;
    arena text;
} result;

void result_init(result *r);
void result_auto(result *r);
/** Add what is known of an upload so far. */
MUST_USE bool result_add(result *r, spool *s, const upload *u, err *e);
/** A file that could not be taken at all. */
void result_add_failure(result *r, const char *file, const err *why);
/** {"files",…,"problems":[…]} */
void result_json(json *j, const result *r);
/** Sums in one line, then at most `most` problems in words. */
void result_text(buf *out, const result *r, size_t most);
/** The problems alone. */
void result_problems_text(buf *out, const result *r, size_t most);
/** Problems as CSV with a header, for Excel: BOM, cells that would be formulas defused. */
void result_csv(buf *out, const result *r);

#endif
