/* links: maths */
#include "base/file.h"
#include "base/rng.h"
#include "maths/allot.h"
#include "maths/calc.h"
#include "maths/distribution.h"
#include "maths/safety.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static bool within(json_t *found, json_t *wanted, double tolerance) {
    const char *key;
    json_t *v;
    size_t i;
    if (json_is_object(wanted)) {
        json_object_foreach(wanted, key, v) if (!within(json_object_get(found, key), v, tolerance)) return false;
        return true;
    }
    if (json_is_array(wanted)) {
        if (json_array_size(found) != json_array_size(wanted)) return false;
        json_array_foreach(wanted, i, v) if (!within(json_array_get(found, i), v, tolerance)) return false;
        return true;
    }
    if (!json_is_number(wanted)) return json_equal(found, wanted);
    double w = json_number_value(wanted);
    return json_is_number(found) && fabs(json_number_value(found) - w) <= tolerance * fmax(1, fabs(w));
}

static void every_vector(void **state) {
    (void)state;
    const char *root = getenv("CHANNELD_SHARED");
    char path[PATH_SIZE];
    size_t checked = 0, i;
    json_t *v;
    (void)snprintf(path, sizeof path, "%s/vectors/maths.json", root ? root : "../shared");
    json_t *all = json_load_file(path, 0, NULL);
    if (all == NULL) {
        (void)printf("skipped: %s is not here (set CHANNELD_SHARED)\n", path);
        return;
    }
    json_array_foreach(all, i, v) {
        str name = str_of(json_string_value(json_object_get(v, "fn")));
        const calc_function *f = calc_find(name);
        json_t *out = NULL;
        err e = {0};
        if (f == NULL) continue;
        if (!f->run(json_object_get(v, "input"), &out, &e) ||
            !within(out, json_object_get(v, "expected"), json_number_value(json_object_get(v, "tolerance")))) {
            char *text = out ? json_dumps(out, JSON_ENCODE_ANY) : NULL;
            fail_msg("%s: %s %s", json_string_value(json_object_get(v, "id")), text ? text : "", e.text);
        }
        json_decref(out);
        checked++;
    }
    json_decref(all);
    assert_true(checked >= 150);
}

