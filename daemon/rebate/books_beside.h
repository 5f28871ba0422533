/* books_beside — what the engine is given beside flows: stock counts, what is held of a partner, claims of activities,
 * targets. Inside the room. */
#ifndef REBATE_BOOKS_BESIDE_H
#define REBATE_BOOKS_BESIDE_H

#include "daemon/rebate/books_rows.h"

typedef struct books_beside { /* of a chunk; partners by their place in it; in the loader's scratch */
    rebate_count *count;
    rebate_hold *hold;
    rebate_claim *claim;
    size_t counts, count_cap, holds, hold_cap, claims, claim_cap;
} books_beside;

/** A partner's own counts and those of its places; of one day they add up. */
void beside_counts(loader *l, uint32_t at, uint32_t no, books_beside *to);
/** More counts of the partner that was added last, or of the next. */
void beside_add_counts(loader *l, uint32_t at, const rebate_count *count, size_t n, books_beside *to);
/** What is held of it and its places. */
void beside_holds(loader *l, uint32_t at, uint32_t no, books_beside *to);
/** Its approved claims under the loader's policy; `no` is left to who knows how many rows there are. */
void beside_claims(loader *l, uint32_t at, uint32_t no, books_beside *to);
/** The policy's targets, in `a`. */
void beside_targets(books *b, const policy *p, arena *a, rebate_world *w);

#endif
