/* links: store */
#include "base/file.h"
#include "daemon/store/entry.h"
#include "daemon/store/keys.h"
#include "daemon/store/store.h"
#include "tests/unit/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MAP = 16 << 20 };

static char dir[TEMP_DIR];

static int fresh(void **state) {
    (void)state;
    return temp_dir_make(dir) ? 0 : -1;
}

static int gone(void **state) {
    (void)state;
    return temp_dir_remove(dir);
}

static kv *open_or_die(bool read_only) {
    kv *db = NULL;
    err e = {0};
    if (!store_open(dir, MAP, read_only, &db, &e)) fail_msg("%s", e.text);
    return db;
}

static txn *begin(kv *db, txn_mode mode) {
    txn *t = NULL;
    err e = {0};
    if (!txn_begin(db, mode, &t, &e)) fail_msg("%s", e.text);
    return t;
}

static void commit(txn **t) {
    err e = {0};
    if (!txn_commit(t, &e)) fail_msg("%s", e.text);
}

static void keeps_its_epoch_and_counters(void **state) {
    (void)state;
    kv *db = open_or_die(false);
    txn *t = begin(db, TXN_WRITE);
    uint64_t epoch = store_db_epoch(t);
    assert_int_not_equal(epoch, 0);
    assert_int_equal(store_next(t, "partner"), 1);
    assert_int_equal(store_next(t, "partner"), 2);
    assert_int_equal(store_next(t, "product"), 1);
    store_set_meta(t, "last_backup", STR("2026-01-31"));
    commit(&t);
    kv_close(db);

    db = open_or_die(false);
    t = begin(db, TXN_WRITE);
    str val;
    assert_true(store_db_epoch(t) == epoch);
    assert_int_equal(store_next(t, "partner"), 3);
    assert_true(store_meta(t, "last_backup", &val) && str_is(val, "2026-01-31"));
    assert_false(store_meta(t, "never", &val));
    store_set_db_epoch(t, 7);
    assert_true(store_db_epoch(t) == 7);
    txn_abort(&t);
    kv_close(db);
}

static void refuses_a_newer_folder_by_name(void **state) {
    (void)state;
    kv *db = open_or_die(false);
    txn *t = begin(db, TXN_WRITE);
    store_set_meta(t, "schema", STR("99"));
    store_set_meta(t, "made_by", STR("9.1.0"));
    commit(&t);
    kv_close(db);
    for (int read_only = 0; read_only < 2; read_only++) {
        err e = {0};
        db = NULL;
        assert_false(store_open(dir, MAP, read_only, &db, &e));
        assert_int_equal(e.code, ERR_CONFIG);
        assert_non_null(strstr(e.text, dir));
        assert_non_null(strstr(e.text, "9.1.0"));
        assert_non_null(strstr(e.text, "schema 99"));
    }
}

static void a_reader_makes_nothing(void **state) {
    (void)state;
    kv *db = NULL;
    err e = {0};
    assert_false(store_open(dir, MAP, true, &db, &e));
    assert_int_equal(e.code, ERR_NOT_FOUND);
    kv_close(open_or_die(false));
    db = open_or_die(true);
    txn *t = begin(db, TXN_READ);
    assert_int_not_equal(store_db_epoch(t), 0);
    txn_abort(&t);
    kv_close(db);
}

static void keys_sort_as_what_they_hold(void **state) {
    (void)state;
    static const day_t days[] = {DAY_MIN, -1, 0, 1, 20000, DAY_MAX};
    key before = {0};
    for (size_t i = 0; i < ARRAY_LEN(days); i++) {
        key k = {0};
        key_u8(&k, 3);
        key_u32(&k, 70000);
        key_day(&k, days[i]);
        key_u64(&k, UINT64_MAX - i);
        key_textz(&k, STR("D1"));
        key_text(&k, STR("tail"));
        if (i) assert_true(str_cmp(key_str(&before), key_str(&k)) < 0);
        before = k;
        reader r = reader_of(key_str(&k));
        assert_int_equal(read_byte(&r), 3);
        assert_int_equal(read_be32(&r), 70000);
        assert_int_equal(read_day(&r), days[i]);
        assert_true(read_be64(&r) == UINT64_MAX - i);
        assert_true(str_is(read_textz(&r), "D1"));
        assert_true(str_is(read_bytes(&r, 4), "tail"));
        assert_true(reader_done(&r) && !r.bad);
    }
    reader open_end = reader_of(STR("no zero"));
    (void)read_textz(&open_end);
    assert_true(open_end.bad);
}

static void an_entry_comes_back_as_it_went(void **state) {
    (void)state;
    uint8_t prev[32], hash[32];
    memset(prev, 1, sizeof prev);
    memset(hash, 2, sizeof hash);
    entry in = {.time_ms = -5,
                .kind = 0x0107,
                .actor = STR("user:anna"),
                .body = STR("body\0more"),
                .prev = prev,
                .hash = hash};
    AUTO(buf) b = {0};
    entry out;
    entry_encode(&b, &in);
    assert_int_equal(b.n, 64 + 8 + 2 + 1 + 9 + 9);
    assert_true(entry_decode(42, buf_str(&b), &out));
    assert_true(out.seq == 42 && out.time_ms == -5 && out.kind == 0x0107);
    assert_true(str_eq(out.actor, in.actor) && str_eq(out.body, in.body));
    assert_memory_equal(out.prev, prev, 32);
    assert_memory_equal(out.hash, hash, 32);
    for (size_t n = 0; n < 64 + 8 + 2 + 1 + 9; n++) assert_false(entry_decode(42, str_take(buf_str(&b), n), &out));
    assert_true(entry_decode(42, str_take(buf_str(&b), b.n - 9), &out) && out.body.n == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keeps_its_epoch_and_counters, fresh, gone),
        cmocka_unit_test_setup_teardown(refuses_a_newer_folder_by_name, fresh, gone),
        cmocka_unit_test_setup_teardown(a_reader_makes_nothing, fresh, gone),
        cmocka_unit_test(keys_sort_as_what_they_hold),
        cmocka_unit_test(an_entry_comes_back_as_it_went),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
