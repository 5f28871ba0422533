/* links: catalog */
#include "catalog_fixture.h"
#include "daemon/catalog/promotion.h"

/* A rule as it was read: "get 10箱/1瓶 P9", "price 8.5/箱". */
static void rule_text(const char *written, char *out, size_t size) {
    AUTO(buf) b = {0};
    promotion_rule r;
    if (!promotion_rule_parse(str_of(written), &r)) {
        (void)snprintf(out, size, "no");
        return;
    }
    buf_addz(&b, r.kind == PROMOTION_SPECIAL ? "price " : "get ");
    if (r.kind == PROMOTION_SPECIAL) {
        dec_put(&b, r.price, MICRO_SCALE, 0);
        buf_printf(&b, "/%.*s", STR_ARG(r.price_unit));
    } else {
        dec_put(&b, r.buy, QUANTITY_SCALE, 0);
        buf_printf(&b, "%.*s/", STR_ARG(r.buy_unit));
        dec_put(&b, r.get, QUANTITY_SCALE, 0);
        buf_printf(&b, "%.*s %.*s", STR_ARG(r.get_unit), STR_ARG(r.gift));
    }
    (void)str_copy_z(buf_str(&b), out, size);
}

static void rules_are_read(void **state) {
    (void)state;
    static const struct {
        const char *written, *wanted;
    } cases[] = {
        {"10送1", "get 10/1 "},
        {"10+1", "get 10/1 "},
        {" 10 送 1 ", "get 10/1 "},
        {"买10送1", "get 10/1 "},
        {"买10赠1", "get 10/1 "},
        {"满10搭赠1", "get 10/1 "},
        {"buy 10 get 1", "get 10/1 "},
        {"Buy 10 Get 1 free", "get 10/1 "},
        {"10箱送1箱", "get 10箱/1箱 "},
        {"10箱送2瓶 P9", "get 10箱/2瓶 P9"},
        {"buy 10箱 get 1 P9", "get 10箱/1 P9"},
        {"12.5kg+0.5kg", "get 12.5kg/0.5kg "},
        {"特价 8.50", "price 8.5/"},
        {"特价8.5元", "price 8.5/"},
        {"特价：¥96/箱", "no"},
        {"特价 ¥96/箱", "price 96/箱"},
        {"special 8.50", "price 8.5/"},
        {"Special price 96/CS", "price 96/CS"},
        {"", "no"},
        {"10", "no"},
        {"送1", "no"},
        {"10送", "no"},
        {"10送0", "no"},
        {"0送1", "no"},
        {"-10送1", "no"},
        {"十送一", "no"},
        {"10.0001送1", "no"},
        {"特价", "no"},
        {"特价 0", "no"},
        {"特价 8.5.1", "no"},
        {"特价 8.5 x", "no"},
        {"八折", "no"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char found[128];
        rule_text(cases[i].written, found, sizeof found);
        if (strcmp(found, cases[i].wanted) != 0)
            fail_msg("'%s'\n  found:  %s\n  wanted: %s", cases[i].written, found, cases[i].wanted);
    }
}

static int begin(void **state) {
    fixture *f = fixture_begin();
    *state = f;
    must(f, rows(f, "partner",
                 "M,,manufacturer|D1,,distributor,A,M|S1,,sub_distributor,B,D1|T1,,terminal,,D1|D2,,distributor,B,M"));
    must(f, rows(f, "product",
                 "P1,,,清泉,水,瓶,箱=24,2|P2,,,果然,果汁,瓶,箱=12,8|P3,,,清泉,茶,瓶,箱=15,4|P9,,,礼品,礼品,个"));
    return 0;
}

static int end(void **state) {
    return fixture_end(*state);
}

static day_t june(unsigned day) {
    return day_of(2026, 6, day);
}

static promotion_line line_of(fixture *f, const char *partner_text, const char *sku, unsigned day) {
    partner who;
    product what;
    assert_true(partner_by_id(f->t, str_of(partner_text), &who));
    assert_true(product_by_sku(f->t, str_of(sku), &what));
    return (promotion_line){.partner = who.no,
                            .product = what.no,
                            .day = june(day),
                            .quantity = 10000,
                            .amount = 2000,
                            .currency = currency_no(STR("CNY"))};
}

/* promotion, title, products, partners, from, to, rule, budget, currency, flow */
static const char table[] = "ALL,,,,2026-06-01,2026-06-30,10送1|BRAND,,brand:清泉,,2026-06-01,2026-06-30,20送1|"
                            "ONE,,P1,,2026-06-10,2026-06-20,12送1|TIER,,P1,tier:B,2026-06-01,2026-06-30,6送1|"
                            "OWN,,P1,D1,2026-06-15,2026-06-15,24送1|CAT,,category:茶,,2026-06-01,,15+1|"
                            "IN,,P1,,2026-06-01,,10箱送1箱,,,sell_in|GIFT,,P2,,2026-06-01,2026-06-30,10送1 P9|"
                            "CHEAP,,P1,,2026-06-12,2026-06-12,特价 1.50|BOX,,P2,,2026-06-12,2026-06-12,特价 72/箱|"
                            "USD,,P1,,2026-06-13,2026-06-13,特价 1.50,,USD";

static void the_closest_promotion_binds(void **state) {
    fixture *f = *state;
    static const struct {
        const char *partner_text, *sku;
        unsigned day;
        bool gift, sell_in;
        int64_t quantity, amount; /* 0: as line_of has it */
        const char *wanted;
    } cases[] = {
        {"D1", "P1", 1, .gift = true, .wanted = "BRAND gift"},
        {"D1", "P1", 10, .gift = true, .wanted = "ONE gift"},
        {"D1", "P1", 20, .gift = true, .wanted = "ONE gift"}, /* both ends belong to it */
        {"D1", "P1", 21, .gift = true, .wanted = "BRAND gift"},
        {"D1", "P1", 15, .gift = true, .wanted = "OWN gift"},
        {"T1", "P1", 15, .gift = true, .wanted = "OWN gift"}, /* a place below it */
        {"D2", "P1", 15, .gift = true, .wanted = "TIER gift"},
        {"S1", "P1", 2, .gift = true, .wanted = "TIER gift"},
        {"D1", "P3", 2, .gift = true, .wanted = "CAT gift"}, /* began the same day: the greater id */
        {"D1", "P3", 30, .gift = true, .wanted = "CAT gift"},
        {"D1", "P2", 2, .gift = true, .wanted = "ALL gift"}, /* GIFT gives P9 */
        {"D1", "P9", 2, .gift = true, .wanted = "GIFT gift"},
        {"D1", "P9", 2, .wanted = "ALL bought"},
        {"D1", "P2", 2, .wanted = "GIFT bought"},
        {"D1", "P1", 2, .wanted = "BRAND bought"},
        {"D1", "P1", 2, .sell_in = true, .wanted = "IN bought"},
        {"D1", "P1", 2, .sell_in = true, .gift = true, .wanted = "IN gift"},
        {"D1", "P2", 2, .sell_in = true, .gift = true, .wanted = "-"},
        {"D1", "P1", 12, .amount = 1500, .wanted = "CHEAP special"},
        {"D1", "P1", 12, .amount = 1501, .wanted = "CHEAP special"}, /* a fen of rounding */
        {"D1", "P1", 12, .amount = 1502, .wanted = "ONE bought"},
        {"D1", "P1", 12, .amount = 1499, .wanted = "CHEAP special"},
        {"D1", "P1", 12, .amount = 1498, .wanted = "CHEAP special below"},
        {"D1", "P1", 12, .quantity = -10000, .amount = -1500, .wanted = "CHEAP special"}, /* brought back */
        {"D1", "P1", 12, .amount = NUM_NONE, .wanted = "ONE bought"},
        {"D1", "P2", 12, .quantity = 24000, .amount = 14400, .wanted = "BOX special"},
        {"D1", "P1", 13, .amount = 1500, .wanted = "ONE bought"}, /* another currency's price */
    };
    AUTO(arena) a = {0};
    AUTO(promotions) p = {0};
    arena_init(&a, SIZE_MAX);
    must(f, rows(f, "promotion", table));
    promotions_load(f->t, &a, &p);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        static const char *const roles[] = {"", " gift", " special", " bought"};
        char found[64];
        promotion_line l = line_of(f, cases[i].partner_text, cases[i].sku, cases[i].day);
        l.gift = cases[i].gift;
        l.sell_in = cases[i].sell_in;
        if (cases[i].quantity) l.quantity = cases[i].quantity;
        if (cases[i].amount) l.amount = cases[i].amount;
        promotion_bond b = promotion_of(&p, &l);
        (void)snprintf(found, sizeof found, "%.*s%s%s", b.of ? (int)b.of->id.n : 1, b.of ? b.of->id.p : "-",
                       roles[b.role], b.below ? " below" : "");
        if (strcmp(found, cases[i].wanted) != 0)
            fail_msg("case %zu\n  found:  %s\n  wanted: %s", i, found, cases[i].wanted);
    }
    promotion_line none = line_of(f, "D1", "P2", 2);
    none.gift = none.sell_in = true;
    assert_string_equal(promotion_why_not(&p, &none), "its promotion is for the other flow");
}