/* What the functions answer at the edges of their domain; NULL: refused, and `says` stands in the line. */
static const struct {
    const char *fn, *in, *out, *says;
} edges[] = {
    {"eoq", "{'fixed_cost':0,'holding_cost':1,'demand_rate':9}", "{'Q':0,'cost':0}", NULL},
    {"eoq", "{'fixed_cost':5,'holding_cost':1,'demand_rate':0}", "{'Q':0,'cost':0}", NULL},
    {"eoq", "{'fixed_cost':8,'holding_cost':0,'demand_rate':9}", NULL, "holding_cost is 0"},
    {"eoq", "{'fixed_cost':-8,'holding_cost':1,'demand_rate':9}", NULL, "fixed_cost is -8"},
    {"eoq_cost", "{'fixed_cost':8,'holding_cost':1,'demand_rate':9,'Q':0}", NULL, "Q is 0"},
    {"eoq_all_units", "{'fixed_cost':8,'holding_rate':0.3,'demand_rate':0,'breakpoints':[0,5],'unit_costs':[2,1]}",
     "{'Q':0,'region':0,'cost':0}", NULL},
    {"eoq_all_units", "{'fixed_cost':8,'holding_rate':0.3,'demand_rate':9,'breakpoints':[0],'unit_costs':[2,1]}", NULL,
     "as many as breakpoints"},
    {"eoq_incremental", "{'fixed_cost':8,'holding_rate':0.3,'demand_rate':9,'breakpoints':[1,5],'unit_costs':[2,1]}",
     NULL, "rises from 0"},
    {"eoq_incremental", "{'fixed_cost':8,'holding_rate':0.3,'demand_rate':9,'breakpoints':[0,0],'unit_costs':[2,1]}",
     NULL, "rises from 0"},
    {"std_normal_loss", "{'z':-1e15}", "{'L':1e15,'Lbar':0}", NULL},
    {"normal_loss", "{'x':3,'mean':5,'sd':0}", "{'n':2,'nbar':0}", NULL},
    {"newsvendor_normal", "{'h':1,'p':1,'mean':50,'sd':0,'lead_time':0}", "{'S':50,'cost':0}", NULL},
    {"newsvendor_normal", "{'h':1,'p':1,'mean':50,'sd':8}", "{'S':50}", NULL},
    {"newsvendor_poisson", "{'h':1,'p':4,'mean':0,'lead_time':3}", "{'S':0,'cost':0}", NULL},
    {"newsvendor_poisson", "{'h':1,'p':4,'mean':1e9,'lead_time':0}", NULL, "mean is 1"},
    {"rq_eil", "{'h':100,'p':1,'K':500,'demand_mean':10,'demand_sd':3,'lead_time':1}",
     "{'fallback':'eoq_safety_stock'}", NULL},
    {"rq_cost", "{'r':0,'Q':10,'h':1,'p':9,'K':0,'demand_mean':5,'demand_sd':0,'lead_time':0}", "{'cost':5}", NULL},
    {"rq_cost_poisson", "{'r':3,'Q':999999999,'h':1,'p':9,'K':1,'demand_mean':5,'lead_time':1}", NULL,
     "Q is 999999999"},
    {"sS_cost_poisson", "{'s':6,'S':6,'h':1,'p':4,'K':5,'demand_mean':6}", NULL, "S is 6"},
    {"sS_exact_poisson", "{'h':1e-9,'p':4,'K':1e12,'demand_mean':6}", NULL, "too far apart"},
    {"sS_exact_poisson", "{'h':1,'p':4,'K':0,'demand_mean':6}", "{'s':7,'S':8}", NULL},
    {"safety_stock_ltd", "{'mean_L':4,'sd_L':0,'mean_d':50,'sd_d':0,'csl':0.98}", "{'var':0,'ss':0,'rop':200}", NULL},
    {"safety_stock_ltd", "{'mean_L':0,'sd_L':0,'mean_d':50,'sd_d':9,'csl':0.5}", "{'z':0,'ss':0,'rop':0}", NULL},
    {"safety_stock_ltd", "{'mean_L':4,'sd_L':1,'mean_d':50,'sd_d':10,'csl':1}", NULL, "between 0 and 1"},
    {"fill_rate_rQ", "{'ltd_mean':400,'ltd_sd':0,'Q':200,'csl':0.9}", "{'r':400,'beta':1,'beta_simple':1}", NULL},
    {"z_for_fill_rate", "{'ltd_sd':0,'Q':200,'beta':0.9}", "{'L':null,'z':null,'ss':0}", NULL},
    {"z_for_fill_rate", "{'ltd_sd':1,'Q':200,'beta':0.5}", "{'L':100,'z':-100,'ss':-100}", NULL},
    {"adjusted_consumption", "{'consumed':20,'stockout_days':91,'months':3}", NULL, "stockout_days is 91"},
    {"adjusted_consumption", "{'consumed':0,'stockout_days':5,'months':3,'additional':0}", "0", NULL},
    {"avg_consumption", "{'adj':[5,6,6]}", "5", NULL},
    {"avg_consumption", "{'adj':[]}", NULL, "adj: wanted 1 to"},
    {"packs_to_order", "{'units':-6,'pack':10,'threshold':0}", "0", NULL},
    {"packs_to_order", "{'units':6,'pack':10,'threshold':7}", "1", NULL},
    {"orderpoint", "{'forecast':15,'min':15,'max':30,'multiple':1,'round':'up','trigger':'lt'}", "0", NULL},
    {"orderpoint", "{'forecast':15,'min':15,'max':30,'multiple':0,'round':'up','trigger':'le'}", "15", NULL},
    {"orderpoint", "{'forecast':9,'min':10,'max':25,'multiple':6,'round':'down_if_max'}", "12", NULL},
    {"orderpoint", "{'forecast':9,'min':10,'max':0,'multiple':6,'round':'down_if_max'}", "6", NULL},
    {"orderpoint", "{'forecast':0.3,'min':1,'max':0.9,'multiple':0.1,'round':'up'}", "0.7", NULL},
    {"orderpoint", "{'forecast':9,'min':10,'max':25,'multiple':6,'round':'sideways'}", NULL, "one of up"},
    {"reorder_fixed_qty", "{'projected':11,'level':10,'reorder_qty':50,'uom_factor':1}", "0", NULL},
    {"reorder_fixed_qty", "{'projected':10,'level':10,'reorder_qty':50,'uom_factor':12}", "5", NULL},
    {"moq_multiple_max", "{'need':1,'moq':50,'multiple':3,'max':null}", "51", NULL},
    {"moq_multiple_max", "{'need':10,'moq':0,'multiple':0,'max':4}", "4", NULL},
    {"fair_share_int", "{'supply':7,'on_hand':[3,9],'demand':[0,0]}", "[4,3]", NULL},
    {"fair_share_int", "{'supply':0,'on_hand':[3,9],'demand':[1,1]}", "[0,0]", NULL},
    {"fair_share_int", "{'supply':5,'on_hand':[3],'demand':[1,1]}", NULL, "as many as on_hand"},
    {"fair_share_days", "{'supply':5,'on_hand':[3],'demand':[0]}", NULL, "above 0"},
    {"ses", "{'y':[4],'alpha':0.3}", "4", NULL},
    {"ses", "{'y':[4,8],'alpha':0.5,'init':'mean'}", "6.5", NULL},
    {"ses", "{'y':[4,8],'alpha':0.5,'init':0}", "5", NULL},
    {"ses", "{'y':[],'alpha':0.3}", NULL, "y: 0 numbers"},
    {"ses", "{'y':[1,'x'],'alpha':0.3}", NULL, "y is \"x\""},
    {"ses", "{'y':[1],'alpha':1.3}", NULL, "alpha is 1.3"},
    {"drift", "{'y':[1],'h':2}", NULL, "y: 1 numbers"},
    {"drift", "{'y':[1,3],'h':100001}", NULL, "h is 100001"},
    {"seasonal_naive", "{'y':[1,2,3],'m':2,'h':5}", "[2,3,2,3,2]", NULL},
    {"seasonal_naive", "{'y':[1,2,3],'m':4,'h':5}", NULL, "m is 4"},
    {"croston", "{'y':[0,0,-1],'alpha':0.1,'kind':'sba'}", NULL, "y is -1"},
    {"croston_order", "{'y':[0,0],'alpha':0.1}", "false", NULL},
    {"tsb", "{'y':[0,0,6],'alpha_d':0.2,'alpha_p':0.1}", "0.6", NULL},
    {"ses_skip_zeros", "{'level':8,'alpha':0.03,'lam':0.97,'k':2,'err0':0}", "{'level':7.5272,'err':0.4656}", NULL},
    {"ses_skip_zeros", "{'level':8,'alpha':1,'lam':0,'k':0,'err0':5}", "{'level':8,'err':5}", NULL},
    {"carryover_round", "{'f':0.5,'n':4}", "[0,1,0,1]", NULL},
    {"sbc", "{'y':[0,0]}", "{'adi':null,'cv2':null,'cls':'none'}", NULL},
    {"sbc", "{'y':[1,1,1,1]}", "{'adi':1,'cv2':0,'cls':'smooth'}", NULL},
    {"mase", "{'train':[1],'test':[2],'fcst':[2],'m':1}", "null", NULL},
    {"mase", "{'train':[1,2],'test':[2],'fcst':[2,3],'m':1}", NULL, "as many as test"},
    {"rmsse", "{'train':[1,3,1],'test':[2],'fcst':[4]}", "1", NULL},
    {"smape", "{'test':[0,1],'fcst':[0,3]}", "50", NULL},
    {"pinball", "{'y':1,'yhat':1,'q':2}", NULL, "q is 2"},
};

