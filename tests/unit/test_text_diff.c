/* links: command */
#include "daemon/command/text_diff.h"

#include "base/buf.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* "-2:b +2:x" */
static void written(str before, str after, buf *out) {
    AUTO(arena) a = {0};
    diff_line *line;
    arena_init(&a, SIZE_MAX);
    size_t n = text_diff(before, after, &a, &line);
    for (size_t i = 0; i < n; i++) {
        const diff_line *l = &line[i];
        if (l->change == ' ') continue;
        buf_printf(out, "%s%c%zu:%.*s", out->n ? " " : "", l->change, l->change == '-' ? l->before : l->after,
                   STR_ARG(l->text));
    }
}

static void the_fewest_lines_change(void **state) {
    (void)state;
    static const struct {
        const char *before, *after, *wanted;
    } cases[] = {
        {"", "", ""},
        {"a\nb\n", "a\nb\n", ""},
        {"a\r\nb\r\n", "a\nb\n", ""},
        {"", "a\nb\n", "+1:a +2:b"},
        {"a\nb\n", "", "-1:a -2:b"},
        {"a\nb\nc\n", "a\nx\nc\n", "-2:b +2:x"},
        {"a\nb\nc\n", "a\nc\n", "-2:b"},
        {"a\nc\n", "a\nb\nc\n", "+2:b"},
        {"a\nb\nc\nd\n", "b\nx\nd\ny\n", "-1:a -3:c +2:x +4:y"},
        {"a\na\na\n", "a\na\n", "-3:a"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(buf) out = {0};
        written(str_of(cases[i].before), str_of(cases[i].after), &out);
        assert_string_equal(buf_z(&out), cases[i].wanted);
    }
}

/* Beyond DIFF_CELLS the middle is given as a whole: all out, then all in. */
static void a_large_middle_is_given_as_a_whole(void **state) {
    (void)state;
    AUTO(buf) before = {0};
    AUTO(buf) after = {0};
    AUTO(arena) a = {0};
    diff_line *line;
    size_t many = 2100, out = 0, in = 0;
    arena_init(&a, SIZE_MAX);
    for (size_t i = 0; i < many; i++) buf_printf(&before, "%zu\n", i), buf_printf(&after, "%zu\n", many - 1 - i);
    size_t n = text_diff(buf_str(&before), buf_str(&after), &a, &line);
    for (size_t i = 0; i < n; i++) out += line[i].change == '-', in += line[i].change == '+';
    assert_int_equal(out, many);
    assert_int_equal(in, many);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fewest_lines_change),
        cmocka_unit_test(a_large_middle_is_given_as_a_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
