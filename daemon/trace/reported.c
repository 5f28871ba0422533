/* Out of territory by the partner's own lines: ship-to stated, or the customer's region; never an assumed one.
 *
 * What one line proves is little: words are mistyped. A stream of k documents to one province is set against the share that
 * all other partners of the same home province have there (typing errors, habits of the border), and stays when the false
 * discovery rate allows it; from reported_documents on reported_days it is the partner's own repeated statement, a proof.
 * A customer that used to be inside and from a day on is only outside has moved: for moved_days its documents count as one.
 * Words mistyped before that day, or after it, do not hide where it went. */
#include "daemon/trace/parts.h"
#include "maths/evidence.h"

#include <stdlib.h>

enum { RATE_CAP = 3, AWAY_MOVED = 1, MOVED_BEFORE = 2, WEAK_MOST = 10 };
#define OVERDISPERSION 1.5

typedef struct customer_seen {
    uint32_t inside;
    int32_t votes;   /* of the lines since it was last inside: those to `to` less the others */
    trace_region to; /* where most of them went; REGION_NOWHERE: its last line is inside */
    int64_t since;   /* the first of them */
} customer_seen;

typedef struct reporting {
    judging *j;
    aways away;
    rates rate;
    map tally;    /* partner, product → lines whose region is known */
    map customer; /* partner, customer → customer_seen */
} reporting;

static str pair_key(uint8_t raw[static 8], uint32_t a, uint32_t b) {
    put_be32(raw, a);
    put_be32(raw + 4, b);
    return str_from(raw, 8);
}

static uint64_t *tally_at(reporting *x, map *m, uint32_t a, uint32_t b) {
    uint8_t raw[8];
    str k = pair_key(raw, a, b);
    uint64_t *known = map_find(m, k);
    return known ? known : map_at(m, arena_str(&x->j->scratch, k), NULL);
}

static customer_seen *customer_at(reporting *x, uint32_t seller, const trace_line *l) {
    uint32_t who = l->customer != TRACE_NONE ? l->customer : l->counterparty;
    if (who == TRACE_NONE) return NULL;
    uint64_t *at = tally_at(x, &x->customer, seller, l->customer != TRACE_NONE ? who : who | 0x80000000u);
    if (*at == 0) *at = (uintptr_t)ARENA_NEW(&x->j->scratch, customer_seen, 1);
    return (customer_seen *)(uintptr_t)*at;
}

typedef enum verdict { LINE_NOTHING, LINE_INSIDE, LINE_EXEMPT, LINE_OUTSIDE } verdict;

static bool leaves(const trace_line *l) {
    return is_sale(l) || (l->kind == FLOW_TRANSFER && l->quantity < 0);
}

static verdict verdict_of(const judging *j, uint32_t seller, const trace_line *l, uint32_t *exempt_by) {
    const trace_world *w = j->w;
    if (l->source != REGION_STATED && l->source != REGION_CUSTOMER) return LINE_NOTHING;
    if (l->region <= REGION_ANYWHERE || l->product == TRACE_NONE || l->day > w->as_of) return LINE_NOTHING;
    if (w->partner[seller].kind == PARTNER_MANUFACTURER) return LINE_NOTHING;
    if (trace_may_sell(w, seller, l->product, l->region, l->channel, l->day)) return LINE_INSIDE;
    if (!trace_has_territory(w, seller, l->product, l->day)) return LINE_NOTHING;
    if (trace_one_chain(w, l->partner, l->counterparty) || chain_reaches(j, l->partner, l->region)) return LINE_INSIDE;
    if (l->counterparty != TRACE_NONE && w->partner[l->counterparty].parent == seller &&
        trace_may_sell(w, l->counterparty, l->product, l->region, l->channel, l->day))
        return LINE_INSIDE; /* handed down to a partner below it that may sell there */
    *exempt_by = trace_exempt(w, seller, l->product, l->region, line_customer(j, l), l->day, 0);
    return *exempt_by == TRACE_NONE ? LINE_OUTSIDE : LINE_EXEMPT;
}

