/* links: agentlib */
#include "link_stage.h"

/* what is said, and when */

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
    for (int i = 0; i < 3; i++) spool_one(g.s, &"abc"[i], 2, 1);
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

static void need_goes_back_once(void **state) {
    (void)state;
    stage g;
    stage_open(&g);
    for (int i = 0; i < 4; i++) spool_one(g.s, &"abcd"[i], 2, 1);
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
    for (int i = 0; i < 3; i++) spool_one(g.s, &"abc"[i], 2, 1);
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
    for (int i = 0; i < 4; i++) spool_one(g.s, &"abcd"[i], 2, 1);
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
    for (int i = 0; i < 3; i++) spool_one(g.s, &"abc"[i], 2, 1);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hello_says_where_the_spool_stands),
        cmocka_unit_test(nothing_is_sent_beyond_the_grant),
        cmocka_unit_test(what_is_spooled_later_goes_too),
        cmocka_unit_test(a_wish_is_whole_batches_within_one_grant),
        cmocka_unit_test(need_goes_back_once),
        cmocka_unit_test(a_lost_ack_costs_nothing),
        cmocka_unit_test(a_lost_connection_resends_what_was_not_acknowledged),
        cmocka_unit_test(a_restored_centre_gets_everything_after_its_last),
        cmocka_unit_test(a_centre_that_forgot_this_epoch_gets_all),
        cmocka_unit_test(a_spool_rolled_back_begins_a_new_epoch),
        cmocka_unit_test(batches_dropped_long_ago_do_not_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
