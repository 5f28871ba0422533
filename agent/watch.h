/* watch — the inbox of a home. A file is taken when it is whole: seen twice with the same size and time, and unchanged
 * for WATCH_STABLE_MS (a file renamed in is older than that already). It stays in the inbox until the centre has judged
 * it; then it goes to the archive and a report is left. Hidden and temporary names are not looked at. */
#ifndef AGENT_WATCH_H
#define AGENT_WATCH_H

#include "agent/home.h"
#include "agent/spool.h"

enum {
    WATCH_SCAN_MS = 1000,
    WATCH_STABLE_MS = 2000,
    WATCH_RETRY_MS = 10000, /* after "spool full" */
    WATCH_FILES = 1024,     /* looked at at once; the others wait */
};

typedef struct watch watch;

/** Finds the uploads of this inbox that are still under way. */
MUST_USE bool watch_new(spool *s, watch **out, err *e);
void watch_free(watch *w);
/** Scan when due, take at most one file, close what was judged. False: the spool failed. */
MUST_USE bool watch_turn(watch *w, const home *h, spool *s, int64_t mono_ms, int64_t wall_ms, err *e);
int64_t watch_due(const watch *w);
/** The oldest file in it that is a feed (feed.h) and still to be sent, NULL: none. Until the next turn. */
const char *watch_feed(const watch *w);
/** It was taken, or cannot be; false: it has changed meanwhile and comes again. */
bool watch_feed_over(watch *w, const char *name, bool taken);
/** Not for files that are still being written, nor for our eyes. */
bool watch_ignores(const char *name);

#endif
