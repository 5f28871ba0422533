/* order share: goods that are short, shared out among the orders that wait for them, by a rule that both sides are told. */
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/ledger/credit.h"
#include "daemon/replenish/orders.h"
#include "daemon/replenish/planning.h"
#include "daemon/store/store.h"
#include "maths/allot.h"
#include "proto/limits.h"

#include <stdlib.h>

typedef struct claimant {
    uint64_t order;
    uint32_t partner;
    str tier;
    int64_t quantity, shipped, part;
    allot_claim claim;
} claimant;

typedef struct shortage {
    call *c;
    product of;
    allot_rule rule;
    int64_t free;
    claimant *v;
    size_t n, cap;
} shortage;

static const char *const rules[] = {"proportional", "days", "quota", "priority"};

static bool read_rule(call *c, allot_rule *out, err *e) {
    str s = call_option(c, "rule");
    *out = ALLOT_PROPORTIONAL;
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        if (s.p == NULL || str_is(s, rules[i])) return s.p == NULL || (*out = (allot_rule)i, true);
    return err_set(e, ERR_USAGE, "--rule: proportional, days (of cover), quota or priority (by class)");
}

/* Orders that are confirmed and wait for the product. */
static void read_claims(shortage *s) {
    for (AUTO(kv_cursor) w = kv_from(s->c->t, TABLE_ORDER, STR(""), STR_NONE); kv_next(&w);) {
        order o;
        order_line l;
        partner p = {.tier = STR("")};
        if (!order_decode(w.key, w.val, &o) || o.state != ORDER_CONFIRMED) continue;
        if (!order_line_get(s->c->t, o.number, s->of.no, &l) || l.quantity <= l.shipped) continue;
        (void)partner_by_no(s->c->t, o.partner, &p);
        s->v = arena_grown(s->c->a, s->v, s->n, &s->cap, sizeof *s->v);
        s->v[s->n++] = (claimant){o.number,  o.partner, arena_str(s->c->a, p.tier),       l.quantity,
                                  l.shipped, 0,         {.claim = l.quantity - l.shipped}};
    }
}

/* What a partner has and sells a day, and what its contract says. */
static void know(shortage *s, series_world *w, claimant *x) {
    AUTO(arena) a = {0};
    partner_plan p;
    day_t from, to;
    arena_init(&a, SIZE_MAX); /* bounded by the books of one partner */
    partner_plan_make(w, x->partner, s->of.no, &a, &p);
    if (p.n) {
        x->claim.on_hand = p.v[0].s.position.on_hand > 0 ? p.v[0].s.position.on_hand : 0;
        x->claim.demand = p.v[0].s.day_mean < 1e9 ? (int64_t)(p.v[0].s.day_mean * 1000 + 0.5) : 0;
    }
    int64_t quota = quota_on(s->c->t, x->partner, s->of.no, w->today, &from, &to),
            minimum = quota_minimum(s->c->t, x->partner, s->of.no, w->today);
    x->claim.quota = quota == NUM_NONE ? 0 : quota;
    x->claim.minimum = minimum == NUM_NONE ? 0 : minimum < x->claim.claim ? minimum : x->claim.claim;
}

/* Classes in the order of their names; those without one last. */
static void rank(shortage *s) {
    for (size_t i = 0; i < s->n; i++) {
        claimant *x = &s->v[i];
        x->claim.priority = x->tier.n ? 0 : UINT32_MAX;
        for (size_t k = 0; x->tier.n && k < s->n; k++)
            x->claim.priority += s->v[k].tier.n && str_cmp(s->v[k].tier, x->tier) < 0;
    }
}

static bool share(shortage *s, err *e) {
    allot_claim *claim = ARENA_NEW(s->c->a, allot_claim, s->n + 1);
    int64_t *part = ARENA_NEW(s->c->a, int64_t, s->n + 1);
    AUTO(arena) room = {0};
    ASSERT(claim != NULL && part != NULL);
    arena_init(&room, SIZE_MAX); /* bounded by ALLOT_MAX */
    for (size_t i = 0; i < s->n; i++) {
        claim[i] = s->v[i].claim;
        /* whole base units are given out */
        claim[i].claim /= 1000, claim[i].minimum /= 1000;
    }
    if (s->n > ALLOT_MAX || !allot(s->rule, s->free / 1000, claim, s->n, part, &room))
        return err_set(e, ERR_DATA, "order share: too many orders, or figures beyond 10^15");
    for (size_t i = 0; i < s->n; i++) s->v[i].part = part[i] * 1000;
    return true;
}

/* For the house: what all of them asked for. */
static const char *reason_of(const shortage *s) {
    AUTO(buf) b = {0};
    int64_t claimed = 0;
    for (size_t i = 0; i < s->n; i++) claimed += s->v[i].claim.claim;
    buf_printf(&b, "%.*s: ", STR_ARG(s->of.sku));
    dec_put(&b, s->free, QUANTITY_SCALE, 0);
    buf_addz(&b, " free for ");
    dec_put(&b, claimed, QUANTITY_SCALE, 0);
    buf_printf(&b, " ordered by %zu; minimum of the contract first, then %s", s->n, rules[s->rule]);
    return arena_str(s->c->a, buf_str(&b)).p;
}

