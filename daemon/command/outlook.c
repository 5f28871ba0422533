/* rebate outlook: where a period will end (rebate/outlook.h), and how far it is to the next band. A look ahead: nothing is
 * posted by it. */
#include "daemon/rebate/outlook.h"

#include "daemon/command/cells.h"
#include "daemon/command/rebate.h"

enum { NEAR_PERCENT = 10 };

typedef struct looking {
    call *c;
    books *b;
    const policy *p;
    int32_t period;
    day_t end;
} looking;

/* ---- the answer */

static const char *const columns[] = {"partner",         "policy",    "period",     "stage",     "mechanism",
                                      "so_far",          "band",      "amount",     "expected",  "band_expected",
                                      "amount_expected", "band_low",  "amount_low", "band_high", "amount_high",
                                      "to_next",         "days_left", "zh"};

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
    buf_addz(&b, "还差 ");
    if (fen) yuan_put(&b, lacks);
    else
        dec_put(&b, lacks, policy_measure_scale(p), 0);
    buf_addz(&b, " 到下一档");
    cell_text(j, "zh", buf_str(&b));
}

static bool differ(const rebate_line *a, const rebate_line *b) {
    return a && b && !str_eq(a->band.p ? a->band : STR(""), b->band.p ? b->band : STR(""));
}

static bool wanted(const looking *o, const rebate_line *expected, const rebate_line *high) {
    bool near = expected->to_next != NUM_NONE && expected->climbed > 0 &&
                expected->to_next <= expected->climbed / 100 * NEAR_PERCENT;
    if (call_flag(o->c, "near")) return near;
    return !call_flag(o->c, "missing") || differ(expected, high);
}

static void put_outlook(looking *o, const rebate_line *l, const rebate_line *now, const rebate_line *low,
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

static bool show_outlook(looking *o, uint32_t partner_no, arena *a, err *e) {
    AUTO(outlook) ahead = {.rows = 0};
    books_result r[OUTLOOK_CASES], so_far;
    books_ask ask = BOOKS_ALL;
    err unused;
    ask.partner = partner_no;
    ask.first = ask.last = o->period;
    TRY(outlook_suppose(o->b, o->p, o->period, partner_no, a, &ahead, e));
    for (int k = 0; k < OUTLOOK_CASES; k++)
        TRY(outlook_evaluate(o->b, o->p, o->period, partner_no, &ahead, (outlook_case)k, a, &r[k], e));
    TRY(books_evaluate(o->b, o->p, &ask, a, &so_far, e));
    const rebate_line *now = so_far.lines.first, *low = r[OUTLOOK_LOW].lines.first, *high = r[OUTLOOK_HIGH].lines.first;
    for (const rebate_line *l = r[OUTLOOK_EXPECTED].lines.first; l && !answer_failed(o->c); l = l->next) {
        const rebate_line *n = outlook_line(&now, l), *b = outlook_line(&low, l), *t = outlook_line(&high, l);
        if (authz(o->c, "read", o->b->partner_no[l->partner], &unused) && wanted(o, l, t)) put_outlook(o, l, n, b, t);
    }
    return true;
}

static bool one_policy(call *c, books *b, const policy *p, const books_ask *ask, err *e) {
    AUTO(arena) a = {0};
    looking o = {.c = c, .b = b, .p = p, .period = period_of(p->period, b->today)};
    if (ask->first == ask->last && ask->first != INT32_MIN) o.period = ask->first;
    arena_init(&a, SIZE_MAX); /* as large as what the policy pays */
    return !outlook_end(p, o.period, &o.end) || show_outlook(&o, ask->partner, &a, e);
}

bool cmd_rebate_outlook(call *c, err *e) {
    AUTO(policies) all = {0};
    AUTO(books) b = {0};
    books_ask whose = BOOKS_ALL;
    TRY(rebates_asked(c, &whose, &all, &b, e));
    answer_list(c, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < all.n; i++) {
        books_ask ask = whose;
        if (period_asked(c, &all.v[i].policy, &ask)) TRY(one_policy(c, &b, &all.v[i].policy, &ask, e));
    }
    return true;
}
