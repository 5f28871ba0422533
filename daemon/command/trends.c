/* trend, league, map — a measure through time with where it is going, beside each other, and by province. */
#include "daemon/command/overview.h"

#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/command/cells.h"
#include "daemon/insight/band.h"

#include <stdlib.h>

static bool option_measure(call *c, figure_measure *out, err *e) {
    str s = call_option(c, "measure");
    *out = FIGURE_SELL_OUT;
    return s.p == NULL || figure_measure_parse(s, out) ||
           err_set(e, ERR_USAGE, "--measure: sell_in, sell_out or payments, not '%.*s'", STR_ARG(str_take(s, 40)));
}

/* ---- trend */

static const struct step_fact {
    const char *name;
    span_kind span;
    bucket_kind bucket;
    unsigned shown, learnt, ahead; /* buckets: when no period is named; that the forecast is made of; that it tells */
} steps[] = {
    {"day", SPAN_DAY, BUCKET_DAY, 56, 91, 14},
    {"week", SPAN_WEEK, BUCKET_WEEK, 26, 104, 8},
    {"month", SPAN_MONTH, BUCKET_MONTH, 13, 36, 3},
};

typedef struct trend {
    call *c;
    figure_scope s;
    str label;
    const struct step_fact *step;
    fiscal_calendar plain; /* months of the calendar: what the forecaster's buckets are */
    day_t today;
    figure_days days;
    band band;
} trend;

static bool option_step(call *c, const struct step_fact **out, err *e) {
    str s = call_option(c, "by");
    *out = &steps[1];
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        if (str_is(s, steps[i].name)) return *out = &steps[i], true;
    return s.p == NULL || err_set(e, ERR_USAGE, "--by: day, week or month, not '%.*s'", STR_ARG(str_take(s, 40)));
}

static day_span span_of(const trend *w, int32_t bucket) {
    return (day_span){bucket_first(w->step->bucket, bucket), bucket_first(w->step->bucket, bucket + 1) - 1};
}

/* Which buckets are shown: those of --period, else the last ones. */
static bool shown(trend *w, int32_t *first, int32_t *last, err *e) {
    *last = bucket_of(w->step->bucket, w->today);
    *first = *last - (int32_t)w->step->shown + 1;
    if (call_option(w->c, "period").p == NULL) return true;
    overview_period p;
    TRY(overview_period_of(w->c, &p, e));
    *first = bucket_of(w->step->bucket, p.at.whole.from);
    *last = bucket_of(w->step->bucket, p.at.now.to);
    return true;
}

/* The forecast is made of buckets that are over, as many as it learns from. */
static void look_ahead(trend *w) {
    int32_t now = bucket_of(w->step->bucket, w->today), first = now - (int32_t)w->step->learnt;
    double *y = ARENA_NEW(w->c->a, double, w->step->learnt + 1);
    size_t n = 0;
    for (int32_t i = first; i < now; i++) {
        double v = (double)figure_sum(&w->days, span_of(w, i));
        if (n == 0 && v == 0) continue; /* before the books begin */
        y[n++] = v;
    }
    band_forecast(w->step->bucket, now - (int32_t)n, y, n, w->step->ahead, &w->band);
}

static void put_estimate(const trend *w, json *j, const char *name, const band_point *p, double v) {
    cell_figure(j, name,
                p == NULL               ? NUM_NONE
                : v < 9e18 && v > -9e18 ? (int64_t)(v + (v < 0 ? -0.5 : 0.5))
                                        : NUM_NONE,
                &w->s);
}

static void put_bucket(trend *w, int32_t bucket) {
    AUTO(buf) name = {0};
    compared at;
    int32_t now = bucket_of(w->step->bucket, w->today);
    day_span s = span_of(w, bucket);
    const band_point *p = bucket >= now && bucket - now < (int32_t)w->band.n ? &w->band.at[bucket - now] : NULL;
    compare_period(&w->plain, w->step->span, s.from, bucket > now ? s.to : w->today, true, &at);
    bool known = at.before.from >= w->days.from;
    int64_t value = bucket > now ? NUM_NONE : figure_sum(&w->days, at.now);
    int64_t before = known ? figure_sum(&w->days, at.before) : NUM_NONE;
    span_put(&w->plain, w->step->span, s.from, &name);
    json *j = answer_row(w->c);
    cell_text(j, "bucket", buf_str(&name));
    put_day_cell(j, "from", s.from);
    put_day_cell(j, "to", s.to);
    cell_text(j, "state", str_of(bucket < now ? "over" : bucket == now ? "running" : "ahead"));
    cell_figure(j, "value", value, &w->s);
    cell_figure(j, "before", before, &w->s);
    cell_share(j, "change", change_ppm(value, before));
    cell_text(j, "compared", str_of(comparison_name(at.how)));
    put_estimate(w, j, "forecast", p, p ? p->mean : 0);
    put_estimate(w, j, "lower", p, p ? p->lower : 0);
    put_estimate(w, j, "upper", p, p ? p->upper : 0);
    cell_share(j, "error", p && w->band.error >= 0 ? (int64_t)(w->band.error * 1e6 + 0.5) : NUM_NONE);
    cell_text(j, "unit", figure_unit(w->c, &w->s));
    cell_text(j, "scope", w->label);
    answer_row_end(w->c);
}

