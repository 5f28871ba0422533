/* smooth — the classical smoothers over a whole series at once, as textbooks state them: what `calc` answers and what the
 * small state of forecast.h is checked against. y has n ≥ 1 values. */
#ifndef MATHS_SMOOTH_H
#define MATHS_SMOOTH_H

#include <stddef.h>

/** Exponential smoothing from `level` over y[0 … n−1]; path (may be NULL) gets the level after each value. */
double smooth_ses(const double *y, size_t n, double alpha, double level, double *path);

typedef enum croston_kind { CROSTON_PLAIN, CROSTON_SBA, CROSTON_SBJ } croston_kind;
/** Sizes and gaps smoothed with one constant, begun with the first; the first gap counts from the beginning. Without any
 *  demand 0. */
double smooth_croston(const double *y, size_t n, double alpha, croston_kind kind);
/** Sizes smoothed on demand, the chance of demand in every period. */
double smooth_tsb(const double *y, size_t n, double alpha_size, double alpha_chance);

/** A level and its rolling absolute error after k periods of zero demand, in closed form. */
void smooth_skip_zeros(double *level, double *error, double alpha, double lambda, double k);

#endif
