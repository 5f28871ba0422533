/* Credits of an account one by one: which of them a debit takes from, and what of them an order may be covered by. */
#include "base/num.h"
#include "daemon/catalog/partner.h"
#include "daemon/ledger/wallet_keys.h"
#include "proto/limits.h"

enum { LOTS_BYTES = 64 * 1024 * 1024, ANY_SHARE = UINT32_MAX };

/* ---- what came and what took from it */

static void add_lot(wallet_lots *l, int64_t amount, day_t expires, uint32_t own_share) {
    size_t k = l->n;
    int64_t made_good = amount < l->owed ? amount : l->owed;
    l->owed -= made_good;
    l->at[l->n] = (wallet_lot){amount - made_good, expires, own_share};
    for (; k > 0 && l->at[l->order[k - 1]].expires > expires; k--) l->order[k] = l->order[k - 1];
    l->order[k] = l->n++;
}

static void note_taken(wallet_lots *l, str reference, size_t lot, int64_t amount) {
    l->taken = arena_grown(l->a, l->taken, l->takes, &l->taken_cap, sizeof *l->taken);
    l->taken[l->takes++] = (wallet_taken){reference, lot, amount};
}

/* A debit takes from the credits there are, the soonest to expire first. */
static int64_t take(wallet_lots *l, str reference, int64_t debit, uint32_t own_share) {
    for (size_t i = 0; i < l->n && debit > 0; i++) {
        wallet_lot *x = &l->at[l->order[i]];
        int64_t some = x->left < debit ? x->left : debit;
        if (some == 0 || (own_share != ANY_SHARE && x->own_share != own_share)) continue;
        x->left -= some;
        debit -= some;
        note_taken(l, reference, l->order[i], some);
    }
    return debit;
}

/* A reversal gives back what was taken under its reference, the last first. */
static int64_t give_back(wallet_lots *l, str reference, int64_t credit) {
    for (size_t i = l->takes; i-- > 0 && credit > 0;) {
        wallet_taken *x = &l->taken[i];
        int64_t some = x->amount < credit ? x->amount : credit;
        if (!str_eq(x->reference, reference)) continue;
        l->at[x->lot].left += some;
        x->amount -= some;
        credit -= some;
    }
    return credit;
}

void wallet_lots_of(txn *t, const wallet_key *w, int64_t opening, day_t as_of, arena *a, wallet_lots *out) {
    wallet_move *m;
    size_t moves = wallet_moves(t, w, a, &m);
    *out = (wallet_lots){.a = a, .owed = opening < 0 ? -opening : 0};
    out->at = ARENA_NEW(a, wallet_lot, moves + 1);
    out->order = ARENA_NEW(a, size_t, moves + 1);
    ASSERT(out->at != NULL && out->order != NULL);
    if (opening > 0) add_lot(out, opening, DAY_MAX, 0);
    for (size_t i = 0; i < moves; i++) {
        int64_t rest = m[i].amount;
        if (m[i].day <= as_of) continue;
        if (rest < 0) {
            rest = take(out, m[i].reference, -rest, m[i].cause == CAUSE_ORDER ? m[i].own_share : ANY_SHARE);
            out->owed += take(out, m[i].reference, rest, ANY_SHARE);
            continue;
        }
        if (m[i].cause == CAUSE_REVERSAL) rest = give_back(out, m[i].reference, rest);
        if (rest) add_lot(out, rest, m[i].expires, m[i].own_share);
    }
}

/* ---- against orders */

static bool order_ok(str order, int64_t order_amount, err *e) {
    bool alike = order.n > 1 && (order.p[0] == 'S' || order.p[0] == 'P');
    for (size_t i = 1; alike && i < order.n; i++) alike = order.p[i] >= '0' && order.p[i] <= '9';
    if (order.n == 0 || order.n > LIMIT_ID || alike)
        return err_set(e, ERR_DATA,
                       "an order is named by at most %d bytes, and not like a statement or payout (S1, P1)", LIMIT_ID);
    return (order_amount > 0 && order_amount <= LIMIT_WALLET) ||
           err_set(e, ERR_DATA, "the amount of an order is above 0 and at most 10^15 minor units");
}

typedef struct cover { /* of one order */
    arena a;
    wallet_lots lots;
    int64_t order_amount;
    int64_t *used;     /* by lot: what covers it already, then what is chosen too */
    int64_t *chosen;   /* by lot, now */
    int64_t available; /* of the account */
} cover;

static void cover_auto(cover *c) {
    arena_free(&c->a);
}

/* What money of this own share may still cover: no kind of money with the same or a larger share covers more than its part,
 * so the tightest of all shares up to this one's counts. */
static int64_t room_for(const cover *c, uint32_t own_share) {
    int64_t room = c->order_amount, part;
    for (size_t i = 0; i < c->lots.n; i++) {
        uint32_t share = c->lots.at[i].own_share;
        int64_t covered = 0;
        if (share > own_share) continue;
        for (size_t k = 0; k < c->lots.n; k++)
            if (c->lots.at[k].own_share >= share) covered += c->used[k];
        if (!mul_div(c->order_amount, share, pow10_i64(RATE_SCALE), &part)) return 0;
        if (c->order_amount - part - covered < room) room = c->order_amount - part - covered;
    }
    return room > 0 ? room : 0;
}

