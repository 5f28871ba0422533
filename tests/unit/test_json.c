/* links: base */
#include "base/json.h"
#include "base/num.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void commas_are_its_business(void **state) {
    (void)state;
    AUTO(buf) out = {0};
    json j = json_into(&out);
    json_open_array(&j);
    json_open_object(&j);
    json_end_object(&j);
    json_open_object(&j);
    json_key(&j, "a");
    json_open_array(&j);
    json_int(&j, -1);
    json_uint(&j, UINT64_MAX);
    json_end_array(&j);
    json_key(&j, "b");
    json_open_object(&j);
    json_key(&j, "c");
    json_bool(&j, true);
    json_key(&j, "d");
    json_none(&j);
    json_end_object(&j);
    json_key(&j, "e");
    json_z(&j, NULL);
    json_key(&j, "f");
    json_raw(&j, STR("[1,2]"));
    json_end_object(&j);
    json_open_array(&j);
    json_end_array(&j);
    json_bool(&j, false);
    json_end_array(&j);
    assert_string_equal(buf_z(&out), "[{},{\"a\":[-1,18446744073709551615],\"b\":{\"c\":true,\"d\":null},\"e\":null,"
                                     "\"f\":[1,2]},[],false]");
}

static void deepest_nesting(void **state) {
    (void)state;
    AUTO(buf) out = {0}, want = {0};
    json j = json_into(&out);
    for (size_t i = 0; i < 31; i++) {
        json_open_array(&j);
        json_int(&j, 1);
        buf_addz(&want, i ? ",[1" : "[1");
    }
    for (size_t i = 0; i < 31; i++) {
        json_end_array(&j);
        buf_byte(&want, ']');
    }
    assert_string_equal(buf_z(&out), buf_z(&want));
}

static const struct {
    str in;
    const char *out;
} texts[] = {
#define S(literal)                                                                                                     \
    { literal, sizeof(literal) - 1 }
    {S(""), "\"\""},
    {S("plain"), "\"plain\""},
    {S("中文 𠮷"), "\"中文 𠮷\""},
    {S("a\"b\\c/"), "\"a\\\"b\\\\c/\""},
    {S("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\""},
    {S("\0\x1f\x7f"), "\"\\u0000\\u001f\\u007f\""},
    {S("\xff"), "\"\xef\xbf\xbd\""},
    {S("a\xc3\xa9\xc3z"), "\"a\xc3\xa9\xef\xbf\xbdz\""},
    {S("\xe4\xb8"), "\"\xef\xbf\xbd\xef\xbf\xbd\""},
    {S("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
    {{NULL, 0}, "\"\""},
};

static void texts_are_escaped(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        AUTO(buf) out = {0};
        json j = json_into(&out);
        json_str(&j, texts[i].in);
        assert_string_equal(buf_z(&out), texts[i].out);
        assert_true(utf8_valid(buf_str(&out)));
    }
}

static void keys_are_escaped_too(void **state) {
    (void)state;
    AUTO(buf) out = {0};
    json j = json_into(&out);
    json_open_object(&j);
    json_key(&j, "a\"b");
    json_z(&j, "x");
    json_end_object(&j);
    assert_string_equal(buf_z(&out), "{\"a\\\"b\":\"x\"}");
}

static void numbers_are_decimal_strings(void **state) {
    (void)state;
    AUTO(buf) out = {0};
    json j = json_into(&out);
    json_open_array(&j);
    json_dec(&j, 110000, 2, 2);
    json_dec(&j, NUM_NONE, 2, 2);
    json_dec(&j, -2500, 3, 0);
    json_int(&j, INT64_MIN);
    json_end_array(&j);
    assert_string_equal(buf_z(&out), "[\"1100.00\",null,\"-2.5\",-9223372036854775808]");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_are_its_business),     cmocka_unit_test(deepest_nesting),
        cmocka_unit_test(texts_are_escaped),           cmocka_unit_test(keys_are_escaped_too),
        cmocka_unit_test(numbers_are_decimal_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
