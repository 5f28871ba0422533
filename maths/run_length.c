#include "maths/run_length.h"

#include "base/macros.h"
#include "maths/distribution.h"

#include <math.h>
#include <stdlib.h>

enum { NODES_LEAST = 64, NODES_MOST = 400 };

/* ---- linear equations: A x = b, A in rows of n + 1 with b in the last column; x over b */

static void solve(double *a, size_t n) {
    size_t w = n + 1;
    for (size_t c = 0; c < n; c++) {
        size_t best = c;
        for (size_t r = c + 1; r < n; r++)
            if (fabs(a[r * w + c]) > fabs(a[best * w + c])) best = r;
        for (size_t k = c; best != c && k < w; k++) {
            double one = a[c * w + k];
            a[c * w + k] = a[best * w + k];
            a[best * w + k] = one;
        }
        for (size_t r = c + 1; r < n; r++) {
            double f = a[r * w + c] / a[c * w + c];
            if (f == 0) continue;
            for (size_t k = c; k < w; k++) a[r * w + k] -= f * a[c * w + k];
        }
    }
    for (size_t c = n; c-- > 0;) {
        for (size_t k = c + 1; k < n; k++) a[c * w + n] -= a[c * w + k] * a[k * w + n];
        a[c * w + n] /= a[c * w + c];
    }
}

static double *table(size_t cells) {
    double *a = calloc(cells + 1, sizeof *a);
    ASSERT(a != NULL);
    return a;
}

/* Gauss–Legendre nodes and weights on [from, to], by Newton's method on the Legendre polynomial. */
static void legendre(double from, double to, size_t n, double *x, double *w) {
    for (size_t i = 0; i < n; i++) {
        double z = cos(M_PI * ((double)i + 0.75) / ((double)n + 0.5)), slope = 1;
        for (int step = 0; step < 100; step++) {
            double p = 1, before = 0;
            for (size_t j = 0; j < n; j++) {
                double older = before;
                before = p;
                p = ((2 * (double)j + 1) * z * before - (double)j * older) / ((double)j + 1);
            }
            slope = (double)n * (z * p - before) / (z * z - 1);
            double next = z - p / slope;
            bool done = fabs(next - z) < 1e-15;
            z = next;
            if (done) break;
        }
        x[i] = (from + to) / 2 - (to - from) / 2 * z;
        w[i] = (to - from) / ((1 - z * z) * slope * slope);
    }
}

static size_t nodes_for(double widths) {
    double n = 12 * widths;
    return n < NODES_LEAST ? NODES_LEAST : n > NODES_MOST ? NODES_MOST : (size_t)n;
}

static double finite_length(double v) {
    return v >= 1 ? v : INFINITY; /* the equations lost it: longer than doubles can tell */
}

/* ---- CUSUM: L(s) = 1 + L(0) Φ(k − μ − s) + ∫₀ʰ L(y) φ(y + k − μ − s) dy */

double cusum_run_length(double k, double h, double mu, double start) {
    size_t n = nodes_for(h), w = n + 2;
    double *a = table((n + 1) * w), *x = table(n), *weight = table(n), shift = k - mu;
    legendre(0, h, n, x, weight);
    for (size_t i = 0; i <= n; i++) { /* row 0: at 0; row i: at node i − 1 */
        double s = i ? x[i - 1] : 0;
        a[i * w] = -normal_below(shift - s);
        for (size_t j = 0; j < n; j++) a[i * w + j + 1] = -weight[j] * normal_density(x[j] + shift - s);
        a[i * w + i] += 1;
        a[i * w + n + 1] = 1;
    }
    solve(a, n + 1);
    double length = 1 + a[n + 1] * normal_below(shift - start);
    for (size_t j = 0; j < n; j++) length += weight[j] * normal_density(x[j] + shift - start) * a[(j + 1) * w + n + 1];
    free(a), free(x), free(weight);
    return finite_length(length);
}

double cusum_run_length_two_sided(double k, double h, double mu) {
    return 1 / (1 / cusum_run_length(k, h, mu, 0) + 1 / cusum_run_length(k, h, -mu, 0));
}

/* ---- EWMA: L(s) = 1 + 1/λ ∫ L(y) φ((y − (1 − λ) s) / λ − μ) dy over the limits */

