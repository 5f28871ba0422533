/* Mass balance of a partner and product, from its first count on:
 *
 *     gap = first count + what came in − what went out − count
 *
 * only where an opening is counted and it is known what came in: by its own receipts, else by the manufacturer's shipments
 * (what was shipped within transit_days of a count may still be under way and is allowed for). Gaps are kept as one sum, so
 * that a miscount cancels with the next. A gap speaks when it is beyond the tolerance and beyond the scatter that all counts
 * show. Below the tolerance the partner sold or counted more than it ever had. */
#include "daemon/trace/parts.h"
#include "maths/distribution.h"
#include "maths/evidence.h"

#include <math.h>
#include <stdlib.h>

enum { TRANSIT_DAYS = 3, GAP_MOST = 40, GAPS_MOST = 80, LEAST_SAMPLES = 30 };
#define SCATTER_LEAST 0.003
#define Z_LEAST       3.0
#define Z_COUNTS      5.0

typedef struct counted {
    uint32_t partner, product, line; /* of the count */
    day_t day, before;               /* before: of the count that the interval begins with */
    double gap, sum;                 /* of the interval; since the opening: base units */
    double base, base_sum;           /* what was there and came in */
    double transit;
    int64_t intervals;
} counted;

typedef struct balancing {
    judging *j;
    counted *v;
    size_t n, cap;
    double scatter;
} balancing;

static double units(int64_t quantity) {
    return (double)quantity / 1000;
}

/* Does the partner say what it receives? */
static bool reports_receipts(const judging *j, size_t from, size_t end) {
    for (size_t i = from; i < end; i++)
        if (j->w->line[i].kind == FLOW_RECEIPT) return true;
    return false;
}

double line_effect(const trace_line *l, bool receipts) {
    switch (flow_stock_effect((flow_kind)l->kind)) {
    case STOCK_IN:
        return receipts || (l->kind != FLOW_RECEIPT && l->kind != FLOW_GIFT_RECEIPT) ? units(l->quantity) : 0;
    case STOCK_OUT: return -units(l->quantity);
    case STOCK_SENT: return receipts ? 0 : units(l->quantity);
    default: return 0;
    }
}

static size_t ring(day_t d) {
    return (size_t)((d % TRANSIT_DAYS + TRANSIT_DAYS) % TRANSIT_DAYS);
}

/* Positions from … end − 1 of by_product: one partner and product. Counts of one day add up. */
static void balance_product(balancing *x, size_t from, size_t end, bool receipts) {
    judging *j = x->j;
    const trace_line *line = j->w->line;
    double level = 0, base = 0, base_sum = 0, sum = 0, in_transit[TRANSIT_DAYS] = {0}, out = 0;
    day_t transit_day = DAY_MIN, counted_on = DAY_MIN;
    bool open = false;
    int64_t intervals = 0;
    for (size_t i = from; i < end;) {
        day_t day = line[j->by_product[i]].day;
        double moved = 0, came = 0, count = 0, sent = 0;
        uint32_t last = UINT32_MAX;
        for (; i < end && line[j->by_product[i]].day == day; i++) {
            const trace_line *l = &line[j->by_product[i]];
            if (l->kind == FLOW_COUNT) {
                count += units(l->quantity), last = j->by_product[i];
                continue;
            }
            double e = line_effect(l, receipts);
            moved += e;
            if (e > 0) came += e;
            else
                out -= e;
            if (e > 0 && flow_stock_effect((flow_kind)l->kind) == STOCK_SENT) sent += e;
        }
        for (; transit_day < day; transit_day++) { /* a ring of the last days' shipments */
            if (transit_day < day - TRANSIT_DAYS) transit_day = day - TRANSIT_DAYS;
            in_transit[ring(transit_day + 1)] = 0;
        }
        in_transit[ring(day)] = sent;
        level += moved;
        base += came;
        if (last == UINT32_MAX) continue;
        double transit = 0, gap = level - count;
        for (int d = 0; d < TRANSIT_DAYS; d++) transit += in_transit[d];
        if (open && out > 0) {
            base_sum += base, sum += gap, intervals++;
            x->v = arena_grown(&j->scratch, x->v, x->n, &x->cap, sizeof *x->v);
            x->v[x->n++] = (counted){
                line[last].partner, line[last].product, last, day, counted_on, gap, sum, base, base_sum, transit,
                intervals};
            mark_balanced(j, j->accused[line[last].partner], line[last].product);
        }
        open = true;
        counted_on = day;
        level = base = count;
    }
}

