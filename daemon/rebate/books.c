#include "daemon/rebate/books.h"

#include "daemon/catalog/cell.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/rows.h"
#include "daemon/catalog/settings.h"
#include <stdlib.h>

/* ---- master data, once for all policies */

static str kept(books *b, str s) {
    return s.n ? arena_str(&b->a, s) : STR("");
}

static size_t rows_in(txn *t, catalog_table table) {
    catalog_row row;
    size_t n = 0;
    AUTO(catalog_walk) w = catalog_rows(t, table, NULL, 0);
    w.with_ended = true;
    while (catalog_next(&w, &row)) n++;
    return n;
}

/* Room for an index by number up to `no`. */
static void number_at(books *b, uint32_t **list, uint32_t *end, uint32_t no, uint32_t index) {
    if (no >= *end) {
        uint32_t room = no < 512 ? 1024 : 2 * no;
        uint32_t *bigger = arena_alloc(&b->a, room * sizeof *bigger);
        ASSERT(bigger != NULL);
        for (uint32_t i = 0; i < room; i++) bigger[i] = i < *end ? (*list)[i] : REBATE_NONE;
        *list = bigger;
        *end = room;
    }
    (*list)[no] = index;
}

static void read_partner(books *b, uint32_t no) {
    catalog_row row;
    str id = partner_id(b->t, no), cells[] = {id};
    rebate_partner *one = ARENA_NEW(&b->a, rebate_partner, 1);
    b->partner_no = ARENA_NEW(&b->a, uint32_t, 1);
    b->world.partner = one;
    if (id.n == 0) return;
    AUTO(catalog_walk) w = catalog_rows(b->t, CATALOG_PARTNER, cells, ARRAY_LEN(cells));
    w.with_ended = true;
    if (!catalog_next(&w, &row)) return;
    *one = (rebate_partner){.id = kept(b, row.cell[PARTNER_ID]),
                            .kind = kept(b, row.cell[PARTNER_KIND]),
                            .tier = kept(b, row.cell[PARTNER_TIER]),
                            .region = kept(b, row.cell[PARTNER_REGION]),
                            .parent = REBATE_NONE};
    b->partner_no[0] = no;
    number_at(b, &b->partner_at, &b->partners_end, no, 0);
    b->world.partners = 1;
}

static void read_partners(books *b) {
    catalog_row row;
    size_t n = rows_in(b->t, CATALOG_PARTNER);
    rebate_partner *all = ARENA_NEW(&b->a, rebate_partner, n + 1);
    str *parent = ARENA_NEW(&b->a, str, n + 1);
    AUTO(map) ids = {0};
    b->partner_no = ARENA_NEW(&b->a, uint32_t, n + 1);
    AUTO(catalog_walk) w = catalog_rows(b->t, CATALOG_PARTNER, NULL, 0);
    w.with_ended = true;
    for (uint32_t i = 0; i < n && catalog_next(&w, &row); i++) {
        all[i] = (rebate_partner){.id = kept(b, row.cell[PARTNER_ID]),
                                  .kind = kept(b, row.cell[PARTNER_KIND]),
                                  .tier = kept(b, row.cell[PARTNER_TIER]),
                                  .region = kept(b, row.cell[PARTNER_REGION]),
                                  .parent = REBATE_NONE};
        parent[i] = kept(b, row.cell[PARTNER_PARENT]);
        *map_at(&ids, all[i].id, NULL) = i;
        b->partner_no[i] = row.no;
        number_at(b, &b->partner_at, &b->partners_end, row.no, i);
    }
    for (size_t i = 0; i < n; i++) {
        uint64_t *above = parent[i].n ? map_find(&ids, parent[i]) : NULL;
        if (above) all[i].parent = (uint32_t)*above;
    }
    b->world.partner = all;
    b->world.partners = n;
}

static int64_t number_of(str cell, unsigned scale) {
    int64_t v;
    return cell.n && dec_parse(cell, scale, &v, NULL) ? v : NUM_NONE;
}

static rebate_product *read_products(books *b) {
    catalog_row row;
    size_t n = rows_in(b->t, CATALOG_PRODUCT);
    int64_t usual = setting_number(b->t, SETTING_TAX_RATE);
    rebate_product *all = ARENA_NEW(&b->a, rebate_product, n + 1);
    b->product_no = ARENA_NEW(&b->a, uint32_t, n + 1);
    AUTO(catalog_walk) w = catalog_rows(b->t, CATALOG_PRODUCT, NULL, 0);
    w.with_ended = true;
    for (uint32_t i = 0; i < n && catalog_next(&w, &row); i++) {
        all[i] = (rebate_product){.sku = kept(b, row.cell[PRODUCT_SKU]),
                                  .brand = kept(b, row.cell[PRODUCT_BRAND]),
                                  .category = kept(b, row.cell[PRODUCT_CATEGORY]),
                                  .list_price = number_of(row.cell[PRODUCT_LIST_PRICE], MICRO_SCALE),
                                  .tax_rate = number_of(row.cell[PRODUCT_TAX_RATE], RATE_SCALE)};
        if (all[i].tax_rate == NUM_NONE) all[i].tax_rate = usual;
        if (b->excl) all[i].tax_rate = 0; /* there is none in the amounts */
        *map_at(&b->skus, all[i].sku, NULL) = i + 1;
        b->product_no[i] = row.no;
        number_at(b, &b->product_at, &b->products_end, row.no, i);
    }
    b->world.product = all;
    b->world.products = n;
    return all;
}

