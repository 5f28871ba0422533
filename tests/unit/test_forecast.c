/* links: maths */
#include "base/rng.h"
#include "maths/accuracy.h"
#include "maths/demand_class.h"
#include "maths/forecast.h"
#include "maths/season.h"
#include "maths/smooth.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static double noise(rng *r) { /* about normal: twelve uniforms */
    double sum = -6;
    for (int i = 0; i < 12; i++) sum += (double)rng_below(r, 1000001) / 1e6;
    return sum;
}

static void feed(forecast_state *s, const double *y, size_t n) {
    for (size_t i = 0; i < n; i++) forecast_observe(s, y[i]);
}

/* The small state says what the textbook's recursion over the whole series says. */
static void as_the_textbook(void **state) {
    (void)state;
    rng r = {5};
    double y[60], mean[4], low[4], high[4];
    for (int turn = 0; turn < 200; turn++) {
        forecast_state s = {.n = 0};
        forecast_view v;
        bool gaps = turn % 2;
        size_t n = 10 + rng_below(&r, 50);
        for (size_t i = 0; i < n; i++)
            y[i] = gaps && rng_below(&r, 3) ? 0 : 40 + (double)rng_below(&r, 40); /* nothing that is cut as one-off */
        y[n - 1] = 50; /* Croston's recursion is up to date after a demand only */
        feed(&s, y, n);
        static const double alpha[] = {0.1, 0.3, 0.8};
        for (size_t i = 0; i < 3; i++) {
            double level = smooth_ses(y + 1, n - 1, alpha[i], y[0], NULL);
            if (fabs((double)s.level[i] / level - 1) > 1e-5) fail_msg("level %zu of turn %d", i, turn);
        }
        forecast_by(&s, METHOD_CROSTON, 1, &v, mean, low, high);
        assert_true(fabs(mean[0] / smooth_croston(y, n, 0.1, CROSTON_PLAIN) - 1) < 1e-5);
        forecast_by(&s, METHOD_SBA, 1, &v, mean, low, high);
        assert_true(fabs(mean[0] / smooth_croston(y, n, 0.1, CROSTON_SBA) - 1) < 1e-5);
        forecast_by(&s, METHOD_TSB, 1, &v, mean, low, high);
        assert_true(fabs(mean[0] / smooth_tsb(y, n, 0.1, 0.1) - 1) < 1e-5);
        double adi, cv2;
        assert_true(demand_class_measure(y, n, &adi, &cv2));
        forecast_look(&s, false, 1, &v, mean, low, high);
        assert_true(v.class == demand_class_of(adi, cv2) && fabs(v.adi - adi) < 1e-6);
        assert_true(low[0] <= mean[0] && mean[0] <= high[0]);
    }
}

static void a_line_is_followed(void **state) {
    (void)state;
    forecast_state s = {.n = 0};
    forecast_view v;
    double mean[6], low[6], high[6];
    for (int t = 0; t < 40; t++) forecast_observe(&s, 100 + 5 * t);
    forecast_by(&s, METHOD_THETA, 6, &v, mean, low, high);
    assert_true(mean[5] > mean[0] && fabs(mean[0] - 300) < 10);
    forecast_look(&s, false, 6, &v, mean, low, high);
    assert_true(fabs(mean[0] - 300) < 10 && fabs(mean[5] - 325) < 20);
    assert_int_equal(v.class, CLASS_SMOOTH);
}

/* Zeros in one go or one by one: the same bytes; so many that the level is gone: the counts go on. */
static void idle_is_so_many_zeros(void **state) {
    (void)state;
    static const unsigned gaps[] = {0, 1, 2, 7, 52, 600};
    for (size_t i = 0; i < ARRAY_LEN(gaps); i++) {
        forecast_state a = {.n = 0}, b;
        double y[] = {3, 0, 5, 2, 0, 0, 4};
        feed(&a, y, ARRAY_LEN(y));
        b = a;
        forecast_idle(&a, gaps[i]);
        for (unsigned k = 0; k < gaps[i]; k++) forecast_observe(&b, 0);
        assert_memory_equal(&a, &b, sizeof a);
    }
    forecast_state s = {.n = 0};
    forecast_observe(&s, 5);
    forecast_idle(&s, 100000);
    assert_true(s.n == UINT16_MAX && s.idle == UINT16_MAX && s.level[0] >= 0 && isfinite(s.square[0]));
}

static void what_is_over_is_forecast_as_nothing(void **state) {
    (void)state;
    forecast_state s = {.n = 0};
    forecast_view v;
    double mean[2], low[2], high[2];
    forecast_look(&s, false, 2, &v, mean, low, high);
    assert_true(mean[0] == 0 && v.class == CLASS_NONE && v.method == METHOD_NONE && v.sigma < 0);
    for (int i = 0; i < 20; i++) forecast_observe(&s, 10);
    forecast_idle(&s, 2);
    forecast_look(&s, false, 2, &v, mean, low, high);
    assert_true(mean[0] > 0);
    forecast_idle(&s, 6);
    forecast_look(&s, false, 2, &v, mean, low, high);
    assert_true(mean[0] == 0 && high[1] == 0);
    forecast_observe(&s, 10);
    forecast_look(&s, false, 2, &v, mean, low, high);
    assert_true(mean[0] > 0);
}

