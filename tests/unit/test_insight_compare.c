/* links: insight */
#include "base/num.h"
#include "daemon/insight/band.h"
#include "daemon/insight/compare.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const fiscal_calendar plain = {.starts = 1}, late = {.starts = 26};

static day_t day(const char *s) {
    day_t d;
    assert_true(day_parse(str_of(s), &d));
    return d;
}

static void festivals(void **state) {
    static const char *const known[] = {
        "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17",
        "2027-02-06", "1996-02-19", "2004-01-22"}; /* 春节, as the State Council's notices date it */
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        day_t d;
        assert_true(festival_of(civil_of(day(known[i])).year, &d));
        assert_int_equal(d, day(known[i]));
    }
    day_t d;
    assert_false(festival_of(1980, &d));
}

static void fair_comparisons(void **state) {
    static const struct {
        span_kind kind;
        bool year;
        const char *at, *today, *from, *to;
        comparison how;
    } cases[] = {
        /* as many days as have gone */
        {SPAN_MONTH, false, "2026-06-20", "2026-06-20", "2026-05-01", "2026-05-20", COMPARE_PREVIOUS},
        {SPAN_MONTH, true, "2026-06-20", "2026-06-20", "2025-06-01", "2025-06-20", COMPARE_YEAR},
        {SPAN_QUARTER, false, "2026-08-10", "2026-08-10", "2026-04-01", "2026-05-11", COMPARE_PREVIOUS},
        {SPAN_YEAR, false, "2026-06-20", "2026-06-20", "2025-01-01", "2025-06-20", COMPARE_PREVIOUS},
        /* … but not beyond the end of a shorter month; whole ones against whole ones */
        {SPAN_MONTH, false, "2026-12-30", "2026-12-30", "2026-11-01", "2026-11-30", COMPARE_PREVIOUS},
        {SPAN_MONTH, false, "2026-05-07", "2026-06-20", "2026-04-01", "2026-04-30", COMPARE_PREVIOUS},
        /* a day against the weekday, and a leap year's against the day before */
        {SPAN_DAY, false, "2026-06-20", "2026-06-20", "2026-06-13", "2026-06-13", COMPARE_PREVIOUS},
        {SPAN_DAY, true, "2024-02-29", "2024-05-01", "2023-02-28", "2023-02-28", COMPARE_YEAR},
        {SPAN_DAY, true, "2024-02-20", "2024-05-01", "2023-02-01", "2023-02-01", COMPARE_LUNAR},
        /* the festival: 17 February 2026 and 29 January 2025, 19 days apart */
        {SPAN_MONTH, true, "2026-02-20", "2026-02-20", "2025-01-13", "2025-02-01", COMPARE_LUNAR},
        {SPAN_MONTH, false, "2026-02-20", "2026-02-20", "2025-01-13", "2025-02-01", COMPARE_LUNAR},
        {SPAN_MONTH, false, "2026-03-31", "2026-03-31", "2025-02-10", "2025-03-12", COMPARE_LUNAR},
        {SPAN_MONTH, false, "2026-05-20", "2026-05-20", "2026-04-01", "2026-04-20", COMPARE_PREVIOUS},
        /* a quarter that held all of it in both years is fair as it is */
        {SPAN_QUARTER, true, "2026-03-31", "2026-03-31", "2025-01-01", "2025-03-31", COMPARE_YEAR},
        {SPAN_QUARTER, true, "2026-02-18", "2026-02-18", "2024-12-13", "2025-01-30", COMPARE_LUNAR},
        {SPAN_YEAR, false, "2026-06-20", "2026-06-20", "2025-01-01", "2025-06-20", COMPARE_PREVIOUS},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        compared c;
        compare_period(&plain, cases[i].kind, day(cases[i].at), day(cases[i].today), cases[i].year, &c);
        if (c.before.from != day(cases[i].from) || c.before.to != day(cases[i].to) || c.how != cases[i].how)
            fail_msg("case %zu: %d … %d, %s", i, c.before.from, c.before.to, comparison_name(c.how));
        assert_true(c.now.to <= day(cases[i].today) && c.now.from == c.whole.from);
    }
}

static void other_calendars_and_spans(void **state) {
    compared c;
    (void)state;
    compare_period(&late, SPAN_MONTH, day("2026-07-01"), day("2026-07-01"), false, &c); /* 26 June on */
    assert_int_equal(c.now.from, day("2026-06-26"));
    assert_int_equal(c.before.from, day("2026-05-26"));
    assert_int_equal(c.before.to, day("2026-05-31"));
    compare_span((day_span){day("2026-06-01"), day("2026-06-10")}, day("2026-06-04"), false, &c);
    assert_int_equal(c.before.from, day("2026-05-22"));
    assert_int_equal(c.before.to, day("2026-05-25"));
    compare_span((day_span){day("2026-06-01"), day("2026-06-10")}, day("2026-06-30"), true, &c);
    assert_int_equal(c.before.from, day("2025-06-01"));
    assert_int_equal(c.before.to, day("2025-06-10"));
}

static void shares(void **state) {
    static const struct {
        int64_t part, whole, share, change;
    } cases[] = {
        {110, 100, 1100000, 100000},         {0, 100, 0, -1000000},
        {100, 0, NUM_NONE, NUM_NONE},  /* from nothing there is no change in parts */
        {-50, -100, NUM_NONE, 500000}, /* less came back than before */
        {NUM_NONE, 100, NUM_NONE, NUM_NONE}, {100, NUM_NONE, NUM_NONE, NUM_NONE}, /* no target, no attainment */
        {INT64_MAX, 1, NUM_NONE, NUM_NONE},  {1, 3, 333333, -666667},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (share_ppm(cases[i].part, cases[i].whole) != cases[i].share ||
            change_ppm(cases[i].part, cases[i].whole) != cases[i].change)
            fail_msg("case %zu: %lld %lld", i, (long long)share_ppm(cases[i].part, cases[i].whole),
                     (long long)change_ppm(cases[i].part, cases[i].whole));
    }
}

static void bands(void **state) {
    double y[40];
    band b;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(y); i++) y[i] = 100 + (double)(i % 3); /* 100, 101, 102, again */
    band_forecast(BUCKET_WEEK, 2900, y, BAND_LEAST - 1, 4, &b);
    assert_int_equal(b.n, 0);
    band_forecast(BUCKET_WEEK, 2900, y, ARRAY_LEN(y), 4, &b);
    assert_int_equal(b.n, 4);
    assert_int_equal(b.tried, 10);
    assert_true(b.error >= 0 && b.error < 0.02);
    for (size_t i = 0; i < b.n; i++) {
        assert_true(b.at[i].mean > 99 && b.at[i].mean < 103);
        assert_true(b.at[i].lower <= b.at[i].mean && b.at[i].mean <= b.at[i].upper);
    }
    for (size_t i = 0; i < ARRAY_LEN(y); i++) y[i] = i % 2 ? -20 : 0; /* nothing but returns */
    band_forecast(BUCKET_WEEK, 2900, y, ARRAY_LEN(y), 2, &b);
    assert_true(b.error < 0);
    assert_true(b.n == 0 || b.at[0].mean == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(festivals),
        cmocka_unit_test(fair_comparisons),
        cmocka_unit_test(other_calendars_and_spans),
        cmocka_unit_test(shares),
        cmocka_unit_test(bands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
