/* links: replenish */
#include "base/rng.h"
#include "daemon/replenish/rules.h"
#include "daemon/replenish/why.h"
#include "proto/limits.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MONDAY = 20458 /* 2026-01-05 */, WEEKS = 40 };

static demand_rules weekly(void) {
    return (demand_rules){.bucket = BUCKET_WEEK};
}

static replenish_policy policy(void) {
    replenish_policy p = replenish_policy_usual();
    p.lead_mean = 5;
    return p;
}

/* So many a day for WEEKS weeks. */
static demand_state steady(int64_t a_day) {
    demand_state s = {.open = 0};
    demand_rules rules = weekly();
    for (int i = 0; i < WEEKS * 7; i++) {
        demand_day d = {.day = MONDAY + i, .sold = a_day * 1000, .stock = NUM_NONE};
        assert_true(demand_post(&s, &rules, NULL, &d));
    }
    return s;
}

/* ---- demand */

/* Posted day by day, rebuilt from a shuffled history, rebuilt again after a late day: the same bytes. */
static void any_order_ends_in_one_state(void **state) {
    (void)state;
    static demand_day day[400], again[400];
    rng r = {3};
    for (int turn = 0; turn < 60; turn++) {
        demand_rules rules = {(bucket_kind)(turn % 3), turn % 2};
        demand_state posted = {.open = 0}, rebuilt, late;
        size_t n = 0;
        for (int i = 0; n < 380 && i < 500; i++) {
            if (rng_below(&r, 3) == 0) continue;
            demand_day d = {.day = MONDAY + i, .sold = (int64_t)rng_below(&r, 20) * 1000, .stock = NUM_NONE};
            if (rng_below(&r, 4) == 0) d.stock = (int64_t)rng_below(&r, 3) * 5000;
            d.promotion = rng_below(&r, 15) == 0, d.bulk = rng_below(&r, 40) == 0;
            day[n++] = d;
        }
        for (size_t i = 0; i < n; i++) assert_true(demand_post(&posted, &rules, NULL, &day[i]));
        memcpy(again, day, n * sizeof *day);
        for (size_t i = n; i-- > 1;) {
            size_t k = rng_below(&r, i + 1);
            demand_day kept = again[i];
            again[i] = again[k], again[k] = kept;
        }
        demand_rebuild(&rebuilt, &rules, NULL, again, n, NULL);
        assert_memory_equal(&posted, &rebuilt, sizeof posted);
        late = (demand_state){.open = 0}; /* one day was not there yet */
        for (size_t i = 0; i < n; i++)
            if (i != n / 2) assert_true(demand_post(&late, &rules, NULL, &day[i]));
        assert_false(demand_post(&late, &rules, NULL, &day[n / 2]));
        memcpy(again, day, n * sizeof *day);
        demand_rebuild(&late, &rules, NULL, again, n, NULL);
        assert_memory_equal(&posted, &late, sizeof posted);
    }
}

static double level_of(demand_day *day, size_t n, demand_rules rules, demand_notes *notes) {
    demand_state s;
    demand_forecast f;
    demand_rebuild(&s, &rules, NULL, day, n, notes);
    demand_look(&s, &rules, NULL, day[n - 1].day + 1, 4, false, &f);
    return demand_over(&f, NULL, day[n - 1].day + 1, 7) / 7;
}

