/* links: agentlib */
#include "agent_fixture.h"

#include <fcntl.h>
#include <sys/wait.h>

enum { MIB = 1024 * 1024 };
static const int64_t day_ms = 24LL * 3600 * 1000;

static batch decode(spool *s, uint64_t seq, buf *frame, arena *a) {
    batch_info i;
    batch b;
    buf_clear(frame);
    SUCCEEDS(spool_batch(s, seq, &i, frame, e));
    assert_int_equal(i.size + FRAME_HEADER, frame->n);
    SUCCEEDS(batch_decode(str_skip(buf_str(frame), FRAME_HEADER), a, &b, e));
    return b;
}

static void a_new_spool_has_a_random_epoch_and_keeps_it(void **state) {
    (void)state;
    AUTO(folder) f = folder_make(), g = folder_make();
    spool *s = spool_in(&f, MIB), *other = spool_in(&g, MIB);
    uint64_t epoch = spool_now(s)->epoch;
    assert_true(epoch != 0 && epoch != spool_now(other)->epoch);
    spool_close(s);
    s = spool_in(&f, MIB);
    assert_true(spool_now(s)->epoch == epoch);
    assert_int_equal(spool_now(s)->last_seq, 0);
    spool_close(s);
    spool_close(other);
}

static void files_get_gapless_numbers_and_survive_a_restart(void **state) {
    (void)state;
    AUTO(folder) f = folder_make();
    spool *s = spool_in(&f, 16 * MIB);
    upload a = spool_one(s, "a", 3, 100), b = spool_one(s, "b", 9000, 200), c = spool_one(s, "c", 1, 300);
    assert_int_equal(a.first_seq, 1);
    assert_int_equal(a.last_seq, 1);
    assert_int_equal(b.first_seq, 2);
    assert_true(b.last_seq > b.first_seq); /* 9,000 lines do not fit into one batch */
    assert_int_equal(c.first_seq, b.last_seq + 1);
    assert_int_equal(b.lines, 9000);
    spool_close(s);
    s = spool_in(&f, 16 * MIB);
    assert_int_equal(spool_now(s)->last_seq, c.last_seq);
    AUTO(buf) frame = {0};
    AUTO(arena) mem = {0};
    arena_init(&mem, 64 * MIB);
    uint64_t lines = 0;
    for (uint64_t seq = 1; seq <= c.last_seq; seq++) {
        batch m = decode(s, seq, &frame, &mem);
        assert_true(m.epoch == spool_now(s)->epoch);
        assert_int_equal(m.seq, seq);
        lines += m.lines;
    }
    assert_int_equal(lines, 3 + 9000 + 1);
    upload again;
    SUCCEEDS(spool_upload(s, b.id, &again, e));
    assert_string_equal(again.name, "b");
    assert_int_equal(again.spooled_ms, 200);
    FAILS(ERR_NOT_FOUND, spool_upload(s, 99, &again, e));
    spool_close(s);
}

static void a_full_spool_takes_nothing_and_drops_nothing(void **state) {
    (void)state;
    AUTO(folder) f = folder_make();
    spool *s = spool_in(&f, 64 * 1024);
    upload u, how = {.spooled_ms = 1};
    spool_one(s, "a", 10, 1);
    spool_state before = *spool_now(s);
    AUTO(docset) big = {0};
    small_docset(&big, "big", 60000);
    FAILS(ERR_FULL, spool_add(s, &big, &how, &u, e));
    assert_memory_equal(&before, spool_now(s), sizeof before);
    spool_one(s, "b", 10, 2); /* a smaller one still fits */
    assert_int_equal(spool_now(s)->last_seq, 2);
    spool_close(s);
    s = spool_in(&f, 64 * 1024);
    assert_int_equal(spool_now(s)->last_seq, 2);
    spool_close(s);
}

