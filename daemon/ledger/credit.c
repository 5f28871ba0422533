#include "daemon/ledger/credit.h"

#include "base/num.h"
#include "daemon/catalog/cell.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/rows.h"
#include "daemon/catalog/settings.h"
#include "daemon/store/store.h"

enum { MONEY_SCALE = 2, HOUR_MS = 3600 * 1000 };

/* ---- keys */

static key supply_prefix(uint32_t product_no) {
    key k = {.n = 0};
    key_u32(&k, product_no);
    return k;
}

static key credit_prefix(const credit_key *c) {
    key k = {.n = 0};
    key_u32(&k, c->partner);
    key_textz(&k, c->company);
    key_u32(&k, c->currency);
    return k;
}

static void put(txn *t, kv_table table, key k, int64_t until_ms, uint64_t order, int64_t v) {
    uint8_t raw[8];
    key_u64(&k, (uint64_t)until_ms);
    key_u64(&k, order);
    put_be64(raw, (uint64_t)v);
    if (v) kv_put(t, table, key_str(&k), str_from(raw, sizeof raw));
    else
        (void)kv_del(t, table, key_str(&k));
}

static int64_t get(txn *t, kv_table table, key k, int64_t until_ms, uint64_t order) {
    str val;
    key_u64(&k, (uint64_t)until_ms);
    key_u64(&k, order);
    return kv_get(t, table, key_str(&k), &val) && val.n == 8 ? (int64_t)get_be64(val.p) : 0;
}

/* All that is held beyond a moment. */
static int64_t sum_after(txn *t, kv_table table, const key *prefix, int64_t since_ms) {
    key from = *prefix;
    int64_t sum = 0;
    key_u64(&from, (uint64_t)(since_ms < 0 ? 0 : since_ms) + 1);
    for (AUTO(kv_cursor) c = kv_from(t, table, key_str(prefix), key_str(&from)); kv_next(&c);)
        if (!add_i64(sum, (int64_t)get_be64(c.val.p), &sum)) return INT64_MAX;
    return sum;
}

void supply_hold(txn *t, uint32_t product_no, int64_t until_ms, uint64_t order, int64_t quantity) {
    put(t, TABLE_RESERVED, supply_prefix(product_no), until_ms, order, quantity);
}

int64_t supply_held(txn *t, uint32_t product_no, int64_t until_ms, uint64_t order) {
    return get(t, TABLE_RESERVED, supply_prefix(product_no), until_ms, order);
}

void credit_hold(txn *t, const credit_key *k, int64_t until_ms, uint64_t order, int64_t amount) {
    put(t, TABLE_ORDER_CREDIT, credit_prefix(k), until_ms, order, amount);
}

int64_t credit_held(txn *t, const credit_key *k, int64_t until_ms, uint64_t order) {
    return get(t, TABLE_ORDER_CREDIT, credit_prefix(k), until_ms, order);
}

/* ---- what the ERP said */

static int64_t figure(str cell, unsigned scale) {
    int64_t v;
    return cell.n && dec_parse(cell, scale, &v, NULL) ? v : 0;
}

static int64_t moment(txn *t, str cell) {
    int64_t ms;
    return time_parse(cell, (int)setting_number(t, SETTING_ZONE), &ms) ? ms : 0;
}

static bool credit_row(txn *t, const credit_key *k, catalog_row *out) {
    char letters[4];
    str id = partner_id(t, k->partner), currency = currency_text(k->currency, letters);
    catalog_row row;
    bool found = false;
    if (id.n == 0) return false;
    AUTO(catalog_walk) w = catalog_rows(t, CATALOG_CREDIT, &id, 1);
    while (catalog_next(&w, &row)) {
        str company_of = row.cell[CREDIT_COMPANY], currency_of = row.cell[CREDIT_CURRENCY];
        if (!str_eq(company_of.n ? company_of : setting_text(t, SETTING_COMPANY), k->company)) continue;
        if (!str_eq(currency_of.n ? currency_of : setting_text(t, SETTING_CURRENCY), currency)) continue;
        *out = row;
        found = true;
    }
    return found;
}

