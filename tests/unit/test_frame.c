/* links: proto */
#include "base/rng.h"
#include "proto/frame.h"
#include "proto/limits.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <proto/journal.pb-c.h>
#include <proto/wire.pb-c.h>
#include <stdlib.h>

static ProtobufCMessage *unpack(const ProtobufCMessageDescriptor *d, str bytes, size_t repeated_max, arena *a, err *e) {
    arena_init(a, LIMIT_DECODE_BYTES);
    ProtobufCMessage *m = message_unpack(d, bytes, repeated_max, a, e);
    assert_true(a->used <= LIMIT_DECODE_BYTES);
    if (m == NULL) assert_int_equal(e->code, ERR_DATA);
    return m;
}

static bool accepts(const ProtobufCMessageDescriptor *d, str bytes, size_t repeated_max) {
    AUTO(arena) a = {0};
    err e;
    return unpack(d, bytes, repeated_max, &a, &e) != NULL;
}

static void frames_open_as_they_were_put(void **state) {
    (void)state;
    Wire__Hello hello = WIRE__HELLO__INIT;
    AUTO(buf) out = {0};
    AUTO(arena) a = {0};
    frame_type type;
    str payload;
    err e;
    hello.proto_max = 1;
    hello.epoch = 0xfedcba9876543210u;
    hello.host = (char *)(uintptr_t) "北京-01";
    frame_put(&out, FRAME_HELLO, &hello.base);
    assert_true(frame_open(buf_str(&out), &type, &payload, &e));
    assert_int_equal(type, FRAME_HELLO);
    Wire__Hello *back = (Wire__Hello *)unpack(&wire__hello__descriptor, payload, LIMIT_REPEATED, &a, &e);
    assert_non_null(back);
    assert_true(back->epoch == hello.epoch && back->proto_max == 1);
    assert_string_equal(back->host, hello.host);
}

