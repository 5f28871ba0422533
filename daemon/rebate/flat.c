#include "daemon/rebate/mechanism.h"

/* flat: one term on all of the line. personal: the same, a supplement for one partner. */

static const char *const flat_keys[] = {"rate", "per_unit", "lump"};

static bool read_flat(policy *p, const node *v, mechanism *m, err *e) {
    (void)p;
    return node_term(v, "flat", &m->term, e);
}

static bool settle_flat(const line_facts *f, payout *out, err *e) {
    return pay_term(f, &f->m->term, out, e);
}

const mechanism_kind mechanism_flat = {
    .name = "flat", .keys = flat_keys, .key_count = ARRAY_LEN(flat_keys), .read = read_flat, .settle = settle_flat};

static const char *const personal_keys[] = {"partner", "rate", "per_unit", "lump"};

static bool read_personal(policy *p, const node *v, mechanism *m, err *e) {
    const node *whose = node_get(v, "partner");
    if (whose == NULL) return err_set(e, ERR_CONFIG, "line %u: personal wants partner: ID", v->line);
    return node_word(p, whose, "partner", &m->partner, e) && node_term(v, "personal", &m->term, e);
}

static bool settle_personal(const line_facts *f, payout *out, err *e) {
    if (str_eq(f->plan->w->partner[f->partner].id, f->m->partner)) return settle_flat(f, out, e);
    out->none = "it is for another partner";
    return true;
}

const mechanism_kind mechanism_personal = {.name = "personal",
                                           .keys = personal_keys,
                                           .key_count = ARRAY_LEN(personal_keys),
                                           .read = read_personal,
                                           .settle = settle_personal};
