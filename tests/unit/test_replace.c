/* links: journal formats */
#include "tests/unit/books.h"

#define HEAD                       "type,number,version,date,sku,quantity,unit,amount,customer,place,counterparty,gift,currency\n"
#define ROW(number, day, quantity) "sale," number ",," day ",P1," quantity ",,1.00,甲,,,,\n"

static const char june[] = HEAD ROW("A", "2026-06-01", "1") ROW("B", "2026-06-02", "2") ROW("C", "2026-06-03", "3");

static uint64_t next_id = 77;

static apply_result replace(books *w, const char *who, const char *csv, const char *from, const char *to) {
    assert_true(day_parse(str_of(from), &w->replace.from) && day_parse(str_of(to), &w->replace.to));
    w->replace.id = next_id++;
    apply_result r = books_push_csv(w, who, csv);
    w->replace = (replace_span){0};
    return r;
}

static void what_is_missing_in_its_span_is_reversed(void **state) {
    (void)state;
    static const struct {
        const char *what, *csv, *from, *to;
        size_t documents;
        const char *flows; /* of D1, quantities by day */
    } cases[] = {
        {"one is missing", HEAD ROW("A", "2026-06-01", "1") ROW("C", "2026-06-03", "3"), "2026-06-01", "2026-06-30", 1,
         "1:1 3:3 "},
        {"nothing is missing", june, "2026-06-01", "2026-06-30", 0, "1:1 2:2 3:3 "},
        {"the span begins behind it", HEAD ROW("C", "2026-06-03", "3"), "2026-06-02", "2026-06-30", 1, "1:1 3:3 "},
        {"the span's last day counts", HEAD ROW("A", "2026-06-01", "1"), "2026-06-01", "2026-06-03", 2, "1:1 "},
        {"the day behind it does not", HEAD ROW("A", "2026-06-01", "1"), "2026-06-01", "2026-06-02", 1, "1:1 3:3 "},
        {"another type is let be", HEAD "receipt,R,,2026-06-01,P1,9,,,,,,,\n", "2026-06-01", "2026-06-30", 0,
         "1:9 1:1 2:2 3:3 "},
        {"a changed one is replaced",
         HEAD ROW("A", "2026-06-01", "5") ROW("B", "2026-06-02", "2") ROW("C", "2026-06-03", "3"), "2026-06-01",
         "2026-06-30", 0, "1:5 2:2 3:3 "},
        {"a document that moved into the span", HEAD ROW("B", "2026-06-01", "2"), "2026-06-01", "2026-06-01", 1,
         "1:2 3:3 "},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        books w;
        AUTO(buf) found = {0};
        books_open(&w);
        books_fill(&w);
        (void)books_push_csv(&w, "D1", june);
        (void)books_push_csv(&w, "D2", june);
        apply_result r = replace(&w, "D1", cases[i].csv, cases[i].from, cases[i].to);
        str rest = str_of(books_flows(&w)), line;
        while (str_split(&rest, '\n', &line)) {
            str part[5];
            for (size_t k = 0; k < 5; k++) (void)str_split(&line, ' ', &part[k]);
            if (!str_is(part[0], "D1")) continue;
            str day = str_skip(part[2], 9);
            buf_printf(&found, "%.*s:%.*s ", STR_ARG(day), STR_ARG(part[4]));
        }
        if (r.reversed_documents != cases[i].documents || !str_is(buf_str(&found), cases[i].flows))
            fail_msg("%s: %d reversed, %s", cases[i].what, (int)r.reversed_documents, buf_z(&found));
        if (str_find(str_of(books_flows(&w)), STR("D2 P1 2026-06-02 sell_out 2 ")) == SIZE_MAX)
            fail_msg("%s: another partner's books moved", cases[i].what);
        books_close(&w);
    }
}

static void withdraw(books *w, uint64_t upload_no) {
    err e = {0};
    Entry__Withdraw body = ENTRY__WITHDRAW__INIT;
    body.upload = upload_no;
    if (!books_entry(w, KIND_WITHDRAW, "user:root", &body.base, NULL, &e)) fail_msg("%s", e.text);
}

