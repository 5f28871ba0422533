/* links: base */
#include "base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void describes_and_wraps(void **state) {
    (void)state;
    err e;
    assert_false(err_set(&e, ERR_NOT_FOUND, "no '%s'", "D1"));
    assert_false(err_wrap(&e, "partner"));
    assert_string_equal(e.text, "partner: no 'D1'");
    assert_int_equal(e.code, ERR_NOT_FOUND);
    assert_int_equal(err_exit_status(e.code), 66);
}

static void one_line_whatever_was_sent(void **state) {
    (void)state;
    err e;
    err_set(&e, ERR_DATA, "a\nb\tc\x7f");
    assert_string_equal(e.text, "a b c ");
}

static void cut_text_ends_on_a_whole_letter(void **state) {
    (void)state;
    err e;
    char in[1200];
    for (size_t i = 0; i + 3 < sizeof in; i += 3) memcpy(in + i, "\xe4\xb8\xad", 4);
    err_set(&e, ERR_DATA, "x%s", in);
    assert_true(strlen(e.text) < sizeof e.text);
    assert_int_equal(strlen(e.text) % 3, 1);
}

static void every_code_has_its_name(void **state) {
    (void)state;
    for (err_code c = 0; c < ERR_CODE_COUNT; c++) assert_int_equal(err_from_name(err_name(c)), c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(describes_and_wraps),
        cmocka_unit_test(one_line_whatever_was_sent),
        cmocka_unit_test(cut_text_ends_on_a_whole_letter),
        cmocka_unit_test(every_code_has_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
