/* run_length — how long control charts run until they signal: CUSUM and EWMA of normal values, CUSUM of Poisson counts and
 * of values known only from a sample; and the charts themselves.
 *
 *   CUSUM   C = max(0, C + z − k), a signal when C > h          (Page 1954)
 *   EWMA    Z = λx + (1 − λ)Z, a signal when |Z| > c·√(λ / (2 − λ))
 *
 * Average run lengths solve Page's integral equation by Gauss–Legendre nodes with an atom at 0 (Brook, Evans 1972; Crowder
 * 1987 for EWMA; Lucas 1985 for Poisson counts); two sides: 1 / (1/A⁺ + 1/A⁻). */
#ifndef MATHS_RUN_LENGTH_H
#define MATHS_RUN_LENGTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Values have mean mu and deviation 1; `start` ≥ 0: where the chart begins. INFINITY: beyond what can be told. */
double cusum_run_length(double k, double h, double mu, double start);
double cusum_run_length_two_sided(double k, double h, double mu);
double ewma_run_length(double lambda, double c, double mu);

enum { POISSON_CUSUM_STATES = 2000 };
/** Counts of mean mu; C = max(0, C + X − k) in steps of 1/m, k·m and h·m whole; starts at i0/m; a signal at C ≥ h, or C > h
 *  when `above`. False: k·m or h·m is not whole, or h·m beyond POISSON_CUSUM_STATES. */
bool poisson_cusum_run_length(double mu, double k, double h, int64_t m, int64_t i0, bool above, double *out);

/** The average run length of a CUSUM that may sink to −floor, of values that are drawn from a sample. */
double sampled_run_length(const double *z, size_t n, double k, double h, double floor);
/** The least h (in steps of 0.1, at most `most`) of which that is at least `wanted`. */
double sampled_limit(const double *z, size_t n, double k, double floor, double wanted, double most);

/** plus[i], minus[i] of the tabular chart of x standardised; returns the first signal, from 1; 0 none. */
size_t cusum_chart(const double *x, size_t n, double mu, double sd, double k, double h, double *plus, double *minus);
/** z[i]; limits widen with i. *limit: the upper one of the last. The first signal, from 1; 0 none. */
size_t ewma_chart(const double *x, size_t n, double mu, double sd, double lambda, double width, double *z,
                  double *limit);

#endif
