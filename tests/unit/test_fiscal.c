/* links: base */
#include "base/fiscal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const fiscal_calendar plain = {.starts = 1};

/* The State Council's arrangement for 2026, as far as it is tested here. */
static special_day days_2026[64];
static fiscal_calendar china;

static void closed(day_t from, day_t to) {
    for (day_t d = from; d <= to; d++) days_2026[china.specials++] = (special_day){d, false};
}

static void worked(day_t d) {
    days_2026[china.specials++] = (special_day){d, true};
}

static int set_up(void **state) {
    (void)state;
    china = (fiscal_calendar){.starts = 26, .special = days_2026};
    closed(day_of(2026, 1, 1), day_of(2026, 1, 3));
    worked(day_of(2026, 1, 4));
    worked(day_of(2026, 2, 14));
    closed(day_of(2026, 2, 15), day_of(2026, 2, 23));
    worked(day_of(2026, 2, 28));
    closed(day_of(2026, 9, 25), day_of(2026, 9, 27));
    worked(day_of(2026, 9, 20));
    return 0;
}

static void test_working_days(void **state) {
    (void)state;
    static const struct {
        int year;
        unsigned month, day;
        bool plain, china;
    } rows[] = {
        {2026, 1, 1, true, false},  /* a Thursday, New Year */
        {2026, 1, 4, false, true},  /* a Sunday that is worked */
        {2026, 2, 14, false, true}, /* a Saturday that is worked */
        {2026, 2, 23, true, false}, /* a Monday in the Spring Festival */
        {2026, 2, 24, true, true},  {2026, 2, 28, false, true},
        {2026, 3, 1, false, false}, {2024, 2, 29, true, true}, /* leap day, a Thursday */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        day_t d = day_of(rows[i].year, rows[i].month, rows[i].day);
        assert_int_equal(working_day(&plain, d), rows[i].plain);
        assert_int_equal(working_day(&china, d), rows[i].china);
    }
}

static void test_adding(void **state) {
    (void)state;
    day_t eve = day_of(2026, 2, 13); /* a Friday */
    assert_int_equal(working_days_after(&china, eve, 0), eve);
    assert_int_equal(working_days_after(&china, eve, 1), day_of(2026, 2, 14));
    assert_int_equal(working_days_after(&china, eve, 2), day_of(2026, 2, 24));
    assert_int_equal(working_days_after(&china, eve, 6), day_of(2026, 2, 28)); /* 24, 25, 26, 27 and the Saturday */
    assert_int_equal(working_days_after(&china, eve, 7), day_of(2026, 3, 2));
    assert_int_equal(working_days_after(&plain, eve, 2), day_of(2026, 2, 17));
    assert_int_equal(working_days_before(&china, day_of(2026, 2, 24), 1), day_of(2026, 2, 14));
    assert_int_equal(working_days_before(&china, day_of(2026, 2, 24), 2), day_of(2026, 2, 13));
    assert_int_equal(working_days_before(&china, day_of(2026, 1, 5), 2), day_of(2025, 12, 31));
    assert_int_equal(working_days_after(&plain, DAY_MAX, 3), DAY_MAX);
}

static void check_span(const fiscal_calendar *c, span_kind k, day_t d, const char *name, day_t from, day_t to) {
    AUTO(buf) b = {0};
    day_span s = span_at(c, k, d), again;
    span_put(c, k, d, &b);
    assert_string_equal(buf_z(&b), name);
    assert_int_equal(s.from, from);
    assert_int_equal(s.to, to);
    assert_true(span_read(c, buf_str(&b), &again));
    assert_int_equal(again.from, from);
    assert_int_equal(again.to, to);
}

