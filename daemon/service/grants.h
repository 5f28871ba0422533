/* grants — credit for uploads. All grants that are out together never exceed LIMIT_GRANT_BYTES, one agent's never
 * LIMIT_GRANT_ONE; those who wait are served in turn. Pure bookkeeping: no sockets, time is an argument. */
#ifndef SERVICE_GRANTS_H
#define SERVICE_GRANTS_H

#include "proto/limits.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One agent's side of it, embedded in its connection. */
typedef struct grant {
    uint64_t want;      /* bytes asked for and not granted yet */
    uint64_t out;       /* bytes granted and not used yet */
    int64_t expires_ms; /* monotonic: what is out returns to the pool */
    struct grant *next; /* in the queue */
    bool queued;
} grant;

typedef struct grants {
    uint64_t out; /* of all agents */
    grant *head, *tail;
    size_t waiting;
} grants;

/** An agent has `bytes` to send in all; replaces what it asked before. */
void grant_want(grants *g, grant *one, uint64_t bytes);
/** The next agent that gets credit now, and how much; NULL: nobody waits, or the pool is used up. */
grant *grant_next(grants *g, int64_t now_ms, uint64_t *bytes);
/** A batch of n bytes came: false when it is not covered. */
bool grant_use(grants *g, grant *one, uint64_t n);
/** Take back what is out once it has expired; true when it did. */
bool grant_expire(grants *g, grant *one, int64_t now_ms);
/** The agent is gone, or begins afresh. */
void grant_drop(grants *g, grant *one);

#endif
