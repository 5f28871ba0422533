#include "daemon/insight/band.h"

enum { TRY_MOST = 12, LEAST_SEEN = 4 };

static double level_of(const season_profile *s, bucket_kind kind, int32_t bucket, double y) {
    double factor = season_bucket(s, kind, bucket);
    return y <= 0 || factor <= 0 ? 0 : y / factor;
}

/* The season is fitted once to what stands before the buckets that are tried, so that these stay unseen. */
static void try_last(bucket_kind kind, int32_t first, const double *y, size_t n, band *out) {
    season_profile s;
    forecast_state state = {.n = 0};
    size_t tries = n / 4 < TRY_MOST ? n / 4 : TRY_MOST;
    double off = 0, all = 0;
    if (n - tries < LEAST_SEEN) tries = 0;
    season_fit(&s, kind, first, y, n - tries);
    for (size_t i = 0; i < n; i++) {
        forecast_view view;
        double mean = 0, lower, upper;
        if (i >= n - tries) {
            forecast_look(&state, false, 1, &view, &mean, &lower, &upper);
            double said = mean * season_bucket(&s, kind, first + (int32_t)i), was = y[i] > 0 ? y[i] : 0;
            off += said > was ? said - was : was - said;
            all += was;
        }
        forecast_observe(&state, level_of(&s, kind, first + (int32_t)i, y[i]));
    }
    out->tried = tries;
    out->error = tries && all > 0 ? off / all : -1;
}

void band_forecast(bucket_kind kind, int32_t first, const double *y, size_t n, unsigned h, band *out) {
    season_profile s;
    forecast_state state = {.n = 0};
    forecast_view view;
    double mean[FORECAST_MAX], lower[FORECAST_MAX], upper[FORECAST_MAX];
    *out = (band){.error = -1};
    if (n < BAND_LEAST || h > FORECAST_MAX) return;
    try_last(kind, first, y, n, out);
    season_fit(&s, kind, first, y, n);
    for (size_t i = 0; i < n; i++) forecast_observe(&state, level_of(&s, kind, first + (int32_t)i, y[i]));
    forecast_look(&state, false, h, &view, mean, lower, upper);
    for (out->n = 0; out->n < h; out->n++) {
        double factor = season_bucket(&s, kind, first + (int32_t)(n + out->n));
        out->at[out->n] = (band_point){mean[out->n] * factor, lower[out->n] * factor, upper[out->n] * factor};
    }
}
