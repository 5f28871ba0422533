/* links: catalog */
#include "catalog_fixture.h"
#include "daemon/catalog/region.h"
#include "daemon/catalog/region_words.h"
#include "proto/limits.h"

/* One store with the built-in tree for all tests: nobody changes it but the one that adds areas of its own. */
static int begin(void **state) {
    fixture *f = fixture_begin();
    load_regions(f);
    *state = f;
    return 0;
}

static int end(void **state) {
    return fixture_end(*state);
}

static void the_built_in_tree_hangs_together(void **state) {
    fixture *f = *state;
    static const struct {
        const char *code, *name, *parent;
        region_level level;
    } cases[] = {
        {"CN", "中国", "", REGION_COUNTRY},
        {"DE", "德国", "", REGION_COUNTRY},
        {"330000", "浙江省", "CN", REGION_PROVINCE},
        {"330100", "杭州市", "330000", REGION_CITY},
        {"330113", "临平区", "330100", REGION_COUNTY},
        {"410307", "偃师区", "410300", REGION_COUNTY},
        {"429004", "仙桃市", "420000", REGION_COUNTY},
        {"441900", "东莞市", "440000", REGION_CITY},
        {"110101", "东城区", "110100", REGION_COUNTY},
        {"110100", "北京市", "110000", REGION_CITY},
        {"810000", "香港特别行政区", "CN", REGION_PROVINCE},
        {"810001", "中西区", "810000", REGION_COUNTY},
        {"820000", "澳门特别行政区", "CN", REGION_PROVINCE},
        {"710000", "台湾省", "CN", REGION_PROVINCE},
        {"330103", "下城区", "330100", REGION_COUNTY},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint32_t no = region_by_code(f->t, str_of(cases[i].code));
        if (no == 0) fail_msg("no %s", cases[i].code);
        assert_true(str_is(region_name(f->t, no), cases[i].name));
        assert_true(str_is(region_code(f->t, region_parent(f->t, no)), cases[i].parent));
        assert_int_equal(region_level_of(f->t, no), cases[i].level);
    }
    assert_int_equal(region_by_code(f->t, STR("HK")), 0);
    assert_int_equal(region_by_code(f->t, STR("999999")), 0);
    assert_int_equal(region_by_code(f->t, STR("")), 0);
    assert_true(str_is(region_code(f->t, 0), ""));
}

static void entries_of_the_tree_keep_their_bounds(void **state) {
    (void)state;
    size_t rows_seen = 0, n = 0;
    for (;; n++) {
        AUTO(arena) a = {0};
        Entry__Catalog m;
        arena_init(&a, 4 << 20);
        if (!built_in_regions(n, &a, &m)) break;
        assert_true(m.n_row > 0 && m.n_row <= LIMIT_ENTRY_ROWS);
        assert_true(entry__catalog__get_packed_size(&m) <= 1024 * 1024);
        rows_seen += m.n_row;
    }
    assert_true(n >= 2 && rows_seen > 4500);
}

