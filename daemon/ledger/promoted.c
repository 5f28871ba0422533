#include "daemon/ledger/promoted.h"

#include "daemon/catalog/price.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/settings.h"
#include "daemon/ledger/lines.h"
#include <stdlib.h>

bool promotion_line_of(const posted *x, promotion_line *out) {
    *out = (promotion_line){.partner = x->partner,
                            .product = x->product,
                            .day = x->day,
                            .quantity = x->quantity,
                            .amount = x->amount,
                            .currency = x->currency};
    switch ((flow_kind)x->kind) {
    case FLOW_SELL_OUT:
    case FLOW_ONWARD:
    case FLOW_RETURN: return true;
    case FLOW_GIFT_OUT: return out->gift = true;
    case FLOW_SELL_IN:
    case FLOW_RETURN_OUT: return out->sell_in = true;
    case FLOW_GIFT_IN: return out->sell_in = out->gift = true;
    default: return false;
    }
}

promotion_bond promotion_of_posted(promotions *p, const posted *x) {
    promotion_line l;
    return promotion_line_of(x, &l) ? promotion_of(p, &l) : (promotion_bond){.of = NULL};
}

typedef struct walker {
    promotions *p;
    lines_ask ask;
    const promotion *only;
} walker;

static walker walker_of(promotions *p, facts *f, const promotion_ask *ask) {
    return (walker){p, {f, ask->partner, ask->from, ask->to}, ask->only};
}

/* ---- uses ---- */

/* What one customer bought of a product under a promotion by one document. */
typedef struct bought {
    const promotion *of;
    uint32_t partner, place, customer, counterparty, product;
    int64_t quantity;
} bought;

typedef struct counter {
    walker w;
    arena *a;
    map index, prices;
    promotion_use *use;
    size_t uses, cap;
    bool incl; /* tax basis */
} counter;

static void add(int64_t *sum, int64_t v) {
    (void)add_i64(*sum, v, sum); /* stored flows are far from the ends of their range */
}

static promotion_use *use_of(counter *c, const promotion *of, uint32_t partner_no, uint32_t product_no) {
    key k = {.n = 0};
    key_u32(&k, (uint32_t)(of - c->w.p->row));
    key_u32(&k, partner_no);
    key_u32(&k, product_no);
    uint64_t *at = map_find(&c->index, key_str(&k));
    if (at) return &c->use[*at];
    c->use = arena_grown(c->a, c->use, c->uses, &c->cap, sizeof *c->use);
    *map_at(&c->index, arena_str(c->a, key_str(&k)), NULL) = c->uses;
    c->use[c->uses] = (promotion_use){.of = of, .partner = partner_no, .product = product_no};
    return &c->use[c->uses++];
}

/* Dealer price of a base unit on a day in micro units, NUM_NONE: there is none. */
static int64_t dealer_price(counter *c, const posted *x) {
    key k = {.n = 0};
    price found;
    key_u32(&k, x->partner);
    key_u32(&k, x->product);
    key_day(&k, x->day);
    uint64_t *at = map_find(&c->prices, key_str(&k));
    if (at) return (int64_t)*at;
    const price_query q = {
        .product_no = x->product, .partner_no = x->partner, .channel = STR(""), .kind = PRICE_DEALER, .day = x->day};
    int64_t v = NUM_NONE;
    if (price_find(c->w.p->t, &q, &found) && !price_on_basis(c->w.p->t, x->product, &found, c->incl, &v)) v = NUM_NONE;
    *map_at(&c->prices, arena_str(c->a, key_str(&k)), NULL) = (uint64_t)v;
    return v;
}

/* What the line would have cost at the dealer price, in minor units of a currency. */
static bool dealer_value(counter *c, const posted *x, uint32_t currency, int64_t *out) {
    char code[4];
    int64_t each = dealer_price(c, x);
    unsigned scale = currency_scale(currency_text(currency, code));
    return each != NUM_NONE && mul_div(x->quantity, each, pow10_i64(QUANTITY_SCALE + MICRO_SCALE - scale), out);
}

static void count_gift(counter *c, promotion_use *u, const posted *x) {
    int64_t value;
    add(&u->given, x->quantity);
    if (dealer_value(c, x, u->of->currency, &value)) add(&u->cost, value);
    else
        u->unvalued++;
}

static void count_priced(counter *c, promotion_use *u, const posted *x, bool below) {
    int64_t value;
    add(&u->priced, x->quantity);
    u->below += below;
    if (!dealer_value(c, x, u->of->currency, &value)) u->unvalued++;
    else if (x->quantity < 0 ? value < x->amount : value > x->amount)
        add(&u->cost, value - x->amount);
}

static bool same_units(counter *c, uint32_t a, uint32_t b) {
    return str_eq(product_fact_of(c->w.ask.f, a)->base_unit, product_fact_of(c->w.ask.f, b)->base_unit);
}