/* Ten a day, but for what the case does to every fortieth to forty-fifth day. */
static void what_is_no_demand_does_not_count(void **state) {
    (void)state;
    static demand_day day[280];
    static const struct {
        int64_t sold, stock;
        bool promotion, bulk, count_promotions;
        double least, most;
    } cases[] = {
        {10, NUM_NONE, false, false, false, 9.99, 10.01}, /* nothing special */
        {0, 0, false, false, false, 9.99, 10.01},         /* out of stock */
        {4, 0, false, false, false, 9.99, 10.01},         /* sold out in the course of the day */
        {60, 0, false, false, false, 10, 40},             /* sold out by more than was expected */
        {0, NUM_NONE, false, false, false, 1, 9.9995},    /* not sold, though there was stock: demand is lower */
        {40, NUM_NONE, true, false, false, 9.99, 10.01},  /* promoted */
        {40, NUM_NONE, true, false, true, 10.0005, 40},   /* promoted, and promotions count */
    };
    for (size_t c = 0; c < ARRAY_LEN(cases); c++)
        for (int kind = BUCKET_DAY; kind <= BUCKET_WEEK; kind++) {
            demand_notes notes;
            for (int i = 0; i < 280; i++) {
                bool special = i % 40 < 6 && i >= 40;
                day[i] = (demand_day){.day = MONDAY + i, .sold = 10000, .stock = special ? cases[c].stock : NUM_NONE};
                if (!special) continue;
                day[i].sold = cases[c].sold * 1000, day[i].promotion = cases[c].promotion;
            }
            for (int i = 0; i < 280 && cases[c].stock == 0; i++)
                if (day[i].stock != 0) day[i].stock = 50000;
            double found = level_of(day, 280, (demand_rules){(bucket_kind)kind, cases[c].count_promotions}, &notes);
            if (found < cases[c].least || found > cases[c].most) fail_msg("case %zu, bucket %d: %.3f", c, kind, found);
            assert_int_equal(notes.out, cases[c].stock == 0 ? 36 : 0);
            assert_int_equal(notes.promoted, cases[c].promotion ? 36 : 0);
        }
}

static void stock_stays_zero_until_it_does_not(void **state) {
    (void)state;
    demand_day day[] = {{MONDAY, 10000, 100000, false, false},
                        {MONDAY + 1, 10000, 0, false, false},
                        {MONDAY + 28, 10000, 90000, false, false},
                        {MONDAY + 29, 10000, 90000, false, false}};
    double found = level_of(day, 4, (demand_rules){BUCKET_DAY, false}, NULL);
    assert_true(fabs(found - 10) < 0.01); /* four weeks without stock are not four weeks without demand */
}

static void one_off_sales(void **state) {
    (void)state;
    static demand_day day[281];
    demand_notes notes;
    for (int i = 0; i < 280; i++) day[i] = (demand_day){MONDAY + i, 10000, NUM_NONE, false, false};
    day[280] = (demand_day){MONDAY + 150, 900000, NUM_NONE, false, true}; /* marked, beside that day's own sales */
    assert_true(fabs(level_of(day, 281, weekly(), &notes) - 10) < 0.01 && notes.bulks == 1);
    day[150].sold = 900000; /* not marked: cut */
    assert_true(level_of(day, 280, weekly(), &notes) < 12 && notes.bulks == 1);
}

static void days_that_cannot_be(void **state) {
    (void)state;
    demand_rules rules = weekly();
    demand_state s = {.open = 0}, before;
    demand_day good = {MONDAY, 1000, NUM_NONE, false, false}, early = good, far = good, known = good;
    early.day = -1, far.day = UINT16_MAX + 1, known.stock = 0;
    assert_true(!demand_post(&s, &rules, NULL, &early) && !demand_post(&s, &rules, NULL, &far));
    assert_true(demand_post(&s, &rules, NULL, &good) && demand_post(&s, &rules, NULL, &good));
    before = s;
    assert_false(demand_post(&s, &rules, NULL, &known)); /* the same day, and now its stock is known */
    assert_memory_equal(&s, &before, sizeof s);
    assert_int_equal(sizeof s, 104);
}

static void a_ramp_follows_its_analogue(void **state) {
    (void)state;
    static const double like[] = {2, 5, 9, 14, 20, 20};
    demand_rules rules = weekly();
    demand_forecast f;
    demand_ramp(like, 6, 2, 0.5, &rules, MONDAY, 6, &f);
    assert_true(f.mean[0] == 4.5 && f.mean[2] == 10 && f.mean[5] == 10 && f.view.method == METHOD_RAMP);
    assert_true(f.lower[0] < 4.5 && f.upper[0] > 4.5);
    demand_ramp(like, 0, 2, 0.5, &rules, MONDAY, 6, &f);
    assert_true(f.mean[0] == 0);
}

/* ---- plans */

static replenish_suggestion plan(const replenish_policy *p, const demand_state *d, int64_t on_hand) {
    replenish_view v = replenish_view_of(p, d, MONDAY + WEEKS * 7);
    replenish_suggestion s;
    v.position.on_hand = on_hand * 1000;
    replenish_suggest(&v, 1, &s, NULL);
    return s;
}

