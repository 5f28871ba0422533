#include "maths/smooth.h"

#include <math.h>

double smooth_ses(const double *y, size_t n, double alpha, double level, double *path) {
    for (size_t i = 0; i < n; i++) {
        level = alpha * y[i] + (1 - alpha) * level;
        if (path) path[i] = level;
    }
    return level;
}

double smooth_croston(const double *y, size_t n, double alpha, croston_kind kind) {
    double size = 0, gap = 0, factor[] = {1, 1 - alpha / 2, 1 - alpha / (2 - alpha)};
    size_t since = 0;
    for (size_t i = 0; i < n; i++) {
        since++;
        if (y[i] <= 0) continue;
        size = gap > 0 ? size + alpha * (y[i] - size) : y[i];
        gap = gap > 0 ? gap + alpha * ((double)since - gap) : (double)since;
        since = 0;
    }
    return gap > 0 ? factor[kind] * size / gap : 0;
}

double smooth_tsb(const double *y, size_t n, double alpha_size, double alpha_chance) {
    double size = 0, chance = y[0] > 0;
    for (size_t i = 0; i < n; i++) {
        if (i) chance += alpha_chance * ((y[i] > 0) - chance);
        if (y[i] > 0) size = size > 0 ? size + alpha_size * (y[i] - size) : y[i];
    }
    return chance * size;
}

void smooth_skip_zeros(double *level, double *error, double alpha, double lambda, double k) {
    double keep = pow(lambda, k), left = pow(1 - alpha, k), gap = lambda - (1 - alpha);
    /* the forecast of zero errs by the level itself, which falls as the errors are forgotten; for λ near 1 − α the quotient
     * is k·λ^(k−1) */
    double sum = fabs(gap) < 1e-12 ? (k > 0 ? k * pow(lambda, k - 1) : 0) : (keep - left) / gap;
    *error = keep * *error + (1 - lambda) * *level * sum;
    *level *= left;
}
