#include "daemon/command/wallets.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/settings.h"
#include "daemon/command/approvals.h"
#include "daemon/command/cases.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "proto/digest.h"
#include "proto/frame.h"
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

void wallet_money(json *j, const char *name, int64_t v, uint32_t currency) {
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
    wallet_money(j, "balance", f.balance, w->currency);
    wallet_money(j, "held", f.held, w->currency);
    wallet_money(j, "available", f.available, w->currency);
    wallet_money(j, "expiring", f.expiring, w->currency);
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

bool wallet_of_call(call *c, wallet_key *w, err *e) {
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

/* The digest of the paper that goes with an entry's moves; `paper show` has its content. */
static str digest_of_move(call *c, uint64_t seq) {
    AUTO(buf) hex = {0};
    entry en;
    err unused;
    if (!journal_get(c->t, seq, &en) || en.kind != KIND_WALLET) return STR_NONE;
    const Entry__Wallet *m =
        (void *)message_unpack(&entry__wallet__descriptor, en.body, LIMIT_ENTRY_ROWS, c->a, &unused);
    if (m == NULL) return STR_NONE;
    hex_put(&hex, m->attachment_digest.data, m->attachment_digest.len);
    return arena_str(c->a, buf_str(&hex));
}

static void put_move(call *c, const wallet_key *w, const wallet_move *m, int64_t balance) {
    json *j = answer_row(c);
    cell_id(j, "entry", m->entry);
    put_day_cell(j, "date", m->day);
    cell_text(j, "cause", str_of(wallet_cause_name(m->cause)));
    wallet_money(j, "amount", m->amount, w->currency);
    wallet_money(j, "balance", balance, w->currency);
    if (m->expires == DAY_MAX) cell_text(j, "expires", STR_NONE);
    else
        put_day_cell(j, "expires", m->expires);
    cell_text(j, "reference", m->reference);
    cell_text(j, "note", m->note);
    cell_text(j, "attachment", m->paper);
    cell_text(j, "digest", m->paper.n ? digest_of_move(c, m->entry) : STR_NONE);
    answer_row_end(c);
}

static void put_opening(call *c, const wallet_key *w, int64_t amount, day_t as_of) {
    json *j = answer_row(c);
    cell_id(j, "entry", 0);
    put_day_cell(j, "date", as_of);
    cell_text(j, "cause", STR("opening"));
    wallet_money(j, "amount", amount, w->currency);
    wallet_money(j, "balance", amount, w->currency);
    cell_text(j, "expires", STR_NONE);
    cell_text(j, "reference", STR_NONE);
    cell_text(j, "note", STR_NONE);
    cell_text(j, "attachment", STR_NONE);
    cell_text(j, "digest", STR_NONE);
    answer_row_end(c);
}

bool cmd_wallet_show(call *c, err *e) {
    static const char *const columns[] = {"entry",   "date",      "cause", "amount",     "balance",
                                          "expires", "reference", "note",  "attachment", "digest"};
    wallet_key w = {0};
    wallet_move *m;
    day_t as_of;
    TRY(wallet_of_call(c, &w, e));
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

bool wallet_amount(call *c, const char *option, unsigned scale, int64_t *out, err *e) {
    bool exact;
    str s = call_option(c, option);
    return (dec_parse(s, scale, out, &exact) && exact && *out != 0) ||
           err_set(e, ERR_USAGE, "--%s: wanted an amount like 120.50, not 0, found '%.*s'", option,
                   STR_ARG(str_take(s, 40)));
}

static const char *summary(call *c, const Entry__WalletMove *m, int64_t amount, const Entry__Wallet *of) {
    AUTO(buf) b = {0};
    unsigned scale = currency_scale(str_of(m->currency));
    buf_printf(&b, "wallet of %s, %s: ", m->partner, wallet_account_name((wallet_account)m->account));
    dec_put(&b, amount, scale, scale);
    buf_printf(&b, " %s, %s", m->currency, of->note);
    if (of->attachment[0]) buf_printf(&b, " (%s)", of->attachment);
    return arena_str(c->a, buf_str(&b)).p;
}

/* What this person adjusted of the account today without a second one. */
static int64_t adjusted_today(call *c, const wallet_key *w) {
    wallet_move *m;
    int64_t sum = 0;
    size_t n = wallet_moves(c->t, w, c->a, &m);
    for (size_t i = 0; i < n; i++) {
        entry en;
        if (m[i].cause != CAUSE_ADJUSTMENT || m[i].day != today_of(c)) continue;
        if (journal_get(c->t, m[i].entry, &en) && en.kind == KIND_WALLET && str_eq(en.actor, call_actor(c)))
            sum += m[i].amount < 0 ? -m[i].amount : m[i].amount;
    }
    return sum;
}

/* Beyond the limit of the role another person looks at it first; many small ones are one large one. */
static bool beyond_limit(call *c, const wallet_key *w, int64_t amount, unsigned scale) {
    setting_id of = c->who.role == ROLE_CHANNEL_MANAGER ? SETTING_ADJUST_MANAGER : SETTING_ADJUST_LIMIT;
    int64_t limit = setting_number(c->t, of) * pow10_i64(scale);
    return (amount < 0 ? -amount : amount) > limit - adjusted_today(c, w);
}

static bool adjust(call *c, const wallet_key *w, Entry__Wallet *body, err *e) {
    char code[4];
    unsigned scale = currency_scale(currency_text(w->currency, code));
    wallet_move move = {
        .at = *w, .cause = CAUSE_ADJUSTMENT, .day = today_of(c), .reference = call_option(c, "reference")};
    TRY(wallet_amount(c, "amount", scale, &move.amount, e));
    TRY(call_day(c, "expires", DAY_MAX, &move.expires, e));
    Entry__WalletMove *m = wallet_move_body(c, &move);
    body->move = &m;
    body->n_move = 1;
    const char *what = summary(c, m, move.amount, body);
    if (beyond_limit(c, w, move.amount, scale))
        return command_propose(c, KIND_WALLET, &body->base,
                               &(stake){what, m->partner, move.amount, w->currency, ROLE_FINANCE}, e);
    TRY(command_append(c, KIND_WALLET, &body->base, e));
    answer_message(c, "%s: posted", what);
    return true;
}

bool cmd_wallet_adjust(call *c, err *e) {
    uint8_t digest[DIGEST_SIZE];
    Entry__Wallet body = ENTRY__WALLET__INIT;
    wallet_key w = {0};
    str reason = call_option(c, "reason");
    TRY(wallet_of_call(c, &w, e));
    TRY(authz(c, "write", w.partner, e));
    if (reason.n == 0 || reason.n > LIMIT_TEXT)
        return err_set(e, ERR_USAGE, "--reason: say why, in at most %d bytes", LIMIT_TEXT);
    if (call_file_count(c)) {
        attachment paper = call_file(c, 0);
        TRY(paper_keep(c, paper.name, paper.bytes, digest, e));
        body.attachment = (char *)(uintptr_t)arena_str(c->a, paper.name).p;
        body.attachment_digest = (ProtobufCBinaryData){DIGEST_SIZE, digest};
    }
    body.note = (char *)(uintptr_t)arena_str(c->a, reason).p;
    return adjust(c, &w, &body, e);
}
