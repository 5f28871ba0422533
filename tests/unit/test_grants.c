/* links: service */
#include "daemon/service/grants.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { KIB = 1024, MIB = 1024 * 1024 };

static void one_gets_what_it_wants(void **state) {
    (void)state;
    grants g = {0};
    grant a = {0};
    uint64_t bytes = 0;
    assert_null(grant_next(&g, 0, &bytes));
    grant_want(&g, &a, 3 * KIB);
    assert_ptr_equal(grant_next(&g, 0, &bytes), &a);
    assert_int_equal(bytes, 3 * KIB);
    assert_null(grant_next(&g, 0, &bytes));
    assert_true(grant_use(&g, &a, 2 * KIB));
    assert_false(grant_use(&g, &a, KIB + 1));
    assert_true(grant_use(&g, &a, KIB));
    assert_int_equal(g.out, 0);
}

static void nobody_gets_more_than_its_fill(void **state) {
    (void)state;
    grants g = {0};
    grant a = {0};
    uint64_t bytes = 0, all = 0;
    grant_want(&g, &a, 100 * (uint64_t)MIB);
    while (grant_next(&g, 0, &bytes) != NULL) all += bytes;
    assert_int_equal(all, LIMIT_GRANT_ONE);
    assert_true(grant_use(&g, &a, LIMIT_BATCH_BYTES));
    assert_null(grant_next(&g, 0, &bytes)); /* a whole share does not fit yet */
    assert_true(grant_use(&g, &a, LIMIT_GRANT_ONE - LIMIT_BATCH_BYTES));
    assert_ptr_equal(grant_next(&g, 0, &bytes), &a);
}

/* What is left of an earlier grant does not keep the rest from those who want a whole one. */
static void what_is_left_leaves_room_for_the_rest(void **state) {
    (void)state;
    grants g = {0};
    grant a = {0};
    uint64_t bytes;
    grant_want(&g, &a, 300 * KIB);
    assert_non_null(grant_next(&g, 0, &bytes));
    grant_want(&g, &a, LIMIT_GRANT_ONE);
    assert_ptr_equal(grant_next(&g, 0, &bytes), &a);
    assert_int_equal(bytes, LIMIT_GRANT_ONE - 300 * KIB);
    assert_int_equal(a.out, LIMIT_GRANT_ONE);
    assert_null(grant_next(&g, 0, &bytes));
    assert_true(grant_use(&g, &a, LIMIT_FRAME_BYTES - 1));
    assert_null(grant_next(&g, 0, &bytes)); /* not room for a whole batch */
    assert_true(grant_use(&g, &a, 1));
    assert_ptr_equal(grant_next(&g, 0, &bytes), &a);
    assert_int_equal(bytes, LIMIT_FRAME_BYTES);
}

static void the_pool_is_never_exceeded_and_turns_go_round(void **state) {
    (void)state;
    enum { AGENTS = 200 };
    static grant a[AGENTS];
    unsigned served[AGENTS] = {0};
    grants g = {0};
    uint64_t bytes;
    for (size_t i = 0; i < AGENTS; i++) grant_want(&g, &a[i], 10 * (uint64_t)MIB);
    for (unsigned round = 0; round < 50; round++) {
        for (grant *one; (one = grant_next(&g, 0, &bytes)) != NULL;) {
            served[one - a]++;
            assert_true(bytes >= LIMIT_FRAME_BYTES || one->want == 0);
            assert_true(g.out <= LIMIT_GRANT_BYTES);
            assert_true(one->out <= LIMIT_GRANT_ONE);
        }
        for (size_t i = 0; i < AGENTS; i++) assert_true(grant_use(&g, &a[i], a[i].out));
    }
    unsigned least = served[0], most = served[0];
    for (size_t i = 1; i < AGENTS; i++) {
        if (served[i] < least) least = served[i];
        if (served[i] > most) most = served[i];
    }
    assert_true(least > 0);
    assert_true(most - least <= 1);
}

static void what_is_not_used_comes_back(void **state) {
    (void)state;
    grants g = {0};
    grant a = {0}, b = {0};
    uint64_t bytes;
    grant_want(&g, &a, KIB);
    assert_non_null(grant_next(&g, 1000, &bytes));
    assert_false(grant_expire(&g, &a, 1000 + LIMIT_GRANT_MS - 1));
    assert_true(grant_expire(&g, &a, 1000 + LIMIT_GRANT_MS));
    assert_int_equal(g.out, 0);
    assert_false(grant_use(&g, &a, 1));
    grant_want(&g, &a, KIB);
    grant_want(&g, &b, KIB);
    grant_drop(&g, &a);
    assert_ptr_equal(grant_next(&g, 0, &bytes), &b);
    assert_null(grant_next(&g, 0, &bytes));
    grant_drop(&g, &b);
    assert_int_equal(g.out, 0);
    assert_int_equal(g.waiting, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_gets_what_it_wants),
        cmocka_unit_test(nobody_gets_more_than_its_fill),
        cmocka_unit_test(what_is_left_leaves_room_for_the_rest),
        cmocka_unit_test(the_pool_is_never_exceeded_and_turns_go_round),
        cmocka_unit_test(what_is_not_used_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