/* The soonest to expire first, each as far as there is room for it: that is also as much as can be covered at all. */
static int64_t choose(cover *c, int64_t want, day_t today) {
    int64_t sum = 0;
    if (want > c->available) want = c->available;
    for (size_t i = 0; i < c->lots.n && sum < want; i++) {
        size_t k = c->lots.order[i];
        const wallet_lot *x = &c->lots.at[k];
        if (x->left == 0 || x->expires < today) continue;
        int64_t room = room_for(c, x->own_share), some = x->left < room ? x->left : room;
        if (some > want - sum) some = want - sum;
        c->used[k] += some;
        c->chosen[k] = some;
        sum += some;
    }
    return sum;
}

static void cover_open(txn *t, const wallet_key *k, str order, int64_t order_amount, day_t today, cover *c) {
    wallet_figures f;
    day_t as_of;
    int64_t opening = wallet_opening(t, k, &as_of);
    wallet_look(t, k, today, today, &f);
    arena_init(&c->a, LOTS_BYTES);
    wallet_lots_of(t, k, opening, as_of, &c->a, &c->lots);
    c->order_amount = order_amount;
    c->available = f.available;
    c->used = arena_alloc(&c->a, (c->lots.n + 1) * sizeof *c->used);
    c->chosen = arena_alloc(&c->a, (c->lots.n + 1) * sizeof *c->chosen);
    ASSERT(c->used != NULL && c->chosen != NULL);
    for (size_t i = 0; i < c->lots.n; i++) c->used[i] = c->chosen[i] = 0;
    for (size_t i = 0; i < c->lots.takes; i++)
        if (str_eq(c->lots.taken[i].reference, order)) c->used[c->lots.taken[i].lot] += c->lots.taken[i].amount;
}

bool wallet_usable(txn *t, const wallet_key *k, str order, int64_t order_amount, day_t today, int64_t *out, err *e) {
    AUTO(cover) c = {.available = 0};
    TRY(order_ok(order, order_amount, e));
    cover_open(t, k, order, order_amount, today, &c);
    *out = choose(&c, INT64_MAX, today);
    return txn_ok(t, e);
}

static bool too_much(txn *t, const wallet_key *k, int64_t usable, err *e) {
    AUTO(buf) there = {0};
    char code[4];
    str currency = currency_text(k->currency, code);
    dec_put(&there, usable, currency_scale(currency), currency_scale(currency));
    return err_set(e, ERR_CONFLICT, "wallet of '%.*s', %s: at most %s %.*s may be used for this order",
                   STR_ARG(partner_id(t, k->partner)), wallet_account_name(k->account), buf_z(&there),
                   STR_ARG(currency));
}

bool wallet_use(txn *t, const wallet_key *k, str order, int64_t order_amount, int64_t amount, day_t today, arena *a,
                wallet_move **out, size_t *n, err *e) {
    AUTO(cover) c = {.available = 0};
    TRY(order_ok(order, order_amount, e));
    if (amount <= 0) return err_set(e, ERR_DATA, "what is used for an order is above 0");
    cover_open(t, k, order, order_amount, today, &c);
    int64_t sum = choose(&c, amount, today);
    if (sum < amount) return too_much(t, k, sum, e);
    *out = ARENA_NEW(a, wallet_move, c.lots.n + 1);
    *n = 0;
    ASSERT(*out != NULL);
    for (size_t i = 0; i < c.lots.n; i++) {
        size_t at = 0;
        if (c.chosen[i] == 0) continue;
        while (at < *n && (*out)[at].own_share != c.lots.at[i].own_share) at++;
        if (at == *n)
            (*out)[(*n)++] = (wallet_move){.at = *k,
                                           .cause = CAUSE_ORDER,
                                           .day = today,
                                           .expires = DAY_MAX,
                                           .own_share = c.lots.at[i].own_share,
                                           .reference = order};
        (*out)[at].amount -= c.chosen[i];
    }
    return txn_ok(t, e);
}

bool wallet_unuse(txn *t, const wallet_key *k, str order, day_t today, wallet_move *out, err *e) {
    AUTO(arena) a = {0};
    wallet_move *m;
    arena_init(&a, LOTS_BYTES);
    TRY(order_ok(order, 1, e));
    *out = (wallet_move){.at = *k, .cause = CAUSE_REVERSAL, .day = today, .expires = DAY_MAX, .reference = order};
    size_t n = wallet_moves(t, k, &a, &m);
    for (size_t i = 0; i < n; i++)
        if (str_eq(m[i].reference, order) && (m[i].cause == CAUSE_ORDER || m[i].cause == CAUSE_REVERSAL))
            out->amount -= m[i].amount;
    return txn_ok(t, e);
}
