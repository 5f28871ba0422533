#include "daemon/command/file_table.h"

#include "formats/value.h"
#include <inttypes.h>

static str own_name(const file_column *c) {
    str rest = str_of(c->name), one = rest;
    (void)str_split(&rest, '|', &one);
    return one;
}

static bool is_called(const file_column *c, str name) {
    str rest = str_of(c->name), one;
    while (str_split(&rest, '|', &one))
        if (str_ieq(name, one)) return true;
    return false;
}

bool file_cell_wrong(const file_line *l, size_t at, const char *wanted, err *e) {
    str column = own_name(&l->columns[at]);
    if (l->cell[at].n == 0)
        return err_set(e, ERR_DATA, "%s row %" PRIu64 ": %.*s is missing", l->file, l->no, STR_ARG(column));
    return err_set(e, ERR_DATA, "%s row %" PRIu64 ": %.*s is '%.*s', wanted %s", l->file, l->no, STR_ARG(column),
                   STR_ARG(str_take(l->cell[at], 60)), wanted);
}

static bool read_head(file_table *f, const table_row *row, err *e) {
    bool given[FILE_TABLE_COLUMNS] = {false};
    const char *file = f->rows.name;
    for (size_t i = 0; i < row->cells; i++) {
        str name = str_trim(cell_clean(row->cell[i]));
        f->place[i] = SIZE_MAX;
        if (name.n == 0) continue;
        for (size_t k = 0; k < f->n; k++)
            if (is_called(&f->columns[k], name)) f->place[i] = k;
        if (f->place[i] == SIZE_MAX)
            return err_set(e, ERR_DATA, "%s row %" PRIu64 ": no column '%.*s'", file, row->no,
                           STR_ARG(str_take(name, 60)));
        if (given[f->place[i]])
            return err_set(e, ERR_DATA, "%s row %" PRIu64 ": column '%.*s' stands twice", file, row->no, STR_ARG(name));
        given[f->place[i]] = true;
    }
    for (size_t k = 0; k < f->n; k++)
        if (f->columns[k].needed && !given[k])
            return err_set(e, ERR_DATA, "%s row %" PRIu64 ": column '%.*s' is missing", file, row->no,
                           STR_ARG(own_name(&f->columns[k])));
    f->heads = row->cells;
    return true;
}

bool file_table_open(file_table *f, const attachment *file, const file_column *columns, size_t n, err *e) {
    table_row row;
    *f = (file_table){.columns = columns, .n = n};
    ASSERT(n <= FILE_TABLE_COLUMNS);
    TRY(file_rows_open(&f->rows, file, e) && file_rows_next(&f->rows, &row, e));
    if (row.no == 0) return err_set(e, ERR_DATA, "%s: empty; the first row names the columns", f->rows.name);
    return read_head(f, &row, e);
}

bool file_table_next(file_table *f, file_line *out, err *e) {
    table_row row;
    out->no = 0;
    TRY(file_rows_next(&f->rows, &row, e));
    *out = (file_line){.file = f->rows.name, .columns = f->columns, .no = row.no};
    for (size_t i = 0; row.no && i < row.cells; i++) {
        str cell = str_trim(cell_clean(row.cell[i]));
        if (cell.n && (i >= f->heads || f->place[i] == SIZE_MAX))
            return err_set(e, ERR_DATA, "%s row %" PRIu64 ": cell %zu stands under no column", out->file, out->no,
                           i + 1);
        if (i < f->heads && f->place[i] != SIZE_MAX) out->cell[f->place[i]] = cell;
    }
    return true;
}

void file_table_auto(file_table *f) {
    file_rows_auto(&f->rows);
}