static void at_the_edges(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(edges); i++) {
        char text[400], says[1600] = "";
        json_t *out = NULL;
        err e = {0};
        (void)snprintf(text, sizeof text, "[%s,%s]", edges[i].in, edges[i].out ? edges[i].out : "0");
        for (char *p = text; *p; p++)
            if (*p == '\'') *p = '"';
        json_t *both = json_loads(text, 0, NULL);
        assert_non_null(both);
        bool ok = calc_find(str_of(edges[i].fn))->run(json_array_get(both, 0), &out, &e);
        char *found = out ? json_dumps(out, JSON_ENCODE_ANY) : NULL;
        (void)snprintf(says, sizeof says, "%s %.400s: %.500s %s", edges[i].fn, edges[i].in, found ? found : "", e.text);
        if (ok != (edges[i].out != NULL)) fail_msg("%s", says);
        if (ok && !within(out, json_array_get(both, 1), 1e-9)) fail_msg("%s", says);
        if (!ok && !str_has(str_of(e.text), str_of(edges[i].says))) fail_msg("%s", says);
        free(found);
        json_decref(out);
        json_decref(both);
    }
}

/* Any function with any input: an answer or one line, nothing else. */
static void hostile_input(void **state) {
    (void)state;
    static const char *const hostile[] = {
        "null",   "true", "\"x\"", "-1",  "0",     "1e308",          "-1e308",
        "1e-308", "[]",   "{}",    "[0]", "[[1]]", "[1e308,-1e308]", "9223372036854775807"};
    static const char *const keys[] = {"y",           "alpha",      "K",    "h",  "p",      "demand_mean", "Q",
                                       "s",           "S",          "mean", "sd", "supply", "on_hand",     "demand",
                                       "breakpoints", "unit_costs", "n",    "f",  "m",      "lead_time"};
    rng r = {7};
    for (size_t a = 0; a < calc_area_count; a++)
        for (size_t i = 0; i < calc_areas[a]->n; i++)
            for (int turn = 0; turn < 40; turn++) {
                json_t *in = json_object(), *out = NULL;
                err e = {0};
                for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
                    const char *v = hostile[rng_below(&r, ARRAY_LEN(hostile))];
                    (void)json_object_set_new(in, keys[k], json_loads(v, JSON_DECODE_ANY, NULL));
                }
                if (!calc_areas[a]->function[i].run(in, &out, &e)) assert_true(e.code == ERR_DATA && e.text[0]);
                json_decref(out);
                json_decref(in);
            }
}

