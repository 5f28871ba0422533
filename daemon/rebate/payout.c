#include "daemon/rebate/mechanism.h"

#include "maths/ladder.h"

bool figures_too_large(err *e) {
    return err_set(e, ERR_DATA, "the figures are too large to be reckoned exactly");
}

bool times(wide value, wide factor, wide *out, err *e) {
    return wide_mul(value, factor, out) || figures_too_large(e);
}

wide part_den(const plan *pl) {
    return (wide)TERM_UNITS * pl->amount_unit;
}

/* per_unit is in 10^-4 of the currency, 10^-2 fen, a quantity in 10^-3: together 10^-5 fen */
static wide per_unit_factor(const plan *pl) {
    return (wide)(TERM_UNITS / 100000) * pl->amount_unit;
}

/* Terms at x / whole each, added up. */
typedef struct pile {
    wide rate, per_unit, lump; /* Σ x·ppm, Σ x·per_unit, Σ fen */
} pile;

static bool pile_add(pile *to, const term *t, wide x, err *e) {
    bool ok = t->kind == TERM_RATE       ? wide_add_product(&to->rate, x, t->v)
              : t->kind == TERM_PER_UNIT ? wide_add_product(&to->per_unit, x, t->v)
                                         : wide_add(to->lump, t->v, &to->lump);
    return ok || figures_too_large(e);
}

static void reduce(payout *out) {
    wide g = wide_gcd(wide_gcd(out->den, out->a), wide_gcd(out->q, out->c));
    if (g > 1) out->den /= g, out->a /= g, out->q /= g, out->c /= g;
}

/* A lump is earned by a line with a positive measure; its parts bear it in proportion to theirs. */
static bool pile_pay(const line_facts *f, const pile *p, wide whole, payout *out, err *e) {
    wide own = f->paid.measure;
    out->a = p->rate;
    out->q = out->c = 0;
    bool ok = wide_mul(p->per_unit, per_unit_factor(f->plan), &out->q) && wide_mul(part_den(f->plan), whole, &out->den);
    if (!ok) return figures_too_large(e);
    if (whole > 1) reduce(out);
    if (p->lump == 0 || own <= 0) return true;
    wide g = wide_gcd(p->lump, own), lump = p->lump / g, by = own / g;
    ok = wide_mul(lump, out->den, &out->c) && wide_mul(out->den, by, &out->den) && wide_mul(out->a, by, &out->a) &&
         wide_mul(out->q, by, &out->q);
    reduce(out);
    return ok || figures_too_large(e);
}

bool pay_term(const line_facts *f, const term *t, payout *out, err *e) {
    pile p = {0};
    return pile_add(&p, t, 1, e) && pile_pay(f, &p, 1, out, e);
}

static bool pay_slices(const line_facts *f, const climb *c, size_t reached, payout *out, err *e) {
    const ladder *l = &f->m->ladder;
    pile p = {0};
    wide g = c->whole;
    for (size_t i = 0; i <= reached; i++) g = wide_gcd(g, ladder_slice(c->from, l->n, i, c->value));
    for (size_t i = 0; i <= reached; i++)
        TRY(pile_add(&p, &l->band[i].term, ladder_slice(c->from, l->n, i, c->value) / g, e));
    return pile_pay(f, &p, c->whole / g, out, e);
}

/* How far it is to the next band. */
static void look_up(const line_facts *f, const climb *c, size_t next, payout *out) {
    const ladder *l = &f->m->ladder;
    if (c->unit == 0 || next >= l->n) return;
    out->next = (c->from[next] - c->value + c->unit - 1) / c->unit;
    if (l->above && out->next * c->unit == c->from[next] - c->value) out->next++;
}

bool pay_ladder(const line_facts *f, const climb *c, payout *out, err *e) {
    const ladder *l = &f->m->ladder;
    size_t reached = c->whole > 0 ? ladder_reach(c->from, l->n, c->value, l->above) : LADDER_NONE;
    look_up(f, c, reached == LADDER_NONE ? 0 : reached + 1, out);
    if (reached == LADDER_NONE) {
        out->none = "no band is reached";
        return true;
    }
    out->band = l->band[reached].written;
    if (l->incremental) return pay_slices(f, c, reached, out, e);
    pile p = {0};
    wide g = wide_gcd(c->whole, c->paid);
    return pile_add(&p, &l->band[reached].term, c->paid / g, e) && pile_pay(f, &p, c->whole / g, out, e);
}

bool ladder_thresholds(const line_facts *f, wide factor, wide **out, err *e) {
    const ladder *l = &f->m->ladder;
    *out = arena_alloc(f->a, sizeof **out * (l->n + 1));
    if (*out == NULL) return figures_too_large(e);
    for (size_t i = 0; i < l->n; i++) TRY(times(l->band[i].from, factor, &(*out)[i], e));
    return true;
}

bool part_by_term(const line_facts *f, const term *t, const part *x, wide *num) {
    wide factor = t->kind == TERM_PER_UNIT ? per_unit_factor(f->plan) : 1;
    *num = 0;
    return wide_mul(factor, t->v, &factor) &&
           wide_add_product(num, t->kind == TERM_RATE ? x->amount : x->quantity, factor);
}
