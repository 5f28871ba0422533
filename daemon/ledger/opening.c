#include "daemon/ledger/opening.h"

#include "base/num.h"
#include "daemon/catalog/cell.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/rows.h"
#include "daemon/catalog/settings.h"

static int64_t number_of(str cell, unsigned scale) {
    int64_t v;
    return cell.n && dec_parse(cell, scale, &v, NULL) ? v : NUM_NONE;
}

static day_t as_day(str cell, day_t otherwise) {
    day_t d;
    return cell_as_day(cell, &d) ? d : otherwise;
}

static int64_t minor_units(str cell, unsigned scale) {
    int64_t v = number_of(cell, MICRO_SCALE);
    return v != NUM_NONE && rescale(v, MICRO_SCALE, scale, &v) ? v : NUM_NONE;
}

static str text_of(txn *t, str cell, setting_id otherwise) {
    return cell.n ? cell : setting_text(t, otherwise);
}

/* Room for the rows below a partner and some more key cells. */
static catalog_walk rows_of(txn *t, catalog_table table, uint32_t partner_no, str second, str third) {
    str cells[] = {partner_id(t, partner_no), second, third};
    size_t n = second.p ? ARRAY_LEN(cells) : 1;
    return catalog_rows(t, table, cells, n);
}

size_t opening_volumes(txn *t, uint32_t partner_no, str policy, str period, arena *a, opening_volume **out) {
    catalog_row row;
    product p;
    size_t n = 0, cap = 0;
    str cells[] = {partner_id(t, partner_no), policy, period};
    *out = NULL;
    if (!policy.n || !period.n || !catalog_key_fits(CATALOG_OPENING_VOLUME, cells, ARRAY_LEN(cells))) return 0;
    unsigned scale = currency_scale(setting_text(t, SETTING_CURRENCY));
    AUTO(catalog_walk) w = rows_of(t, CATALOG_OPENING_VOLUME, partner_no, policy, period);
    while (catalog_next(&w, &row)) {
        *out = arena_grown(a, *out, n, &cap, sizeof **out);
        (*out)[n++] = (opening_volume){
            .product = product_by_sku(t, row.cell[OPENING_VOLUME_PRODUCT], &p) ? p.no : 0,
            .quantity = number_of(row.cell[OPENING_VOLUME_QUANTITY], QUANTITY_SCALE),
            .amount = minor_units(row.cell[OPENING_VOLUME_AMOUNT], scale),
            .as_of = as_day(row.cell[OPENING_VOLUME_AS_OF], DAY_MIN),
            .entry = row.entry,
        };
    }
    return n;
}

size_t opening_wallets(txn *t, uint32_t partner_no, arena *a, opening_wallet **out) {
    catalog_row row;
    size_t n = 0, cap = 0;
    *out = NULL;
    AUTO(catalog_walk) w = rows_of(t, CATALOG_OPENING_WALLET, partner_no, STR_NONE, STR_NONE);
    while (catalog_next(&w, &row)) {
        str currency = text_of(t, row.cell[OPENING_WALLET_CURRENCY], SETTING_CURRENCY);
        *out = arena_grown(a, *out, n, &cap, sizeof **out);
        (*out)[n++] = (opening_wallet){
            .company = arena_str(a, text_of(t, row.cell[OPENING_WALLET_COMPANY], SETTING_COMPANY)),
            .currency = currency_no(currency),
            .amount = minor_units(row.cell[OPENING_WALLET_AMOUNT], currency_scale(currency)),
            .as_of = as_day(row.cell[OPENING_WALLET_AS_OF], DAY_MIN),
            .entry = row.entry,
        };
    }
    return n;
}

size_t opening_receivables(txn *t, uint32_t partner_no, arena *a, opening_receivable **out) {
    catalog_row row;
    size_t n = 0, cap = 0;
    *out = NULL;
    AUTO(catalog_walk) w = rows_of(t, CATALOG_OPENING_RECEIVABLE, partner_no, STR_NONE, STR_NONE);
    while (catalog_next(&w, &row)) {
        str currency = text_of(t, row.cell[OPENING_RECEIVABLE_CURRENCY], SETTING_CURRENCY);
        *out = arena_grown(a, *out, n, &cap, sizeof **out);
        (*out)[n++] = (opening_receivable){
            .company = arena_str(a, text_of(t, row.cell[OPENING_RECEIVABLE_COMPANY], SETTING_COMPANY)),
            .document = arena_str(a, row.cell[OPENING_RECEIVABLE_DOCUMENT]),
            .currency = currency_no(currency),
            .amount = minor_units(row.cell[OPENING_RECEIVABLE_AMOUNT], currency_scale(currency)),
            .due = as_day(row.cell[OPENING_RECEIVABLE_DUE], DAY_MAX),
            .as_of = as_day(row.cell[OPENING_RECEIVABLE_AS_OF], DAY_MIN),
            .entry = row.entry,
        };
    }
    return n;
}