static void losses_and_quantiles(void **state) {
    (void)state;
    for (double z = -30; z <= 30; z += 0.25) {
        double mirror = normal_loss(z) - normal_loss(-z) + z;
        if (fabs(mirror) > 1e-12 * (1 + fabs(z))) fail_msg("L(%g): %g", z, mirror);
        assert_true(normal_loss(z) >= normal_loss(z + 0.1));
        if (z < 8 && fabs(normal_loss_inverse(normal_loss(z)) - z) > 1e-6) fail_msg("inverse of L(%g)", z);
    }
    for (double p = 1e-12; p < 0.5; p *= 3) {
        assert_true(fabs(normal_below(normal_quantile(p)) / p - 1) < 1e-12);
        assert_true(fabs(normal_quantile(p) + normal_quantile(1 - p)) < 1e-4);
    }
    for (double mean = 0.01; mean < 5000; mean *= 3)
        for (double p = 0.01; p < 1; p += 0.07) {
            int64_t k = poisson_quantile(mean, p);
            assert_true(poisson_below(mean, k) >= p && (k == 0 || poisson_below(mean, k - 1) < p));
            assert_true(fabs(poisson_below(mean, k) + poisson_from(mean, k + 1) - 1) < 1e-9);
            int64_t count = negative_binomial_quantile(mean, mean, p, 1000000);
            assert_true(mean > 500 ? llabs(count - k) <= 2 : count == k);
            assert_true(negative_binomial_quantile(mean, 4 * mean, 0.97, 1000000) >= poisson_quantile(mean, 0.97));
            k = count_loss_inverse(mean, mean, mean * (1 - p), 1000000);
            assert_true(mean > 500 || (poisson_loss(mean, k) <= mean * (1 - p) + 1e-9 &&
                                       (k == 0 || poisson_loss(mean, k - 1) > mean * (1 - p) - 1e-9)));
        }
}