bool cmd_trend(call *c, err *e) {
    static const char *const columns[] = {"bucket",   "from",     "to",    "state", "value", "before", "change",
                                          "compared", "forecast", "lower", "upper", "error", "unit",   "scope"};
    enum { A_YEAR = 400 };
    figure_measure m;
    int32_t first, last;
    trend w = {.c = c, .plain = {.starts = 1}, .today = day_at(c->now_ms, c->zone_min)};
    TRY(option_measure(c, &m, e) && option_step(c, &w.step, e) && overview_scope(c, &w.s, &w.label, e));
    TRY(shown(&w, &first, &last, e));
    int32_t now = bucket_of(w.step->bucket, w.today), learnt = now - (int32_t)w.step->learnt;
    day_t from = bucket_first(w.step->bucket, first) - A_YEAR, of_past = bucket_first(w.step->bucket, learnt);
    TRY(figure_read(c->t, &w.s, m, (day_span){from < of_past ? from : of_past, w.today}, c->a, &w.days, e));
    look_ahead(&w);
    answer_list(c, columns, ARRAY_LEN(columns));
    int32_t end = last >= now ? now + (int32_t)w.step->ahead - 1 : last;
    for (int32_t i = first; i <= end && !answer_failed(c); i++) put_bucket(&w, i);
    return txn_ok(c->t, e);
}

/* ---- league */

typedef struct league {
    call *c;
    figure_scope s;
    overview_period p;
    str label;
    figure_measure m;
    figure_by by;
    figure_part *part;
    size_t n;
    target_ask ask;
} league;

static bool option_side(call *c, figure_by *out, err *e) {
    static const struct {
        const char *name;
        figure_by by;
    } sides[] = {{"partner", FIGURE_BY_PARTNER},
                 {"region", FIGURE_BY_PROVINCE},
                 {"brand", FIGURE_BY_BRAND},
                 {"product", FIGURE_BY_PRODUCT}};
    str s = call_option(c, "by");
    *out = FIGURE_BY_PARTNER;
    for (size_t i = 0; i < ARRAY_LEN(sides); i++)
        if (str_is(s, sides[i].name)) return *out = sides[i].by, true;
    return s.p == NULL ||
           err_set(e, ERR_USAGE, "--by: partner, region, brand or product, not '%.*s'", STR_ARG(str_take(s, 40)));
}

static bool read_parts(league *w, err *e) {
    call *c = w->c;
    TRY(option_measure(c, &w->m, e) && overview_scope(c, &w->s, &w->label, e) && overview_period_of(c, &w->p, e));
    if (w->by == FIGURE_BY_PARTNER || w->by == FIGURE_BY_PRODUCT) overview_by_partner(c, &w->s);
    return figure_parts(c->t, &w->s, w->m, w->by, w->p.at.now, w->p.at.before, c->a, &w->part, &w->n, e);
}

static int by_value(const void *x, const void *y) {
    const figure_part *a = x, *b = y;
    if (a->now != b->now) return a->now > b->now ? -1 : 1;
    return (a->no > b->no) - (a->no < b->no);
}

static void put_name(league *w, json *j, uint32_t no) {
    txn *t = w->c->t;
    partner p = {.id = STR("")};
    product x = {.sku = STR("")};
    str id = STR(""), name = STR("");
    switch (w->by) {
    case FIGURE_BY_PARTNER:
        if (partner_by_no(t, no, &p)) id = p.id, name = p.name;
        break;
    case FIGURE_BY_PROVINCE: id = region_code(t, no), name = region_name(t, no); break;
    case FIGURE_BY_BRAND: id = name = brand_name(t, no); break;
    case FIGURE_BY_PRODUCT:
        if (product_by_no(t, no, &x)) id = x.sku, name = x.name;
        break;
    }
    cell_text(j, "id", id);
    cell_text(j, "name", name);
}

