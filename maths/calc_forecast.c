#include "maths/calc.h"
#include "maths/smooth.h"

#include <math.h>
#include <stdlib.h>

#define MOST 1e15
enum { AHEAD_MOST = 10000 };

static bool constant(json_t *in, const char *key, double *out, err *e) {
    return calc_real(in, key, 0, 1, out, e);
}

/* The level that smoothing begins with: the first value, the mean of all, or a number. */
static bool read_init(json_t *in, const calc_list *y, double *level, size_t *from, err *e) {
    json_t *init = json_object_get(in, "init");
    *from = 0;
    if (json_is_number(init)) return calc_real(in, "init", -MOST, MOST, level, e);
    static const char *const words[] = {"y0", "mean"};
    size_t which;
    TRY(calc_choice(in, "init", "y0", words, 2, &which, e));
    *level = y->v[0];
    if (which == 0) return *from = 1, true;
    *level = 0;
    for (size_t i = 0; i < y->n; i++) *level += y->v[i] / (double)y->n;
    return true;
}

/* path[k]: the forecast after k + 1 values */
static bool ses_path(json_t *in, calc_list *y, calc_list *path, double *first, err *e) {
    double alpha;
    size_t from;
    TRY(calc_reals(in, "y", 1, -MOST, MOST, y, e) && constant(in, "alpha", &alpha, e));
    TRY(read_init(in, y, first, &from, e));
    path->n = y->n;
    path->v = calloc(y->n, sizeof *path->v);
    ASSERT(path->v != NULL);
    if (from) path->v[0] = *first;
    (void)smooth_ses(y->v + from, y->n - from, alpha, *first, path->v + from);
    return true;
}

static bool calc_ses(json_t *in, json_t **out, err *e) {
    AUTO(calc_list) y = {0};
    AUTO(calc_list) path = {0};
    double first;
    return ses_path(in, &y, &path, &first, e) && calc_give(path.v[path.n - 1], out, e);
}

static bool calc_ses_last_fitted(json_t *in, json_t **out, err *e) {
    AUTO(calc_list) y = {0};
    AUTO(calc_list) path = {0};
    double first;
    return ses_path(in, &y, &path, &first, e) && calc_give(path.n > 1 ? path.v[path.n - 2] : first, out, e);
}

static bool calc_ses_path_rounded(json_t *in, json_t **out, err *e) {
    AUTO(calc_list) y = {0};
    AUTO(calc_list) path = {0};
    double first;
    TRY(ses_path(in, &y, &path, &first, e));
    *out = json_array();
    for (size_t i = 0; i < path.n; i++) (void)json_array_append_new(*out, json_integer(llround(path.v[i])));
    return true;
}

static bool calc_ses_sq_errors(json_t *in, json_t **out, err *e) {
    AUTO(calc_list) y = {0};
    AUTO(calc_list) path = {0};
    double first;
    TRY(ses_path(in, &y, &path, &first, e));
    for (size_t i = y.n; i-- > 1;) path.v[i] = (y.v[i] - path.v[i - 1]) * (y.v[i] - path.v[i - 1]);
    return calc_give_list(path.v + 1, y.n - 1, out, e);
}

static bool ahead(json_t *in, int64_t *h, calc_list *f, err *e) {
    TRY(calc_int(in, "h", 1, AHEAD_MOST, h, e));
    f->n = (size_t)*h;
    f->v = calloc(f->n, sizeof *f->v);
    ASSERT(f->v != NULL);
    return true;
}

static bool calc_drift(json_t *in, json_t **out, err *e) {
    AUTO(calc_list) y = {0};
    AUTO(calc_list) f = {0};
    int64_t h;
    TRY(calc_reals(in, "y", 2, -MOST, MOST, &y, e) && ahead(in, &h, &f, e));
    double last = y.v[y.n - 1], slope = (last - y.v[0]) / (double)(y.n - 1);
    for (size_t i = 0; i < f.n; i++) f.v[i] = last + slope * (double)(i + 1);
    return calc_give_list(f.v, f.n, out, e);
}

