#include "daemon/rebate/settle.h"

bool condition_is_met(const condition *c, const standing *s, day_t end) {
    if (c->kind == CONDITION_NO_OPEN_CASE) return s->open_case.n == 0;
    for (size_t i = 0; i < s->counts; i++)
        if (s->counted[i] >= end - c->days && s->counted[i] <= end + c->days) return true;
    return false;
}

const char *condition_name(const condition *c) {
    return c->kind == CONDITION_NO_OPEN_CASE ? "no_open_case" : "stock_report_within_days";
}

void condition_why(const condition *c, const standing *s, day_t end, buf *out) {
    if (c->kind == CONDITION_NO_OPEN_CASE) {
        buf_printf(out, "%.*s is open", STR_ARG(s->open_case));
        return;
    }
    buf_printf(out, "no stock count within %d days of ", (int)c->days);
    day_put(out, end);
}

standing_verdict conditions_judge(const policy *p, const standing *s, day_t end, const condition **unmet) {
    standing_verdict worst = STANDING_PAYS;
    if (unmet) *unmet = NULL;
    for (size_t i = 0; i < p->conditions; i++) {
        const condition *c = &p->condition[i];
        standing_verdict v = c->forfeit ? STANDING_FORFEITED : STANDING_HELD;
        if (v <= worst || condition_is_met(c, s, end)) continue;
        worst = v;
        if (unmet) *unmet = c;
    }
    return worst;
}

static size_t best_of(const overlap_due *v, size_t n) {
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        if (v[i].due > v[best].due) best = i;
    return best;
}

bool overlap_settle(overlap_due *v, size_t n, err *e) {
    int64_t paid = 0;
    for (size_t i = 1; i < n; i++)
        if (v[i].policy->overlap != v[0].policy->overlap)
            return err_set(e, ERR_CONFLICT, "policies '%.*s' and '%.*s' of overlap group '%.*s' name different rules",
                           STR_ARG(v[0].policy->name), STR_ARG(v[i].policy->name), STR_ARG(v[0].policy->overlap_group));
    for (size_t i = 0; i < n; i++) {
        overlap_rule rule = v[i].policy->overlap;
        v[i].pays = v[i].due;
        if (rule == OVERLAP_BEST && i != best_of(v, n)) v[i].pays = 0;
        if (rule == OVERLAP_DEDUCT) v[i].pays = v[i].due > paid ? v[i].due - paid : 0;
        paid += v[i].pays;
    }
    return true;
}
