/* links: catalog */
#include "catalog_fixture.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/price.h"
#include "daemon/catalog/settings.h"

static int begin(void **state) {
    fixture *f = fixture_begin();
    *state = f;
    must(f, rows(f, "region", "CN,中国,,country|330000,浙江省,CN,province|330100,杭州市,330000,city"));
    must(f, rows(f, "area", "EAST,华东,330000"));
    must(f, rows(f, "partner",
                 "M,,manufacturer|D1,,distributor,A,M,330100|S1,,sub_distributor,B,D1,330100|D2,,"
                 "distributor,B,M"));
    must(f, rows(f, "product", "SKU,,,,,瓶,,10,8.5|NONE"));
    return 0;
}

static int end(void **state) {
    return fixture_end(*state);
}

static uint32_t product_no(fixture *f, const char *sku) {
    product p;
    assert_true(product_by_sku(f->t, str_of(sku), &p));
    return p.no;
}

static uint32_t partner_no(fixture *f, const char *id) {
    partner p = {.no = 0};
    if (*id) assert_true(partner_by_id(f->t, str_of(id), &p));
    return p.no;
}

static void the_most_specific_row_decides(void **state) {
    fixture *f = *state;
    /* sku, kind, from, to, amount, basis, tier, region, partner, channel */
    must(f, rows(f, "price",
                 "SKU,retail,,,20|SKU,retail,2026-01-01,2026-01-31,19|SKU,retail,2026-02-01,,18.5|"
                 "SKU,wholesale,,,15|SKU,wholesale,,,14,,A|SKU,wholesale,,,13.5,,,EAST|SKU,wholesale,,,13,,,浙江|"
                 "SKU,wholesale,,,12.5,,,330100|SKU,wholesale,,,12,,,,,online|SKU,wholesale,,,11,excl,,,M|"
                 "SKU,wholesale,2026-06-01,,10.123456,,,,D1"));
    static const struct {
        const char *partner, *channel;
        price_kind kind;
        const char *day;
        int64_t amount;
    } cases[] = {
        {"", "", PRICE_RETAIL, "2025-12-31", 20000000},      {"", "", PRICE_RETAIL, "2026-01-01", 19000000},
        {"", "", PRICE_RETAIL, "2026-01-31", 19000000},      {"", "", PRICE_RETAIL, "2026-02-01", 18500000},
        {"", "", PRICE_WHOLESALE, "2026-05-01", 15000000},   {"", "online", PRICE_WHOLESALE, "2026-05-01", 12000000},
        {"D1", "", PRICE_WHOLESALE, "2026-05-31", 11000000}, {"D1", "", PRICE_WHOLESALE, "2026-06-01", 10123456},
        {"S1", "", PRICE_WHOLESALE, "2026-06-01", 10123456}, {"D2", "", PRICE_WHOLESALE, "2026-06-01", 11000000},
        {"D1", "", PRICE_DEALER, "2026-06-01", 10000000},    {"", "", PRICE_FLOOR, "2026-06-01", 8500000},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        price_query q = {.product_no = product_no(f, "SKU"),
                         .partner_no = partner_no(f, cases[i].partner),
                         .channel = str_of(cases[i].channel),
                         .kind = cases[i].kind};
        price p;
        assert_true(day_parse(str_of(cases[i].day), &q.day));
        if (!price_find(f->t, &q, &p)) fail_msg("case %zu: no price", i);
        if (p.amount != cases[i].amount) fail_msg("case %zu: %lld", i, (long long)p.amount);
    }
}

static void of_region_channel_and_tier_the_nearer_counts_more(void **state) {
    fixture *f = *state;
    static const struct {
        const char *row;
        int64_t amount;
    } steps[] = {
        /* each row added beats those before for D1 (tier A, Hangzhou), asking for channel KA */
        {"SKU,retail,,,20", 20},           {"SKU,retail,,,19,,A", 19},       {"SKU,retail,,,18,,,EAST", 18},
        {"SKU,retail,,,17,,,CN", 17},      {"SKU,retail,,,16,,,330000", 16}, {"SKU,retail,,,15,,,330100", 15},
        {"SKU,retail,,,14,,A,330100", 14}, {"SKU,retail,,,13,,,,,KA", 13},   {"SKU,retail,,,12,,,,M", 12},
        {"SKU,retail,,,11,,,,D1", 11},     {"SKU,retail,,,10,,,,D1,KA", 10}, {"SKU,retail,2026-01-01,,9,,,,D1,KA", 9},
    };
    price_query q = {.product_no = product_no(f, "SKU"),
                     .partner_no = partner_no(f, "D1"),
                     .channel = STR("KA"),
                     .kind = PRICE_RETAIL,
                     .day = day_of(2026, 3, 1)};
    price p;
    assert_false(price_find(f->t, &q, &p));
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        must(f, rows(f, "price", steps[i].row));
        assert_true(price_find(f->t, &q, &p));
        if (p.amount != steps[i].amount * 1000000) fail_msg("step %zu: %lld", i, (long long)p.amount);
        assert_false(p.by_product);
    }
    /* conditions that do not hold never count */
    must(f, rows(f, "price", "SKU,retail,2026-01-01,,1,,B,,D1,KA|SKU,retail,2026-01-01,,2,,,,D2"));
    assert_true(price_find(f->t, &q, &p) && p.amount == 9000000);
}

static void a_price_says_where_it_comes_from(void **state) {
    fixture *f = *state;
    price_query q = {.product_no = product_no(f, "SKU"), .kind = PRICE_DEALER, .day = 0};
    price p;
    assert_true(price_find(f->t, &q, &p) && p.by_product && p.incl_tax && str_is(p.row.cell[PRODUCT_SKU], "SKU"));
    must(f, rows(f, "price", "SKU,dealer,,,9,excl"));
    assert_true(price_find(f->t, &q, &p) && !p.by_product && !p.incl_tax && str_is(p.row.cell[PRICE_AMOUNT], "9.00"));
    must(f, rows_as(f, "price", "SKU,dealer", "set", true));
    assert_true(price_find(f->t, &q, &p) && p.by_product);
    q.kind = PRICE_EX_WORKS;
    assert_false(price_find(f->t, &q, &p));
    q = (price_query){.product_no = product_no(f, "NONE"), .kind = PRICE_DEALER};
    assert_false(price_find(f->t, &q, &p));
    q.product_no = 99;
    assert_false(price_find(f->t, &q, &p));
    price_kind k;
    assert_true(price_kind_parse(STR("ex_works"), &k) && k == PRICE_EX_WORKS);
    assert_false(price_kind_parse(STR("list"), &k));
}

#define IN_STORE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_STORE(the_most_specific_row_decides),
        IN_STORE(of_region_channel_and_tier_the_nearer_counts_more),
        IN_STORE(a_price_says_where_it_comes_from),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
