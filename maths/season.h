/* season — one profile a product group: by how much demand differs from its level on a weekday, in a week or month of the
 * year, and around the holidays that move with the lunar calendar. Factors multiply; each part is 1 on the average, and
 * what rests on little history is drawn towards 1. */
#ifndef MATHS_SEASON_H
#define MATHS_SEASON_H

#include "base/calendar.h"

typedef enum bucket_kind { BUCKET_DAY, BUCKET_WEEK, BUCKET_MONTH } bucket_kind;

enum { SEASON_WEEKS = 53, SEASON_HOLIDAYS = 3, SEASON_BEFORE = 6, SEASON_AROUND = 9, SEASON_KNOWN = 800 };
typedef struct season_profile {
    float weekday[7];         /* Monday … Sunday */
    float year[SEASON_WEEKS]; /* week of the year (day of the year / 7); with `months` the first 12 are months */
    float holiday[SEASON_HOLIDAYS][SEASON_AROUND]; /* Spring Festival, Dragon Boat, Mid-Autumn: by weeks of 7 days, the
                                                      holiday's first day begins week SEASON_BEFORE */
    bool months;
    bool flat; /* all factors are 1 */
    /* a cache: factors of the days from `known_from` on, by season_know; 0 days: none */
    day_t known_from;
    unsigned known_days;
    float known[SEASON_KNOWN];
} season_profile;

void season_flat(season_profile *s);
/** Reckon SEASON_KNOWN days from `from` on beforehand: a plan asks for the same few days a million times. */
void season_know(season_profile *s, day_t from);
/** The factor of a day, all parts together, in single precision. */
double season_at(const season_profile *s, day_t day);
/** The mean factor of a bucket's days. NULL: 1. */
double season_bucket(const season_profile *s, bucket_kind kind, int32_t bucket);
/** Days from the day to the holiday that is near (−20 … 42; below 0: it is past); false: none is. Known for 1990–2079. */
bool season_holiday(unsigned holiday, day_t day, int *days);

enum { SEASON_MOST = 8192 }; /* buckets that a profile is fitted to, the last ones of a longer history */
/** A profile of a group's total demand in n consecutive buckets from `first` on. Weekdays want 4 weeks of days, the year two
 *  years of days or weeks or three of months, a holiday two of its kind; what is wanting stays 1. */
void season_fit(season_profile *s, bucket_kind kind, int32_t first, const double *total, size_t n);
/** Factors of m phases (t mod m) by the ratio to a centred moving average, shrunk by how far they differ from each other
 *  beside how far their own values scatter (James, Stein; Miller, Williams 2003). Fewer than three turns, a value below 0, or
 *  more than 30 % of them 0 (single sales show no season): all 1. */
void season_phases(const double *y, size_t n, unsigned m, double *factor);

/* Buckets as running numbers; 1970-01-01 lies in bucket 0. Weeks begin on Monday. */
int32_t bucket_of(bucket_kind kind, day_t day);
day_t bucket_first(bucket_kind kind, int32_t bucket);
unsigned bucket_days(bucket_kind kind, int32_t bucket);

#endif
