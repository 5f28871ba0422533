/* links: proto */
#include "proto/digest.h"
#include "proto/docset.h"
#include "proto/limits.h"
#include "tests/unit/docsets.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

static doc_head head_of(docset *s, doc_type type, const char *number) {
    doc_head h = {.type = type};
    for (size_t c = 0; c < DOC_TEXT_COUNT; c++) h.text[c] = WORD_NONE;
    if (number) h.text[D_NUMBER] = words_add(&s->words, str_of(number));
    return h;
}

static doc_line *line_of(docset *s, const char *sku, int64_t row, int64_t date, int64_t quantity, int64_t amount) {
    doc_line *l = docset_line(s);
    l->text[T_SKU] = words_add(&s->words, str_of(sku));
    l->number[N_ROW] = row;
    l->number[N_DATE] = date;
    l->number[N_QUANTITY] = quantity;
    l->number[N_AMOUNT] = amount;
    return l;
}

static void lines_gather_in_their_documents(void **state) {
    (void)state;
    static const struct {
        const char *number;
        int64_t date;
    } rows[] = {{"B", 105}, {"A", 103}, {"B", 101}, {"C", 110}, {"A", 102}, {"B", 104}};
    static const int64_t want_rows[] = {1, 3, 6, 2, 5, 4};
    AUTO(docset) s = {0};
    docset_init(&s);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        doc_head h = head_of(&s, TYPE_SALE, rows[i].number);
        (void)line_of(&s, "X", (int64_t)i + 1, rows[i].date, 1000, NUM_NONE);
        docset_place(&s, &h, STR(""));
    }
    docset_finish(&s);
    assert_int_equal(s.docs, 3);
    for (size_t i = 0; i < s.lines; i++) assert_int_equal(docset_at(&s, i).number[N_ROW], want_rows[i]);
    assert_true(s.doc[0].lines == 3 && s.doc[1].lines == 2 && s.doc[2].lines == 1);
    assert_true(s.doc[0].date == 101 && s.doc[1].date == 102 && s.doc[2].date == 110);
    assert_true(str_is(words_get(&s.words, s.doc[0].text[D_TYPE]), "sale"));
}

static void heads_are_told_apart(void **state) {
    (void)state;
    AUTO(docset) s = {0};
    docset_init(&s);
    doc_head heads[] = {head_of(&s, TYPE_SALE, "1"),  head_of(&s, TYPE_RETURN, "1"), head_of(&s, TYPE_SALE, "2"),
                        head_of(&s, TYPE_SALE, NULL), head_of(&s, TYPE_SALE, "1"),   head_of(&s, TYPE_SALE, "1")};
    heads[4].text[D_VERSION] = words_add(&s.words, STR("2"));
    heads[5].flags = DOC_SCOPE_YEAR;
    for (size_t turn = 0; turn < 2; turn++) {
        for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
            (void)line_of(&s, "X", 1, 100, 1000, NUM_NONE);
            docset_place(&s, &heads[i], STR(""));
        }
        (void)line_of(&s, "X", 1, 100, 1000, NUM_NONE);
        docset_place(&s, &heads[3], STR("shop 2"));
    }
    docset_finish(&s);
    assert_int_equal(s.docs, ARRAY_LEN(heads) + 1);
    for (size_t d = 0; d < s.docs; d++) assert_int_equal(s.doc[d].lines, 2);
}

static void dropped_lines_leave_no_empty_document(void **state) {
    (void)state;
    AUTO(docset) s = {0};
    docset_init(&s);
    doc_head gone = head_of(&s, TYPE_SALE, "gone"), stays = head_of(&s, TYPE_SALE, "stays"),
             cancelled = head_of(&s, TYPE_SALE, "void");
    (void)line_of(&s, "X", 1, 100, 1000, NUM_NONE);
    docset_place(&s, &gone, STR(""));
    docset_drop_line(&s);
    (void)docset_line(&s);
    docset_drop_line(&s); /* refused before it was placed */
    docset_cancel(&s, &cancelled, 77);
    (void)line_of(&s, "X", 3, 100, 1000, NUM_NONE);
    docset_place(&s, &stays, STR(""));
    docset_finish(&s);
    assert_true(s.docs == 2 && s.lines == 1);
    assert_true(s.doc[0].flags == DOC_CANCEL && s.doc[0].lines == 0 && s.doc[0].date == 77);
    assert_true(s.doc[1].lines == 1 && docset_at(&s, 0).doc == 1);
}

