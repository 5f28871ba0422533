/* links: formats */
#include "formats/mapping.h"
#include "formats/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void all_keys(void **state) {
    (void)state;
    AUTO(mapping) m = {0};
    err e;
    bool ok = mapping_parse(STR("name: report\n"
                                "columns: {date: 日期, sku: [产品类别, 商品编码], quantity: 5, amount: \"6\"}\n"
                                "constants: {type: sale, currency: CNY}\n"
                                "types: {销售出库: sale, 退货: return}\n"
                                "dates: d/m/y\n"
                                "decimal: \",\"\n"
                                "scale: {amount: 10000}\n"
                                "skip: ['^制表', 'total$']\n"
                                "year: 2026\n"
                                "no_number: add\n"
                                "number_scope: year\n"
                                "stream: north\n"
                                "edifact: {price: line, test: refuse}\n"
                                "privacy: {customer: drop, reason: send}\n"),
                            STR("file"), &m, &e);
    if (!ok) fail_msg("%s", e.text);
    assert_true(str_is(m.name, "report"));
    assert_true(str_is(m.columns[FIELD_N_DATE].header[0], "日期"));
    assert_int_equal(m.columns[FIELD_T_SKU].headers, 2);
    assert_int_equal(m.columns[FIELD_N_QUANTITY].column, 5);
    assert_int_equal(m.columns[FIELD_N_AMOUNT].column, 0);
    assert_true(str_is(m.columns[FIELD_N_AMOUNT].header[0], "6"));
    assert_true(str_is(m.constants[FIELD_T_CURRENCY], "CNY"));
    assert_int_equal(m.type_count, 2);
    assert_true(str_is(m.types[1].value, "退货"));
    assert_int_equal(m.types[1].type, TYPE_RETURN);
    assert_int_equal(m.dates, DATE_DMY);
    assert_int_equal(m.decimal, ',');
    assert_int_equal(m.scale[FIELD_N_AMOUNT], 10000);
    assert_int_equal(m.skip_count, 2);
    assert_int_equal(regexec(&m.skip[0], "制表: x", 0, NULL, 0), 0);
    assert_int_equal(m.year, 2026);
    assert_int_equal(m.doc_flags, DOC_ADD | DOC_SCOPE_YEAR);
    assert_true(str_is(m.stream, "north"));
    assert_true(m.edifact_price_line && m.edifact_refuse_test);
    assert_int_equal(m.privacy[FIELD_T_CUSTOMER], PRIVACY_DROP);
    assert_int_equal(m.privacy[FIELD_T_REASON], PRIVACY_SEND);
}

static void an_empty_mapping_has_the_file_s_name(void **state) {
    (void)state;
    static const char *const empty[] = {"", "# nothing\n", "---\n", "{}"};
    for (size_t i = 0; i < ARRAY_LEN(empty); i++) {
        AUTO(mapping) m = {0};
        err e;
        assert_true(mapping_parse(str_of(empty[i]), STR("file"), &m, &e));
        assert_true(str_is(m.name, "file"));
        assert_int_equal(m.edifact_price_line, false);
    }
}

static void what_is_wrong_is_named_with_its_line(void **state) {
    (void)state;
    static const struct {
        const char *yaml, *says;
    } bad[] = {
        {"name: x\ncolums: {}\n", "line 2: unknown key 'colums'"},
        {"columns:\n  date: D\n  skuu: S\n", "line 3: 'skuu' is not a field"},
        {"columns: {row: 1}\n", "'row' is not a field"},
        {"columns: [a]\n", "line 1: columns is a list"},
        {"columns: {date: []}\n", "1 to 64 headers"},
        {"columns: {date: {a: b}}\n", "wants a header"},
        {"columns: {date: ''}\n", "line 1: a column is ''"},
        {"constants: {type: selling}\n", "line 1: type is 'selling'"},
        {"types: {出库: out}\n", "a type is 'out'"},
        {"\ndates: y-m-d\n", "line 2: dates is 'y-m-d', wanted y/m/d, d/m/y or m/d/y"},
        {"decimal: ';'\n", "decimal is ';'"},
        {"scale: {amount: 0}\n", "scale is '0', wanted a whole number from 1"},
        {"scale: {sku: 10}\n", "sku is no number"},
        {"skip: ['(']\n", "line 1: skip '('"},
        {"skip: ['a{99}{99}']\n", "without {counts}"},
        {"skip: ['(a)\\1']\n", "without {counts}"},
        {"skip: ['a+++++++++']\n", "more than 8 +"},
        {"year: 26\n", "year is '26'"},
        {"no_number: replace\n", "no_number is 'replace'"},
        {"number_scope: week\n", "number_scope is 'week'"},
        {"edifact: {prices: line}\n", "unknown key 'prices' in edifact"},
        {"privacy: {sku: hash}\n", "line 1: privacy: sku is needed as it stands"},
        {"privacy: {phone: keep}\n", "privacy is 'keep'"},
        {"brands: []\n", "brands wants a list"},
        {"brands: [{a: b}]\n", "a brand"},
        {"name: a\nname: b\n", "line 2: 'name' is given twice"},
        {"name: &x a\n", "anchors"},
        {"name: !!str a\n", "tags"},
        {"name: [a\n", "line 2"},
        {"a: 1\n---\nb: 2\n", "line 2: one document"},
        {"- a\n", "a mapping is a list"},
        {"name: \"\\0\"\n", "control characters"},
        {"name: \xff\n", "not UTF-8"},
        {"? [a]\n: b\n", "a key must be a word"},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        mapping m;
        err e;
        if (mapping_parse(str_of(bad[i].yaml), STR("x"), &m, &e)) fail_msg("'%s' was taken", bad[i].yaml);
        assert_int_equal(e.code, ERR_CONFIG);
        if (!strstr(e.text, bad[i].says)) fail_msg("'%s' lacks '%s'", e.text, bad[i].says);
    }
}

