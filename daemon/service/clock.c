#include "daemon/service/clock.h"

#include "base/clock.h"

int64_t clock_now(const entry_clock *c) {
    return c->simulated ? c->at_ms : wall_ms();
}
