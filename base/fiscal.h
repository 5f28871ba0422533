/* fiscal — the calendar of a business: which days are worked, and which fiscal month, quarter, half or year a day
 * belongs to. Pure; the rows come from whoever knows them (daemon/catalog/calendar.h reads the catalogue's).
 *
 * Working days: Monday to Friday, but no holiday; and every day that is declared worked (调休).
 *
 * Fiscal months: month M begins on the first day a row states for it, else by `starts`: 1 is the calendar month; up to
 * FISCAL_STARTS_WITHIN the month begins on that day of the calendar month whose name it bears (5: 2026-07 is 5 July to
 * 4 August); later than that on that day of the month before (26: 2026-07 is 26 June to 25 July). A row's day lies at
 * most FISCAL_EARLY days before and FISCAL_LATE days after the 1st of its month, so that months never cross whatever
 * mix of rows and rule there is. Quarters, halves and years are 3, 6 and 12 fiscal months from month 01.
 */
#ifndef BASE_FISCAL_H
#define BASE_FISCAL_H

#include "base/calendar.h"

enum {
    FISCAL_STARTS_MAX = 28,
    FISCAL_STARTS_WITHIN = 13,
    FISCAL_EARLY = 15,
    FISCAL_LATE = 12,
};

typedef struct special_day {
    day_t day;
    bool work; /* 调休 working day; else a holiday */
} special_day;

typedef struct fiscal_first {
    int32_t month; /* as month_of() */
    day_t from;
} fiscal_first;

typedef struct fiscal_calendar {
    unsigned starts;            /* 1 … FISCAL_STARTS_MAX */
    const special_day *special; /* ascending, each day once; borrowed */
    size_t specials;
    const fiscal_first *first; /* ascending, each month once; borrowed */
    size_t firsts;
} fiscal_calendar;

/** May a row say that the month begins on that day? */
bool fiscal_first_ok(int32_t month, day_t from);

bool working_day(const fiscal_calendar *c, day_t d);
/** The n-th working day after d; n 0: d itself, worked or not. */
day_t working_days_after(const fiscal_calendar *c, day_t d, unsigned n);
/** The n-th working day before d; n 0: d itself. */
day_t working_days_before(const fiscal_calendar *c, day_t d, unsigned n);

day_t fiscal_month_first(const fiscal_calendar *c, int32_t month);
/** The month a day belongs to, in the numbers of month_of(). */
int32_t fiscal_month_of(const fiscal_calendar *c, day_t d);

typedef enum span_kind {
    SPAN_DAY,
    SPAN_WEEK,
    SPAN_MONTH,
    SPAN_QUARTER,
    SPAN_HALF,
    SPAN_YEAR,
    SPAN_KIND_COUNT
} span_kind;

typedef struct day_span {
    day_t from, to; /* both belong to it */
} day_span;

const char *span_kind_name(span_kind k); /* "day", "week", "month" … */
bool span_kind_parse(str s, span_kind *out);
/** The span of that kind a day lies in. A week is an ISO week. */
day_span span_at(const fiscal_calendar *c, span_kind k, day_t d);
/** Its name: 2026-07-05, 2026-W27, 2026-07, 2026-Q3, 2026-H2, 2026. */
void span_put(const fiscal_calendar *c, span_kind k, day_t d, buf *out);
/** A name as above, or "2026-07-01..2026-07-15". */
bool span_read(const fiscal_calendar *c, str s, day_span *out);

#endif
