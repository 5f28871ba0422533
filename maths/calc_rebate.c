#include "maths/calc.h"
#include "maths/ladder.h"

#include <stdlib.h>

/* Money in minor units (fen), rates in basis points. A volume at or below 0 earns nothing. */
enum { TIERS_MAX = 256, RATE_BP_MAX = 10000, BP = 10000, PERCENT = 100 };
#define MONEY_MAX 9000000000000000LL
#define UNITS_MAX 1000000000000LL

typedef struct tiers {
    wide from[TIERS_MAX];
    int64_t value[TIERS_MAX]; /* rate_bp, or price_minor */
    size_t n;
    bool above; /* a tier is reached only by passing its threshold */
} tiers;

static bool money(json_t *in, const char *key, int64_t *out, err *e) {
    return calc_int(in, key, -MONEY_MAX, MONEY_MAX, out, e);
}

static bool too_large(err *e) {
    return err_set(e, ERR_DATA, "the figures are too large to be multiplied exactly");
}

static bool rounded(wide num, wide den, int64_t *out, err *e) {
    return wide_round(num, den, out) || too_large(e);
}

static bool read_boundary(json_t *in, bool *above, err *e) {
    str word;
    TRY(calc_word(in, "boundary", "lower_inclusive", &word, e));
    *above = str_is(word, "upper_inclusive");
    return *above || str_is(word, "lower_inclusive") ||
           calc_wanted(json_object_get(in, "boundary"), "boundary", "lower_inclusive or upper_inclusive", e);
}

static bool read_tiers(json_t *in, const char *list_key, const char *from, const char *value, int64_t max, tiers *t,
                       err *e) {
    json_t *list;
    TRY(calc_array(in, list_key, &list, e) && read_boundary(in, &t->above, e));
    t->n = json_array_size(list);
    if (t->n == 0 || t->n > TIERS_MAX) return err_set(e, ERR_DATA, "%s: wanted 1 to %d of them", list_key, TIERS_MAX);
    for (size_t i = 0; i < t->n; i++) {
        json_t *tier = json_array_get(list, i);
        int64_t v;
        TRY(calc_int(tier, from, 0, MONEY_MAX, &v, e) && calc_int(tier, value, 0, max, &t->value[i], e));
        t->from[i] = v;
        if (i && t->from[i] <= t->from[i - 1]) return err_set(e, ERR_DATA, "%s: %s must rise", list_key, from);
    }
    return true;
}

static bool rate_tiers(json_t *in, tiers *t, err *e) {
    return read_tiers(in, "tiers", "from_minor", "rate_bp", RATE_BP_MAX, t, e);
}

static int64_t value_at(const tiers *t, wide amount) {
    size_t at = ladder_reach(t->from, t->n, amount, t->above);
    return at == LADDER_NONE ? 0 : t->value[at];
}

/* Σ slice × value of its tier */
static bool by_slices(const tiers *t, wide amount, wide *out, err *e) {
    *out = 0;
    for (size_t i = 0; i < t->n; i++)
        if (!wide_add_product(out, ladder_slice(t->from, t->n, i, amount), t->value[i])) return too_large(e);
    return true;
}

static bool all_units(const tiers *t, int64_t amount, int64_t *out, err *e) {
    return rounded(amount > 0 ? (wide)amount * value_at(t, amount) : 0, BP, out, e);
}

static bool incremental(const tiers *t, int64_t amount, int64_t *out, err *e) {
    wide sum;
    return by_slices(t, amount > 0 ? amount : 0, &sum, e) && rounded(sum, BP, out, e);
}

typedef bool (*earned)(const tiers *t, int64_t amount, int64_t *out, err *e);

static bool read_mode(json_t *in, earned *out, err *e) {
    str mode;
    TRY(calc_word(in, "mode", NULL, &mode, e));
    *out = str_is(mode, "all_units") ? all_units : str_is(mode, "incremental") ? incremental : NULL;
    return *out || calc_wanted(json_object_get(in, "mode"), "mode", "all_units or incremental", e);
}

static bool give(int64_t v, json_t **out) {
    *out = json_integer(v);
    return true;
}

static bool give_two(const char *a, int64_t va, const char *b, int64_t vb, json_t **out) {
    *out = json_object();
    (void)json_object_set_new(*out, a, json_integer(va));
    (void)json_object_set_new(*out, b, json_integer(vb));
    return true;
}

/* ---- one function a name ---- */

static bool by_tiers(json_t *in, json_t **out, earned how, err *e) {
    tiers t;
    int64_t amount, earns;
    TRY(money(in, "amount_minor", &amount, e) && rate_tiers(in, &t, e));
    return how(&t, amount, &earns, e) && give(earns, out);
}

