/* result — what became of files: the sums and problems that push prints and that reports are made of. */
#ifndef AGENT_RESULT_H
#define AGENT_RESULT_H

#include "agent/spool.h"
#include "base/json.h"
#include "formats/doubt.h"

typedef struct result {
    uint64_t files, documents;
    uint64_t lines; /* data rows: committed + duplicate + quarantined + refused, once all is judged */
    uint64_t committed, duplicate, superseded, quarantined, refused;
    uint64_t reversed_documents, reversed_lines; /* missing from a file that replaced a span */
    uint64_t held;                               /* files kept back for a person */
    bool zh;                                     /* texts in Chinese */
    uint64_t problem_total;                      /* also of those not kept */
    problem *problem;                            /* ≤ LIMIT_SKIPPED */
    size_t problems, problem_cap;
    struct result_reversed {
        str type, number, place;
        day_t date;
        uint64_t lines;
    } reversed[LIMIT_REVERSED_SHOWN];
    size_t reversed_kept;
    struct result_doubt {
        str file;
        doubt d;
    } * doubt; /* ≤ LIMIT_DOUBTS a file */
    size_t doubts, doubt_cap;
    uint64_t doubt_total;
    arena text;
} result;

void result_init(result *r);
void result_auto(result *r);
/** Add what is known of an upload so far. */
MUST_USE bool result_add(result *r, spool *s, const upload *u, err *e);
/** A file that could not be taken at all. */
void result_add_failure(result *r, const char *file, const err *why);
/** What is doubted in a file, sent or held. */
void result_add_doubts(result *r, const char *file, const doubts *found);
void result_doubts_text(buf *out, const result *r, size_t most);
/** {"files",…,"problems":[…]} */
void result_json(json *j, const result *r);
/** Sums in one line, then at most `most` problems in words. */
void result_text(buf *out, const result *r, size_t most);
/** The problems alone. */
void result_problems_text(buf *out, const result *r, size_t most);
/** Problems as CSV with a header, for Excel: BOM, cells that would be formulas defused. */
void result_csv(buf *out, const result *r);

#endif