/* A line of any columns at their edges; what is not stated stays so. */
static void any_line(rng *r, doc_line *l) {
    static const int64_t edges[] = {0, 1, -1, 63, 64, -64, -65, LIMIT_AMOUNT, -LIMIT_AMOUNT, INT64_MAX, INT64_MIN + 1};
    static const uint32_t numbers[] = {0, 1, 127, 128, 16383, 16384, UINT32_MAX - 1};
    for (size_t i = 0; i < LINE_TEXT_COUNT; i++)
        l->text[i] = rng_below(r, 3) ? WORD_NONE : numbers[rng_below(r, ARRAY_LEN(numbers))];
    for (size_t i = 0; i < LINE_NUMBER_COUNT; i++)
        l->number[i] = rng_below(r, 3) == 0   ? NUM_NONE
                       : rng_below(r, 4) == 0 ? edges[rng_below(r, ARRAY_LEN(edges))]
                                              : (int64_t)(rng_next(r) >> rng_below(r, 63));
    l->number[N_DATE] = 20000;
}

static bool same_columns(const doc_line *a, const doc_line *b) {
    return memcmp(a->number, b->number, sizeof a->number) == 0 && memcmp(a->text, b->text, sizeof a->text) == 0;
}

/* Over many chunks, some dropped before or after they were placed, in documents that take turns. */
static void lines_come_back_as_they_were(void **state) {
    (void)state;
    enum { LINES = 30000, DOCS = 7 };
    AUTO(docset) s = {0};
    rng r = {5};
    doc_line *want = calloc(LINES, sizeof *want);
    size_t n = 0, at[DOCS] = {0};
    docset_init(&s);
    for (size_t i = 0; i < LINES; i++) {
        char number[16];
        (void)snprintf(number, sizeof number, "N%u", (unsigned)rng_below(&r, DOCS));
        doc_head head = head_of(&s, TYPE_SALE, number);
        doc_line *l = docset_line(&s);
        any_line(&r, l);
        want[n] = *l;
        if (rng_below(&r, 10) == 0) {
            docset_drop_line(&s);
            continue;
        }
        want[n].doc = docset_place(&s, &head, STR(""));
        if (rng_below(&r, 10) == 0) docset_drop_line(&s);
        else
            n++;
    }
    assert_true(s.lines == n && s.docs == DOCS && n > LINES / 2);
    for (size_t i = 0; i < n; i++) {
        doc_line l = docset_at(&s, i);
        assert_true(same_columns(&l, &want[i]) && l.doc == want[i].doc);
    }
    docset_finish(&s);
    for (size_t d = 0; d < DOCS; d++) at[d] = docset_first(&s, d);
    for (size_t i = 0; i < n; i++) {
        doc_line l = docset_at(&s, at[want[i].doc]++);
        assert_true(l.doc == want[i].doc && same_columns(&l, &want[i]));
    }
    for (size_t d = 0; d < DOCS; d++) assert_int_equal(at[d], d + 1 < DOCS ? docset_first(&s, d + 1) : n);
    free(want);
}

static void problems_are_kept_to_a_limit_and_counted(void **state) {
    (void)state;
    AUTO(docset) s = {0};
    char wide[LIMIT_TEXT + 10];
    docset_init(&s);
    memset(wide, 'x', sizeof wide);
    memcpy(wide + LIMIT_TEXT - 1, "\xe4\xb8\xad", 3); /* a letter across the limit is left out whole */
    docset_problem(&s, 0, 3, STR("date"), str_from(wide, sizeof wide), STR("a date"), STR("write 2026-03-01"));
    for (uint64_t i = 0; i < LIMIT_SKIPPED; i++) {
        docset_problem(&s, 0, i, STR("sku"), STR(""), STR(""), STR(""));
        docset_skip(&s, 0, i, STR("total row"));
    }
    s.file_name = STR("late.csv"); /* known only at the end */
    docset_finish(&s);
    assert_true(s.problem_count == LIMIT_SKIPPED && s.problems_total == LIMIT_SKIPPED + 1);
    assert_true(s.skipped_count == LIMIT_SKIPPED && s.skipped_total == LIMIT_SKIPPED);
    assert_int_equal(s.problems[0].found.n, LIMIT_TEXT - 1);
    assert_true(str_is(s.problems[0].file, "late.csv") && s.problems[0].row == 3);
    assert_true(str_is(s.skipped[5].why, "total row"));
}

