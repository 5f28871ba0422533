/* transfer_match — whose slow stock of a product whom could it serve? A pure function of what each has to spare and what each
 * could use. Who has the least cover is served first; of those who may give, one in the same city, then in the same
 * province, then who has the most to spare. Whole packs only. The same input gives the same pairs. */
#ifndef REPLENISH_TRANSFER_MATCH_H
#define REPLENISH_TRANSFER_MATCH_H

#include "base/arena.h"
#include "base/str.h"

typedef struct transfer_side {
    uint32_t partner, city, province; /* 0: not known */
    int64_t quantity;                 /* to spare, or wanted; thousandths */
    double cover;                     /* days */
    size_t at;                        /* the caller's */
} transfer_side;

typedef struct transfer_pair {
    const transfer_side *giver, *taker;
    int64_t quantity;
} transfer_pair;

/** May these two? False keeps them apart. */
typedef bool (*transfer_may)(void *arg, const transfer_side *giver, const transfer_side *taker);

/** Both lists are sorted in place, and what is left of each stands in them afterwards. Pairs in `a`. */
size_t transfer_match(transfer_side *giver, size_t givers, transfer_side *taker, size_t takers, int64_t pack,
                      transfer_may may, void *arg, arena *a, transfer_pair **out);

#endif
