/* links: trace */
#include "trace_scene.h"

/* ---- orders: ten cartons a week each for 20 weeks, and what one of them does besides */

enum { WEEKS = 20, USUAL = 8 /* weeks that a chart learns from */ };

static void line_of(scene *s, uint32_t who, uint8_t kind, day_t day, int64_t cartons) {
    sale(s, who, REGION_NOWHERE, REGION_UNKNOWN, NUM_NONE);
    s->line[s->lines - 1].kind = kind;
    s->line[s->lines - 1].day = day;
    s->line[s->lines - 1].quantity = cartons * 10000;
}

/* `more`: of weeks 13 to 16, of A alone or of everybody. */
static void orders(scene *s, int64_t more, bool all) {
    s->days = 7 * WEEKS;
    for (uint32_t who = 0; who < PARTNERS; who++)
        for (day_t week = 0; week < WEEKS; week++) {
            bool peak = week > 12 && week < 17 && (all || who == A);
            line_of(s, who, FLOW_SELL_IN, DAY0 + 7 * week, 10 + (peak ? more : 0));
        }
}

static void orders_beyond_what_its_market_takes(void **state) {
    (void)state;
    uint32_t flags;
    scene s = {.lines = 0};
    orders(&s, 20, false);
    assert_true(fired(&s, SIGNAL_PEAK, &flags) > 0);
    s.stage = STAGE_INTRODUCTION;
    check(&s, SIGNAL_PEAK, 0, "while it is introduced");
    scene usual = {.lines = 0}, everybody = {.lines = 0}, small = {.lines = 0}, sold = {.lines = 0};
    orders(&usual, 0, false);
    check(&usual, SIGNAL_PEAK, 0, "as ever");
    orders(&everybody, 20, true);
    check(&everybody, SIGNAL_PEAK, 0, "everybody's weeks");
    orders(&small, 2, false);
    check(&small, SIGNAL_PEAK, 0, "within what orders scatter");
    orders(&sold, 20, false);
    for (day_t week = 0; week < WEEKS; week++)
        line_of(&sold, A, FLOW_SELL_OUT, DAY0 + 7 * week + 3, week > USUAL ? 30 : 10);
    trace_order_lines(sold.line, sold.lines);
    check(&sold, SIGNAL_PEAK, 0, "its own sell-out grew as much");
}

/* The quarter ends 88 days after DAY0: 13 weeks of 10 cartons, the last of them on day 84, within the last five days. */
static void loading_in_the_last_days_of_a_quarter(void **state) {
    (void)state;
    assert_int_equal(DAY0 + 88, day_of(2024, 12, 31));
    static const struct {
        const char *what;
        day_t day;
        int64_t cartons;
        size_t wanted;
    } rows[] = {
        {"half of all", 87, 110, 1},      {"less than half", 87, 109, 0},  {"six days before the end", 83, 140, 0},
        {"five days before", 84, 140, 1}, {"on the last day", 88, 140, 1}, {"in the next quarter", 89, 140, 0}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        scene s = {.lines = 0};
        orders(&s, 0, false);
        line_of(&s, A, FLOW_SELL_IN, DAY0 + rows[i].day, rows[i].cartons);
        trace_order_lines(s.line, s.lines);
        check(&s, SIGNAL_CLIFF, rows[i].wanted, rows[i].what);
    }
}

/* ---- what consumers scan: everybody's goods at home, and some of A's in Nanjing, each of another carton */

static void scans(scene *s, size_t home, size_t away, bool one_carton) {
    for (uint32_t who = 0; who < PARTNERS; who++)
        for (size_t i = 0; i < home + (who == A ? away : 0); i++) {
            static const trace_region homes[] = {HANGZHOU, NANJING, JINAN};
            trace_sighting *x = look(s, SEEN_CONSUMER, i < home ? homes[who] : NANJING, 24 + (int)i);
            x->holder = who;
            x->unit = who * 1000 + i + 1;
            x->carton = one_carton && i >= home ? 999 : who * 1000 + i + 1;
        }
    trace_order_sightings(s->seen, s->sightings);
}

static void more_consumers_abroad_than_travel_explains(void **state) {
    (void)state;
    static const struct {
        const char *what;
        size_t home, away;
        bool one_carton, wanted;
    } rows[] = {{"twelve of seventy", 60, 12, false, true},
                {"of one carton, which is one gift", 60, 12, true, false},
                {"one traveller", 60, 1, false, false},
                {"two: below scan_events", 60, 2, false, false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        scene s = {.lines = 0};
        uint32_t flags;
        scans(&s, rows[i].home, rows[i].away, rows[i].one_carton);
        if ((fired(&s, SIGNAL_SCAN_SHARE, &flags) > 0) != rows[i].wanted) fail_msg("%s", rows[i].what);
        s.exemption[0] = (trace_exemption){.partner = A,
                                           .region = 320000,
                                           .products = STR(""),
                                           .customer = STR(""),
                                           .from = DAY0,
                                           .to = DAY0 + 60,
                                           .quantity = NUM_NONE,
                                           .reference = STR("BX-1")};
        s.exemptions = 1;
        check(&s, SIGNAL_SCAN_SHARE, 0, "declared");
    }
}

/* ---- goods without codes in Nanjing: A and C were shipped them and both are counted; A misses what C has. B has none. */

static void bare(scene *s, size_t seen, int64_t missing, bool lawful) {
    s->days = 60;
    for (uint32_t who = A; who <= C; who++) {
        if (who == B && !lawful) continue;
        line_of(s, who, FLOW_COUNT, DAY0, 20);
        for (day_t day = 1; day < 50; day += 7) {
            line_of(s, who, FLOW_SELL_IN, DAY0 + day, 10);
            line_of(s, who, FLOW_RECEIPT, DAY0 + day, 10);
            line_of(s, who, FLOW_SELL_OUT, DAY0 + day + 1, 10 - (who == A ? missing : 0));
            line_of(s, who, FLOW_COUNT, DAY0 + day + 5, 20);
        }
    }
    trace_order_lines(s->line, s->lines);
    for (size_t i = 0; i < seen; i++) {
        trace_sighting *x = look(s, SEEN_INSPECTOR, NANJING, 24 * (10 + 3 * (int)i));
        x->unit = x->carton = 0;
        x->holder = TRACE_NONE;
        x->code = STR("");
        x->flags = SIGHT_BARE;
    }
}

static void goods_without_codes_have_a_likeliest_source(void **state) {
    (void)state;
    static const struct {
        const char *what;
        size_t seen;
        int64_t missing;
        bool lawful, wanted;
    } rows[] = {{"one misses them", 6, 4, false, true},
                {"nobody misses any", 6, 0, false, false},
                {"a lawful seller is there", 6, 4, true, false},
                {"nothing was seen", 0, 4, false, false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        scene s = {.lines = 0};
        uint32_t flags;
        bare(&s, rows[i].seen, rows[i].missing, rows[i].lawful);
        size_t n = fired(&s, SIGNAL_PRESENCE, &flags);
        if ((n > 0) != rows[i].wanted) fail_msg("%s: %zu", rows[i].what, n);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_beyond_what_its_market_takes),
        cmocka_unit_test(loading_in_the_last_days_of_a_quarter),
        cmocka_unit_test(more_consumers_abroad_than_travel_explains),
        cmocka_unit_test(goods_without_codes_have_a_likeliest_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
