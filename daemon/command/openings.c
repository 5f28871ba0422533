/* Commands about where the books of partners begin: opening import, list, history, remove. The rows are four tables of
 * the catalogue; a file holds one kind (--kind), or several with a column `kind`. */
#include "daemon/catalog/columns.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/rows.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/command/file_rows.h"
#include "formats/value.h"
#include "proto/limits.h"

enum { KINDS = 4, NO_COLUMN = -1 };

static const struct opening_kind {
    const char *name;
    catalog_table table;
} kinds[KINDS] = {
    {"stock", CATALOG_OPENING_STOCK},
    {"wallet", CATALOG_OPENING_WALLET},
    {"volume", CATALOG_OPENING_VOLUME},
    {"receivable", CATALOG_OPENING_RECEIVABLE},
};

static bool kind_parse(str s, size_t *out) {
    for (*out = 0; *out < KINDS; ++*out)
        if (str_is(s, kinds[*out].name)) return true;
    return false;
}

/* --kind, KINDS: not given. */
static bool option_kind(call *c, size_t *out, err *e) {
    str kind = call_option(c, "kind");
    *out = KINDS;
    if (kind.p == NULL || kind_parse(kind, out)) return true;
    return err_set(e, ERR_USAGE, "--kind: '%.*s' is none of stock, wallet, volume, receivable",
                   STR_ARG(str_take(kind, 40)));
}

/* ---- a partner's own words: its code for the product of a stock or volume */

static void know_product(call *c, catalog_table table, str *cells) {
    size_t column = table == CATALOG_OPENING_STOCK    ? (size_t)OPENING_STOCK_SKU
                    : table == CATALOG_OPENING_VOLUME ? (size_t)OPENING_VOLUME_PRODUCT
                                                      : SIZE_MAX;
    partner p;
    product of;
    product_match m;
    if (column == SIZE_MAX || cells[column].n == 0 || !partner_by_id(c->t, cells[0], &p)) return;
    if (!resolve_product(c->t, p.no, cells[column], ON_DAY(day_at(c->now_ms, c->zone_min)), &m)) return;
    if (product_by_no(c->t, m.no, &of)) cells[column] = arena_str(c->a, of.sku);
}

/* A place is written as the partner names it. */
static void know_place(call *c, catalog_table table, str *cells) {
    partner p;
    uint32_t no;
    if (table != CATALOG_OPENING_STOCK || cells[OPENING_STOCK_PLACE].n == 0) return;
    if (!partner_by_id(c->t, cells[0], &p)) return;
    if (resolve_partner(c->t, p.no, cells[OPENING_STOCK_PLACE], ON_DAY(day_at(c->now_ms, c->zone_min)), true, &no))
        cells[OPENING_STOCK_PLACE] = no == p.no ? STR("") : arena_str(c->a, partner_id(c->t, no));
}

static void know_words(call *c, import *in) {
    size_t columns = catalog_tables[in->table].column_count;
    for (size_t i = 0; i < in->rows; i++) {
        know_product(c, in->table, in->cells + i * columns);
        know_place(c, in->table, in->cells + i * columns);
    }
}

/* ---- a file with a column `kind` */

typedef struct mixed {
import in[KINDS];
    int place[LIMIT_COLUMNS][KINDS]; /* column of the kind's table, NO_COLUMN: not one of its */
    size_t kind_column, heads;
    arena *a;
} mixed;

static int column_of(size_t kind, str name) {
    const catalog_fact *f = &catalog_tables[kinds[kind].table];
    for (size_t i = 0; i < f->column_count; i++)
        if (str_ieq(name, str_of(f->columns[i].name))) return (int)i;
    return NO_COLUMN;
}

static bool read_head(mixed *m, const char *file, const table_row *row, err *e) {
    m->kind_column = SIZE_MAX;
    m->heads = row->cells;
    for (size_t i = 0; i < row->cells; i++) {
        str name = str_trim(cell_clean(row->cell[i]));
        bool known = name.n == 0;
        if (str_ieq(name, STR("kind"))) m->kind_column = i, known = true;
        for (size_t k = 0; k < KINDS; k++) {
            m->place[i][k] = name.n && i != m->kind_column ? column_of(k, name) : NO_COLUMN;
            if (m->place[i][k] == NO_COLUMN) continue;
            known = true;
            m->in[k].given[m->place[i][k]] = true;
        }
        if (!known)
            return err_set(e, ERR_DATA, "%s row %llu: no column '%.*s' in stock, wallet, volume or receivable", file,
                           (unsigned long long)row->no, STR_ARG(str_take(name, 60)));
    }
    if (m->kind_column != SIZE_MAX) return true;
    return err_set(e, ERR_DATA, "%s: no column 'kind'; give --kind stock, wallet, volume or receivable", file);
}