/* More quantity, more factor: no less is filled. A higher service: no less stock. */
static void service_is_monotone(void **state) {
    (void)state;
    double last = -1e9;
    for (double z = -5; z < 5; z += 0.1)
        for (double q = 10; q < 1000; q *= 2) {
            double at = safety_fill_rate(z, 80, q, NULL);
            assert_true(safety_fill_rate(z + 0.1, 80, q, NULL) >= at && safety_fill_rate(z, 80, 2 * q, NULL) >= at);
        }
    for (double p = 0.001; p < 0.9995; p += 0.001) {
        double z = normal_quantile(p);
        assert_true(z > last);
        last = z;
    }
}

static void shares_of_short_stock(void **state) {
    (void)state;
    rng r = {3};
    for (int turn = 0; turn < 4000; turn++) {
        AUTO(arena) room = {0};
        allot_claim claim[12] = {0};
        int64_t part[12], wanted = 0, given = 0;
        size_t n = 1 + rng_below(&r, 12);
        arena_init(&room, 1 << 20);
        for (size_t i = 0; i < n; i++) {
            claim[i] = (allot_claim){.claim = (int64_t)rng_below(&r, 200),
                                     .minimum = (int64_t)rng_below(&r, 40),
                                     .on_hand = (int64_t)rng_below(&r, 90) - 10,
                                     .demand = (int64_t)rng_below(&r, 20),
                                     .quota = (int64_t)rng_below(&r, 5),
                                     .priority = (unsigned)rng_below(&r, 3)};
            wanted += claim[i].claim;
        }
        int64_t supply = (int64_t)rng_below(&r, 600);
        allot_rule rule = (allot_rule)rng_below(&r, 4);
        assert_true(allot(rule, supply, claim, n, part, &room));
        int64_t minimum = 0;
        for (size_t i = 0; i < n; i++) minimum += claim[i].minimum < claim[i].claim ? claim[i].minimum : claim[i].claim;
        for (size_t i = 0; i < n; i++) {
            int64_t least = claim[i].minimum < claim[i].claim ? claim[i].minimum : claim[i].claim;
            assert_true(part[i] >= 0 && part[i] <= claim[i].claim);
            assert_true(minimum > supply || part[i] >= least);
            given += part[i];
        }
        if (given != (supply < wanted ? supply : wanted)) fail_msg("rule %d gives %lld", (int)rule, (long long)given);
    }
}

static void who_comes_first(void **state) {
    (void)state;
    AUTO(arena) room = {0};
    int64_t part[3];
    arena_init(&room, 1 << 20);
    static const allot_claim claim[] = {
        {.claim = 60, .quota = 1, .priority = 2, .on_hand = 0, .demand = 10},
        {.claim = 60, .quota = 3, .priority = 1, .on_hand = 50, .demand = 10},
        {.claim = 30, .minimum = 20, .quota = 0, .priority = 3, .on_hand = 0, .demand = 5}};
    static const struct {
        allot_rule rule;
        int64_t part[3];
    } cases[] = {{ALLOT_PROPORTIONAL, {37, 37, 26}},
                 {ALLOT_DAYS, {60, 10, 30}},
                 {ALLOT_QUOTA, {20, 60, 20}},
                 {ALLOT_PRIORITY, {20, 60, 20}}};
    for (size_t c = 0; c < ARRAY_LEN(cases); c++) {
        assert_true(allot(cases[c].rule, 100, claim, 3, part, &room));
        for (size_t i = 0; i < 3; i++)
            if (part[i] != cases[c].part[i]) fail_msg("rule %zu part %zu: %lld", c, i, (long long)part[i]);
    }
    assert_true(allot(ALLOT_PROPORTIONAL, 10, claim, 3, part, &room)); /* less than the minimum */
    assert_int_equal(part[2], 10);
    assert_false(allot(ALLOT_PROPORTIONAL, -1, claim, 3, part, &room));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_vector),        cmocka_unit_test(at_the_edges),
        cmocka_unit_test(hostile_input),       cmocka_unit_test(losses_and_quantiles),
        cmocka_unit_test(service_is_monotone), cmocka_unit_test(shares_of_short_stock),
        cmocka_unit_test(who_comes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
