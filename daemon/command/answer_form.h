/* answer_form — rows of an answer in the forms people take away: CSV and workbooks. A row is an object; one function a cell,
 * so that the command line and the dashboard cannot write it in two ways. */
#ifndef COMMAND_ANSWER_FORM_H
#define COMMAND_ANSWER_FORM_H

#include "base/buf.h"
#include "base/err.h"
#include <jansson.h>

/** A cell as text: texts bare, numbers and booleans as JSON writes them, null empty, lists joined by "; ". */
void answer_cell(const json_t *v, buf *out);
/** A column of figures: right-aligned, a number in a workbook. Ids made of digits are none. */
bool answer_is_figure(const char *column);

/* CSV (RFC 4180, no byte order mark). */
void answer_csv_head(const char *const *columns, size_t n, buf *out);
void answer_csv_row(const json_t *row, const char *const *columns, size_t n, buf *out);
/** A show: its plain members, names above values. */
void answer_csv_show(const json_t *object, buf *out);

/* A workbook, written to a file by name. */
typedef struct answer_book answer_book;
/** Columns of a list (copied), or none for a show. Always set; `answer_book_end` says whether it could be written. */
answer_book *answer_book_new(const char *path, const char *const *columns, size_t n);
MUST_USE bool answer_book_row(answer_book *b, const json_t *row, err *e); /* ERR_DATA: a sheet is full */
MUST_USE bool answer_book_end(answer_book *b, err *e);                    /* frees it, too */

#endif
