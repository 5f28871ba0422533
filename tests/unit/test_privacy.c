/* links: catalog formats */
#include "daemon/catalog/regions.h"
#include "formats/formats.h"
#include "formats/privacy.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const uint8_t key[PRIVACY_KEY_SIZE] = {1, 2, 3}, other_key[PRIVACY_KEY_SIZE] = {4};

static bool gives(privacy_rule rule, field f, const char *text, const char *wanted) {
    AUTO(buf) room = {0};
    str left = privacy_apply(rule, f, str_of(text), key, &room);
    if (str_is(left, wanted)) return true;
    print_message("'%s': '%.*s', wanted '%s'\n", text, STR_ARG(left), wanted);
    return false;
}

static void an_address_loses_its_street(void **state) {
    static const struct {
        const char *address, *county;
    } cases[] = {
        {"浙江省杭州市西湖区文三路90号", "浙江省杭州市西湖区"},
        {"浙江杭州西湖区文三路90号", "浙江杭州西湖区"},
        {"杭州文三路90号", "杭州"},
        {"上海南京路100号", "上海"},
        {"上海市浦东新区世纪大道1号", "上海市浦东新区"},
        {"收货地址：江苏省苏州市吴中区东吴北路8号", "江苏省苏州市吴中区"},
        {"浙江省台州市路桥区南官大道", "浙江省台州市路桥区"},
        {"河南省新乡市人民路", "河南省新乡市"},
        {"江苏镇江市中山路", "江苏镇江市"},
        {"黑龙江省哈尔滨市道外区靖宇街", "黑龙江省哈尔滨市道外区"},
        {"杭州市西湖区人民路市场", "杭州市西湖区"},
        {"文三路90号", ""},
        {"镇江", "镇江"},
        {"江西景德镇", "江西景德镇"},
        {"浙江省嘉兴市桐乡", "浙江省嘉兴市桐乡"},
        {"鼓楼", "鼓楼"},
        {"鼓楼路", ""},
        {"永宁乡", ""},
        {"江苏镇江中山路1号", "江苏"},
        {"贵州省遵义市道真仡佬族苗族自治县新城路8号", "贵州省遵义市道真仡佬族苗族自治县"},
        {"山西省晋中市榆社县迎春路3号", "山西省晋中市榆社县"},
        {"12号仓", ""},
        {"华东", "华东"},
        {"西湖区", "西湖区"},
        {"330106", "330106"},
        {"US", "US"},
        {"余杭区　和睦小区１２幢", "余杭区"},
        /* a county of another city, with and without a street, with and without the last letter of the city */
        {"吉林省长春市绿园区人民路12号", "吉林省长春市绿园区"},
        {"吉林长春绿园区人民路12号", "吉林长春绿园区"},
        {"吉林省长春市梁园区人民路12号", "吉林省长春市"},
        {"吉林省长春市梁园区", "吉林省长春市"},
        {"浙江省杭州市绿园区12号", "浙江省杭州市"},
        {"长春西湖区文三路90号", "长春"},
        {"浙江省长春市朝阳区工农大路", "浙江省"},
        {"上海市西湖区文三路90号", "上海市"},
        {"北京市北京市朝阳区建国路", "北京市北京市朝阳区"},
        {"北京市市辖区朝阳区建国路", "北京市市辖区朝阳区"},
        {"杭州市西湖区余杭区文一路", "杭州市西湖区"},
        {"绿园区人民路12号", "绿园区"},
        /* areas that the tree does not know stay; what is no area does not */
        {"浙江省杭州市高新区江南大道", "浙江省杭州市高新区"},
        {"长春市碧桂园区8栋", "长春市"},
        {"重庆市渝中区解放碑步行街", "重庆市渝中区"},
        {"新疆石河子市北三路", "新疆石河子市"},
        {"上海南京东方商场", "上海南京东方商场"},
    };
    bool ok = true;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        ok = gives(PRIVACY_COUNTY, FIELD_T_SHIP_TO, cases[i].address, cases[i].county) && ok;
    assert_true(ok);
}

typedef struct region_tree {
    arena a;
    map index; /* code → place in `name` */
    struct {
        str name, parent, level, to;
    } one[20000];
    size_t n;
} region_tree;

