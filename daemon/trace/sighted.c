/* Codes seen by the trade, inspectors, online, or in lines of other partners: outside the territory of who held them.
 *
 * One carton is a proof, since nobody carries a carton on a journey; of single units trade_codes different ones are. A shop
 * that used to scan inside the territory and then only outside has moved, and says nothing. A cloned code is counterfeit:
 * it is told and taken out of every other rule. */
#include "daemon/trace/parts.h"
#include "maths/evidence.h"

#include <stdlib.h>

enum {
    STRONG_CARTON = 50,
    STRONG_UNIT = 30,
    STRONG_MORE = 10,
    OWN_LINE = 10,
    MOVED_BEFORE = 2,
    AWAY_CHILD = 1,
    AWAY_OTHER = 2
};

static str raw_key(uint8_t raw[static 8], uint64_t v) {
    put_be64(raw, v);
    return str_from(raw, 8);
}

static bool is_cloned(const judging *j, uint64_t unit) {
    uint8_t raw[8];
    return unit && map_find(&j->cloned, raw_key(raw, unit)) != NULL;
}

/* ---- clones: sightings of one code, in the order of time, too far apart */

static int by_unit(const void *x, const void *y, void *sightings) {
    const trace_sighting *a = (const trace_sighting *)sightings + *(const uint32_t *)x;
    const trace_sighting *b = (const trace_sighting *)sightings + *(const uint32_t *)y;
    if (a->unit != b->unit) return a->unit < b->unit ? -1 : 1;
    if (a->time != b->time) return a->time < b->time ? -1 : 1;
    return (*(const uint32_t *)x > *(const uint32_t *)y) - (*(const uint32_t *)x < *(const uint32_t *)y);
}

/* A line of a document has no hour: only scans are measured against each other. */
static bool measured(const trace_sighting *s) {
    return s->placed && s->kind < SEEN_SOLD && s->unit && !(s->flags & (SIGHT_BARE | SIGHT_LOT));
}

static void try_clone(judging *j, const trace_sighting *a, const trace_sighting *b) {
    double km = haversine_km(a->lat, a->lon, b->lat, b->lon), hours = (double)(b->time - a->time) / 3600000.0;
    km -= a->blur_km + b->blur_km;
    uint8_t raw[8];
    if (a->unit != b->unit || km <= (double)j->r->clone_km || km <= (double)j->r->clone_kmh * hours) return;
    uint64_t *at = map_find(&j->cloned, raw_key(raw, a->unit));
    if (at == NULL) *map_at(&j->cloned, arena_str(&j->scratch, raw_key(raw, a->unit)), NULL) = 1;
    trace_signal *s = signal_add(j, SIGNAL_CLONE, TRACE_NONE, b->product, b->region, b->time, STRENGTH_MOST);
    s->flags |= SIGNAL_COUNTERFEIT;
    s->since = a->time;
    signal_by_sighting(j, s, a);
    signal_by_sighting(j, s, b);
    signal_evidence(j, s, "%.0f km in %.1f hours", km, hours);
}

void judge_clones(judging *j) {
    const trace_world *w = j->w;
    uint32_t *order = ARENA_NEW(&j->scratch, uint32_t, w->sightings + 1);
    size_t n = 0;
    if (!j->r->on[SIGNAL_CLONE]) return;
    for (size_t i = 0; i < w->sightings; i++)
        if (measured(&w->sighting[i])) order[n++] = (uint32_t)i;
    if (n) qsort_r(order, n, sizeof *order, by_unit, (void *)(uintptr_t)w->sighting);
    for (size_t i = 1; i < n; i++) try_clone(j, &w->sighting[order[i - 1]], &w->sighting[order[i]]);
}

/* ---- shops that moved: by who scans, one change of region for good */

typedef struct shop_seen {
    uint32_t before, changes;
    trace_region first, now;
    int64_t moved; /* time of its first scan elsewhere */
} shop_seen;

