/* forecast list, show, fit, seasons. */
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/replenish/planning.h"
#include "proto/frame.h"
#include "proto/limits.h"

#include <math.h>

static void cell_real(json *j, const char *name, double v) {
    json_key(j, name);
    if (!(v >= 0 && v < 1e12)) json_none(j);
    else
        json_dec(j, llround(v * 1000), QUANTITY_SCALE, 0);
}

static const char *bucket_name(bucket_kind kind) {
    static const char *const names[] = {"day", "week", "month"};
    return names[kind];
}

/* ---- list */

static const char *const columns[] = {"partner", "sku",     "name",  "bucket", "from", "forecast",
                                      "lower",   "upper",   "error", "class",  "adi",  "cv2",
                                      "method",  "history", "stage", "season", "basis"};

static void put_row(call *c, uint32_t partner_no, const planned *p, bool sell_in) {
    bucket_kind kind = p->of->rule->policy.demand.bucket;
    json *j = answer_row(c);
    cell_text(j, "partner", partner_id(c->t, partner_no));
    cell_text(j, "sku", p->product.sku);
    cell_text(j, "name", p->product.name);
    cell_text(j, "bucket", str_of(bucket_name(kind)));
    put_day_cell(j, "from", bucket_first(kind, p->bucket));
    cell_real(j, "forecast", p->next);
    cell_real(j, "lower", p->lower);
    cell_real(j, "upper", p->upper);
    cell_real(j, "error", p->view.sigma);
    cell_text(j, "class", str_of(demand_class_name(p->view.class)));
    cell_real(j, "adi", p->view.hits ? p->view.adi : -1);
    cell_real(j, "cv2", p->view.hits ? p->view.cv2 : -1);
    cell_text(j, "method", str_of(forecast_method_name(p->view.method)));
    cell_count(j, "history", p->of->state.f.n);
    cell_text(j, "stage", str_of(stage_name(p->stage.stage)));
    cell_text(j, "season", p->of->season ? p->product.category : STR_NONE);
    cell_text(j, "basis", sell_in ? STR("sell_in") : STR("sell_out"));
    answer_row_end(c);
}

bool cmd_forecast_list(call *c, err *e) {
    AUTO(series_world) w = {0};
    stock_rules rules;
    uint32_t only, *partner_no;
    err unused;
    TRY(option_partner(c, &only, e) && stock_rules_load(c->t, c->a, &rules, e));
    series_world_open(&w, c->t, &rules, day_at(c->now_ms, c->zone_min));
    answer_list(c, columns, ARRAY_LEN(columns));
    size_t n = rules.n ? planned_partners(&w, c->a, &partner_no) : 0;
    for (size_t i = 0; i < n && !answer_failed(c); i++) {
        AUTO(arena) a = {0};
        partner_plan p;
        if ((only && only != partner_no[i]) || !authz(c, "read", partner_no[i], &unused)) continue;
        arena_init(&a, SIZE_MAX); /* bounded by the books of one partner */
        partner_plan_make(&w, partner_no[i], 0, &a, &p);
        for (size_t k = 0; k < p.n && !answer_failed(c); k++) put_row(c, partner_no[i], &p.v[k], p.set.sell_in);
    }
    return txn_ok(c->t, e);
}

/* ---- show */

enum { AHEAD = 8, BACK = 26 };

static void put_buckets(json *j, const demand_rules *rules, const demand_forecast *f) {
    json_key(j, "forecast");
    json_open_array(j);
    for (unsigned i = 0; i < f->n; i++) {
        json_open_object(j);
        put_day_cell(j, "from", bucket_first(rules->bucket, f->first + (int32_t)i));
        cell_real(j, "mean", f->mean[i]);
        cell_real(j, "lower", f->lower[i]);
        cell_real(j, "upper", f->upper[i]);
        json_end_object(j);
    }
    json_end_array(j);
}

typedef struct sold_so_far {
    const demand_day *day;
    size_t n, at;
    bool out; /* there was no stock when last heard of */
} sold_so_far;

