/* wallet_keys — the wallet's records, for the two files that write and read them. */
#ifndef LEDGER_WALLET_KEYS_H
#define LEDGER_WALLET_KEYS_H

#include "daemon/ledger/wallet.h"
#include "daemon/store/keys.h"

typedef struct wallet_sum {
    int64_t posted;
    uint64_t moves, expiring; /* moves in all; credits with a last day among them */
} wallet_sum;

/* What is left of one credit. */
typedef struct wallet_lot {
    int64_t left;
    day_t expires;
    uint32_t own_share;
} wallet_lot;

/* What a debit took from a credit and no reversal gave back. */
typedef struct wallet_taken {
    str reference;
    size_t lot;
    int64_t amount;
} wallet_taken;

typedef struct wallet_lots {
    wallet_lot *at; /* in the order they came */
    size_t *order;  /* of their last days, the soonest first */
    size_t n;
    wallet_taken *taken;
    size_t takes, taken_cap;
    int64_t owed; /* overdrawn: made good by the next credit */
    arena *a;
} wallet_lots;

/** Every credit of an account and what took from it; in `a`. */
void wallet_lots_of(txn *t, const wallet_key *w, int64_t opening, day_t as_of, arena *a, wallet_lots *out);

key wallet_key_of(const wallet_key *w);
wallet_sum wallet_sum_of(txn *t, const key *k);

#endif
