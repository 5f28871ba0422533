/* allot — short stock shared out among those who claim it. Whole numbers; the parts are never more than was claimed and
 * add up to the supply, or to all claims where the supply suffices. What is contracted as a minimum comes first, then the
 * rule. Rests go by largest remainder, of equal rests to the earlier claim. */
#ifndef MATHS_ALLOT_H
#define MATHS_ALLOT_H

#include "base/arena.h"
#include <stdint.h>

typedef enum allot_rule {
    ALLOT_PROPORTIONAL, /* to what is claimed */
    ALLOT_DAYS,         /* so that all have equal days of cover: (on hand + part) / demand */
    ALLOT_QUOTA,        /* to quotas */
    ALLOT_PRIORITY      /* class by class, the lowest number first; within a class in proportion */
} allot_rule;

typedef struct allot_claim {
    int64_t claim, minimum;  /* ≥ 0 */
    int64_t on_hand, demand; /* ALLOT_DAYS; demand ≥ 0 a day, any scale */
    int64_t quota;           /* ≥ 0 */
    unsigned priority;
} allot_claim;

enum { ALLOT_MAX = 65536, ALLOT_SMALL = 4096 /* of a question */ };
/** part[i] of claim[i], n ≤ ALLOT_MAX of them; scratch comes from `room`. Figures up to 10^15. False when they are larger. */
bool allot(allot_rule rule, int64_t supply, const allot_claim *claim, size_t n, int64_t *part, arena *room);

/** The equal-days rule alone, without claims as a bound: those whose cover is already longer get nothing; where nobody has
 *  demand, equal parts. */
bool allot_days(int64_t supply, const int64_t *on_hand, const int64_t *demand, size_t n, int64_t *part, arena *room);

#endif
