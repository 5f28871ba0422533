/* trial open, runs, evaluate, close: a new product at chosen terminals beside terminals like them. What a terminal may order
 * meanwhile is its row of the catalogue's table `trial`. */
#include "daemon/replenish/trials.h"

#include "daemon/catalog/columns.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/rows.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/replenish/shelf.h"
#include "daemon/store/store.h"
#include "proto/limits.h"

#include <math.h>

enum { BEFORE_DAYS = 91 };

/* ---- the level at which regions are told apart: provinces, or within one its cities */

static region_level level_of(txn *t, const uint32_t *no, size_t n) {
    uint32_t first = 0;
    for (size_t i = 0; i < n; i++) {
        partner p;
        if (!partner_by_no(t, no[i], &p) || p.region == 0) continue;
        uint32_t province = region_at_level(t, p.region, REGION_PROVINCE);
        if (first && province != first) return REGION_PROVINCE;
        first = province;
    }
    return REGION_CITY;
}

static uint32_t region_of(txn *t, uint32_t partner_no, region_level level) {
    partner p;
    return partner_by_no(t, partner_no, &p) && p.region ? region_at_level(t, p.region, level) : 0;
}

/* Sales of the product's category a week; of one without category the product's own. */
static double category_week(shelf_world *w, uint32_t partner_no, const product *of) {
    AUTO(arena) a = {0};
    shelf_sale *x;
    int64_t sum = 0;
    arena_init(&a, SIZE_MAX); /* bounded by the books of one partner */
    size_t n = shelf_sales(w, partner_no, &a, &x);
    for (size_t i = 0; i < n; i++) {
        const product_fact *f = product_fact_of(&w->f, x[i].product);
        if (x[i].product == of->no || (of->category.n && str_eq(f->category, of->category)))
            (void)add_i64(sum, x[i].sold, &sum);
    }
    return (double)sum / 1000 * 7 / (double)span_days(w->span);
}

/* ---- open */

typedef struct opening {
    call *c;
    product of;
    day_t from, to;
    uint32_t no[LIMIT_REPEATED];
    size_t n;
    trial_candidate *other;
    size_t others;
} opening;

static bool read_terminals(opening *o, err *e) {
    str list = call_option(o->c, "terminals"), id;
    while (str_split(&list, ';', &id)) {
        partner p;
        id = str_trim(id);
        if (id.n == 0) continue;
        if (!partner_by_id(o->c->t, id, &p) || p.ended)
            return err_set(e, ERR_NOT_FOUND, "--terminals: '%.*s': unknown", STR_ARG(str_take(id, LIMIT_ID)));
        TRY(authz(o->c, "write", p.no, e));
        for (size_t i = 0; i < o->n; i++)
            if (o->no[i] == p.no) return err_set(e, ERR_USAGE, "--terminals: '%.*s' stands there twice", STR_ARG(p.id));
        if (o->n == LIMIT_REPEATED) return err_set(e, ERR_USAGE, "--terminals: at most %d", LIMIT_REPEATED);
        o->no[o->n++] = p.no;
    }
    return o->n > 0 || err_set(e, ERR_USAGE, "--terminals: ids of terminals, joined by semicolons");
}

static bool is_chosen(const opening *o, uint32_t no) {
    for (size_t i = 0; i < o->n; i++)
        if (o->no[i] == no) return true;
    return false;
}

static trial_candidate candidate_of(opening *o, shelf_world *w, const partner *p, region_level level) {
    return (trial_candidate){.partner = p->no,
                             .region = p->region ? region_at_level(o->c->t, p->region, level) : 0,
                             .class = arena_str(o->c->a, p->tier),
                             .prior = category_week(w, p->no, &o->of)};
}

