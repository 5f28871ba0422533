/* links: journal formats */
#include "daemon/catalog/users.h"
#include "daemon/ledger/wallet.h"
#include "daemon/trace/cases.h"
#include "proto/limits.h"
#include "tests/unit/books.h"

enum { STATES = CASE_STATE_END - 1, ACTS = CASE_ACT_END - 1 };
static const char letters[] = "anpudxc"; /* alert notified appealed upheld dismissed penalised closed */

/* What leads where, from the rules of the trade: a column a state, in it the state that follows; '.': it cannot be done. */
static const struct {
    case_act act;
    const char *name, *to, *roles;
} matrix[] = {
    {DO_OPEN, "open", ".......", ""},
    {DO_GATHER, "gather", "a......", ""},
    {DO_ASSIGN, "assign", "anpu.x.", "admin channel_manager"},
    {DO_COMMENT, "comment", "anpudxc", "admin channel_manager account_manager finance inspector"},
    {DO_NOTIFY, "notify", "n......", "admin channel_manager account_manager"},
    {DO_APPEAL, "appeal", ".ppp.p.", "admin partner_owner"},
    {DO_UPHOLD, "uphold", ".uu....", "admin channel_manager finance"},
    {DO_DISMISS, "dismiss", "ddd....", "admin channel_manager finance"},
    {DO_PENALISE, "penalise", "...x...", "admin channel_manager finance"},
    {DO_COMPENSATE, "compensate", ".....x.", "admin channel_manager finance"},
    {DO_CLOSE, "close", "....cc.", "admin channel_manager"},
    {DO_REOPEN, "reopen", "....a.a", "admin channel_manager"},
    {DO_COVER, "cover", "dddd.d.", ""},
    {DO_RELEASE, "release", ".npu...", ""},
    {DO_INSPECT, "inspect", "anpudxc", ""},
};

static case_state state_of(char letter) {
    const char *at = strchr(letters, letter);
    return at ? (case_state)(CASE_ALERT + (at - letters)) : CASE_STATE_END;
}

static bool named(const char *roles, const char *role) {
    str rest = str_of(roles), one;
    while (str_split(&rest, ' ', &one))
        if (str_is(one, role)) return true;
    return false;
}

static void every_cell_of_state_act_and_role(void **state) {
    (void)state;
    assert_int_equal(ARRAY_LEN(matrix), ACTS);
    assert_int_equal(strlen(letters), STATES);
    for (size_t i = 0; i < ACTS; i++)
        for (size_t s = 0; s < STATES; s++) {
            case_state from = (case_state)(CASE_ALERT + s), to = CASE_STATE_END, wanted = state_of(matrix[i].to[s]);
            bool leads = case_step(from, matrix[i].act, &to);
            if (leads != (matrix[i].to[s] != '.') || to != wanted)
                fail_msg("%s from %s leads to state %d, wanted %d", matrix[i].name, case_state_name(from), to, wanted);
            for (size_t r = 0; r < user_role_count; r++) {
                bool may = case_may(from, matrix[i].act, user_role_bit(str_of(user_roles[r])));
                if (may != (leads && named(matrix[i].roles, user_roles[r])))
                    fail_msg("%s: %s from %s %s", user_roles[r], matrix[i].name, case_state_name(from),
                             may ? "is allowed" : "is refused");
            }
            assert_false(case_may(from, matrix[i].act, 0));
            assert_false(case_may(from, matrix[i].act, 1u << user_role_count));
        }
}

static void states_and_acts_have_their_words(void **state) {
    (void)state;
    static const char *const names[] = {"alert", "notified", "appealed", "upheld", "dismissed", "penalised", "closed"};
    case_state found;
    for (size_t i = 0; i < STATES; i++) {
        assert_string_equal(case_state_name((case_state)(CASE_ALERT + i)), names[i]);
        assert_true(case_state_parse(str_of(names[i]), &found));
        assert_int_equal(found, CASE_ALERT + i);
        assert_int_equal(case_is_open(found), found != CASE_DISMISSED && found != CASE_CLOSED);
    }
    for (size_t i = 0; i < ACTS; i++) assert_string_equal(case_act_name(matrix[i].act), matrix[i].name);
    assert_false(case_state_parse(STR("Alert"), &found));
    assert_false(case_state_parse(STR(""), &found));
}

