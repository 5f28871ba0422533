/* vouchers — batches of vouchers that were cut for the ERP. A batch is a kind, a period that bears, and the journal entries
 * it covers; batches of one kind and period follow one another without gap or overlap, so nothing is exported twice, and a
 * batch can be written again from the journal, byte for byte.
 *
 * A batch keeps the revision of the accounts it was booked by (accounts.h).
 *
 *   vouchers   batch u64 → from u64, through u64, time i64, accounts u32, then texts: kind, period, by */
#ifndef REBATE_VOUCHERS_H
#define REBATE_VOUCHERS_H

#include "daemon/store/apply.h"
#include "proto/journal.pb-c.h"

#define VOUCHER_KINDS(X)                                                                                               \
    X(VOUCHER_ACCRUAL, "accrual")       /* posted */                                                                   \
    X(VOUCHER_REVERSAL, "reversal")     /* posted back */                                                              \
    X(VOUCHER_PAYOUT, "payout")         /* paid into wallets; below 0: taken back */                                   \
    X(VOUCHER_REDEMPTION, "redemption") /* out of wallets by payouts and orders; below 0: given back */

typedef enum voucher_kind {
#define X(kind, name) kind,
    VOUCHER_KINDS(X)
#undef X
        VOUCHER_KIND_COUNT
} voucher_kind;
const char *voucher_kind_name(voucher_kind k);
bool voucher_kind_parse(str s, voucher_kind *out);

typedef struct voucher_batch {
    uint64_t number, from, through; /* entries after `from` up to `through` */
    int64_t time_ms;
    uint32_t accounts; /* revision */
    str kind, period, by;
} voucher_batch;

bool voucher_batch_get(txn *t, uint64_t number, voucher_batch *out); /* texts borrowed */
/** The last batch of a kind and period; false: none yet, *out is zeros. */
bool voucher_batch_last(txn *t, str kind, str period, voucher_batch *out);

/** KIND_VOUCHERS: r->number is the batch. ERR_CONFLICT: another batch was cut since. ERR_NOT_FOUND: no accounts. */
MUST_USE bool rebate_vouchers(txn *t, const entry *en, const Entry__Vouchers *m, apply_result *r, err *e);

#endif
