#include "daemon/command/file_table.h"

#include "formats/value.h"
#include "proto/limits.h"

static bool called(const char *names, str name) {
    str rest = str_of(names), one;
    while (str_split(&rest, '|', &one))
        if (str_ieq(one, name)) return true;
    return false;
}

static str own_name(const file_column *c) {
    str rest = str_of(c->names), one = rest;
    (void)str_split(&rest, '|', &one);
    return one;
}

static bool unknown(const file_table *f, str name, err *e) {
    AUTO(buf) b = {0};
    for (size_t i = 0; i < f->columns; i++)
        buf_printf(&b, "%s%.*s", i ? "," : "", STR_ARG(own_name(&f->column[i])));
    return err_set(e, ERR_DATA, "%s row %llu: no column '%.*s'; the columns are %s", f->rows.name,
                   (unsigned long long)f->row_no, STR_ARG(str_take(name, 60)), buf_z(&b));
}

static bool read_header(file_table *f, const table_row *row, err *e) {
    f->heads = row->cells;
    for (size_t i = 0; i < row->cells; i++) {
        str name = str_trim(cell_clean(row->cell[i]));
        f->place[i] = SIZE_MAX;
        for (size_t k = 0; name.n && k < f->columns; k++)
            if (called(f->column[k].names, name)) f->place[i] = k;
        if (name.n == 0) continue;
        if (f->place[i] == SIZE_MAX) return unknown(f, name, e);
        if (f->given[f->place[i]])
            return err_set(e, ERR_DATA, "%s row %llu: column '%.*s' stands twice", f->rows.name,
                           (unsigned long long)f->row_no, STR_ARG(name));
        f->given[f->place[i]] = true;
    }
    for (size_t k = 0; k < f->columns; k++)
        if (f->column[k].required && !f->given[k])
            return err_set(e, ERR_DATA, "%s row %llu: column '%.*s' is missing", f->rows.name,
                           (unsigned long long)f->row_no, STR_ARG(own_name(&f->column[k])));
    return true;
}

bool file_table_open(file_table *f, const attachment *file, const file_column *columns, size_t n, err *e) {
    table_row row;
    ASSERT(n <= FILE_TABLE_COLUMNS);
    *f = (file_table){.column = columns, .columns = n};
    TRY(file_rows_open(&f->rows, file, e) && file_rows_next(&f->rows, &row, e));
    f->row_no = row.no;
    if (row.no == 0) return err_set(e, ERR_DATA, "%s: empty; the first row names the columns", f->rows.name);
    return read_header(f, &row, e);
}

bool file_table_next(file_table *f, err *e) {
    table_row row;
    for (;;) {
        bool any = false;
        TRY(file_rows_next(&f->rows, &row, e));
        f->row_no = row.no;
        if (row.no == 0) return true;
        for (size_t k = 0; k < f->columns; k++) f->cell[k] = STR("");
        for (size_t i = 0; i < row.cells; i++) {
            str cell = str_trim(cell_clean(row.cell[i]));
            if (cell.n == 0) continue;
            if (i >= f->heads || f->place[i] == SIZE_MAX)
                return err_set(e, ERR_DATA, "%s row %llu: cell %zu ('%.*s') stands under no column", f->rows.name,
                               (unsigned long long)row.no, i + 1, STR_ARG(str_take(cell, 60)));
            f->cell[f->place[i]] = cell;
            any = true;
        }
        if (any) return true;
    }
}

void file_table_auto(file_table *f) {
    file_rows_auto(&f->rows);
}
