/* presence — what is known of each agent's last contact: in memory while the daemon runs, written to TABLE_CONTACT with
 * the next commit (operational: a sign of life alone costs no fsync). Also remembers which connection and spool epoch
 * an agent was last heard with. */
#ifndef SERVICE_PRESENCE_H
#define SERVICE_PRESENCE_H

#include "base/map.h"
#include "daemon/catalog/agents.h"
#include "proto/limits.h"

typedef struct presence {
    char id[LIMIT_ID + 1], host[LIMIT_TEXT + 1], version[LIMIT_ID + 1];
    contact c; /* its texts point to host and version */
    bool dirty;
    uint64_t epoch;      /* of its last greeting since the daemon started, 0: none */
    int64_t heard_ms;    /* monotonic */
    uint64_t connection; /* on which it greeted (peer.no), 0: none */
} presence;

typedef struct presences {
    map index; /* id → 1 + place */
    presence **at;
    size_t n, dirty, next; /* next: where storing goes on */
} presences;

/** Found, or made from the stored contact. */
presence *presence_of(presences *all, txn *t, str agent_id);
/** Known in memory, or NULL. */
presence *presence_known(const presences *all, str agent_id);
void presence_says(presence *p, str version, str host);
void presence_touch(presences *all, presence *p);
/** Write one now, and count it as unchanged. */
void presence_write(presences *all, txn *t, presence *p);
/** Write at most `max` of those that changed, going round. */
void presence_store(presences *all, txn *t, size_t max);
void presence_free(presences *all);

#endif