static void levels_are_found_upwards(void **state) {
    fixture *f = *state;
    static const struct {
        const char *code;
        region_level level;
        const char *at;
    } cases[] = {
        {"330106", REGION_PROVINCE, "330000"}, {"330106", REGION_CITY, "330100"},   {"330106", REGION_COUNTY, "330106"},
        {"330106", REGION_COUNTRY, "CN"},      {"330000", REGION_CITY, ""},         {"441900", REGION_COUNTY, ""},
        {"429004", REGION_CITY, "429004"},     {"429004", REGION_COUNTY, "429004"}, {"310115", REGION_CITY, "310100"},
        {"810001", REGION_CITY, "810001"},     {"DE", REGION_PROVINCE, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint32_t at = region_at_level(f->t, region_by_code(f->t, str_of(cases[i].code)), cases[i].level);
        if (!str_is(region_code(f->t, at), cases[i].at)) fail_msg("%s at %d", cases[i].code, (int)cases[i].level);
    }
    uint32_t west_lake = region_by_code(f->t, STR("330106")), zhejiang = region_by_code(f->t, STR("330000"));
    assert_true(region_within(f->t, west_lake, zhejiang) && region_within(f->t, zhejiang, zhejiang));
    assert_false(region_within(f->t, zhejiang, west_lake));
    assert_false(region_within(f->t, 0, zhejiang));
    assert_false(region_within(f->t, zhejiang, 0));
}

static void short_names_drop_what_says_nothing(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"浙江省", "浙江"},
        {"西湖区", "西湖"},
        {"浦东新区", "浦东"},
        {"香港特别行政区", "香港"},
        {"新疆维吾尔自治区", "新疆"},
        {"内蒙古自治区", "内蒙古"},
        {"广西壮族自治区", "广西"},
        {"恩施土家族苗族自治州", "恩施"},
        {"巴音郭楞蒙古自治州", "巴音郭楞"},
        {"积石山保安族东乡族撒拉族自治县", "积石山"},
        {"神农架林区", "神农架"},
        {"吉县", "吉县"},
        {"东区", "东区"},
        {"阿拉善盟", "阿拉善"},
        {"城区", "城区"},
        {"德国", "德国"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (!str_is(region_short_name(str_of(cases[i][0])), cases[i][1])) fail_msg("%s", cases[i][0]);
}

static void words_and_addresses_are_found(void **state) {
    fixture *f = *state;
    static const struct {
        const char *word, *home, *code; /* code "" : unknown */
    } cases[] = {
        /* codes of 2, 4, 6 digits; trailing zero pairs are the level above */
        {"33", "", "330000"},
        {"3301", "", "330100"},
        {"330106", "", "330106"},
        {"330000", "", "330000"},
        {"330", "", ""},
        {"999999", "", ""},
        {"DE", "", "DE"},
        /* names with and without their ending */
        {"浙江省", "", "330000"},
        {"浙江", "", "330000"},
        {" 杭州市 ", "", "330100"},
        {"杭州", "", "330100"},
        {"上海", "", "310000"},
        {"内蒙古", "", "150000"},
        {"香港", "", "810000"},
        {"台湾", "", "710000"},
        {"中国", "", "CN"},
        /* one name, several regions: the own province, the one that holds the others, else unknown */
        {"吉林", "", "220000"},
        {"吉林市", "", "220200"},
        {"朝阳区", "", ""},
        {"朝阳区", "110101", "110105"},
        {"西湖区", "", ""},
        {"西湖区", "330000", "330106"},
        {"西湖区", "360100", "360103"},
        {"鼓楼区", "440000", ""},
        /* addresses */
        {"浙江省杭州市西湖区文三路90号", "", "330106"},
        {"浙江杭州西湖区文三路90号", "", "330106"},
        {"浙江省 杭州市 余杭区", "", "330110"},
        {"杭州市西湖路1号", "", "330100"},
        {"上海市浦东新区南京西路1号", "", "310115"},
        {"北京市朝阳区建国路", "", "110105"},
        {"南京西路1038号", "310000", ""},
        {"收货地址：江苏省苏州市吴中区", "", "320506"},
        {"中国浙江省宁波市", "", "330200"},
        {"湖北省仙桃市", "", "429004"},
        {"广东省东莞市长安镇", "", "441900"},
        {"新疆伊犁哈萨克自治州伊宁市", "", "654002"},
        {"Atlantis", "", ""},
        {"某某超市", "", ""},
        {"", "", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint32_t no = 0, home = region_by_code(f->t, str_of(cases[i].home));
        bool found = region_find(f->t, str_of(cases[i].word), home, day_of(2026, 3, 1), &no);
        if (found != (cases[i].code[0] != 0)) fail_msg("'%s': %s", cases[i].word, found ? "found" : "not found");
        if (found && !str_is(region_code(f->t, no), cases[i].code))
            fail_msg("'%s' is %.*s", cases[i].word, STR_ARG(region_code(f->t, no)));
    }
}

static void any_bytes_are_taken(void **state) {
    fixture *f = *state;
    char word[LIMIT_TEXT + 8];
    uint32_t no;
    memset(word, 'x', sizeof word);
    assert_false(region_find(f->t, str_from(word, LIMIT_TEXT), 0, 0, &no));
    assert_false(region_find(f->t, str_from(word, LIMIT_TEXT + 1), 0, 0, &no));
    assert_false(region_find(f->t, STR("\xe6\xb5"), 0, 0, &no));
    assert_false(region_find(f->t, STR("a\0b"), 0, 0, &no));
    assert_false(resolve_region(f->t, 0, STR("\0"), 0, &no));
}

static void old_codes_and_names_lead_to_what_took_their_place(void **state) {
    fixture *f = *state;
    static const struct {
        const char *word;
        day_t day;
        const char *code;
    } cases[] = {
        {"330103", 18600, "330103"}, /* 2020-12-04: still there */
        {"330103", 20000, "330105"}, /* 2024: 下城 became part of 拱墅 */
        {"临安市", 20000, "330112"},       {"临安", 20000, "330112"},   {"临安市", 15000, "330185"},
        {"崇文区", 20000, "110101"},       {"371202", 20000, "370116"}, {"襄樊市", 20000, "420600"},
        {"130101", 20000, "130100"}, /* 市辖区 */
        {"苏州工业园区", 20000, "320500"}, {"Germany", 20000, "DE"},    {"HK", 20000, "810000"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint32_t no = 0;
        if (!resolve_region(f->t, 0, str_of(cases[i].word), cases[i].day, &no)) fail_msg("'%s'", cases[i].word);
        if (!str_is(region_code(f->t, no), cases[i].code))
            fail_msg("'%s' is %.*s", cases[i].word, STR_ARG(region_code(f->t, no)));
    }
}

static void sales_areas_lie_over_the_tree(void **state) {
    fixture *f = *state;
    must(f, rows(f, "area", "EAST,华东,310000|EAST,华东,浙江省|EAST,华东,320000|ZJ2,浙江二区,330200|OWN,直营大区"));
    uint32_t east = region_by_code(f->t, STR("EAST")), own = region_by_code(f->t, STR("OWN")), no;
    uint32_t hangzhou = region_by_code(f->t, STR("330100")), ningbo = region_by_code(f->t, STR("330212"));
    uint32_t beijing = region_by_code(f->t, STR("110000")), zj2 = region_by_code(f->t, STR("ZJ2"));
    assert_true(east & REGION_AREA && own & REGION_AREA && east != own);
    assert_true(region_find(f->t, STR("华东"), 0, 0, &no) && no == east);
    assert_true(region_find(f->t, STR("OWN"), 0, 0, &no) && no == own);
    assert_true(str_is(region_code(f->t, east), "EAST") && str_is(region_name(f->t, east), "华东"));
    assert_int_equal(region_level_of(f->t, east), REGION_LEVEL_NONE);
    assert_true(region_area(f->t, hangzhou) == east && region_area(f->t, ningbo) == zj2);
    assert_true(region_area(f->t, beijing) == 0 && region_area(f->t, own) == own);
    assert_true(region_within(f->t, hangzhou, east) && !region_within(f->t, beijing, east));
    assert_true(region_within(f->t, zj2, east) && !region_within(f->t, east, zj2));
    assert_true(region_within(f->t, own, own) && !region_within(f->t, own, east));
    assert_true(str_is(region_code(f->t, region_at_level(f->t, zj2, REGION_PROVINCE)), "330000"));
    assert_int_equal(region_at_level(f->t, east, REGION_PROVINCE), 0);
    assert_true(str_is(region_code(f->t, region_at_level(f->t, east, REGION_COUNTRY)), "CN"));
    /* the number stays when its first row ends or its name changes */
    must(f, rows_as(f, "area", "EAST,,310000", "set", true));
    must(f, rows(f, "area", "EAST,东部,330000|EAST,东部,320000"));
    assert_true(region_by_code(f->t, STR("EAST")) == east);
    assert_false(region_find(f->t, STR("华东"), 0, 0, &no));
    assert_true(region_find(f->t, STR("东部"), 0, 0, &no) && no == east);
    assert_int_equal(region_area(f->t, region_by_code(f->t, STR("310000"))), 0);
    refused(f, rows(f, "area", "X,,EAST"), ERR_DATA, "region");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_built_in_tree_hangs_together),
        cmocka_unit_test(entries_of_the_tree_keep_their_bounds),
        cmocka_unit_test(levels_are_found_upwards),
        cmocka_unit_test(short_names_drop_what_says_nothing),
        cmocka_unit_test(words_and_addresses_are_found),
        cmocka_unit_test(any_bytes_are_taken),
        cmocka_unit_test(old_codes_and_names_lead_to_what_took_their_place),
        cmocka_unit_test(sales_areas_lie_over_the_tree),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
