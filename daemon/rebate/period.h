/* period — the spans a policy is judged by, as numbers that follow each other: months, quarters, half years, years since
 * year 0, or the one span "once". Labels: 2026-01, 2026-Q1, 2026-H1, 2026, once. */
#ifndef REBATE_PERIOD_H
#define REBATE_PERIOD_H

#include "base/calendar.h"

typedef enum period_kind { PERIOD_MONTH, PERIOD_QUARTER, PERIOD_HALF_YEAR, PERIOD_YEAR, PERIOD_ONCE } period_kind;

/** The period a day lies in; 0 for once. */
int32_t period_of(period_kind k, day_t day);
/** First and last day; of once DAY_MIN and DAY_MAX. */
day_t period_first(period_kind k, int32_t no);
day_t period_last(period_kind k, int32_t no);
/** How many of them a year has; 0 for once. */
int32_t periods_a_year(period_kind k);
/** Months in one; 0 for once. */
int32_t period_months(period_kind k);
void period_put(buf *b, period_kind k, int32_t no);
/** A label of that kind. */
bool period_parse(str label, period_kind k, int32_t *no);
/** A label of any kind. */
bool period_known(str label);

#endif
