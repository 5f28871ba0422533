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

enum { NO_COLUMN = SIZE_MAX, NOT_READ = SIZE_MAX - 1 }; /* places: under an empty head; under one that is not known */

static size_t place_of(const file_table *f, str name) {
    for (size_t k = 0; k < f->n; k++)
        if (is_called(&f->columns[k], name)) return k;
    return NOT_READ;
}

static bool head_complete(const file_table *f, const bool *given, const table_row *row, const buf *beside, err *e) {
    for (size_t k = 0; k < f->n; k++) {
        if (!f->columns[k].needed || given[k]) continue;
        bool others = beside && beside->n; /* a name that is spelled otherwise, as likely as not */
        return err_set(e, ERR_DATA, "%s row %" PRIu64 ": %s%.*s%scolumn '%.*s' is missing", f->rows.name, row->no,
                       others ? "no column " : "", others ? (int)beside->n : 0, others ? beside->p : "",
                       others ? "; " : "", STR_ARG(own_name(&f->columns[k])));
    }
    return true;
}

static bool read_head(file_table *f, const table_row *row, buf *beside, err *e) {
    bool given[FILE_TABLE_COLUMNS] = {false};
    const char *file = f->rows.name;
    f->heads = row->cells;
    for (size_t i = 0; i < row->cells; i++) {
        str name = str_trim(cell_clean(row->cell[i]));
        f->place[i] = name.n ? place_of(f, name) : NO_COLUMN;
        if (f->place[i] == NOT_READ && beside == NULL)
            return err_set(e, ERR_DATA, "%s row %" PRIu64 ": no column '%.*s'", file, row->no,
                           STR_ARG(str_take(name, 60)));
        if (f->place[i] == NOT_READ) buf_printf(beside, "%s'%.*s'", beside->n ? ", " : "", STR_ARG(str_take(name, 60)));
        if (f->place[i] >= f->n) continue;
        if (given[f->place[i]])
            return err_set(e, ERR_DATA, "%s row %" PRIu64 ": column '%.*s' stands twice", file, row->no, STR_ARG(name));
        given[f->place[i]] = true;
    }
    return head_complete(f, given, row, beside, e);
}

bool file_table_open_beside(file_table *f, const attachment *file, const file_column *columns, size_t n, buf *beside,
                            err *e) {
    table_row row;
    *f = (file_table){.columns = columns, .n = n};
    ASSERT(n <= FILE_TABLE_COLUMNS);
    TRY(file_rows_open(&f->rows, file, e) && file_rows_next(&f->rows, &row, e));
    if (row.no == 0) return err_set(e, ERR_DATA, "%s: empty; the first row names the columns", f->rows.name);
    return read_head(f, &row, beside, e);
}

bool file_table_open(file_table *f, const attachment *file, const file_column *columns, size_t n, err *e) {
    return file_table_open_beside(f, file, columns, n, NULL, e);
}

bool file_table_next(file_table *f, file_line *out, err *e) {
    table_row row;
    out->no = 0;
    TRY(file_rows_next(&f->rows, &row, e));
    *out = (file_line){.file = f->rows.name, .columns = f->columns, .no = row.no};
    for (size_t i = 0; row.no && i < row.cells; i++) {
        str cell = str_trim(cell_clean(row.cell[i]));
        if (cell.n && (i >= f->heads || f->place[i] == NO_COLUMN))
            return err_set(e, ERR_DATA, "%s row %" PRIu64 ": cell %zu stands under no column", out->file, out->no,
                           i + 1);
        if (i < f->heads && f->place[i] < f->n) out->cell[f->place[i]] = cell;
    }
    return true;
}

void file_table_auto(file_table *f) {
    file_rows_auto(&f->rows);
}
