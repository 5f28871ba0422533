/* links: base */
#include "base/csv_put.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void cells(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"", ""},
        {"杭州一店", "杭州一店"},
        {"a,b", "\"a,b\""},
        {"say \"so\"", "\"say \"\"so\"\"\""},
        {"two\nlines", "\"two\nlines\""},
        {" 12", "\" 12\""},
        {"=1+1", "'=1+1"},
        {"=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\""},
        {"+1", "'+1"},
        {"@x", "'@x"},
        {"-cmd", "'-cmd"},
        {"-", "'-"},
        {"\tx", "\"'\tx\""},
        {"-12", "-12"},
        {"-12.50", "-12.50"},
        {"12.50", "12.50"},
        {"-1+1", "'-1+1"},
        {"-1.2.3", "'-1.2.3"},
        {"-.5", "'-.5"},
        {"a=b", "a=b"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf) out = {0};
        csv_put(&out, str_of(rows[i][0]));
        assert_string_equal(buf_z(&out), rows[i][1]);
    }
}

static void numbers(void **state) {
    (void)state;
    static const char *const good[] = {"0", "-0", "12", "0.001", "-12.50", "00123"};
    static const char *const bad[] = {"", "-", ".", "1.", ".5", "+1", "1e5", "0x1", "nan", "1,000", "1 ", "--1", "1-"};
    for (size_t i = 0; i < ARRAY_LEN(good); i++) assert_true(is_plain_number(str_of(good[i])));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) assert_false(is_plain_number(str_of(bad[i])));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(cells), cmocka_unit_test(numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
