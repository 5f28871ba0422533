/* links: agentlib */
#include "agent_fixture.h"

#include "agent/cli.h"
#include "agent/home.h"
#include <sys/stat.h>

static const uint8_t server_key[KEY_SIZE] = {1, 2, 3, 4, 5};

static void enrol(const char *dir, uint8_t secret[KEY_SIZE]) {
    home_identity id = {"tcp://127.0.0.1:7420", "D1", "D1-1", server_key};
    SUCCEEDS(home_prepare(dir, e));
    SUCCEEDS(home_pending_key(dir, secret, e));
    SUCCEEDS(home_enrolled(dir, &id, e));
}

static unsigned mode_of(const folder *f, const char *name) {
    char path[PATH_SIZE];
    struct stat st;
    assert_int_equal(stat(folder_in(f, name, path), &st), 0);
    return st.st_mode & 0777;
}

static void configuration_line_by_line(void **state) {
    (void)state;
    static const struct {
        const char *text, *wrong; /* wrong NULL: fine */
    } rows[] = {
        {"", NULL},
        {"# a comment\n\nserver = tcp://h:1\npartner=D1\n", NULL},
        {"max_age_hours = 1\nspool_quota_mb = 1", NULL},
        {"max_age_hours = 8784\nspool_quota_mb = 1048576", NULL},
        {"server tcp://h:1", "line 1: wanted 'key = value'"},
        {"\nservr = x", "line 2: unknown key 'servr'"},
        {"max_age_hours = 0", "line 1: max_age_hours = '0': wanted a number from 1 to 8784"},
        {"max_age_hours = 8785", "line 1: max_age_hours = '8785': wanted a number from 1 to 8784"},
        {"spool_quota_mb = lots", "line 1: spool_quota_mb = 'lots': wanted a number from 1 to 1048576"},
        {"partner = 01234567890123456789012345678901234567890123456789012345678901234", "line 1: partner: at most 64 "
                                                                                        "bytes of text"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        home h = {0};
        err e = {0};
        bool ok = home_conf_parse(str_of(rows[i].text), &h, &e);
        if (ok != (rows[i].wrong == NULL)) fail_msg("row %zu: %s", i, e.text);
        if (!ok) assert_string_equal(e.text, rows[i].wrong);
        if (!ok) assert_int_equal(e.code, ERR_CONFIG);
    }
    home h = {0};
    SUCCEEDS(home_conf_parse(STR("server = tcp://h:1 \nmax_age_hours = 2\n"), &h, e));
    assert_string_equal(h.endpoint, "tcp://h:1");
    assert_int_equal(h.max_age_ms, 2 * 3600 * 1000);
}

static void enrolment_leaves_keys_nobody_else_reads(void **state) {
    (void)state;
    AUTO(folder) f = folder_make();
    uint8_t secret[KEY_SIZE];
    home h;
    FAILS(ERR_CONFIG, home_load(f.path, &h, e));
    enrol(f.path, secret);
    assert_int_equal(mode_of(&f, "agent.secret"), 0600);
    assert_int_equal(mode_of(&f, "server.pub"), 0600);
    assert_int_equal(mode_of(&f, "spool"), 0700);
    SUCCEEDS(home_load(f.path, &h, e));
    assert_memory_equal(h.secret, secret, KEY_SIZE);
    assert_memory_equal(h.server, server_key, KEY_SIZE);
    assert_string_equal(h.partner, "D1");
    assert_string_equal(h.endpoint, "tcp://127.0.0.1:7420");
    char path[PATH_SIZE];
    assert_int_equal(chmod(folder_in(&f, "agent.secret", path), 0644), 0);
    FAILS(ERR_CONFIG, home_load(f.path, &h, e));
}

static void an_interrupted_enrolment_asks_with_the_same_key(void **state) {
    (void)state;
    AUTO(folder) f = folder_make();
    uint8_t first[KEY_SIZE], second[KEY_SIZE], third[KEY_SIZE];
    char path[PATH_SIZE];
    SUCCEEDS(home_prepare(f.path, e));
    SUCCEEDS(home_pending_key(f.path, first, e));
    assert_true(file_exists(folder_in(&f, "agent.secret", path))); /* before the centre was asked */
    SUCCEEDS(home_pending_key(f.path, second, e));
    assert_memory_equal(first, second, KEY_SIZE);
    enrol(f.path, second);
    /* enrolled again: the key in use stays until the new one is accepted */
    SUCCEEDS(home_pending_key(f.path, third, e));
    assert_memory_not_equal(first, third, KEY_SIZE);
    home h;
    SUCCEEDS(home_load(f.path, &h, e));
    assert_memory_equal(h.secret, first, KEY_SIZE);
    SUCCEEDS(home_pending_key(f.path, second, e));
    assert_memory_equal(second, third, KEY_SIZE);
    enrol(f.path, second);
    SUCCEEDS(home_load(f.path, &h, e));
    assert_memory_equal(h.secret, third, KEY_SIZE);
    assert_false(file_exists(folder_in(&f, "agent.secret.new", path)));
}

static void settings_survive_a_new_enrolment(void **state) {
    (void)state;
    AUTO(folder) f = folder_make();
    uint8_t secret[KEY_SIZE];
    char path[PATH_SIZE];
    home h;
    enrol(f.path, secret);
    SUCCEEDS(file_write(folder_in(&f, "agent.conf", path), STR("server = tcp://old:1\n# mine\nmax_age_hours = 7\n"),
                        0600, e));
    enrol(f.path, secret);
    SUCCEEDS(home_load(f.path, &h, e));
    assert_string_equal(h.endpoint, "tcp://127.0.0.1:7420");
    assert_int_equal(h.max_age_ms, 7 * 3600 * 1000);
}

static void one_process_a_home(void **state) {
    (void)state;
    AUTO(folder) f = folder_make();
    uint8_t secret[KEY_SIZE];
    home a, b;
    enrol(f.path, secret);
    SUCCEEDS(home_load(f.path, &a, e));
    SUCCEEDS(home_load(f.path, &b, e));
    SUCCEEDS(home_lock(&a, e));
    FAILS(ERR_CONFLICT, home_lock(&b, e));
    home_close(&a);
    SUCCEEDS(home_lock(&b, e));
    home_close(&b);
}

static void many_homes_in_one_folder(void **state) {
    (void)state;
    AUTO(folder) f = folder_make();
    uint8_t secret[KEY_SIZE];
    char path[PATH_SIZE], **list;
    size_t n;
    FAILS(ERR_CONFIG, homes_list(f.path, &list, &n, e));
    enrol(folder_in(&f, "D2", path), secret);
    enrol(folder_in(&f, "D1", path), secret);
    SUCCEEDS(home_prepare(folder_in(&f, "not-enrolled", path), e));
    SUCCEEDS(homes_list(f.path, &list, &n, e));
    assert_int_equal(n, 2);
    assert_string_equal(list[0], folder_in(&f, "D1", path));
    assert_string_equal(list[1], folder_in(&f, "D2", path));
    homes_free(list, n);
    FAILS(ERR_NOT_FOUND, homes_list(folder_in(&f, "absent", path), &list, &n, e));
}

static void keys_are_z85(void **state) {
    (void)state;
    AUTO(folder) f = folder_make();
    char path[PATH_SIZE];
    uint8_t key[KEY_SIZE];
    static const struct {
        const char *text;
        bool good;
    } rows[] = {{"JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6\n", true},
                {"JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh\n", false},
                {"JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh67\n", false},
                {"", false}};
    folder_in(&f, "key", path);
    FAILS(ERR_NOT_FOUND, key_load(path, key, e));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        SUCCEEDS(file_write(path, str_of(rows[i].text), 0600, e));
        if (rows[i].good) SUCCEEDS(key_load(path, key, e));
        else
            FAILS(ERR_CONFIG, key_load(path, key, e));
    }
}