static void quota_is_kept_to_the_byte(void **state) {
    (void)state;
    AUTO(folder) f = folder_make(), g = folder_make(), k = folder_make();
    spool *s = spool_in(&f, MIB);
    spool_one(s, "a", 10, 1);
    uint64_t size = spool_now(s)->last_end;
    spool_close(s);
    s = spool_in(&g, size);
    spool_one(s, "a", 10, 1);
    spool_close(s);
    s = spool_in(&k, size - 1);
    AUTO(docset) d = {0};
    upload u, how = {.spooled_ms = 1};
    small_docset(&d, "a", 10);
    FAILS(ERR_FULL, spool_add(s, &d, &how, &u, e));
    spool_close(s);
}

static void acks_are_cumulative_and_receipts_move_a_mark(void **state) {
    (void)state;
    AUTO(folder) f = folder_make();
    spool *s = spool_in(&f, MIB);
    upload a = spool_one(s, "a", 2, 1), b = spool_one(s, "b", 3, 2);
    spool_one(s, "c", 4, 3);
    SUCCEEDS(spool_ack(s, 2, 77, STR_NONE, 5000, e));
    Wire__Receipt two = receipt_of(2, 3), one = receipt_of(1, 2);
    SUCCEEDS(spool_receipt(s, &two, e));
    assert_false(upload_done(&a, spool_now(s)));
    assert_false(upload_done(&b, spool_now(s))); /* the first one's is missing */
    SUCCEEDS(spool_receipt(s, &one, e));
    SUCCEEDS(spool_flush(s, e));
    assert_true(upload_done(&a, spool_now(s)) && upload_done(&b, spool_now(s)));
    assert_int_equal(spool_now(s)->receipts_to, 2);
    assert_int_equal(spool_now(s)->commit_ms, 5000);
    upload_sum sum;
    SUCCEEDS(spool_sum(s, &b, &sum, NULL, NULL, e));
    assert_int_equal(sum.committed, 3);
    assert_int_equal(sum.receipts, 1);
    int64_t oldest;
    SUCCEEDS(spool_oldest(s, &oldest, e));
    assert_int_equal(oldest, 3);
    FAILS(ERR_CONFLICT, spool_ack(s, 4, 77, STR_NONE, 5001, e)); /* never sent */
    spool_close(s);
    s = spool_in(&f, MIB);
    assert_int_equal(spool_now(s)->acked_seq, 2);
    assert_int_equal(spool_now(s)->db_epoch, 77);
    spool_close(s);
}

static void what_is_not_flushed_is_not_there(void **state) {
    (void)state;
    AUTO(folder) f = folder_make();
    spool *s = spool_in(&f, MIB);
    spool_one(s, "a", 2, 1);
    SUCCEEDS(spool_ack(s, 1, 7, STR_NONE, 5, e));
    spool_close(s); /* as a crash would */
    s = spool_in(&f, MIB);
    assert_int_equal(spool_now(s)->acked_seq, 0);
    spool_close(s);
}

static void a_restored_centre_makes_batches_wait_again(void **state) {
    (void)state;
    AUTO(folder) f = folder_make();
    spool *s = spool_in(&f, MIB);
    for (int i = 0; i < 4; i++) spool_one(s, &"abcd"[i], 2, i + 1);
    SUCCEEDS(spool_ack(s, 4, 1, STR_NONE, 10, e));
    for (uint64_t seq = 1; seq <= 4; seq++) {
        Wire__Receipt r = receipt_of(seq, 2);
        SUCCEEDS(spool_receipt(s, &r, e));
    }
    SUCCEEDS(spool_ack(s, 1, 2, STR_NONE, 20, e));
    SUCCEEDS(spool_flush(s, e));
    assert_int_equal(spool_now(s)->acked_seq, 1);
    assert_int_equal(spool_now(s)->receipts_to, 1);
    batch_info i;
    SUCCEEDS(spool_batch(s, 2, &i, NULL, e));
    assert_int_equal(i.acked_ms, 0);
    /* old receipts do not count for the new commit */
    SUCCEEDS(spool_ack(s, 3, 2, STR_NONE, 30, e));
    Wire__Receipt r = receipt_of(3, 2);
    SUCCEEDS(spool_receipt(s, &r, e));
    assert_int_equal(spool_now(s)->receipts_to, 1);
    spool_close(s);
}

