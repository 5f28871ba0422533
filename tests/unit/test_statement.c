/* links: rebate */
#include "daemon/catalog/users.h"
#include "daemon/rebate/closing.h"
#include "daemon/rebate/statement.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* The life of a line, cell by cell: state × act. ' ' nothing; else the state it comes to, and who may do it. */
static const struct cell {
    line_state to; /* 0: it cannot be done */
    const char *roles;
} cells[LINE_STATE_END][STATEMENT_ACT_END] = {
    [LINE_DRAFT] = {[ACT_REVIEW] = {LINE_SENT, "admin channel_manager account_manager"},
                    [ACT_WITHDRAW] = {LINE_WITHDRAWN, "admin channel_manager finance"}},
    [LINE_SENT] = {[ACT_CONFIRM] = {LINE_CONFIRMED, "admin partner_owner"},
                   [ACT_LAPSE] = {LINE_CONFIRMED, ""},
                   [ACT_DISPUTE] = {LINE_DISPUTED, "admin partner_owner"},
                   [ACT_WITHDRAW] = {LINE_WITHDRAWN, "admin channel_manager finance"}},
    [LINE_CONFIRMED] =
        {[ACT_WITHDRAW] = {LINE_WITHDRAWN, "admin finance"}, [ACT_APPROVE] = {LINE_APPROVED, "admin finance"}},
    [LINE_APPROVED] = {[ACT_WITHDRAW] = {LINE_WITHDRAWN, "admin finance"}, [ACT_PAY] = {LINE_PAID, "admin finance"}},
    [LINE_DISPUTED] = {[ACT_CONFIRM] = {LINE_CONFIRMED, "admin partner_owner"},
                       [ACT_REJECT] = {LINE_SENT, "admin channel_manager account_manager"},
                       [ACT_ACCEPT] = {LINE_WITHDRAWN, "admin channel_manager finance"}},
};

static bool is_listed(const char *list, const char *role) {
    str rest = str_of(list), word;
    while (str_split(&rest, ' ', &word))
        if (str_is(word, role)) return true;
    return false;
}

static void every_cell(void **state) {
    (void)state;
    for (line_state from = LINE_DRAFT; from < LINE_STATE_END; from++)
        for (statement_act act = ACT_REVIEW; act < STATEMENT_ACT_END; act++) {
            const struct cell *c = &cells[from][act];
            line_state to = 0;
            if (statement_step(from, act, &to) != (c->to != 0) || to != c->to)
                fail_msg("%s by %s: comes to %d", line_state_name(from), statement_act_name(act), to);
            for (size_t i = 0; i < user_role_count; i++) {
                bool may = c->to && is_listed(c->roles, user_roles[i]);
                if (statement_may(from, act, 1U << i) != may)
                    fail_msg("%s by %s: %s %s", line_state_name(from), statement_act_name(act), user_roles[i],
                             may ? "may not" : "may");
            }
        }
}

/* Nothing leaves what is paid or withdrawn, and every other state is left by somebody. */
static void ends(void **state) {
    (void)state;
    for (line_state from = LINE_DRAFT; from < LINE_STATE_END; from++) {
        bool left = false;
        line_state to;
        for (statement_act act = ACT_REVIEW; act < STATEMENT_ACT_END; act++) left |= statement_step(from, act, &to);
        assert_int_equal(left, from != LINE_PAID && from != LINE_WITHDRAWN);
    }
}

static void names_of_states(void **unused) {
    (void)unused;
    line_state s;
    for (line_state k = LINE_DRAFT; k < LINE_STATE_END; k++) {
        assert_true(line_state_parse(str_of(line_state_name(k)), &s));
        assert_int_equal(s, k);
    }
    assert_false(line_state_parse(STR("done"), &s));
}

static void labels(void **state) {
    (void)state;
    static const struct {
        const char *label;
        bool ok;
        period_kind kind;
        const char *policy;
    } cases[] = {
        {"2026-01", true, PERIOD_MONTH, ""},
        {"2026-Q4", true, PERIOD_QUARTER, ""},
        {"2026-H2", true, PERIOD_HALF_YEAR, ""},
        {"2026", true, PERIOD_YEAR, ""},
        {"once/spring", true, PERIOD_ONCE, "spring"},
        {"once", false, 0, ""},
        {"once/", false, 0, ""},
        {"2026-13", false, 0, ""},
        {"2026-Q5", false, 0, ""},
        {"", false, 0, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        period_kind kind;
        str name;
        bool ok = closing_parse(str_of(cases[i].label), &kind, NULL, &name);
        if (ok != cases[i].ok || (ok && (kind != cases[i].kind || !str_is(name, cases[i].policy))))
            fail_msg("'%s'", cases[i].label);
    }
    AUTO(buf) b = {0};
    closing_label(&b, STR("spring"), STR("once"));
    assert_true(str_is(buf_str(&b), "once/spring"));
    buf_clear(&b);
    closing_label(&b, STR("core"), STR("2026-Q1"));
    assert_true(str_is(buf_str(&b), "2026-Q1"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell),
        cmocka_unit_test(ends),
        cmocka_unit_test(names_of_states),
        cmocka_unit_test(labels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
