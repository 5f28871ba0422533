/* links: proto */
#include "proto/batch.h"
#include "proto/batch_rules.h"
#include "tests/unit/docsets.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <proto/wire.pb-c.h>

static bool keep_first(void *arg, uint64_t seq, str frame, size_t docs, size_t lines, err *e) {
    buf *out = arg;
    (void)seq, (void)docs, (void)lines, (void)e;
    if (out->n == 0) buf_add(out, frame);
    return true;
}

/* The first batch of random documents. */
static void random_frame(uint64_t seed, uint32_t docs, uint32_t lines, buf *out) {
    AUTO(docset) s = {0};
    rng r = {seed};
    err e;
    docset_init(&s);
    random_docset(&s, &r, docs, lines);
    assert_true(batch_cut_docset(&s, &(batch_cut){.epoch = 1, .first_seq = 1}, keep_first, out, &e));
}

static void decode(str frame, arena *a, batch *b) {
    err e;
    if (!batch_decode(frame, a, b, &e)) fail_msg("%s", e.text);
}

/* --- frames made by protobuf-c, good and bad side by side --- */

static const Wire__Column no_column = WIRE__COLUMN__INIT;

typedef struct maker {
    Wire__Batch batch;
    Wire__File file;
    Wire__Column column[8], *docs[4], *lines[4];
    uint32_t len[8][4], index[8][4];
    uint64_t value[8][4];
} maker;

static uint8_t zero_sha[32];

static Wire__Column *texts(maker *m, size_t slot, uint32_t no, const char *data, size_t n, const uint32_t *len,
                           size_t indices, const uint32_t *index) {
    Wire__Column *c = &m->column[slot];
    *c = no_column;
    c->column = no;
    c->data.data = (uint8_t *)(uintptr_t)data;
    c->data.len = strlen(data);
    c->n_len = n;
    c->len = m->len[slot];
    memcpy(c->len, len, n * sizeof *len);
    c->n_index = indices;
    c->index = m->index[slot];
    if (indices) memcpy(c->index, index, indices * sizeof *index);
    return c;
}

static Wire__Column *numbers(maker *m, size_t slot, uint32_t no, size_t n, const uint64_t *value) {
    Wire__Column *c = &m->column[slot];
    *c = no_column;
    c->column = no;
    c->n_value = n;
    c->value = m->value[slot];
    memcpy(c->value, value, n * sizeof *value);
    return c;
}

/* A sale of three lines, dictionary for sku, rows 5, 6, 8, date 1970-01-02. */
static void make(maker *m) {
    *m = (maker){.batch = WIRE__BATCH__INIT, .file = WIRE__FILE__INIT};
    m->batch.seq = 1;
    m->batch.file = &m->file;
    m->file.name = (char *)(uintptr_t) "f";
    m->file.sha256 = (ProtobufCBinaryData){32, zero_sha};
    m->file.batch = m->file.batches = 1;
    m->batch.docs = 1;
    m->batch.lines = 3;
    m->docs[0] = texts(m, 0, 1, "sale", 1, (uint32_t[]){4}, 0, NULL);
    m->docs[1] = numbers(m, 1, 32, 1, (uint64_t[]){7});
    m->docs[2] = numbers(m, 2, 36, 1, (uint64_t[]){3});
    m->batch.n_doc = 3;
    m->lines[0] = texts(m, 3, 2, "abc", 2, (uint32_t[]){1, 2}, 3, (uint32_t[]){0, 1, 0});
    m->lines[1] = numbers(m, 4, 32, 3, (uint64_t[]){11, 3, 5});
    m->lines[2] = numbers(m, 5, 33, 1, (uint64_t[]){3});
    m->batch.n_line = 3;
    m->batch.doc = m->docs;
    m->batch.line = m->lines;
}

static bool try_made(const maker *m, err *e) {
    static uint8_t bytes[70000];
    AUTO(arena) a = {0};
    batch b;
    arena_init(&a, LIMIT_DECODE_BYTES);
    return batch_decode(str_from(bytes, wire__batch__pack(&m->batch, bytes)), &a, &b, e);
}

