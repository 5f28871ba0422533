/* credit — which invoices a credit note (票折, 红字发票) corrects. An invoice is a shipment's document at the partner, cut by
 * VAT rate (the product's on its day). It is open with what it amounts to, with VAT, less what came back and less what
 * credit notes under way or issued correct already: a red invoice never takes more than its blue one has. Whether it was
 * paid does not matter.
 *
 * What came back names its invoice (`reference`), else it is taken off the oldest one before it, of its rate first. */
#ifndef REBATE_CREDIT_H
#define REBATE_CREDIT_H

#include "daemon/rebate/redemption.h"

typedef struct open_invoice {
    uint64_t document;
    str number;
    day_t day;
    uint32_t rate; /* ppm */
    int64_t amount, returned, credited;
    int64_t open; /* amount − returned − credited, not below 0 */
} open_invoice;

typedef struct open_invoices {
    open_invoice *at; /* by rate, day, number, document */
    size_t n, cap;
} open_invoices;

/** Invoices of a partner and selling company between two days, as of now; in `a`. */
MUST_USE bool credit_invoices(txn *t, uint32_t partner_no, str company, uint32_t currency, day_t from, day_t to,
                              arena *a, open_invoices *out, err *e);

/** Share an amount over open invoices: those of the days first … last, and what they cannot take over the others. Each time
 *  over the rates by what is open of each, then over the invoices of a rate, by largest remainder; never more than is open.
 *  Lines in `a`, in the order of the invoices; they add up to *allotted, which is below `amount` when no more is open. The
 *  tax of a rate is rounded once and shared over its lines. */
MUST_USE bool credit_allot(const open_invoices *v, day_t first, day_t last, int64_t amount, arena *a,
                           redemption_line **out, size_t *n, int64_t *allotted, err *e);

#endif
