/* replenish_files — the two files of `replenish try`: demand day by day, and the policy with what is on hand. ERR_DATA and
 * ERR_CONFIG name file, row or line, what was found and what was wanted. */
#ifndef CHANNELCTL_REPLENISH_FILES_H
#define CHANNELCTL_REPLENISH_FILES_H

#include "daemon/replenish/why.h"
#include "tools/channelctl/series_files.h"

enum {
    TRY_SERIES = 20000,
    TRY_ROWS = 2000000,
    DAYS_OF_WEEKS = 70 /* fewer days of history are forecast as days, more as weeks */
};

typedef struct try_series {
    str name;
    demand_day *day; /* rising */
    size_t n;
    int64_t price; /* of a base unit, micro: the last one stated; NUM_NONE */
    replenish_policy policy;
    replenish_position position;
    bool counted; /* on_hand was stated, or the last day's stock was */
    str group;    /* of products that share a season */
    stage stage;
    int64_t remaining, trial_left;
    day_t ends;
    str analogue; /* a series of the file; empty: none */
    double analogue_share;
} try_series;

typedef struct try_files {
    arena text;
    try_series *v;
    size_t n, cap;
    series_step step; /* of the dates in the file */
    day_t today;
    int64_t budget; /* micro; NUM_NONE: none */
    language language;
} try_files;

/** Rows of `history`, then `params` (p NULL: the usual policy). */
MUST_USE bool try_files_read(const attachment *history, const attachment *params, try_files *out, err *e);
void try_files_auto(try_files *t);

#endif
