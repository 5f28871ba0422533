/* accrual_due — what is to be posted of a policy, in two steps: what it gives is looked up on a snapshot, beside the writer;
 * what that differs from what is posted by then is found where it is posted. So nothing is posted twice, however many look
 * at once. */
#ifndef REBATE_ACCRUAL_DUE_H
#define REBATE_ACCRUAL_DUE_H

#include "daemon/rebate/accrual.h"

struct books; /* rebate/books.h */

typedef struct accrual_how {
    str label;     /* of closing.h; "" all periods */
    bool expected; /* periods that still run: on the expected band */
} accrual_how;

typedef struct accrual_line {
    line_key at; /* policy: as in the look */
    int64_t wanted;
    bool expected;
} accrual_line;

typedef struct accrual_look {
    str policy, label;
    uint32_t revision;
    accrual_line *v;
    size_t n, cap;
} accrual_look;

/** What a policy as it is in force (withdrawn: nothing) gives as of b->today; in `a`. */
MUST_USE bool accrual_look_at(struct books *b, const policy_revision *r, const accrual_how *how, arena *a,
                              accrual_look *out, err *e);
/** Append to `out`, in `a`, the differences to what is posted now. ERR_CONFLICT: the policy's revision moved. */
MUST_USE bool accrual_due(txn *t, const accrual_look *l, day_t today, arena *a, accrual_rows *out, err *e);

#endif
