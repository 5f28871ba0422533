/* Money of a wallet for orders: wallet use, wallet return. Orders that the daemon keeps do the same in their own entries
 * (ledger/wallet.h); these commands are for orders that are kept elsewhere. */
#include "base/num.h"
#include "daemon/catalog/partner.h"
#include "daemon/command/catalog.h"
#include "daemon/command/wallets.h"
#include "proto/limits.h"

#include <inttypes.h>

Entry__WalletMove *wallet_move_body(call *c, const wallet_move *m) {
    char code[4];
    Entry__WalletMove *out = ARENA_NEW(c->a, Entry__WalletMove, 1);
    ASSERT(out != NULL);
    entry__wallet_move__init(out);
    out->partner = entry_text(c, partner_id(c->t, m->at.partner));
    out->company = entry_text(c, m->at.company);
    out->currency = entry_text(c, currency_text(m->at.currency, code));
    out->account = m->at.account;
    out->cause = m->cause;
    out->amount = m->amount;
    out->day = m->day;
    out->expires = m->expires == DAY_MAX ? 0 : m->expires;
    out->own_share = m->own_share;
    out->reference = entry_text(c, m->reference);
    return out;
}

static bool post(call *c, const wallet_move *m, size_t n, err *e) {
    Entry__Wallet body = ENTRY__WALLET__INIT;
    str reason = call_option(c, "reason");
    if (reason.n > LIMIT_TEXT) return err_set(e, ERR_USAGE, "--reason: at most %d bytes", LIMIT_TEXT);
    body.move = ARENA_NEW(c->a, Entry__WalletMove *, n);
    ASSERT(body.move != NULL);
    for (size_t i = 0; i < n; i++) body.move[body.n_move++] = wallet_move_body(c, &m[i]);
    body.note = entry_text(c, reason);
    return command_append(c, KIND_WALLET, &body.base, e);
}

static unsigned scale_of(const wallet_key *w) {
    char code[4];
    return currency_scale(currency_text(w->currency, code));
}

bool cmd_wallet_use(call *c, err *e) {
    AUTO(buf) said = {0};
    wallet_key w = {0};
    wallet_move *m;
    size_t n;
    int64_t amount, order_amount;
    str order = call_option(c, "order");
    day_t today = day_at(c->now_ms, c->zone_min);
    TRY(wallet_of_call(c, &w, e) && authz(c, "write", w.partner, e));
    TRY(wallet_amount(c, "of", scale_of(&w), &order_amount, e));
    if (call_option(c, "amount").p) TRY(wallet_amount(c, "amount", scale_of(&w), &amount, e));
    else
        TRY(wallet_usable(c->t, &w, order, order_amount, today, &amount, e));
    if (amount == 0)
        return err_set(e, ERR_CONFLICT, "wallet of '%.*s': nothing may be used for this order",
                       STR_ARG(partner_id(c->t, w.partner)));
    TRY(wallet_use(c->t, &w, order, order_amount, amount, today, c->a, &m, &n, e) && post(c, m, n, e));
    dec_put(&said, amount, scale_of(&w), scale_of(&w));
    answer_message(c, "order %.*s: %s used", STR_ARG(order), buf_z(&said));
    return true;
}

bool cmd_wallet_return(call *c, err *e) {
    AUTO(buf) said = {0};
    wallet_key w = {0};
    wallet_move m;
    str order = call_option(c, "order");
    TRY(wallet_of_call(c, &w, e) && authz(c, "write", w.partner, e));
    TRY(wallet_unuse(c->t, &w, order, day_at(c->now_ms, c->zone_min), &m, e));
    if (m.amount == 0)
        return err_set(e, ERR_CONFLICT, "wallet of '%.*s': nothing is used for order '%.*s'",
                       STR_ARG(partner_id(c->t, w.partner)), STR_ARG(order));
    TRY(post(c, &m, 1, e));
    dec_put(&said, m.amount, scale_of(&w), scale_of(&w));
    answer_message(c, "order %.*s: %s given back", STR_ARG(order), buf_z(&said));
    return true;
}
