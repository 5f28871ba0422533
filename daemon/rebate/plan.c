#include "daemon/rebate/plan.h"

#include "daemon/rebate/mechanism.h"
#include "maths/exact.h"

#include <stdlib.h>

enum { WHOLE_RATE = 1000000, PARTNER_LEVELS = 16 };
static const int64_t AMOUNT_UNIT_MAX = 200000000000; /* 13, 9, 6, 5, 3 and 1 % together */

static bool listed(const names *list, str word) {
    for (size_t i = 0; i < list->n; i++)
        if (str_eq(list->v[i], word)) return true;
    return false;
}

static bool admits(const names *list, str word) {
    return list->n == 0 || listed(list, word);
}

/* A region admits what lies below it: its code without trailing pairs of zeros begins the other. */
static bool admits_region(const names *list, str code) {
    for (size_t i = 0; i < list->n; i++) {
        str above = list->v[i];
        while (above.n > 2 && str_ends(above, STR("00"))) above.n -= 2;
        if (str_starts(code, above)) return true;
    }
    return list->n == 0;
}

bool plan_product_matches(const product_scope *s, const rebate_product *p) {
    return admits(&s->skus, p->sku) && admits(&s->brands, p->brand) && admits(&s->categories, p->category) &&
           !listed(&s->exclude, p->sku);
}

bool plan_partner_in_scope(const plan *pl, uint32_t who) {
    const partner_scope *s = &pl->p->partners;
    const rebate_partner *p = &pl->w->partner[who];
    return admits(&s->ids, p->id) && admits(&s->tiers, p->tier) && admits_region(&s->regions, p->region) &&
           admits(&s->kinds, p->kind) && !listed(&s->exclude, p->id);
}

static bool manufactures(const rebate_partner *p) {
    return str_is(p->kind, "manufacturer");
}

uint32_t plan_earner(const plan *pl, uint32_t who) {
    const rebate_world *w = pl->w;
    uint32_t earner = REBATE_NONE;
    if (pl->p->roll_up == ROLL_SELF) return plan_partner_in_scope(pl, who) ? who : REBATE_NONE;
    if (listed(&pl->p->partners.exclude, w->partner[who].id)) return REBATE_NONE;
    uint32_t at = who;
    for (int level = 0; at != REBATE_NONE && level < PARTNER_LEVELS; level++, at = w->partner[at].parent)
        if (!manufactures(&w->partner[at]) && plan_partner_in_scope(pl, at)) earner = at;
    if (earner == REBATE_NONE || pl->p->roll_up == ROLL_CHILDREN) return earner;
    for (uint32_t i = 0; i < w->partners; i++)
        if (str_eq(w->partner[i].id, pl->p->pay_to)) return i;
    return REBATE_NONE;
}

/* ---- what the world must know */

static bool needs(bool asked, bool known, const char *what, const char *option, err *e) {
    return !asked || known || err_set(e, ERR_DATA, "%s: nothing is known of them here; give %s FILE", what, option);
}

static bool uses_products(const product_scope *s) {
    return s->brands.n || s->categories.n;
}

static bool world_suffices(const policy *p, const rebate_world *w, err *e) {
    const partner_scope *s = &p->partners;
    bool groups = uses_products(&p->products) || (p->has_count_only && uses_products(&p->count_only));
    for (size_t st = 0; st < POLICY_STAGES; st++)
        for (size_t i = 0; i < p->stage_count[st]; i++) groups = groups || uses_products(&p->stage[st][i].group);
    TRY(needs(s->tiers.n || s->regions.n || s->kinds.n, w->partners_known, "the scope filters by tier, region or kind",
              "--partners", e));
    TRY(needs(groups, w->products_known, "the scope filters by brand or category", "--products", e));
    return needs(p->value_at == VALUE_LIST, w->products_known || w->prices_known, "value_at: list wants list prices",
                 "--products", e);
}

/* ---- products */

static void mark_products(plan *pl, arena *a) {
    const policy *p = pl->p;
    const product_scope *s = &p->products;
    pl->product = ARENA_NEW(a, uint8_t, pl->w->products + 1);
    pl->no_product = s->skus.n == 0 && !uses_products(s);
    for (size_t i = 0; i < pl->w->products; i++) {
        const rebate_product *item = &pl->w->product[i];
        if (plan_product_matches(s, item)) pl->product[i] |= PRODUCT_IN_SCOPE;
        if (p->has_count_only && plan_product_matches(&p->count_only, item)) pl->product[i] |= PRODUCT_COUNT_ONLY;
    }
    if (p->measure != MEASURE_POINTS) return;
    pl->points = ARENA_NEW(a, int64_t, pl->w->products + 1);
    for (size_t i = 0; i < p->point_skus.n; i++) {
        uint32_t no = world_product(pl->w, p->point_skus.v[i]);
        if (no != REBATE_NONE) pl->points[no] = p->points[i];
    }
}

/* With tax: excl an amount is divided by 1 + rate. All amounts are counted in the part of a fen that makes each of them
 * whole, so that nothing is rounded before the line is. */
