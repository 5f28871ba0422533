#include "maths/lots.h"

#include "maths/distribution.h"
#include <math.h>
#include <stdlib.h>

/* a / b where nothing over nothing is nothing */
static double ratio(double a, double b) {
    return a == 0 ? 0 : a / b;
}

double eoq(double order_cost, double holding, double rate) {
    return sqrt(2 * order_cost * rate / holding);
}

double eoq_cost(double order_cost, double holding, double rate, double quantity) {
    return ratio(order_cost * rate, quantity) + holding * quantity / 2;
}

double eoq_backorders(costs c, double rate, double *backordered, double *cost) {
    *backordered = c.holding / (c.holding + c.stockout);
    *cost = sqrt(2 * c.order * rate * c.holding * c.stockout / (c.holding + c.stockout));
    return sqrt(2 * c.order * rate * (c.holding + c.stockout) / (c.holding * c.stockout));
}

double eoq_all_units(double order_cost, double holding_rate, double rate, const double *start, const double *price,
                     size_t n, size_t *band, double *cost) {
    double best = 0;
    *cost = INFINITY;
    for (size_t j = 0; j < n; j++) {
        double holding = holding_rate * price[j], q = fmax(eoq(order_cost, holding, rate), start[j]);
        if (j + 1 < n && q >= start[j + 1]) continue;
        double total = price[j] * rate + eoq_cost(order_cost, holding, rate, q);
        if (total < *cost) *cost = total, best = q, *band = j;
    }
    return best;
}

double eoq_incremental(double order_cost, double holding_rate, double rate, const double *start, const double *price,
                       size_t n, size_t *band, double *cost) {
    double best = 0, dearer = 0; /* what the units of the bands below cost beyond this band's price */
    *cost = INFINITY;
    for (size_t j = 0; j < n; j++) {
        if (j) dearer += (price[j - 1] - price[j]) * start[j];
        double fixed = order_cost + dearer, q = sqrt(2 * fixed * rate / (holding_rate * price[j]));
        if (fixed < 0 || q < start[j] || (j + 1 < n && q > start[j + 1])) continue;
        double total = price[j] * rate + holding_rate * dearer / 2 + eoq_cost(fixed, holding_rate * price[j], rate, q);
        if (total < *cost) *cost = total, best = q, *band = j;
    }
    return best;
}

/* ---- newsvendor */

double normal_shortage(double x, double mean, double sd) {
    return sd > 0 ? sd * normal_loss((x - mean) / sd) : fmax(mean - x, 0);
}

double stock_cost_normal(double x, double mean, double sd, costs c) {
    double shortage = normal_shortage(x, mean, sd);
    return c.holding * (x - mean + shortage) + c.stockout * shortage;
}

double stock_cost_poisson(int64_t x, double mean, costs c) {
    double shortage = poisson_loss(mean, x);
    return c.holding * ((double)x - mean + shortage) + c.stockout * shortage;
}

double newsvendor_normal(double mean, double sd, costs c) {
    return sd > 0 ? mean + sd * normal_quantile(c.stockout / (c.stockout + c.holding)) : mean;
}

int64_t newsvendor_poisson(double mean, costs c) {
    return poisson_quantile(mean, c.stockout / (c.stockout + c.holding));
}

/* ---- (r,Q) */

/* ∫ E(D − y)⁺ dy from x on */
static double shortage_beyond(double x, lead_demand d) {
    if (d.sd > 0) return d.sd * d.sd * normal_loss_second((x - d.mean) / d.sd);
    return x < d.mean ? (d.mean - x) * (d.mean - x) / 2 : 0;
}

double rq_cost(double r, double q, lead_demand d, costs c) {
    double shortage = shortage_beyond(r, d) - shortage_beyond(r + q, d);
    double held = q * (r - d.mean + q / 2) + shortage;
    return (c.order * d.rate + c.holding * held + c.stockout * shortage) / q;
}

double rq_cost_poisson(int64_t r, int64_t q, double rate, double mean, costs c) {
    double sum = c.order * rate;
    for (int64_t y = r + 1; y <= r + q; y++) sum += stock_cost_poisson(y, mean, c);
    return sum / (double)q;
}

/* The cost of a period is convex with its least at the newsvendor's S; r and r + Q lie on either side at equal cost. */
double rq_point(double q, lead_demand d, costs c) {
    double high = newsvendor_normal(d.mean, d.sd, c), low = high - q;
    for (int i = 0; i < 200; i++) {
        double middle = low + (high - low) / 2;
        if (middle == low || middle == high) break;
        if (stock_cost_normal(middle, d.mean, d.sd, c) > stock_cost_normal(middle + q, d.mean, d.sd, c)) low = middle;
        else
            high = middle;
    }
    return low + (high - low) / 2;
}

