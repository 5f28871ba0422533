/* policy — how much stock a partner is to hold of a product: a YAML file, parsed whole and checked whole. `replenish try`
 * reads the same file with the positions in it (docs/replenishment.md lists every key). */
#ifndef REPLENISH_POLICY_H
#define REPLENISH_POLICY_H

#include "daemon/replenish/demand.h"
#include "formats/yaml.h"

/* name as it stands in the file */
#define STOCK_POLICIES(X)                                                                                              \
    X(STOCK_ORDER_UP_TO, "order_up_to") /* (R,S): at every review up to S */                                           \
    X(STOCK_BASE, "base_stock")         /* any day up to S */                                                          \
    X(STOCK_S_S, "s_S")                 /* any day: at s, up to S */                                                   \
    X(STOCK_R_S_S, "R_s_S")             /* at a review: at s, up to S */                                               \
    X(STOCK_R_Q, "r_Q")                 /* any day: at r, as many Q as lift it above */                                \
    X(STOCK_MIN_MAX, "min_max")         /* levels stated by hand: at min_level, up to max_level */
typedef enum stock_policy {
#define X(id, name) id,
    STOCK_POLICIES(X)
#undef X
        STOCK_POLICY_COUNT
} stock_policy;

typedef enum service_kind { SERVICE_CYCLE, SERVICE_FILL } service_kind;
typedef enum order_rounding { ORDER_UP, ORDER_DOWN, ORDER_NEAREST } order_rounding;
typedef enum order_trigger { TRIGGER_AT, TRIGGER_BELOW } order_trigger;
typedef enum demand_shape { SHAPE_AUTO, SHAPE_NORMAL, SHAPE_COUNT } demand_shape;

typedef struct replenish_policy {
    stock_policy kind;
    order_trigger trigger;   /* at: position ≤ s; below: position < s */
    order_rounding rounding; /* to packs */
    service_kind service;
    double target;                     /* 0 < target < 1 */
    double lead_mean, lead_sd, review; /* days */
    int64_t pack, pallet, moq, max;    /* thousandths; pack 0: any quantity; pallet, moq 0: none; max NUM_NONE: none */
    int64_t order_quantity;            /* Q, S − s; NUM_NONE: from the costs, else the demand of a review */
    double order_cost, holding_cost;   /* of an order; of a base unit and year; 0: not given */
    int64_t min_level, max_level;      /* min_max; NUM_NONE: s and S as reckoned */
    double shelf_days;                 /* never more than is sold in so many days; 0: no limit */
    unsigned order_days;               /* bit n: ISO weekday n + 1; 0: every day */
    bool safety_below_zero;            /* a fill rate may be met with less than the mean demand */
    demand_shape shape;                /* auto: counts (Poisson, negative binomial) where demand is slow */
    demand_rules demand;
} replenish_policy;

/** The defaults of docs/replenishment.md. */
replenish_policy replenish_policy_usual(void);
/** Reads what a map says over what `out` holds already; keys of `also` (n of them) are left to the caller, others are
 *  refused. ERR_CONFIG, "line N: …". */
MUST_USE bool replenish_policy_read(const node *map, const char *const *also, size_t n, replenish_policy *out, err *e);
const char *stock_policy_name(stock_policy p);

#endif
