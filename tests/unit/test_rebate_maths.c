/* links: rebate */
#include "daemon/rebate/period.h"
#include "maths/ladder.h"
#include "maths/share.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void roundings(void **state) {
    (void)state;
    static const struct {
        rounding how;
        int num[6]; /* of -25, -15, -14, 14, 15, 25 tenths */
    } cases[] = {
        {ROUND_HALF_AWAY, {-3, -2, -1, 1, 2, 3}}, {ROUND_HALF_TOWARD_ZERO, {-2, -1, -1, 1, 1, 2}},
        {ROUND_HALF_EVEN, {-2, -2, -1, 1, 2, 2}}, {ROUND_HALF_ODD, {-3, -1, -1, 1, 1, 3}},
        {ROUND_HALF_UP, {-2, -1, -1, 1, 2, 3}},   {ROUND_HALF_DOWN, {-3, -2, -1, 1, 1, 2}},
        {ROUND_UP, {-2, -1, -1, 2, 2, 3}},        {ROUND_DOWN, {-3, -2, -2, 1, 1, 2}},
    };
    static const int tenths[] = {-25, -15, -14, 14, 15, 25};
    for (size_t c = 0; c < ARRAY_LEN(cases); c++)
        for (size_t i = 0; i < ARRAY_LEN(tenths); i++) {
            wide q;
            assert_true(wide_div(tenths[i], 10, cases[c].how, &q));
            assert_int_equal((int)q, cases[c].num[i]);
            assert_true(wide_div(-tenths[i], -10, cases[c].how, &q));
            assert_int_equal((int)q, cases[c].num[i]);
        }
}

static void division_at_its_edges(void **state) {
    (void)state;
    const wide bound = (wide)1 << 126;
    wide q;
    int64_t v;
    assert_false(wide_div(1, 0, ROUND_HALF_AWAY, &q));
    assert_true(wide_div(bound, bound, ROUND_HALF_AWAY, &q));
    assert_true(q == 1);
    assert_false(wide_div(bound + 1, bound, ROUND_HALF_AWAY, &q));
    assert_true(wide_div(bound / 2, bound, ROUND_HALF_AWAY, &q));
    assert_true(q == 1);
    assert_true(wide_round(INT64_MAX, 1, &v));
    assert_false(wide_round((wide)INT64_MAX + 1, 1, &v));
    assert_true(wide_gcd(-12, 18) == 6);
    assert_true(wide_gcd(0, 0) == 0);
}

static void shares_add_up(void **state) {
    (void)state;
    static const struct {
        int64_t total;
        wide weight[4];
        int64_t part[4];
    } cases[] = {
        {100, {1, 1, 1, 0}, {34, 33, 33, 0}},  {-100, {1, 1, 1, 0}, {-34, -33, -33, 0}},
        {5, {3, 7, 0, 0}, {2, 3, 0, 0}},       {0, {3, 7, 0, 0}, {0, 0, 0, 0}},
        {10, {30, -10, 0, 0}, {15, -5, 0, 0}}, {1, {2, -1, 1, 1}, {1, 0, 0, 0}},
    };
    AUTO(arena) room = {0};
    arena_init(&room, 1 << 20);
    for (size_t c = 0; c < ARRAY_LEN(cases); c++) {
        int64_t part[4], sum = 0;
        assert_true(share_out(cases[c].total, cases[c].weight, 4, part, &room));
        for (size_t i = 0; i < 4; i++) {
            sum += part[i];
            if (part[i] != cases[c].part[i]) fail_msg("case %zu part %zu: %lld", c, i, (long long)part[i]);
        }
        assert_int_equal(sum, cases[c].total);
    }
}

/* Weights whose product with the total leaves 128 bits: the long way agrees with the short one. */
static void shares_of_huge_weights(void **state) {
    (void)state;
    AUTO(arena) room = {0};
    arena_init(&room, 1 << 20);
    const wide big = (wide)1 << 100;
    wide small[3] = {7, -2, 6}, huge[3] = {7 * big, -2 * big, 6 * big};
    int64_t a[3], b[3];
    static const int64_t totals[] = {1, 10, 999999999999LL, INT64_MAX / 2, -12345678901LL};
    for (size_t i = 0; i < ARRAY_LEN(totals); i++) {
        assert_true(share_out(totals[i], small, 3, a, &room));
        assert_true(share_out(totals[i], huge, 3, b, &room));
        assert_memory_equal(a, b, sizeof a);
    }
    wide none[2] = {1, -1}, beyond[1] = {((wide)1 << 124) + 1};
    assert_false(share_out(1, none, 2, a, &room));
    assert_false(share_out(1, beyond, 1, a, &room));
}

static void ladders(void **state) {
    (void)state;
    static const wide from[] = {0, 100, 300};
    static const struct {
        int value;
        size_t at, above;
        int slice[3];
    } cases[] = {
        {-5, LADDER_NONE, LADDER_NONE, {0, 0, 0}},
        {0, 0, LADDER_NONE, {0, 0, 0}},
        {100, 1, 0, {100, 0, 0}},
        {101, 1, 1, {100, 1, 0}},
        {300, 2, 1, {100, 200, 0}},
        {3800, 2, 2, {100, 200, 3500}},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_true(ladder_reach(from, 3, cases[i].value, false) == cases[i].at);
        assert_true(ladder_reach(from, 3, cases[i].value, true) == cases[i].above);
        for (size_t k = 0; k < 3; k++)
            assert_int_equal((int)ladder_slice(from, 3, k, cases[i].value), cases[i].slice[k]);
    }
}

static void periods(void **state) {
    (void)state;
    static const struct {
        period_kind kind;
        const char *label, *first, *last;
    } good[] = {
        {PERIOD_MONTH, "2026-02", "2026-02-01", "2026-02-28"},
        {PERIOD_QUARTER, "2026-Q1", "2026-01-01", "2026-03-31"},
        {PERIOD_QUARTER, "2024-Q4", "2024-10-01", "2024-12-31"},
        {PERIOD_HALF_YEAR, "2026-H2", "2026-07-01", "2026-12-31"},
        {PERIOD_YEAR, "2026", "2026-01-01", "2026-12-31"},
    };
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        AUTO(buf) b = {0};
        int32_t no;
        day_t first = 0, last = 0;
        assert_true(day_parse(str_of(good[i].first), &first) && day_parse(str_of(good[i].last), &last));
        assert_true(period_parse(str_of(good[i].label), good[i].kind, &no));
        assert_int_equal(period_first(good[i].kind, no), first);
        assert_int_equal(period_last(good[i].kind, no), last);
        assert_int_equal(period_of(good[i].kind, first), no);
        assert_int_equal(period_of(good[i].kind, last), no);
        assert_int_equal(period_of(good[i].kind, last + 1), no + 1);
        period_put(&b, good[i].kind, no);
        assert_string_equal(buf_z(&b), good[i].label);
    }
    static const char *const bad[] = {"2026-13", "2026-Q5", "2026-Q0", "2026-H3", "26-01",
                                      "2026-1",  "",        "2026-",   "0000",    "Once"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) assert_false(period_known(str_of(bad[i])));
    assert_true(period_known(STR("once")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roundings),     cmocka_unit_test(division_at_its_edges),
        cmocka_unit_test(shares_add_up), cmocka_unit_test(shares_of_huge_weights),
        cmocka_unit_test(ladders),       cmocka_unit_test(periods),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
