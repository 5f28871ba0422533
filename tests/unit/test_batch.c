/* links: proto */
#include "proto/batch.h"
#include "tests/unit/docsets.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <proto/wire.pb-c.h>

enum { FRAMES_MAX = 40000 };

/* The batches of a docset, kept. */
typedef struct cut {
    buf bytes;
    struct {
        size_t at, n, docs, lines;
        uint64_t seq;
    } frame[FRAMES_MAX];
    size_t count;
} cut;

static cut the_cut;

static bool keep_frame(void *arg, uint64_t seq, str frame, size_t docs, size_t lines, err *e) {
    cut *c = arg;
    (void)e;
    assert_true(c->count < FRAMES_MAX);
    assert_true(frame.n <= LIMIT_BATCH_BYTES && lines <= LIMIT_BATCH_LINES && docs <= LIMIT_BATCH_LINES);
    c->frame[c->count].at = c->bytes.n;
    c->frame[c->count].n = frame.n;
    c->frame[c->count].docs = docs;
    c->frame[c->count].lines = lines;
    c->frame[c->count++].seq = seq;
    buf_add(&c->bytes, frame);
    return true;
}

static cut *cut_up(const docset *s) {
    err e;
    the_cut.count = 0;
    buf_clear(&the_cut.bytes);
    if (!batch_cut_docset(s, &(batch_cut){.epoch = 0x1122334455667788u, .first_seq = 7}, keep_frame, &the_cut, &e))
        fail_msg("%s", e.text);
    return &the_cut;
}

static str frame_of(const cut *c, size_t i) {
    return str_from(c->bytes.p + c->frame[i].at, c->frame[i].n);
}

static void decode(str frame, arena *a, batch *b) {
    err e;
    if (!batch_decode(frame, a, b, &e)) fail_msg("%s", e.text);
}

static void same_line(const docset *s, const doc_line *l, const batch *b, uint32_t row) {
    for (size_t c = 0; c < LINE_NUMBER_COUNT; c++)
        if (column_number(b->line_number[c], row) != l->number[c])
            fail_msg("%s of row %u", line_number_facts[c].name, row);
    for (size_t c = 0; c < LINE_TEXT_COUNT; c++)
        if (!str_eq(column_text(&b->line_text[c], row), words_get(&s->words, l->text[c])))
            fail_msg("%s of row %u", line_text_facts[c].name, row);
}

static void same_doc(const docset *s, const doc_head *h, const batch *b, uint32_t d) {
    int64_t flags = column_number(b->doc_number[D_FLAGS], d);
    for (size_t c = 0; c < DOC_TEXT_COUNT; c++)
        assert_true(str_eq(column_text(&b->doc_text[c], d), words_get(&s->words, h->text[c])));
    assert_int_equal(batch_doc_type(b, d), h->type);
    assert_int_equal(flags == NUM_NONE ? 0 : flags, h->flags);
    assert_int_equal(b->doc_number[D_DATE][d], h->date);
}

/* Every batch decoded again and laid beside the docset: all lines in order, parts numbered, digests equal. */
static void check_cut(const docset *s, const cut *c) {
    AUTO(arena) a, digests;
    uint32_t doc = 0, line = 0, part_line = 0;
    arena_init(&a, LIMIT_DECODE_BYTES);
    arena_init(&digests, SIZE_MAX);
    for (size_t i = 0; i < c->count; i++) {
        batch b;
        arena_reset(&a);
        decode(frame_of(c, i), &a, &b);
        assert_true(b.epoch == 0x1122334455667788u && b.seq == 7 + i && c->frame[i].seq == 7 + i);
        assert_true(b.file_batch == i + 1 && b.file_batches == c->count && b.file_lines == s->lines);
        assert_true(str_eq(b.file_name, s->file_name) && str_eq(b.dialect, s->dialect) && b.file_size == s->size);
        assert_memory_equal(b.sha256, s->sha256, 32);
        assert_true(b.docs == c->frame[i].docs && b.lines == c->frame[i].lines);
        for (uint32_t d = 0; d < b.docs; d++) {
            uint32_t lines = b.doc_first[d + 1] - b.doc_first[d];
            int64_t part = column_number(b.doc_number[D_PART], d), parts = column_number(b.doc_number[D_PARTS], d);
            same_doc(s, &s->doc[doc], &b, d);
            for (uint32_t k = 0; k < lines; k++) {
                doc_line l = docset_at(s, line++);
                same_line(s, &l, &b, b.doc_first[d] + k);
            }
            part_line += lines;
            if (part != NUM_NONE && part < parts) continue;
            assert_int_equal(part_line, s->doc[doc].lines);
            if (part == NUM_NONE) {
                uint8_t ours[32], theirs[32];
                arena_reset(&digests);
                batch_document_digest(&b, d, &digests, theirs);
                docset_digest(s, doc, ours);
                assert_memory_equal(ours, theirs, 32);
            }
            doc++;
            part_line = 0;
        }
    }
    assert_true(doc == s->docs && line == s->lines);
}

