#include "daemon/ledger/wallet.h"

#include "base/num.h"
#include "daemon/catalog/partner.h"
#include "daemon/ledger/wallet_keys.h"
#include "daemon/store/store.h"
#include "proto/limits.h"

static const struct cause_row {
    const char *name;
    bool below; /* may leave the account below 0 */
} causes[WALLET_CAUSE_END] = {
#define X(cause, no, name, below) [cause] = {name, below},
    WALLET_CAUSES(X)
#undef X
};

static const char *const accounts[] = {"", "rebate", "deposit"};

const char *wallet_account_name(wallet_account a) {
    return accounts[a];
}

bool wallet_account_parse(str s, wallet_account *out) {
    for (wallet_account a = WALLET_REBATE; a <= WALLET_DEPOSIT; a++)
        if (str_is(s, accounts[a])) return *out = a, true;
    return false;
}

const char *wallet_cause_name(wallet_cause c) {
    return causes[c].name;
}

wallet_sum wallet_sum_of(txn *t, const key *k) {
    str val;
    if (!kv_get(t, TABLE_WALLET, key_str(k), &val)) return (wallet_sum){0};
    reader r = reader_of(val);
    int64_t posted = (int64_t)read_be64(&r);
    uint64_t moves = read_be64(&r);
    return (wallet_sum){posted, moves, read_be64(&r)};
}

static void add_to(txn *t, const key *k, int64_t amount, bool expires) {
    uint8_t val[24];
    wallet_sum s = wallet_sum_of(t, k);
    put_be64(val, (uint64_t)(s.posted + amount));
    put_be64(val + 8, s.moves + 1);
    put_be64(val + 16, s.expiring + expires);
    kv_put(t, TABLE_WALLET, key_str(k), str_from(val, sizeof val));
}

key wallet_key_of(const wallet_key *w) {
    key k = {.n = 0};
    key_u32(&k, w->partner);
    key_textz(&k, w->company);
    key_u32(&k, w->currency);
    key_u8(&k, (uint8_t)w->account);
    return k;
}

static key side_of(const wallet_move *m) {
    key k = {.n = 0};
    key_u32(&k, 0);
    key_textz(&k, m->at.company);
    key_u32(&k, m->at.currency);
    key_u8(&k, (uint8_t)(0x80 + m->cause));
    return k;
}

static bool move_ok(const wallet_move *m, err *e) {
    if (m->cause <= 0 || m->cause >= WALLET_CAUSE_END || m->at.account < WALLET_REBATE ||
        m->at.account > WALLET_DEPOSIT)
        return err_set(e, ERR_DATA, "wallet: unknown account or cause");
    if (m->amount == 0 || m->amount > LIMIT_WALLET || m->amount < -LIMIT_WALLET)
        return err_set(e, ERR_DATA, "wallet: an amount is not 0 and at most 10^15 minor units");
    if (m->at.company.n == 0 || m->at.company.n > LIMIT_ID)
        return err_set(e, ERR_DATA, "wallet: the company is an id of at most %d bytes", LIMIT_ID);
    if (m->reference.n > LIMIT_ID || m->note.n > LIMIT_TEXT || m->paper.n > LIMIT_FILE_NAME || m->at.currency == 0 ||
        m->own_share > pow10_i64(RATE_SCALE))
        return err_set(e, ERR_DATA, "wallet: reference at most %d, note at most %d bytes, a currency", LIMIT_ID,
                       LIMIT_TEXT);
    return true;
}

static bool same_account(const wallet_key *a, const wallet_key *b) {
    return a->partner == b->partner && a->currency == b->currency && a->account == b->account &&
           str_eq(a->company, b->company);
}

/* What all moves before i, and i itself, take from or give to the account of i. */
static bool change_up_to(const wallet_move *m, size_t i, int64_t *out) {
    *out = 0;
    for (size_t k = 0; k <= i; k++)
        if (same_account(&m[k].at, &m[i].at) && !add_i64(*out, m[k].amount, out)) return false;
    return true;
}

bool wallet_check(txn *t, const wallet_move *m, size_t n, day_t today, err *e) {
    for (size_t i = 0; i < n; i++) {
        wallet_figures f;
        int64_t change, after;
        TRY(move_ok(&m[i], e));
        wallet_look(t, &m[i].at, today, today, &f);
        if (!change_up_to(m, i, &change) || !add_i64(f.balance, change, &after) || after > LIMIT_WALLET ||
            after < -LIMIT_WALLET)
            return err_set(e, ERR_DATA, "wallet of '%.*s': the sum is beyond 10^15 minor units",
                           STR_ARG(partner_id(t, m[i].at.partner)));
        if (m[i].amount < 0 && !causes[m[i].cause].below && after < f.held) {
            char code[4];
            AUTO(buf) there = {0};
            str currency = currency_text(m[i].at.currency, code);
            dec_put(&there, f.available, currency_scale(currency), currency_scale(currency));
            return err_set(e, ERR_CONFLICT, "wallet of '%.*s', %s: %.*s %.*s available, not enough",
                           STR_ARG(partner_id(t, m[i].at.partner)), wallet_account_name(m[i].at.account),
                           STR_ARG(buf_str(&there)), STR_ARG(currency));
        }
    }
    return txn_ok(t, e);
}

