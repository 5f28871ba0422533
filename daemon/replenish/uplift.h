/* uplift — what a promotion moved beyond what would have been sold anyway, and who gained. Pure.
 *
 *   baseline  of each partner and product: the forecast from the days before it, promoted days left out (demand.h)
 *   uplift    sold − baseline; its 95 % interval is ± 1.96 × √Σσ², σ the error of each forecast over the days: the difference
 *             of two sums of which one is known. The errors of different series are taken as independent
 *   dip       the same of the days after it: what people had laid in is not bought again
 *   net       uplift + dip
 *
 * Who gained, the manufacturer bearing the cost (what was given, and what a special price is below the dealer price):
 *   consumers     (usual price − price during it) × what was sold + what was given × usual price
 *   partners      amount − dealer price × (sold + given) + cost − what the baseline would have earned them
 *   manufacturer  net × (dealer price − ex works) − cost
 * The usual price is that of the days before. What is not known of one series is not known of the sum. */
#ifndef REPLENISH_UPLIFT_H
#define REPLENISH_UPLIFT_H

#include "base/num.h"
#include "base/str.h"

/* Quantities in base units, money in minor units; NAN: not known. */
typedef struct uplift_series {
    bool judged; /* there is a forecast of it and of its error */
    double baseline, sigma, sold;
    double after_baseline, after_sigma, after_sold;
    double amount;                /* of what was sold */
    double before, before_amount; /* sold in the days before, and its amount */
    double dealer, ex_works;      /* of a base unit */
    double given, cost;
} uplift_series;

typedef struct uplift_span {
    double baseline, sold, more, low, high;
} uplift_span;
typedef struct uplift_result {
    unsigned series, judged;
    uplift_span during, after;
    double net, net_low, net_high;
    double cost, consumers, partners, manufacturer;
} uplift_result;
/** Series that are not judged count only in `series`. */
void uplift_sum(const uplift_series *v, size_t n, uplift_result *out);

/** By how much sales must rise, as a share, for the manufacturer to lose nothing: cost ÷ (margin − cost), both of the baseline.
 *  NAN: by no rise, or the margin is not known. */
double uplift_break_even(double margin, double cost);

#endif
