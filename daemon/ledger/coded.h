/* coded — what this room tells the judging rooms of an entry: every document that was posted anew and has, or had, lines with
 * codes or with a lot that was handed on. The rows are those posted now, with their sign; what a document had before is taken
 * out by its number. Codes beyond LIMIT_CODED_BYTES of one entry are not followed, and a problem says so. */
#ifndef LEDGER_CODED_H
#define LEDGER_CODED_H

#include "daemon/ledger/posting.h"
#include "daemon/store/apply.h"
#include "proto/columns.h"

typedef struct coded_row {
    posted row;
    str codes; /* as written, separated by ; */
    str lot;   /* column batch */
} coded_row;

typedef struct coded_document {
    uint64_t no;
    uint32_t reporter;
    doc_type type;
    bool had; /* it was posted before */
    coded_row *row;
    size_t rows, cap;
} coded_document;

/* Of one entry; apply_result.coded, made when it is needed. */
typedef struct coded {
    arena a;
    coded_document *document;
    size_t documents;
} coded;

coded *coded_of(apply_result *r);
/** When all rooms have applied the entry. */
void coded_free(apply_result *r);

#endif
