/* links: agentlib */
#include "agent/template.h"
#include "agent_fixture.h"
#include "formats/formats.h"
#include "formats/header.h"

static void put_file(const folder *f, const char *name, const char *text, char path[static PATH_SIZE]) {
    SUCCEEDS(file_write(folder_in(f, name, path), str_of(text), 0600, e));
}

/* "sku/name/spec/unit" of each, joined by blanks. */
static void list_is(const products *p, const char *wanted) {
    AUTO(buf) out = {0};
    for (size_t i = 0; i < p->n; i++) {
        str sku = products_word(p, p->one[i].sku), name = products_word(p, p->one[i].name),
            spec = products_word(p, p->one[i].spec), unit = products_word(p, p->one[i].unit);
        buf_printf(&out, "%s%.*s/%.*s/%.*s/%.*s", i ? " " : "", STR_ARG(sku), STR_ARG(name), STR_ARG(spec),
                   STR_ARG(unit));
    }
    assert_string_equal(buf_z(&out), wanted);
}

static void lists_of_products(void **state) {
    (void)state;
    AUTO(folder) f = folder_make();
    AUTO(products) p = {0};
    char path[PATH_SIZE];
    products_init(&p);
    put_file(&f, "a.csv", "单位,商品编码,备注,商品名称\n瓶,='007,x,甲\n箱,007,,\n,A2,,乙\n瓶,\"=\"\"008\"\"\",,\n",
             path);
    SUCCEEDS(products_load(&p, path, e));
    list_is(&p, "='007/甲//瓶 007///箱 A2/乙// 008///瓶");
    put_file(&f, "b.csv", "sku,name,spec,unit\nA2,乙酒,500ml,\n007,,,箱\n,empty,,\n", path);
    SUCCEEDS(products_load(&p, path, e));
    list_is(&p, "='007/甲//瓶 007///箱 A2/乙酒/500ml/ 008///瓶");
}

static void bad_lists(void **state) {
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"名称,单位\n甲,瓶\n", "row 1 names no column of product codes; wanted sku,name,spec,unit"},
        {"", "row 1 names no column"},
        {"sku,unit\nA,瓶\n6.9E+12,箱\n", "row 3: the code 6.9E+12 has lost its digits"},
        {"sku,unit\n\"A,瓶\n", "a quote is opened"},
    };
    AUTO(folder) f = folder_make();
    char path[PATH_SIZE];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(products) p = {0};
        err e = {0};
        products_init(&p);
        put_file(&f, "bad.csv", cases[i].text, path);
        assert_false(products_load(&p, path, &e));
        assert_int_equal(e.code, ERR_DATA);
        if (!strstr(e.text, cases[i].says) || !strstr(e.text, "bad.csv")) fail_msg("%s", e.text);
    }
    AUTO(products) p = {0};
    products_init(&p);
    FAILS(ERR_NOT_FOUND, products_load(&p, folder_in(&f, "none.csv", path), e));
}

static void what_a_home_knows(void **state) {
    (void)state;
    AUTO(folder) f = folder_make();
    AUTO(products) none = {0}, sent = {0}, kept = {0};
    products_init(&none);
    SUCCEEDS(products_of_home(&none, f.path, e));
    assert_int_equal(none.n, 0);
    spool *s = spool_in(&f, 1 << 20);
    (void)spool_one(s, "one", 3, 1);
    (void)spool_one(s, "two", 60, 2);
    spool_close(s);
    products_init(&sent);
    SUCCEEDS(products_of_home(&sent, f.path, e));
    assert_int_equal(sent.n, 50); /* P0 … P49 */
    products_add(&sent, STR("=A,1"), STR("name \"x\""), STR(""), STR("箱"));
    SUCCEEDS(products_keep(&sent, f.path, e));
    products_init(&kept);
    SUCCEEDS(products_of_home(&kept, f.path, e));
    assert_int_equal(kept.n, 51);
    bool found = false;
    for (size_t i = 0; i < kept.n; i++)
        found = found || (str_is(products_word(&kept, kept.one[i].sku), "=A,1") &&
                          str_is(products_word(&kept, kept.one[i].name), "name \"x\""));
    assert_true(found);
}

