#include "maths/allot.h"

#include "maths/share.h"

#define ALLOT_FIGURE 1000000000000000LL

/* One layer being filled: what is left to give, and whom it can still go to. */
typedef struct layer {
    int64_t supply;
    const int64_t *cap; /* NULL: none */
    int64_t *part;
    bool *out; /* got its part, or none */
    wide *weight;
    size_t n;
    arena *room;
} layer;

static bool layer_begin(layer *l, int64_t supply, const int64_t *cap, int64_t *part, size_t n, arena *room) {
    *l = (layer){.supply = supply, .cap = cap, .part = part, .n = n, .room = room};
    l->out = ARENA_NEW(room, bool, n + 1);
    l->weight = ARENA_NEW(room, wide, n + 1);
    for (size_t i = 0; i < n; i++) part[i] = 0;
    return l->out && l->weight;
}

/* Whoever would get more than he can take gets that and leaves; true when somebody did. */
static bool settle_full(layer *l, const int64_t *would) {
    bool any = false;
    for (size_t i = 0; i < l->n; i++) {
        if (l->out[i] || l->cap == NULL || would[i] < l->cap[i]) continue;
        l->part[i] = l->cap[i];
        l->out[i] = any = true;
    }
    return any;
}

static int64_t still_there(const layer *l) {
    int64_t left = l->supply;
    for (size_t i = 0; i < l->n; i++) left -= l->out[i] ? l->part[i] : 0;
    return left;
}

/* In proportion to the weights of those that are still in; all weights 0: equal parts. */
static bool fill_by_weight(layer *l, const int64_t *weight) {
    int64_t *would = ARENA_NEW(l->room, int64_t, l->n + 1);
    if (would == NULL) return false;
    for (;;) {
        wide sum = 0, in = 0;
        for (size_t i = 0; i < l->n; i++) {
            l->weight[i] = l->out[i] ? 0 : weight[i];
            sum += l->weight[i], in += !l->out[i];
        }
        if (in == 0) return true;
        for (size_t i = 0; sum == 0 && i < l->n; i++) l->weight[i] = !l->out[i];
        if (!share_out(still_there(l), l->weight, l->n, would, l->room)) return false;
        if (settle_full(l, would)) continue;
        for (size_t i = 0; i < l->n; i++)
            if (!l->out[i]) l->part[i] = would[i];
        return true;
    }
}

/* Those whose cover is at or above the common one leave with nothing; true when somebody did. */
static bool drop_covered(layer *l, const int64_t *on_hand, const int64_t *demand, wide stock, wide days) {
    bool any = false;
    for (size_t i = 0; i < l->n; i++) {
        if (l->out[i] || (wide)on_hand[i] * days < stock * demand[i]) continue;
        l->part[i] = 0;
        l->out[i] = any = true;
    }
    return any;
}

static bool fill_by_days(layer *l, const int64_t *on_hand, const int64_t *demand) {
    int64_t *would = ARENA_NEW(l->room, int64_t, l->n + 1), *none = ARENA_NEW(l->room, int64_t, l->n + 1);
    if (would == NULL || none == NULL) return false;
    wide all = 0;
    for (size_t i = 0; i < l->n; i++) all += l->out[i] ? 0 : demand[i];
    if (all == 0) return fill_by_weight(l, none);
    for (;;) {
        wide stock = still_there(l), days = 0;
        for (size_t i = 0; i < l->n; i++)
            if (!l->out[i]) stock += on_hand[i], days += demand[i];
        if (days == 0) return true;
        if (drop_covered(l, on_hand, demand, stock, days)) continue;
        /* the part of i is stock·demand/days − on hand: shares of the common stock, less what is there */
        for (size_t i = 0; i < l->n; i++) l->weight[i] = l->out[i] ? 0 : demand[i];
        int64_t common;
        if (!wide_fits(stock, &common) || !share_out(common, l->weight, l->n, would, l->room)) return false;
        for (size_t i = 0; i < l->n; i++) would[i] -= l->out[i] ? 0 : on_hand[i];
        if (settle_full(l, would)) continue;
        for (size_t i = 0; i < l->n; i++)
            if (!l->out[i]) l->part[i] = would[i];
        return true;
    }
}

