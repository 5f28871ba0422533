#include "daemon/command/progress.h"

#include <stdatomic.h>

static _Atomic uint64_t done, total, series;
static _Atomic bool running;

void progress_begin(uint64_t all) {
    done = 0;
    series = 0;
    total = all;
    running = true;
}

void progress_step(uint64_t planned) {
    done++;
    series += planned;
}

void progress_end(void) {
    running = false;
}

progress progress_now(void) {
    progress p = {.running = running, .total = total};
    p.done = done, p.series = series;
    return p;
}
