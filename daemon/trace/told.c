/* What others tell: reports of harmed partners, offers found online, lots. */
#include "daemon/trace/parts.h"

enum { REPORT_STRENGTH = 25, OFFER_STRENGTH = 25, LOT_STRENGTH = 25 };

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

void judge_told(judging *j) {
    tell_reports(j);
    for (size_t i = 0; i < j->w->sightings; i++) {
        const trace_sighting *s = &j->w->sighting[i];
        if (s->flags & SIGHT_LOT) tell_lot(j, s);
        else if (s->flags & SIGHT_BARE && s->kind == SEEN_ONLINE)
            tell_offer(j, s);
    }
}
