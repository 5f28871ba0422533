#include "daemon/rebate/budget.h"

#include "maths/share.h"

#include <stdlib.h>

typedef struct line_at {
    rebate_line *line;
    size_t no; /* as they come */
} line_at;

static int by_period(const void *x, const void *y) {
    const line_at *a = x, *b = y;
    if (a->line->period != b->line->period) return a->line->period < b->line->period ? -1 : 1;
    return (a->no > b->no) - (a->no < b->no);
}

static bool too_large(const policy *p, err *e) {
    return err_set(e, ERR_DATA, "policy '%.*s': the sum of its lines is too large", STR_ARG(p->name));
}

/* What stands against the budget: also what is carried on to be paid later. */
static int64_t used_by(const rebate_line *l) {
    return l->amount + l->carried;
}

static void reduce(rebate_line *l, int64_t to) {
    l->cut = used_by(l) - to;
    *(l->carried ? &l->carried : &l->amount) = to;
}

/* The lines of one period share what is left of the budget. */
static bool serve(const policy *p, const line_at *v, size_t n, int64_t *left, arena *a, err *e) {
    wide sum = 0;
    int64_t all;
    for (size_t i = 0; i < n; i++) sum += used_by(v[i].line);
    if (!wide_fits(sum, &all)) return too_large(p, e);
    if (all <= *left) return *left -= all, true;
    wide *weight = ARENA_NEW(a, wide, n);
    int64_t *share = ARENA_NEW(a, int64_t, n);
    for (size_t i = 0; i < n; i++) weight[i] = used_by(v[i].line);
    if (*left == 0) memset(share, 0, n * sizeof *share);
    else if (!share_out(*left, weight, n, share, a))
        return too_large(p, e);
    for (size_t i = 0; i < n; i++) reduce(v[i].line, share[i]);
    *left = 0;
    return true;
}

static bool cut_lines(const policy *p, rebate_result *r, arena *a, err *e) {
    line_at *v = ARENA_NEW(a, line_at, r->lines + 1);
    size_t n = 0;
    int64_t left = p->budget;
    for (rebate_line *l = r->first; l; l = l->next, n++) v[n] = (line_at){l, n};
    if (n) qsort(v, n, sizeof *v, by_period);
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from; to < n && v[to].line->period == v[from].line->period;) to++;
        TRY(serve(p, v + from, to - from, &left, a, e));
    }
    return true;
}

static bool cut_trace(const policy *p, rebate_line *l, arena *a, err *e) {
    wide *weight = ARENA_NEW(a, wide, l->traces + 1);
    int64_t *share = ARENA_NEW(a, int64_t, l->traces + 1);
    for (size_t i = 0; i < l->traces; i++) weight[i] = l->trace[i].amount;
    if (l->amount == 0) memset(share, 0, l->traces * sizeof *share);
    else if (!share_out(l->amount, weight, l->traces, share, a))
        return too_large(p, e);
    for (size_t i = 0; i < l->traces; i++) l->trace[i].amount = share[i];
    return true;
}

static bool same(const rebate_line *x, const rebate_line *y) {
    return x->partner == y->partner && x->period == y->period && x->stage == y->stage &&
           strcmp(x->mechanism, y->mechanism) == 0;
}

/* Both come in the same order, and every line of `some` is one of `all`. */
static void take_over(rebate_result *some, const rebate_result *all) {
    const rebate_line *from = all->first;
    for (rebate_line *l = some->first; l; l = l->next) {
        while (from && !same(from, l)) from = from->next;
        if (from == NULL) return;
        l->amount = from->amount;
        l->carried = from->carried;
        l->cut = from->cut;
        from = from->next;
    }
}

bool budget_stop(books *b, const policy *p, const books_ask *ask, arena *a, books_result *r, err *e) {
    bool whole = ask->partner == 0 && ask->first <= period_of(p->period, p->from);
    if (p->budget == NUM_NONE) return true;
    if (whole) {
        TRY(cut_lines(p, &r->lines, a, e));
    } else {
        AUTO(arena) own = {0};
        policy goes_on = *p;
        books_ask everybody = *ask;
        books_result all;
        goes_on.budget_stop = false;
        everybody.partner = 0;
        everybody.first = INT32_MIN;
        everybody.trace = false;
        everybody.take = NULL;
        arena_init(&own, SIZE_MAX); /* as large as what the policy pays */
        TRY(books_evaluate(b, &goes_on, &everybody, &own, &all, e));
        TRY(cut_lines(p, &all.lines, &own, e));
        take_over(&r->lines, &all.lines);
    }
    for (rebate_line *l = r->lines.first; l; l = l->next)
        if (l->cut && l->traces) TRY(cut_trace(p, l, a, e));
    return true;
}
