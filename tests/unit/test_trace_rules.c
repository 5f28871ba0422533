/* links: trace */
#include "trace_scene.h"

static void its_own_lines_speak_when_they_state_a_place_outside(void **state) {
    (void)state;
    static const struct {
        const char *what;
        trace_region to;
        uint8_t source;
        trace_kind kind;
        size_t wanted;
    } rows[] = {
        {"stated, outside", NANJING, REGION_STATED, SIGNAL_SHIP_TO, 1},
        {"stated, inside", 330200, REGION_STATED, SIGNAL_SHIP_TO, 0},
        {"assumed, outside", NANJING, REGION_ASSUMED, SIGNAL_SHIP_TO, 0},
        {"unknown", REGION_NOWHERE, REGION_STATED, SIGNAL_SHIP_TO, 0},
        {"the customer's, outside", NANJING, REGION_CUSTOMER, SIGNAL_CUSTOMER_REGION, 1},
        {"the customer's, inside", HANGZHOU, REGION_CUSTOMER, SIGNAL_CUSTOMER_REGION, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        scene s = {.lines = 0};
        sale(&s, A, rows[i].to, rows[i].source, NUM_NONE);
        check(&s, rows[i].kind, rows[i].wanted, rows[i].what);
        s.exemption[0] = (trace_exemption){.partner = A,
                                           .region = 320000,
                                           .products = STR(""),
                                           .customer = STR(""),
                                           .from = DAY0,
                                           .to = DAY0,
                                           .quantity = NUM_NONE,
                                           .reference = STR("BX-1")};
        s.exemptions = 1;
        check(&s, rows[i].kind, 0, "declared");
        s.exemption[0].from = s.exemption[0].to = DAY0 + 1;
        check(&s, rows[i].kind, rows[i].wanted, "declared for the day after");
    }
}

/* Lines of one customer, a day each: h at home, n to Nanjing, j to Jinan, g to Nanjing and granted, N to Nanjing 91 days on. */
static void a_customer_that_moved_is_no_stream(void **state) {
    (void)state;
    static const struct {
        const char *lines;
        bool proof;
    } rows[] = {{"nnn", true},     {"nn", false},      {"hhnnnn", false},  {"hnnnn", true},    {"hhjhnnn", false},
                {"hhjnnn", false}, {"hhnnjnn", false}, {"hhnnnh", true},   {"gghnnn", true},   {"hhggnnn", false},
                {"hhNNN", false},  {"hhnNNN", true},   {"hhnjjjj", false}, {"hhhnnhnn", true}, {"ggnnn", true}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        scene s = {.lines = 0};
        uint32_t flags;
        for (const char *c = rows[i].lines; *c; c++) {
            bool nanjing = *c == 'n' || *c == 'g' || *c == 'N';
            sale(&s, A, *c == 'h' ? HANGZHOU : nanjing ? NANJING : JINAN, REGION_STATED, NUM_NONE);
            trace_line *l = &s.line[s.lines - 1];
            l->customer = 0, l->day += *c == 'N' ? -DAYS_BACK + 91 : -DAYS_BACK;
            if (*c != 'g') continue;
            if (s.exemptions == 0)
                s.exemption[s.exemptions++] = (trace_exemption){.partner = A,
                                                                .region = 320000,
                                                                .products = STR(""),
                                                                .customer = STR(""),
                                                                .from = l->day,
                                                                .quantity = NUM_NONE,
                                                                .reference = STR("BX-1")};
            s.exemption[0].to = l->day;
        }
        (void)fired(&s, SIGNAL_SHIP_TO, &flags);
        if ((flags & SIGNAL_PROOF) != (rows[i].proof ? SIGNAL_PROOF : 0u)) fail_msg("%s", rows[i].lines);
    }
}

static void one_document_is_weak_two_may_be_strong(void **state) {
    (void)state;
    scene s = {.lines = 0};
    uint32_t flags;
    for (int i = 0; i < 2; i++) sale(&s, A, NANJING, REGION_STATED, NUM_NONE);
    assert_int_equal(fired(&s, SIGNAL_SHIP_TO, &flags), 2);
    assert_true(strongest > 15);
    s.lines = 1;
    assert_int_equal(fired(&s, SIGNAL_SHIP_TO, &flags), 1);
    assert_true(strongest <= 10);
}

static void its_codes_speak_by_who_saw_them_and_where(void **state) {
    (void)state;
    static const struct {
        trace_seen kind;
        trace_kind signal;
    } rows[] = {{SEEN_TERMINAL, SIGNAL_CODE_TRADE},
                {SEEN_DEALER, SIGNAL_CODE_TRADE},
                {SEEN_INSPECTOR, SIGNAL_CODE_INSPECTED},
                {SEEN_ONLINE, SIGNAL_CODE_ONLINE}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        scene s = {.lines = 0};
        uint32_t flags;
        trace_sighting *x = look(&s, rows[i].kind, NANJING, 30);
        assert_int_equal(fired(&s, rows[i].signal, &flags), 1);
        assert_int_equal(flags & SIGNAL_PROOF, 0); /* one unit */
        x->flags = SIGHT_CARTON;
        assert_int_equal(fired(&s, rows[i].signal, &flags), 1);
        assert_int_equal(flags & SIGNAL_PROOF, SIGNAL_PROOF); /* a carton travels with nobody */
        x->region = 330200;
        check(&s, rows[i].signal, 0, "inside");
        x->region = NANJING, x->holder = TRACE_NONE;
        check(&s, rows[i].signal, 0, "nobody's");
    }
    scene s = {.lines = 0};
    uint32_t flags;
    (void)look(&s, SEEN_TERMINAL, NANJING, 30);
    look(&s, SEEN_TERMINAL, NANJING, 60)->carton = 10;
    s.seen[1].unit = 8;
    assert_int_equal(fired(&s, SIGNAL_CODE_TRADE, &flags), 2);
    assert_int_equal(flags & SIGNAL_PROOF, SIGNAL_PROOF); /* units of two cartons */
    s.seen[1].carton = 9;
    assert_int_equal(fired(&s, SIGNAL_CODE_TRADE, &flags), 2);
    assert_int_equal(flags & SIGNAL_PROOF, 0); /* of one */
    scene other = {.lines = 0};
    look(&other, SEEN_SOLD, NANJING, 30)->by = B;
    check(&other, SIGNAL_OTHER_SELLER, 1, "in another's books");
    other.seen[0].by = A;
    check(&other, SIGNAL_OTHER_SELLER, 0, "in its own books");
    check(&other, SIGNAL_CODE_SOLD, 1, "in its own books");
}

static void a_code_that_outruns_an_aeroplane_is_cloned(void **state) {
    (void)state;
    static const struct {
        double lat; /* of the second place; a degree is 111.2 km */
        int hours;
        size_t wanted;
    } rows[] = {{40, 1, 1}, {40, 2, 0}, {38, 1, 0}, {38.2, 1, 1}, {30.4, 0, 0}, {30.5, 0, 1}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        scene s = {.lines = 0};
        trace_sighting *x = look(&s, SEEN_CONSUMER, HANGZHOU, 30),
                       *y = look(&s, SEEN_CONSUMER, JINAN, 30 + rows[i].hours);
        x->placed = y->placed = true;
        x->lat = 30, y->lat = rows[i].lat, x->lon = y->lon = 120;
        check(&s, SIGNAL_CLONE, rows[i].wanted, "a journey");
        y->unit = 8;
        check(&s, SIGNAL_CLONE, 0, "of two codes");
    }
}

static void the_state_of_a_code_is_told(void **state) {
    (void)state;
    static const struct {
        uint8_t flag;
        trace_kind kind;
    } rows[] = {
        {SIGHT_UNKNOWN, SIGNAL_UNKNOWN_CODE}, {SIGHT_VOID, SIGNAL_VOID_CODE}, {SIGHT_LOCKED, SIGNAL_LOCKED_CODE}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        scene s = {.lines = 0};
        trace_sighting *x = look(&s, SEEN_CONSUMER, HANGZHOU, 30);
        check(&s, rows[i].kind, 0, "a good code");
        x->flags = rows[i].flag;
        check(&s, rows[i].kind, 1, "a bad code");
    }
}

static void the_third_line_below_the_floor_speaks(void **state) {
    (void)state;
    static const struct {
        int64_t fen; /* for 30 at a floor of 1.00: 29.40 is two per cent below */
        size_t lines, wanted;
    } rows[] = {{2939, 2, 0}, {2939, 3, 1}, {2939, 5, 3}, {2940, 5, 0}, {3000, 5, 0}, {NUM_NONE, 5, 0}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        scene s = {.lines = 0};
        for (size_t k = 0; k < rows[i].lines; k++) sale(&s, A, HANGZHOU, REGION_STATED, rows[i].fen);
        check(&s, SIGNAL_PRICE, rows[i].wanted, "prices");
        for (size_t k = 0; k < s.lines; k++) s.line[k].promoted = true;
        check(&s, SIGNAL_PRICE, 0, "under a promotion");
    }
}

static void one_buyer_of_three_provinces(void **state) {
    (void)state;
    scene s = {.lines = 0};
    for (uint32_t i = 0; i < PARTNERS; i++) {
        sale(&s, i, REGION_NOWHERE, REGION_UNKNOWN, NUM_NONE);
        s.line[i].customer = 0;
    }
    check(&s, SIGNAL_BUYER, 3, "three cartons of each");
    s.line[C].quantity = 29000;
    check(&s, SIGNAL_BUYER, 0, "less than three cartons of one");
    s.line[C].quantity = 30000, s.line[C].customer = TRACE_NONE;
    check(&s, SIGNAL_BUYER, 0, "of two provinces");
    s.line[C].customer = 0, s.line[C].region = NANJING, s.line[C].source = REGION_STATED;
    check(&s, SIGNAL_BUYER, 3, "wherever it is");
    s.exemption[0] = (trace_exemption){.partner = C,
                                       .region = 320000,
                                       .products = STR(""),
                                       .customer = STR(""),
                                       .from = DAY0,
                                       .to = DAY0 + 9,
                                       .quantity = NUM_NONE,
                                       .reference = STR("BX-1")};
    s.exemptions = 1;
    check(&s, SIGNAL_BUYER, 0, "what was granted to one");
}

static void what_others_tell(void **state) {
    (void)state;
    scene s = {.reports = 1};
    s.report[0] = (trace_report){.accused = A,
                                 .reporter = B,
                                 .product = P,
                                 .region = NANJING,
                                 .time = time_of(30),
                                 .price = NUM_NONE,
                                 .floor = NUM_NONE,
                                 .reference = STR("1")};
    check(&s, SIGNAL_REPORT, 1, "outside");
    s.report[0].region = HANGZHOU;
    check(&s, SIGNAL_REPORT, 0, "inside");
    s.report[0].price = s.report[0].floor = 1000000;
    check(&s, SIGNAL_REPORT, 0, "at the floor");
    s.report[0].price--;
    check(&s, SIGNAL_REPORT, 1, "below the floor");
    s.report[0].online = true;
    check(&s, SIGNAL_OFFER, 1, "offered below the floor");
    s.report[0].accused = TRACE_NONE;
    check(&s, SIGNAL_OFFER, 0, "by nobody known");
}

static void a_lot_points_at_all_it_was_shipped_to_or_at_nobody(void **state) {
    (void)state;
    static const uint32_t two[] = {A, B}, three[] = {A, B, C};
    scene s = {.lines = 0};
    trace_sighting *x = look(&s, SEEN_TERMINAL, JINAN, 30);
    x->flags = SIGHT_LOT, x->holder = TRACE_NONE, x->suspects = two, x->suspect_count = 2;
    check(&s, SIGNAL_LOT, 2, "neither may sell there");
    x->suspects = three, x->suspect_count = 3;
    check(&s, SIGNAL_LOT, 0, "one may");
    x->suspect_count = 2, x->kind = SEEN_CONSUMER;
    check(&s, SIGNAL_LOT, 0, "seen by a consumer");
}

static void stock_line(scene *s, uint8_t kind, day_t day, int64_t units) {
    sale(s, A, REGION_NOWHERE, REGION_UNKNOWN, NUM_NONE);
    s->line[s->lines - 1].kind = kind;
    s->line[s->lines - 1].day = DAY0 + day;
    s->line[s->lines - 1].quantity = units * 1000;
}

/* Opening 100, 50 in, 20 out: 130 should be there. A carton (10) may be off; a count scatters by 2 % of 150 and half a carton, 5.83
 * units: three of them to be missing, five to be too many. */
static void what_is_missing_and_what_is_too_much(void **state) {
    (void)state;
    static const struct {
        int64_t counted;
        size_t missing, too_many;
    } rows[] = {{130, 0, 0}, {103, 0, 0}, {102, 1, 0}, {0, 1, 0}, {169, 0, 0}, {170, 0, 1}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (int opened = 0; opened < 2; opened++) {
            scene s = {.lines = 0};
            if (opened) stock_line(&s, FLOW_COUNT, 0, 100);
            stock_line(&s, FLOW_RECEIPT, 5, 50);
            stock_line(&s, FLOW_SELL_OUT, 10, 20);
            stock_line(&s, FLOW_COUNT, 20, rows[i].counted);
            check(&s, SIGNAL_BALANCE, opened ? rows[i].missing : 0, opened ? "missing" : "without an opening");
            check(&s, SIGNAL_COUNTS, opened ? rows[i].too_many : 0, opened ? "too many" : "without an opening");
        }
}

/* Seventeen weeks before DAY0 + 60: three cartons a week come to each and are sold. From the tenth on twice as many come to A. */
static void weeks(scene *s, uint32_t who, int64_t more, int64_t sold_more, bool sales_stop) {
    for (int week = 0; week < 17; week++) {
        bool late = week >= 10;
        day_t monday = DAY0 + 60 - 2 - 7 * (17 - week);
        sale(s, who, REGION_NOWHERE, REGION_UNKNOWN, NUM_NONE);
        trace_line *in = &s->line[s->lines - 1];
        in->kind = FLOW_SELL_IN, in->day = monday, in->quantity = late ? 30000 + more : 30000;
        if (late && sales_stop) continue;
        sale(s, who, REGION_NOWHERE, REGION_UNKNOWN, NUM_NONE);
        s->line[s->lines - 1].day = monday + 2;
        s->line[s->lines - 1].quantity = late ? 30000 + sold_more : 30000;
    }
}

static void what_came_in_and_never_went_out(void **state) {
    (void)state;
    static const struct {
        const char *what;
        int64_t a, sold, others, counted;
        bool stops, fires;
    } rows[] = {
        {"as ever", 0, 0, 0, -1, false, false},
        {"twice as much", 30000, 0, 0, -1, false, true},
        {"and sold", 30000, 30000, 0, -1, false, false},
        {"to everybody", 30000, 0, 30000, -1, false, false},
        {"and counted", 30000, 0, 0, 150000, false, false},
        {"and counted away", 30000, 0, 0, 20000, false, true},
        {"no files any more", 0, 0, 0, -1, true, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        static scene s;
        uint32_t flags;
        s = (scene){.lines = 0};
        weeks(&s, A, rows[i].a, rows[i].sold, rows[i].stops);
        for (day_t at = DAY0 - 30; rows[i].counted >= 0 && at <= DAY0 + 58; at += 11) {
            sale(&s, A, REGION_NOWHERE, REGION_UNKNOWN, NUM_NONE);
            trace_line *count = &s.line[s.lines - 1];
            count->kind = FLOW_COUNT, count->day = at, count->quantity = at < DAY0 ? 20000 : rows[i].counted;
        }
        weeks(&s, B, rows[i].others, 0, false);
        weeks(&s, C, rows[i].others, 0, false);
        if ((fired(&s, SIGNAL_UNSOLD, &flags) > 0) != rows[i].fires) fail_msg("%s", rows[i].what);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_own_lines_speak_when_they_state_a_place_outside),
        cmocka_unit_test(a_customer_that_moved_is_no_stream),
        cmocka_unit_test(one_document_is_weak_two_may_be_strong),
        cmocka_unit_test(its_codes_speak_by_who_saw_them_and_where),
        cmocka_unit_test(a_code_that_outruns_an_aeroplane_is_cloned),
        cmocka_unit_test(the_state_of_a_code_is_told),
        cmocka_unit_test(the_third_line_below_the_floor_speaks),
        cmocka_unit_test(one_buyer_of_three_provinces),
        cmocka_unit_test(what_others_tell),
        cmocka_unit_test(what_is_missing_and_what_is_too_much),
        cmocka_unit_test(what_came_in_and_never_went_out),
        cmocka_unit_test(a_lot_points_at_all_it_was_shipped_to_or_at_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
