/* replenish plan, list, explain. */
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/command/cells.h"
#include "daemon/command/progress.h"
#include "daemon/replenish/orders.h"
#include "daemon/replenish/planning.h"
#include "daemon/replenish/why.h"
#include "daemon/store/store.h"
#include "proto/frame.h"
#include "proto/limits.h"

#include <stdlib.h>

static char *z(arena *a, str s) {
    return (char *)(uintptr_t)(s.n ? arena_str(a, s).p : "");
}

/* ---- plan: judged on a snapshot; the loop writes what changed */

typedef struct packed_entry {
    str body;
} packed_entry;

typedef struct plan_found { /* between the two halves */
    packed_entry *entry;
    size_t entries, entry_cap;
    series_set *set;
    size_t sets, set_cap;
    Entry__Suggest m; /* under way */
    Entry__SuggestRow **row;
    size_t row_cap;
    size_t partners, series, rebuilt, proposed, changed, withdrawn;
    day_t today;
} plan_found;

static void end_entry(plan_found *f, arena *a) {
    AUTO(buf) packed = {0};
    if (f->m.n_row == 0) return;
    f->m.row = f->row;
    message_pack(&packed, &f->m.base);
    f->entry = arena_grown(a, f->entry, f->entries, &f->entry_cap, sizeof *f->entry);
    f->entry[f->entries++].body = arena_str(a, buf_str(&packed));
    f->m.n_row = 0;
}

static void add_row(plan_found *f, arena *a, uint32_t partner_no, const planned *p, standing_step step,
                    const suggestion *was, txn *t) {
    AUTO(buf) figures = {0};
    Entry__SuggestRow *m = ARENA_NEW(a, Entry__SuggestRow, 1);
    ASSERT(m != NULL);
    entry__suggest_row__init(m);
    figures_put(&p->s, &figures);
    str kept = arena_str(a, buf_str(&figures));
    m->partner = z(a, partner_id(t, partner_no));
    m->sku = z(a, p->product.sku);
    m->step = (uint32_t)step;
    m->quantity = p->s.quantity;
    m->priced = p->price != NUM_NONE;
    m->price = m->priced ? p->price : 0;
    m->was = was->entry;
    m->figures = (ProtobufCBinaryData){kept.n, (uint8_t *)(uintptr_t)kept.p};
    f->row = arena_grown(a, f->row, f->m.n_row, &f->row_cap, sizeof *f->row);
    f->row[f->m.n_row++] = m;
    f->proposed += step == STEP_PROPOSE;
    f->changed += step == STEP_CHANGE;
    f->withdrawn += step == STEP_WITHDRAW;
    if (f->m.n_row == LIMIT_ENTRY_ROWS) end_entry(f, a);
}

static void keep_set(plan_found *f, arena *a, const series_set *s) {
    f->set = arena_grown(a, f->set, f->sets, &f->set_cap, sizeof *f->set);
    series_set *k = &f->set[f->sets++];
    *k = *s;
    k->v = ARENA_NEW(a, series, s->n + 1);
    k->member = ARENA_NEW(a, uint32_t, s->members + 1);
    k->mark = ARENA_NEW(a, demand_mark, s->members + 1);
    ASSERT(k->v != NULL && k->member != NULL && k->mark != NULL);
    for (size_t i = 0; i < s->n; i++) k->v[i] = s->v[i];
    for (size_t i = 0; i < s->members; i++) k->member[i] = s->member[i], k->mark[i] = s->mark[i];
}

static void plan_partner(series_world *w, plan_found *f, uint32_t partner_no, arena *keep) {
    AUTO(arena) a = {0};
    partner_plan p;
    arena_init(&a, SIZE_MAX); /* bounded by the books of one partner */
    partner_plan_make(w, partner_no, 0, &a, &p);
    f->partners++;
    f->series += p.n;
    f->rebuilt += p.set.rebuilt;
    progress_step(p.n);
    for (size_t i = 0; i < p.n; i++) {
        suggestion was;
        standing_step step = planned_step(w->t, partner_no, &p.v[i], &was);
        if (step != STEP_NOTHING) add_row(f, keep, partner_no, &p.v[i], step, &was, w->t);
    }
    if (p.set.moved) keep_set(f, keep, &p.set);
}

static void answer_plan(call *c, const plan_found *f) {
    json *j = answer_show(c);
    put_day_cell(j, "day", f->today);
    cell_count(j, "partners", f->partners);
    cell_count(j, "series", f->series);
    cell_count(j, "rebuilt", f->rebuilt);
    cell_count(j, "proposed", f->proposed);
    cell_count(j, "changed", f->changed);
    cell_count(j, "withdrawn", f->withdrawn);
    cell_count(j, "entries", f->entries);
    answer_show_end(c);
}

