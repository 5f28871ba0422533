#include "daemon/rebate/evaluate.h"

#include "daemon/rebate/line.h"

#include <stdlib.h>

/* Parts that are not flows, of one mechanism of a stage: counts at a drop, claims. */
typedef struct gathered {
    part *part;
    size_t n;
} gathered;

static bool gather(partner_work *w, const mechanism *m, unsigned s, gathered *to, err *e) {
    const policy *p = w->plan->p;
    size_t room = 0, found = 0;
    for (size_t i = 0; i < w->members; i++) room += m->kind->room(w->plan, m, w->member[i]);
    part *all = arena_alloc(w->a, sizeof *all * (room + 1));
    if (all == NULL) return err_set(e, ERR_INTERNAL, "out of memory");
    for (size_t i = 0; i < w->members; i++) found += m->kind->gather(w->plan, m, w->member[i], all + found);
    *to = (gathered){all, 0};
    for (size_t i = 0; i < found; i++) {
        part x = all[i];
        x.period = period_of(p->period, x.day);
        x.stage = s == STAGE_ANY ? STAGE_ANY : (uint8_t)world_stage(w->plan->w, x.product, x.day);
        if (!parts_inside(w->plan, &x) || x.stage != s) continue;
        TRY(part_measure(w->plan, &x, e));
        all[to->n++] = x;
    }
    parts_sort(w, all, to->n);
    return true;
}

static bool gather_all(partner_work *w, gathered *by_mechanism, int32_t *first, int32_t *last, err *e) {
    const policy *p = w->plan->p;
    for (unsigned s = 0; s < POLICY_STAGES; s++)
        for (size_t i = 0; i < p->stage_count[s]; i++) {
            const mechanism *m = &p->stage[s][i];
            gathered *g = &by_mechanism[m->no];
            if (m->kind->gather == NULL) continue;
            TRY(gather(w, m, s, g, e));
            if (g->n && g->part[0].period < *first) *first = g->part[0].period;
            if (g->n && g->part[g->n - 1].period > *last) *last = g->part[g->n - 1].period;
        }
    return true;
}

/* ---- lines */

typedef struct partner_lines {
    partner_work *w;
    const parts *parts;
    const gathered *gathered;
    open_line *open; /* of one period; policy.mechanisms of them */
} partner_lines;

static wide climbed(const policy *p, const parts *all, int32_t period, unsigned s) {
    const cell *own = parts_cell(all, period, s);
    wide sum = 0;
    if (!p->count_all || own == NULL) return own ? own->climbs : 0;
    for (unsigned x = 0; x < POLICY_STAGES; x++) sum += parts_cell(all, period, x)->climbs;
    return sum;
}

static void own_gathered(const gathered *g, line_facts *f) {
    size_t i = 0;
    while (i < g->n && g->part[i].period < f->period) i++;
    f->own = g->part + i;
    while (i + f->owns < g->n && g->part[i + f->owns].period == f->period) {
        f->paid.amount += f->own[f->owns].amount;
        f->paid.quantity += f->own[f->owns].quantity;
        f->paid.measure += f->own[f->owns++].measure;
    }
}

static void climbing_parts(const policy *p, const parts *all, line_facts *f) {
    const cell *own = parts_cell(all, f->period, f->stage);
    const cell *first = parts_cell(all, f->period, p->count_all ? 0 : f->stage);
    const cell *last = parts_cell(all, f->period, p->count_all ? STAGE_ANY : f->stage);
    if (own == NULL) return;
    f->climbing = all->part + first->from;
    f->climbings = last->from + last->n - first->from;
    if (f->m->kind->gather) return;
    f->own = all->part + own->from;
    f->owns = own->n;
    f->paid = own->paid;
}

/* A line has rows of its own; a personal one is for its partner. */
static bool applies(const line_facts *f) {
    bool mine = f->m->partner.n == 0 || str_eq(f->m->partner, f->plan->w->partner[f->partner].id);
    return mine && f->owns;
}

static void link_line(rebate_result *r, rebate_line *line) {
    if (r->last) r->last->next = line;
    else
        r->first = line;
    r->last = line;
    r->lines++;
}

static bool open_one(partner_lines *x, const mechanism *m, int32_t period, unsigned s, open_line *to, bool *opened,
                     err *e) {
    partner_work *w = x->w;
    const cell *c = parts_cell(x->parts, period, s);
    *opened = m->kind->gather || (c && c->n);
    if (!*opened) return true; /* most cells of a policy are empty */
    to->facts = (line_facts){.plan = w->plan, .m = m, .partner = w->partner, .period = period, .stage = s, .a = w->a};
    line_facts *f = &to->facts;
    climbing_parts(w->plan->p, x->parts, f);
    if (m->kind->gather) own_gathered(&x->gathered[m->no], f);
    *opened = applies(f);
    if (!*opened) return true;
    f->climbed = climbed(w->plan->p, x->parts, period, s);
    f->target = plan_target_of(w->plan, w->partner, period);
    if (m->kind == &mechanism_growth) f->baseline = parts_baseline(w, x->parts, m, period, s);
    to->line = arena_alloc(w->keep, sizeof *to->line);
    if (to->line == NULL) return err_set(e, ERR_INTERNAL, "out of memory");
    *to->line = (rebate_line){.partner = w->partner, .period = period, .stage = s, .mechanism = m->kind->name};
    link_line(w->result, to->line);
    return line_settle(to, e);
}