bool allot_days(int64_t supply, const int64_t *on_hand, const int64_t *demand, size_t n, int64_t *part, arena *room) {
    layer l;
    return layer_begin(&l, supply, NULL, part, n, room) && fill_by_days(&l, on_hand, demand);
}

/* ---- claims */

static bool by_priority(layer *l, const allot_claim *claim, const int64_t *left) {
    for (;;) {
        unsigned first = UINT32_MAX;
        size_t in = 0;
        wide wanted = 0;
        for (size_t i = 0; i < l->n; i++)
            if (!l->out[i] && (in++ == 0 || claim[i].priority < first)) first = claim[i].priority;
        if (in == 0) return true;
        for (size_t i = 0; i < l->n; i++)
            if (!l->out[i] && claim[i].priority == first) wanted += left[i];
        bool enough = wanted <= still_there(l);
        for (size_t i = 0; i < l->n; i++) {
            l->weight[i] = 0;
            if (l->out[i] || claim[i].priority != first) continue;
            if (enough) l->part[i] = left[i], l->out[i] = true;
            else
                l->weight[i] = left[i];
        }
        if (enough) continue;
        int64_t *would = ARENA_NEW(l->room, int64_t, l->n + 1);
        if (would == NULL || !share_out(still_there(l), l->weight, l->n, would, l->room)) return false;
        for (size_t i = 0; i < l->n; i++)
            if (!l->out[i]) l->part[i] = would[i];
        return true;
    }
}

static bool by_rule(allot_rule rule, layer *l, const allot_claim *claim, const int64_t *left, const int64_t *got) {
    int64_t *a = ARENA_NEW(l->room, int64_t, l->n + 1), *b = ARENA_NEW(l->room, int64_t, l->n + 1);
    if (a == NULL || b == NULL) return false;
    for (size_t i = 0; i < l->n; i++) {
        a[i] = rule == ALLOT_QUOTA ? claim[i].quota : rule == ALLOT_DAYS ? claim[i].on_hand + got[i] : left[i];
        b[i] = claim[i].demand;
    }
    if (rule == ALLOT_PRIORITY) return by_priority(l, claim, left);
    if (rule != ALLOT_DAYS) return fill_by_weight(l, a);
    if (!fill_by_days(l, a, b)) return false;
    /* whoever has no demand is served from what the others leave */
    int64_t rest = l->supply;
    for (size_t i = 0; i < l->n; i++) rest -= l->part[i];
    for (size_t i = 0; i < l->n && rest > 0; i++) {
        int64_t more = left[i] - l->part[i] < rest ? left[i] - l->part[i] : rest;
        l->part[i] += more, rest -= more;
    }
    return true;
}

bool allot(allot_rule rule, int64_t supply, const allot_claim *claim, size_t n, int64_t *part, arena *room) {
    int64_t *least = ARENA_NEW(room, int64_t, n + 1), *got = ARENA_NEW(room, int64_t, n + 1);
    wide wanted = 0, minimum = 0;
    if (n > ALLOT_MAX || supply < 0 || supply > ALLOT_FIGURE || least == NULL || got == NULL) return false;
    for (size_t i = 0; i < n; i++) {
        const allot_claim *c = &claim[i];
        if (c->claim < 0 || c->claim > ALLOT_FIGURE || c->demand < 0 || c->demand > ALLOT_FIGURE || c->quota < 0 ||
            c->quota > ALLOT_FIGURE || c->on_hand < -ALLOT_FIGURE || c->on_hand > ALLOT_FIGURE)
            return false;
        least[i] = c->minimum < 0 ? 0 : c->minimum < c->claim ? c->minimum : c->claim;
        wanted += c->claim, minimum += least[i];
    }
    for (size_t i = 0; i < n; i++) part[i] = claim[i].claim;
    if (wanted <= supply) return true;
    layer l;
    if (minimum >= supply) return layer_begin(&l, supply, least, part, n, room) && fill_by_weight(&l, least);
    for (size_t i = 0; i < n; i++) got[i] = least[i], least[i] = claim[i].claim - got[i];
    if (!layer_begin(&l, supply - (int64_t)minimum, least, part, n, room) || !by_rule(rule, &l, claim, least, got))
        return false;
    for (size_t i = 0; i < n; i++) part[i] += got[i];
    return true;
}