static void words_of_a_call(void **state) {
    (void)state;
    static const cli_option options[] = {
        {"mapping", "M.yaml", ""}, {"again", NULL, ""}, {"timeout", "S", ""}, {"output", "FORM", ""}};
    char *good[] = {"a.csv", "--mapping", "m.yaml", "b.csv", "--again", "--timeout=2.5",
                    "-o",    "json",      "--",     "--c",   NULL};
    cli c;
    int64_t ms;
    cli_form form;
    SUCCEEDS(cli_parse(&c, options, ARRAY_LEN(options), good, e));
    assert_int_equal(c.word_count, 3);
    assert_string_equal(c.words[1], "b.csv");
    assert_string_equal(c.words[2], "--c");
    assert_string_equal(cli_value(&c, "mapping"), "m.yaml");
    assert_non_null(cli_value(&c, "again"));
    SUCCEEDS(cli_seconds(&c, "timeout", 1, &ms, e));
    assert_int_equal(ms, 2500);
    SUCCEEDS(cli_output(&c, &form, e));
    assert_int_equal(form, FORM_JSON);
    static const char *const bad[][3] = {{"--nothing"},         {"--mapping"},       {"--again=1"}, {"-x"},
                                         {"--timeout", "soon"}, {"--timeout", "-1"}, {"-o", "xml"}};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        char *argv[3] = {(char *)(uintptr_t)bad[i][0], (char *)(uintptr_t)bad[i][1], NULL};
        err e = {0};
        bool ok = cli_parse(&c, options, ARRAY_LEN(options), argv, &e) && cli_seconds(&c, "timeout", 1, &ms, &e) &&
                  cli_output(&c, &form, &e);
        if (ok || e.code != ERR_USAGE) fail_msg("'%s' was taken", bad[i][0]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(configuration_line_by_line),
        cmocka_unit_test(enrolment_leaves_keys_nobody_else_reads),
        cmocka_unit_test(an_interrupted_enrolment_asks_with_the_same_key),
        cmocka_unit_test(settings_survive_a_new_enrolment),
        cmocka_unit_test(one_process_a_home),
        cmocka_unit_test(many_homes_in_one_folder),
        cmocka_unit_test(keys_are_z85),
        cmocka_unit_test(words_of_a_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