static bool period_lines(partner_lines *x, int32_t period, bool trace, err *e) {
    const policy *p = x->w->plan->p;
    size_t n = 0;
    for (unsigned s = STAGE_INTRODUCTION; s < POLICY_STAGES; s++)
        for (size_t i = 0; i < p->stage_count[s]; i++) {
            bool opened;
            TRY(open_one(x, &p->stage[s][i], period, s, &x->open[n], &opened, e));
            n += opened;
        }
    if (n == 0) return true;
    TRY(lines_bound(x->w, x->open, n, e));
    for (size_t i = 0; trace && i < n; i++) TRY(line_trace(x->w, &x->open[i], e));
    return true;
}

static bool evaluate_partner(partner_work *w, bool trace, err *e) {
    const policy *p = w->plan->p;
    parts all;
    gathered *g = arena_zalloc(w->a, sizeof *g * p->mechanisms);
    partner_lines x = {w, &all, g, arena_alloc(w->a, sizeof *x.open * p->mechanisms)};
    if (!g || !x.open) return err_set(e, ERR_INTERNAL, "out of memory");
    TRY(parts_take(w, &all, e));
    if (p->basis == BASIS_VERIFIED) TRY(parts_verify(w, &all, e));
    if (p->shelf_months != NUM_NONE && p->basis == BASIS_SELL_IN) TRY(parts_cap_shelf(w, &all, e));
    TRY(parts_settle(w, &all, e));
    int32_t first = all.periods ? all.first : INT32_MAX, last = all.first + (int32_t)all.periods - 1;
    if (all.periods == 0) last = INT32_MIN;
    TRY(gather_all(w, g, &first, &last, e));
    for (int64_t period = first; period <= last; period++) TRY(period_lines(&x, (int32_t)period, trace, e));
    return true;
}

/* ---- all partners */

/* Who earns on whom, and on which rows: row[row_from[i]] … row[row_from[i + 1] - 1] are partner i's, so are members. */
typedef struct earners {
    const rebate_row **row;
    uint32_t *member;
    size_t *row_from, *member_from;
} earners;

static bool find_earners(const plan *pl, arena *a, earners *to) {
    const rebate_world *w = pl->w;
    uint32_t *earner = arena_alloc(a, sizeof *earner * (w->partners + 1));
    *to = (earners){.row = arena_alloc(a, sizeof *to->row * (w->rows + 1)),
                    .member = arena_alloc(a, sizeof *to->member * (w->partners + 1)),
                    .row_from = arena_zalloc(a, sizeof *to->row_from * (w->partners + 2)),
                    .member_from = arena_zalloc(a, sizeof *to->member_from * (w->partners + 2))};
    if (!earner || !to->row || !to->member || !to->row_from || !to->member_from) return false;
    for (uint32_t i = 0; i < w->partners; i++) {
        earner[i] = plan_earner(pl, i);
        if (earner[i] != REBATE_NONE) to->member_from[earner[i] + 2]++;
    }
    for (size_t i = 0; i < w->rows; i++)
        if (earner[w->row[i].partner] != REBATE_NONE) to->row_from[earner[w->row[i].partner] + 2]++;
    for (size_t i = 2; i < w->partners + 2; i++) {
        to->row_from[i] += to->row_from[i - 1];
        to->member_from[i] += to->member_from[i - 1];
    }
    for (uint32_t i = 0; i < w->partners; i++)
        if (earner[i] != REBATE_NONE) to->member[to->member_from[earner[i] + 1]++] = i;
    for (size_t i = 0; i < w->rows; i++)
        if (earner[w->row[i].partner] != REBATE_NONE)
            to->row[to->row_from[earner[w->row[i].partner] + 1]++] = &w->row[i];
    return true;
}

static bool evaluate_all(const plan *pl, rebate_options how, arena *a, arena *own, rebate_result *out, err *e) {
    AUTO(arena) scratch = {0};
    earners of;
    period_memo memo = {0};
    size_t most = 0;
    arena_init(&scratch, SIZE_MAX);
    if (!find_earners(pl, own, &of)) return err_set(e, ERR_INTERNAL, "out of memory");
    for (uint32_t i = 0; i < pl->w->partners; i++) {
        if (of.member_from[i] == of.member_from[i + 1]) continue;
        partner_work w = {.plan = pl,
                          .partner = i,
                          .row = of.row + of.row_from[i],
                          .rows = of.row_from[i + 1] - of.row_from[i],
                          .member = of.member + of.member_from[i],
                          .members = of.member_from[i + 1] - of.member_from[i],
                          .a = &scratch,
                          .keep = a,
                          .result = out,
                          .memo = &memo,
                          .ordered = how.trace || pl->ordered};
        arena_reuse(&scratch, &most);
        TRY(evaluate_partner(&w, how.trace, e) ||
            err_wrap(e, "partner '%.*s'", STR_ARG(str_take(pl->w->partner[i].id, 64))));
    }
    return true;
}

bool rebate_evaluate(const policy *p, const rebate_world *w, rebate_options how, arena *a, rebate_result *out, err *e) {
    AUTO(arena) own = {0};
    arena *work = how.work ? how.work : &own;
    plan pl;
    arena_init(&own, SIZE_MAX);
    *out = (rebate_result){0};
    return plan_make(p, w, work, &pl, e) && evaluate_all(&pl, how, a, work, out, e);
}
