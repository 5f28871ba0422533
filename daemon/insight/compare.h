/* compare — fair comparisons: which days a figure of a period is held against. Pure.
 *
 * Time elapsed alike: of a period that still runs as many days of the one before are taken as have gone of this one (from its
 * first day; a whole period against a whole one, whatever their lengths).
 *
 * Spring Festival (春节) moves by up to a month. Its season, here FESTIVAL_BEFORE days before to FESTIVAL_AFTER days after the
 * first day of the lunar year, is held against the same days of last year's season: where two spans do not hold the same days of
 * it, last year's span is moved by as many days as the festival moved. Known for 1990–2079. */
#ifndef INSIGHT_COMPARE_H
#define INSIGHT_COMPARE_H

#include "base/fiscal.h"

enum { FESTIVAL_BEFORE = 14, FESTIVAL_AFTER = 15 };

typedef enum comparison { COMPARE_PREVIOUS, COMPARE_YEAR, COMPARE_LUNAR } comparison;
const char *comparison_name(comparison c); /* "previous", "last_year", "same_lunar_days" */

typedef struct compared {
    day_span whole; /* the period */
    day_span now;   /* of it, until today */
    day_span before;
    comparison how;
} compared;

/** The period of a kind that `day` lies in, as of `today` (≥ its first day), against the one before (of a day: the same weekday a
 *  week before) or, with `year`, against last year's; by the lunar calendar where Spring Festival wants it. */
void compare_period(const fiscal_calendar *c, span_kind kind, day_t day, day_t today, bool year, compared *out);
/** Any span of days: the days before it, or a year before. */
void compare_span(day_span whole, day_t today, bool year, compared *out);

/** First day of the lunar year that begins in a year of the calendar; false: not known. */
bool festival_of(int year, day_t *out);

/** (now − before) ÷ |before| in parts per million; NUM_NONE: there is nothing to compare with. */
int64_t change_ppm(int64_t now, int64_t before);
/** part ÷ whole in parts per million; NUM_NONE: one of them is not known, or the whole is not above 0. */
int64_t share_ppm(int64_t part, int64_t whole);

#endif
