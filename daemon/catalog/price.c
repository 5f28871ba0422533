#include "daemon/catalog/price.h"

#include "daemon/catalog/cell.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/region.h"
#include "daemon/catalog/rows.h"
#include "daemon/catalog/settings.h"

static const char *const kind_names[PRICE_KIND_COUNT] = {"ex_works", "dealer", "wholesale", "retail", "floor"};

const char *price_kind_name(price_kind k) {
    return kind_names[k];
}

bool price_kind_parse(str s, price_kind *out) {
    for (price_kind k = 0; k < PRICE_KIND_COUNT; k++)
        if (str_is(s, kind_names[k])) return *out = k, true;
    return false;
}

/* What is known of the one who asks. */
typedef struct asker {
    uint32_t chain[PARTNER_DEPTH_MAX]; /* partner, its parent … */
    size_t chain_n;
    uint32_t region;
    str tier, channel;
    day_t day;
} asker;

static void asker_of(txn *t, const price_query *q, asker *a) {
    partner p = {.region = 0, .tier = STR("")};
    *a = (asker){.channel = q->channel, .day = q->day};
    a->chain_n = partner_chain(t, q->partner_no, a->chain);
    (void)partner_by_no(t, q->partner_no, &p);
    a->region = q->region_no ? q->region_no : p.region;
    a->tier = p.tier;
}

/* Nearer is more; 0: does not hold. */
static unsigned partner_rank(txn *t, const asker *a, str id) {
    for (size_t i = 0; i < a->chain_n; i++)
        if (str_eq(partner_id(t, a->chain[i]), id)) return (unsigned)(PARTNER_DEPTH_MAX - i);
    return 0;
}

/* Deeper is more, an area least; 0: does not hold. */
static unsigned region_rank(txn *t, const asker *a, str code) {
    uint32_t no = region_by_code(t, code);
    if (!region_within(t, a->region, no)) return 0;
    return 1 + (unsigned)region_level_of(t, no);
}

/* How specific a row is for the one who asks; false: a condition does not hold. */
static bool rank(txn *t, const asker *a, const catalog_row *row, uint32_t *out) {
    unsigned by_partner = 0, by_region = 0;
    if (!cells_valid_on(row->cell[PRICE_FROM], row->cell[PRICE_TO], a->day)) return false;
    if (row->cell[PRICE_PARTNER].n && (by_partner = partner_rank(t, a, row->cell[PRICE_PARTNER])) == 0) return false;
    if (row->cell[PRICE_REGION].n && (by_region = region_rank(t, a, row->cell[PRICE_REGION])) == 0) return false;
    if (row->cell[PRICE_CHANNEL].n && !str_eq(row->cell[PRICE_CHANNEL], a->channel)) return false;
    if (row->cell[PRICE_TIER].n && !str_eq(row->cell[PRICE_TIER], a->tier)) return false;
    unsigned by_channel = row->cell[PRICE_CHANNEL].n > 0, by_tier = row->cell[PRICE_TIER].n > 0;
    *out = by_partner << 16 | by_channel << 8 | by_region << 4 | by_tier;
    return true;
}

static bool incl_tax(txn *t, str basis) {
    return str_is(basis.n ? basis : setting_text(t, SETTING_TAX_BASIS), "incl");
}

static bool by_row(txn *t, const price_query *q, str sku, price *out) {
    str cells[] = {sku, str_of(kind_names[q->kind])};
    asker a;
    catalog_row row;
    uint32_t best = 0, now;
    bool found = false;
    asker_of(t, q, &a);
    AUTO(catalog_walk) w = catalog_rows(t, CATALOG_PRICE, cells, ARRAY_LEN(cells));
    while (catalog_next(&w, &row)) {
        if (!rank(t, &a, &row, &now) || (found && now < best)) continue;
        if (found && now == best && str_cmp(row.cell[PRICE_FROM], out->row.cell[PRICE_FROM]) < 0) continue;
        found = true;
        best = now;
        out->row = row;
    }
    if (!found || !dec_parse(out->row.cell[PRICE_AMOUNT], MICRO_SCALE, &out->amount, NULL)) return false;
    out->incl_tax = incl_tax(t, out->row.cell[PRICE_TAX_BASIS]);
    return true;
}

static bool by_product(txn *t, const price_query *q, price *out) {
    size_t column = q->kind == PRICE_DEALER ? PRODUCT_LIST_PRICE : PRODUCT_FLOOR_PRICE;
    if (q->kind != PRICE_DEALER && q->kind != PRICE_FLOOR) return false;
    if (!catalog_get_at(t, CATALOG_PRODUCT, q->product_no, ON_DAY(q->day), &out->row)) return false;
    if (!dec_parse(out->row.cell[column], MICRO_SCALE, &out->amount, NULL)) return false;
    out->by_product = true;
    out->incl_tax = incl_tax(t, STR(""));
    return true;
}

bool price_find(txn *t, const price_query *q, price *out) {
    product p;
    *out = (price){.amount = 0};
    if (!product_by_no(t, q->product_no, &p)) return false;
    return by_row(t, q, p.sku, out) || by_product(t, q, out);
}

bool price_on_basis(txn *t, uint32_t product_no, const price *p, bool incl, int64_t *out) {
    product of;
    int64_t rate = setting_number(t, SETTING_TAX_RATE), one = pow10_i64(RATE_SCALE);
    *out = p->amount;
    if (p->incl_tax == incl) return true;
    if (product_by_no(t, product_no, &of) && of.tax_rate != NUM_NONE) rate = of.tax_rate;
    return incl ? mul_div(p->amount, one + rate, one, out) : mul_div(p->amount, one, one + rate, out);
}
