/* promotion plan, evaluate: what a promotion is likely to cost, and what it moved beyond what would have been sold anyway. */
#include "daemon/replenish/uplift.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/promotion.h"
#include "daemon/catalog/scope.h"
#include "daemon/command/cells.h"
#include "daemon/ledger/members.h"
#include "daemon/ledger/promoted.h"
#include "daemon/replenish/series.h"
#include "daemon/replenish/shelf.h"
#include "proto/limits.h"

#include <math.h>

enum { BEFORE_DAYS = 91, AFTER_DAYS = 28, HISTORY_LEAST = 4 };

typedef struct judged {
    uint32_t partner, product;
    uplift_series x;
    double rule_cost; /* of the baseline under the rule, minor units; NAN */
} judged;

typedef struct evaluation {
    call *c;
    promotions *all;
    const promotion *of;
    series_world *w;
    shelf_world *during, *before, *after;
    day_span span, then; /* of it, so far as it is over; the days after it, to > from - 1 when there are any */
    promotion_use *use;
    size_t uses;
    judged *v;
    size_t n, cap;
} evaluation;

static const shelf *shelf_of(const shelf *x, size_t n, uint32_t product_no) {
    for (size_t i = 0; i < n; i++)
        if (x[i].product == product_no) return &x[i];
    return NULL;
}

static double money(int64_t v) {
    return v == NUM_NONE ? NAN : (double)v;
}

static double price_of(shelf_world *w, uint32_t partner_no, uint32_t product_no, price_kind kind, day_t day) {
    return money(shelf_value(w, partner_no, product_no, kind, day, 1000));
}

/* ---- the baseline */

/* Days of other promotions do not speak, nor do those of them on which nothing was sold: they get a row of their own. */
static void mark_promoted(evaluation *q, uint32_t partner_no, const product *p, day_t until, demand_day **day,
                          size_t *n, arena *a) {
    size_t cap = 0;
    demand_day *all = NULL;
    for (size_t i = 0; i < *n; i++) {
        all = arena_grown(a, all, i, &cap, sizeof *all);
        all[i] = (*day)[i];
    }
    day_t first = *n ? all[0].day : until;
    for (size_t i = 0; i < q->all->rows; i++) {
        const promotion *x = &q->all->row[i];
        if (x->sell_in || !scope_product(x->products, p) || !scope_partner(q->c->t, x->partners, partner_no)) continue;
        for (day_t d = x->from > first ? x->from : first; d <= x->to && d < until; d++) {
            all = arena_grown(a, all, *n, &cap, sizeof *all);
            all[(*n)++] = (demand_day){d, 0, NUM_NONE, true, false};
        }
    }
    *day = all;
}

static void forecast(evaluation *q, uint32_t partner_no, const product *p, uplift_series *x) {
    static const demand_rules rules = {.bucket = BUCKET_WEEK};
    AUTO(arena) a = {0};
    demand_day *day;
    demand_state state;
    demand_forecast f;
    size_t n, kept = 0;
    const season_profile *season = season_of(&q->w->seasons, p->category);
    arena_init(&a, SIZE_MAX); /* bounded by the days of one series */
    n = series_days(q->w, partner_no, p->no, &a, &day, NULL);
    for (size_t i = 0; i < n; i++)
        if (day[i].day < q->span.from) day[kept++] = day[i];
    if (kept < HISTORY_LEAST) return;
    mark_promoted(q, partner_no, p, q->span.from, &day, &kept, &a);
    int32_t days = span_days(q->span), after = (int32_t)(q->then.to - q->then.from) + 1;
    day_t known = q->w->today < q->span.from ? q->w->today : q->span.from; /* days to come sold nothing yet, not 0 */
    unsigned weeks = (unsigned)(q->then.to - known) / 7 + 2;
    demand_rebuild(&state, &rules, season, day, kept, NULL);
    demand_look(&state, &rules, season, known, weeks < FORECAST_MAX ? weeks : FORECAST_MAX, false, &f);
    x->baseline = demand_over(&f, season, q->span.from, days);
    x->sigma = demand_sigma(&f, days, x->baseline);
    if (after > 0) {
        x->after_baseline = demand_over(&f, season, q->then.from, after);
        x->after_sigma = demand_sigma(&f, after, x->after_baseline);
    }
    x->judged = x->sigma >= 0 && x->after_sigma >= 0;
}

