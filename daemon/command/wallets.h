/* wallets — what the commands about wallets share. */
#ifndef COMMAND_WALLETS_H
#define COMMAND_WALLETS_H

#include "daemon/command/command.h"
#include "daemon/ledger/wallet.h"

/** The account of the partner that the first argument names, and of --company, --currency, --account. ERR_USAGE,
 *  ERR_NOT_FOUND. */
MUST_USE bool wallet_of_call(call *c, wallet_key *w, err *e);
/** An option as minor units, not 0. ERR_USAGE. */
MUST_USE bool wallet_amount(call *c, const char *option, unsigned scale, int64_t *out, err *e);
void wallet_money(json *j, const char *name, int64_t v, uint32_t currency);
/** A move as it stands in an entry, in the call's arena. */
Entry__WalletMove *wallet_move_body(call *c, const wallet_move *m);

#endif