static void random_docsets_come_back(void **state) {
    (void)state;
    rng r = {1};
    for (size_t turn = 0; turn < 150; turn++) {
        AUTO(docset) s = {0};
        docset_init(&s);
        random_docset(&s, &r, 1 + (uint32_t)rng_below(&r, 60), 1 + (uint32_t)rng_below(&r, 80));
        check_cut(&s, cut_up(&s));
    }
}

static void large_docsets_are_cut_at_documents(void **state) {
    (void)state;
    rng r = {2};
    AUTO(docset) s = {0};
    docset_init(&s);
    random_docset(&s, &r, 500, 100);
    cut *c = cut_up(&s);
    assert_true(c->count > 1);
    check_cut(&s, c);
    AUTO(arena) a = {0};
    arena_init(&a, LIMIT_DECODE_BYTES);
    for (size_t i = 0; i < c->count; i++) {
        batch b;
        arena_reset(&a);
        decode(frame_of(c, i), &a, &b);
        assert_null(b.doc_number[D_PART]);
    }
}

/* One document of n lines with a word of its own in each. */
static void long_document(docset *s, uint32_t n, size_t code_bytes) {
    char code[LIMIT_CODES + 1];
    doc_head h = {.type = TYPE_SALE};
    for (size_t c = 0; c < DOC_TEXT_COUNT; c++) h.text[c] = WORD_NONE;
    h.text[D_NUMBER] = words_add(&s->words, STR("SO-1"));
    s->file_name = STR("long.csv");
    for (uint32_t i = 0; i < n; i++) {
        doc_line *l = docset_line(s);
        l->number[N_ROW] = i + 2;
        l->number[N_DATE] = 20000 + i % 3;
        l->number[N_QUANTITY] = i % 100 * 1000;
        l->text[T_SKU] = words_add(&s->words, STR("6901234567892"));
        memset(code, 'c', code_bytes);
        (void)snprintf(code, sizeof code, "%08u", i);
        code[8] = code_bytes > 8 ? 'c' : '\0';
        if (code_bytes) l->text[T_CODES] = words_add(&s->words, str_from(code, code_bytes));
        docset_place(s, &h, STR(""));
    }
    docset_finish(s);
}

static void longest_document_travels_in_parts(void **state) {
    (void)state;
    AUTO(docset) s = {0};
    docset_init(&s);
    long_document(&s, LIMIT_DOCUMENT_LINES, 26);
    cut *c = cut_up(&s);
    assert_true(c->count >= 16);
    check_cut(&s, c);
    /* the digest over all parts is that of the whole */
    AUTO(arena) a = {0};
    arena_init(&a, SIZE_MAX);
    lines_view *view = ARENA_NEW(&a, lines_view, c->count);
    for (size_t i = 0; i < c->count; i++) {
        batch *b = ARENA_NEW(&a, batch, 1);
        decode(frame_of(c, i), &a, b);
        assert_true(b->doc_number[D_PART][0] == (int64_t)i + 1 && b->doc_number[D_PARTS][0] == (int64_t)c->count);
        view[c->count - 1 - i] = batch_lines(b, 0); /* in any order */
    }
    uint8_t whole[32], parts[32];
    docset_digest(&s, 0, whole);
    content_digest(TYPE_SALE, false, view, c->count, &a, parts);
    assert_memory_equal(whole, parts, 32);
}

static void one_line_too_many_is_refused(void **state) {
    (void)state;
    AUTO(docset) s = {0};
    docset_init(&s);
    long_document(&s, LIMIT_DOCUMENT_LINES + 1, 0);
    err e;
    the_cut.count = 0;
    assert_false(batch_cut_docset(&s, &(batch_cut){.first_seq = 1}, keep_frame, &the_cut, &e));
    assert_int_equal(e.code, ERR_DATA);
    assert_non_null(strstr(e.text, "SO-1"));
    assert_int_equal(the_cut.count, 0);
}

static void lines_per_batch_at_the_edge(void **state) {
    (void)state;
    static const struct {
        uint32_t lines;
        size_t batches;
    } cases[] = {{1, 1}, {LIMIT_BATCH_LINES - 1, 1}, {LIMIT_BATCH_LINES, 1}, {LIMIT_BATCH_LINES + 1, 2}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(docset) s = {0};
        docset_init(&s);
        long_document(&s, cases[i].lines, 0);
        cut *c = cut_up(&s);
        assert_int_equal(c->count, cases[i].batches);
        check_cut(&s, c);
    }
}

/* Codes as long as can be: 8 KiB a line, 31 lines fill a frame. */
static void heavy_lines_keep_the_byte_limit(void **state) {
    (void)state;
    AUTO(docset) s = {0};
    docset_init(&s);
    long_document(&s, 100, LIMIT_CODES);
    cut *c = cut_up(&s);
    assert_true(c->count >= 4 && c->count <= 5);
    check_cut(&s, c);
    for (size_t i = 0; i + 1 < c->count; i++) assert_true(c->frame[i].n > LIMIT_BATCH_BYTES * 8 / 10);
}

