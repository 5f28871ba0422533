/* links: base */
#include "base/calendar.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void every_day_of_ten_thousand_years(void **state) {
    (void)state;
    civil want = {1, 1, 1};
    unsigned weekday = 1; /* 0001-01-01 was a Monday */
    for (day_t d = DAY_MIN; d <= DAY_MAX; d++) {
        civil c = civil_of(d);
        assert_true(c.year == want.year && c.month == want.month && c.day == want.day);
        assert_int_equal(day_of(c.year, c.month, c.day), d);
        assert_int_equal(weekday_of(d), weekday);
        weekday = weekday % 7 + 1;
        if (++want.day <= days_in_month(want.year, want.month)) continue;
        want.day = 1;
        if (++want.month > 12) want.month = 1, want.year++;
    }
    assert_int_equal(want.year, 10000);
    assert_int_equal(day_of(1970, 1, 1), 0);
    assert_int_equal(day_of(2000, 3, 1), 11017);
}

static const struct {
    const char *text;
    bool good;
    int32_t day;
} days[] = {
    {"1970-01-01", true, 0},     {"2024-02-29", true, 19782},   {"2023-02-29", false, 0},      {"1900-02-29", false, 0},
    {"2000-02-29", true, 11016}, {"0001-01-01", true, DAY_MIN}, {"9999-12-31", true, DAY_MAX}, {"0000-01-01", false, 0},
    {"2024-13-01", false, 0},    {"2024-00-10", false, 0},      {"2024-04-31", false, 0},      {"2024-01-00", false, 0},
    {"2024-1-1", false, 0},      {"2024/01/01", false, 0},      {"2024-01-01 ", false, 0},     {"", false, 0},
    {"20240101", false, 0},      {"2024-0x-01", false, 0},      {"-024-01-01", false, 0},
};

static void days_are_read_and_written(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(days); i++) {
        AUTO(buf) b = {0};
        day_t d = 0;
        if (day_parse(str_of(days[i].text), &d) != days[i].good) fail_msg("'%s'", days[i].text);
        if (!days[i].good) continue;
        assert_int_equal(d, days[i].day);
        day_put(&b, d);
        assert_string_equal(buf_z(&b), days[i].text);
    }
}

static void months_and_weeks(void **state) {
    (void)state;
    static const struct {
        int year;
        unsigned month, day;
        const char *week, *month_text;
    } cases[] = {
        {2026, 1, 31, "2026-W05", "2026-01"},  {2021, 1, 3, "2020-W53", "2021-01"},
        {2024, 12, 30, "2025-W01", "2024-12"}, {2027, 1, 1, "2026-W53", "2027-01"},
        {2026, 1, 1, "2026-W01", "2026-01"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(buf) week = {0}, month = {0};
        day_t d = day_of(cases[i].year, cases[i].month, cases[i].day);
        week_put(&week, d);
        month_put(&month, month_of(d));
        assert_string_equal(buf_z(&week), cases[i].week);
        assert_string_equal(buf_z(&month), cases[i].month_text);
        assert_int_equal(month_first(month_of(d)), day_of(cases[i].year, cases[i].month, 1));
    }
    assert_int_equal(month_of(day_of(2026, 1, 1)) - month_of(day_of(2025, 11, 30)), 2);
}

static const struct {
    const char *text;
    bool good;
    int64_t ms;
} times[] = {
    {"1970-01-01T00:00:00Z", true, 0},
    {"1970-01-01T08:00:00+08:00", true, 0},
    {"1969-12-31T23:59:59Z", true, -1000},
    {"2026-01-31T08:00:00+08:00", true, 1769817600000},
    {"2026-01-31 08:00:00.25+08:00", true, 1769817600250},
    {"2026-01-31T08:00:00.123456+08:00", true, 1769817600123},
    {"2026-01-31T00:00:00z", true, 1769817600000},
    {"2026-01-31T08:00:00+0800", true, 1769817600000},
    {"2026-01-31", true, 1769788800000}, /* midnight in +08:00 */
    {"2026-01-30T20:30:00-03:30", true, 1769817600000},
    {"2026-01-31T08:00:00", false, 0},
    {"2026-01-31T24:00:00Z", false, 0},
    {"2026-01-31T08:60:00Z", false, 0},
    {"2026-01-31T08:00:00.Z", false, 0},
    {"2026-01-31T08:00:00+8:00", false, 0},
    {"2026-01-31T08:00:00+15:00", false, 0},
    {"2026-01-31T08:00:00Zx", false, 0},
    {"2026-02-30T08:00:00Z", false, 0},
    {"", false, 0},
};

static void times_are_read(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        int64_t ms = 0;
        if (time_parse(str_of(times[i].text), 480, &ms) != times[i].good) fail_msg("'%s'", times[i].text);
        if (ms != times[i].ms) fail_msg("'%s' gives %lld", times[i].text, (long long)ms);
    }
}

static void times_are_written_in_their_zone(void **state) {
    (void)state;
    static const struct {
        int64_t ms;
        int zone;
        const char *text;
    } cases[] = {
        {1769817600999, 480, "2026-01-31T08:00:00+08:00"},
        {1769817600000, 0, "2026-01-31T00:00:00+00:00"},
        {1769817600000, -210, "2026-01-30T20:30:00-03:30"},
        {-1, 0, "1969-12-31T23:59:59+00:00"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(buf) b = {0};
        time_put(&b, cases[i].ms, cases[i].zone);
        assert_string_equal(buf_z(&b), cases[i].text);
    }
}

static void the_business_day_follows_the_zone(void **state) {
    (void)state;
    int64_t late = 1769788799999; /* one ms before midnight in +08:00 */
    assert_int_equal(day_at(late, 480), day_of(2026, 1, 30));
    assert_int_equal(day_at(late + 1, 480), day_of(2026, 1, 31));
    assert_int_equal(day_at(late + 1, 0), day_of(2026, 1, 30));
    assert_int_equal(day_at(-1, 0), -1);
    assert_int_equal(day_at(-86400000, 0), -1);
    assert_int_equal(day_at(-86400001, 0), -2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_of_ten_thousand_years),
        cmocka_unit_test(days_are_read_and_written),
        cmocka_unit_test(months_and_weeks),
        cmocka_unit_test(times_are_read),
        cmocka_unit_test(times_are_written_in_their_zone),
        cmocka_unit_test(the_business_day_follows_the_zone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
