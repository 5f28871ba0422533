/* demand — what a partner would have sold of a product, kept as a fixed small state a series: a cache of its days, never
 * a truth of its own. A day later than all before it is posted in O(1); a day that comes late, or is corrected, marks the
 * series, which is then rebuilt from its days. Both ways, in any order, end in the same bytes.
 *
 * Days lie in buckets (days, weeks from Monday, calendar months). A bucket closes when a later one gets its first day;
 * buckets without a sale cost nothing until then. Corrected before it counts:
 *   out of stock  a day whose stock was 0 at its end does not count as a day without demand: a bucket is scaled to its days
 *                 with stock, a bucket without any is left out unless more was sold than was expected. The stock stays 0
 *                 until a row says otherwise or something is sold.
 *   promotion     a promoted day is left out in the same way, unless the rules say that promotions count
 *   bulk          a day marked as a one-off is left out; a bucket beyond forecast + 4 sigma is cut to that once, and
 *                 taken as it is when the next one lies there too
 * Quantities are thousandths of the base unit; forecasts are doubles in base units. Pure: no clock, no store. */
#ifndef REPLENISH_DEMAND_H
#define REPLENISH_DEMAND_H

#include "base/calendar.h"
#include "base/num.h"
#include "maths/forecast.h"
#include "maths/season.h"

typedef struct demand_day {
    day_t day;
    int64_t sold;  /* net demand of the day; below 0 counts as 0 */
    int64_t stock; /* at its end; NUM_NONE: not known */
    bool promotion, bulk;
} demand_day;

typedef struct demand_rules {
    bucket_kind bucket;
    bool promotions_count;
} demand_rules;

/* One series, ≤ 104 bytes. Zeroed is a series without a day. */
typedef struct demand_state {
    int64_t open; /* sold in the open bucket so far, on days that count */
    forecast_state f;
    uint16_t first_day;    /* of the series, days since 1970 */
    uint16_t last_day;     /* posted last */
    uint8_t out, promoted; /* days of the open bucket that do not count */
    uint8_t flags;         /* DEMAND_… */
    uint8_t bulks;         /* buckets cut, days left out as one-off; stays at 255 */
} demand_state;
_Static_assert(sizeof(demand_state) <= 104, "a series has at most 104 bytes");

/* What the history said beside its figures, for the sentence. */
typedef struct demand_notes {
    uint32_t days, days_out, days_promoted, bulks;
} demand_notes;

/** Post one day. False: it lies before the last day posted: mark the series and rebuild it. A day may be posted in several
 *  pieces as long as it is the last. `season` may be NULL (flat). */
bool demand_post(demand_state *s, const demand_rules *rules, const season *season, const demand_day *day);

/** The state of n days in any order (they are sorted in place; rows of one day add up, the last stock stands). */
void demand_rebuild(demand_state *s, const demand_rules *rules, const season *season, demand_day *day, size_t n,
                    demand_notes *notes);

/** The forecast from `from` on as sums of days: mean demand of the first `days` days, and its error. `analogue`: see
 *  forecast_ramp; NULL none. Buckets that ended before `from` are taken as closed, on a copy. */
typedef struct demand_forecast {
    forecast_view view; /* a bucket's figures: level, sigma, method, class, errors */
    bucket_kind bucket;
    unsigned n;                                                          /* buckets below */
    double mean[FORECAST_MAX], lower[FORECAST_MAX], upper[FORECAST_MAX]; /* a bucket each, from that of `from` on */
} demand_forecast;
void demand_look(const demand_state *s, const demand_rules *rules, const season *season, day_t from, unsigned buckets,
                 demand_forecast *out);
/** Expected demand from `from` over `days` days (may be a fraction): buckets are spread over their days by the season's
 *  weekdays. */
double demand_over(const demand_forecast *f, const season *season, day_t from, double days);
/** Standard deviation of the forecast's error over so many days. */
double demand_sigma(const demand_forecast *f, double days);

#endif
