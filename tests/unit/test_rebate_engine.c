/* links: rebate */
#include "daemon/rebate/evaluate.h"
#include "daemon/rebate/settle.h"
#include "maths/exact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static const char head[] =
    "metadata: {name: p}\nspec:\n  effective: {from: 2026-01-01, to: 2026-12-31}\n  basis: sell_out\n"
    "  period: year\n";

static void make_policy(const char *rest, policy *out) {
    AUTO(buf) text = {0};
    err e;
    buf_printf(&text, "%s%s", head, rest);
    if (!policy_parse(buf_str(&text), out, &e)) fail_msg("%s", e.text);
}

/* One partner, one product, one sale of the given figures. */
typedef struct small_world {
    rebate_partner partners[1];
    rebate_product products[1];
    rebate_row rows[1];
    map skus;
    rebate_world world;
} small_world;

static void make_world(small_world *s, int64_t quantity, int64_t amount) {
    *s = (small_world){0};
    s->partners[0] = (rebate_partner){.id = STR("D1"), .parent = REBATE_NONE};
    s->products[0] = (rebate_product){.sku = STR("P1"), .list_price = NUM_NONE, .tax_rate = NUM_NONE};
    s->rows[0] = (rebate_row){.document = REBATE_NONE,
                              .no = 2,
                              .day = day_of(2026, 3, 5),
                              .kind = FLOW_SELL_OUT,
                              .days_to_pay = DAYS_UNPAID,
                              .quantity = quantity,
                              .amount = amount,
                              .tax_rate = NUM_NONE};
    *map_at(&s->skus, STR("P1"), NULL) = 1;
    s->world = (rebate_world){.partner = s->partners,
                              .product = s->products,
                              .row = s->rows,
                              .partners = 1,
                              .products = 1,
                              .rows = 1,
                              .skus = &s->skus};
}

static bool evaluate(const char *rest, int64_t amount, int64_t *out, err *e) {
    AUTO(policy) p = {0};
    AUTO(arena) room = {0};
    small_world s;
    rebate_result r;
    make_policy(rest, &p);
    make_world(&s, 1000, amount);
    arena_init(&room, 1 << 24);
    bool ok = rebate_evaluate(&p, &s.world, (rebate_options){.trace = true}, &room, &r, e);
    map_free(&s.skus);
    if (!ok) return false;
    assert_int_equal(r.lines, 1);
    assert_int_equal(r.first->traces, 1);
    assert_int_equal(r.first->trace[0].amount, r.first->amount);
    *out = r.first->amount;
    return true;
}

/* Half a fen goes away from zero; nothing is rounded before. */
static void the_one_rounding(void **state) {
    (void)state;
    static const struct {
        const char *stages;
        int64_t amount, wanted;
    } cases[] = {
        {"  stages: {any: {mechanism: flat, rate: 1%}}\n", 50, 1},
        {"  stages: {any: {mechanism: flat, rate: 1%}}\n", 49, 0},
        {"  stages: {any: {mechanism: flat, rate: 0.0001%}}\n", 500000, 1},
        {"  stages: {any: {mechanism: bands, mode: incremental, bands: [{from: 0, rate: 0.5%}, {from: 1, rate: "
         "0.5%}]}}\n",
         300, 2},
        {"  stages: {any: {mechanism: bands, bands: [{from: 0, rate: 10%}, {from: 100, rate: 20%}]}}\n", 9999, 1000},
        {"  stages: {any: {mechanism: bands, bands: [{from: 0, rate: 10%}, {from: 100, rate: 20%}]}}\n", 10000, 2000},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t found;
        err e;
        if (!evaluate(cases[i].stages, cases[i].amount, &found, &e)) fail_msg("%zu: %s", i, e.text);
        if (found != cases[i].wanted) fail_msg("%zu: %lld", i, (long long)found);
    }
}