/* Ten a day without any error: every figure can be reckoned by hand. Lead time 5 days, review 7. */
static void by_hand(void **state) {
    (void)state;
    static const struct {
        stock_policy kind;
        double lead_sd;
        int64_t on_hand, lot, pack, moq, max;
        double point, upto, quantity;
    } cases[] = {
        {STOCK_ORDER_UP_TO, 0, 100, NUM_NONE, 0, 0, NUM_NONE, 120, 120, 20},
        {STOCK_ORDER_UP_TO, 1, 100, NUM_NONE, 0, 0, NUM_NONE, 136.449, 136.449,
         36.449}, /* 1.64485 × 10 a day × 1 day */
        {STOCK_ORDER_UP_TO, 0, 120, NUM_NONE, 0, 0, NUM_NONE, 120, 120, 0},
        {STOCK_ORDER_UP_TO, 0, 100, NUM_NONE, 12, 0, NUM_NONE, 120, 120, 24},
        {STOCK_ORDER_UP_TO, 0, 100, NUM_NONE, 12, 40, NUM_NONE, 120, 120, 48},
        {STOCK_ORDER_UP_TO, 0, 0, NUM_NONE, 12, 0, 50, 120, 120, 48},
        {STOCK_BASE, 0, 30, NUM_NONE, 0, 0, NUM_NONE, 50, 50, 20},
        {STOCK_S_S, 0, 51, 200, 0, 0, NUM_NONE, 50, 250, 0},
        {STOCK_S_S, 0, 50, 200, 0, 0, NUM_NONE, 50, 250, 200},
        {STOCK_S_S, 0, 50, NUM_NONE, 0, 0, NUM_NONE, 50, 120, 70}, /* a review's demand is the lot */
        {STOCK_R_S_S, 0, 120, 30, 0, 0, NUM_NONE, 120, 150, 30},
        {STOCK_R_Q, 0, 50, 40, 0, 0, NUM_NONE, 50, 90, 40},
        {STOCK_R_Q, 0, -31, 40, 0, 0, NUM_NONE, 50, 90, 120}, /* two lots do not lift it above the point */
        {STOCK_MIN_MAX, 0, 50, 60, 0, 0, NUM_NONE, 50, 110, 60},
    };
    demand_state d = steady(10);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        replenish_policy p = policy();
        p.kind = cases[i].kind, p.lead_sd = cases[i].lead_sd, p.pack = cases[i].pack * 1000;
        p.moq = cases[i].moq * 1000, p.max = cases[i].max == NUM_NONE ? NUM_NONE : cases[i].max * 1000;
        p.order_quantity = cases[i].lot == NUM_NONE ? NUM_NONE : cases[i].lot * 1000;
        replenish_suggestion s = plan(&p, &d, cases[i].on_hand);
        double point = (double)s.reorder_point / 1000, upto = (double)s.order_up_to / 1000,
               q = (double)s.quantity / 1000;
        if (fabs(point - cases[i].point) > 0.002 || fabs(upto - cases[i].upto) > 0.002 ||
            fabs(q - cases[i].quantity) > 0.002)
            fail_msg("case %zu: %.3f %.3f %.3f", i, point, upto, q);
    }
}

static void the_rest_of_the_policy(void **state) {
    (void)state;
    demand_state d = steady(10);
    replenish_policy p = policy();
    p.trigger = TRIGGER_BELOW, p.kind = STOCK_S_S;
    assert_int_equal(plan(&p, &d, 50).quantity, 0);
    p = policy(), p.rounding = ORDER_DOWN, p.pack = 12000;
    assert_int_equal(plan(&p, &d, 100).quantity, 12000);
    p.rounding = ORDER_NEAREST;
    assert_int_equal(plan(&p, &d, 100).quantity, 24000);
    assert_int_equal(plan(&p, &d, 103).quantity, 12000);
    p = policy(), p.pack = 12000, p.pallet = 96000;
    assert_int_equal(plan(&p, &d, 0).quantity, 192000);
    assert_int_equal(plan(&p, &d, 60).quantity, 60000); /* less than a pallet: packs */
    p = policy(), p.shelf_days = 8;
    assert_true(plan(&p, &d, 0).quantity == 80000 && plan(&p, &d, 0).why & WHY_SHELF);
    p = policy(), p.order_days = 2; /* Tuesdays */
    assert_true(plan(&p, &d, 0).quantity == 0 && plan(&p, &d, 0).why & WHY_NOT_TODAY);
    p.order_days = 3;
    assert_true(plan(&p, &d, 0).quantity > 0);
    p = policy(), p.kind = STOCK_MIN_MAX, p.min_level = 20000, p.max_level = 90000;
    assert_int_equal(plan(&p, &d, 20).quantity, 70000);
    assert_int_equal(plan(&p, &d, 21).quantity, 0);
    p = policy(), p.kind = STOCK_S_S, p.order_cost = 50, p.holding_cost = 3.65;
    assert_int_equal(plan(&p, &d, 0).order_up_to, 50000 + 316228); /* √(2·50·3650/3.65) */
}

