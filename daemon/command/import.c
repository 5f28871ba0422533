#include "daemon/command/import.h"

#include "daemon/catalog/cell.h"
#include "daemon/catalog/check.h"
#include "daemon/command/file_rows.h"
#include "formats/value.h"
#include "proto/limits.h"

#include <stdlib.h>

static size_t columns_of(const import *in) {
    return catalog_tables[in->table].column_count;
}

str *import_row(import *in, uint64_t row_no) {
    if (in->rows == in->cap) {
        in->cap = in->cap ? 2 * in->cap : 64;
        in->cells = realloc(in->cells, in->cap * columns_of(in) * sizeof *in->cells);
        in->row_no = realloc(in->row_no, in->cap * sizeof *in->row_no);
        ASSERT(in->cells && in->row_no);
    }
    in->row_no[in->rows] = row_no;
    str *cells = in->cells + in->rows++ * columns_of(in);
    for (size_t i = 0; i < columns_of(in); i++) cells[i] = STR("");
    return cells;
}

void import_free(import *in) {
    free(in->cells);
    free(in->row_no);
    *in = (import){.cells = NULL};
}

void import_auto(import *in) {
    import_free(in);
}

static bool unknown_column(catalog_table table, const char *file, uint64_t row, str name, err *e) {
    AUTO(buf) b = {0};
    for (size_t i = 0; i < catalog_tables[table].column_count; i++)
        buf_printf(&b, "%s%s", i ? "," : "", catalog_tables[table].columns[i].name);
    return err_set(e, ERR_DATA, "%s row %llu: no column '%.*s'; the columns of '%s' are %s", file,
                   (unsigned long long)row, STR_ARG(str_take(name, 60)), catalog_tables[table].name, buf_z(&b));
}

static size_t column_named(catalog_table table, str name) {
    for (size_t i = 0; i < catalog_tables[table].column_count; i++)
        if (str_ieq(name, str_of(catalog_tables[table].columns[i].name))) return i;
    return SIZE_MAX;
}

/* Which column of the table each cell of a row is; SIZE_MAX: an empty head, its cells must be empty. */
static bool read_header(import *in, const char *file, const table_row *row, size_t *place, err *e) {
    for (size_t i = 0; i < row->cells; i++) {
        str name = str_trim(cell_clean(row->cell[i]));
        place[i] = column_named(in->table, name);
        if (name.n == 0) continue;
        if (place[i] == SIZE_MAX) return unknown_column(in->table, file, row->no, name, e);
        if (in->given[place[i]])
            return err_set(e, ERR_DATA, "%s row %llu: column '%.*s' stands twice", file, (unsigned long long)row->no,
                           STR_ARG(name));
        in->given[place[i]] = true;
    }
    for (size_t i = 0; i < columns_of(in); i++) {
        const catalog_column *col = &catalog_tables[in->table].columns[i];
        if (col->key && col->required && !in->given[i])
            return err_set(e, ERR_DATA, "%s row %llu: column '%s' is missing", file, (unsigned long long)row->no,
                           col->name);
    }
    return true;
}

/* The key column that may hold a list of regions, SIZE_MAX: none. */
static size_t listed_column(catalog_table table) {
    for (size_t i = 0; i < catalog_tables[table].column_count; i++)
        if (catalog_tables[table].columns[i].key && catalog_tables[table].columns[i].type == CELL_REGION) return i;
    return SIZE_MAX;
}

/* One row for each piece of a list in the newest row. */
static void split_list(import *in, arena *a) {
    size_t column = listed_column(in->table), n = columns_of(in);
    if (column == SIZE_MAX) return;
    const str *first = in->cells + (in->rows - 1) * n;
    str rest = cell_list(first[column], a), piece, copy[CATALOG_COLUMNS_MAX];
    memcpy(copy, first, n * sizeof *copy);
    uint64_t row_no = in->row_no[in->rows - 1];
    if (!str_has(rest, STR(";"))) return;
    in->rows--;
    while (str_split(&rest, ';', &piece)) {
        str *cells = import_row(in, row_no);
        memcpy(cells, copy, n * sizeof *cells);
        cells[column] = piece;
    }
}

static bool read_row(import *in, const char *file, const table_row *row, const size_t *place, size_t heads, arena *a,
                     err *e) {
    str *cells = import_row(in, row->no);
    if (in->rows > LIMIT_IMPORT_ROWS)
        return err_set(e, ERR_DATA, "%s: more than %d rows; cut the file in two", file, LIMIT_IMPORT_ROWS);
    for (size_t i = 0; i < row->cells; i++) {
        str cell = str_trim(cell_clean(row->cell[i]));
        if (cell.n == 0) continue;
        if (i >= heads || place[i] == SIZE_MAX)
            return err_set(e, ERR_DATA, "%s row %llu: cell %zu ('%.*s') stands under no column", file,
                           (unsigned long long)row->no, i + 1, STR_ARG(str_take(cell, 60)));
        cells[place[i]] = arena_str(a, cell);
        if (cells[place[i]].p == NULL) return err_set(e, ERR_DATA, "%s: too large; cut the file in two", file);
    }
    split_list(in, a);
    return true;
}

static bool read_rows(file_rows *from, import *in, arena *a, err *e) {
    size_t place[LIMIT_COLUMNS], heads;
    table_row row;
    const char *file = from->name;
    TRY(file_rows_next(from, &row, e));
    if (row.no == 0) return err_set(e, ERR_DATA, "%s: empty; the first row names the columns", file);
    heads = row.cells;
    TRY(read_header(in, file, &row, place, e));
    for (;;) {
        TRY(file_rows_next(from, &row, e));
        if (row.no == 0) return true;
        TRY(read_row(in, file, &row, place, heads, a, e));
    }
}

bool import_read(catalog_table table, const attachment *file, arena *a, import *out, err *e) {
    AUTO(file_rows) rows = {0};
    *out = (import){.table = table};
    return file_rows_open(&rows, file, e) && read_rows(&rows, out, a, e);
}
