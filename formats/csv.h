/* csv — separated text → rows of cells. A hand-written tokeniser over UTF-8 pieces: quotes with doubled quotes, line
 * ends CR, LF, CRLF, separators inside quotes, ="00123" as written by spreadsheets. The separator is found by
 * consistency over the first records, or named by a first line "sep=;". Rows keep the number of their first physical
 * line. Blank lines are no rows. */
#ifndef FORMATS_CSV_H
#define FORMATS_CSV_H

#include "formats/charset.h"
#include "formats/table.h"

typedef struct csv_cell {
    size_t from, n; /* in csv.text */
} csv_cell;

typedef struct csv {
    charset_stream in;
    str piece; /* what is left of the current piece */
    bool ended;
    char sep;
    bool sep_line;     /* the first line only names the separator */
    uint64_t line;     /* physical line being read, from 1 */
    bool after_cr;     /* the last letter was CR: an LF now belongs to it */
    buf text;          /* the cells of this row, one after the other */
    csv_cell *cells;   /* LIMIT_COLUMNS */
    str *views;        /* the same as str, for the row handed out */
    size_t cell_count; /* may exceed LIMIT_COLUMNS; those beyond are not kept */
    size_t cell_from;
    bool long_cell;
    bool given; /* as the one sheet of the file */
} csv;

/** Detect the charset and the separator and stand before the first row. `bytes` are borrowed until csv_close; csv_close
 *  also after a failure. */
MUST_USE bool csv_open(csv *c, str bytes, err *e);
/** The next row that is not blank; no 0 at the end. Cells are valid until the next call. ERR_DATA when a quote is never
 *  closed or the bytes cannot be converted. */
MUST_USE bool csv_next(csv *c, table_row *row, err *e);
void csv_rewind(csv *c);
void csv_close(csv *c);
void csv_auto(csv *c);

#endif
