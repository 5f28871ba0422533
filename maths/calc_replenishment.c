#include "maths/allot.h"
#include "maths/calc.h"
#include "maths/distribution.h"
#include "maths/lots.h"
#include "maths/safety.h"

#include <math.h>

/* Figures beyond these are damage; counts that are walked one by one are bounded lower. */
#define MOST       1e15
#define WHOLE_MOST 1000000000000LL
enum { COUNT_MEAN_MOST = 100000, WALK_MOST = 100000 };
static const double tiny = 1e-12; /* "above 0" */

typedef struct wanted_real {
    const char *key;
    double min, *out;
} wanted_real;

static bool reals(json_t *in, const wanted_real *w, size_t n, err *e) {
    for (size_t i = 0; i < n; i++) TRY(calc_real(in, w[i].key, w[i].min, MOST, w[i].out, e));
    return true;
}

#define REALS(in, e, ...)                                                                                              \
    reals((in), (wanted_real[]){__VA_ARGS__}, sizeof((wanted_real[]){__VA_ARGS__}) / sizeof(wanted_real), (e))
#define GIVE(out, e, ...)                                                                                              \
    calc_give_named((calc_named[]){__VA_ARGS__}, sizeof((calc_named[]){__VA_ARGS__}) / sizeof(calc_named), (out), (e))

static bool probability(json_t *in, const char *key, double *out, err *e) {
    TRY(calc_real(in, key, 0, 1, out, e));
    return (*out > 0 && *out < 1) || calc_wanted(json_object_get(in, key), key, "a number between 0 and 1", e);
}

static bool give_int(int64_t v, json_t **out) {
    *out = json_integer(v);
    return true;
}

/* ---- order quantities */

static bool calc_eoq(json_t *in, json_t **out, err *e) {
    double k, h, rate;
    TRY(REALS(in, e, {"fixed_cost", 0, &k}, {"holding_cost", tiny, &h}, {"demand_rate", 0, &rate}));
    double q = eoq(k, h, rate);
    return GIVE(out, e, {"Q", q}, {"cost", eoq_cost(k, h, rate, q)});
}

static bool calc_eoq_cost(json_t *in, json_t **out, err *e) {
    double k, h, rate, q;
    TRY(REALS(in, e, {"fixed_cost", 0, &k}, {"holding_cost", tiny, &h}, {"demand_rate", 0, &rate}, {"Q", tiny, &q}));
    return GIVE(out, e, {"cost", eoq_cost(k, h, rate, q)});
}

static bool calc_eoq_backorders(json_t *in, json_t **out, err *e) {
    costs c;
    double rate, x, cost;
    TRY(REALS(in, e, {"fixed_cost", 0, &c.order}, {"holding_cost", tiny, &c.holding},
              {"stockout_cost", tiny, &c.stockout}, {"demand_rate", 0, &rate}));
    double q = eoq_backorders(c, rate, &x, &cost);
    return GIVE(out, e, {"Q", q}, {"x", x}, {"cost", cost});
}

typedef double (*discounted)(double, double, double, const double *, const double *, size_t, size_t *, double *);

static bool by_bands(json_t *in, json_t **out, discounted how, err *e) {
    double k, i, rate, cost = 0;
    size_t band = 0;
    AUTO(calc_list) start = {0};
    AUTO(calc_list) price = {0};
    TRY(REALS(in, e, {"fixed_cost", 0, &k}, {"holding_rate", tiny, &i}, {"demand_rate", 0, &rate}));
    TRY(calc_reals(in, "breakpoints", 1, 0, MOST, &start, e) && calc_reals(in, "unit_costs", 1, tiny, MOST, &price, e));
    if (start.n != price.n)
        return calc_wanted(json_object_get(in, "unit_costs"), "unit_costs", "as many as breakpoints", e);
    for (size_t j = 0; j < start.n; j++)
        if (j ? start.v[j] <= start.v[j - 1] : start.v[0] != 0)
            return calc_wanted(json_object_get(in, "breakpoints"), "breakpoints", "a list that rises from 0", e);
    double q = how(k, i, rate, start.v, price.v, start.n, &band, &cost);
    TRY(GIVE(out, e, {"Q", q}, {"cost", cost}));
    (void)json_object_set_new(*out, "region", json_integer((json_int_t)band));
    return true;
}

