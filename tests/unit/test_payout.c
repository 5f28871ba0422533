/* links: journal formats */
#include "base/num.h"
#include "daemon/catalog/users.h"
#include "daemon/rebate/accounts.h"
#include "daemon/rebate/credit.h"
#include "maths/exact.h"
#include "tests/unit/books.h"

/* Payouts: their life, how a credit note is shared over invoices, and which accounts a voucher is booked on. */

/* ---- the life, cell by cell: form × state × act; 0: it cannot be done */

static const struct cell {
    redemption_state to;
    const char *roles;
} word[REDEMPTION_STATE_END][REDEEM_END] =
    {[REDEMPTION_REQUESTED] = {[REDEEM_CONFIRM] = {REDEMPTION_CONFIRMED, "admin partner_owner finance"},
                               [REDEEM_REFUSE] = {REDEMPTION_REFUSED, "admin partner_owner finance"}},
     [REDEMPTION_CONFIRMED] = {[REDEEM_ISSUE] = {REDEMPTION_ISSUED, "admin finance"},
                               [REDEEM_REFUSE] = {REDEMPTION_REFUSED, "admin finance"},
                               [REDEEM_EXPORT] = {REDEMPTION_CONFIRMED, "admin finance"}},
     [REDEMPTION_ISSUED] = {[REDEEM_VOID] = {REDEMPTION_VOIDED, "admin finance"}}},
  none[REDEMPTION_STATE_END][REDEEM_END] = {
      [REDEMPTION_REQUESTED] = {[REDEEM_ISSUE] = {REDEMPTION_ISSUED, "admin finance"},
                                [REDEEM_REFUSE] = {REDEMPTION_REFUSED, "admin finance"},
                                [REDEEM_EXPORT] = {REDEMPTION_REQUESTED, "admin finance"}},
      [REDEMPTION_ISSUED] = {[REDEEM_VOID] = {REDEMPTION_VOIDED, "admin finance"}}};

static bool named(const char *list, const char *name) {
    str rest = str_of(list), piece;
    while (str_split(&rest, ' ', &piece))
        if (str_is(piece, name)) return true;
    return false;
}

static void check_cell(payout_form form, redemption_state from, redemption_act act, const struct cell *c) {
    redemption_state to = 0;
    bool can = redemption_step(form, from, act, &to);
    if (can != (c->to != 0) || to != c->to) fail_msg("form %d, %s, act %d", form, redemption_state_name(from), act);
    for (size_t r = 0; r < user_role_count; r++) {
        bool may = redemption_may(form, from, act, user_role_bit(str_of(user_roles[r])));
        if (may != (c->to && named(c->roles, user_roles[r])))
            fail_msg("form %d, %s, act %d by %s", form, redemption_state_name(from), act, user_roles[r]);
    }
}

static void every_cell_of_the_life(void **state) {
    (void)state;
    for (payout_form f = PAYOUT_CREDIT_NOTE; f <= PAYOUT_EXPENSE; f++)
        for (redemption_state s = REDEMPTION_REQUESTED; s < REDEMPTION_STATE_END; s++)
            for (redemption_act a = REDEEM_CONFIRM; a < REDEEM_END; a++)
                if (f != PAYOUT_OFFSET)
                    check_cell(f, s, a, f == PAYOUT_CASH || f == PAYOUT_GOODS ? &none[s][a] : &word[s][a]);
}

/* ---- sharing */

enum { MOST = 40 };

