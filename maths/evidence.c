#include "maths/evidence.h"

#include "base/num.h"
#include "maths/distribution.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double log_gamma(double x) {
    int sign;
    return lgamma_r(x, &sign);
}

/* P(X = k), size r = mean² / (variance − mean), q = 1 − mean / variance. */
static double negative_binomial_at(double r, double q, int64_t k) {
    double x = (double)k;
    return exp(log_gamma(x + r) - log_gamma(r) - log_gamma(x + 1) + r * log1p(-q) + x * log(q));
}

double count_from(double mean, double variance, int64_t k) {
    if (k <= 0) return 1;
    if (mean <= 0) return 0;
    if (variance <= mean * (1 + 1e-9)) return poisson_from(mean, k);
    double r = mean * mean / (variance - mean), q = 1 - mean / variance, sum = 0;
    if ((double)k <= mean) { /* what is below is the smaller part to add up */
        double term = negative_binomial_at(r, q, k - 1);
        for (int64_t i = k - 1; i >= 0 && term > sum * 1e-17; i--) {
            sum += term;
            term *= (double)i / (((double)i - 1 + r) * q);
        }
        return sum < 1 ? 1 - sum : 0;
    }
    double term = negative_binomial_at(r, q, k);
    for (int64_t i = k; term > sum * 1e-17; i++) {
        sum += term;
        term *= ((double)i + r) * q / ((double)i + 1);
    }
    return sum < 1 ? sum : 1;
}

int32_t decibans(double p, int32_t most) {
    if (!(p > 0)) return most;
    double d = floor(-10 * log10(p));
    return d < 0 ? 0 : d > most ? most : (int32_t)d;
}

share_bounds wilson(double k, double n, double z) {
    if (n <= 0) return (share_bounds){0, 1};
    double p = k / n, z2 = z * z, middle = p + z2 / (2 * n), half = z * sqrt(p * (1 - p) / n + z2 / (4 * n * n));
    double low = (middle - half) / (1 + z2 / n), high = (middle + half) / (1 + z2 / n);
    return (share_bounds){k <= 0 || low < 0 ? 0 : low, k >= n || high > 1 ? 1 : high};
}

typedef struct ranked {
    double p;
    size_t at;
} ranked;

static int by_p(const void *x, const void *y) {
    const ranked *a = x, *b = y;
    if (a->p != b->p) return a->p < b->p ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

static ranked *rank(const double *p, size_t n) {
    ranked *r = calloc(n + 1, sizeof *r);
    ASSERT(r != NULL);
    for (size_t i = 0; i < n; i++) r[i] = (ranked){p[i], i};
    if (n) qsort(r, n, sizeof *r, by_p);
    return r;
}

void bh_adjust(const double *p, size_t n, double *q) {
    ranked *r = rank(p, n);
    double least = 1;
    for (size_t i = n; i-- > 0;) {
        double v = (double)n * r[i].p / (double)(i + 1);
        if (v < least) least = v;
        q[r[i].at] = least;
    }
    free(r);
}

double bh_cutoff(const double *p, size_t n, double rate) {
    ranked *r = rank(p, n);
    double cutoff = -1;
    for (size_t i = n; i-- > 0 && cutoff < 0;)
        if (r[i].p <= rate * (double)(i + 1) / (double)n) cutoff = r[i].p;
    free(r);
    return cutoff;
}

double haversine_km(double lat1, double lon1, double lat2, double lon2) {
    const double rad = M_PI / 180;
    double dy = sin((lat2 - lat1) * rad / 2), dx = sin((lon2 - lon1) * rad / 2);
    double h = dy * dy + cos(lat1 * rad) * cos(lat2 * rad) * dx * dx;
    return 2 * 6371.0088 * asin(sqrt(h < 1 ? h : 1));
}

static int by_value(const void *x, const void *y) {
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

double median_of(double *v, size_t n) {
    qsort(v, n, sizeof *v, by_value);
    return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

bool mass_balance_of(int64_t open, int64_t receipts, int64_t returns_up, int64_t sell_out, int64_t close,
                     int64_t tol_bp, mass_balance *out) {
    int64_t base;
    if (!add_i64(open, receipts, &base) || !sub_i64(base, returns_up, &out->expected_close) ||
        !sub_i64(out->expected_close, sell_out, &out->expected_close) ||
        !sub_i64(out->expected_close, close, &out->gap))
        return false;
    out->rate_ppm = 0;
    if (base != 0 && !mul_div(out->gap, 1000000, base, &out->rate_ppm)) return false;
    __int128 gap = out->gap < 0 ? -(__int128)out->gap : out->gap, of = base < 0 ? -(__int128)base : base;
    out->flag = gap * 10000 > of * tol_bp;
    return true;
}