static bool read_mixed_row(mixed *m, const char *file, const table_row *row, err *e) {
    str word = m->kind_column < row->cells ? str_trim(cell_clean(row->cell[m->kind_column])) : STR("");
    size_t kind;
    if (!kind_parse(word, &kind))
        return err_set(e, ERR_DATA, "%s row %llu, kind: '%.*s' found, wanted stock, wallet, volume or receivable", file,
                       (unsigned long long)row->no, STR_ARG(str_take(word, 60)));
    import *in = &m->in[kind];
    str *cells = import_row(in, row->no);
    if (in->rows > LIMIT_IMPORT_ROWS)
        return err_set(e, ERR_DATA, "%s: more than %d rows; cut the file in two", file, LIMIT_IMPORT_ROWS);
    for (size_t i = 0; i < row->cells; i++) {
        str cell = str_trim(cell_clean(row->cell[i]));
        if (cell.n == 0 || i == m->kind_column) continue;
        if (i >= m->heads || m->place[i][kind] == NO_COLUMN)
            return err_set(e, ERR_DATA, "%s row %llu: cell %zu ('%.*s') says nothing of a %s", file,
                           (unsigned long long)row->no, i + 1, STR_ARG(str_take(cell, 60)), kinds[kind].name);
        cells[m->place[i][kind]] = arena_str(m->a, cell);
        if (cells[m->place[i][kind]].p == NULL) return err_set(e, ERR_DATA, "%s: too large; cut the file in two", file);
    }
    return true;
}

static bool read_mixed(mixed *m, const attachment *file, err *e) {
    AUTO(file_rows) rows = {0};
    table_row row;
    TRY(file_rows_open(&rows, file, e) && file_rows_next(&rows, &row, e));
    if (row.no == 0) return err_set(e, ERR_DATA, "%s: empty; the first row names the columns", rows.name);
    TRY(read_head(m, rows.name, &row, e));
    for (;;) {
        TRY(file_rows_next(&rows, &row, e));
        if (row.no == 0) return true;
        TRY(read_mixed_row(m, rows.name, &row, e));
    }
}

static bool read_openings(call *c, size_t kind, mixed *m, err *e) {
    attachment file = call_file(c, 0);
    for (size_t k = 0; k < KINDS; k++) m->in[k].table = kinds[k].table;
    TRY(kind == KINDS ? read_mixed(m, &file, e) : import_read(kinds[kind].table, &file, m->a, &m->in[kind], e));
    for (size_t k = 0; k < KINDS; k++) know_words(c, &m->in[k]);
    return true;
}

bool cmd_opening_import(call *c, err *e) {
    AUTO(arena) a = {0};
    size_t kind;
    TRY(option_kind(c, &kind, e));
    arena_init(&a, IMPORT_BYTES);
    mixed *m = ARENA_NEW(&a, mixed, 1);
    ASSERT(m != NULL);
    m->a = &a;
    take_how how = {.name = kind == KINDS ? "opening" : catalog_tables[kinds[kind].table].name,
                    .source = call_file(c, 0).name,
                    .preview = call_flag(c, "dry-run")};
    bool ok = read_openings(c, kind, m, e) && catalog_take(c, m->in, KINDS, &how, &a, e);
    for (size_t k = 0; k < KINDS; k++) import_free(&m->in[k]);
    return ok;
}

/* ---- list and history: one set of columns for all kinds */

/* The cells of a row in the list's columns, by name. */
static const char *const shared_columns[] = {"partner", "company",  "sku",     "batch",    "place",
                                             "policy",  "period",   "product", "document", "quantity",
                                             "unit",    "currency", "amount",  "due",      "as_of"};

static void put_opening(json *j, size_t kind, const str *cells) {
    cell_text(j, "kind", str_of(kinds[kind].name));
    for (size_t i = 0; i < ARRAY_LEN(shared_columns); i++) {
        int column = column_of(kind, str_of(shared_columns[i]));
        cell_text(j, shared_columns[i], column == NO_COLUMN ? STR("") : cells[column]);
    }
}