static void note_customer(reporting *x, uint32_t seller, const trace_line *l, bool inside) {
    customer_seen *c = customer_at(x, seller, l);
    trace_region to = trace_province(l->region);
    if (c == NULL) return;
    if (inside) {
        c->inside++, c->votes = 0, c->to = REGION_NOWHERE;
        return;
    }
    if (c->to == REGION_NOWHERE) c->since = day_end(x->j, l->day);
    if (c->to == REGION_NOWHERE || (c->to != to && c->votes == 0)) c->to = to;
    c->votes += c->to == to ? 1 : -1;
}

static bool has_moved(const customer_seen *c, trace_region to) {
    return c && c->inside >= MOVED_BEFORE && c->to == to;
}

static void see_line(reporting *x, uint32_t at) {
    judging *j = x->j;
    const trace_line *l = &j->w->line[at];
    uint32_t seller = j->accused[l->partner], exempt_by = TRACE_NONE;
    if (!leaves(l)) return;
    verdict v = verdict_of(j, seller, l, &exempt_by);
    if (v == LINE_NOTHING) return;
    uint64_t *n = tally_at(x, &x->tally, seller, l->product);
    ++*n;
    if (v == LINE_EXEMPT) exemption_used(j, exempt_by, l->quantity < 0 ? -l->quantity : l->quantity, false);
    if (v != LINE_EXEMPT) note_customer(x, seller, l, v == LINE_INSIDE); /* who was granted has not moved */
    if (v != LINE_OUTSIDE) return;
    away_add(j, &x->away,
             &(away){.partner = seller,
                     .product = l->product,
                     .to = trace_province(l->region),
                     .at = at,
                     .time = day_end(j, l->day),
                     .unit = str_hash(l->document),
                     .n = (uint32_t)*n});
}

static bool same_document(const aways *list, size_t from, size_t i) {
    for (size_t k = i; k > from && list->v[k - 1].time == list->v[i].time; k--)
        if (list->v[k - 1].unit == list->v[i].unit) return true;
    return false;
}

/* Flags what went to the one customer of a stream that has moved; of several none has. */
static void find_moved(reporting *x, size_t from, size_t end) {
    judging *j = x->j;
    const away *first = &x->away.v[from];
    const customer_seen *one = NULL;
    for (size_t i = from; i < end; i++) {
        const customer_seen *c = customer_at(x, first->partner, &j->w->line[x->away.v[i].at]);
        if (!has_moved(c, first->to)) continue;
        if (one && one != c) return;
        one = c;
    }
    if (one == NULL) return;
    moved_add(j, first->partner, first->to, one->since);
    for (size_t i = from; i < end; i++) {
        away *a = &x->away.v[i];
        bool its = customer_at(x, a->partner, &j->w->line[a->at]) == one;
        if (its && a->time >= one->since && a->time <= one->since + j->r->moved_days * TRACE_DAY_MS)
            a->flags |= AWAY_MOVED;
    }
}

/* Documents of a stream, those of a customer that moved as one. */
static size_t count_documents(const reporting *x, size_t from, size_t end) {
    size_t k = 0;
    bool moved = false;
    for (size_t i = from; i < end; i++) {
        const away *a = &x->away.v[i];
        if (same_document(&x->away, from, i)) continue;
        if (a->flags & AWAY_MOVED && moved) continue;
        moved = moved || a->flags & AWAY_MOVED;
        k++;
    }
    return k;
}

static uint32_t home_of(const judging *j, uint32_t partner_at) {
    return province_of(j->w->partner[partner_at].home);
}