enum { SLICE_SERIES = 20000 }; /* about a second: then the snapshot is let go, so that the file does not grow for it */

/* Partners from *at on, on one snapshot; *at is where the next slice begins. */
static bool plan_slice(call *c, const stock_rules *rules, plan_found *f, const uint32_t *partner_no, size_t n,
                       size_t *at, err *e) {
    AUTO(series_world) w = {0};
    size_t before = f->series;
    series_world_open(&w, c->t, rules, f->today);
    while (*at < n && f->series - before < SLICE_SERIES) plan_partner(&w, f, partner_no[(*at)++], c->look_a);
    return txn_ok(c->t, e);
}

/* Whom to plan for; in look_a. */
static size_t partners_of(call *c, const stock_rules *rules, day_t today, uint32_t only, uint32_t **out) {
    AUTO(series_world) w = {0};
    size_t kept = 0;
    series_world_open(&w, c->t, rules, today);
    size_t n = rules->n ? planned_partners(&w, c->look_a, out) : 0;
    for (size_t i = 0; i < n; i++)
        if (only == 0 || (*out)[i] == only) (*out)[kept++] = (*out)[i];
    return kept;
}

static bool look(call *c, uint32_t only, err *e) {
    plan_found *f = ARENA_NEW(c->look_a, plan_found, 1);
    stock_rules *rules = ARENA_NEW(c->look_a, stock_rules, 1);
    uint32_t *partner_no = NULL;
    bool beside = c->look_a != c->a, ok = true; /* else it looks where it writes */
    ASSERT(f != NULL && rules != NULL);
    *f = (plan_found){.today = day_at(c->now_ms, c->zone_min)};
    TRY(stock_rules_load(c->t, c->look_a, rules, e));
    entry__suggest__init(&f->m);
    f->m.engine = (char *)(uintptr_t)CHANNELD_VERSION;
    f->m.day = f->today;
    size_t n = partners_of(c, rules, f->today, only, &partner_no);
    progress_begin(n);
    for (size_t at = 0; ok && at < n;) {
        ok = plan_slice(c, rules, f, partner_no, n, &at, e);
        if (ok && beside && at < n) ok = txn_renew(c->t, e);
    }
    progress_end();
    TRY(ok);
    end_entry(f, c->look_a);
    c->looked = f;
    c->answered = f->entries == 0 && f->sets == 0;
    if (c->answered) answer_plan(c, f);
    return txn_ok(c->t, e);
}

bool cmd_replenish_progress(call *c, err *e) {
    progress p = progress_now();
    json *j = answer_show(c);
    json_key(j, "running"), json_bool(j, p.running);
    cell_count(j, "partners", p.total);
    cell_count(j, "done", p.done);
    cell_count(j, "percent", p.total ? 100 * p.done / p.total : 100);
    cell_count(j, "series", p.series);
    answer_show_end(c);
    return txn_ok(c->t, e);
}

bool cmd_replenish_plan(call *c, err *e) {
    uint32_t only;
    TRY(option_partner(c, &only, e));
    if (c->looking) return look(c, only, e);
    const plan_found *f = c->looked;
    for (size_t i = 0; i < f->entries; i++) {
        apply_result r = {.a = c->a};
        TRY(journal_append_packed(c->t, KIND_SUGGEST, c->now_ms, call_actor(c), f->entry[i].body, &r, e));
    }
    for (size_t i = 0; i < f->sets; i++) series_store(c->t, &f->set[i]);
    answer_plan(c, f);
    return txn_ok(c->t, e);
}

/* ---- list */

static const char *const columns[] = {
    "partner",  "sku",        "name",         "state",  "order",        "quantity",      "unit",        "on_hand",
    "on_order", "in_transit", "demand_a_day", "error",  "safety_stock", "reorder_point", "order_up_to", "position",
    "class",    "abc",        "xyz",          "method", "basis",        "silent_until",  "why"};

static void cell_estimate(json *j, const char *name, double v) {
    json_key(j, name);
    if (v < 0 || v > 1e12) json_none(j);
    else
        json_dec(j, (int64_t)(v * 1000 + 0.5), QUANTITY_SCALE, 0);
}

static const char *state_name(standing_state s) {
    static const char *const names[] = {"none", "suggested", "refused"};
    return names[s];
}

/* By the value of what a partner sells of each. */
static char *classes_of(const partner_plan *p, arena *a) {
    char *abc = ARENA_NEW(a, char, p->n + 1);
    double *value = ARENA_NEW(a, double, p->n + 1);
    ASSERT(abc != NULL && value != NULL);
    for (size_t i = 0; i < p->n; i++)
        value[i] = p->v[i].s.day_mean * (double)(p->v[i].price == NUM_NONE ? 0 : p->v[i].price);
    demand_abc(value, p->n, abc);
    return abc;
}

