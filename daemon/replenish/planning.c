#include "daemon/replenish/planning.h"

#include "daemon/catalog/cell.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/price.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/rows.h"
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
    stock_since(w->t, partner_no, w->today, w->today, a, &out->now);
    /* of a partner that reports no receipts goods are there after the usual transit */
    day_t arrived = out->now.assumed ? w->today - (day_t)setting_number(w->t, SETTING_TRANSIT) : DAY_MIN;
    out->flows = order_flows(w->t, partner_no, arrived, out->zone_min, a, &out->flow);
}

static replenish_position position_of(const goods *g, uint32_t product_no) {
    replenish_position p = {.unknown = true};
    for (size_t i = 0; i < g->now.levels; i++) {
        const stock_level *l = &g->now.level[i];
        if (l->product != product_no || !l->counted) continue;
        p.wrong = l->quantity < 0;
        p.on_hand = p.wrong ? 0 : l->quantity;
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

/* A product with little history of its own: what this partner sold of the one like it at the same age. */
bool planned_ramp(series_world *w, uint32_t partner_no, const planned *p, demand_forecast *out) {
    AUTO(arena) a = {0};
    const series *of = p->of;
    const stage_plan *at = &p->stage;
    product like;
    demand_day *day;
    double y[RAMP_BUCKETS];
    const demand_rules *rules = &of->rule->policy.demand;
    if (at->stage != STAGE_INTRODUCTION || at->analogue.n == 0 || of->state.f.n >= NEW_BUCKETS) return false;
    if (!product_by_sku(w->t, at->analogue, &like)) return false;
    arena_init(&a, SIZE_MAX); /* bounded by the books of one partner */
    size_t days = series_days(w, partner_no, like.no, &a, &day, NULL);
    size_t n = demand_buckets(day, days, rules->bucket, w->today, y, RAMP_BUCKETS);
    demand_ramp(y, n, of->state.f.n, at->share, rules, w->today, FORECAST_MAX, out);
    return n > 0;
}

static void plan_one(series_world *w, const goods *g, uint32_t partner_no, const series *of, planned *out) {
    demand_forecast forecast, like;
    price found;
    const price_query ask = {of->product, partner_no, 0, STR(""), PRICE_DEALER, w->today};
    replenish_view v = replenish_view_of(&of->rule->policy, &of->state, w->today);
    out->of = of;
    if (!product_by_no(w->t, of->product, &out->product)) out->product = (product){.no = of->product};
    out->price = price_find(w->t, &ask, &found) ? found.amount : NUM_NONE;
    v.position = position_of(g, of->product);
    v.lead = lead_time_of(w->t, partner_no, of->product);
    v.season = of->season;
    out->stage = stage_plan_at(w->t, out->product.sku, w->today);
    v.stage = out->stage.stage, v.ends = out->stage.ends;
    if (v.stage == STAGE_INTRODUCTION) v.trial_left = trial_left(w, g, partner_no, of->product);
    if (planned_ramp(w, partner_no, out, &like)) v.analogue = &like;
    replenish_suggest(&v, 1, &out->s, &forecast);
    out->view = forecast.view, out->bucket = forecast.first;
    out->next = forecast.mean[0], out->lower = forecast.lower[0], out->upper = forecast.upper[0];
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

static bool has_series(const series_set *s, uint32_t product_no) {
    size_t low = 0, high = s->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (s->v[middle].product < product_no) low = middle + 1;
        else
            high = middle;
    }
    return low < s->n && s->v[low].product == product_no;
}

/* Products that the partner is to try and has not sold yet: no history at all, but perhaps an analogue. */
static size_t untried(series_world *w, uint32_t partner_no, const series_set *s, arena *a, series **out) {
    str id = partner_id(w->t, partner_no);
    catalog_row row;
    size_t n = 0, cap = 0;
    *out = NULL;
    if (id.n == 0) return 0;
    AUTO(catalog_walk) walk = catalog_rows(w->t, CATALOG_TRIAL, &id, 1);
    while (catalog_next(&walk, &row)) {
        product p;
        if (!cells_valid_on(row.cell[TRIAL_FROM], row.cell[TRIAL_TO], w->today)) continue;
        if (!product_by_sku(w->t, row.cell[TRIAL_SKU], &p) || has_series(s, p.no)) continue;
        if (n && (*out)[n - 1].product == p.no) continue; /* rows lie by product */
        series x = {.product = p.no, .season = season_of(&w->seasons, p.category)};
        x.rule = stock_rules_for(w->t, w->rules, partner_no, &p);
        if (x.rule == NULL || stage_at(w->t, p.sku, w->today) != STAGE_INTRODUCTION) continue;
        *out = arena_grown(a, *out, n, &cap, sizeof **out);
        (*out)[n++] = x;
    }
    return n;
}

/* Does what is planned of the others decide on this one too? */
static bool shares_budget(const partner_plan *p, uint32_t product_no) {
    for (size_t i = 0; i < p->set.n; i++)
        if (p->set.v[i].product == product_no) return p->set.v[i].rule->budget != NUM_NONE;
    return false;
}

static void keep_only(partner_plan *p, uint32_t product_no) {
    size_t kept = 0;
    for (size_t i = 0; i < p->n; i++)
        if (p->v[i].of->product == product_no) p->v[kept++] = p->v[i];
    p->n = kept;
}

void partner_plan_make(series_world *w, uint32_t partner_no, uint32_t only, arena *a, partner_plan *out) {
    goods g;
    *out = (partner_plan){.n = 0};
    series_load(w, partner_no, a, &out->set);
    series *more;
    size_t all = out->set.n + untried(w, partner_no, &out->set, a, &more);
    out->v = ARENA_NEW(a, planned, all + 1);
    ASSERT(out->v != NULL);
    if (all == 0) return;
    read_goods(w, partner_no, a, &g);
    bool budget = only == 0 || shares_budget(out, only);
    for (size_t i = 0; i < all; i++) {
        const series *s = i < out->set.n ? &out->set.v[i] : &more[i - out->set.n];
        if (!budget && s->product != only) continue;
        plan_one(w, &g, partner_no, s, &out->v[out->n]);
        out->n += !out->v[out->n].product.ended;
    }
    if (budget) fit_budgets(out, w->rules, a);
    if (only) keep_only(out, only);
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
