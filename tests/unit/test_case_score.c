/* links: trace */
#include "daemon/trace/cases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A search in vain takes −10·log10(1 − share found) decibans off: 3.0103 at one half, 0.4576 at a tenth, 10 at nine tenths. */
static void a_search_in_vain_speaks_for_the_accused(void **state) {
    (void)state;
    static const struct {
        int32_t score;
        uint32_t in_vain;
        const char *permille;
        int32_t wanted;
    } rows[] = {
        {30, 0, "500", 30},         {30, 1, "500", 27},  {30, 2, "500", 24},    {30, 3, "500", 21},
        {30, 9, "500", 3},          {30, 10, "500", 0},  {30, 1000, "500", 0},  {3, 1, "500", 0},
        {2, 1, "500", 0},           {0, 1, "500", 0},    {30, 5, "0", 30},      {100, 1, "100", 100},
        {100, 2, "100", 99},        {100, 3, "100", 99}, {100, 100, "100", 54}, {30, 1, "900", 20},
        {30, 2, "900", 10},         {30, 3, "900", 0},   {31, 1, "999", 1},     {29, 1, "999", 0},
        {30, UINT32_MAX, "999", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        trace_rules r;
        err e = {0};
        trace_rules_default(&r);
        assert_true(trace_rules_set(&r, STR("inspection_permille"), str_of(rows[i].permille), &e));
        int32_t found = case_score(rows[i].score, rows[i].in_vain, &r);
        if (found != rows[i].wanted) fail_msg("row %zu: %d, wanted %d", i, found, rows[i].wanted);
    }
}

static void the_share_has_bounds(void **state) {
    (void)state;
    trace_rules r;
    err e = {0};
    trace_rules_default(&r);
    assert_int_equal(case_score(30, 1, &r), 27);
    assert_false(trace_rules_set(&r, STR("inspection_permille"), STR("1000"), &e));
    assert_false(trace_rules_set(&r, STR("inspection_permille"), STR("-1"), &e));
    assert_false(trace_rules_set(&r, STR("inspection_permille"), STR("0.5"), &e));
    assert_int_equal(case_score(30, 1, &r), 27);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_search_in_vain_speaks_for_the_accused),
        cmocka_unit_test(the_share_has_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
