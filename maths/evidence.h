/* evidence — how strongly a count speaks: tails of counts that scatter more than Poisson's, bounds of shares, what stays
 * significant among many, distances on the globe, first digits. Doubles; arguments are checked by the caller.
 * Sources: Wilson 1927; Benjamini, Hochberg 1995; Iglewicz, Hoaglin 1993; Nigrini 2012; maths.md of the trade. */
#ifndef MATHS_EVIDENCE_H
#define MATHS_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** P(X ≥ k) of a negative binomial of that mean and variance; variance ≤ mean: Poisson. */
double count_from(double mean, double variance, int64_t k);
/** −10 × log10 p, at most `most`; whole decibans. */
int32_t decibans(double p, int32_t most);

typedef struct share_bounds {
    double low, high;
} share_bounds;
/** Wilson's bounds of a share of k in n (0 and 1 when n is 0); z: 1.645 for 95 % on one side. */
share_bounds wilson(double k, double n, double z);

/** p → the smallest false discovery rate at which each would be rejected, in place of the same order. */
void bh_adjust(const double *p, size_t n, double *q);
/** The greatest p that is rejected at a rate; −1 none. */
double bh_cutoff(const double *p, size_t n, double rate);

/** Great circle, kilometres, of degrees; R = 6371.0088. */
double haversine_km(double lat1, double lon1, double lat2, double lon2);

double median_of(double *v, size_t n); /* sorts v; n > 0 */

typedef struct mass_balance {
    int64_t expected_close, gap, rate_ppm;
    bool flag;
} mass_balance;
/** False: the figures do not fit. rate: gap in (open + receipts), half away from zero; 0 when these are 0. flag: |gap| is
 *  above tol_bp of them. */
bool mass_balance_of(int64_t open, int64_t receipts, int64_t returns_up, int64_t sell_out, int64_t close,
                     int64_t tol_bp, mass_balance *out);

#endif
