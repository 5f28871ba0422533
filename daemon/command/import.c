#include "daemon/command/import.h"

#include "daemon/catalog/cell.h"
#include "daemon/catalog/check.h"
#include "daemon/catalog/columns.h"
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

enum { NO_COLUMN = 1 << 20, IGNORED }; /* an empty head, whose cells must be empty; a column for the eye */

/* Columns that sheets of proposals carry beside those of the table. */
static bool for_the_eye(catalog_table table, str name) {
    static const char *const names[] = {"name",   "spec",     "their_unit", "county", "lines",
                                        "amount", "currency", "why",        "others"};
    for (size_t i = 0; table == CATALOG_ALIAS && i < ARRAY_LEN(names); i++)
        if (str_ieq(name, str_of(names[i]))) return true;
    return false;
}

static void note_ignored(import *in, str name, arena *a) {
    AUTO(buf) b = {0};
    buf_add(&b, in->ignored);
    if (b.n) buf_byte(&b, ',');
    buf_add(&b, name);
    in->ignored = arena_str(a, buf_str(&b));
}

/* Which column of the table each cell of a row is. */
static bool read_header(import *in, const char *file, const table_row *row, size_t *place, arena *a, err *e) {
    for (size_t i = 0; i < row->cells; i++) {
        str name = str_trim(cell_clean(row->cell[i]));
        place[i] = name.n ? column_named(in->table, name) : NO_COLUMN;
        if (name.n == 0) continue;
        if (place[i] == SIZE_MAX && for_the_eye(in->table, name)) {
            place[i] = IGNORED;
            note_ignored(in, name, a);
            continue;
        }
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

/* An alias that names nothing: the person has not decided yet, or does not want the proposal. */
static bool undecided(const import *in, const str *cells) {
    return in->table == CATALOG_ALIAS && in->given[ALIAS_ID] && cells[ALIAS_ID].n == 0 && cells[ALIAS_FACTOR].n == 0;
}

static bool read_row(import *in, const char *file, const table_row *row, const size_t *place, size_t heads, arena *a,
                     err *e) {
    str *cells = import_row(in, row->no);
    if (in->rows > LIMIT_IMPORT_ROWS)
        return err_set(e, ERR_DATA, "%s: more than %d rows; cut the file in two", file, LIMIT_IMPORT_ROWS);
    for (size_t i = 0; i < row->cells; i++) {
        str cell = str_trim(cell_clean(row->cell[i]));
        if (cell.n == 0) continue;
        if (i < heads && place[i] == IGNORED) continue;
        if (i >= heads || place[i] == NO_COLUMN)
            return err_set(e, ERR_DATA, "%s row %llu: cell %zu ('%.*s') stands under no column", file,
                           (unsigned long long)row->no, i + 1, STR_ARG(str_take(cell, 60)));
        if (catalog_tables[in->table].columns[place[i]].key && code_damaged(cell))
            return err_set(
                e, ERR_DATA,
                "%s row %llu: '%.*s' is a code that the spreadsheet made a number, its digits are lost; format "
                "the column as text and fill it in again",
                file, (unsigned long long)row->no, STR_ARG(str_take(cell, 60)));
        cells[place[i]] = arena_str(a, cell);
        if (cells[place[i]].p == NULL) return err_set(e, ERR_DATA, "%s: too large; cut the file in two", file);
    }
    if (undecided(in, cells)) {
        in->rows--;
        in->skipped++;
    } else {
        split_list(in, a);
    }
    return true;
}

static bool read_rows(file_rows *from, import *in, arena *a, err *e) {
    size_t place[LIMIT_COLUMNS], heads;
    table_row row;
    const char *file = from->name;
    TRY(file_rows_next(from, &row, e));
    if (row.no == 0) return err_set(e, ERR_DATA, "%s: empty; the first row names the columns", file);
    heads = row.cells;
    TRY(read_header(in, file, &row, place, a, e));
    for (;;) {
        TRY(file_rows_next(from, &row, e));
        if (row.no == 0) return true;
        TRY(read_row(in, file, &row, place, heads, a, e));
    }
}

bool import_read(catalog_table table, const attachment *file, arena *a, import *out, err *e) {
    AUTO(file_rows) rows = {0};
    *out = (import){.table = table, .ignored = STR("")};
    return file_rows_open(&rows, file, e) && read_rows(&rows, out, a, e);
}
