/* feed — the daemon's views as a world for the judgement: the same arrays that `trace try` makes of files, so that the same
 * files give the same cases. What happened before a partner's live date is left out. */
#ifndef TRACE_FEED_H
#define TRACE_FEED_H

#include "base/arena.h"
#include "base/err.h"
#include "daemon/trace/world.h"
#include "kv/kv.h"

typedef struct trace_feed {
    arena a; /* everything of it */
    trace_world world;
    uint32_t *partner_no; /* number of partner[i], and of product[i] */
    uint32_t *product_no;
} trace_feed;

/** Read the views as of the end of a day (what is later is left out). */
MUST_USE bool trace_feed_read(txn *t, day_t as_of, trace_feed *out, err *e);
void trace_feed_auto(trace_feed *f);

#endif