static void a_receipt_that_never_comes_is_given_up(void **state) {
    (void)state;
    AUTO(folder) f = folder_make();
    spool *s = spool_in(&f, MIB);
    upload a = spool_one(s, "a", 2, 1), b = spool_one(s, "b", 2, 1);
    SUCCEEDS(spool_ack(s, 2, 1, STR_NONE, 10, e));
    Wire__Receipt two = receipt_of(2, 2);
    SUCCEEDS(spool_receipt(s, &two, e));
    SUCCEEDS(spool_no_receipts(s, 1, e));
    SUCCEEDS(spool_flush(s, e));
    assert_true(upload_done(&a, spool_now(s)) && upload_done(&b, spool_now(s)));
    spool_close(s);
}

static void acked_documents_are_kept_35_days(void **state) {
    (void)state;
    AUTO(folder) f = folder_make();
    spool *s = spool_in(&f, MIB);
    upload a = spool_one(s, "a", 2, 1), b = spool_one(s, "b", 2, 1);
    int64_t acked = 1000;
    bool more;
    SUCCEEDS(spool_ack(s, 1, 1, STR_NONE, acked, e));
    SUCCEEDS(spool_flush(s, e));
    SUCCEEDS(spool_prune(s, acked + LIMIT_ACKED_DAYS * day_ms, &more, e));
    assert_int_equal(spool_now(s)->first_seq, 1); /* on the last day it is still there */
    SUCCEEDS(spool_prune(s, acked + LIMIT_ACKED_DAYS * day_ms + 1, &more, e));
    assert_int_equal(spool_now(s)->first_seq, 2);
    SUCCEEDS(spool_prune(s, acked + 10 * LIMIT_ACKED_DAYS * day_ms, &more, e));
    assert_int_equal(spool_now(s)->first_seq, 2); /* what was not acknowledged is never dropped */
    upload u;
    FAILS(ERR_NOT_FOUND, spool_upload(s, a.id, &u, e));
    SUCCEEDS(spool_upload(s, b.id, &u, e));
    batch_info i;
    FAILS(ERR_NOT_FOUND, spool_batch(s, 1, &i, NULL, e));
    uint64_t kept = spool_now(s)->last_end - spool_now(s)->first_end;
    SUCCEEDS(spool_batch(s, 2, &i, NULL, e));
    assert_int_equal(kept, i.size);
    spool_close(s);
}

static void an_inbox_file_is_kept_until_it_is_archived(void **state) {
    (void)state;
    AUTO(folder) f = folder_make();
    spool *s = spool_in(&f, MIB);
    AUTO(docset) d = {0};
    upload u, how = {.spooled_ms = 1, .inbox = true};
    bool more;
    small_docset(&d, "in", 2);
    SUCCEEDS(spool_add(s, &d, &how, &u, e));
    SUCCEEDS(spool_ack(s, 1, 1, STR_NONE, 10, e));
    SUCCEEDS(spool_flush(s, e));
    SUCCEEDS(spool_prune(s, 100 * day_ms, &more, e));
    assert_int_equal(spool_now(s)->first_seq, 1);
    SUCCEEDS(spool_close_upload(s, u.id, 20, e));
    SUCCEEDS(spool_prune(s, 100 * day_ms, &more, e));
    assert_int_equal(spool_now(s)->first_seq, 2);
    spool_close(s);
}

