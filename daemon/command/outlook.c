/* rebate outlook: where a period will end.
 *
 *   run rate    what a partner sold of a product on each weekday in the last 8 weeks, divided by 8 (younger: by its weeks)
 *   expected    what stands in the books + for each day to come the run rate of its weekday
 *   low, high   the same with the run rate × least, × greatest of these weeks ÷ their mean
 *
 * Days to come begin after the last day with sales, at most 7 days before today, so that reports on their way count as
 * sales to come. Each of the three goes through the engine: bands, stages to come, caps and all. A look ahead: nothing is
 * posted by it. */
#include "daemon/command/cells.h"
#include "daemon/command/rebate.h"

#include <stdlib.h>

enum { WEEKS = 8, WEEK = 7, LATE_DAYS = 7, NEAR_PERCENT = 10, WHOLE = 1000000 };

typedef struct outlook {
    call *c;
    books *b;
    const policy *p;
    int32_t period;
    day_t end; /* of the period, within the policy */
    arena a;
    rebate_row *row[3]; /* what is supposed: low, expected, high; by partner */
    size_t rows, cap;
} outlook;

/* ---- run rate of one partner */

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

static bool sold(const outlook *o, const rebate_row *r) {
    bool out = r->kind == FLOW_SELL_OUT || r->kind == FLOW_RETURN || r->kind == FLOW_ONWARD;
    bool in = r->kind == FLOW_SELL_IN || r->kind == FLOW_RETURN_OUT;
    return o->p->basis == BASIS_PAYMENT ? r->kind == FLOW_PAYMENT : o->p->basis == BASIS_SELL_IN ? in : out;
}

static unsigned weekday(day_t d) {
    return (unsigned)((d % WEEK + WEEK) % WEEK);
}