static bool tier_all_units(json_t *in, json_t **out, err *e) {
    return by_tiers(in, out, all_units, e);
}

static bool tier_incremental(json_t *in, json_t **out, err *e) {
    return by_tiers(in, out, incremental, e);
}

static bool tier_rate_at(json_t *in, json_t **out, err *e) {
    tiers t;
    int64_t amount;
    TRY(money(in, "amount_minor", &amount, e) && rate_tiers(in, &t, e));
    return give(value_at(&t, amount), out);
}

static bool tier_all_units_min(json_t *in, json_t **out, err *e) {
    tiers t;
    int64_t amount, least, earns;
    TRY(money(in, "amount_minor", &amount, e) && money(in, "minimum_minor", &least, e) && rate_tiers(in, &t, e));
    TRY(all_units(&t, amount, &earns, e));
    return give_two("calc", earns, "payable", earns > least ? earns : least, out);
}

static bool flat(json_t *in, json_t **out, err *e) {
    int64_t amount, rate, earns;
    TRY(money(in, "amount_minor", &amount, e) && calc_int(in, "rate_bp", 0, RATE_BP_MAX, &rate, e));
    return rounded(amount > 0 ? (wide)amount * rate : 0, BP, &earns, e) && give(earns, out);
}

static bool eligible(json_t *list, json_t *sku) {
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_equal(json_array_get(list, i), sku)) return true;
    return false;
}

static bool scoped_flat(json_t *in, json_t **out, err *e) {
    json_t *lines, *list;
    int64_t rate, earns;
    wide sum = 0;
    TRY(calc_array(in, "lines", &lines, e) && calc_array(in, "eligible", &list, e));
    TRY(calc_int(in, "rate_bp", 0, RATE_BP_MAX, &rate, e));
    for (size_t i = 0; i < json_array_size(lines); i++) {
        json_t *line = json_array_get(lines, i);
        int64_t minor;
        TRY(money(line, "minor", &minor, e));
        if (eligible(list, json_object_get(line, "sku"))) sum += minor;
    }
    return rounded(sum > 0 ? sum * rate : 0, BP, &earns, e) && give(earns, out);
}

/* percent of the baseline → thresholds in hundredths, beside 100 × the amount */
static bool growth_rebate(json_t *in, json_t **out, err *e) {
    tiers t;
    int64_t amount, base, earns;
    str mode;
    wide sum;
    TRY(money(in, "amount_minor", &amount, e) && money(in, "baseline_minor", &base, e));
    TRY(read_tiers(in, "bands", "from_pct", "rate_bp", RATE_BP_MAX, &t, e) && calc_word(in, "mode", NULL, &mode, e));
    for (size_t i = 0; i < t.n; i++)
        if (!wide_mul(t.from[i], base, &t.from[i])) return too_large(e);
    wide value = (wide)amount * PERCENT, rate = base > 0 && amount > 0 ? value_at(&t, value) : 0;
    if (str_is(mode, "fully_retrospective")) sum = value * rate;
    else if (str_is(mode, "retrospective_on_growth"))
        sum = (value - (wide)base * PERCENT) * rate;
    else if (str_is(mode, "incremental")) {
        TRY(by_slices(&t, base > 0 ? value : 0, &sum, e));
    } else {
        return calc_wanted(json_object_get(in, "mode"), "mode",
                           "fully_retrospective, retrospective_on_growth or incremental", e);
    }
    return rounded(sum > 0 ? sum : 0, BP * PERCENT, &earns, e) && give(earns, out);
}

/* What each of several sales posts: the difference to what the sales before it have earned. */
static bool accrual_deltas(json_t *in, json_t **out, err *e) {
    tiers t;
    json_t *list;
    earned how;
    int64_t volume = 0, posted = 0;
    TRY(rate_tiers(in, &t, e) && read_mode(in, &how, e) && calc_array(in, "invoices_minor", &list, e));
    json_t *deltas = json_array();
    bool ok = true;
    for (size_t i = 0; ok && i < json_array_size(list); i++) {
        int64_t invoice, earns = 0;
        ok = calc_element(json_array_get(list, i), "invoices_minor", -MONEY_MAX, MONEY_MAX, &invoice, e) &&
             (!__builtin_add_overflow(volume, invoice, &volume) || too_large(e)) && how(&t, volume, &earns, e);
        (void)json_array_append_new(deltas, json_integer(earns - posted));
        posted = earns;
    }
    *out = json_pack("{s:o, s:I}", "deltas", deltas, "total", (json_int_t)posted);
    if (!ok) json_decref(*out), *out = NULL;
    return ok;
}

