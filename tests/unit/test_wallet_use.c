/* links: journal formats */
#include "base/num.h"
#include "daemon/ledger/wallet.h"
#include "tests/unit/books.h"

/* Money of a wallet against orders: how much, of which credits, and given back when the order is cancelled. */

enum { WHOLE = 1000000, TODAY = 20605 };

typedef struct desk {
    books w;
    wallet_key k;
    uint64_t entry;
} desk;

static void desk_open(desk *d) {
    partner p;
    *d = (desk){.entry = 100};
    books_open(&d->w);
    books_partners(&d->w);
    txn *t = books_read(&d->w);
    assert_true(partner_by_id(t, STR("D1"), &p));
    txn_abort(&t);
    d->k = (wallet_key){p.no, STR("main"), currency_no(STR("CNY")), WALLET_REBATE};
}

static void post(desk *d, const wallet_move *m, size_t n) {
    txn *t = NULL;
    err e = {0};
    assert_true(txn_begin(d->w.db, TXN_WRITE, &t, &e));
    if (!wallet_check(t, m, n, TODAY, &e)) fail_msg("%s", e.text);
    wallet_post(t, d->entry++, m, n);
    assert_true(txn_commit(&t, &e));
}

/* A credit of which at most `limit` of an order may be covered. */
static void give(desk *d, int64_t amount, day_t expires, uint32_t limit) {
    post(d,
         &(wallet_move){.at = d->k,
                        .cause = CAUSE_SETTLEMENT,
                        .amount = amount,
                        .day = TODAY,
                        .expires = expires,
                        .own_share = WHOLE - limit},
         1);
}

static int64_t usable(desk *d, const char *order, int64_t of) {
    int64_t out = -1;
    err e = {0};
    txn *t = books_read(&d->w);
    if (!wallet_usable(t, &d->k, str_of(order), of, TODAY, &out, &e)) fail_msg("%s", e.text);
    txn_abort(&t);
    return out;
}

static err_code use(desk *d, const char *order, int64_t of, int64_t amount) {
    AUTO(arena) a = {0};
    wallet_move *m;
    size_t n;
    err e = {0};
    arena_init(&a, 1 << 20);
    txn *t = books_read(&d->w);
    bool ok = wallet_use(t, &d->k, str_of(order), of, amount, TODAY, &a, &m, &n, &e);
    txn_abort(&t);
    if (ok) post(d, m, n);
    return ok ? ERR_OK : e.code;
}

static int64_t unuse(desk *d, const char *order) {
    wallet_move m;
    err e = {0};
    txn *t = books_read(&d->w);
    assert_true(wallet_unuse(t, &d->k, str_of(order), TODAY, &m, &e));
    txn_abort(&t);
    if (m.amount) post(d, &m, 1);
    return m.amount;
}

static wallet_figures look(desk *d) {
    wallet_figures f;
    txn *t = books_read(&d->w);
    wallet_look(t, &d->k, TODAY, TODAY + 30, &f);
    txn_abort(&t);
    return f;
}

static void a_limit_is_of_each_order(void **state) {
    (void)state;
    desk d;
    desk_open(&d);
    give(&d, 100000, DAY_MAX, 300000);
    assert_int_equal(usable(&d, "O1", 100001), 30000); /* 30000.3 */
    assert_int_equal(use(&d, "O1", 100000, 30001), ERR_CONFLICT);
    assert_int_equal(use(&d, "O1", 100000, 20000), ERR_OK);
    assert_int_equal(usable(&d, "O1", 100000), 10000);
    assert_int_equal(usable(&d, "O2", 100000), 30000);
    assert_int_equal(use(&d, "O1", 100000, 10001), ERR_CONFLICT);
    assert_int_equal(use(&d, "O1", 100000, 10000), ERR_OK);
    assert_int_equal(usable(&d, "O1", 100000), 0);
    assert_int_equal(look(&d).balance, 70000);
    assert_int_equal(unuse(&d, "O1"), 30000);
    assert_int_equal(unuse(&d, "O1"), 0);
    assert_int_equal(look(&d).balance, 100000);
    assert_int_equal(usable(&d, "O1", 100000), 30000);
    books_close(&d.w);
}

