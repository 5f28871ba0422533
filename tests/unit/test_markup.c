/* links: formats */
#include "formats/markup.h"
#include "formats/sheet.h"
#include "formats/tags.h"
#include "proto/limits.h"
#include "workbooks.h"

/* Rows of all sheets, "NAME[…]" each. */
static bool read_tables(str text, buf *out, err *e) {
    AUTO(markup) *m = NULL;
    TRY(markup_open(text, &m, e));
    for (bool first = true, more;; first = false) {
        table_rows rows;
        AUTO(buf) once = {0}, again = {0};
        TRY(markup_next_sheet(m, &rows, &more, e));
        if (!more) return true;
        TRY(dump_rows(&rows, &once, e));
        rows.rewind(rows.self);
        TRY(dump_rows(&rows, &again, e));
        assert_string_equal(buf_z(&once), buf_z(&again)); /* a second pass sees the same */
        buf_printf(out, "%s%.*s[%s]", first ? "" : " ", STR_ARG(rows.sheet_name), buf_z(&once));
    }
}

static void text_is(const char *text, const char *wanted) {
    AUTO(buf) out = {0};
    err e;
    if (!read_tables(str_of(text), &out, &e)) fail_msg("%s: %s", text, e.text);
    if (strcmp(buf_z(&out), wanted) != 0) fail_msg("%s\n  found:  %s\n  wanted: %s", text, buf_z(&out), wanted);
}

#define T(rows) "<html><body><table>" rows "</table></body></html>"