/* Partners of the same kind that are not in it. */
static void read_others(opening *o, shelf_world *w, region_level level) {
    size_t cap = 0;
    partner first;
    catalog_row row;
    if (!partner_by_no(o->c->t, o->no[0], &first)) return;
    partner_kind kind = first.kind;
    AUTO(catalog_walk) all = catalog_rows(o->c->t, CATALOG_PARTNER, NULL, 0);
    while (catalog_next(&all, &row)) {
        partner p;
        if (!partner_by_id(o->c->t, row.cell[PARTNER_ID], &p) || p.ended || p.kind != kind || is_chosen(o, p.no))
            continue;
        o->other = arena_grown(o->c->a, o->other, o->others, &cap, sizeof *o->other);
        o->other[o->others++] = candidate_of(o, w, &p, level);
    }
}

static void match_terminals(opening *o, Entry__Trial *m) {
    AUTO(shelf_world) w = {0};
    region_level level = level_of(o->c->t, o->no, o->n);
    shelf_world_open(&w, o->c->t, (day_span){o->from - BEFORE_DAYS, o->from - 1});
    read_others(o, &w, level);
    m->terminal = ARENA_NEW(o->c->a, char *, o->n);
    m->matched = ARENA_NEW(o->c->a, char *, o->n);
    for (size_t i = 0; i < o->n; i++) {
        partner p;
        trial_candidate *like = NULL;
        if (partner_by_no(o->c->t, o->no[i], &p)) {
            trial_candidate own = candidate_of(o, &w, &p, level);
            like = trial_match(&own, o->other, o->others);
        }
        m->terminal[m->n_terminal++] = entry_text(o->c, partner_id(o->c->t, o->no[i]));
        m->matched[m->n_matched++] = entry_text(o->c, like ? partner_id(o->c->t, like->partner) : STR(""));
    }
}

static bool read_units(call *c, const char *option, int64_t *out, err *e) {
    str s = call_option(c, option);
    bool exact = true;
    return s.p == NULL || (dec_parse(s, QUANTITY_SCALE, out, &exact) && exact && *out >= 0 && *out <= LIMIT_QUANTITY) ||
           err_set(e, ERR_USAGE, "--%s: wanted a quantity of base units", option);
}

/* What each may order while it runs. */
static bool limit_orders(opening *o, str quantity, err *e) {
    AUTO(import) in = {.table = CATALOG_TRIAL};
    AUTO(buf) from = {0};
    AUTO(buf) to = {0};
    take_how how = {.name = "trial", .source = STR("trial open"), .quiet = true};
    if (quantity.p == NULL) return true;
    day_put(&from, o->from);
    day_put(&to, o->to);
    for (size_t i = 0; i < catalog_tables[CATALOG_TRIAL].column_count; i++) in.given[i] = true;
    for (size_t i = 0; i < o->n; i++) {
        const str cells[] = {arena_str(o->c->a, partner_id(o->c->t, o->no[i])), o->of.sku, buf_str(&from), buf_str(&to),
                             quantity};
        str *row = import_row(&in, 0);
        for (size_t k = 0; k < ARRAY_LEN(cells); k++) row[k] = cells[k];
    }
    return catalog_take(o->c, &in, 1, &how, o->c->a, e);
}

bool cmd_trial_open(call *c, err *e) {
    Entry__Trial m = ENTRY__TRIAL__INIT;
    opening *o = ARENA_NEW(c->a, opening, 1);
    int64_t target = 0, quantity = 0;
    o->c = c;
    if (!product_by_sku(c->t, call_arg(c, 1), &o->of))
        return err_set(e, ERR_NOT_FOUND, "product '%.*s': unknown", STR_ARG(str_take(call_arg(c, 1), LIMIT_ID)));
    o->of.sku = arena_str(c->a, o->of.sku);
    o->of.category = arena_str(c->a, o->of.category);
    TRY(call_day(c, "from", 0, &o->from, e) && call_day(c, "to", 0, &o->to, e) && read_terminals(o, e));
    TRY(read_units(c, "target", &target, e) && read_units(c, "quantity", &quantity, e));
    m.id = entry_text(c, call_arg(c, 0));
    m.sku = entry_text(c, o->of.sku);
    m.from = o->from;
    m.to = o->to;
    m.target = target;
    m.note = entry_text(c, call_option(c, "note"));
    match_terminals(o, &m);
    size_t matched = 0;
    for (size_t i = 0; i < m.n_matched; i++) matched += m.matched[i][0] != '\0';
    TRY(command_append(c, KIND_TRIAL, &m.base, e) && limit_orders(o, call_option(c, "quantity"), e));
    answer_message(c, "trial '%s': %zu terminals, %zu of them matched", m.id, o->n, matched);
    return true;
}

