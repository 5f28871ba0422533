#include "daemon/replenish/plan.h"

#include "maths/distribution.h"
#include "maths/lots.h"
#include "maths/safety.h"
#include <math.h>

#define QUANTITY_MOST ((int64_t)1 << 62)
enum { UNIT = 1000, YEAR_DAYS = 365, COUNT_MEAN = 30, COUNT_MOST = 100000 };
static const double nothing = 1e-6; /* a demand over the span below it is none */

static int64_t thousandths(double v) {
    double scaled = round(v * UNIT);
    if (!(scaled < 4e18)) return QUANTITY_MOST;
    return scaled > -4e18 ? (int64_t)scaled : -QUANTITY_MOST;
}

static double units(int64_t v) {
    return (double)v / UNIT;
}

int64_t replenish_position_sum(const replenish_position *p) {
    __int128 sum = (__int128)p->on_hand + p->on_order + p->in_transit - p->back_orders - p->reserved;
    return sum > QUANTITY_MOST ? QUANTITY_MOST : sum < -QUANTITY_MOST ? -QUANTITY_MOST : (int64_t)sum;
}

void lead_time_add(lead_time *l, double days) {
    float off = (float)days - l->mean;
    l->n++;
    l->mean += off / (float)l->n;
    l->squares += off * ((float)days - l->mean);
}

double lead_time_sd(const lead_time *l) {
    return l->n > 1 ? sqrt((double)l->squares / (l->n - 1)) : 0;
}

replenish_view replenish_view_of(const replenish_policy *p, const demand_state *d, day_t today) {
    return (replenish_view){
        .today = today, .policy = p, .demand = d, .trial_left = NUM_NONE, .remaining = NUM_NONE, .ends = DAY_MAX};
}

/* ---- demand over the span */

static bool at_reviews(stock_policy k) {
    return k == STOCK_ORDER_UP_TO || k == STOCK_R_S_S;
}

static unsigned buckets_for(bucket_kind kind, double days) {
    double n = ceil(days / demand_bucket_days(kind)) + 1;
    return n < FORECAST_MAX ? (unsigned)n : FORECAST_MAX;
}

static void look(const replenish_view *v, unsigned buckets, demand_forecast *f, replenish_suggestion *s) {
    static const demand_state none;
    const demand_state *state = v->demand ? v->demand : &none;
    demand_look(state, &v->policy->demand, v->season, v->today, buckets, v->stage == STAGE_DECLINE, f);
    if (f->view.n < NEW_BUCKETS) s->why |= WHY_NEW;
    if (v->analogue && f->view.n < NEW_BUCKETS) *f = *v->analogue;
    if (f->view.sigma < 0) f->view.sigma = NEW_CV * f->view.level; /* one bucket has no error yet */
}

static void span_of(const replenish_view *v, unsigned buckets, demand_forecast *f, replenish_suggestion *s) {
    const replenish_policy *p = v->policy;
    bool learned = v->lead.n >= LEAD_ENOUGH;
    s->lead_n = learned ? v->lead.n : 0;
    s->lead_mean = learned ? (double)v->lead.mean : p->lead_mean;
    s->lead_sd = learned ? lead_time_sd(&v->lead) : p->lead_sd;
    s->span = s->lead_mean + (at_reviews(p->kind) ? p->review : 0);
    unsigned enough = buckets_for(p->demand.bucket, fmax(s->span, p->review) + p->review);
    look(v, enough > buckets ? enough : buckets, f, s);
    double days = fmax(s->span, 1); /* a span of 0 days still has a rate */
    double demand = demand_over(f, v->season, v->today, days);
    s->day_mean = demand / days;
    s->span_demand = s->span < days ? demand_over(f, v->season, v->today, s->span) : demand;
    double error = demand_sigma(f, s->span, s->span_demand);
    s->span_sd = sqrt(safety_variance(1, s->lead_sd, s->day_mean, error));
    s->error = f->view.sigma < 0 ? -1 : demand_sigma(f, 1, s->day_mean);
    s->class = f->view.class, s->method = f->view.method;
}

/* ---- safety, levels */

/* The lot between two orders: what a fill rate is a share of, and S − s. */
static double lot_of(const replenish_view *v, const demand_forecast *f, const replenish_suggestion *s) {
    const replenish_policy *p = v->policy;
    double review = p->review > 0 ? p->review : 1, lot;
    if (p->order_quantity != NUM_NONE) lot = units(p->order_quantity);
    else if (p->order_cost > 0 && p->holding_cost > 0)
        lot = eoq(p->order_cost, p->holding_cost, s->day_mean * YEAR_DAYS);
    else
        lot = demand_over(f, v->season, v->today, review);
    return fmax(lot, units(p->moq > p->pack ? p->moq : p->pack));
}

/* What one order must last against: a review's demand where every review orders. */
static double cycle_of(const replenish_view *v, const demand_forecast *f, double lot) {
    const replenish_policy *p = v->policy;
    double review = demand_over(f, v->season, v->today, p->kind == STOCK_BASE || p->review < 1 ? 1 : p->review);
    if (p->kind == STOCK_BASE || p->kind == STOCK_ORDER_UP_TO) return fmax(review, units(p->pack));
    return fmax(lot, review);
}

