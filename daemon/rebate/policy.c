#include "daemon/rebate/policy.h"

#include "daemon/catalog/cell.h"
#include "daemon/catalog/columns.h"
#include "daemon/rebate/mechanism.h"
#include "proto/limits.h"

/* ---- one function a key of spec */

static bool read_effective(policy *p, const node *v, err *e) {
    static const char *const keys[] = {"from", "to"};
    TRY(node_keys(v, keys, ARRAY_LEN(keys), "effective", e));
    const node *from = node_get(v, "from"), *to = node_get(v, "to");
    if (from == NULL) return err_set(e, ERR_CONFIG, "line %u: effective wants from", v->line);
    p->to = DAY_MAX;
    TRY(node_day(from, "from", &p->from, e) && (to == NULL || node_day(to, "to", &p->to, e)));
    return p->to >= p->from || err_set(e, ERR_CONFIG, "line %u: effective: to lies before from", v->line);
}

static bool read_currency(policy *p, const node *v, err *e) {
    (void)p;
    return (v->kind == NODE_TEXT && str_is(v->text, "CNY")) ||
           node_wanted(v, "currency", "CNY: rebates are reckoned in no other currency", e);
}

static bool read_company(policy *p, const node *v, err *e) {
    return node_word(p, v, "company", &p->company, e);
}

/* Kinds as the catalogue spells them, whichever of its words the policy uses. */
static bool name_kinds(policy *p, const node *v, err *e) {
    const catalog_column *kind = &catalog_tables[CATALOG_PARTNER].columns[PARTNER_KIND];
    for (size_t i = 0; i < p->partners.kinds.n; i++) {
        str *one = &p->partners.kinds.v[i], found = *one, wanted;
        if (!cell_canonical(kind, found, &p->text, one, &wanted))
            return err_set(e, ERR_CONFIG, "line %u: kinds is '%.*s', wanted %.*s", v->line,
                           STR_ARG(str_take(found, 60)), STR_ARG(wanted));
    }
    return true;
}

static bool read_partners(policy *p, const node *v, err *e) {
    static const char *const keys[] = {"ids", "tiers", "regions", "kinds", "exclude"};
    partner_scope *s = &p->partners;
    names *lists[] = {&s->ids, &s->tiers, &s->regions, &s->kinds, &s->exclude};
    TRY(node_keys(v, keys, ARRAY_LEN(keys), "partners", e));
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        const node *list = node_get(v, keys[i]);
        if (list) TRY(node_names(p, list, keys[i], lists[i], e));
    }
    return name_kinds(p, v, e);
}

static bool read_scope(policy *p, const node *v, err *e) {
    static const char *const keys[] = {"partners", "products"};
    TRY(node_keys(v, keys, ARRAY_LEN(keys), "scope", e));
    const node *partners = node_get(v, "partners"), *products = node_get(v, "products");
    return (partners == NULL || read_partners(p, partners, e)) &&
           (products == NULL || node_products(p, products, "products", &p->products, e));
}

static bool read_basis(policy *p, const node *v, err *e) {
    static const char *const options[] = {"sell_in", "sell_out", "sell_out_all", "verified_sell_out", "payment", NULL};
    unsigned chosen = 0;
    TRY(node_choice(v, "basis", options, &chosen, e));
    p->basis = (basis)chosen;
    return true;
}

static bool read_points(policy *p, const node *v, err *e) {
    static const char *const keys[] = {"points"};
    TRY(node_keys(v, keys, ARRAY_LEN(keys), "measure", e));
    const node *list = node_get(v, "points");
    if (list == NULL || list->kind != NODE_MAP || list->count == 0 || list->count > POLICY_LIST)
        return err_set(e, ERR_CONFIG, "line %u: points wants {SKU: \"n\", …}", v->line);
    p->measure = MEASURE_POINTS;
    p->point_skus = (names){ARENA_NEW(&p->text, str, list->count), 0};
    p->points = ARENA_NEW(&p->text, int64_t, list->count);
    for (const node *n = list->first; n; n = n->next) {
        TRY(node_number(n, "points", POINTS_SCALE, 0, &p->points[p->point_skus.n], e));
        p->point_skus.v[p->point_skus.n++] = arena_str(&p->text, n->key);
    }
    return true;
}

