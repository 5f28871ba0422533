#include "daemon/rebate/outlook.h"

#include <stdlib.h>

enum { WEEKS = 8, WEEK = 7, LATE_DAYS = 7, WHOLE = 1000000 };

/* ---- run rate of one partner */

typedef struct ahead {
    books *b;
    const policy *p;
    int32_t period;
    day_t end; /* of the period, within the policy */
    arena *a;
    outlook *out;
} ahead;

typedef struct product_rate {
    uint32_t product;
    int64_t amount[WEEK], quantity[WEEK];
} product_rate;

typedef struct rate {
    product_rate *v;
    size_t n;
    int64_t week[WEEKS]; /* measure of each week, the last first */
    int weeks;
    day_t last; /* the day after which days are to come */
} rate;

static int by_product(const void *x, const void *y) {
    const rebate_row *a = x, *b = y;
    return (a->product > b->product) - (a->product < b->product);
}

static bool sold(const ahead *o, const rebate_row *r) {
    bool out = r->kind == FLOW_SELL_OUT || r->kind == FLOW_RETURN || r->kind == FLOW_ONWARD;
    bool in = r->kind == FLOW_SELL_IN || r->kind == FLOW_RETURN_OUT;
    return o->p->basis == BASIS_PAYMENT ? r->kind == FLOW_PAYMENT : o->p->basis == BASIS_SELL_IN ? in : out;
}

static unsigned weekday(day_t d) {
    return (unsigned)((d % WEEK + WEEK) % WEEK);
}

static bool rate_of(ahead *o, uint32_t at, rate *out, err *e) {
    rebate_row *row;
    size_t n;
    day_t today = o->b->today, first = DAY_MAX;
    TRY(books_flows(o->b, o->p, at, today - LATE_DAYS - WEEKS * WEEK, today, o->a, &row, &n, e));
    *out = (rate){.last = today - LATE_DAYS, .v = ARENA_NEW(o->a, product_rate, n + 1)};
    for (size_t i = 0; i < n; i++) {
        if (!sold(o, &row[i])) continue;
        if (row[i].day > out->last) out->last = row[i].day;
        if (row[i].day < first) first = row[i].day;
    }
    if (first == DAY_MAX) return true;
    qsort(row, n, sizeof *row, by_product);
    out->weeks = (int)((out->last - first) / WEEK) + 1;
    if (out->weeks > WEEKS) out->weeks = WEEKS;
    for (size_t i = 0; i < n; i++) {
        const rebate_row *r = &row[i];
        int64_t amount = r->amount == NUM_NONE ? 0 : r->amount;
        int back = (int)((out->last - r->day) / WEEK);
        if (!sold(o, r) || back >= WEEKS) continue;
        if (out->n == 0 || out->v[out->n - 1].product != r->product) out->v[out->n++].product = r->product;
        out->v[out->n - 1].amount[weekday(r->day)] += amount;
        out->v[out->n - 1].quantity[weekday(r->day)] += r->quantity;
        out->week[back] += o->p->measure == MEASURE_AMOUNT ? amount : r->quantity;
    }
    return true;
}

/* Least and greatest week against their mean, parts per million. */
static void range_of(const rate *r, int64_t factor[3]) {
    int64_t least = INT64_MAX, most = 0, sum = 0;
    for (int i = 0; i < r->weeks; i++) {
        int64_t w = r->week[i] > 0 ? r->week[i] : 0;
        if (w < least) least = w;
        if (w > most) most = w;
        sum += w;
    }
    factor[0] = factor[1] = factor[2] = WHOLE;
    if (sum <= 0) return;
    (void)mul_div(least * r->weeks, WHOLE, sum, &factor[0]);
    (void)mul_div(most * r->weeks, WHOLE, sum, &factor[2]);
}

/* ---- what is to come, as rows */

static void add_row(ahead *h, const rebate_row *row, const int64_t factor[3]) {
    outlook *o = h->out;
    if (o->rows == o->cap) {
        o->cap = o->cap ? 2 * o->cap : 1024;
        for (int k = 0; k < OUTLOOK_CASES; k++) {
            o->row[k] = reallocarray(o->row[k], o->cap, sizeof *o->row[k]);
            ASSERT(o->row[k] != NULL);
        }
    }
    for (int k = 0; k < OUTLOOK_CASES; k++) {
        rebate_row *to = &o->row[k][o->rows];
        *to = *row;
        (void)mul_div(row->amount, factor[k], WHOLE, &to->amount);
        (void)mul_div(row->quantity, factor[k], WHOLE, &to->quantity);
    }
    o->rows++;
}

