/* table — rows of cells → docset: the back-end every table-like format shares. A front-end (csv; workbooks, HTML)
 * delivers rows of UTF-8 cells, one sheet after the other; the table finds the header, looks at the columns as a whole,
 * then reads row by row. */
#ifndef FORMATS_TABLE_H
#define FORMATS_TABLE_H

#include "formats/mapping.h"
#include "proto/docset.h"

typedef struct table_row {
    uint64_t no; /* row of the file or sheet, from 1; 0: there is no further row */
    const str *cell;
    size_t cells;           /* ≤ LIMIT_COLUMNS */
    bool long_cell, excess; /* a cell was cut at LIMIT_CELL; columns beyond LIMIT_COLUMNS were left out */
} table_row;

/* One sheet, readable twice: first to look at its columns, then to take its rows. */
typedef struct table_rows {
    void *self;
    bool (*next)(void *self, table_row *row, err *e); /* cells valid until the next call */
    void (*rewind)(void *self);
    uint32_t sheet; /* from 1; 0: the file has none */
    str file_name;  /* for the guess of type and year */
    str sheet_name;
    bool date1904; /* bare serial numbers count from 1904-01-01 */
    bool meant;    /* by table_read: the sheet was meant as a table of ours, whether it could be read or not */
} table_rows;

/** Add the documents of one sheet to `out`. m NULL: built-in header names. Row problems and skipped rows stand in out;
 *  false (ERR_DATA, one line with what was found and what was wanted) when the sheet as a whole says nothing. */
MUST_USE bool table_read(table_rows *rows, const mapping *m, docset *out, err *e);

#endif
