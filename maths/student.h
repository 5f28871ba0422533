/* student — Student's t with whole degrees of freedom, for means of few values. Source: Abramowitz and Stegun, 26.7.3 and
 * 26.7.4 (the finite sums); the quantile by bisection. */
#ifndef MATHS_STUDENT_H
#define MATHS_STUDENT_H

/** P(|T| ≤ t), t ≥ 0, df ≥ 1. */
double student_within(double t, unsigned df);
/** t with P(|T| ≤ t) = p, 0 < p < 1; to 1e-9. */
double student_half_width(double p, unsigned df);

#endif
