#include "daemon/catalog/partner.h"
#include "daemon/catalog/settings.h"
#include "daemon/command/approvals.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/ledger/wallet.h"
#include "proto/digest.h"
#include "proto/journal.pb-c.h"
#include "proto/limits.h"

/* What partners have: their rebates and, apart from them, their deposits. */

enum { SOON_DAYS = 30 }; /* `expiring` of the list looks so far ahead */

static day_t today_of(const call *c) {
    return day_at(c->now_ms, c->zone_min);
}

static bool account_option(call *c, wallet_account *out, err *e) {
    str s = call_option(c, "account");
    *out = WALLET_REBATE;
    return s.p == NULL || wallet_account_parse(s, out) ||
           err_set(e, ERR_USAGE, "--account: wanted rebate or deposit, found '%.*s'", STR_ARG(str_take(s, 40)));
}

static void put_money(json *j, const char *name, int64_t v, uint32_t currency) {
    char code[4];
    unsigned scale = currency_scale(currency_text(currency, code));
    json_key(j, name);
    json_dec(j, v, scale, scale);
}

static void put_account(call *c, json *j, const wallet_key *w) {
    wallet_figures f;
    char code[4];
    wallet_look(c->t, w, today_of(c), today_of(c) + SOON_DAYS, &f);
    cell_text(j, "partner", partner_id(c->t, w->partner));
    cell_text(j, "company", w->company);
    cell_text(j, "account", str_of(wallet_account_name(w->account)));
    put_money(j, "balance", f.balance, w->currency);
    put_money(j, "held", f.held, w->currency);
    put_money(j, "available", f.available, w->currency);
    put_money(j, "expiring", f.expiring, w->currency);
    if (f.next_expiry == DAY_MAX) cell_text(j, "next_expiry", STR_NONE);
    else
        put_day_cell(j, "next_expiry", f.next_expiry);
    cell_text(j, "currency", currency_text(w->currency, code));
}

bool cmd_wallet_list(call *c, err *e) {
    static const char *const columns[] = {"partner",   "company",  "account",     "balance", "held",
                                          "available", "expiring", "next_expiry", "currency"};
    wallet_key *w;
    wallet_account only;
    uint32_t partner_no;
    err unused;
    bool one = call_option(c, "account").p != NULL;
    TRY(option_partner(c, &partner_no, e));
    TRY(partner_no == 0 || authz(c, "read", partner_no, e));
    TRY(account_option(c, &only, e));
    size_t n = wallet_accounts(c->t, partner_no, c->a, &w);
    answer_list(c, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < n && !answer_failed(c); i++) {
        if ((one && w[i].account != only) || !authz(c, "read", w[i].partner, &unused)) continue;
        put_account(c, answer_row(c), &w[i]);
        answer_row_end(c);
    }
    return true;
}

/* The account that the options name. */
static bool account_of_call(call *c, wallet_key *w, err *e) {
    partner p;
    str company = call_option(c, "company"), currency = call_option(c, "currency");
    if (!partner_by_id(c->t, call_arg(c, 0), &p))
        return authz(c, "read", 0, e) &&
               err_set(e, ERR_NOT_FOUND, "partner '%.*s': unknown", STR_ARG(str_take(call_arg(c, 0), LIMIT_ID)));
    if (company.p == NULL) company = setting_text(c->t, SETTING_COMPANY);
    if (currency.p == NULL) currency = setting_text(c->t, SETTING_CURRENCY);
    if (!currency_ok(currency)) return err_set(e, ERR_USAGE, "--currency: three capital letters, like CNY");
    *w = (wallet_key){.partner = p.no, .company = arena_str(c->a, company), .currency = currency_no(currency)};
    return account_option(c, &w->account, e);
}

static void put_move(call *c, const wallet_key *w, const wallet_move *m, int64_t balance) {
    json *j = answer_row(c);
    cell_id(j, "entry", m->entry);
    put_day_cell(j, "date", m->day);
    cell_text(j, "cause", str_of(wallet_cause_name(m->cause)));
    put_money(j, "amount", m->amount, w->currency);
    put_money(j, "balance", balance, w->currency);
    if (m->expires == DAY_MAX) cell_text(j, "expires", STR_NONE);
    else
        put_day_cell(j, "expires", m->expires);
    cell_text(j, "reference", m->reference);
    cell_text(j, "note", m->note);
    answer_row_end(c);
}

static void put_opening(call *c, const wallet_key *w, int64_t amount, day_t as_of) {
    json *j = answer_row(c);
    cell_id(j, "entry", 0);
    put_day_cell(j, "date", as_of);
    cell_text(j, "cause", STR("opening"));
    put_money(j, "amount", amount, w->currency);
    put_money(j, "balance", amount, w->currency);
    cell_text(j, "expires", STR_NONE);
    cell_text(j, "reference", STR_NONE);
    cell_text(j, "note", STR_NONE);
    answer_row_end(c);
}

