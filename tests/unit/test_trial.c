/* links: replenish */
#include "daemon/replenish/trial_rule.h"
#include "maths/student.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void student_as_the_tables_have_it(void **state) {
    static const struct {
        unsigned df;
        double t95, t99;
    } rows[] = {{1, 12.7062, 63.6567}, {2, 4.3027, 9.9248},  {3, 3.1824, 5.8409},  {4, 2.7764, 4.6041},
                {5, 2.5706, 4.0321},   {10, 2.2281, 3.1693}, {29, 2.0452, 2.7564}, {120, 1.9799, 2.6174}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(fabs(student_half_width(0.95, rows[i].df) - rows[i].t95) < 1e-4);
        assert_true(fabs(student_half_width(0.99, rows[i].df) - rows[i].t99) < 1e-4);
        assert_true(fabs(student_within(rows[i].t95, rows[i].df) - 0.95) < 1e-5);
    }
}

static void like_is_found_by_region_then_class_then_sales(void **state) {
    const trial_candidate own = {1, 33, STR("A"), 100, false}, homeless = {1, 0, STR("A"), 100, false};
    trial_candidate from[] = {
        {1, 33, STR("A"), 100, false}, /* itself */
        {2, 44, STR("A"), 100, false}, /* elsewhere */
        {3, 33, STR("B"), 100, false}, /* of another class */
        {4, 33, STR("A"), 300, false}, {5, 33, STR("A"), 50, false}, {6, 33, STR("A"), 50, false},
    };
    static const uint32_t wanted[] = {5, 6, 4, 3, 2};
    (void)state;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        assert_int_equal(trial_match(&own, from, 6)->partner, wanted[i]);
    assert_null(trial_match(&own, from, 6));
    from[1].taken = from[4].taken = false;
    assert_int_equal(trial_match(&homeless, from, 6)->partner, 2); /* no region is the same as none */
}

/* Four terminals in each of two regions; what each sold, in how many of its weeks, and what the category gained. */
#define T(where, quantity, since, weeks_with, gain)                                                                    \
    {                                                                                                                  \
        .region = (where), .sold = (quantity), .weeks = (since), .weeks_selling = (weeks_with), .matched = true,       \
        .before = 20, .during = 20 + (gain), .match_before = 15, .match_during = 15                                    \
    }
#define FOUR(where, quantity, since, with, gain)                                                                       \
    T(where, quantity, since, with, gain), T(where, quantity, since, with, (gain) + 1),                                \
        T(where, quantity, since, with, (gain)-1), T(where, quantity, since, with, gain)
#define GOOD(where) FOUR(where, 80, 8, 8, 6)
#define DEAD(where) FOUR(where, 0, 0, 0, 0)
#define ONCE(where) FOUR(where, 80, 8, 1, 6) /* tried, not bought again */
#define FEW(where)  T(where, 80, 8, 8, 6), T(where, 0, 0, 0, 0), T(where, 0, 0, 0, 0), T(where, 0, 0, 0, 0)
#define EATS(where) FOUR(where, 80, 8, 8, -6) /* takes from its neighbours */
#define SLOW(where) FOUR(where, 24, 8, 8, 6)  /* 3 a week */

static void each_result_has_its_figures(void **state) {
    static const struct {
        trial_terminal v[8];
        double weeks, target;
        trial_result wanted;
        size_t regions;
        uint32_t region;
    } cases[] = {
        {{GOOD(1), GOOD(2)}, 8, 5, TRIAL_ROLL_OUT, 0, 0},
        {{GOOD(1), GOOD(2)}, 8, 10, TRIAL_ROLL_OUT, 0, 0}, /* 10 a week: just */
        {{GOOD(1), GOOD(2)}, 8, 10.01, TRIAL_MARKETING, 0, 0},
        {{GOOD(1), GOOD(2)}, 3.9, 5, TRIAL_OPEN, 0, 0},
        {{DEAD(1), DEAD(2)}, 8, 5, TRIAL_DROP, 0, 0},
        {{GOOD(1), DEAD(2)}, 8, 5, TRIAL_CERTAIN, 1, 1},
        {{SLOW(1), GOOD(2)}, 8, 5, TRIAL_CERTAIN, 1, 2}, /* all together pass, one region alone does not */
        {{ONCE(1), ONCE(2)}, 8, 5, TRIAL_PRODUCT, 0, 0},
        {{EATS(1), EATS(2)}, 8, 5, TRIAL_PRODUCT, 0, 0},
        {{FEW(1), FEW(2)}, 8, 0, TRIAL_MARKETING, 0, 0},
        {{SLOW(1), SLOW(2)}, 8, 5, TRIAL_MARKETING, 0, 0},
        {{SLOW(1), SLOW(2)}, 8, 0, TRIAL_ROLL_OUT, 0, 0}, /* no target */
    };
    trial_verdict v;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        trial_judge(cases[i].v, 8, cases[i].weeks, cases[i].target, &v);
        assert_int_equal(v.result, cases[i].wanted);
        assert_int_equal(v.regions, cases[i].regions);
        if (v.regions) assert_int_equal(v.region[0], cases[i].region);
    }
    trial_judge(cases[0].v, 2, 8, 5, &v);
    assert_int_equal(v.result, TRIAL_OPEN); /* too few terminals */
}

static void measures_by_hand(void **state) {
    const trial_terminal v[] = {
        {.region = 1,
         .sold = 40,
         .weeks = 4,
         .weeks_selling = 2,
         .days = 28,
         .days_out = 7,
         .matched = true,
         .before = 10,
         .during = 18,
         .match_before = 10,
         .match_during = 11},
        {.region = 1,
         .sold = 8,
         .weeks = 4,
         .weeks_selling = 1,
         .matched = true,
         .before = 10,
         .during = 13,
         .match_before = 10,
         .match_during = 10},
        {.region = 2, .sold = 0, .matched = true, .before = 5, .during = 10, .match_before = 8, .match_during = 8},
        {.region = 2, .sold = 0},
    };
    trial_figures f;
    AUTO(buf) b = {0};
    (void)state;
    trial_measure(v, 4, 0, 4, 2, &f);
    assert_true(f.rate == 3 && f.selling == 0.5 && f.repeat == 0.5 && f.out == 0.25 && f.pairs == 3);
    /* differences 7, 3, 5: mean 5, deviation 2, 4.30265 × 2 ÷ √3 */
    assert_true(fabs(f.lift - 5) < 1e-12 && fabs(f.lift_low - 0.03176) < 1e-4 && fabs(f.lift_high - 9.96824) < 1e-4);
    trial_why(&f, LANGUAGE_EN, &b);
    assert_string_equal(buf_z(&b),
                        "4 terminals, 4 weeks: 3 sold a week and terminal (target 2), 50 % of them sell it, 50 % of "
                        "these again and again, 25 % of the days out of stock, the category 5 a week up (0.03 to "
                        "9.97 at 95 %).");
    trial_measure(v, 4, 2, 4, 0, &f);
    assert_true(f.terminals == 2 && f.repeat < 0 && f.out < 0 && f.pairs == 1 && isnan(f.lift));
    buf_clear(&b);
    trial_why(&f, LANGUAGE_ZH, &b);
    assert_string_equal(buf_z(&b), "2家门店，4周，每店每周售0，动销门店0%。");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(student_as_the_tables_have_it),
        cmocka_unit_test(like_is_found_by_region_then_class_then_sales),
        cmocka_unit_test(each_result_has_its_figures),
        cmocka_unit_test(measures_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
