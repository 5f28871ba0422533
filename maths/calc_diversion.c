#include "maths/calc.h"
#include "maths/evidence.h"
#include "maths/run_length.h"

#include <math.h>
#include <stdlib.h>

/* Charts in standard deviations, probabilities, whole units of goods. */
#define MOST   1e15
#define GOODS  1000000000000000LL
#define COUNTS 9000000000000000LL

/* ---- run lengths */

static bool read_chart(json_t *in, double *k, double *h, double *mu, err *e) {
    return calc_real(in, "k", 0, 20, k, e) && calc_real(in, "h", 1e-6, 1000, h, e) &&
           calc_real(in, "mu", -20, 20, mu, e);
}

static bool cusum_arl_one_sided(json_t *in, json_t **out, err *e) {
    double k, h, mu;
    return read_chart(in, &k, &h, &mu, e) && calc_give(cusum_run_length(k, h, mu, 0), out, e);
}

static bool cusum_arl_two_sided(json_t *in, json_t **out, err *e) {
    double k, h, mu;
    return read_chart(in, &k, &h, &mu, e) && calc_give(cusum_run_length_two_sided(k, h, mu), out, e);
}

static bool ewma_arl_two_sided(json_t *in, json_t **out, err *e) {
    double lambda, c, mu;
    TRY(calc_real(in, "lambda", 1e-4, 1, &lambda, e) && calc_real(in, "c", 1e-6, 20, &c, e));
    return calc_real(in, "mu", -20, 20, &mu, e) && calc_give(ewma_run_length(lambda, c, mu), out, e);
}

static bool poisson_cusum_arl(json_t *in, json_t **out, err *e) {
    static const char *const signals[] = {">=", ">"};
    double mu, k, h, length;
    int64_t m = 1, i0 = 0;
    size_t above;
    TRY(calc_real(in, "mu", 0, 1e4, &mu, e) && calc_real(in, "k", 0, 1e4, &k, e) &&
        calc_real(in, "h", 1e-6, 1e4, &h, e));
    if (json_object_get(in, "m")) TRY(calc_int(in, "m", 1, 10000, &m, e));
    if (json_object_get(in, "i0")) TRY(calc_int(in, "i0", 0, POISSON_CUSUM_STATES, &i0, e));
    TRY(calc_choice(in, "alarm", ">=", signals, 2, &above, e));
    if (!poisson_cusum_run_length(mu, k, h, m, i0, above, &length))
        return err_set(e, ERR_DATA, "k × m and h × m must be whole, h × m at most %d", POISSON_CUSUM_STATES);
    return calc_give(length, out, e);
}

/* ---- charts */

typedef struct series {
    calc_list x, one, two;
    double mu, sd;
} series;

static void series_auto(series *s) {
    calc_list_auto(&s->x), calc_list_auto(&s->one), calc_list_auto(&s->two);
}

static bool read_series(json_t *in, series *s, err *e) {
    TRY(calc_reals(in, "x", 1, -MOST, MOST, &s->x, e) && calc_real(in, "mu", -MOST, MOST, &s->mu, e));
    TRY(calc_real(in, "sd", 1e-12, MOST, &s->sd, e));
    s->one.n = s->two.n = s->x.n;
    s->one.v = calloc(s->x.n, sizeof *s->one.v);
    s->two.v = calloc(s->x.n, sizeof *s->two.v);
    ASSERT(s->one.v && s->two.v);
    return true;
}

static void set_first(json_t *o, size_t first) {
    (void)json_object_set_new(o, "first_alarm", first ? json_integer((json_int_t)first) : json_null());
}

static bool tabular_cusum(json_t *in, json_t **out, err *e) {
    AUTO(series) s = {.mu = 0};
    double k, h;
    json_t *plus, *minus;
    TRY(read_series(in, &s, e) && calc_real(in, "k", 0, MOST, &k, e) && calc_real(in, "h", 0, MOST, &h, e));
    size_t first = cusum_chart(s.x.v, s.x.n, s.mu, s.sd, k, h, s.one.v, s.two.v);
    TRY(calc_give_list(s.one.v, s.x.n, &plus, e));
    if (!calc_give_list(s.two.v, s.x.n, &minus, e)) return json_decref(plus), false;
    *out = json_object();
    (void)json_object_set_new(*out, "cplus", plus);
    (void)json_object_set_new(*out, "cminus", minus);
    set_first(*out, first);
    return true;
}

