/* demand — what a partner would have sold of a product, kept as a fixed small state a series: a cache of its days, never
 * a truth of its own. A day later than all before it is posted in O(1); a day that comes late, or is corrected, marks the
 * series, which is then rebuilt from its days. Both ways, in any order, end in the same bytes.
 *
 * Days lie in buckets (days, weeks from Monday, calendar months). A bucket closes when a later one gets its first day;
 * buckets without a sale cost nothing until then. Corrected before it counts:
 *   out of stock  a day whose stock was 0 at its end does not count as one of little demand: it is left out unless at least
 *                 as much was sold as was expected, and its bucket is scaled to the days that count (a bucket with less than half
 *                 of its days is left out). The stock stays 0 until a row says otherwise or something is sold.
 *   promotion     a promoted day is left out in the same way, unless the rules say that promotions count
 *   bulk          a sale marked as a one-off is left out; a bucket beyond its forecast + 4 sigma is cut to that once, and
 *                 taken as it is when the next one lies there too
 * Quantities are thousandths of the base unit; forecasts are doubles in base units. Pure: no clock, no store. */
#ifndef REPLENISH_DEMAND_H
#define REPLENISH_DEMAND_H

#include "base/num.h"
#include "maths/forecast.h"
#include "maths/season.h"

typedef struct demand_day {
    day_t day;
    int64_t sold;  /* net demand of the day; a bucket below 0 counts as 0 */
    int64_t stock; /* at its end; NUM_NONE: not known */
    bool promotion, bulk;
} demand_day;

typedef struct demand_rules {
    bucket_kind bucket;
    bool promotions_count;
} demand_rules;

/* One series, ≤ 104 bytes. Zeroed is a series without a day. A season that changed makes every series of its group stale. */
typedef struct demand_state {
    int64_t open; /* sold in the open bucket so far, on days that count */
    forecast_state f;
    uint16_t last_day; /* posted last, days since 1970 */
    uint8_t off;       /* days of the open bucket that do not count */
    uint8_t flags;
} demand_state;
_Static_assert(sizeof(demand_state) <= 104, "a series has at most 104 bytes");

/* What the history said beside its figures, for the sentence. */
typedef struct demand_notes {
    uint32_t days, out, promoted, bulks; /* days with a row, left out for want of stock, promoted; one-offs */
} demand_notes;

/** Post one day. False: it lies before the last day posted, or is that day again and one of the two knows its stock or is
 *  promoted: mark the series and rebuild it. `season` may be NULL (flat). */
bool demand_post(demand_state *s, const demand_rules *rules, const season_profile *season, const demand_day *posted);

/** The state of n days in any order (they are sorted in place; rows of one day add up, the last stock stands). `notes` may
 *  be NULL. */
void demand_rebuild(demand_state *s, const demand_rules *rules, const season_profile *season, demand_day *day, size_t n,
                    demand_notes *notes);

/* The forecast from a day on. */
typedef struct demand_forecast {
    forecast_view view; /* a bucket's figures, without its season */
    bucket_kind bucket;
    int32_t first;                                                       /* the bucket of the day asked for: mean[0] */
    unsigned n;                                                          /* ≤ FORECAST_MAX */
    double mean[FORECAST_MAX], lower[FORECAST_MAX], upper[FORECAST_MAX]; /* a bucket each */
} demand_forecast;
/** Buckets that ended before `from` are taken as closed, on a copy; what lies in the bucket of `from` itself does not speak
 *  yet. `declining`: see forecast_look. */
void demand_look(const demand_state *s, const demand_rules *rules, const season_profile *season, day_t from,
                 unsigned buckets, bool declining, demand_forecast *out);
/** A product without history of its own: what a product like it sold at the same age, n buckets of it from its first on,
 *  times `share`. `age`: buckets since this product's own first day. The error is taken as NEW_CV of the level. */
#define NEW_CV 0.5
enum { RAMP_BUCKETS = 128 }; /* of an analogue; beyond them it stays where it is */
void demand_ramp(const double *like, size_t n, unsigned age, double share, const demand_rules *rules, day_t from,
                 unsigned buckets, demand_forecast *out);
/** What n days sold in each bucket, from that of the first day on up to the one before that of `until`; at most `most`
 *  buckets. Returns how many. */
size_t demand_buckets(const demand_day *day, size_t n, bucket_kind kind, day_t until, double *out, size_t most);
/** Expected demand of `days` days (may be a fraction) from `from` on: a bucket is spread over its days by the season. */
double demand_over(const demand_forecast *f, const season_profile *season, day_t from, double days);
/** Standard deviation of the forecast's error over so many days, at the season's height there. */
double demand_sigma(const demand_forecast *f, double days, double expected);
double demand_bucket_days(bucket_kind kind); /* 1, 7, 30.4375 */

#endif
