/* mend — rows that could not be posted go back to the clerk as a sheet in the file's own columns, with 问题 and 改法
 * beside them; the corrected sheet, pushed, replaces just those rows.
 *
 * The sheet's last column names its origin: in the header "channeld:UPLOAD:SHA:SIGNATURE" (the upload, the first
 * digits of its file's SHA-256, the make of the file), in each row "SHEET.ROW" of the original file. Documents are
 * rebuilt as they were last sent, with those rows exchanged, and go as later contents. */
#ifndef AGENT_MEND_H
#define AGENT_MEND_H

#include "agent/home.h"
#include "agent/spool.h"
#include "formats/formats.h"

/** Do the first rows of a file say that it is such a sheet? */
bool mend_is_sheet(str titles);
/** Read a corrected sheet into the documents to send; *origin is the upload it mends. ERR_DATA, in one line: its
 *  origin is no longer kept, is of another home, or a document of it was sent again by another file since. */
MUST_USE bool mend_read(const home *h, spool *s, const source *in, docset *out, uint64_t *origin, err *e);

/** Write the rows of an upload that wait or were refused to path (.xlsx or .csv; of a CSV in its charset). *rows 0:
 *  there are none, nothing was written. */
MUST_USE bool mend_write(const char *home_dir, spool *s, const upload *u, const char *path, bool zh, size_t *rows,
                         err *e);

/* ---- inside: rows that wait (mend_rows.c), documents as they were last sent (mend_base.c) ---- */

typedef struct mend_row {
    uint32_t sheet;
    uint64_t row;
    str problem, hint; /* in the reader's language */
    uint8_t waits;     /* waiting_reason; 0: refused here */
} mend_row;

typedef struct mend_rows {
    arena text;
    mend_row *one; /* by sheet and row, each once */
    size_t n, cap;
} mend_rows;

void mend_rows_auto(mend_rows *x);
MUST_USE bool mend_rows_of(spool *s, const upload *u, bool zh, mend_rows *out, err *e);
const mend_row *mend_row_at(const mend_rows *x, uint32_t sheet, uint64_t row);

/** An upload as it was sent, a document of the set each. */
MUST_USE bool mend_docset_of(spool *s, const upload *u, docset *out, err *e);

#endif
