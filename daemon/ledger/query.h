/* query — flows by any combination of dimensions, from the cheapest table that knows them: flow_month for whole months,
 * flow_region for regions without partners, flow_day, else the postings of the span. Openings and adjustments are worked
 * out from the counts. */
#ifndef LEDGER_QUERY_H
#define LEDGER_QUERY_H

#include "base/arena.h"
#include "base/err.h"
#include "daemon/catalog/region.h"
#include "daemon/ledger/kinds.h"

/* enum, name: key in JSON, column in CSV */
#define FLOW_DIMENSIONS(X)                                                                                             \
    X(DIM_PARTNER, "partner")                                                                                          \
    X(DIM_PLACE, "place")                                                                                              \
    X(DIM_PRODUCT, "product")                                                                                          \
    X(DIM_BRAND, "brand")                                                                                              \
    X(DIM_CATEGORY, "category")                                                                                        \
    X(DIM_REGION, "region")                                                                                            \
    X(DIM_AREA, "area")                                                                                                \
    X(DIM_DAY, "day")                                                                                                  \
    X(DIM_WEEK, "week")                                                                                                \
    X(DIM_MONTH, "month")                                                                                              \
    X(DIM_FISCAL_MONTH, "fiscal_month")                                                                                \
    X(DIM_QUARTER, "quarter") /* of fiscal months, as halves and years */                                              \
    X(DIM_HALF, "half")                                                                                                \
    X(DIM_YEAR, "year")                                                                                                \
    X(DIM_KIND, "kind")                                                                                                \
    X(DIM_COMPANY, "company")                                                                                          \
    X(DIM_CUSTOMER, "customer")                                                                                        \
    X(DIM_CHANNEL, "channel")

typedef enum flow_dimension {
#define X(dim, name) dim,
    FLOW_DIMENSIONS(X)
#undef X
        DIM_COUNT
} flow_dimension;

const char *flow_dimension_name(flow_dimension d);
bool flow_dimension_parse(str s, flow_dimension *out);

/* Before or from the live date of the partner on (ledger/live.h). */
typedef enum flow_era { ERA_ALL, ERA_HISTORY, ERA_LIVE } flow_era;

typedef struct flow_query {
    flow_dimension by[DIM_COUNT];
    size_t dims;
    region_level level;                /* of dimension region; REGION_LEVEL_NONE: as posted */
    bool areas;                        /* dimension region gives sales areas */
    bool rollup;                       /* a place that does not report counts as the partner above it that does */
    uint32_t kinds;                    /* bits 1 << flow_kind, 0: all */
    day_t from, to;                    /* inclusive; DAY_MIN, DAY_MAX: open */
    uint32_t partner, product, region; /* numbers; 0: all. region: it and what lies inside */
    flow_era era;
    void (*shows)(void *arg, uint32_t customer_no); /* NULL, or told each customer that dimension customer names */
    void *arg;
} flow_query;
#define FLOW_KINDS_FINAL  (1U << FLOW_SELL_OUT | 1U << FLOW_RETURN)
#define FLOW_KINDS_ONWARD (1U << FLOW_ONWARD)

typedef struct flow_row {
    str value[DIM_COUNT]; /* of the dimensions asked for, in their order; "" unknown */
    flow_kind kind;
    uint32_t currency; /* 0: none */
    int64_t quantity;  /* NUM_NONE: base units mix, or there are none (payments) */
    int64_t amount;    /* NUM_NONE: no line has one */
} flow_row;

/** Rows in the order of their values; rows that are 0 in both figures are left out. Everything in `a`. ERR_DATA: more
 *  combinations than `a` holds. */
MUST_USE bool flow_query_run(txn *t, const flow_query *q, arena *a, flow_row **out, size_t *count, err *e);

#endif
