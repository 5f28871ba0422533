/* exact — whole numbers of 128 bits with checked arithmetic, and the one rounding of a fraction. What is money stays
 * exact until then. Every function that can overflow returns false and leaves *out unspecified. */
#ifndef MATHS_EXACT_H
#define MATHS_EXACT_H

#include "base/err.h"
#include "base/str.h"
#include <stdint.h>

typedef __int128 wide;

static inline bool wide_mul(wide a, wide b, wide *out) {
    return !__builtin_mul_overflow(a, b, out);
}
static inline bool wide_add(wide a, wide b, wide *out) {
    return !__builtin_add_overflow(a, b, out);
}
/** *sum += a × b */
static inline bool wide_add_product(wide *sum, wide a, wide b) {
    wide p;
    return wide_mul(a, b, &p) && wide_add(*sum, p, sum);
}
/** Greatest common divisor, ≥ 0; of 0 and 0 it is 0. */
wide wide_gcd(wide a, wide b);
bool wide_fits(wide v, int64_t *out);

/* what becomes of exactly one half, or of any rest; name as `calc` takes it */
#define ROUNDINGS(X)                                                                                                   \
    X(ROUND_HALF_AWAY, "half_away") /* from zero: the rule for money here */                                           \
    X(ROUND_HALF_TOWARD_ZERO, "half_toward_zero")                                                                      \
    X(ROUND_HALF_EVEN, "half_even")                                                                                    \
    X(ROUND_HALF_ODD, "half_odd")                                                                                      \
    X(ROUND_HALF_UP, "half_positive_infinity")                                                                         \
    X(ROUND_HALF_DOWN, "half_negative_infinity")                                                                       \
    X(ROUND_UP, "up")     /* any rest: to the next above */                                                            \
    X(ROUND_DOWN, "down") /* any rest: to the next below */

typedef enum rounding {
#define X(id, name) id,
    ROUNDINGS(X)
#undef X
        ROUNDING_COUNT
} rounding;

bool rounding_parse(str name, rounding *out);
/** num / den, rounded once. False when den is 0 or beyond ±2^126. */
bool wide_div(wide num, wide den, rounding how, wide *out);
/** num / den half away from zero, into 64 bits. */
bool wide_round(wide num, wide den, int64_t *out);

#endif
