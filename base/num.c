#include "base/num.h"

int64_t pow10_i64(unsigned n) {
    ASSERT(n <= 18);
    int64_t p = 1;
    while (n-- > 0) p *= 10;
    return p;
}

bool dec_parse(str s, unsigned scale, int64_t *out, bool *exact) {
    bool negative = s.n && s.p[0] == '-', point = false, lost = false, round_up = false;
    if (s.n && (s.p[0] == '-' || s.p[0] == '+')) s = str_skip(s, 1);
    uint64_t v = 0;
    unsigned decimals = 0, digits = 0, beyond = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9') return false;
        digits++;
        if (point && decimals == scale) { /* beyond the scale: the first digit decides the rounding */
            if (beyond++ == 0) round_up = c >= '5';
            lost = lost || c != '0';
            continue;
        }
        if (__builtin_mul_overflow(v, 10u, &v) || __builtin_add_overflow(v, (uint64_t)(c - '0'), &v)) return false;
        if (point) decimals++;
    }
    if (digits == 0) return false;
    for (; decimals < scale; decimals++)
        if (__builtin_mul_overflow(v, 10u, &v)) return false;
    if (round_up && __builtin_add_overflow(v, 1u, &v)) return false;
    if (v > INT64_MAX) return false;
    *out = negative ? -(int64_t)v : (int64_t)v;
    if (exact) *exact = !lost;
    return true;
}

void dec_put(buf *b, int64_t v, unsigned scale, unsigned min_decimals) {
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    uint64_t unit = (uint64_t)pow10_i64(scale);
    uint64_t whole = u / unit, part = u % unit;
    unsigned decimals = scale;
    while (decimals > min_decimals && part % 10 == 0) {
        part /= 10;
        decimals--;
    }
    if (v < 0) buf_byte(b, '-');
    buf_printf(b, "%llu", (unsigned long long)whole);
    if (decimals) buf_printf(b, ".%0*llu", (int)decimals, (unsigned long long)part);
}

bool mul_div(int64_t a, int64_t b, int64_t c, int64_t *out) {
    if (c == 0) return false;
    __int128 product = (__int128)a * b, d = c;
    if (d < 0) {
        d = -d;
        product = -product;
    }
    __int128 q = product / d, rest = product % d;
    if (2 * rest >= d) q++;
    if (-2 * rest >= d) q--;
    if (q > INT64_MAX || q <= INT64_MIN) return false;
    *out = (int64_t)q;
    return true;
}

bool rescale(int64_t v, unsigned from, unsigned to, int64_t *out) {
    if (to >= from) return !__builtin_mul_overflow(v, pow10_i64(to - from), out);
    return mul_div(v, 1, pow10_i64(from - to), out);
}

unsigned currency_scale(str code) {
    static const char none[][4] = {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW",
                                   "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"};
    static const char three[][4] = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        if (str_is(code, none[i])) return 0;
    for (size_t i = 0; i < ARRAY_LEN(three); i++)
        if (str_is(code, three[i])) return 3;
    return 2;
}

bool currency_ok(str code) {
    return code.n == 3 && code.p[0] >= 'A' && code.p[0] <= 'Z' && code.p[1] >= 'A' && code.p[1] <= 'Z' &&
           code.p[2] >= 'A' && code.p[2] <= 'Z';
}

uint32_t currency_no(str code) {
    if (code.n != 3) return 0;
    return (uint32_t)(uint8_t)code.p[0] << 16 | (uint32_t)(uint8_t)code.p[1] << 8 | (uint8_t)code.p[2];
}

str currency_text(uint32_t no, char out[static 4]) {
    out[0] = (char)(no >> 16);
    out[1] = (char)(no >> 8);
    out[2] = (char)no;
    out[3] = '\0';
    return str_from(out, no ? 3 : 0);
}