static void a_new_epoch_renumbers_everything_kept(void **state) {
    (void)state;
    AUTO(folder) f = folder_make();
    spool *s = spool_in(&f, 16 * MIB);
    AUTO(docset) d = {0};
    upload u, how = {.spooled_ms = 1, .again = true};
    bool more;
    spool_one(s, "old", 2, 1);
    SUCCEEDS(spool_ack(s, 1, 1, STR_NONE, 5, e));
    SUCCEEDS(spool_flush(s, e));
    SUCCEEDS(spool_prune(s, 100 * day_ms, &more, e));
    small_docset(&d, "again", 2);
    SUCCEEDS(spool_add(s, &d, &how, &u, e)); /* acknowledged below */
    SUCCEEDS(spool_ack(s, 2, 1, STR_NONE, 100 * day_ms, e));
    SUCCEEDS(spool_add(s, &d, &how, &u, e)); /* not acknowledged */
    upload big = spool_one(s, "big", 9000, 3);
    uint64_t epoch = spool_now(s)->epoch, batches = spool_now(s)->last_seq - 1;
    SUCCEEDS(spool_new_epoch(s, e));
    spool_close(s);
    s = spool_in(&f, 16 * MIB);
    const spool_state *now = spool_now(s);
    assert_true(now->epoch != epoch);
    assert_int_equal(now->first_seq, 1);
    assert_int_equal(now->last_seq, batches);
    assert_int_equal(now->acked_seq, 0);
    AUTO(buf) frame = {0};
    AUTO(arena) mem = {0};
    arena_init(&mem, 64 * MIB);
    uint64_t end = 0;
    for (uint64_t seq = 1; seq <= batches; seq++) {
        batch b = decode(s, seq, &frame, &mem);
        batch_info i;
        assert_true(b.epoch == now->epoch && b.seq == seq);
        assert_int_equal(b.again, seq == 2); /* what was committed once may not come back as the newest word */
        SUCCEEDS(spool_batch(s, seq, &i, NULL, e));
        assert_int_equal(i.acked_ms, 0);
        end += i.size;
        assert_int_equal(i.end, end);
    }
    assert_int_equal(now->last_end, end);
    upload moved;
    SUCCEEDS(spool_upload(s, big.id, &moved, e));
    assert_int_equal(moved.first_seq, big.first_seq - 1);
    assert_int_equal(moved.last_seq, batches);
    spool_close(s);
}

typedef struct seen {
    size_t n;
    char last[64];
} seen;

static void see(void *arg, const problem *p) {
    seen *k = arg;
    k->n++;
    (void)str_copy_z(p->found, k->last, sizeof k->last);
}

static void problems_found_here_and_there_read_alike(void **state) {
    (void)state;
    AUTO(folder) f = folder_make();
    spool *s = spool_in(&f, MIB);
    AUTO(docset) d = {0};
    upload u, how = {.spooled_ms = 1};
    small_docset(&d, "p", 2);
    docset_problem(&d, 0, 7, STR("quantity"), STR("drei"), STR("a number"), STR("mend it"));
    d.refused = 1;
    SUCCEEDS(spool_add(s, &d, &how, &u, e));
    SUCCEEDS(spool_ack(s, 1, 1, STR_NONE, 5, e));
    Wire__Problem there = WIRE__PROBLEM__INIT, *list[] = {&there};
    there.found = (char *)(uintptr_t) "X9";
    Wire__Receipt r = receipt_of(1, 2);
    r.committed = 1, r.quarantined = 1, r.problem_count = 5, r.n_problem = 1, r.problem = list;
    SUCCEEDS(spool_receipt(s, &r, e));
    upload_sum sum;
    seen k = {0};
    SUCCEEDS(spool_sum(s, &u, &sum, see, &k, e));
    assert_int_equal(sum.refused, 1);
    assert_int_equal(sum.quarantined, 1);
    assert_int_equal(sum.problems, 6);
    assert_int_equal(k.n, 2);
    assert_string_equal(k.last, "X9");
    spool_close(s);
}