typedef struct selection {
    size_t kind; /* KINDS: all */
    uint32_t partner;
    bool history;
} selection;

static void put_version(call *c, size_t kind, const catalog_version *v) {
    entry en;
    bool found = journal_get(c->t, v->entry, &en);
    json *j = answer_row(c);
    cell_id(j, "entry", v->entry);
    if (found) cell_time(j, "time", en.time_ms, c->zone_min);
    else
        cell_text(j, "time", STR(""));
    cell_text(j, "actor", found ? en.actor : STR(""));
    cell_text(j, "state", v->flags & ROW_ENDED ? STR("removed") : STR("valid"));
    put_opening(j, kind, v->cell);
    answer_row_end(c);
}

static void put_history(call *c, size_t kind, uint32_t no) {
    key k;
    catalog_version v;
    catalog_history_key(&k, kinds[kind].table, no);
    AUTO(kv_cursor) versions = kv_from(c->t, TABLE_CATALOG_HISTORY, key_str(&k), STR_NONE);
    while (kv_next(&versions))
        if (catalog_version_decode(versions.key, versions.val, kinds[kind].table, &v)) put_version(c, kind, &v);
}

static void list_kind(call *c, size_t kind, const selection *s) {
    str id = s->partner ? arena_str(c->a, partner_id(c->t, s->partner)) : STR("");
    catalog_row row;
    err denied;
    AUTO(catalog_walk) w = catalog_rows(c->t, kinds[kind].table, &id, s->partner ? 1 : 0);
    w.with_ended = s->history;
    while (!answer_failed(c) && catalog_next(&w, &row)) {
        if (!authz(c, "read", row_partner(c->t, kinds[kind].table, row.cell), &denied)) continue;
        if (s->history) {
            put_history(c, kind, row.no);
            continue;
        }
        json *j = answer_row(c);
        put_opening(j, kind, row.cell);
        cell_id(j, "entry", row.entry);
        answer_row_end(c);
    }
}

static bool list_openings(call *c, bool history, err *e) {
    static const char *const before[] = {"entry", "time", "actor", "state"};
    const char *columns[ARRAY_LEN(before) + ARRAY_LEN(shared_columns) + 2];
    selection s = {.history = history};
    size_t n = 0;
    TRY(option_kind(c, &s.kind, e));
    TRY(option_partner(c, &s.partner, e));
    if (s.partner) TRY(authz(c, "read", s.partner, e));
    for (size_t i = 0; history && i < ARRAY_LEN(before); i++) columns[n++] = before[i];
    columns[n++] = "kind";
    for (size_t i = 0; i < ARRAY_LEN(shared_columns); i++) columns[n++] = shared_columns[i];
    if (!history) columns[n++] = "entry";
    answer_list(c, columns, n);
    for (size_t k = 0; k < KINDS; k++)
        if (s.kind == KINDS || s.kind == k) list_kind(c, k, &s);
    return true;
}

bool cmd_opening_list(call *c, err *e) {
    return list_openings(c, false, e);
}

bool cmd_opening_history(call *c, err *e) {
    return list_openings(c, true, e);
}

/* ---- remove: the key as the list shows it */

bool cmd_opening_remove(call *c, err *e) {
    AUTO(arena) a = {0};
    AUTO(import) in = {.rows = 0};
    size_t kind;
    TRY(option_kind(c, &kind, e));
    if (kind == KINDS) return err_set(e, ERR_USAGE, "opening remove: --kind stock, wallet, volume or receivable");
    in.table = kinds[kind].table;
    arena_init(&a, IMPORT_BYTES);
    str *cells = import_row(&in, 0);
    for (size_t i = 0, at = 0; i < catalog_tables[in.table].column_count; i++) {
        in.given[i] = catalog_tables[in.table].columns[i].key;
        if (in.given[i]) cells[i] = call_arg(c, at++);
    }
    if (call_arg_count(c) > catalog_key_count(in.table))
        return err_set(e, ERR_USAGE, "opening remove: the key of '%s' has %zu parts", catalog_tables[in.table].name,
                       catalog_key_count(in.table));
    know_words(c, &in);
    take_how how = {.name = catalog_tables[in.table].name, .source = STR("remove"), .remove = true};
    return catalog_take(c, &in, 1, &how, &a, e);
}
