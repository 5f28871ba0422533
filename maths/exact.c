#include "maths/exact.h"

wide wide_gcd(wide a, wide b) {
    if (a < 0) a = -a;
    if (b < 0) b = -b;
    while (b > INT64_MAX || (b != 0 && a > INT64_MAX)) {
        wide rest = a % b;
        a = b;
        b = rest;
    }
    uint64_t x = (uint64_t)a, y = (uint64_t)b; /* mostly from the start: many times faster */
    if (b == 0) return a;
    while (y != 0) {
        uint64_t rest = x % y;
        x = y;
        y = rest;
    }
    return x;
}

bool wide_fits(wide v, int64_t *out) {
    if (v > INT64_MAX || v < INT64_MIN) return false;
    *out = (int64_t)v;
    return true;
}

static const char *const rounding_names[ROUNDING_COUNT] = {
#define X(id, name) [id] = name,
    ROUNDINGS(X)
#undef X
};

bool rounding_parse(str name, rounding *out) {
    for (rounding r = 0; r < ROUNDING_COUNT; r++)
        if (str_is(name, rounding_names[r])) return *out = r, true;
    return false;
}

/* Is the quotient below (`floor`) to be raised by one? `twice` compares twice the rest with the divisor. */
static bool raise(wide floor, int twice, bool rest, rounding how) {
    bool negative = floor < 0, odd = floor & 1;
    if (how == ROUND_UP) return rest;
    if (how == ROUND_DOWN) return false;
    if (twice != 0) return twice > 0;
    switch (how) {
    case ROUND_HALF_AWAY: return !negative;
    case ROUND_HALF_TOWARD_ZERO: return negative;
    case ROUND_HALF_EVEN: return odd;
    case ROUND_HALF_ODD: return !odd;
    case ROUND_HALF_UP: return true;
    default: return false;
    }
}

bool wide_div(wide num, wide den, rounding how, wide *out) {
    const wide bound = (wide)1 << 126;
    if (den == 0 || den > bound || den < -bound || num < -bound || num > bound) return false;
    if (den < 0) num = -num, den = -den;
    if (den == 1) return *out = num, true;
    bool small = den <= INT64_MAX && num <= INT64_MAX && num >= INT64_MIN; /* mostly: many times faster */
    wide floor = small ? (int64_t)num / (int64_t)den : num / den, rest = num - floor * den;
    if (rest < 0) floor--, rest += den;
    wide over = rest - (den - rest);
    *out = floor + raise(floor, (over > 0) - (over < 0), rest != 0, how);
    return true;
}

bool wide_round(wide num, wide den, int64_t *out) {
    wide q;
    return wide_div(num, den, ROUND_HALF_AWAY, &q) && wide_fits(q, out);
}