/* ---- the same through the journal: what is refused changes nothing */

static void change(books *w, void (*how)(txn *t, void *arg), void *arg) {
    txn *t = NULL;
    err e = {0};
    assert_true(txn_begin(w->db, TXN_WRITE, &t, &e));
    how(t, arg);
    assert_true(txn_commit(&t, &e));
}

static void put_head(txn *t, void *arg) {
    case_put(t, arg);
}

static case_head get_head(books *w, const char *id) {
    case_head h;
    txn *t = books_read(w);
    assert_true(case_get(t, str_of(id), &h));
    case_keep(&h, &w->a);
    txn_abort(&t);
    return h;
}

static uint32_t number_of(books *w, const char *id) {
    partner p;
    txn *t = books_read(w);
    assert_true(partner_by_id(t, str_of(id), &p));
    txn_abort(&t);
    return p.no;
}

static day_t today_of(const books *w) {
    return day_at(w->now_ms, 8 * 60);
}

static case_head head_in(books *w, const char *id, case_state s) {
    return (case_head){.id = str_of(id),
                       .partner = number_of(w, "D1"),
                       .state = s,
                       .score = 60,
                       .answer_due = today_of(w) - 1,
                       .own_due = DAY_MAX,
                       .appeal_due = DAY_MAX,
                       .no_exemptions = DAY_MIN,
                       .upheld = DAY_MIN,
                       .currency = currency_no(STR("CNY")),
                       .group = STR("G"),
                       .assignee = STR(""),
                       .clause = STR(""),
                       .contract = STR(""),
                       .verdict = STR("")};
}

static bool step(books *w, const char *id, case_act act, Entry__CaseStep *m, err *e) {
    m->id = (char *)(uintptr_t)id;
    m->act = act;
    return books_entry(w, KIND_CASE_STEP, "user:anna", &m->base, NULL, e);
}

static void every_cell_through_the_journal(void **state) {
    (void)state;
    books w;
    books_open(&w);
    books_partners(&w);
    for (size_t i = 0; i < ACTS; i++)
        for (size_t s = 0; s < STATES; s++) {
            Entry__CaseStep m = ENTRY__CASE_STEP__INIT;
            case_head h = head_in(&w, "C-1", (case_state)(CASE_ALERT + s));
            err e = {0};
            if (matrix[i].act == DO_CLOSE) h.appeal_due = today_of(&w) - 1;
            change(&w, put_head, &h);
            bool leads = matrix[i].to[s] != '.' && matrix[i].act > DO_GATHER; /* those are of a judgement */
            bool done = step(&w, "C-1", matrix[i].act, &m, &e);
            case_head after = get_head(&w, "C-1");
            if (done != leads) fail_msg("%s from %s: %s", matrix[i].name, case_state_name(h.state), e.text);
            assert_int_equal(after.state, leads ? state_of(matrix[i].to[s]) : h.state);
            assert_int_equal(after.steps, leads ? 1 : 0);
            if (!done) assert_int_equal(e.code, matrix[i].act > DO_GATHER ? ERR_CONFLICT : ERR_DATA);
        }
    books_close(&w);
}

static void deadlines_to_the_day(void **state) {
    (void)state;
    static const struct {
        case_state from;
        case_act act;
        int answer, appeal; /* days from today */
        bool ok;
    } rows[] = {
        {CASE_NOTIFIED, DO_UPHOLD, 0, 9, false},  {CASE_NOTIFIED, DO_UPHOLD, -1, 9, true},
        {CASE_APPEALED, DO_UPHOLD, 5, 9, true},   {CASE_NOTIFIED, DO_DISMISS, 5, 9, true},
        {CASE_UPHELD, DO_APPEAL, -9, 0, true},    {CASE_UPHELD, DO_APPEAL, -9, -1, false},
        {CASE_PENALISED, DO_APPEAL, -9, 0, true}, {CASE_PENALISED, DO_APPEAL, -9, -1, false},
        {CASE_NOTIFIED, DO_APPEAL, -9, -9, true}, {CASE_PENALISED, DO_CLOSE, -9, 0, false},
        {CASE_PENALISED, DO_CLOSE, -9, -1, true}, {CASE_DISMISSED, DO_CLOSE, -9, 5, true},
    };
    books w;
    books_open(&w);
    books_partners(&w);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        Entry__CaseStep m = ENTRY__CASE_STEP__INIT;
        case_head h = head_in(&w, "C-1", rows[i].from);
        err e = {0};
        h.answer_due = today_of(&w) + rows[i].answer;
        h.appeal_due = today_of(&w) + rows[i].appeal;
        change(&w, put_head, &h);
        bool ok = step(&w, "C-1", rows[i].act, &m, &e);
        if (ok != rows[i].ok) fail_msg("row %zu: %s", i, e.text);
        if (!ok) assert_int_equal(e.code, ERR_CONFLICT);
    }
    books_close(&w);
}

