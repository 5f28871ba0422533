#include "daemon/rebate/mechanism.h"

/* early_payment: each row earns by its own days to pay; a return takes back at its own. */

static const char *const keys[] = {"boundary", "bands"};

static bool read_early_payment(policy *p, const node *v, mechanism *m, err *e) {
    TRY(node_ladder(p, v, FROM_COUNT, &m->ladder, e));
    for (size_t i = 0; i < m->ladder.n; i++)
        if (m->ladder.band[i].term.kind == TERM_LUMP)
            return err_set(e, ERR_CONFIG, "line %u: early_payment pays by rate or per_unit, row by row",
                           m->ladder.band[i].line);
    return true;
}

static bool settle_early_payment(const line_facts *f, payout *out, err *e) {
    (void)e;
    out->den = part_den(f->plan);
    return true;
}

static bool part_of_early_payment(const line_facts *f, const payout *p, const part *x, wide *num) {
    (void)p;
    const ladder *l = &f->m->ladder;
    *num = 0;
    if (x->days_to_pay == DAYS_UNPAID) return true;
    for (size_t i = l->n; i-- > 0;) {
        bool reached = x->days_to_pay > l->band[i].from || (!l->above && x->days_to_pay == l->band[i].from);
        if (reached) return part_by_term(f, &l->band[i].term, x, num);
    }
    return true;
}

const mechanism_kind mechanism_early_payment = {.name = "early_payment",
                                                .keys = keys,
                                                .key_count = ARRAY_LEN(keys),
                                                .read = read_early_payment,
                                                .settle = settle_early_payment,
                                                .part = part_of_early_payment};
