/* links: journal formats */
#include "daemon/rebate/policies.h"
#include "proto/limits.h"
#include "tests/unit/books.h"

typedef struct step {
    const char *name;
    uint32_t revision;
    policy_action action;
    const char *yaml;
    uint32_t restores;
    err_code wanted; /* ERR_OK: taken */
} step;

static err_code take(books *w, const step *s) {
    Entry__Policy m = ENTRY__POLICY__INIT;
    err e = {0};
    m.name = (char *)(uintptr_t)s->name;
    m.revision = s->revision;
    m.action = s->action;
    m.yaml = (char *)(uintptr_t)s->yaml;
    m.restores = s->restores;
    m.reason = (char *)(uintptr_t) "why";
    return books_entry(w, KIND_POLICY, "user:anna", &m.base, NULL, &e) ? ERR_OK : e.code;
}

static void a_revision_follows_the_last(void **state) {
    (void)state;
    static const step steps[] = {
        {"a", 2, POLICY_APPLIED, "x", 0, ERR_CONFLICT}, {"a", 1, POLICY_WITHDRAWN, "x", 0, ERR_NOT_FOUND},
        {"a", 1, POLICY_APPLIED, "x", 0, ERR_OK},       {"a", 1, POLICY_APPLIED, "y", 0, ERR_CONFLICT},
        {"a", 3, POLICY_APPLIED, "y", 0, ERR_CONFLICT}, {"a", 2, POLICY_APPLIED, "y", 0, ERR_OK},
        {"ab", 1, POLICY_APPLIED, "other", 0, ERR_OK},  {"a", 3, POLICY_ROLLED_BACK, "x", 1, ERR_OK},
        {"a", 4, POLICY_WITHDRAWN, "x", 0, ERR_OK},     {"", 1, POLICY_APPLIED, "x", 0, ERR_DATA},
        {"a", 5, (policy_action)4, "x", 0, ERR_DATA},
    };
    books w;
    books_open(&w);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) assert_int_equal(take(&w, &steps[i]), steps[i].wanted);

    policy_revision r;
    txn *t = books_read(&w);
    assert_true(policy_latest(t, STR("a"), &r));
    assert_int_equal(r.revision, 4);
    assert_int_equal(r.action, POLICY_WITHDRAWN);
    assert_true(policy_revision_get(t, STR("a"), 3, &r));
    assert_int_equal(r.restores, 1);
    assert_true(str_is(r.yaml, "x") && str_is(r.by, "user:anna") && str_is(r.reason, "why"));
    assert_false(policy_revision_get(t, STR("a"), 5, &r));
    assert_false(policy_revision_get(t, STR("a"), 0, &r));
    assert_false(policy_latest(t, STR("b"), &r));
    assert_true(policy_next(t, STR(""), &r) && str_is(r.name, "a") && r.revision == 4);
    assert_true(policy_next(t, STR("a"), &r) && str_is(r.name, "ab"));
    assert_false(policy_next(t, STR("ab"), &r));
    txn_abort(&t);
    books_close(&w);
}

static void a_name_has_its_bound(void **state) {
    (void)state;
    char name[LIMIT_ID + 2];
    books w;
    books_open(&w);
    memset(name, 'n', sizeof name);
    name[LIMIT_ID] = '\0';
    assert_int_equal(take(&w, &(step){name, 1, POLICY_APPLIED, "x", 0, ERR_OK}), ERR_OK);
    name[LIMIT_ID] = 'n';
    name[LIMIT_ID + 1] = '\0';
    assert_int_equal(take(&w, &(step){name, 1, POLICY_APPLIED, "x", 0, ERR_OK}), ERR_DATA);
    books_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_revision_follows_the_last),
        cmocka_unit_test(a_name_has_its_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