static bool nested(size_t depth, err *e) {
    AUTO(buf) text = {0};
    AUTO(arena) room = {0};
    const node *root;
    arena_init(&room, SIZE_MAX);
    for (size_t i = 0; i < depth; i++) buf_byte(&text, '[');
    for (size_t i = 0; i < depth; i++) buf_byte(&text, ']');
    return yaml_read(buf_str(&text), &room, &root, e);
}

static bool listed(size_t values, err *e) {
    AUTO(buf) text = {0};
    AUTO(arena) room = {0};
    const node *root;
    arena_init(&room, SIZE_MAX);
    for (size_t i = 0; i < values; i++) buf_addz(&text, "- a\n");
    return yaml_read(buf_str(&text), &room, &root, e);
}

static void yaml_is_bounded(void **state) {
    (void)state;
    err e;
    assert_true(nested(YAML_DEPTH + 1, &e));
    assert_false(nested(YAML_DEPTH + 2, &e));
    assert_non_null(strstr(e.text, "nested deeper"));
    assert_true(listed(YAML_NODES - 1, &e));
    assert_false(listed(YAML_NODES, &e));
    assert_non_null(strstr(e.text, "more than 8192 values"));
}

static void yaml_keeps_lines_and_order(void **state) {
    (void)state;
    AUTO(arena) room = {0};
    const node *root;
    err e;
    arena_init(&room, SIZE_MAX);
    assert_true(yaml_read(STR("a: 1\nb:\n  - x\n  - \"2\"\nc: {d: e}\n"), &room, &root, &e));
    assert_int_equal(root->count, 3);
    const node *b = node_get(root, "b");
    assert_int_equal(b->kind, NODE_LIST);
    assert_int_equal(b->first->next->line, 4);
    assert_true(b->first->next->quoted);
    assert_false(b->first->quoted);
    assert_true(str_is(node_get(node_get(root, "c"), "d")->text, "e"));
    assert_null(node_get(root, "z"));
    int64_t v;
    assert_true(node_int(node_get(root, "a"), "a", 0, 1, &v, &e) && v == 1);
    assert_false(node_int(node_get(root, "a"), "a", 2, 3, &v, &e));
    assert_string_equal(e.text, "line 1: a is '1', wanted a whole number from 2 to 3");
}

/* The samples that come with the program must always load. */
static void sample_mappings_load(void **state) {
    (void)state;
    static const char *const names[] = {"category-report", "guanjiapo", "kingdee", "yonyou"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        AUTO(mapping) m = {0};
        char path[128];
        err e;
        (void)snprintf(path, sizeof path, "etc/mappings/%s.yaml", names[i]);
        if (!mapping_load(path, &m, &e)) fail_msg("%s", e.text);
        assert_true(str_is(m.name, names[i]));
    }
}

static bool takes_brands(int n) {
    AUTO(buf) yaml = {0};
    mapping m;
    err e;
    buf_addz(&yaml, "brands:\n");
    for (int i = 0; i < n; i++) buf_printf(&yaml, "  - brand%d\n", i);
    if (!mapping_parse(buf_str(&yaml), STR("x"), &m, &e)) return false;
    bool all = m.brand_count == (size_t)n;
    mapping_free(&m);
    return all;
}

static void brands_are_bounded(void **state) {
    (void)state;
    assert_true(takes_brands(1));
    assert_true(takes_brands(256));
    assert_false(takes_brands(257));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_keys),
        cmocka_unit_test(an_empty_mapping_has_the_file_s_name),
        cmocka_unit_test(what_is_wrong_is_named_with_its_line),
        cmocka_unit_test(yaml_is_bounded),
        cmocka_unit_test(yaml_keeps_lines_and_order),
        cmocka_unit_test(sample_mappings_load),
        cmocka_unit_test(brands_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
