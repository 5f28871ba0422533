#include "daemon/catalog/promotion.h"

#include "daemon/catalog/cell.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/rows.h"
#include "daemon/catalog/scope.h"
#include "daemon/catalog/settings.h"
#include "daemon/store/keys.h"
#include <stdlib.h>

/* A promotion that may bind lines of a partner and a product, the most specific first. */
typedef struct candidate {
    const promotion *of;
    unsigned rank;
    bool sold, given; /* the product as what is bought; as what is given */
} candidate;
typedef struct candidates {
    size_t n;
    candidate at[];
} candidates;

static str kept(arena *a, str s) {
    return s.n ? arena_str(a, s) : STR("");
}

static void read_row(promotions *p, const catalog_row *row, promotion *out) {
    *out = (promotion){.id = kept(p->a, row->cell[PROMOTION_ID]),
                       .title = kept(p->a, row->cell[PROMOTION_TITLE]),
                       .rule_text = kept(p->a, row->cell[PROMOTION_RULE]),
                       .products = kept(p->a, row->cell[PROMOTION_PRODUCTS]),
                       .partners = kept(p->a, row->cell[PROMOTION_PARTNERS]),
                       .from = DAY_MIN,
                       .to = DAY_MAX,
                       .sell_in = str_is(row->cell[PROMOTION_FLOW], "sell_in"),
                       .budget = NUM_NONE};
    str currency = row->cell[PROMOTION_CURRENCY];
    (void)cell_as_day(row->cell[PROMOTION_FROM], &out->from);
    if (row->cell[PROMOTION_TO].n) (void)cell_as_day(row->cell[PROMOTION_TO], &out->to);
    if (!dec_parse(row->cell[PROMOTION_BUDGET], MICRO_SCALE, &out->budget, NULL)) out->budget = NUM_NONE;
    out->currency = currency_no(currency.n ? currency : setting_text(p->t, SETTING_CURRENCY));
}

void promotions_load(txn *t, arena *a, promotions *out) {
    catalog_row row;
    size_t cap = 0;
    *out = (promotions){.t = t, .a = a};
    AUTO(catalog_walk) count = catalog_rows(t, CATALOG_PROMOTION, NULL, 0);
    while (catalog_next(&count, &row)) cap++;
    out->row = ARENA_NEW(a, promotion, cap + 1);
    ASSERT(out->row != NULL);
    AUTO(catalog_walk) w = catalog_rows(t, CATALOG_PROMOTION, NULL, 0);
    while (catalog_next(&w, &row)) {
        promotion *x = &out->row[out->rows];
        read_row(out, &row, x);
        if (promotion_rule_parse(x->rule_text, &x->rule)) out->rows++;
    }
}

void promotions_free(promotions *p) {
    map_free(&p->scope);
}

void promotions_auto(promotions *p) {
    promotions_free(p);
}

static int by_rank(const void *x, const void *y) {
    const candidate *a = x, *b = y;
    if (a->rank != b->rank) return a->rank > b->rank ? -1 : 1;
    if (a->of->from != b->of->from) return a->of->from > b->of->from ? -1 : 1;
    return -str_cmp(a->of->id, b->of->id);
}

static const candidates *candidates_of(promotions *p, uint32_t partner_no, uint32_t product_no) {
    key k = {.n = 0};
    product x;
    key_u32(&k, partner_no);
    key_u32(&k, product_no);
    uint64_t *at = map_find(&p->scope, key_str(&k));
    if (at) return (const void *)(uintptr_t)*at;
    candidates *out = arena_zalloc(p->a, sizeof *out + p->rows * sizeof *out->at);
    ASSERT(out != NULL);
    bool known = product_no && product_by_no(p->t, product_no, &x);
    for (size_t i = 0; known && i < p->rows; i++) {
        const promotion *of = &p->row[i];
        unsigned by_product = scope_product(of->products, &x),
                 by_partner = scope_partner(p->t, of->partners, partner_no);
        bool named = of->rule.gift.n > 0, given = named ? str_eq(of->rule.gift, x.sku) : by_product > 0;
        if (by_partner == 0 || (by_product == 0 && !given)) continue;
        if (named && given && by_product == 0) by_product = 3;
        out->at[out->n++] = (candidate){of, by_product * 4 + by_partner, scope_product(of->products, &x) > 0,
                                        given && of->rule.kind == PROMOTION_BUY_GET};
    }
    qsort(out->at, out->n, sizeof *out->at, by_rank);
    *map_at(&p->scope, arena_str(p->a, key_str(&k)), NULL) = (uintptr_t)out;
    return out;
}

