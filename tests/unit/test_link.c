/* links: agentlib */
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

static void centre_bind(centre *c) {
    int yes = 1, linger = 0;
    size_t n = sizeof c->endpoint;
    c->router = zmq_socket(c->zmq, ZMQ_ROUTER);
    assert_int_equal(zmq_setsockopt(c->router, ZMQ_CURVE_SERVER, &yes, sizeof yes), 0);
    assert_int_equal(zmq_setsockopt(c->router, ZMQ_CURVE_SECRETKEY, c->secret, KEY_SIZE), 0);
    assert_int_equal(zmq_setsockopt(c->router, ZMQ_LINGER, &linger, sizeof linger), 0);
    assert_int_equal(zmq_bind(c->router, c->endpoint[0] ? c->endpoint : "tcp://127.0.0.1:*"), 0);
    assert_int_equal(zmq_getsockopt(c->router, ZMQ_LAST_ENDPOINT, c->endpoint, &n), 0);
}

static void centre_open(centre *c) {
    *c = (centre){.zmq = zmq_ctx_new()};
    for (int i = 0; i < KEY_SIZE; i++) c->secret[i] = (uint8_t)(7 * i + 1);
    key_public(c->secret, c->public_key);
    arena_init(&c->mem, 16 * MIB);
    assert_int_equal(zmq_msg_init(&c->peer), 0);
    centre_bind(c);
}

static void centre_close(centre *c) {
    (void)zmq_msg_close(&c->peer);
    if (c->router) (void)zmq_close(c->router);
    (void)zmq_ctx_term(c->zmq);
    buf_free(&c->in);
    arena_free(&c->mem);
}

