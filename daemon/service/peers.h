/* peers — the agents' connections, found by their file descriptor. libzmq's monitor says who comes and goes; a message
 * names its descriptor and the key's owner (User-Id). The routing id is an address to answer to, never an identity. */
#ifndef SERVICE_PEERS_H
#define SERVICE_PEERS_H

#include "base/str.h"
#include "daemon/service/grants.h"
#include "daemon/service/guard.h"
#include "daemon/service/offenders.h"
#include "proto/limits.h"

enum { ROUTING_MAX = 255, ROUTING_BYTES = 5, USER_MAX = 80 };

/* What an agent said when it came; answered after the turn's commit. */
typedef struct greeting {
    uint64_t epoch, last_seq, receipts_from;
    uint32_t proto_min, proto_max;
    char version[LIMIT_ID + 1], host[LIMIT_TEXT + 1];
} greeting;

typedef struct peer {
    int fd;
    uint64_t no; /* counts connections, from 1: a descriptor is used again */
    guard guard;
    grant grant;
    uint8_t routing[ROUTING_BYTES];
    size_t routing_n;        /* 0: nothing heard yet */
    char user[USER_MAX + 1]; /* agent id, or "token:" and the token's key in hex */
    bool greeted;            /* its HELLO was answered: it may send batches of `epoch` */
    uint64_t epoch;
    bool hello_waits;
    greeting hello;
    int64_t cut_ms; /* monotonic: to be cut then, after its last message got away; 0: not */
    bool offends;   /* for what it did: its key is not let in for a while */
    unsigned ungranted;
    uint64_t *acks; /* batches of this turn to be acknowledged */
    size_t ack_count, ack_cap;
    struct peer *next_ack;  /* in the turn's list */
    struct peer *next_gone; /* closed, kept until the turn is over */
} peer;

typedef struct peers {
    peer **at; /* by descriptor */
    size_t size, open;
    uint64_t count; /* connections so far */
    peer *gone;
    offenders offenders;
    int64_t looked_ms;      /* when every connection was looked at, */
    uint64_t looked_memory; /* and the memory held then */
    void *monitor;
    grants *grants;
} peers;

/** Watch a ROUTER socket (before it is bound). */
bool peers_init(peers *l, void *zmq, void *router, grants *g);
void peers_free(peers *l);
/** Take note of who came and went. One that comes when LIMIT_ARRIVING are not heard yet is cut. */
void peers_watch(peers *l, int64_t now_ms);
/** Free the closed ones: nobody holds a pointer any more. */
void peers_sweep(peers *l);
/** The open connection a message came from; NULL: it is gone. */
peer *peers_of(peers *l, int fd, str routing, int64_t now_ms);
/** The connection with that number, while it is open and not about to be cut; else NULL. */
peer *peers_at(peers *l, int fd, uint64_t no);
/** The n-th open connection at or after descriptor *fd; NULL: no more. for (int fd = 0; (k = peers_next(l, &fd));) */
peer *peers_next(peers *l, int *fd);
/** Every GUARD_MS: cut who is over budget, late, or to be cut; of those not heard after LIMIT_ARRIVING_MS the oldest
 *  beyond LIMIT_UNAUTHENTICATED. Returns how many. */
size_t peers_guard(peers *l, int64_t now_ms);
void peer_cut(peer *k);
static inline str peer_user(const peer *k) {
    return str_of(k->user);
}
bool peer_is_token(const peer *k);
void peer_add_ack(peer *k, uint64_t seq);
static inline peer *peer_of_grant(grant *g) {
    return (peer *)(void *)((char *)g - offsetof(peer, grant));
}

#endif
