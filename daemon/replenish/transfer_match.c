#include "daemon/replenish/transfer_match.h"

#include <stdlib.h>

static int by_partner(const void *x, const void *y) {
    const transfer_side *a = x, *b = y;
    return (a->partner > b->partner) - (a->partner < b->partner);
}

static int by_cover(const void *x, const void *y) {
    const transfer_side *a = x, *b = y;
    if (a->cover != b->cover) return a->cover < b->cover ? -1 : 1;
    return by_partner(x, y);
}

static int nearness(const transfer_side *a, const transfer_side *b) {
    if (a->city && a->city == b->city) return 2;
    return a->province && a->province == b->province;
}

/* Better than the best so far? Givers come in the order of their numbers: of equals the first stays. */
static bool better(const transfer_side *x, const transfer_side *best, const transfer_side *taker) {
    if (best == NULL) return true;
    int near = nearness(x, taker), near_best = nearness(best, taker);
    return near != near_best ? near > near_best : x->quantity > best->quantity;
}

size_t transfer_match(transfer_side *giver, size_t givers, transfer_side *taker, size_t takers, int64_t pack,
                      transfer_may may, void *arg, arena *a, transfer_pair **out) {
    size_t n = 0, cap = 0;
    *out = NULL;
    if (givers) qsort(giver, givers, sizeof *giver, by_partner);
    if (takers) qsort(taker, takers, sizeof *taker, by_cover);
    for (size_t k = 0; k < takers; k++) {
        while (taker[k].quantity >= pack) {
            transfer_side *best = NULL;
            for (size_t i = 0; i < givers; i++)
                if (giver[i].quantity >= pack && giver[i].partner != taker[k].partner &&
                    better(&giver[i], best, &taker[k]) && may(arg, &giver[i], &taker[k]))
                    best = &giver[i];
            if (best == NULL) break;
            int64_t part = best->quantity < taker[k].quantity ? best->quantity : taker[k].quantity;
            part -= part % pack;
            best->quantity -= part;
            taker[k].quantity -= part;
            *out = arena_grown(a, *out, n, &cap, sizeof **out);
            (*out)[n++] = (transfer_pair){best, &taker[k], part};
        }
    }
    return n;
}