static void a_hand_made_batch_is_read(void **state) {
    (void)state;
    maker m;
    uint8_t bytes[1000];
    AUTO(arena) a = {0};
    batch b;
    make(&m);
    arena_init(&a, LIMIT_DECODE_BYTES);
    decode(str_from(bytes, wire__batch__pack(&m.batch, bytes)), &a, &b);
    assert_true(str_is(column_text(&b.line_text[T_SKU], 0), "a") && str_is(column_text(&b.line_text[T_SKU], 1), "bc"));
    assert_true(b.line_number[N_ROW][0] == 5 && b.line_number[N_ROW][1] == 6 && b.line_number[N_ROW][2] == 8);
    assert_true(b.line_number[N_DATE][0] == 1 && b.line_number[N_DATE][2] == 1);
    assert_null(b.line_number[N_QUANTITY]);
    assert_int_equal(column_word(&b.line_text[T_UNIT], 1), WORD_NONE);
    assert_true(b.doc_first[0] == 0 && b.doc_first[1] == 3);
}

#define BREAK(name, change)                                                                                            \
    static void name(maker *m) {                                                                                       \
        change;                                                                                                        \
    }
static char long_word[LIMIT_TEXT + 2], long_codes[LIMIT_CODES + 2];

BREAK(as_it_is, (void)m)
BREAK(no_file, m->batch.file = NULL)
BREAK(short_sha, m->file.sha256.len = 31)
BREAK(batch_beyond_batches, m->file.batch = 2)
BREAK(batch_zero, m->file.batch = 0)
static void replaces(maker *m, int64_t from, int64_t to) {
    m->file.replace_id = 9;
    m->file.replace_from = ((uint64_t)from << 1 ^ (uint64_t)(from >> 63)) + 1;
    m->file.replace_to = ((uint64_t)to << 1 ^ (uint64_t)(to >> 63)) + 1;
}
BREAK(replaces_the_longest_span, replaces(m, -5, -5 + LIMIT_REPLACE_DAYS - 1))
BREAK(replaces_a_day_more, replaces(m, -5, -5 + LIMIT_REPLACE_DAYS))
BREAK(replaces_backwards, replaces(m, 5, 4))
BREAK(replaces_beyond_the_calendar, replaces(m, DAY_MAX, (int64_t)DAY_MAX + 1))
BREAK(replaces_nothing_named, m->file.replace_id = 9)
BREAK(a_span_without_push, replaces(m, 5, 6); m->file.replace_id = 0)
BREAK(control_in_file_name, m->file.name = (char *)(uintptr_t) "a\x1b")
BREAK(too_many_lines, m->batch.lines = LIMIT_BATCH_LINES + 1)
BREAK(lines_do_not_add_up, m->batch.lines = 2)
BREAK(lines_left_over, m->docs[1]->value[0] = 5)
BREAK(longest_file_name, m->file.name = long_word + LIMIT_TEXT + 1 - LIMIT_FILE_NAME)
BREAK(file_name_too_long, m->file.name = long_word + LIMIT_TEXT - LIMIT_FILE_NAME)
BREAK(longest_dialect, m->file.dialect = long_word + 1)
BREAK(dialect_too_long, m->file.dialect = long_word)
BREAK(unknown_type, m->docs[0] = texts(m, 0, 1, "sell", 1, (uint32_t[]){4}, 0, NULL))
BREAK(no_type, m->docs[0] = m->docs[2]; m->batch.n_doc = 2)
BREAK(no_doc_date, m->batch.n_doc = 2)
BREAK(unknown_column, m->lines[0]->column = 30)
BREAK(doc_column_in_lines, m->lines[0]->column = 36)
BREAK(column_twice, m->lines[2] = m->lines[1])
BREAK(no_date, m->batch.n_line = 2)
BREAK(text_in_number_column, m->lines[0]->column = 34)
BREAK(number_in_text_column, m->lines[2]->column = 3)
BREAK(index_beyond_words, m->lines[0]->index[2] = 2)
BREAK(index_too_short, m->lines[0]->n_index = 2)
BREAK(two_words_for_three_rows, m->lines[0]->n_index = 0)
BREAK(lengths_beyond_data, m->lines[0]->len[1] = 3)
BREAK(data_beyond_lengths, m->lines[0]->len[1] = 1)
BREAK(no_words, m->lines[0]->n_len = 0)
BREAK(control_character, m->lines[0]->data.data = (uint8_t *)(uintptr_t) "a\x01"
                                                                         "c")
