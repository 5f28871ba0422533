/* accruals — posting what policies give: for the command, for a period that is being closed, and for the night. */
#ifndef COMMAND_ACCRUALS_H
#define COMMAND_ACCRUALS_H

#include "daemon/command/command.h"
#include "daemon/rebate/accrual_due.h"

typedef struct accruing {
    int64_t now_ms;
    int zone_min;
    str actor; /* of the entries */
    accrual_how how;
} accruing;

typedef struct accrued {
    uint64_t rows, late, entries; /* late: rows that another period than their own bears */
    int64_t amount;               /* fen, of all rows */
} accrued;

typedef struct accrual_looks { /* of policies in the order of their names */
    accrual_look *v;
    size_t n, cap;
    uint64_t findings; /* what was in the way of closing the period */
} accrual_looks;

/** What every policy gives, withdrawn ones too; in `a`. */
MUST_USE bool accrue_look(txn *t, const accruing *how, arena *a, accrual_looks *out, err *e);
/** What the policy gives that follows the name `after` ("": the first), in *after; *any false: there is none. */
MUST_USE bool accrue_look_next(txn *t, const accruing *how, buf *after, bool *any, arena *a, accrual_look *out, err *e);
/** Journal the differences; t writes. */
MUST_USE bool accrue_post(txn *t, const accruing *how, const accrual_look *l, accrued *out, err *e);

/** Both halves of a COMMAND_JUDGE that accrues: leaves the looks in c->looked; posts them. */
MUST_USE bool accrue_call_look(call *c, const accrual_how *how, err *e);
MUST_USE bool accrue_call_post(call *c, const accrual_how *how, accrued *out, err *e);
/** What --on, else the setting rebate.accrue_on, says of periods that still run. */
bool accrue_expected(txn *t);

/** What is in the way of closing a period (period check): how much, and unless `quiet` the list as the answer. */
MUST_USE bool period_findings(call *c, str label, bool quiet, uint64_t *found, err *e);

/** The first argument as a label of a period. ERR_USAGE. */
MUST_USE bool period_label(call *c, str *out, err *e);

#endif
