/* clock — the only place that asks the machine for the time. Only service, agent and tools may call it; below them time
 * is an argument. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

int64_t wall_ms(void); /* for stored stamps */
int64_t mono_ms(void); /* for intervals; meaningless after a restart */
int64_t mono_us(void);

#endif