static bool calc_seasonal_naive(json_t *in, json_t **out, err *e) {
    AUTO(calc_list) y = {0};
    AUTO(calc_list) f = {0};
    int64_t h, m;
    TRY(calc_reals(in, "y", 1, -MOST, MOST, &y, e) && calc_int(in, "m", 1, (int64_t)y.n, &m, e) &&
        ahead(in, &h, &f, e));
    for (size_t i = 0; i < f.n; i++) f.v[i] = y.v[y.n - (size_t)m + i % (size_t)m];
    return calc_give_list(f.v, f.n, out, e);
}

static bool calc_croston(json_t *in, json_t **out, err *e) {
    static const char *const kinds[] = {"croston", "sba", "sbj"};
    AUTO(calc_list) y = {0};
    double alpha;
    size_t kind;
    TRY(calc_reals(in, "y", 1, 0, MOST, &y, e) && constant(in, "alpha", &alpha, e));
    TRY(calc_choice(in, "kind", "croston", kinds, 3, &kind, e));
    return calc_give(smooth_croston(y.v, y.n, alpha, (croston_kind)kind), out, e);
}

static bool calc_croston_order(json_t *in, json_t **out, err *e) {
    AUTO(calc_list) y = {0};
    double alpha;
    TRY(calc_reals(in, "y", 1, 0, MOST, &y, e) && constant(in, "alpha", &alpha, e));
    double plain = smooth_croston(y.v, y.n, alpha, CROSTON_PLAIN), sba = smooth_croston(y.v, y.n, alpha, CROSTON_SBA);
    *out = json_boolean(plain > sba && sba > smooth_croston(y.v, y.n, alpha, CROSTON_SBJ));
    return true;
}

static bool calc_tsb(json_t *in, json_t **out, err *e) {
    AUTO(calc_list) y = {0};
    double size, chance;
    TRY(calc_reals(in, "y", 1, 0, MOST, &y, e) && constant(in, "alpha_d", &size, e));
    return constant(in, "alpha_p", &chance, e) && calc_give(smooth_tsb(y.v, y.n, size, chance), out, e);
}

static bool calc_ses_skip_zeros(json_t *in, json_t **out, err *e) {
    double level, error, alpha, lambda;
    int64_t k;
    TRY(calc_real(in, "level", -MOST, MOST, &level, e) && calc_real(in, "err0", 0, MOST, &error, e));
    TRY(constant(in, "alpha", &alpha, e) && constant(in, "lam", &lambda, e));
    TRY(calc_int(in, "k", 0, 1000000, &k, e));
    double size = fabs(level);
    smooth_skip_zeros(&size, &error, alpha, lambda, (double)k);
    return calc_give_named((calc_named[]){{"level", level < 0 ? -size : size}, {"err", error}}, 2, out, e);
}

static bool calc_carryover_round(json_t *in, json_t **out, err *e) {
    double f, carry = 0;
    int64_t n;
    TRY(calc_real(in, "f", -MOST, MOST, &f, e) && calc_int(in, "n", 1, AHEAD_MOST, &n, e));
    *out = json_array();
    for (int64_t i = 0; i < n; i++) {
        carry += f;
        double v = ceil(carry - 0.5);
        carry -= v;
        (void)json_array_append_new(*out, json_integer((json_int_t)v));
    }
    return true;
}

static const calc_function functions[] = {
    {"ses", "y, alpha, init y0|mean|number → forecast", calc_ses},
    {"ses_last_fitted", "the same → what was forecast of the last value", calc_ses_last_fitted},
    {"ses_path_rounded", "the same → the forecast after each value", calc_ses_path_rounded},
    {"ses_sq_errors", "the same → squared errors from the second value on", calc_ses_sq_errors},
    {"ses_skip_zeros", "level, alpha, lam, k, err0 → {level, err} after k values of 0", calc_ses_skip_zeros},
    {"drift", "y, h → forecasts", calc_drift},
    {"seasonal_naive", "y, m, h → forecasts", calc_seasonal_naive},
    {"croston", "y, alpha, kind croston|sba|sbj → forecast", calc_croston},
    {"croston_order", "y, alpha → croston > sba > sbj", calc_croston_order},
    {"tsb", "y, alpha_d, alpha_p → forecast", calc_tsb},
    {"carryover_round", "f, n → whole numbers whose sum follows f", calc_carryover_round},
};
const calc_area calc_forecast = {"forecast", functions, ARRAY_LEN(functions)};
