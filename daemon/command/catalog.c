/* Commands that change the catalogue: TABLE import, set, remove. One set of handlers for every table; the first word of
 * the command's name says which. */
#include "daemon/command/catalog.h"

#include "daemon/catalog/check.h"
#include "daemon/catalog/rows.h"
#include "proto/journal.pb-c.h"
#include "proto/limits.h"

catalog_table table_of_call(const call *c) {
    str name = str_of(c->command->name), word;
    catalog_table table;
    ASSERT(str_split(&name, ' ', &word) && catalog_table_parse(word, &table));
    return table;
}

/* The column by which a row belongs to a partner, SIZE_MAX: none. */
static size_t owner_column(catalog_table table) {
    switch (table) {
    case CATALOG_PARTNER: return 0;
    case CATALOG_ALIAS: return catalog_column_of(table, STR("owner"));
    default: return catalog_column_of(table, STR("partner"));
    }
}

uint32_t row_partner(txn *t, catalog_table table, const str *cells) {
    size_t column = owner_column(table);
    partner p;
    if (column == SIZE_MAX || cells[column].n == 0 || str_is(cells[column], "*")) return 0;
    return partner_by_id(t, cells[column], &p) ? p.no : UINT32_MAX;
}

static void put_problem(json *j, const import *in, str file, const catalog_fault *f) {
    json_open_object(j);
    json_key(j, "file");
    json_str(j, file);
    json_key(j, "row");
    if (in->row_no[f->row]) json_uint(j, in->row_no[f->row]);
    else
        json_none(j);
    json_key(j, "column");
    json_z(j, f->column);
    json_key(j, "found");
    json_str(j, f->found);
    json_key(j, "wanted");
    json_str(j, f->wanted);
    json_key(j, "hint");
    json_str(j, f->hint);
    json_end_object(j);
}

static void put_count(json *j, const char *name, size_t n) {
    json_key(j, name);
    json_uint(j, n);
}

/* What became of the rows of one table. */
typedef struct taken {
    const import *in;
    catalog_checked checked;
    size_t entries;
} taken;

typedef struct totals {
    size_t rows, count[ROW_REPEATED], entries, faults, warnings;
} totals;

static totals add_up(const taken *t, size_t n) {
    totals sum = {.rows = 0};
    for (size_t i = 0; i < n; i++) {
        sum.rows += t[i].in->rows;
        for (size_t k = 0; k < ARRAY_LEN(sum.count); k++) sum.count[k] += t[i].checked.count[k];
        sum.entries += t[i].entries;
        sum.faults += t[i].checked.faults.total;
        sum.warnings += t[i].checked.warnings.total;
    }
    return sum;
}

/* Of a sheet of proposals: what was not looked at. */
static void put_left_out(json *j, const taken *t, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (t[i].in->skipped) put_count(j, "skipped", t[i].in->skipped);
        if (t[i].in->ignored.n == 0) continue;
        json_key(j, "ignored");
        json_str(j, t[i].in->ignored);
    }
}

/* What an import did or would do, or why it did nothing. */
static void answer_import(call *c, const taken *t, size_t n, const take_how *how) {
    totals sum = add_up(t, n);
    bool good = sum.faults == 0;
    json *j = answer_show(c);
    json_key(j, "table");
    json_z(j, how->name);
    put_count(j, "rows", sum.rows);
    put_count(j, "new", good ? sum.count[ROW_NEW] : 0);
    put_count(j, "changed", good ? sum.count[ROW_CHANGED] : 0);
    put_count(j, "same", good ? sum.count[ROW_SAME] : 0);
    put_count(j, "entries", sum.entries);
    put_count(j, "faults", sum.faults);
    put_count(j, "warnings", sum.warnings);
    put_left_out(j, t, n);
    json_key(j, "problems");
    json_open_array(j);
    for (size_t i = 0; i < n; i++) {
        const catalog_checked *x = &t[i].checked;
        for (size_t k = 0; k < x->faults.kept; k++) put_problem(j, t[i].in, how->source, &x->faults.at[k]);
        for (size_t k = 0; k < x->warnings.kept; k++) put_problem(j, t[i].in, how->source, &x->warnings.at[k]);
    }
    json_end_array(j);
    answer_show_end(c);
    if (!good) answer_status(c, err_exit_status(ERR_DATA));
    if (sum.entries > 0) answer_status(c, STATUS_CHANGED);
}

