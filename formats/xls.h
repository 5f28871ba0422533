/* xls — sheets of an old Excel workbook as rows of cells, a row at a time: what workbook.h says of cells, merged areas
 * and hidden sheets holds here too. */
#ifndef FORMATS_XLS_H
#define FORMATS_XLS_H

#include "formats/table.h"

typedef struct xls xls;

/** A compound file, or its workbook stream alone; borrowed until xls_close. */
MUST_USE bool xls_open(str bytes, xls **out, err *e);
void xls_close(xls *x);
void xls_auto(xls **x);

/** Visible sheets, in order. */
size_t xls_sheets(const xls *x);
/** Names of the hidden ones, "" when there are none. */
str xls_hidden(const xls *x);
/** The rows of a sheet, from the first; one sheet at a time, until the next call or the close. */
MUST_USE bool xls_rows(xls *x, size_t sheet, table_rows *rows, err *e);

#endif
