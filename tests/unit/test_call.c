/* links: command */
#include "daemon/command/call.h"

#include "daemon/catalog/settings.h"
#include "tests/unit/temp_dir.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static char dir[TEMP_DIR];
static kv *db;

static int open_folder(void **state) {
    (void)state;
    err e;
    AUTO(txn) *t = NULL;
    bool ok = temp_dir_make(dir) && store_open(dir, 16 << 20, false, &db, &e) && txn_begin(db, TXN_WRITE, &t, &e) &&
              journal_genesis(t, 1000, &e) && txn_commit(&t, &e);
    return ok ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    kv_close(db);
    return temp_dir_remove(dir);
}

static uint64_t entries(void) {
    AUTO(txn) *t = NULL;
    err e;
    uint64_t seq;
    int64_t time_ms;
    uint8_t head[DIGEST_SIZE];
    assert_true(txn_begin(db, TXN_READ, &t, &e));
    journal_head(t, &seq, &time_ms, head);
    return seq;
}

/* Runs a line of words; the answer's rows and message in `said`. */
static bool ask(const char *line, const char *token, const char *id, buf *said, err *e) {
    daemon_facts facts = {.simulated = true};
    call_world w = {.db = db, .data_dir = dir, .now_ms = 2000, .facts = &facts};
    str words[16], rest = str_of(line), word;
    size_t n = 0;
    while (str_split(&rest, ' ', &word)) words[n++] = word;
    call_request r = {.who = {.token = str_of(token), .local_user = *token == '\0', .local_name = STR("root")},
                      .words = words,
                      .word_count = n,
                      .request_id = str_of(id)};
    call_out out;
    bool unknown = true;
    call_out_init(&out);
    bool ok = call_run(&w, &r, &out, &unknown, e);
    assert_false(unknown);
    buf_clear(said);
    buf_add(said, buf_str(&out.message));
    buf_add(said, buf_str(&out.rows));
    call_out_free(&out);
    return ok;
}

static void a_retry_gets_the_first_answer(void **state) {
    (void)state;
    AUTO(buf) first = {0};
    AUTO(buf) second = {0};
    err e;
    uint64_t before = entries();
    assert_true(ask("setting set accept.oldest 2020-01-01", "", "id-1", &first, &e));
    assert_int_equal(entries(), before + 1);
    assert_true(ask("setting set accept.oldest 2020-01-01", "", "id-1", &second, &e));
    assert_int_equal(entries(), before + 1);
    assert_true(str_eq(buf_str(&first), buf_str(&second)));
    assert_false(ask("setting set accept.oldest 2021-01-01", "", "id-1", &second, &e));
    assert_int_equal(e.code, ERR_CONFLICT);
    assert_int_equal(entries(), before + 1);
}

static void a_refusal_leaves_no_trace(void **state) {
    (void)state;
    AUTO(buf) said = {0};
    err e;
    uint64_t before = entries();
    assert_false(ask("setting set accept.oldest someday", "", "id-2", &said, &e));
    assert_int_equal(err_exit_status(e.code), 65);
    assert_int_equal(entries(), before);
    /* and its id is free */
    assert_true(ask("setting set accept.oldest 2019-01-01", "", "id-2", &said, &e));
}

static void token_of(const buf *said, char *out, size_t size) {
    str s = buf_str(said);
    size_t at = str_find(s, STR("\"token\":\""));
    assert_true(at != SIZE_MAX);
    str rest = str_skip(s, at + 9);
    (void)str_copy_z(str_take(rest, str_find(rest, STR("\""))), out, size);
}

static void a_token_is_its_user_with_the_rights_of_the_role(void **state) {
    (void)state;
    AUTO(buf) said = {0};
    err e;
    char token[128];
    assert_true(ask("user add anna --role analyst", "", "id-3", &said, &e));
    token_of(&said, token, sizeof token);
    assert_true(ask("setting get accept.oldest", token, "", &said, &e));
    assert_false(ask("setting set accept.oldest 2018-01-01", token, "", &said, &e));
    assert_int_equal(e.code, ERR_DENIED);
    assert_false(ask("ping", "no-such-token", "", &said, &e));
    assert_int_equal(e.code, ERR_DENIED);
    /* shown once: a retry of the request does not show it again */
    assert_true(ask("user add anna --role analyst", "", "id-3", &said, &e));
    assert_true(str_find(buf_str(&said), str_of(token)) == SIZE_MAX);
    assert_true(ask("user disable anna", "", "", &said, &e));
    assert_false(ask("ping", token, "", &said, &e));
    assert_int_equal(e.code, ERR_DENIED);
}

