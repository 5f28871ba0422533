/* links: kv */
#include "base/rng.h"
#include "kv/kv.h"
#include "tests/unit/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

enum { T_ONE, T_TWO, TABLES };
static char home[TEMP_DIR];

static int setup(void **state) {
    (void)state;
    return temp_dir_make(home) ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    return temp_dir_remove(home);
}

static kv *open_small(void) {
    static const char *const tables[] = {"one", "two"};
    const kv_options o = {.tables = tables, .table_count = TABLES, .map_size = 4 << 20};
    err e;
    kv *db = NULL;
    if (!kv_open(home, &o, &db, &e)) fail_msg("%s", e.text);
    return db;
}

static txn *begin(kv *db, txn_mode mode) {
    err e;
    txn *t = NULL;
    if (!txn_begin(db, mode, &t, &e)) fail_msg("%s", e.text);
    return t;
}

static void commit(txn *t) {
    err e;
    if (!txn_commit(&t, &e)) fail_msg("%s", e.text);
}

/* In any order, over many pages, beside puts without a point: the same as a table of its own. */
static void a_point_finds_and_puts_anywhere(void **state) {
    (void)state;
    kv *db = open_small();
    txn *t = begin(db, TXN_WRITE);
    rng r = {7};
    str v;
    kv_point at = kv_point_at(t, T_ONE);
    for (unsigned i = 0; i < 3000; i++) {
        char k[16];
        (void)snprintf(k, sizeof k, "%06u", i < 1000 ? i : (unsigned)rng_below(&r, 4000));
        bool there = kv_get(t, T_TWO, str_of(k), &v);
        assert_int_equal(kv_point_get(&at, str_of(k), &v), there);
        if (there) assert_true(str_is(v, k));
        kv_put(t, T_TWO, str_of(k), str_of(k));
        if (i % 3) kv_point_put(&at, str_of(k), str_of(k));
        else
            kv_put(t, T_ONE, str_of(k), str_of(k));
    }
    kv_point_end(&at);
    assert_int_equal(kv_count(t, T_ONE), kv_count(t, T_TWO));
    AUTO(kv_cursor) a = kv_from(t, T_ONE, STR(""), STR_NONE);
    AUTO(kv_cursor) b = kv_from(t, T_TWO, STR(""), STR_NONE);
    while (kv_next(&b)) assert_true(kv_next(&a) && str_eq(a.key, b.key) && str_eq(a.val, b.val));
    assert_false(kv_next(&a));
    commit(t);
    kv_close(db);
}

static unsigned dropped;
static void drop(void *what) {
    (void)what;
    dropped++;
}

static void memory_lasts_until_its_tables_change(void **state) {
    (void)state;
    kv *db = open_small();
    txn *t = begin(db, TXN_WRITE);
    char a, b;
    dropped = 0;
    assert_null(kv_memory(t));
    kv_remember(t, &a, 1u << T_ONE, drop);
    kv_put(t, T_TWO, STR("k"), STR("v"));
    assert_ptr_equal(kv_memory(t), &a);
    commit(t);
    t = begin(db, TXN_WRITE);
    assert_ptr_equal(kv_memory(t), &a);
    kv_point at = kv_point_at(t, T_ONE);
    kv_point_put(&at, STR("k"), STR("v"));
    kv_point_end(&at);
    assert_null(kv_memory(t));
    assert_int_equal(dropped, 0); /* whoever reads it may go on */
    kv_remember(t, &b, 1u << T_ONE, drop);
    assert_int_equal(dropped, 1);
    (void)kv_del(t, T_ONE, STR("k"));
    assert_null(kv_memory(t));
    kv_remember(t, &a, 1u << T_TWO, drop);
    txn_abort(&t);
    t = begin(db, TXN_WRITE);
    assert_null(kv_memory(t));
    kv_remember(t, &b, 1u << T_TWO, drop);
    commit(t);
    txn *reading_only = begin(db, TXN_READ);
    txn_abort(&reading_only);
    t = begin(db, TXN_WRITE);
    assert_ptr_equal(kv_memory(t), &b); /* the end of a reader is nothing to it */
    commit(t);
    kv_close(db);
    assert_int_equal(dropped, 4);
}

#define IN_HOME(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
int main(void) {
    const struct CMUnitTest tests[] = {
        IN_HOME(a_point_finds_and_puts_anywhere),
        IN_HOME(memory_lasts_until_its_tables_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