static void load_regions(region_tree *x) {
    AUTO(arena) entry = {0};
    Entry__Catalog m;
    arena_init(&x->a, SIZE_MAX);
    arena_init(&entry, SIZE_MAX);
    for (size_t n = 0; built_in_regions(n, &entry, &m); n++, arena_reset(&entry))
        for (size_t i = 0; i < m.n_row; i++) {
            reader r = reader_of(str_from(m.row[i].data, m.row[i].len));
            str cell[6] = {{NULL, 0}};
            for (size_t k = 0; k < ARRAY_LEN(cell) && !reader_done(&r); k++) cell[k] = arena_str(&x->a, read_text(&r));
            assert_true(x->n < ARRAY_LEN(x->one));
            *map_at(&x->index, cell[0], NULL) = x->n;
            x->one[x->n].name = cell[1];
            x->one[x->n].parent = cell[2];
            x->one[x->n].level = cell[3];
            x->one[x->n++].to = cell[5];
        }
}

/* Province, city and county of each county that is or was: all of it stays, and only that. */
static void every_county_stays_whole(void **state) {
    static const char *const streets[] = {"人民路12号", "幸福小区3栋", "青石镇东街村", "８８号仓库"};
    static region_tree x;
    size_t counties = 0, wrong = 0;
    (void)state;
    load_regions(&x);
    for (size_t i = 0; i < x.n; i++) {
        AUTO(buf) whole = {0};
        str names[3] = {x.one[i].name};
        size_t depth = 1;
        if (!str_is(x.one[i].level, "county") || x.one[i].name.n == 0) continue;
        for (str up = x.one[i].parent; depth < 3 && up.n;) {
            const uint64_t *at = map_find(&x.index, up);
            if (at == NULL || str_is(x.one[*at].level, "country")) break;
            names[depth++] = x.one[*at].name;
            up = x.one[*at].parent;
        }
        while (depth > 0) buf_add(&whole, names[--depth]);
        counties++;
        for (size_t k = 0; k < ARRAY_LEN(streets); k++) {
            AUTO(buf) address = {0};
            AUTO(buf) room = {0};
            buf_add(&address, buf_str(&whole));
            buf_addz(&address, streets[k]);
            str left = privacy_apply(PRIVACY_COUNTY, FIELD_T_SHIP_TO, buf_str(&address), key, &room);
            if (str_eq(left, buf_str(&whole))) continue;
            if (wrong++ < 60) print_message("'%s': '%.*s'\n", buf_z(&address), STR_ARG(left));
        }
    }
    map_free(&x.index);
    arena_free(&x.a);
    assert_true(counties > 2800);
    assert_int_equal(wrong, 0);
}

static str hash_of(field f, const char *text, const uint8_t *with, buf *room) {
    return privacy_apply(PRIVACY_HASH, f, str_of(text), with, room);
}

static void one_phone_has_one_hash(void **state) {
    static const char *const same[] = {"13812345678",     "138 1234 5678",    "138-1234-5678",
                                       "+86 13812345678", "0086-13812345678", "１３８１２３４５６７８"};
    AUTO(buf) first = {0};
    (void)state;
    str wanted = hash_of(FIELD_T_PHONE, same[0], key, &first);
    assert_int_equal(wanted.n, 34);
    assert_true(str_starts(wanted, STR("h:")) && !str_has(wanted, STR("138123")));
    for (size_t i = 1; i < ARRAY_LEN(same); i++) {
        AUTO(buf) room = {0};
        assert_true(str_eq(hash_of(FIELD_T_PHONE, same[i], key, &room), wanted));
    }
    AUTO(buf) a = {0};
    AUTO(buf) b = {0};
    AUTO(buf) c = {0};
    assert_false(str_eq(hash_of(FIELD_T_PHONE, "13812345679", key, &a), wanted));
    assert_false(str_eq(hash_of(FIELD_T_PHONE, same[0], other_key, &b), wanted));
    assert_false(str_eq(hash_of(FIELD_T_CUSTOMER, same[0], key, &c), wanted));
}

static void nothing_leaves_without_a_key_or_a_number(void **state) {
    AUTO(buf) room = {0};
    (void)state;
    assert_int_equal(hash_of(FIELD_T_PHONE, "13812345678", NULL, &room).n, 0);
    assert_int_equal(hash_of(FIELD_T_PHONE, "无", key, &room).n, 0);
    assert_true(gives(PRIVACY_DROP, FIELD_T_CUSTOMER, "王小明", ""));
    assert_true(gives(PRIVACY_SEND, FIELD_T_CUSTOMER, "文三路店", "文三路店"));
}

