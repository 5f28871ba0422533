#include "daemon/replenish/planning.h"

#include "daemon/catalog/price.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/settings.h"
#include "daemon/ledger/members.h"
#include "daemon/ledger/stock.h"
#include "daemon/replenish/orders.h"

typedef struct goods { /* what a partner has and gets */
    stock now;
    order_flow *flow;
    size_t flows;
    int zone_min;
} goods;

static void read_goods(series_world *w, uint32_t partner_no, arena *a, goods *out) {
    out->zone_min = (int)setting_number(w->t, SETTING_ZONE);
    stock_of(w->t, partner_no, w->today, a, &out->now);
    /* of a partner that reports no receipts goods are there after the usual transit */
    day_t arrived = out->now.assumed ? w->today - (day_t)setting_number(w->t, SETTING_TRANSIT) : DAY_MIN;
    out->flows = order_flows(w->t, partner_no, arrived, out->zone_min, a, &out->flow);
}

static replenish_position position_of(const goods *g, uint32_t product_no) {
    replenish_position p = {.unknown = true};
    for (size_t i = 0; i < g->now.levels; i++) {
        const stock_level *l = &g->now.level[i];
        if (l->product != product_no || !l->counted) continue;
        p.on_hand = l->quantity;
        p.unknown = false;
    }
    for (size_t i = 0; i < g->flows; i++)
        if (g->flow[i].product == product_no) p.on_order = g->flow[i].on_order, p.in_transit = g->flow[i].in_transit;
    return p;
}

static int64_t trial_left(series_world *w, const goods *g, uint32_t partner_no, uint32_t product_no) {
    day_t from;
    int64_t plan = trial_on(w->t, partner_no, product_no, w->today, &from);
    if (plan == NUM_NONE) return NUM_NONE;
    const order_span span = {from, DAY_MAX, g->zone_min, true, 0};
    int64_t left = plan - orders_in(w->t, partner_no, product_no, &span);
    return left > 0 ? left : 0;
}

static void plan_one(series_world *w, const goods *g, uint32_t partner_no, const series *of, planned *out) {
    demand_forecast forecast;
    price found;
    const price_query ask = {of->product, partner_no, 0, STR(""), PRICE_DEALER, w->today};
    replenish_view v = replenish_view_of(&of->rule->policy, &of->state, w->today);
    out->of = of;
    if (!product_by_no(w->t, of->product, &out->product)) out->product = (product){.no = of->product};
    out->price = price_find(w->t, &ask, &found) ? found.amount : NUM_NONE;
    v.position = position_of(g, of->product);
    v.lead = lead_time_of(w->t, partner_no, of->product);
    v.stage = stage_at(w->t, out->product.sku, w->today);
    if (v.stage == STAGE_INTRODUCTION) v.trial_left = trial_left(w, g, partner_no, of->product);
    replenish_suggest(&v, 1, &out->s, &forecast);
    out->cv2 = forecast.view.adi * (1 + forecast.view.cv2) - 1; /* of demands and the gaps between them */
}

/* A budget of a policy is one for all of a partner's products under it. */
static void fit_budgets(partner_plan *p, const stock_rules *rules, arena *a) {
    replenish_suggestion *s = ARENA_NEW(a, replenish_suggestion, p->n + 1);
    const replenish_policy **policy = ARENA_NEW(a, const replenish_policy *, p->n + 1);
    int64_t *each = ARENA_NEW(a, int64_t, p->n + 1);
    ASSERT(s != NULL && policy != NULL && each != NULL);
    for (size_t r = 0; r < rules->n; r++) {
        size_t n = 0, k = 0;
        if (rules->v[r].budget == NUM_NONE) continue;
        for (size_t i = 0; i < p->n; i++)
            if (p->v[i].of->rule == &rules->v[r])
                s[n] = p->v[i].s, policy[n] = &rules->v[r].policy, each[n++] = p->v[i].price;
        (void)replenish_fit_budget(s, policy, each, n, rules->v[r].budget);
        for (size_t i = 0; i < p->n; i++)
            if (p->v[i].of->rule == &rules->v[r]) p->v[i].s = s[k++];
    }
}

void partner_plan_make(series_world *w, uint32_t partner_no, uint32_t only, arena *a, partner_plan *out) {
    goods g;
    *out = (partner_plan){.n = 0};
    series_load(w, partner_no, a, &out->set);
    out->v = ARENA_NEW(a, planned, out->set.n + 1);
    ASSERT(out->v != NULL);
    if (out->set.n == 0) return;
    read_goods(w, partner_no, a, &g);
    for (size_t i = 0; i < out->set.n; i++) {
        const series *s = &out->set.v[i];
        if (only && s->product != only) continue;
        plan_one(w, &g, partner_no, s, &out->v[out->n]);
        out->n += !out->v[out->n].product.ended;
    }
    if (only == 0) fit_budgets(out, w->rules, a);
}

standing_step planned_step(txn *t, uint32_t partner_no, const planned *p, suggestion *was) {
    *was = (suggestion){.entry = 0};
    (void)suggestion_get(t, partner_no, p->of->product, was);
    return standing_next(&was->standing, &p->s, p->of->rule->tolerance);
}

size_t planned_partners(series_world *w, arena *a, uint32_t **out) {
    size_t n = members_answering(&w->f, a, out), kept = 0;
    for (size_t i = 0; i < n; i++) {
        partner p;
        if (!partner_by_no(w->t, (*out)[i], &p) || p.ended || p.kind == PARTNER_MANUFACTURER) continue;
        (*out)[kept++] = p.no;
    }
    return kept;
}
