/* duty — what a partner owes to report, from table `duty`. A row is for one partner, for a tier or for everybody; of the
 * rows that hold on a day the most specific decides (its own, then its tier's, then *), of equals the one that began
 * last. Rows of a tier and of everybody mean partners that report (partner_reports), without the manufacturer and those
 * that ended; a row of its own holds for any partner. `never` frees a partner from what a wider row asks.
 *
 * A period is owed when a row holds on its last day and asks for periods of that length; it begins with the row at the
 * earliest. So a row that changes inside a period decides about the whole of it. */
#ifndef CATALOG_DUTY_H
#define CATALOG_DUTY_H

#include "base/arena.h"
#include "base/fiscal.h"
#include "daemon/store/store.h"
#include "proto/columns.h"

typedef struct duty {
    doc_type type; /* TYPE_SALE, TYPE_STOCK, TYPE_RECEIPT or TYPE_PAYMENT */
    bool never;
    span_kind every; /* SPAN_DAY, SPAN_WEEK or SPAN_MONTH (a fiscal one) */
    unsigned due;    /* working days after the last day of the period */
    day_t from, to;
    unsigned rank; /* how specific: 3 its own, 2 its tier's, 1 everybody's */
} duty;

typedef struct duties {
    duty *row;
    size_t n;
} duties;

/** Every row that may decide for a partner, in `a`. */
void duties_of(txn *t, uint32_t partner_no, arena *a, duties *out);
/** The row that decides about a type on a day; NULL: nothing is owed. */
const duty *duty_on(const duties *all, doc_type type, day_t day);
/** The period that is owed with its last day `day`. */
bool duty_ends(const duties *all, const fiscal_calendar *c, doc_type type, day_t day, day_span *out, const duty **row);

#endif