static char xyz_of(const planned *p) {
    return p->s.day_mean <= 0 || !(p->cv2 >= 0) ? 'Z' : p->cv2 < 0.25 ? 'X' : p->cv2 < 1 ? 'Y' : 'Z';
}

static void put_row(call *c, uint32_t partner_no, const planned *p, const suggestion *s, char abc, bool sell_in) {
    AUTO(buf) why = {0};
    char letters[2][2] = {{abc, 0}, {xyz_of(p), 0}};
    bool open = s->standing.state == STANDING_OPEN;
    json *j = answer_row(c);
    cell_text(j, "partner", partner_id(c->t, partner_no));
    cell_text(j, "sku", p->product.sku);
    cell_text(j, "name", p->product.name);
    cell_text(j, "state", str_of(state_name(s->standing.state)));
    cell_id(j, "order", open ? s->order : 0);
    cell_quantity(j, "quantity", open ? s->standing.quantity : p->s.quantity);
    cell_text(j, "unit", p->product.base_unit);
    cell_quantity(j, "on_hand", p->s.position.unknown ? NUM_NONE : p->s.position.on_hand);
    cell_quantity(j, "on_order", p->s.position.on_order);
    cell_quantity(j, "in_transit", p->s.position.in_transit);
    cell_estimate(j, "demand_a_day", p->s.day_mean);
    cell_estimate(j, "error", p->s.error);
    cell_quantity(j, "safety_stock", p->s.safety_stock);
    cell_quantity(j, "reorder_point", p->s.reorder_point);
    cell_quantity(j, "order_up_to", p->s.order_up_to);
    cell_quantity(j, "position", p->s.position_sum);
    cell_text(j, "class", str_of(demand_class_name(p->s.class)));
    cell_text(j, "abc", str_of(letters[0]));
    cell_text(j, "xyz", str_of(letters[1]));
    cell_text(j, "method", str_of(forecast_method_name(p->s.method)));
    cell_text(j, "basis", sell_in ? STR("sell_in") : STR("sell_out"));
    if (s->standing.state == STANDING_REFUSED) put_day_cell(j, "silent_until", s->standing.silent_until);
    else
        cell_text(j, "silent_until", STR_NONE);
    replenish_why(&p->s, NULL, call_flag(c, "zh") ? LANGUAGE_ZH : LANGUAGE_EN, &why);
    cell_text(j, "why", buf_str(&why));
    answer_row_end(c);
}

static void list_partner(call *c, series_world *w, uint32_t partner_no) {
    AUTO(arena) a = {0};
    partner_plan p;
    arena_init(&a, SIZE_MAX); /* bounded by the books of one partner */
    partner_plan_make(w, partner_no, 0, &a, &p);
    char *abc = classes_of(&p, &a);
    for (size_t i = 0; i < p.n && !answer_failed(c); i++) {
        suggestion s;
        (void)planned_step(c->t, partner_no, &p.v[i], &s);
        if (s.standing.state == STANDING_OPEN || call_flag(c, "all"))
            put_row(c, partner_no, &p.v[i], &s, abc[i], p.set.sell_in);
    }
}

bool cmd_replenish_list(call *c, err *e) {
    AUTO(series_world) w = {0};
    stock_rules rules;
    uint32_t only, *partner_no;
    err unused;
    TRY(option_partner(c, &only, e) && stock_rules_load(c->t, c->a, &rules, e));
    series_world_open(&w, c->t, &rules, day_at(c->now_ms, c->zone_min));
    answer_list(c, columns, ARRAY_LEN(columns));
    size_t n = rules.n ? planned_partners(&w, c->a, &partner_no) : 0;
    for (size_t i = 0; i < n && !answer_failed(c); i++)
        if ((only == 0 || only == partner_no[i]) && authz(c, "read", partner_no[i], &unused))
            list_partner(c, &w, partner_no[i]);
    return txn_ok(c->t, e);
}

/* ---- explain */

static void put_table(json *j, const replenish_suggestion *s, language l) {
    why_row row[WHY_ROWS];
    size_t n = replenish_table(s, l, row);
    json_key(j, "table");
    json_open_array(j);
    for (size_t i = 0; i < n; i++) {
        json_open_object(j);
        cell_text(j, "figure", str_of(row[i].name));
        cell_text(j, "words", str_of(row[i].words));
        cell_quantity(j, "value", row[i].value);
        json_end_object(j);
    }
    json_end_array(j);
}

