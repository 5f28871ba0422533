#include "daemon/rebate/mechanism.h"

/* target: attainment W / target against percents. all_or_nothing is one band from 100 %. */

static const char *const keys[] = {"mode", "boundary", "bands", "all_or_nothing", "rate", "per_unit", "lump"};

static bool one_band(policy *p, const node *v, ladder *l, err *e) {
    static const char *const boundaries[] = {"at", "above", NULL};
    const node *boundary = node_get(v, "boundary");
    unsigned chosen = 0;
    if (node_get(v, "bands") || node_get(v, "mode"))
        return err_set(e, ERR_CONFIG, "line %u: all_or_nothing stands in place of bands and mode", v->line);
    if (boundary) TRY(node_choice(boundary, "boundary", boundaries, &chosen, e));
    *l = (ladder){ARENA_NEW(&p->text, band, 1), .n = 1, .above = chosen == 1, .percent = true};
    l->band[0] = (band){.written = STR("100%"), .from = TERM_UNITS, .line = v->line};
    return node_term(v, "all_or_nothing", &l->band[0].term, e);
}

static bool read_target(policy *p, const node *v, mechanism *m, err *e) {
    const node *all = node_get(v, "all_or_nothing");
    bool is_one = false;
    if (all) TRY(node_bool(all, "all_or_nothing", &is_one, e));
    if (is_one) return one_band(p, v, &m->ladder, e);
    if (node_get(v, "rate") || node_get(v, "per_unit") || node_get(v, "lump"))
        return err_set(e, ERR_CONFIG, "line %u: target has its terms in bands, or beside all_or_nothing: true",
                       v->line);
    return node_ladder(p, v, FROM_PERCENT, &m->ladder, e);
}

static bool settle_target(const line_facts *f, payout *out, err *e) {
    wide *from, target, unit = f->plan->p->measure == MEASURE_AMOUNT ? f->plan->amount_unit : 1;
    if (f->target == NUM_NONE || f->target <= 0) {
        out->none = "there is no target";
        return true;
    }
    climb c = {0};
    TRY(times(f->target, unit, &target, e) && ladder_thresholds(f, target, &from, e));
    TRY(times(f->climbed, TERM_UNITS, &c.value, e));
    c.from = from;
    c.unit = TERM_UNITS;
    c.whole = c.paid = c.value;
    return pay_ladder(f, &c, out, e);
}

const mechanism_kind mechanism_target = {
    .name = "target", .keys = keys, .key_count = ARRAY_LEN(keys), .read = read_target, .settle = settle_target};
