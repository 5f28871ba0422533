/* Goods seen without a code of their own (none, or only their lot) in a province: who sent them?
 *
 * A cell is a product and a province. What honest supply explains there is learned from all other provinces (sightings a carton
 * shipped). Against "nobody sent any" stands each partner that was shipped the product and may not sell it there:
 *
 *     weight = chance that a partner diverts there × how much the sightings exceed what supply explains (of a partner whose
 *              goods are missing: those in the time of that) × what its own figures say (goods missing, a peak, cheap lines;
 *              or none although it would show) × whether it was shipped the lots seen
 *
 * Figures that stronger evidence explains by another province say nothing. The posterior share of the first must reach
 * source_permille; whoever cannot be observed weighs too, so that a single gap among many partners that never count accuses
 * nobody. It is told when it first holds, and makes a case only beside other evidence. */
#include "daemon/trace/sources.h"
#include "maths/evidence.h"

#include <math.h>
#include <stdlib.h>

enum {
    SHOWN_MOST = 8, /* in the evidence */
    LEAST = 35,     /* strength of a posterior that just suffices: a case beside any other evidence */
    MOST = 60,
    BELIEVE = 5,  /* sightings before a product's own rate is believed */
    CELL_CAP = 5, /* sightings of a cell that teach the rate */
    TOLD = 15,    /* of goods without their code that accuse nobody */
    CHEAP = 2     /* a sighting below the floor counts as so many */
};
#define MEAN_LEAST   0.02
#define PROVINCES_OF 31.0
#define LOT_READ     0.95 /* a lot is read rightly */

/* ---- what was seen */

static bool is_loose(const judging *j, const trace_sighting *s) {
    return s->flags & (SIGHT_BARE | SIGHT_LOT) && s->product != TRACE_NONE && s->region > REGION_ANYWHERE &&
           s->kind < SEEN_ONLINE && day_of_time(j, s->time) <= j->w->as_of;
}

static bool sells_there(const judging *j, uint32_t partner_at, const trace_sighting *s) {
    day_t day = day_of_time(j, s->time);
    return trace_may_sell(j->w, partner_at, s->product, s->region, STR(""), day) ||
           chain_reaches(j, partner_at, s->region);
}

static bool is_granted(const judging *j, const trace_sighting *s) {
    const trace_world *w = j->w;
    day_t day = day_of_time(j, s->time);
    for (size_t i = 0; i < w->exemptions; i++) {
        const trace_exemption *x = &w->exemption[i];
        bool then = day >= x->from && (x->to == DAY_MAX || day <= x->to + j->r->exemption_slack_days);
        if (then && trace_within(s->region, x->region) && trace_lists(x->products, &w->product[s->product]))
            return true;
    }
    return false;
}

/* Is there somebody whose goods these may rightly be? */
static bool is_explained(const judging *j, const trace_sighting *s) {
    if (s->by != TRACE_NONE && sells_there(j, j->accused[s->by], s)) return true;
    for (uint32_t i = 0; s->flags & SIGHT_LOT && i < s->suspect_count; i++)
        if (sells_there(j, j->accused[s->suspects[i]], s)) return true;
    return is_granted(j, s);
}

