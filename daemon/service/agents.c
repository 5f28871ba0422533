#include "daemon/service/agents.h"

#include "base/clock.h"
#include "base/log.h"
#include "daemon/journal/journal.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

enum {
    ZAP_ENFORCE_DOMAIN = 93, /* zmq.h names it only under its draft interface */
    CONTACTS_A_COMMIT = 4096,
};

static bool set_options(const service *s, void *socket) {
    const struct {
        int option, value;
    } options[] = {
        {ZMQ_CURVE_SERVER, 1},
        {ZAP_ENFORCE_DOMAIN, 1},
        {ZMQ_ROUTER_MANDATORY, 1},
        {ZMQ_LINGER, 0},
        {ZMQ_RCVHWM, LIMIT_RECV_HWM},
        {ZMQ_SNDHWM, LIMIT_RECEIPTS},
        {ZMQ_HANDSHAKE_IVL, 5000},
        {ZMQ_HEARTBEAT_IVL, 10000},
        {ZMQ_HEARTBEAT_TIMEOUT, 30000},
        {ZMQ_HEARTBEAT_TTL, 30000},
        {ZMQ_BACKLOG, 1024},
    };
    for (size_t i = 0; i < ARRAY_LEN(options); i++)
        if (zmq_setsockopt(socket, options[i].option, &options[i].value, sizeof(int)) != 0) return false;
    int ipv6 = strchr(s->config.listen_agents, '[') != NULL; /* else IPv4 ports would read as [::ffff:1.2.3.4] */
    int64_t biggest = LIMIT_FRAME_BYTES;
    return zmq_setsockopt(socket, ZMQ_IPV6, &ipv6, sizeof ipv6) == 0 &&
           zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &biggest, sizeof biggest) == 0 &&
           zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, "agents", strlen("agents")) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, s->keys.secret, Z85_KEY) == 0;
}

bool agents_open(service *s, err *e) {
    char at[160];
    const char *listen = s->config.listen_agents;
    bool bare = strncmp(listen, "tcp://", 6) != 0;
    (void)snprintf(at, sizeof at, "%s%s", bare ? "tcp://" : "", listen);
    s->agents = zmq_socket(s->zmq, ZMQ_ROUTER);
    if (s->agents == NULL || !set_options(s, s->agents) || !peers_init(&s->peers, s->zmq, s->agents, &s->grants))
        return err_set(e, ERR_INTERNAL, "agents' socket: %s", zmq_strerror(zmq_errno()));
    if (zmq_bind(s->agents, at) != 0)
        return err_set(e, ERR_CONFIG, "listen.agents: %s: %s", at, zmq_strerror(zmq_errno()));
    size_t size = sizeof s->agents_at;
    if (zmq_getsockopt(s->agents, ZMQ_LAST_ENDPOINT, s->agents_at, &size) != 0)
        return err_set(e, ERR_INTERNAL, "agents' socket: %s", zmq_strerror(zmq_errno()));
    return true;
}

void agents_close(service *s) {
    if (s->agents) (void)zmq_close(s->agents);
    asks_free(&s->asks);
    peers_free(&s->peers);
    presence_free(&s->presences);
    s->agents = NULL;
}

bool turn_write(turn *w, err *e) {
    return w->t != NULL || txn_begin(w->s->db, TXN_WRITE, &w->t, e);
}

/* ---- frames */

static void on_hello(turn *w, peer *k, const void *message, str payload) {
    const Wire__Hello *m = message;
    (void)w, (void)payload;
    k->hello = (greeting){.epoch = m->epoch,
                          .last_seq = m->last_seq,
                          .receipts_from = m->receipts_from,
                          .proto_min = m->proto_min,
                          .proto_max = m->proto_max};
    (void)str_copy_z(str_of(m->version), k->hello.version, sizeof k->hello.version);
    (void)str_copy_z(str_of(m->host), k->hello.host, sizeof k->hello.host);
    k->greeted = false;
    k->hello_waits = true;
}

static void on_want(turn *w, peer *k, const void *message, str payload) {
    const Wire__Want *m = message;
    (void)payload;
    if (!k->greeted) return;
    if (w->s->storage_full) peer_busy(w->s, k, BUSY_STORAGE, 5000, "the centre's disk is nearly full");
    else
        grant_want(&w->s->grants, &k->grant, m->bytes);
}

static void on_beat(turn *w, peer *k, const void *message, str payload) {
    const Wire__Beat *m = message;
    presence *p = presence_known(&w->s->presences, peer_user(k));
    (void)payload;
    if (p == NULL) return;
    /* an age on the agent's clock is an age on ours */
    int64_t now_ms = service_now(w->s), age_ms = m->oldest_ms > 0 ? wall_ms() - m->oldest_ms : 0;
    p->heard_ms = mono_ms();
    p->c.heard_ms = now_ms;
    p->c.waiting = m->waiting;
    p->c.oldest_ms = m->oldest_ms > 0 ? now_ms - (age_ms > 0 ? age_ms : 0) : 0;
    presence_touch(&w->s->presences, p);
}