static bool ask_as(str agent, const char *line, buf *said, err *e) {
    call_world w = {.db = db, .data_dir = dir, .now_ms = 2000};
    str words[16], rest = str_of(line), word;
    size_t n = 0;
    while (str_split(&rest, ' ', &word)) words[n++] = word;
    /* whatever else the request may say: the key's owner is who asks */
    call_request r = {
        .who = {.agent = agent, .local_user = true, .local_name = STR("root")}, .words = words, .word_count = n};
    call_out out;
    bool unknown;
    call_out_init(&out);
    bool ok = call_run(&w, &r, &out, &unknown, e);
    buf_clear(said);
    buf_add(said, buf_str(&out.rows));
    call_out_free(&out);
    return ok;
}

static void an_agent_that_is_not_active_is_nobody(void **state) {
    (void)state;
    AUTO(buf) said = {0};
    err e;
    assert_false(ask_as(STR("D1-1"), "stock list", &said, &e));
    assert_int_equal(e.code, ERR_DENIED);
    assert_non_null(strstr(e.text, "may not ask"));
}

/* Which commands a partner may call at all; a new one of these has to limit itself to the partner's own. */
static void what_partners_may_call_is_known(void **state) {
    (void)state;
    for (size_t i = 0; i < command_count; i++) {
        const command *c = &commands[i];
        if (!(c->roles & ROLES_PARTNER)) continue;
        assert_true(c->mode != COMMAND_LOOP && c->mode != COMMAND_CLIENT);
        if (c->mode != COMMAND_WRITE && !(c->roles & ROLE_PARTNER_OWNER)) fail_msg("%s: not for the owner", c->name);
        if (strstr(c->name, " history")) fail_msg("%s: says who of the staff did what", c->name);
    }
}

static void wrong_calls_are_usage(void **state) {
    (void)state;
    static const char *const bad[] = {"weather", "setting set accept.oldest", "ping now", "setting get a --b",
                                      "journal verify"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO(buf) said = {0};
        err e;
        assert_false(ask(bad[i], "", "", &said, &e));
        if (e.code != ERR_USAGE) fail_msg("%s: %s", bad[i], e.text);
    }
}

static void kept_results_are_forgotten_in_time(void **state) {
    (void)state;
    AUTO(buf) said = {0};
    AUTO(txn) *t = NULL;
    err e;
    int64_t day_ms = 86400000;
    assert_true(ask("setting set accept.oldest 2017-01-01", "", "id-4", &said, &e));
    assert_true(txn_begin(db, TXN_WRITE, &t, &e));
    uint64_t kept = kv_count(t, TABLE_REQUEST);
    assert_true(kept > 0);
    assert_int_equal(call_forget_results(t, 2000 + LIMIT_REQUEST_DAYS * day_ms, 100), 0);
    assert_int_equal(call_forget_results(t, 2001 + LIMIT_REQUEST_DAYS * day_ms, 100), kept);
    assert_int_equal(kv_count(t, TABLE_REQUEST), 0);
}

static void every_command_has_what_help_needs(void **state) {
    (void)state;
    for (size_t i = 0; i < command_count; i++) {
        const command *c = &commands[i];
        str words[8], rest = str_of(c->name), word;
        size_t n = 0, used;
        while (str_split(&rest, ' ', &word)) words[n++] = word;
        assert_ptr_equal(command_find(words, n, &used), c);
        assert_int_equal(used, n);
        assert_true(c->help[0] && c->example[0]);
        if (strstr(c->example, c->name) == NULL) fail_msg("%s: its example does not call it", c->name);
        assert_true((c->run == NULL) == (c->mode == COMMAND_CLIENT));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_retry_gets_the_first_answer),
        cmocka_unit_test(a_refusal_leaves_no_trace),
        cmocka_unit_test(a_token_is_its_user_with_the_rights_of_the_role),
        cmocka_unit_test(an_agent_that_is_not_active_is_nobody),
        cmocka_unit_test(what_partners_may_call_is_known),
        cmocka_unit_test(wrong_calls_are_usage),
        cmocka_unit_test(kept_results_are_forgotten_in_time),
        cmocka_unit_test(every_command_has_what_help_needs),
    };
    return cmocka_run_group_tests(tests, open_folder, remove_folder);
}
