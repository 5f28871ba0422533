/* Orders of a partner and product, week by week, against what its own market takes.
 *
 *     z = (ordered − usual × everybody's week × its own sell-out's growth) / deviation
 *     C = max(−slack, C + z − k), a signal when C > h
 *
 * usual and deviation are robust (median, MAD) over its first weeks; z is cut at ±3; what was not ordered in weeks without
 * stock may be caught up with (slack). h is chosen so that a chart of clean history alarms on average once in peak_arl_weeks.
 * Loading: the share of a quarter's orders in its last days, where the partner's other weeks have nothing like it. */
#include "daemon/trace/parts.h"
#include "maths/evidence.h"
#include "maths/run_length.h"

#include <math.h>
#include <stdlib.h>

enum {
    SAMPLE_MOST = 20000,
    WEEKS_MOST = 600,
    LIMIT_LEAST = 3,
    LIMIT_MOST = 40,
    CUT = 3,
    PEAK_MOST = 60,
    CLIFF_STRENGTH = 30,
    LOOK_BEFORE = 3, /* weeks between an order and the first scan of it */
    LOOK_MOST = 12,
    LOOK_STRENGTH = 30,
    LOOK_WEAK = 25 /* a share of scans that the false discovery rate does not bear out */
};
#define SLACK 4.0

typedef struct chart {
    uint32_t partner, product;
    size_t first, weeks; /* into the floats of all charts; its first week */
    int32_t week;
    double usual, deviation, sold; /* sold: a usual week's sell-out, 0 not reported */
} chart;

typedef struct ordering {
    judging *j;
    chart *v;
    size_t n, cap;
    double *in, *out; /* cartons ordered and sold, a week */
    size_t cells, in_cap, out_cap;
    double *common; /* product × week: everybody's orders over usual */
    int32_t week, weeks;
} ordering;

static int32_t week_of(day_t d) {
    return (d + 3) / 7; /* 1970-01-01 was a Thursday: weeks begin on Monday */
}

static day_t week_end(int32_t week) {
    return week * 7 + 3;
}

static void add_cell(ordering *x) {
    x->in = arena_grown(&x->j->scratch, x->in, x->cells, &x->in_cap, sizeof *x->in);
    x->out = arena_grown(&x->j->scratch, x->out, x->cells, &x->out_cap, sizeof *x->out);
    x->in[x->cells] = x->out[x->cells] = 0;
    x->cells++;
}

/* Positions from … end − 1 of by_product. */
static void make_chart(ordering *x, size_t from, size_t end) {
    judging *j = x->j;
    const trace_line *line = j->w->line, *head = &line[j->by_product[from]];
    chart c = {.partner = head->partner, .product = head->product, .first = x->cells};
    double carton = (double)j->w->product[head->product].carton;
    int32_t begin = INT32_MAX, last = INT32_MIN;
    for (size_t i = from; i < end; i++) {
        const trace_line *l = &line[j->by_product[i]];
        if (l->kind != FLOW_SELL_IN || l->day > j->w->as_of) continue;
        if (week_of(l->day) < begin) begin = week_of(l->day);
        if (week_of(l->day) > last) last = week_of(l->day);
    }
    if (begin > last || last - begin < j->r->peak_weeks + 2 || last - begin > WEEKS_MOST) return;
    c.week = begin + 1; /* the first fills the shelves */
    c.weeks = (size_t)(last - begin);
    for (size_t i = 0; i < c.weeks; i++) add_cell(x);
    for (size_t i = from; i < end; i++) {
        const trace_line *l = &line[j->by_product[i]];
        int32_t w = week_of(l->day) - c.week;
        if (w < 0 || w >= (int32_t)c.weeks) continue;
        if (l->kind == FLOW_SELL_IN) x->in[c.first + (size_t)w] += (double)l->quantity / carton;
        if (l->kind == FLOW_SELL_OUT || l->kind == FLOW_ONWARD || l->kind == FLOW_RETURN)
            x->out[c.first + (size_t)w] += (double)l->quantity / carton;
    }
    x->v = arena_grown(&j->scratch, x->v, x->n, &x->cap, sizeof *x->v);
    x->v[x->n++] = c;
}

