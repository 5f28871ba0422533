#include "daemon/command/file_rows.h"

static bool open_book(file_rows *f, str bytes, err *e) {
    TRY(workbook_open(SOURCE(bytes), &f->book, e));
    if (workbook_sheets(f->book) == 0) return err_set(e, ERR_DATA, "no sheet that can be seen");
    return workbook_rows(f->book, 0, &f->rows, e);
}

bool file_rows_open(file_rows *f, const attachment *file, err *e) {
    *f = (file_rows){.book = NULL};
    (void)str_copy_z(file->name, f->name, sizeof f->name);
    bool zip = str_starts(file->bytes, STR("PK\3\4"));
    return (zip ? open_book(f, file->bytes, e) : csv_open(&f->text, file->bytes, e)) || err_wrap(e, "%s", f->name);
}

bool file_rows_next(file_rows *f, table_row *row, err *e) {
    bool ok = f->book ? f->rows.next(f->rows.self, row, e) : csv_next(&f->text, row, e);
    return ok || err_wrap(e, "%s", f->name);
}

void file_rows_auto(file_rows *f) {
    workbook_free(f->book);
    csv_close(&f->text);
}
