#include "daemon/rebate/line.h"

#include "maths/share.h"

/* ---- one line */

/* What a part earns, over pay.den. */
static bool part_earns(const open_line *l, const part *x, wide *num) {
    const payout *p = &l->pay;
    *num = 0;
    if (x->unpaid || p->none) return true;
    if (l->facts.m->kind->part) return l->facts.m->kind->part(&l->facts, p, x, num);
    return wide_add_product(num, x->amount, p->a) && wide_add_product(num, x->quantity, p->q) &&
           wide_add_product(num, x->measure, p->c);
}

static bool line_sum(const open_line *l, wide *num, err *e) {
    const payout *p = &l->pay;
    const part_sums *s = &l->facts.paid;
    bool ok = true;
    *num = 0;
    if (p->none) return true;
    if (l->facts.m->kind->part == NULL) {
        ok = wide_add_product(num, s->amount, p->a) && wide_add_product(num, s->quantity, p->q) &&
             wide_add_product(num, s->measure, p->c);
        return ok || figures_too_large(e);
    }
    for (size_t i = 0; ok && i < l->facts.owns; i++) {
        wide earns;
        ok = part_earns(l, &l->facts.own[i], &earns) && wide_add(*num, earns, num);
    }
    return ok || figures_too_large(e);
}

static bool line_next(open_line *l) {
    wide unit = l->facts.plan->p->measure == MEASURE_AMOUNT ? l->facts.plan->amount_unit : 1;
    l->line->to_next = NUM_NONE;
    if (!wide_round(l->facts.climbed, unit, &l->line->climbed)) return false;
    return l->pay.next <= 0 || wide_fits((l->pay.next + unit - 1) / unit, &l->line->to_next);
}

bool line_settle(open_line *l, err *e) {
    const mechanism_kind *kind = l->facts.m->kind;
    rebate_line *line = l->line;
    wide num;
    l->pay = (payout){.den = 1, .none = kind->settle ? NULL : "the mechanism is none"};
    if (kind->settle) TRY(kind->settle(&l->facts, &l->pay, e));
    TRY(line_sum(l, &num, e));
    line->band = l->pay.band;
    line->none = l->pay.none;
    line->earned = 0;
    bool ok = num <= 0 || wide_round(num, l->pay.den, &line->earned);
    line->amount = line->earned;
    ok = ok && wide_round(l->facts.paid.amount, l->facts.plan->amount_unit, &line->basis_amount) &&
         wide_fits(l->facts.paid.quantity, &line->basis_quantity);
    return (ok && line_next(l)) || figures_too_large(e);
}

/* ---- all lines of a partner and period */

static int64_t bounded(const policy *p, int64_t sum) {
    if (p->floor != NUM_NONE && sum > 0 && sum < p->floor) sum = p->floor;
    if (p->guarantee != NUM_NONE && sum < p->guarantee) sum = p->guarantee;
    if (p->cap != NUM_NONE && sum > p->cap) sum = p->cap;
    return sum;
}

/* Shared by what each line earned; when none earned anything the first line takes it. */
static bool share_lines(partner_work *w, open_line *l, size_t n, int64_t sum, err *e) {
    wide *weight = arena_alloc(w->a, sizeof *weight * n), all = 0;
    int64_t *dues = arena_alloc(w->a, sizeof *dues * n);
    if (!weight || !dues) return figures_too_large(e);
    for (size_t i = 0; i < n; i++) all += weight[i] = l[i].line->amount;
    if (all == 0) weight[0] = 1;
    if (!share_out(sum, weight, n, dues, w->a)) return figures_too_large(e);
    for (size_t i = 0; i < n; i++) l[i].line->amount = dues[i];
    return true;
}

bool lines_bound(partner_work *w, open_line *l, size_t n, err *e) {
    const policy *p = w->plan->p;
    wide all = 0;
    int64_t sum;
    for (size_t i = 0; i < n; i++) all += l[i].line->amount;
    if (!wide_fits(all, &sum)) return figures_too_large(e);
    int64_t due = bounded(p, sum);
    TRY(due == sum || share_lines(w, l, n, due, e));
    if (p->minimum_payout != NUM_NONE && due > 0 && due < p->minimum_payout) {
        note_add(
            w, (rebate_note){.kind = NOTE_CARRIED, .product = REBATE_NONE, .period = l[0].line->period, .amount = due});
        for (size_t i = 0; i < n; i++) l[i].line->carried = l[i].line->amount, l[i].line->amount = 0;
    }
    return true;
}

/* ---- trace */

static bool trace_shares(partner_work *w, const open_line *l, const part *const *x, size_t n, int64_t *share, err *e) {
    wide *weight = arena_alloc(w->a, sizeof *weight * (n + 1));
    bool ok = weight != NULL;
    for (size_t i = 0; ok && i < n; i++) ok = part_earns(l, x[i], &weight[i]);
    if (!ok) return figures_too_large(e);
    memset(share, 0, sizeof *share * n);
    if (l->line->amount == 0 || share_out(l->line->amount, weight, n, share, w->a)) return true;
    memset(share, 0, sizeof *share * n);
    share[0] = l->line->amount; /* a guarantee on what earned nothing */
    return true;
}

bool line_trace(partner_work *w, open_line *l, err *e) {
    const line_facts *f = &l->facts;
    bool by_amount = f->plan->p->measure == MEASURE_AMOUNT;
    const part **x = arena_alloc(w->a, sizeof *x * (f->owns + 1));
    int64_t *share = arena_alloc(w->a, sizeof *share * (f->owns + 1));
    size_t n = 0;
    if (!x || !share) return figures_too_large(e);
    for (size_t i = 0; i < f->owns; i++)
        if (!f->own[i].unpaid) x[n++] = &f->own[i];
    bool only_climb = n == 0 && l->line->amount != 0; /* guaranteed all the same */
    for (size_t i = 0; only_climb && i < f->owns; i++) x[n++] = &f->own[i];
    TRY(trace_shares(w, l, x, n, share, e));
    l->line->trace = ARENA_NEW(w->keep, rebate_trace, n + 1);
    for (size_t i = 0; i < n; i++) {
        rebate_trace *t = &l->line->trace[l->line->traces++];
        *t = (rebate_trace){x[i]->product, x[i]->document, x[i]->no, x[i]->day, x[i]->measure, share[i]};
        if (by_amount && !wide_round(x[i]->measure, f->plan->amount_unit, &t->basis)) return figures_too_large(e);
    }
    return true;
}
