/* accounts — which accounts of the ERP a voucher is booked on: a YAML file, checked whole.
 *
 *     apiVersion: channeld/v1
 *     kind: VoucherAccounts
 *     accounts:
 *       - {kind: accrual, debit: "6601.05", credit: "2241.01"}
 *       - {kind: payout, form: cash, debit: "2241.01", credit: "1002.01"}
 *       - {kind: payout, policy: core-2026, company: east, debit: "2241.02", credit: "2203.02"}
 *
 * A row that names no form, policy or company is for all of them. Of the rows that fit, one that names the policy goes
 * before one that does not, then one that names the company, then one that names the form.
 *
 *   accounts   revision u32 → entry u64, time i64, then texts: by, yaml */
#ifndef REBATE_ACCOUNTS_H
#define REBATE_ACCOUNTS_H

#include "daemon/rebate/vouchers.h"

enum { ACCOUNTS_BYTES = 64 * 1024, ACCOUNTS_ROWS = 1024 };

typedef struct account_row {
    voucher_kind kind;
    str form, policy, company; /* "": any */
    str debit, credit;
} account_row;

typedef struct accounts {
    arena text;
    account_row *row;
    size_t n;
} accounts;

/** ERR_CONFIG "line N: …": a key or kind unknown, an account missing, two rows for the same. */
MUST_USE bool accounts_parse(str yaml, accounts *out, err *e);
/** The row for a voucher, NULL: none fits. */
const account_row *accounts_find(const accounts *a, voucher_kind kind, str form, str policy_name, str company);
void accounts_auto(accounts *a);

/** The YAML of a revision, borrowed; 0: of the last. *revision is its number. False: there is none. */
bool accounts_get(txn *t, uint32_t revision, str *yaml, uint32_t *number);
/** Keep a new revision, for the applier of vouchers; its number. */
uint32_t accounts_put(txn *t, const entry *en, str yaml);

#endif