/* ---- money */

static Entry__WalletMove move_of(wallet_account account, wallet_cause cause, int64_t amount) {
    Entry__WalletMove m = ENTRY__WALLET_MOVE__INIT;
    m.partner = (char *)(uintptr_t) "D1";
    m.company = (char *)(uintptr_t) "main";
    m.currency = (char *)(uintptr_t) "CNY";
    m.account = account;
    m.cause = cause;
    m.amount = amount;
    return m;
}

static wallet_figures figures(books *w, wallet_account account) {
    wallet_figures f;
    wallet_key at = {number_of(w, "D1"), STR("main"), currency_no(STR("CNY")), account};
    txn *t = books_read(w);
    wallet_look(t, &at, today_of(w), today_of(w), &f);
    txn_abort(&t);
    return f;
}

static void a_won_appeal_restores_the_wallet_to_the_fen(void **state) {
    (void)state;
    books w;
    err e = {0};
    books_open(&w);
    books_partners(&w);
    case_head h = head_in(&w, "C-1", CASE_ALERT);
    h.appeal_due = DAY_MAX;
    change(&w, put_head, &h);
    Entry__CaseStep notified = ENTRY__CASE_STEP__INIT, upheld = notified, penalised = notified, appealed = notified,
                    dismissed = notified;
    Entry__CaseHold held = ENTRY__CASE_HOLD__INIT, *holds[] = {&held};
    held.company = (char *)(uintptr_t) "main";
    held.currency = (char *)(uintptr_t) "CNY";
    held.account = WALLET_REBATE;
    held.amount = 12345;
    notified.hold = holds, notified.n_hold = 1;
    notified.due = today_of(&w) - 1;
    upheld.appeal_due = notified.own_due = upheld.own_due = DAY_MAX;
    Entry__WalletMove a = move_of(WALLET_REBATE, CAUSE_PENALTY, -12345),
                      b = move_of(WALLET_DEPOSIT, CAUSE_PENALTY, -6789), *moves[] = {&a, &b};
    penalised.move = moves, penalised.n_move = 2;
    penalised.schedule = penalised.offence = 1;
    penalised.currency = (char *)(uintptr_t) "CNY";
    assert_true(step(&w, "C-1", DO_NOTIFY, &notified, &e));
    assert_int_equal(figures(&w, WALLET_REBATE).held, 12345);
    if (!step(&w, "C-1", DO_UPHOLD, &upheld, &e)) fail_msg("%s", e.text);
    if (!step(&w, "C-1", DO_PENALISE, &penalised, &e)) fail_msg("%s", e.text);
    assert_int_equal(figures(&w, WALLET_REBATE).balance, -12345);
    assert_int_equal(figures(&w, WALLET_DEPOSIT).balance, -6789);
    assert_int_equal(figures(&w, WALLET_REBATE).held, 0);
    assert_int_equal(get_head(&w, "C-1").penalty, 12345 + 6789);
    assert_true(step(&w, "C-1", DO_APPEAL, &appealed, &e));
    if (!step(&w, "C-1", DO_DISMISS, &dismissed, &e)) fail_msg("%s", e.text);
    assert_int_equal(figures(&w, WALLET_REBATE).balance, 0);
    assert_int_equal(figures(&w, WALLET_DEPOSIT).balance, 0);
    assert_int_equal(get_head(&w, "C-1").penalty, 0);
    assert_int_equal(get_head(&w, "C-1").offence, 0);
    books_close(&w);
}