static bool calc_eoq_all_units(json_t *in, json_t **out, err *e) {
    return by_bands(in, out, eoq_all_units, e);
}

static bool calc_eoq_incremental(json_t *in, json_t **out, err *e) {
    return by_bands(in, out, eoq_incremental, e);
}

/* ---- losses, newsvendor */

static bool calc_std_normal_loss(json_t *in, json_t **out, err *e) {
    double z;
    TRY(calc_real(in, "z", -MOST, MOST, &z, e));
    return GIVE(out, e, {"L", normal_loss(z)}, {"Lbar", normal_loss(-z)});
}

static bool calc_normal_loss(json_t *in, json_t **out, err *e) {
    double x, mean, sd;
    TRY(REALS(in, e, {"x", -MOST, &x}, {"mean", -MOST, &mean}, {"sd", 0, &sd}));
    return GIVE(out, e, {"n", normal_shortage(x, mean, sd)}, {"nbar", normal_shortage(-x, -mean, sd)});
}

static bool calc_newsvendor_normal(json_t *in, json_t **out, err *e) {
    costs c = {0};
    double mean, sd, lead;
    TRY(REALS(in, e, {"h", tiny, &c.holding}, {"p", tiny, &c.stockout}, {"mean", 0, &mean}, {"sd", 0, &sd}));
    TRY(json_object_get(in, "lead_time") == NULL ? (lead = 0, true) : calc_real(in, "lead_time", 0, MOST, &lead, e));
    mean *= lead + 1, sd *= sqrt(lead + 1);
    double s = newsvendor_normal(mean, sd, c);
    return GIVE(out, e, {"S", s}, {"cost", stock_cost_normal(s, mean, sd, c)});
}

static bool give_count(const char *name, int64_t v, json_t *in_out) {
    return json_object_set_new(in_out, name, json_integer(v)) == 0;
}

static bool calc_newsvendor_poisson(json_t *in, json_t **out, err *e) {
    costs c = {0};
    double mean, lead;
    TRY(REALS(in, e, {"h", tiny, &c.holding}, {"p", tiny, &c.stockout}));
    TRY(calc_real(in, "mean", 0, COUNT_MEAN_MOST, &mean, e));
    TRY(json_object_get(in, "lead_time") == NULL ? (lead = 0, true)
                                                 : calc_real(in, "lead_time", 0, COUNT_MEAN_MOST, &lead, e));
    int64_t s = newsvendor_poisson(mean * (lead + 1), c);
    return GIVE(out, e, {"cost", stock_cost_poisson(s, mean * (lead + 1), c)}) && give_count("S", s, *out);
}

/* ---- (r,Q) */

static bool read_rq(json_t *in, costs *c, lead_demand *d, err *e) {
    double mean, sd, lead;
    TRY(REALS(in, e, {"h", tiny, &c->holding}, {"p", tiny, &c->stockout}, {"K", 0, &c->order},
              {"demand_mean", 0, &mean}, {"demand_sd", 0, &sd}, {"lead_time", 0, &lead}));
    *d = (lead_demand){mean, mean * lead, sd * sqrt(lead)};
    return true;
}

static bool calc_rq_cost(json_t *in, json_t **out, err *e) {
    costs c;
    lead_demand d;
    double r, q;
    TRY(read_rq(in, &c, &d, e) && REALS(in, e, {"r", -MOST, &r}, {"Q", tiny, &q}));
    return GIVE(out, e, {"cost", rq_cost(r, q, d, c)});
}

static bool calc_rq_eil(json_t *in, json_t **out, err *e) {
    costs c;
    lead_demand d;
    double r, q, cost;
    TRY(read_rq(in, &c, &d, e));
    if (d.rate <= 0 || c.order <= 0) return err_set(e, ERR_DATA, "demand_mean and K: wanted numbers above 0");
    bool found = rq_iterate(d, c, &r, &q, &cost);
    if (!found) q = eoq(c.order, c.holding, d.rate), r = newsvendor_normal(d.mean, d.sd, c), cost = rq_cost(r, q, d, c);
    TRY(GIVE(out, e, {"r", r}, {"Q", q}, {"cost", cost}));
    if (!found) (void)json_object_set_new(*out, "fallback", json_string("eoq_safety_stock"));
    return true;
}

