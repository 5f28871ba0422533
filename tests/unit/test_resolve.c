/* links: catalog */
#include "catalog_fixture.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/region.h"

enum { DAY = 20514 }; /* 2026-03-02 */

static int begin(void **state) {
    fixture *f = fixture_begin();
    *state = f;
    must(f, rows(f, "region",
                 "CN,中国,,country|330000,浙江省,CN,province|330100,杭州市,330000,city|"
                 "330106,西湖区,330100,county|360000,江西省,CN,province|360100,南昌市,360000,city|"
                 "360103,西湖区,360100,county"));
    must(f, rows(f, "partner",
                 "M,厂家,manufacturer|D1,杭州一号,distributor,,M,杭州|S1,,sub_distributor,,D1|T1,好又多,terminal,,D1|"
                 "D2,南昌二号,distributor,,M,360000|T2,好又多,terminal,,D2|T3,旺角,terminal,,D2"));
    must(f, rows(f, "product", "A,12345678901231,,,,瓶,箱=24;盒=6|B,416000336108,,,,瓶|C,416000336108|D"));
    return 0;
}

static int end(void **state) {
    return fixture_end(*state);
}

static uint32_t no_of(fixture *f, const char *id) {
    partner p;
    assert_true(partner_by_id(f->t, str_of(id), &p));
    return p.no;
}

static const char *product_of(fixture *f, const char *partner_id, const char *code, day_t day, product_match *m) {
    static char sku[65];
    if (!resolve_product(f->t, no_of(f, partner_id), str_of(code), ON_DAY(day), m)) return "";
    return str_copy_z(product_sku(f->t, m->no), sku, sizeof sku);
}

static void a_code_is_an_alias_a_sku_a_gtin_in_this_order(void **state) {
    fixture *f = *state;
    must(f, rows(f, "alias",
                 "*,product,common,A|D1,product,x1,A,箱,12|S1,product,x1,B|D1,product,D,A|"
                 "D1,product,dated,A,,,,2026-02-28|D1,product,dated,B,,,2026-03-01"));
    static const struct {
        const char *partner, *code;
        day_t day;
        const char *sku;
    } cases[] = {
        {"D1", "A", DAY, "A"},           {"D1", "12345678901231", DAY, "A"},
        {"D1", "416000336108", DAY, ""}, /* two products bear it */
        {"D1", "common", DAY, "A"},      {"D1", "x1", DAY, "A"},
        {"S1", "x1", DAY, "B"},                                 /* its own before its parent's */
        {"T1", "x1", DAY, "A"},                                 /* its parent's */
        {"D2", "x1", DAY, ""},           {"D1", "D", DAY, "A"}, /* an alias before the sku */
        {"D2", "D", DAY, "D"},           {"D1", "dated", DAY, "B"},
        {"D1", "dated", DAY - 1, "B"},   {"D1", "dated", DAY - 2, "A"},
        {"D1", "nothing", DAY, ""},      {"D1", "", DAY, ""},
    };
    product_match m;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *sku = product_of(f, cases[i].partner, cases[i].code, cases[i].day, &m);
        if (strcmp(sku, cases[i].sku) != 0) fail_msg("%s of %s is '%s'", cases[i].code, cases[i].partner, sku);
    }
    (void)product_of(f, "D1", "x1", DAY, &m);
    assert_true(str_is(m.unit, "箱") && m.factor == 12000 && !m.unreviewed);
    (void)product_of(f, "S1", "x1", DAY, &m);
    assert_true(m.unit.n == 0 && m.factor == 0);
}

static void a_unit_is_the_alias_s_then_the_product_s(void **state) {
    fixture *f = *state;
    must(f, rows(f, "alias", "D1,unit,CS,箱|D1,unit,打,,,12|*,unit,件,箱|D2,unit,箱,,,20|D1,unit,坏,桶"));
    static const struct {
        const char *partner, *sku, *unit;
        int64_t factor; /* 0: unknown */
    } cases[] = {
        {"D1", "A", "", 1000},    {"D1", "A", "瓶", 1000},  {"D1", "A", "PCE", 1000}, {"D1", "A", "EA", 1000},
        {"D1", "A", "箱", 24000}, {"D1", "A", "盒", 6000},  {"D1", "A", "CS", 24000}, {"D1", "A", "打", 12000},
        {"D1", "A", "件", 24000}, {"D2", "A", "箱", 20000}, {"D1", "B", "箱", 0},     {"D1", "A", "桶", 0},
        {"D1", "A", "坏", 0},     {"D2", "A", "打", 0},     {"D1", "D", "EA", 1000},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        product p;
        int64_t factor = 0;
        assert_true(product_by_sku(f->t, str_of(cases[i].sku), &p));
        bool ok = resolve_unit(f->t, no_of(f, cases[i].partner), p.no, str_of(cases[i].unit), ON_DAY(DAY), &factor);
        if (ok != (cases[i].factor != 0)) fail_msg("%s of %s", cases[i].unit, cases[i].sku);
        if (ok) assert_int_equal(factor, cases[i].factor);
    }
}

