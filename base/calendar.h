/* calendar — business days and entry times. A day is a count of days since 1970-01-01 (proleptic Gregorian, no zone); a
 * time is milliseconds since the epoch, UTC. Formulas: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
 */
#ifndef BASE_CALENDAR_H
#define BASE_CALENDAR_H

#include "base/buf.h"

typedef int32_t day_t;
#define DAY_MIN (-719162) /* 0001-01-01 */
#define DAY_MAX 2932896   /* 9999-12-31 */

typedef struct civil {
    int year;
    unsigned month, day; /* 1–12, 1–31 */
} civil;

day_t day_of(int year, unsigned month, unsigned day);
civil civil_of(day_t d);
bool civil_ok(int year, unsigned month, unsigned day);
unsigned days_in_month(int year, unsigned month);
unsigned weekday_of(day_t d); /* ISO: 1 Monday … 7 Sunday */
/** Months since 0000-01: month_of(day) orders and subtracts. */
int32_t month_of(day_t d);
day_t month_first(int32_t month);

/** "2026-01-31" only. Readers of foreign files use formats/, which accepts more. */
bool day_parse(str s, day_t *out);
void day_put(buf *b, day_t d);     /* 2026-01-31 */
void month_put(buf *b, int32_t m); /* 2026-01 */
void week_put(buf *b, day_t d);    /* 2026-W05, ISO week */

/** RFC 3339 with zone ("2026-01-31T08:00:00+08:00", "…Z", "…+0800" too), fraction allowed. A bare date is midnight in `zone_min`. */
bool time_parse(str s, int zone_min, int64_t *ms);
/** Seconds, with the zone given in minutes east of UTC. */
void time_put(buf *b, int64_t ms, int zone_min);
/** The business day at a time in a zone. */
day_t day_at(int64_t ms, int zone_min);
/** "+08:00", "-03:30", "Z". */
bool zone_parse(str s, int *minutes);

#endif