static bool calc_ewma_chart(json_t *in, json_t **out, err *e) {
    AUTO(series) s = {.mu = 0};
    double lambda, width, limit;
    json_t *z;
    TRY(read_series(in, &s, e) && calc_real(in, "lambda", 1e-9, 1, &lambda, e) &&
        calc_real(in, "L", 0, MOST, &width, e));
    size_t first = ewma_chart(s.x.v, s.x.n, s.mu, s.sd, lambda, width, s.one.v, &limit);
    TRY(calc_give_list(s.one.v, s.x.n, &z, e));
    *out = json_object();
    (void)json_object_set_new(*out, "z", z);
    (void)json_object_set_new(*out, "ucl_last", json_real(limit));
    set_first(*out, first);
    return true;
}

/* ---- counts and shares */

static bool calc_bh_adjust(json_t *in, json_t **out, err *e) {
    AUTO(calc_list) p = {0};
    AUTO(calc_list) q = {0};
    TRY(calc_reals(in, "p", 0, 0, 1, &p, e));
    q.v = calloc(p.n + 1, sizeof *q.v);
    ASSERT(q.v != NULL);
    bh_adjust(p.v, p.n, q.v);
    return calc_give_list(q.v, p.n, out, e);
}

static bool calc_wilson(json_t *in, json_t **out, err *e) {
    double k, n, z = 1.959963984540054;
    TRY(calc_real(in, "n", 0, MOST, &n, e) && calc_real(in, "k", 0, n, &k, e));
    if (json_object_get(in, "z")) TRY(calc_real(in, "z", 0, 100, &z, e));
    share_bounds b = wilson(k, n, z);
    return calc_give_list((double[]){b.low, b.high}, 2, out, e);
}

static bool poisson_upper_p(json_t *in, json_t **out, err *e) {
    int64_t x;
    double mu;
    TRY(calc_int(in, "x", -COUNTS, COUNTS, &x, e) && calc_real(in, "mu", 0, 1e9, &mu, e));
    return calc_give(count_from(mu, mu, x), out, e);
}

static bool modified_z(json_t *in, json_t **out, err *e) {
    AUTO(calc_list) x = {0};
    AUTO(calc_list) v = {0};
    json_t *z = json_null();
    TRY(calc_reals(in, "x", 1, -MOST, MOST, &x, e));
    v.v = calloc(x.n, sizeof *v.v);
    ASSERT(v.v != NULL);
    for (size_t i = 0; i < x.n; i++) v.v[i] = x.v[i];
    double median = median_of(v.v, x.n);
    for (size_t i = 0; i < x.n; i++) v.v[i] = fabs(x.v[i] - median);
    double mad = median_of(v.v, x.n);
    if (mad > 0) {
        for (size_t i = 0; i < x.n; i++) v.v[i] = 0.6745 * (x.v[i] - median) / mad;
        TRY(calc_give_list(v.v, x.n, &z, e));
    }
    *out = json_object();
    (void)json_object_set_new(*out, "median", json_real(median));
    (void)json_object_set_new(*out, "mad", json_real(mad));
    (void)json_object_set_new(*out, "z", z);
    return true;
}

static bool calc_mass_balance(json_t *in, json_t **out, err *e) {
    int64_t open, receipts, returns_up, sell_out, close, tol_bp = 200;
    mass_balance b;
    TRY(calc_int(in, "open", -GOODS, GOODS, &open, e) && calc_int(in, "receipts", -GOODS, GOODS, &receipts, e));
    TRY(calc_int(in, "returns_up", -GOODS, GOODS, &returns_up, e) && calc_int(in, "close", -GOODS, GOODS, &close, e));
    TRY(calc_int(in, "sell_out", -GOODS, GOODS, &sell_out, e));
    if (json_object_get(in, "tol_bp")) TRY(calc_int(in, "tol_bp", 0, 1000000, &tol_bp, e));
    if (!mass_balance_of(open, receipts, returns_up, sell_out, close, tol_bp, &b))
        return err_set(e, ERR_DATA, "the figures are too large");
    *out = json_object();
    (void)json_object_set_new(*out, "expected_close", json_integer(b.expected_close));
    (void)json_object_set_new(*out, "gap", json_integer(b.gap));
    (void)json_object_set_new(*out, "rate_ppm", json_integer(b.rate_ppm));
    (void)json_object_set_new(*out, "flag", json_boolean(b.flag));
    return true;
}

