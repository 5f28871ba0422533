/* plan — a policy against a world: what can be known before any row is looked at. Which products are in scope, which
 * only count, what a point is worth; targets and drops by number. */
#ifndef REBATE_PLAN_H
#define REBATE_PLAN_H

#include "daemon/rebate/policy.h"
#include "daemon/rebate/world.h"

enum { PRODUCT_IN_SCOPE = 1, PRODUCT_COUNT_ONLY = 2 };

typedef struct plan_drop { /* a fall of a price, or an agreement of ship_and_debit */
    uint32_t product;
    day_t from, until;
    int64_t saved; /* for one base unit, scale PER_UNIT_SCALE; > 0 */
    int64_t limit; /* thousandths; NUM_NONE */
} plan_drop;

typedef struct plan_mechanism {
    uint8_t *group; /* mix: a flag a product */
    plan_drop *drop;
    size_t drops;
} plan_mechanism;

typedef struct plan_target {
    uint32_t partner;
    int32_t period;
    int64_t target; /* in the policy's measure */
} plan_target;

typedef struct plan {
    const policy *p;
    const rebate_world *w;
    uint8_t *product;          /* PRODUCT_ flags */
    bool no_product;           /* rows without a product are in scope */
    int64_t *points;           /* a product, scale POINTS_SCALE; NULL: another measure */
    plan_mechanism *mechanism; /* by mechanism.no */
    plan_target *target;       /* by partner */
    size_t targets;
    int64_t amount_unit; /* amounts are counted in this part of a fen (tax: excl), mostly 1 */
    int32_t last_period;
    bool ordered;   /* what a part earns depends on the parts before it */
    bool baselines; /* a growth policy looks at rows of earlier periods */
} plan;

/** Everything lives in `a`. ERR_DATA: a filter needs attributes that the world does not know, or the price list. */
MUST_USE bool plan_make(const policy *p, const rebate_world *w, arena *a, plan *out, err *e);
bool plan_partner_in_scope(const plan *pl, uint32_t partner);
bool plan_product_matches(const product_scope *s, const rebate_product *product);
/** Who earns on a partner's rows: itself, the highest partner above it in scope, or the group; REBATE_NONE: nobody. */
uint32_t plan_earner(const plan *pl, uint32_t partner);
/** NUM_NONE: no target. */
int64_t plan_target_of(const plan *pl, uint32_t partner, int32_t period);

#endif