static bool calc_rq_eoqb(json_t *in, json_t **out, err *e) {
    costs c;
    lead_demand d;
    double x, cost;
    TRY(read_rq(in, &c, &d, e));
    double q = eoq_backorders(c, d.rate, &x, &cost);
    return GIVE(out, e, {"r", rq_point(q, d, c)}, {"Q", q});
}

static bool calc_rq_eoq_safety_stock(json_t *in, json_t **out, err *e) {
    costs c;
    lead_demand d;
    TRY(read_rq(in, &c, &d, e));
    return GIVE(out, e, {"r", newsvendor_normal(d.mean, d.sd, c)}, {"Q", eoq(c.order, c.holding, d.rate)});
}

static bool read_poisson(json_t *in, costs *c, double *mean, err *e) {
    TRY(REALS(in, e, {"h", tiny, &c->holding}, {"p", tiny, &c->stockout}, {"K", 0, &c->order}));
    return calc_real(in, "demand_mean", tiny, COUNT_MEAN_MOST, mean, e);
}

static bool calc_rq_cost_poisson(json_t *in, json_t **out, err *e) {
    costs c;
    double mean, lead;
    int64_t r, q;
    TRY(read_poisson(in, &c, &mean, e) && calc_real(in, "lead_time", 0, COUNT_MEAN_MOST / mean, &lead, e));
    TRY(calc_int(in, "r", -WHOLE_MOST, WHOLE_MOST, &r, e) && calc_int(in, "Q", 1, WALK_MOST, &q, e));
    return GIVE(out, e, {"cost", rq_cost_poisson(r, q, mean, mean * lead, c)});
}

/* ---- (s,S) */

static bool calc_ss_exact_poisson(json_t *in, json_t **out, err *e) {
    costs c;
    double mean, cost;
    int64_t s, upto;
    TRY(read_poisson(in, &c, &mean, e));
    if (!ss_best_poisson(mean, c, &s, &upto, &cost))
        return err_set(e, ERR_DATA, "the best s and S lie too far apart to be searched: K is too large beside h");
    return GIVE(out, e, {"cost", cost}) && give_count("s", s, *out) && give_count("S", upto, *out);
}

static bool calc_ss_cost_poisson(json_t *in, json_t **out, err *e) {
    costs c;
    double mean;
    int64_t s, upto;
    TRY(read_poisson(in, &c, &mean, e) && calc_int(in, "s", -WHOLE_MOST, WHOLE_MOST, &s, e));
    TRY(calc_int(in, "S", s + 1, s + LOTS_SPAN / 4, &upto, e));
    return GIVE(out, e, {"cost", ss_cost_poisson(s, upto, mean, c)});
}

static bool calc_ss_power(json_t *in, json_t **out, err *e) {
    costs c;
    double mean, sd, s, upto;
    TRY(REALS(in, e, {"h", tiny, &c.holding}, {"p", tiny, &c.stockout}, {"K", tiny, &c.order}, {"mean", tiny, &mean},
              {"sd", tiny, &sd}));
    ss_power(mean, sd, c, &s, &upto);
    return GIVE(out, e, {"s", s}, {"S", upto});
}

/* ---- safety */

static bool calc_safety_stock_ltd(json_t *in, json_t **out, err *e) {
    double lead, lead_sd, mean, sd, csl;
    TRY(REALS(in, e, {"mean_L", 0, &lead}, {"sd_L", 0, &lead_sd}, {"mean_d", 0, &mean}, {"sd_d", 0, &sd}));
    TRY(probability(in, "csl", &csl, e));
    double variance = safety_variance(lead, lead_sd, mean, sd), z = normal_quantile(csl), ss = z * sqrt(variance);
    return GIVE(out, e, {"var", variance}, {"z", z}, {"ss", ss}, {"rop", lead * mean + ss});
}

