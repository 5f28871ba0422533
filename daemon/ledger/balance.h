/* balance — the mass balance of a partner over a span of days, product by product: do the goods it says it got, gave and
 * counted fit together?
 *
 *     gap = opening + received + transferred + returned − sold − gifts − closing
 *
 * A partner stands here with its places of sale that do not report themselves (their goods roll up to it).
 *
 *   opening   what was there at the end of the day before the span: of the counts around that day the nearest one (the
 *             last before, or one up to balance.count_days after), carried to that day by the flows between. Without one
 *             the first count inside the span, and only flows after it count (`since`). An opening of the catalogue inside
 *             the span is a fresh start in the same way.
 *   closing   the same at the last day of the span; it must be another, later count than the opening's, and the partner's
 *             own.
 *   received  receipts and gifts received; of a partner that reports no receipts what was sent to it (`assumed`)
 *   returned  goods its customers brought back, less what it sent back
 *   a place that never counts a product has it counted by the partner above it.
 *
 * Tolerance: balance.tolerance_permille of |opening| + |received| + |transferred| + |returned|, at least
 * balance.tolerance_units. Grade of a row: complete when the gap is within it and receipts are reported; plausible when it
 * is within balance.plausible_times of it; else doubtful. Without both counts there is no gap and no grade.
 *
 * Grade of a partner and span, of n products that moved or were counted, c of them with a gap known:
 *   none       c < 50 % of n                    too little to judge by
 *   doubtful   doubtful rows > 5 % of c
 *   complete   complete rows ≥ 95 % of n, none doubtful
 *   plausible  else */
#ifndef LEDGER_BALANCE_H
#define LEDGER_BALANCE_H

#include "base/arena.h"
#include "base/calendar.h"
#include "kv/kv.h"

typedef enum balance_grade { GRADE_NONE, GRADE_DOUBTFUL, GRADE_PLAUSIBLE, GRADE_COMPLETE } balance_grade;
const char *balance_grade_name(balance_grade g); /* "" for none */

enum { BALANCE_CHECKED_PERMILLE = 500, BALANCE_DOUBTFUL_PERMILLE = 50, BALANCE_COMPLETE_PERMILLE = 950 };

typedef struct balance_row {
    uint32_t product;
    day_t since;              /* the first day whose flows count */
    int64_t opening, closing; /* thousandths of the base unit; NUM_NONE: no count */
    int64_t received, transferred, returned, sold, gifts;
    int64_t gap, tolerance; /* gap NUM_NONE: not known */
    balance_grade grade;
    uint64_t entry; /* journal entry of the closing count */
} balance_row;

typedef struct balance {
    bool assumed; /* receipts were assumed from shipments */
    balance_row *row;
    size_t rows; /* by product number; of products that moved or were counted */
} balance;

/** Everything in `a`. `partner_no` is one that answers for itself (partner_fact.reporter). */
void balance_of(txn *t, uint32_t partner_no, day_t from, day_t to, arena *a, balance *out);

typedef struct balance_sum {
    size_t products, checked, complete, plausible, doubtful;
    balance_grade grade;
} balance_sum;
/** `judged` says of each row whether its grade counts yet (NULL: all); one that does not is not checked. */
balance_sum balance_summary(const balance *b, const bool *judged);

#endif
