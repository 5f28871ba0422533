#include "maths/accuracy.h"

#include <math.h>

double accuracy_smape(const double *y, const double *f, size_t h) {
    double sum = 0;
    for (size_t i = 0; i < h; i++) {
        double size = fabs(y[i]) + fabs(f[i]);
        sum += size > 0 ? 200 * fabs(y[i] - f[i]) / size : 0;
    }
    return sum / (double)h;
}

double accuracy_scale(const double *past, size_t n, size_t m) {
    double sum = 0;
    if (m == 0 || n <= m) return NAN;
    for (size_t i = m; i < n; i++) sum += fabs(past[i] - past[i - m]);
    return sum > 0 ? sum / (double)(n - m) : NAN;
}

double accuracy_mase(const double *past, size_t n, size_t m, const double *y, const double *f, size_t h) {
    double sum = 0;
    for (size_t i = 0; i < h; i++) sum += fabs(y[i] - f[i]);
    return sum / (double)h / accuracy_scale(past, n, m);
}

double accuracy_rmsse(const double *past, size_t n, const double *y, const double *f, size_t h) {
    double sum = 0, scale = 0;
    for (size_t i = 0; i < h; i++) sum += (y[i] - f[i]) * (y[i] - f[i]);
    for (size_t i = 1; i < n; i++) scale += (past[i] - past[i - 1]) * (past[i] - past[i - 1]);
    return scale > 0 ? sqrt(sum / (double)h / (scale / (double)(n - 1))) : NAN;
}

double accuracy_pinball(double y, double f, double q) {
    return fmax(q * (y - f), (q - 1) * (y - f));
}
