#include "maths/share.h"

#include <stdlib.h>

typedef struct rest {
    wide v;
    size_t at;
} rest;

static int by_rest(const void *x, const void *y) {
    const rest *a = x, *b = y;
    if (a->v != b->v) return a->v < b->v ? 1 : -1;
    return (a->at > b->at) - (a->at < b->at);
}

/* total × weight / sum, rounded down, with its rest, where the product does not fit into 128 bits: digit by digit. */
static void long_share(int64_t total, wide weight, wide sum, wide *q, wide *r) {
    wide carry = weight / sum, left = weight % sum;
    if (left < 0) carry--, left += sum;
    *q = *r = 0;
    for (int bit = 62; bit >= 0; bit--) {
        *q *= 2, *r *= 2;
        if (total >> bit & 1) *q += carry, *r += left;
        while (*r >= sum) *r -= sum, (*q)++;
    }
}

static void one_share(int64_t total, wide weight, wide sum, wide *q, wide *r) {
    wide product;
    if (!wide_mul(total, weight, &product)) {
        long_share(total, weight, sum, q, r);
        return;
    }
    *q = product / sum, *r = product % sum;
    if (*r < 0) (*q)--, *r += sum;
}

bool share_out(int64_t total, const wide *weight, size_t n, int64_t *part, arena *a) {
    bool mirror = total < 0;
    wide sum = 0, left = mirror ? -(wide)total : total;
    if (left > INT64_MAX) return false;
    int64_t whole = (int64_t)left;
    for (size_t i = 0; i < n; i++)
        if (!wide_add(sum, weight[i], &sum)) return false;
    if (sum <= 0 || sum > (wide)1 << 124) return false;
    rest *order = arena_alloc(a, sizeof *order * n);
    if (order == NULL) return false;
    for (size_t i = 0; i < n; i++) {
        wide q;
        one_share(whole, weight[i], sum, &q, &order[i].v);
        order[i].at = i;
        left -= q;
        if (!wide_fits(q, &part[i])) return false;
    }
    if (left > 0) qsort(order, n, sizeof *order, by_rest);
    for (size_t i = 0; (wide)i < left; i++) part[order[i].at]++;
    for (size_t i = 0; mirror && i < n; i++) part[i] = -part[i];
    return true;
}
