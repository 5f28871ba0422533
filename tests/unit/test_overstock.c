/* links: replenish */
#include "daemon/replenish/overstock.h"

#include "base/num.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const overstock_rules rules = {.window = 60, .settle = 14, .cover = 90, .ratio = 1.5};

static void each_limit_beside_what_just_does_not_reach_it(void **state) {
    static const struct {
        overstock_facts f;
        overstock_state wanted;
        double ratio, cover;
        bool lasts;
    } cases[] = {
        {{true, 1500, 1000, 1500, 100}, OVERSTOCK_ALARM, 1.5, 90, true},
        {{true, 1499, 1000, 1500, 100}, OVERSTOCK_NONE, 1.499, 90, true},
        {{true, 1500, 1000, 1499, 100}, OVERSTOCK_NONE, 1.5, 89.94, false},
        {{true, 0, 1000, 9000, 100}, OVERSTOCK_NONE, 0, 540, true}, /* old stock, nothing pressed in now */
        {{true, -50, 1000, 9000, 100}, OVERSTOCK_NONE, 0, 540, true},
        {{true, 500, 0, 500, 100}, OVERSTOCK_ALARM, 1e9, 1e9, true}, /* nothing sold */
        {{true, 500, -10, 500, 100}, OVERSTOCK_ALARM, 1e9, 1e9, true},
        {{true, 500, 0, 0, 100}, OVERSTOCK_NONE, 1e9, 0, false},
        {{true, 500, 0, -20, 100}, OVERSTOCK_NONE, 1e9, 0, false},
        {{true, 4000, 1000, NUM_NONE, 100}, OVERSTOCK_ALARM, 4, 180, true}, /* what came in and was not sold */
        {{true, 2000, 1000, NUM_NONE, 100}, OVERSTOCK_NONE, 2, 60, false},
        {{true, 4000, 1000, 3000, 30}, OVERSTOCK_ALARM, 4, 90, true}, /* 1000 in 30 days */
        {{true, 4000, 1000, 3000, 29}, OVERSTOCK_NONE, 4, 87, false},
        {{true, 4000, 10, 3990, 14}, OVERSTOCK_ALARM, 400, 5586, true},
        {{true, 4000, 10, 3990, 13}, OVERSTOCK_EARLY, 400, 5187, false}, /* the shelf is being filled */
        {{true, 4000, 0, 4000, 0}, OVERSTOCK_EARLY, 1e9, 1e9, false},
        {{false, 4000, 0, 4000, 100}, OVERSTOCK_UNKNOWN, -1, -1, false},
        {{true, 4000, 0, NUM_NONE, -1}, OVERSTOCK_UNKNOWN, -1, -1, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        overstock_verdict v = overstock_judge(&rules, &cases[i].f);
        assert_int_equal(v.state, cases[i].wanted);
        assert_true(fabs(v.ratio - cases[i].ratio) < 1e-6);
        assert_true(fabs(v.cover - cases[i].cover) < 1e-6);
        assert_int_equal(v.lasts, cases[i].lasts);
    }
}

static void one_sentence_in_two_languages(void **state) {
    const overstock_facts f = {true, 1000000, 100000, 900000, 100}, blind = {false, 1, 0, NUM_NONE, 100};
    overstock_verdict v = overstock_judge(&rules, &f), nothing = overstock_judge(&rules, &blind);
    AUTO(buf) b = {0};
    (void)state;
    overstock_why(&rules, &f, &v, LANGUAGE_EN, &b);
    assert_string_equal(buf_z(&b),
                        "In 60 days 1000 came in, 100 went out for good (10 times), stock 900, lasts 540 days.");
    buf_clear(&b);
    overstock_why(&rules, &f, &v, LANGUAGE_ZH, &b);
    assert_string_equal(buf_z(&b), "60天进货1000，终端动销100（10倍），库存900，可销540天。");
    buf_clear(&b);
    overstock_why(&rules, &blind, &nothing, LANGUAGE_EN, &b);
    assert_string_equal(buf_z(&b), "No sales are reported: nobody can say.");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_limit_beside_what_just_does_not_reach_it),
        cmocka_unit_test(one_sentence_in_two_languages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