static void put_sentence(json *j, const char *name, const buf *b) {
    cell_text(j, name, buf_str(b));
}

/* What a clause more is put behind: the sentence without its full stop. */
static void reopen(buf *en, buf *zh) {
    en->n -= strlen("."), zh->n -= strlen("。");
}

static void end_sentences(buf *en, buf *zh) {
    buf_addz(en, ".");
    buf_addz(zh, "。");
}

/* By how much the season makes the demand of this bucket differ from the level. */
static void put_season(const planned *p, buf *en, buf *zh) {
    static const char *const of[][2] = {{"day", "日"}, {"week", "周"}, {"month", "月"}};
    bucket_kind kind = p->of->rule->policy.demand.bucket;
    if (p->of->season == NULL || p->s.method == METHOD_NONE) return;
    double now = season_bucket(p->of->season, kind, p->bucket);
    buf_printf(en, "; this %s the season of %.*s is %.2f of the mean", of[kind][0], STR_ARG(p->product.category), now);
    buf_printf(zh, "；%.*s本%s的季节系数为%.2f", STR_ARG(p->product.category), of[kind][1], now);
}

static void put_explained(call *c, uint32_t partner_no, const planned *p, const series_set *set,
                          const demand_notes *notes) {
    AUTO(buf) en = {0};
    AUTO(buf) zh = {0};
    AUTO(buf) changed = {0};
    suggestion was;
    replenish_suggestion before;
    bool chinese = call_flag(c, "zh");
    standing_step step = planned_step(c->t, partner_no, p, &was);
    replenish_why(&p->s, notes, LANGUAGE_EN, &en);
    replenish_why(&p->s, notes, LANGUAGE_ZH, &zh);
    reopen(&en, &zh);
    put_season(p, &en, &zh);
    if (set->sell_in) {
        buf_addz(&en, "; it reports no sales: demand is what was shipped to it");
        buf_addz(&zh, "；该伙伴未上报销售，需求取自发货");
    }
    end_sentences(&en, &zh);
    /* what stands was last judged with `figures`; when nothing would change now, beside those before them */
    str last = step == STEP_NOTHING && was.before.n ? was.before : was.figures;
    if (figures_read(last, &before)) replenish_changed(&before, &p->s, chinese ? LANGUAGE_ZH : LANGUAGE_EN, &changed);
    json *j = answer_show(c);
    cell_text(j, "partner", partner_id(c->t, partner_no));
    cell_text(j, "sku", p->product.sku);
    cell_text(j, "policy", p->of->rule->name);
    cell_text(j, "basis", set->sell_in ? STR("sell_in") : STR("sell_out"));
    cell_text(j, "state", str_of(state_name(was.standing.state)));
    cell_quantity(j, "quantity", p->s.quantity);
    cell_id(j, "order", was.standing.state == STANDING_OPEN ? was.order : 0);
    cell_text(j, "refused", was.refused);
    put_sentence(j, "why", &en);
    put_sentence(j, "why_zh", &zh);
    put_sentence(j, "changed", &changed);
    put_table(j, &p->s, chinese ? LANGUAGE_ZH : LANGUAGE_EN);
    answer_show_end(c);
}

bool cmd_replenish_explain(call *c, err *e) {
    AUTO(series_world) w = {0};
    AUTO(arena) a = {0};
    stock_rules rules;
    partner of;
    product x;
    partner_plan p;
    demand_day *day;
    demand_notes notes = {0};
    demand_state state;
    arena_init(&a, SIZE_MAX); /* bounded by the books of one partner */
    TRY(call_partner(c, call_arg(c, 0), "read", &of, e));
    if (!product_by_sku(c->t, call_arg(c, 1), &x))
        return err_set(e, ERR_NOT_FOUND, "product '%.*s': unknown", STR_ARG(str_take(call_arg(c, 1), LIMIT_ID)));
    TRY(stock_rules_load(c->t, c->a, &rules, e));
    series_world_open(&w, c->t, &rules, day_at(c->now_ms, c->zone_min));
    partner_plan_make(&w, of.no, x.no, &a, &p);
    if (p.n == 0)
        return err_set(e, ERR_NOT_FOUND, "no demand of '%.*s' at '%.*s', or no policy for it (replenish policy list)",
                       STR_ARG(x.sku), STR_ARG(of.id));
    unsigned one_offs;
    size_t n = series_days(&w, of.no, x.no, &a, &day, &one_offs);
    demand_rebuild(&state, &p.v[0].of->rule->policy.demand, p.v[0].of->season, day, n, &notes);
    notes.bulks += one_offs;
    put_explained(c, of.no, &p.v[0], &p.set, &notes);
    return txn_ok(c->t, e);
}
