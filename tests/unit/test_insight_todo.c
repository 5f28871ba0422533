/* links: insight */
#include "daemon/insight/todo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void what_is_due_first_stands_first(void **state) {
    todo t;
    const todo_row *row[TODO_KIND_COUNT];
    (void)state;
    todo_init(&t);
    assert_int_equal(todo_sorted(&t, row), 0);
    todo_add(&t, TODO_QUARANTINE, 3, DAY_MAX, DAY_MAX, NUM_NONE); /* nobody knows since when: last */
    todo_add(&t, TODO_ORDER_APPROVE, 1, 100, DAY_MAX, 5000);      /* may wait a day: 101 */
    todo_add(&t, TODO_ORDER_APPROVE, 1, 98, DAY_MAX, 700);        /* 99 */
    todo_add(&t, TODO_CASE_ANSWER, 1, 20, 100, NUM_NONE);         /* a deadline says more than its age */
    size_t n = todo_sorted(&t, row);
    assert_int_equal(n, 3);
    assert_int_equal(row[0]->kind, TODO_ORDER_APPROVE);
    assert_int_equal(row[0]->count, 2);
    assert_int_equal(row[0]->oldest, 98);
    assert_int_equal(row[0]->due, DAY_MAX);
    assert_int_equal(row[0]->amount, 5700);
    assert_int_equal(row[1]->kind, TODO_CASE_ANSWER);
    assert_int_equal(row[1]->due, 100);
    assert_int_equal(row[2]->kind, TODO_QUARANTINE);
    assert_int_equal(row[2]->amount, NUM_NONE);
    static const struct {
        day_t today;
        const char *is;
    } of_order[] = {{97, "soon"}, {96, "open"}, {99, "today"}, {100, "overdue"}};
    for (size_t i = 0; i < ARRAY_LEN(of_order); i++)
        assert_string_equal(todo_urgency(row[0], of_order[i].today), of_order[i].is);
    assert_string_equal(todo_urgency(row[2], 100), "open");
}

static void amounts_stay_in_range(void **state) {
    todo t;
    (void)state;
    todo_init(&t);
    todo_add(&t, TODO_PAYOUT_EXPORT, 1, 1, DAY_MAX, INT64_MAX - 1);
    todo_add(&t, TODO_PAYOUT_EXPORT, 1, 1, DAY_MAX, INT64_MAX - 1);
    assert_true(t.row[TODO_PAYOUT_EXPORT].amount == INT64_MAX);
}

static void each_kind_is_somebodys(void **state) {
    static const struct {
        todo_kind kind;
        uint32_t role;
        bool is;
    } rows[] = {
        {TODO_ORDER_CONFIRM, TODO_CLERK, true},      {TODO_ORDER_CONFIRM, TODO_ADMIN, false},
        {TODO_STATEMENT_CONFIRM, TODO_CLERK, false}, {TODO_STATEMENT_CONFIRM, TODO_OWNER, true},
        {TODO_STATEMENT_PAY, TODO_CM, false},        {TODO_STATEMENT_PAY, TODO_ADMIN, true},
        {TODO_UPLOAD_HELD, TODO_ADMIN, true},        {TODO_UPLOAD_HELD, TODO_FIN, false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) assert_int_equal(todo_is_for(rows[i].kind, rows[i].role), rows[i].is);
    for (todo_kind k = 0; k < TODO_KIND_COUNT; k++) {
        assert_true(todo_facts[k].roles != 0 && todo_facts[k].days >= 0);
        assert_false(todo_is_for(k, 32) || todo_is_for(k, 64)); /* who only reads decides nothing */
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_due_first_stands_first),
        cmocka_unit_test(amounts_stay_in_range),
        cmocka_unit_test(each_kind_is_somebodys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