static void test_spans(void **state) {
    (void)state;
    day_t leap = day_of(2024, 2, 29), end = day_of(2025, 12, 31);
    check_span(&plain, SPAN_DAY, leap, "2024-02-29", leap, leap);
    check_span(&plain, SPAN_WEEK, end, "2026-W01", day_of(2025, 12, 29), day_of(2026, 1, 4));
    check_span(&plain, SPAN_WEEK, day_of(2027, 1, 3), "2026-W53", day_of(2026, 12, 28), day_of(2027, 1, 3));
    check_span(&plain, SPAN_MONTH, leap, "2024-02", day_of(2024, 2, 1), leap);
    check_span(&plain, SPAN_QUARTER, end, "2025-Q4", day_of(2025, 10, 1), end);
    check_span(&plain, SPAN_HALF, leap, "2024-H1", day_of(2024, 1, 1), day_of(2024, 6, 30));
    check_span(&plain, SPAN_YEAR, end, "2025", day_of(2025, 1, 1), end);
    /* from the 26th: the year begins in December */
    check_span(&china, SPAN_MONTH, day_of(2026, 6, 26), "2026-07", day_of(2026, 6, 26), day_of(2026, 7, 25));
    check_span(&china, SPAN_MONTH, day_of(2026, 7, 25), "2026-07", day_of(2026, 6, 26), day_of(2026, 7, 25));
    check_span(&china, SPAN_MONTH, day_of(2026, 7, 26), "2026-08", day_of(2026, 7, 26), day_of(2026, 8, 25));
    check_span(&china, SPAN_MONTH, end, "2026-01", day_of(2025, 12, 26), day_of(2026, 1, 25));
    check_span(&china, SPAN_MONTH, leap, "2024-03", day_of(2024, 2, 26), day_of(2024, 3, 25));
    check_span(&china, SPAN_QUARTER, end, "2026-Q1", day_of(2025, 12, 26), day_of(2026, 3, 25));
    check_span(&china, SPAN_HALF, day_of(2026, 12, 25), "2026-H2", day_of(2026, 6, 26), day_of(2026, 12, 25));
    check_span(&china, SPAN_YEAR, end, "2026", day_of(2025, 12, 26), day_of(2026, 12, 25));
    /* early starts bear the name of the month they begin in */
    fiscal_calendar early = {.starts = 5};
    check_span(&early, SPAN_MONTH, day_of(2026, 1, 4), "2025-12", day_of(2025, 12, 5), day_of(2026, 1, 4));
    check_span(&early, SPAN_MONTH, day_of(2026, 1, 5), "2026-01", day_of(2026, 1, 5), day_of(2026, 2, 4));
}

static void test_rows_come_first(void **state) {
    (void)state;
    fiscal_first rows[] = {{2026 * 12 + 6, day_of(2026, 6, 27)}, {2026 * 12 + 7, day_of(2026, 8, 1)}};
    fiscal_calendar c = {.starts = 26, .first = rows, .firsts = 2};
    check_span(&c, SPAN_MONTH, day_of(2026, 6, 26), "2026-06", day_of(2026, 5, 26), day_of(2026, 6, 26));
    check_span(&c, SPAN_MONTH, day_of(2026, 6, 27), "2026-07", day_of(2026, 6, 27), day_of(2026, 7, 31));
    check_span(&c, SPAN_MONTH, day_of(2026, 8, 1), "2026-08", day_of(2026, 8, 1), day_of(2026, 8, 25));
}

/* Whatever the rule and whatever rows are let in: months follow each other, and every day lies in the month that it is
 * said to. */
static void test_months_never_cross(void **state) {
    (void)state;
    for (unsigned starts = 1; starts <= FISCAL_STARTS_MAX; starts++)
        for (int32_t month = 2023 * 12; month < 2025 * 12; month++)
            for (int edge = 0; edge < 2; edge++) {
                day_t first = month_first(month);
                fiscal_first row = {month, edge ? first + FISCAL_LATE : first - FISCAL_EARLY};
                fiscal_calendar c = {.starts = starts, .first = &row, .firsts = 1};
                assert_true(fiscal_first_ok(month, row.from));
                assert_true(fiscal_month_first(&c, month - 1) < row.from);
                assert_true(row.from < fiscal_month_first(&c, month + 1));
                for (day_t d = first - 40; d < first + 70; d++) {
                    int32_t m = fiscal_month_of(&c, d);
                    assert_true(fiscal_month_first(&c, m) <= d && d < fiscal_month_first(&c, m + 1));
                }
            }
    assert_false(fiscal_first_ok(2026 * 12, day_of(2026, 1, 1) + FISCAL_LATE + 1));
    assert_false(fiscal_first_ok(2026 * 12, day_of(2026, 1, 1) - FISCAL_EARLY - 1));
}

static void test_parse(void **state) {
    (void)state;
    static const char *const bad[] = {"",         "2026-13",  "2026-00",  "2026-Q5",  "2026-H3",
                                      "2026-W54", "2027-W53", "26-07",    "2026-07x", "2026-07-02..2026-07-01",
                                      "2026-7",   "0000",     "2026-W00", "2026-Q0"};
    day_span s;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) assert_false(span_read(&plain, str_of(bad[i]), &s));
    assert_true(span_read(&plain, STR("2026-07-01..2026-07-15"), &s));
    assert_int_equal(s.to - s.from, 14);
    span_kind k;
    assert_true(span_kind_parse(STR("quarter"), &k) && k == SPAN_QUARTER);
    assert_false(span_kind_parse(STR("decade"), &k));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_working_days),
        cmocka_unit_test(test_adding),
        cmocka_unit_test(test_spans),
        cmocka_unit_test(test_rows_come_first),
        cmocka_unit_test(test_months_never_cross),
        cmocka_unit_test(test_parse),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