static int64_t magnitude(int64_t v) {
    return v < 0 ? -v : v;
}

/* Base units (thousandths) of one unit of a rule. */
static bool unit_factor(promotions *p, uint32_t product_no, str unit, int64_t *factor) {
    product x;
    return product_by_no(p->t, product_no, &x) && product_unit(&x, unit, factor);
}

/* Is the line's amount what the special price makes of its quantity, or less? */
static bool at_special(promotions *p, const promotion *x, const promotion_line *l, bool *below) {
    char code[4];
    int64_t factor, per_base, worth;
    if (l->amount == NUM_NONE || l->quantity == 0 || l->currency != x->currency) return false;
    if (!unit_factor(p, l->product, x->rule.price_unit, &factor)) return false;
    unsigned drop = MICRO_SCALE - currency_scale(currency_text(l->currency, code));
    /* micro units for a unit × thousandths of base units / thousandths of base units in the unit */
    if (!mul_div(magnitude(l->quantity), x->rule.price, factor, &per_base)) return false;
    if (!mul_div(per_base, 1, pow10_i64(drop), &worth)) return false;
    *below = magnitude(l->amount) < worth - 1;
    return magnitude(l->amount) <= worth + 1;
}

static bool holds(const promotion *x, const promotion_line *l) {
    return x->sell_in == l->sell_in && l->day >= x->from && l->day <= x->to;
}

promotion_bond promotion_of(promotions *p, const promotion_line *l) {
    const candidates *c = candidates_of(p, l->partner, l->product);
    promotion_bond bond = {.of = NULL};
    for (size_t i = 0; i < c->n; i++) {
        const candidate *x = &c->at[i];
        bool below = false;
        if (!holds(x->of, l)) continue;
        if (l->gift && x->given) return (promotion_bond){x->of, PROMOTION_GIFT, false};
        if (l->gift || !x->sold) continue;
        if (x->of->rule.kind == PROMOTION_SPECIAL && at_special(p, x->of, l, &below))
            return (promotion_bond){x->of, PROMOTION_PRICED, below};
        if (x->of->rule.kind == PROMOTION_BUY_GET && bond.of == NULL)
            bond = (promotion_bond){x->of, PROMOTION_BOUGHT, false};
    }
    return bond;
}

int64_t promotion_due(promotions *p, const promotion *x, uint32_t product_no, int64_t bought) {
    int64_t buy_factor, get_factor, step, one, due;
    product gift;
    if (x->rule.kind != PROMOTION_BUY_GET) return 0;
    if (x->rule.gift.n && !product_by_sku(p->t, x->rule.gift, &gift)) return 0;
    uint32_t given = x->rule.gift.n ? gift.no : product_no;
    if (!unit_factor(p, product_no, x->rule.buy_unit, &buy_factor) ||
        !unit_factor(p, given, x->rule.get_unit, &get_factor))
        return 0;
    if (!mul_div(x->rule.buy, buy_factor, 1000, &step) || !mul_div(x->rule.get, get_factor, 1000, &one) || step <= 0)
        return 0;
    return mul_div(bought / step, one, 1, &due) ? due : 0;
}

const char *promotion_why_not(promotions *p, const promotion_line *gift) {
    const candidates *c = candidates_of(p, gift->partner, gift->product);
    bool side = false, day = false;
    for (size_t i = 0; i < c->n; i++) {
        if (!c->at[i].given) continue;
        if (c->at[i].of->sell_in != gift->sell_in) side = true;
        else
            day = true;
    }
    return day    ? "no promotion of this day"
           : side ? "its promotion is for the other flow"
                  : "no promotion of this product and partner";
}
