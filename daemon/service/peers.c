#include "daemon/service/peers.h"

#include "base/buf.h"
#include "base/log.h"
#include <inttypes.h>
#include <stdlib.h>
#include <zmq.h>

static const char monitor_at[] = "inproc://agents-monitor";
enum { EVENTS = ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED };

bool peers_init(peers *l, void *zmq, void *router, grants *g) {
    *l = (peers){.grants = g};
    if (zmq_socket_monitor(router, monitor_at, EVENTS) != 0) return false;
    l->monitor = zmq_socket(zmq, ZMQ_PAIR);
    int none = 0;
    return l->monitor && zmq_setsockopt(l->monitor, ZMQ_LINGER, &none, sizeof none) == 0 &&
           zmq_setsockopt(l->monitor, ZMQ_RCVHWM, &none, sizeof none) == 0 && zmq_connect(l->monitor, monitor_at) == 0;
}

static void forget(peers *l, int fd) {
    if (fd < 0 || (size_t)fd >= l->size || l->at[fd] == NULL) return;
    peer *k = l->at[fd];
    grant_drop(l->grants, &k->grant);
    k->next_gone = l->gone;
    l->gone = k;
    l->at[fd] = NULL;
    l->open--;
}

void peers_sweep(peers *l) {
    for (peer *k; (k = l->gone) != NULL;) {
        l->gone = k->next_gone;
        free(k->acks);
        free(k);
    }
}

void peers_free(peers *l) {
    for (size_t fd = 0; fd < l->size; fd++) forget(l, (int)fd);
    peers_sweep(l);
    free(l->at);
    if (l->monitor) (void)zmq_close(l->monitor);
    *l = (peers){0};
}

/* Connections not heard yet that are at least so old: how many, and the one that waits longest. libzmq does not tell which
 * of them have proven their key; those who have say HELLO at once. */
static size_t unheard(const peers *l, int64_t now_ms, int64_t age_ms, peer **oldest) {
    size_t n = 0;
    *oldest = NULL;
    for (size_t fd = 0; fd < l->size; fd++) {
        peer *k = l->at[fd];
        if (k == NULL || k->guard.heard || k->cut_ms || now_ms - k->guard.since_ms < age_ms) continue;
        n++;
        if (*oldest == NULL || k->guard.since_ms < (*oldest)->guard.since_ms) *oldest = k;
    }
    return n;
}

static peer *peer_put(peers *l, const peer *fresh) {
    peer *k = malloc(sizeof *k);
    ASSERT(k != NULL);
    *k = *fresh;
    k->no = ++l->count;
    l->at[k->fd] = k;
    l->open++;
    return k;
}

static void cut_unheard(peer *k, int64_t now_ms) {
    k->cut_ms = now_ms + LIMIT_HANDSHAKE_MS;
    peer_cut(k);
}

static void accepted(peers *l, int fd, int64_t now_ms) {
    if (fd < 0) return;
    forget(l, fd);
    if ((size_t)fd >= l->size) {
        size_t size = (size_t)fd + 256;
        l->at = realloc(l->at, size * sizeof *l->at);
        ASSERT(l->at != NULL);
        memset(l->at + l->size, 0, (size - l->size) * sizeof *l->at);
        l->size = size;
    }
    peer fresh = {.fd = fd};
    guard_begin(&fresh.guard, fd, now_ms);
    peer *oldest, *k = peer_put(l, &fresh);
    if (unheard(l, now_ms, 0, &oldest) > LIMIT_ARRIVING) cut_unheard(k, now_ms);
}

/* A monitor message: 16 bits event, 32 bits value in the machine's order; then a frame with the address. */
static bool monitor_event(void *monitor, uint16_t *event, int32_t *value) {
    uint8_t head[6], address[256];
    if (zmq_recv(monitor, head, sizeof head, ZMQ_DONTWAIT) != sizeof head) return false;
    (void)zmq_recv(monitor, address, sizeof address, ZMQ_DONTWAIT);
    memcpy(event, head, 2);
    memcpy(value, head + 2, 4);
    return true;
}

void peers_watch(peers *l, int64_t now_ms) {
    uint16_t event;
    int32_t fd;
    while (monitor_event(l->monitor, &event, &fd))
        if (event == ZMQ_EVENT_ACCEPTED) accepted(l, fd, now_ms);
        else
            forget(l, fd);
}

