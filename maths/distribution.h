/* distribution — the normal, Poisson and negative binomial distributions: tails, quantiles, unit losses. Doubles; arguments
 * are checked by the caller (a probability lies strictly between 0 and 1, a mean and a variance are finite and ≥ 0).
 * Sources: Abramowitz, Stegun 1964, 26.2; Snyder, Shen, Fundamentals of Supply Chain Theory, 2019, appendix C. */
#ifndef MATHS_DISTRIBUTION_H
#define MATHS_DISTRIBUTION_H

#include <stdint.h>

double normal_density(double z);
double normal_below(double z); /* Φ(z) */
double normal_above(double z); /* 1 − Φ(z), without cancellation */
/** z with Φ(z) = p; to 1e-14. */
double normal_quantile(double p);
/** E(Z − z)⁺ = φ(z) − z(1 − Φ(z)). */
double normal_loss(double z);
/** z with normal_loss(z) = loss > 0. */
double normal_loss_inverse(double loss);
/** Half of E((Z − z)⁺)². */
double normal_loss_second(double z);

double poisson_at(double mean, int64_t k);    /* P(X = k) */
double poisson_below(double mean, int64_t k); /* P(X ≤ k) */
double poisson_from(double mean, int64_t k);  /* P(X ≥ k) */
/** The least k with P(X ≤ k) ≥ p. */
int64_t poisson_quantile(double mean, double p);
/** E(X − k)⁺ */
double poisson_loss(double mean, int64_t k);

/** Negative binomial with that mean and variance > mean: the least k with P(X ≤ k) ≥ p, at most `most`. */
int64_t negative_binomial_quantile(double mean, double variance, double p, int64_t most);
/** The least k with E(X − k)⁺ ≤ loss; variance ≤ mean: Poisson. At most `most`. */
int64_t count_loss_inverse(double mean, double variance, double loss, int64_t most);

#endif
