/* links: replenish */
#include "daemon/replenish/assortment.h"

#include "base/num.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const assortment_rules rules = {.settle_days = 60, .cover_days = 180, .gmroi = 0.5, .peer_share = 0.5};

/* A product that a partner has, and one that it has not. */
#define HAS(of_stage, class, in_stock, was_sold, lasts, earns, held)                                                   \
    {                                                                                                                  \
        .carried = true, .stage = STAGE_##of_stage, .abc = (class), .stock = (in_stock), .sold = (was_sold),           \
        .cover = (lasts), .gmroi = (earns), .held_days = (held), .span_days = 91, .age_days = 40                       \
    }
#define LACKS(of_stage, may, all, who_sell)                                                                            \
    { .permitted = (may), .stage = STAGE_##of_stage, .peers = (all), .selling = (who_sell), .peer_week = 12.5 }

static void each_rule_beside_what_just_does_not_meet_it(void **state) {
    static const struct {
        assortment_facts f;
        assortment_verdict wanted;
    } cases[] = {
        {HAS(MATURITY, 'C', 10000, 9000, 100, 1, 60), SHELF_KEEP},
        {HAS(MATURITY, 'C', 10000, 9000, 100, 1, 59), SHELF_EARLY},
        {HAS(MATURITY, 'C', 10000, 0, 100, 1, 59), SHELF_EARLY},
        {HAS(INTRODUCTION, 'C', 10000, 0, 100, 1, 60), SHELF_TRIAL},
        {HAS(DECLINE, 'C', 10000, 0, 100, 1, 60), SHELF_RUN_DOWN},
        {HAS(DECLINE, 'C', 10000, 1, 100, 1, 60), SHELF_KEEP},
        {HAS(DECLINE, 'C', NUM_NONE, 0, 100, 1, 60), SHELF_RUN_DOWN},
        {HAS(MATURITY, 'A', 10000, 0, 100, 1, 60), SHELF_STANDS},
        {HAS(MATURITY, 0, 10000, -5, 100, 1, 60), SHELF_STANDS},
        {HAS(MATURITY, 'C', 0, 0, 100, 1, 60), SHELF_KEEP},
        {HAS(MATURITY, 'C', NUM_NONE, 0, -1, 1, 60), SHELF_KEEP},
        {HAS(MATURITY, 'C', 10000, 9000, 180, 1, 60), SHELF_SLOW},
        {HAS(MATURITY, 'C', 10000, 9000, 179.9, 1, 60), SHELF_KEEP},
        {HAS(MATURITY, 'B', 10000, 9000, 500, 1, 60), SHELF_KEEP},
        {HAS(MATURITY, 0, 10000, 9000, 500, 1, 60), SHELF_KEEP}, /* its value is not known */
        {HAS(MATURITY, 'C', 10000, 9000, 100, 0.49, 60), SHELF_LOW_RETURN},
        {HAS(MATURITY, 'C', 10000, 9000, 100, 0.5, 60), SHELF_KEEP},
        {HAS(MATURITY, 'C', 10000, 9000, 100, NAN, 60), SHELF_KEEP},      /* not known */
        {HAS(MATURITY, 'C', 10000, 9000, 100, -1, 60), SHELF_LOW_RETURN}, /* a loss */
        {HAS(MATURITY, 'A', 10000, 9000, 100, 0.1, 60), SHELF_KEEP},
        {LACKS(MATURITY, true, 4, 2), SHELF_PEERS_SELL},
        {LACKS(NONE, true, 4, 2), SHELF_PEERS_SELL},
        {LACKS(MATURITY, true, 4, 1), SHELF_NOTHING},
        {LACKS(MATURITY, true, 2, 2), SHELF_NOTHING},
        {LACKS(MATURITY, true, 3, 3), SHELF_PEERS_SELL},
        {LACKS(MATURITY, false, 4, 2), SHELF_NOTHING},
        {LACKS(INTRODUCTION, true, 4, 2), SHELF_NOTHING},
        {LACKS(DECLINE, true, 4, 2), SHELF_NOTHING},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(assortment_judge(&rules, &cases[i].f), cases[i].wanted);
}

static void the_reason_is_one_sentence(void **state) {
    const assortment_facts carried = HAS(MATURITY, 'C', 10000, 9000, 100, 1, 60), wanted = LACKS(MATURITY, true, 4, 2);
    AUTO(buf) b = {0};
    (void)state;
    assortment_why(SHELF_SLOW, &carried, LANGUAGE_EN, &b);
    assert_string_equal(buf_z(&b),
                        "Sells little and lasts too long: 9 sold in 91 days, stock 10, the oldest of it 40 days, "
                        "lasts 100 days, GMROI 1.");
    buf_clear(&b);
    assortment_why(SHELF_PEERS_SELL, &wanted, LANGUAGE_ZH, &b);
    assert_string_equal(buf_z(&b), "同类伙伴在售：4家中有2家，居中者每周13。");
    buf_clear(&b);
    assortment_why(SHELF_NOTHING, &wanted, LANGUAGE_EN, &b);
    assert_int_equal(b.n, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_beside_what_just_does_not_meet_it),
        cmocka_unit_test(the_reason_is_one_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
