/* ladder — bands over a value: step i is half open, [from i, from i+1), and the last one is open at the top. Steps and
 * value are whole numbers of one unit; steps rise. */
#ifndef MATHS_LADDER_H
#define MATHS_LADDER_H

#include "maths/exact.h"

#define LADDER_NONE SIZE_MAX

/** The highest step that `value` reaches; LADDER_NONE below the first. `above`: a step is reached only by passing it. */
size_t ladder_reach(const wide *from, size_t n, wide value, bool above);
/** How much of the value lies in step i; 0 when it ends below. */
wide ladder_slice(const wide *from, size_t n, size_t i, wide value);

#endif