static void what_is_due_comes_in_whole_steps(void **state) {
    fixture *f = *state;
    static const struct {
        const char *rule, *sku;
        int64_t bought, due; /* base units, thousandths */
    } cases[] = {
        {"10送1", "P1", 9999, 0},           {"10送1", "P1", 10000, 1000},    {"10送1", "P1", 29999, 2000},
        {"10送1", "P1", -10000, -1000},     {"10送1", "P1", -9000, 0},       {"10箱送1箱", "P1", 239000, 0},
        {"10箱送1箱", "P1", 480000, 48000}, {"1箱送2瓶", "P2", 36000, 6000}, {"1箱送1箱 P2", "P1", 24000, 12000},
        {"10送1 P9", "P1", 20000, 2000},    {"1托送1瓶", "P1", 1000000, 0}, /* no such unit */
        {"特价 8.50", "P1", 100000, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(arena) a = {0};
        AUTO(promotions) p = {0};
        char row[128];
        product what;
        arena_init(&a, SIZE_MAX);
        (void)snprintf(row, sizeof row, "X,,,,2026-06-01,,%s", cases[i].rule);
        must(f, rows(f, "promotion", row));
        promotions_load(f->t, &a, &p);
        assert_true(product_by_sku(f->t, str_of(cases[i].sku), &what));
        const promotion *x = NULL;
        for (size_t k = 0; k < p.rows; k++)
            if (str_is(p.row[k].id, "X")) x = &p.row[k];
        int64_t due = promotion_due(&p, x, what.no, cases[i].bought);
        if (due != cases[i].due) fail_msg("case %zu: %lld, wanted %lld", i, (long long)due, (long long)cases[i].due);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_are_read),
        cmocka_unit_test_setup_teardown(the_closest_promotion_binds, begin, end),
        cmocka_unit_test_setup_teardown(what_is_due_comes_in_whole_steps, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
