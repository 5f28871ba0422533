/* import — a CSV file or a workbook of one catalogue table → rows of cells. The first row names the columns, in any order;
 * unknown and double names are refused. Charset and separator are found out as for any other file. What `alias suggest` and
 * `customer match` write beside the columns of aliases, for the reader's eye, is ignored; rows of an alias without id and
 * factor are left out: nothing is decided in them. */
#ifndef COMMAND_IMPORT_H
#define COMMAND_IMPORT_H

#include "base/arena.h"
#include "daemon/catalog/catalog.h"
#include "daemon/command/command.h"

typedef struct import {
    catalog_table table;
    bool given[CATALOG_COLUMNS_MAX]; /* columns the file has */
    str *cells;                      /* rows × columns of the table, as written */
    uint64_t *row_no;                /* row of the file; 0: not from a file */
    size_t rows, cap;
    size_t skipped; /* rows left out: nothing is decided in them */
    str ignored;    /* names of columns that are none of the table's, joined by commas; "" none */
} import;

/** Read a file. A list of regions in a key column (area.region) becomes a row each. Everything lives in the arena but
 *  `out`, which is freed by import_free() whatever is returned. ERR_DATA: one line with file and row. */
MUST_USE bool import_read(catalog_table table, const attachment *file, arena *a, import *out, err *e);
/** A row made by hand; its cells are filled by the caller before the next call. */
str *import_row(import *in, uint64_t row_no);
void import_free(import *in);
void import_auto(import *in);

#endif
