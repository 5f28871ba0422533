/* links: journal formats */
#include "base/num.h"
#include "daemon/ledger/wallet.h"
#include "daemon/rebate/closing.h"
#include "daemon/rebate/settlement.h"
#include "daemon/rebate/statement.h"
#include "proto/limits.h"
#include "tests/unit/books.h"

static char *z(const char *s) {
    return (char *)(uintptr_t)s;
}

static uint32_t number_of(books *w, const char *id) {
    partner p;
    txn *t = books_read(w);
    assert_true(partner_by_id(t, str_of(id), &p));
    txn_abort(&t);
    return p.no;
}

static accrual_row row_of(books *w, const char *period, const char *bearer, int64_t amount) {
    return (accrual_row){.at = {number_of(w, "D1"), STR("core"), str_of(period), STAGE_ANY, STR("bands")},
                         .revision = 1,
                         .bearer = str_of(bearer),
                         .amount = amount};
}

static err_code post(books *w, const accrual_row *row, size_t n) {
    Entry__Accrual m;
    err e = {0};
    txn *t = books_read(w);
    assert_int_equal(accrual_pack(t, row, n, &w->a, &m), n);
    txn_abort(&t);
    return books_entry(w, KIND_ACCRUAL, "system", &m.base, NULL, &e) ? ERR_OK : e.code;
}

static err_code close_period(books *w, const char *label, bool shut) {
    Entry__Period m = ENTRY__PERIOD__INIT;
    err e = {0};
    m.period = z(label);
    m.close = shut;
    return books_entry(w, KIND_PERIOD, "user:anna", &m.base, NULL, &e) ? ERR_OK : e.code;
}

static err_code settle(books *w, const char *label, bool interim, const due_row *row, size_t n) {
    Entry__Settlement m;
    err e = {0};
    txn *t = books_read(w);
    (void)settlement_pack(t, str_of(label), interim, row, n, &w->a, &m);
    txn_abort(&t);
    return books_entry(w, KIND_SETTLEMENT, "user:anna", &m.base, NULL, &e) ? ERR_OK : e.code;
}

static err_code act(books *w, statement_act what, uint64_t number, uint32_t line, int64_t total) {
    Entry__Step m = ENTRY__STEP__INIT;
    err e = {0};
    m.act = what;
    m.statement = &number;
    m.n_statement = 1;
    m.line = &line;
    m.n_line = line != 0;
    m.total = total;
    return books_entry(w, KIND_STEP, what == ACT_APPROVE ? "user:bob" : "user:anna", &m.base, NULL, &e) ? ERR_OK
                                                                                                        : e.code;
}

static accrual look(books *w, const char *period) {
    accrual a = {.settled = 0};
    accrual_row r = row_of(w, period, period, 0);
    txn *t = books_read(w);
    if (accrual_get(t, &r.at, &a)) a.parts = arena_str(&w->a, a.parts);
    txn_abort(&t);
    return a;
}

static void open_books(books *w) {
    books_open(w);
    books_partners(w);
}

static void an_entry_is_bounded(void **state) {
    (void)state;
    static accrual_row rows[LIMIT_ENTRY_ROWS + 1];
    static char label[LIMIT_ENTRY_ROWS + 1][8];
    books w;
    Entry__Accrual m;
    open_books(&w);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        (void)snprintf(label[i], sizeof label[i], "%04zu", 1000 + i / POLICY_STAGES);
        rows[i] = row_of(&w, label[i], label[i], 1);
        rows[i].at.stage = (unsigned)(i % POLICY_STAGES);
    }
    txn *t = books_read(&w);
    assert_int_equal(accrual_pack(t, rows, LIMIT_ENTRY_ROWS, &w.a, &m), LIMIT_ENTRY_ROWS);
    assert_int_equal(accrual_pack(t, rows, LIMIT_ENTRY_ROWS + 1, &w.a, &m), LIMIT_ENTRY_ROWS);
    txn_abort(&t);
    assert_int_equal(post(&w, rows, LIMIT_ENTRY_ROWS), ERR_OK);
    /* texts that differ row by row fill the dictionary first */
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        rows[i].at.mechanism = str_of(label[i]), label[i][0] = (char)('A' + i % 26);
    t = books_read(&w);
    size_t n = accrual_pack(t, rows, LIMIT_ENTRY_ROWS, &w.a, &m);
    assert_true(n > 0 && n <= LIMIT_ENTRY_ROWS && m.n_text <= LIMIT_ENTRY_ROWS);
    txn_abort(&t);
    books_close(&w);
}