static bool calc_haversine_km(json_t *in, json_t **out, err *e) {
    double lat1, lon1, lat2, lon2;
    TRY(calc_real(in, "lat1", -90, 90, &lat1, e) && calc_real(in, "lon1", -360, 360, &lon1, e));
    TRY(calc_real(in, "lat2", -90, 90, &lat2, e) && calc_real(in, "lon2", -360, 360, &lon2, e));
    return calc_give(haversine_km(lat1, lon1, lat2, lon2), out, e);
}

/* ---- first digits */

static bool benford_first(json_t *in, json_t **out, err *e) {
    double p[9];
    (void)in;
    for (int d = 1; d <= 9; d++) p[d - 1] = log10(1 + 1.0 / d);
    return calc_give_list(p, 9, out, e);
}

/* Nigrini's bounds of the mean absolute deviation, each the first of its class. */
static bool benford_mad_class(json_t *in, json_t **out, err *e) {
    static const char *const digits[] = {"first", "second", "first_two", "first_three"};
    static const double from[][3] = {
        {0.006, 0.012, 0.015}, {0.008, 0.010, 0.012}, {0.0012, 0.0018, 0.0022}, {0.00036, 0.00044, 0.00050}};
    static const char *const classes[] = {"close", "acceptable", "marginal", "nonconformity"};
    double mad;
    size_t of, at = 0;
    TRY(calc_real(in, "mad", 0, 1, &mad, e) && calc_choice(in, "digits", "first", digits, ARRAY_LEN(digits), &of, e));
    while (at < 3 && mad >= from[of][at]) at++;
    *out = json_string(classes[at]);
    return true;
}

/* ---- how good a judgement is */

static json_t *ratio(double a, double of) {
    return of > 0 ? json_real(a / of) : json_null();
}

static bool prf(json_t *in, json_t **out, err *e) {
    int64_t tp, fp, fn;
    TRY(calc_int(in, "tp", 0, COUNTS, &tp, e) && calc_int(in, "fp", 0, COUNTS, &fp, e) &&
        calc_int(in, "fn", 0, COUNTS, &fn, e));
    double t = (double)tp, wrong = (double)fp, missed = (double)fn;
    *out = json_object();
    (void)json_object_set_new(*out, "precision", ratio(t, t + wrong));
    (void)json_object_set_new(*out, "recall", ratio(t, t + missed));
    (void)json_object_set_new(*out, "f1", ratio(2 * t, 2 * t + wrong + missed));
    return true;
}

static const calc_function functions[] = {
    {"cusum_arl_one_sided", "k, h, mu -> average run length of a CUSUM of standard normal values moved by mu",
     cusum_arl_one_sided},
    {"cusum_arl_two_sided", "k, h, mu -> the same of both sides", cusum_arl_two_sided},
    {"ewma_arl_two_sided", "lambda, c, mu -> average run length of an EWMA with limits at c of its deviations",
     ewma_arl_two_sided},
    {"poisson_cusum_arl",
     "mu, k, h, m, i0, alarm (>= or >) -> average run length of a CUSUM of counts, in steps of 1/m", poisson_cusum_arl},
    {"tabular_cusum", "x, mu, sd, k, h -> {cplus, cminus, first_alarm}", tabular_cusum},
    {"ewma_chart", "x, mu, sd, lambda, L -> {z, ucl_last, first_alarm}", calc_ewma_chart},
    {"bh_adjust", "p -> false discovery rates (Benjamini, Hochberg)", calc_bh_adjust},
    {"modified_z", "x -> {median, mad, z}; z null when the MAD is 0", modified_z},
    {"mass_balance", "open, receipts, returns_up, sell_out, close, tol_bp -> {expected_close, gap, rate_ppm, flag}",
     calc_mass_balance},
    {"poisson_upper_p", "x, mu -> P(X >= x)", poisson_upper_p},
    {"wilson", "k, n, z -> [low, high]", calc_wilson},
    {"haversine_km", "lat1, lon1, lat2, lon2 in degrees -> kilometres", calc_haversine_km},
    {"benford_first", "-> probabilities of the first digits 1 to 9", benford_first},
    {"benford_mad_class", "mad, digits (first, second, first_two, first_three) -> class", benford_mad_class},
    {"prf", "tp, fp, fn -> {precision, recall, f1}; null where there is nothing to divide by", prf},
};

const calc_area calc_diversion = {"diversion", functions, ARRAY_LEN(functions)};
