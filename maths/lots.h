/* lots — how much to order and when, by cost: economic order quantities, the newsvendor, (r,Q) and (s,S). Doubles; rates a
 * unit of time, costs a unit (and time). Callers check: h > 0, p > 0, Q > 0; others ≥ 0 and finite.
 * Source of the formulas: Snyder, Shen, Fundamentals of Supply Chain Theory, 2019, chapters 3–5; Zheng, Federgruen 1991;
 * Ehrhardt, Mosier 1984; Zheng 1992; Hadley, Whitin 1963. */
#ifndef MATHS_LOTS_H
#define MATHS_LOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct costs {
    double holding, stockout, order; /* h, p, K */
} costs;

typedef struct lead_demand { /* demand over the lead time */
    double rate, mean, sd;   /* a unit of time; over the lead time */
} lead_demand;

double eoq(double order_cost, double holding, double rate);
double eoq_cost(double order_cost, double holding, double rate, double quantity);
double eoq_backorders(costs c, double rate, double *backordered, double *cost);
/** Prices in n bands (start[0] = 0, rising): the quantity of least cost, its band and cost. */
double eoq_all_units(double order_cost, double holding_rate, double rate, const double *start, const double *price,
                     size_t n, size_t *band, double *cost);
double eoq_incremental(double order_cost, double holding_rate, double rate, const double *start, const double *price,
                       size_t n, size_t *band, double *cost);

/** Expected shortage of a normal demand beyond x: E(D − x)⁺; sd 0 is a certain demand. */
double normal_shortage(double x, double mean, double sd);
/** Expected cost of a period with stock x: h·E(x − D)⁺ + p·E(D − x)⁺. */
double stock_cost_normal(double x, double mean, double sd, costs c);
double stock_cost_poisson(int64_t x, double mean, costs c);
double newsvendor_normal(double mean, double sd, costs c);
int64_t newsvendor_poisson(double mean, costs c);

double rq_cost(double r, double q, lead_demand d, costs c);
double rq_cost_poisson(int64_t r, int64_t q, double rate, double mean, costs c);
/** r that is best for a given q. */
double rq_point(double q, lead_demand d, costs c);
/** Expected-inventory-level approximation, by iteration. False: there is none (Qh ≥ pλ on the way). */
bool rq_iterate(lead_demand d, costs c, double *r, double *q, double *cost);

enum { LOTS_SPAN = 20000 }; /* S − s that is searched */
/** Expected cost a period of (s,S) under Poisson demand; s < S ≤ s + LOTS_SPAN. */
double ss_cost_poisson(int64_t s, int64_t upto, double mean, costs c);
/** The best (s,S). False: it lies further apart than LOTS_SPAN. */
bool ss_best_poisson(double mean, costs c, int64_t *s, int64_t *upto, double *cost);
void ss_power(double mean, double sd, costs c, double *s, double *upto);

#endif