/* For the partner: its own figures and the rule, nothing of the others. */
static char *told_of(const shortage *s, const claimant *x) {
    static const char *const by[] = {"then all in proportion to what they asked for", "then equal days of cover to all",
                                     "then all in proportion to their quotas", "then class by class"};
    AUTO(buf) b = {0};
    buf_printf(&b, "%.*s is short: ", STR_ARG(s->of.sku));
    dec_put(&b, x->part, QUANTITY_SCALE, 0);
    buf_addz(&b, " of ");
    dec_put(&b, x->claim.claim, QUANTITY_SCALE, 0);
    buf_addz(&b, "; your contract's minimum of ");
    dec_put(&b, x->claim.minimum, QUANTITY_SCALE, 0);
    buf_printf(&b, " first, %s", by[s->rule]);
    if (s->rule == ALLOT_DAYS) {
        buf_addz(&b, " (you have ");
        dec_put(&b, x->claim.on_hand, QUANTITY_SCALE, 0);
        buf_addz(&b, " and sell ");
        dec_put(&b, x->claim.demand, QUANTITY_SCALE, 0);
        buf_addz(&b, " a day)");
    }
    if (s->rule == ALLOT_QUOTA) {
        buf_addz(&b, " (yours is ");
        dec_put(&b, x->claim.quota, QUANTITY_SCALE, 0);
        buf_addz(&b, ")");
    }
    return entry_text(s->c, buf_str(&b));
}

/* The order is changed to what it gets, and says why; one that gets nothing waits as it is, and says why. */
static bool give(shortage *s, const claimant *x, err *e) {
    Entry__OrderStep m = ENTRY__ORDER_STEP__INIT;
    Entry__OrderLine line = ENTRY__ORDER_LINE__INIT, *lines[] = {&line};
    if (x->part == x->claim.claim) return true;
    m.order = x->order;
    m.act = x->part ? ORDER_DO_CHANGE : ORDER_DO_SHORT;
    m.reason = told_of(s, x);
    if (x->part == 0) return command_append(s->c, KIND_ORDER_STEP, &m.base, e);
    m.line = lines;
    m.n_line = 1;
    line.sku = (char *)(uintptr_t)arena_str(s->c->a, s->of.sku).p;
    line.quantity = x->shipped + x->part;
    return command_append(s->c, KIND_ORDER_STEP, &m.base, e);
}

static void put_share(call *c, const claimant *x, const char *why) {
    json *j = answer_row(c);
    cell_id(j, "order", x->order);
    cell_text(j, "partner", partner_id(c->t, x->partner));
    cell_text(j, "tier", x->tier);
    cell_quantity(j, "claimed", x->claim.claim);
    cell_quantity(j, "minimum", x->claim.minimum);
    cell_quantity(j, "on_hand", x->claim.on_hand);
    cell_quantity(j, "demand_a_day", x->claim.demand);
    cell_quantity(j, "quota", x->claim.quota);
    cell_quantity(j, "share", x->part);
    cell_text(j, "why", str_of(why));
    answer_row_end(c);
}

bool cmd_order_share(call *c, err *e) {
    static const char *const columns[] = {"order",   "partner",      "tier",  "claimed", "minimum",
                                          "on_hand", "demand_a_day", "quota", "share",   "why"};
    AUTO(series_world) w = {0};
    stock_rules in_force;
    shortage s = {.c = c};
    TRY(authz(c, "write", 0, e) && read_rule(c, &s.rule, e) && stock_rules_load(c->t, c->a, &in_force, e));
    if (!product_by_sku(c->t, call_arg(c, 0), &s.of))
        return err_set(e, ERR_NOT_FOUND, "product '%.*s': unknown", STR_ARG(str_take(call_arg(c, 0), LIMIT_ID)));
    s.of.sku = arena_str(c->a, s.of.sku);
    s.free = supply_free(c->t, s.of.no);
    if (s.free == NUM_NONE)
        return err_set(e, ERR_NOT_FOUND, "product '%.*s': nobody said what there is (supply import)",
                       STR_ARG(s.of.sku));
    series_world_open(&w, c->t, &in_force, day_at(c->now_ms, c->zone_min));
    read_claims(&s);
    for (size_t i = 0; i < s.n; i++) know(&s, &w, &s.v[i]);
    rank(&s);
    TRY(share(&s, e));
    const char *why = reason_of(&s);
    answer_list(c, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < s.n; i++) put_share(c, &s.v[i], why);
    for (size_t i = 0; call_flag(c, "apply") && i < s.n; i++) TRY(give(&s, &s.v[i], e));
    return txn_ok(c->t, e);
}
