/* safety — stock beyond the mean demand, and quantities rounded to multiples.
 * Sources: Silver, Pyke, Thomas, Inventory and Production Management in Supply Chains, 2017, chapters 6–7. */
#ifndef MATHS_SAFETY_H
#define MATHS_SAFETY_H

#include <stdbool.h>

/** Variance of demand over a random lead time: L·σ_d² + μ_d²·σ_L². */
double safety_variance(double lead, double lead_sd, double demand, double demand_sd);
/** Share of demand met from stock by an (r,Q) policy with factor z: 1 − σ[L(z) − L(z + Q/σ)]/Q; *simple (may be NULL)
 *  without the second loss. sd 0: 1. */
double safety_fill_rate(double z, double sd, double quantity, double *simple);
/** z with L(z) = (1 − fill)·Q/σ; may be negative. sd > 0. */
double safety_z_for_fill(double fill, double sd, double quantity);
/** v to a multiple, up or down; a rest of a billionth is none. multiple 0: v itself. */
double safety_multiple(double v, double multiple, bool down);

#endif