static void headers_good_and_bad(void **state) {
    (void)state;
    static const struct {
        str frame;
        bool good;
    } cases[] = {
        {{"C\1\5", 3}, true},  {{"C\1\5x", 4}, true},   {{"C\1", 2}, false},     {{"", 0}, false},
        {{"D\1\5", 3}, false}, {{"C\2\5", 3}, false},   {{"C\0\5", 3}, false},   {{"C\1\0", 3}, false},
        {{"C\1\7", 3}, false}, {{"C\1\100", 3}, false}, {{"C\1\377", 3}, false}, {{"C\1\101", 3}, true},
        {{NULL, 0}, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        frame_type type;
        str payload;
        err e;
        bool good = frame_open(cases[i].frame, &type, &payload, &e);
        if (good != cases[i].good) fail_msg("case %zu", i);
        if (good) assert_int_equal(payload.n, cases[i].frame.n - 3);
    }
    char *big = calloc(1, LIMIT_FRAME_BYTES + 1);
    frame_type type;
    str payload;
    err e;
    memcpy(big, "C\1\5", 3);
    assert_true(frame_open(str_from(big, LIMIT_FRAME_BYTES), &type, &payload, &e));
    assert_false(frame_open(str_from(big, LIMIT_FRAME_BYTES + 1), &type, &payload, &e));
    free(big);
}

/* An Ack with `receipts` receipts of `problems` problems each. */
static void put_ack(buf *out, size_t receipts, size_t problems) {
    Wire__Ack ack = WIRE__ACK__INIT;
    Wire__Receipt receipt = WIRE__RECEIPT__INIT;
    Wire__Problem problem = WIRE__PROBLEM__INIT;
    problem.found = (char *)(uintptr_t) "2026/13/1";
    receipt.n_problem = problems;
    receipt.problem = calloc(problems + 1, sizeof *receipt.problem);
    for (size_t i = 0; i < problems; i++) receipt.problem[i] = &problem;
    ack.n_receipt = receipts;
    ack.receipt = calloc(receipts + 1, sizeof *ack.receipt);
    for (size_t i = 0; i < receipts; i++) ack.receipt[i] = &receipt;
    message_pack(out, &ack.base);
    free(receipt.problem);
    free(ack.receipt);
}

static void repeated_fields_at_their_bound(void **state) {
    (void)state;
    static const struct {
        size_t receipts, problems;
        bool good;
    } cases[] = {{0, 0, true}, {64, 0, true}, {65, 0, false}, {1, 64, true}, {1, 65, false}, {2, 64, true}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(buf) out = {0};
        put_ack(&out, cases[i].receipts, cases[i].problems);
        if (accepts(&wire__ack__descriptor, buf_str(&out), 64) != cases[i].good) fail_msg("case %zu", i);
    }
}

static void packed_elements_are_counted(void **state) {
    (void)state;
    static const struct {
        size_t n;
        bool good;
    } cases[] = {{255, true}, {256, true}, {257, false}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(buf) out = {0};
        uint64_t documents[300];
        Entry__Repost m = ENTRY__REPOST__INIT;
        for (size_t k = 0; k < cases[i].n; k++) documents[k] = 1000 + k;
        m.n_document = cases[i].n;
        m.document = documents;
        message_pack(&out, &m.base);
        assert_int_equal(accepts(&entry__repost__descriptor, buf_str(&out), LIMIT_REPEATED), cases[i].good);
        /* the same, one by one instead of packed */
        buf_clear(&out);
        for (size_t k = 0; k < cases[i].n; k++) {
            buf_byte(&out, 2 << 3);
            buf_varint(&out, documents[k]);
        }
        assert_int_equal(accepts(&entry__repost__descriptor, buf_str(&out), LIMIT_REPEATED), cases[i].good);
    }
}

static void unknown_fields_at_their_bound(void **state) {
    (void)state;
    for (size_t n = LIMIT_UNKNOWN_FIELDS - 1; n <= LIMIT_UNKNOWN_FIELDS + 1; n++) {
        AUTO(buf) out = {0};
        for (size_t i = 0; i < n; i++) buf_add(&out, STR("\xf8\x01\x05")); /* field 31 = 5 */
        assert_int_equal(accepts(&wire__grant__descriptor, buf_str(&out), LIMIT_REPEATED), n <= LIMIT_UNKNOWN_FIELDS);
    }
}

#define RAW(literal)                                                                                                   \
    { literal, sizeof(literal) - 1 }
static const struct raw_case {
    const char *why;
    const ProtobufCMessageDescriptor *type;
    str bytes;
    bool good;
} raw[] = {
    {"empty", &wire__grant__descriptor, RAW(""), true},
    {"a number", &wire__grant__descriptor, RAW("\x08\x96\x01"), true},
    {"a number that is cut", &wire__grant__descriptor, RAW("\x08\x96"), false},
    {"a number of 11 bytes", &wire__grant__descriptor, RAW("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), false},
    {"no value", &wire__grant__descriptor, RAW("\x08"), false},
    {"field 0", &wire__grant__descriptor, RAW("\x00\x01"), false},
    {"text where a number belongs", &wire__grant__descriptor, RAW("\x0a\x01x"), false},
    {"number twice", &wire__grant__descriptor, RAW("\x08\x01\x08\x02"), false},
    {"group", &wire__grant__descriptor, RAW("\x0b\x0c"), false},
    {"unknown group", &wire__grant__descriptor, RAW("\xfb\x01\xfc\x01"), false},
    {"fixed64 that is cut", &wire__need__descriptor, RAW("\x09\x01\x02\x03"), false},
    {"text", &wire__refused__descriptor, RAW("\x12\x02hi"), true},
    {"text longer than the message", &wire__refused__descriptor, RAW("\x12\x03hi"), false},
    {"text of 2^63 bytes", &wire__refused__descriptor, RAW("\x12\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), false},
    {"text with NUL", &wire__refused__descriptor, RAW("\x12\x02h\0"), false},
    {"text with ESC", &wire__refused__descriptor, RAW("\x12\x02h\x1b"), false},
    {"text with a new line", &wire__refused__descriptor, RAW("\x12\x02h\n"), true},
    {"text not UTF-8", &wire__refused__descriptor, RAW("\x12\x02h\xc3"), false},
    {"text that is overlong", &wire__refused__descriptor, RAW("\x12\x02\xc0\xaf"), false},
    {"a message within", &wire__ack__descriptor, RAW("\x2a\x02\x08\x01"), true},
    {"a message within, malformed", &wire__ack__descriptor, RAW("\x2a\x02\x08\x81"), false},
};

static void raw_bytes_good_and_bad(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(raw); i++)
        if (accepts(raw[i].type, raw[i].bytes, LIMIT_REPEATED) != raw[i].good) fail_msg("%s", raw[i].why);
}

/* Frames of full size made to cost memory: each is refused before or by the cap. */
static void put_repeatedly(buf *out, str piece) {
    buf_clear(out);
    while (out->n + piece.n <= LIMIT_BATCH_BYTES) buf_add(out, piece);
}

static void bombs_cost_no_more_than_the_cap(void **state) {
    (void)state;
    AUTO(buf) out = {0};
    static const struct {
        const char *why;
        const ProtobufCMessageDescriptor *type;
        str piece;
    } bombs[] = {
        {"empty messages within", &wire__ack__descriptor, RAW("\x2a\x00")},
        {"empty messages two deep", &wire__ack__descriptor, RAW("\x2a\x02\x62\x00")},
        {"unknown numbers", &wire__grant__descriptor, RAW("\xf8\x01\x05")},
        {"unknown texts", &wire__grant__descriptor, RAW("\xfa\x01\x00")},
        {"one field again and again", &wire__refused__descriptor, RAW("\x12\x00")},
        {"empty rows", &entry__catalog__descriptor, RAW("\x12\x00")},
        {"unpacked elements", &entry__repost__descriptor, RAW("\x10\x01")},
        {"columns", &wire__batch__descriptor, RAW("\x32\x00")},
    };
    for (size_t i = 0; i < ARRAY_LEN(bombs); i++) {
        put_repeatedly(&out, bombs[i].piece);
        if (accepts(bombs[i].type, buf_str(&out), LIMIT_REPEATED)) fail_msg("%s", bombs[i].why);
    }
    AUTO(buf) packed = {0};
    buf_byte(&packed, 0x12);
    buf_varint(&packed, LIMIT_BATCH_BYTES);
    for (size_t i = 0; i < LIMIT_BATCH_BYTES; i++) buf_byte(&packed, 1);
    assert_false(accepts(&entry__repost__descriptor, buf_str(&packed), LIMIT_REPEATED));
}

/* With the counts allowed, the cap alone must hold: every smaller one refuses cleanly. */
static void any_cap_refuses_cleanly(void **state) {
    (void)state;
    AUTO(buf) out = {0};
    err e;
    put_ack(&out, 3, 3);
    bool good = false;
    size_t cap = 0;
    for (; !good; cap += 16) {
        AUTO(arena) a = {0};
        arena_init(&a, cap);
        good = message_unpack(&wire__ack__descriptor, buf_str(&out), LIMIT_REPEATED, &a, &e) != NULL;
        assert_true(a.used <= cap);
        assert_true(cap < 100000);
    }
    assert_true(cap > 500);
}

static void damaged_messages_never_crash(void **state) {
    (void)state;
    AUTO(buf) out = {0};
    rng r = {9};
    size_t refused = 0;
    put_ack(&out, 3, 3);
    for (size_t turn = 0; turn < 20000; turn++) {
        size_t n = rng_below(&r, 3) ? out.n : (size_t)rng_below(&r, out.n);
        char *bytes = malloc(n + 1);
        memcpy(bytes, out.p, n);
        for (uint64_t k = rng_below(&r, 4); k > 0 && n; k--) bytes[rng_below(&r, n)] = (char)rng_next(&r);
        refused += !accepts(&wire__ack__descriptor, str_from(bytes, n), LIMIT_REPEATED);
        free(bytes);
    }
    assert_true(refused > 1000 && refused < 20000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_open_as_they_were_put),    cmocka_unit_test(headers_good_and_bad),
        cmocka_unit_test(repeated_fields_at_their_bound),  cmocka_unit_test(packed_elements_are_counted),
        cmocka_unit_test(unknown_fields_at_their_bound),   cmocka_unit_test(raw_bytes_good_and_bad),
        cmocka_unit_test(bombs_cost_no_more_than_the_cap), cmocka_unit_test(any_cap_refuses_cleanly),
        cmocka_unit_test(damaged_messages_never_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