BREAK(not_utf8, m->lines[0]->data.data = (uint8_t *)(uintptr_t) "a\xff"
                                                                "c")
BREAK(whole_letters, m->lines[0]->data.data = (uint8_t *)(uintptr_t) "a\xc3\xa9")
BREAK(half_a_letter, m->lines[0]->data.data = (uint8_t *)(uintptr_t) "\xc3\xa9z")
BREAK(a_value_too_few, m->lines[1]->n_value = 2)
BREAK(row_zero, m->lines[1]->value[0] = 1)
BREAK(row_not_stated, m->lines[1]->value[1] = 0)
BREAK(difference_overflows, m->lines[1]->value[1] = UINT64_MAX)
BREAK(longest_sku, m->lines[0] = texts(m, 3, 2, long_word + 1, 1, (uint32_t[]){LIMIT_TEXT}, 0, NULL))
BREAK(sku_too_long, m->lines[0] = texts(m, 3, 2, long_word, 1, (uint32_t[]){LIMIT_TEXT + 1}, 0, NULL))
BREAK(longest_codes, m->lines[0] = texts(m, 3, 11, long_codes + 1, 1, (uint32_t[]){LIMIT_CODES}, 0, NULL))
BREAK(codes_too_long, m->lines[0] = texts(m, 3, 11, long_codes, 1, (uint32_t[]){LIMIT_CODES + 1}, 0, NULL))
BREAK(quantity_at_limit, *m->lines[2] = *m->lines[2];
      m->lines[3] = numbers(m, 6, 34, 1, (uint64_t[]){2 * LIMIT_QUANTITY + 1}); m->batch.n_line = 4)
BREAK(quantity_beyond, m->lines[3] = numbers(m, 6, 34, 1, (uint64_t[]){2 * LIMIT_QUANTITY + 3}); m->batch.n_line = 4)
BREAK(amount_at_limit, m->lines[3] = numbers(m, 6, 36, 1, (uint64_t[]){2 * LIMIT_AMOUNT}); m->batch.n_line = 4)
BREAK(amount_beyond, m->lines[3] = numbers(m, 6, 36, 1, (uint64_t[]){2 * LIMIT_AMOUNT + 2}); m->batch.n_line = 4)
BREAK(unknown_flag, m->docs[3] = numbers(m, 6, 35, 1, (uint64_t[]){129}); m->batch.n_doc = 4)
BREAK(cancel_with_lines, m->docs[3] = numbers(m, 6, 35, 1, (uint64_t[]){3}); m->batch.n_doc = 4)
BREAK(no_lines_and_no_cancel, m->batch.lines = 0; m->docs[1]->value[0] = 1; m->batch.n_line = 0)
BREAK(cancel_without_lines, m->docs[3] = numbers(m, 6, 35, 1, (uint64_t[]){3}); m->batch.n_doc = 4; m->batch.lines = 0;
      m->docs[1]->value[0] = 1; m->batch.n_line = 0)
BREAK(columns_without_rows, m->batch.docs = m->batch.lines = 0)
BREAK(part_without_parts, m->docs[3] = numbers(m, 6, 33, 1, (uint64_t[]){3}); m->batch.n_doc = 4)

