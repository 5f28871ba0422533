/* links: ledger */
#include "catalog_fixture.h"
#include "daemon/ledger/recall.h"
#include "proto/limits.h"

static int begin(void **state) {
    *state = fixture_begin();
    return 0;
}

static int end(void **state) {
    return fixture_end(*state);
}

static key word(unsigned n) {
    key k = {.n = 0};
    key_u32(&k, n);
    return k;
}

static void keep(fixture *f, unsigned n, day_t from, day_t to, int value) {
    key k = word(n);
    recall_keep(recall_of(f->t), &k, &(business_day){from, from, to}, &value, sizeof value);
}

/* The value of word n on a day, −1 none. */
static int found(fixture *f, unsigned n, day_t day) {
    key k = word(n);
    business_day on = {day, DAY_MIN, DAY_MAX};
    const int *value = recall_find(recall_of(f->t), &k, &on);
    if (value == NULL) return -1;
    assert_true(on.from <= day && day <= on.to && on.from > DAY_MIN);
    return *value;
}

static void a_meaning_holds_on_its_days(void **state) {
    fixture *f = *state;
    keep(f, 1, 10, 19, 7);
    keep(f, 1, 20, 29, 8);
    keep(f, 2, 10, 10, 9);
    static const struct {
        unsigned word;
        day_t day;
        int value;
    } cases[] = {{1, 9, -1}, {1, 10, 7}, {1, 19, 7}, {1, 20, 8}, {1, 29, 8}, {1, 30, -1}, {2, 10, 9}, {3, 10, -1}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(found(f, cases[i].word, cases[i].day), cases[i].value);
}

static void what_it_was_made_of_changes(void **state) {
    fixture *f = *state;
    static const struct {
        store_table table;
        bool forgets;
    } cases[] = {{TABLE_CATALOG, true},       {TABLE_CATALOG_NO, true}, {TABLE_CATALOG_HISTORY, true},
                 {TABLE_CATALOG_INDEX, true}, {TABLE_SETTING, true},    {TABLE_CUSTOMER, false},
                 {TABLE_DOCUMENT, false},     {TABLE_POSTING, false}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        keep(f, 1, 10, 19, 7);
        assert_int_equal(found(f, 1, 10), 7);
        kv_put(f->t, cases[i].table, STR("k"), STR("v"));
        assert_int_equal(found(f, 1, 10), cases[i].forgets ? -1 : 7);
    }
}

static void an_entry_of_the_catalogue_makes_it_forget(void **state) {
    fixture *f = *state;
    keep(f, 1, 10, 19, 7);
    must(f, rows(f, "product", "A,,,,,瓶"));
    assert_int_equal(found(f, 1, 10), -1);
}

static void it_lives_through_commits_only(void **state) {
    fixture *f = *state;
    keep(f, 1, 10, 19, 7);
    if (!txn_commit(&f->t, &f->why) || !txn_begin(f->db, TXN_WRITE, &f->t, &f->why)) fail_msg("%s", f->why.text);
    assert_int_equal(found(f, 1, 10), 7);
    txn_abort(&f->t);
    assert_true(txn_begin(f->db, TXN_WRITE, &f->t, &f->why));
    assert_int_equal(found(f, 1, 10), -1);
}

static void bounded_by_words(void **state) {
    fixture *f = *state;
    recall *r = recall_of(f->t);
    for (unsigned i = 0; i < LIMIT_RECALL_WORDS - 1; i++) keep(f, i, 10, 19, 7);
    assert_ptr_equal(recall_of(f->t), r);
    keep(f, LIMIT_RECALL_WORDS, 10, 19, 8);
    key k = word(LIMIT_RECALL_WORDS), more = word(LIMIT_RECALL_WORDS + 1);
    int value = 9;
    recall_keep(r, &more, &(business_day){10, 10, 19}, &value, sizeof value);
    assert_non_null(recall_find(r, &k, ON_DAY(10)));
    assert_null(recall_find(r, &more, ON_DAY(10)));
    assert_int_equal(found(f, LIMIT_RECALL_WORDS, 10), -1); /* full: it began anew */
}

static void bounded_by_bytes(void **state) {
    fixture *f = *state;
    static const char big[65536];
    recall *r = recall_of(f->t);
    for (unsigned i = 0; i < LIMIT_RECALL_BYTES / sizeof big - 1; i++) {
        key k = word(i);
        recall_keep(r, &k, &(business_day){10, 10, 19}, big, sizeof big);
        assert_ptr_equal(recall_of(f->t), r);
    }
    for (unsigned i = 1; i <= 2; i++) {
        key k = word(LIMIT_RECALL_WORDS + i);
        recall_keep(r, &k, &(business_day){10, 10, 19}, big, sizeof big);
    }
    assert_int_equal(found(f, 1, 10), -1);
}

static void a_word_too_long_is_not_kept(void **state) {
    fixture *f = *state;
    key none = {.n = 0};
    int value = 7;
    recall_keep(recall_of(f->t), &none, &(business_day){10, 10, 19}, &value, sizeof value);
    assert_null(recall_find(recall_of(f->t), &none, ON_DAY(10)));
}

#define IN_STORE(test) cmocka_unit_test_setup_teardown(test, begin, end)
int main(void) {
    const struct CMUnitTest tests[] = {
        IN_STORE(a_meaning_holds_on_its_days),
        IN_STORE(what_it_was_made_of_changes),
        IN_STORE(an_entry_of_the_catalogue_makes_it_forget),
        IN_STORE(it_lives_through_commits_only),
        IN_STORE(bounded_by_words),
        IN_STORE(bounded_by_bytes),
        IN_STORE(a_word_too_long_is_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