static void a_batch_refused_whole_counts_its_lines(void **state) {
    (void)state;
    AUTO(folder) f = folder_make();
    spool *s = spool_in(&f, MIB);
    upload u = spool_one(s, "a", 7, 1), v = spool_one(s, "b", 5, 1);
    SUCCEEDS(spool_ack(s, 2, 1, STR_NONE, 10, e));
    Wire__Receipt r = receipt_of(1, 0), held = receipt_of(2, 0);
    r.status = RECEIPT_REFUSED;
    held.status = RECEIPT_HELD;
    SUCCEEDS(spool_receipt(s, &r, e));
    SUCCEEDS(spool_receipt(s, &held, e));
    upload_sum sum;
    SUCCEEDS(spool_sum(s, &u, &sum, NULL, NULL, e));
    assert_int_equal(sum.refused, 7);
    assert_false(sum.held);
    SUCCEEDS(spool_sum(s, &v, &sum, NULL, NULL, e));
    assert_int_equal(sum.refused, 5);
    assert_true(sum.held);
    spool_close(s);
}

static void another_process_may_look_on(void **state) {
    (void)state;
    AUTO(folder) f = folder_make();
    char dir[PATH_SIZE];
    spool *view;
    FAILS(ERR_NOT_FOUND, spool_open(folder_in(&f, "", dir), &(spool_options){.read_only = true}, &view, e));
    spool *s = spool_in(&f, MIB);
    spool_one(s, "a", 2, 1);
    pid_t pid = fork();
    if (pid == 0) {
        err e;
        spool *mine;
        bool ok = spool_open(folder_in(&f, "spool", dir), &(spool_options){.read_only = true}, &mine, &e) &&
                  spool_now(mine)->last_seq == 1;
        _exit(ok ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    spool_close(s);
}

static void a_flipped_bit_is_found(void **state) {
    (void)state;
    AUTO(folder) f = folder_make();
    AUTO(buf) bytes = {0};
    char path[PATH_SIZE];
    spool *s = spool_in(&f, MIB);
    spool_one(s, "a", 40, 1);
    batch_info i;
    AUTO(buf) frame = {0};
    SUCCEEDS(spool_batch(s, 1, &i, &frame, e));
    spool_close(s);
    SUCCEEDS(file_read(folder_in(&f, "spool/data.mdb", path), 16 * MIB, &bytes, e));
    size_t at = str_find(buf_str(&bytes), str_from(frame.p + 20, frame.n - 20));
    assert_true(at != SIZE_MAX);
    int fd = open(path, O_WRONLY);
    char flipped = (char)(bytes.p[at + 30] ^ 4);
    assert_int_equal(pwrite(fd, &flipped, 1, (off_t)at + 30), 1);
    close(fd);
    s = spool_in(&f, MIB);
    FAILS(ERR_INTERNAL, spool_batch(s, 1, &i, &frame, e));
    spool_close(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_spool_has_a_random_epoch_and_keeps_it),
        cmocka_unit_test(files_get_gapless_numbers_and_survive_a_restart),
        cmocka_unit_test(a_full_spool_takes_nothing_and_drops_nothing),
        cmocka_unit_test(quota_is_kept_to_the_byte),
        cmocka_unit_test(acks_are_cumulative_and_receipts_move_a_mark),
        cmocka_unit_test(what_is_not_flushed_is_not_there),
        cmocka_unit_test(a_restored_centre_makes_batches_wait_again),
        cmocka_unit_test(a_receipt_that_never_comes_is_given_up),
        cmocka_unit_test(acked_documents_are_kept_35_days),
        cmocka_unit_test(an_inbox_file_is_kept_until_it_is_archived),
        cmocka_unit_test(a_new_epoch_renumbers_everything_kept),
        cmocka_unit_test(problems_found_here_and_there_read_alike),
        cmocka_unit_test(a_batch_refused_whole_counts_its_lines),
        cmocka_unit_test(another_process_may_look_on),
        cmocka_unit_test(a_flipped_bit_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
