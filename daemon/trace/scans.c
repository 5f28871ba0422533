/* Consumer scans: bought here, drunk there is life. What speaks is a share of scans in one province above what travel, gifts
 * and the border explain, as learned from all other partners of the same city (with the province behind it while scans are
 * few, and a share for any province behind that), counted once a carton and province so that a box of gifts is one event, with the
 * scatter that honest partners show. It stays when Wilson's lower bound is above that share and the false discovery rate
 * allows it. It never accuses alone. */
#include "daemon/trace/parts.h"
#include "maths/evidence.h"

#include <math.h>
#include <stdlib.h>

enum { RATE_CAP = 5, WEAK_MOST = 25, TOLD_DAYS = 28, STRONGER = 10 };

typedef struct scanning {
    judging *j;
    aways away;
    rates city, province;
    map tally; /* partner, product → events */
    map once;  /* partner's carton and province: counted */
    double scatter;
} scanning;

static str key_of(uint8_t raw[static 16], uint32_t a, uint32_t b, uint64_t c) {
    put_be32(raw, a);
    put_be32(raw + 4, b);
    put_be64(raw + 8, c);
    return str_from(raw, 16);
}

static uint64_t *tally_at(scanning *x, uint32_t partner_at, uint32_t product_at) {
    uint8_t raw[16];
    str k = key_of(raw, partner_at, product_at, 0);
    uint64_t *known = map_find(&x->tally, k);
    return known ? known : map_at(&x->tally, arena_str(&x->j->scratch, k), NULL);
}

static bool first_time(scanning *x, const trace_sighting *s, uint32_t holder) {
    uint8_t raw[16];
    uint64_t what = s->carton ? s->carton : s->unit;
    str k = key_of(raw, holder, (uint32_t)trace_province(s->region), what);
    if (map_find(&x->once, k)) return false;
    *map_at(&x->once, arena_str(&x->j->scratch, k), NULL) = 1;
    return true;
}

static bool judged(const judging *j, const trace_sighting *s) {
    uint8_t raw[8];
    if (s->kind != SEEN_CONSUMER || s->holder == TRACE_NONE || s->product == TRACE_NONE) return false;
    if (s->region <= REGION_ANYWHERE || s->flags & (SIGHT_BARE | SIGHT_LOT | SIGHT_UNKNOWN | SIGHT_VOID)) return false;
    put_be64(raw, s->unit);
    return day_of_time(j, s->time) <= j->w->as_of && map_find(&j->cloned, str_from(raw, 8)) == NULL;
}

static bool belongs(judging *j, const trace_sighting *s, uint32_t holder) {
    const trace_world *w = j->w;
    day_t day = day_of_time(j, s->time);
    if (trace_may_sell(w, holder, s->product, s->region, STR(""), day)) return true;
    if (!trace_has_territory(w, holder, s->product, day) || chain_reaches(j, s->holder, s->region)) return true;
    if (moved_explains(j, holder, s->region, s->time)) return true;
    uint32_t by = trace_exempt(w, holder, s->product, s->region, STR_NONE, day, (int)j->r->exemption_slack_days);
    if (by != TRACE_NONE) exemption_used(j, by, s->quantity, true);
    return by != TRACE_NONE;
}

static void see(scanning *x, uint32_t at) {
    judging *j = x->j;
    const trace_sighting *s = &j->w->sighting[at];
    if (!judged(j, s)) return;
    uint32_t holder = j->accused[s->holder];
    if (j->w->partner[holder].kind == PARTNER_MANUFACTURER || !first_time(x, s, holder)) return;
    uint64_t *n = tally_at(x, holder, s->product);
    ++*n;
    if (belongs(j, s, holder)) return;
    away_add(j, &x->away,
             &(away){.partner = holder,
                     .product = s->product,
                     .to = trace_province(s->region),
                     .at = at,
                     .time = s->time,
                     .unit = s->carton,
                     .n = (uint32_t)*n});
}

/* ---- what is usual */

static uint32_t city_of(const judging *j, uint32_t partner_at) {
    return (uint32_t)(j->w->partner[partner_at].home / 100);
}
static uint32_t province_home(const judging *j, uint32_t partner_at) {
    return province_of(j->w->partner[partner_at].home);
}