static void learn(reporting *x) {
    judging *j = x->j;
    double lines = 0, outside = 0;
    for (uint32_t p = 0; p < j->w->partners; p++)
        for (uint32_t s = 0; s < j->w->products; s++) {
            uint8_t raw[8];
            const uint64_t *n = map_find(&x->tally, pair_key(raw, p, s));
            if (n == NULL) continue;
            rates_of(j, &x->rate, home_of(j, p), (double)*n);
            lines += (double)*n;
        }
    for (size_t i = 0; i < x->away.n;) {
        size_t end = away_end(&x->away, i), k = count_documents(x, i, end);
        double capped = (double)(k < RATE_CAP ? k : RATE_CAP);
        rates_see(j, &x->rate, home_of(j, x->away.v[i].partner), x->away.v[i].to, capped);
        outside += capped;
        i = end;
    }
    double least = (double)j->r->typing_permille / 1000, typing = lines > 0 ? outside / lines : 0;
    if (typing < least) typing = least;
    x->rate.prior = typing / 31;
    x->rate.believe = (double)j->r->allowance_lines;
    learned_add(j, "typing", REGION_NOWHERE, REGION_NOWHERE, typing * 1e6, (uint64_t)outside, (uint64_t)lines);
}

static double stream_n(reporting *x, const away *a) {
    uint8_t raw[8];
    const uint64_t *n = map_find(&x->tally, pair_key(raw, a->partner, a->product));
    return n ? (double)*n : 1;
}

static double p_of(reporting *x, const away *a, size_t k, size_t all) {
    double n = stream_n(x, a), capped = (double)(all < RATE_CAP ? all : RATE_CAP);
    double mean = n * rates_expect(&x->rate, home_of(x->j, a->partner), a->to, capped, n);
    return count_from(mean, mean * OVERDISPERSION, (int64_t)k);
}

static void tell_stream(reporting *x, size_t from, size_t end, size_t all, double cutoff) {
    judging *j = x->j;
    const trace_rules *r = j->r;
    size_t k = 0, days = 0;
    int64_t last_day = INT64_MIN;
    bool moved = false;
    for (size_t i = from; i < end; i++) {
        const away *a = &x->away.v[i];
        const trace_line *l = &j->w->line[a->at];
        bool counts = !same_document(&x->away, from, i) && !(a->flags & AWAY_MOVED && moved);
        moved = moved || a->flags & AWAY_MOVED;
        if (counts) k++;
        if (counts && a->time != last_day) days++, last_day = a->time;
        double p = p_of(x, a, k, all);
        bool weak = k < 2 || p > cutoff || a->flags & AWAY_MOVED; /* one document may be one slip of the pen */
        int32_t strength = decibans(p, weak ? WEAK_MOST : STRENGTH_MOST);
        trace_signal *s = signal_add(j, l->source == REGION_STATED ? SIGNAL_SHIP_TO : SIGNAL_CUSTOMER_REGION,
                                     a->partner, a->product, a->to, a->time, strength);
        signal_by_line(j, s, l);
        if ((int64_t)k >= r->reported_documents && (int64_t)days >= r->reported_days && p <= cutoff && counts)
            s->flags |= SIGNAL_PROOF;
    }
}

static void tell(reporting *x) {
    judging *j = x->j;
    double *p = ARENA_NEW(&j->scratch, double, x->away.n + 1);
    size_t streams = 0;
    for (size_t i = 0; i < x->away.n;) {
        size_t end = away_end(&x->away, i), k = count_documents(x, i, end);
        p[streams++] = p_of(x, &x->away.v[i], k, k);
        i = end;
    }
    double cutoff = bh_cutoff(p, streams, (double)j->r->fdr_permille / 1000);
    j->out->tested += streams;
    for (size_t i = 0; i < x->away.n;) {
        size_t end = away_end(&x->away, i);
        tell_stream(x, i, end, count_documents(x, i, end), cutoff);
        i = end;
    }
}

void judge_reported(judging *j) {
    reporting x = {.j = j};
    for (uint32_t i = 0; i < j->w->lines; i++) see_line(&x, i);
    aways_sort(&x.away);
    for (size_t i = 0, end; i < x.away.n; i = end) {
        end = away_end(&x.away, i);
        find_moved(&x, i, end);
    }
    learn(&x);
    tell(&x);
    rates_free(&x.rate);
    map_free(&x.tally);
    map_free(&x.customer);
}
