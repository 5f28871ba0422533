/* file_table — a file of named columns that came with a call (separated text in any charset, XLSX): its rows as cells in the
 * order wanted. The first row names the columns, in any order; a name that is none of them is refused. */
#ifndef COMMAND_FILE_TABLE_H
#define COMMAND_FILE_TABLE_H

#include "daemon/command/file_rows.h"

typedef struct file_column {
    const char *names; /* "parent|箱码": how it may be called; the first is its own name */
    bool required;     /* the column must be there; a cell may be empty */
} file_column;

enum { FILE_TABLE_COLUMNS = 16 };

typedef struct file_table {
    file_rows rows;
    const file_column *column;
    size_t columns;
    size_t place[LIMIT_COLUMNS], heads;  /* column of each cell of a row */
    bool given[FILE_TABLE_COLUMNS];      /* columns that the file has */
    str cell[FILE_TABLE_COLUMNS];        /* of the row read last, cleaned; "" not stated */
    uint64_t row_no;
} file_table;

/** ERR_DATA: unreadable, or its header is not what was wanted; names file, row, column. file_table_auto also then. */
MUST_USE bool file_table_open(file_table *f, const attachment *file, const file_column *columns, size_t n, err *e);
/** The next row that is not blank; row_no 0 at the end. */
MUST_USE bool file_table_next(file_table *f, err *e);
void file_table_auto(file_table *f);

#endif
