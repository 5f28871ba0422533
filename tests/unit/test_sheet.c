/* links: formats */
#include "formats/sheet.h"
#include "workbooks.h"

/* ---- sheets written as text: cells between '|', rows between '\n'; what reads as a number is one ---- */

static void put_cell(buf *xml, str cell) {
    bool number = cell.n > 0;
    for (size_t i = 0; i < cell.n; i++) number = number && (strchr("0123456789.", cell.p[i]) != NULL);
    if (cell.n == 0) buf_addz(xml, "<c/>");
    else if (number)
        buf_printf(xml, "<c><v>%.*s</v></c>", STR_ARG(cell));
    else if (cell.p[0] == '=')
        buf_printf(xml, "<c><f>%.*s</f></c>", (int)cell.n - 1, cell.p + 1);
    else
        buf_printf(xml, "<c t=\"%s\"><v>%.*s</v></c>", cell.p[0] == '#' ? "e" : "str", STR_ARG(cell));
}

static void put_sheet(buf *xml, const char *rows, const char *areas) {
    str rest = str_of(rows), row, cell;
    buf_addz(xml, "<worksheet><sheetData>");
    while (str_split(&rest, '\n', &row)) {
        buf_addz(xml, "<row>");
        while (str_split(&row, '|', &cell)) put_cell(xml, cell);
        buf_addz(xml, "</row>");
    }
    buf_addz(xml, "</sheetData><mergeCells>");
    rest = str_of(areas);
    while (str_split(&rest, ' ', &cell)) buf_printf(xml, "<mergeCell ref=\"%.*s\"/>", STR_ARG(cell));
    buf_addz(xml, "</mergeCells></worksheet>");
}

typedef struct sheet {
    const char *name, *rows, *merged;
} sheet;

static void put_book(buf *zip, const sheet *sheets, size_t n, bool date1904) {
    AUTO(buf) rels = {0}, book = {0};
    buf text[8] = {0};
    char path[8][64];
    part parts[10];
    buf_addz(&rels, "<Relationships>");
    buf_printf(&book, "<workbook " RELS_NS "><workbookPr date1904=\"%d\"/><sheets>", date1904);
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(path[i], sizeof path[i], "xl/worksheets/sheet%zu.xml", i);
        put_sheet(&text[i], sheets[i].rows, sheets[i].merged ? sheets[i].merged : "");
        parts[i + 2] = (part){path[i], buf_z(&text[i])};
        buf_printf(&rels, "<Relationship Id=\"r%zu\" Type=\"x/worksheet\" Target=\"worksheets/sheet%zu.xml\"/>", i, i);
        buf_printf(&book, "<sheet name=\"%s\" r:id=\"r%zu\"/>", sheets[i].name, i);
    }
    buf_addz(&rels, "</Relationships>");
    buf_addz(&book, "</sheets></workbook>");
    parts[0] = (part){"xl/_rels/workbook.xml.rels", buf_z(&rels)};
    parts[1] = (part){"xl/workbook.xml", buf_z(&book)};
    zip_parts(parts, n + 2, NULL, zip);
    for (size_t i = 0; i < n; i++) buf_free(&text[i]);
}

/* ---- what comes out: "SHEET.ROW type day sku quantity/amount" ---- */

static void put_lines(buf *out, const docset *s) {
    for (size_t i = 0; i < s->lines; i++) {
        doc_line l = docset_at(s, i);
        str unit = words_get(&s->words, l.text[T_UNIT]), place = words_get(&s->words, l.text[T_CUSTOMER]);
        buf_printf(out, "%s%d.%d %s ", i ? "; " : "", (int)l.number[N_SHEET], (int)l.number[N_ROW],
                   doc_type_name(s->doc[l.doc].type));
        day_put(out, (day_t)l.number[N_DATE]);
        buf_printf(out, " %.*s ", STR_ARG(words_get(&s->words, l.text[T_SKU])));
        if (l.number[N_QUANTITY] != NUM_NONE) dec_put(out, l.number[N_QUANTITY], QUANTITY_SCALE, 0);
        buf_addz(out, "/");
        if (l.number[N_AMOUNT] != NUM_NONE) dec_put(out, l.number[N_AMOUNT], MICRO_SCALE, 0);
        if (unit.n) buf_printf(out, " %.*s", STR_ARG(unit));
        if (place.n) buf_printf(out, " %.*s", STR_ARG(place));
    }
}