static void on_ask(turn *w, peer *k, const void *message, str payload) {
    (void)payload;
    asks_take(w->s, k, message);
}

static void on_enroll(turn *w, peer *k, const void *message, str payload) {
    (void)payload;
    take_enroll(w, k, message);
}

static void on_batch(turn *w, peer *k, const void *message, str payload) {
    (void)message;
    take_batch(w, k, payload);
}

static const struct frame_row {
    frame_type type;
    bool by_token; /* said under an enrolment token's key, else under an agent's */
    size_t bytes_max;
    const ProtobufCMessageDescriptor *form; /* NULL: not unpacked here */
    void (*run)(turn *w, peer *k, const void *message, str payload);
} frames[] = {
    {FRAME_HELLO, false, LIMIT_HELLO_BYTES, &wire__hello__descriptor, on_hello},
    {FRAME_WANT, false, LIMIT_HELLO_BYTES, &wire__want__descriptor, on_want},
    {FRAME_BEAT, false, LIMIT_HELLO_BYTES, &wire__beat__descriptor, on_beat},
    {FRAME_ENROLL, true, LIMIT_HELLO_BYTES, &wire__enroll__descriptor, on_enroll},
    {FRAME_BATCH, false, LIMIT_FRAME_BYTES, NULL, on_batch},
    {FRAME_ASK, false, LIMIT_HELLO_BYTES, &wire__ask__descriptor, on_ask},
};

static const struct frame_row *row_of(frame_type type) {
    for (size_t i = 0; i < ARRAY_LEN(frames); i++)
        if (frames[i].type == type) return &frames[i];
    return NULL;
}

static bool understand(turn *w, peer *k, str frame, err *e) {
    frame_type type;
    str payload;
    TRY(frame_open(frame, &type, &payload, e));
    const struct frame_row *row = row_of(type);
    if (row == NULL || row->by_token != peer_is_token(k))
        return err_set(e, ERR_DATA, "a message of type %d has no place here", (int)type);
    k->offends = true; /* unless it turns out well; words of a later version were let off above */
    if (payload.n > row->bytes_max)
        return err_set(e, ERR_DATA, "a message of type %d with %zu bytes", (int)type, payload.n);
    const void *message = NULL;
    arena_reset(&w->a);
    if (row->form) {
        message = message_unpack(row->form, payload, LIMIT_REPEATED, &w->a, e);
        if (message == NULL) return false;
    }
    k->offends = false;
    row->run(w, k, message, payload);
    return true;
}

static void take(turn *w, peer *k, zmq_msg_t *payload, bool whole) {
    const char *user = zmq_msg_gets(payload, "User-Id");
    err e;
    guard_delivered(&k->guard, zmq_msg_size(payload));
    k->guard.heard = true;
    if (k->cut_ms) return;
    if (user == NULL || *user == '\0' || strlen(user) > USER_MAX) {
        log_event(LOG_LEVEL_ERROR, "agent.nobody", "fd=%d", k->fd);
        k->cut_ms = mono_ms();
        return;
    }
    (void)str_copy_z(str_of(user), k->user, sizeof k->user);
    k->offends = !whole;
    if (!whole) err_set(&e, ERR_DATA, "a message has one frame");
    if (whole && understand(w, k, str_from(zmq_msg_data(payload), zmq_msg_size(payload)), &e)) return;
    char who[3 * USER_MAX];
    log_event(LOG_LEVEL_WARN, "agent.protocol", "who=%s why='%s'", log_quote(str_of(user), who, sizeof who), e.text);
    peer_refuse(w->s, k, REFUSE_PROTOCOL, e.text);
}

/* One message: routing id, payload, and whatever else somebody hung on, which is counted and thrown away. */
static bool receive(turn *w) {
    uint8_t routing[ROUTING_MAX];
    service *s = w->s;
    int n = zmq_recv(s->agents, routing, sizeof routing, ZMQ_DONTWAIT);
    if (n < 0) return false;
    zmq_msg_t payload, extra;
    ASSERT(zmq_msg_init(&payload) == 0 && zmq_msg_init(&extra) == 0);
    if (zmq_msg_recv(&payload, s->agents, ZMQ_DONTWAIT) >= 0) {
        bool whole = !zmq_msg_more(&payload);
        peer *k = peers_of(&s->peers, zmq_msg_get(&payload, ZMQ_SRCFD), str_from(routing, (size_t)n), mono_ms());
        for (bool more = !whole; more && zmq_msg_recv(&extra, s->agents, ZMQ_DONTWAIT) >= 0;) {
            if (k) guard_delivered(&k->guard, zmq_msg_size(&extra));
            more = zmq_msg_more(&extra) != 0;
        }
        if (k) take(w, k, &payload, whole);
    }
    (void)zmq_msg_close(&payload);
    (void)zmq_msg_close(&extra);
    return true;
}

/* ---- the end of a turn */

typedef struct to_later {
    turn *w;
    peer *k;
} to_later;

static void ack_later(void *arg, str frame) {
    const to_later *to = arg;
    peer_send_later(to->w, to->k, frame);
}