static void position_and_lead_time(void **state) {
    (void)state;
    replenish_position p = {.on_hand = 5, .on_order = 7, .in_transit = 2, .back_orders = 4, .reserved = 1};
    assert_int_equal(replenish_position_sum(&p), 9);
    p.on_hand = p.on_order = INT64_MAX;
    assert_int_equal(replenish_position_sum(&p), (int64_t)1 << 62);
    demand_state d = steady(10);
    replenish_policy q = policy();
    replenish_view v = replenish_view_of(&q, &d, MONDAY + WEEKS * 7);
    replenish_suggestion s;
    static const double taken[] = {8, 10, 12};
    for (size_t i = 0; i < 3; i++) {
        replenish_suggest(&v, 1, &s, NULL);
        assert_true(s.lead_n == 0 && s.lead_mean == 5); /* too few receipts: the policy's figure */
        lead_time_add(&v.lead, taken[i]);
    }
    replenish_suggest(&v, 1, &s, NULL);
    assert_true(s.lead_n == 3 && s.lead_mean == 10 && fabs(s.lead_sd - 2) < 1e-6);
    assert_true(labs(s.safety_stock - 32897) <= 2); /* 1.64485 × 10 a day × 2 days */
}

/* Safety stock of noisy demand is what the formula says of the noise that was put in. */
static void safety_from_the_noise(void **state) {
    (void)state;
    rng r = {8};
    double sum = 0, fill = 0;
    for (int turn = 0; turn < 40; turn++) {
        demand_state d = {.open = 0};
        demand_rules rules = weekly();
        for (int i = 0; i < 150 * 7; i++) {
            demand_day day = {.day = MONDAY - 1050 + WEEKS * 7 + i, .stock = NUM_NONE};
            double z = -6;
            for (int k = 0; k < 12; k++) z += (double)rng_below(&r, 1000001) / 1e6;
            day.sold = llround(1000 * (100 + 20 * z));
            assert_true(demand_post(&d, &rules, NULL, &day));
        }
        replenish_policy p = policy();
        p.lead_sd = 1;
        sum += (double)plan(&p, &d, 0).safety_stock / 1000 / 40;
        p.service = SERVICE_FILL;
        fill += (double)plan(&p, &d, 0).safety_stock / 1000 / 40;
    }
    double formula = 1.6448536 * sqrt(12 * 400 + 10000);
    if (sum < formula * 0.95 || sum > formula * 1.2) fail_msg("%.1f, the formula says %.1f", sum, formula);
    assert_true(fill > 0 && fill < sum); /* 95 % of the demand is less than 95 % of the cycles */
}

static void more_service_is_no_less_stock(void **state) {
    (void)state;
    rng r = {4};
    for (int turn = 0; turn < 200; turn++) {
        demand_state d = {.open = 0};
        demand_rules rules = weekly();
        replenish_policy p = policy();
        uint64_t size = 1 + rng_below(&r, 30), often = 1 + rng_below(&r, 12);
        int64_t last[2] = {-1, -1};
        for (int i = 0; i < WEEKS * 7; i++) {
            demand_day day = {.day = MONDAY + i, .stock = NUM_NONE};
            if (rng_below(&r, often) == 0) day.sold = (int64_t)(1 + rng_below(&r, size)) * 1000;
            assert_true(demand_post(&d, &rules, NULL, &day));
        }
        for (double target = 0.5; target < 0.999; target += 0.017)
            for (int kind = 0; kind < 2; kind++) {
                p.service = (service_kind)kind, p.target = target;
                replenish_suggestion s = plan(&p, &d, 0);
                if (s.order_up_to < last[kind]) fail_msg("turn %d: %g needs less", turn, target);
                last[kind] = s.order_up_to;
                assert_true(s.quantity == s.order_up_to || s.why & WHY_NO_DEMAND);
            }
    }
}