static bool choose_amount_unit(plan *pl, err *e) {
    wide unit = 1;
    int64_t before = NUM_NONE;
    for (size_t i = 0; pl->p->tax_excl && i < pl->w->rows; i++) {
        const rebate_row *r = &pl->w->row[i];
        int64_t rate = r->tax_rate;
        if (rate == NUM_NONE && r->product != REBATE_NONE) rate = pl->w->product[r->product].tax_rate;
        if (rate == before || rate == NUM_NONE) continue;
        before = rate;
        wide divisor = (WHOLE_RATE + rate) / wide_gcd(WHOLE_RATE + rate, WHOLE_RATE);
        unit = unit / wide_gcd(unit, divisor) * divisor;
        if (unit > AMOUNT_UNIT_MAX)
            return err_set(e, ERR_DATA, "tax: excl: too many different tax rates to be taken out exactly");
    }
    pl->amount_unit = (int64_t)unit;
    return true;
}

/* ---- drops, agreements, groups, targets */

static void add_drop(const plan *pl, plan_mechanism *to, uint32_t item, const price_drop *d) {
    if (item == REBATE_NONE || d->before <= d->after) return;
    bool inside = pl->product[item] & PRODUCT_IN_SCOPE;
    if (inside) to->drop[to->drops++] = (plan_drop){item, d->date, d->until, d->before - d->after, d->limit};
}

static bool drops_of_list(const plan *pl, const mechanism *m, plan_mechanism *to, arena *a, err *e) {
    const rebate_world *w = pl->w;
    TRY(needs(true, w->prices_known, "price_protection without drops looks at the price list", "--prices", e));
    to->drop = ARENA_NEW(a, plan_drop, w->prices + 1);
    for (size_t i = 0; i < w->prices; i++) {
        const rebate_price *new = &w->price[i];
        price_drop d = {.date = new->from, .until = new->from, .limit = NUM_NONE};
        if (new->from == DAY_MIN || !str_eq(new->kind, m->price_kind)) continue;
        int64_t old = world_price(w, new->product, new->kind, new->from - 1);
        if (old == NUM_NONE) continue;
        if (!rescale(old, MICRO_SCALE, PER_UNIT_SCALE, &d.before) ||
            !rescale(new->price, MICRO_SCALE, PER_UNIT_SCALE, &d.after))
            return err_set(e, ERR_DATA, "the price list: a price is too large");
        add_drop(pl, to, new->product, &d);
    }
    return true;
}

static bool plan_one(const plan *pl, const mechanism *m, plan_mechanism *to, arena *a, err *e) {
    if (m->kind == &mechanism_mix) {
        to->group = ARENA_NEW(a, uint8_t, pl->w->products + 1);
        for (size_t i = 0; i < pl->w->products; i++) to->group[i] = plan_product_matches(&m->group, &pl->w->product[i]);
    }
    if (m->kind == &mechanism_price_protection && !m->drops_listed) return drops_of_list(pl, m, to, a, e);
    to->drop = ARENA_NEW(a, plan_drop, m->prices + 1);
    for (size_t i = 0; i < m->prices; i++) add_drop(pl, to, world_product(pl->w, m->price[i].sku), &m->price[i]);
    return true;
}

static bool mechanisms_of(plan *pl, arena *a, err *e) {
    pl->mechanism = ARENA_NEW(a, plan_mechanism, pl->p->mechanisms + 1);
    for (size_t s = 0; s < POLICY_STAGES; s++)
        for (size_t i = 0; i < pl->p->stage_count[s]; i++) {
            const mechanism *m = &pl->p->stage[s][i];
            TRY(plan_one(pl, m, &pl->mechanism[m->no], a, e));
            pl->ordered = pl->ordered || m->kind == &mechanism_ship_and_debit;
            pl->baselines = pl->baselines || (m->kind == &mechanism_growth && m->over != OVER_GIVEN);
        }
    return true;
}

static bool targets_of(plan *pl, arena *a, err *e) {
    const rebate_world *w = pl->w;
    pl->target = ARENA_NEW(a, plan_target, w->targets + 1);
    for (size_t i = 0; i < w->targets; i++) {
        plan_target *t = &pl->target[pl->targets];
        unsigned scale = policy_measure_scale(pl->p);
        if (!period_parse(w->target[i].period, pl->p->period, &t->period)) continue;
        if (!rescale(w->target[i].target, TARGET_SCALE, scale, &t->target))
            return err_set(e, ERR_DATA, "a target is too large");
        t->partner = w->target[i].partner;
        pl->targets++;
    }
    return true;
}

int64_t plan_target_of(const plan *pl, uint32_t who, int32_t period) {
    size_t n, from = world_slice(pl->target, pl->targets, sizeof *pl->target, who, &n);
    for (size_t i = from; i < from + n; i++)
        if (pl->target[i].period == period) return pl->target[i].target;
    return NUM_NONE;
}

bool plan_make(const policy *p, const rebate_world *w, arena *a, plan *out, err *e) {
    *out = (plan){.p = p, .w = w, .last_period = period_of(p->period, p->to)};
    TRY(world_suffices(p, w, e));
    mark_products(out, a);
    return choose_amount_unit(out, e) && mechanisms_of(out, a, e) && targets_of(out, a, e);
}