static void what_is_refused(void **state) {
    (void)state;
    books w;
    err e = {0};
    open_books(&w);
    assert_int_equal(close_period(&w, "2026-Q1", true), ERR_OK);
    assert_int_equal(close_period(&w, "2026-Q1", true), ERR_CONFLICT);
    assert_int_equal(close_period(&w, "2026-Q9", true), ERR_DATA);
    assert_int_equal(close_period(&w, "2026-Q2", false), ERR_CONFLICT); /* was never closed */
    accrual_row frozen = row_of(&w, "2026-Q1", "2026-Q1", 100), wrong = row_of(&w, "2026-Q1", "soon", 100),
                huge = row_of(&w, "2026-Q1", "2026-Q2", 2 * LIMIT_WALLET + 1);
    assert_int_equal(post(&w, &frozen, 1), ERR_CONFLICT);
    assert_int_equal(post(&w, &wrong, 1), ERR_DATA);
    assert_int_equal(post(&w, &huge, 1), ERR_DATA);
    Entry__Accrual m;
    txn *t = books_read(&w);
    accrual_row late = row_of(&w, "2026-Q1", "2026-Q2", 100);
    (void)accrual_pack(t, &late, 1, &w.a, &m);
    txn_abort(&t);
    m.n_stage = 0;
    assert_false(books_entry(&w, KIND_ACCRUAL, "system", &m.base, NULL, &e));
    assert_int_equal(e.code, ERR_DATA);
    m.n_stage = 1;
    m.partner[0] = 4000; /* beyond the dictionary */
    assert_false(books_entry(&w, KIND_ACCRUAL, "system", &m.base, NULL, &e));
    assert_int_equal(e.code, ERR_NOT_FOUND);
    assert_int_equal(look(&w, "2026-Q1").entry, 0);
    books_close(&w);
}

static void parts_add_up(void **state) {
    (void)state;
    static const struct {
        const char *bearer;
        int64_t amount, sum;
        size_t parts;
    } steps[] = {{"2026-Q1", 100, 100, 1}, {"2026-Q1", 20, 120, 1}, {"2026-Q2", -50, 70, 2}, {"2026-Q3", 5, 75, 3},
                 {"2026-Q2", 50, 125, 2},  {"2026-Q3", -5, 120, 1}, {"2026-Q1", -120, 0, 0}};
    books w;
    open_books(&w);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        accrual_row r = row_of(&w, "2026-Q1", steps[i].bearer, steps[i].amount);
        assert_int_equal(post(&w, &r, 1), ERR_OK);
        accrual a = look(&w, "2026-Q1");
        reader parts = reader_of(a.parts);
        size_t n = 0;
        str bearer;
        for (int64_t amount; accrual_part(&parts, &bearer, &amount);) n++;
        if (accrual_posted(&a) != steps[i].sum || n != steps[i].parts) fail_msg("step %zu", i);
    }
    books_close(&w);
}

static void late_ones_go_to_the_next_open_period(void **state) {
    (void)state;
    static const struct {
        const char *label, *bearer;
    } cases[] = {{"2026-01", "2026-04"},        {"2026-03", "2026-04"}, {"2026-04", "2026-04"},
                 {"2025-Q4", "2026-Q1"},        {"2026", "2026"},       {"once/spring", "2026-06"},
                 {"once/autumn", "once/autumn"}};
    static const char *const closed[] = {"2026-01", "2026-02", "2026-03", "2025-Q4", "once/spring"};
    books w;
    AUTO(buf) b = {0};
    open_books(&w);
    for (size_t i = 0; i < ARRAY_LEN(closed); i++) assert_int_equal(close_period(&w, closed[i], true), ERR_OK);
    txn *t = books_read(&w);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        closing_bearer(t, str_of(cases[i].label), day_of(2026, 6, 30), &b);
        if (!str_is(buf_str(&b), cases[i].bearer)) fail_msg("%s: borne by %s", cases[i].label, buf_z(&b));
    }
    txn_abort(&t);
    books_close(&w);
}