/* Days from … to of one product, as one row on the last of them. */
static void add_days(ahead *o, uint32_t at, const product_rate *x, int weeks, day_t from, day_t to,
                     const int64_t factor[3]) {
    const flow_kind kinds[] = {[BASIS_SELL_IN] = FLOW_SELL_IN,
                               [BASIS_SELL_OUT] = FLOW_SELL_OUT,
                               [BASIS_SELL_OUT_ALL] = FLOW_SELL_OUT,
                               [BASIS_VERIFIED] = FLOW_SELL_OUT,
                               [BASIS_PAYMENT] = FLOW_PAYMENT};
    rebate_row row = {.partner = at,
                      .product = x->product,
                      .document = REBATE_NONE,
                      .day = to,
                      .kind = kinds[o->p->basis],
                      .days_to_pay = DAYS_UNPAID,
                      .tax_rate = NUM_NONE};
    int64_t days = to - from + 1;
    for (day_t d = from; d <= to && d < from + WEEK; d++) {
        int64_t times = (days - (d - from) + WEEK - 1) / WEEK; /* such weekdays in the span */
        int64_t amount = 0, quantity = 0;
        (void)mul_div(x->amount[weekday(d)], times, weeks, &amount);
        (void)mul_div(x->quantity[weekday(d)], times, weeks, &quantity);
        row.amount += amount;
        row.quantity += quantity;
    }
    if (row.amount || row.quantity) add_row(o, &row, factor);
}

/* A change of stage to come cuts the days. */
static bool suppose(ahead *o, uint32_t at, err *e) {
    rate r;
    int64_t factor[3];
    TRY(rate_of(o, at, &r, e));
    range_of(&r, factor);
    for (size_t i = 0; i < r.n; i++) {
        day_t from = r.last + 1,
              begin = o->p->period == PERIOD_ONCE ? o->p->from : period_first(o->p->period, o->period);
        uint32_t item = r.v[i].product;
        if (from < begin) from = begin;
        if (from < o->p->from) from = o->p->from;
        for (size_t s = 0; item != REBATE_NONE && s < o->b->world.product[item].stages; s++) {
            day_t change = o->b->world.product[item].timeline[s].from;
            if (change <= from || change > o->end) continue;
            add_days(o, at, &r.v[i], r.weeks, from, change - 1, factor);
            from = change;
        }
        if (from <= o->end) add_days(o, at, &r.v[i], r.weeks, from, o->end, factor);
    }
    return true;
}

/* ---- for commands and accruals */

void outlook_auto(outlook *o) {
    for (int k = 0; k < OUTLOOK_CASES; k++) free(o->row[k]);
}

bool outlook_end(const policy *p, int32_t period, day_t *end) {
    *end = p->period == PERIOD_ONCE ? p->to : period_last(p->period, period);
    if (*end > p->to) *end = p->to;
    return *end != DAY_MAX && period >= period_of(p->period, p->from) && period <= period_of(p->period, p->to);
}

bool outlook_runs(const books *b, const policy *p, int32_t *period, day_t *end) {
    *period = period_of(p->period, b->today);
    return outlook_end(p, *period, end) && b->today >= p->from && b->today <= *end;
}

bool outlook_suppose(books *b, const policy *p, int32_t period, uint32_t partner_no, arena *a, outlook *out, err *e) {
    ahead h = {.b = b, .p = p, .period = period, .a = a, .out = out};
    if (!outlook_end(p, period, &h.end)) return true;
    for (uint32_t i = 0; i < b->world.partners; i++) {
        uint32_t no = b->partner_no[i];
        if (partner_no && partner_no != no && p->roll_up == ROLL_SELF) continue;
        if (partner_fact_of(&b->facts, no)->reporter == no) TRY(suppose(&h, i, e));
    }
    return true;
}

bool outlook_evaluate(books *b, const policy *p, int32_t period, uint32_t partner_no, const outlook *o,
                      outlook_case which, arena *a, books_result *out, err *e) {
    books_ask ask = BOOKS_ALL;
    ask.partner = partner_no;
    ask.first = ask.last = period;
    ask.row = o->row[which];
    ask.rows = o->rows;
    return books_evaluate(b, p, &ask, a, out, e);
}

const rebate_line *outlook_line(const rebate_line **from, const rebate_line *like) {
    while (*from &&
           ((*from)->partner < like->partner || ((*from)->partner == like->partner && (*from)->stage < like->stage)))
        *from = (*from)->next;
    for (const rebate_line *l = *from; l && l->partner == like->partner && l->stage == like->stage; l = l->next)
        if (strcmp(l->mechanism, like->mechanism) == 0) return l;
    return NULL;
}
