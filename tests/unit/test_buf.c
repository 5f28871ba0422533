/* links: base */
#include "base/arena.h"
#include "base/buf.h"
#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void it_grows(void **state) {
    (void)state;
    AUTO(buf) b = {0};
    assert_int_equal(buf_str(&b).n, 0);
    assert_string_equal(buf_z(&b), "");
    for (int i = 0; i < 5000; i++) buf_byte(&b, (char)('a' + i % 26));
    buf_add(&b, STR_NONE);
    buf_addz(&b, "tail");
    assert_int_equal(b.n, 5004);
    assert_true(b.cap >= b.n && str_ends(buf_str(&b), STR("tail")));
    for (size_t i = 0; i < 5000; i++) assert_int_equal(b.p[i], 'a' + (int)(i % 26));
    size_t n = b.n;
    assert_int_equal(buf_z(&b)[n], '\0');
    assert_int_equal(b.n, n); /* the NUL is not counted */
    buf_clear(&b);
    buf_printf(&b, "%s-%03d", "x", 7);
    buf_printf(&b, "%*s", 300, "y");
    assert_int_equal(b.n, 305);
    assert_true(str_starts(buf_str(&b), STR("x-007 ")));
}

static void numbers_in_byte_order_sort_right(void **state) {
    (void)state;
    uint64_t values[] = {0, 1, 0xff, 0x100, 0xffff, 0x10000, UINT32_MAX, 1ull << 32, UINT64_MAX};
    uint8_t last[8] = {0}, now[8];
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        put_be64(now, values[i]);
        assert_int_equal(get_be64(now), values[i]);
        assert_true(i == 0 || memcmp(last, now, 8) < 0);
        memcpy(last, now, 8);
        put_be32(now, (uint32_t)values[i]);
        assert_int_equal(get_be32(now), (uint32_t)values[i]);
        put_be16(now, (uint16_t)values[i]);
        assert_int_equal(get_be16(now), (uint16_t)values[i]);
    }
    AUTO(buf) b = {0};
    buf_be16(&b, 0x0102);
    buf_be32(&b, 0x03040506);
    buf_be64(&b, 0x0708090a0b0c0d0eull);
    assert_true(str_is(buf_str(&b), "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e"));
}

