#include "base/num.h"
#include "daemon/catalog/partner.h"
#include "daemon/ledger/opening.h"
#include "daemon/ledger/wallet_keys.h"
#include "daemon/store/store.h"
#include "proto/limits.h"

enum { MOVES_BYTES = 64 * 1024 * 1024 };

static bool move_decode(str k, str val, wallet_move *out) {
    reader at = reader_of(k), r = reader_of(val);
    out->at.partner = read_be32(&at);
    out->at.company = read_textz(&at);
    out->at.currency = read_be32(&at);
    out->at.account = (wallet_account)read_byte(&at);
    out->entry = read_be64(&at);
    out->n = read_be32(&at);
    out->cause = (wallet_cause)read_byte(&r);
    out->amount = (int64_t)read_be64(&r);
    out->day = (day_t)read_be32(&r);
    out->expires = (day_t)read_be32(&r);
    out->own_share = read_be32(&r);
    out->reference = read_text(&r);
    out->note = read_text(&r);
    out->paper = read_text(&r);
    return !at.bad && !r.bad && out->cause > 0 && out->cause < WALLET_CAUSE_END;
}

static void unreadable(txn *t) {
    err e = {0};
    (void)err_set(&e, ERR_INTERNAL, "wallet_move: a record cannot be decoded");
    txn_fail(t, &e);
}

size_t wallet_moves(txn *t, const wallet_key *w, arena *a, wallet_move **out) {
    key k = wallet_key_of(w);
    size_t n = 0, room = (size_t)wallet_sum_of(t, &k).moves;
    *out = ARENA_NEW(a, wallet_move, room + 1);
    ASSERT(*out != NULL);
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_WALLET_MOVE, key_str(&k), STR_NONE); n < room && kv_next(&c);) {
        wallet_move *m = &(*out)[n++];
        if (!move_decode(c.key, c.val, m)) return unreadable(t), 0;
        m->at.company = arena_str(a, m->at.company);
        m->reference = arena_str(a, m->reference);
        m->note = arena_str(a, m->note);
        m->paper = arena_str(a, m->paper);
    }
    return n;
}

int64_t wallet_opening(txn *t, const wallet_key *w, day_t *as_of) {
    AUTO(arena) a = {0};
    opening_wallet *o;
    arena_init(&a, MOVES_BYTES);
    *as_of = DAY_MIN;
    if (w->account != WALLET_REBATE) return 0;
    size_t n = opening_wallets(t, w->partner, &a, &o);
    for (size_t i = 0; i < n; i++) {
        if (o[i].currency != w->currency || !str_eq(o[i].company, w->company) || o[i].amount == NUM_NONE) continue;
        *as_of = o[i].as_of;
        return o[i].amount;
    }
    return 0;
}

static int64_t held_of(txn *t, const key *account) {
    int64_t held = 0;
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_WALLET_HOLD, key_str(account), STR_NONE); kv_next(&c);)
        if (c.val.n >= 8) held += (int64_t)get_be64(c.val.p);
    return held;
}

bool wallet_is_held(txn *t, uint32_t partner_no, str reference) {
    key k = {.n = 0};
    key_u32(&k, partner_no);
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_WALLET_HOLD, key_str(&k), STR_NONE); kv_next(&c);) {
        reader r = reader_of(str_skip(c.key, k.n));
        (void)read_textz(&r);
        (void)read_be32(&r);
        (void)read_byte(&r);
        if (!r.bad && str_starts(str_from(r.p, (size_t)(r.end - r.p)), reference)) return true;
    }
    return false;
}

static void look_at_lots(txn *t, const wallet_key *w, int64_t opening, day_t as_of, day_t today, day_t until,
                         wallet_figures *out) {
    AUTO(arena) a = {0};
    wallet_lots l;
    arena_init(&a, MOVES_BYTES);
    wallet_lots_of(t, w, opening, as_of, &a, &l);
    for (size_t i = 0; i < l.n; i++) {
        const wallet_lot *x = &l.at[i];
        if (x->left == 0 || x->expires == DAY_MAX) continue;
        if (x->expires < today) {
            out->expired += x->left;
            continue;
        }
        if (x->expires < out->next_expiry) out->next_expiry = x->expires;
        if (x->expires <= until) out->expiring += x->left;
    }
}

static int64_t posted_after(txn *t, const wallet_key *w, day_t as_of) {
    AUTO(arena) a = {0};
    wallet_move *m;
    int64_t sum = 0;
    arena_init(&a, MOVES_BYTES);
    size_t n = wallet_moves(t, w, &a, &m);
    for (size_t i = 0; i < n; i++)
        if (m[i].day > as_of) sum += m[i].amount;
    return sum;
}

