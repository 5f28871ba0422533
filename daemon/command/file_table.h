/* file_table — a file whose first row names its columns, in any order: rows of cells by the place of their column. For files
 * that are no table of the catalogue. */
#ifndef COMMAND_FILE_TABLE_H
#define COMMAND_FILE_TABLE_H

#include "daemon/command/file_rows.h"
#include "proto/limits.h"

enum { FILE_TABLE_COLUMNS = 16 };

typedef struct file_column {
    const char *name; /* "parent|箱码": other names that mean it behind the first */
    bool needed;      /* the file must have it; its cells may still be empty */
} file_column;

typedef struct file_line {
    const char *file;
    const file_column *columns;
    uint64_t no;
    str cell[FILE_TABLE_COLUMNS]; /* trimmed; "" where the column is absent */
} file_line;

typedef struct file_table {
    file_rows rows;
    const file_column *columns;
    size_t n, heads;
    size_t place[LIMIT_COLUMNS];
} file_table;

/** Reads the head. ERR_DATA, one line: unreadable, empty, a column unknown, twice or missing. file_table_auto also after a
 *  failure. */
MUST_USE bool file_table_open(file_table *f, const attachment *file, const file_column *columns, size_t n, err *e);
/** The same for files with columns that nobody asked for: these are not read, and named in `beside`: 'a', 'b'. */
MUST_USE bool file_table_open_beside(file_table *f, const attachment *file, const file_column *columns, size_t n,
                                     buf *beside, err *e);
/** The next row; no 0 at the end. Cells are valid until the next call. ERR_DATA: with out->no, a cell
 *  under no column, and the rows after it can still be read; without, the file cannot be read further. */
MUST_USE bool file_table_next(file_table *f, file_line *out, err *e);
void file_table_auto(file_table *f);

/** ERR_DATA "FILE row N: COLUMN is 'FOUND', wanted WANTED" (or "is missing"); returns false. */
bool file_cell_wrong(const file_line *l, size_t at, const char *wanted, err *e);

#endif
