/* links: journal formats */
#include "base/num.h"
#include "daemon/ledger/hold.h"
#include "proto/limits.h"
#include "tests/unit/books.h"

static bool put(books *w, const char *who, const char *by, const Entry__HoldLine *line, size_t n, err *e) {
    Entry__Hold body = ENTRY__HOLD__INIT;
    Entry__HoldLine *list[LIMIT_REPEATED + 1], all[LIMIT_REPEATED + 1];
    for (size_t i = 0; i < n; i++) all[i] = *line, list[i] = &all[i];
    body.partner = (char *)(uintptr_t)who;
    body.source = (char *)(uintptr_t)by;
    body.why = (char *)(uintptr_t) "seen elsewhere";
    body.line = list;
    body.n_line = n;
    return books_entry(w, KIND_HOLD, "user:anna", &body.base, NULL, e);
}

static Entry__HoldLine line_with(uint32_t state, int64_t quantity, day_t from, day_t until) {
    Entry__HoldLine l = ENTRY__HOLD_LINE__INIT;
    l.state = state;
    l.quantity = quantity;
    l.from = from;
    l.until = until;
    return l;
}

static size_t held(books *w, const char *who, bool *open) {
    AUTO(arena) a = {0};
    hold *h;
    partner p;
    arena_init(&a, SIZE_MAX);
    txn *t = books_read(w);
    assert_true(partner_by_id(t, str_of(who), &p));
    size_t n = holds_of(t, p.no, &a, &h);
    *open = hold_is_open(t, p.no, NULL);
    txn_abort(&t);
    return n;
}

static void a_source_is_written_anew_and_released(void **state) {
    (void)state;
    books w;
    err e = {0};
    bool open;
    Entry__HoldLine seen = line_with(HOLD_OPEN, 30000, 100, 110), decided = line_with(HOLD_UPHELD, 0, 100, 110);
    books_open(&w);
    books_partners(&w);
    assert_int_equal(held(&w, "D1", &open), 0);
    assert_false(open);
    if (!put(&w, "D1", "case/1", &seen, 3, &e)) fail_msg("%s", e.text);
    assert_true(put(&w, "D1", "case/12", &seen, 1, &e));
    assert_int_equal(held(&w, "D1", &open), 4);
    assert_true(open);
    assert_true(put(&w, "D1", "case/1", &decided, 1, &e));
    assert_int_equal(held(&w, "D1", &open), 2);
    assert_true(open);
    assert_true(put(&w, "D1", "case/12", &seen, 0, &e));
    assert_int_equal(held(&w, "D1", &open), 1);
    assert_false(open);
    assert_int_equal(held(&w, "D2", &open), 0);
    books_close(&w);
}

static void what_is_no_hold_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *what, *who, *by;
        uint32_t state;
        int64_t quantity;
        day_t from, until;
        size_t n;
        bool ok;
    } cases[] = {
        {"good", "D1", "case/1", HOLD_OPEN, 1, 5, 5, LIMIT_REPEATED, true},
        {"at the bound", "D1", "case/1", HOLD_UPHELD, LIMIT_QUANTITY, 5, 6, 1, true},
        {"too many lines", "D1", "case/1", HOLD_OPEN, 1, 5, 5, LIMIT_REPEATED + 1, false},
        {"too much", "D1", "case/1", HOLD_OPEN, LIMIT_QUANTITY + 1, 5, 5, 1, false},
        {"below 0", "D1", "case/1", HOLD_OPEN, -1, 5, 5, 1, false},
        {"days turned round", "D1", "case/1", HOLD_OPEN, 1, 6, 5, 1, false},
        {"no source", "D1", "", HOLD_OPEN, 1, 5, 5, 1, false},
        {"no state", "D1", "case/1", 0, 1, 5, 5, 1, false},
        {"a state of later", "D1", "case/1", 3, 1, 5, 5, 1, false},
        {"nobody", "D9", "case/1", HOLD_OPEN, 1, 5, 5, 1, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        books w;
        err e = {0};
        Entry__HoldLine l = line_with(cases[i].state, cases[i].quantity, cases[i].from, cases[i].until);
        books_open(&w);
        books_partners(&w);
        if (put(&w, cases[i].who, cases[i].by, &l, cases[i].n, &e) != cases[i].ok)
            fail_msg("%s: %s", cases[i].what, e.text);
        books_close(&w);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_source_is_written_anew_and_released),
        cmocka_unit_test(what_is_no_hold_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
