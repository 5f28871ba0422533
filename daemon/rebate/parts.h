/* parts — one partner's rows as a policy looks at them: those of its basis and scope, valued and measured, with period
 * and stage; sorted into cells (period × stage) with their sums. Inside the room. */
#ifndef REBATE_PARTS_H
#define REBATE_PARTS_H

#include "daemon/rebate/evaluate.h"
#include "daemon/rebate/mechanism.h"

typedef struct cell {
    size_t from, n; /* of parts.part */
    part_sums paid;
    wide climbs, before; /* of rows inside `effective`; of all rows, as a baseline */
} cell;

typedef struct parts {
    part *part; /* those inside `effective`, cell by cell, once settled */
    part *all;  /* as taken */
    size_t n, cap;
    int32_t first;  /* period of the first row of cells */
    size_t periods; /* cells: periods × POLICY_STAGES */
    cell *cell;
} parts;

typedef struct period_memo { /* periods of days that were asked for last, by day */
    struct {
        day_t day;
        int32_t period;
        bool known;
    } of[64];
} period_memo;

typedef struct partner_work {
    const plan *plan;
    uint32_t partner;
    const rebate_row *const *row; /* who earns on them is `partner` */
    const uint32_t *member;       /* the partners it earns on */
    size_t rows, members;
    arena *a, *keep; /* scratch of the partner; of the whole evaluation */
    rebate_result *result;
    period_memo *memo;
    bool ordered; /* order within cells matters (trace, limits) */
} partner_work;

void note_add(partner_work *w, rebate_note note);
/** The rows as parts, the part of earlier periods included; not yet in cells. */
MUST_USE bool parts_take(partner_work *w, parts *out, err *e);
/** Sort into cells and add up. Parts outside `effective` are counted as baselines only. */
MUST_USE bool parts_settle(partner_work *w, parts *p, err *e);
/** The cell of a period and stage, NULL when it lies outside. */
static inline const cell *parts_cell(const parts *p, int32_t period, unsigned at) {
    bool known = period >= p->first && (size_t)(period - p->first) < p->periods;
    return known ? &p->cell[(size_t)(period - p->first) * POLICY_STAGES + at] : NULL;
}
/** W of the earlier period a growth mechanism looks at. */
wide parts_baseline(const partner_work *w, const parts *p, const mechanism *m, int32_t period, unsigned stage);
/** Does it count as such, by day and by the period it was moved to? */
bool parts_inside(const plan *pl, const part *x);
/** By day, then document, sku, row. */
int parts_compare(const rebate_world *w, const part *a, const part *b);
void parts_sort(const partner_work *w, part *x, size_t n);
/** Measure of a part, from its amount and quantity. */
MUST_USE bool part_measure(const plan *pl, part *x, err *e);

/* verified.c: quantities that are held back, or moved to the next period, before cells are made */
MUST_USE bool parts_verify(partner_work *w, parts *p, err *e);
MUST_USE bool parts_cap_shelf(partner_work *w, parts *p, err *e);

#endif
