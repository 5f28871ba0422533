/* file_rows — the rows of a file that came with a call: separated text in any charset, or the first visible sheet of an
 * XLSX workbook. */
#ifndef COMMAND_FILE_ROWS_H
#define COMMAND_FILE_ROWS_H

#include "daemon/command/command.h"
#include "formats/csv.h"
#include "formats/workbook.h"

typedef struct file_rows {
    csv text;
    workbook *book; /* NULL: text */
    table_rows rows;
    char name[256]; /* of the file, for messages */
} file_rows;

/** ERR_DATA: unreadable; its text names the file. file_rows_close also after a failure. */
MUST_USE bool file_rows_open(file_rows *f, const attachment *file, err *e);
/** The next row; no 0 at the end. Cells are valid until the next call. */
MUST_USE bool file_rows_next(file_rows *f, table_row *row, err *e);
void file_rows_auto(file_rows *f);

#endif
