/* link_stage — a link with the hand as its clock, against a centre whose every word is written in the test. */
#ifndef TESTS_UNIT_LINK_STAGE_H
#define TESTS_UNIT_LINK_STAGE_H

#include "agent_fixture.h"

#include "agent/link.h"
#include "base/clock.h"
#include <zmq.h>

enum { MIB = 1024 * 1024, PATIENCE_MS = 5000 };

/* ---- a centre whose every word is written in the test */

typedef struct centre {
    void *zmq, *router;
    char endpoint[128];
    uint8_t public_key[KEY_SIZE], secret[KEY_SIZE];
    zmq_msg_t peer; /* routing id of whoever spoke last */
    frame_type type;
    buf in;
    str payload;
    arena mem;
} centre;

static inline void centre_bind(centre *c) {
    int yes = 1, linger = 0;
    size_t n = sizeof c->endpoint;
    c->router = zmq_socket(c->zmq, ZMQ_ROUTER);
    assert_int_equal(zmq_setsockopt(c->router, ZMQ_CURVE_SERVER, &yes, sizeof yes), 0);
    assert_int_equal(zmq_setsockopt(c->router, ZMQ_CURVE_SECRETKEY, c->secret, KEY_SIZE), 0);
    assert_int_equal(zmq_setsockopt(c->router, ZMQ_LINGER, &linger, sizeof linger), 0);
    assert_int_equal(zmq_bind(c->router, c->endpoint[0] ? c->endpoint : "tcp://127.0.0.1:*"), 0);
    assert_int_equal(zmq_getsockopt(c->router, ZMQ_LAST_ENDPOINT, c->endpoint, &n), 0);
}

static inline void centre_open(centre *c) {
    *c = (centre){.zmq = zmq_ctx_new()};
    for (int i = 0; i < KEY_SIZE; i++) c->secret[i] = (uint8_t)(7 * i + 1);
    key_public(c->secret, c->public_key);
    arena_init(&c->mem, 16 * MIB);
    assert_int_equal(zmq_msg_init(&c->peer), 0);
    centre_bind(c);
}

static inline void centre_close(centre *c) {
    (void)zmq_msg_close(&c->peer);
    if (c->router) (void)zmq_close(c->router);
    (void)zmq_ctx_term(c->zmq);
    buf_free(&c->in);
    arena_free(&c->mem);
}

/* One frame, if any came. */
static inline bool centre_hears(centre *c) {
    zmq_msg_t m;
    assert_int_equal(zmq_msg_init(&m), 0);
    if (zmq_msg_recv(&m, c->router, ZMQ_DONTWAIT) < 0) return zmq_msg_close(&m), false;
    assert_int_equal(zmq_msg_move(&c->peer, &m), 0);
    assert_true(zmq_msg_recv(&m, c->router, 0) >= 0);
    assert_false(zmq_msg_more(&m)); /* one payload frame */
    buf_clear(&c->in);
    buf_add(&c->in, str_from(zmq_msg_data(&m), zmq_msg_size(&m)));
    (void)zmq_msg_close(&m);
    SUCCEEDS(frame_open(buf_str(&c->in), &c->type, &c->payload, e));
    return true;
}

static inline void centre_says_bytes(centre *c, str frame) {
    zmq_msg_t id;
    assert_int_equal(zmq_msg_init(&id), 0);
    assert_int_equal(zmq_msg_copy(&id, &c->peer), 0);
    assert_true(zmq_msg_send(&id, c->router, ZMQ_SNDMORE) >= 0);
    assert_true(zmq_send(c->router, frame.p, frame.n, 0) >= 0);
}

static inline void centre_says(centre *c, frame_type type, const ProtobufCMessage *m) {
    AUTO(buf) out = {0};
    frame_put(&out, type, m);
    centre_says_bytes(c, buf_str(&out));
}

/* ---- a link with the hand as its clock */

typedef struct stage {
    centre c;
    folder f;
    spool *s;
    uplink *l;
    int64_t hand; /* both clocks */
} stage;

static inline void stage_link(stage *g) {
    static const uint8_t secret[KEY_SIZE] = {9, 9, 9};
    uint8_t public_key[KEY_SIZE];
    key_public(secret, public_key);
    link_options o = {.zmq = g->c.zmq,
                      .spool = g->s,
                      .endpoint = g->c.endpoint,
                      .keys = {g->c.public_key, public_key, secret},
                      .host = "pc-7",
                      .seed = 3};
    g->l = link_new(&o);
}

static inline void stage_open(stage *g) {
    *g = (stage){.hand = 1000000};
    centre_open(&g->c);
    g->f = folder_make();
    g->s = spool_in(&g->f, 64 * MIB);
    stage_link(g);
}

