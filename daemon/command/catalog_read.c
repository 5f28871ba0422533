/* Commands that read the catalogue: TABLE list, show, history; price show. */
#include "daemon/catalog/cell.h"
#include "daemon/catalog/check.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/price.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/region.h"
#include "daemon/catalog/rows.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"

static bool may_read(call *c, catalog_table table, const str *cells) {
    err unused;
    uint32_t no = row_partner(c->t, table, cells);
    return no == 0 || authz(c, "read", no, &unused);
}

/* What the manufacturer asks of others is not a partner's to see; `price show` says what holds for itself. */
static void mask(const call *c, catalog_table table, str *cells) {
    if (table != CATALOG_PRODUCT || !(c->who.role & ROLES_PARTNER)) return;
    cells[PRODUCT_LIST_PRICE] = cells[PRODUCT_FLOOR_PRICE] = STR("");
}

static void put_cells(json *j, catalog_table table, const str *cells) {
    for (size_t i = 0; i < catalog_tables[table].column_count; i++) {
        json_key(j, catalog_tables[table].columns[i].name);
        if (cells[i].n) json_str(j, cells[i]);
        else
            json_none(j);
    }
}

/* ---- list ---- */

typedef struct filter {
    str cell[CATALOG_COLUMNS_MAX]; /* p NULL: any */
} filter;

/* Words "column=value"; the value is read as a cell of its column would be. */
static bool read_filter(call *c, catalog_table table, filter *out, err *e) {
    for (size_t i = 0; i < call_arg_count(c); i++) {
        str word = call_arg(c, i), wanted;
        size_t at = str_find(word, STR("="));
        size_t column = at == SIZE_MAX ? SIZE_MAX : catalog_column_of(table, str_take(word, at));
        if (column == SIZE_MAX)
            return err_set(e, ERR_USAGE, "%s: '%.*s' is not column=value", c->command->name,
                           STR_ARG(str_take(word, 60)));
        str value = str_trim(str_skip(word, at + 1));
        out->cell[column] = value;
        if (value.n &&
            !cell_canonical(&catalog_tables[table].columns[column], value, c->a, &out->cell[column], &wanted))
            return err_set(e, ERR_USAGE, "%s: %s '%.*s': wanted %.*s", c->command->name,
                           catalog_tables[table].columns[column].name, STR_ARG(str_take(value, 60)), STR_ARG(wanted));
    }
    return true;
}

static bool passes(const filter *f, catalog_table table, const str *cells) {
    for (size_t i = 0; i < catalog_tables[table].column_count; i++)
        if (f->cell[i].p && !str_eq(f->cell[i], cells[i])) return false;
    return true;
}

bool cmd_catalog_list(call *c, err *e) {
    catalog_table table = table_of_call(c);
    const char *columns[CATALOG_COLUMNS_MAX];
    filter f = {.cell = {{0}}};
    catalog_row row;
    bool unreviewed = call_flag(c, "unreviewed");
    bool built_in = table != CATALOG_ALIAS || call_flag(c, "built-in"); /* their 1,400 would bury one's own */
    for (size_t i = 0; i < catalog_tables[table].column_count; i++) columns[i] = catalog_tables[table].columns[i].name;
    TRY(read_filter(c, table, &f, e));
    answer_list(c, columns, catalog_tables[table].column_count);
    AUTO(catalog_walk) w = catalog_rows(c->t, table, NULL, 0);
    while (!answer_failed(c) && catalog_next(&w, &row)) {
        mask(c, table, row.cell);
        if ((unreviewed && !(row.flags & ROW_UNREVIEWED)) || !passes(&f, table, row.cell)) continue;
        if (!built_in && (row.flags & ROW_BUILT_IN)) continue;
        if (!may_read(c, table, row.cell)) continue;
        put_cells(answer_row(c), table, row.cell);
        answer_row_end(c);
    }
    return true;
}

/* ---- show and history: rows by their first key cells ---- */

static bool read_key(call *c, catalog_table table, str *cells, size_t *n, err *e) {
    *n = call_arg_count(c);
    if (*n > catalog_key_count(table))
        return err_set(e, ERR_USAGE, "%s: the key of '%s' has %zu parts", c->command->name, catalog_tables[table].name,
                       catalog_key_count(table));
    for (size_t i = 0; i < *n; i++) cells[i] = call_arg(c, i);
    return catalog_key_fits(table, cells, *n) || err_set(e, ERR_USAGE, "%s: the key is too long", c->command->name);
}

