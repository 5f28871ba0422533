#include "maths/distribution.h"

#include <math.h>

static const double root_2 = 1.41421356237309504880, root_2pi = 2.50662827463100050242;

double normal_density(double z) {
    return exp(-z * z / 2) / root_2pi;
}

double normal_below(double z) {
    return erfc(-z / root_2) / 2;
}

double normal_above(double z) {
    return erfc(z / root_2) / 2;
}

/* A rational first guess (A&S 26.2.23, good to 5e-4), then Halley steps on the tail itself. */
static double lower_quantile(double p) {
    double t = sqrt(-2 * log(p));
    double z = (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
    for (int i = 0; i < 4; i++) {
        double density = normal_density(z);
        if (density == 0) break; /* the tail ends below 1e-308 */
        double u = (normal_below(z) - p) / density;
        double step = u / (1 + z * u / 2);
        z -= step;
        if (fabs(step) < 1e-6 * fmax(fabs(z), 1e-6)) break; /* the next one is beyond what a double tells apart */
    }
    return z;
}

double normal_quantile(double p) {
    return p <= 0.5 ? lower_quantile(p) : -lower_quantile(1 - p);
}

/* Far out φ(z) − z(1 − Φ(z)) is a difference of equals: there its asymptotic series. */
double normal_loss(double z) {
    double w = z * z;
    if (z > 12) return normal_density(z) / w * (1 - 3 / w + 15 / (w * w) - 105 / (w * w * w));
    return normal_density(z) - z * normal_above(z);
}

double normal_loss_inverse(double loss) {
    double low = -loss - 1, high = 40; /* loss(z) > −z, and loss(40) is below every double's epsilon */
    for (int i = 0; i < 200 && low < high; i++) {
        double middle = low + (high - low) / 2;
        if (middle == low || middle == high) break;
        if (normal_loss(middle) > loss) low = middle;
        else
            high = middle;
    }
    return low + (high - low) / 2;
}

double normal_loss_second(double z) {
    double w = z * z;
    if (z > 12) return normal_density(z) / (w * z) * (1 - 6 / w + 45 / (w * w));
    return ((w + 1) * normal_above(z) - z * normal_density(z)) / 2;
}

/* ---- counts */

static double log_gamma(double x) {
    int sign;
    return lgamma_r(x, &sign);
}

double poisson_at(double mean, int64_t k) {
    if (k < 0) return 0;
    if (mean <= 0) return k == 0 ? 1 : 0;
    return exp((double)k * log(mean) - mean - log_gamma((double)k + 1));
}

/* Σ of the probabilities from k away from the mean: terms that fall from the first on. */
static double poisson_tail(double mean, int64_t k, int step) {
    double term = poisson_at(mean, k), sum = term;
    for (int64_t at = k; term > sum * 1e-17; sum += term) {
        if (step < 0 && at == 0) break;
        term *= step < 0 ? (double)at / mean : mean / (double)(at + 1);
        at += step;
    }
    return sum < 1 ? sum : 1;
}

double poisson_below(double mean, int64_t k) {
    if (k < 0) return 0;
    if (mean <= 0) return 1;
    return (double)k < mean ? poisson_tail(mean, k, -1) : 1 - poisson_tail(mean, k + 1, 1);
}

double poisson_from(double mean, int64_t k) {
    if (k <= 0) return 1;
    if (mean <= 0) return 0;
    return (double)k > mean ? poisson_tail(mean, k, 1) : 1 - poisson_tail(mean, k - 1, -1);
}

int64_t poisson_quantile(double mean, double p) {
    if (mean <= 0) return 0;
    double guess = floor(mean + normal_quantile(p) * sqrt(mean));
    int64_t k = guess > 0 ? (int64_t)guess : 0;
    while (k > 0 && poisson_below(mean, k - 1) >= p) k--;
    while (poisson_below(mean, k) < p && poisson_from(mean, k + 1) > 0) k++;
    return k;
}

double poisson_loss(double mean, int64_t k) {
    if (k <= 0) return mean - (double)k;
    double loss = mean * poisson_from(mean, k) - (double)k * poisson_from(mean, k + 1);
    return loss > 0 ? loss : 0;
}

/* Beyond this mean a count is as good as normal, and e^−mean too small to walk from. */
enum { COUNT_WALK_MEAN = 500 };

static int64_t count_normal(double mean, double variance, double z, int64_t most) {
    double k = ceil(mean + z * sqrt(fmax(mean, variance)) - 0.5);
    return k < 0 ? 0 : k < (double)most ? (int64_t)k : most;
}

/* Walks a count's probabilities upward from 0: P(X = k) follows from P(X = k − 1). */
typedef struct count_walk {
    double mean, r, q; /* negative binomial: size and 1 − p; r 0: Poisson */
    double at, below;  /* P(X = k), P(X ≤ k) */
    int64_t k;
} count_walk;

static count_walk count_begin(double mean, double variance) {
    count_walk w = {.mean = mean};
    if (variance > mean * (1 + 1e-9)) {
        w.r = mean * mean / (variance - mean);
        w.q = 1 - mean / variance;
        w.at = exp(w.r * log(mean / variance));
    } else {
        w.at = exp(-mean);
    }
    w.below = w.at;
    return w;
}

static void count_next(count_walk *w) {
    w->k++;
    w->at *= w->r > 0 ? w->q * (w->r + (double)w->k - 1) / (double)w->k : w->mean / (double)w->k;
    w->below += w->at;
}

int64_t negative_binomial_quantile(double mean, double variance, double p, int64_t most) {
    if (mean <= 0) return 0;
    if (mean > COUNT_WALK_MEAN) return count_normal(mean, variance, normal_quantile(p), most);
    count_walk w = count_begin(mean, variance);
    while (w.below < p && w.k < most && (w.at > 0 || (double)w.k < mean)) count_next(&w);
    return w.k;
}

int64_t count_loss_inverse(double mean, double variance, double loss, int64_t most) {
    if (mean <= 0) return 0;
    if (mean > COUNT_WALK_MEAN)
        return count_normal(mean, variance, normal_loss_inverse(loss / sqrt(fmax(mean, variance))), most);
    count_walk w = count_begin(mean, variance);
    double left = mean; /* E(X − k)⁺ falls by P(X > k) a step */
    while (left > loss && w.k < most) {
        double above = 1 - w.below;
        if (above <= 1e-15 && (double)w.k > mean) break;
        left -= above;
        count_next(&w);
    }
    return w.k;
}
