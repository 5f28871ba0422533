/* forecast — a small fixed state that follows one series of demand, bucket by bucket, and what it forecasts. Demand comes
 * in without its season; nothing here knows days. All candidates run beside each other in O(1) a bucket. Which of them
 * speak is decided by the class of the demand (smooth and erratic, or intermittent and lumpy) and by their rolling squared
 * errors: the forecast is their mean, weighted by the inverse of the errors to a high power, so that a clearly better
 * candidate speaks nearly alone and two that are alike share (no jumping to and fro between them).
 * Sources: exponential smoothing with and without damped trend (Gardner, McKenzie 1985), Theta (Assimakopoulos,
 * Nikolopoulos 2000; Hyndman, Billah 2003), Croston 1972, SBA (Syntetos, Boylan 2005), TSB (Teunter, Syntetos, Babai 2011),
 * weights by past errors (Bates, Granger 1969), quantiles followed step by step (Robbins, Monro 1951). */
#ifndef MATHS_FORECAST_H
#define MATHS_FORECAST_H

#include "maths/demand_class.h"
#include <stdint.h>

enum { FORECAST_MAX = 64 }; /* buckets ahead */

/* name as output says it */
#define FORECAST_METHODS(X)                                                                                            \
    X(METHOD_NONE, "none")                                                                                             \
    X(METHOD_NAIVE, "naive")                                                                                           \
    X(METHOD_SEASONAL, "seasonal_naive")                                                                               \
    X(METHOD_SES, "ses")                                                                                               \
    X(METHOD_HOLT, "holt_damped")                                                                                      \
    X(METHOD_THETA, "theta")                                                                                           \
    X(METHOD_CROSTON, "croston")                                                                                       \
    X(METHOD_SBA, "sba")                                                                                               \
    X(METHOD_TSB, "tsb")                                                                                               \
    X(METHOD_MIX, "combination")                                                                                       \
    X(METHOD_RAMP, "analogue")                                                                                         \
    X(METHOD_AUTO, "auto")
typedef enum forecast_method {
#define X(id, name) id,
    FORECAST_METHODS(X)
#undef X
        METHOD_COUNT
} forecast_method;
const char *forecast_method_name(forecast_method m);

enum { FORECAST_LEVELS = 3 };
/* What is scored: two levels of smoothing, Theta on three, damped trend, SBA, TSB. */
enum { BY_SES_SLOW, BY_SES_FAST, BY_THETA_SLOW, BY_THETA, BY_THETA_FAST, BY_HOLT, BY_SBA, BY_TSB, FORECAST_CANDIDATES };

typedef struct forecast_state {
    float level[FORECAST_LEVELS];      /* exponential smoothing with 0.1, 0.3, 0.8 */
    float holt, slope;                 /* damped trend */
    float sum, sum_t, sum_sq;          /* Σy, Σty (t from 0), Σy² */
    float size, gap, chance;           /* of demands: Croston's and TSB's */
    float square[FORECAST_CANDIDATES]; /* rolling squared errors of one bucket */
    float low, high;                   /* 10 % and 90 % of the errors lay below, in parts of sigma */
    uint16_t n, hits, idle, cut; /* buckets; with demand; since the last demand; buckets cut as one-off, and the lowest
                                          bit: the last one was */
} forecast_state;

typedef struct forecast_view {
    forecast_method
        method; /* that has most of the weight; METHOD_MIX: none has three quarters; METHOD_NONE: nothing was
                               ever sold, or for so long not that it is taken as over */
    demand_class class;
    double level; /* of the next bucket */
    double sigma; /* root of the rolling mean squared error of one bucket; < 0: not known yet (one bucket or none) */
    double alpha; /* how fast the forecast follows, for the error over several buckets */
    double low, high; /* 10 % and 90 % of the errors lay below, in parts of sigma; ≤ 0 and ≥ 0 */
    double adi, cv2;
    double size;      /* of a demand, smoothed */
    unsigned n, hits; /* buckets of history, with demand */
} forecast_view;

/** One bucket with demand y ≥ 0. A zeroed state is one without history. */
void forecast_observe(forecast_state *s, double y);
/** k buckets without demand: the same as k times 0. */
void forecast_idle(forecast_state *s, unsigned k);
/** What it says of the next h ≤ FORECAST_MAX buckets; `declining`: demand that is being run down is forecast by what
 *  follows fast (TSB). 80 % of the errors so far lay between lower and upper. h may be 0. */
void forecast_look(const forecast_state *s, bool declining, unsigned h, forecast_view *view, double *mean,
                   double *lower, double *upper);
/** What one method says alone, with the constant that erred least (METHOD_AUTO: what forecast_look says). */
void forecast_by(const forecast_state *s, forecast_method method, unsigned h, forecast_view *view, double *mean,
                 double *lower, double *upper);
/** Standard deviation of the error of the sum of n buckets (may be a fraction). One bucket's error is its own noise and the
 *  level's, which is noise smoothed with alpha and common to all: n·σ²·(1 + α(n − 1)/2). */
double forecast_sigma(const forecast_view *v, double buckets);

#endif