bool rq_iterate(lead_demand d, costs c, double *r, double *q, double *cost) {
    double at = d.mean, lot = eoq(c.order, c.holding, d.rate), shortage = 0;
    for (int i = 0; i < 10000; i++) {
        double over = lot * c.holding / (c.stockout * d.rate);
        if (!(over > 0 && over < 1)) return false;
        double point = d.mean - (d.sd > 0 ? d.sd * normal_quantile(over) : 0);
        shortage = normal_shortage(point, d.mean, d.sd);
        double next = sqrt(2 * d.rate * (c.order + c.stockout * shortage) / c.holding);
        bool still = fabs(next - lot) <= 1e-11 * lot && fabs(point - at) <= 1e-11 * (1 + fabs(at));
        at = point, lot = next;
        if (still) break;
    }
    *r = at, *q = lot;
    *cost = c.holding * (at - d.mean + lot / 2) + c.order * d.rate / lot + c.stockout * d.rate * shortage / lot;
    return true;
}

/* ---- (s,S), Poisson */

/* m_j: expected visits to S − j between two orders; and G at S − j is asked of a cache, since the search comes back. */
typedef struct ss_search {
    double mean;
    costs c;
    double *visits; /* LOTS_SPAN */
    double *chance; /* P(D = l), LOTS_SPAN */
    size_t known;
} ss_search;

static bool search_begin(ss_search *f, double mean, costs c) {
    *f = (ss_search){.mean = mean, .c = c};
    f->visits = calloc(2 * LOTS_SPAN, sizeof *f->visits);
    if (f->visits == NULL) return false;
    f->chance = f->visits + LOTS_SPAN;
    return true;
}

static double visits_at(ss_search *f, size_t j) {
    double none = -expm1(-f->mean); /* 1 − P(D = 0) */
    for (; f->known <= j; f->known++) {
        size_t k = f->known;
        double sum = k ? 0 : 1;
        f->chance[k] = poisson_at(f->mean, (int64_t)k);
        for (size_t l = 1; l <= k; l++) sum += f->chance[l] * f->visits[k - l];
        f->visits[k] = sum / none;
    }
    return f->visits[j];
}

static double search_cost(ss_search *f, int64_t s, int64_t upto) {
    double sum = f->c.order, all = 0;
    for (int64_t j = 0; j < upto - s; j++) {
        double m = visits_at(f, (size_t)j);
        sum += m * stock_cost_poisson(upto - j, f->mean, f->c);
        all += m;
    }
    return sum / all;
}

double ss_cost_poisson(int64_t s, int64_t upto, double mean, costs c) {
    ss_search f;
    if (!search_begin(&f, mean, c)) return NAN;
    double cost = search_cost(&f, s, upto);
    free(f.visits);
    return cost;
}

/* Zheng and Federgruen: s falls until ordering at s costs no more than going on; then each S that could be better is
 * tried, and s rises with it. */
static bool search_best(ss_search *f, int64_t *s, int64_t *upto, double *cost) {
    int64_t best = newsvendor_poisson(f->mean, f->c), at = best - 1;
    while (search_cost(f, at, best) > stock_cost_poisson(at, f->mean, f->c))
        if (best - --at > LOTS_SPAN / 8) return false;
    double least = search_cost(f, at, best);
    for (int64_t tried = best + 1; stock_cost_poisson(tried, f->mean, f->c) <= least; tried++) {
        if (tried - at > LOTS_SPAN / 8) return false;
        if (search_cost(f, at, tried) >= least) continue;
        best = tried;
        while (search_cost(f, at, best) <= stock_cost_poisson(at + 1, f->mean, f->c)) at++;
        least = search_cost(f, at, best);
    }
    *s = at, *upto = best, *cost = least;
    return true;
}

bool ss_best_poisson(double mean, costs c, int64_t *s, int64_t *upto, double *cost) {
    ss_search f;
    if (!search_begin(&f, mean, c)) return false;
    bool found = search_best(&f, s, upto, cost);
    free(f.visits);
    return found;
}

void ss_power(double mean, double sd, costs c, double *s, double *upto) {
    double q = 1.30 * pow(mean, 0.494) * pow(c.order / c.holding, 0.506) * pow(1 + sd * sd / (mean * mean), 0.116);
    double z = sqrt(q * c.holding / (sd * c.stockout));
    *s = 0.973 * mean + sd * (0.183 / z + 1.063 - 2.192 * z);
    *upto = *s + q;
}
