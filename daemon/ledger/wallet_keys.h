/* wallet_keys — the wallet's records, for the two files that write and read them. */
#ifndef LEDGER_WALLET_KEYS_H
#define LEDGER_WALLET_KEYS_H

#include "daemon/ledger/wallet.h"
#include "daemon/store/keys.h"

typedef struct wallet_sum {
    int64_t posted;
    uint64_t moves, expiring; /* moves in all; credits with a last day among them */
} wallet_sum;

key wallet_key_of(const wallet_key *w);
wallet_sum wallet_sum_of(txn *t, const key *k);

#endif