static void put_span(const league *w, json *j) {
    cell_text(j, "unit", figure_unit(w->c, &w->s));
    cell_text(j, "compared", str_of(comparison_name(w->p.at.how)));
    cell_text(j, "period", w->p.label);
    put_day_cell(j, "from", w->p.at.now.from);
    put_day_cell(j, "to", w->p.at.now.to);
    put_day_cell(j, "before_from", w->p.at.before.from);
    put_day_cell(j, "before_to", w->p.at.before.to);
    cell_text(j, "scope", w->label);
}

static void put_rank(league *w, size_t rank, const figure_part *x, int64_t total) {
    int64_t target = NUM_NONE;
    json *j = answer_row(w->c);
    cell_count(j, "rank", rank);
    put_name(w, j, x->no);
    cell_figure(j, "value", x->now, &w->s);
    cell_figure(j, "before", x->before, &w->s);
    cell_share(j, "change", change_ppm(x->now, x->before));
    cell_share(j, "share", share_ppm(x->now, total));
    if (w->by == FIGURE_BY_PARTNER && !w->s.quantity && w->s.brand == 0 &&
        !target_of_partner(w->c->t, partner_id(w->c->t, x->no), &w->ask, &target))
        target = NUM_NONE;
    cell_figure(j, "target", target, &w->s);
    cell_share(j, "attainment", share_ppm(x->now, target));
    put_span(w, j);
    answer_row_end(w->c);
}

bool cmd_league(call *c, err *e) {
    static const char *const columns[] = {"rank",  "id",     "name",        "value",     "before",   "change",
                                          "share", "target", "attainment",  "unit",      "compared", "period",
                                          "from",  "to",     "before_from", "before_to", "scope"};
    league w = {.c = c};
    int64_t total = 0;
    TRY(option_side(c, &w.by, e) && read_parts(&w, e));
    TRY(overview_target_ask(c, &w.s, w.m, &w.p, &w.ask, e));
    if (w.n) qsort(w.part, w.n, sizeof *w.part, by_value);
    for (size_t i = 0; i < w.n; i++)
        if (!add_i64(total, w.part[i].now, &total)) total = INT64_MAX;
    answer_list(c, columns, ARRAY_LEN(columns));
    for (size_t i = 0, rank = 0; i < w.n && !answer_failed(c); i++) {
        if (i == 0 || w.part[i].now != w.part[i - 1].now) rank = i + 1; /* equals share a rank */
        put_rank(&w, rank, &w.part[i], total);
    }
    return txn_ok(c->t, e);
}

/* ---- map */

/* GB/T 2260: the 34 regions of province level. */
static const char *const provinces[] = {"110000", "120000", "130000", "140000", "150000", "210000", "220000",
                                        "230000", "310000", "320000", "330000", "340000", "350000", "360000",
                                        "370000", "410000", "420000", "430000", "440000", "450000", "460000",
                                        "500000", "510000", "520000", "530000", "540000", "610000", "620000",
                                        "630000", "640000", "650000", "710000", "810000", "820000"};

static const figure_part *part_at(const league *w, uint32_t no) {
    for (size_t i = 0; i < w->n; i++)
        if (w->part[i].no == no) return &w->part[i];
    return NULL;
}

bool cmd_map(call *c, err *e) {
    static const char *const columns[] = {"code",     "name",   "value", "before", "change",      "share",     "unit",
                                          "compared", "period", "from",  "to",     "before_from", "before_to", "scope"};
    league w = {.c = c, .by = FIGURE_BY_PROVINCE};
    int64_t total = 0;
    TRY(read_parts(&w, e));
    for (size_t i = 0; i < w.n; i++)
        if (!add_i64(total, w.part[i].now, &total)) total = INT64_MAX;
    answer_list(c, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < ARRAY_LEN(provinces) && !answer_failed(c); i++) {
        uint32_t no = region_by_code(c->t, str_of(provinces[i]));
        const figure_part *x = part_at(&w, no);
        json *j = answer_row(c);
        cell_text(j, "code", str_of(provinces[i]));
        cell_text(j, "name", region_name(c->t, no));
        cell_figure(j, "value", x ? x->now : NUM_NONE, &w.s);
        cell_figure(j, "before", x ? x->before : NUM_NONE, &w.s);
        cell_share(j, "change", x ? change_ppm(x->now, x->before) : NUM_NONE);
        cell_share(j, "share", x ? share_ppm(x->now, total) : NUM_NONE);
        put_span(&w, j);
        answer_row_end(c);
    }
    return txn_ok(c->t, e);
}