/* ---- what came of it */

typedef struct seen {
    trial_run run;
    product of;
    region_level level;
    double weeks;
    trial_terminal *v;
    uint32_t *no, *matched;
    size_t n;
    trial_verdict verdict;
} seen;

static void look_at(shelf_world *during, shelf_world *before, seen *s, size_t i) {
    AUTO(arena) a = {0};
    trial_terminal *x = &s->v[i];
    shelf *all;
    arena_init(&a, SIZE_MAX); /* bounded by the books of one partner */
    size_t n = shelves_of(during, s->no[i], &a, &all);
    for (size_t k = 0; k < n; k++) {
        if (all[k].product != s->of.no) continue;
        x->sold = (double)all[k].sold / 1000;
        x->days = all[k].known_days;
        x->days_out = all[k].out_days;
        for (size_t w = 0; w < all[k].weeks; w++) {
            x->weeks_selling += all[k].week[w] > 0;
            x->weeks += x->weeks_selling > 0;
        }
    }
    x->matched = s->matched[i] != 0;
    x->before = category_week(before, s->no[i], &s->of);
    x->during = category_week(during, s->no[i], &s->of);
    if (!x->matched) return;
    x->match_before = category_week(before, s->matched[i], &s->of);
    x->match_during = category_week(during, s->matched[i], &s->of);
}

static bool see(call *c, seen *s, err *e) {
    AUTO(shelf_world) during = {0};
    AUTO(shelf_world) before = {0};
    day_t yesterday = day_at(c->now_ms, c->zone_min) - 1;
    if (!trial_get(c->t, call_arg(c, 0), &s->run))
        return err_set(e, ERR_NOT_FOUND, "trial '%.*s': unknown (trial runs)",
                       STR_ARG(str_take(call_arg(c, 0), LIMIT_ID)));
    if (!product_by_no(c->t, s->run.product, &s->of))
        return err_set(e, ERR_INTERNAL, "the product of a trial is not there");
    day_t to = s->run.to < yesterday ? s->run.to : yesterday;
    s->n = trial_terminals(&s->run);
    s->v = ARENA_NEW(c->a, trial_terminal, s->n);
    s->no = ARENA_NEW(c->a, uint32_t, s->n);
    s->matched = ARENA_NEW(c->a, uint32_t, s->n);
    for (size_t i = 0; i < s->n; i++) {
        trial_terminal_at(&s->run, i, &s->no[i], &s->matched[i]);
        TRY(authz(c, "read", s->no[i], e));
    }
    s->level = level_of(c->t, s->no, s->n);
    for (size_t i = 0; i < s->n; i++) s->v[i].region = region_of(c->t, s->no[i], s->level);
    if (to >= s->run.from) {
        shelf_world_open(&during, c->t, (day_span){s->run.from, to});
        shelf_world_open(&before, c->t, (day_span){s->run.from - BEFORE_DAYS, s->run.from - 1});
        during.unpriced = before.unpriced = true;
        s->weeks = (double)span_days(during.span) / 7;
        for (size_t i = 0; i < s->n; i++) look_at(&during, &before, s, i);
    }
    trial_judge(s->v, s->n, s->weeks, (double)s->run.target / 1000, &s->verdict);
    return true;
}

static void cell_figure(json *j, const char *name, double v, unsigned decimals) {
    json_key(j, name);
    if (isnan(v)) json_none(j);
    else
        json_dec(j, llround(v * (double)pow10_i64(decimals)), decimals, 0);
}