static void a_line_as_json(void **state) {
    (void)state;
    AUTO(buf) out = {0};
    json j = json_into(&out);
    int64_t number[LINE_NUMBER_COUNT];
    str text[LINE_TEXT_COUNT] = {0};
    for (size_t c = 0; c < LINE_NUMBER_COUNT; c++) number[c] = NUM_NONE;
    number[N_ROW] = 12;
    number[N_DATE] = 20454;
    number[N_QUANTITY] = -2500;
    number[N_UNIT_PRICE] = 19900000;
    number[N_AMOUNT] = 0;
    number[N_TAX_RATE] = 130000;
    text[T_SKU] = STR("6901234567892");
    text[T_CUSTOMER] = STR("王\"记");
    text[T_CODES] = STR("A;B");
    line_json(&j, number, text);
    assert_string_equal(buf_z(&out),
                        "{\"row\":12,\"sku\":\"6901234567892\",\"customer\":\"王\\\"记\",\"codes\":\"A;B\","
                        "\"date\":\"2026-01-01\",\"quantity\":\"-2.5\",\"unit_price\":\"19.9\","
                        "\"amount\":\"0\",\"tax_rate\":\"0.13\"}");
    buf_clear(&out);
    number[N_SHEET] = 2;
    number[N_DATE] = number[N_QUANTITY] = number[N_UNIT_PRICE] = number[N_AMOUNT] = number[N_TAX_RATE] = NUM_NONE;
    j = json_into(&out);
    line_json(&j, number, (str[LINE_TEXT_COUNT]){0});
    assert_string_equal(buf_z(&out), "{\"row\":12,\"sheet\":2}");
}

static void a_document_as_json(void **state) {
    (void)state;
    AUTO(docset) s = {0};
    AUTO(buf) out = {0};
    docset_init(&s);
    s.file_name = STR("a.csv");
    s.sha256[31] = 0xab;
    doc_head h = head_of(&s, TYPE_RETURN, "R-1");
    (void)line_of(&s, "X", 2, 20454, 1000, 5500000);
    docset_place(&s, &h, STR(""));
    docset_finish(&s);
    json j = json_into(&out);
    docset_json(&j, &s, 0);
    uint8_t digest[32];
    AUTO(buf) want = {0};
    docset_digest(&s, 0, digest);
    buf_addz(&want, "{\"partner\":null,\"type\":\"return\",\"number\":\"R-1\",\"date\":\"2026-01-01\",\"version\":null,"
                    "\"digest\":\"");
    hex_put(&want, digest, sizeof digest);
    buf_addz(&want, "\",\"file\":\"a.csv\",\"file_sha256\":\""
                    "00000000000000000000000000000000000000000000000000000000000000ab\",\"lines\":[{\"row\":2,"
                    "\"sku\":\"X\",\"date\":\"2026-01-01\",\"quantity\":\"1\",\"amount\":\"5.5\"}]}");
    assert_string_equal(buf_z(&out), buf_z(&want));
}

/* --- digests: two small documents, equal or not --- */

typedef struct made {
    const char *sku, *unit, *line;
    int64_t row, date, quantity, amount, price;
} made;
#define N_ NUM_NONE

static void digest_of_lines(const made *m, size_t n, doc_type type, const char *number, uint8_t out[static 32]) {
    AUTO(docset) s = {0};
    docset_init(&s);
    doc_head h = head_of(&s, type, number);
    for (size_t i = 0; i < n; i++) {
        doc_line *l = line_of(&s, m[i].sku, m[i].row, m[i].date, m[i].quantity, m[i].amount);
        l->number[N_UNIT_PRICE] = m[i].price;
        if (m[i].unit) l->text[T_UNIT] = words_add(&s.words, str_of(m[i].unit));
        if (m[i].line) l->text[T_LINE] = words_add(&s.words, str_of(m[i].line));
        docset_place(&s, &h, STR(""));
    }
    docset_finish(&s);
    docset_digest(&s, 0, out);
}