static void nothing_expected_nothing_ordered(void **state) {
    (void)state;
    replenish_policy p = policy();
    demand_state none = {.open = 0}, over = steady(10);
    p.moq = 24000, p.pack = 12000;
    assert_true(plan(&p, NULL, -50).quantity == 0 && plan(&p, &none, -50).why & WHY_NO_DEMAND);
    replenish_view v = replenish_view_of(&p, &over, MONDAY + WEEKS * 7 + 70);
    replenish_suggestion s;
    replenish_suggest(&v, 1, &s, NULL);
    assert_true(s.quantity == 0 && s.why & WHY_NO_DEMAND); /* ten weeks without a sale after forty with: over */
    demand_state zeros = steady(0);
    assert_int_equal(plan(&p, &zeros, 0).quantity, 0);
}

static void stages(void **state) {
    (void)state;
    demand_state d = steady(10), young = {.open = 0};
    replenish_policy p = policy();
    demand_forecast ramp;
    replenish_suggestion s;
    static const double like[] = {70, 140, 140, 140, 140};
    p.pack = 12000;
    replenish_view v = replenish_view_of(&p, &d, MONDAY + WEEKS * 7);
    v.stage = STAGE_INTRODUCTION, v.trial_left = 50000;
    replenish_suggest(&v, 1, &s, NULL);
    assert_true(s.quantity == 48000 && s.why & WHY_TRIAL);
    v.trial_left = -5;
    replenish_suggest(&v, 1, &s, NULL);
    assert_int_equal(s.quantity, 0);
    v.stage = STAGE_DECLINE, v.remaining = 70000, v.position.on_hand = 40000;
    replenish_suggest(&v, 1, &s, NULL);
    assert_true(s.quantity == 24000 && s.why & WHY_RUN_DOWN); /* 30 are left to be sold: not rounded up to 36 */
    v.remaining = NUM_NONE, v.ends = v.today + 5;
    replenish_suggest(&v, 1, &s, NULL);
    assert_int_equal(s.quantity, 12000); /* six days, 60, less 40 */
    v.ends = v.today - 1;
    replenish_suggest(&v, 1, &s, NULL);
    assert_int_equal(s.quantity, 0);
    demand_ramp(like, 5, 1, 1, &p.demand, v.today, 8, &ramp);
    v = replenish_view_of(&p, &young, v.today);
    v.stage = STAGE_INTRODUCTION, v.analogue = &ramp;
    replenish_suggest(&v, 1, &s, NULL);
    assert_true(s.method == METHOD_RAMP && s.why & WHY_NEW && fabs(s.span_demand - 240) < 1 && s.quantity >= 240000);
}

static void budgets(void **state) {
    (void)state;
    demand_state fast = steady(20), slow = steady(2);
    replenish_policy p = policy();
    p.pack = 1000;
    const replenish_policy *policies[] = {&p, &p, &p};
    replenish_suggestion s[] = {plan(&p, &fast, 0), plan(&p, &slow, 20), plan(&p, &fast, 100)};
    int64_t price[] = {2000000, 5000000, NUM_NONE}, before = s[2].quantity;
    assert_int_equal(replenish_fit_budget(s, policies, price, 3, 1000000000), 480000000 + 20000000);
    assert_int_equal(s[0].quantity, 240000);
    int64_t all = replenish_fit_budget(s, policies, price, 3, 300000000);
    assert_true(all <= 300000000 && all >= 290000000 && s[0].why & WHY_BUDGET);
    assert_true(s[1].quantity == 0 && s[2].quantity == before); /* the slow one still has ten days */
    assert_int_equal(replenish_fit_budget(s, policies, price, 3, 0), 0);
}

