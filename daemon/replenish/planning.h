/* planning — the whole of one partner's plan on a day: its series, what it has and what is on the way, stage and trial plan,
 * budget. Reads only; the same on a snapshot, in a list and in an explanation. */
#ifndef REPLENISH_PLANNING_H
#define REPLENISH_PLANNING_H

#include "daemon/replenish/plan.h"
#include "daemon/replenish/series.h"
#include "daemon/replenish/suggestions.h"

typedef struct planned {
    const series *of;
    product product; /* texts are borrowed from the transaction */
    int64_t price;   /* dealer, micro of a base unit; NUM_NONE */
    double cv2;      /* of all buckets: squared coefficient of variation */
    stage_plan stage;
    forecast_view view;
    int32_t bucket;            /* the one that `next` is of */
    double next, lower, upper; /* forecast of a bucket, and what 80 % of the errors left it between */
    replenish_suggestion s;
} planned;

typedef struct partner_plan {
    series_set set;
    planned *v;
    size_t n;
} partner_plan;

/** Everything in `a`. `only`: one product, 0 all. */
void partner_plan_make(series_world *w, uint32_t partner_no, uint32_t only, arena *a, partner_plan *out);
/** The forecast of an introduced product by its analogue, FORECAST_MAX buckets; false: it has its own. */
bool planned_ramp(series_world *w, uint32_t partner_no, const planned *p, demand_forecast *out);
/** What becomes of a product's standing suggestion by it. */
standing_step planned_step(txn *t, uint32_t partner_no, const planned *p, suggestion *was);
/** Partners that orders are planned for: they answer for goods and have not ended. Ascending; in `a`. */
size_t planned_partners(series_world *w, arena *a, uint32_t **out);

#endif