static void part_of(maker *m, uint64_t part, uint64_t parts) {
    m->docs[2]->column = 36;
    m->docs[3] = numbers(m, 6, 33, 1, (uint64_t[]){2 * part + 1});
    Wire__Column **more = m->docs;
    static Wire__Column *five[5];
    memcpy(five, more, 4 * sizeof *five);
    five[4] = numbers(m, 7, 34, 1, (uint64_t[]){2 * parts + 1});
    m->batch.doc = five;
    m->batch.n_doc = 5;
}
BREAK(part_two_of_three, part_of(m, 2, 3))
BREAK(last_part_of_all, part_of(m, LIMIT_DOCUMENT_LINES, LIMIT_DOCUMENT_LINES))
BREAK(parts_beyond, part_of(m, 1, LIMIT_DOCUMENT_LINES + 1))
BREAK(part_beyond_parts, part_of(m, 4, 3))
BREAK(part_zero, part_of(m, 0, 3))

static const struct made_case {
    const char *name;
    void (*change)(maker *m);
    bool good;
} made[] = {
#define GOOD(f)                                                                                                        \
    { #f, f, true }
#define BAD(f)                                                                                                         \
    { #f, f, false }
    GOOD(as_it_is),
    BAD(no_file),
    BAD(short_sha),
    BAD(batch_beyond_batches),
    BAD(batch_zero),
    GOOD(replaces_the_longest_span),
    BAD(replaces_a_day_more),
    BAD(replaces_backwards),
    BAD(replaces_beyond_the_calendar),
    BAD(replaces_nothing_named),
    BAD(a_span_without_push),
    BAD(control_in_file_name),
    BAD(too_many_lines),
    BAD(lines_do_not_add_up),
    BAD(lines_left_over),
    GOOD(longest_file_name),
    BAD(file_name_too_long),
    GOOD(longest_dialect),
    BAD(dialect_too_long),
    BAD(unknown_type),
    BAD(no_type),
    BAD(no_doc_date),
    BAD(unknown_column),
    BAD(doc_column_in_lines),
    BAD(column_twice),
    BAD(no_date),
    BAD(text_in_number_column),
    BAD(number_in_text_column),
    BAD(index_beyond_words),
    BAD(index_too_short),
    BAD(two_words_for_three_rows),
    BAD(lengths_beyond_data),
    BAD(data_beyond_lengths),
    BAD(no_words),
    BAD(control_character),
    BAD(not_utf8),
    GOOD(whole_letters),
    BAD(half_a_letter),
    BAD(a_value_too_few),
    BAD(row_zero),
    BAD(row_not_stated),
    BAD(difference_overflows),
    GOOD(longest_sku),
    BAD(sku_too_long),
    GOOD(longest_codes),
    BAD(codes_too_long),
    GOOD(quantity_at_limit),
    BAD(quantity_beyond),
    GOOD(amount_at_limit),
    BAD(amount_beyond),
    BAD(unknown_flag),
    BAD(cancel_with_lines),
    BAD(no_lines_and_no_cancel),
    GOOD(cancel_without_lines),
    BAD(columns_without_rows),
    BAD(part_without_parts),
    GOOD(part_two_of_three),
    GOOD(last_part_of_all),
    BAD(parts_beyond),
    BAD(part_beyond_parts),
    BAD(part_zero),
};

static void good_and_bad_batches(void **state) {
    (void)state;
    memset(long_word, 'w', sizeof long_word - 1);
    memset(long_codes, 'c', sizeof long_codes - 1);
    for (size_t i = 0; i < ARRAY_LEN(made); i++) {
        maker m;
        err e;
        make(&m);
        made[i].change(&m);
        bool good = try_made(&m, &e);
        if (good != made[i].good) fail_msg("%s: %s", made[i].name, good ? "was accepted" : e.text);
        if (!good) assert_int_equal(e.code, ERR_DATA);
    }
}

/* A batch decoded from damaged bytes must still be safe to walk through. */
static size_t walk(const batch *b) {
    size_t n = 0;
    AUTO(arena) a = {0};
    arena_init(&a, SIZE_MAX);
    for (uint32_t row = 0; row < b->lines; row++)
        for (size_t c = 0; c < LINE_TEXT_COUNT; c++) n += str_hash(column_text(&b->line_text[c], row)) & 1;
    for (uint32_t d = 0; d < b->docs; d++) {
        uint8_t digest[32];
        arena_reset(&a);
        batch_document_digest(b, d, &a, digest);
        n += digest[0] + b->doc_first[d + 1];
    }
    return n;
}

static bool survive(const char *bytes, size_t n) {
    AUTO(arena) a = {0};
    batch b;
    err e;
    char *exact = malloc(n + 1); /* of its own, so that a read beyond it shows */
    memcpy(exact, bytes, n);
    exact = realloc(exact, n ? n : 1);
    arena_init(&a, LIMIT_DECODE_BYTES);
    bool good = batch_decode(str_from(exact, n), &a, &b, &e);
    if (good) (void)walk(&b);
    else
        assert_int_equal(e.code, ERR_DATA);
    free(exact);
    return good;
}

/* Cut between two columns the rest is a batch without the later ones; anywhere else it is refused. */
static void truncations_are_refused(void **state) {
    (void)state;
    AUTO(buf) frame = {0};
    random_frame(4, 8, 12, &frame);
    assert_true(survive(frame.p, frame.n));
    for (size_t n = 0; n < frame.n; n++) {
        if (!survive(frame.p, n)) continue;
        Wire__Batch *m = wire__batch__unpack(NULL, n, (const uint8_t *)frame.p);
        assert_non_null(m);
        assert_int_equal(wire__batch__get_packed_size(m), n);
        wire__batch__free_unpacked(m, NULL);
    }
}

static void random_corruption_never_crashes(void **state) {
    (void)state;
    AUTO(buf) frame = {0}, bytes = {0};
    rng r = {5};
    size_t refused = 0;
    random_frame(4, 8, 12, &frame);
    for (size_t turn = 0; turn < 20000; turn++) {
        buf_clear(&bytes);
        buf_add(&bytes, buf_str(&frame));
        for (uint64_t k = 1 + rng_below(&r, 4); k > 0; k--) bytes.p[rng_below(&r, bytes.n)] = (char)rng_next(&r);
        refused += !survive(bytes.p, bytes.n);
    }
    assert_true(refused > 5000 && refused < 20000);
}

/* The check of many words at once against the plain ones, at every place of a control character and a letter. */
static void clean_words_at_every_place(void **state) {
    (void)state;
    static const char *const pieces[] = {"\x01", "\x1f", "\x7f",     "\t",       "\n",  " ",
                                         "~",    "\x80", "\xc3\xa9", "\xe4\xb8", "\xff"};
    char text[40];
    for (size_t n = 1; n <= 24; n++)
        for (size_t at = 0; at < n; at++)
            for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
                memset(text, 'a', sizeof text);
                memcpy(text + at, pieces[i], strlen(pieces[i]));
                str s = str_from(text, n + strlen(pieces[i]));
                assert_int_equal(words_clean(s), utf8_valid(s) && text_clean(s));
            }
    assert_true(words_clean(STR("")));
}

static void the_arena_bounds_what_a_frame_costs(void **state) {
    (void)state;
    AUTO(buf) frame = {0};
    AUTO(arena) a = {0};
    batch b;
    err e;
    random_frame(6, 200, 40, &frame);
    arena_init(&a, 4096);
    assert_false(batch_decode(buf_str(&frame), &a, &b, &e));
    assert_int_equal(e.code, ERR_DATA);
    assert_true(a.used <= 4096);
}

static void a_frame_beyond_its_size_is_refused(void **state) {
    (void)state;
    AUTO(arena) a = {0};
    batch b;
    err e;
    char *bytes = calloc(1, LIMIT_BATCH_BYTES + 1);
    arena_init(&a, LIMIT_DECODE_BYTES);
    assert_false(batch_decode(str_from(bytes, LIMIT_BATCH_BYTES + 1), &a, &b, &e));
    assert_non_null(strstr(e.text, "too many bytes"));
    free(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hand_made_batch_is_read),
        cmocka_unit_test(good_and_bad_batches),
        cmocka_unit_test(truncations_are_refused),
        cmocka_unit_test(random_corruption_never_crashes),
        cmocka_unit_test(clean_words_at_every_place),
        cmocka_unit_test(the_arena_bounds_what_a_frame_costs),
        cmocka_unit_test(a_frame_beyond_its_size_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
