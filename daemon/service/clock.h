/* clock — entry time: the wall's, or simulated (demos and tests). A simulated clock stands still until it is set. */
#ifndef SERVICE_CLOCK_H
#define SERVICE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

typedef struct entry_clock {
    bool simulated;
    _Atomic int64_t at_ms; /* simulated; moved by the loop, read by all */
} entry_clock;

int64_t clock_now(const entry_clock *c);

#endif
