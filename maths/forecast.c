#include "maths/forecast.h"

#include <math.h>
#include <string.h>

static const float alpha[FORECAST_LEVELS] = {0.1F, 0.3F, 0.8F};
static const float holt_alpha = 0.3F, holt_beta = 0.05F, phi = 0.9F;
static const float demand_alpha = 0.1F; /* sizes, gaps, chances */
static const float forget = 0.03F;      /* of a squared error a bucket; the mean of all until there are 33 */
static const float follow = 0.1F;       /* of the quantiles */
static const float cut_sigmas = 4, cut_sizes = 4;
enum { CUT_AFTER = 8, IDLE_MOST = 600 }; /* 0.9^600 is nothing */

static const char *const names[] = {
#define X(id, name) name,
    FORECAST_METHODS(X)
#undef X
};

const char *forecast_method_name(forecast_method m) {
    return names[m];
}

/* ---- what the candidates say of the next bucket */

static float slope_of(const forecast_state *s) {
    if (s->n < 3) return 0;
    float n = s->n, middle = (n - 1) / 2;
    return (s->sum_t - middle * s->sum) / (n * (n * n - 1) / 12);
}

/* Theta's drift beyond the level, one bucket ahead: half the slope × (1 − (1 − α)^n) / α */
static float drift_of(float slope, unsigned level, unsigned n) {
    float left = 1;
    if (n < 100)
        for (float base = 1 - alpha[level]; n; n >>= 1, base *= base) left *= n & 1 ? base : 1;
    else
        left = 0;
    return slope / 2 * (1 - left) / alpha[level];
}

/* Croston's ratio; once twice the usual gap has passed without demand it falls by a tenth a bucket. */
static float croston_of(const forecast_state *s) {
    if (s->gap <= 0) return 0;
    float f = s->size / s->gap, over = (float)s->idle - 2 * s->gap;
    return over > 0 ? f * powf(0.9F, over) : f;
}

static void say(const forecast_state *s, float out[static FORECAST_CANDIDATES]) {
    float slope = slope_of(s);
    out[BY_SES_SLOW] = s->level[0];
    out[BY_SES_FAST] = s->level[2];
    for (unsigned i = 0; i < FORECAST_LEVELS; i++) out[BY_THETA_SLOW + i] = s->level[i] + drift_of(slope, i, s->n);
    out[BY_HOLT] = s->holt + phi * s->slope;
    out[BY_SBA] = (1 - demand_alpha / 2) * croston_of(s);
    out[BY_TSB] = s->chance * s->size;
}

static bool sparse(const forecast_state *s) {
    return s->hits > 0 && (float)(s->n - s->idle) >= (float)ADI_CUT * (float)s->hits;
}

/* Sparse demand has no fast candidates: they would follow each single sale. */
static bool speaks(bool is_sparse, unsigned by) {
    return is_sparse ? by == BY_SES_SLOW || by == BY_HOLT || by == BY_THETA || by >= BY_SBA : by < BY_SBA;
}

/* Weights add up to 1: (least error / error)^8, of squared errors; ^4 where demand is sparse and errors say less. */
static void weigh(const forecast_state *s, float w[static FORECAST_CANDIDATES]) {
    bool few = sparse(s);
    float least = INFINITY, most = 0, sum = 0;
    for (unsigned i = 0; i < FORECAST_CANDIDATES; i++) {
        if (!speaks(few, i)) continue;
        least = fminf(least, s->square[i]), most = fmaxf(most, s->square[i]);
    }
    float grain = most * 1e-6F + 1e-30F;
    for (unsigned i = 0; i < FORECAST_CANDIDATES; i++) {
        float part = speaks(few, i) ? (least + grain) / (s->square[i] + grain) : 0;
        part *= part, part *= part;
        w[i] = few ? part : part * part;
        sum += w[i];
    }
    for (unsigned i = 0; i < FORECAST_CANDIDATES; i++) w[i] /= sum;
}

/* In sparse demand the slow level is shared by the slow and the middle one. */
static float mixed(const forecast_state *s, const float w[static FORECAST_CANDIDATES],
                   const float f[static FORECAST_CANDIDATES]) {
    float sum = sparse(s) ? w[BY_SES_SLOW] * (s->level[1] - s->level[0]) / 2 : 0;
    for (unsigned i = 0; i < FORECAST_CANDIDATES; i++) sum += w[i] * f[i];
    return sum;
}

static float mixed_square(const forecast_state *s, const float w[static FORECAST_CANDIDATES]) {
    float sum = 0;
    for (unsigned i = 0; i < FORECAST_CANDIDATES; i++) sum += w[i] * s->square[i];
    return sum;
}

/* ---- one bucket */

