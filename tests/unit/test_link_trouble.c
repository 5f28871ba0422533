/* links: agentlib */
#include "link_stage.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>

/* what goes wrong, and how it goes on */

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

static void another_ones_batch_under_our_number_is_not_taken_for_ours(void **state) {
    (void)state;
    static const uint8_t others[32] = {6, 6, 6};
    stage g;
    stage_open(&g);
    spool_one(g.s, "a", 2, 1);
    spool_one(g.s, "b", 2, 1);
    (void)hears_hello(&g);
    Wire__Welcome w = WIRE__WELCOME__INIT;
    w.proto = FRAME_PROTO;
    w.epoch = spool_now(g.s)->epoch;
    w.last_seq = 1;
    w.db_epoch = 1;
    w.last_digest = (ProtobufCBinaryData){sizeof others, (uint8_t *)(uintptr_t)others};
    centre_says(&g.c, FRAME_WELCOME, &w.base);
    (void)hears_want(&g);
    assert_int_equal(spool_now(g.s)->acked_seq, 0);
    ack(&g, 1, 1); /* of the other one's */
    grant(&g, MIB);
    assert_int_equal(hears_batch(&g), 1); /* ours goes, so that the centre finds out */
    assert_int_equal(spool_now(g.s)->acked_seq, 0);
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

/* Twelve tries that all fail: none waits longer than the window of its number, or than `most`. Returns the longest. */
static int64_t twelve_tries(stage *g, int listener, int64_t most) {
    int64_t longest = 0;
    for (int i = 0; i < 12; i++) {
        turn(g); /* dials */
        if (listener >= 0) (void)close(accept(listener, NULL, NULL));
        reaches(g, LINK_WAIT);
        int64_t wait = link_due(g->l) - g->hand, window = (int64_t)LINK_BACKOFF_FIRST_MS << i;
        assert_true(wait >= LINK_BACKOFF_MIN_MS && wait <= most && wait <= window);
        if (wait > longest) longest = wait;
        g->hand += wait - 1;
        turn(g);
        assert_int_equal(link_now(g->l), LINK_WAIT); /* not before its time */
        g->hand += 1;
    }
    return longest;
}

static void nobody_there_is_asked_again_soon(void **state) {
    (void)state;
    stage g;
    stage_open(&g);
    zmq_close(g.c.router); /* nobody listens there now */
    g.c.router = NULL;
    assert_true(twelve_tries(&g, -1, LINK_BACKOFF_AWAY_MS) > LINK_BACKOFF_AWAY_MS / 2);
    stage_close(&g);
}

static void who_hangs_up_is_left_in_peace(void **state) {
    (void)state;
    stage g;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &n), 0);
    stage_open(&g);
    link_free(g.l);
    (void)snprintf(g.c.endpoint, sizeof g.c.endpoint, "tcp://127.0.0.1:%d", ntohs(at.sin_port));
    stage_link(&g);
    assert_true(twelve_tries(&g, listener, LINK_BACKOFF_MAX_MS) > LINK_BACKOFF_MAX_MS / 2);
    (void)close(listener);
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
        cmocka_unit_test(one_batch_set_aside_does_not_stop_the_others),
        cmocka_unit_test(another_ones_batch_under_our_number_is_not_taken_for_ours),
        cmocka_unit_test(busy_waits_as_told_and_loses_nothing),
        cmocka_unit_test(held_stops_and_asks_again),
        cmocka_unit_test(refused_closes_and_keeps_the_spool),
        cmocka_unit_test(a_missing_receipt_is_asked_for_then_given_up),
        cmocka_unit_test(silence_is_broken_by_hello_not_by_dropping),
        cmocka_unit_test(rubbish_costs_the_connection_only),
        cmocka_unit_test(an_ack_beyond_what_was_sent_is_not_believed),
        cmocka_unit_test(nobody_there_is_asked_again_soon),
        cmocka_unit_test(who_hangs_up_is_left_in_peace),
        cmocka_unit_test(the_table_has_no_way_out_of_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