/* Acks are made of what is about to be committed, and leave only when it is. */
static void prepare_acks(turn *w) {
    service *s = w->s;
    for (peer *k = w->acks; k != NULL; k = k->next_ack) {
        to_later to = {w, k};
        put_acks(w->t, peer_user(k), k->acks, k->ack_count, ack_later, &to);
        presence *p = presence_of(&s->presences, w->t, peer_user(k));
        p->c.heard_ms = p->c.committed_ms = service_now(s);
        p->c.committed_seq = k->acks[k->ack_count - 1];
        p->heard_ms = mono_ms();
        presence_write(&s->presences, w->t, p);
    }
}

static void commit(turn *w) {
    err e;
    if (w->t == NULL) return;
    if (!w->full) prepare_acks(w);
    if (!w->full && !txn_ok(w->t, &e)) {
        if (e.code != ERR_FULL) service_die("batch.failed", &e);
        w->full = true;
    }
    if (w->full) {
        txn_abort(&w->t);
        w->s->storage_full = true;
        log_event(LOG_LEVEL_ERROR, "store.full", "batches=%zu not taken", w->batches);
    } else if (!txn_commit(&w->t, &e))
        service_die("commit.failed", &e);
}

static void say_what_holds(turn *w) {
    service *s = w->s;
    for (peer *k = w->acks; k != NULL; k = k->next_ack) {
        if (w->full) peer_busy(s, k, BUSY_STORAGE, 5000, "the centre's disk is nearly full");
        k->ack_count = 0;
    }
    for (size_t i = 0; i < w->later_count; i++) {
        outgoing *o = &w->later[i];
        if (!w->full) peer_send(s, o->to, buf_str(&o->frame));
        buf_free(&o->frame);
    }
    free(w->later);
}

static void greet_all(service *s) {
    AUTO(txn) *t = NULL;
    peer *k;
    err e;
    for (int fd = 0; (k = peers_next(&s->peers, &fd)) != NULL;) {
        if (!k->hello_waits) continue;
        if (t == NULL && !txn_begin(s->db, TXN_READ, &t, &e)) service_die("store.failed", &e);
        const char *hold = greet(s, t, k);
        if (hold == NULL) continue;
        txn_abort(&t);
        hold_agent(s, peer_user(k), hold);
    }
}

static bool group_open(const turn *w) {
    return w->batches == 0 || (w->lines < LIMIT_GROUP_LINES && w->bytes < LIMIT_GROUP_BYTES &&
                               mono_us() - w->began_us < LIMIT_GROUP_MS * 1000);
}

bool agents_turn(service *s) {
    turn w = {.s = s, .began_us = mono_us()};
    arena_init(&w.a, (size_t)64 * 1024 * 1024);
    size_t messages = 0;
    bool more = true;
    while (more && group_open(&w) && messages < LIMIT_BATCH_LINES) {
        more = receive(&w);
        messages += more;
    }
    commit(&w);
    say_what_holds(&w);
    greet_all(s);
    if (w.hold[0]) hold_agent(s, str_of(w.hold), "a second holder of this key: one number, two contents");
    if (w.recheck) agents_recheck(s);
    arena_free(&w.a);
    return more;
}

void agents_recheck(service *s) {
    AUTO(txn) *t = NULL;
    peer *k;
    err e;
    if (!txn_begin(s->db, TXN_READ, &t, &e)) service_die("store.failed", &e);
    for (int fd = 0; (k = peers_next(&s->peers, &fd)) != NULL;) {
        agent a;
        if (k->user[0] == '\0' || k->cut_ms || peer_is_token(k)) continue;
        bool known = agent_get(t, peer_user(k), &a);
        if (known && a.state == AGENT_ACTIVE) continue;
        char why[LIMIT_TEXT + 1];
        if (known && a.state == AGENT_HELD) peer_hold(s, k, 0, 0, str_copy_z(a.why, why, sizeof why));
        else
            peer_refuse(s, k, REFUSE_REVOKED, "this agent was revoked");
    }
}

void agents_grant(service *s) {
    uint64_t bytes;
    if (s->storage_full || s->stopping) return;
    for (grant *g; (g = grant_next(&s->grants, mono_ms(), &bytes)) != NULL;) {
        Wire__Grant m = WIRE__GRANT__INIT;
        m.bytes = bytes;
        peer_say(s, peer_of_grant(g), FRAME_GRANT, &m.base);
    }
}

void agents_second(service *s, int64_t now_ms) {
    peer *k;
    for (int fd = 0; (k = peers_next(&s->peers, &fd)) != NULL;) (void)grant_expire(&s->grants, &k->grant, now_ms);
}

void agents_contacts(service *s) {
    AUTO(txn) *t = NULL;
    err e;
    if (s->presences.dirty == 0 || s->storage_full) return;
    if (!txn_begin(s->db, TXN_WRITE, &t, &e)) service_die("store.failed", &e);
    presence_store(&s->presences, t, CONTACTS_A_COMMIT);
    if (txn_ok(t, &e) && !txn_commit(&t, &e)) service_die("commit.failed", &e);
}
