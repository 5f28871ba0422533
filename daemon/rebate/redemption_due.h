/* redemption_due — what of a partner's settled rebates is to leave its wallet beside orders, by selling company and form:
 * what statements paid in that form, less the payouts of it that count. Lines of form offset are used against orders. */
#ifndef REBATE_REDEMPTION_DUE_H
#define REBATE_REDEMPTION_DUE_H

#include "daemon/rebate/redemption.h"

typedef struct due_payout {
    str company;
    uint32_t currency;
    payout_form form;
    int64_t due;       /* of the period asked for, and of nothing that is paid out; may be below 0 */
    day_t first, last; /* of the periods of its lines */
} due_payout;

typedef struct due_payouts {
    due_payout *at; /* by company, currency, form */
    size_t n, cap;
} due_payouts;

/** Of statements of the period `label` (as closing.h spells it; "" of all); in `a`. */
MUST_USE bool redemption_due(txn *t, uint32_t partner_no, str label, arena *a, due_payouts *out, err *e);

/** Whole units of goods for at most `amount`: of the first sku as many as it pays for, then of the next. A unit is the
 *  product's largest, or the one named. Prices are those of the day (setting payout.goods_price), with VAT. Lines in `a`;
 *  they add up to *taken. ERR_NOT_FOUND: a sku or unit; ERR_CONFLICT: a product without such a price. */
MUST_USE bool redemption_goods(txn *t, uint32_t partner_no, str skus, str unit, int64_t amount, day_t day, arena *a,
                               redemption_line **out, size_t *n, int64_t *taken, err *e);

#endif