static void money_moves_by_its_own_acts_only(void **state) {
    (void)state;
    books w;
    books_open(&w);
    books_partners(&w);
    for (size_t i = 0; i < ACTS; i++) {
        size_t s = strcspn(matrix[i].to, letters);
        Entry__CaseStep pays = ENTRY__CASE_STEP__INIT, holds = pays;
        Entry__WalletMove x = move_of(WALLET_REBATE, CAUSE_PENALTY, -1), *moves[] = {&x};
        Entry__CaseHold held = ENTRY__CASE_HOLD__INIT, *list[] = {&held};
        case_head h = head_in(&w, "C-1", (case_state)(CASE_ALERT + s));
        bool reverses =
            matrix[i].act == DO_DISMISS || matrix[i].act == DO_COVER; /* they post what was, the other way */
        err e = {0};
        if (matrix[i].act <= DO_GATHER || reverses) continue;
        if (matrix[i].act == DO_CLOSE) h.appeal_due = today_of(&w) - 1;
        pays.move = moves, pays.n_move = 1;
        held.company = held.currency = (char *)(uintptr_t) "CNY";
        held.account = WALLET_REBATE, held.amount = 1;
        holds.hold = list, holds.n_hold = 1;
        change(&w, put_head, &h);
        bool wanted = matrix[i].act == DO_PENALISE || matrix[i].act == DO_COMPENSATE;
        if (step(&w, "C-1", matrix[i].act, &pays, &e) != wanted) fail_msg("%s moves money", matrix[i].name);
        change(&w, put_head, &h);
        if (step(&w, "C-1", matrix[i].act, &holds, &e) != (matrix[i].act == DO_NOTIFY))
            fail_msg("%s holds money", matrix[i].name);
    }
    books_close(&w);
}

/* ---- offences in a window: upheld, on a signed contract, of the same partner, another case */

static void offences_count_in_their_window(void **state) {
    (void)state;
    books w;
    books_open(&w);
    books_partners(&w);
    uint32_t other = number_of(&w, "D2");
    const struct {
        const char *id;
        uint32_t offence, partner;
        day_t upheld;
    } rows[] = {
        {"C-1", 1, 0, day_of(2025, 6, 30)}, /* twelve months later is the day itself: no longer */
        {"C-2", 2, 0, day_of(2025, 7, 1)},     {"C-3", 0, 0, day_of(2026, 1, 1)}, /* a warning is no offence */
        {"C-4", 1, other, day_of(2026, 1, 1)}, {"C-5", 3, 0, day_of(2026, 6, 30)}, {"C-6", 1, 0, DAY_MIN},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        case_head h = head_in(&w, rows[i].id, CASE_PENALISED);
        h.offence = rows[i].offence;
        h.upheld = rows[i].upheld;
        if (rows[i].partner) h.partner = rows[i].partner;
        change(&w, put_head, &h);
    }
    txn *t = books_read(&w);
    uint32_t d1 = head_in(&w, "", CASE_ALERT).partner;
    const struct {
        uint32_t partner;
        const char *but;
        unsigned months;
        uint32_t wanted;
    } asked[] = {{d1, "", 12, 2}, {d1, "C-5", 12, 1}, {d1, "C-2", 12, 1},    {d1, "", 13, 3},
                 {d1, "", 1, 1},  {other, "", 12, 1}, {other, "C-4", 12, 0}, {d1, "C-3", 120, 3}};
    for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
        uint32_t n = case_offences(t, asked[i].partner, str_of(asked[i].but), day_of(2026, 6, 30), asked[i].months);
        if (n != asked[i].wanted) fail_msg("row %zu: %u offences, wanted %u", i, n, asked[i].wanted);
    }
    txn_abort(&t);
    books_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_of_state_act_and_role),
        cmocka_unit_test(states_and_acts_have_their_words),
        cmocka_unit_test(every_cell_through_the_journal),
        cmocka_unit_test(deadlines_to_the_day),
        cmocka_unit_test(a_won_appeal_restores_the_wallet_to_the_fen),
        cmocka_unit_test(money_moves_by_its_own_acts_only),
        cmocka_unit_test(offences_count_in_their_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