static const struct pair {
    const char *why;
    made a[3];
    size_t an;
    made b[3];
    size_t bn;
    bool equal;
} pairs[] = {
    {"order is nothing",
     {{"X", 0, 0, 1, 9, 1, N_, N_}, {"Y", 0, 0, 2, 9, 2, N_, N_}},
     2,
     {{"Y", 0, 0, 1, 9, 2, N_, N_}, {"X", 0, 0, 2, 9, 1, N_, N_}},
     2,
     true},
    {"rows are nothing", {{"X", 0, 0, 1, 9, 1, N_, N_}}, 1, {{"X", 0, 0, 8, 9, 1, N_, N_}}, 1, true},
    {"line numbers are nothing", {{"X", 0, "1", 1, 9, 1, N_, N_}}, 1, {{"X", 0, "7", 1, 9, 1, N_, N_}}, 1, true},
    {"equal lines add up",
     {{"X", 0, 0, 1, 9, 1, 10, N_}, {"X", 0, 0, 2, 9, 2, 20, N_}},
     2,
     {{"X", 0, 0, 1, 9, 3, 30, N_}},
     1,
     true},
    {"stated and not stated add up",
     {{"X", 0, 0, 1, 9, 1, 10, N_}, {"X", 0, 0, 2, 9, 2, N_, N_}},
     2,
     {{"X", 0, 0, 1, 9, 3, 10, N_}},
     1,
     true},
    {"an empty text is none", {{"X", "", 0, 1, 9, 1, N_, N_}}, 1, {{"X", 0, 0, 1, 9, 1, N_, N_}}, 1, true},
    {"none is not 0", {{"X", 0, 0, 1, 9, 1, N_, N_}}, 1, {{"X", 0, 0, 1, 9, 1, 0, N_}}, 1, false},
    {"quantity", {{"X", 0, 0, 1, 9, 1, N_, N_}}, 1, {{"X", 0, 0, 1, 9, 2, N_, N_}}, 1, false},
    {"quantity is not amount", {{"X", 0, 0, 1, 9, 5, N_, N_}}, 1, {{"X", 0, 0, 1, 9, N_, 5, N_}}, 1, false},
    {"sign", {{"X", 0, 0, 1, 9, 1, N_, N_}}, 1, {{"X", 0, 0, 1, 9, -1, N_, N_}}, 1, false},
    {"date", {{"X", 0, 0, 1, 9, 1, N_, N_}}, 1, {{"X", 0, 0, 1, 8, 1, N_, N_}}, 1, false},
    {"price", {{"X", 0, 0, 1, 9, 1, N_, 5}}, 1, {{"X", 0, 0, 1, 9, 1, N_, 6}}, 1, false},
    {"prices keep lines apart",
     {{"X", 0, 0, 1, 9, 1, N_, 5}, {"X", 0, 0, 2, 9, 1, N_, 6}},
     2,
     {{"X", 0, 0, 1, 9, 2, N_, 5}},
     1,
     false},
    {"unit", {{"X", "箱", 0, 1, 9, 1, N_, N_}}, 1, {{"X", "盒", 0, 1, 9, 1, N_, N_}}, 1, false},
    {"texts do not run together", {{"XY", "Z", 0, 1, 9, 1, N_, N_}}, 1, {{"X", "YZ", 0, 1, 9, 1, N_, N_}}, 1, false},
    {"a line more",
     {{"X", 0, 0, 1, 9, 1, N_, N_}},
     1,
     {{"X", 0, 0, 1, 9, 1, N_, N_}, {"Y", 0, 0, 2, 9, 0, N_, N_}},
     2,
     false},
};

static void digests_tell_content_from_form(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        uint8_t a[32], b[32];
        digest_of_lines(pairs[i].a, pairs[i].an, TYPE_SALE, "1", a);
        digest_of_lines(pairs[i].b, pairs[i].bn, TYPE_SALE, "other number", b);
        if ((memcmp(a, b, 32) == 0) != pairs[i].equal) fail_msg("%s", pairs[i].why);
    }
}