static void put_figures(json *j, const trial_figures *f) {
    cell_count(j, "terminals", f->terminals);
    cell_figure(j, "rate", f->rate, 3);
    cell_figure(j, "selling", f->selling, 4);
    cell_figure(j, "repeat", f->repeat < 0 ? NAN : f->repeat, 4);
    cell_figure(j, "out_of_stock", f->out < 0 ? NAN : f->out, 4);
    cell_count(j, "pairs", f->pairs);
    cell_figure(j, "lift", f->lift, 3);
    cell_figure(j, "lift_low", f->lift_low, 3);
    cell_figure(j, "lift_high", f->lift_high, 3);
}

static str regions_text(call *c, const seen *s) {
    AUTO(buf) b = {0};
    for (size_t i = 0; i < s->verdict.regions; i++) {
        if (i) buf_byte(&b, ';');
        buf_add(&b, region_code(c->t, s->verdict.region[i]));
    }
    return arena_str(c->a, buf_str(&b));
}

static void put_terminals(call *c, json *j, const seen *s) {
    json_key(j, "by_terminal");
    json_open_array(j);
    for (size_t i = 0; i < s->n; i++) {
        const trial_terminal *x = &s->v[i];
        json_open_object(j);
        cell_text(j, "terminal", partner_id(c->t, s->no[i]));
        cell_text(j, "region", region_code(c->t, x->region));
        cell_text(j, "matched", partner_id(c->t, s->matched[i]));
        cell_figure(j, "sold", x->sold, 3);
        cell_count(j, "weeks_selling", x->weeks_selling);
        cell_figure(j, "category_before", x->before, 3);
        cell_figure(j, "category_during", x->during, 3);
        cell_figure(j, "matched_before", x->matched ? x->match_before : NAN, 3);
        cell_figure(j, "matched_during", x->matched ? x->match_during : NAN, 3);
        json_end_object(j);
    }
    json_end_array(j);
}

static void put_regions(call *c, json *j, const seen *s) {
    json_key(j, "by_region");
    json_open_array(j);
    for (size_t i = 0; i < s->n; i++) {
        bool first = s->v[i].region != 0;
        trial_figures f;
        for (size_t k = 0; k < i && first; k++) first = s->v[k].region != s->v[i].region;
        if (!first) continue;
        trial_measure(s->v, s->n, s->v[i].region, s->weeks, (double)s->run.target / 1000, &f);
        json_open_object(j);
        cell_text(j, "region", region_code(c->t, s->v[i].region));
        put_figures(j, &f);
        json_key(j, "passes");
        json_bool(j, trial_passes(&f));
        json_end_object(j);
    }
    json_end_array(j);
}

bool cmd_trial_evaluate(call *c, err *e) {
    AUTO(buf) why = {0};
    seen s = {.n = 0};
    language l = call_flag(c, "zh") ? LANGUAGE_ZH : LANGUAGE_EN;
    TRY(see(c, &s, e));
    trial_why(&s.verdict.all, l, &why);
    json *j = answer_show(c);
    cell_text(j, "trial", s.run.id);
    cell_text(j, "sku", s.of.sku);
    put_day_cell(j, "from", s.run.from);
    put_day_cell(j, "to", s.run.to);
    cell_text(j, "state", s.run.result == TRIAL_OPEN ? STR("open") : STR("closed"));
    cell_text(j, "closed_as",
              s.run.result == TRIAL_OPEN ? STR_NONE : str_of(trial_result_name(s.run.result, LANGUAGE_EN)));
    cell_text(j, "result",
              s.verdict.result == TRIAL_OPEN ? STR_NONE : str_of(trial_result_name(s.verdict.result, LANGUAGE_EN)));
    cell_text(j, "words", s.verdict.result == TRIAL_OPEN ? STR_NONE : str_of(trial_result_name(s.verdict.result, l)));
    cell_text(j, "regions", regions_text(c, &s));
    cell_text(j, "why", buf_str(&why));
    cell_figure(j, "weeks", s.weeks, 2);
    cell_figure(j, "target", s.run.target ? (double)s.run.target / 1000 : NAN, 3);
    put_figures(j, &s.verdict.all);
    put_regions(c, j, &s);
    put_terminals(c, j, &s);
    answer_show_end(c);
    return txn_ok(c->t, e);
}