static bool calc_fill_rate_rq(json_t *in, json_t **out, err *e) {
    double mean, sd, q, csl, simple;
    TRY(REALS(in, e, {"ltd_mean", 0, &mean}, {"ltd_sd", 0, &sd}, {"Q", tiny, &q}) && probability(in, "csl", &csl, e));
    double z = normal_quantile(csl), beta = safety_fill_rate(z, sd, q, &simple);
    return GIVE(out, e, {"r", mean + z * sd}, {"beta", beta}, {"beta_simple", simple});
}

static bool calc_z_for_fill_rate(json_t *in, json_t **out, err *e) {
    double sd, q, beta;
    TRY(REALS(in, e, {"ltd_sd", 0, &sd}, {"Q", tiny, &q}) && probability(in, "beta", &beta, e));
    if (sd == 0) {
        *out = json_pack("{s:n, s:n, s:f}", "L", "z", "ss", 0.0);
        return true;
    }
    double z = safety_z_for_fill(beta, sd, q);
    return GIVE(out, e, {"L", (1 - beta) * q / sd}, {"z", z}, {"ss", z * sd});
}

/* ---- consumption, rounding, triggers */

static bool calc_adjusted_consumption(json_t *in, json_t **out, err *e) {
    int64_t consumed, days, months, more;
    TRY(calc_int(in, "consumed", 0, WHOLE_MOST, &consumed, e) && calc_int(in, "months", 1, 1200, &months, e));
    TRY(calc_int(in, "stockout_days", 0, 30 * months, &days, e));
    TRY(json_object_get(in, "additional") == NULL ? (more = 0, true)
                                                  : calc_int(in, "additional", 0, WHOLE_MOST, &more, e));
    int64_t open = 30 * months - days;
    return give_int(open == 0 ? consumed : (consumed * 30 * months + open - 1) / open + more, out);
}

/* Of two periods the half goes up, of more the rest is dropped: the rule of the form it is taken from (OpenLMIS). */
static bool calc_avg_consumption(json_t *in, json_t **out, err *e) {
    json_t *list;
    int64_t sum = 0, v;
    TRY(calc_array(in, "adj", &list, e));
    int64_t n = (int64_t)json_array_size(list);
    if (n == 0 || n > CALC_LIST) return err_set(e, ERR_DATA, "adj: wanted 1 to %d numbers", CALC_LIST);
    for (size_t i = 0; i < (size_t)n; i++) {
        TRY(calc_element(json_array_get(list, i), "adj", 0, WHOLE_MOST, &v, e));
        sum += v;
    }
    return give_int(n == 2 ? (sum + 1) / 2 : sum / n, out);
}

static bool calc_max_stock_half_up(json_t *in, json_t **out, err *e) {
    int64_t avg, periods;
    TRY(calc_int(in, "avg", 0, WHOLE_MOST, &avg, e) && calc_int(in, "periods_x100", 0, 1000000, &periods, e));
    return give_int((avg * periods + 50) / 100, out);
}

static bool calc_stock_on_hand(json_t *in, json_t **out, err *e) {
    int64_t begin, received, adjust, consumed;
    TRY(calc_int(in, "begin", -WHOLE_MOST, WHOLE_MOST, &begin, e));
    TRY(calc_int(in, "received", -WHOLE_MOST, WHOLE_MOST, &received, e));
    TRY(calc_int(in, "adjust", -WHOLE_MOST, WHOLE_MOST, &adjust, e));
    TRY(calc_int(in, "consumed", -WHOLE_MOST, WHOLE_MOST, &consumed, e));
    return give_int(begin + received + adjust - consumed, out);
}

static bool calc_packs_to_order(json_t *in, json_t **out, err *e) {
    int64_t units, pack, threshold;
    TRY(calc_int(in, "units", -WHOLE_MOST, WHOLE_MOST, &units, e) && calc_int(in, "pack", 0, WHOLE_MOST, &pack, e));
    TRY(calc_int(in, "threshold", 0, WHOLE_MOST, &threshold, e));
    if (units <= 0 || pack == 0) return give_int(0, out);
    int64_t packs = units / pack + (units % pack > threshold);
    return give_int(packs || json_is_true(json_object_get(in, "round_to_zero")) ? packs : 1, out);
}

static bool triggered(json_t *in, double position, double level, const char *otherwise, bool *out, err *e) {
    static const char *const triggers[] = {"lt", "le"};
    size_t at;
    TRY(calc_choice(in, "trigger", otherwise, triggers, 2, &at, e));
    *out = position < level || (at == 1 && position == level);
    return true;
}