bool cmd_wallet_show(call *c, err *e) {
    static const char *const columns[] = {"entry",   "date",    "cause",     "amount",
                                          "balance", "expires", "reference", "note"};
    wallet_key w = {0};
    wallet_move *m;
    day_t as_of;
    TRY(account_of_call(c, &w, e));
    TRY(authz(c, "read", w.partner, e));
    int64_t balance = wallet_opening(c->t, &w, &as_of);
    size_t n = wallet_moves(c->t, &w, c->a, &m);
    answer_list(c, columns, ARRAY_LEN(columns));
    if (as_of != DAY_MIN) put_opening(c, &w, balance, as_of);
    for (size_t i = 0; i < n && !answer_failed(c); i++) {
        if (m[i].day > as_of) balance += m[i].amount;
        put_move(c, &w, &m[i], balance);
    }
    return true;
}

static bool amount_option(call *c, unsigned scale, int64_t *out, err *e) {
    bool exact;
    str s = call_option(c, "amount");
    return (dec_parse(s, scale, out, &exact) && exact && *out != 0) ||
           err_set(e, ERR_USAGE, "--amount: wanted an amount like -120.50, not 0, found '%.*s'",
                   STR_ARG(str_take(s, 40)));
}

static const char *summary(call *c, const Entry__WalletMove *m, int64_t amount, str note) {
    AUTO(buf) b = {0};
    unsigned scale = currency_scale(str_of(m->currency));
    buf_printf(&b, "wallet of %s, %s: ", m->partner, wallet_account_name((wallet_account)m->account));
    dec_put(&b, amount, scale, scale);
    buf_printf(&b, " %s, %.*s", m->currency, STR_ARG(note));
    return arena_str(c->a, buf_str(&b)).p;
}

/* Beyond the limit, whoever asks, another person looks at it first. */
static bool beyond_limit(call *c, int64_t amount, unsigned scale) {
    int64_t limit = setting_number(c->t, SETTING_ADJUST_LIMIT) * pow10_i64(scale);
    return amount > limit || amount < -limit;
}

static bool adjust(call *c, const wallet_key *w, Entry__Wallet *body, str reason, err *e) {
    char code[4];
    Entry__WalletMove m = ENTRY__WALLET_MOVE__INIT, *list[] = {&m};
    day_t expires = 0;
    int64_t amount;
    str currency = currency_text(w->currency, code);
    unsigned scale = currency_scale(currency);
    TRY(amount_option(c, scale, &amount, e));
    TRY(call_day(c, "expires", 0, &expires, e));
    m.partner = (char *)(uintptr_t)arena_str(c->a, partner_id(c->t, w->partner)).p;
    m.company = (char *)(uintptr_t)w->company.p;
    m.currency = code;
    m.account = w->account;
    m.cause = CAUSE_ADJUSTMENT;
    m.amount = amount;
    m.day = today_of(c);
    m.expires = expires;
    m.reference = (char *)(uintptr_t)arena_str(c->a, call_option(c, "reference")).p;
    if (m.reference == NULL) m.reference = (char *)(uintptr_t) "";
    body->move = list;
    body->n_move = 1;
    body->note = (char *)(uintptr_t)arena_str(c->a, reason).p;
    if (beyond_limit(c, amount, scale))
        return command_propose(c, KIND_WALLET, &body->base,
                               &(stake){summary(c, &m, amount, reason), m.partner, amount, w->currency, ROLE_FINANCE},
                               e);
    TRY(command_append(c, KIND_WALLET, &body->base, e));
    answer_message(c, "%s: posted", summary(c, &m, amount, reason));
    return true;
}

bool cmd_wallet_adjust(call *c, err *e) {
    uint8_t digest[DIGEST_SIZE];
    Entry__Wallet body = ENTRY__WALLET__INIT;
    wallet_key w = {0};
    str reason = call_option(c, "reason");
    TRY(account_of_call(c, &w, e));
    TRY(authz(c, "write", w.partner, e));
    if (reason.n == 0 || reason.n > LIMIT_TEXT)
        return err_set(e, ERR_USAGE, "--reason: say why, in at most %d bytes", LIMIT_TEXT);
    if (call_file_count(c)) {
        attachment paper = call_file(c, 0);
        digest_of(paper.bytes, digest);
        body.attachment = (char *)(uintptr_t)arena_str(c->a, paper.name).p;
        body.attachment_digest = (ProtobufCBinaryData){DIGEST_SIZE, digest};
    }
    return adjust(c, &w, &body, reason, e);
}