static bool read_measure(policy *p, const node *v, err *e) {
    static const char *const options[] = {"amount", "quantity", NULL};
    unsigned chosen = 0;
    if (v->kind == NODE_MAP) return read_points(p, v, e);
    TRY(node_choice(v, "measure", options, &chosen, e));
    p->measure = (measure)chosen;
    return true;
}

static bool read_value_at(policy *p, const node *v, err *e) {
    static const char *const options[] = {"reported", "invoice", "list", NULL};
    unsigned chosen = 0;
    TRY(node_choice(v, "value_at", options, &chosen, e));
    p->value_at = (value_at)chosen;
    return true;
}

static bool read_tax(policy *p, const node *v, err *e) {
    static const char *const options[] = {"incl", "excl", NULL};
    unsigned chosen = 0;
    TRY(node_choice(v, "tax", options, &chosen, e));
    p->tax_excl = chosen == 1;
    return true;
}

static bool read_included(const node *v, const char *key, bool *out, err *e) {
    static const char *const options[] = {"exclude", "include", NULL};
    unsigned chosen = 0;
    TRY(node_choice(v, key, options, &chosen, e));
    *out = chosen == 1;
    return true;
}

static bool read_gifts(policy *p, const node *v, err *e) {
    return read_included(v, "gifts", &p->gifts, e);
}

static bool read_paid_by_rebate(policy *p, const node *v, err *e) {
    return read_included(v, "paid_by_rebate", &p->paid_by_rebate, e);
}

static bool read_count_only(policy *p, const node *v, err *e) {
    TRY(node_products(p, v, "count_only", &p->count_only, e));
    p->has_count_only = v->count > 0;
    return true;
}

static bool read_stock_cap(policy *p, const node *v, err *e) {
    static const char *const keys[] = {"months", "carry_over"};
    TRY(node_keys(v, keys, ARRAY_LEN(keys), "stock_cap", e));
    const node *months = node_get(v, "months"), *carry = node_get(v, "carry_over");
    if (months == NULL) return err_set(e, ERR_CONFIG, "line %u: stock_cap wants months", v->line);
    return node_number(months, "months", QUANTITY_SCALE, 0, &p->shelf_months, e) &&
           (carry == NULL || node_bool(carry, "carry_over", &p->carry_over, e));
}

static bool read_carry_over(policy *p, const node *v, err *e) {
    return node_bool(v, "carry_over", &p->carry_over, e);
}

static bool read_roll_up(policy *p, const node *v, err *e) {
    static const char *const options[] = {"self", "children", "group", NULL};
    unsigned chosen = 0;
    TRY(node_choice(v, "roll_up", options, &chosen, e));
    p->roll_up = (roll_up)chosen;
    return true;
}

static bool read_pay_to(policy *p, const node *v, err *e) {
    return node_word(p, v, "pay_to", &p->pay_to, e);
}

static bool read_period(policy *p, const node *v, err *e) {
    static const char *const options[] = {"month", "quarter", "half_year", "year", "once", NULL};
    unsigned chosen = 0;
    TRY(node_choice(v, "period", options, &chosen, e));
    p->period = (period_kind)chosen;
    return true;
}

static bool read_count(policy *p, const node *v, err *e) {
    static const char *const options[] = {"stage", "all", NULL};
    unsigned chosen = 0;
    TRY(node_choice(v, "count", options, &chosen, e));
    p->count_all = chosen == 1;
    return true;
}

const char *policy_stage_name(unsigned s) {
    return s == STAGE_ANY ? "any" : stage_name((stage)s);
}