static void a_statement_is_paid_once_and_by_a_second_person(void **state) {
    (void)state;
    books w;
    wallet_figures f;
    open_books(&w);
    accrual_row r = row_of(&w, "2026-Q1", "2026-Q1", 100);
    due_row due = {
        .at = r.at, .revision = 1, .company = STR("main"), .form = PAYOUT_CASH, .expires_days = 30, .amount = 100};
    assert_int_equal(settle(&w, "2026-Q1", true, &due, 1), ERR_CONFLICT); /* never accrued */
    assert_int_equal(post(&w, &r, 1), ERR_OK);
    assert_int_equal(settle(&w, "2026-Q1", false, &due, 1), ERR_CONFLICT); /* open */
    assert_int_equal(settle(&w, "2026-Q1", true, &due, 1), ERR_OK);
    assert_int_equal(look(&w, "2026-Q1").settled, 100);
    assert_int_equal(act(&w, ACT_PAY, 1, 0, 100), ERR_CONFLICT); /* a draft */
    assert_int_equal(act(&w, ACT_REVIEW, 2, 0, 0), ERR_NOT_FOUND);
    assert_int_equal(act(&w, ACT_REVIEW, 1, 2, 0), ERR_NOT_FOUND);
    assert_int_equal(act(&w, ACT_REVIEW, 1, 1, 0), ERR_OK);
    assert_int_equal(act(&w, ACT_CONFIRM, 1, 0, 0), ERR_OK);
    assert_int_equal(act(&w, ACT_PAY, 1, 0, 100), ERR_CONFLICT); /* finance has not approved it */
    assert_int_equal(act(&w, ACT_APPROVE, 1, 0, 0), ERR_OK);
    assert_int_equal(act(&w, ACT_PAY, 1, 0, 99), ERR_CONFLICT); /* not what it comes to */
    uint64_t one = 1;
    Entry__Step own = ENTRY__STEP__INIT;
    own.act = ACT_PAY;
    own.statement = &one;
    own.n_statement = 1;
    own.total = 100;
    err e = {0};
    assert_false(books_entry(&w, KIND_STEP, "user:bob", &own.base, NULL, &e)); /* who approved it */
    assert_int_equal(e.code, ERR_DENIED);
    assert_int_equal(act(&w, ACT_PAY, 1, 0, 100), ERR_OK);
    assert_int_equal(act(&w, ACT_PAY, 1, 0, 100), ERR_CONFLICT);
    assert_int_equal(act(&w, STATEMENT_ACT_END, 1, 0, 0), ERR_DATA);
    txn *t = books_read(&w);
    day_t today = day_at(w.now_ms, 480);
    wallet_look(t, &(wallet_key){r.at.partner, STR("main"), currency_no(STR("CNY")), WALLET_REBATE}, today, today + 30,
                &f);
    txn_abort(&t);
    assert_int_equal(f.balance, 100);
    assert_int_equal(f.expiring, 100);
    assert_int_equal(f.next_expiry, today + 30);
    books_close(&w);
}

/* A line that is withdrawn is not settled any more. */
static void withdrawn_lines_are_free_again(void **state) {
    (void)state;
    books w;
    open_books(&w);
    accrual_row r = row_of(&w, "2026-Q1", "2026-Q1", 100);
    due_row due[] = {
        {.at = r.at, .revision = 1, .company = STR("main"), .form = PAYOUT_CASH, .amount = 100},
        {.at = r.at, .revision = 1, .company = STR("main"), .form = PAYOUT_CASH, .amount = 7, .held = "held"}};
    assert_int_equal(post(&w, &r, 1), ERR_OK);
    assert_int_equal(settle(&w, "2026-Q1", true, due, 2), ERR_OK);
    assert_int_equal(look(&w, "2026-Q1").settled, 100); /* what is held is not on it */
    assert_int_equal(act(&w, ACT_WITHDRAW, 1, 0, 0), ERR_OK);
    assert_int_equal(look(&w, "2026-Q1").settled, 0);
    assert_int_equal(act(&w, ACT_WITHDRAW, 1, 0, 0), ERR_CONFLICT);
    books_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_is_bounded),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(parts_add_up),
        cmocka_unit_test(late_ones_go_to_the_next_open_period),
        cmocka_unit_test(a_statement_is_paid_once_and_by_a_second_person),
        cmocka_unit_test(withdrawn_lines_are_free_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