static void learn(scanning *x) {
    judging *j = x->j;
    double all = 0, outside = 0;
    for (uint32_t p = 0; p < j->w->partners; p++)
        for (uint32_t s = 0; s < j->w->products; s++) {
            uint8_t raw[16];
            const uint64_t *n = map_find(&x->tally, key_of(raw, p, s, 0));
            if (n == NULL) continue;
            rates_of(j, &x->city, city_of(j, p), (double)*n);
            rates_of(j, &x->province, province_home(j, p), (double)*n);
            all += (double)*n;
        }
    for (size_t i = 0; i < x->away.n;) {
        size_t end = away_end(&x->away, i);
        const away *a = &x->away.v[i];
        double k = (double)(end - i < RATE_CAP ? end - i : RATE_CAP);
        rates_see(j, &x->city, city_of(j, a->partner), a->to, k);
        rates_see(j, &x->province, province_home(j, a->partner), a->to, k);
        outside += k;
        i = end;
    }
    x->province.prior = (outside + 1) / (all + 100) / 31;
    x->province.believe = (double)j->r->allowance_scans;
    x->city.believe = (double)j->r->allowance_scans;
    learned_add(j, "travel", REGION_NOWHERE, REGION_NOWHERE, all > 0 ? outside / all * 1e6 : 0, (uint64_t)outside,
                (uint64_t)all);
}

static double expected(scanning *x, const away *a, double k, double n) {
    double capped = k < RATE_CAP ? k : RATE_CAP;
    x->city.prior = rates_expect(&x->province, province_home(x->j, a->partner), a->to, capped, n);
    return rates_expect(&x->city, city_of(x->j, a->partner), a->to, capped, n);
}

static double total(scanning *x, const away *a) {
    return (double)*tally_at(x, a->partner, a->product);
}

/* Variance over mean of streams, as honest ones scatter: great ones are cut. */
static void learn_scatter(scanning *x) {
    double sum = 0, means = 0;
    for (size_t i = 0; i < x->away.n;) {
        size_t end = away_end(&x->away, i);
        const away *a = &x->away.v[i];
        double n = total(x, a), k = (double)(end - i), mean = n * expected(x, a, k, n);
        if (mean >= 0.2) {
            double off = fmin(k - mean, 3 * sqrt(mean) + 1);
            sum += off * off, means += mean;
        }
        i = end;
    }
    x->scatter = means > 0 ? fmax(1.3, fmin(4, sum / means)) : 1.5;
    learned_add(x->j, "scan_scatter", REGION_NOWHERE, REGION_NOWHERE, x->scatter * 1000, 0, 0);
}

static double p_of(scanning *x, const away *a, double k, double n, double share) {
    (void)a;
    double mean = n * share;
    return count_from(mean, mean * x->scatter, (int64_t)k);
}

/* ---- streams */

static void tell_stream(scanning *x, size_t from, size_t end, double cutoff) {
    judging *j = x->j;
    const trace_rules *r = j->r;
    const away *first = &x->away.v[from];
    double share = expected(x, first, (double)(end - from), total(x, first)), z = (double)r->wilson_permille / 1000;
    int64_t told = INT64_MIN;
    int32_t best = 0;
    for (size_t i = from; i < end; i++) {
        const away *a = &x->away.v[i];
        double k = (double)(i - from + 1), n = (double)a->n, p = p_of(x, a, k, n, share);
        int32_t strength = decibans(p, STRENGTH_MOST);
        if (k < (double)r->scan_events || strength < r->scan_decibans || wilson(k, n, z).low <= share) continue;
        if (p > cutoff && strength > WEAK_MOST) strength = WEAK_MOST;
        bool again = told != INT64_MIN && a->time - told < TOLD_DAYS * TRACE_DAY_MS && strength < best + STRONGER;
        if (again && i + 1 < end) continue;
        trace_signal *s = signal_add(j, SIGNAL_SCAN_SHARE, a->partner, a->product, a->to, a->time, strength);
        s->since = first->time;
        signal_evidence(j, s, "%.0f of %.0f events in %06d, expected %.2f", k, n, a->to, n * share);
        for (size_t e = i + 1 > from + 8 ? i - 7 : from; e <= i; e++)
            signal_by_sighting(j, s, &j->w->sighting[x->away.v[e].at]);
        told = a->time;
        if (strength > best) best = strength;
    }
}

static void tell(scanning *x) {
    judging *j = x->j;
    double *p = ARENA_NEW(&j->scratch, double, x->away.n + 1);
    size_t streams = 0;
    for (size_t i = 0; i < x->away.n;) {
        size_t end = away_end(&x->away, i);
        const away *a = &x->away.v[i];
        double k = (double)(end - i), n = total(x, a);
        p[streams++] = p_of(x, a, k, n, expected(x, a, k, n));
        i = end;
    }
    double cutoff = bh_cutoff(p, streams, (double)j->r->fdr_permille / 1000);
    j->out->tested += streams;
    for (size_t i = 0; i < x->away.n;) {
        size_t end = away_end(&x->away, i);
        tell_stream(x, i, end, cutoff);
        i = end;
    }
}

void judge_scans(judging *j) {
    scanning x = {.j = j};
    for (uint32_t i = 0; i < j->w->sightings; i++) see(&x, i);
    aways_sort(&x.away);
    learn(&x);
    learn_scatter(&x);
    tell(&x);
    rates_free(&x.city);
    rates_free(&x.province);
    map_free(&x.tally);
    map_free(&x.once);
}
