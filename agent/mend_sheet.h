/* mend_sheet — a corrected sheet as it lies on disk: its rows under the numbers they had in the file they came from.
 * Inside mend only. */
#ifndef AGENT_MEND_SHEET_H
#define AGENT_MEND_SHEET_H

#include "agent/dialect.h"
#include "proto/docset.h"

enum { MEND_SHA_DIGITS = 16 };

typedef struct kept_row {
    uint32_t sheet;
    uint64_t no;
    str *cell;
    size_t cells;
} kept_row;

typedef struct corrected {
    arena text;
    kept_row *row;
    size_t rows, cap;
    str name[LIMIT_SHEETS]; /* of sheets, by number */
    uint64_t upload;
    char sha[MEND_SHA_DIGITS + 1], signature[SIGNATURE_SIZE];
    docset *out; /* for problems of rows without mark */
} corrected;

void corrected_auto(corrected *c);
/** Read it: *c with `out` set. Rows without mark, and rows that stand twice, become problems. */
MUST_USE bool corrected_read(corrected *c, const source *in, err *e);

#endif
