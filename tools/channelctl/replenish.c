#include "tools/channelctl/replenish.h"

#include "maths/demand_class.h"
#include "tools/channelctl/replenish_season.h"
#include <math.h>

/* A figure at four decimals at most; not a number: null. */
static void put_figure(json *j, double v) {
    AUTO(buf) text = {0};
    if (isfinite(v)) buf_printf(&text, "%.10g", round(v * 1e4) / 1e4), json_raw(j, buf_str(&text));
    else
        json_none(j);
}

static void put_quantity(json *j, const char *key, int64_t v) {
    json_key(j, key), json_dec(j, v, QUANTITY_SCALE, 0);
}

typedef struct found {
    demand_notes notes;
    demand_forecast forecast;
    replenish_suggestion s;
    double adi, cv2, value;
    demand_class class;
    char abc, xyz;
} found;

/* ---- one series */

/* What a product like it sold at its age, in the policy's buckets. */
static void ramp(const try_files *t, const try_series *s, const demand_state *own, demand_forecast *out, bool *any) {
    bucket_kind kind = s->policy.demand.bucket;
    *any = false;
    for (size_t i = 0; s->analogue.n && i < t->n; i++) {
        const try_series *like = &t->v[i];
        if (!str_eq(like->name, s->analogue) || like->n == 0) continue;
        double y[RAMP_BUCKETS];
        size_t n = demand_buckets(like->day, like->n, kind, t->today, y, RAMP_BUCKETS);
        unsigned age = own->f.n;
        demand_ramp(y, n, age, s->analogue_share, &s->policy.demand, t->today, FORECAST_MAX, out);
        *any = n > 0;
    }
}

static void plan_one(try_files *t, const season_profile *season, try_series *s, found *out, arena *room) {
    demand_state state;
    demand_forecast like;
    double *y;
    int32_t first;
    bool any;
    size_t n = try_periods(t, s, t->today, false, &y, &first, room);
    if (demand_class_measure(y, n, &out->adi, &out->cv2)) out->class = demand_class_of(out->adi, out->cv2);
    out->xyz = demand_xyz(y, n);
    for (size_t i = 0; i < n; i++) out->value += y[i] * (s->price == NUM_NONE ? 1 : (double)s->price / 1e6);
    demand_day *days = ARENA_NEW(room, demand_day, s->n + 1);
    for (size_t i = 0; i < s->n; i++) days[i] = s->day[i];
    demand_rebuild(&state, &s->policy.demand, season, days, s->n, &out->notes);
    ramp(t, s, &state, &like, &any);
    replenish_view v = replenish_view_of(&s->policy, &state, t->today);
    v.season = season, v.position = s->position, v.stage = s->stage;
    v.trial_left = s->trial_left, v.remaining = s->remaining, v.ends = s->ends, v.analogue = any ? &like : NULL;
    replenish_suggest(&v, 1, &out->s, &out->forecast);
    out->s.class = out->class; /* of the periods of the file, as the answer states it */
}

static void fit_budget(const try_files *t, found *f, arena *room) {
    replenish_suggestion *s = ARENA_NEW(room, replenish_suggestion, t->n + 1);
    const replenish_policy **policy = ARENA_NEW(room, const replenish_policy *, t->n + 1);
    int64_t *price = ARENA_NEW(room, int64_t, t->n + 1);
    if (t->budget == NUM_NONE) return;
    for (size_t i = 0; i < t->n; i++) s[i] = f[i].s, policy[i] = &t->v[i].policy, price[i] = t->v[i].price;
    (void)replenish_fit_budget(s, policy, price, t->n, t->budget);
    for (size_t i = 0; i < t->n; i++) f[i].s = s[i];
}

/* ---- the answer */

static const char *const columns[] = {"series",   "class",    "method",       "forecast",      "lower",
                                      "upper",    "error",    "safety_stock", "reorder_point", "order_up_to",
                                      "position", "quantity", "abc",          "xyz",           "why"};

