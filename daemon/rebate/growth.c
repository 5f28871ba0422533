#include "daemon/rebate/mechanism.h"

/* growth: W against a baseline B, as percents of B or as the increase W − B. Formulas: growth on total, on growth, by
 * slices of growth, as vendors of rebate systems name them (fully retrospective, retrospective on growth, incremental). */

static const char *const keys[] = {"over", "baseline", "impute", "pay", "boundary", "bands"};

static bool read_figure(const policy *p, const node *v, const char *key, int64_t *out, err *e) {
    const node *n = node_get(v, key);
    return n == NULL || node_number(n, key, policy_measure_scale(p), 0, out, e);
}

static bool read_growth(policy *p, const node *v, mechanism *m, err *e) {
    static const char *const overs[] = {"last_year", "previous_period", "given", NULL};
    static const char *const pays[] = {"growth", "total", "bands", NULL};
    const node *over = node_get(v, "over"), *pay = node_get(v, "pay");
    unsigned chosen = 0;
    if (over == NULL)
        return err_set(e, ERR_CONFIG, "line %u: growth wants over: last_year, previous_period or given", v->line);
    TRY(node_choice(over, "over", overs, &chosen, e));
    m->over = (growth_over)chosen;
    chosen = PAY_GROWTH;
    if (pay) TRY(node_choice(pay, "pay", pays, &chosen, e));
    m->pay = (growth_pay)chosen;
    TRY(read_figure(p, v, "baseline", &m->baseline, e) && read_figure(p, v, "impute", &m->impute, e));
    if ((m->over == OVER_GIVEN) != (m->baseline != NUM_NONE))
        return err_set(e, ERR_CONFIG, "line %u: baseline stands with over: given, and only there", v->line);
    TRY(node_ladder(p, v, FROM_EITHER, &m->ladder, e));
    m->ladder.incremental = m->pay == PAY_BANDS;
    return true;
}

/* In the unit of W; ≤ 0: there is none. */
static bool baseline_of(const line_facts *f, wide *out, err *e) {
    wide unit = f->plan->p->measure == MEASURE_AMOUNT ? f->plan->amount_unit : 1;
    *out = f->baseline;
    if (f->m->over == OVER_GIVEN) TRY(times(f->m->baseline, unit, out, e));
    return *out > 0 || f->m->impute == NUM_NONE || times(f->m->impute, unit, out, e);
}

/* Thresholds and W in millionths of the measure (percent), or as they are, from the baseline on (absolute). */
static bool settle_growth(const line_facts *f, payout *out, err *e) {
    const ladder *l = &f->m->ladder;
    wide base, unit = f->plan->p->measure == MEASURE_AMOUNT ? f->plan->amount_unit : 1, scale = 1, *from;
    TRY(baseline_of(f, &base, e));
    if (base <= 0 || f->climbed <= 0) {
        out->none = base <= 0 ? "there is no baseline" : "nothing was sold";
        return true;
    }
    if (l->percent) {
        scale = TERM_UNITS;
        TRY(ladder_thresholds(f, base, &from, e));
    } else {
        TRY(ladder_thresholds(f, unit, &from, e));
        for (size_t i = 0; i < l->n; i++) from[i] += base;
    }
    climb c = {.from = from, .unit = scale};
    wide grown = f->climbed - base;
    TRY(times(f->climbed, scale, &c.value, e) && times(f->m->pay == PAY_TOTAL ? f->climbed : grown, scale, &c.paid, e));
    c.whole = c.value;
    return pay_ladder(f, &c, out, e);
}

const mechanism_kind mechanism_growth = {
    .name = "growth", .keys = keys, .key_count = ARRAY_LEN(keys), .read = read_growth, .settle = settle_growth};
