/* Goods that came to a partner and that neither its sell-out nor its counts show: a mass balance that needs no opening,
 * week by week of a partner and product:
 *
 *     pile = what came in − what went out, since its first week
 *     over = (pile − usual − cover × what its own sell-out grew) / (s + √s), less the middle of all streams of the product
 *
 * usual: the middle of its first peak_weeks, s: what a usual week of them sold. Its p is the tail of all streams' highest
 * piles, exponential through their middle and their upper tenth, so that the few who divert do not teach their own. It is not
 * looked at where the partner's sales of it stop coming in, and goods that a count finds are not missing. */
#include "daemon/trace/parts.h"
#include "maths/evidence.h"

#include <math.h>
#include <stdlib.h>

enum { WEEKS_MOST = 600, COUNT_WEEKS = 6, TOLD_WEEKS = 4, STRENGTH_TOP = 40, SAMPLES_LEAST = 30, COMMON_LEAST = 3 };
#define COVER_WEEKS 3.0
#define SCALE_LEAST 0.3
#define SCALE_FEW   0.5 /* with too few streams to learn from */

typedef struct pile {
    uint32_t partner, product;
    size_t first, weeks;         /* into the arrays of all piles */
    int32_t week;                /* its first one */
    double usual, sold, counted; /* counted: its first count of the first weeks, 0 none */
    double most;
} pile;

typedef struct piling {
    judging *j;
    pile *v;
    size_t n, cap;
    double *level, *out, *count, *over; /* cartons, a week of a pile; count NAN: none */
    size_t cells, level_cap, out_cap, count_cap, over_cap;
    double middle, scale; /* of the highest piles */
} piling;

static int32_t week_of(day_t d) {
    return (d + 3) / 7; /* 1970-01-01 was a Thursday: weeks begin on Monday */
}

static int64_t week_end(const judging *j, int32_t week) {
    return day_end(j, week * 7 + 3);
}

static void add_cell(piling *x) {
    arena *a = &x->j->scratch;
    x->level = arena_grown(a, x->level, x->cells, &x->level_cap, sizeof *x->level);
    x->out = arena_grown(a, x->out, x->cells, &x->out_cap, sizeof *x->out);
    x->count = arena_grown(a, x->count, x->cells, &x->count_cap, sizeof *x->count);
    x->over = arena_grown(a, x->over, x->cells, &x->over_cap, sizeof *x->over);
    x->level[x->cells] = x->out[x->cells] = x->over[x->cells] = 0;
    x->count[x->cells++] = NAN;
}

static bool shipments_known(const judging *j, size_t from, size_t end) {
    for (size_t i = from; i < end; i++)
        if (j->w->line[j->by_product[i]].kind == FLOW_SELL_IN) return true;
    return false;
}

static void fill(piling *x, const pile *p, size_t from, size_t end) {
    judging *j = x->j;
    double carton = (double)j->w->product[p->product].carton, sum = 0;
    bool receipts = !shipments_known(j, from, end);
    day_t counted = DAY_MIN;
    for (size_t i = from; i < end; i++) {
        const trace_line *l = &j->w->line[j->by_product[i]];
        int32_t week = week_of(l->day) - p->week;
        if (week >= (int32_t)p->weeks) continue;
        size_t at = p->first + (size_t)(week < 0 ? 0 : week);
        double q = 1000 * line_effect(l, receipts) / carton;
        x->level[at] += q;
        if (flow_stock_effect((flow_kind)l->kind) == STOCK_OUT) x->out[at] -= q;
        if (l->kind != FLOW_COUNT || week < 0) continue;
        double had = counted == l->day ? x->count[at] : 0; /* counts of one day add up */
        x->count[at] = had + (double)l->quantity / carton, counted = l->day;
    }
    for (size_t k = 0; k < p->weeks; k++) x->level[p->first + k] = sum += x->level[p->first + k];
}

/* Positions from … end − 1 of by_product. The first week fills the shelves, the last is not over. */
static void make_pile(piling *x, size_t from, size_t end) {
    judging *j = x->j;
    const trace_line *line = j->w->line, *head = &line[j->by_product[from]];
    int32_t begin = INT32_MAX, last = (j->w->as_of - 3) / 7; /* the last whole one */
    size_t usual = (size_t)j->r->peak_weeks;
    double v[WEEKS_MOST];
    for (size_t i = from; i < end; i++)
        if (flow_stock_effect((flow_kind)line[j->by_product[i]].kind) == STOCK_OUT && begin == INT32_MAX)
            begin = week_of(line[j->by_product[i]].day) + 1;
    if (begin > last || last - begin < (int32_t)usual + 1 || last - begin >= WEEKS_MOST) return;
    pile p = {.partner = j->accused[head->partner], .product = head->product, .first = x->cells, .week = begin};
    p.weeks = (size_t)(last - begin) + 1;
    for (size_t k = 0; k < p.weeks; k++) add_cell(x);
    fill(x, &p, from, end);
    for (size_t k = 0; k < usual; k++) {
        double count = x->count[p.first + k];
        v[k] = x->level[p.first + k], p.sold += x->out[p.first + k] / (double)usual;
        if (!isnan(count) && p.counted <= 0) p.counted = count;
    }
    p.usual = median_of(v, usual);
    if (p.sold <= 0) return;
    mark_balanced(j, p.partner, p.product);
    x->v = arena_grown(&j->scratch, x->v, x->n, &x->cap, sizeof *x->v);
    x->v[x->n++] = p;
}

/* ---- how much lies there beyond what is usual */

static double growth(const piling *x, const pile *p, size_t week) {
    enum { LOOK = 4 };
    double sum = 0;
    for (size_t k = 0; k < LOOK; k++) sum += x->out[p->first + week - k] / LOOK;
    return fmax(1, fmin(4, sum / p->sold));
}