static bool read_zip(const buf *zip, const char *yaml, docset *s, err *e) {
    mapping m = {0};
    source in = {.name = "report.xlsx", .bytes = buf_str(zip)};
    docset_init(s);
    if (yaml && !mapping_parse(str_of(yaml), STR("m"), &m, e)) return false;
    bool ok = formats_read(&in, yaml ? &m : NULL, s, e);
    if (yaml) mapping_free(&m);
    return ok;
}

static void lines_are(const sheet *sheets, size_t n, const char *yaml, const char *wanted, size_t problems) {
    AUTO(buf) zip = {0}, out = {0};
    AUTO(docset) s = {0};
    err e;
    put_book(&zip, sheets, n, false);
    if (!read_zip(&zip, yaml, &s, &e)) fail_msg("%s: %s", sheets->rows, e.text);
    put_lines(&out, &s);
    if (strcmp(buf_z(&out), wanted) != 0) fail_msg("%s\n  found:  %s\n  wanted: %s", sheets->rows, buf_z(&out), wanted);
    if (s.problems_total != problems)
        fail_msg("%s: %zu problems: %.*s", sheets->rows, s.problems_total,
                 STR_ARG(s.problem_count ? s.problems[0].wanted : STR("")));
}

static void refused(const sheet *sheets, size_t n, const char *says) {
    AUTO(buf) zip = {0};
    AUTO(docset) s = {0};
    err e = {0};
    put_book(&zip, sheets, n, false);
    if (read_zip(&zip, NULL, &s, &e)) fail_msg("read, but wanted: %s", says);
    assert_int_equal(e.code, ERR_DATA);
    if (!strstr(e.text, says)) fail_msg("says '%s', wanted '%s'", e.text, says);
}

/* ---- headers ---- */

