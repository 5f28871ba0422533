#include "daemon/rebate/mechanism.h"

/* activity: a share of what an approved claim (display, promotion, fair) cost, up to a fixed budget of the who and
 * period. Claims beyond it are cut in proportion. */

static const char *const keys[] = {"share", "budget"};

static bool read_activity(policy *p, const node *v, mechanism *m, err *e) {
    const node *share = node_get(v, "share"), *budget = node_get(v, "budget");
    (void)p;
    m->share = TERM_UNITS;
    if (share) TRY(node_percent(share, "share", &m->share, e));
    return budget == NULL || node_money(budget, "budget", &m->budget, e);
}

static size_t claims_of(const plan *pl, uint32_t who, size_t *from) {
    size_t n;
    *from = world_slice(pl->w->claim, pl->w->claims, sizeof *pl->w->claim, who, &n);
    return n;
}

static size_t room_for_claims(const plan *pl, const mechanism *m, uint32_t who) {
    size_t from;
    (void)m;
    return claims_of(pl, who, &from);
}

static size_t gather_claims(const plan *pl, const mechanism *m, uint32_t who, part *out) {
    size_t from, found = 0, n = claims_of(pl, who, &from);
    (void)m;
    for (size_t i = from; i < from + n; i++) {
        const rebate_claim *c = &pl->w->claim[i];
        bool inside = c->product == REBATE_NONE ? pl->no_product : pl->product[c->product] & PRODUCT_IN_SCOPE;
        if (!inside) continue;
        out[found++] = (part){.product = c->product,
                              .document = c->document,
                              .no = c->no,
                              .day = c->day,
                              .amount = c->amount * pl->amount_unit,
                              .measure = pl->p->measure == MEASURE_AMOUNT ? c->amount * pl->amount_unit : 0};
    }
    return found;
}

static bool settle_activity(const line_facts *f, payout *out, err *e) {
    wide earned, budget;
    *out = (payout){.den = part_den(f->plan), .a = f->m->share};
    if (f->m->budget == NUM_NONE) return true;
    TRY(times(f->paid.amount, out->a, &earned, e) && times(f->m->budget, out->den, &budget, e));
    if (earned <= budget) return true;
    wide g = wide_gcd(f->m->budget, f->paid.amount);
    *out = (payout){.den = f->paid.amount / g, .a = f->m->budget / g};
    return true;
}

const mechanism_kind mechanism_activity = {.name = "activity",
                                           .keys = keys,
                                           .key_count = ARRAY_LEN(keys),
                                           .read = read_activity,
                                           .settle = settle_activity,
                                           .room = room_for_claims,
                                           .gather = gather_claims};