static void defaults(void **state) {
    mapping m;
    err e;
    (void)state;
    assert_int_equal(privacy_of(NULL, FIELD_T_PHONE), PRIVACY_HASH);
    assert_int_equal(privacy_of(NULL, FIELD_T_SHIP_TO), PRIVACY_COUNTY);
    assert_int_equal(privacy_of(NULL, FIELD_T_CUSTOMER_NAME), PRIVACY_SEND);
    assert_true(mapping_parse(STR("privacy: {phone: drop, ship_to: send, customer: hash}\n"), STR("x"), &m, &e));
    assert_int_equal(privacy_of(&m, FIELD_T_PHONE), PRIVACY_DROP);
    assert_int_equal(privacy_of(&m, FIELD_T_SHIP_TO), PRIVACY_SEND);
    assert_int_equal(privacy_of(&m, FIELD_T_CUSTOMER), PRIVACY_HASH);
    mapping_free(&m);
}

static const char sheet[] =
    "日期,商品编码,品牌,数量,金额,成本价,毛利,客户编码,客户名称,客户类型,联系人,联系电话,收货地址\n"
    "2026-03-21,A1,清泉,3,30,7.77,6.66,C1,西湖小店,便利店,王小明,13812345678,杭州市西湖区文三路9号\n"
    "2026-03-21,B1,别家,5,50,5.55,4.44,C2,别家大客户,超市,李大,13900000000,杭州市余杭区\n"
    "合计,,,8,80,,,,,,,,\n";

static void read_sheet(const char *yaml, const uint8_t *with, docset *s) {
    source in = {.name = "x.csv", .bytes = str_of(sheet)};
    mapping m;
    err e;
    assert_true(mapping_parse(str_of(yaml), STR("m"), &m, &e));
    docset_init(s);
    s->privacy_key = with;
    if (!formats_read(&in, &m, s, &e)) fail_msg("%s", e.text);
    mapping_free(&m);
}

static str word(const docset *s, size_t line, line_text column) {
    return words_get(&s->words, docset_at(s, line).text[column]);
}

static bool says(const docset *s, const char *text) {
    for (uint32_t i = 0; i < s->words.n; i++)
        if (str_has(words_get(&s->words, i), str_of(text))) return true;
    return false;
}

static void what_is_not_mapped_is_never_read(void **state) {
    static const char *const never[] = {"王小明", "李大", "13812345678", "13900000000", "文三路", "7.77", "6.66"};
    AUTO(docset) s = {0};
    (void)state;
    read_sheet("{}\n", key, &s);
    assert_int_equal(s.lines, 2);
    assert_true(str_is(word(&s, 0, T_CUSTOMER), "C1"));
    assert_true(str_is(word(&s, 0, T_CUSTOMER_NAME), "西湖小店"));
    assert_true(str_is(word(&s, 0, T_CUSTOMER_KIND), "便利店"));
    assert_true(str_is(word(&s, 0, T_SHIP_TO), "杭州市西湖区"));
    assert_true(str_starts(word(&s, 0, T_PHONE), STR("h:")));
    for (size_t i = 0; i < ARRAY_LEN(never); i++) assert_false(says(&s, never[i]));
}

static void without_a_key_the_phone_stays(void **state) {
    AUTO(docset) s = {0};
    (void)state;
    read_sheet("{}\n", NULL, &s);
    assert_int_equal(word(&s, 0, T_PHONE).n, 0);
}

static void rows_of_other_brands_stay(void **state) {
    AUTO(docset) s = {0};
    bool told = false;
    (void)state;
    read_sheet("brands: [清泉, 果然]\n", key, &s);
    assert_int_equal(s.lines, 1);
    assert_int_equal(s.stayed, 1);
    assert_false(says(&s, "别家大客户"));
    for (size_t i = 0; i < s.problem_count; i++) told |= str_has(s.problems[i].found, STR("1 rows of other brands"));
    assert_true(told);
    assert_int_equal(s.problems_total, 1); /* the total of the file agrees with all its rows */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_loses_its_street),
        cmocka_unit_test(every_county_stays_whole),
        cmocka_unit_test(one_phone_has_one_hash),
        cmocka_unit_test(nothing_leaves_without_a_key_or_a_number),
        cmocka_unit_test(defaults),
        cmocka_unit_test(what_is_not_mapped_is_never_read),
        cmocka_unit_test(without_a_key_the_phone_stays),
        cmocka_unit_test(rows_of_other_brands_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
