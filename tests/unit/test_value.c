/* links: formats */
#include "formats/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define NO INT64_MAX /* refused */

static int64_t number(const char *cell, number_rule rule, number_value *v) {
    const char *wanted;
    if (rule.factor == 0) rule.factor = 1;
    return number_read(str_of(cell), &rule, v, &wanted) ? v->v : NO;
}

static void numbers(void **state) {
    (void)state;
    static const struct {
        const char *cell;
        char decimal;
        unsigned scale;
        int64_t v;
        bool rounded;
    } cases[] = {
        {"12", '.', 3, 12000, false},
        {"-1.5", '.', 3, -1500, false},
        {"+7", '.', 0, 7, false},
        {".5", '.', 3, 500, false},
        {"1,234", '.', 3, 1234000, false},
        {"1,234.56", '.', 6, 1234560000, false},
        {"1 234.5", '.', 3, 1234500, false},
        {"1'234", '.', 0, 1234, false},
        {"27,5", '.', 3, NO, false},
        {"12,34,567", '.', 0, NO, false},
        {"27,5", ',', 3, 27500, false},
        {"27,000", ',', 3, 27000, false},
        {"1.234,56", ',', 6, 1234560000, false},
        {"1.5", ',', 3, NO, false},
        {"１，２３４．５", '.', 3, 1234500, false},
        {"￥1,234.00", '.', 6, 1234000000, false},
        {"¥12", '.', 0, 12, false},
        {"-￥12.50", '.', 3, -12500, false},
        {"12.50元", '.', 3, 12500, false},
        {"1.5万", '.', 0, 15000, false},
        {"2亿", '.', 0, 200000000, false},
        {"(123.45)", '.', 6, -123450000, false},
        {"（12）", '.', 0, -12, false},
        {"12-", '.', 0, -12, false},
        {"−3", '.', 0, -3, false},
        {"\t12 ", '.', 0, 12, false},
        {"=\"12\"", '.', 0, 12, false},
        {"'12", '.', 0, 12, false},
        {"1.5E+3", '.', 0, 1500, false},
        {"9.09494701772928E-13", '.', 3, 0, false},
        {"1.23457E+11", '.', 3, NO, false},
        {"1.2E+15", '.', 0, 1200000000000000, false},
        {"0.30000000000000004", '.', 3, 300, false},
        {"12.3456", '.', 3, 12346, true},
        {"12.3455", '.', 3, 12346, true},
        {"12.0000004", '.', 3, 12000, false},
        {"0.0000015", '.', 6, 2, false},
        {"50%", '.', 6, 500000, false},
        {"", '.', 3, NUM_NONE, false},
        {"-", '.', 3, NUM_NONE, false},
        {"—", '.', 3, NUM_NONE, false},
        {"/", '.', 3, NUM_NONE, false},
        {"NULL", '.', 3, NUM_NONE, false},
        {"10箱", '.', 3, NO, false},
        {"abc", '.', 3, NO, false},
        {"1-2", '.', 3, NO, false},
        {"1.2.3", '.', 3, NO, false},
        {"(12", '.', 0, NO, false},
        {"--5", '.', 0, NO, false},
        {"1e", '.', 0, NO, false},
        {"$", '.', 0, NO, false},
        {"9223372036854775806", '.', 0, INT64_MAX - 1, false},
        {"99999999999999999999", '.', 0, NO, false},
        {"9999999999999999999999999999999999999999999999", '.', 0, NO, false},
        {"1E+300", '.', 0, NO, false},
        {"1E-300", '.', 3, 0, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        number_value v;
        number_rule rule = {.decimal = cases[i].decimal, .scale = cases[i].scale};
        int64_t got = number(cases[i].cell, rule, &v);
        if (got != cases[i].v)
            fail_msg("'%s': %lld, wanted %lld", cases[i].cell, (long long)got, (long long)cases[i].v);
        if (got != NO && v.rounded != cases[i].rounded) fail_msg("'%s': rounded %d", cases[i].cell, v.rounded);
    }
}

static void factors_rates_and_currencies(void **state) {
    (void)state;
    number_value v;
    number_rule ten_thousand = {.decimal = '.', .scale = 6, .factor = 10000};
    assert_int_equal(number("1.23", ten_thousand, &v), 12300000000);
    assert_int_equal(number("-0.5", ten_thousand, &v), -5000000000);
    number_rule rate = {.decimal = '.', .scale = 6, .rate = true};
    assert_int_equal(number("13%", rate, &v), 130000);
    assert_int_equal(number("13", rate, &v), 130000);
    assert_int_equal(number("0.13", rate, &v), 130000);
    assert_int_equal(number("1", rate, &v), 10000);
    assert_int_equal(number("0", rate, &v), 0);
    number_rule plain = {.decimal = '.', .scale = 3};
    assert_int_equal(number("€27.50", plain, &v), 27500);
    assert_true(str_is(v.currency, "EUR"));
    assert_int_equal(number("27.50 USD", plain, &v), 27500);
    assert_true(str_is(v.currency, "USD"));
    assert_int_equal(number("￥27.50", plain, &v), 27500);
    assert_int_equal(v.currency.n, 0);
}

/* "1,234" is read as the rest of its column is. */
static void columns_decide(void **state) {
    (void)state;
    static const struct {
        const char *cells[4];
        char said;
        int64_t v[4];
    } cases[] = {
        {{"1,234", "5", "", "2,500"}, 0, {1234000, 5000, NUM_NONE, 2500000}},
        {{"1,234", "27,5", "3", "0,500"}, 0, {1234, 27500, 3000, 500}},
        {{"27,000", "0,500", "1", "2"}, 0, {27000, 500, 1000, 2000}},
        {{"1.234", "1.234.567", "2", "3"}, 0, {1234000, 1234567000, 2000, 3000}},
        {{"1.234", "2.5", "1,000", "3"}, 0, {1234, 2500, 1000000, 3000}},
        {{"1,234", "27,5", "27.5", "1,234.5"}, 0, {NO, 27500, 27500, 1234500}},
        {{"27,000", "1", "2", "3"}, ',', {27000, 1000, 2000, 3000}},
        {{"27,5", "1", "2", "3"}, '.', {NO, 1000, 2000, 3000}},
        {{"合计", "1,234", "数量", "-"}, 0, {NO, 1234000, NO, NUM_NONE}},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        number_marks marks = {0};
        number_rule rule = {.scale = 3, .factor = 1};
        number_value v;
        for (size_t k = 0; k < 4; k++) number_look(&marks, str_of(cases[i].cells[k]));
        number_decide(&marks, cases[i].said, &rule);
        for (size_t k = 0; k < 4; k++) {
            int64_t got = number(cases[i].cells[k], rule, &v);
            if (got != cases[i].v[k]) fail_msg("case %zu, '%s': %lld", i, cases[i].cells[k], (long long)got);
        }
    }
}

static void damaged_codes(void **state) {
    (void)state;
    static const char *const bad[] = {"1.2E+15", "6.90123E+12", "1E+05"}, *const good[] = {"1E5", "12E34",    "E+15",
                                                                                           "1.2", "A1.2E+15", "1E+",
                                                                                           ""};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) assert_true(code_damaged(str_of(bad[i])));
    for (size_t i = 0; i < ARRAY_LEN(good); i++) assert_false(code_damaged(str_of(good[i])));
}

