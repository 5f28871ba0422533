/* swarm — many agents in one process: real spools, keys, links and wire; the loop that `run --homes` has, without the
 * inboxes. */
#ifndef BENCH_SWARM_H
#define BENCH_SWARM_H

#include "agent/link.h"
#include "tools/bench/centre.h"

typedef struct member {
    home home;
    spool *spool;
    uplink *link;
    uint64_t welcomes; /* when it was marked */
    int64_t back_ms;   /* mono, of the first welcome after that; 0: not yet */
    int item, items;   /* its part of the poll */
    bool fresh;        /* something was spooled that its link has not seen */
} member;

typedef struct swarm {
    void *zmq;
    member *member;
    size_t members;
    zmq_pollitem_t *items;
} swarm;

/** Open the homes 0 … n-1 of a centre; no link is made yet. */
MUST_USE bool swarm_open(swarm *s, const centre *c, size_t n, err *e);
void swarm_close(swarm *s);
/** Spool `lines` lines of a partner in files of the shape's size. */
MUST_USE bool swarm_spool(swarm *s, size_t who, const load_shape *shape, uint64_t seed, uint64_t first, uint64_t lines,
                          err *e);
/** Begin to connect members from … to-1. */
void swarm_link(swarm *s, size_t from, size_t to);
/** One round: wait for something to do at most `wait_ms`, then a turn of every link with something to do. */
MUST_USE bool swarm_turn(swarm *s, int64_t wait_ms, err *e);
/** From now on back_ms tells when each was welcomed again. */
void swarm_mark(swarm *s);
/** Members with batches not yet acknowledged. */
size_t swarm_behind(const swarm *s);

#endif