static bool sparse_demand(const replenish_suggestion *s) {
    return s->class == CLASS_INTERMITTENT || s->class == CLASS_LUMPY;
}

static bool counts(const replenish_policy *p, const replenish_suggestion *s) {
    double variance = s->span_sd * s->span_sd;
    bool few = sparse_demand(s);
    if (p->shape != SHAPE_AUTO) return p->shape == SHAPE_COUNT;
    if (s->span_demand > (few ? 10 : 1) * COUNT_MEAN) return false;
    return few || variance >= 0.8 * s->span_demand;
}

/* Slow demand as a count: of base units, or where it is sparse of demands of the usual size, so that a rare order of 40 is one
 * event and not forty. */
static double counted_level(const replenish_policy *p, const demand_forecast *f, const replenish_suggestion *s,
                            double missed) {
    double unit = sparse_demand(s) ? fmax(f->view.size, 1) : 1, mean = s->span_demand / unit;
    double variance = fmax(s->span_sd * s->span_sd / (unit * unit), mean);
    int64_t level = p->service == SERVICE_CYCLE ? negative_binomial_quantile(mean, variance, p->target, COUNT_MOST)
                                                : count_loss_inverse(mean, variance, missed / unit, COUNT_MOST);
    return unit * (double)level;
}

static double safety_of(const replenish_policy *p, const demand_forecast *f, replenish_suggestion *s, double cycle) {
    double missed = (1 - p->target) * cycle, safety = 0;
    s->counted = counts(p, s);
    if (s->counted) safety = counted_level(p, f, s, missed) - s->span_demand;
    else if (s->span_sd > 0)
        safety = s->span_sd * (p->service == SERVICE_CYCLE ? normal_quantile(p->target)
                                                           : safety_z_for_fill(p->target, s->span_sd, cycle));
    return safety < 0 && !p->safety_below_zero ? 0 : safety;
}

/* What may still be sold of a product that goes: stated, or until its last day, or without safety what the span takes. */
static double remaining_of(const replenish_view *v, const demand_forecast *f, const replenish_suggestion *s) {
    double left = s->span_demand;
    if (v->ends < DAY_MAX)
        left = v->ends < v->today ? 0 : demand_over(f, v->season, v->today, fmin(v->ends - v->today + 1, 3650));
    if (v->remaining != NUM_NONE) left = units(v->remaining);
    return left;
}

static void levels_of(const replenish_view *v, const demand_forecast *f, replenish_suggestion *s, double *lot) {
    const replenish_policy *p = v->policy;
    *lot = p->kind == STOCK_ORDER_UP_TO || p->kind == STOCK_BASE ? 0 : lot_of(v, f, s);
    double cycle = p->service == SERVICE_FILL ? cycle_of(v, f, *lot) : 0;
    double safety = safety_of(p, f, s, cycle), point = s->span_demand + safety, upto = point + *lot;
    if (p->kind == STOCK_MIN_MAX) {
        if (p->min_level != NUM_NONE) point = units(p->min_level), safety = point - s->span_demand;
        upto = p->max_level != NUM_NONE ? units(p->max_level) : point + *lot;
    }
    if (p->shelf_days > 0 && upto > p->shelf_days * s->day_mean) {
        upto = p->shelf_days * s->day_mean, s->why |= WHY_SHELF;
        point = fmin(point, upto);
    }
    s->safety_stock = thousandths(safety), s->reorder_point = thousandths(point), s->order_up_to = thousandths(upto);
}

/* ---- the quantity */

static int64_t to_multiple(int64_t v, int64_t of, order_rounding how) {
    if (of <= 0 || v % of == 0) return v;
    int64_t down = v / of * of;
    bool up = how == ORDER_UP || (how == ORDER_NEAREST && 2 * (v % of) >= of);
    return up && down <= QUANTITY_MOST - of ? down + of : down;
}

static bool triggered(const replenish_policy *p, const replenish_suggestion *s) {
    if (p->kind == STOCK_ORDER_UP_TO || p->kind == STOCK_BASE) return s->position_sum < s->order_up_to;
    return s->position_sum < s->reorder_point || (p->trigger == TRIGGER_AT && s->position_sum == s->reorder_point);
}

static int64_t need_of(const replenish_policy *p, const replenish_suggestion *s, double lot) {
    if (p->kind != STOCK_R_Q) return s->order_up_to - s->position_sum;
    /* the fewest lots that lift the position above the point */
    int64_t q = thousandths(lot), short_by = s->reorder_point - s->position_sum;
    if (q <= 0) return short_by;
    int64_t lots = short_by / q + 1;
    return lots < QUANTITY_MOST / q ? lots * q : QUANTITY_MOST;
}