static bool not_found(call *c, catalog_table table, err *e) {
    return err_set(e, ERR_NOT_FOUND, "%s '%.*s': unknown", catalog_tables[table].name,
                   STR_ARG(str_take(call_arg(c, 0), 60)));
}

static void put_row(json *j, catalog_table table, const catalog_row *row) {
    put_cells(j, table, row->cell);
    json_key(j, "reviewed");
    json_bool(j, !(row->flags & ROW_UNREVIEWED));
    json_key(j, "ended");
    json_bool(j, (row->flags & ROW_ENDED) != 0);
    json_key(j, "entry");
    json_uint(j, row->entry);
}

static size_t count_rows(call *c, catalog_table table, const str *key_cells, size_t n, catalog_row *first) {
    AUTO(catalog_walk) w = catalog_rows(c->t, table, key_cells, n);
    catalog_row row;
    size_t found = 0;
    w.with_ended = n == catalog_key_count(table);
    while (catalog_next(&w, &row))
        if (may_read(c, table, row.cell) && found++ == 0) *first = row;
    return found;
}

bool cmd_catalog_show(call *c, err *e) {
    catalog_table table = table_of_call(c);
    str key_cells[CATALOG_COLUMNS_MAX];
    catalog_row row;
    size_t n;
    TRY(read_key(c, table, key_cells, &n, e));
    size_t found = count_rows(c, table, key_cells, n, &row);
    if (found == 0) return not_found(c, table, e);
    json *j = answer_show(c);
    if (found == 1) {
        mask(c, table, row.cell);
        put_row(j, table, &row);
        answer_show_end(c);
        return true;
    }
    json_key(j, catalog_tables[table].columns[0].name);
    json_str(j, key_cells[0]);
    json_key(j, "rows");
    json_open_array(j);
    AUTO(catalog_walk) w = catalog_rows(c->t, table, key_cells, n);
    while (catalog_next(&w, &row)) {
        if (!may_read(c, table, row.cell)) continue;
        mask(c, table, row.cell);
        json_open_object(j);
        put_cells(j, table, row.cell);
        json_end_object(j);
    }
    json_end_array(j);
    answer_show_end(c);
    return true;
}

static void put_version(call *c, catalog_table table, const catalog_version *v) {
    AUTO(buf) b = {0};
    entry en;
    bool found = journal_get(c->t, v->entry, &en);
    json *j = answer_row(c);
    json_key(j, "entry");
    json_uint(j, v->entry);
    json_key(j, "time");
    if (found) time_put(&b, en.time_ms, c->zone_min);
    if (found) json_str(j, buf_str(&b));
    else
        json_none(j);
    json_key(j, "actor");
    if (found) json_str(j, en.actor);
    else
        json_none(j);
    buf_clear(&b);
    if (v->from != DAY_MIN) day_put(&b, v->from);
    json_key(j, "holds_from");
    if (b.n) json_str(j, buf_str(&b));
    else
        json_none(j);
    json_key(j, "state");
    json_z(j, v->flags & ROW_ENDED ? "removed" : v->flags & ROW_UNREVIEWED ? "unreviewed" : "valid");
    put_cells(j, table, v->cell);
    answer_row_end(c);
}

bool cmd_catalog_history(call *c, err *e) {
    static const char *const own[] = {"entry", "time", "actor", "holds_from", "state"};
    catalog_table table = table_of_call(c);
    const char *columns[ARRAY_LEN(own) + CATALOG_COLUMNS_MAX];
    str key_cells[CATALOG_COLUMNS_MAX];
    size_t n, found = 0, count = catalog_tables[table].column_count;
    catalog_row row;
    catalog_version v;
    memcpy(columns, own, sizeof own);
    for (size_t i = 0; i < count; i++) columns[ARRAY_LEN(own) + i] = catalog_tables[table].columns[i].name;
    TRY(read_key(c, table, key_cells, &n, e));
    answer_list(c, columns, ARRAY_LEN(own) + count);
    AUTO(catalog_walk) w = catalog_rows(c->t, table, key_cells, n);
    w.with_ended = true;
    while (!answer_failed(c) && catalog_next(&w, &row)) {
        key k;
        if (!may_read(c, table, row.cell)) continue;
        found++;
        catalog_history_key(&k, table, row.no);
        AUTO(kv_cursor) versions = kv_from(c->t, TABLE_CATALOG_HISTORY, key_str(&k), STR_NONE);
        while (kv_next(&versions))
            if (catalog_version_decode(versions.key, versions.val, table, &v)) put_version(c, table, &v);
    }
    return found > 0 || not_found(c, table, e);
}