static void make_charts(ordering *x) {
    judging *j = x->j;
    const trace_world *w = j->w;
    for (size_t i = 0; i < w->lines;) {
        const trace_line *l = &w->line[j->by_product[i]];
        size_t end = i;
        while (end < w->lines && w->line[j->by_product[end]].partner == l->partner &&
               w->line[j->by_product[end]].product == l->product)
            end++;
        if (l->product != TRACE_NONE && w->partner[l->partner].kind != PARTNER_MANUFACTURER) make_chart(x, i, end);
        i = end;
    }
}

static void find_usual(ordering *x, chart *c) {
    double v[WEEKS_MOST];
    size_t n = (size_t)x->j->r->peak_weeks;
    double sum = 0;
    if (n > c->weeks) n = c->weeks;
    for (size_t i = 0; i < n; i++) v[i] = x->in[c->first + i], sum += x->out[c->first + i];
    double mean = 0;
    for (size_t i = 0; i < n; i++) mean += v[i] / (double)n;
    c->usual = median_of(v, n);
    if (c->usual <= 0) c->usual = mean;
    for (size_t i = 0; i < n; i++) v[i] = fabs(x->in[c->first + i] - c->usual);
    c->deviation = fmax(fmax(1.4826 * median_of(v, n), 0.3 * c->usual), sqrt(c->usual) + 0.5);
    c->sold = sum / (double)n;
}

/* The middle of all partners' orders of a product over what is usual for them, week by week. */
static void find_common(ordering *x) {
    judging *j = x->j;
    int32_t last = INT32_MIN;
    x->week = INT32_MAX;
    for (size_t i = 0; i < x->n; i++) {
        if (x->v[i].week < x->week) x->week = x->v[i].week;
        if (x->v[i].week + (int32_t)x->v[i].weeks > last) last = x->v[i].week + (int32_t)x->v[i].weeks;
    }
    x->weeks = x->n ? last - x->week : 0;
    x->common = ARENA_NEW(&j->scratch, double, (size_t)x->weeks * j->w->products + 1);
    double *sum = ARENA_NEW(&j->scratch, double, 2 * (size_t)x->weeks * j->w->products + 1);
    for (size_t i = 0; i < x->n; i++) {
        const chart *c = &x->v[i];
        for (size_t k = 0; k < c->weeks; k++) {
            size_t at = c->product * (size_t)x->weeks + (size_t)(c->week - x->week) + k;
            sum[2 * at] += fmin(x->in[c->first + k], 3 * c->usual), sum[2 * at + 1] += c->usual;
        }
    }
    for (size_t at = 0; at < (size_t)x->weeks * j->w->products; at++)
        x->common[at] = sum[2 * at + 1] > 0 ? fmax(0.3, fmin(4, sum[2 * at] / sum[2 * at + 1])) : 1;
}

/* How much more its own market takes than at first: the last weeks' sell-out. */
static double growth(const ordering *x, const chart *c, size_t week) {
    enum { LOOK = 4 };
    double sum = 0;
    size_t from = week >= LOOK ? week - LOOK : 0, n = 0;
    if (c->sold <= 0) return 1;
    for (size_t i = from; i <= week && i < c->weeks; i++) sum += x->out[c->first + i], n++;
    return fmax(0.5, fmin(4, sum / (double)n / c->sold));
}

static double z_of(const ordering *x, const chart *c, size_t week) {
    double common = x->common[c->product * (size_t)x->weeks + (size_t)(c->week - x->week) + week];
    double wanted = c->usual * fmax(common, growth(x, c, week));
    double z = (x->in[c->first + week] - wanted) / (c->deviation * sqrt(fmax(1, wanted / c->usual)));
    return fmax(-CUT, fmin(CUT, z));
}

static double find_limit(ordering *x, double k) {
    double *z = ARENA_NEW(&x->j->scratch, double, SAMPLE_MOST + 1);
    size_t n = 0, all = 0, step;
    for (size_t i = 0; i < x->n; i++) all += x->v[i].weeks;
    step = all / SAMPLE_MOST + 1;
    for (size_t i = 0, at = 0; i < x->n; i++)
        for (size_t week = 0; week < x->v[i].weeks; week++, at++)
            if (at % step == 0 && n < SAMPLE_MOST) z[n++] = z_of(x, &x->v[i], week);
    double wanted = (double)x->j->r->peak_arl_weeks, h = sampled_limit(z, n, k, SLACK, wanted, LIMIT_MOST);
    if (h < LIMIT_LEAST) h = LIMIT_LEAST;
    learned_add(x->j, "peak_limit", REGION_NOWHERE, REGION_NOWHERE, h * 1000, n, (uint64_t)wanted);
    return h;
}

