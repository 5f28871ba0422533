/* accruals — posting what policies give: for the command, for a period that is being closed, and for the night. */
#ifndef COMMAND_ACCRUALS_H
#define COMMAND_ACCRUALS_H

#include "daemon/command/command.h"
#include "daemon/rebate/accrual.h"

typedef struct accruing {
    txn *t;
    int64_t now_ms;
    int zone_min;
    str actor; /* of the entries */
    str label; /* of rebate/closing.h; "" all periods */
} accruing;

typedef struct accrued {
    uint64_t rows, late, entries; /* late: rows that another period than their own bears */
    int64_t amount;               /* fen, of all rows */
} accrued;

/** Every policy, withdrawn ones too. */
MUST_USE bool accrue_all(const accruing *how, accrued *out, err *e);
/** The policy that follows the name `after` ("": the first), in *after; false and no error: there is none. */
MUST_USE bool accrue_next(const accruing *how, buf *after, bool *any, accrued *out, err *e);

/** What is in the way of closing a period (period check): how much, and unless `quiet` the list as the answer. */
MUST_USE bool period_findings(call *c, str label, bool quiet, uint64_t *found, err *e);

/** The first argument as a label of a period. ERR_USAGE. */
MUST_USE bool period_label(call *c, str *out, err *e);

#endif
