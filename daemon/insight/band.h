/* band — where a series is going: the next buckets as the forecaster of maths says them, the band in which 80 % of its errors
 * lay, and how far its forecasts of one bucket lay off on buckets that it had not seen. */
#ifndef INSIGHT_BAND_H
#define INSIGHT_BAND_H

#include "maths/forecast.h"
#include "maths/season.h"

typedef struct band_point {
    double mean, lower, upper;
} band_point;

typedef struct band {
    band_point at[FORECAST_MAX];
    size_t n; /* 0: too little is known */
    double
        error; /* Σ|forecast − value| ÷ Σ|value| over the last buckets, each forecast from those before it; < 0: not known */
    size_t tried; /* over so many */
} band;

enum { BAND_LEAST = 6 }; /* buckets of history that a forecast wants */

/** y: n buckets of the kind that follow one another, the first of them `first`; h ≤ FORECAST_MAX. Values below 0 (more came back
 *  than was sold) count as 0. */
void band_forecast(bucket_kind kind, int32_t first, const double *y, size_t n, unsigned h, band *out);

#endif