static void a_one_off_is_cut_and_a_new_level_is_not(void **state) {
    (void)state;
    forecast_state s = {.n = 0};
    forecast_view v;
    double mean[1], low[1], high[1];
    for (int i = 0; i < 20; i++) forecast_observe(&s, 10);
    forecast_observe(&s, 1000);
    forecast_look(&s, false, 1, &v, mean, low, high);
    assert_true(s.cut / 2 == 1 && mean[0] < 25);
    for (int i = 0; i < 10; i++) forecast_observe(&s, 1000);
    forecast_look(&s, false, 1, &v, mean, low, high);
    assert_true(s.cut / 2 == 1 && mean[0] > 700);
}

/* Eight in ten of what comes lies within the interval, whatever the shape of the errors. */
static void intervals_hold_what_they_say(void **state) {
    (void)state;
    for (int shape = 0; shape < 3; shape++) {
        rng r = {(uint64_t)shape + 9};
        forecast_state s = {.n = 0};
        unsigned inside = 0, all = 0;
        for (int t = 0; t < 4000; t++) {
            double z = noise(&r), y = shape == 0   ? 100 + 20 * z
                                      : shape == 1 ? 100 * exp(0.5 * z)
                                                   : 100 + (z > 1 ? 60 : 0);
            double mean[1], low[1], high[1];
            forecast_view v;
            forecast_look(&s, false, 1, &v, mean, low, high);
            if (t > 200) inside += y >= low[0] - 1e-9 && y <= high[0] + 1e-9, all++;
            forecast_observe(&s, fmax(y, 0));
        }
        double share = (double)inside / all;
        if (share < 0.74 || share > 0.9) fail_msg("shape %d: %.3f inside", shape, share);
    }
}

static void absurd_input(void **state) {
    (void)state;
    static const double absurd[] = {NAN, INFINITY, -1e300, 1e300, 0, 1e-300};
    rng r = {2};
    forecast_state s = {.n = 0};
    for (int i = 0; i < 5000; i++) {
        double mean[3], low[3], high[3];
        forecast_view v;
        forecast_observe(&s, absurd[rng_below(&r, ARRAY_LEN(absurd))]);
        forecast_look(&s, i % 2, 3, &v, mean, low, high);
        for (int k = 0; k < 3; k++) assert_true(mean[k] >= 0 && isfinite(mean[k]) && low[k] >= 0 && isfinite(high[k]));
    }
}

/* ---- seasons */

static void buckets(void **state) {
    (void)state;
    static const struct {
        bucket_kind kind;
        int year;
        unsigned month, day;
        int32_t bucket;
        unsigned days;
    } cases[] = {
        {BUCKET_DAY, 1970, 1, 1, 0, 1},      {BUCKET_WEEK, 1970, 1, 1, 0, 7},      {BUCKET_WEEK, 1970, 1, 4, 0, 7},
        {BUCKET_WEEK, 1970, 1, 5, 1, 7},     {BUCKET_WEEK, 1969, 12, 28, -1, 7},   {BUCKET_MONTH, 1970, 1, 31, 0, 31},
        {BUCKET_MONTH, 2024, 2, 5, 649, 29}, {BUCKET_MONTH, 1969, 12, 31, -1, 31},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        day_t d = day_of(cases[i].year, cases[i].month, cases[i].day);
        int32_t b = bucket_of(cases[i].kind, d);
        if (b != cases[i].bucket || bucket_days(cases[i].kind, b) != cases[i].days) fail_msg("case %zu: %d", i, b);
        assert_true(bucket_first(cases[i].kind, b) <= d && d < bucket_first(cases[i].kind, b + 1));
    }
}

static void holidays(void **state) {
    (void)state;
    static const struct {
        unsigned which;
        int year;
        unsigned month, day;
    } known[] = {{0, 2024, 2, 10}, {0, 2025, 1, 29}, {0, 2026, 2, 17}, {0, 2027, 2, 6},  {0, 2033, 1, 31},
                 {1, 2024, 6, 10}, {1, 2025, 5, 31}, {2, 2024, 9, 17}, {2, 2025, 10, 6}, {2, 2023, 9, 29}};
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        int days;
        day_t d = day_of(known[i].year, known[i].month, known[i].day);
        assert_true(season_holiday(known[i].which, d, &days) && days == 0);
        assert_true(season_holiday(known[i].which, d - 42, &days) && days == 42);
        assert_true(season_holiday(known[i].which, d + 20, &days) && days == -20);
        assert_false(season_holiday(known[i].which, d - 43, &days));
        assert_false(season_holiday(known[i].which, d + 21, &days));
    }
    int days;
    assert_false(season_holiday(0, day_of(1900, 2, 1), &days));
    assert_false(season_holiday(0, day_of(2300, 2, 1), &days));
}