static bool calc_orderpoint(json_t *in, json_t **out, err *e) {
    static const char *const rounds[] = {"up", "down_if_max", "down"};
    double forecast, min, max, multiple;
    size_t round;
    bool now;
    TRY(REALS(in, e, {"forecast", -MOST, &forecast}, {"min", -MOST, &min}, {"max", -MOST, &max},
              {"multiple", 0, &multiple}));
    TRY(calc_choice(in, "round", "up", rounds, 3, &round, e) && triggered(in, forecast, min, "lt", &now, e));
    if (!now) return calc_give(0, out, e);
    double need = fmax(min, max) - forecast;
    bool down = round == 2 || (round == 1 && max != 0);
    return calc_give(safety_multiple(need, multiple, down), out, e);
}

static bool calc_reorder_fixed_qty(json_t *in, json_t **out, err *e) {
    double projected, level, quantity, factor;
    bool now;
    TRY(REALS(in, e, {"projected", -MOST, &projected}, {"level", -MOST, &level}, {"reorder_qty", 0, &quantity},
              {"uom_factor", tiny, &factor}));
    TRY(triggered(in, projected, level, "le", &now, e));
    if (!now || (level == 0 && quantity == 0)) return calc_give(0, out, e);
    return calc_give(safety_multiple(fmax(quantity, level - projected) / factor, 1, false), out, e);
}

static bool calc_moq_multiple_max(json_t *in, json_t **out, err *e) {
    double need, moq, multiple, max = INFINITY;
    TRY(REALS(in, e, {"need", -MOST, &need}, {"moq", 0, &moq}, {"multiple", 0, &multiple}));
    json_t *most = json_object_get(in, "max");
    if (most && !json_is_null(most)) TRY(calc_real(in, "max", 0, MOST, &max, e));
    if (need <= 0) return calc_give(0, out, e);
    double q = safety_multiple(fmax(need, moq), multiple == 0 ? 1 : multiple, false);
    return calc_give(q > max ? safety_multiple(max, multiple == 0 ? 1 : multiple, true) : q, out, e);
}

/* ---- fair shares */

static bool read_fair(json_t *in, calc_list *stock, calc_list *demand, err *e) {
    TRY(calc_reals(in, "on_hand", 1, -MOST, MOST, stock, e) && calc_reals(in, "demand", 1, 0, MOST, demand, e));
    return stock->n == demand->n || calc_wanted(json_object_get(in, "demand"), "demand", "as many as on_hand", e);
}

static bool calc_fair_share_days(json_t *in, json_t **out, err *e) {
    double all = 0, rate = 0, supply;
    AUTO(calc_list) stock = {0};
    AUTO(calc_list) demand = {0};
    TRY(calc_real(in, "supply", 0, MOST, &supply, e) && read_fair(in, &stock, &demand, e));
    for (size_t i = 0; i < stock.n; i++) all += stock.v[i], rate += demand.v[i];
    if (rate <= 0) return calc_wanted(json_object_get(in, "demand"), "demand", "a sum above 0", e);
    double days = (supply + all) / rate;
    return GIVE(out, e, {"days", days}, {"alloc1", round(days * demand.v[0] - stock.v[0])});
}

static bool whole(json_t *in, const char *key, const calc_list *l, int64_t *out, err *e) {
    for (size_t i = 0; i < l->n; i++) {
        TRY(calc_element(json_array_get(json_object_get(in, key), i), key, -WHOLE_MOST, WHOLE_MOST, &out[i], e));
    }
    return true;
}