/* ---- price show ---- */

static void put_price(json *j, const price_query *q, const price *p) {
    static const struct {
        const char *name;
        size_t column;
    } of_row[] = {{"from", PRICE_FROM},     {"to", PRICE_TO},           {"tier", PRICE_TIER},
                  {"region", PRICE_REGION}, {"partner", PRICE_PARTNER}, {"channel", PRICE_CHANNEL}};
    json_open_object(j);
    json_key(j, "kind");
    json_z(j, price_kind_name(q->kind));
    json_key(j, "amount");
    json_dec(j, p->amount, MICRO_SCALE, 2);
    json_key(j, "tax_basis");
    json_z(j, p->incl_tax ? "incl" : "excl");
    json_key(j, "decided_by");
    json_z(j, !p->by_product ? "price" : q->kind == PRICE_DEALER ? "product.list_price" : "product.floor_price");
    for (size_t i = 0; i < ARRAY_LEN(of_row); i++) {
        json_key(j, of_row[i].name);
        if (p->by_product || p->row.cell[of_row[i].column].n == 0) json_none(j);
        else
            json_str(j, p->row.cell[of_row[i].column]);
    }
    json_end_object(j);
}

static bool read_asker(call *c, price_query *q, err *e) {
    str region = call_option(c, "region"), channel = call_option(c, "channel");
    bool partners_own = c->who.role & ROLES_PARTNER;
    TRY(option_partner(c, &q->partner_no, e));
    if (q->partner_no || partners_own) TRY(authz(c, "read", q->partner_no, e));
    if (region.p && partners_own)
        return err_set(e, ERR_DENIED, "%s: a partner sees the prices of its own region", c->command->name);
    q->channel = channel.p ? channel : STR("");
    if (region.p && !resolve_region(c->t, q->partner_no, region, q->day, &q->region_no))
        return err_set(e, ERR_NOT_FOUND, "region '%.*s': unknown", STR_ARG(str_take(region, 60)));
    return true;
}

/* A partner sees what it pays and what its customers should; not what lies beneath. */
static bool internal(const call *c, price_kind kind) {
    return (c->who.role & ROLES_PARTNER) && (kind == PRICE_EX_WORKS || kind == PRICE_FLOOR);
}

bool cmd_price_show(call *c, err *e) {
    AUTO(buf) day = {0};
    str sku = call_arg(c, 0), wanted = call_option(c, "kind");
    price_query q = {.day = 0};
    price_kind only = PRICE_KIND_COUNT;
    product found;
    price p;
    TRY(call_day(c, "date", day_at(c->now_ms, c->zone_min), &q.day, e));
    if (!product_by_sku(c->t, sku, &found))
        return err_set(e, ERR_NOT_FOUND, "product '%.*s': unknown", STR_ARG(str_take(sku, 60)));
    if (wanted.p && !price_kind_parse(wanted, &only))
        return err_set(e, ERR_USAGE, "price show: --kind '%.*s': wanted ex_works, dealer, wholesale, retail or floor",
                       STR_ARG(str_take(wanted, 40)));
    TRY(read_asker(c, &q, e));
    q.product_no = found.no;
    day_put(&day, q.day);
    json *j = answer_show(c);
    json_key(j, "sku");
    json_str(j, sku);
    json_key(j, "date");
    json_str(j, buf_str(&day));
    json_key(j, "partner");
    if (q.partner_no) json_str(j, partner_id(c->t, q.partner_no));
    else
        json_none(j);
    json_key(j, "prices");
    json_open_array(j);
    for (q.kind = 0; q.kind < PRICE_KIND_COUNT; q.kind++)
        if ((only == PRICE_KIND_COUNT || q.kind == only) && !internal(c, q.kind) && price_find(c->t, &q, &p))
            put_price(j, &q, &p);
    json_end_array(j);
    answer_show_end(c);
    return true;
}
