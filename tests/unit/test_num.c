/* links: base */
#include "base/num.h"
#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct parse_case {
    const char *text;
    unsigned scale;
    bool good;
    int64_t value;
    bool exact;
} parses[] = {
    {"0", 2, true, 0, true},
    {"-0", 2, true, 0, true},
    {"12.34", 2, true, 1234, true},
    {"-12.34", 2, true, -1234, true},
    {"+7", 0, true, 7, true},
    {".5", 1, true, 5, true},
    {"5.", 1, true, 50, true},
    {"1.200", 1, true, 12, true},
    {"1.25", 1, true, 13, false},
    {"-1.25", 1, true, -13, false},
    {"1.2499", 1, true, 12, false},
    {"0.5", 0, true, 1, false},
    {"-0.5", 0, true, -1, false},
    {"0.49", 0, true, 0, false},
    {"000012", 3, true, 12000, true},
    {"9223372036854775807", 0, true, INT64_MAX, true},
    {"-9223372036854775807", 0, true, -INT64_MAX, true},
    {"9223372036854775808", 0, false, 0, false},
    {"-9223372036854775808", 0, false, 0, false}, /* NUM_NONE is no number */
    {"9223372036854775807.5", 0, false, 0, false},
    {"92233720368547758.07", 2, true, INT64_MAX, true},
    {"92233720368547758.08", 2, false, 0, false},
    {"18446744073709551616", 0, false, 0, false},
    {"99999999999999999999999", 0, false, 0, false},
    {"9223372036854775807", 1, false, 0, false},
    {"", 2, false, 0, false},
    {"-", 2, false, 0, false},
    {".", 2, false, 0, false},
    {"--1", 2, false, 0, false},
    {"1.2.3", 2, false, 0, false},
    {"1,234", 2, false, 0, false},
    {" 1", 2, false, 0, false},
    {"1 ", 2, false, 0, false},
    {"1e3", 2, false, 0, false},
    {"0x10", 2, false, 0, false},
    {"１２", 2, false, 0, false},
};

static void decimals_are_read(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(parses); i++) {
        const struct parse_case *c = &parses[i];
        int64_t v = 77;
        bool exact = false;
        if (dec_parse(str_of(c->text), c->scale, &v, &exact) != c->good) fail_msg("'%s'", c->text);
        if (!c->good) assert_int_equal(v, 77);
        if (c->good && (v != c->value || exact != c->exact)) fail_msg("'%s' gives %lld", c->text, (long long)v);
    }
}

static const struct put_case {
    int64_t value;
    unsigned scale, least;
    const char *text;
} puts_[] = {
    {0, 2, 2, "0.00"},
    {0, 6, 0, "0"},
    {110000, 2, 2, "1100.00"},
    {-5, 2, 2, "-0.05"},
    {2500, 3, 0, "2.5"},
    {2500, 3, 2, "2.50"},
    {1000, 3, 0, "1"},
    {1234567, 6, 2, "1.234567"},
    {7, 0, 0, "7"},
    {INT64_MAX, 0, 0, "9223372036854775807"},
    {INT64_MIN, 0, 0, "-9223372036854775808"},
    {INT64_MAX, 18, 0, "9.223372036854775807"},
};

static void decimals_are_written(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(puts_); i++) {
        AUTO(buf) b = {0};
        dec_put(&b, puts_[i].value, puts_[i].scale, puts_[i].least);
        assert_string_equal(buf_z(&b), puts_[i].text);
    }
}

static void written_decimals_read_back(void **state) {
    (void)state;
    rng r = {1};
    for (size_t i = 0; i < 20000; i++) {
        AUTO(buf) b = {0};
        int64_t v = (int64_t)(rng_next(&r) >> rng_below(&r, 64)), back;
        if (v == NUM_NONE) continue;
        unsigned scale = (unsigned)rng_below(&r, 19);
        bool exact = false;
        dec_put(&b, v, scale, (unsigned)rng_below(&r, scale + 1));
        assert_true(dec_parse(buf_str(&b), scale, &back, &exact) && exact && back == v);
    }
}

static const struct {
    int64_t a, b, c;
    bool good;
    int64_t q;
} products[] = {
    {10, 3, 4, true, 8},   /* 7.5 */
    {-10, 3, 4, true, -8}, /* half away from zero */
    {10, 3, -4, true, -8},
    {-10, 3, -4, true, 8},
    {9, 3, 4, true, 7}, /* 6.75 */
    {1, 1, 3, true, 0},
    {2, 1, 3, true, 1},
    {-1, 1, 3, true, 0},
    {1, 1, 2, true, 1},
    {5, 1, 0, false, 0},
    {INT64_MAX, INT64_MAX, INT64_MAX, true, INT64_MAX},
    {INT64_MAX, 2, 1, false, 0},
    {INT64_MIN, 1, 1, false, 0}, /* would be NUM_NONE */
    {INT64_MIN, 1, 2, true, INT64_MIN / 2},
    {INT64_MIN, INT64_MIN, INT64_MIN, false, 0},
    {INT64_MIN, INT64_MIN, 1, false, 0},
    {INT64_MAX, 1, INT64_MIN, true, -1},
    {INT64_MAX, 1000000, 1000000, true, INT64_MAX},
};

static void products_are_rounded_once(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(products); i++) {
        int64_t q = 0;
        bool good = mul_div(products[i].a, products[i].b, products[i].c, &q);
        if (good != products[i].good || (good && q != products[i].q)) fail_msg("case %zu: %lld", i, (long long)q);
    }
}

static void scales_change(void **state) {
    (void)state;
    int64_t v;
    assert_true(rescale(1234567, 6, 2, &v) && v == 123);
    assert_true(rescale(1235000, 6, 2, &v) && v == 124);
    assert_true(rescale(-1235000, 6, 2, &v) && v == -124);
    assert_true(rescale(-5, 1, 0, &v) && v == -1);
    assert_true(rescale(7, 0, 6, &v) && v == 7000000);
    assert_true(rescale(7, 3, 3, &v) && v == 7);
    assert_true(rescale(9, 0, 18, &v) && v == 9000000000000000000);
    assert_false(rescale(10, 0, 18, &v));
}

static void sums_are_checked(void **state) {
    (void)state;
    int64_t v;
    assert_true(add_i64(INT64_MAX, -1, &v) && v == INT64_MAX - 1);
    assert_false(add_i64(INT64_MAX, 1, &v));
    assert_true(sub_i64(-1, INT64_MAX, &v) && v == INT64_MIN);
    assert_false(sub_i64(-2, INT64_MAX, &v));
}

static void currencies(void **state) {
    (void)state;
    char text[4];
    assert_int_equal(currency_scale(STR("CNY")), 2);
    assert_int_equal(currency_scale(STR("JPY")), 0);
    assert_int_equal(currency_scale(STR("KWD")), 3);
    assert_int_equal(currency_scale(STR("XXX")), 2);
    assert_true(currency_ok(STR("EUR")));
    assert_false(currency_ok(STR("eur")) || currency_ok(STR("EU")) || currency_ok(STR("EURO")) || currency_ok(STR("")));
    assert_true(str_is(currency_text(currency_no(STR("CNY")), text), "CNY"));
    assert_int_equal(currency_text(currency_no(STR("")), text).n, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimals_are_read),
        cmocka_unit_test(decimals_are_written),
        cmocka_unit_test(written_decimals_read_back),
        cmocka_unit_test(products_are_rounded_once),
        cmocka_unit_test(scales_change),
        cmocka_unit_test(sums_are_checked),
        cmocka_unit_test(currencies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