/* The periods of the file that the order must last for, each with what 80 % of the errors left it between. */
static void put_forecast(json *j, const try_files *t, const season_profile *season, const found *f) {
    enum { MEAN, LOWER, UPPER, WAYS };
    static const char *const keys[WAYS] = {"forecast", "lower", "upper"};
    bucket_kind grain = try_grain(t);
    double days = fmax(f->s.span, 1), error = NAN;
    for (int way = MEAN; way < WAYS; way++) {
        day_t from = t->today, end = from + (day_t)fmin(ceil(days), 366);
        json_key(j, keys[way]), json_open_array(j);
        while (from < end) {
            day_t next = bucket_first(grain, bucket_of(grain, from) + 1);
            double mean = demand_over(&f->forecast, season, from, next - from);
            double sigma = demand_sigma(&f->forecast, next - from, mean);
            double q = way == MEAN ? 0 : way == LOWER ? f->forecast.view.low : f->forecast.view.high;
            put_figure(j, fmax(mean + q * sigma, 0));
            if (f->s.error >= 0 && from == t->today) error = sigma;
            from = next;
        }
        json_end_array(j);
    }
    json_key(j, "error"), put_figure(j, error);
}

static void put_series(buf *out, const try_files *t, const season_profile *season, const try_series *s,
                       const found *f) {
    AUTO(buf) why = {0};
    json j = json_into(out);
    json_open_object(&j);
    json_key(&j, "series"), json_str(&j, s->name);
    json_key(&j, "class"), json_z(&j, demand_class_name(f->class));
    json_key(&j, "method"), json_z(&j, forecast_method_name(f->s.method));
    put_forecast(&j, t, season, f);
    put_quantity(&j, "safety_stock", f->s.safety_stock);
    put_quantity(&j, "reorder_point", f->s.reorder_point);
    put_quantity(&j, "order_up_to", f->s.order_up_to);
    put_quantity(&j, "position", f->s.position_sum);
    put_quantity(&j, "quantity", f->s.quantity);
    json_key(&j, "abc"), json_str(&j, str_from(&f->abc, 1));
    json_key(&j, "xyz"), json_str(&j, str_from(&f->xyz, 1));
    replenish_why(&f->s, &f->notes, t->language, &why);
    json_key(&j, "why"), json_str(&j, buf_str(&why));
    json_end_object(&j);
    buf_byte(out, '\n');
}

static bool show_plan(client *c, const try_files *t, const try_seasons *seasons, const found *f, err *e) {
    AUTO(call_out) head = {0};
    render to;
    call_out_init(&head);
    head.form = ANSWER_LIST, head.columns = ARRAY_LEN(columns);
    for (size_t i = 0; i < ARRAY_LEN(columns); i++) head.column[i] = str_of(columns[i]);
    TRY(render_begin(&to, c->as, &head, c->output, e));
    bool ok = true;
    for (size_t i = 0; ok && i < t->n; i++) {
        AUTO(buf) line = {0};
        put_series(&line, t, &seasons->of[i], &t->v[i], &f[i]);
        ok = render_rows(&to, buf_str(&line), e);
    }
    err why;
    return render_end(&to, ok ? e : &why) && ok;
}

static bool read_files(client *c, buf *history, buf *params, try_files *t, err *e) {
    bool given;
    str demand = args_option(c->args, "history", &given), policy = args_option(c->args, "params", &given);
    TRY(client_read_file(demand, history, e));
    if (given) TRY(client_read_file(policy, params, e));
    attachment files[] = {{base_name(demand), buf_str(history)}, {base_name(policy), buf_str(params)}};
    return try_files_read(&files[0], &files[1], t, e);
}

bool client_replenish_try(client *c, err *e) {
    AUTO(buf) history = {0};
    AUTO(buf) params = {0};
    AUTO(try_files) t = {0};
    TRY(read_files(c, &history, &params, &t, e));
    try_seasons seasons = try_seasons_fit(&t, t.today);
    found *f = ARENA_NEW(&t.text, found, t.n + 1);
    double *value = ARENA_NEW(&t.text, double, t.n + 1);
    char *abc = ARENA_NEW(&t.text, char, t.n + 1);
    for (size_t i = 0; i < t.n; i++) {
        AUTO(arena) room = {0};
        arena_init(&room, SIZE_MAX); /* as long as one history */
        plan_one(&t, &seasons.of[i], &t.v[i], &f[i], &room);
        value[i] = f[i].value;
    }
    demand_abc(value, t.n, abc);
    for (size_t i = 0; i < t.n; i++) f[i].abc = abc[i];
    fit_budget(&t, f, &t.text);
    return show_plan(c, &t, &seasons, f, e);
}