static double expected(const piling *x, const pile *p, size_t week) {
    return p->usual + (growth(x, p, week) - 1) * fmax(p->usual, COVER_WEEKS * p->sold);
}

/* What lay there this week and the one before: an upload may be late. */
static double beyond(const piling *x, const pile *p, size_t week) {
    size_t at = p->first + week;
    return fmin(x->level[at], x->level[at - 1]) - expected(x, p, week);
}

static bool reports(const piling *x, const pile *p, size_t week) {
    return x->out[p->first + week] > 0 || x->out[p->first + week - 1] > 0;
}

/* Does a count of these weeks find half of it? */
static bool lies_there(const piling *x, const pile *p, size_t week, double more) {
    for (size_t k = 0; k < COUNT_WEEKS && k <= week; k++) {
        double count = x->count[p->first + week - k];
        if (!isnan(count)) return count - p->counted >= more / 2;
    }
    return false;
}

static int by_size(const void *x, const void *y) {
    const double *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

/* Takes from each week what all streams of the product have in the middle. */
static void take_common(piling *x, uint32_t product_at) {
    double *v = ARENA_NEW(&x->j->scratch, double, x->n + 1);
    int32_t first = INT32_MAX, last = INT32_MIN;
    for (size_t i = 0; i < x->n; i++) {
        const pile *p = &x->v[i];
        if (p->product != product_at) continue;
        if (p->week < first) first = p->week;
        if (p->week + (int32_t)p->weeks > last) last = p->week + (int32_t)p->weeks;
    }
    for (int32_t week = first; week < last; week++) {
        size_t n = 0, usual = (size_t)x->j->r->peak_weeks;
        for (int pass = 0; pass < 2; pass++) {
            double common = pass && n >= COMMON_LEAST ? fmax(0, median_of(v, n)) : 0;
            for (size_t i = 0; i < x->n; i++) {
                const pile *p = &x->v[i];
                int32_t at = week - p->week;
                if (p->product != product_at || at < (int32_t)usual || at >= (int32_t)p->weeks) continue;
                if (pass) x->over[p->first + (size_t)at] -= common;
                else
                    v[n++] = x->over[p->first + (size_t)at];
            }
        }
    }
}

static void learn(piling *x) {
    judging *j = x->j;
    double *most = ARENA_NEW(&j->scratch, double, x->n + 1);
    for (uint32_t s = 0; s < j->w->products; s++) take_common(x, s);
    for (size_t i = 0; i < x->n; i++) {
        pile *p = &x->v[i];
        for (size_t k = (size_t)j->r->peak_weeks; k < p->weeks; k++)
            if (reports(x, p, k)) p->most = fmax(p->most, x->over[p->first + k]);
        most[i] = p->most;
    }
    x->middle = 1, x->scale = SCALE_FEW;
    if (x->n >= SAMPLES_LEAST) {
        qsort(most, x->n, sizeof *most, by_size);
        x->middle = most[x->n / 2];
        x->scale = fmax(SCALE_LEAST, (most[x->n * 9 / 10] - x->middle) / log(5));
    }
    learned_add(j, "unsold_scale", REGION_NOWHERE, REGION_NOWHERE, x->scale * 1000, x->n, 0);
}

static void tell(piling *x, const pile *p, size_t week, double more, int32_t strength) {
    judging *j = x->j;
    size_t since = week;
    while (since > (size_t)j->r->peak_weeks && x->over[p->first + since - 1] > 1) since--;
    trace_signal *s = signal_add(j, SIGNAL_UNSOLD, p->partner, p->product, REGION_NOWHERE,
                                 week_end(j, p->week + (int32_t)week), strength);
    s->since = week_end(j, p->week + (int32_t)since - 1);
    s->quantity = llround(more * (double)j->w->product[p->product].carton);
    signal_evidence(j, s, "%.1f cartons came in beyond what it sold or kept, %.1f a week usual; in %zu weeks", more,
                    p->sold, week - since + 1);
}

static void watch(piling *x, const pile *p) {
    judging *j = x->j;
    size_t told = 0;
    for (size_t k = (size_t)j->r->peak_weeks; k < p->weeks; k++) {
        double over = x->over[p->first + k], more = beyond(x, p, k);
        if ((told && k < told + TOLD_WEEKS) || over <= 0 || !reports(x, p, k) || lies_there(x, p, k, more)) continue;
        int32_t strength = decibans(fmin(1, 0.5 * exp(-(over - x->middle) / x->scale)), STRENGTH_TOP);
        day_t day = day_of_time(j, week_end(j, p->week + (int32_t)k));
        if (strength < j->r->unsold_decibans || trace_stage_at(&j->w->product[p->product], day) == STAGE_INTRODUCTION)
            continue;
        tell(x, p, k, more, strength);
        told = k;
    }
}

void judge_unsold(judging *j) {
    const trace_world *w = j->w;
    piling x = {.j = j};
    for (size_t i = 0, end; i < w->lines; i = end) {
        const trace_line *l = &w->line[j->by_product[i]];
        for (end = i; end < w->lines && w->line[j->by_product[end]].partner == l->partner &&
                      w->line[j->by_product[end]].product == l->product;)
            end++;
        if (l->product != TRACE_NONE && w->partner[l->partner].kind != PARTNER_MANUFACTURER) make_pile(&x, i, end);
    }
    for (size_t i = 0; i < x.n; i++) {
        const pile *p = &x.v[i];
        for (size_t k = (size_t)j->r->peak_weeks; k < p->weeks; k++)
            x.over[p->first + k] = beyond(&x, p, k) / (p->sold + sqrt(p->sold));
    }
    learn(&x);
    for (size_t i = 0; i < x.n; i++) watch(&x, &x.v[i]);
}
