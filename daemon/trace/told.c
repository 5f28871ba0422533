/* What others tell: reports of harmed partners, offers found online, lots, goods without their code. */
#include "daemon/trace/parts.h"

#include <stdlib.h>

enum { REPORT_STRENGTH = 25, OFFER_STRENGTH = 25, LOT_STRENGTH = 25, SCRAPED_STRENGTH = 20, SCRAPED_DAYS = 60 };

static bool away_from(const judging *j, uint32_t partner_at, uint32_t product_at, trace_region to, int64_t time,
                      str channel) {
    const trace_world *w = j->w;
    day_t day = day_of_time(j, time);
    if (to <= REGION_ANYWHERE || !trace_has_territory(w, partner_at, product_at, day)) return false;
    if (trace_may_sell(w, partner_at, product_at, to, channel, day) || chain_reaches(j, partner_at, to)) return false;
    return trace_exempt(w, partner_at, product_at, to, STR_NONE, day, (int)j->r->exemption_slack_days) == TRACE_NONE;
}

static void tell_reports(judging *j) {
    for (size_t i = 0; i < j->w->reports; i++) {
        const trace_report *r = &j->w->report[i];
        if (r->accused == TRACE_NONE) continue;
        uint32_t who = j->accused[r->accused];
        bool cheap = r->price != NUM_NONE && r->floor != NUM_NONE && r->price < r->floor;
        if (!away_from(j, who, r->product, r->region, r->time, STR("")) && !cheap) continue;
        trace_signal *s = signal_add(j, r->online ? SIGNAL_OFFER : SIGNAL_REPORT, who, r->product, r->region, r->time,
                                     r->online ? OFFER_STRENGTH : REPORT_STRENGTH);
        signal_evidence(j, s, "%s %.*s", r->online ? "offer" : "report", STR_ARG(str_take(r->reference, 80)));
    }
}

/* An offer without a code: the shop says whose it is. */
static void tell_offer(judging *j, const trace_sighting *x) {
    if (x->by == TRACE_NONE || x->product == TRACE_NONE) return;
    uint32_t who = j->accused[x->by];
    bool cheap = x->price != NUM_NONE && x->floor != NUM_NONE && x->price < x->floor;
    if (!away_from(j, who, x->product, x->region, x->time, STR("online")) && !cheap) return;
    trace_signal *s = signal_add(j, SIGNAL_OFFER, who, x->product, x->region, x->time, OFFER_STRENGTH);
    signal_by_sighting(j, s, x);
    if (x->price != NUM_NONE) signal_evidence(j, s, "offered at %.2f", (double)x->price / 1e6);
}

/* A lot points at everyone it was shipped to: the less, the more there are; at nobody when one of them may sell there. */
static void tell_lot(judging *j, const trace_sighting *x) {
    if (x->suspect_count == 0 || x->suspect_count > j->r->lot_suspects || x->kind == SEEN_CONSUMER) return;
    for (uint32_t i = 0; i < x->suspect_count; i++)
        if (!away_from(j, j->accused[x->suspects[i]], x->product, x->region, x->time, STR(""))) return;
    for (uint32_t i = 0; i < x->suspect_count; i++) {
        trace_signal *s = signal_add(j, SIGNAL_LOT, j->accused[x->suspects[i]], x->product, x->region, x->time,
                                     1 + LOT_STRENGTH / (int32_t)x->suspect_count);
        signal_by_sighting(j, s, x);
        signal_evidence(j, s, "shipped to %u partners", x->suspect_count);
    }
}

/* ---- goods without their code: only where exactly one partner that may not sell there misses some */

typedef struct missing {
    uint32_t product, partner;
    int64_t time;
} missing;

static int by_goods(const void *x, const void *y) {
    const missing *a = x, *b = y;
    if (a->product != b->product) return a->product < b->product ? -1 : 1;
    if (a->partner != b->partner) return a->partner < b->partner ? -1 : 1;
    return (a->time > b->time) - (a->time < b->time);
}

typedef struct scraping {
    judging *j;
    missing *v;
    size_t n;
    bool *coded; /* by product */
} scraping;

static uint32_t only_suspect(const scraping *x, const trace_sighting *s) {
    uint32_t found = TRACE_NONE;
    for (size_t i = 0; i < x->n; i++) {
        const missing *m = &x->v[i];
        int64_t apart = m->time > s->time ? m->time - s->time : s->time - m->time;
        if (m->product != s->product || apart > SCRAPED_DAYS * TRACE_DAY_MS || m->partner == found) continue;
        if (!away_from(x->j, m->partner, s->product, s->region, s->time, STR(""))) continue;
        if (found != TRACE_NONE) return TRACE_NONE;
        found = m->partner;
    }
    return found;
}

static void tell_bare(scraping *x, const trace_sighting *s) {
    if (s->kind == SEEN_CONSUMER || s->code.n || s->product == TRACE_NONE || !x->coded[s->product]) return;
    trace_signal *out =
        signal_add(x->j, SIGNAL_SCRAPED_CODE, only_suspect(x, s), s->product, s->region, s->time, SCRAPED_STRENGTH);
    signal_by_sighting(x->j, out, s);
}

static void find_missing(scraping *x) {
    judging *j = x->j;
    size_t n = j->out->signals;
    x->coded = ARENA_NEW(&j->scratch, bool, j->w->products + 1);
    x->v = ARENA_NEW(&j->scratch, missing, n + 1);
    for (size_t i = 0; i < j->w->sightings; i++)
        if (j->w->sighting[i].holder != TRACE_NONE && j->w->sighting[i].product != TRACE_NONE)
            x->coded[j->w->sighting[i].product] = true;
    for (size_t i = 0; i < n; i++) {
        const trace_signal *s = &j->out->signal[i];
        bool volume = s->kind == SIGNAL_BALANCE || s->kind == SIGNAL_PEAK || s->kind == SIGNAL_CLIFF;
        if (volume && j->r->on[s->kind]) x->v[x->n++] = (missing){s->product, s->partner, s->time};
    }
    if (x->n) qsort(x->v, x->n, sizeof *x->v, by_goods);
}

void judge_told(judging *j) {
    scraping x = {.j = j};
    tell_reports(j);
    find_missing(&x);
    for (size_t i = 0; i < j->w->sightings; i++) {
        const trace_sighting *s = &j->w->sighting[i];
        if (s->flags & SIGHT_LOT) tell_lot(j, s);
        else if (s->flags & SIGHT_BARE && s->kind == SEEN_ONLINE)
            tell_offer(j, s);
        else if (s->flags & SIGHT_BARE)
            tell_bare(&x, s);
    }
}