static stage stage_of(str cell) {
    for (stage s = STAGE_INTRODUCTION; s < STAGE_COUNT; s++)
        if (str_is(cell, stage_name(s))) return s;
    return STAGE_NONE;
}

/* Rows come by sku and day. */
static void read_stages(books *b, rebate_product *all) {
    catalog_row row;
    size_t n = rows_in(b->t, CATALOG_STAGE), at = 0;
    rebate_stage *timeline = ARENA_NEW(&b->a, rebate_stage, n + 1);
    AUTO(catalog_walk) w = catalog_rows(b->t, CATALOG_STAGE, NULL, 0);
    while (at < n && catalog_next(&w, &row)) {
        uint64_t *no = map_find(&b->skus, row.cell[STAGE_SKU]);
        day_t from;
        if (no == NULL || !cell_as_day(row.cell[STAGE_FROM], &from)) continue;
        rebate_product *x = &all[*no - 1];
        if (x->stages == 0) x->timeline = &timeline[at];
        timeline[at++] = (rebate_stage){from, stage_of(row.cell[STAGE_STAGE])};
        x->stages++;
    }
}

/* The list's general rows, on the basis of the books. */
static bool read_prices(books *b, err *e) {
    catalog_row row;
    size_t n = rows_in(b->t, CATALOG_PRICE), at = 0;
    int64_t whole = pow10_i64(RATE_SCALE);
    rebate_price *all = ARENA_NEW(&b->a, rebate_price, n + 1);
    AUTO(catalog_walk) w = catalog_rows(b->t, CATALOG_PRICE, NULL, 0);
    while (at < n && catalog_next(&w, &row)) {
        uint64_t *no = map_find(&b->skus, row.cell[PRICE_SKU]);
        rebate_price p = {.kind = kept(b, row.cell[PRICE_KIND]),
                          .from = DAY_MIN,
                          .until = DAY_MAX,
                          .price = number_of(row.cell[PRICE_AMOUNT], MICRO_SCALE)};
        bool special = row.cell[PRICE_TIER].n || row.cell[PRICE_REGION].n || row.cell[PRICE_PARTNER].n ||
                       row.cell[PRICE_CHANNEL].n;
        if (no == NULL || special || p.price == NUM_NONE) continue;
        if (row.cell[PRICE_FROM].n && !cell_as_day(row.cell[PRICE_FROM], &p.from)) continue;
        if (row.cell[PRICE_TO].n && !cell_as_day(row.cell[PRICE_TO], &p.until)) continue;
        p.product = (uint32_t)*no - 1;
        int64_t rate = b->world.product[p.product].tax_rate;
        if (!b->excl && str_is(row.cell[PRICE_TAX_BASIS], "excl") && !mul_div(p.price, whole + rate, whole, &p.price))
            return err_set(e, ERR_DATA, "the price of '%.*s' is too large", STR_ARG(row.cell[PRICE_SKU]));
        all[at++] = p;
    }
    b->world.price = all;
    b->world.prices = at;
    return true;
}

bool policy_is_alone(const policy *p) {
    return p->roll_up == ROLL_SELF && !p->budget_stop;
}

bool books_open(txn *t, day_t today, books *out, err *e) {
    return books_open_one(t, today, 0, out, e);
}

bool books_open_one(txn *t, day_t today, uint32_t partner_no, books *out, err *e) {
    catalog_row row;
    *out = (books){.t = t, .today = today};
    arena_init(&out->a, SIZE_MAX); /* as large as the catalogue */
    facts_init(&out->facts, t);
    out->currency = currency_no(STR("CNY"));
    out->company = kept(out, setting_text(t, SETTING_COMPANY));
    out->excl = str_is(setting_text(t, SETTING_TAX_BASIS), "excl");
    if (partner_no) read_partner(out, partner_no);
    else
        read_partners(out);
    rebate_product *all = read_products(out);
    read_stages(out, all);
    TRY(read_prices(out, e));
    AUTO(catalog_walk) w = catalog_rows(t, CATALOG_OPENING_VOLUME, NULL, 0);
    out->openings = catalog_next(&w, &row);
    AUTO(kv_cursor) marked = kv_from(t, TABLE_REBATED_DAY, STR(""), STR_NONE);
    out->rebated = kv_next(&marked);
    out->world.skus = &out->skus;
    out->world.partners_known = out->world.products_known = out->world.prices_known = true;
    return txn_ok(t, e);
}

void books_auto(books *b) {
    if (b->t) facts_free(&b->facts);
    map_free(&b->skus);
    arena_free(&b->a);
}

uint32_t books_partner(const books *b, uint32_t no) {
    return no < b->partners_end ? b->partner_at[no] : REBATE_NONE;
}
