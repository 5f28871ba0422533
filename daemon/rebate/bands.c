#include "daemon/rebate/mechanism.h"

/* bands: W against thresholds in the policy's measure. */

static const char *const keys[] = {"mode", "boundary", "bands"};

static bool read_bands(policy *p, const node *v, mechanism *m, err *e) {
    return node_ladder(p, v, FROM_MEASURE, &m->ladder, e);
}

static bool settle_bands(const line_facts *f, payout *out, err *e) {
    climb c = {.value = f->climbed, .whole = f->climbed, .paid = f->climbed, .unit = 1};
    wide *from;
    wide unit = f->plan->p->measure == MEASURE_AMOUNT ? f->plan->amount_unit : 1;
    TRY(ladder_thresholds(f, unit, &from, e));
    c.from = from;
    return pay_ladder(f, &c, out, e);
}

const mechanism_kind mechanism_bands = {
    .name = "bands", .keys = keys, .key_count = ARRAY_LEN(keys), .read = read_bands, .settle = settle_bands};