/* One frame, if any came. */
static bool centre_hears(centre *c) {
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

static void centre_says_bytes(centre *c, str frame) {
    zmq_msg_t id;
    assert_int_equal(zmq_msg_init(&id), 0);
    assert_int_equal(zmq_msg_copy(&id, &c->peer), 0);
    assert_true(zmq_msg_send(&id, c->router, ZMQ_SNDMORE) >= 0);
    assert_true(zmq_send(c->router, frame.p, frame.n, 0) >= 0);
}

static void centre_says(centre *c, frame_type type, const ProtobufCMessage *m) {
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

static void stage_link(stage *g) {
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

static void stage_open(stage *g) {
    *g = (stage){.hand = 1000000};
    centre_open(&g->c);
    g->f = folder_make();
    g->s = spool_in(&g->f, 64 * MIB);
    stage_link(g);
}

static void stage_close(stage *g) {
    link_free(g->l);
    spool_close(g->s);
    centre_close(&g->c);
    folder_auto(&g->f);
}

static void turn(stage *g) {
    SUCCEEDS(link_turn(g->l, g->hand, g->hand, e));
}

/* Turns at the hand's time until the centre has heard something; the network gets real time to move. */
static bool heard_within(stage *g, int64_t real_ms) {
    for (int64_t until = mono_ms() + real_ms; mono_ms() < until; (void)usleep(500)) {
        turn(g);
        if (centre_hears(&g->c)) return true;
    }
    return false;
}

static void *hears(stage *g, frame_type type, const ProtobufCMessageDescriptor *form) {
    if (!heard_within(g, PATIENCE_MS)) fail_msg("the link said nothing, wanted type %d", (int)type);
    assert_int_equal(g->c.type, type);
    void *m = NULL;
    SUCCEEDS((m = message_unpack(form, g->c.payload, LIMIT_BATCH_LINES, &g->c.mem, e)) != NULL);
    return m;
}

static Wire__Hello *hears_hello(stage *g) {
    return hears(g, FRAME_HELLO, &wire__hello__descriptor);
}

static uint64_t hears_batch(stage *g) {
    return ((Wire__Batch *)hears(g, FRAME_BATCH, &wire__batch__descriptor))->seq;
}

static uint64_t hears_want(stage *g) {
    return ((Wire__Want *)hears(g, FRAME_WANT, &wire__want__descriptor))->bytes;
}

static void silence(stage *g) {
    if (heard_within(g, 60)) fail_msg("the link said type %d where nothing was to be said", (int)g->c.type);
}

/* Turns until the state is reached. */
static void reaches(stage *g, link_state wanted) {
    int64_t until = mono_ms() + PATIENCE_MS;
    while (link_now(g->l) != wanted && mono_ms() < until) {
        turn(g);
        (void)usleep(500);
    }
    assert_string_equal(link_state_name(link_now(g->l)), link_state_name(wanted));
}

static void acked(stage *g, uint64_t seq) {
    int64_t until = mono_ms() + PATIENCE_MS;
    while (spool_now(g->s)->acked_seq != seq && mono_ms() < until) {
        turn(g);
        (void)usleep(500);
    }
    assert_int_equal(spool_now(g->s)->acked_seq, seq);
}

static void welcome(stage *g, uint64_t last_seq, uint64_t db_epoch) {
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

static void grant(stage *g, uint64_t bytes) {
    Wire__Grant m = WIRE__GRANT__INIT;
    m.bytes = bytes;
    centre_says(&g->c, FRAME_GRANT, &m.base);
}

/* Acknowledge up to `last`, with receipts from `first` (0: none). */
static void ack(stage *g, uint64_t last, uint64_t first) {
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

static void need(stage *g, uint64_t seq) {
    Wire__Need n = WIRE__NEED__INIT;
    n.epoch = spool_now(g->s)->epoch;
    n.seq = seq;
    centre_says(&g->c, FRAME_NEED, &n.base);
}

static uint32_t size_of(stage *g, uint64_t seq) {
    batch_info i;
    SUCCEEDS(spool_batch(g->s, seq, &i, NULL, e));
    return i.size;
}

static void greet(stage *g, uint64_t last_seq, uint64_t db_epoch) {
    (void)hears_hello(g);
    welcome(g, last_seq, db_epoch);
}

/* ---- what it must do */

static void hello_says_where_the_spool_stands(void **state) {
    (void)state;
    stage g;
    stage_open(&g);
    spool_one(g.s, "a", 2, 1);
    spool_one(g.s, "b", 2, 1);
    Wire__Hello *h = hears_hello(&g);
    assert_true(h->epoch == spool_now(g.s)->epoch);
    assert_int_equal(h->last_seq, 2);
    assert_int_equal(h->acked_seq, 0);
    assert_int_equal(h->receipts_from, 1);
    assert_string_equal(h->host, "pc-7");
    silence(&g); /* not a batch before it is welcome */
    welcome(&g, 0, 1);
    assert_string_equal(spool_now(g.s)->partner, "D1");
    assert_int_equal(spool_now(g.s)->contact_ms, g.hand);
    stage_close(&g);
}

static void nothing_is_sent_beyond_the_grant(void **state) {
    (void)state;
    stage g;
    stage_open(&g);
    for (int i = 0; i < 3; i++) spool_one(g.s, "abc" + i, 2, 1);
    greet(&g, 0, 1);
    uint64_t size[4] = {0, size_of(&g, 1), size_of(&g, 2), size_of(&g, 3)};
    assert_int_equal(hears_want(&g), size[1] + size[2] + size[3]);
    silence(&g);
    grant(&g, size[1] + size[2] - 1); /* one byte too little for the second */
    assert_int_equal(hears_batch(&g), 1);
    silence(&g); /* the rest of the wish still stands */
    grant(&g, 1);
    assert_int_equal(hears_batch(&g), 2);
    silence(&g);
    grant(&g, size[3]);
    assert_int_equal(hears_batch(&g), 3);
    silence(&g);
    ack(&g, 3, 1);
    acked(&g, 3);
    assert_int_equal(spool_now(g.s)->receipts_to, 3);
    stage_close(&g);
}

static void what_is_spooled_later_goes_too(void **state) {
    (void)state;
    stage g;
    stage_open(&g);
    greet(&g, 0, 1);
    silence(&g);
    spool_one(g.s, "a", 2, 1);
    assert_int_equal(hears_want(&g), size_of(&g, 1));
    grant(&g, MIB);
    assert_int_equal(hears_batch(&g), 1);
    spool_one(g.s, "b", 2, 1);
    assert_int_equal(hears_batch(&g), 2); /* there is grant left */
    stage_close(&g);
}

static void a_wish_is_whole_batches_within_one_grant(void **state) {
    (void)state;
    stage g;
    stage_open(&g);
    while (spool_now(g.s)->last_end <= LIMIT_GRANT_ONE + LIMIT_BATCH_BYTES) spool_one(g.s, "a", 4096, 1);
    greet(&g, 0, 1);
    uint64_t wish = hears_want(&g), sum = 0, seq = 0;
    while (sum < wish) sum += size_of(&g, ++seq);
    assert_int_equal(sum, wish); /* nothing left over that could not be used */
    assert_true(wish <= LIMIT_GRANT_ONE && wish + size_of(&g, seq + 1) > LIMIT_GRANT_ONE);
    grant(&g, wish);
    for (uint64_t at = 1; at <= seq; at++) assert_int_equal(hears_batch(&g), at);
    assert_true(hears_want(&g) > 0);
    stage_close(&g);
}

static void one_batch_set_aside_does_not_stop_the_others(void **state) {
    (void)state;
    stage g;
    stage_open(&g);
    spool_one(g.s, "a", 2, 1);
    spool_one(g.s, "b", 2, 1);
    greet(&g, 0, 1);
    (void)hears_want(&g);
    grant(&g, size_of(&g, 1));
    assert_int_equal(hears_batch(&g), 1);
    Wire__Held h = WIRE__HELD__INIT;
    h.epoch = spool_now(g.s)->epoch;
    h.seq = 1;
    centre_says(&g.c, FRAME_HELD, &h.base);
    grant(&g, size_of(&g, 2));
    assert_int_equal(hears_batch(&g), 2);
    assert_int_equal(link_now(g.l), LINK_READY);
    stage_close(&g);
}

static void need_goes_back_once(void **state) {
    (void)state;
    stage g;
    stage_open(&g);
    for (int i = 0; i < 4; i++) spool_one(g.s, "abcd" + i, 2, 1);
    greet(&g, 0, 1);
    (void)hears_want(&g);
    grant(&g, MIB);
    for (uint64_t seq = 1; seq <= 4; seq++) assert_int_equal(hears_batch(&g), seq);
    ack(&g, 1, 1);
    need(&g, 2);
    for (uint64_t seq = 2; seq <= 4; seq++) assert_int_equal(hears_batch(&g), seq);
    need(&g, 2); /* the echo of what was already under way */
    silence(&g);
    g.hand += 2001;
    need(&g, 2); /* asked again in earnest */
    for (uint64_t seq = 2; seq <= 4; seq++) assert_int_equal(hears_batch(&g), seq);
    stage_close(&g);
}

static void a_lost_ack_costs_nothing(void **state) {
    (void)state;
    stage g;
    stage_open(&g);
    spool_one(g.s, "a", 2, 1);
    spool_one(g.s, "b", 2, 1);
    greet(&g, 0, 1);
    (void)hears_want(&g);
    grant(&g, MIB);
    (void)hears_batch(&g), (void)hears_batch(&g);
    zmq_close(g.c.router); /* committed, but the ack never arrives */
    reaches(&g, LINK_WAIT);
    centre_bind(&g.c);
    g.hand += LINK_BACKOFF_FIRST_MS;
    Wire__Hello *h = hears_hello(&g);
    assert_int_equal(h->acked_seq, 0);
    assert_int_equal(h->receipts_from, 1);
    welcome(&g, 2, 1);
    assert_int_equal(spool_now(g.s)->acked_seq, 2);
    ack(&g, 2, 1);
    for (int64_t until = mono_ms() + PATIENCE_MS; spool_now(g.s)->receipts_to < 2 && mono_ms() < until;) turn(&g);
    assert_int_equal(spool_now(g.s)->receipts_to, 2);
    silence(&g);
    stage_close(&g);
}

static void a_lost_connection_resends_what_was_not_acknowledged(void **state) {
    (void)state;
    stage g;
    stage_open(&g);
    for (int i = 0; i < 3; i++) spool_one(g.s, "abc" + i, 2, 1);
    greet(&g, 0, 1);
    (void)hears_want(&g);
    grant(&g, MIB);
    for (uint64_t seq = 1; seq <= 3; seq++) (void)hears_batch(&g);
    ack(&g, 1, 1);
    acked(&g, 1);
    zmq_close(g.c.router);
    reaches(&g, LINK_WAIT);
    assert_true(link_trouble(g.l)[0] != '\0');
    centre_bind(&g.c);
    g.hand += LINK_BACKOFF_FIRST_MS;
    greet(&g, 1, 1);
    assert_int_equal(hears_want(&g), size_of(&g, 2) + size_of(&g, 3)); /* the old grant is gone with its connection */
    grant(&g, MIB);
    assert_int_equal(hears_batch(&g), 2);
    assert_int_equal(hears_batch(&g), 3);
    stage_close(&g);
}

static void a_restored_centre_gets_everything_after_its_last(void **state) {
    (void)state;
    stage g;
    stage_open(&g);
    for (int i = 0; i < 4; i++) spool_one(g.s, "abcd" + i, 2, 1);
    SUCCEEDS(spool_ack(g.s, 4, 1, STR_NONE, 10, e));
    for (uint64_t seq = 1; seq <= 4; seq++) {
        Wire__Receipt r = receipt_of(seq, 2);
        SUCCEEDS(spool_receipt(g.s, &r, e));
    }
    SUCCEEDS(spool_flush(g.s, e));
    Wire__Hello *h = hears_hello(&g);
    assert_int_equal(h->acked_seq, 4);
    assert_true(h->db_epoch == 1);
    assert_int_equal(h->receipts_from, 0);
    welcome(&g, 2, 2); /* a backup from before 3 and 4 */
    assert_int_equal(spool_now(g.s)->acked_seq, 2);
    assert_int_equal(hears_want(&g), size_of(&g, 3) + size_of(&g, 4));
    grant(&g, MIB);
    assert_int_equal(hears_batch(&g), 3);
    assert_int_equal(hears_batch(&g), 4);
    stage_close(&g);
}

static void a_centre_that_forgot_this_epoch_gets_all(void **state) {
    (void)state;
    stage g;
    stage_open(&g);
    spool_one(g.s, "a", 2, 1);
    SUCCEEDS(spool_ack(g.s, 1, 1, STR_NONE, 10, e));
    SUCCEEDS(spool_flush(g.s, e));
    (void)hears_hello(&g);
    Wire__Welcome w = WIRE__WELCOME__INIT;
    w.proto = FRAME_PROTO;
    w.epoch = 4711; /* of a spool before this one */
    w.last_seq = 1;
    w.db_epoch = 2;
    centre_says(&g.c, FRAME_WELCOME, &w.base);
    (void)hears_want(&g);
    assert_int_equal(spool_now(g.s)->acked_seq, 0);
    stage_close(&g);
}

static void a_spool_rolled_back_begins_a_new_epoch(void **state) {
    (void)state;
    stage g;
    stage_open(&g);
    spool_one(g.s, "a", 2, 1);
    uint64_t epoch = spool_now(g.s)->epoch;
    (void)hears_hello(&g);
    Wire__Welcome w = WIRE__WELCOME__INIT;
    w.proto = FRAME_PROTO;
    w.epoch = epoch;
    w.last_seq = 9; /* more than this spool ever sent */
    w.db_epoch = 1;
    centre_says(&g.c, FRAME_WELCOME, &w.base);
    Wire__Hello *h = hears_hello(&g);
    assert_true(h->epoch != epoch && h->epoch == spool_now(g.s)->epoch);
    assert_int_equal(h->last_seq, 1);
    welcome(&g, 0, 1);
    (void)hears_want(&g);
    grant(&g, MIB);
    assert_int_equal(hears_batch(&g), 1);
    stage_close(&g);
}

static void batches_dropped_long_ago_do_not_block(void **state) {
    (void)state;
    stage g;
    stage_open(&g);
    bool more;
    for (int i = 0; i < 3; i++) spool_one(g.s, "abc" + i, 2, 1);
    SUCCEEDS(spool_ack(g.s, 2, 1, STR_NONE, 10, e));
    SUCCEEDS(spool_flush(g.s, e));
    SUCCEEDS(spool_prune(g.s, 100LL * 86400 * 1000, &more, e));
    assert_int_equal(spool_now(g.s)->first_seq, 3);
    (void)hears_hello(&g);
    Wire__Welcome w = WIRE__WELCOME__INIT;
    w.proto = FRAME_PROTO;
    w.epoch = spool_now(g.s)->epoch;
    w.last_seq = 0; /* a very old backup wants batch 1 */
    w.db_epoch = 2;
    centre_says(&g.c, FRAME_WELCOME, &w.base);
    Wire__Hello *h = hears_hello(&g);
    assert_int_equal(h->last_seq, 1); /* the third, under a new epoch */
    welcome(&g, 0, 2);
    (void)hears_want(&g);
    grant(&g, MIB);
    assert_int_equal(hears_batch(&g), 1);
    stage_close(&g);
}

static void busy_waits_as_told_and_loses_nothing(void **state) {
    (void)state;
    stage g;
    stage_open(&g);
    spool_one(g.s, "a", 2, 1);
    greet(&g, 0, 1);
    (void)hears_want(&g);
    grant(&g, MIB);
    assert_int_equal(hears_batch(&g), 1);
    Wire__Busy b = WIRE__BUSY__INIT;
    b.reason = BUSY_STORAGE;
    b.retry_ms = 5000;
    b.text = (char *)(uintptr_t) "the disk is full";
    centre_says(&g.c, FRAME_BUSY, &b.base);
    reaches(&g, LINK_PAUSED);
    assert_string_equal(link_trouble(g.l), "the disk is full");
    g.hand += 4999;
    silence(&g);
    g.hand += 2502;
    greet(&g, 0, 1);
    (void)hears_want(&g);
    grant(&g, MIB);
    assert_int_equal(hears_batch(&g), 1);
    ack(&g, 1, 1);
    acked(&g, 1);
    assert_string_equal(link_trouble(g.l), "");
    stage_close(&g);
}

static void held_stops_and_asks_again(void **state) {
    (void)state;
    stage g;
    stage_open(&g);
    spool_one(g.s, "a", 2, 1);
    (void)hears_hello(&g);
    Wire__Held h = WIRE__HELD__INIT;
    h.text = (char *)(uintptr_t) "two agents use one key";
    centre_says(&g.c, FRAME_HELD, &h.base);
    reaches(&g, LINK_HELD);
    assert_int_equal(spool_now(g.s)->trouble, TROUBLE_HELD);
    assert_string_equal(spool_now(g.s)->trouble_text, "two agents use one key");
    grant(&g, MIB); /* not a word more, whatever comes */
    silence(&g);
    g.hand += LINK_HELD_MS;
    greet(&g, 0, 1);
    assert_int_equal(spool_now(g.s)->trouble, TROUBLE_NONE);
    (void)hears_want(&g);
    stage_close(&g);
}

static void refused_closes_and_keeps_the_spool(void **state) {
    (void)state;
    stage g;
    stage_open(&g);
    spool_one(g.s, "a", 2, 1);
    (void)hears_hello(&g);
    Wire__Refused r = WIRE__REFUSED__INIT;
    r.reason = REFUSE_REVOKED;
    r.text = (char *)(uintptr_t) "revoked on 2026-06-01";
    centre_says(&g.c, FRAME_REFUSED, &r.base);
    reaches(&g, LINK_REFUSED);
    void *sockets[2];
    assert_int_equal(link_sockets(g.l, sockets), 0);
    assert_int_equal(spool_now(g.s)->trouble, TROUBLE_REFUSED);
    assert_int_equal(spool_now(g.s)->last_seq, 1);
    g.hand += LINK_HELD_MS;
    greet(&g, 0, 1); /* enrolled again */
    assert_int_equal(spool_now(g.s)->trouble, TROUBLE_NONE);
    stage_close(&g);
}

static void a_missing_receipt_is_asked_for_then_given_up(void **state) {
    (void)state;
    stage g;
    stage_open(&g);
    spool_one(g.s, "a", 2, 1);
    greet(&g, 0, 1);
    (void)hears_want(&g);
    grant(&g, MIB);
    (void)hears_batch(&g);
    ack(&g, 1, 0);
    acked(&g, 1);
    for (int i = 0; i < LINK_RECEIPT_ASKS; i++) {
        turn(&g);
        g.hand += LINK_RECEIPT_MS;
        Wire__Hello *h = hears_hello(&g);
        assert_int_equal(h->receipts_from, 1);
        welcome(&g, 1, 1);
    }
    turn(&g);
    g.hand += LINK_RECEIPT_MS;
    silence(&g);
    assert_int_equal(spool_now(g.s)->receipts_to, 1);
    stage_close(&g);
}

static void silence_is_broken_by_hello_not_by_dropping(void **state) {
    (void)state;
    stage g;
    stage_open(&g);
    spool_one(g.s, "a", 2, 1);
    greet(&g, 0, 1);
    (void)hears_want(&g);
    grant(&g, MIB);
    (void)hears_batch(&g);
    for (int i = 0; i < LINK_STALL_MS / LINK_BEAT_MS; i++) {
        g.hand += LINK_BEAT_MS;
        Wire__Beat *b = hears(&g, FRAME_BEAT, &wire__beat__descriptor);
        assert_int_equal(b->waiting, 1);
        assert_int_equal(b->oldest_ms, 1);
    }
    g.hand += LINK_BEAT_MS;
    greet(&g, 0, 1);
    (void)hears_want(&g);
    grant(&g, MIB);
    assert_int_equal(hears_batch(&g), 1);
    stage_close(&g);
}

static void rubbish_costs_the_connection_only(void **state) {
    (void)state;
    static const char *const bad[] = {"", "C", "XYZ", "C\x01\x01", "C\x01\x42\xff\xff\xff", "C\x01\x05"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        stage g;
        stage_open(&g);
        spool_one(g.s, "a", 2, 1);
        greet(&g, 0, 1);
        (void)hears_want(&g);
        centre_says_bytes(&g.c, str_of(bad[i]));
        reaches(&g, LINK_WAIT);
        assert_int_equal(spool_now(g.s)->acked_seq, 0);
        g.hand += LINK_BACKOFF_FIRST_MS;
        greet(&g, 0, 1);
        stage_close(&g);
    }
}

static void an_ack_beyond_what_was_sent_is_not_believed(void **state) {
    (void)state;
    stage g;
    stage_open(&g);
    spool_one(g.s, "a", 2, 1);
    greet(&g, 0, 1);
    ack(&g, 2, 0);
    reaches(&g, LINK_WAIT);
    assert_int_equal(spool_now(g.s)->acked_seq, 0);
    stage_close(&g);
}

static void back_off_grows_with_jitter_and_ends_at_thirty_seconds(void **state) {
    (void)state;
    stage g;
    stage_open(&g);
    zmq_close(g.c.router); /* nobody listens there now */
    g.c.router = NULL;
    int64_t longest = 0;
    for (int i = 0; i < 12; i++) {
        turn(&g); /* dials, and is refused */
        reaches(&g, LINK_WAIT);
        int64_t wait = link_due(g.l) - g.hand, window = (int64_t)LINK_BACKOFF_FIRST_MS << i;
        assert_true(wait >= LINK_BACKOFF_MIN_MS && wait <= LINK_BACKOFF_MAX_MS && wait <= window);
        if (wait > longest) longest = wait;
        g.hand += wait - 1;
        turn(&g);
        assert_int_equal(link_now(g.l), LINK_WAIT); /* not before its time */
        g.hand += 1;
    }
    assert_true(longest > 4 * LINK_BACKOFF_FIRST_MS);
    stage_close(&g);
}

static void the_table_has_no_way_out_of_order(void **state) {
    (void)state;
    for (link_state s = 0; s < LINK_STATE_COUNT; s++) {
        bool connected = s != LINK_WAIT && s != LINK_REFUSED;
        assert_true(link_steps[s][EV_DUE].act != ACT_IGNORE); /* no state without a timer's end */
        assert_true(!connected || link_steps[s][EV_DOWN].to == LINK_WAIT);
        assert_true(s == LINK_READY || link_steps[s][EV_GRANT].act == ACT_IGNORE);
        assert_true(s == LINK_READY || link_steps[s][EV_NEED].act == ACT_IGNORE);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hello_says_where_the_spool_stands),
        cmocka_unit_test(nothing_is_sent_beyond_the_grant),
        cmocka_unit_test(what_is_spooled_later_goes_too),
        cmocka_unit_test(a_wish_is_whole_batches_within_one_grant),
        cmocka_unit_test(one_batch_set_aside_does_not_stop_the_others),
        cmocka_unit_test(need_goes_back_once),
        cmocka_unit_test(a_lost_ack_costs_nothing),
        cmocka_unit_test(a_lost_connection_resends_what_was_not_acknowledged),
        cmocka_unit_test(a_restored_centre_gets_everything_after_its_last),
        cmocka_unit_test(a_centre_that_forgot_this_epoch_gets_all),
        cmocka_unit_test(a_spool_rolled_back_begins_a_new_epoch),
        cmocka_unit_test(batches_dropped_long_ago_do_not_block),
        cmocka_unit_test(busy_waits_as_told_and_loses_nothing),
        cmocka_unit_test(held_stops_and_asks_again),
        cmocka_unit_test(refused_closes_and_keeps_the_spool),
        cmocka_unit_test(a_missing_receipt_is_asked_for_then_given_up),
        cmocka_unit_test(silence_is_broken_by_hello_not_by_dropping),
        cmocka_unit_test(rubbish_costs_the_connection_only),
        cmocka_unit_test(an_ack_beyond_what_was_sent_is_not_believed),
        cmocka_unit_test(back_off_grows_with_jitter_and_ends_at_thirty_seconds),
        cmocka_unit_test(the_table_has_no_way_out_of_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