/* ---- what the rule costs on the baseline */

static double rule_cost(evaluation *q, uint32_t partner_no, const product *p, const uplift_series *x) {
    const promotion_rule *r = &q->of->rule;
    product gift = *p;
    int64_t factor = 1000, quantity = x->baseline > 0 && x->baseline < 1e12 ? llround(x->baseline * 1000) : 0;
    if (r->kind == PROMOTION_SPECIAL) {
        if (!product_unit(p, r->price_unit, &factor) || factor <= 0) return NAN;
        double each = (double)r->price * 1000 / (double)factor / (double)pow10_i64(MICRO_SCALE - q->during->scale);
        return isnan(x->dealer) ? NAN : fmax(x->dealer - each, 0) * x->baseline;
    }
    if (r->gift.n && !product_by_sku(q->c->t, r->gift, &gift)) return NAN;
    int64_t due = promotion_due(q->all, q->of, p->no, quantity);
    return (double)due / 1000 * price_of(q->during, partner_no, gift.no, PRICE_DEALER, q->span.to);
}

/* ---- one series */

static void read_use(evaluation *q, uint32_t partner_no, uint32_t product_no, uplift_series *x) {
    for (size_t i = 0; i < q->uses; i++) {
        const promotion_use *u = &q->use[i];
        if (u->of != q->of || u->partner != partner_no || u->product != product_no) continue;
        x->given += (double)u->given / 1000;
        x->cost = u->unvalued || u->cost == NUM_NONE || u->of->currency != q->during->currency
                      ? NAN
                      : x->cost + (double)u->cost;
    }
}

static void judge(evaluation *q, uint32_t partner_no, const product *p, const shelf *before, const shelf *now,
                  const shelf *then) {
    judged k = {.partner = partner_no, .product = p->no};
    uplift_series *x = &k.x;
    x->sold = now ? (double)now->sold / 1000 : 0;
    x->amount = now ? money(now->amount) : 0;
    x->before = before ? (double)before->sold / 1000 : 0;
    x->before_amount = before ? money(before->amount) : 0;
    x->after_sold = then ? (double)then->sold / 1000 : 0;
    x->dealer = price_of(q->during, partner_no, p->no, PRICE_DEALER, q->span.to);
    x->ex_works = price_of(q->during, partner_no, p->no, PRICE_EX_WORKS, q->span.to);
    forecast(q, partner_no, p, x);
    read_use(q, partner_no, p->no, x);
    k.rule_cost = rule_cost(q, partner_no, p, x);
    q->v = arena_grown(q->c->a, q->v, q->n, &q->cap, sizeof *q->v);
    q->v[q->n++] = k;
}

/* What is given with others' sales costs, and moves nothing of its own. */
static void judge_gift(evaluation *q, uint32_t partner_no, const product *p, const shelf *before) {
    judged k = {.partner = partner_no, .product = p->no};
    uplift_series *x = &k.x;
    x->judged = true;
    x->before = before ? (double)before->sold / 1000 : 0;
    x->before_amount = before ? money(before->amount) : 0;
    x->dealer = x->ex_works = price_of(q->during, partner_no, p->no, PRICE_DEALER, q->span.to);
    read_use(q, partner_no, p->no, x);
    q->v = arena_grown(q->c->a, q->v, q->n, &q->cap, sizeof *q->v);
    q->v[q->n++] = k;
}

static void judge_partner(evaluation *q, uint32_t partner_no) {
    AUTO(arena) a = {0};
    shelf *now, *before, *then = NULL;
    size_t thens = 0;
    arena_init(&a, SIZE_MAX); /* bounded by the books of one partner */
    size_t nows = shelves_of(q->during, partner_no, &a, &now), befores = shelves_of(q->before, partner_no, &a, &before);
    if (q->after) thens = shelves_of(q->after, partner_no, &a, &then);
    for (size_t b = 0, n = 0; b < befores || n < nows;) { /* both in order of products */
        uint32_t no =
            n == nows || (b < befores && before[b].product < now[n].product) ? before[b].product : now[n].product;
        const shelf *was = b < befores && before[b].product == no ? &before[b++] : NULL,
                    *is = n < nows && now[n].product == no ? &now[n++] : NULL;
        product p;
        bool sold = (was && was->sold != 0) || (is && is->sold != 0);
        if (!product_by_no(q->c->t, no, &p)) continue;
        if (!scope_product(q->of->products, &p)) {
            if (str_eq(p.sku, q->of->rule.gift)) judge_gift(q, partner_no, &p, was);
            continue;
        }
        if (!sold) continue;
        judge(q, partner_no, &p, was, is, shelf_of(then, thens, no));
    }
}