static shop_seen *shop_of(judging *j, map *shops, const trace_sighting *s) {
    AUTO(buf) k = {0};
    if (s->kind != SEEN_TERMINAL && s->kind != SEEN_DEALER) return NULL;
    if (s->by != TRACE_NONE) buf_be32(&k, s->by);
    else if (s->place.n)
        buf_add(&k, s->place);
    else
        return NULL;
    uint64_t *at = map_find(shops, buf_str(&k));
    if (at == NULL) {
        at = map_at(shops, arena_str(&j->scratch, buf_str(&k)), NULL);
        *at = (uintptr_t)ARENA_NEW(&j->scratch, shop_seen, 1);
    }
    return (shop_seen *)(uintptr_t)*at;
}

static void find_shops(judging *j, map *shops) {
    for (size_t i = 0; i < j->w->sightings; i++) {
        const trace_sighting *s = &j->w->sighting[i];
        shop_seen *x = s->region == REGION_NOWHERE ? NULL : shop_of(j, shops, s);
        if (x == NULL) continue;
        if (x->first == REGION_NOWHERE) x->first = x->now = trace_province(s->region);
        if (x->changes == 0 && x->now == trace_province(s->region)) x->before++;
        if (x->now != trace_province(s->region)) {
            x->now = trace_province(s->region);
            if (x->changes++ == 0) x->moved = s->time;
        }
    }
}

static bool shop_moved(judging *j, map *shops, const trace_sighting *s) {
    const shop_seen *x = shop_of(j, shops, s);
    return x && x->changes == 1 && x->before >= MOVED_BEFORE && s->time >= x->moved;
}

/* ---- who is accused of what */

typedef struct sighting_of {
    uint32_t holder; /* who answers for it */
    trace_region to;
    bool child, other;
} sighting_of;

static bool inside(const judging *j, uint32_t partner_at, const trace_sighting *s, trace_region to) {
    const trace_world *w = j->w;
    day_t day = day_of_time(j, s->time);
    return trace_may_sell(w, partner_at, s->product, to, s->channel, day) ||
           !trace_has_territory(w, partner_at, s->product, day);
}

static bool below(const trace_world *w, uint32_t at, uint32_t above) {
    for (int depth = 0; at != TRACE_NONE && depth < 16; depth++, at = w->partner[at].parent)
        if (at == above) return true;
    return false;
}

/* Sold or received by another than its holder. False: nothing to be said. */
static bool of_another(judging *j, const trace_sighting *s, sighting_of *x) {
    const trace_world *w = j->w;
    uint32_t by = j->accused[s->by];
    x->to = s->region != REGION_NOWHERE && s->source != REGION_ASSUMED ? s->region : w->partner[by].home;
    if (trace_one_chain(w, s->holder, s->by)) return false;
    if (below(w, by,
              x->holder)) { /* a hand-over that nobody recorded: the territory is the child's, the case the parent's */
        x->child = true;
        return s->kind == SEEN_SOLD && !inside(j, by, s, x->to);
    }
    x->other = true;
    return x->to != REGION_NOWHERE;
}

static bool sight(judging *j, map *shops, const trace_sighting *s, sighting_of *x) {
    const trace_world *w = j->w;
    if (s->holder == TRACE_NONE || s->product == TRACE_NONE || is_cloned(j, s->unit)) return false;
    if (s->flags & (SIGHT_BARE | SIGHT_LOT) || day_of_time(j, s->time) > w->as_of) return false;
    *x = (sighting_of){.holder = j->accused[s->holder], .to = s->region};
    if (w->partner[x->holder].kind == PARTNER_MANUFACTURER) return false;
    bool line = s->kind == SEEN_SOLD || s->kind == SEEN_RECEIVED;
    if (line && s->by != TRACE_NONE && j->accused[s->by] != x->holder) {
        if (!of_another(j, s, x)) return false;
    } else if (line && (s->kind == SEEN_RECEIVED || (s->source != REGION_STATED && s->source != REGION_CUSTOMER))) {
        return false;
    }
    if (x->to <= REGION_ANYWHERE || inside(j, x->holder, s, x->to) || chain_reaches(j, s->holder, x->to)) return false;
    if (s->by != TRACE_NONE && trace_one_chain(w, s->holder, s->by) && s->by != s->holder) return false;
    uint32_t exempt_by = trace_exempt(w, x->holder, s->product, x->to, STR_NONE, day_of_time(j, s->time),
                                      (int)j->r->exemption_slack_days);
    if (exempt_by != TRACE_NONE) {
        exemption_used(j, exempt_by, s->quantity, true);
        return false;
    }
    return !shop_moved(j, shops, s) && !moved_explains(j, x->holder, x->to, s->time);
}