void credit_look(txn *t, const credit_key *k, int64_t now_ms, credit_figures *out) {
    catalog_row row;
    key prefix = credit_prefix(k);
    *out = (credit_figures){.as_of_ms = 0};
    out->known = credit_row(t, k, &row);
    if (out->known) {
        out->limit = figure(row.cell[CREDIT_LIMIT], MONEY_SCALE);
        out->balance = figure(row.cell[CREDIT_BALANCE], MONEY_SCALE);
        out->overdue = figure(row.cell[CREDIT_OVERDUE], MONEY_SCALE);
        out->as_of_ms = moment(t, row.cell[CREDIT_AS_OF]);
        out->stale = now_ms - out->as_of_ms > setting_number(t, SETTING_CREDIT_HOURS) * HOUR_MS;
    }
    out->orders = sum_after(t, TABLE_ORDER_CREDIT, &prefix, out->as_of_ms);
    int64_t rest;
    bool fits = sub_i64(out->limit, out->balance, &rest) && sub_i64(rest, out->orders, &rest);
    out->available = out->known && fits && rest > 0 ? rest : 0;
}

int64_t supply_free(txn *t, uint32_t product_no) {
    str sku = product_sku(t, product_no);
    key prefix = supply_prefix(product_no);
    catalog_row row;
    int64_t rest;
    if (sku.n == 0 || !catalog_get(t, CATALOG_SUPPLY, &sku, &row) || row.flags & ROW_ENDED) return NUM_NONE;
    int64_t held = sum_after(t, TABLE_RESERVED, &prefix, moment(t, row.cell[SUPPLY_AS_OF]));
    return sub_i64(figure(row.cell[SUPPLY_QUANTITY], QUANTITY_SCALE), held, &rest) && rest > 0 ? rest : 0;
}

/* A figure of the row of a partner and product that is valid on a day; of several the one that began last. */
static int64_t dated(txn *t, catalog_table table, size_t column, uint32_t partner_no, uint32_t product_no, day_t day,
                     day_t *from, day_t *to) {
    const str cells[] = {partner_id(t, partner_no), product_sku(t, product_no)};
    catalog_row row;
    int64_t found = NUM_NONE;
    _Static_assert((int)QUOTA_FROM == (int)TRIAL_FROM && (int)QUOTA_TO == (int)TRIAL_TO, "one layout");
    if (cells[0].n == 0 || cells[1].n == 0) return NUM_NONE;
    AUTO(catalog_walk) w = catalog_rows(t, table, cells, 2);
    while (catalog_next(&w, &row)) {
        if (!cells_valid_on(row.cell[QUOTA_FROM], row.cell[QUOTA_TO], day)) continue;
        found = figure(row.cell[column], QUANTITY_SCALE);
        *from = DAY_MIN, *to = DAY_MAX;
        (void)cell_as_day(row.cell[QUOTA_FROM], from);
        if (row.cell[QUOTA_TO].n) (void)cell_as_day(row.cell[QUOTA_TO], to);
    }
    return found;
}

int64_t quota_on(txn *t, uint32_t partner_no, uint32_t product_no, day_t day, day_t *from, day_t *to) {
    return dated(t, CATALOG_QUOTA, QUOTA_QUANTITY, partner_no, product_no, day, from, to);
}

int64_t quota_minimum(txn *t, uint32_t partner_no, uint32_t product_no, day_t day) {
    day_t from, to;
    return dated(t, CATALOG_QUOTA, QUOTA_MINIMUM, partner_no, product_no, day, &from, &to);
}

int64_t trial_on(txn *t, uint32_t partner_no, uint32_t product_no, day_t day, day_t *from) {
    day_t to;
    return dated(t, CATALOG_TRIAL, TRIAL_QUANTITY, partner_no, product_no, day, from, &to);
}

bool substitute_on(txn *t, uint32_t partner_no, uint32_t product_no, uint32_t by, day_t day, bool *agreed) {
    const str cells[] = {product_sku(t, product_no), product_sku(t, by)}, own = partner_id(t, partner_no);
    catalog_row row;
    bool found = false, of_own = false;
    if (cells[0].n == 0 || cells[1].n == 0) return false;
    AUTO(catalog_walk) w = catalog_rows(t, CATALOG_SUBSTITUTE, cells, 2);
    while (catalog_next(&w, &row)) {
        bool mine = str_eq(row.cell[SUBSTITUTE_PARTNER], own);
        if (of_own || (row.cell[SUBSTITUTE_PARTNER].n && !mine)) continue;
        if (!cells_valid_on(row.cell[SUBSTITUTE_FROM], row.cell[SUBSTITUTE_TO], day)) continue;
        *agreed = str_is(row.cell[SUBSTITUTE_AGREED], "Y");
        found = true;
        of_own = mine;
    }
    return found;
}