static bool calc_fair_share_int(json_t *in, json_t **out, err *e) {
    int64_t supply;
    AUTO(calc_list) stock = {0};
    AUTO(calc_list) demand = {0};
    AUTO(arena) room = {0};
    arena_init(&room, (size_t)1 << 30);
    TRY(calc_int(in, "supply", 0, WHOLE_MOST, &supply, e) && read_fair(in, &stock, &demand, e));
    if (stock.n > ALLOT_SMALL) return err_set(e, ERR_DATA, "on_hand: wanted at most %d of them", ALLOT_SMALL);
    int64_t *figures = ARENA_NEW(&room, int64_t, 3 * stock.n);
    TRY(whole(in, "on_hand", &stock, figures, e) && whole(in, "demand", &demand, figures + stock.n, e));
    if (!allot_days(supply, figures, figures + stock.n, stock.n, figures + 2 * stock.n, &room))
        return err_set(e, ERR_DATA, "the figures are too large to be shared exactly");
    *out = json_array();
    for (size_t i = 0; i < stock.n; i++) (void)json_array_append_new(*out, json_integer(figures[2 * stock.n + i]));
    return true;
}

static const calc_function functions[] = {
    {"eoq", "fixed_cost, holding_cost, demand_rate → {Q, cost}", calc_eoq},
    {"eoq_cost", "… and Q → {cost}", calc_eoq_cost},
    {"eoq_backorders", "fixed_cost, holding_cost, stockout_cost, demand_rate → {Q, x, cost}", calc_eoq_backorders},
    {"eoq_all_units", "fixed_cost, holding_rate, demand_rate, breakpoints, unit_costs → {Q, region, cost}",
     calc_eoq_all_units},
    {"eoq_incremental", "the same, each slice at its own price → {Q, region, cost}", calc_eoq_incremental},
    {"std_normal_loss", "z → {L, Lbar}", calc_std_normal_loss},
    {"normal_loss", "x, mean, sd → {n, nbar}", calc_normal_loss},
    {"newsvendor_normal", "h, p, mean, sd, lead_time → {S, cost}", calc_newsvendor_normal},
    {"newsvendor_poisson", "h, p, mean, lead_time → {S, cost}", calc_newsvendor_poisson},
    {"rq_cost", "r, Q, h, p, K, demand_mean, demand_sd, lead_time → {cost}", calc_rq_cost},
    {"rq_eil", "h, p, K, demand_mean, demand_sd, lead_time → {r, Q, cost}", calc_rq_eil},
    {"rq_eoqb", "the same → {r, Q}", calc_rq_eoqb},
    {"rq_eoq_safety_stock", "the same → {r, Q}", calc_rq_eoq_safety_stock},
    {"rq_cost_poisson", "r, Q, h, p, K, demand_mean, lead_time → {cost}", calc_rq_cost_poisson},
    {"sS_exact_poisson", "h, p, K, demand_mean → {s, S, cost}", calc_ss_exact_poisson},
    {"sS_cost_poisson", "s, S, h, p, K, demand_mean → {cost}", calc_ss_cost_poisson},
    {"sS_power", "h, p, K, mean, sd → {s, S}", calc_ss_power},
    {"safety_stock_ltd", "mean_L, sd_L, mean_d, sd_d, csl → {var, z, ss, rop}", calc_safety_stock_ltd},
    {"fill_rate_rQ", "ltd_mean, ltd_sd, Q, csl → {r, beta, beta_simple}", calc_fill_rate_rq},
    {"z_for_fill_rate", "ltd_sd, Q, beta → {L, z, ss}", calc_z_for_fill_rate},
    {"adjusted_consumption", "consumed, stockout_days, months, additional → consumption", calc_adjusted_consumption},
    {"avg_consumption", "adj → average", calc_avg_consumption},
    {"max_stock_half_up", "avg, periods_x100 → stock", calc_max_stock_half_up},
    {"stock_on_hand", "begin, received, adjust, consumed → stock", calc_stock_on_hand},
    {"packs_to_order", "units, pack, threshold, round_to_zero → packs", calc_packs_to_order},
    {"orderpoint", "forecast, min, max, multiple, round, trigger → quantity", calc_orderpoint},
    {"reorder_fixed_qty", "projected, level, reorder_qty, uom_factor, trigger → quantity", calc_reorder_fixed_qty},
    {"moq_multiple_max", "need, moq, multiple, max → quantity", calc_moq_multiple_max},
    {"fair_share_days", "supply, on_hand, demand → {days, alloc1}", calc_fair_share_days},
    {"fair_share_int", "supply, on_hand, demand → parts for equal days of cover", calc_fair_share_int},
};
const calc_area calc_replenishment = {"replenishment", functions, ARRAY_LEN(functions)};