double ewma_run_length(double lambda, double c, double mu) {
    double h = c * sqrt(lambda / (2 - lambda));
    size_t n = nodes_for(2 * h / lambda), w = n + 1;
    double *a = table(n * w), *x = table(n), *weight = table(n);
    legendre(-h, h, n, x, weight);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            a[i * w + j] = -weight[j] / lambda * normal_density((x[j] - (1 - lambda) * x[i]) / lambda - mu);
        a[i * w + i] += 1;
        a[i * w + n] = 1;
    }
    solve(a, n);
    double length = 1;
    for (size_t j = 0; j < n; j++) length += weight[j] / lambda * normal_density(x[j] / lambda - mu) * a[j * w + n];
    free(a), free(x), free(weight);
    return finite_length(length);
}

/* ---- CUSUM of Poisson counts: states in steps of 1/m */

static bool whole(double v, int64_t m, int64_t *out) {
    double x = v * (double)m, near = floor(x + 0.5);
    *out = (int64_t)near;
    return fabs(x - near) < 1e-6;
}

bool poisson_cusum_run_length(double mu, double k, double h, int64_t m, int64_t i0, bool above, double *out) {
    int64_t km, hm;
    if (!whole(k, m, &km) || !whole(h, m, &hm)) return false;
    int64_t states = above ? hm + 1 : hm; /* 0 … states − 1 go on */
    if (states < 1 || states > POISSON_CUSUM_STATES || i0 < 0) return false;
    if (i0 >= states) return *out = 0, true;
    size_t n = (size_t)states, w = n + 1;
    double *a = table(n * w);
    for (int64_t i = 0; i < states; i++) {
        double *row = a + (size_t)i * w;
        for (int64_t x = 0;; x++) {
            int64_t to = i + m * x - km;
            if (to >= states) break;
            row[to > 0 ? to : 0] -= poisson_at(mu, x);
        }
        row[i] += 1;
        row[n] = 1;
    }
    solve(a, n);
    *out = finite_length(a[(size_t)i0 * w + n]);
    free(a);
    return true;
}

/* ---- CUSUM of a sample's values: a chain of states of one width from −floor to h */

enum { STATES = 60 };

double sampled_run_length(const double *z, size_t n, double k, double h, double low) {
    if (n == 0) return INFINITY;
    double width = (h + low) / STATES, step[4 * STATES + 1] = {0}, *a = table((size_t)STATES * (STATES + 1));
    for (size_t i = 0; i < n; i++) { /* moves by whole states, shared between the two nearest */
        double at = (z[i] - k) / width, down = floor(at), part = at - down;
        double lo = fmax(-2 * STATES, fmin(2 * STATES, down)), hi = fmax(-2 * STATES, fmin(2 * STATES, down + 1));
        step[(size_t)(lo + 2 * STATES)] += (1 - part) / (double)n;
        step[(size_t)(hi + 2 * STATES)] += part / (double)n;
    }
    for (int i = 0; i < STATES; i++) {
        double *row = a + (size_t)i * (STATES + 1);
        for (int s = -2 * STATES; s <= 2 * STATES; s++) {
            int to = i + s < 0 ? 0 : i + s;
            if (to < STATES) row[to] -= step[s + 2 * STATES];
        }
        row[i] += 1;
        row[STATES] = 1;
    }
    solve(a, STATES);
    int zero = (int)(low / width);
    double length = a[(size_t)(zero < STATES ? zero : STATES - 1) * (STATES + 1) + STATES];
    free(a);
    return finite_length(length);
}

double sampled_limit(const double *z, size_t n, double k, double low, double wanted, double most) {
    int lo = 10, hi = (int)(most * 10); /* tenths */
    while (lo < hi) {
        int mid = lo + (hi - lo) / 2;
        if (sampled_run_length(z, n, k, mid / 10.0, low) >= wanted) hi = mid;
        else
            lo = mid + 1;
    }
    return lo / 10.0;
}

/* ---- charts */

size_t cusum_chart(const double *x, size_t n, double mu, double sd, double k, double h, double *plus, double *minus) {
    double up = 0, down = 0;
    size_t first = 0;
    for (size_t i = 0; i < n; i++) {
        double z = (x[i] - mu) / sd;
        plus[i] = up = fmax(0, up + z - k);
        minus[i] = down = fmax(0, down - z - k);
        if (first == 0 && (up > h || down > h)) first = i + 1;
    }
    return first;
}

size_t ewma_chart(const double *x, size_t n, double mu, double sd, double lambda, double width, double *z,
                  double *limit) {
    double at = mu;
    size_t first = 0;
    *limit = mu;
    for (size_t i = 0; i < n; i++) {
        double half = width * sd * sqrt(lambda / (2 - lambda) * (1 - pow(1 - lambda, 2 * ((double)i + 1))));
        z[i] = at = lambda * x[i] + (1 - lambda) * at;
        *limit = mu + half;
        if (first == 0 && fabs(at - mu) > half) first = i + 1;
    }
    return first;
}
