#include "daemon/rebate/mechanism.h"

/* mix: the share of a group of products in W. breadth: the number of products with a net quantity above 0. Both are
 * retrospective. */

static const char *const mix_keys[] = {"group", "pay", "boundary", "bands"};

static bool read_mix(policy *p, const node *v, mechanism *m, err *e) {
    static const char *const pays[] = {"total", "group", NULL};
    const node *group = node_get(v, "group"), *pay = node_get(v, "pay");
    unsigned chosen = 0;
    if (group == NULL) return err_set(e, ERR_CONFIG, "line %u: mix wants group: {skus: […]}", v->line);
    TRY(node_products(p, group, "group", &m->group, e));
    if (pay) TRY(node_choice(pay, "pay", pays, &chosen, e));
    m->pay_group = chosen == 1;
    return node_ladder(p, v, FROM_PERCENT, &m->ladder, e);
}

static bool in_group(const line_facts *f, const part *x) {
    return x->product != REBATE_NONE && f->plan->mechanism[f->m->no].group[x->product];
}

static bool settle_mix(const line_facts *f, payout *out, err *e) {
    wide group = 0, *from;
    for (size_t i = 0; i < f->climbings; i++)
        if (in_group(f, &f->climbing[i])) group += f->climbing[i].measure;
    climb c = {.whole = f->climbed, .paid = f->climbed};
    TRY(ladder_thresholds(f, f->climbed, &from, e) && times(group, TERM_UNITS, &c.value, e));
    c.from = from;
    if (!f->m->pay_group) return pay_ladder(f, &c, out, e);
    line_facts of_group = *f;
    of_group.paid = (part_sums){0};
    for (size_t i = 0; i < f->owns; i++)
        if (!f->own[i].unpaid && in_group(f, &f->own[i])) of_group.paid.measure += f->own[i].measure;
    return pay_ladder(&of_group, &c, out, e);
}

static bool part_of_mix(const line_facts *f, const payout *p, const part *x, wide *num) {
    *num = 0;
    if (f->m->pay_group && !in_group(f, x)) return true;
    return wide_add_product(num, x->amount, p->a) && wide_add_product(num, x->quantity, p->q) &&
           wide_add_product(num, x->measure, p->c);
}

const mechanism_kind mechanism_mix = {.name = "mix",
                                      .keys = mix_keys,
                                      .key_count = ARRAY_LEN(mix_keys),
                                      .read = read_mix,
                                      .settle = settle_mix,
                                      .part = part_of_mix};

/* ---- breadth */

static const char *const breadth_keys[] = {"boundary", "bands"};

static bool read_breadth(policy *p, const node *v, mechanism *m, err *e) {
    return node_ladder(p, v, FROM_COUNT, &m->ladder, e);
}

static bool settle_breadth(const line_facts *f, payout *out, err *e) {
    wide *from, products = 0;
    wide *net = arena_zalloc(f->a, sizeof *net * (f->plan->w->products + 1));
    if (net == NULL) return figures_too_large(e);
    for (size_t i = 0; i < f->climbings; i++) {
        const part *x = &f->climbing[i];
        if (x->product == REBATE_NONE) continue;
        bool was = net[x->product] > 0;
        net[x->product] += x->quantity;
        products += (net[x->product] > 0) - was;
    }
    climb c = {.value = products, .whole = f->climbed, .paid = f->climbed};
    TRY(ladder_thresholds(f, 1, &from, e));
    c.from = from;
    return pay_ladder(f, &c, out, e);
}

const mechanism_kind mechanism_breadth = {.name = "breadth",
                                          .keys = breadth_keys,
                                          .key_count = ARRAY_LEN(breadth_keys),
                                          .read = read_breadth,
                                          .settle = settle_breadth};
