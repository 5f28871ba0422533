#include "tools/channelctl/replenish.h"

#include "daemon/replenish/plan.h"
#include "tools/channelctl/series_files.h"
#include <math.h>
#include <stdlib.h>

/* Ordering, period by period, on values that were held out: once with the engine, fed with what it would have seen by then,
 * once with levels that are fixed for each series, the best of a grid on the same past. Orders go out at the end of every
 * review's period and arrive whole periods later; what is not there is lost. Stock counts as the mean of what a period begins
 * and ends with. */

enum { TARGETS = 10, POINTS = 16, LOTS = 6, LEAD_MOST = 64, PAST_LEAST = 8 };
static const double targets[TARGETS] = {0.70, 0.80, 0.85, 0.90, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995};
/* Fixed levels are tuned in two ways, and the better one is compared: to reach a fill rate in each series, and to make stock +
 * price × what was lost the least over all of them. */
static const double prices[TARGETS] = {1, 2, 4, 6, 9, 14, 25, 50, 150, 1000};
typedef enum tuning { BY_TARGET, BY_PRICE, TUNINGS } tuning;

typedef struct ordering { /* what is the same for both */
    const double *y;
    size_t past, n;
    bucket_kind kind;
    int32_t first;
    unsigned lead, review; /* periods */
    double pack;
    double begins; /* stock that both begin the held-out part with */
} ordering;

typedef struct outcome {
    double wanted, filled, stock;
    size_t periods;
} outcome;

/* ---- the physical side */

typedef struct shelf {
    double stock, due[LEAD_MOST + 1], on_order; /* due[i]: arrives i + 1 periods from now */
} shelf;

static double shelf_period(shelf *s, double demand, outcome *o) {
    s->stock += s->due[0], s->on_order -= s->due[0];
    for (size_t i = 0; i < LEAD_MOST; i++) s->due[i] = s->due[i + 1];
    double begins = s->stock, sold = fmin(demand, s->stock);
    s->stock -= sold;
    o->wanted += demand, o->filled += sold, o->stock += (begins + s->stock) / 2, o->periods++;
    return sold;
}

static void shelf_order(shelf *s, unsigned lead, double quantity) {
    s->due[lead] += quantity, s->on_order += quantity;
}

static bool reviews(const ordering *g, size_t t) {
    return (t + 1) % g->review == 0;
}

/* ---- fixed levels */