static bool read_stage(policy *p, const node *v, err *e) {
    unsigned s = STAGE_INTRODUCTION;
    while (s < POLICY_STAGES && !str_is(v->key, policy_stage_name(s))) s++;
    if (s == POLICY_STAGES)
        return err_set(e, ERR_CONFIG,
                       "line %u: '%.*s' is no stage; known are introduction, growth, maturity, decline "
                       "and, alone, any",
                       v->line, STR_ARG(v->key));
    size_t n = v->kind == NODE_LIST ? v->count : 1;
    if (n == 0 || n > LIMIT_REPEATED)
        return err_set(e, ERR_CONFIG, "line %u: %s wants 1 to %d mechanisms", v->line, policy_stage_name(s),
                       LIMIT_REPEATED);
    p->stage[s] = ARENA_NEW(&p->text, mechanism, n);
    if (v->kind != NODE_LIST) return mechanism_read(p, v, &p->stage[s][p->stage_count[s]++], e);
    for (const node *m = v->first; m; m = m->next) TRY(mechanism_read(p, m, &p->stage[s][p->stage_count[s]++], e));
    return true;
}

static bool read_stages(policy *p, const node *v, err *e) {
    TRY(node_is(v, NODE_MAP, "stages", e));
    if (v->count == 0) return err_set(e, ERR_CONFIG, "line %u: stages is empty", v->line);
    for (const node *s = v->first; s; s = s->next) TRY(read_stage(p, s, e));
    return p->stage_count[STAGE_ANY] == 0 || v->count == 1 ||
           err_set(e, ERR_CONFIG, "line %u: any stands alone, without other stages", v->line);
}

static bool read_cap(policy *p, const node *v, err *e) {
    return node_money(v, "cap", &p->cap, e);
}

static bool read_floor(policy *p, const node *v, err *e) {
    return node_money(v, "floor", &p->floor, e);
}

static bool read_guarantee(policy *p, const node *v, err *e) {
    return node_money(v, "guarantee", &p->guarantee, e);
}

static bool read_minimum(policy *p, const node *v, err *e) {
    return node_money(v, "minimum_payout", &p->minimum_payout, e);
}

static bool read_budget(policy *p, const node *v, err *e) {
    static const char *const keys[] = {"amount", "warn", "stop"};
    TRY(node_keys(v, keys, ARRAY_LEN(keys), "budget", e));
    const node *amount = node_get(v, "amount"), *warn = node_get(v, "warn"), *stop = node_get(v, "stop");
    if (amount == NULL) return err_set(e, ERR_CONFIG, "line %u: budget wants amount", v->line);
    return node_money(amount, "amount", &p->budget, e) && (!warn || node_percent(warn, "warn", &p->budget_warn, e)) &&
           (!stop || node_bool(stop, "stop", &p->budget_stop, e));
}

static bool read_condition(const node *v, condition *c, err *e) {
    static const char *const keys[] = {"no_open_case", "stock_report_within_days", "unmet"};
    static const char *const unmets[] = {"hold", "forfeit", NULL};
    unsigned chosen = 0;
    bool set = true;
    TRY(node_keys(v, keys, ARRAY_LEN(keys), "a condition", e));
    const node *no_case = node_get(v, keys[0]), *report = node_get(v, keys[1]), *unmet = node_get(v, keys[2]);
    if ((no_case != NULL) == (report != NULL))
        return err_set(e, ERR_CONFIG, "line %u: a condition wants one of no_open_case and stock_report_within_days",
                       v->line);
    if (unmet) TRY(node_choice(unmet, "unmet", unmets, &chosen, e));
    *c = (condition){.kind = report ? CONDITION_STOCK_REPORT : CONDITION_NO_OPEN_CASE, .forfeit = chosen == 1};
    if (report) return node_int(report, "stock_report_within_days", 0, 366, &c->days, e);
    TRY(node_bool(no_case, "no_open_case", &set, e));
    return set || node_wanted(no_case, "no_open_case", "true, or no such condition", e);
}