static trace_kind kind_of(const trace_sighting *s, uint32_t flags) {
    if (flags & AWAY_OTHER) return SIGNAL_OTHER_SELLER;
    switch (s->kind) {
    case SEEN_SOLD: return SIGNAL_CODE_SOLD;
    case SEEN_INSPECTOR: return SIGNAL_CODE_INSPECTED;
    case SEEN_ONLINE: return SIGNAL_CODE_ONLINE;
    default: return SIGNAL_CODE_TRADE;
    }
}

/* How many different things (cartons; units of no known carton) a stream has shown up to and with this fact. */
static bool seen_before(const aways *list, size_t from, size_t i) {
    for (size_t k = from; k < i; k++)
        if (list->v[k].unit == list->v[i].unit) return true;
    return false;
}

enum { DISTINCT_MOST = 32 }; /* beyond it makes no difference */

static void tell_stream(judging *j, const aways *list, size_t from, size_t end) {
    int64_t different = 0;
    for (size_t i = from; i < end; i++) {
        const away *a = &list->v[i];
        const trace_sighting *x = &j->w->sighting[a->at];
        bool carton = x->flags & SIGHT_CARTON;
        if (different < DISTINCT_MOST && !seen_before(list, from, i)) different++;
        /* what a line of its own says again, with codes; of a partner below it only when it goes on */
        bool own = x->kind == SEEN_SOLD && !(a->flags & (AWAY_OTHER | AWAY_CHILD));
        bool often = different >= (a->flags & AWAY_CHILD ? j->r->reported_documents : j->r->trade_codes);
        bool proof = carton && !(a->flags & AWAY_CHILD);
        int32_t strength = (carton ? STRONG_CARTON : STRONG_UNIT) + (int32_t)(different - 1) * STRONG_MORE;
        if (own || (a->flags & AWAY_CHILD && !often)) strength = OWN_LINE;
        trace_signal *s = signal_add(j, kind_of(x, a->flags), a->partner, a->product, a->to, a->time, strength);
        if (!own && (proof || often)) s->flags |= SIGNAL_PROOF;
        signal_by_sighting(j, s, x); /* first: a signal is known by it */
        if (!(a->flags & AWAY_CHILD)) continue;
        s->flags |= SIGNAL_FOR_CHILD;
        signal_evidence(j, s, "sold by %.*s below it; no hand-over was recorded", STR_ARG(j->w->partner[x->by].id));
    }
}

static void tell_state(judging *j, const trace_sighting *s) {
    static const struct {
        unsigned flag;
        trace_kind kind;
    } states[] = {
        {SIGHT_UNKNOWN, SIGNAL_UNKNOWN_CODE}, {SIGHT_VOID, SIGNAL_VOID_CODE}, {SIGHT_LOCKED, SIGNAL_LOCKED_CODE}};
    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        if (!(s->flags & states[i].flag)) continue;
        uint32_t who = s->kind >= SEEN_SOLD && s->by != TRACE_NONE ? j->accused[s->by] : TRACE_NONE;
        trace_signal *x = signal_add(j, states[i].kind, who, s->product, s->region, s->time, STRONG_UNIT);
        signal_by_sighting(j, x, s);
    }
}

void judge_codes(judging *j) {
    AUTO(map) shops = {0};
    aways list = {0};
    find_shops(j, &shops);
    for (size_t i = 0; i < j->w->sightings; i++) {
        const trace_sighting *s = &j->w->sighting[i];
        sighting_of x;
        tell_state(j, s);
        if (s->kind == SEEN_CONSUMER || !sight(j, &shops, s, &x)) continue;
        away_add(j, &list,
                 &(away){.partner = x.holder,
                         .product = s->product,
                         .to = trace_province(x.to),
                         .at = (uint32_t)i,
                         .time = s->time,
                         .unit = s->carton ? s->carton : s->unit,
                         .flags = (x.child ? AWAY_CHILD : 0u) | (x.other ? AWAY_OTHER : 0u)});
    }
    aways_sort(&list);
    for (size_t i = 0; i < list.n;) {
        size_t end = away_end(&list, i);
        tell_stream(j, &list, i, end);
        i = end;
    }
}
