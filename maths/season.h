/* season — one profile a product group: by how much demand differs from its level on a weekday, in a week or month of the
 * year, and around the holidays that move with the lunar calendar. All factors are 1 on the average. Multiplicative;
 * little history is shrunk to 1. */
#ifndef MATHS_SEASON_H
#define MATHS_SEASON_H

#include "base/calendar.h"

typedef enum bucket_kind { BUCKET_DAY, BUCKET_WEEK, BUCKET_MONTH } bucket_kind;

enum { SEASON_WEEKS = 53, SEASON_HOLIDAYS = 3, SEASON_AROUND = 9 };
typedef struct season {
    float weekday[7];                              /* Monday … Sunday */
    float year[SEASON_WEEKS];                      /* week of the year (day of year / 7); months use the first 12 */
    float holiday[SEASON_HOLIDAYS][SEASON_AROUND]; /* Spring Festival, Dragon Boat, Mid-Autumn: weeks −6 … +2 from it */
    bool months;                                   /* year[] holds months */
} season;

void season_flat(season *s);
/** The factor of a day, all parts together. */
double season_at(const season *s, day_t day);
/** The mean factor of the bucket that begins on `first`. NULL: 1. */
double season_bucket(const season *s, bucket_kind kind, day_t first);

/* Buckets as running numbers; 1970-01-01 lies in bucket 0. */
int32_t bucket_of(bucket_kind kind, day_t day);
day_t bucket_first(bucket_kind kind, int32_t bucket);
unsigned bucket_days(bucket_kind kind, int32_t bucket);

#endif