static int by_buyer(const void *x, const void *y) {
    const bought *a = x, *b = y;
    if (a->of != b->of) return a->of < b->of ? -1 : 1;
    if (a->place != b->place) return a->place < b->place ? -1 : 1;
    if (a->customer != b->customer) return a->customer < b->customer ? -1 : 1;
    if (a->counterparty != b->counterparty) return a->counterparty < b->counterparty ? -1 : 1;
    return (a->product > b->product) - (a->product < b->product);
}

/* What one document's buying gives a right to, buyer by buyer. */
static void count_due(counter *c, bought *list, size_t n) {
    if (n > 1) qsort(list, n, sizeof *list, by_buyer);
    for (size_t i = 0, next; i < n; i = next) {
        bought sum = list[i];
        product gift;
        for (next = i + 1; next < n && by_buyer(&list[i], &list[next]) == 0; next++)
            add(&sum.quantity, list[next].quantity);
        bool other = sum.of->rule.gift.n && product_by_sku(c->w.p->t, sum.of->rule.gift, &gift);
        promotion_use *u = use_of(c, sum.of, sum.partner, other ? gift.no : sum.product);
        add(&u->due, promotion_due(c->w.p, sum.of, sum.product, sum.quantity));
        u->lines++;
        if (other && !same_units(c, sum.product, gift.no)) u->bought = NUM_NONE;
        if (u->bought != NUM_NONE) add(&u->bought, sum.quantity);
    }
}

static bool count_posting(void *arg, uint64_t document, const posting *p) {
    counter *c = arg;
    AUTO(arena) a = {0};
    bought *list = NULL;
    size_t n = 0;
    (void)document;
    arena_init(&a, SIZE_MAX);
    for (uint32_t i = 0; i < p->rows; i++) {
        const posted *x = &p->row[i];
        if (!lines_meant(&c->w.ask, x)) continue;
        promotion_bond bond = promotion_of_posted(c->w.p, x);
        if (bond.of == NULL || (c->w.only && bond.of != c->w.only)) continue;
        uint32_t partner_no = partner_fact_of(c->w.ask.f, x->partner)->reporter;
        if (bond.role == PROMOTION_BOUGHT) {
            if (list == NULL) list = ARENA_NEW(&a, bought, p->rows);
            ASSERT(list != NULL);
            list[n++] =
                (bought){bond.of, partner_no, x->partner, x->customer, x->counterparty, x->product, x->quantity};
            continue;
        }
        promotion_use *u = use_of(c, bond.of, partner_no, x->product);
        u->lines++;
        if (bond.role == PROMOTION_GIFT) count_gift(c, u, x);
        else
            count_priced(c, u, x, bond.below);
    }
    count_due(c, list, n);
    return true;
}

static int by_use(const void *x, const void *y) {
    const promotion_use *a = x, *b = y;
    if (a->of != b->of) return a->of < b->of ? -1 : 1;
    if (a->partner != b->partner) return a->partner < b->partner ? -1 : 1;
    return (a->product > b->product) - (a->product < b->product);
}

/* The days that any of the promotions holds on. */
static promotion_ask narrowed(const promotions *p, const promotion_ask *ask) {
    promotion_ask out = *ask;
    day_t from = DAY_MAX, to = DAY_MIN;
    for (size_t i = 0; i < p->rows; i++) {
        if (ask->only && ask->only != &p->row[i]) continue;
        if (p->row[i].from < from) from = p->row[i].from;
        if (p->row[i].to > to) to = p->row[i].to;
    }
    if (from > out.from) out.from = from;
    if (to < out.to) out.to = to;
    return out;
}

void promotion_uses(promotions *p, facts *f, const promotion_ask *ask, arena *a, promotion_use **out, size_t *n) {
    promotion_ask days = narrowed(p, ask);
    counter c = {.w = walker_of(p, f, &days), .a = a};
    c.incl = str_is(setting_text(p->t, SETTING_TAX_BASIS), "incl");
    if (days.from <= days.to) lines_walk(&c.w.ask, count_posting, &c);
    map_free(&c.index);
    map_free(&c.prices);
    if (c.uses) qsort(c.use, c.uses, sizeof *c.use, by_use);
    *out = c.use;
    *n = c.uses;
}

/* ---- gifts ---- */

typedef struct gift_walk {
    walker w;
    promotion_gift_fn fn;
    void *arg;
} gift_walk;

static bool gifts_of_posting(void *arg, uint64_t document, const posting *p) {
    gift_walk *g = arg;
    for (uint32_t i = 0; i < p->rows; i++) {
        promotion_line l;
        const posted *x = &p->row[i];
        if (!promotion_line_of(x, &l) || !l.gift || !lines_meant(&g->w.ask, x)) continue;
        promotion_gift now = {.line = x, .document = document, .bond = promotion_of(g->w.p, &l)};
        now.why_not = now.bond.of ? "" : promotion_why_not(g->w.p, &l);
        if (!g->fn(g->arg, &now)) return false;
    }
    return true;
}

void promotion_gifts(promotions *p, facts *f, const promotion_ask *ask, promotion_gift_fn fn, void *arg) {
    gift_walk g = {.w = walker_of(p, f, ask), .fn = fn, .arg = arg};
    lines_walk(&g.w.ask, gifts_of_posting, &g);
}
