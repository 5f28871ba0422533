/* links: journal formats */
#include "base/num.h"
#include "daemon/journal/proposal.h"
#include "daemon/ledger/wallet.h"
#include "proto/limits.h"
#include "tests/unit/books.h"

typedef struct step {
    int64_t amount;
    day_t day, expires;
    wallet_cause cause;
} step;

static bool post(books *w, const char *whose, const step *s, err *e) {
    Entry__WalletMove m = ENTRY__WALLET_MOVE__INIT, *list[] = {&m};
    Entry__Wallet body = ENTRY__WALLET__INIT;
    m.partner = (char *)(uintptr_t)whose;
    m.company = (char *)(uintptr_t) "main";
    m.currency = (char *)(uintptr_t) "CNY";
    m.account = WALLET_REBATE;
    m.cause = s->cause;
    m.amount = s->amount;
    m.day = s->day;
    m.expires = s->expires;
    body.move = list;
    body.n_move = 1;
    return books_entry(w, KIND_WALLET, "user:anna", &body.base, NULL, e);
}

static wallet_figures look(books *w, const char *partner_name, day_t today, day_t until) {
    wallet_figures f;
    partner p;
    txn *t = books_read(w);
    assert_true(partner_by_id(t, str_of(partner_name), &p));
    wallet_look(t, &(wallet_key){p.no, STR("main"), currency_no(STR("CNY")), WALLET_REBATE}, today, until, &f);
    txn_abort(&t);
    return f;
}

static void credits_are_used_the_soonest_first(void **state) {
    (void)state;
    static const struct {
        const char *what;
        step steps[5];
        int64_t balance, available, expiring, expired; /* on 1 June, looking to 30 June */
        day_t next;
    } cases[] = {
        {"nothing expires", {{100, 20000, 0, CAUSE_ADJUSTMENT}}, 100, 100, 0, 0, DAY_MAX},
        {"a debit takes the soonest",
         {{100, 20000, 20630, CAUSE_SETTLEMENT}, {50, 20001, 20620, CAUSE_SETTLEMENT}, {-60, 20002, 0, CAUSE_ORDER}},
         90,
         90,
         90,
         0,
         20630},
        {"what is overdrawn is made good first",
         {{-30, 20000, 0, CAUSE_PENALTY}, {50, 20001, 20620, CAUSE_SETTLEMENT}},
         20,
         20,
         20,
         0,
         20620},
        {"past its last day",
         {{70, 20000, 20500, CAUSE_SETTLEMENT}, {10, 20001, 0, CAUSE_SETTLEMENT}},
         80,
         10,
         0,
         70,
         DAY_MAX},
        {"the last day still counts", {{70, 20000, 20605, CAUSE_SETTLEMENT}}, 70, 70, 70, 0, 20605},
        {"beyond the look-out", {{70, 20000, 20635, CAUSE_SETTLEMENT}}, 70, 70, 0, 0, 20635},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        books w;
        err e = {0};
        books_open(&w);
        books_partners(&w);
        for (size_t k = 0; k < ARRAY_LEN(cases[i].steps) && cases[i].steps[k].amount; k++)
            if (!post(&w, "D1", &cases[i].steps[k], &e)) fail_msg("%s: %s", cases[i].what, e.text);
        wallet_figures f = look(&w, "D1", 20605, 20634);
        if (f.balance != cases[i].balance || f.available != cases[i].available || f.expiring != cases[i].expiring ||
            f.expired != cases[i].expired || f.next_expiry != cases[i].next)
            fail_msg("%s: balance %lld, available %lld, expiring %lld, expired %lld, next %d", cases[i].what,
                     (long long)f.balance, (long long)f.available, (long long)f.expiring, (long long)f.expired,
                     f.next_expiry);
        books_close(&w);
    }
}

static void what_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *partner;
        step s;
        err_code why;
    } cases[] = {
        {"D1", {0, 20000, 0, CAUSE_ADJUSTMENT}, ERR_DATA},
        {"D1", {-1, 20000, 0, CAUSE_ADJUSTMENT}, ERR_CONFLICT},
        {"D1", {-1, 20000, 0, CAUSE_PAYOUT}, ERR_CONFLICT},
        {"D1", {1, 20000, 0, WALLET_CAUSE_END}, ERR_DATA},
        {"D1", {LIMIT_WALLET + 1, 20000, 0, CAUSE_ADJUSTMENT}, ERR_DATA},
        {"nobody", {1, 20000, 0, CAUSE_ADJUSTMENT}, ERR_NOT_FOUND},
    };
    books w;
    books_open(&w);
    books_partners(&w);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        err e = {0};
        if (post(&w, cases[i].partner, &cases[i].s, &e) || e.code != cases[i].why) fail_msg("case %zu: %s", i, e.text);
    }
    err e = {0};
    assert_true(post(&w, "D1", &(step){LIMIT_WALLET, 20000, 0, CAUSE_ADJUSTMENT}, &e));
    assert_false(post(&w, "D1", &(step){1, 20000, 0, CAUSE_ADJUSTMENT}, &e)); /* the sum */
    assert_true(look(&w, "D1", 20605, 20605).balance == LIMIT_WALLET);
    books_close(&w);
}

/* Both sides of everything add up to nothing. */
static void double_entry(void **state) {
    (void)state;
    static const step steps[] = {{500, 20000, 20620, CAUSE_SETTLEMENT},
                                 {-200, 20001, 0, CAUSE_PAYOUT},
                                 {-900, 20002, 0, CAUSE_PENALTY},
                                 {77, 20003, 0, CAUSE_COMPENSATION}};
    books w;
    int64_t sum = 0, sides = 0;
    books_open(&w);
    books_partners(&w);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        err e = {0};
        if (!post(&w, i % 2 ? "D1" : "D2", &steps[i], &e) && e.code != ERR_CONFLICT) fail_msg("%s", e.text);
    }
    txn *t = books_read(&w);
    for (kv_cursor c = kv_from(t, TABLE_WALLET, STR(""), STR_NONE); kv_next(&c);) {
        int64_t amount = (int64_t)get_be64(c.val.p);
        sum += amount;
        if (get_be32(c.key.p) == 0) sides += amount;
    }
    txn_abort(&t);
    assert_true(sum == 0);
    assert_true(sides == 400 - 77);
    books_close(&w);
}

static void a_hold_is_not_available(void **state) {
    (void)state;
    books w;
    err e = {0};
    partner p;
    books_open(&w);
    books_partners(&w);
    assert_true(post(&w, "D1", &(step){100, 20000, 0, CAUSE_SETTLEMENT}, &e));
    for (int64_t held = 60; held >= 0; held -= 60) {
        txn *t = NULL;
        assert_true(txn_begin(w.db, TXN_WRITE, &t, &e));
        assert_true(partner_by_id(t, STR("D1"), &p));
        wallet_key k = {p.no, STR("main"), currency_no(STR("CNY")), WALLET_REBATE};
        assert_true(wallet_hold_check(&k, STR("case-1"), held, &e));
        wallet_hold(t, 9, &k, STR("case-1"), held, STR("case 1"));
        assert_true(txn_commit(&t, &e));
        wallet_figures f = look(&w, "D1", 20605, 20605);
        assert_true(f.held == held && f.balance == 100 && f.available == 100 - held);
        assert_true(post(&w, "D1", &(step){-50, 20001, 0, CAUSE_ORDER}, &e) == (held == 0));
    }
    books_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(credits_are_used_the_soonest_first),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(double_entry),
        cmocka_unit_test(a_hold_is_not_available),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
