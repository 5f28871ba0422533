/* links: base */
#include "base/rng.h"
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void order_is_bytewise(void **state) {
    (void)state;
    static const char *const sorted[] = {"", "a", "a\x01", "ab", "b", "\x7f", "\x80", "\xff"};
    for (size_t i = 0; i < ARRAY_LEN(sorted); i++)
        for (size_t k = 0; k < ARRAY_LEN(sorted); k++) {
            int c = str_cmp(str_of(sorted[i]), str_of(sorted[k]));
            assert_int_equal((c > 0) - (c < 0), (i > k) - (i < k));
            assert_int_equal(str_eq(str_of(sorted[i]), str_of(sorted[k])), i == k);
        }
    assert_true(str_eq(STR_NONE, STR("")) && str_cmp(STR_NONE, STR("")) == 0);
}

static void parts_are_found(void **state) {
    (void)state;
    assert_int_equal(str_find(STR("abcabc"), STR("ca")), 2);
    assert_int_equal(str_find(STR("abc"), STR("")), 0);
    assert_int_equal(str_find(STR("abc"), STR("abcd")), SIZE_MAX);
    assert_int_equal(str_find(STR_NONE, STR("a")), SIZE_MAX);
    assert_true(str_has(STR("合计金额"), STR("合计")) && !str_has(STR("合"), STR("合计")));
    assert_true(str_starts(STR("abc"), STR("ab")) && !str_starts(STR("a"), STR("ab")) &&
                str_starts(STR_NONE, STR_NONE));
    assert_true(str_ends(STR("abc"), STR("bc")) && !str_ends(STR("c"), STR("bc")) && str_ends(STR("x"), STR("")));
    assert_true(str_ieq(STR("SaLe"), STR("sAlE")) && !str_ieq(STR("sale"), STR("sales")) &&
                !str_ieq(STR("["), STR("{")));
}

static void pieces_are_taken(void **state) {
    (void)state;
    assert_true(str_is(str_skip(STR("abc"), 1), "bc") && str_skip(STR("abc"), 9).n == 0);
    assert_true(str_is(str_take(STR("abc"), 2), "ab") && str_is(str_take(STR("abc"), 9), "abc"));
    assert_null(str_skip(STR_NONE, 3).p);
    char out[4];
    assert_string_equal(str_copy_z(STR("abcdef"), out, sizeof out), "abc");
    assert_string_equal(str_copy_z(STR_NONE, out, sizeof out), "");
}

static void blanks_are_trimmed(void **state) {
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"", ""},
        {"  a b\t\r\n", "a b"},
        {"\xe3\x80\x80 中 \xe3\x80\x80", "中"},
        {"\xc2\xa0\xef\xbb\xbfx\xc2\xa0", "x"},
        {" \t\xe3\x80\x80", ""},
        {"、", "、"}, /* begins like U+3000 */
        {"à", "à"},   /* ends in the byte A0 */
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        str got = str_trim(str_of(cases[i].in));
        if (!str_is(got, cases[i].out)) fail_msg("case %zu gives '%.*s'", i, STR_ARG(got));
    }
    assert_int_equal(str_trim(STR("\0")).n, 1);
}

static void texts_are_split(void **state) {
    (void)state;
    static const struct {
        const char *in, *joined;
    } cases[] = {{"a;;b", "[a][][b]"}, {"a", "[a]"}, {"", "[]"}, {";", "[][]"}, {"a;", "[a][]"}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char out[64] = "";
        str rest = str_of(cases[i].in), piece;
        while (str_split(&rest, ';', &piece)) {
            (void)strncat(strcat(out, "["), piece.p, piece.n);
            (void)strcat(out, "]");
        }
        assert_string_equal(out, cases[i].joined);
    }
    str none = STR_NONE, piece;
    assert_false(str_split(&none, ';', &piece));
}