/* libzmq numbers its connections: a zero byte and a 32-bit count that only goes up. */
static bool is_newer(const peer *k, str routing) {
    return (int32_t)(get_be32(routing.p + 1) - get_be32(k->routing + 1)) > 0;
}

/* A descriptor is used again at once, while messages of the connection that had it before may still be read. They are
 * dropped; and when they were read first, the connection begins anew with the first message of its own. */
static peer *claim(peers *l, int fd, str routing) {
    peer *k = fd >= 0 && (size_t)fd < l->size ? l->at[fd] : NULL;
    if (k == NULL || str_eq(str_from(k->routing, k->routing_n), routing)) return k;
    if (k->routing_n && !is_newer(k, routing)) return NULL;
    if (k->routing_n) {
        peer fresh = {.fd = fd, .guard = k->guard};
        forget(l, fd);
        k = peer_put(l, &fresh);
    }
    memcpy(k->routing, routing.p, routing.n);
    k->routing_n = routing.n;
    return k;
}

peer *peers_of(peers *l, int fd, str routing, int64_t now_ms) {
    if (routing.n != ROUTING_BYTES || routing.p[0] != 0) return NULL; /* ids of a peer's own making are not let in */
    peers_watch(l, now_ms);                                           /* who came must be known before it is heard */
    return claim(l, fd, routing);
}

peer *peers_at(peers *l, int fd, uint64_t no) {
    peer *k = fd >= 0 && (size_t)fd < l->size ? l->at[fd] : NULL;
    return k && k->no == no && k->cut_ms == 0 ? k : NULL;
}

peer *peers_next(peers *l, int *fd) {
    while (*fd >= 0 && (size_t)*fd < l->size) {
        peer *k = l->at[(*fd)++];
        if (k != NULL) return k;
    }
    return NULL;
}

static const char *misuse(peer *k, int64_t now_ms) {
    uint64_t received, taken;
    if (!guard_counts(k->fd, &received, &taken)) return NULL;
    if (!guard_within(&k->guard, received, k->grant.out, now_ms)) return "over budget";
    return guard_stalled(&k->guard, taken, now_ms) ? "does not read" : NULL;
}

/* Asking the kernel about thousands of connections twenty times a second would be most of the work of a quiet daemon. What
 * they could do harm to is memory: while that does not grow, a look every second is enough. */
static bool look_at_all(peers *l, int64_t now_ms) {
    uint64_t memory = guard_memory();
    if (memory && memory < l->looked_memory + GUARD_GROWTH && now_ms - l->looked_ms < GUARD_ALL_MS) return false;
    l->looked_memory = memory;
    l->looked_ms = now_ms;
    return true;
}

size_t peers_guard(peers *l, int64_t now_ms) {
    size_t cut = 0;
    peer *k;
    bool all = look_at_all(l, now_ms);
    while (unheard(l, now_ms, LIMIT_ARRIVING_MS, &k) > LIMIT_UNAUTHENTICATED) cut_unheard(k, now_ms);
    for (int fd = 0; (k = peers_next(l, &fd)) != NULL;) {
        bool asked = k->cut_ms && now_ms >= k->cut_ms, late = guard_late(&k->guard, now_ms);
        const char *why = asked ? "asked" : late ? "no handshake" : all ? misuse(k, now_ms) : NULL;
        if (why == NULL) continue;
        char user[3 * USER_MAX];
        log_event(LOG_LEVEL_WARN, "agent.cut", "fd=%d who=%s why='%s' delivered=%" PRIu64, k->fd,
                  log_quote(peer_user(k), user, sizeof user), why, k->guard.delivered);
        if (asked ? k->offends : !late) offenders_add(&l->offenders, peer_user(k), now_ms);
        peer_cut(k);
        k->cut_ms = now_ms + LIMIT_HANDSHAKE_MS; /* once more if it should still be there then */
        k->guard.heard = true;
        cut++;
    }
    return cut;
}

void peer_cut(peer *k) {
    guard_cut(&k->guard, k->fd);
}

bool peer_is_token(const peer *k) {
    return str_starts(peer_user(k), STR("token:"));
}

void peer_add_ack(peer *k, uint64_t seq) {
    if (k->ack_count == k->ack_cap) {
        k->ack_cap = k->ack_cap ? 2 * k->ack_cap : 16;
        k->acks = realloc(k->acks, k->ack_cap * sizeof *k->acks);
        ASSERT(k->acks != NULL);
    }
    k->acks[k->ack_count++] = seq;
}