/* Rows on their way into entries. */
typedef struct writer {
    call *c;
    const catalog_checked *rows;
    bool *done;
    str source;
    bool remove;
    ProtobufCBinaryData row[LIMIT_ENTRY_ROWS];
    size_t end[LIMIT_ENTRY_ROWS]; /* in bytes */
    size_t n, entries;
    buf bytes;
} writer;

static bool flush_rows(writer *w, err *e) {
    char source[LIMIT_FILE_NAME + 1];
    Entry__Catalog m = ENTRY__CATALOG__INIT;
    if (w->n == 0) return true;
    for (size_t i = 0, at = 0; i < w->n; at = w->end[i++])
        w->row[i] = (ProtobufCBinaryData){w->end[i] - at, (uint8_t *)w->bytes.p + at};
    m.table = (char *)(uintptr_t)catalog_tables[w->rows->table].name;
    m.n_row = w->n;
    m.row = w->row;
    m.source = str_copy_z(w->source, source, sizeof source);
    m.remove = w->remove;
    w->entries++;
    w->n = 0;
    bool ok = command_append(w->c, KIND_CATALOG, &m.base, e);
    buf_clear(&w->bytes);
    return ok;
}

/* Parents before children, so that an entry never refers to a later one. */
static bool write_row(writer *w, size_t row, err *e) {
    size_t above = catalog_parent_row(w->rows, row);
    if (w->done[row]) return true;
    w->done[row] = true;
    if (above != SIZE_MAX) TRY(write_row(w, above, e));
    if (w->rows->change[row] != ROW_NEW && w->rows->change[row] != ROW_CHANGED) return true;
    const str *cells = w->rows->cell + row * catalog_tables[w->rows->table].column_count;
    size_t before = w->bytes.n;
    catalog_cells_put(&w->bytes, w->rows->table, cells);
    if (w->bytes.n > LIMIT_ENTRY_BYTES) {
        w->bytes.n = before;
        TRY(flush_rows(w, e));
        catalog_cells_put(&w->bytes, w->rows->table, cells);
    }
    w->end[w->n++] = w->bytes.n;
    return w->n < LIMIT_ENTRY_ROWS || flush_rows(w, e);
}

static bool write_rows(call *c, const catalog_checked *rows, str source, bool remove, arena *a, size_t *entries,
                       err *e) {
    writer *w = ARENA_NEW(a, writer, 1);
    bool ok = true;
    w->c = c;
    w->rows = rows;
    w->source = source;
    w->remove = remove;
    w->done = ARENA_NEW(a, bool, rows->rows + 1);
    for (size_t i = 0; ok && i < rows->rows; i++) ok = write_row(w, i, e);
    ok = ok && flush_rows(w, e);
    *entries = w->entries;
    buf_free(&w->bytes);
    return ok;
}

static bool may_write(call *c, const import *in, err *e) {
    size_t columns = catalog_tables[in->table].column_count;
    for (size_t i = 0; i < in->rows; i++)
        TRY(authz(c, "write", row_partner(c->t, in->table, in->cells + i * columns), e));
    return true;
}

static bool check_rows(call *c, const import *in, bool remove, arena *a, taken *out) {
    catalog_input input = {.table = in->table,
                           .cells = in->cells,
                           .rows = in->rows,
                           .given = in->given,
                           .remove = remove,
                           .today = day_at(c->now_ms, c->zone_min)};
    out->in = in;
    return catalog_check(c->t, &input, a, &out->checked);
}

