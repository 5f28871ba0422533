/* plan — what one partner should order of one product today, and why. One function of a view: policy, state of the series,
 * position, stage. The daemon calls it from its store, `replenish try` from files, the backtest from simulated days.
 *
 * position = on hand + on order + in transit − back orders − reserved
 * span     = lead time, and the review where orders go out at reviews only: what an order of today must last for
 * safety   from the error of the forecast and the variance of the lead time, σ² = L·σ_d² + μ_d²·σ_L², by cycle service (z·σ)
 *          or fill rate (unit loss); slow movers: the quantile of a Poisson or negative binomial distribution of the same
 *          mean and variance. s = demand over the span + safety
 * S        order_up_to, base_stock: s. s_S, R_s_S: s + Q. min_max: its levels. r_Q orders multiples of Q
 * Sources: Silver, Pyke, Thomas, Inventory and Production Management in Supply Chains, 2017, chapters 6–7.
 * Quantities are thousandths of the base unit. */
#ifndef REPLENISH_PLAN_H
#define REPLENISH_PLAN_H

#include "daemon/catalog/stage.h"
#include "daemon/replenish/policy.h"

typedef struct replenish_position {
    int64_t on_hand, on_order, in_transit, back_orders, reserved;
    bool unknown; /* nobody ever counted: on_hand is 0 and the sentence says so */
    bool wrong;   /* counts and flows make less than nothing: the same */
} replenish_position;
int64_t replenish_position_sum(const replenish_position *p); /* stays within ±2^62 */

/* Lead time learned from order to receipt. Fewer than LEAD_ENOUGH receipts: the policy's figures stand. */
enum { LEAD_ENOUGH = 3 };
typedef struct lead_time {
    uint32_t n;
    float mean, squares; /* Welford: variance = squares / (n − 1) */
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
    int64_t trial_left;              /* introduction: what the trial plan still allows; NUM_NONE: there is none */
    const demand_forecast *analogue; /* introduction: by demand_ramp; NULL: none */
    int64_t remaining;               /* decline: what will still be sold in all; NUM_NONE: what the forecast says */
    day_t ends;                      /* decline: last day of sale; DAY_MAX: not set */
} replenish_view;
/** A view with nothing known but these. */
replenish_view replenish_view_of(const replenish_policy *p, const demand_state *d, day_t today);

/* Why it is this number: bits, in the order in which the sentence names them. */
enum {
    WHY_NEW = 1,           /* little history of its own */
    WHY_UNKNOWN_STOCK = 2, /* nobody counted */
    WHY_NO_DEMAND = 4,     /* the forecast is 0 */
    WHY_NOT_TODAY = 8,     /* no order day */
    WHY_ABOVE = 16,        /* the position is above the trigger */
    WHY_SHELF = 32,        /* S cut by shelf life */
    WHY_RUN_DOWN = 64,     /* cut to what will still be sold */
    WHY_MOQ = 128,         /* raised to the least order */
    WHY_PACK = 256,        /* rounded to packs */
    WHY_PALLET = 512,      /* rounded to pallets */
    WHY_MAX = 1024,        /* cut to the most of an order */
    WHY_TRIAL = 2048,      /* cut to the trial plan */
    WHY_BUDGET = 4096,     /* cut to the budget */
    WHY_WRONG_STOCK = 8192 /* the books make less than 0 */
};

enum { NEW_BUCKETS = 8 }; /* fewer of its own: little history */

typedef struct replenish_suggestion {
    unsigned why;
    demand_class class;
    forecast_method method;
    stock_policy kind;
    service_kind service;
    day_t today;
    unsigned lead_n;                 /* receipts that the lead time rests on; 0: the policy's figure */
    double lead_mean, lead_sd, span; /* days */
    double target;
    double day_mean;                                  /* demand a day over the span, base units */
    double span_demand, span_sd;                      /* over the span: mean, and deviation with the lead time's */
    double error;                                     /* of the forecast, a day; < 0: not known yet */
    bool counted;                                     /* safety from a distribution of counts */
    int64_t safety_stock, reorder_point, order_up_to; /* thousandths */
    replenish_position position;
    int64_t position_sum;
    int64_t need;     /* before rounding and limits */
    int64_t quantity; /* what to order; 0 none */
    int64_t pack;     /* of the policy */
} replenish_suggestion;

/** Never fails: a series without demand orders nothing and says so. `forecast` (may be NULL) gets what it rests on, as many
 *  buckets as the span needs and at least `buckets`. */
void replenish_suggest(const replenish_view *v, unsigned buckets, replenish_suggestion *out, demand_forecast *forecast);

/** A budget over n suggestions of one partner (micro of the currency; price[i] of a base unit, NUM_NONE: it costs nothing):
 *  all are cut to a common cover in days until the sum fits, in packs, and below the least order to nothing. Returns the
 *  sum, which may stay above the budget only where it cannot be reckoned (beyond 2^62). */
int64_t replenish_fit_budget(replenish_suggestion *s, const replenish_policy *const *policy, const int64_t *price,
                             size_t n, int64_t budget);

/* ---- one standing suggestion a partner and product: updated, never repeated */

typedef enum standing_state { STANDING_NONE, STANDING_OPEN, STANDING_REFUSED } standing_state;
typedef struct standing_one {
    standing_state state;
    int64_t quantity;
    day_t silent_until; /* refused: nothing is proposed before that day */
} standing_one;
typedef enum standing_step { STEP_NOTHING, STEP_PROPOSE, STEP_CHANGE, STEP_WITHDRAW } standing_step;
/** What becomes of it: an open one changes when the new quantity differs by more than `tolerance` parts per million. An
 *  order that was made of it counts as on order: the state is STANDING_NONE again. */
standing_step standing_next(const standing_one *s, const replenish_suggestion *found, int64_t tolerance);

#endif
