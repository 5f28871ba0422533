/* num — exact numbers. Money, quantities and rates are integers of a fixed scale; nothing here is floating point.
 *   quantity  thousandths of the base unit            scale 3
 *   money     minor units of its currency (fen)       scale currency_scale(), mostly 2
 *   wire      amounts and prices as a file states them, before the one rounding   scale 6 ("micro")
 *   rate      parts per million                       "12.5 %" = 125000
 * Rounding is half away from zero everywhere. */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include "base/buf.h"
#include "base/err.h"

enum { QUANTITY_SCALE = 3, MICRO_SCALE = 6, RATE_SCALE = 6 };
#define NUM_NONE INT64_MIN /* "not stated", in columns of numbers */

/** Read "-12.345", ".5", "+7": digits, one point, nothing else. Digits beyond `scale` are rounded and *exact (may be
 *  NULL) becomes false when they were not zero. False when it is no such number or does not fit. */
bool dec_parse(str s, unsigned scale, int64_t *out, bool *exact);
/** Append v / 10^scale with at least `min_decimals` (≤ scale) decimals, trailing zeros beyond them dropped. */
void dec_put(buf *b, int64_t v, unsigned scale, unsigned min_decimals);

static inline bool add_i64(int64_t a, int64_t b, int64_t *out) {
    return !__builtin_add_overflow(a, b, out);
}
static inline bool sub_i64(int64_t a, int64_t b, int64_t *out) {
    return !__builtin_sub_overflow(a, b, out);
}
/** a × b / c with a 128-bit product and one rounding; false when c is 0 or the result does not fit. */
bool mul_div(int64_t a, int64_t b, int64_t c, int64_t *out);
/** v from one scale to another (≤ 18), rounding when digits are lost; false when it does not fit. */
bool rescale(int64_t v, unsigned from, unsigned to, int64_t *out);
int64_t pow10_i64(unsigned n); /* n ≤ 18 */

/** Decimals of the minor unit of an ISO 4217 code (CNY 2, JPY 0, KWD 3); 2 when the code is unknown to the table. */
unsigned currency_scale(str code);
/** Three capital letters. */
bool currency_ok(str code);
/** A code as one number (its three letters), 0 for none; and back into 4 bytes. */
uint32_t currency_no(str code);
str currency_text(uint32_t no, char out[static 4]);

#endif