static void digests_know_type_and_cancellation(void **state) {
    (void)state;
    made line = {"X", 0, 0, 1, 9, 1, N_, N_};
    uint8_t sale[32], back[32], none[32];
    digest_of_lines(&line, 1, TYPE_SALE, "1", sale);
    digest_of_lines(&line, 1, TYPE_RETURN, "1", back);
    assert_memory_not_equal(sale, back, 32);
    AUTO(docset) s = {0};
    docset_init(&s);
    doc_head h = head_of(&s, TYPE_SALE, "1");
    docset_cancel(&s, &h, 9);
    docset_finish(&s);
    docset_digest(&s, 0, none);
    assert_memory_not_equal(sale, none, 32);
}

/* Sums of 65,536 of the greatest amounts need 128 bits; one less must show. */
static void sums_do_not_overflow(void **state) {
    (void)state;
    uint8_t digest[2][32];
    for (size_t turn = 0; turn < 2; turn++) {
        AUTO(docset) s = {0};
        docset_init(&s);
        doc_head h = head_of(&s, TYPE_SALE, "1");
        for (int64_t i = 0; i < LIMIT_DOCUMENT_LINES; i++) {
            (void)line_of(&s, "X", i + 1, 9, LIMIT_QUANTITY, LIMIT_AMOUNT - (turn == 1 && i == 7));
            docset_place(&s, &h, STR(""));
        }
        docset_finish(&s);
        docset_digest(&s, 0, digest[turn]);
    }
    assert_memory_not_equal(digest[0], digest[1], 32);
}

/* Digests are kept in the journal: this one must never change. Its bytes, written out by hand, are hashed beside it. */
static void the_digest_is_for_ever(void **state) {
    (void)state;
    static const made lines[] = {{"Y", "箱", "2", 5, 20454, -1500, N_, N_}, {"X", 0, "1", 4, 20454, 1000, 5500000, 7}};
    static const char bytes[] = "\x00\x04sale"
                                "\x02\x01X\x21\xcc\xbf\x02\x23\x0e"
                                "\x22\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x03\xe8"
                                "\x24\0\0\0\0\0\0\0\0\0\0\0\0\0\x53\xec\x60\0"
                                "\x02\x01Y\x03\x03\xe7\xae\xb1\x21\xcc\xbf\x02"
                                "\x22\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfa\x24\0";
    uint8_t got[32], want[32];
    digest_of_lines(lines, ARRAY_LEN(lines), TYPE_SALE, "1", got);
    digest_of(str_from(bytes, sizeof bytes - 1), want);
    assert_memory_equal(got, want, 32);
}

/* Shuffled, split and joined again: the same digest, for random documents. */
static void shuffled_lines_have_one_digest(void **state) {
    (void)state;
    rng r = {11};
    for (size_t turn = 0; turn < 50; turn++) {
        AUTO(docset) s = {0};
        uint8_t before[32], after[32];
        docset_init(&s);
        random_docset(&s, &r, 1, 60);
        if (s.lines == 0) continue;
        docset_digest(&s, 0, before);
        doc_line *line = calloc(s.lines, sizeof *line);
        docset_copy(&s, 0, s.lines, line);
        for (size_t i = s.lines - 1; i > 0; i--) {
            size_t k = (size_t)rng_below(&r, i + 1);
            doc_line t = line[i];
            line[i] = line[k];
            line[k] = t;
            line[i].number[N_ROW] = (int64_t)i + 1;
            line[i].number[N_SHEET] = NUM_NONE;
        }
        AUTO(docset) other = {0};
        docset_with(&other, &s, line);
        free(line);
        docset_digest(&other, 0, after);
        assert_memory_equal(before, after, 32);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_gather_in_their_documents),
        cmocka_unit_test(heads_are_told_apart),
        cmocka_unit_test(dropped_lines_leave_no_empty_document),
        cmocka_unit_test(lines_come_back_as_they_were),
        cmocka_unit_test(problems_are_kept_to_a_limit_and_counted),
        cmocka_unit_test(a_line_as_json),
        cmocka_unit_test(a_document_as_json),
        cmocka_unit_test(digests_tell_content_from_form),
        cmocka_unit_test(digests_know_type_and_cancellation),
        cmocka_unit_test(sums_do_not_overflow),
        cmocka_unit_test(the_digest_is_for_ever),
        cmocka_unit_test(shuffled_lines_have_one_digest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