static void a_partner_is_an_alias_an_id_a_name(void **state) {
    fixture *f = *state;
    must(f, rows(f, "alias", "D1,customer,客户甲,T1|D1,partner,甲方,D2|*,partner,总部,M"));
    static const struct {
        const char *partner, *word;
        bool place;
        const char *id;
    } cases[] = {
        {"D1", "T1", true, "T1"},       {"D1", "T3", true, ""},       {"D1", "T3", false, "T3"},
        {"D1", "好又多", true, "T1"},   {"D2", "好又多", true, "T2"}, {"M", "好又多", false, ""},
        {"D1", "客户甲", true, "T1"},   {"D2", "客户甲", true, ""},   {"D1", "甲方", false, "D2"},
        {"D1", "甲方", true, ""},       {"D2", "总部", false, "M"},   {"D1", "D1", true, "D1"},
        {"D1", "杭州一号", true, "D1"}, {"D1", "nobody", false, ""},  {"D1", "", false, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint32_t no = 0;
        bool ok =
            resolve_partner(f->t, no_of(f, cases[i].partner), str_of(cases[i].word), ON_DAY(DAY), cases[i].place, &no);
        if (ok != (cases[i].id[0] != 0)) fail_msg("%s for %s", cases[i].word, cases[i].partner);
        if (ok) assert_true(str_is(partner_id(f->t, no), cases[i].id));
    }
}

static void places_of_two_partners_may_bear_one_code(void **state) {
    fixture *f = *state;
    uint32_t d1 = no_of(f, "D1"), d2 = no_of(f, "D2"), no;
    uint32_t first = catalog_create_place(f->t, 50, d1, STR("001"));
    assert_false(resolve_partner(f->t, d2, STR("001"), ON_DAY(DAY), true, &no));
    uint32_t second = catalog_create_place(f->t, 51, d2, STR("001"));
    assert_true(first != second);
    assert_true(str_is(partner_id(f->t, first), "001") && str_is(partner_id(f->t, second), "D2/001"));
    assert_true(resolve_partner(f->t, d1, STR("001"), ON_DAY(DAY), true, &no) && no == first);
    assert_true(resolve_partner(f->t, d2, STR("001"), ON_DAY(DAY), true, &no) && no == second);
}

static void a_region_is_an_alias_or_a_name_near_home(void **state) {
    fixture *f = *state;
    must(f, rows(f, "alias", "D1,region,本地,330106|*,region,ZJ,浙江"));
    static const struct {
        const char *partner, *word, *code;
    } cases[] = {
        {"D1", "本地", "330106"},   {"D2", "本地", ""},  {"D2", "ZJ", "330000"},   {"D1", "西湖区", "330106"},
        {"D2", "西湖区", "360103"}, {"M", "西湖区", ""}, {"S1", "杭州", "330100"}, {"D1", "南昌西湖区", "360103"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint32_t no = 0;
        bool ok = resolve_region(f->t, no_of(f, cases[i].partner), str_of(cases[i].word), DAY, &no);
        if (ok != (cases[i].code[0] != 0)) fail_msg("%s for %s", cases[i].word, cases[i].partner);
        if (ok && !str_is(region_code(f->t, no), cases[i].code)) fail_msg("%s", cases[i].word);
    }
}

static void any_bytes_are_only_unknown(void **state) {
    fixture *f = *state;
    char word[300];
    product_match m;
    uint32_t no;
    int64_t factor;
    memset(word, 'x', sizeof word);
    const str words[] = {str_from(word, sizeof word), STR("a\0b"), STR("\xff\xfe"), str_from(word, 256)};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        assert_false(resolve_product(f->t, no_of(f, "D1"), words[i], ON_DAY(DAY), &m));
        assert_false(resolve_partner(f->t, no_of(f, "D1"), words[i], ON_DAY(DAY), true, &no));
        assert_false(resolve_region(f->t, no_of(f, "D1"), words[i], DAY, &no));
        assert_false(resolve_unit(f->t, no_of(f, "D1"), 1, words[i], ON_DAY(DAY), &factor));
    }
    assert_false(resolve_unit(f->t, no_of(f, "D1"), 99, STR(""), ON_DAY(DAY), &factor));
}

#define IN_STORE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_STORE(a_code_is_an_alias_a_sku_a_gtin_in_this_order),
        IN_STORE(a_unit_is_the_alias_s_then_the_product_s),
        IN_STORE(a_partner_is_an_alias_an_id_a_name),
        IN_STORE(places_of_two_partners_may_bear_one_code),
        IN_STORE(a_region_is_an_alias_or_a_name_near_home),
        IN_STORE(any_bytes_are_only_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
