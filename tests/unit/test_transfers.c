/* links: replenish */
#include "daemon/replenish/transfer_match.h"
#include "daemon/replenish/transfers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Every cell: 0 is no way. */
static void life_cell_by_cell(void **state) {
    static const struct {
        transfer_state from, to[TRANSFER_ACT_END]; /* giver agrees, taker agrees, giver refuses, taker refuses */
    } cells[] = {
        {TRANSFER_PROPOSED, {0, TRANSFER_OFFERED, 0, TRANSFER_REFUSED, 0}},
        {TRANSFER_OFFERED, {0, 0, TRANSFER_AGREED, TRANSFER_REFUSED, TRANSFER_REFUSED}},
        {TRANSFER_AGREED, {0, 0, 0, 0, 0}},
        {TRANSFER_REFUSED, {0, 0, 0, 0, 0}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        for (transfer_act act = TRANSFER_GIVER_AGREES; act < TRANSFER_ACT_END; act++) {
            transfer_state to;
            assert_int_equal(transfer_step_to(cells[i].from, act, &to), cells[i].to[act] != 0);
            assert_int_equal(to, cells[i].to[act]);
        }
}

static void names_there_and_back(void **state) {
    transfer_state s;
    (void)state;
    for (transfer_state i = TRANSFER_PROPOSED; i < TRANSFER_STATE_END; i++) {
        assert_true(transfer_state_parse(str_of(transfer_state_name(i)), &s));
        assert_int_equal(s, i);
    }
    assert_false(transfer_state_parse(STR("moved"), &s));
}

static bool anybody(void *arg, const transfer_side *giver, const transfer_side *taker) {
    (void)arg, (void)giver, (void)taker;
    return true;
}

static bool not_these(void *arg, const transfer_side *giver, const transfer_side *taker) {
    const uint32_t *pair = arg;
    return giver->partner != pair[0] || taker->partner != pair[1];
}

typedef struct wanted_pair {
    uint32_t giver, taker;
    int64_t quantity;
} wanted_pair;

static void check(transfer_side *giver, size_t givers, transfer_side *taker, size_t takers, int64_t pack,
                  transfer_may may, void *arg, const wanted_pair *wanted, size_t n) {
    AUTO(arena) a = {0};
    transfer_pair *pair;
    arena_init(&a, SIZE_MAX);
    assert_int_equal(transfer_match(giver, givers, taker, takers, pack, may, arg, &a, &pair), n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(pair[i].giver->partner, wanted[i].giver);
        assert_int_equal(pair[i].taker->partner, wanted[i].taker);
        assert_int_equal(pair[i].quantity, wanted[i].quantity);
    }
}

static void the_emptiest_first_the_nearest_then_the_fullest(void **state) {
    transfer_side giver[] = {{9, 21, 2, 50000, 400, 0}, {3, 11, 1, 30000, 300, 0}, {4, 12, 1, 24000, 200, 0}};
    transfer_side taker[] = {{5, 12, 1, 40000, 10, 0}, {6, 0, 0, 60000, 2, 0}, {7, 12, 1, 11999, 1, 0}};
    static const wanted_pair wanted[] = {
        {9, 6, 48000}, /* nobody is near 6: the fullest; whole packs */
        {3, 6, 12000}, /* and what is left of its wish */
        {4, 5, 24000}, /* the same city before the fuller one of the province */
        {3, 5, 12000},
    };
    (void)state; /* 7 wants less than a pack */
    check(giver, 3, taker, 3, 12000, anybody, NULL, wanted, 4);
}

static void nobody_gives_to_itself_or_against_the_rule(void **state) {
    uint32_t apart[] = {1, 2};
    transfer_side giver[] = {{1, 0, 0, 50000, 400, 0}, {3, 0, 0, 9000, 300, 0}};
    transfer_side taker[] = {{2, 0, 0, 20000, 1, 0}, {1, 0, 0, 1000, 2, 0}};
    static const wanted_pair wanted[] = {{3, 2, 9000}};
    (void)state;
    check(giver, 2, taker, 2, 1000, not_these, apart, wanted, 1);
    check(NULL, 0, taker, 2, 1000, anybody, NULL, NULL, 0);
    check(giver, 2, NULL, 0, 1000, anybody, NULL, NULL, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(life_cell_by_cell),
        cmocka_unit_test(names_there_and_back),
        cmocka_unit_test(the_emptiest_first_the_nearest_then_the_fullest),
        cmocka_unit_test(nobody_gives_to_itself_or_against_the_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
