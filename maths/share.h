/* share — a whole number shared out in proportion to weights, by largest remainder: each part is its exact share rounded
 * down, and what is left over goes one by one to the largest rests; of equal rests the earlier part wins. The parts add
 * up to the total exactly. A negative total is the mirror of the positive one, so that a reversal cancels.
 * Weights may be negative as long as their sum is positive (a return among sales): such a part is negative. */
#ifndef MATHS_SHARE_H
#define MATHS_SHARE_H

#include "base/arena.h"
#include "maths/exact.h"

/** part[i] for weight[i], n of them; scratch comes from `a`. False when the weights do not add up to more than 0, or a
 *  part does not fit. */
bool share_out(int64_t total, const wide *weight, size_t n, int64_t *part, arena *a);

#endif