static void tables_of_html(void **state) {
    (void)state;
    static const struct {
        const char *text, *wanted;
    } cases[] = {
        {T("<tr><td>a</td><td>b</td></tr><tr><td>1</td><td>2</td></tr>"), "[1:a|b 2:1|2]"},
        {T("<TR><TH>a</TH><TD>b</TD></TR>"), "[1:a|b]"},
        {T("<tr><td>a<td>b<tr><td>1<td>2"), "[1:a|b 2:1|2]"},
        {T("<thead><tr><td>a</td></tr></thead><tbody><tr><td>1</td></tr></tbody>"), "[1:a 2:1]"},
        {T("<tr><td> a \n b&nbsp; </td><td>x<br>y</td><td>p<b>q</b></td></tr>"), "[1:a b|x y|pq]"},
        {T("<tr><td>&lt;&amp;&gt;&quot;&yen;&#20013;&#x4E2d;&#x110000;&bogus;&</td></tr>"),
         "[1:<&>\"¥中中&#x110000;&bogus;&]"},
        {T("<tr></tr><tr><td> </td></tr><tr><td>a</td></tr>"), "[3:a]"},
        {T("<tr><td title='a>b'>1</td><td x=5\">2</td><td>3 < 4</td></tr>"), "[1:1|2|3 < 4]"},
        {T("<!-- <tr><td>no</td></tr> --><tr><td>a<!-- b --></td></tr>"), "[1:a]"},
        {T("<tr><td colspan=2>a</td><td>b</td></tr><tr><td colspan=2>5</td><td>6</td></tr>"), "[1:a|a|b 2:5||6]"},
        {T("<tr><td rowspan=2>a</td><td "
           "rowspan=\"3\">7</td><td>1</td></tr><tr><td>2</td></tr><tr><td>b</td><td>3</td></tr>"),
         "[1:a|7|1 2:a||2 3:b||3]"},
        {T("<tr><td rowspan=2 colspan=2>a</td><td>1</td></tr><tr><td>2</td></tr>"), "[1:a|a|1 2:a|a|2]"},
        {T("<tr><td>1</td><td rowspan=2>a</td></tr><tr><td>2</td></tr>"), "[1:1|a 2:2|a]"},
        {T("<tr><td>a</td></tr>") "<table><tr><td>b</td></tr></table>", "[1:a] [1:b]"},
        {T("<tr><td>a<table><tr><td>in</td><td>1</td></tr></table>b</td><td>c</td></tr><tr><td>d</td></tr>"),
         "[1:ab|c 2:d] [1:in|1]"},
        {T("<tr><td x:num=\"690123456789012\">6.9E+14</td><td x:num=\"1234.5678\">1,234.57</td></tr>"),
         "[1:690123456789012|1,234.57]"},
        {"<table><tr><td>cut", "[1:cut]"},
        {"<html><body>no table</body></html>", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) text_is(cases[i].text, cases[i].wanted);
}

#define WB(inside)                                                                                                     \
    "<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?><Workbook "                                      \
    "xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" "                                                          \
    "xmlns:ss=\"urn:schemas-microsoft-com:office:spreadsheet\">" inside "</Workbook>"
#define WS(name, rows)                                                                                                 \
    "<Worksheet ss:Name=\"" name "\"><Table ss:ExpandedColumnCount=\"9\">" rows "</Table></Worksheet>"

static void sheets_of_spreadsheetml(void **state) {
    (void)state;
    static const struct {
        const char *text, *wanted;
    } cases[] = {
        {WB(WS("销售", "<Column ss:Width=\"9\"/><Row><Cell><Data ss:Type=\"String\">a</Data></Cell><Cell "
                       "ss:Index=\"3\"><Data ss:Type=\"Number\">2.5</Data></Cell></Row>")),
         "销售[1:a||2.5]"},
        {WB(WS("A&amp;B",
               "<Row ss:Index=\"4\"><Cell ss:MergeAcross=\"1\"><Data ss:Type=\"String\">t</Data></Cell><Cell><Data "
               "ss:Type=\"Number\">1</Data></Cell></Row><Row/><Row><Cell><Data "
               "ss:Type=\"DateTime\">2026-01-31T00:00:00.000</Data></Cell></Row>")),
         "A&B[4:t|t|1 6:2026-01-31T00:00:00.000]"},
        {WB(WS(
             "m",
             "<Row><Cell ss:MergeDown=\"1\"><Data ss:Type=\"String\">00123</Data></Cell><Cell ss:MergeDown=\"1\"><Data "
             "ss:Type=\"Number\">5</Data></Cell><Cell/></Row><Row><Cell ss:Index=\"3\"><Data "
             "ss:Type=\"Number\">6</Data></Cell></Row>")),
         "m[1:00123|5| 2:||6]"},
        {WB("<s:Worksheet xmlns:s=\"x\" s:Name=\"p\"><s:Table><s:Row><s:Cell><s:Data "
            "s:Type=\"String\"><![CDATA[a<b]]></s:Data>"
            "</s:Cell></s:Row></s:Table></s:Worksheet>"),
         "p[1:a<b]"},
        {WB(WS("one", "<Row><Cell><Data ss:Type=\"Number\">1</Data></Cell></Row>")
                WS("two", "<Row><Cell><Data ss:Type=\"Number\">2</Data></Cell></Row>")),
         "one[1:1] two[1:2]"},
        {WB("<Worksheet ss:Name=\"hid\"><Table><Row><Cell><Data ss:Type=\"Number\">1</Data></Cell></Row></Table>"
            "<WorksheetOptions><Visible>SheetHidden</Visible></WorksheetOptions></Worksheet>" WS(
                "seen", "<Row><Cell><Data ss:Type=\"Number\">2</Data></Cell></Row>")),
         "seen[1:2]"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) text_is(cases[i].text, cases[i].wanted);
}

static void what_looks_like_it(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool likely;
    } cases[] = {
        {"<html><head></head>", true},
        {" \r\n<table><tr>", true},
        {"<!DOCTYPE html PUBLIC \"-//W3C//DTD HTML 4.01//EN\"><HTML>", true},
        {"<?xml version=\"1.0\"?><ss:Workbook xmlns:ss=\"x\">", true},
        {"<meta charset=gb2312><style>td{}</style><table>", true},
        {"<epcis:EPCISDocument xmlns:epcis=\"x\">", false},
        {"日期,数量\n<table>", false},
        {"< table", false},
        {"", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (markup_likely(str_of(cases[i].text)) != cases[i].likely) fail_msg("%s", cases[i].text);
}

static void refused(str text, const char *says) {
    AUTO(buf) out = {0};
    err e = {0};
    if (read_tables(text, &out, &e)) fail_msg("read, but wanted: %s", says);
    assert_int_equal(e.code, ERR_DATA);
    if (!strstr(e.text, says)) fail_msg("says '%s', wanted '%s'", e.text, says);
}

static void entities_are_refused(void **state) {
    (void)state;
    refused(STR("<!DOCTYPE Workbook [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]>" WB(WS("x", "<Row/>"))),
            "declares entities");
    text_is("<!DOCTYPE html SYSTEM \"http://x/y.dtd\">" T("<tr><td>a</td></tr>"), "[1:a]"); /* never fetched */
}

static void bounds(void **state) {
    (void)state;
    for (int over = 0; over <= 1; over++) {
        AUTO(buf) nested = {0}, many = {0}, wide = {0}, out = {0};
        AUTO(markup) *m = NULL;
        table_rows rows;
        table_row row;
        bool more;
        err e = {0};
        for (int i = 0; i < LIMIT_NESTED_TABLES + over; i++) buf_addz(&nested, "<table><tr><td>");
        if (over) refused(buf_str(&nested), "tables inside tables, more than 8 deep");
        else
            assert_true(read_tables(buf_str(&nested), &out, &e));
        for (int i = 0; i < LIMIT_SHEETS + over; i++) buf_addz(&many, "<table><tr><td>1</td></tr></table>");
        if (over) refused(buf_str(&many), "more than 256 tables");
        else
            assert_true(read_tables(buf_str(&many), &out, &e));
        buf_addz(&wide, "<table><tr>");
        for (int i = 0; i < LIMIT_COLUMNS + over; i++) buf_addz(&wide, "<td rowspan=9>x");
        assert_true(markup_open(buf_str(&wide), &m, &e) && markup_next_sheet(m, &rows, &more, &e));
        assert_true(rows.next(rows.self, &row, &e));
        assert_int_equal(row.cells, LIMIT_COLUMNS);
        assert_int_equal(row.excess, over);
    }
    text_is(T("<tr><td>1</td><td colspan=4000000000>2</td></tr>"), "[1:1|2]");
    AUTO(buf) cell = {0};
    AUTO(markup) *m = NULL;
    table_rows rows;
    table_row row;
    bool more;
    err e;
    buf_addz(&cell, "<table><tr><td>");
    for (int i = 0; i <= LIMIT_CELL; i++) buf_byte(&cell, 'x');
    assert_true(markup_open(buf_str(&cell), &m, &e) && markup_next_sheet(m, &rows, &more, &e));
    assert_true(rows.next(rows.self, &row, &e));
    assert_true(row.long_cell && row.cell[0].n == LIMIT_CELL);
}

/* ---- the whole path, with its letters ---- */

static void file_is(str bytes, const char *charset, size_t lines) {
    AUTO(docset) s = {0};
    err e;
    source in = {.name = "report.xls", .bytes = bytes};
    docset_init(&s);
    if (!formats_read(&in, NULL, &s, &e)) fail_msg("%s", e.text);
    assert_true(str_is(s.dialect, "markup"));
    assert_true(str_is(s.charset, charset));
    assert_int_equal(s.lines, lines);
    assert_int_equal(s.problems_total, 0);
    assert_int_equal(docset_at(&s, 0).number[N_QUANTITY], 12000);
    assert_int_equal(docset_at(&s, 0).number[N_SHEET], 1);
    assert_int_equal(docset_at(&s, 0).number[N_ROW], 4);
    assert_true(str_is(words_get(&s.words, docset_at(&s, 0).text[T_SKU]), "00123"));
}

static void reports_under_the_name_xls(void **state) {
    (void)state;
    static const char text[] =
        "<html><head><meta charset=gb2312></head><body><table border=1><tr><td colspan=5>2026年3月 销售明细</td></tr>"
        "<tr><th rowspan=2>日期</th><th rowspan=2>商品编码<th rowspan=2>单位<th colspan=2>销售</th></tr>"
        "<tr><th>数量</th><th>金额</th></tr><tr><td "
        "rowspan=2>2026-03-01</td><td>00123</td><td>瓶</td><td>12</td><td>1,200.50"
        "</td></tr><tr><td>00124<td>箱&nbsp;<td>1<td>&yen;24<tr><td>合计</td><td></td><td></td><td>13</td><td>1224.5</"
        "td></tr>"
        "<tr><td colspan=5>制表：张</td></tr></table></body></html>";
    file_is(str_from(text, sizeof text - 1), "utf-8", 2);
    AUTO(buf) gbk = {0}, wide = {0};
    static const struct {
        const char *utf8, *gbk;
    } letters[] = {{"年", "\xc4\xea"}, {"月", "\xd4\xc2"}, {"销", "\xcf\xfa"}, {"售", "\xca\xdb"}, {"明", "\xc3\xf7"},
                   {"细", "\xcf\xb8"}, {"日", "\xc8\xd5"}, {"期", "\xc6\xda"}, {"商", "\xc9\xcc"}, {"品", "\xc6\xb7"},
                   {"编", "\xb1\xe0"}, {"码", "\xc2\xeb"}, {"单", "\xb5\xa5"}, {"位", "\xce\xbb"}, {"数", "\xca\xfd"},
                   {"量", "\xc1\xbf"}, {"金", "\xbd\xf0"}, {"额", "\xb6\xee"}, {"瓶", "\xc6\xbf"}, {"箱", "\xcf\xe4"},
                   {"合", "\xba\xcf"}, {"计", "\xbc\xc6"}, {"制", "\xd6\xc6"}, {"表", "\xb1\xed"}, {"张", "\xd5\xc5"},
                   {"：", "\xa3\xba"}};
    buf_add(&wide, str_from("\xff\xfe", 2));
    for (const char *p = text, *end = text + sizeof text - 1; p < end;) {
        const char *from = p;
        uint32_t cp = utf8_next(&p, end);
        put16(&wide, cp);
        if (cp < 0x80) buf_byte(&gbk, (char)cp);
        for (size_t i = 0; i < ARRAY_LEN(letters); i++)
            if (str_eq(str_of(letters[i].utf8), str_from(from, (size_t)(p - from)))) buf_addz(&gbk, letters[i].gbk);
    }
    file_is(buf_str(&gbk), "gb18030", 2);
    file_is(buf_str(&wide), "utf-16le", 2);
}

static void a_text_at_its_bound(void **state) {
    (void)state;
    static const char head[] = "<table><tr><td>日期<td>商品编码<td>数量<tr><td>2026-03-01<td>A<td>1</table>";
    AUTO(buf) text = {0};
    buf_addz(&text, head);
    buf_reserve(&text, LIMIT_MARKUP_BYTES);
    memset(text.p + text.n, ' ', LIMIT_MARKUP_BYTES - text.n + 1);
    for (size_t n = LIMIT_MARKUP_BYTES; n <= LIMIT_MARKUP_BYTES + 1; n++) {
        AUTO(docset) s = {0};
        err e = {0};
        source in = {.name = "report.xls", .bytes = str_from(text.p, n)};
        docset_init(&s);
        assert_int_equal(formats_read(&in, NULL, &s, &e), n == LIMIT_MARKUP_BYTES);
        if (n > LIMIT_MARKUP_BYTES) assert_non_null(strstr(e.text, "more than 64 MiB of marked-up text"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_of_html),
        cmocka_unit_test(sheets_of_spreadsheetml),
        cmocka_unit_test(what_looks_like_it),
        cmocka_unit_test(entities_are_refused),
        cmocka_unit_test(bounds),
        cmocka_unit_test(reports_under_the_name_xls),
        cmocka_unit_test(a_text_at_its_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
