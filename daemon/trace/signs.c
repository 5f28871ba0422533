/* What the figures of partners say of goods that left unseen: goods missing, peaks of orders, cheap lines. */
#include "daemon/trace/sources.h"

#include <math.h>
#include <stdlib.h>

enum { SHARE_WEAK = 25 }; /* a share of scans that the false discovery rate does not bear out */
#define HONEST_GAPS 0.1   /* of partners whose goods are missing, so many at least divert none */

/* How often a partner that diverts shows it. */
static const double shows[] = {0.7, 0.5, 0.4};

static int by_whom(const void *a, const void *b) {
    const sign *p = a, *q = b;
    if (p->product != q->product) return p->product < q->product ? -1 : 1;
    if (p->partner != q->partner) return p->partner < q->partner ? -1 : 1;
    if (p->by != q->by) return p->by < q->by ? -1 : 1;
    return (p->time > q->time) - (p->time < q->time);
}

static void list_signs(sourcing *x) {
    static const struct {
        trace_kind kind;
        int by;
    } kinds[] = {{SIGNAL_BALANCE, BY_BALANCE},
                 {SIGNAL_UNSOLD, BY_BALANCE},
                 {SIGNAL_PEAK, BY_ORDERS},
                 {SIGNAL_CLIFF, BY_ORDERS},
                 {SIGNAL_PRICE, BY_PRICE}};
    judging *j = x->j;
    for (size_t i = 0; i < j->out->signals; i++) {
        const trace_signal *s = &j->out->signal[i];
        for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
            if (s->kind != kinds[k].kind || !j->r->on[s->kind] || s->product == TRACE_NONE) continue;
            x->sign = arena_grown(&j->scratch, x->sign, x->signs, &x->sign_cap, sizeof *x->sign);
            x->sign[x->signs++] = (sign){.product = s->product,
                                         .partner = s->partner,
                                         .since = s->since,
                                         .time = s->time,
                                         .by = kinds[k].by,
                                         .strength = s->strength};
        }
    }
    if (x->signs) qsort(x->sign, x->signs, sizeof *x->sign, by_whom);
}

static size_t signs_of(const sourcing *x, const receiver *to, size_t *first) {
    size_t lo = 0, hi = x->signs, n = 0;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        const sign *s = &x->sign[mid];
        if (s->product < to->product || (s->product == to->product && s->partner < to->partner)) lo = mid + 1;
        else
            hi = mid;
    }
    while (lo + n < x->signs && x->sign[lo + n].product == to->product && x->sign[lo + n].partner == to->partner) n++;
    *first = lo;
    return n;
}

/* Where a proof, or a share of scans that is beyond chance, leads the same goods in the same time. */
static void place_signs(sourcing *x) {
    const judging *j = x->j;
    int64_t near = AFTER_DAYS * TRACE_DAY_MS;
    for (size_t i = 0; i < j->out->signals; i++) {
        const trace_signal *s = &j->out->signal[i];
        bool strong = s->flags & SIGNAL_PROOF || (s->kind == SIGNAL_SCAN_SHARE && s->strength > SHARE_WEAK);
        if (!strong || s->flags & SIGNAL_COUNTERFEIT || s->destination == REGION_NOWHERE) continue;
        size_t first, n = signs_of(x, &(receiver){.product = s->product, .partner = s->partner}, &first);
        for (size_t k = first; k < first + n; k++) {
            sign *g = &x->sign[k];
            bool then = s->time >= g->since - near && s->since <= g->time + near;
            if (then && (g->to == REGION_NOWHERE || s->time < g->placed)) g->to = s->destination, g->placed = s->time;
        }
    }
}

/* How common each sign is among the streams that could show it. */
static void learn_usual(sourcing *x) {
    double shown[BY_COUNT] = {0}, balanced = 0;
    for (size_t i = 0; i < x->signs; i++) {
        const sign *s = &x->sign[i], *o = i ? s - 1 : NULL;
        shown[s->by] += !(o && o->product == s->product && o->partner == s->partner && o->by == s->by);
    }
    for (size_t i = 0; i < x->tos; i++) balanced += x->to[i].balanced;
    for (int b = 0; b < BY_COUNT; b++) {
        double of = b == BY_BALANCE ? balanced : (double)x->tos;
        x->usual[b] = fmax(0.005, fmin(0.3, (shown[b] + 0.5) / (of + 10)));
    }
}

void signs_list(sourcing *x) {
    list_signs(x);
    place_signs(x);
    learn_usual(x);
}

static bool covers(const sign *s, int64_t time) {
    return time >= s->since - BEFORE_DAYS * TRACE_DAY_MS && time <= s->time + AFTER_DAYS * TRACE_DAY_MS;
}

/* Does it speak of what was seen? Not what is of another time, or went elsewhere. */
static bool is_near(const sign *s, const sought *q) {
    bool elsewhere = s->to != REGION_NOWHERE && s->to != q->to && s->placed <= q->now;
    return s->time <= q->now && s->time >= q->seen[0]->time - LOOK_DAYS * TRACE_DAY_MS && !elsewhere;
}

double signs_near(const sourcing *x, const receiver *to, const sought *q, int32_t strength[static BY_COUNT]) {
    size_t first, n = signs_of(x, to, &first);
    int64_t from = 0, end = 0;
    double length = 0;
    for (size_t i = first; i < first + n; i++) {
        const sign *s = &x->sign[i];
        if (!is_near(s, q)) continue;
        if (s->strength > strength[s->by]) strength[s->by] = s->strength;
        if (s->by != BY_BALANCE) continue;
        if (end == 0 || s->since - BEFORE_DAYS * TRACE_DAY_MS > end) {
            length += (double)(end - from);
            from = s->since - BEFORE_DAYS * TRACE_DAY_MS;
        }
        if (s->time + AFTER_DAYS * TRACE_DAY_MS > end) end = s->time + AFTER_DAYS * TRACE_DAY_MS;
        if (end > q->now) end = q->now;
    }
    return length + (double)(end - from);
}

double signs_weigh(const sourcing *x, const receiver *to, const int32_t strength[static BY_COUNT]) {
    double sum = 0;
    for (int b = 0; b < BY_COUNT; b++) {
        if (b == BY_BALANCE && !to->balanced) continue;
        double honest = x->usual[b];
        if (b == BY_BALANCE) honest = fmax(HONEST_GAPS * honest, fmin(honest, pow(10, -strength[b] / 10.0)));
        sum += strength[b] ? log(shows[b] / honest) : log((1 - shows[b]) / (1 - x->usual[b]));
    }
    return sum;
}

bool signs_cover(const sourcing *x, const receiver *to, const sought *q, int64_t time) {
    size_t first, n = signs_of(x, to, &first);
    for (size_t i = first; i < first + n; i++)
        if (x->sign[i].by == BY_BALANCE && is_near(&x->sign[i], q) && covers(&x->sign[i], time)) return true;
    return false;
}