static void kinds_of_money_together(void **state) {
    (void)state;
    desk d;
    desk_open(&d);
    give(&d, 500, DAY_MAX, 300000);
    give(&d, 100, TODAY + 9, WHOLE);
    give(&d, 400, TODAY + 5, 500000);
    give(&d, 50, DAY_MAX, 0);                      /* for no order at all */
    assert_int_equal(usable(&d, "O1", 1000), 600); /* 500 of the two with limits, 300 of them of the first; and 100 */
    assert_int_equal(use(&d, "O1", 1000, 600), ERR_OK);
    assert_int_equal(usable(&d, "O1", 1000), 0);
    wallet_figures f = look(&d);
    assert_int_equal(f.balance, 450);
    assert_int_equal(f.expiring, 0); /* the soonest to expire went first: 400, then 100, then 100 of the first */
    assert_int_equal(unuse(&d, "O1"), 600);
    f = look(&d);
    assert_int_equal(f.expiring, 500); /* each credit has its own back */
    assert_int_equal(f.next_expiry, TODAY + 5);
    assert_int_equal(usable(&d, "O1", 1000), 600);
    books_close(&d.w);
}

static void what_is_refused(void **state) {
    (void)state;
    desk d;
    desk_open(&d);
    give(&d, 100, DAY_MAX, WHOLE);
    assert_int_equal(use(&d, "", 100, 1), ERR_DATA);
    assert_int_equal(use(&d, "S1", 100, 1), ERR_DATA);
    assert_int_equal(use(&d, "P17", 100, 1), ERR_DATA);
    assert_int_equal(use(&d, "P", 100, 1), ERR_OK);
    assert_int_equal(use(&d, "PO-17", 0, 1), ERR_DATA);
    assert_int_equal(use(&d, "PO-17", 100, 0), ERR_DATA);
    assert_int_equal(use(&d, "PO-17", 100, -1), ERR_DATA);
    assert_int_equal(use(&d, "PO-17", 50, 51), ERR_CONFLICT);
    assert_int_equal(use(&d, "PO-17", 100, 100), ERR_CONFLICT);
    books_close(&d.w);
}

/* ---- against a naive reckoning: strictest money first, all together up to each limit */

static uint32_t next(uint32_t *seed) {
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void as_a_naive_reckoning(void **state) {
    (void)state;
    static const uint32_t limits[] = {0, 100000, 300000, 333333, 500000, WHOLE};
    for (uint32_t seed = 1; seed <= 60; seed++) {
        uint32_t s = seed;
        desk d;
        int64_t sum[ARRAY_LEN(limits)] = {0}, of = 1 + next(&s) % 2000, most = 0;
        desk_open(&d);
        for (size_t i = 0; i < 6; i++) {
            size_t kind = next(&s) % ARRAY_LEN(limits);
            int64_t amount = 1 + next(&s) % 700;
            give(&d, amount, next(&s) % 2 ? DAY_MAX : TODAY + (day_t)(next(&s) % 40), limits[kind]);
            sum[kind] += amount;
        }
        for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
            int64_t own;
            assert_true(mul_div(of, WHOLE - limits[i], WHOLE, &own));
            most = most + sum[i] < of - own ? most + sum[i] : of - own;
        }
        if (usable(&d, "O", of) != most)
            fail_msg("seed %u: %lld, not %lld", seed, (long long)usable(&d, "O", of), (long long)most);
        /* in pieces it is as much as at once, and given back it is as it was */
        wallet_figures before = look(&d);
        for (int64_t rest = most; rest > 0;) {
            int64_t piece = 1 + next(&s) % 300;
            if (piece > rest) piece = rest;
            assert_int_equal(use(&d, "O", of, piece), ERR_OK);
            rest -= piece;
        }
        assert_int_equal(use(&d, "O", of, 1), ERR_CONFLICT);
        assert_int_equal(unuse(&d, "O"), most);
        wallet_figures after = look(&d);
        assert_memory_equal(&before, &after, sizeof before);
        books_close(&d.w);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_limit_is_of_each_order),
        cmocka_unit_test(kinds_of_money_together),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(as_a_naive_reckoning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
