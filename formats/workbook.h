/* workbook — XLSX (ECMA-376) as sheets of rows of cells, streamed: libzip inflates, expat parses, a row at a time;
 * memory holds the texts shared by cells and one row.
 *
 * Cells come as a person sees them: shared, inline and rich texts (without phonetic runs), stored results of formulas
 * (one without a stored result as "=" and its text, which no column accepts), dates by their style, codes with the
 * zeros their style shows. A word in a merged area stands in every cell of it, a number only where it is written.
 * Hidden sheets are not read, blank rows are no rows.
 *
 * Refused in one line: encrypted or damaged archives, DTDs, what inflates beyond LIMIT_WORKBOOK_MIB or
 * LIMIT_SHARED_TEXT. */
#ifndef FORMATS_WORKBOOK_H
#define FORMATS_WORKBOOK_H

#include "formats/source.h"
#include "formats/table.h"

typedef struct workbook workbook;

/** `in` is borrowed until workbook_free. */
MUST_USE bool workbook_open(const source *in, workbook **out, err *e);
void workbook_free(workbook *w); /* libxlsxwriter, which some programs link too, has a workbook_close */
void workbook_auto(workbook **w);

/** Visible sheets, in the workbook's order. */
size_t workbook_sheets(const workbook *w);
/** Names of the hidden ones, "" when there are none. */
str workbook_hidden(const workbook *w);
/** The rows of a sheet, from the first; one sheet at a time, until the next call or the close. */
MUST_USE bool workbook_rows(workbook *w, size_t sheet, table_rows *rows, err *e);

#endif