static void cells_as_meant(void **state) {
    (void)state;
    assert_true(str_is(cell_clean(STR(" =\"00123\" ")), "00123"));
    assert_true(str_is(cell_clean(STR("'00123")), "00123"));
    assert_true(str_is(cell_clean(STR("\xe3\x80\x80 x\xc2\xa0")), "x"));
    assert_true(str_is(cell_clean(STR("NULL")), ""));
    assert_true(str_is(cell_clean(STR("\\N")), ""));
    assert_true(str_is(cell_clean(STR("Nut")), "Nut"));
    assert_true(str_is(cell_clean(STR("'")), "'"));
}

static const char *date_text(const char *cell, const date_rule *rule, buf *b) {
    day_t d;
    bool month;
    const char *wanted, *hint;
    buf_clear(b);
    if (!date_read(str_of(cell), rule, &d, &month, &wanted, &hint)) return strstr(hint, "dates:") ? "order" : "no";
    day_put(b, d);
    if (month) buf_byte(b, 'm');
    return buf_z(b);
}

static void dates(void **state) {
    (void)state;
    static const struct {
        const char *cell;
        date_order said;
        const char *day;
    } cases[] = {
        {"2024-03-21", DATE_ANY, "2024-03-21"},
        {"2024/3/21", DATE_ANY, "2024-03-21"},
        {"2024-3-1", DATE_ANY, "2024-03-01"},
        {"2024.3.21", DATE_ANY, "2024-03-21"},
        {"2024年3月21日", DATE_ANY, "2024-03-21"},
        {"２０２４年３月２１日", DATE_ANY, "2024-03-21"},
        {"20240321", DATE_ANY, "2024-03-21"},
        {"20240321 140500", DATE_ANY, "2024-03-21"},
        {"20240321140500", DATE_ANY, "2024-03-21"},
        {"2024/3/21 14:05", DATE_ANY, "2024-03-21"},
        {"2024-03-21T14:05:00+08:00", DATE_ANY, "2024-03-21"},
        {"2024-03-21T14:05:00-03:30", DATE_ANY, "2024-03-21"},
        {"2024年3月21日 14时05分", DATE_ANY, "2024-03-21"},
        {"2024-03-21 下午 2:05", DATE_ANY, "2024-03-21"},
        {"2024-03-21 星期四", DATE_ANY, "2024-03-21"},
        {"2024/3/21", DATE_DMY, "2024-03-21"},
        {"21/3/2024", DATE_ANY, "2024-03-21"},
        {"3/21/2024", DATE_ANY, "2024-03-21"},
        {"3/3/2024", DATE_ANY, "2024-03-03"},
        {"3/4/2024", DATE_ANY, "order"},
        {"3/4/2024", DATE_DMY, "2024-04-03"},
        {"3/4/2024", DATE_MDY, "2024-03-04"},
        {"21.03.2024", DATE_DMY, "2024-03-21"},
        {"21/3/24", DATE_ANY, "order"},
        {"21/3/24", DATE_DMY, "2024-03-21"},
        {"24/3/21", DATE_YMD, "2024-03-21"},
        {"3/21/99", DATE_MDY, "1999-03-21"},
        {"21-Mar-2024", DATE_ANY, "2024-03-21"},
        {"March 21, 2024", DATE_ANY, "2024-03-21"},
        {"21-Mar-24", DATE_ANY, "order"},
        {"21-Mar-24", DATE_DMY, "2024-03-21"},
        {"Mar-24", DATE_ANY, "no"},
        {"Mar-24", DATE_DMY, "no"},
        {"2024-02", DATE_ANY, "2024-02-29m"},
        {"2024年3月", DATE_ANY, "2024-03-31m"},
        {"202403", DATE_ANY, "2024-03-31m"},
        {"2024.10", DATE_ANY, "no"},
        {"2024-02-30", DATE_ANY, "order"},
        {"2023/2/29", DATE_ANY, "order"},
        {"13/13/2024", DATE_ANY, "order"},
        {"2024-03-21 至 2024-03-31", DATE_ANY, "no"},
        {"2024-03-21 -25", DATE_ANY, "no"},
        {"2024/3/21-3/31", DATE_ANY, "no"},
        {"合计", DATE_ANY, "no"},
        {"", DATE_ANY, "no"},
        {"12345678901234567890", DATE_ANY, "no"},
        {"0000-00-00", DATE_ANY, "order"},
    };
    AUTO(buf) b = {0};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        date_rule rule = {.order = cases[i].said};
        const char *got = date_text(cases[i].cell, &rule, &b);
        if (strcmp(got, cases[i].day) != 0) fail_msg("'%s': %s, wanted %s", cases[i].cell, got, cases[i].day);
    }
}