static void a_file_without_documents_is_one_empty_batch(void **state) {
    (void)state;
    AUTO(docset) s = {0};
    docset_init(&s);
    s.file_name = STR("nothing.csv");
    docset_finish(&s);
    cut *c = cut_up(&s);
    assert_int_equal(c->count, 1);
    check_cut(&s, c);
}

static void odd_file_names_become_clean(void **state) {
    (void)state;
    AUTO(docset) s = {0};
    AUTO(arena) a = {0};
    batch b;
    docset_init(&s);
    arena_init(&a, LIMIT_DECODE_BYTES);
    s.file_name = STR("\xcf\xfa\xca\xdb\n1.csv");
    docset_finish(&s);
    decode(frame_of(cut_up(&s), 0), &a, &b);
    assert_true(str_is(b.file_name, "?????1.csv"));
}

static bool no_more(void *arg, uint64_t seq, str frame, size_t docs, size_t lines, err *e) {
    (void)seq, (void)frame, (void)docs, (void)lines;
    ++*(int *)arg;
    return err_set(e, ERR_FULL, "spool is full");
}

static void the_receiver_can_stop(void **state) {
    (void)state;
    AUTO(docset) s = {0};
    docset_init(&s);
    long_document(&s, 2 * LIMIT_BATCH_LINES, 0);
    int calls = 0;
    err e;
    assert_false(batch_cut_docset(&s, &(batch_cut){.first_seq = 1}, no_more, &calls, &e));
    assert_int_equal(calls, 1);
    assert_int_equal(e.code, ERR_FULL);
}

static void lines_that_say_too_little_or_too_much_are_refused(void **state) {
    (void)state;
    static const struct {
        line_number column;
        int64_t value;
        bool good;
    } cases[] = {
        {N_DATE, NUM_NONE, false},
        {N_DATE, DAY_MAX, true},
        {N_DATE, DAY_MAX + 1, false},
        {N_DATE, DAY_MIN, true},
        {N_DATE, DAY_MIN - 1, false},
        {N_ROW, NUM_NONE, false},
        {N_ROW, 0, false},
        {N_QUANTITY, LIMIT_QUANTITY, true},
        {N_QUANTITY, -LIMIT_QUANTITY, true},
        {N_QUANTITY, LIMIT_QUANTITY + 1, false},
        {N_AMOUNT, LIMIT_AMOUNT, true},
        {N_AMOUNT, -LIMIT_AMOUNT - 1, false},
        {N_UNIT_PRICE, LIMIT_AMOUNT + 1, false},
        {N_DISCOUNT, -LIMIT_AMOUNT - 1, false},
        {N_SHEET, 0, false},
        {N_QUANTITY, NUM_NONE, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(docset) good = {0};
        AUTO(docset) s = {0};
        doc_line lines[3];
        docset_init(&good);
        long_document(&good, 3, 0);
        docset_copy(&good, 0, 3, lines);
        lines[1].number[cases[i].column] = cases[i].value;
        docset_with(&s, &good, lines);
        if (cases[i].column == N_DATE) s.doc[0].date = 20000;
        err e;
        the_cut.count = 0;
        assert_int_equal(batch_cut_docset(&s, &(batch_cut){.first_seq = 1}, keep_frame, &the_cut, &e), cases[i].good);
        if (cases[i].good) check_cut(&s, cut_up(&s));
    }
}

/* The format is plain protobuf: what we write, protobuf-c reads, and writes back byte for byte. */
static void protobuf_c_agrees(void **state) {
    (void)state;
    rng r = {3};
    for (size_t turn = 0; turn < 20; turn++) {
        AUTO(docset) s = {0};
        docset_init(&s);
        random_docset(&s, &r, 20, 20);
        str frame = frame_of(cut_up(&s), 0);
        Wire__Batch *m = wire__batch__unpack(NULL, frame.n, (const uint8_t *)frame.p);
        assert_non_null(m);
        assert_true(m->epoch == 0x1122334455667788u && m->seq == 7 && m->docs == s.docs && m->lines == s.lines);
        assert_int_equal(wire__batch__get_packed_size(m), frame.n);
        uint8_t *again = malloc(frame.n);
        assert_int_equal(wire__batch__pack(m, again), frame.n);
        assert_memory_equal(again, frame.p, frame.n);
        free(again);
        wire__batch__free_unpacked(m, NULL);
    }
}

static int free_cut(void **state) {
    (void)state;
    buf_free(&the_cut.bytes);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_docsets_come_back),
        cmocka_unit_test(large_docsets_are_cut_at_documents),
        cmocka_unit_test(longest_document_travels_in_parts),
        cmocka_unit_test(one_line_too_many_is_refused),
        cmocka_unit_test(lines_per_batch_at_the_edge),
        cmocka_unit_test(heavy_lines_keep_the_byte_limit),
        cmocka_unit_test(a_file_without_documents_is_one_empty_batch),
        cmocka_unit_test(odd_file_names_become_clean),
        cmocka_unit_test(the_receiver_can_stop),
        cmocka_unit_test(lines_that_say_too_little_or_too_much_are_refused),
        cmocka_unit_test(protobuf_c_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, free_cut);
}