static void varints_are_protobufs(void **state) {
    (void)state;
    static const struct {
        uint64_t v;
        const char *bytes;
    } cases[] = {{1, "\x01"},
                 {127, "\x7f"},
                 {128, "\x80\x01"},
                 {300, "\xac\x02"},
                 {UINT64_MAX, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"}};
    static const int64_t signs[] = {0, -1, 1, -2, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(buf) b = {0};
        buf_varint(&b, cases[i].v);
        assert_true(str_is(buf_str(&b), cases[i].bytes));
        reader r = reader_of(buf_str(&b));
        assert_true(read_varint(&r) == cases[i].v && reader_done(&r) && !r.bad);
    }
    for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
        AUTO(buf) b = {0};
        buf_zigzag(&b, signs[i]);
        assert_int_equal(b.n, i < 4 ? 1 : 10);
        reader r = reader_of(buf_str(&b));
        assert_true(read_zigzag(&r) == signs[i] && !r.bad);
    }
}

static void a_reader_fails_once_and_stays_so(void **state) {
    (void)state;
    AUTO(buf) b = {0};
    buf_text(&b, STR("hello"));
    buf_text(&b, STR(""));
    buf_be32(&b, 7);
    buf_be64(&b, 9);
    buf_byte(&b, 'x');
    for (size_t n = 0; n <= b.n; n++) { /* cut at every place */
        reader r = reader_of(str_from(b.p, n));
        str hello = read_text(&r), empty = read_text(&r);
        uint32_t seven = read_be32(&r);
        uint64_t nine = read_be64(&r);
        uint8_t x = read_byte(&r);
        assert_int_equal(r.bad, n < b.n);
        assert_true(reader_done(&r));
        if (n == b.n) assert_true(str_is(hello, "hello") && empty.n == 0 && seven == 7 && nine == 9 && x == 'x');
    }
    reader r = reader_of(STR("ab"));
    assert_null(read_bytes(&r, 3).p);
    assert_true(r.bad && read_byte(&r) == 0);
    r = reader_of(STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"));
    (void)read_varint(&r);
    assert_true(r.bad);
    r = reader_of(STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01z")); /* a length near 2^64 */
    assert_true(read_text(&r).p == NULL && r.bad);
    r = reader_of(STR_NONE);
    assert_true(reader_done(&r) && !r.bad);
}

static void an_arena_keeps_its_cap(void **state) {
    (void)state;
    AUTO(arena) a = {0};
    arena_init(&a, 200000);
    rng r = {3};
    size_t pieces = 0;
    for (char *p; (p = arena_alloc(&a, 1 + rng_below(&r, 500))) != NULL; pieces++) {
        assert_int_equal((uintptr_t)p % 16, 0);
        memset(p, 0xee, 1);
    }
    assert_true(pieces > 500 && a.used <= 200000 && a.used > 199000);
    assert_null(arena_alloc(&a, SIZE_MAX));
    arena_reset(&a);
    assert_int_equal(a.used, 0);
    char *big = arena_zalloc(&a, 150000);
    assert_non_null(big);
    for (size_t i = 0; i < 150000; i++) assert_int_equal(big[i], 0);
    str copy = arena_str(&a, STR("copy"));
    assert_true(str_is(copy, "copy") && copy.p[4] == '\0');
    assert_true(arena_str(&a, STR_NONE).p != NULL);
    assert_null(arena_alloc(&a, 60000));
    arena_free(&a);
    assert_non_null(arena_alloc(&a, 200000)); /* usable again */
}

static void a_list_grows_in_its_arena(void **state) {
    (void)state;
    AUTO(arena) a = {0};
    arena_init(&a, SIZE_MAX);
    uint32_t *list = NULL;
    size_t cap = 0, moves = 0;
    for (uint32_t n = 0; n < 10000; n++) {
        uint32_t *now = arena_grown(&a, list, n, &cap, sizeof *list);
        moves += now != list;
        list = now;
        assert_true(cap > n);
        list[n] = n * 7;
    }
    for (uint32_t n = 0; n < 10000; n++) assert_int_equal(list[n], n * 7);
    assert_true(moves > 1 && moves < 15); /* doubled, not one by one */
    size_t kept = cap;
    assert_ptr_equal(arena_grown(&a, list, cap - 1, &cap, sizeof *list), list); /* room for one more: as it is */
    assert_int_equal(cap, kept);
}

static void texts_stand_close_and_blocks_stay_aligned(void **state) {
    (void)state;
    AUTO(arena) a = {0};
    arena_init(&a, 1000);
    str one = arena_str(&a, STR("one")), two = arena_str(&a, STR("two"));
    assert_true(two.p == one.p + 4 && str_is(one, "one") && str_is(two, "two"));
    assert_int_equal((uintptr_t)arena_alloc(&a, 1) % 16, 0);
    str three = arena_str(&a, STR("three"));
    assert_int_equal((uintptr_t)arena_zalloc(&a, 100) % 16, 0);
    assert_true(str_is(three, "three") && three.p[5] == '\0' && str_is(two, "two"));
    while (arena_str(&a, STR("more")).p) continue;
    assert_true(a.used <= 1000 && a.used > 995);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_grows),
        cmocka_unit_test(numbers_in_byte_order_sort_right),
        cmocka_unit_test(varints_are_protobufs),
        cmocka_unit_test(a_reader_fails_once_and_stays_so),
        cmocka_unit_test(an_arena_keeps_its_cap),
        cmocka_unit_test(a_list_grows_in_its_arena),
        cmocka_unit_test(texts_stand_close_and_blocks_stay_aligned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
