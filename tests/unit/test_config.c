/* links: base */
#include "base/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

typedef struct sample {
    char listen[64], note[16];
    int64_t grace_ms, map_bytes, threads, level;
    bool quiet;
} sample;

static const config_key keys[] = {
    {"listen", CONFIG_ENDPOINT, CONFIG_AT(sample, listen), "tcp://127.0.0.1:7400", 1, 63, NULL, false, "Address."},
    {"note", CONFIG_TEXT, CONFIG_AT(sample, note), "", 0, 8, NULL, true, "A note."},
    {"grace", CONFIG_DURATION, CONFIG_AT(sample, grace_ms), "30s", 1000, 3600000, NULL, true, "Silence allowed."},
    {"map", CONFIG_SIZE, CONFIG_AT(sample, map_bytes), "16MiB", 1 << 20, 1 << 30, NULL, false, "Map size."},
    {"threads", CONFIG_COUNT, CONFIG_AT(sample, threads), "2", 1, 16, NULL, false, "Readers."},
    {"level", CONFIG_CHOICE, CONFIG_AT(sample, level), "info", 0, 0, "error|warn|info", true, "Log level."},
    {"quiet", CONFIG_BOOL, CONFIG_AT(sample, quiet), "no", 0, 0, NULL, true, "Say less."},
};
static const config_schema schema = {keys, ARRAY_LEN(keys)};

static bool parse(const char *text, sample *out, err *e) {
    config_presets(&schema, out);
    return config_parse(&schema, str_of(text), "f.conf", out, e);
}

static void presets_and_good_values(void **state) {
    (void)state;
    sample s;
    err e;
    assert_true(parse("# all defaults\n\n", &s, &e));
    assert_string_equal(s.listen, "tcp://127.0.0.1:7400");
    assert_int_equal(s.grace_ms, 30000);
    assert_int_equal(s.map_bytes, 16 << 20);
    assert_int_equal(s.level, 2);
    assert_false(s.quiet);
    assert_true(
        parse("listen: 0.0.0.0:0\r\n grace :5m # five\nmap: 1GiB\nlevel: error\nquiet: yes\nnote: a#b\n", &s, &e));
    assert_string_equal(s.listen, "0.0.0.0:0");
    assert_int_equal(s.grace_ms, 300000);
    assert_int_equal(s.map_bytes, 1 << 30);
    assert_int_equal(s.level, 0);
    assert_true(s.quiet);
    assert_string_equal(s.note, "a#b");
}

static const struct {
    const char *text, *said;
} bad[] = {
    {"\nwhat: 1\n", "f.conf:2: unknown key 'what'"},
    {"grace 30s", "f.conf:1: 'grace 30s' is not `key: value`"},
    {"grace: 30", "f.conf:1: grace: '30' is not a duration"},
    {"grace: 5x", "f.conf:1: grace: '5x' is not a duration"},
    {"grace: -1s", "f.conf:1: grace: '-1s' is not a duration"},
    {"grace: 5 m", "is not a duration"},
    {"grace: 999ms", "grace: 999ms is out of bounds (1s to 1h)"},
    {"grace: 3600001ms", "out of bounds"},
    {"grace: 99999999999999999d", "is not a duration"},
    {"grace: 2s\ngrace: 3s", "f.conf:2: grace: given twice"},
    {"map: 1048575", "out of bounds (1MiB to 1GiB)"},
    {"threads: 17", "out of bounds (1 to 16)"},
    {"threads: 0", "out of bounds"},
    {"threads: 2s", "is not a whole number"},
    {"level: loud", "level: 'loud' is not one of the choices (error|warn|info)"},
    {"quiet: true", "quiet: 'true' is not yes or no"},
    {"note: 123456789", "note: 9 bytes long"},
    {"listen: somewhere", "is not an address"},
    {"listen: tcp://h:65536", "is not an address"},
    {"listen: :80", "is not an address"},
    {"listen: tcp://a b:80", "is not an address"},
    {"note: \xff", "is not a text"},
};

static void bad_values_name_file_and_line(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        sample s;
        err e;
        assert_false(parse(bad[i].text, &s, &e));
        assert_int_equal(e.code, ERR_CONFIG);
        if (strstr(e.text, bad[i].said) == NULL) fail_msg("'%s' said: %s", bad[i].text, e.text);
    }
}

static void command_line_wins(void **state) {
    (void)state;
    sample s;
    err e;
    config_presets(&schema, &s);
    assert_true(config_set(&schema, STR("threads=7"), &s, &e));
    assert_int_equal(s.threads, 7);
    assert_true(config_set(&schema, STR("note=a=b"), &s, &e));
    assert_string_equal(s.note, "a=b");
    assert_false(config_set(&schema, STR("threads"), &s, &e));
    assert_string_equal(e.text, "--set: 'threads' is not key=value");
    assert_false(config_set(&schema, STR("threads=x"), &s, &e));
}

static void printed_is_a_file_that_says_the_same(void **state) {
    (void)state;
    sample s, back;
    err e;
    assert_true(parse("grace: 90s\nmap: 3MiB\nlevel: warn\nquiet: yes\nnote: hi\n", &s, &e));
    AUTO(buf) out = {0};
    config_print(&schema, &s, &out);
    assert_true(parse(buf_z(&out), &back, &e));
    assert_int_equal(back.grace_ms, 90000);
    assert_int_equal(back.map_bytes, 3 << 20);
    assert_int_equal(back.level, 1);
    assert_true(back.quiet);
    assert_string_equal(back.note, "hi");
    for (size_t i = 0; i < schema.count; i++) {
        assert_non_null(strstr(buf_z(&out), keys[i].help));
        assert_non_null(strstr(buf_z(&out), keys[i].name));
    }
    assert_non_null(strstr(buf_z(&out), "1s to 1h"));
    assert_non_null(strstr(buf_z(&out), "default 30s"));
}

static void reload_only_what_may(void **state) {
    (void)state;
    sample old, new;
    err e;
    assert_true(parse("", &old, &e));
    assert_true(parse("grace: 40s\nlevel: error\n", &new, &e));
    assert_true(config_may_reload(&schema, &old, &new, &e));
    assert_true(parse("threads: 3\n", &new, &e));
    assert_false(config_may_reload(&schema, &old, &new, &e));
    assert_string_equal(e.text, "threads: cannot change while running; restart");
}

static void a_file_has_a_size(void **state) {
    (void)state;
    static char text[CONFIG_FILE_BYTES + 1];
    memset(text, '#', sizeof text);
    sample s;
    err e;
    config_presets(&schema, &s);
    assert_true(config_parse(&schema, str_from(text, CONFIG_FILE_BYTES), "f", &s, &e));
    assert_false(config_parse(&schema, str_from(text, CONFIG_FILE_BYTES + 1), "f", &s, &e));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(presets_and_good_values), cmocka_unit_test(bad_values_name_file_and_line),
        cmocka_unit_test(command_line_wins),       cmocka_unit_test(printed_is_a_file_that_says_the_same),
        cmocka_unit_test(reload_only_what_may),    cmocka_unit_test(a_file_has_a_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
