/* accuracy — how far forecasts lay off. Sources: Hyndman, Koehler 2006 (MASE); Makridakis 1993 (sMAPE); Makridakis,
 * Spiliotis, Assimakopoulos 2022 (RMSSE, pinball). Where a scale is 0 the measure is undefined: NAN. */
#ifndef MATHS_ACCURACY_H
#define MATHS_ACCURACY_H

#include <stddef.h>

/** Mean of 200·|y − f| / (|y| + |f|); 0 where both are 0. */
double accuracy_smape(const double *y, const double *f, size_t h);
/** Mean |y[t] − y[t − m]| of the past; NAN for n ≤ m or a scale of 0. */
double accuracy_scale(const double *past, size_t n, size_t m);
double accuracy_mase(const double *past, size_t n, size_t m, const double *y, const double *f, size_t h);
/** √(mean squared error / mean (y[t] − y[t − 1])² of the past) */
double accuracy_rmsse(const double *past, size_t n, const double *y, const double *f, size_t h);
double accuracy_pinball(double y, double f, double q);

#endif
