/* seasons — the seasonal profile of each product group (the category of its products), fitted to what all partners together
 * sold of it by days and journaled as a result: weekdays, weeks of the year, weeks around the lunar holidays
 * (maths/season.h). It holds for every series of the group, whatever its buckets. Promoted days and one-off sales do not
 * speak. Products without a category have none.
 *
 *   season   group, 0 → entry u64, day i32, then nothing (flat) or SEASON_FACTORS × parts per million u32 */
#ifndef REPLENISH_SEASONS_H
#define REPLENISH_SEASONS_H

#include "base/arena.h"
#include "daemon/store/apply.h"
#include "maths/season.h"
#include "proto/journal.pb-c.h"

enum { SEASON_FACTORS = 7 + SEASON_WEEKS + SEASON_HOLIDAYS * SEASON_AROUND, SEASON_ONE = 1000000 };

typedef struct season_group {
    str group;
    uint64_t entry;
    day_t day; /* sales before it were looked at */
    season_profile profile;
} season_group;

typedef struct seasons {
    season_group *v; /* by group */
    size_t n;
    day_t day; /* of the last fit, DAY_MIN: there was none */
} seasons;

/** All of them, their days around `today` reckoned; in `a`. */
void seasons_load(txn *t, day_t today, arena *a, seasons *out);
/** The day of the last fit, without reading profiles; DAY_MIN: there was none. */
day_t seasons_fitted(txn *t);
/** Of a category; NULL: flat. */
const season_profile *season_of(const seasons *s, str category);
/** All that forecasts rest on, as bytes. */
void seasons_put(const seasons *s, buf *out);

/** A profile as the row of an entry keeps it. Returns how many factors: 0 flat, else SEASON_FACTORS. */
size_t season_row(const season_profile *p, uint32_t factor[static SEASON_FACTORS]);

/** KIND_SEASONS. */
MUST_USE bool replenish_seasons(txn *t, const entry *en, const Entry__Seasons *m, apply_result *r, err *e);
bool season_content(uint32_t table, str stored_key, str val, buf *out);

#endif
