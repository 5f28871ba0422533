/* outlook — where a period will end.
 *
 *   run rate    what a partner sold of a product on each weekday in the last 8 weeks, divided by 8 (younger: by its weeks)
 *   expected    what stands in the books + for each day to come the run rate of its weekday
 *   low, high   the same with the run rate × least, × greatest of these weeks ÷ their mean
 *
 * Days to come begin after the last day with sales, at most 7 days before today, so that reports on their way count as
 * sales to come. Each of the three goes through the engine: bands, stages to come, caps and all. */
#ifndef REBATE_OUTLOOK_H
#define REBATE_OUTLOOK_H

#include "daemon/rebate/books.h"

typedef enum outlook_case { OUTLOOK_LOW, OUTLOOK_EXPECTED, OUTLOOK_HIGH, OUTLOOK_CASES } outlook_case;

typedef struct outlook { /* what is supposed, by partner; one array a case */
    rebate_row *row[OUTLOOK_CASES];
    size_t rows, cap;
} outlook;
void outlook_auto(outlook *o);

/** The last day of a period of the policy, within it; false: it has no such period, or no end. */
bool outlook_end(const policy *p, int32_t period, day_t *end);
/** The period that runs on b->today, and its end; false: none does. */
bool outlook_runs(const books *b, const policy *p, int32_t *period, day_t *end);
/** What partners (one by its number, 0: all) are supposed to sell until the period's end; scratch in `a`. */
MUST_USE bool outlook_suppose(books *b, const policy *p, int32_t period, uint32_t partner_no, arena *a, outlook *out,
                              err *e);
/** Lines of the period in a case. */
MUST_USE bool outlook_evaluate(books *b, const policy *p, int32_t period, uint32_t partner_no, const outlook *o,
                               outlook_case which, arena *a, books_result *out, err *e);
/** The line of another evaluation that stands for the same; NULL: none. Both are walked in order, *from moves on. */
const rebate_line *outlook_line(const rebate_line **from, const rebate_line *like);

#endif
