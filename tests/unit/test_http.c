/* links: service */
/* What HTTP keeps by itself: attempts to sign in, and the names of parameters. */
#include "daemon/service/http_sign_ins.h"
#include "daemon/service/http_view.h"

#include "daemon/command/args.h"
#include "proto/limits.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static bool attempt(sign_ins *s, const char *user, const char *address, int64_t now_ms) {
    int64_t wait_ms = 0;
    bool may = sign_ins_try(s, str_of(user), str_of(address), now_ms, &wait_ms);
    assert_true(may || (wait_ms > 0 && wait_ms <= LIMIT_SIGN_IN_MS));
    return may;
}

static void one_user_from_one_address(void **state) {
    (void)state;
    sign_ins *s = sign_ins_new();
    for (int i = 0; i < LIMIT_SIGN_INS; i++) assert_true(attempt(s, "anna", "1.1.1.1", 1000));
    assert_false(attempt(s, "anna", "1.1.1.1", 1000));
    assert_true(attempt(s, "anna", "2.2.2.2", 1000));
    assert_true(attempt(s, "bob", "1.1.1.1", 1000));
    assert_false(attempt(s, "anna", "1.1.1.1", 1000 + LIMIT_SIGN_IN_MS - 1));
    assert_true(attempt(s, "anna", "1.1.1.1", 1000 + LIMIT_SIGN_IN_MS));
    sign_ins_free(s);
}

static void a_right_one_begins_anew(void **state) {
    (void)state;
    sign_ins *s = sign_ins_new();
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < LIMIT_SIGN_INS; i++) assert_true(attempt(s, "anna", "1.1.1.1", 1000));
        sign_ins_right(s, STR("anna"), STR("1.1.1.1"));
    }
    sign_ins_free(s);
}

static void one_address_and_one_user(void **state) {
    (void)state;
    char name[32];
    sign_ins *s = sign_ins_new();
    for (int i = 0; i < LIMIT_SIGN_INS_ADDRESS; i++) {
        (void)snprintf(name, sizeof name, "u%d", i);
        assert_true(attempt(s, name, "1.1.1.1", 1000));
    }
    assert_false(attempt(s, "another", "1.1.1.1", 1000));
    for (int i = 0; i < LIMIT_SIGN_INS_USER; i++) {
        (void)snprintf(name, sizeof name, "3.3.3.%d", i);
        assert_true(attempt(s, "anna", name, 1000));
    }
    assert_false(attempt(s, "anna", "4.4.4.4", 1000));
    sign_ins_free(s);
}

/* More users and addresses than are kept: the oldest go, and nothing is written beyond. */
static void the_oldest_go(void **state) {
    (void)state;
    char name[32];
    sign_ins *s = sign_ins_new();
    for (int i = 0; i < LIMIT_SIGN_INS_KEPT + 10; i++) {
        (void)snprintf(name, sizeof name, "10.%d.%d.1", i / 256, i % 256);
        assert_true(attempt(s, "", name, 1000 + i));
    }
    sign_ins_free(s);
}

/* No two arguments of a command are one parameter, and none is a parameter of lists. */
static void names_are_their_own(void **state) {
    (void)state;
    for (size_t i = 0; i < command_count; i++) {
        char seen[32][64];
        size_t n = 0;
        str rest = str_of(commands[i].args);
        for (arg_spec spec; args_spec_next(&rest, &spec);) {
            char text[64];
            str name = http_param_name(&spec, text);
            if (view_takes(name)) fail_msg("%s: '%.*s' belongs to lists", commands[i].name, STR_ARG(name));
            for (size_t k = 0; k < n; k++)
                if (str_is(name, seen[k])) fail_msg("%s: two arguments are '%s'", commands[i].name, seen[k]);
            assert_true(n < 32);
            (void)str_copy_z(name, seen[n++], sizeof seen[0]);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_user_from_one_address), cmocka_unit_test(a_right_one_begins_anew),
        cmocka_unit_test(one_address_and_one_user),  cmocka_unit_test(the_oldest_go),
        cmocka_unit_test(names_are_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