/* A bucket as it was reported, and how many of its days do not count. */
static void put_bucket(json *j, const demand_rules *rules, int32_t bucket, sold_so_far *s) {
    int64_t sold = 0;
    unsigned out = 0, promoted = 0;
    for (day_t d = bucket_first(rules->bucket, bucket); d < bucket_first(rules->bucket, bucket + 1); d++) {
        for (; s->at < s->n && s->day[s->at].day <= d; s->at++) {
            const demand_day *x = &s->day[s->at];
            s->out = x->stock != NUM_NONE ? x->stock <= 0 : s->out && x->sold <= 0;
            if (x->day == d) sold += x->sold, promoted += x->promotion;
        }
        out += s->out;
    }
    json_open_object(j);
    put_day_cell(j, "from", bucket_first(rules->bucket, bucket));
    cell_quantity(j, "sold", sold);
    cell_count(j, "days_out_of_stock", out);
    cell_count(j, "days_promoted", promoted);
    json_end_object(j);
}

static void put_history(json *j, const demand_rules *rules, const demand_day *day, size_t n, day_t today) {
    int32_t end = bucket_of(rules->bucket, today);
    sold_so_far s = {.day = day, .n = n};
    json_key(j, "history");
    json_open_array(j);
    for (int32_t b = end - BACK; b < end; b++) put_bucket(j, rules, b, &s);
    json_end_array(j);
}

static void put_shown(call *c, series_world *w, uint32_t partner_no, const planned *p, const series_set *set,
                      arena *a) {
    const demand_rules *rules = &p->of->rule->policy.demand;
    demand_forecast f;
    demand_notes notes;
    demand_state state;
    demand_day *day;
    unsigned one_offs;
    size_t n = series_days(w, partner_no, p->product.no, a, &day, &one_offs);
    demand_look(&p->of->state, rules, p->of->season, w->today, AHEAD, p->stage.stage == STAGE_DECLINE, &f);
    if (planned_ramp(w, partner_no, p, &f)) f.n = AHEAD;
    json *j = answer_show(c);
    cell_text(j, "partner", partner_id(c->t, partner_no));
    cell_text(j, "sku", p->product.sku);
    cell_text(j, "name", p->product.name);
    cell_text(j, "basis", set->sell_in ? STR("sell_in") : STR("sell_out"));
    cell_text(j, "bucket", str_of(bucket_name(rules->bucket)));
    cell_text(j, "class", str_of(demand_class_name(f.view.class)));
    cell_real(j, "adi", f.view.hits ? f.view.adi : -1);
    cell_real(j, "cv2", f.view.hits ? f.view.cv2 : -1);
    cell_text(j, "method", str_of(forecast_method_name(f.view.method)));
    cell_real(j, "error", f.view.sigma);
    cell_text(j, "stage", str_of(stage_name(p->stage.stage)));
    cell_text(j, "season", p->of->season ? p->product.category : STR_NONE);
    put_history(j, rules, day, n, w->today);
    demand_rebuild(&state, rules, p->of->season, day, n, &notes);
    cell_count(j, "days", notes.days);
    cell_count(j, "days_out_of_stock", notes.out);
    cell_count(j, "days_promoted", notes.promoted);
    cell_count(j, "one_offs", notes.bulks + one_offs);
    put_buckets(j, rules, &f);
    answer_show_end(c);
}

bool cmd_forecast_show(call *c, err *e) {
    AUTO(series_world) w = {0};
    AUTO(arena) a = {0};
    stock_rules rules;
    partner of;
    product x;
    partner_plan p;
    TRY(call_partner(c, call_arg(c, 0), "read", &of, e));
    if (!product_by_sku(c->t, call_arg(c, 1), &x))
        return err_set(e, ERR_NOT_FOUND, "product '%.*s': unknown", STR_ARG(str_take(call_arg(c, 1), LIMIT_ID)));
    TRY(stock_rules_load(c->t, c->a, &rules, e));
    arena_init(&a, SIZE_MAX); /* bounded by the books of one partner */
    series_world_open(&w, c->t, &rules, day_at(c->now_ms, c->zone_min));
    partner_plan_make(&w, of.no, x.no, &a, &p);
    if (p.n == 0)
        return err_set(e, ERR_NOT_FOUND, "no demand of '%.*s' at '%.*s', or no policy for it (replenish policy list)",
                       STR_ARG(x.sku), STR_ARG(of.id));
    put_shown(c, &w, of.no, &p.v[0], &p.set, &a);
    return txn_ok(c->t, e);
}