static bool return_clawback(json_t *in, json_t **out, err *e) {
    tiers t;
    earned how;
    int64_t volume, paid, back, earns;
    TRY(money(in, "volume_minor", &volume, e) && money(in, "paid_minor", &paid, e));
    TRY(money(in, "return_minor", &back, e) && rate_tiers(in, &t, e) && read_mode(in, &how, e));
    TRY(how(&t, volume - back, &earns, e));
    return give_two("new_rebate", earns, "clawback", paid - earns, out);
}

/* Revenue of each period when a lower price holds for all units from the period on in which it is expected. */
static bool retro_price_catchup(json_t *in, json_t **out, err *e) {
    json_t *units, *hits;
    int64_t price, retro;
    wide sold = 0, booked = 0;
    TRY(calc_int(in, "price_minor", 0, UNITS_MAX, &price, e));
    TRY(calc_int(in, "retro_price_minor", 0, UNITS_MAX, &retro, e));
    TRY(calc_array(in, "units", &units, e) && calc_array(in, "expect_hit", &hits, e));
    if (json_array_size(units) != json_array_size(hits))
        return calc_wanted(hits, "expect_hit", "as many as there are units", e);
    *out = json_array();
    for (size_t i = 0; i < json_array_size(units); i++) {
        int64_t n, now = 0;
        bool ok = calc_element(json_array_get(units, i), "units", -UNITS_MAX, UNITS_MAX, &n, e);
        sold += ok ? n : 0;
        wide revenue = sold * (json_is_true(json_array_get(hits, i)) ? retro : price);
        ok = ok && (wide_fits(revenue - booked, &now) || too_large(e));
        if (!ok) return json_decref(*out), *out = NULL, false;
        (void)json_array_append_new(*out, json_integer(now));
        booked = revenue;
    }
    return true;
}

static bool tier_price_total(json_t *in, json_t **out, err *e) {
    tiers t;
    int64_t units, total;
    wide sum;
    TRY(calc_int(in, "units", -UNITS_MAX, UNITS_MAX, &units, e));
    TRY(read_tiers(in, "tiers", "from_units", "price_minor", UNITS_MAX, &t, e));
    TRY(by_slices(&t, units > 0 ? units : 0, &sum, e));
    return rounded(sum, 1, &total, e) && give(total, out);
}

/* What is owed back on the units so far, at the average price that is expected in the end. */
static bool expected_rebate_accrual(json_t *in, json_t **out, err *e) {
    int64_t units, list, expected, total, owed;
    TRY(calc_int(in, "units_to_date", 0, UNITS_MAX, &units, e));
    TRY(calc_int(in, "list_price_minor", 0, UNITS_MAX, &list, e));
    TRY(calc_int(in, "expected_units", 1, UNITS_MAX, &expected, e) && money(in, "expected_total_minor", &total, e));
    return rounded((wide)units * list * expected - (wide)units * total, expected, &owed, e) && give(owed, out);
}

static const calc_function functions[] = {
    {"flat", "amount_minor, rate_bp → earned", flat},
    {"scoped_flat", "lines [{sku, minor}], eligible, rate_bp → earned", scoped_flat},
    {"tier_all_units", "amount_minor, tiers [{from_minor, rate_bp}], boundary → earned", tier_all_units},
    {"tier_all_units_min", "… and minimum_minor → {calc, payable}", tier_all_units_min},
    {"tier_incremental", "amount_minor, tiers → earned, each slice at its own rate", tier_incremental},
    {"tier_rate_at", "amount_minor, tiers, boundary → rate_bp", tier_rate_at},
    {"growth_rebate", "amount_minor, baseline_minor, bands [{from_pct, rate_bp}], mode → earned", growth_rebate},
    {"accrual_deltas", "invoices_minor, tiers, mode → {deltas, total}", accrual_deltas},
    {"return_clawback", "volume_minor, paid_minor, return_minor, tiers, mode → {new_rebate, clawback}",
     return_clawback},
    {"retro_price_catchup", "price_minor, retro_price_minor, units, expect_hit → revenue of each period",
     retro_price_catchup},
    {"tier_price_total", "units, tiers [{from_units, price_minor}] → total", tier_price_total},
    {"expected_rebate_accrual", "units_to_date, list_price_minor, expected_units, expected_total_minor → owed",
     expected_rebate_accrual},
};
const calc_area calc_rebate = {"rebate", functions, ARRAY_LEN(functions)};