static int by_cell(const void *x, const void *y) {
    const fact *a = x, *b = y;
    if (a->product != b->product) return a->product < b->product ? -1 : 1;
    if (a->to != b->to) return a->to < b->to ? -1 : 1;
    if (a->time != b->time) return a->time < b->time ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

static bool same_cell(const fact *a, const fact *b) {
    return a->product == b->product && a->to == b->to;
}

/* Of one visit (day, place, lot) only the first counts. */
static bool is_again(const sourcing *x, size_t from, const fact *f) {
    const trace_sighting *s = &x->j->w->sighting[f->at];
    for (size_t i = x->facts; i-- > from && same_cell(&x->fact[i], f);) {
        const trace_sighting *o = &x->j->w->sighting[x->fact[i].at];
        if (f->time - x->fact[i].time > TRACE_DAY_MS) return false;
        if (o->kind == s->kind && o->region == s->region && str_eq(o->place, s->place) && str_eq(o->code, s->code) &&
            day_of_time(x->j, o->time) == day_of_time(x->j, s->time))
            return true;
    }
    return false;
}

static void list_facts(sourcing *x) {
    const judging *j = x->j;
    for (uint32_t i = 0; i < j->w->sightings; i++) {
        const trace_sighting *s = &j->w->sighting[i];
        if (!is_loose(j, s) || is_explained(j, s)) continue;
        x->fact = arena_grown(&x->j->scratch, x->fact, x->facts, &x->fact_cap, sizeof *x->fact);
        x->fact[x->facts++] = (fact){s->product, i, trace_province(s->region), s->time,
                                     s->price != NUM_NONE && s->floor != NUM_NONE && s->price < s->floor};
    }
    size_t n = x->facts;
    if (n) qsort(x->fact, n, sizeof *x->fact, by_cell);
    x->facts = 0;
    for (size_t i = 0; i < n; i++) {
        fact f = x->fact[i];
        if (!is_again(x, 0, &f)) x->fact[x->facts++] = f;
    }
}

/* ---- who was shipped what, and what honest supply explains */

static void list_supply(sourcing *x) {
    judging *j = x->j;
    const trace_world *w = j->w;
    x->slot = ARENA_NEW(&j->scratch, uint32_t, w->products + 1);
    for (size_t i = 0; i < w->products; i++) x->slot[i] = TRACE_NONE;
    for (size_t i = 0; i < x->facts; i++)
        if (x->slot[x->fact[i].product] == TRACE_NONE) x->slot[x->fact[i].product] = (uint32_t)x->slots++;
    x->supply = ARENA_NEW(&j->scratch, double, x->slots *PROVINCES + 1);
    x->seen = ARENA_NEW(&j->scratch, double, x->slots *PROVINCES + 1);
    x->begin = INT64_MAX, x->end = day_end(j, w->as_of);
    for (size_t i = 0; i < w->lines; i++) {
        const trace_line *l = &w->line[j->by_product[i]];
        bool in = (l->kind == FLOW_SELL_IN || l->kind == FLOW_TRANSFER) && l->quantity > 0 && l->day <= w->as_of;
        if (!in || l->product == TRACE_NONE || x->slot[l->product] == TRACE_NONE) continue;
        int64_t time = day_end(j, l->day);
        uint32_t who = j->accused[l->partner];
        if (time < x->begin) x->begin = time;
        x->supply[x->slot[l->product] * PROVINCES + province_of(w->partner[l->partner].home)] +=
            (double)l->quantity / (double)w->product[l->product].carton;
        receiver *last = x->tos ? &x->to[x->tos - 1] : NULL;
        if (last && last->partner == who && last->product == l->product) continue;
        x->to = arena_grown(&j->scratch, x->to, x->tos, &x->to_cap, sizeof *x->to);
        x->to[x->tos++] = (receiver){l->product, who, time, is_balanced(j, who, l->product)};
    }
}

static int by_receiver(const void *a, const void *b) {
    const receiver *p = a, *q = b;
    if (p->product != q->product) return p->product < q->product ? -1 : 1;
    if (p->partner != q->partner) return p->partner < q->partner ? -1 : 1;
    return (p->since > q->since) - (p->since < q->since);
}

static void learn_rates(sourcing *x) {
    double k[2] = {0}, n[2] = {0};
    for (size_t i = 0; i < x->facts; i++) {
        double *at = &x->seen[x->slot[x->fact[i].product] * PROVINCES + province_of(x->fact[i].to)];
        if (*at < CELL_CAP) ++*at;
    }
    for (size_t s = 0; s < x->j->w->products; s++) {
        if (x->slot[s] == TRACE_NONE) continue;
        for (size_t p = 0; p < PROVINCES; p++) {
            k[x->coded[s]] += x->seen[x->slot[s] * PROVINCES + p];
            n[x->coded[s]] += x->supply[x->slot[s] * PROVINCES + p];
        }
    }
    for (int c = 0; c < 2; c++) x->rate[c] = n[c] > 0 ? k[c] / n[c] : 0;
}

/* Sightings that honest supply explains in a cell, all the time. */
static double expected(const sourcing *x, uint32_t product_at, trace_region to) {
    const double *seen = &x->seen[x->slot[product_at] * PROVINCES],
                 *supply = &x->supply[x->slot[product_at] * PROVINCES];
    unsigned here = province_of(to);
    double k = 0, n = 0, usual = x->rate[x->coded[product_at]];
    for (unsigned p = 0; p < PROVINCES; p++)
        if (p != here) k += seen[p], n += supply[p];
    double rate = usual > 0 ? (k + BELIEVE) / (n + BELIEVE / usual) : 0;
    double typing = (double)x->j->r->typing_permille / 1000 * (k + 1) / PROVINCES_OF;
    return fmax(MEAN_LEAST, rate * supply[here] + typing);
}

/* ---- one partner as the source of what was seen up to a time */

/* log of the mean over rates of 1, 2, 4, 8 goods seen of e^−λ (1 + λ / mean)^k, tempered as honest sightings scatter */
static double excess_of(double mean, double k, double scatter) {
    double sum = 0;
    for (double more = 1; more <= 8; more *= 2) sum += exp((k * log1p(more / mean) - more) / scatter) / 4;
    return log(sum);
}

static double counts_as(const fact *f, const trace_sighting *s) {
    return s->flags & SIGHT_LOT && s->suspect_count ? 0 : f->cheap ? CHEAP : 1;
}

/* Of a partner whose goods are missing only what is seen in the time of that. */
static double weigh_excess(const sourcing *x, const receiver *to, const sought *q, double length) {
    double all = (double)(q->now - x->begin) + (double)TRACE_DAY_MS, k = 0;
    if (length <= 0) return q->excess;
    for (size_t i = 0; i < q->n; i++)
        if (signs_cover(x, to, q, q->seen[i]->time)) k += counts_as(q->seen[i], &x->j->w->sighting[q->seen[i]->at]);
    return excess_of(fmax(MEAN_LEAST, q->mean * fmin(1, length / all)), k, x->scatter);
}

static bool is_suspect(const judging *j, const trace_sighting *s, uint32_t who) {
    for (uint32_t i = 0; i < s->suspect_count; i++)
        if (j->accused[s->suspects[i]] == who) return true;
    return false;
}

static double weigh_lots(const sourcing *x, const receiver *to, const sought *q) {
    double sum = 0;
    for (size_t k = 0; q->lots && k < q->n; k++) {
        const trace_sighting *s = &x->j->w->sighting[q->seen[k]->at];
        if (!(s->flags & SIGHT_LOT) || s->suspect_count == 0) continue;
        bool one = is_suspect(x->j, s, to->partner);
        sum += one ? log(LOT_READ * (double)q->receivers / s->suspect_count) : log(1 - LOT_READ);
    }
    return sum;
}

static void seek(const sourcing *x, const fact *list, size_t n, int64_t now, double mean, sought *q) {
    double past = (double)(now - x->begin) / (double)(x->end - x->begin + 1);
    *q = (sought){.now = now, .to = list[0].to};
    size_t from = n > FACTS_MOST ? n - FACTS_MOST : 0;
    while (from < n && list[from].time < now - LOOK_DAYS * TRACE_DAY_MS) from++;
    for (size_t i = from; i < n; i++) {
        const trace_sighting *s = &x->j->w->sighting[list[i].at];
        q->seen[q->n++] = &list[i];
        q->lots += (s->flags & SIGHT_LOT) != 0;
        q->k += counts_as(&list[i], s);
    }
    q->mean = fmax(MEAN_LEAST, mean * fmin(1, past));
    q->beyond = count_from(q->mean, q->mean * x->scatter, (int64_t)q->k) <= x->cutoff;
    q->excess = q->beyond ? excess_of(q->mean, q->k, x->scatter) : 0; /* lots alone speak for themselves */
}

/* How much better it explains what was seen than supply does; `shown`: the strongest of its own figures. */
static double weigh(const sourcing *x, const receiver *to, const sought *q, int32_t shown[static BY_COUNT]) {
    double length = signs_near(x, to, q, shown);
    return weigh_excess(x, to, q, length) + weigh_lots(x, to, q);
}

/* Nobody sent any: every lot was misread. */
static double weigh_none(const sought *q) {
    return (double)q->lots * log(1 - LOT_READ);
}

typedef struct found {
    const receiver *who;
    double share;
    bool missing; /* goods of it are */
} found;

/* Receivers from … end − 1 are those of the product. */
static found best_source(const sourcing *x, size_t from, size_t end, const bool *outside, sought *q) {
    double best = -INFINITY, sum, prior = log(x->usual[BY_BALANCE] / PROVINCES_OF);
    found f = {NULL, 0, false};
    double *v = ARENA_NEW(&x->j->scratch, double, end - from + 1);
    q->receivers = end - from;
    double none = weigh_none(q), top = none;
    for (size_t i = from; i < end; i++) {
        const receiver *to = &x->to[i];
        v[i - from] = -INFINITY;
        if (!outside[i - from] || to->since > q->now) continue;
        int32_t shown[BY_COUNT] = {0};
        double place = weigh(x, to, q, shown);
        v[i - from] = prior + signs_weigh(x, to, shown) + place;
        if (v[i - from] > best) best = v[i - from], f.who = to, f.missing = shown[BY_BALANCE] > 0;
    }
    if (best > top) top = best;
    sum = exp(none - top);
    for (size_t i = from; i < end; i++) sum += exp(v[i - from] - top);
    f.share = exp(best - top) / sum;
    return f;
}

/* The goods of one partner go to few places: the share of this one among all cells of the product, the rest of the country
 * included, where nothing was seen. */
static double share_of_place(const sourcing *x, size_t from, const receiver *who, const sought *here) {
    int32_t shown[BY_COUNT] = {0};
    double mine = exp(weigh(x, who, here, shown) - weigh_none(here)), sum = PROVINCES_OF;
    size_t first = from, last = from;
    while (first > 0 && x->fact[first - 1].product == x->fact[from].product) first--;
    while (last < x->facts && x->fact[last].product == x->fact[from].product) last++;
    for (size_t i = first, to; i < last; i = to) {
        const fact *cell = &x->fact[i];
        size_t n = 0;
        sought q;
        for (to = i; to < last && same_cell(cell, &x->fact[to]); to++) n += x->fact[to].time <= here->now;
        if (i == from || sells_there(x->j, who->partner, &x->j->w->sighting[cell->at])) continue;
        seek(x, cell, n, here->now, expected(x, cell->product, cell->to), &q);
        q.receivers = here->receivers;
        if (q.n) sum += exp(weigh(x, who, &q, shown) - weigh_none(&q));
    }
    return mine / (sum + mine);
}

static void tell(sourcing *x, const found *f, const sought *q, const fact *cell) {
    judging *j = x->j;
    int32_t least = decibans(1 - (double)j->r->source_permille / 1000, MOST), now = decibans(1 - f->share, 2 * MOST);
    int32_t strength = LEAST + now - least;
    trace_kind kind = x->coded[cell->product] ? SIGNAL_SCRAPED_CODE : SIGNAL_PRESENCE;
    trace_signal *s =
        signal_add(j, kind, f->who->partner, cell->product, cell->to, q->now, strength > MOST ? MOST : strength);
    s->since = q->seen[0]->time;
    s->flags |= SIGNAL_PLACED;
    signal_evidence(j, s, "of %zu partners that were shipped it the likeliest source by far: %.1f %%", q->receivers,
                    100 * f->share);
    for (size_t i = q->n > SHOWN_MOST ? q->n - SHOWN_MOST : 0; i < q->n; i++)
        signal_by_sighting(j, s, &j->w->sighting[q->seen[i]->at]);
}

/* ---- one cell, as time goes by: at each thing seen and each sign, until it holds */

static int by_moment(const void *a, const void *b) {
    const int64_t *p = a, *q = b;
    return (*p > *q) - (*p < *q);
}

static size_t moments_of(sourcing *x, const fact *cell, size_t n, int64_t **out) {
    size_t count = 0;
    int64_t *list = ARENA_NEW(&x->j->scratch, int64_t, n + x->signs + 1);
    for (size_t i = 0; i < n; i++) list[count++] = cell[i].time;
    for (size_t i = 0; i < x->signs; i++) {
        const sign *s = &x->sign[i];
        if (s->product == cell->product && s->time > cell->time &&
            s->time < cell[n - 1].time + LOOK_DAYS * TRACE_DAY_MS)
            list[count++] = s->time;
    }
    qsort(list, count, sizeof *list, by_moment);
    *out = list;
    return count;
}

static void try_cell(sourcing *x, size_t from, size_t end) {
    judging *j = x->j;
    const fact *cell = &x->fact[from];
    size_t n = end - from, first = 0, last;
    double mean = expected(x, cell->product, cell->to);
    sought q;
    while (first < x->tos && x->to[first].product != cell->product) first++;
    for (last = first; last < x->tos && x->to[last].product == cell->product;) last++;
    bool *outside = ARENA_NEW(&j->scratch, bool, last - first + 1);
    const trace_sighting *s = &j->w->sighting[cell->at];
    for (size_t i = first; i < last; i++)
        outside[i - first] = !sells_there(j, x->to[i].partner, s) &&
                             trace_has_territory(j->w, x->to[i].partner, s->product, day_of_time(j, s->time));
    int64_t *moment;
    size_t moments = moments_of(x, cell, n, &moment);
    uint32_t told = TRACE_NONE;
    for (size_t m = 0, k = 0; m < moments; m++) {
        if (m + 1 < moments && moment[m + 1] == moment[m]) continue;
        while (k < n && cell[k].time <= moment[m]) k++;
        seek(x, cell, k, moment[m], mean, &q);
        if (q.n == 0) continue;
        found f = best_source(x, first, last, outside, &q);
        double least = (double)j->r->source_permille / 1000;
        if (f.who == NULL || !(f.missing || q.beyond || q.lots) || f.who->partner == told || f.share < least ||
            share_of_place(x, from, f.who, &q) < least)
            continue;
        told = f.who->partner;
        tell(x, &f, &q, cell);
    }
    j->out->tested++;
}

/* ---- what is beyond chance among all cells, those included where nothing was seen */

static double seen_in(const sourcing *x, size_t from, size_t end) {
    double k = 0;
    for (size_t i = from; i < end; i++) {
        k += counts_as(&x->fact[i], &x->j->w->sighting[x->fact[i].at]);
    }
    return k;
}

static size_t cell_end(const sourcing *x, size_t from) {
    size_t end = from;
    while (end < x->facts && same_cell(&x->fact[from], &x->fact[end])) end++;
    return end;
}

static void learn_chance(sourcing *x) {
    double sum = 0, means = 0;
    size_t cells = 0, all = x->slots * (size_t)PROVINCES_OF;
    double *p = ARENA_NEW(&x->j->scratch, double, x->facts + all + 1);
    for (size_t i = 0; i < x->facts; i = cell_end(x, i)) {
        double k = seen_in(x, i, cell_end(x, i)), mean = expected(x, x->fact[i].product, x->fact[i].to);
        double off = fmin(k - mean, 3 * sqrt(mean) + 1);
        if (mean >= 0.5) sum += off * off, means += mean;
    }
    x->scatter = means > 0 ? fmax(1.5, fmin(8, sum / means)) : 1.5;
    for (size_t i = 0; i < x->facts; i = cell_end(x, i)) {
        double mean = expected(x, x->fact[i].product, x->fact[i].to);
        p[cells++] = count_from(mean, mean * x->scatter, (int64_t)seen_in(x, i, cell_end(x, i)));
    }
    while (cells < all) p[cells++] = 1;
    x->cutoff = bh_cutoff(p, cells, (double)x->j->r->fdr_permille / 1000);
    learned_add(x->j, "presence_scatter", REGION_NOWHERE, REGION_NOWHERE, x->scatter * 1000, 0, cells);
}

/* A product has codes when somebody is known to have held one of it. */
static void find_coded(sourcing *x) {
    const trace_world *w = x->j->w;
    x->coded = ARENA_NEW(&x->j->scratch, bool, w->products + 1);
    for (size_t i = 0; i < w->sightings; i++)
        if (w->sighting[i].holder != TRACE_NONE && w->sighting[i].product != TRACE_NONE)
            x->coded[w->sighting[i].product] = true;
}

/* Goods without their code, of a product that has codes: told, whoever sent them. */
static void tell_scraped(sourcing *x) {
    judging *j = x->j;
    for (size_t i = 0; i < x->facts; i++) {
        const fact *f = &x->fact[i];
        const trace_sighting *s = &j->w->sighting[f->at];
        if (s->kind == SEEN_CONSUMER || s->code.n || !x->coded[f->product]) continue;
        trace_signal *out = signal_add(j, SIGNAL_SCRAPED_CODE, TRACE_NONE, f->product, f->to, f->time, TOLD);
        signal_by_sighting(j, out, s);
    }
}

void judge_sources(judging *j) {
    sourcing x = {.j = j};
    find_coded(&x);
    list_facts(&x);
    list_supply(&x);
    if (x.tos) qsort(x.to, x.tos, sizeof *x.to, by_receiver);
    size_t kept = 0;
    for (size_t i = 0; i < x.tos; i++) {
        receiver *last = kept ? &x.to[kept - 1] : NULL;
        if (!(last && last->product == x.to[i].product && last->partner == x.to[i].partner)) x.to[kept++] = x.to[i];
    }
    x.tos = kept;
    learn_rates(&x);
    signs_list(&x);
    tell_scraped(&x);
    if (x.facts) learn_chance(&x);
    for (size_t i = 0; i < x.facts; i = cell_end(&x, i)) try_cell(&x, i, cell_end(&x, i));
}
