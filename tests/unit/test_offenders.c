/* links: service */
#include "daemon/service/offenders.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void a_key_rests_for_its_time(void **state) {
    (void)state;
    offenders o = {.n = 0};
    assert_false(offenders_hold(&o, STR("D1-1"), 1000));
    offenders_add(&o, STR("D1-1"), 1000);
    assert_true(offenders_hold(&o, STR("D1-1"), 1000 + LIMIT_OFFENCE_MS - 1));
    assert_false(offenders_hold(&o, STR("D1-1"), 1000 + LIMIT_OFFENCE_MS));
    assert_false(offenders_hold(&o, STR("D1-2"), 1000));
    offenders_add(&o, STR("D1-1"), 5000); /* again: from then on, in the same place */
    assert_int_equal(o.n, 1);
    assert_true(offenders_hold(&o, STR("D1-1"), 5000 + LIMIT_OFFENCE_MS - 1));
    offenders_add(&o, STR(""), 5000); /* one that never said anything has no name */
    assert_false(offenders_hold(&o, STR(""), 5000));
}

static void the_list_is_bounded(void **state) {
    (void)state;
    static offenders o;
    char user[32];
    for (int i = 0; i <= LIMIT_OFFENDERS; i++) {
        (void)snprintf(user, sizeof user, "D%d-1", i);
        offenders_add(&o, str_of(user), i);
    }
    assert_int_equal(o.n, LIMIT_OFFENDERS);
    assert_false(offenders_hold(&o, STR("D0-1"), 100)); /* the oldest made room */
    assert_true(offenders_hold(&o, STR("D1-1"), 100));
    assert_true(offenders_hold(&o, str_of(user), 100));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_rests_for_its_time),
        cmocka_unit_test(the_list_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