static void see_partner(balancing *x, size_t from, size_t end) {
    judging *j = x->j;
    const trace_line *line = j->w->line;
    if (j->w->partner[line[from].partner].kind == PARTNER_MANUFACTURER) return;
    bool receipts = reports_receipts(j, from, end);
    for (size_t i = from; i < end;) {
        size_t to = i;
        uint32_t product_at = line[j->by_product[i]].product;
        while (to < end && line[j->by_product[to]].product == product_at) to++;
        if (product_at != TRACE_NONE) balance_product(x, i, to, receipts);
        i = to;
    }
}

static void learn(balancing *x) {
    double *v = ARENA_NEW(&x->j->scratch, double, x->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < x->n; i++)
        if (x->v[i].base > 0 && x->v[i].transit == 0) v[n++] = fabs(x->v[i].gap) / x->v[i].base;
    x->scatter = n < LEAST_SAMPLES ? (double)x->j->r->balance_tolerance_permille / 1000 : 1.4826 * median_of(v, n);
    if (x->scatter < SCATTER_LEAST) x->scatter = SCATTER_LEAST;
    learned_add(x->j, "count_scatter", REGION_NOWHERE, REGION_NOWHERE, x->scatter * 1e6, n, 0);
}

static int32_t strength_of(double z, int32_t most) {
    return decibans(normal_above(z), most);
}

static void tell(balancing *x, const counted *c) {
    judging *j = x->j;
    const trace_rules *r = j->r;
    double carton = units(j->w->product[c->product].carton);
    double least = fmax((double)r->balance_tolerance_permille / 1000 * c->base, (double)r->balance_cartons * carton);
    double scatter = hypot(x->scatter * c->base, carton / 2), scatter_sum = hypot(x->scatter * c->base_sum, carton / 2);
    double over = c->gap - c->transit - least, over_sum = c->sum - c->transit - least;
    uint32_t who = j->accused[c->partner];
    if (c->gap < 0 && c->sum < 0) {
        double z = (-c->gap - least) / scatter, z_sum = (-c->sum - least) / scatter_sum;
        if (fmin(z, z_sum) < Z_COUNTS) return;
        trace_signal *s = signal_add(j, SIGNAL_COUNTS, who, c->product, j->w->partner[who].home, day_end(j, c->day),
                                     strength_of(fmin(z, z_sum), GAP_MOST));
        signal_by_line(j, s, &j->w->line[c->line]);
        signal_evidence(j, s, "%.0f more than it had", -c->gap);
        return;
    }
    double z = fmin(over / scatter, over_sum / scatter_sum);
    if (z < Z_LEAST) return;
    int32_t most = c->intervals > 1 && c->sum > 2 * c->gap ? GAPS_MOST : GAP_MOST;
    trace_signal *s = signal_add(j, SIGNAL_BALANCE, who, c->product, REGION_NOWHERE, day_end(j, c->day),
                                 strength_of(z + Z_LEAST, most));
    signal_by_line(j, s, &j->w->line[c->line]);
    s->since = day_end(j, c->before);
    s->quantity = llround((c->gap - c->transit) * 1000);
    signal_evidence(j, s, "%.0f missing, %.0f since its opening, of %.0f", c->gap, c->sum, c->base);
}

void judge_balance(judging *j) {
    const trace_world *w = j->w;
    balancing x = {.j = j};
    for (size_t i = 0; i < w->lines;) {
        size_t end = i;
        while (end < w->lines && w->line[end].partner == w->line[i].partner) end++;
        see_partner(&x, i, end);
        i = end;
    }
    learn(&x);
    for (size_t i = 0; i < x.n; i++)
        if (x.v[i].day <= w->as_of) tell(&x, &x.v[i]);
}
