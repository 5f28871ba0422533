/* links: command */
#include "daemon/command/args.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

enum { WORDS_MAX = 16 };

static size_t words_of(const char *line, str out[static WORDS_MAX]) {
    str rest = str_of(line), word;
    size_t n = 0;
    while (n < WORDS_MAX && str_split(&rest, ' ', &word))
        if (word.n) out[n++] = word;
    return n;
}

static bool parse(const char *syntax, const char *line, call_args *out, err *e) {
    str words[WORDS_MAX];
    return args_parse("do it", syntax, words, words_of(line, words), out, e);
}

static const char *const price = "<sku> [--partner ID] [--date D] [--final|--onward] [--level province|city]";

static void reads_positionals_and_options(void **state) {
    (void)state;
    call_args a;
    err e;
    bool given;
    assert_true(parse(price, "X1 --date 2026-01-01 --onward", &a, &e));
    assert_int_equal(a.positionals, 1);
    assert_true(str_is(a.positional[0], "X1"));
    assert_true(str_is(args_option(&a, "date", &given), "2026-01-01"));
    assert_true(given);
    assert_null(args_option(&a, "onward", &given).p);
    assert_true(given);
    (void)args_option(&a, "final", &given);
    assert_false(given);
    assert_true(parse(price, "--partner=D1 --level=city X1", &a, &e));
    assert_true(str_is(args_option(&a, "partner", &given), "D1"));
    assert_true(str_is(args_option(&a, "level", &given), "city"));
    assert_true(parse(price, "-- --odd-sku", &a, &e));
    assert_true(str_is(a.positional[0], "--odd-sku"));
    assert_true(parse("<n>", "-1", &a, &e));
    assert_true(parse("-f FILE.yaml [--flows FILE]", "--flows f.csv -f p.yaml", &a, &e));
    assert_true(str_is(args_option(&a, "f", &given), "p.yaml"));
    assert_int_equal(a.files, 2);
    assert_true(parse("-f FILE.yaml", "-f=-", &a, &e));
    assert_true(str_is(args_option(&a, "f", &given), "-"));
}

static void finds_the_files(void **state) {
    (void)state;
    call_args a;
    err e;
    assert_true(
        parse("<FILE\xe2\x80\xa6> [--mapping FILE.yaml] [--partner ID]", "a.csv --mapping m.yaml b.csv", &a, &e));
    assert_int_equal(a.files, 3);
    assert_true(str_is(a.file[0], "a.csv"));
    assert_true(str_is(a.file[1], "m.yaml"));
    assert_true(str_is(a.file[2], "b.csv"));
    assert_int_equal(a.positionals, 2);
    assert_true(parse("<partner> --from FILE", "D1 --from -", &a, &e));
    assert_int_equal(a.files, 1);
    assert_true(str_is(a.file[0], "-"));
}

static const struct {
    const char *syntax, *line, *said;
} bad[] = {
    {"", "x", "do it: too much: 'x' (usage: do it)"},
    {"<sku>", "", "do it: missing 'sku' (usage: do it <sku>)"},
    {"<sku>", "a b", "too much: 'b'"},
    {"<FILE\xe2\x80\xa6>", "", "missing 'FILE'"},
    {"<a> [b]", "1 2 3", "too much: '3'"},
    {"[--date D]", "--date", "value missing after '--date'"},
    {"[--date D]", "--day 1", "unknown option '--day'"},
    {"[--date D]", "--date 1 --date=2", "option given twice '--date=2'"},
    {"[--final]", "--final=1", "this option takes no value '--final=1'"},
    {"--reason TEXT", "", "missing 'reason'"},
    {"[--a|--b]", "--c", "unknown option '--c'"},
    {"-f FILE", "", "missing 'f'"},
    {"-f FILE", "-g x", "unknown option '-g'"},
    {"-f FILE", "-f", "value missing after '-f'"},
};

static void says_what_is_wrong(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        call_args a;
        err e;
        assert_false(parse(bad[i].syntax, bad[i].line, &a, &e));
        assert_int_equal(e.code, ERR_USAGE);
        assert_int_equal(err_exit_status(e.code), 64);
        if (strstr(e.text, bad[i].said) == NULL) fail_msg("%s / %s: %s", bad[i].syntax, bad[i].line, e.text);
    }
}

static void walks_the_syntax(void **state) {
    (void)state;
    static const struct {
        const char *name, *value;
        bool option, optional, many, file;
    } want[] = {
        {"FILE", "", false, false, true, true},   {"note", "", false, true, false, false},
        {"final", "", true, true, false, false},  {"onward", "", true, true, false, false},
        {"by", "D[,D", true, true, false, false}, {"reason", "TEXT", true, false, false, false},
    };
    str rest = str_of("<FILE\xe2\x80\xa6> [note] [--final|--onward] [--by D[,D] --reason TEXT");
    arg_spec s;
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        assert_true(args_spec_next(&rest, &s));
        assert_true(str_is(s.name, want[i].name));
        assert_true(str_is(s.value, want[i].value));
        assert_int_equal(s.option, want[i].option);
        assert_int_equal(s.optional, want[i].optional);
        assert_int_equal(s.many, want[i].many);
        assert_int_equal(s.file, want[i].file);
    }
    assert_false(args_spec_next(&rest, &s));
}

static void at_most_so_many_words(void **state) {
    (void)state;
    str words[LIMIT_ARGS + 1];
    for (size_t i = 0; i < ARRAY_LEN(words); i++) words[i] = STR("x");
    call_args a;
    err e;
    assert_true(args_parse("do", "<FILE\xe2\x80\xa6>", words, LIMIT_ARGS, &a, &e));
    assert_int_equal(a.files, LIMIT_ARGS);
    assert_false(args_parse("do", "<FILE\xe2\x80\xa6>", words, LIMIT_ARGS + 1, &a, &e));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_positionals_and_options),
        cmocka_unit_test(finds_the_files),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(walks_the_syntax),
        cmocka_unit_test(at_most_so_many_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