static bool launching(const judging *j, const chart *c, day_t day) {
    return trace_stage_at(&j->w->product[c->product], day) == STAGE_INTRODUCTION;
}

static void watch(ordering *x, const chart *c, double k, double h) {
    judging *j = x->j;
    double at = 0, more = 0;
    size_t since = 0;
    for (size_t week = 0; week < c->weeks; week++) {
        double before = at;
        at = fmax(-SLACK, at + z_of(x, c, week) - k);
        if (before <= 0 && at > 0) since = week, more = 0;
        more += x->in[c->first + week] - c->usual;
        if (at <= h) continue;
        day_t day = week_end(c->week + (int32_t)week);
        int32_t strength = decibans(1 / (double)j->r->peak_arl_weeks, PEAK_MOST) + (int32_t)(3 * (at - h));
        uint32_t who = j->accused[c->partner];
        if (!launching(j, c, day)) {
            trace_signal *s = signal_add(j, SIGNAL_PEAK, who, c->product, REGION_NOWHERE, day_end(j, day),
                                         strength > PEAK_MOST ? PEAK_MOST : strength);
            s->since = day_end(j, week_end(c->week + (int32_t)since) - 6);
            s->quantity = more > 0 ? llround(more * (double)j->w->product[c->product].carton) : 0;
            signal_evidence(j, s, "orders of %zu weeks %.1f cartons above %.1f a week; chart at %.1f, limit %.1f",
                            week - since + 1, more, c->usual, at, h);
        }
        at = 0;
    }
}

/* ---- loading before the end of a quarter */

static bool quarter_end(day_t d) {
    civil c = civil_of(d);
    return c.month % 3 == 0 && c.day == days_in_month(c.year, c.month);
}

static void watch_cliff(ordering *x, const chart *c, const trace_line *line, const uint32_t *at, size_t n) {
    judging *j = x->j;
    double carton = (double)j->w->product[c->product].carton;
    for (int32_t week = 0; week < (int32_t)c->weeks; week++) {
        day_t end = DAY_MIN;
        for (day_t d = week_end(c->week + week) - 6; d <= week_end(c->week + week); d++)
            if (quarter_end(d)) end = d;
        if (end == DAY_MIN) continue;
        double last = 0, all = 0;
        for (size_t i = 0; i < n; i++) {
            const trace_line *l = &line[at[i]];
            if (l->kind != FLOW_SELL_IN || l->day > end || l->day <= end - 91) continue;
            all += (double)l->quantity / carton;
            if (l->day > end - j->r->cliff_days) last += (double)l->quantity / carton;
        }
        if (all <= 0 || last < (double)j->r->cliff_permille / 1000 * all || last < c->usual + 3 * c->deviation)
            continue;
        trace_signal *s = signal_add(j, SIGNAL_CLIFF, j->accused[c->partner], c->product, REGION_NOWHERE,
                                     day_end(j, end), CLIFF_STRENGTH);
        s->quantity = llround((last - c->usual) * carton);
        signal_evidence(j, s, "%.1f of the quarter's %.1f cartons in its last days, %.1f a week usual", last, all,
                        c->usual);
    }
}

static void find_cliffs(ordering *x) {
    judging *j = x->j;
    const trace_world *w = j->w;
    size_t next = 0;
    for (size_t i = 0; i < w->lines && next < x->n;) {
        const trace_line *l = &w->line[j->by_product[i]];
        size_t end = i;
        while (end < w->lines && w->line[j->by_product[end]].partner == l->partner &&
               w->line[j->by_product[end]].product == l->product)
            end++;
        if (x->v[next].partner == l->partner && x->v[next].product == l->product)
            watch_cliff(x, &x->v[next++], w->line, j->by_product + i, end - i);
        i = end;
    }
}

/* ---- a second look where consumers point: what the partner ordered for these weeks, beside such weeks of all others. What
 * it ordered for one place says nothing about another: where few point and stronger evidence points elsewhere, it went there. */

static double ordered_in(const ordering *x, const chart *c, size_t from, size_t end) {
    double sum = 0;
    for (size_t week = from; week < end; week++) sum += z_of(x, c, week);
    return sum / sqrt((double)(end - from));
}