/* Sixty days: what is proposed stands, changes or goes, and is never said twice. */
static void one_suggestion_stands(void **state) {
    (void)state;
    demand_state d = steady(10);
    replenish_policy p = policy();
    standing_one open = {.state = STANDING_NONE};
    unsigned proposed = 0, changed = 0, withdrawn = 0;
    for (day_t i = 0; i < 60; i++) {
        replenish_view v = replenish_view_of(&p, &d, MONDAY + WEEKS * 7 + i);
        replenish_suggestion s;
        v.position.on_hand = i < 20 ? 100000 : i < 40 ? 90000 : 500000;
        replenish_suggest(&v, 1, &s, NULL);
        switch (standing_next(&open, &s, 50000)) {
        case STEP_PROPOSE: proposed++, open = (standing_one){STANDING_OPEN, s.quantity, 0}; break;
        case STEP_CHANGE: changed++, open.quantity = s.quantity; break;
        case STEP_WITHDRAW: withdrawn++, open.state = STANDING_NONE; break;
        case STEP_NOTHING: break;
        }
        demand_rules rules = weekly();
        demand_day day = {.day = v.today, .sold = 10000, .stock = NUM_NONE};
        assert_true(demand_post(&d, &rules, NULL, &day));
    }
    assert_true(proposed == 1 && changed == 1 && withdrawn == 1);
    replenish_suggestion s = plan(&p, &d, 0);
    standing_one refused = {STANDING_REFUSED, 0, s.today + 1};
    assert_int_equal(standing_next(&refused, &s, 0), STEP_NOTHING);
    refused.silent_until = s.today;
    assert_int_equal(standing_next(&refused, &s, 0), STEP_PROPOSE);
}

/* ---- policy files */

static bool parse(const char *yaml, replenish_policy *out, err *e) {
    AUTO(arena) room = {0};
    const node *root;
    static const char *const also[] = {"on_hand"};
    arena_init(&room, 1 << 20);
    *out = replenish_policy_usual();
    return yaml_read(str_of(yaml), &room, &root, e) && replenish_policy_read(root, also, 1, out, e);
}