static const struct {
    str text;
    bool valid;
} encodings[] = {
#define S(literal)                                                                                                     \
    { literal, sizeof(literal) - 1 }
    {S(""), true},
    {S("plain ASCII that is longer than eight"), true},
    {S("\0"), true},
    {S("中文é𠮷"), true},
    {S("\xc2\x80"), true},
    {S("\xdf\xbf"), true},
    {S("\xe0\xa0\x80"), true},
    {S("\xed\x9f\xbf"), true},
    {S("\xee\x80\x80"), true},
    {S("\xef\xbf\xbf"), true},
    {S("\xf0\x90\x80\x80"), true},
    {S("\xf4\x8f\xbf\xbf"), true},
    {S("\x80"), false},
    {S("\xc0\xaf"), false}, /* overlong '/' */
    {S("\xc1\xbf"), false},
    {S("\xe0\x9f\xbf"), false}, /* overlong */
    {S("\xed\xa0\x80"), false}, /* surrogate */
    {S("\xed\xbf\xbf"), false},
    {S("\xf0\x8f\xbf\xbf"), false}, /* overlong */
    {S("\xf4\x90\x80\x80"), false}, /* above U+10FFFF */
    {S("\xf5\x80\x80\x80"), false},
    {S("\xff"), false},
    {S("\xfe"), false},
    {S("abc\xc3"), false},
    {S("\xe4\xb8"), false},
    {S("\xe4\xb8z"), false},
    {S("\xf0\x90\x80"), false},
    {S("\xc3\xc3\xa9"), false},
    {S("12345678\xff"), false},
    {S("1234567\xff"), false},
    {S("1234567\xc3\xa9"), true}, /* across the eight bytes looked at at once */
};

static void utf8_is_checked_strictly(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(encodings); i++)
        if (utf8_valid(encodings[i].text) != encodings[i].valid) fail_msg("case %zu", i);
    assert_true(utf8_valid(STR_NONE));
}

static void every_code_point_comes_back(void **state) {
    (void)state;
    for (uint32_t cp = 0; cp < 0x110000; cp++) {
        char out[4];
        size_t n = utf8_put(cp, out);
        const char *p = out;
        bool surrogate = cp >= 0xd800 && cp < 0xe000;
        assert_int_equal(utf8_valid(str_from(out, n)), !surrogate);
        if (surrogate) continue;
        assert_int_equal(utf8_next(&p, out + n), cp);
        assert_ptr_equal(p, out + n);
        for (size_t k = 1; k < n; k++) assert_false(utf8_valid(str_from(out, k)));
    }
}

static void control_characters(void **state) {
    (void)state;
    for (int c = 0; c < 256; c++) {
        char text[3] = {'a', (char)c, 'b'};
        bool want = (c >= 0x20 && c != 0x7f) || c == '\t' || c == '\n' || c == '\r';
        assert_int_equal(text_clean(str_from(text, 3)), want);
    }
}

static void hashes_differ(void **state) {
    (void)state;
    rng r = {1};
    char a[40];
    for (size_t i = 0; i < sizeof a; i++) a[i] = (char)rng_next(&r);
    for (size_t n = 0; n < sizeof a; n++) {
        uint64_t whole = str_hash(str_from(a, n));
        assert_int_equal(whole, str_hash(str_from(a, n)));
        assert_true(whole != str_hash(str_from(a, n + 1 == sizeof a ? 0 : n + 1)) || n + 1 == sizeof a);
        for (size_t k = 0; k < n; k++) {
            a[k] ^= 1;
            assert_true(whole != str_hash(str_from(a, n)));
            a[k] ^= 1;
        }
    }
    assert_true(str_hash(STR("a")) != str_hash(STR("a\0")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_is_bytewise),
        cmocka_unit_test(parts_are_found),
        cmocka_unit_test(pieces_are_taken),
        cmocka_unit_test(blanks_are_trimmed),
        cmocka_unit_test(texts_are_split),
        cmocka_unit_test(utf8_is_checked_strictly),
        cmocka_unit_test(every_code_point_comes_back),
        cmocka_unit_test(control_characters),
        cmocka_unit_test(hashes_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