/* ---- seasons */

typedef struct fit_found { /* between the two halves */
    Entry__Seasons m;
    size_t partners;
} fit_found;

static void answer_fit(call *c, const fit_found *f) {
    size_t seasonal = 0;
    for (size_t i = 0; i < f->m.n_row; i++) seasonal += f->m.row[i]->n_factor > 0;
    json *j = answer_show(c);
    put_day_cell(j, "day", f->m.day);
    cell_count(j, "partners", f->partners);
    cell_count(j, "groups", f->m.n_row);
    cell_count(j, "seasonal", seasonal);
    answer_show_end(c);
}

static bool look(call *c, err *e) {
    AUTO(series_world) w = {0};
    fit_found *f = ARENA_NEW(c->look_a, fit_found, 1);
    stock_rules *rules = ARENA_NEW(c->look_a, stock_rules, 1);
    uint32_t *partner_no;
    ASSERT(f != NULL && rules != NULL);
    entry__seasons__init(&f->m);
    f->m.engine = (char *)(uintptr_t)CHANNELD_VERSION;
    f->m.day = day_at(c->now_ms, c->zone_min);
    TRY(stock_rules_load(c->t, c->look_a, rules, e));
    series_world_open(&w, c->t, rules, f->m.day);
    f->partners = rules->n ? planned_partners(&w, c->look_a, &partner_no) : 0;
    if (f->partners) f->m.n_row = series_fit(&w, partner_no, f->partners, c->look_a, &f->m.row);
    if (f->m.n_row > LIMIT_ENTRY_ROWS)
        return err_set(e, ERR_FULL, "%zu product groups: at most %d have seasons", f->m.n_row, LIMIT_ENTRY_ROWS);
    c->looked = f;
    c->answered = f->m.n_row == 0;
    if (c->answered) answer_fit(c, f);
    return txn_ok(c->t, e);
}

bool cmd_forecast_fit(call *c, err *e) {
    TRY(authz(c, "write", 0, e));
    if (c->looking) return look(c, e);
    fit_found *f = c->looked;
    TRY(command_append(c, KIND_SEASONS, &f->m.base, e));
    answer_fit(c, f);
    return txn_ok(c->t, e);
}

static void put_factors(json *j, const char *name, const float *v, size_t n) {
    AUTO(buf) b = {0};
    for (size_t i = 0; i < n; i++) buf_printf(&b, "%s%.2f", i ? " " : "", (double)v[i]);
    cell_text(j, name, buf_str(&b));
}

bool cmd_forecast_seasons(call *c, err *e) {
    static const char *const names[] = {"group",           "fitted",      "seasonal",   "weekdays",
                                        "spring_festival", "dragon_boat", "mid_autumn", "weeks"};
    seasons all;
    seasons_load(c->t, day_at(c->now_ms, c->zone_min), c->a, &all);
    answer_list(c, names, ARRAY_LEN(names));
    for (size_t i = 0; i < all.n; i++) {
        const season_group *g = &all.v[i];
        json *j = answer_row(c);
        cell_text(j, "group", g->group);
        put_day_cell(j, "fitted", g->day);
        json_key(j, "seasonal"), json_bool(j, !g->profile.flat);
        put_factors(j, "weekdays", g->profile.weekday, 7);
        for (size_t h = 0; h < SEASON_HOLIDAYS; h++) put_factors(j, names[4 + h], g->profile.holiday[h], SEASON_AROUND);
        put_factors(j, "weeks", g->profile.year, SEASON_WEEKS);
        answer_row_end(c);
    }
    return txn_ok(c->t, e);
}