static void columns_of_dates_decide(void **state) {
    (void)state;
    static const struct {
        const char *cells[3];
        const char *days[3];
    } cases[] = {
        {{"3/4/2024", "21/3/2024", "5/6/2024"}, {"2024-04-03", "2024-03-21", "2024-06-05"}},
        {{"3/4/2024", "3/21/2024", ""}, {"2024-03-04", "2024-03-21", "no"}},
        {{"3/4/2024", "3/21/2024", "21/3/2024"}, {"order", "2024-03-21", "2024-03-21"}},
        {{"44819", "45372.5833", "日期"}, {"2022-09-15", "2024-03-21", "no"}},
        {{"44819", "2024-03-21", ""}, {"no", "2024-03-21", "no"}},
        {{"20000", "80000", "80001"}, {"1954-10-03", "2119-01-11", "no"}},
        {{"19999", "44819", ""}, {"no", "2022-09-15", "no"}},
    };
    AUTO(buf) b = {0};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        date_marks marks = {0};
        date_rule rule = {0};
        for (size_t k = 0; k < 3; k++) date_look(&marks, str_of(cases[i].cells[k]));
        date_decide(&marks, DATE_ANY, &rule);
        for (size_t k = 0; k < 3; k++) {
            const char *got = date_text(cases[i].cells[k], &rule, &b);
            if (strcmp(got, cases[i].days[k]) != 0) fail_msg("case %zu, '%s': %s", i, cases[i].cells[k], got);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),
        cmocka_unit_test(factors_rates_and_currencies),
        cmocka_unit_test(columns_decide),
        cmocka_unit_test(damaged_codes),
        cmocka_unit_test(cells_as_meant),
        cmocka_unit_test(dates),
        cmocka_unit_test(columns_of_dates_decide),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