static bool read_conditions(policy *p, const node *v, err *e) {
    TRY(node_is(v, NODE_LIST, "conditions", e));
    p->condition = ARENA_NEW(&p->text, condition, v->count + 1);
    for (const node *c = v->first; c; c = c->next) TRY(read_condition(c, &p->condition[p->conditions++], e));
    return true;
}

static bool read_overlap(policy *p, const node *v, err *e) {
    static const char *const keys[] = {"group", "rule"}, *const rules[] = {"add", "best", "deduct", NULL};
    unsigned chosen = 0;
    TRY(node_keys(v, keys, ARRAY_LEN(keys), "overlap", e));
    const node *group = node_get(v, "group"), *rule = node_get(v, "rule");
    if (!group || !rule) return err_set(e, ERR_CONFIG, "line %u: overlap wants group and rule", v->line);
    TRY(node_word(p, group, "group", &p->overlap_group, e) && node_choice(rule, "rule", rules, &chosen, e));
    p->overlap = (overlap_rule)chosen;
    return true;
}

static const char *const forms[] = {"credit_note", "offset", "goods", "cash", "expense", NULL};

const char *policy_form_name(payout_form f) {
    return forms[f];
}

static bool read_payout(policy *p, const node *v, err *e) {
    static const char *const keys[] = {"form", "share", "use_limit_per_order", "expires_after_days"};
    unsigned chosen = 0;
    TRY(node_keys(v, keys, ARRAY_LEN(keys), "payout", e));
    const node *form = node_get(v, keys[0]), *share = node_get(v, keys[1]), *limit = node_get(v, keys[2]),
               *days = node_get(v, keys[3]);
    if (form) TRY(node_choice(form, "form", forms, &chosen, e));
    p->payout = (payout_form)chosen;
    return (!share || node_percent(share, keys[1], &p->payout_share, e)) &&
           (!limit || node_percent(limit, keys[2], &p->use_limit, e)) &&
           (!days || node_int(days, keys[3], 1, 36500, &p->expires_days, e));
}

/* In this order: thresholds are read in the measure. */
static const struct {
    const char *key;
    bool needed;
    bool (*read)(policy *p, const node *v, err *e);
} spec_keys[] = {
    {"effective", true, read_effective},
    {"currency", false, read_currency},
    {"company", false, read_company},
    {"scope", false, read_scope},
    {"basis", true, read_basis},
    {"measure", false, read_measure},
    {"value_at", false, read_value_at},
    {"tax", false, read_tax},
    {"gifts", false, read_gifts},
    {"paid_by_rebate", false, read_paid_by_rebate},
    {"count_only", false, read_count_only},
    {"stock_cap", false, read_stock_cap},
    {"carry_over", false, read_carry_over},
    {"roll_up", false, read_roll_up},
    {"pay_to", false, read_pay_to},
    {"period", true, read_period},
    {"count", false, read_count},
    {"stages", true, read_stages},
    {"cap", false, read_cap},
    {"floor", false, read_floor},
    {"guarantee", false, read_guarantee},
    {"minimum_payout", false, read_minimum},
    {"budget", false, read_budget},
    {"conditions", false, read_conditions},
    {"overlap", false, read_overlap},
    {"payout", false, read_payout},
};

static bool read_spec(policy *p, const node *spec, err *e) {
    const char *keys[ARRAY_LEN(spec_keys)];
    for (size_t i = 0; i < ARRAY_LEN(spec_keys); i++) keys[i] = spec_keys[i].key;
    TRY(node_keys(spec, keys, ARRAY_LEN(keys), "spec", e));
    for (size_t i = 0; i < ARRAY_LEN(spec_keys); i++) {
        const node *v = node_get(spec, spec_keys[i].key);
        if (v == NULL && spec_keys[i].needed)
            return err_set(e, ERR_CONFIG, "line %u: spec wants %s", spec->line, spec_keys[i].key);
        if (v) TRY(spec_keys[i].read(p, v, e));
    }
    return true;
}