static inline void stage_close(stage *g) {
    link_free(g->l);
    spool_close(g->s);
    centre_close(&g->c);
    folder_auto(&g->f);
}

static inline void turn(stage *g) {
    SUCCEEDS(link_turn(g->l, g->hand, g->hand, e));
}

/* Turns at the hand's time until the centre has heard something; the network gets real time to move. */
static inline bool heard_within(stage *g, int64_t real_ms) {
    for (int64_t until = mono_ms() + real_ms; mono_ms() < until; (void)usleep(500)) {
        turn(g);
        if (centre_hears(&g->c)) return true;
    }
    return false;
}

static inline void *hears(stage *g, frame_type type, const ProtobufCMessageDescriptor *form) {
    if (!heard_within(g, PATIENCE_MS)) fail_msg("the link said nothing, wanted type %d", (int)type);
    assert_int_equal(g->c.type, type);
    void *m = NULL;
    SUCCEEDS((m = message_unpack(form, g->c.payload, LIMIT_BATCH_LINES, &g->c.mem, e)) != NULL);
    return m;
}

static inline Wire__Hello *hears_hello(stage *g) {
    return hears(g, FRAME_HELLO, &wire__hello__descriptor);
}

static inline uint64_t hears_batch(stage *g) {
    return ((Wire__Batch *)hears(g, FRAME_BATCH, &wire__batch__descriptor))->seq;
}

static inline uint64_t hears_want(stage *g) {
    return ((Wire__Want *)hears(g, FRAME_WANT, &wire__want__descriptor))->bytes;
}

static inline void silence(stage *g) {
    if (heard_within(g, 60)) fail_msg("the link said type %d where nothing was to be said", (int)g->c.type);
}

/* Turns until the state is reached. */
static inline void reaches(stage *g, link_state wanted) {
    int64_t until = mono_ms() + PATIENCE_MS;
    while (link_now(g->l) != wanted && mono_ms() < until) {
        turn(g);
        (void)usleep(500);
    }
    assert_string_equal(link_state_name(link_now(g->l)), link_state_name(wanted));
}

static inline void acked(stage *g, uint64_t seq) {
    int64_t until = mono_ms() + PATIENCE_MS;
    while (spool_now(g->s)->acked_seq != seq && mono_ms() < until) {
        turn(g);
        (void)usleep(500);
    }
    assert_int_equal(spool_now(g->s)->acked_seq, seq);
}

static inline void welcome(stage *g, uint64_t last_seq, uint64_t db_epoch) {
    Wire__Welcome w = WIRE__WELCOME__INIT;
    w.proto = FRAME_PROTO;
    w.epoch = spool_now(g->s)->epoch;
    w.last_seq = last_seq;
    w.db_epoch = db_epoch;
    w.partner = (char *)(uintptr_t) "D1";
    uint64_t before = link_welcomes(g->l);
    centre_says(&g->c, FRAME_WELCOME, &w.base);
    for (int64_t until = mono_ms() + PATIENCE_MS; link_welcomes(g->l) == before && mono_ms() < until;) {
        /* only what came is taken: the answer is heard by the test */
        SUCCEEDS(link_turn(g->l, g->hand, g->hand, e));
        (void)usleep(200);
    }
    assert_int_equal(link_welcomes(g->l), before + 1);
}

static inline void grant(stage *g, uint64_t bytes) {
    Wire__Grant m = WIRE__GRANT__INIT;
    m.bytes = bytes;
    centre_says(&g->c, FRAME_GRANT, &m.base);
}

/* Acknowledge up to `last`, with receipts from `first` (0: none). */
static inline void ack(stage *g, uint64_t last, uint64_t first) {
    Wire__Ack a = WIRE__ACK__INIT;
    Wire__Receipt r[16], *list[16];
    a.epoch = spool_now(g->s)->epoch;
    a.last_seq = last;
    a.db_epoch = 1;
    for (uint64_t seq = first; first && seq <= last; seq++) {
        r[a.n_receipt] = receipt_of(seq, 2);
        list[a.n_receipt] = &r[a.n_receipt];
        a.n_receipt++;
    }
    a.receipt = list;
    centre_says(&g->c, FRAME_ACK, &a.base);
}

static inline void need(stage *g, uint64_t seq) {
    Wire__Need n = WIRE__NEED__INIT;
    n.epoch = spool_now(g->s)->epoch;
    n.seq = seq;
    centre_says(&g->c, FRAME_NEED, &n.base);
}

static inline uint32_t size_of(stage *g, uint64_t seq) {
    batch_info i;
    SUCCEEDS(spool_batch(g->s, seq, &i, NULL, e));
    return i.size;
}

static inline void greet(stage *g, uint64_t last_seq, uint64_t db_epoch) {
    (void)hears_hello(g);
    welcome(g, last_seq, db_epoch);
}

#endif
