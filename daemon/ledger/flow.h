/* flow — the sums: what a partner bought, received, sold, got back of a product on a day, per currency. Four orders of
 * the same lines: flow_day (partner first), flow_month (partner, product), flow_region (kind, month, regions), flow_total
 * (kind, month, home province, brand). The months of a year stand in one value of flow_month and the days of a month in one of
 * flow_total, so that a year of a product, and a month of the whole channel day by day, are read at once.
 *
 * Changes are collected, summed per key in memory, checked against what is stored, and only then put, in key order.
 * A key whose lines all went is deleted, so that content that was replaced leaves no trace. */
#ifndef LEDGER_FLOW_H
#define LEDGER_FLOW_H

#include "base/err.h"
#include "daemon/ledger/posting.h"
#include "daemon/store/keys.h"

/* 28 bytes each, big-endian, by part and currency; a value is one or more of them. */
typedef struct flow_sum {
    uint32_t currency;
    uint32_t lines, unpriced; /* lines in it, and how many of them have no amount */
    int64_t quantity, amount;
    unsigned part; /* month of the year in flow_month, day of the month in flow_total, from 0; else 0 */
} flow_sum;
enum { FLOW_SUM_SIZE = 28, FLOW_PART_SHIFT = 24 }; /* the part stands above the three letters of the currency */

/** The i-th sum of a stored value. */
static inline flow_sum flow_sum_at(str val, size_t i) {
    const char *p = val.p + i * FLOW_SUM_SIZE;
    uint32_t which = get_be32(p);
    return (flow_sum){.currency = which & ((1U << FLOW_PART_SHIFT) - 1),
                      .part = which >> FLOW_PART_SHIFT,
                      .quantity = (int64_t)get_be64(p + 4),
                      .amount = (int64_t)get_be64(p + 12),
                      .lines = get_be32(p + 20),
                      .unpriced = get_be32(p + 24)};
}
/** … and back. */
void flow_sum_put(uint8_t *p, const flow_sum *s);
static inline size_t flow_sum_count(str val) {
    return val.n / FLOW_SUM_SIZE;
}

/* Key parts. */
typedef struct flow_day_key {
    uint32_t partner, product;
    day_t day;
    flow_kind kind;
} flow_day_key;
typedef struct flow_month_key {
    uint32_t partner, product;
    flow_kind kind;
    int32_t year;
} flow_month_key;
typedef struct flow_region_key {
    flow_kind kind;
    int32_t month;
    uint32_t home, region, product;
} flow_region_key;
typedef struct flow_total_key {
    flow_kind kind;
    int32_t month;
    uint32_t province, brand; /* 0: not known, none */
} flow_total_key;
/* Days are walked by the million: their key is read at fixed places. */
static inline flow_day_key flow_day_parse(str k) {
    enum { DAY = 4, KIND = 8, PRODUCT = 9, SIZE = 13 };
    if (k.n != SIZE) return (flow_day_key){0};
    return (flow_day_key){.partner = get_be32(k.p),
                          .product = get_be32(k.p + PRODUCT),
                          .day = (day_t)(get_be32(k.p + DAY) ^ 0x80000000U),
                          .kind = (flow_kind)(uint8_t)k.p[KIND]};
}
flow_month_key flow_month_parse(str k);
flow_region_key flow_region_parse(str k);
flow_total_key flow_total_parse(str k);

/* Changes of one entry. */
typedef struct flow_change flow_change;
typedef struct flow_changes {
    flow_change *row;
    size_t rows, cap;
    struct flow_put *put; /* by flow_changes_check, in key order table by table */
    size_t puts;
} flow_changes;

/** Count a posted row in (sign 1) or out (−1). Rows that are no flows (counts) are passed over. */
void flow_changes_add(flow_changes *f, const posted *p, int sign, arena *a);
/** Sum, read what is stored, and work out every new value. ERR_DATA when a total leaves the range. Reads only. */
MUST_USE bool flow_changes_check(flow_changes *f, txn *t, arena *a, err *e);
/** Write what was worked out. `real` gives the number of a partner or product that was created meanwhile. */
void flow_changes_put(flow_changes *f, txn *t, uint32_t (*real)(void *arg, uint32_t no), void *arg);

#endif