void wallet_look(txn *t, const wallet_key *w, day_t today, day_t until, wallet_figures *out) {
    key k = wallet_key_of(w);
    wallet_sum s = wallet_sum_of(t, &k);
    day_t as_of;
    int64_t opening = wallet_opening(t, w, &as_of);
    *out = (wallet_figures){.next_expiry = DAY_MAX, .held = held_of(t, &k)};
    out->balance = opening + (as_of == DAY_MIN ? s.posted : posted_after(t, w, as_of));
    if (s.expiring) look_at_lots(t, w, opening, as_of, today, until, out);
    out->available = out->balance - out->expired - out->held;
    if (out->available < 0) out->available = 0;
}

typedef struct found {
    arena *a;
    wallet_key *at;
    size_t n, cap, from; /* from: where the partner in hand begins */
} found;

static void add_account(found *f, const wallet_key *w) {
    for (size_t i = f->from; i < f->n; i++)
        if (f->at[i].currency == w->currency && f->at[i].account == w->account && str_eq(f->at[i].company, w->company))
            return;
    f->at = arena_grown(f->a, f->at, f->n, &f->cap, sizeof *f->at);
    f->at[f->n] = *w;
    f->at[f->n++].company = arena_str(f->a, w->company);
}

static bool account_decode(str stored_key, wallet_key *out) {
    reader r = reader_of(stored_key);
    *out = (wallet_key){.partner = read_be32(&r)};
    out->company = read_textz(&r);
    out->currency = read_be32(&r);
    out->account = (wallet_account)read_byte(&r);
    return !r.bad;
}

static void add_partner(txn *t, uint32_t partner_no, found *f) {
    AUTO(arena) scratch = {0};
    opening_wallet *o;
    key k = {.n = 0};
    arena_init(&scratch, MOVES_BYTES);
    f->from = f->n;
    key_u32(&k, partner_no);
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_WALLET, key_str(&k), STR_NONE); kv_next(&c);) {
        wallet_key w;
        if (account_decode(c.key, &w)) add_account(f, &w);
    }
    size_t n = opening_wallets(t, partner_no, &scratch, &o);
    for (size_t i = 0; i < n; i++)
        add_account(f, &(wallet_key){partner_no, o[i].company, o[i].currency, WALLET_REBATE});
}

size_t wallet_accounts(txn *t, uint32_t partner_no, arena *a, wallet_key **out) {
    found f = {.a = a};
    if (partner_no) add_partner(t, partner_no, &f);
    for (uint32_t no = 1; partner_no == 0 && partner_id(t, no).n; no++) add_partner(t, no, &f);
    *out = f.at;
    return f.n;
}

/* What of an account was not used in time, as a move. NULL: nothing. */
static Entry__WalletMove *lost_of(txn *t, const wallet_key *w, day_t today, arena *a) {
    wallet_figures f;
    char code[4];
    wallet_look(t, w, today, today, &f);
    int64_t lost = f.expired < f.balance - f.held ? f.expired : f.balance - f.held;
    Entry__WalletMove *m = lost > 0 ? ARENA_NEW(a, Entry__WalletMove, 1) : NULL;
    if (m == NULL) return NULL;
    entry__wallet_move__init(m);
    m->partner = (char *)(uintptr_t)arena_str(a, partner_id(t, w->partner)).p;
    m->company = (char *)(uintptr_t)arena_str(a, w->company).p;
    m->currency = (char *)(uintptr_t)arena_str(a, currency_text(w->currency, code)).p;
    m->account = w->account;
    m->cause = CAUSE_EXPIRY;
    m->amount = -lost;
    m->day = today;
    return m;
}

bool wallet_expiry(txn *t, day_t today, arena *a, Entry__Wallet *out) {
    entry__wallet__init(out);
    out->move = ARENA_NEW(a, Entry__WalletMove *, LIMIT_ENTRY_ROWS);
    ASSERT(out->move != NULL);
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_WALLET, STR(""), STR_NONE);
         out->n_move < LIMIT_ENTRY_ROWS && kv_next(&c);) {
        wallet_key w;
        if (c.val.n != 24 || get_be64(c.val.p + 16) == 0 || !account_decode(c.key, &w)) continue;
        out->move[out->n_move] = lost_of(t, &w, today, a);
        out->n_move += out->move[out->n_move] != NULL;
    }
    return out->n_move > 0;
}

bool wallet_content(txn *t, str stored_key, str val, buf *out) {
    reader r = reader_of(stored_key);
    uint32_t no = read_be32(&r);
    if (r.bad || val.n < 8) return false;
    buf_text(out, no ? partner_id(t, no) : STR(""));
    buf_add(out, str_skip(stored_key, 4));
    buf_add(out, str_take(val, 8));
    return true;
}