/* False, with the first fault as an error. */
static bool first_fault(const taken *t, size_t n, err *e) {
    for (size_t i = 0; i < n; i++) {
        const catalog_fault *f = &t[i].checked.faults.at[0];
        if (t[i].checked.faults.total == 0) continue;
        return err_set(e, ERR_DATA, "%s: '%.*s' found, wanted %.*s", f->column[0] ? f->column : "whole row",
                       STR_ARG(str_take(f->found, 100)), STR_ARG(f->wanted));
    }
    return false;
}

bool catalog_take(call *c, const import *in, size_t n, const take_how *how, arena *a, err *e) {
    taken t[TAKE_TABLES] = {{.in = NULL}};
    bool good = true, ok = true;
    ASSERT(n <= TAKE_TABLES);
    for (size_t i = 0; ok && i < n; i++) ok = may_write(c, &in[i], e);
    for (size_t i = 0; ok && i < n; i++) good = check_rows(c, &in[i], how->remove, a, &t[i]) && good;
    for (size_t i = 0; ok && good && !how->preview && i < n; i++)
        ok = write_rows(c, &t[i].checked, how->source, how->remove, a, &t[i].entries, e);
    if (ok && !how->quiet) answer_import(c, t, n, how);
    if (ok && how->quiet && !good) ok = first_fault(t, n, e);
    for (size_t i = 0; i < n; i++) catalog_checked_free(&t[i].checked);
    return ok;
}

static bool take_rows(call *c, const import *in, str source, bool remove, arena *a, err *e) {
    take_how how = {.name = catalog_tables[in->table].name, .source = source, .remove = remove};
    return catalog_take(c, in, 1, &how, a, e);
}

bool cmd_catalog_import(call *c, err *e) {
    AUTO(arena) a = {0};
    AUTO(import) in = {.rows = 0};
    attachment file = call_file(c, 0);
    arena_init(&a, IMPORT_BYTES);
    TRY(import_read(table_of_call(c), &file, &a, &in, e));
    return take_rows(c, &in, file.name, false, &a, e);
}

/* "column=value": the column and the value; false: a key cell. */
static bool assignment(catalog_table table, str word, size_t *column, str *value) {
    size_t at = str_find(word, STR("="));
    if (at == SIZE_MAX) return false;
    *column = catalog_column_of(table, str_take(word, at));
    *value = str_skip(word, at + 1);
    return *column != SIZE_MAX;
}

/* Key cells in the order of the columns, then column=value in any order. */
static bool read_words(call *c, import *in, bool values, err *e) {
    const catalog_fact *f = &catalog_tables[in->table];
    str *cells = import_row(in, 0), value;
    size_t column, keys = 0;
    for (size_t i = 0; i < f->column_count; i++) in->given[i] = f->columns[i].key;
    for (size_t i = 0; i < call_arg_count(c); i++) {
        if (assignment(in->table, call_arg(c, i), &column, &value)) {
            if (!values && !f->columns[column].key)
                return err_set(e, ERR_USAGE, "%s: '%s' is no part of the key", c->command->name,
                               f->columns[column].name);
            in->given[column] = true;
            cells[column] = value;
            continue;
        }
        while (keys < f->column_count && !f->columns[keys].key) keys++;
        if (keys == f->column_count)
            return err_set(e, ERR_USAGE, "%s: '%.*s' is too much; other columns are written column=value",
                           c->command->name, STR_ARG(str_take(call_arg(c, i), 60)));
        cells[keys++] = call_arg(c, i);
    }
    return true;
}

static bool one_row(call *c, const char *source, bool remove, err *e) {
    AUTO(arena) a = {0};
    AUTO(import) in = {.table = table_of_call(c)};
    arena_init(&a, IMPORT_BYTES);
    TRY(read_words(c, &in, !remove, e));
    return take_rows(c, &in, str_of(source), remove, &a, e);
}

bool cmd_catalog_set(call *c, err *e) {
    return one_row(c, "set", false, e);
}

bool cmd_catalog_remove(call *c, err *e) {
    return one_row(c, "remove", true, e);
}