static int64_t rounded(const replenish_policy *p, replenish_suggestion *s, int64_t q) {
    if (q < p->moq) q = p->moq, s->why |= WHY_MOQ;
    int64_t packs = to_multiple(q, p->pack, s->why & WHY_MOQ ? ORDER_UP : p->rounding), all = packs;
    if (p->pallet > 0 && packs >= p->pallet) all = to_multiple(packs, p->pallet, p->rounding);
    if (packs != q) s->why |= WHY_PACK;
    if (all != packs) s->why |= WHY_PALLET;
    if (p->max != NUM_NONE && all > p->max) all = to_multiple(p->max, p->pack, ORDER_DOWN), s->why |= WHY_MAX;
    return all;
}

/* A product that goes is not rounded up beyond what will still be sold; a trial is never exceeded. */
static int64_t by_stage(const replenish_view *v, const demand_forecast *f, replenish_suggestion *s, int64_t q) {
    const replenish_policy *p = v->policy;
    if (v->stage == STAGE_DECLINE) {
        int64_t left = thousandths(remaining_of(v, f, s)) - s->position_sum;
        int64_t most = left > 0 ? to_multiple(left, p->pack, ORDER_DOWN) : 0;
        if (q > most) q = most, s->why |= WHY_RUN_DOWN;
    }
    if (v->stage == STAGE_INTRODUCTION && v->trial_left != NUM_NONE) {
        int64_t most = v->trial_left > 0 ? to_multiple(v->trial_left, p->pack, ORDER_DOWN) : 0;
        if (q > most) q = most, s->why |= WHY_TRIAL;
    }
    return q;
}

void replenish_suggest(const replenish_view *v, unsigned buckets, replenish_suggestion *s, demand_forecast *forecast) {
    const replenish_policy *p = v->policy;
    demand_forecast local, *f = forecast ? forecast : &local;
    double lot;
    *s = (replenish_suggestion){.kind = p->kind,
                                .service = p->service,
                                .target = p->target,
                                .today = v->today,
                                .position = v->position,
                                .pack = p->pack};
    if (v->position.unknown) s->why |= WHY_UNKNOWN_STOCK;
    if (v->position.wrong) s->why |= WHY_WRONG_STOCK;
    s->position_sum = replenish_position_sum(&v->position);
    span_of(v, buckets, f, s);
    if (!(s->day_mean * fmax(s->span, 1) > nothing)) {
        s->why |= WHY_NO_DEMAND;
        return;
    }
    levels_of(v, f, s, &lot);
    if (!triggered(p, s)) {
        s->why |= WHY_ABOVE;
        return;
    }
    if (p->order_days && !(p->order_days & (1U << (weekday_of(v->today) - 1)))) {
        s->why |= WHY_NOT_TODAY;
        return;
    }
    s->need = need_of(p, s, lot);
    if (s->need <= 0) {
        s->why |= WHY_ABOVE;
        return;
    }
    s->quantity = by_stage(v, f, s, rounded(p, s, s->need));
}

/* ---- budget */

/* The quantity that lifts a cover to so many days, never more than was suggested. */
static int64_t at_cover(const replenish_suggestion *s, const replenish_policy *p, double days) {
    int64_t q = thousandths(days * s->day_mean) - s->position_sum;
    if (q >= s->quantity) return s->quantity;
    q = q > 0 ? to_multiple(q, p->pack, ORDER_DOWN) : 0;
    return q < p->moq ? 0 : q;
}

static __int128 cost_at(const replenish_suggestion *s, const replenish_policy *const *policy, const int64_t *price,
                        size_t n, double days) {
    __int128 sum = 0;
    for (size_t i = 0; i < n; i++)
        if (price[i] != NUM_NONE) sum += (__int128)at_cover(&s[i], policy[i], days) * price[i] / UNIT;
    return sum;
}

int64_t replenish_fit_budget(replenish_suggestion *s, const replenish_policy *const *policy, const int64_t *price,
                             size_t n, int64_t budget) {
    double low = 0, high = 1e9;
    __int128 all = cost_at(s, policy, price, n, high);
    if (all <= budget) return all > QUANTITY_MOST ? QUANTITY_MOST : (int64_t)all;
    for (int i = 0; i < 100; i++) {
        double middle = (low + high) / 2;
        if (cost_at(s, policy, price, n, middle) <= budget) low = middle;
        else
            high = middle;
    }
    for (size_t i = 0; i < n; i++) {
        int64_t q = price[i] == NUM_NONE ? s[i].quantity : at_cover(&s[i], policy[i], low);
        if (q < s[i].quantity) s[i].quantity = q, s[i].why |= WHY_BUDGET;
    }
    all = cost_at(s, policy, price, n, high);
    return all > QUANTITY_MOST ? QUANTITY_MOST : (int64_t)all;
}

/* ---- standing */

standing_step standing_next(const standing_one *s, const replenish_suggestion *found, int64_t tolerance) {
    if (s->state == STANDING_REFUSED && found->today < s->silent_until) return STEP_NOTHING;
    if (s->state != STANDING_OPEN) return found->quantity > 0 ? STEP_PROPOSE : STEP_NOTHING;
    if (found->quantity <= 0) return STEP_WITHDRAW;
    int64_t off = found->quantity > s->quantity ? found->quantity - s->quantity : s->quantity - found->quantity;
    return (__int128)off * 1000000 > (__int128)s->quantity * tolerance ? STEP_CHANGE : STEP_NOTHING;
}