/* ---- answers */

static void cell_number(json *j, const char *name, double v, unsigned decimals) {
    json_key(j, name);
    if (isnan(v) || fabs(v) > 1e15) json_none(j);
    else
        json_dec(j, llround(v * (double)pow10_i64(decimals)), decimals, 0);
}

static void cell_sum(const evaluation *q, json *j, const char *name, double v) {
    json_key(j, name);
    json_dec(j, isnan(v) || fabs(v) > 1e15 ? NUM_NONE : llround(v), q->during->scale, q->during->scale);
}

static void put_span(json *j, const uplift_span *s, bool after) {
    cell_number(j, after ? "after_baseline" : "baseline", s->baseline, 1);
    cell_number(j, after ? "after_sold" : "sold", s->sold, 1);
    cell_number(j, after ? "dip" : "uplift", s->more, 1);
    cell_number(j, after ? "dip_low" : "uplift_low", s->low, 1);
    cell_number(j, after ? "dip_high" : "uplift_high", s->high, 1);
}

static void put_head(evaluation *q, json *j) {
    char letters[4];
    cell_text(j, "promotion", q->of->id);
    cell_text(j, "title", q->of->title);
    cell_text(j, "rule", q->of->rule_text);
    put_day_cell(j, "from", q->span.from);
    put_day_cell(j, "to", q->span.to);
    json_key(j, "budget");
    json_dec(j, q->of->budget, MICRO_SCALE, 2);
    cell_text(j, "currency", currency_text(q->during->currency, letters));
}

static void sum(const evaluation *q, size_t from, size_t to, uplift_result *out) {
    uplift_series *x = ARENA_NEW(q->c->a, uplift_series, to - from + 1);
    for (size_t i = from; i < to; i++) x[i - from] = q->v[i].x;
    uplift_sum(x, to - from, out);
}

static void put_series(evaluation *q, json *j) {
    json_key(j, "by_partner");
    json_open_array(j);
    for (size_t i = 0; i < q->n; i++) {
        uplift_result r;
        sum(q, i, i + 1, &r);
        json_open_object(j);
        cell_text(j, "partner", partner_id(q->c->t, q->v[i].partner));
        cell_text(j, "sku", product_sku(q->c->t, q->v[i].product));
        json_key(j, "judged");
        json_bool(j, q->v[i].x.judged);
        put_span(j, &r.during, false);
        put_span(j, &r.after, true);
        cell_sum(q, j, "cost", q->v[i].x.cost);
        json_end_object(j);
    }
    json_end_array(j);
}

static void put_evaluation(evaluation *q) {
    uplift_result r;
    sum(q, 0, q->n, &r);
    json *j = answer_show(q->c);
    put_head(q, j);
    cell_count(j, "series", r.series);
    cell_count(j, "judged", r.judged);
    put_span(j, &r.during, false);
    cell_count(j, "days_after", q->after ? (uint64_t)span_days(q->then) : 0);
    put_span(j, &r.after, true);
    cell_number(j, "net", r.net, 1);
    cell_number(j, "net_low", r.net_low, 1);
    cell_number(j, "net_high", r.net_high, 1);
    cell_sum(q, j, "cost", r.cost);
    cell_sum(q, j, "consumers_gain", r.consumers);
    cell_sum(q, j, "partners_gain", r.partners);
    cell_sum(q, j, "manufacturer_gain", r.manufacturer);
    put_series(q, j);
    answer_show_end(q->c);
}