static void policy_files(void **state) {
    (void)state;
    static const struct {
        const char *yaml, *says; /* NULL: it is good */
    } cases[] = {
        {"{review: 7, lead_time: {mean: 5, sd: 1}, service: {cycle: 0.95}, policy: order_up_to, pack: 12, moq: 24, "
         "max: null}",
         NULL},
        {"{policy: r_Q, order_quantity: 2.5, on_hand: {A: 3}, trigger: below, rounding: nearest, lead_time: 3}", NULL},
        {"{order_days: [mon, thu], shelf_life: 90, bucket: month, promotions: count, distribution: count}", NULL},
        {"{reveiw: 7}", "reveiw"},
        {"{service: {cycle: 1}}", "between 0 and 1"},
        {"{service: {cycle: 0.9, fill: 0.9}}", "one of cycle and fill"},
        {"{service: 0.9}", "service"},
        {"{policy: sS}", "order_up_to, base_stock"},
        {"{lead_time: {sd: 1}}", "wants mean"},
        {"{lead_time: -1}", "from 0 to"},
        {"{pack: 1.23456}", "at most 3 decimals"},
        {"{pack: 12, pallet: 100}", "no multiple of pack"},
        {"{min_level: 9, max_level: 8}", "below min_level"},
        {"{order_days: [monday]}", "mon, tue"},
        {"{review: nan}", "review is 'nan'"},
        {"[1]", "a replenishment policy"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        replenish_policy p;
        err e = {0};
        bool ok = parse(cases[i].yaml, &p, &e);
        if (ok != (cases[i].says == NULL)) fail_msg("%s: %s", cases[i].yaml, e.text);
        if (!ok && (e.code != ERR_CONFIG || !str_has(str_of(e.text), str_of(cases[i].says)))) fail_msg("%s", e.text);
    }
    replenish_policy p;
    err e;
    assert_true(parse(cases[0].yaml, &p, &e));
    assert_true(p.pack == 12000 && p.moq == 24000 && p.max == NUM_NONE && p.lead_sd == 1 && p.target == 0.95);
    assert_true(parse(cases[2].yaml, &p, &e) && p.order_days == 9 && p.demand.bucket == BUCKET_MONTH);
}

static void bounds_of_a_policy(void **state) {
    (void)state;
    static const struct {
        const char *key;
        int64_t most, beyond; /* millionths */
    } cases[] = {
        {"silence_days", LIMIT_SILENCE_DAYS * 1000000LL, 1000000},
        {"tolerance", LIMIT_TOLERANCE_PPM, 1},
        {"lead_time", LIMIT_LEAD_DAYS * 1000000LL, 1},
        {"review", LIMIT_LEAD_DAYS * 1000000LL, 1},
        {"shelf_life", LIMIT_SHELF_DAYS * 1000000LL, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (int over = 0; over < 2; over++) {
            AUTO(arena) a = {0};
            AUTO(buf) yaml = {0};
            stock_rule rule;
            err e = {0};
            arena_init(&a, 1 << 20);
            buf_printf(&yaml, "{name: edge, %s: ", cases[i].key);
            dec_put(&yaml, cases[i].most + over * cases[i].beyond, 6, 0);
            buf_addz(&yaml, "}");
            if (stock_rule_parse(buf_str(&yaml), &a, &rule, &e) == over) fail_msg("%s: %s", buf_z(&yaml), e.text);
            assert_true(!over || (e.code == ERR_CONFIG && str_has(str_of(e.text), str_of(cases[i].key))));
        }
}

/* ---- words */

static void in_words(void **state) {
    (void)state;
    demand_state d = steady(10);
    replenish_policy p = policy();
    p.pack = 12000, p.lead_sd = 1;
    replenish_suggestion s = plan(&p, &d, 100), later = plan(&p, &d, 88);
    AUTO(buf) en = {0};
    AUTO(buf) zh = {0};
    AUTO(buf) changed = {0};
    demand_notes notes = {.out = 3};
    replenish_why(&s, &notes, LANGUAGE_EN, &en);
    replenish_why(&s, NULL, LANGUAGE_ZH, &zh);
    static const char *const parts[] = {"Order 48 (4 packs)",
                                        "10 a day",
                                        "12 days (lead time 5±1, review 7)",
                                        "120",
                                        "safety 16.449 for a cycle service of 95 %",
                                        "up to 136.449",
                                        "100 on hand",
                                        "rounded to packs",
                                        "3 days out of stock"};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (!str_has(buf_str(&en), str_of(parts[i]))) fail_msg("'%s' is not in: %s", parts[i], buf_z(&en));
    assert_true(str_has(buf_str(&zh), STR("建议订货48（4箱）")) && str_has(buf_str(&zh), STR("安全库存16.449")));
    replenish_changed(&s, &later, LANGUAGE_EN, &changed);
    assert_string_equal(buf_z(&changed), "on hand from 100 to 88");
    buf_clear(&changed);
    replenish_changed(&s, &s, LANGUAGE_ZH, &changed);
    assert_int_equal(changed.n, 0);
    why_row row[WHY_ROWS];
    size_t n = replenish_table(&s, LANGUAGE_EN, row);
    for (size_t i = 0; i < n; i++)
        if (strcmp(row[i].name, "quantity") == 0) assert_int_equal(row[i].value, 48000);
    assert_true(n > 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_order_ends_in_one_state),
        cmocka_unit_test(what_is_no_demand_does_not_count),
        cmocka_unit_test(stock_stays_zero_until_it_does_not),
        cmocka_unit_test(one_off_sales),
        cmocka_unit_test(days_that_cannot_be),
        cmocka_unit_test(a_ramp_follows_its_analogue),
        cmocka_unit_test(by_hand),
        cmocka_unit_test(the_rest_of_the_policy),
        cmocka_unit_test(position_and_lead_time),
        cmocka_unit_test(safety_from_the_noise),
        cmocka_unit_test(more_service_is_no_less_stock),
        cmocka_unit_test(nothing_expected_nothing_ordered),
        cmocka_unit_test(stages),
        cmocka_unit_test(budgets),
        cmocka_unit_test(one_suggestion_stands),
        cmocka_unit_test(policy_files),
        cmocka_unit_test(bounds_of_a_policy),
        cmocka_unit_test(in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