/* The key of the n-th move of an account and entry, or of the next that is free. */
static str free_key(txn *t, key *k, uint32_t n) {
    size_t account = k->n;
    for (str val;; n++) {
        k->n = account;
        key_u32(k, n);
        if (!kv_get(t, TABLE_WALLET_MOVE, key_str(k), &val)) return key_str(k);
    }
}

void wallet_post(txn *t, uint64_t seq, const wallet_move *m, size_t n) {
    for (size_t i = 0; i < n; i++) {
        AUTO(buf) b = {0};
        key k = wallet_key_of(&m[i].at), side = side_of(&m[i]);
        add_to(t, &k, m[i].amount, m[i].amount > 0 && m[i].expires != DAY_MAX);
        add_to(t, &side, -m[i].amount, false);
        buf_byte(&b, (char)m[i].cause);
        buf_be64(&b, (uint64_t)m[i].amount);
        buf_be32(&b, (uint32_t)m[i].day);
        buf_be32(&b, (uint32_t)m[i].expires);
        buf_be32(&b, m[i].own_share);
        const str texts[] = {m[i].reference, m[i].note, m[i].paper};
        for (size_t x = 0; x < ARRAY_LEN(texts); x++) buf_text(&b, texts[x]);
        key_u64(&k, seq);
        kv_put(t, TABLE_WALLET_MOVE, free_key(t, &k, (uint32_t)i), buf_str(&b));
    }
}

bool wallet_hold_check(const wallet_key *k, str reference, int64_t amount, err *e) {
    if (amount < 0 || amount > LIMIT_WALLET) return err_set(e, ERR_DATA, "hold: an amount from 0 to 10^15");
    if (reference.n == 0 || reference.n > LIMIT_ID || k->company.n == 0 || k->company.n > LIMIT_ID)
        return err_set(e, ERR_DATA, "hold: a reference and a company of at most %d bytes", LIMIT_ID);
    return true;
}

void wallet_hold(txn *t, uint64_t seq, const wallet_key *w, str reference, int64_t amount, str why) {
    AUTO(buf) b = {0};
    key k = wallet_key_of(w);
    key_text(&k, reference);
    if (amount == 0) {
        (void)kv_del(t, TABLE_WALLET_HOLD, key_str(&k));
        return;
    }
    buf_be64(&b, (uint64_t)amount);
    buf_be64(&b, seq);
    buf_text(&b, why);
    kv_put(t, TABLE_WALLET_HOLD, key_str(&k), buf_str(&b));
}

int64_t wallet_held_for(txn *t, const wallet_key *w, str reference) {
    str val;
    key k = wallet_key_of(w);
    key_text(&k, reference);
    return kv_get(t, TABLE_WALLET_HOLD, key_str(&k), &val) && val.n >= 8 ? (int64_t)get_be64(val.p) : 0;
}

/* The key of a hold of this reference; writes between the steps of a walk end it. */
static bool find_hold(txn *t, uint32_t partner_no, str reference, key *out) {
    key prefix = {.n = 0};
    key_u32(&prefix, partner_no);
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_WALLET_HOLD, key_str(&prefix), STR_NONE); kv_next(&c);) {
        reader r = reader_of(str_skip(c.key, prefix.n));
        (void)read_textz(&r);
        (void)read_be32(&r);
        (void)read_byte(&r);
        if (r.bad || !str_eq(str_from(r.p, (size_t)(r.end - r.p)), reference)) continue;
        out->n = 0;
        key_bytes(out, c.key.p, c.key.n);
        return true;
    }
    return false;
}

void wallet_release(txn *t, uint32_t partner_no, str reference) {
    key k;
    while (find_hold(t, partner_no, reference, &k)) (void)kv_del(t, TABLE_WALLET_HOLD, key_str(&k));
}

bool wallet_move_read(txn *t, const Entry__WalletMove *m, wallet_move *out, err *e) {
    partner p;
    if (!partner_by_id(t, str_of(m->partner), &p))
        return txn_ok(t, e) && err_set(e, ERR_NOT_FOUND, "partner '%s': unknown", m->partner);
    *out = (wallet_move){.at = {p.no, str_of(m->company), currency_no(str_of(m->currency)), m->account},
                         .cause = m->cause,
                         .amount = m->amount,
                         .day = m->day,
                         .expires = m->expires ? m->expires : DAY_MAX,
                         .own_share = m->own_share,
                         .reference = str_of(m->reference)};
    return true;
}

bool ledger_wallet(txn *t, const entry *en, const Entry__Wallet *m, apply_result *r, err *e) {
    AUTO(arena) a = {0};
    day_t today = DAY_MIN;
    arena_init(&a, LIMIT_ENTRY_ROWS * sizeof(wallet_move));
    wallet_move *moves = ARENA_NEW(&a, wallet_move, m->n_move);
    if (m->n_move == 0 || moves == NULL)
        return err_set(e, ERR_DATA, "wallet: from 1 to %d moves in one entry", LIMIT_ENTRY_ROWS);
    for (size_t i = 0; i < m->n_move; i++) {
        TRY(wallet_move_read(t, m->move[i], &moves[i], e));
        moves[i].note = str_of(m->note);
        moves[i].paper = str_of(m->attachment);
        if (moves[i].day > today) today = moves[i].day;
    }
    TRY(wallet_check(t, moves, m->n_move, today, e));
    wallet_post(t, en->seq, moves, m->n_move);
    r->number = en->seq;
    return txn_ok(t, e);
}
