/* links: service */
#include "daemon/service/guard.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <string.h>

static void the_budget_has_edges(void **state) {
    (void)state;
    guard g = {.since_ms = 0};
    assert_true(guard_within(&g, LIMIT_GUARD_SLACK, 0, 0));
    assert_false(guard_within(&g, LIMIT_GUARD_SLACK + 1, 0, 0));
    assert_true(guard_within(&g, LIMIT_GUARD_SLACK + 1, 1, 0)); /* granted */
    guard_delivered(&g, 1000);
    assert_true(guard_within(&g, LIMIT_GUARD_SLACK + 1000 + GUARD_FRAME_BYTES, 0, 0));
    assert_false(guard_within(&g, LIMIT_GUARD_SLACK + 1001 + GUARD_FRAME_BYTES, 0, 0));
    /* heartbeats of a long life are no offence */
    assert_true(guard_within(&g, LIMIT_GUARD_SLACK + GUARD_BYTES_SECOND * 100, 0, 100000));
}

static void a_silent_one_is_late(void **state) {
    (void)state;
    guard g = {.since_ms = 500};
    assert_false(guard_late(&g, 500 + LIMIT_HANDSHAKE_MS - 1));
    assert_true(guard_late(&g, 500 + LIMIT_HANDSHAKE_MS));
    g.heard = true;
    assert_false(guard_late(&g, 500 + LIMIT_HANDSHAKE_MS));
}

static void what_is_not_taken_is_counted(void **state) {
    (void)state;
    guard g = {.taken_ms = 0};
    guard_said(&g, 222); /* the last that has a short header */
    assert_int_equal(g.said, 222 + 33 + 2);
    guard_said(&g, 223);
    assert_int_equal(g.said, 257 + 223 + 33 + 9);
    g.said = LIMIT_UNREAD_BYTES + 500;
    assert_int_equal(guard_unread(&g, 500), LIMIT_UNREAD_BYTES);
    assert_int_equal(guard_unread(&g, g.said + 1), 0); /* heartbeats are taken, too */
}

static void who_takes_nothing_is_stalled(void **state) {
    (void)state;
    guard g = {.said = LIMIT_UNREAD_BYTES + 100};
    assert_false(guard_stalled(&g, 99, 1000));
    assert_false(guard_stalled(&g, 99, 1000 + LIMIT_UNREAD_MS - 1));
    assert_true(guard_stalled(&g, 99, 1000 + LIMIT_UNREAD_MS));
    assert_false(guard_stalled(&g, 100, 1000 + LIMIT_UNREAD_MS)); /* at the limit: never */
    assert_false(guard_stalled(&g, 100, 1000 + 9 * LIMIT_UNREAD_MS));
    g.said += 1000; /* more is said: the time begins now */
    assert_false(guard_stalled(&g, 100, 1000 + 9 * LIMIT_UNREAD_MS + 1));
    assert_false(guard_stalled(&g, 101, 1000 + 10 * LIMIT_UNREAD_MS)); /* slow is not stalled */
}

static int connected(int *far) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &n), 0);
    *far = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(*far, (struct sockaddr *)&at, sizeof at), 0);
    int near = accept(listener, NULL, NULL);
    assert_true(near >= 0);
    close(listener);
    return near;
}

static void counts_what_the_kernel_received_and_cuts(void **state) {
    (void)state;
    int far, near = connected(&far);
    guard g;
    uint64_t bytes = 99, taken = 99;
    char piece[1000] = {0};
    guard_begin(&g, near, 7);
    assert_int_equal(g.since_ms, 7);
    assert_int_equal(write(far, piece, sizeof piece), sizeof piece);
    while (recv(near, piece, sizeof piece, MSG_PEEK) < 1000) usleep(1000);
    assert_true(guard_counts(near, &bytes, &taken));
    assert_int_equal(bytes, 1000);
    assert_in_range(taken, 0, 1); /* the kernel counts the connection's beginning as one */
    assert_int_equal(write(near, piece, 700), 700);
    for (ssize_t got = 0; got < 700;) got += recv(far, piece, sizeof piece, 0);
    for (int i = 0; i < 1000 && taken < 700; i++, usleep(1000)) assert_true(guard_counts(near, &bytes, &taken));
    assert_in_range(taken, 700, 701);
    guard_cut(&g, near);
    assert_int_equal(recv(far, piece, sizeof piece, 0), 0); /* the other end sees the end */
    close(far);
    close(near);
}

static void another_peer_on_the_same_descriptor_is_left_alone(void **state) {
    (void)state;
    int far, other_far, near = connected(&far), other = connected(&other_far);
    guard g;
    guard_begin(&g, near, 0);
    assert_int_equal(dup2(other, near), near);
    guard_cut(&g, near);
    assert_int_equal(write(other_far, "x", 1), 1);
    char c;
    assert_int_equal(read(near, &c, 1), 1);
    close(far), close(other_far), close(near), close(other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_budget_has_edges),
        cmocka_unit_test(what_is_not_taken_is_counted),
        cmocka_unit_test(who_takes_nothing_is_stalled),
        cmocka_unit_test(a_silent_one_is_late),
        cmocka_unit_test(counts_what_the_kernel_received_and_cuts),
        cmocka_unit_test(another_peer_on_the_same_descriptor_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