static uint32_t next(uint32_t *seed) {
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static const uint32_t rates[] = {0, 60000, 90000, 130000};

/* Invoices in their order: by rate, then day. */
static void invent(uint32_t *s, open_invoice *v, open_invoices *out) {
    size_t n = 0;
    for (size_t r = 0; r < ARRAY_LEN(rates); r++)
        for (size_t k = next(s) % 6; k > 0 && n < MOST; k--) {
            v[n] = (open_invoice){.document = n + 1, .number = STR("F"), .day = (day_t)(20000 + n), .rate = rates[r]};
            v[n].open = next(s) % 4 ? next(s) % 100000 : 0;
            n++;
        }
    *out = (open_invoices){.at = v, .n = n, .cap = n};
}

/* |part · of − whole · weight| < of: no part is off its exact share by a whole fen. */
static bool near(int64_t part, int64_t whole, int64_t weight, int64_t of) {
    wide off = (wide)part * of - (wide)whole * weight;
    return of == 0 ? part == 0 : (off < 0 ? -off : off) < of;
}

static void check_round(const open_invoices *v, const int64_t *part, bool inside, day_t first, day_t last) {
    int64_t whole = 0, open = 0;
    for (size_t i = 0; i < v->n; i++) {
        bool in = v->at[i].day >= first && v->at[i].day <= last;
        if (in == inside) whole += part[i], open += v->at[i].open;
    }
    for (size_t r = 0; r < ARRAY_LEN(rates); r++) {
        int64_t of_rate = 0, open_rate = 0;
        for (size_t i = 0; i < v->n; i++) {
            bool in = v->at[i].day >= first && v->at[i].day <= last;
            if (in == inside && v->at[i].rate == rates[r]) of_rate += part[i], open_rate += v->at[i].open;
        }
        assert_true(near(of_rate, whole, open_rate, open));
        for (size_t i = 0; i < v->n; i++) {
            bool in = v->at[i].day >= first && v->at[i].day <= last;
            if (in == inside && v->at[i].rate == rates[r])
                assert_true(near(part[i], of_rate, v->at[i].open, open_rate));
        }
    }
}

static void a_credit_note_never_takes_more_than_is_open(void **state) {
    (void)state;
    for (uint32_t seed = 1; seed <= 3000; seed++) {
        AUTO(arena) a = {0};
        uint32_t s = seed;
        err e = {0};
        open_invoice v[MOST];
        open_invoices all;
        redemption_line *line;
        size_t n;
        int64_t open = 0, inside = 0, sum = 0, taken, part[MOST] = {0}, tax[ARRAY_LEN(rates)] = {0},
                gross[ARRAY_LEN(rates)] = {0};
        arena_init(&a, 1 << 20);
        invent(&s, v, &all);
        day_t first = (day_t)(20000 + next(&s) % 20), last = first + (day_t)(next(&s) % 20);
        int64_t amount = next(&s) % 600000;
        for (size_t i = 0; i < all.n; i++) {
            open += v[i].open;
            if (v[i].day >= first && v[i].day <= last) inside += v[i].open;
        }
        if (!credit_allot(&all, first, last, amount, &a, &line, &n, &taken, &e)) fail_msg("seed %u: %s", seed, e.text);
        assert_true(taken == (amount < open ? amount : open));
        for (size_t i = 0; i < n; i++) {
            open_invoice *x = &v[line[i].document - 1];
            if (line[i].amount <= 0 || line[i].amount > x->open || line[i].rate != x->rate) fail_msg("seed %u", seed);
            part[line[i].document - 1] = line[i].amount;
            sum += line[i].amount;
            for (size_t r = 0; r < ARRAY_LEN(rates); r++)
                if (line[i].rate == rates[r]) tax[r] += line[i].tax, gross[r] += line[i].amount;
        }
        assert_true(sum == taken);
        for (size_t r = 0; r < ARRAY_LEN(rates); r++) {
            int64_t wanted;
            assert_true(mul_div(gross[r], rates[r], 1000000 + rates[r], &wanted));
            assert_true(tax[r] == wanted); /* rounded once a rate */
        }
        int64_t in = 0;
        for (size_t i = 0; i < all.n; i++)
            if (v[i].day >= first && v[i].day <= last) in += part[i];
        assert_true(in == (amount < inside ? amount : inside)); /* the days asked for go first */
        check_round(&all, part, true, first, last);
        check_round(&all, part, false, first, last);
    }
}

/* ---- accounts */

static void rows_of_accounts(void **state) {
    (void)state;
    static const char yaml[] = "accounts:\n"
                               "- {kind: payout, debit: d, credit: any}\n"
                               "- {kind: payout, form: cash, debit: d, credit: form}\n"
                               "- {kind: payout, company: east, debit: d, credit: company}\n"
                               "- {kind: payout, form: cash, company: east, debit: d, credit: both}\n"
                               "- {kind: payout, policy: core, debit: d, credit: policy}\n"
                               "- {kind: accrual, policy: core, debit: a, credit: b}\n";
    static const struct {
        voucher_kind kind;
        const char *form, *policy, *company, *credit;
    } cases[] = {
        {VOUCHER_PAYOUT, "goods", "x", "main", "any"},      {VOUCHER_PAYOUT, "cash", "x", "main", "form"},
        {VOUCHER_PAYOUT, "goods", "x", "east", "company"},  {VOUCHER_PAYOUT, "cash", "x", "east", "both"},
        {VOUCHER_PAYOUT, "cash", "core", "east", "policy"}, {VOUCHER_ACCRUAL, "cash", "core", "east", "b"},
        {VOUCHER_ACCRUAL, "cash", "x", "east", NULL},       {VOUCHER_REVERSAL, "cash", "core", "east", NULL},
    };
    AUTO(accounts) a = {0};
    err e = {0};
    if (!accounts_parse(str_of(yaml), &a, &e)) fail_msg("%s", e.text);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const account_row *r =
            accounts_find(&a, cases[i].kind, str_of(cases[i].form), str_of(cases[i].policy), str_of(cases[i].company));
        if (r == NULL ? cases[i].credit != NULL : !str_is(r->credit, cases[i].credit ? cases[i].credit : ""))
            fail_msg("case %zu", i);
    }
}

static void accounts_are_checked_whole(void **state) {
    (void)state;
    static const struct {
        const char *yaml, *why;
    } cases[] = {
        {"", "line 1: accounts: at least one row"},
        {"accounts: []", "line 1: accounts: at least one row"},
        {"apiVersion: v2\naccounts:\n- {kind: payout, debit: a, credit: b}", "line 1: apiVersion"},
        {"kind: Policy\naccounts:\n- {kind: payout, debit: a, credit: b}", "line 1: kind"},
        {"account:\n- {kind: payout}", "line 2: unknown key"},
        {"accounts:\n- {kind: payout, debit: a}", "line 2: credit is missing"},
        {"accounts:\n- {kind: paid, debit: a, credit: b}", "line 2: kind"},
        {"accounts:\n- {debit: a, credit: b}", "line 2: kind is missing"},
        {"accounts:\n- {kind: payout, form: gift, debit: a, credit: b}", "line 2: form"},
        {"accounts:\n- {kind: payout, sku: P1, debit: a, credit: b}", "line 2"},
        {"accounts:\n- {kind: payout, debit: a, credit: b}\n- {kind: payout, debit: c, credit: d}",
         "line 3: a second row"},
        {"accounts:\n- payout", "line 2"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(accounts) a = {0};
        err e = {0};
        if (accounts_parse(str_of(cases[i].yaml), &a, &e)) fail_msg("case %zu is read", i);
        if (e.code != ERR_CONFIG || strncmp(e.text, cases[i].why, strlen(cases[i].why)) != 0)
            fail_msg("case %zu: %s", i, e.text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_of_the_life),
        cmocka_unit_test(a_credit_note_never_takes_more_than_is_open),
        cmocka_unit_test(rows_of_accounts),
        cmocka_unit_test(accounts_are_checked_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