static void put_plan(evaluation *q, double rise) {
    uplift_result r;
    double cost = 0, margin = 0, sold = 0;
    sum(q, 0, q->n, &r);
    for (size_t i = 0; i < q->n; i++) {
        const uplift_series *x = &q->v[i].x;
        if (!x->judged) continue;
        cost += q->v[i].rule_cost;
        margin += (x->dealer - x->ex_works) * x->baseline;
        sold += x->baseline;
    }
    double half = r.during.high - r.during.more, least = uplift_break_even(margin, cost);
    json *j = answer_show(q->c);
    put_head(q, j);
    cell_count(j, "series", r.series);
    cell_count(j, "judged", r.judged);
    cell_number(j, "baseline", sold, 1);
    cell_number(j, "baseline_low", fmax(sold - half, 0), 1);
    cell_number(j, "baseline_high", sold + half, 1);
    cell_number(j, "assumed_uplift", rise, 4);
    cell_number(j, "expected", sold * (1 + rise), 1);
    cell_sum(q, j, "cost", cost * (1 + rise));
    cell_sum(q, j, "manufacturer_gain", margin * rise - cost * (1 + rise));
    cell_number(j, "break_even_uplift", least, 4);
    answer_show_end(q->c);
}

/* ---- */

static bool find(call *c, promotions *all, const promotion **out, err *e) {
    *out = NULL;
    for (size_t i = 0; i < all->rows; i++)
        if (str_eq(all->row[i].id, call_arg(c, 0))) *out = &all->row[i];
    return *out || err_set(e, ERR_NOT_FOUND, "promotion '%.*s': unknown", STR_ARG(str_take(call_arg(c, 0), LIMIT_ID)));
}

static bool set_days(evaluation *q, bool ahead, err *e) {
    day_t yesterday = day_at(q->c->now_ms, q->c->zone_min) - 1, end = q->of->to;
    if (end == DAY_MAX && ahead)
        return err_set(e, ERR_USAGE, "promotion '%.*s' has no end: nothing to plan for", STR_ARG(q->of->id));
    if (!ahead && q->of->from > yesterday)
        return err_set(e, ERR_CONFLICT, "promotion '%.*s' has not begun (promotion plan)", STR_ARG(q->of->id));
    q->span = (day_span){q->of->from, ahead || end < yesterday ? end : yesterday};
    if (q->span.to - q->span.from >= 366 || q->span.to - yesterday >= 366)
        return err_set(e, ERR_USAGE, "beyond a year nobody can say what would be sold anyway");
    day_t last = q->span.to + (span_days(q->span) < AFTER_DAYS ? span_days(q->span) : AFTER_DAYS);
    q->then = (day_span){q->span.to + 1, last < yesterday ? last : yesterday};
    if (ahead || q->then.to < q->then.from) q->then.to = q->then.from - 1;
    return true;
}

static bool run(call *c, bool ahead, double rise, err *e) {
    AUTO(promotions) all = {0};
    AUTO(series_world) w = {0};
    AUTO(shelf_world) during = {0};
    AUTO(shelf_world) before = {0};
    AUTO(shelf_world) after = {0};
    evaluation q = {.c = c, .w = &w, .during = &during, .before = &before};
    stock_rules none = {.n = 0};
    uint32_t *no;
    err unused;
    promotions_load(c->t, c->a, &all);
    TRY(find(c, &all, &q.of, e) && set_days(&q, ahead, e));
    q.all = &all;
    day_t today = day_at(c->now_ms, c->zone_min);
    series_world_open(&w, c->t, &none, today);
    shelf_world_open(&during, c->t, q.span);
    shelf_world_open(&before, c->t, (day_span){q.span.from - BEFORE_DAYS, q.span.from - 1});
    if (q.then.to >= q.then.from) {
        shelf_world_open(&after, c->t, q.then);
        q.after = &after;
    }
    promotion_ask ask = {.only = q.of, .from = DAY_MIN, .to = DAY_MAX};
    promotion_uses(&all, &w.f, &ask, c->a, &q.use, &q.uses);
    size_t n = members_answering(&w.f, c->a, &no);
    for (size_t i = 0; i < n; i++)
        if (scope_partner(c->t, q.of->partners, no[i]) && authz(c, "read", no[i], &unused)) judge_partner(&q, no[i]);
    if (ahead) put_plan(&q, rise);
    else
        put_evaluation(&q);
    return txn_ok(c->t, e);
}

bool cmd_promotion_evaluate(call *c, err *e) {
    return run(c, false, 0, e);
}

bool cmd_promotion_plan(call *c, err *e) {
    str s = call_option(c, "uplift");
    int64_t percent = 0;
    bool exact = true;
    if (s.p && (!dec_parse(s, 2, &percent, &exact) || percent < 0 || percent > 1000000))
        return err_set(e, ERR_USAGE, "--uplift: wanted per cent, like 30");
    return run(c, true, (double)percent / 10000, e);
}
