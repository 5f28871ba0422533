/* replenish_season — seasons of the groups in the files of `replenish try`, from the days they hold. */
#ifndef CHANNELCTL_REPLENISH_SEASON_H
#define CHANNELCTL_REPLENISH_SEASON_H

#include "tools/channelctl/replenish_files.h"

typedef struct try_seasons {
    season_profile *of; /* a series each; groups share */
} try_seasons;

/** One profile a group, from days before `until`. */
try_seasons try_seasons_fit(try_files *t, day_t until);

/** Demand of a series by the periods of the file, from its first day up to `until`; promoted and one-off sales left out when
 *  `plain`. */
size_t try_periods(const try_files *t, const try_series *s, day_t until, bool plain, double **out, int32_t *first,
                   arena *room);
bucket_kind try_grain(const try_files *t);

#endif