/* A one-off bulk sale is cut; what lies beyond the fence twice running is a new level and counts whole. */
static float cut_one_off(forecast_state *s, float y, float f, float sigma) {
    float fence = f + fmaxf(cut_sigmas * sigma, f);
    if (sparse(s)) fence = fmaxf(fence, cut_sizes * s->size);
    bool beyond = s->n >= CUT_AFTER && y > fence, again = s->cut & 1;
    s->cut = (uint16_t)(s->cut & ~1U);
    if (!beyond || again || f <= 0) return y;
    if (s->cut < UINT16_MAX - 2) s->cut = (uint16_t)(s->cut + 2);
    s->cut |= 1;
    return fence;
}

static float towards(float level, float y, float by) {
    return level + by * (y - level);
}

static void score(forecast_state *s, const float f[static FORECAST_CANDIDATES], float y) {
    float by = fmaxf(forget, 1 / (float)s->n);
    for (unsigned i = 0; i < FORECAST_CANDIDATES; i++)
        s->square[i] = towards(s->square[i], (y - f[i]) * (y - f[i]), by);
}

static void quantiles(forecast_state *s, float off) {
    s->low += follow * (0.1F - (off < s->low));
    s->high += follow * (0.9F - (off < s->high));
}

static void learn_demand(forecast_state *s, float y) {
    float since = (float)s->idle + 1;
    if (s->hits == 0) s->size = y, s->gap = since;
    else
        s->size = towards(s->size, y, demand_alpha), s->gap = towards(s->gap, since, demand_alpha);
    if (s->hits < UINT16_MAX) s->hits++;
    s->idle = 0;
}

static void learn(forecast_state *s, float y) {
    bool first = s->n == 0;
    for (unsigned i = 0; i < FORECAST_LEVELS; i++) s->level[i] = first ? y : towards(s->level[i], y, alpha[i]);
    float next = first ? y : s->holt + phi * s->slope, off = y - next;
    s->holt = next + holt_alpha * off;
    s->slope = first ? 0 : phi * s->slope + holt_alpha * holt_beta * off;
    s->sum += y, s->sum_t += (float)s->n * y, s->sum_sq += y * y;
    s->chance = first ? y > 0 : towards(s->chance, y > 0, demand_alpha);
    if (y > 0) learn_demand(s, y);
    else
        s->idle = s->idle < UINT16_MAX ? (uint16_t)(s->idle + 1) : s->idle;
    if (s->n < UINT16_MAX) s->n++;
}

void forecast_observe(forecast_state *s, double quantity) {
    float y = quantity > 0 ? (float)fmin(quantity, 1e15) : 0, f[FORECAST_CANDIDATES], w[FORECAST_CANDIDATES];
    if (s->n == 0) {
        s->low = -1.28F, s->high = 1.28F;
        learn(s, y);
        return;
    }
    say(s, f);
    weigh(s, w);
    float mean = mixed(s, w, f), sigma = sqrtf(mixed_square(s, w));
    y = cut_one_off(s, y, mean, sigma);
    if (sigma > 0 && s->n >= 3) quantiles(s, (y - mean) / sigma);
    score(s, f, y);
    learn(s, y);
}

void forecast_idle(forecast_state *s, unsigned k) {
    for (unsigned i = 0; i < k && i < IDLE_MOST; i++) forecast_observe(s, 0);
    if (k <= IDLE_MOST) return;
    /* after so many every level is nothing, and only the counts and the errors go on */
    unsigned more = k - IDLE_MOST;
    float keep = powf(1 - forget, (float)more);
    for (unsigned i = 0; i < FORECAST_CANDIDATES; i++) s->square[i] *= keep;
    s->idle = s->idle + more < UINT16_MAX ? (uint16_t)(s->idle + more) : UINT16_MAX;
    s->n = s->n + more < UINT16_MAX ? (uint16_t)(s->n + more) : UINT16_MAX;
}

/* ---- looking ahead */

/* One candidate's forecasts, added to mean with a weight. */
static void add_ahead(const forecast_state *s, unsigned by, double weight, unsigned h, double *mean) {
    float f[FORECAST_CANDIDATES];
    say(s, f);
    double at = (double)f[by], step = 0;
    if (by >= BY_THETA_SLOW && by <= BY_THETA_FAST) step = (double)slope_of(s) / 2;
    double trend = (double)(phi * phi * s->slope);
    for (unsigned i = 0; i < h; i++) {
        mean[i] += weight * at;
        at += by == BY_HOLT ? trend : step;
        trend *= (double)phi;
    }
}

/* Longer without demand than would be chance: five times the usual gap, and at least eight buckets. It is taken as over. */
static bool asleep(const forecast_state *s) {
    return (float)s->idle >= fmaxf(8, 5 * s->gap);
}

static forecast_method method_of(unsigned by) {
    static const forecast_method of[] = {METHOD_SES,   METHOD_SES,  METHOD_THETA, METHOD_THETA,
                                         METHOD_THETA, METHOD_HOLT, METHOD_SBA,   METHOD_TSB};
    return of[by];
}