static bool is_pointed_at(const judging *j, const chart *c, size_t signals) {
    for (size_t i = 0; i < signals; i++) {
        const trace_signal *s = &j->out->signal[i];
        if (s->kind == SIGNAL_SCAN_SHARE && s->partner == j->accused[c->partner] && s->product == c->product)
            return true;
    }
    return false;
}

/* Does stronger evidence of these weeks lead the same goods to another province? */
static bool leads_elsewhere(const judging *j, const trace_signal *s, size_t signals) {
    int64_t near = LOOK_BEFORE * 7 * TRACE_DAY_MS;
    for (size_t i = 0; s->strength <= LOOK_WEAK && i < signals; i++) {
        const trace_signal *o = &j->out->signal[i];
        if (o->partner != s->partner || o->product != s->product || o->flags & SIGNAL_COUNTERFEIT) continue;
        if (o->destination == REGION_NOWHERE || o->destination == s->destination) continue;
        bool stronger = o->flags & SIGNAL_PROOF || (o->kind == SIGNAL_SCAN_SHARE && o->strength > LOOK_WEAK);
        if (stronger && o->time >= s->since - near && o->since <= s->time + near) return true;
    }
    return false;
}

/* The share of all such windows of streams at which nobody points that are as great. */
static double share_above(const ordering *x, const bool *pointed, size_t weeks, double z) {
    double above = 1, all = 1;
    for (size_t i = 0; i < x->n; i++)
        for (size_t at = 0; !pointed[i] && at + weeks <= x->v[i].weeks; at += weeks)
            all++, above += ordered_in(x, &x->v[i], at, at + weeks) >= z;
    return above / all;
}

static void look_again(ordering *x, const bool *pointed, const chart *c, const trace_signal *s, size_t signals) {
    judging *j = x->j;
    int32_t first = week_of(day_of_time(j, s->since)) - LOOK_BEFORE - c->week,
            last = week_of(day_of_time(j, s->time)) - c->week;
    size_t from = first > 0 ? (size_t)first : 0, end = last + 1 < (int32_t)c->weeks ? (size_t)(last + 1) : c->weeks;
    if (last < 0 || from >= end || leads_elsewhere(j, s, signals) || launching(j, c, day_of_time(j, s->time))) return;
    if (end - from > LOOK_MOST) end = from + LOOK_MOST;
    double z = ordered_in(x, c, from, end), p = share_above(x, pointed, end - from, z), more = 0;
    int32_t strength = decibans(p, LOOK_STRENGTH);
    if (strength < j->r->case_kind_decibans) return;
    for (size_t week = from; week < end; week++) more += x->in[c->first + week] - c->usual;
    trace_region to = s->destination;
    int64_t time = s->time, since = s->since;
    trace_signal *out = signal_add(j, SIGNAL_PEAK, s->partner, c->product, to, time, strength);
    out->since = since;
    out->quantity = more > 0 ? llround(more * (double)j->w->product[c->product].carton) : 0;
    signal_evidence(j, out,
                    "orders of the %zu weeks of these scans %.1f cartons above %.1f a week, as much as %.1f %% of all "
                    "others' weeks",
                    end - from, more, c->usual, 100 * p);
}

static void look_where_consumers_point(ordering *x) {
    judging *j = x->j;
    size_t signals = j->out->signals;
    bool *pointed = ARENA_NEW(&j->scratch, bool, x->n + 1);
    for (size_t i = 0; i < x->n; i++) pointed[i] = is_pointed_at(j, &x->v[i], signals);
    for (size_t k = 0; k < signals; k++) {
        trace_signal s = j->out->signal[k];
        for (size_t i = 0; s.kind == SIGNAL_SCAN_SHARE && i < x->n; i++)
            if (pointed[i] && j->accused[x->v[i].partner] == s.partner && x->v[i].product == s.product)
                look_again(x, pointed, &x->v[i], &s, signals);
    }
}

void judge_orders(judging *j) {
    ordering x = {.j = j};
    make_charts(&x);
    for (size_t i = 0; i < x.n; i++) find_usual(&x, &x.v[i]);
    find_common(&x);
    double k = (double)j->r->peak_shift_permille / 2000, h = find_limit(&x, k);
    for (size_t i = 0; i < x.n; i++) watch(&x, &x.v[i], k, h);
    find_cliffs(&x);
    look_where_consumers_point(&x);
}