static void it_is_taken_back_with_its_upload_and_undone_by_the_next(void **state) {
    (void)state;
    books w;
    books_open(&w);
    books_fill(&w);
    (void)books_push_csv(&w, "D1", june);
    const char *all = books_flows(&w);
    apply_result r = replace(&w, "D1", HEAD ROW("A", "2026-06-01", "1"), "2026-06-01", "2026-06-30");
    assert_int_equal(r.reversed_documents, 2);
    assert_int_equal(r.reversed_lines, 2);
    assert_int_equal(r.superseded, 2);
    withdraw(&w, w.upload);
    assert_string_equal(books_flows(&w), all);
    r = replace(&w, "D1", HEAD ROW("A", "2026-06-01", "1"), "2026-06-01", "2026-06-30");
    assert_int_equal(r.reversed_documents, 2);
    r = replace(&w, "D1", june, "2026-06-01", "2026-06-30"); /* the whole export: all of it holds again */
    assert_int_equal(r.committed, 2);
    assert_int_equal(r.duplicate, 1);
    assert_string_equal(books_flows(&w), all);
    books_close(&w);
}

/* A spool that goes again under new numbers brings old pushes after newer ones. */
static void the_same_push_clears_once(void **state) {
    (void)state;
    books w;
    books_open(&w);
    books_fill(&w);
    (void)books_push_csv(&w, "D1", june);
    uint64_t id = next_id;
    (void)replace(&w, "D1", HEAD ROW("A", "2026-06-01", "1"), "2026-06-01", "2026-06-30");
    (void)books_push_csv(&w, "D1", HEAD ROW("A", "2026-06-01", "7") ROW("D", "2026-06-04", "4"));
    const char *before = books_flows(&w);
    next_id = id;
    apply_result r = replace(&w, "D1", HEAD ROW("A", "2026-06-01", "1"), "2026-06-01", "2026-06-30");
    assert_int_equal(r.duplicate, 1);
    assert_int_equal(r.reversed_documents, 0);
    assert_string_equal(books_flows(&w), before);
    books_close(&w);
}

/* Of a file that was not taken whole nothing can be said to be missing. */
static void a_file_with_refused_lines_reverses_nothing(void **state) {
    (void)state;
    books w;
    books_open(&w);
    books_fill(&w);
    (void)books_push_csv(&w, "D1", june);
    const char *before = books_flows(&w);
    apply_result r = replace(&w, "D1",
                             "partner,type,number,date,sku,quantity\nD1,sale,A,2026-06-01,P1,1\n"
                             "NOBODY,sale,Z,2026-06-02,P1,1\n",
                             "2026-06-01", "2026-06-30");
    assert_int_equal(r.refused, 1);
    assert_int_equal(r.reversed_documents, 0);
    assert_true(r.problem_count >= 2);
    assert_non_null(strstr(books_flows(&w), "2026-06-02 sell_out 2 "));
    (void)before;
    books_close(&w);
}

/* One more document than may be reversed: nothing is, and a problem says so. */
static void bounds(void **state) {
    (void)state;
    for (int more = 0; more <= 1; more++) {
        books w;
        AUTO(buf) csv = {0};
        books_open(&w);
        books_fill(&w);
        buf_addz(&csv, HEAD);
        for (int i = 0; i < LIMIT_REPLACE_DOCUMENTS + more; i++)
            buf_printf(&csv, "sale,N%d,,2026-06-%02d,P1,1,,1.00,甲,,,,\n", i, 1 + i % 28);
        (void)books_push_csv(&w, "D1", buf_z(&csv));
        apply_result r = replace(&w, "D1", HEAD ROW("A", "2026-06-01", "1"), "2026-06-01", "2026-06-30");
        assert_int_equal(r.reversed_documents, more ? 0 : LIMIT_REPLACE_DOCUMENTS);
        assert_int_equal(r.problem_count, more);
        books_close(&w);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_missing_in_its_span_is_reversed),
        cmocka_unit_test(it_is_taken_back_with_its_upload_and_undone_by_the_next),
        cmocka_unit_test(the_same_push_clears_once),
        cmocka_unit_test(a_file_with_refused_lines_reverses_nothing),
        cmocka_unit_test(bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