/* Exact up to the largest amount a row may have; what cannot be exact is refused, never rounded. */
static void large_figures(void **state) {
    (void)state;
    static const char steps[] =
        "  stages: {any: {mechanism: bands, mode: incremental, bands: [{from: 0, rate: 1.2345%}, "
        "{from: 0.01, rate: 2.3457%}, {from: 12345678901.23, rate: 3.9999%}]}}\n";
    int64_t found;
    err e;
    assert_true(evaluate(steps, 100000000000000LL, &found, &e));
    /* 1 fen × 1.2345 % + 1234567890122 fen × 2.3457 % + the rest × 3.9999 % */
    wide exact = (wide)1 * 12345 + (wide)1234567890122LL * 23457 + (wide)(100000000000000LL - 1234567890123LL) * 39999;
    assert_true(exact / 1000000 == found || exact / 1000000 + 1 == found);
    assert_int_equal(found, (int64_t)((exact + 500000) / 1000000));
    static const char huge[] =
        "  measure: {points: {P1: \"900000000000000\"}}\n  stages: {any: {mechanism: flat, rate: 1%}}\n";
    assert_false(evaluate(huge, 100, &found, &e));
    assert_int_equal(e.code, ERR_DATA);
    assert_non_null(strstr(e.text, "partner 'D1': the figures are too large"));
}

static void conditions(void **state) {
    (void)state;
    AUTO(policy) p = {0};
    make_policy("  conditions: [{no_open_case: true, unmet: hold}, {stock_report_within_days: 7, unmet: forfeit}]\n"
                "  stages: {any: {mechanism: none}}\n",
                &p);
    static const struct {
        const char *open;
        day_t counted[2];
        size_t counts;
        standing_verdict wanted;
        const char *why;
    } cases[] = {
        {"", {100}, 1, STANDING_PAYS, ""},
        {"", {93}, 1, STANDING_PAYS, ""},
        {"", {10, 107}, 2, STANDING_PAYS, ""},
        {"", {92, 108}, 2, STANDING_FORFEITED, "no stock count within 7 days of 1970-04-11"},
        {"", {0}, 0, STANDING_FORFEITED, "no stock count within 7 days of 1970-04-11"},
        {"case/7", {100}, 1, STANDING_HELD, "case/7 is open"},
        {"case/7", {92}, 1, STANDING_FORFEITED, "no stock count within 7 days of 1970-04-11"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(buf) why = {0};
        const condition *unmet;
        standing s = {str_of(cases[i].open), cases[i].counted, cases[i].counts};
        assert_int_equal(conditions_judge(&p, &s, 100, &unmet), cases[i].wanted);
        assert_int_equal(unmet != NULL, cases[i].wanted != STANDING_PAYS);
        if (unmet) condition_why(unmet, &s, 100, &why);
        assert_string_equal(buf_z(&why), cases[i].why);
    }
}

static void overlaps(void **state) {
    (void)state;
    static const struct {
        overlap_rule rule;
        int64_t pays[3]; /* of 300, 500, 500 */
    } cases[] = {{OVERLAP_ADD, {300, 500, 500}}, {OVERLAP_BEST, {0, 500, 0}}, {OVERLAP_DEDUCT, {300, 200, 0}}};
    for (size_t c = 0; c < ARRAY_LEN(cases); c++) {
        policy p = {.name = STR("a"), .overlap_group = STR("volume"), .overlap = cases[c].rule};
        overlap_due due[] = {{&p, 300, 0}, {&p, 500, 0}, {&p, 500, 0}};
        err e;
        assert_true(overlap_settle(due, 3, &e));
        for (size_t i = 0; i < 3; i++) assert_int_equal(due[i].pays, cases[c].pays[i]);
    }
    policy a = {.name = STR("a"), .overlap_group = STR("volume"), .overlap = OVERLAP_ADD};
    policy b = {.name = STR("b"), .overlap_group = STR("volume"), .overlap = OVERLAP_BEST};
    overlap_due due[] = {{&a, 1, 0}, {&b, 1, 0}};
    err e;
    assert_false(overlap_settle(due, 2, &e));
    assert_int_equal(e.code, ERR_CONFLICT);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_one_rounding), cmocka_unit_test(large_figures),
                                       cmocka_unit_test(conditions), cmocka_unit_test(overlaps)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