/* A course of the year, weekdays, and a rush before each Spring Festival are found again; of plain noise little is. */
static void seasons_are_found(void **state) {
    (void)state;
    enum { DAYS = 4 * 364 };
    static double total[DAYS];
    season_profile s;
    rng r = {11};
    day_t first = day_of(2022, 1, 3);
    for (int i = 0; i < DAYS; i++) {
        int to;
        day_t d = first + i;
        double rush = season_holiday(0, d, &to) && to > 0 && to <= 14 ? 2 : 1;
        double year = 1 + 0.4 * sin(6.2832 * (double)(d - day_of(civil_of(d).year, 1, 1)) / 365);
        total[i] = 1000 * rush * year * (weekday_of(d) >= 6 ? 1.5 : 0.8) * (1 + 0.05 * noise(&r));
    }
    season_fit(&s, BUCKET_DAY, first, total, DAYS);
    assert_true(!s.flat && s.weekday[6] > 1.4F && s.weekday[0] < 0.9F);
    assert_true(s.holiday[0][SEASON_BEFORE - 1] > 1.4F && fabsf(s.holiday[2][SEASON_BEFORE - 1] - 1) < 0.1F);
    assert_true(s.year[13] > 1.15F && s.year[41] < 0.8F);
    /* 2026: a year it never saw, whose festival lies nineteen days later */
    assert_true(season_at(&s, day_of(2026, 2, 14)) / season_at(&s, day_of(2026, 3, 7)) > 1.3);
    double known = season_at(&s, day_of(2026, 5, 1));
    season_know(&s, day_of(2026, 1, 1));
    assert_true(season_at(&s, day_of(2026, 5, 1)) == known);
    for (int i = 0; i < DAYS; i++) total[i] = 1000 * (1 + 0.3 * noise(&r));
    season_fit(&s, BUCKET_DAY, first, total, DAYS);
    for (int i = 0; i < 364; i++) assert_true(fabs(season_at(&s, first + i) - 1) < 0.12);
}

static void little_history_is_no_season(void **state) {
    (void)state;
    double y[40], f[12];
    season_profile s;
    for (size_t i = 0; i < 40; i++) y[i] = i % 12 == 3 ? 50 : 10;
    season_phases(y, 35, 12, f);
    for (size_t k = 0; k < 12; k++) assert_true(f[k] == 1);
    season_phases(y, 36, 12, f);
    assert_true(f[3] > 2 && f[0] < 1);
    for (size_t i = 0; i < 40; i++) y[i] = i % 3 ? 0 : 10; /* single sales */
    season_phases(y, 40, 12, f);
    for (size_t k = 0; k < 12; k++) assert_true(f[k] == 1);
    season_fit(&s, BUCKET_MONTH, 0, y, 0);
    assert_true(s.flat && season_at(&s, 5) == 1 && season_bucket(NULL, BUCKET_DAY, 5) == 1);
}

static void letters_of_value_and_variation(void **state) {
    (void)state;
    static const double value[] = {5, 800, 0, 150, 45}, alone[] = {3};
    static const double steady[] = {10, 11, 9, 10}, wild[] = {0, 0, 0, 40}, between[] = {10, 2, 18, 10};
    char abc[5];
    demand_abc(value, 5, abc);
    assert_memory_equal(abc, "CACBC", 5);
    demand_abc(alone, 1, abc);
    assert_true(abc[0] == 'A');
    assert_true(demand_xyz(steady, 4) == 'X' && demand_xyz(between, 4) == 'Y' && demand_xyz(wild, 4) == 'Z');
    assert_true(demand_xyz(wild, 3) == 'Z' && demand_xyz(wild, 0) == 'Z');
}

static void measures(void **state) {
    (void)state;
    static const double past[] = {1, 3, 2, 4}, y[] = {2, 0}, f[] = {4, 0};
    assert_true(fabs(accuracy_smape(y, f, 2) - 200.0 / 6) < 1e-12);
    assert_true(fabs(accuracy_mase(past, 4, 1, y, f, 2) - 1 / (5.0 / 3)) < 1e-12);
    assert_true(fabs(accuracy_mase(past, 4, 2, y, f, 2) - 1) < 1e-12);
    assert_true(fabs(accuracy_rmsse(past, 4, y, f, 2) - sqrt(2 / 3.0)) < 1e-12);
    assert_true(isnan(accuracy_mase(past, 4, 4, y, f, 2)) && isnan(accuracy_rmsse(past, 1, y, f, 2)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_the_textbook),
        cmocka_unit_test(a_line_is_followed),
        cmocka_unit_test(idle_is_so_many_zeros),
        cmocka_unit_test(what_is_over_is_forecast_as_nothing),
        cmocka_unit_test(a_one_off_is_cut_and_a_new_level_is_not),
        cmocka_unit_test(intervals_hold_what_they_say),
        cmocka_unit_test(absurd_input),
        cmocka_unit_test(buckets),
        cmocka_unit_test(holidays),
        cmocka_unit_test(seasons_are_found),
        cmocka_unit_test(little_history_is_no_season),
        cmocka_unit_test(letters_of_value_and_variation),
        cmocka_unit_test(measures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
