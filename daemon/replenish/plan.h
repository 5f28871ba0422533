/* plan — what one partner should order of one product today, and why. One function of a view: policy, state of the series,
 * position, stage. The daemon calls it from its store, `replenish try` from files, the backtest from simulated days.
 *
 * position = on hand + on order + in transit − back orders − reserved
 * protection = lead time + review (without the review where every day may order)
 * reorder point s = demand over the lead time (+ review for R_s_S) + safety; order up to S = demand over protection + safety;
 * safety from the error of the forecast and the variance of the lead time: L·σ_d² + μ_d²·σ_L² (reference: Silver, Pyke,
 * Thomas, Inventory and Production Management, ch. 7; King, Crack the Code, APICS 2011), by cycle service (z·σ) or by fill
 * rate (unit loss). Slow movers: the quantile of a Poisson or negative binomial distribution with the same mean and
 * variance. Quantities are thousandths of the base unit. */
#ifndef REPLENISH_PLAN_H
#define REPLENISH_PLAN_H

#include "daemon/catalog/stage.h"
#include "daemon/replenish/policy.h"

typedef struct replenish_position {
    int64_t on_hand, on_order, in_transit, back_orders, reserved;
    bool unknown; /* nobody ever counted: on_hand is 0 and the sentence says so */
} replenish_position;
int64_t replenish_position_sum(const replenish_position *p); /* saturates */

/* Lead time learned from order to receipt. Fewer than LEAD_ENOUGH receipts: the policy's figures stand. */
enum { LEAD_ENOUGH = 3 };
typedef struct lead_time {
    uint32_t n;
    float mean, m2; /* Welford; variance = m2 / (n − 1) */
} lead_time;
void lead_time_add(lead_time *l, double days);
double lead_time_sd(const lead_time *l);

typedef struct replenish_view {
    day_t today;
    const replenish_policy *policy;
    const demand_state *demand;   /* NULL: no day yet */
    const season_profile *season; /* of its product group; NULL: flat */
    replenish_position position;
    lead_time lead;
    stage stage;
    int64_t trial_limit;             /* introduction: what the trial plan allows in all; NUM_NONE: none */
    int64_t trial_taken;             /* of it, ordered so far */
    const demand_forecast *analogue; /* introduction: the forecast of a product like it at its same age; NULL none */
    double analogue_share;           /* this partner's part of it */
    int64_t remaining;               /* decline: what will still be sold in all; NUM_NONE: what the forecast says */
    day_t ends;                      /* decline: last day of sale; DAY_MAX: not set */
    int64_t price;                   /* of a base unit, micro; NUM_NONE: not known */
} replenish_view;

/* Why it is this number: bits, in the order in which the sentence names them. */
enum {
    WHY_NO_DEMAND = 1,        /* the forecast is 0 */
    WHY_ABOVE = 2,            /* the position is above the trigger */
    WHY_NOT_TODAY = 4,        /* no order day */
    WHY_ORDER = 8,            /* it orders */
    WHY_MOQ = 16,             /* raised to the least order */
    WHY_PACK = 32,            /* rounded to packs */
    WHY_PALLET = 64,          /* rounded to pallets */
    WHY_MAX = 128,            /* cut to the most */
    WHY_SHELF = 256,          /* cut by shelf life */
    WHY_TRIAL = 512,          /* cut to the trial plan */
    WHY_RUN_DOWN = 1024,      /* cut to what will still be sold */
    WHY_BUDGET = 2048,        /* cut to the budget */
    WHY_UNKNOWN_STOCK = 4096, /* nobody counted */
    WHY_NEW = 8192            /* little history: the analogue or the class speaks */
};

typedef struct replenish_suggestion {
    unsigned why;
    demand_class class;
    forecast_method method;
    stock_policy kind;
    unsigned lead_n;                         /* receipts that the lead time rests on; 0: the policy's figure */
    double lead_mean, lead_sd, review;       /* days */
    double day_mean;                         /* demand a day over the protection */
    double protection_demand, protection_sd; /* of demand and lead time together, base units */
    double target;
    service_kind service;
    double error; /* mean absolute error of the forecast a bucket, base units; < 0: not known */
    int64_t lead_demand, safety_stock, reorder_point, order_up_to; /* thousandths */
    replenish_position position;
    int64_t position_sum;
    int64_t need;     /* before rounding and limits */
    int64_t quantity; /* what to order; 0 none */
    int64_t packs;    /* of the policy's pack; 0 when it has none */
    day_t today;
} replenish_suggestion;

/** Never fails: a series without demand orders nothing and says so. `forecast` (may be NULL) gets what it rests on. */
void replenish_suggest(const replenish_view *v, replenish_suggestion *out, demand_forecast *forecast);

/** A budget over n suggestions of one partner (money in micro of the currency, price[i] of a base unit): packs are taken
 *  off where the cover left is longest until the sum fits. Suggestions without a price stay. */
void replenish_fit_budget(replenish_suggestion *s, const replenish_policy *const *policy, const int64_t *price,
                          size_t n, int64_t budget);

/* ---- one standing suggestion a partner and product */

typedef enum standing_state { STANDING_NONE, STANDING_OPEN, STANDING_REFUSED, STANDING_ORDERED } standing_state;
typedef struct standing {
    standing_state state;
    int64_t quantity;
    day_t since, silent_until; /* refused: nothing is proposed before that day */
} standing;
typedef enum standing_step { STEP_NOTHING, STEP_PROPOSE, STEP_CHANGE, STEP_WITHDRAW } standing_step;
/** What becomes of the standing suggestion: a new quantity that differs from it by less than `tolerance` (parts per
 *  million of the standing quantity) changes nothing. */
standing_step standing_next(const standing *s, const replenish_suggestion *found, int64_t tolerance);

#endif