bool cmd_trial_close(call *c, err *e) {
    AUTO(buf) en = {0};
    AUTO(buf) zh = {0};
    Entry__TrialEnd m = ENTRY__TRIAL_END__INIT;
    seen s = {.n = 0};
    str word = call_option(c, "result"), reason = call_option(c, "reason");
    TRY(see(c, &s, e));
    trial_result result = s.verdict.result;
    if (word.p && !trial_result_parse(word, &result))
        return err_set(e, ERR_USAGE, "--result: drop, improve_product, improve_marketing, certain_regions or roll_out");
    if (result == TRIAL_OPEN)
        return err_set(e, ERR_CONFLICT,
                       "trial '%.*s': too few terminals or weeks to judge; --result and --reason decide",
                       STR_ARG(s.run.id));
    if (result != s.verdict.result && reason.n == 0)
        return err_set(e, ERR_USAGE, "--reason: why it is not what the figures say (%s)",
                       trial_result_name(s.verdict.result, LANGUAGE_EN));
    trial_why(&s.verdict.all, LANGUAGE_EN, &en);
    trial_why(&s.verdict.all, LANGUAGE_ZH, &zh);
    m.id = entry_text(c, s.run.id);
    m.result = result;
    m.regions = entry_text(c, result == TRIAL_CERTAIN ? regions_text(c, &s) : STR(""));
    m.figures = entry_text(c, buf_str(&en));
    m.figures_zh = entry_text(c, buf_str(&zh));
    m.reason = entry_text(c, reason);
    m.day = day_at(c->now_ms, c->zone_min);
    TRY(command_append(c, KIND_TRIAL_END, &m.base, e));
    answer_message(c, "trial '%s': %s; %s", m.id, trial_result_name(result, LANGUAGE_EN), m.figures);
    return txn_ok(c->t, e);
}

bool cmd_trial_runs(call *c, err *e) {
    static const char *const columns[] = {"trial",  "sku",     "from",  "to",      "terminals", "target", "state",
                                          "result", "regions", "ended", "figures", "note",      "reason", "by"};
    bool zh = call_flag(c, "zh");
    answer_list(c, columns, ARRAY_LEN(columns));
    for (AUTO(kv_cursor) w = kv_from(c->t, TABLE_TRIAL, STR(""), STR_NONE); kv_next(&w) && !answer_failed(c);) {
        trial_run x;
        if (!trial_decode(w.key, w.val, &x)) return err_set(e, ERR_INTERNAL, "a trial cannot be decoded");
        bool open = x.result == TRIAL_OPEN;
        if (!open && !call_flag(c, "all")) continue;
        json *j = answer_row(c);
        cell_text(j, "trial", x.id);
        cell_text(j, "sku", product_sku(c->t, x.product));
        put_day_cell(j, "from", x.from);
        put_day_cell(j, "to", x.to);
        cell_count(j, "terminals", trial_terminals(&x));
        cell_quantity(j, "target", x.target ? x.target : NUM_NONE);
        cell_text(j, "state", open ? STR("open") : STR("closed"));
        cell_text(j, "result", open ? STR_NONE : str_of(trial_result_name(x.result, LANGUAGE_EN)));
        cell_text(j, "regions", x.regions);
        if (open) cell_text(j, "ended", STR_NONE);
        else
            put_day_cell(j, "ended", x.ended);
        cell_text(j, "figures", zh ? x.figures_zh : x.figures);
        cell_text(j, "note", x.note);
        cell_text(j, "reason", x.reason);
        cell_text(j, "by", x.by);
        answer_row_end(c);
    }
    return txn_ok(c->t, e);
}
