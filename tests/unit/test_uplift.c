/* links: replenish */
#include "daemon/replenish/uplift.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* 100 expected, 150 sold at 9 instead of 10; 80 instead of 100 afterwards; bought at 8, made at 5; 200 of cost. */
static const uplift_series one = {.judged = true,
                                  .baseline = 100,
                                  .sigma = 3,
                                  .sold = 150,
                                  .after_baseline = 100,
                                  .after_sigma = 4,
                                  .after_sold = 80,
                                  .amount = 1350,
                                  .before = 1000,
                                  .before_amount = 10000,
                                  .dealer = 8,
                                  .ex_works = 5,
                                  .given = 10,
                                  .cost = 200};

static bool near(double a, double b) {
    return fabs(a - b) < 1e-6;
}

static void by_hand(void **state) {
    uplift_result r;
    (void)state;
    uplift_sum(&one, 1, &r);
    assert_true(near(r.during.more, 50) && near(r.during.low, 50 - 5.879892) && near(r.during.high, 50 + 5.879892));
    assert_true(near(r.after.more, -20) && near(r.after.low, -20 - 7.839856));
    assert_true(near(r.net, 30) && near(r.net_low, 30 - 9.79982) && near(r.net_high, 30 + 9.79982));
    assert_true(near(r.consumers, 10 * 150 - 1350 + 10 * 10));
    assert_true(near(r.partners, 1350 - 8 * 160 + 200 - 2 * 100));
    assert_true(near(r.manufacturer, 30 * 3 - 200));
}

static void errors_add_up_in_squares(void **state) {
    uplift_series v[] = {one, one, one};
    uplift_result r;
    (void)state;
    v[1].sigma = 4;
    v[2].judged = false;
    uplift_sum(v, 3, &r);
    assert_int_equal(r.series, 3);
    assert_int_equal(r.judged, 2);
    assert_true(near(r.during.more, 100) && near(r.during.high, 100 + 1.959963984540054 * 5));
}

static void what_is_not_known_is_not_guessed(void **state) {
    uplift_series v[] = {one, one};
    uplift_result r;
    (void)state;
    v[1].ex_works = NAN;
    uplift_sum(v, 2, &r);
    assert_true(isnan(r.manufacturer) && !isnan(r.partners) && !isnan(r.consumers));
    v[1] = one, v[1].amount = NAN;
    uplift_sum(v, 2, &r);
    assert_true(isnan(r.partners) && isnan(r.consumers) && !isnan(r.manufacturer));
    v[1] = one, v[1].before = v[1].before_amount = 0;
    uplift_sum(v, 2, &r);
    assert_true(isnan(r.consumers) && near(r.during.more, 100));
    uplift_sum(v, 0, &r);
    assert_true(r.series == 0 && r.during.more == 0);
}

static void the_rise_that_pays(void **state) {
    (void)state;
    assert_true(near(uplift_break_even(140, 42), 42.0 / 98));
    assert_true(uplift_break_even(140, 0) == 0);
    assert_true(isnan(uplift_break_even(42, 42)) && isnan(uplift_break_even(10, 42)) &&
                isnan(uplift_break_even(NAN, 1)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(errors_add_up_in_squares),
        cmocka_unit_test(what_is_not_known_is_not_guessed),
        cmocka_unit_test(the_rise_that_pays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