static void a_list_at_its_bound(void **state) {
    (void)state;
    AUTO(products) p = {0};
    products_init(&p);
    for (int i = 0; i <= LIMIT_PRODUCTS; i++) {
        char sku[16];
        (void)snprintf(sku, sizeof sku, "%d", i);
        products_add(&p, str_of(sku), STR(""), STR(""), STR(""));
    }
    assert_int_equal(p.n, LIMIT_PRODUCTS);
    products_add(&p, STR("0"), STR("known"), STR(""), STR("")); /* one that is there still learns */
    assert_true(str_is(products_word(&p, p.one[0].name), "known"));
}

/* What the reader makes of the sheet as it is written: every column but the notes is known, nothing counts yet. */
static void the_reader_knows_the_sheet(void **state) {
    (void)state;
    static const struct {
        doc_type type;
        const char *header;
        size_t unknown;
    } cases[] = {
        {TYPE_SALE, "日期\t单据编号\t商品编码\t商品名称\t规格\t数量\t单位\t单价\t金额\t客户名称\t收货地区\t批号\t备注",
         1},
        {TYPE_STOCK, "日期\t商品编码\t商品名称\t规格\t数量\t单位\t批号\t备注", 1},
        {TYPE_RECEIPT, "日期\t单据编号\t商品编码\t商品名称\t规格\t数量\t单位\t单价\t金额\t批号\t来源单号\t备注", 1},
    };
    AUTO(folder) f = folder_make();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(products) p = {0};
        AUTO(buf) bytes = {0}, top = {0};
        AUTO(docset) s = {0};
        char path[PATH_SIZE];
        err why = {0};
        products_init(&p);
        products_add(&p, STR("007"), STR("甲 & 乙"), STR("500ml"), STR("瓶"));
        products_add(&p, STR("007"), STR(""), STR(""), STR("箱"));
        SUCCEEDS(template_write(folder_in(&f, "t.xlsx", path), cases[i].type, &p, 20534, e));
        SUCCEEDS(file_read(path, LIMIT_FILE_BYTES, &bytes, e));
        formats_top(SOURCE(buf_str(&bytes)), &top);
        str rest = buf_str(&top), title = {0}, header = {0}, example = {0}, name;
        doc_type type;
        assert_true(str_split(&rest, '\n', &title) && str_split(&rest, '\n', &header) &&
                    str_split(&rest, '\n', &example));
        assert_true(title_type(title, &type) && type == cases[i].type);
        assert_true(str_is(header, cases[i].header));
        assert_true(str_starts(example, STR("2026-03-22\t")) && str_has(example, STR("007")) &&
                    str_ends(example, STR("\t示例")));
        size_t unknown = 0;
        header_word word;
        while (str_split(&header, '\t', &name)) unknown += !header_find(name, &word);
        assert_int_equal(unknown, cases[i].unknown);
        docset_init(&s);
        source in = {.name = "t.xlsx", .bytes = buf_str(&bytes)};
        assert_false(formats_read(&in, NULL, &s, &why));
        assert_non_null(strstr(why.text, "no row of data below the header in row 2"));
    }
}

static void other_types_and_places(void **state) {
    (void)state;
    AUTO(folder) f = folder_make();
    AUTO(products) p = {0};
    char path[PATH_SIZE];
    products_init(&p);
    FAILS(ERR_USAGE, template_write(folder_in(&f, "t.xlsx", path), TYPE_PAYMENT, &p, 20534, e));
    FAILS(ERR_INTERNAL, template_write(folder_in(&f, "none/t.xlsx", path), TYPE_SALE, &p, 20534, e));
    SUCCEEDS(template_write(folder_in(&f, "t.xlsx", path), TYPE_SALE, &p, 20534, e)); /* nothing known yet */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_of_products),          cmocka_unit_test(bad_lists),
        cmocka_unit_test(what_a_home_knows),          cmocka_unit_test(a_list_at_its_bound),
        cmocka_unit_test(the_reader_knows_the_sheet), cmocka_unit_test(other_types_and_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