static void headers_of_two_rows(void **state) {
    (void)state;
    static const struct {
        sheet sheet;
        const char *wanted;
    } cases[] = {
        /* merged, as Excel keeps them */
        {{"2026年", "品名|1月||2月|\n|数量|金额|数量|金额\nA|1|10|2|20", "A1:A2 B1:C1 D1:E1"},
         "1.3 sale 2026-01-31 A 1/10; 1.3 sale 2026-02-28 A 2/20"},
        /* not merged, as text exports show them */
        {{"2026年", "品名|1月||2月|\n|数量|金额|数量|金额\nA|1|10|2|20", NULL},
         "1.3 sale 2026-01-31 A 1/10; 1.3 sale 2026-02-28 A 2/20"},
        {{"x", "2026年销售汇总\n品名|2026年||2025年|\n|1月|2月|1月|2月\nA|1|2|3|4", "A1:E1 A2:A3 B2:C2 D2:E2"},
         "1.4 sale 2026-01-31 A 1/; 1.4 sale 2026-02-28 A 2/; 1.4 sale 2025-01-31 A 3/; 1.4 sale 2025-02-28 A 4/"},
        {{"x", "品名|2026年销售||2025年销售|\n|1月|2月|1月|2月\nA|1|2|3|4", "A1:A2 B1:C1 D1:E1"},
         "1.3 sale 2026-01-31 A 1/; 1.3 sale 2026-02-28 A 2/; 1.3 sale 2025-01-31 A 3/; 1.3 sale 2025-02-28 A 4/"},
        {{"2026年", "品名|销售数量||销售金额|\n|1月|2月|1月|2月\nA|1|2|3|4", "A1:A2 B1:C1 D1:E1"},
         "1.3 sale 2026-01-31 A 1/3; 1.3 sale 2026-02-28 A 2/4"},
        {{"x", "|2026年销售||\n品名|1月|2月|3月\nA|1|2|3", "B1:D1"},
         "1.3 sale 2026-01-31 A 1/; 1.3 sale 2026-02-28 A 2/; 1.3 sale 2026-03-31 A 3/"},
        {{"x", "日期|商品||销售|\n|编码|名称|数量|金额\n2026-01-05|A1|甲|3|30", "A1:A2 B1:C1 D1:E1"},
         "1.3 sale 2026-01-05 A1 3/30"},
        {{"x", "日期|商品编码|数量|金额\n||（箱）|（万元）\n2026-01-05|A1|3|1.5", NULL},
         "1.3 sale 2026-01-05 A1 3/15000 箱"},
        {{"x", "日期|商品编码|数量|金额\n（必填）|（必填）|（必填）|（选填）\n2026-01-05|A1|3|30", NULL},
         "1.3 sale 2026-01-05 A1 3/30"},
        /* what moved, and what it moved to up to now */
        {{"x", "日期|商品编码|本期||累计|\n||数量|金额|数量|金额\n2026-01-05|A1|3|30|7|70", "C1:D1 E1:F1"},
         "1.3 sale 2026-01-05 A1 3/30"},
        {{"x", "日期|商品编码|累计||本期|\n||数量|金额|数量|金额\n2026-01-05|A1|7|70|3|30", "C1:D1 E1:F1"},
         "1.3 sale 2026-01-05 A1 3/30"},
        /* a title over everything is no group */
        {{"x", "2026年1月||||\n日期|商品编码|数量|金额|客户\n2026-01-05|A1|3|30|甲店", "A1:E1"},
         "1.3 sale 2026-01-05 A1 3/30 甲店"},
        {{"x", "2026年1月入库||||\n日期|商品编码|数量|金额|客户\n2026-01-05|A1|3|30|甲店", "A1:E1"},
         "1.3 receipt 2026-01-05 A1 3/30 甲店"},
        {{"x", "库存|||\n日期|商品编码|数量|单位\n2026-01-05|A1|3|箱", "A1:D1"}, "1.3 stock 2026-01-05 A1 3/ 箱"},
        /* both rows come again on the next page */
        {{"2026年", "品名|1月||2月|\n|数量|金额|数量|金额\nA|1|10|2|20\n品名|1月||2月|\n|数量|金额|数量|金额\nB|3|30||",
          "A1:A2 B1:C1 D1:E1 A4:A5 B4:C4 D4:E4"},
         "1.3 sale 2026-01-31 A 1/10; 1.6 sale 2026-01-31 B 3/30; 1.3 sale 2026-02-28 A 2/20"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) lines_are(&cases[i].sheet, 1, NULL, cases[i].wanted, 0);
    /* the count before and after are other figures than the one that moved: only a mapping can say which is meant */
    static const sheet moved = {"x",
                                "日期|商品编码|期初||出库||期末|\n||数量|金额|数量|金额|数量|金额\n"
                                "2026-01-05|A1|9|90|3|30|6|60",
                                "C1:D1 E1:F1 G1:H1"};
    refused(&moved, 1, "several quantities ('出库数量', '期末数量'); wanted one: say which in a mapping");
    lines_are(&moved, 1, "columns: {date: 日期, sku: 商品编码, quantity: 出库数量, amount: 出库金额}",
              "1.3 sale 2026-01-05 A1 3/30", 0);
    static const sheet both = {"2026年", "品名|入库||出库|\n|1月|2月|1月|2月\nA|1|2|3|4", "A1:A2 B1:C1 D1:E1"};
    refused(&both, 1, "no header row among the first 30 rows (row 1 reads: 品名, 入库, 出库)");
    static const sheet opening = {"x", "日期|商品编码|期初|\n||数量|金额\n2026-01-05|A1|9|90", "C1:D1"};
    refused(&opening, 1, "has no column for: quantity or amount");
}

/* ---- rows ---- */

static void merged_words_and_notes(void **state) {
    (void)state;
    static const struct {
        sheet sheet;
        const char *wanted;
    } cases[] = {
        {{"x", "日期|客户|商品编码|数量\n2026-01-05|甲店|A1|3\n||A2|4\n合计|||7", "A2:A3 B2:B3 A4:C4"},
         "1.2 sale 2026-01-05 A1 3/ 甲店; 1.3 sale 2026-01-05 A2 4/ 甲店"},
        {{"x", "日期|客户|商品编码|数量\n2026-01-05|甲店|A1|3\n以下为赠送明细|||\n2026-01-06|甲店|A2|4", "A3:D3"},
         "1.2 sale 2026-01-05 A1 3/ 甲店; 1.4 sale 2026-01-06 A2 4/ 甲店"},
        {{"x", "日期|客户|商品编码|数量|备注\n2026-01-01|某某店|A1|10|示例\n2026-01-05|甲店|A1|3|", NULL},
         "1.3 sale 2026-01-05 A1 3/ 甲店"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) lines_are(&cases[i].sheet, 1, NULL, cases[i].wanted, 0);
}

static void damaged_codes_and_formulas(void **state) {
    (void)state;
    AUTO(buf) zip = {0};
    AUTO(docset) s = {0};
    err e;
    static const sheet one = {"x",
                              "日期|商品编码|数量|客户\n2026-01-05|690123456789012345|3|甲\n2026-01-05|1.23E+15|3|甲\n"
                              "2026-01-05|#N/A|3|甲\n2026-01-05|=VLOOKUP(A1,B:C,2)|3|甲\n2026-01-05|A1|=C1*2|甲\n"
                              "2026-01-05|A1|#REF!|甲\n2026-01-05|690123456789012|3|甲",
                              NULL};
    static const struct {
        int row;
        const char *column, *found, *wanted;
    } problems[] = {
        {2, "商品编码", "6.90123456789012e+17", "lost its digits"},
        {3, "商品编码", "1.23E+15", "lost its digits"},
        {4, "商品编码", "#N/A", "the formula in this cell has no result"},
        {5, "商品编码", "=VLOOKUP(A1,B:C,2)", "the formula in this cell has no result"},
        {6, "数量", "=C1*2", "a number"},
        {7, "数量", "#REF!", "a number"},
    };
    put_book(&zip, &one, 1, false);
    if (!read_zip(&zip, NULL, &s, &e)) fail_msg("%s", e.text);
    assert_int_equal(s.lines, 1);
    assert_int_equal(s.refused, ARRAY_LEN(problems));
    for (size_t i = 0; i < ARRAY_LEN(problems); i++) {
        const problem *p = &s.problems[i];
        assert_int_equal(p->row, problems[i].row);
        assert_int_equal(p->sheet, 1);
        assert_true(str_is(p->column, problems[i].column) && str_is(p->found, problems[i].found));
        assert_true(str_has(p->wanted, str_of(problems[i].wanted)) && p->hint.n > 0);
    }
}

/* Above or below, a row of figures alone is a total when it is the sum of the others, and nobody's figures else. */
static void totals_without_a_name(void **state) {
    (void)state;
    static const sheet above = {"2026年", "省份|城市|1月|2月\n||7|11\n浙江|杭州|3|5\n浙江|宁波|4|6", NULL},
                       below = {"x", "日期|商品编码|数量|金额\n2026-01-05|A1|3|30\n2026-01-06|A2|4|40\n||7|70", NULL},
                       wrong = {"x", "日期|商品编码|数量|金额\n2026-01-05|A1|3|30\n||7|70\n||3|30", NULL};
    lines_are(&above, 1, "columns: {ship_to: 城市}\nconstants: {sku: 全部}",
              "1.3 sale 2026-01-31 全部 3/; 1.4 sale 2026-01-31 全部 4/; 1.3 sale 2026-02-28 全部 5/; "
              "1.4 sale 2026-02-28 全部 6/",
              0);
    lines_are(&below, 1, NULL, "1.2 sale 2026-01-05 A1 3/30; 1.3 sale 2026-01-06 A2 4/40", 0);
    lines_are(&wrong, 1, NULL, "1.2 sale 2026-01-05 A1 3/30", 2);
}

/* Dates without a style are bare numbers; from which day they count the workbook says. */
static void bare_days_of_both_systems(void **state) {
    (void)state;
    static const sheet one = {"x", "日期|商品编码|数量\n44592|A1|3\n44593|A2|4", NULL};
    for (int date1904 = 0; date1904 <= 1; date1904++) {
        AUTO(buf) zip = {0}, out = {0};
        AUTO(docset) s = {0};
        err e;
        put_book(&zip, &one, 1, date1904);
        if (!read_zip(&zip, NULL, &s, &e)) fail_msg("%s", e.text);
        put_lines(&out, &s);
        assert_string_equal(buf_z(&out), date1904 ? "1.2 sale 2026-02-01 A1 3/; 1.3 sale 2026-02-02 A2 4/"
                                                  : "1.2 sale 2022-01-31 A1 3/; 1.3 sale 2022-02-01 A2 4/");
    }
}

/* ---- sheets ---- */

static const sheet sales = {"销售", "日期|商品编码|数量\n2026-01-05|A1|3", NULL},
                   stock = {"库存", "日期|商品编码|数量\n2026-01-31|A1|9", NULL}, empty = {"空", "", NULL},
                   notes = {"说明", "填表说明\n请每天填写", NULL},
                   prices = {"价格", "商品编码|商品名称|单价\nA1|甲|5", NULL},
                   months = {"月报", "商品编码|1月|2月\nA1|3|4", NULL};

static void several_sheets(void **state) {
    (void)state;
    AUTO(buf) zip = {0};
    AUTO(docset) s = {0};
    err e;
    const sheet all[] = {notes, sales, empty, stock, prices};
    lines_are(all, ARRAY_LEN(all), NULL, "2.2 sale 2026-01-05 A1 3/; 4.2 stock 2026-01-31 A1 9/", 0);
    put_book(&zip, all, ARRAY_LEN(all), false);
    assert_true(read_zip(&zip, NULL, &s, &e));
    size_t said = 0;
    for (size_t i = 0; i < s.skipped_count; i++) {
        const skipped_row *k = &s.skipped[i];
        said += k->sheet == 1 && str_starts(k->why, STR("sheet '说明': no header row"));
        said += k->sheet == 3 && str_is(k->why, "sheet '空': the sheet has no rows");
        said += k->sheet == 5 && str_starts(k->why, STR("sheet '价格': the header in row 1"));
    }
    assert_int_equal(said, 3);
    assert_int_equal(s.problems_total, 0);
}

/* A table that cannot be read must not be missed among those that can. */
static void a_sheet_that_cannot_be_read(void **state) {
    (void)state;
    AUTO(buf) zip = {0};
    AUTO(docset) s = {0};
    err e;
    const sheet both[] = {sales, months};
    put_book(&zip, both, ARRAY_LEN(both), false);
    assert_true(read_zip(&zip, NULL, &s, &e));
    assert_int_equal(s.lines, 1);
    assert_int_equal(s.refused, 1);
    assert_int_equal(s.problems_total, 1);
    assert_int_equal(s.problems[0].sheet, 2);
    assert_true(str_is(s.problems[0].found, "月报"));
    assert_true(str_has(s.problems[0].wanted, STR("the month column '1月' has no year")));
    lines_are(both, ARRAY_LEN(both), "year: 2026",
              "1.2 sale 2026-01-05 A1 3/; 2.2 sale 2026-01-31 A1 3/; 2.2 sale 2026-02-28 A1 4/", 0);
}

static void no_sheet_can_be_read(void **state) {
    (void)state;
    refused(&notes, 1, "report.xlsx: no header row among the first 30 rows");
    refused(&months, 1, "report.xlsx: the month column '1月' has no year");
    const sheet all[] = {notes, months, empty};
    refused(all, ARRAY_LEN(all), "none of 3 sheets can be read; the first reason: the month column '1月' has no year");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_of_two_rows),         cmocka_unit_test(merged_words_and_notes),
        cmocka_unit_test(damaged_codes_and_formulas),  cmocka_unit_test(totals_without_a_name),
        cmocka_unit_test(bare_days_of_both_systems),   cmocka_unit_test(several_sheets),
        cmocka_unit_test(a_sheet_that_cannot_be_read), cmocka_unit_test(no_sheet_can_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
