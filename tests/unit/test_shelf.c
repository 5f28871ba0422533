/* links: replenish */
#include "daemon/replenish/shelf.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void age_is_of_what_came_last(void **state) {
    static const shelf_layer in[] = {{10, 100}, {40, 50}, {70, -20}, {90, 30}};
    static const struct {
        size_t n;
        int64_t stock;
        day_t counted;
        int32_t oldest, mean;
        bool at_least;
    } cases[] = {
        {4, 30, DAY_MAX, 10, 10, false},             /* all of it came last */
        {4, 31, DAY_MAX, 60, 12, false},             /* (30 × 10 + 1 × 60) ÷ 31 */
        {4, 80, DAY_MAX, 60, 41, false},             /* a layer below 0 is none */
        {4, 180, DAY_MAX, 90, 68, false},            /* everything that ever came */
        {4, 200, 0, 100, 72, true},                  /* 20 of the opening */
        {4, 200, 95, 90, 71, true},                  /* counted after the first receipt */
        {0, 5, 80, 20, 20, true},                    /* nothing but the opening */
        {4, 0, 0, AGE_UNKNOWN, AGE_UNKNOWN, false},  /* nothing stands there */
        {4, -5, 0, AGE_UNKNOWN, AGE_UNKNOWN, false}, /* nor less */
        {4, NUM_NONE, DAY_MAX, AGE_UNKNOWN, AGE_UNKNOWN, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        shelf_age age = shelf_age_of(in, cases[i].n, cases[i].stock, cases[i].counted, 100);
        assert_int_equal(age.oldest, cases[i].oldest);
        assert_int_equal(age.mean, cases[i].mean);
        assert_int_equal(age.at_least, cases[i].at_least);
    }
}

static void mean_of_the_ends_of_days(void **state) {
    static const shelf_change change[] = {{5, 10}, {8, -4}, {8, -2}, {9, 6}, {30, 99}};
    static const struct {
        int64_t stock;
        day_t from, to;
        double mean;
    } cases[] = {
        {10, 9, 9, 10},                                /* one day */
        {10, 8, 9, 7},                                 /* 4 at the end of the 8th */
        {10, 5, 9, (10 * 3 + 4 + 10) / 5.0},           /* 10, 10, 10, 4, 10 */
        {10, 1, 10, (0 * 4 + 10 * 3 + 4 + 20) / 10.0}, /* 0 before the first */
        {3, 5, 9, (3 + 0 + 3 * 3) / 5.0},              /* below 0 on the 8th counts as 0 */
        {10, 10, 9, -1},                               /* no day */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_true(fabs(shelf_mean_stock(change, 4, cases[i].stock, cases[i].from, cases[i].to) - cases[i].mean) <
                    1e-9);
}

static void days_that_ended_with_nothing(void **state) {
    static const shelf_change change[] = {{5, 10}, {8, -10}, {8, -2}, {9, 6}, {30, 99}};
    (void)state; /* with 4 at the end of the 9th: −2 on the 8th, 10 on the 5th to 7th, 0 before */
    assert_int_equal(shelf_out_days(change, 4, 4, 9, 9), 0);
    assert_int_equal(shelf_out_days(change, 4, 4, 5, 9), 1);
    assert_int_equal(shelf_out_days(change, 4, 4, 1, 12), 5);
    assert_int_equal(shelf_out_days(change, 4, 0, 9, 12), 4);
    assert_int_equal(shelf_out_days(change, 4, 4, 10, 9), 0);
}

static void ratios_know_what_they_do_not_know(void **state) {
    const shelf good = {
        .sold = 73000, .amount = 73000, .cost = 36500, .stock = 20000, .mean_stock = 10000, .stock_value = 5000};
    shelf s = good;
    (void)state;
    assert_true(fabs(shelf_cover_days(&s, 73) - 20) < 1e-9);
    assert_true(fabs(shelf_turns(&s, 73) - 36.5) < 1e-9);
    assert_true(fabs(shelf_gmroi(&s, 73) - 36.5) < 1e-9);
    s.cost = 109500;
    assert_true(fabs(shelf_gmroi(&s, 73) + 36.5) < 1e-9); /* a loss is known */
    s.sold = 0;
    assert_true(shelf_cover_days(&s, 73) >= 1e9);
    assert_true(shelf_turns(&s, 73) == 0);
    s.stock = NUM_NONE;
    assert_true(shelf_cover_days(&s, 73) < 0);
    s = good, s.cost = NUM_NONE;
    assert_true(isnan(shelf_gmroi(&s, 73)));
    s = good, s.amount = NUM_NONE;
    assert_true(isnan(shelf_gmroi(&s, 73)));
    s = good, s.stock_value = -1;
    assert_true(isnan(shelf_gmroi(&s, 73)));
    s = good, s.mean_stock = -1;
    assert_true(shelf_turns(&s, 73) < 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(age_is_of_what_came_last),
        cmocka_unit_test(mean_of_the_ends_of_days),
        cmocka_unit_test(days_that_ended_with_nothing),
        cmocka_unit_test(ratios_know_what_they_do_not_know),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
