/* forecast — a small fixed state that follows one series of demand, bucket by bucket, and what it forecasts. Demand comes
 * in without its season; nothing here knows days. All candidates run beside each other in O(1) a bucket; which of them
 * speaks is chosen by class (smooth, erratic, intermittent, lumpy) and by their rolling error.
 * Sources: simple and damped exponential smoothing (Gardner, McKenzie 1985), Theta (Hyndman, Billah 2003), Croston 1972,
 * SBA (Syntetos, Boylan 2005), TSB (Teunter, Syntetos, Babai 2011). */
#ifndef MATHS_FORECAST_H
#define MATHS_FORECAST_H

#include "maths/demand_class.h"
#include <stdint.h>

enum { FORECAST_MAX = 64 }; /* buckets ahead */

/* name as output says it */
#define FORECAST_METHODS(X)                                                                                            \
    X(METHOD_NONE, "none")                                                                                             \
    X(METHOD_NAIVE, "naive")                                                                                           \
    X(METHOD_SES, "ses")                                                                                               \
    X(METHOD_HOLT, "holt_damped")                                                                                      \
    X(METHOD_THETA, "theta")                                                                                           \
    X(METHOD_MIX, "combination")                                                                                       \
    X(METHOD_CROSTON, "croston")                                                                                       \
    X(METHOD_SBA, "sba")                                                                                               \
    X(METHOD_TSB, "tsb")                                                                                               \
    X(METHOD_RAMP, "analogue")
typedef enum forecast_method {
#define X(id, name) id,
    FORECAST_METHODS(X)
#undef X
        METHOD_COUNT
} forecast_method;
const char *forecast_method_name(forecast_method m);

enum { FORECAST_LEVELS = 3 };
typedef struct forecast_state {
    float level[FORECAST_LEVELS];  /* exponential smoothing, one a constant */
    float holt, slope;             /* damped trend */
    float sum, sum_t, sum_sq;      /* Σy, Σty, Σy² */
    float size, gap, chance;       /* Croston's, TSB's */
    float error[5];                /* rolling absolute errors of the candidates */
    float square;                  /* rolling squared error of what was forecast */
    float low, high;               /* empirical quantiles of the errors, in parts of their scale */
    uint16_t n, hits, idle, flags; /* buckets, those with demand, since the last demand */
} forecast_state;

typedef struct forecast_view {
    forecast_method method;
    demand_class class;
    double level; /* of the next bucket */
    double error; /* rolling mean absolute error of one bucket; < 0: not known yet */
    double sigma; /* standard deviation of the error of one bucket */
    unsigned n;   /* buckets of history */
} forecast_view;

/** One bucket with demand y ≥ 0. */
void forecast_observe(forecast_state *s, double y);
/** k buckets without demand. */
void forecast_idle(forecast_state *s, unsigned k);
/** What it says of the next h ≤ FORECAST_MAX buckets. lower and upper: 80 % of the errors so far lay between. */
void forecast_look(const forecast_state *s, unsigned h, forecast_view *view, double *mean, double *lower,
                   double *upper);

#endif