static bool check_whole(const policy *p, const node *spec, err *e) {
    if (p->floor != NUM_NONE && p->cap != NUM_NONE && p->floor > p->cap)
        return err_set(e, ERR_CONFIG, "line %u: floor is above cap", node_get(spec, "floor")->line);
    if (p->roll_up == ROLL_GROUP && p->pay_to.n == 0)
        return err_set(e, ERR_CONFIG, "line %u: roll_up: group wants pay_to: ID", node_get(spec, "roll_up")->line);
    if (p->pay_to.n && p->roll_up != ROLL_GROUP)
        return err_set(e, ERR_CONFIG, "line %u: pay_to stands with roll_up: group", node_get(spec, "pay_to")->line);
    if (p->period == PERIOD_ONCE && p->to == DAY_MAX)
        return err_set(e, ERR_CONFIG, "line %u: period: once wants effective with to", spec->line);
    return true;
}

static bool read_head(policy *p, const node *root, const node **spec, err *e) {
    static const char *const keys[] = {"apiVersion", "kind", "metadata", "spec"};
    static const char *const meta_keys[] = {"name", "title"};
    static const char *const versions[] = {"channeld/v1", NULL}, *const kinds[] = {"RebatePolicy", NULL};
    unsigned chosen;
    TRY(node_keys(root, keys, ARRAY_LEN(keys), "a policy", e));
    const node *version = node_get(root, keys[0]), *kind = node_get(root, keys[1]), *meta = node_get(root, keys[2]);
    *spec = node_get(root, keys[3]);
    if (version) TRY(node_choice(version, keys[0], versions, &chosen, e));
    if (kind) TRY(node_choice(kind, keys[1], kinds, &chosen, e));
    if (!meta || !*spec) return err_set(e, ERR_CONFIG, "line %u: a policy wants metadata and spec", root->line);
    TRY(node_keys(meta, meta_keys, ARRAY_LEN(meta_keys), "metadata", e));
    const node *name = node_get(meta, "name"), *title = node_get(meta, "title");
    if (name == NULL) return err_set(e, ERR_CONFIG, "line %u: metadata wants name", meta->line);
    return node_word(p, name, "name", &p->name, e) && (title == NULL || node_word(p, title, "title", &p->title, e));
}

static bool read_policy(policy *p, const node *root, err *e) {
    const node *spec;
    return read_head(p, root, &spec, e) && read_spec(p, spec, e) && check_whole(p, spec, e);
}

unsigned policy_measure_scale(const policy *p) {
    static const unsigned scales[] = {
        [MEASURE_AMOUNT] = 2, [MEASURE_QUANTITY] = QUANTITY_SCALE, [MEASURE_POINTS] = QUANTITY_SCALE + POINTS_SCALE};
    return scales[p->measure];
}

bool policy_parse(str yaml, policy *out, err *e) {
    AUTO(arena) room = {0};
    const node *root;
    arena_init(&room, 64 * POLICY_BYTES);
    *out = (policy){.company = STR("main"), .carry_over = true};
    out->shelf_months = out->cap = out->floor = out->guarantee = out->minimum_payout = NUM_NONE;
    out->budget = out->expires_days = NUM_NONE;
    out->budget_warn = out->payout_share = out->use_limit = TERM_UNITS;
    arena_init(&out->text, SIZE_MAX); /* bounded by the tree's room */
    if (yaml.n > POLICY_BYTES) return err_set(e, ERR_DATA, "line 1: a policy has at most %d bytes", POLICY_BYTES);
    if (yaml_read(yaml, &room, &root, e) && read_policy(out, root, e)) return true;
    e->code = ERR_DATA;
    policy_free(out);
    return false;
}

void policy_free(policy *p) {
    arena_free(&p->text);
    *p = (policy){0};
}

void policy_auto(policy *p) {
    policy_free(p);
}
