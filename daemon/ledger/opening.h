/* opening — where the books of a partner began: what it had when channeld took over, each figure as of a day of its own.
 * The rows are master data (catalog tables opening_stock, opening_wallet, opening_volume, opening_receivable), brought by
 * `opening import`; a corrected row replaces and stays in the history.
 *
 * Stock openings act as the first count of their place and product (ledger/stock.h). The others are for the rooms that
 * judge, which read them here and never stamp them:
 *   - rebate: of a policy's period, add opening_volumes() to the flows dated AFTER their as_of day (flows up to and on
 *     that day are in the figure already), product by product; product 0 is the figure for all products together.
 *   - wallet, credit: a balance is opening_wallets() and what was posted after as_of; a receivable stays open with its
 *     amount until it is paid, and is overdue after `due`.
 * A changed row changes later answers; what was settled gets the difference, like any late data. */
#ifndef LEDGER_OPENING_H
#define LEDGER_OPENING_H

#include "base/arena.h"
#include "base/calendar.h"
#include "kv/kv.h"

typedef struct opening_volume {
    uint32_t product; /* 0: all products together */
    int64_t quantity; /* thousandths of the base unit, NUM_NONE: not stated */
    int64_t amount;   /* minor units of the setting's currency and tax basis, NUM_NONE: not stated */
    day_t as_of;      /* last day that is in the figure */
    uint64_t entry;   /* journal entry that says so */
} opening_volume;
/** Volumes so far of a policy in one of its periods, written as the policy names them; in `a`. */
size_t opening_volumes(txn *t, uint32_t partner_no, str policy, str period, arena *a, opening_volume **out);

typedef struct opening_wallet {
    str company;       /* the setting's default when not stated */
    uint32_t currency; /* currency_no; the setting's when not stated */
    int64_t amount;    /* minor units; below 0: overdrawn */
    day_t as_of;
    uint64_t entry;
} opening_wallet;
size_t opening_wallets(txn *t, uint32_t partner_no, arena *a, opening_wallet **out);

typedef struct opening_receivable {
    str company, document;
    uint32_t currency;
    int64_t amount; /* minor units still owed; below 0: a credit note */
    day_t due;      /* DAY_MAX: not stated */
    day_t as_of;
    uint64_t entry;
} opening_receivable;
size_t opening_receivables(txn *t, uint32_t partner_no, arena *a, opening_receivable **out);

#endif
