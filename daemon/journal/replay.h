/* replay — a journal applied anew: into a scratch folder to verify, into a restored one to catch up. Reads in short
 * slices, so that a live writer's file does not grow under it. */
#ifndef JOURNAL_REPLAY_H
#define JOURNAL_REPLAY_H

#include "daemon/journal/journal.h"

/** Called now and then; false stops the work (ERR_RETRY). */
typedef struct journal_watch {
    bool (*step)(void *arg, const char *what, uint64_t done, uint64_t total);
    void *arg;
} journal_watch;

/** Entries of `from` that `to` does not have yet, up to and including `last` (0: all), applied in `to` in transactions of
 *  bounded size. ERR_DIFFERS names the first entry that does not follow. */
MUST_USE bool journal_replay(kv *from, kv *to, uint64_t last, const journal_watch *w, err *e);

#endif
