/* progress — how far the one long piece of work beside the loop is (service/readers.h: what is slow has one thread). Written
 * by who works, read by `replenish progress` on another thread: numbers only, each whole. */
#ifndef COMMAND_PROGRESS_H
#define COMMAND_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct progress {
    bool running;
    uint64_t done, total; /* partners */
    uint64_t series;      /* planned so far */
} progress;

void progress_begin(uint64_t total);
void progress_step(uint64_t series);
void progress_end(void);
progress progress_now(void);

#endif