static forecast_method loudest(const float w[static FORECAST_CANDIDATES]) {
    float by[METHOD_COUNT] = {0};
    for (unsigned i = 0; i < FORECAST_CANDIDATES; i++) by[method_of(i)] += w[i];
    for (unsigned m = 0; m < METHOD_COUNT; m++)
        if (by[m] >= 0.75F) return (forecast_method)m;
    return METHOD_MIX;
}

static void view_class(const forecast_state *s, forecast_view *view) {
    view->n = s->n, view->hits = s->hits, view->size = (double)s->size;
    if (s->hits == 0) return;
    double hits = s->hits, mean = (double)s->sum / hits, n = (double)(s->n - s->idle);
    double spread = ((double)s->sum_sq - (double)s->sum * mean) / (hits - 1);
    view->adi = n / hits;
    view->cv2 = s->hits > 1 && mean > 0 ? fmax(spread, 0) / (mean * mean) : 0;
    if (view->cv2 < 1e-6) view->cv2 = 0; /* what single precision leaves of equal sizes */
    view->class = demand_class_of(view->adi, view->cv2);
}

static const double follow_by[] = {0.1, 0.8, 0.1, 0.3, 0.8, 0.3, 0.1, 0.1}; /* the constant of each */

static double follows(const float w[static FORECAST_CANDIDATES]) {
    double sum = 0;
    for (unsigned i = 0; i < FORECAST_CANDIDATES; i++) sum += (double)w[i] * follow_by[i];
    return sum;
}

void forecast_look(const forecast_state *s, bool declining, unsigned h, forecast_view *view, double *mean,
                   double *lower, double *upper) {
    float w[FORECAST_CANDIDATES];
    double ahead[FORECAST_MAX] = {0};
    *view = (forecast_view){.sigma = -1, .low = fmin((double)s->low, 0), .high = fmax((double)s->high, 0)};
    view_class(s, view);
    for (unsigned i = 0; i < h; i++) mean[i] = lower[i] = upper[i] = 0;
    if (s->hits == 0) return;
    if (s->n > 1) view->sigma = 0;
    if (asleep(s)) return;
    weigh(s, w);
    if (declining) memset(w, 0, sizeof w), w[BY_TSB] = 1;
    unsigned n = h ? h : 1;
    for (unsigned i = 0; i < FORECAST_CANDIDATES; i++)
        if (w[i] > 1e-6F) add_ahead(s, i, (double)w[i], n, ahead);
    double shared = sparse(s) && !declining ? (double)(w[BY_SES_SLOW] * (s->level[1] - s->level[0]) / 2) : 0;
    view->method = loudest(w), view->alpha = follows(w);
    view->level = fmax(ahead[0] + shared, 0);
    if (s->n > 1) view->sigma = sqrt((double)mixed_square(s, w));
    for (unsigned i = 0; i < h; i++) {
        double wide = view->sigma > 0 ? view->sigma * sqrt(1 + i * view->alpha * view->alpha) : 0;
        mean[i] = fmax(ahead[i] + shared, 0);
        lower[i] = fmax(mean[i] + view->low * wide, 0);
        upper[i] = mean[i] + view->high * wide;
    }
}

void forecast_by(const forecast_state *s, forecast_method method, unsigned h, forecast_view *view, double *mean,
                 double *lower, double *upper) {
    unsigned best = FORECAST_CANDIDATES;
    forecast_look(s, false, h, view, mean, lower, upper);
    if (method == METHOD_AUTO || s->hits == 0) return;
    for (unsigned i = 0; i < FORECAST_CANDIDATES; i++) {
        bool of = method_of(i) == (method == METHOD_CROSTON ? METHOD_SBA : method);
        if (of && (best == FORECAST_CANDIDATES || s->square[i] < s->square[best])) best = i;
    }
    if (best == FORECAST_CANDIDATES) return;
    view->method = method, view->alpha = follow_by[best];
    if (s->n > 1) view->sigma = sqrt((double)s->square[best]);
    double ahead[FORECAST_MAX] = {0};
    add_ahead(s, best, 1, h, ahead);
    for (unsigned i = 0; i < h; i++) {
        double wide = fmax(view->sigma, 0) * sqrt(1 + i * view->alpha * view->alpha);
        mean[i] = method == METHOD_CROSTON ? (double)(s->size / s->gap) : fmax(ahead[i], 0);
        lower[i] = fmax(mean[i] + view->low * wide, 0);
        upper[i] = mean[i] + view->high * wide;
    }
}

double forecast_sigma(const forecast_view *v, double buckets) {
    double more = buckets > 1 ? buckets - 1 : 0;
    return v->sigma > 0 ? v->sigma * sqrt(buckets * (1 + v->alpha * more / 2)) : 0;
}