static outcome run_fixed(const ordering *g, size_t from, size_t to, double point, double upto, double begins) {
    shelf s = {.stock = begins};
    outcome o = {0};
    for (size_t t = from; t < to; t++) {
        (void)shelf_period(&s, g->y[t], &o);
        double position = s.stock + s.on_order;
        if (!reviews(g, t) || position > point || upto <= position) continue;
        shelf_order(&s, g->lead, g->pack > 0 ? ceil((upto - position) / g->pack - 1e-9) * g->pack : upto - position);
    }
    return o;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Points of the grid: quantiles of what the past took in the periods an order must last for, and beyond its most. */
static void grid(const ordering *g, double point[static POINTS], double lot[static LOTS]) {
    static const double beyond[] = {1.25, 1.5, 2, 3, 5}, lots[LOTS] = {0, 0.5, 1, 2, 3, 5};
    unsigned span = g->lead + g->review;
    size_t n = g->past >= span ? g->past - span + 1 : 0;
    double *sum = calloc(n + 1, sizeof *sum), mean = 0;
    ASSERT(sum != NULL);
    for (size_t t = 0; t < g->past; t++) mean += g->y[t] / (double)g->past;
    for (size_t i = 0; i < n; i++)
        for (unsigned k = 0; k < span; k++) sum[i] += g->y[i + k];
    qsort(sum, n, sizeof *sum, by_value);
    for (size_t i = 0; i < POINTS; i++) {
        double most = n ? sum[n - 1] : mean * span;
        point[i] = i <= 10 ? (n ? sum[i * (n - 1) / 10] : most * (double)i / 10) : most * beyond[i - 11];
    }
    for (size_t i = 0; i < LOTS; i++) lot[i] = lots[i] * mean * g->review;
    free(sum);
}

typedef struct levels {
    double point, upto, filled, stock, cost;
} levels;

/* Is it better than what was found so far? */
static bool better(tuning how, size_t k, const levels *now, const levels *best) {
    if (how == BY_PRICE) return now->cost < best->cost;
    bool meets = now->filled >= targets[k], met = best->filled >= targets[k];
    return meets ? !met || now->stock < best->stock : !met && now->filled > best->filled;
}

/* The best levels of the past, run on what was held out. */
static void fixed_levels(const ordering *g, outcome out[static TUNINGS][TARGETS]) {
    double point[POINTS], lot[LOTS];
    levels best[TUNINGS][TARGETS];
    grid(g, point, lot);
    for (size_t w = 0; w < TUNINGS; w++)
        for (size_t k = 0; k < TARGETS; k++) best[w][k] = (levels){.filled = -1, .stock = INFINITY, .cost = INFINITY};
    for (size_t i = 0; i < POINTS * LOTS; i++) {
        double s = point[i / LOTS], upto = s + lot[i % LOTS];
        outcome o = run_fixed(g, 0, g->past, s, upto, upto);
        levels now = {s, upto, o.wanted > 0 ? o.filled / o.wanted : 1, o.stock, 0};
        for (size_t w = 0; w < TUNINGS; w++)
            for (size_t k = 0; k < TARGETS; k++) {
                now.cost = o.stock + prices[k] * (o.wanted - o.filled);
                if (better((tuning)w, k, &now, &best[w][k])) best[w][k] = now;
            }
    }
    for (size_t w = 0; w < TUNINGS; w++)
        for (size_t k = 0; k < TARGETS; k++)
            out[w][k] = run_fixed(g, g->past, g->n, best[w][k].point, best[w][k].upto, g->begins);
}

/* ---- the engine */

static void post(demand_state *state, const ordering *g, const demand_rules *rules, const season_profile *season,
                 size_t t, double sold, double stock) {
    demand_day d = {
        .day = bucket_first(g->kind, g->first + (int32_t)t), .sold = llround(sold * 1000), .stock = NUM_NONE};
    if (stock >= 0) d.stock = llround(stock * 1000);
    (void)demand_post(state, rules, season, &d);
}

static outcome run_engine(const ordering *g, const replenish_policy *p, const season_profile *season,
                          const demand_state *learned) {
    demand_state state = *learned;
    shelf s = {.stock = g->begins};
    outcome o = {0};
    for (size_t t = g->past; t < g->n; t++) {
        double sold = shelf_period(&s, g->y[t], &o);
        post(&state, g, &p->demand, season, t, sold, s.stock);
        if (!reviews(g, t)) continue;
        replenish_view v = replenish_view_of(p, &state, bucket_first(g->kind, g->first + (int32_t)t + 1));
        replenish_suggestion found;
        v.season = season;
        v.position = (replenish_position){.on_hand = llround(s.stock * 1000), .on_order = llround(s.on_order * 1000)};
        replenish_suggest(&v, 1, &found, NULL);
        if (found.quantity > 0) shelf_order(&s, g->lead, (double)found.quantity / 1000);
    }
    return o;
}

static void engine(const ordering *g, const replenish_policy *usual, outcome out[static TARGETS + 1]) {
    season_profile season;
    demand_state learned = {.open = 0};
    season_fit(&season, g->kind, g->first, g->y, g->past);
    for (size_t t = 0; t < g->past; t++) post(&learned, g, &usual->demand, &season, t, g->y[t], -1);
    for (size_t k = 0; k <= TARGETS; k++) {
        replenish_policy p = *usual;
        if (k < TARGETS) p.target = targets[k];
        out[k] = run_engine(g, &p, &season, &learned);
    }
}

/* ---- all series */

static void add(outcome *sum, const outcome *o) {
    sum->wanted += o->wanted, sum->filled += o->filled;
    sum->stock += o->stock / (double)o->periods, sum->periods = 1;
}

static bucket_kind kind_of(const series *s) {
    return s->turn == 12 ? BUCKET_MONTH : s->turn == 7 ? BUCKET_DAY : BUCKET_WEEK;
}

static unsigned periods_of(double days, bucket_kind kind) {
    double n = round(days / demand_bucket_days(kind));
    return n > LEAD_MOST ? LEAD_MOST : (unsigned)n;
}

static ordering ordering_of(const series *s, size_t held, const replenish_policy *p) {
    bucket_kind kind = kind_of(s);
    ordering g = {.y = s->y, .past = s->n - held, .n = s->n, .kind = kind, .pack = (double)p->pack / 1000};
    g.first = bucket_of(kind, day_of(2001, 1, 1)) + (int32_t)s->phase;
    g.lead = periods_of(p->lead_mean, kind), g.review = periods_of(p->review, kind);
    if (g.review == 0) g.review = 1;
    for (size_t t = 0; t < g.past; t++) g.begins += s->y[t] / (double)g.past * (g.lead + g.review);
    if (g.pack > 0) g.begins = ceil(g.begins / g.pack - 1e-9) * g.pack;
    return g;
}

typedef struct totals {
    outcome fixed[TUNINGS][TARGETS], engine[TARGETS + 1];
    size_t series;
} totals;

static void run_all(const series_list *l, size_t holdout, const replenish_policy *given, totals *all) {
    for (size_t i = 0; i < l->n; i++) {
        const series *s = &l->v[i];
        size_t held = holdout ? holdout : s->n / 3;
        if (held == 0 || s->n < held + PAST_LEAST) continue;
        ordering g = ordering_of(s, held, given);
        replenish_policy p = *given;
        p.demand.bucket = g.kind, p.kind = STOCK_ORDER_UP_TO, p.lead_sd = 0;
        p.lead_mean = g.lead * demand_bucket_days(g.kind), p.review = g.review * demand_bucket_days(g.kind);
        outcome fixed[TUNINGS][TARGETS], ours[TARGETS + 1];
        fixed_levels(&g, fixed);
        engine(&g, &p, ours);
        for (size_t k = 0; k < TUNINGS * TARGETS; k++)
            add(&all->fixed[k / TARGETS][k % TARGETS], &fixed[k / TARGETS][k % TARGETS]);
        for (size_t k = 0; k <= TARGETS; k++) add(&all->engine[k], &ours[k]);
        all->series++;
    }
}

/* ---- the answer */

static double fill_of(const outcome *o) {
    return o->wanted > 0 ? o->filled / o->wanted : NAN;
}

/* Stock that fixed levels take for a fill rate: the least between two neighbours of a tuning whose outcomes enclose it. */
static double equal_stock(const totals *all, double fill) {
    double best = NAN;
    for (size_t w = 0; w < TUNINGS; w++)
        for (size_t k = 1; k < TARGETS; k++) {
            const outcome *low = &all->fixed[w][k - 1], *high = &all->fixed[w][k];
            double from = fill_of(low), to = fill_of(high);
            if (!(from <= fill && fill <= to && to > from)) continue;
            best = fmin(isnan(best) ? INFINITY : best,
                        low->stock + (fill - from) / (to - from) * (high->stock - low->stock));
        }
    return best;
}

static void put_number(json *j, const char *key, double v, int decimals) {
    AUTO(buf) text = {0};
    json_key(j, key);
    if (isfinite(v)) buf_printf(&text, "%.*f", decimals, v), json_raw(j, buf_str(&text));
    else
        json_none(j);
}

static const char *const columns[] = {"policy",        "target",        "series", "fill_rate",
                                      "average_stock", "min_max_stock", "saving"};

static void put_row(buf *out, const char *policy, double target, const totals *all, const outcome *o, double equal) {
    json j = json_into(out);
    json_open_object(&j);
    json_key(&j, "policy"), json_z(&j, policy);
    put_number(&j, "target", target, 3);
    json_key(&j, "series"), json_uint(&j, all->series);
    put_number(&j, "fill_rate", fill_of(o), 5);
    put_number(&j, "average_stock", o->stock, 3);
    put_number(&j, "min_max_stock", equal, 3);
    put_number(&j, "saving", 1 - o->stock / equal, 4);
    json_end_object(&j);
    buf_byte(out, '\n');
}

static bool show(client *c, const totals *all, double target, err *e) {
    AUTO(call_out) head = {0};
    AUTO(buf) rows = {0};
    render to;
    call_out_init(&head);
    head.form = ANSWER_LIST, head.columns = ARRAY_LEN(columns);
    for (size_t i = 0; i < ARRAY_LEN(columns); i++) head.column[i] = str_of(columns[i]);
    TRY(render_begin(&to, c->as, &head, c->output, e));
    const outcome *asked = &all->engine[TARGETS];
    put_row(&rows, "auto", target, all, asked, equal_stock(all, fill_of(asked)));
    for (size_t k = 0; k < TARGETS; k++)
        put_row(&rows, "forecast", targets[k], all, &all->engine[k], equal_stock(all, fill_of(&all->engine[k])));
    for (size_t k = 0; k < TARGETS; k++) put_row(&rows, "min_max", targets[k], all, &all->fixed[BY_TARGET][k], NAN);
    for (size_t k = 0; k < TARGETS; k++) put_row(&rows, "min_max_cost", prices[k], all, &all->fixed[BY_PRICE][k], NAN);
    bool ok = render_rows(&to, buf_str(&rows), e);
    err why;
    return render_end(&to, ok ? e : &why) && ok;
}

static bool read_policy(client *c, replenish_policy *p, err *e) {
    static const char *const rest[] = {"on_hand", "on_order", "in_transit", "back_orders", "reserved",
                                       "series",  "today",    "budget",     "language"};
    AUTO(buf) text = {0};
    AUTO(arena) room = {0};
    const node *root;
    bool given;
    *p = replenish_policy_usual();
    p->pack = 1000;
    str path = args_option(c->args, "params", &given);
    if (!given) return true;
    arena_init(&room, SIZE_MAX); /* as large as the file */
    TRY(client_read_file(path, &text, e));
    return (yaml_read(buf_str(&text), &room, &root, e) && replenish_policy_read(root, rest, ARRAY_LEN(rest), p, e)) ||
           err_wrap(e, "%.*s", STR_ARG(base_name(path)));
}

bool client_replenish_backtest(client *c, err *e) {
    AUTO(buf) bytes = {0};
    AUTO(series_list) list = {0};
    replenish_policy p;
    totals all = {.series = 0};
    int64_t holdout = 0;
    bool given;
    str path = args_option(c->args, "file", &given), word = args_option(c->args, "holdout", &given);
    if (given && (!dec_parse(word, 0, &holdout, NULL) || holdout < 1 || holdout > SERIES_VALUES))
        return err_set(e, ERR_USAGE, "--holdout is '%.*s', wanted 1 to %d", STR_ARG(str_take(word, 20)), SERIES_VALUES);
    TRY(read_policy(c, &p, e) && client_read_file(path, &bytes, e));
    attachment file = {base_name(path), buf_str(&bytes)};
    TRY(series_read(&file, SERIES_AUTO, &list, e));
    run_all(&list, (size_t)holdout, &p, &all);
    if (all.series == 0)
        return err_set(e, ERR_DATA, "%.*s: no series is longer than what is held out by %d values", STR_ARG(file.name),
                       PAST_LEAST);
    return show(c, &all, p.target, e);
}