static bool rate_of(outlook *o, uint32_t at, rate *out, err *e) {
    rebate_row *row;
    size_t n;
    day_t today = o->b->today, first = DAY_MAX;
    TRY(books_flows(o->b, o->p, at, today - LATE_DAYS - WEEKS * WEEK, today, &o->a, &row, &n, e));
    *out = (rate){.last = today - LATE_DAYS, .v = ARENA_NEW(&o->a, product_rate, n + 1)};
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

static void add_row(outlook *o, const rebate_row *row, const int64_t factor[3]) {
    if (o->rows == o->cap) {
        o->cap = o->cap ? 2 * o->cap : 1024;
        for (int k = 0; k < 3; k++) {
            o->row[k] = reallocarray(o->row[k], o->cap, sizeof *o->row[k]);
            ASSERT(o->row[k] != NULL);
        }
    }
    for (int k = 0; k < 3; k++) {
        rebate_row *to = &o->row[k][o->rows];
        *to = *row;
        (void)mul_div(row->amount, factor[k], WHOLE, &to->amount);
        (void)mul_div(row->quantity, factor[k], WHOLE, &to->quantity);
    }
    o->rows++;
}

/* Days from … to of one product, as one row on the last of them. */
static void add_days(outlook *o, uint32_t at, const product_rate *x, int weeks, day_t from, day_t to,
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
static bool suppose(outlook *o, uint32_t at, err *e) {
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

/* ---- the answer */

static const char *const columns[] = {"partner",         "policy",    "period",     "stage",     "mechanism",
                                      "so_far",          "band",      "amount",     "expected",  "band_expected",
                                      "amount_expected", "band_low",  "amount_low", "band_high", "amount_high",
                                      "to_next",         "days_left", "zh"};

/* The line of another evaluation that stands for the same; NULL: none. *from moves on. */
static const rebate_line *same_line(const rebate_line **from, const rebate_line *like) {
    while (*from &&
           ((*from)->partner < like->partner || ((*from)->partner == like->partner && (*from)->stage < like->stage)))
        *from = (*from)->next;
    for (const rebate_line *l = *from; l && l->partner == like->partner && l->stage == like->stage; l = l->next)
        if (strcmp(l->mechanism, like->mechanism) == 0) return l;
    return NULL;
}

static void cell_measure(json *j, const char *name, const policy *p, int64_t v) {
    json_key(j, name);
    if (v == NUM_NONE) json_none(j);
    else
        json_dec(j, v, policy_measure_scale(p), p->measure == MEASURE_AMOUNT ? FEN_SCALE : 0);
}

static void put_nudge(json *j, const policy *p, int64_t lacks) {
    AUTO(buf) b = {0};
    bool fen = p->measure == MEASURE_AMOUNT;
    if (lacks == NUM_NONE) {
        cell_text(j, "zh", STR_NONE);
        return;
    }
    buf_addz(&b, fen ? "还差 ¥" : "还差 ");
    dec_put(&b, lacks, policy_measure_scale(p), fen ? FEN_SCALE : 0);
    buf_addz(&b, " 到下一档");
    cell_text(j, "zh", buf_str(&b));
}

static bool differ(const rebate_line *a, const rebate_line *b) {
    return a && b && !str_eq(a->band.p ? a->band : STR(""), b->band.p ? b->band : STR(""));
}

static bool wanted(const outlook *o, const rebate_line *expected, const rebate_line *high) {
    bool near = expected->to_next != NUM_NONE && expected->climbed > 0 &&
                expected->to_next <= expected->climbed / 100 * NEAR_PERCENT;
    if (call_flag(o->c, "near")) return near;
    return !call_flag(o->c, "missing") || differ(expected, high);
}

static void put_outlook(outlook *o, const rebate_line *l, const rebate_line *now, const rebate_line *low,
                        const rebate_line *high) {
    const policy *p = o->p;
    json *j = answer_row(o->c);
    cell_text(j, "partner", o->b->world.partner[l->partner].id);
    cell_text(j, "policy", p->name);
    cell_period(j, "period", p, l->period);
    cell_text(j, "stage", str_of(policy_stage_name(l->stage)));
    cell_text(j, "mechanism", str_of(l->mechanism));
    cell_measure(j, "so_far", p, now ? now->climbed : 0);
    cell_text(j, "band", now ? now->band : STR_NONE);
    cell_fen(j, "amount", now ? now->amount : 0);
    cell_measure(j, "expected", p, l->climbed);
    cell_text(j, "band_expected", l->band);
    cell_fen(j, "amount_expected", l->amount);
    cell_text(j, "band_low", low ? low->band : STR_NONE);
    cell_fen(j, "amount_low", low ? low->amount : 0);
    cell_text(j, "band_high", high ? high->band : STR_NONE);
    cell_fen(j, "amount_high", high ? high->amount : 0);
    cell_measure(j, "to_next", p, now ? now->to_next : NUM_NONE);
    cell_count(j, "days_left", o->end > o->b->today ? (uint64_t)(o->end - o->b->today) : 0);
    put_nudge(j, p, now ? now->to_next : NUM_NONE);
    answer_row_end(o->c);
}

static bool evaluate_all(outlook *o, const books_ask *whose, books_result r[4], err *e) {
    for (int k = 0; k < 4; k++) {
        books_ask ask = *whose;
        if (k < 3) ask.row = o->row[k], ask.rows = o->rows;
        TRY(books_evaluate(o->b, o->p, &ask, &o->a, &r[k], e));
    }
    return true;
}

static bool show_outlook(outlook *o, const books_ask *whose, err *e) {
    books_result r[4];
    err unused;
    for (uint32_t i = 0; i < o->b->world.partners; i++) {
        uint32_t no = o->b->partner_no[i];
        bool rolls = o->p->roll_up != ROLL_SELF;
        if (whose->partner && whose->partner != no && !rolls) continue;
        if (partner_fact_of(&o->b->facts, no)->reporter == no) TRY(suppose(o, i, e));
    }
    TRY(evaluate_all(o, whose, r, e));
    const rebate_line *low = r[0].lines.first, *high = r[2].lines.first, *now = r[3].lines.first;
    for (const rebate_line *l = r[1].lines.first; l && !answer_failed(o->c); l = l->next) {
        const rebate_line *a = same_line(&now, l), *b = same_line(&low, l), *c = same_line(&high, l);
        if (authz(o->c, "read", o->b->partner_no[l->partner], &unused) && wanted(o, l, c)) put_outlook(o, l, a, b, c);
    }
    return true;
}

static bool one_policy(call *c, books *b, const policy *p, books_ask ask, err *e) {
    outlook o = {.c = c, .b = b, .p = p, .period = period_of(p->period, b->today)};
    if (ask.first == ask.last && ask.first != INT32_MIN) o.period = ask.first;
    ask.first = ask.last = o.period;
    o.end = p->period == PERIOD_ONCE ? p->to : period_last(p->period, o.period);
    if (o.end > p->to) o.end = p->to;
    if (o.end == DAY_MAX || o.period < period_of(p->period, p->from) || o.period > period_of(p->period, p->to))
        return true;
    arena_init(&o.a, SIZE_MAX); /* as large as what the policy pays */
    bool ok = show_outlook(&o, &ask, e);
    for (int k = 0; k < 3; k++) free(o.row[k]);
    arena_free(&o.a);
    return ok;
}

bool cmd_rebate_outlook(call *c, err *e) {
    AUTO(policies) all = {0};
    AUTO(books) b = {0};
    books_ask whose = BOOKS_ALL;
    TRY(period_unknown(c, e) && option_partner(c, &whose.partner, e));
    TRY(whose.partner == 0 || authz(c, "read", whose.partner, e));
    TRY(policies_in_force(c, call_option(c, "policy"), &all, e) && books_of_call(c, &b, e));
    answer_list(c, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < all.n; i++) {
        books_ask ask = whose;
        if (period_asked(c, &all.v[i].policy, &ask)) TRY(one_policy(c, &b, &all.v[i].policy, ask, e));
    }
    return true;
}
