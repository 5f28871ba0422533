/* links: command */
#include "daemon/command/call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct taken {
    buf all;
    size_t pieces, greatest;
    size_t fail_at; /* piece that is refused; 0: none */
} taken;

static bool take(void *arg, str rows, err *e) {
    taken *t = arg;
    if (++t->pieces == t->fail_at) return err_set(e, ERR_FULL, "no room");
    if (rows.n > t->greatest) t->greatest = rows.n;
    assert_int_equal(rows.p[rows.n - 1], '\n');
    buf_add(&t->all, rows);
    return true;
}

static void put_rows(call *c, size_t n) {
    static const char *const columns[] = {"no", "text"};
    answer_list(c, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < n; i++) {
        json *j = answer_row(c);
        json_key(j, "no"), json_uint(j, i);
        json_key(j, "text"), json_z(j, "0123456789012345678901234567890123456789");
        answer_row_end(c);
    }
}

static size_t count_lines(str s) {
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) n += s.p[i] == '\n';
    return n;
}

static void long_lists_leave_in_pieces(void **state) {
    (void)state;
    enum { ROWS = 20000 };
    call_out out;
    taken t = {0};
    call c = {.out = &out};
    err e;
    call_out_init(&out);
    out.sink = take;
    out.arg = &t;
    put_rows(&c, ROWS);
    assert_true(out.rows.n < LIMIT_CHUNK_BYTES);
    assert_true(call_out_flush(&out, &e));
    assert_int_equal(out.row_count, ROWS);
    assert_int_equal(count_lines(buf_str(&t.all)), ROWS);
    assert_int_equal(out.bytes, t.all.n);
    assert_true(t.pieces > 2);
    assert_true(t.greatest < LIMIT_CHUNK_BYTES + 128);
    buf_free(&t.all);
    call_out_free(&out);
}

static void a_receiver_that_fails_is_told_about(void **state) {
    (void)state;
    call_out out;
    taken t = {.fail_at = 2};
    call c = {.out = &out};
    err e;
    call_out_init(&out);
    out.sink = take;
    out.arg = &t;
    put_rows(&c, 20000);
    assert_true(answer_failed(&c));
    assert_int_equal(t.pieces, 2);
    assert_false(call_out_flush(&out, &e));
    assert_int_equal(e.code, ERR_FULL);
    buf_free(&t.all);
    call_out_free(&out);
}

static void packed_and_unpacked_it_says_the_same(void **state) {
    (void)state;
    call_out out, back;
    call c = {.out = &out};
    call_world w = {.now_ms = 5};
    err e;
    bool more = false;
    AUTO(buf) packed = {0};
    call_out_init(&out);
    call_out_init(&back);
    put_rows(&c, 3);
    answer_message(&c, "%d rows", 3);
    answer_status(&c, 2);
    answer_pack(&out, NULL, &w, buf_str(&out.rows), true, &packed);
    assert_true(answer_unpack(buf_str(&packed), &back, &more, &e));
    assert_true(more);
    assert_int_equal(back.form, ANSWER_LIST);
    assert_int_equal(back.columns, 2);
    assert_true(str_is(back.column[1], "text"));
    assert_int_equal(back.status, 2);
    assert_int_equal(back.row_count, 3);
    assert_true(str_is(buf_str(&back.message), "3 rows"));
    assert_true(str_eq(buf_str(&back.rows), buf_str(&out.rows)));
    call_out_free(&back);
    call_out_free(&out);
}

static void a_failure_travels_with_its_code(void **state) {
    (void)state;
    call_out out, back;
    call_world w = {.now_ms = 5};
    err why, e;
    bool more = false;
    AUTO(buf) packed = {0};
    call_out_init(&out);
    call_out_init(&back);
    err_set(&why, ERR_CONFLICT, "it exists");
    answer_pack(&out, &why, &w, STR(""), false, &packed);
    assert_false(answer_unpack(buf_str(&packed), &back, &more, &e));
    assert_int_equal(e.code, ERR_CONFLICT);
    assert_string_equal(e.text, "it exists");
    assert_false(answer_unpack(STR("\xff\xff\xff"), &back, &more, &e));
    call_out_free(&back);
    call_out_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_lists_leave_in_pieces),
        cmocka_unit_test(a_receiver_that_fails_is_told_about),
        cmocka_unit_test(packed_and_unpacked_it_says_the_same),
        cmocka_unit_test(a_failure_travels_with_its_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
