/* links: formats */
#include "base/file.h"
#include "formats/csv.h"
#include "formats/sheet.h"
#include "formats/workbook.h"
#include "formats/workbook_parts.h"
#include "workbooks.h"

#include <math.h>
#include <stdlib.h>

/* Rows of all sheets, "NAME[…]" each. */
static bool read_book(str bytes, buf *out, err *e) {
    AUTO(workbook) *w = NULL;
    TRY(workbook_open(SOURCE(bytes), &w, e));
    for (size_t i = 0; i < workbook_sheets(w); i++) {
        table_rows rows;
        AUTO(buf) once = {0}, again = {0};
        TRY(workbook_rows(w, i, &rows, e));
        TRY(dump_rows(&rows, &once, e));
        rows.rewind(rows.self);
        TRY(dump_rows(&rows, &again, e));
        assert_string_equal(buf_z(&once), buf_z(&again)); /* a second pass sees the same */
        buf_printf(out, "%s%.*s[%s]", i ? " " : "", STR_ARG(rows.sheet_name), buf_z(&once));
    }
    return true;
}

static void book_is(const part *parts, size_t n, const char *wanted) {
    AUTO(buf) zip = {0}, out = {0};
    err e;
    zip_parts(parts, n, NULL, &zip);
    if (!read_book(buf_str(&zip), &out, &e)) fail_msg("%s: %s", wanted, e.text);
    assert_string_equal(buf_z(&out), wanted);
}

static void sheet_is(const char *rows, const char *wanted) {
    AUTO(buf) zip = {0}, out = {0}, text = {0};
    err e;
    one_sheet(rows, &zip);
    if (!read_book(buf_str(&zip), &out, &e)) fail_msg("%s: %s", wanted, e.text);
    buf_printf(&text, "销售[%s]", wanted);
    assert_string_equal(buf_z(&out), buf_z(&text));
}

#define DATA(rows) "<sheetData>" rows "</sheetData>"

static void cells_as_a_person_sees_them(void **state) {
    (void)state;
    static const struct {
        const char *rows, *wanted;
    } cases[] = {
        {DATA("<row r=\"1\"><c r=\"A1\"><v>1</v></c><c r=\"C1\"><v>2.50</v></c></row>"), "1:1||2.5"},
        {DATA("<row r=\"3\"><c r=\"AB3\"><v>7</v></c></row>"), "3:|||||||||||||||||||||||||||7"},
        {DATA("<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>"), "1:1|2 2:3"},
        {DATA("<row r=\"5\"><c><v>1</v></c><c r=\"D5\"><v>2</v></c><c><v>3</v></c></row><row><c><v>4</v></c></row>"),
         "5:1|||2|3 6:4"},
        {DATA("<row r=\"4\"><c r=\"B4\"><v>1</v></c><c r=\"A4\"><v>2</v></c></row><row r=\"2\"><c><v>9</v></c></row>"),
         "4:2|1 5:9"},
        {"<dimension ref=\"A1\"/>" DATA("<row r=\"1\"><c r=\"E1\"><v>1</v></c></row>"), "1:||||1"},
        {DATA("<row r=\"1\"/><row r=\"2\"><c r=\"A2\" s=\"1\"/></row><row r=\"3\"><c r=\"A3\" t=\"inlineStr\"><is><t> "
              "</t></is></c></row><row r=\"9\"><c><v>1</v></c></row>"),
         "9:1"},
        {DATA("<row><c t=\"inlineStr\"><is><t>甲</t></is></c><c "
              "t=\"inlineStr\"><is><r><t>乙</t></r><r><rPr><b/></rPr><t "
              "xml:space=\"preserve\"> 丙</t></r><rPh sb=\"0\" eb=\"1\"><t>yi</t></rPh></is></c></row>"),
         "1:甲|乙 丙"},
        {DATA("<row><c t=\"str\"><f>A2&amp;\"x\"</f><v>甲x</v></c><c><f>1+1</f><v>2</v></c><c "
              "t=\"b\"><v>1</v></c><c t=\"b\"><v>0</v></c><c t=\"e\"><f>1/0</f><v>#DIV/0!</v></c></row>"),
         "1:甲x|2|TRUE|FALSE|#DIV/0!"},
        {DATA("<row><c><f>SUM(A1:A9)</f></c><c><f>B1</f><v></v></c><c t=\"str\"><f>C1</f><v></v></c></row>"),
         "1:=SUM(A1:A9)|=B1|"},
        {DATA("<row><c t=\"d\"><v>2026-01-31T00:00:00</v></c></row>"), "1:2026-01-31"},
        {DATA("<row><c t=\"str\"><v>a_x000D__x000a_b_x005F_x_x4e2d_</v></c></row>"), "1:a  b_x_x4e2d_"},
        {DATA("<row><c t=\"str\"><v>&lt;甲&amp;乙&gt;&#20013;</v></c></row>"), "1:<甲&乙>中"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) sheet_is(cases[i].rows, cases[i].wanted);
}

static void numbers(void **state) {
    (void)state;
    static const struct {
        const char *stored, *seen;
    } cases[] = {
        {"0.30000000000000004", "0.3"},
        {"1.2E+3", "1200"},
        {"1e-7", "0.0000001"},
        {"-0.5", "-0.5"},
        {"690123456789012", "690123456789012"},
        {"999999999999999", "999999999999999"},
        {"1000000000000000", "1e+15"},
        {"69012345678901234", "6.90123456789012e+16"},
        {"6.9012345678901E+17", "6.9012345678901e+17"},
        {"1e400", "#NUM!"},
        {"12x", "12x"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(buf) rows = {0}, wanted = {0};
        buf_printf(&rows, DATA("<row><c><v>%s</v></c></row>"), cases[i].stored);
        buf_printf(&wanted, "1:%s", cases[i].seen);
        sheet_is(buf_z(&rows), buf_z(&wanted));
    }
}

static void dates_by_style(void **state) {
    (void)state;
    static const struct {
        const char *code;
        cell_style style;
    } cases[] = {
        {"General", STYLE_PLAIN},
        {"general", STYLE_PLAIN},
        {"G/通用格式", STYLE_PLAIN},
        {"0.00", STYLE_PLAIN},
        {"#,##0.00_);[Red]\\(#,##0.00\\)", STYLE_PLAIN},
        {"\"day\"0", STYLE_PLAIN},
        {"@", STYLE_PLAIN},
        {"0.00E+00", STYLE_PLAIN},
        {"yyyy-mm-dd", STYLE_DATE},
        {"YYYY/M/D", STYLE_DATE},
        {"m/d/yy h:mm", STYLE_DATE},
        {"yyyy\"年\"m\"月\"d\"日\"", STYLE_DATE},
        {"[$-804]yyyy\\年m\\月d\\日;@", STYLE_DATE},
        {"m\"月\"d\"日\"", STYLE_DATE},
        {"yyyy-mm-dd hh:mm:ss.000", STYLE_DATE},
        {"mmm-yy", STYLE_MONTH},
        {"yyyy\"年\"m\"月\"", STYLE_MONTH},
        {"h:mm", STYLE_TIME},
        {"[h]:mm", STYLE_TIME},
        {"mm:ss", STYLE_TIME},
        {"上午/下午h\"时\"mm\"分\"", STYLE_TIME},
        {"000000", STYLE_PADDED + 6},
        {"00000000000000000000", STYLE_PADDED + 20},
        {"000000000000000000000", STYLE_PLAIN},
        {"0", STYLE_PLAIN},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (style_of_format(str_of(cases[i].code)) != cases[i].style) fail_msg("%s", cases[i].code);
    static const unsigned days[] = {14, 15, 16, 22, 27, 31, 36, 50, 54, 58},
                          none[] = {0, 1, 2, 9, 13, 23, 26, 37, 49, 59};
    for (size_t i = 0; i < ARRAY_LEN(days); i++) assert_int_equal(style_of_builtin(days[i]), STYLE_DATE);
    for (size_t i = 0; i < ARRAY_LEN(none); i++) assert_int_equal(style_of_builtin(none[i]), STYLE_PLAIN);
    assert_int_equal(style_of_builtin(17), STYLE_MONTH);
    assert_int_equal(style_of_builtin(45), STYLE_TIME);
}

static void days_of_both_systems(void **state) {
    (void)state;
    static const struct {
        double serial;
        cell_style style;
        bool date1904;
        const char *seen;
    } cases[] = {
        {1, STYLE_DATE, false, "1900-01-01"},
        {59, STYLE_DATE, false, "1900-02-28"},
        {61, STYLE_DATE, false, "1900-03-01"},
        {44819, STYLE_DATE, false, "2022-09-15"},
        {44819.75, STYLE_DATE, false, "2022-09-15"},
        {43357, STYLE_DATE, true, "2022-09-15"},
        {0, STYLE_DATE, true, "1904-01-01"},
        {46054, STYLE_MONTH, false, "2026-02"},
        {46055, STYLE_MONTH, false, "2026-02-02"},
        {-1, STYLE_DATE, false, "-1"},
        {2958466, STYLE_DATE, false, "2958466"},
        {2958465, STYLE_DATE, false, "9999-12-31"},
        {NAN, STYLE_DATE, false, "#NUM!"},
        {0.5, STYLE_TIME, false, "0.5"},
        {123, STYLE_PADDED + 6, false, "000123"},
        {1.5, STYLE_PADDED + 6, false, "1.5"},
        {1234567, STYLE_PADDED + 6, false, "1234567"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(buf) out = {0};
        (void)cell_number_put(&out, cases[i].serial, cases[i].style, cases[i].date1904);
        assert_string_equal(buf_z(&out), cases[i].seen);
    }
}

#define STYLES                                                                                                         \
    {                                                                                                                  \
        "xl/styles.xml", XML_HEAD                                                                                      \
            "<styleSheet " MAIN_NS "><numFmts count=\"1\"><numFmt numFmtId=\"176\" formatCode=\"yyyy&quot;年&quot;"   \
            "m&quot;月&quot;d&quot;日&quot;\"/></numFmts><cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs>"         \
            "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"176\"/><xf numFmtId=\"55\"/></cellXfs></styleSheet>"          \
    }
#define TEXTS                                                                                                          \
    {                                                                                                                  \
        "xl/sharedStrings.xml", XML_HEAD                                                                               \
            "<sst " MAIN_NS "><si><t>品名</t></si><si><r><t>红</t></r><r><t>酒</t></r><rPh sb=\"0\" eb=\"2\">"     \
            "<t>hongjiu</t></rPh></si><si/></sst>"                                                                     \
    }

static void shared_texts_and_styles(void **state) {
    (void)state;
    const part plain[] = {
        BOOK_RELS(REL("rId1", "worksheet", "worksheets/sheet1.xml") REL("rId2", "styles", "styles.xml")
                      REL("rId3", "sharedStrings", "sharedStrings.xml")),
        BOOK(ONE_SHEET), STYLES, TEXTS,
        SHEET("<row><c t=\"s\"><v>0</v></c><c t=\"s\"><v>1</v></c><c t=\"s\"><v>2</v></c><c s=\"1\"><v>46054</v></c><c "
              "s=\"2\"><v>46054</v></c><c s=\"0\"><v>46054</v></c><c s=\"99\"><v>46054</v></c></row>")};
    book_is(plain, ARRAY_LEN(plain), "销售[1:品名|红酒||2026-02-01|2026-02|46054|46054]");
    const part mac[] = {
        BOOK_RELS(REL("rId1", "worksheet", "/xl/worksheets/sheet1.xml") REL("rId2", "styles", "../xl/styles.xml")),
        BOOK("<workbookPr date1904=\"1\"/>" ONE_SHEET), STYLES, SHEET("<row><c s=\"1\"><v>44592</v></c></row>")};
    book_is(mac, ARRAY_LEN(mac), "销售[1:2026-02-01]");
}

static void prefixed_names_and_other_places(void **state) {
    (void)state;
    const part parts[] = {
        {"_rels/.rels", "<p:Relationships xmlns:p=\"x\"><p:Relationship Id=\"a\" Type=\"http://x/officeDocument\" "
                        "Target=\"/book/main.xml\"/></p:Relationships>"},
        {"book/_rels/main.xml.rels", "<Relationships>" REL("rX", "worksheet", "s/one.xml") "</Relationships>"},
        {"book/main.xml", "<x:workbook xmlns:x=\""
                          "y\" xmlns:q=\"z\"><x:sheets><x:sheet name=\"A&amp;B\" q:id=\"rX\" "
                          "x:sheetId=\"1\"/></x:sheets></x:workbook>"},
        {"book/s/one.xml",
         "<x:worksheet xmlns:x=\"y\"><x:sheetData><x:row r=\"1\"><x:c r=\"A1\" "
         "t=\"inlineStr\"><x:is><x:t>甲</x:t></x:is></x:c></x:row></x:sheetData><x:mergeCells><x:mergeCell "
         "ref=\"A1:B1\"/></x:mergeCells></x:worksheet>"},
    };
    book_is(parts, ARRAY_LEN(parts), "A&B[1:甲|甲]");
}

static void words_of_merged_areas_stand_everywhere(void **state) {
    (void)state;
    sheet_is(
        DATA("<row r=\"1\"><c r=\"A1\" t=\"str\"><v>标题</v></c></row>"
             "<row r=\"2\"><c r=\"A2\" t=\"str\"><v>甲</v></c><c r=\"B2\"><v>5</v></c><c r=\"C2\"><v>1</v></c></row>"
             "<row r=\"3\"><c r=\"C3\"><v>2</v></c></row><row r=\"4\"><c r=\"C4\"><v>3</v></c></row>") "<mergeCells "
                                                                                                       "count=\"3\"><"
                                                                                                       "mergeCell "
                                                                                                       "ref=\"A2:A3\"/"
                                                                                                       "><mergeCell "
                                                                                                       "ref=\"B2:B3\"/"
                                                                                                       "><mergeCell "
                                                                                                       "ref=\"A1:C1\"/>"
                                                                                                       "<mergeCell "
                                                                                                       "ref=\"D9\"/"
                                                                                                       "><mergeCell "
                                                                                                       "ref=\"B1:A2\"/"
                                                                                                       "></mergeCells>",
        "1:标题|标题|标题 2:甲|5|1 3:甲||2 4:||3");
}

static void hidden_sheets_are_named(void **state) {
    (void)state;
    const part parts[] = {
        BOOK_RELS(REL("rId1", "worksheet", "worksheets/sheet1.xml") REL("rId2", "worksheet", "worksheets/sheet2.xml")
                      REL("rId3", "chartsheet", "chartsheets/sheet1.xml")),
        BOOK("<sheets><sheet name=\"底稿\" sheetId=\"1\" state=\"hidden\" r:id=\"rId1\"/><sheet name=\"图\" "
             "sheetId=\"3\" "
             "r:id=\"rId3\"/><sheet name=\"明细\" sheetId=\"2\" r:id=\"rId2\"/><sheet name=\"x\" sheetId=\"4\" "
             "state=\"veryHidden\" r:id=\"rId1\"/></sheets>"),
        SHEET("<row><c><v>1</v></c></row>"),
        {"xl/worksheets/sheet2.xml", "<worksheet><sheetData><row><c><v>2</v></c></row></sheetData></worksheet>"}};
    AUTO(buf) zip = {0};
    AUTO(workbook) *w = NULL;
    err e;
    book_is(parts, ARRAY_LEN(parts), "明细[1:2]");
    zip_parts(parts, ARRAY_LEN(parts), NULL, &zip);
    assert_true(workbook_open(SOURCE(buf_str(&zip)), &w, &e));
    assert_true(str_is(workbook_hidden(w), "底稿, x"));
}

/* ---- refused ---- */

static void refused(str bytes, const char *says) {
    AUTO(buf) out = {0};
    err e = {0};
    if (read_book(bytes, &out, &e)) fail_msg("read, but wanted: %s", says);
    assert_int_equal(e.code, ERR_DATA);
    if (!strstr(e.text, says)) fail_msg("says '%s', wanted '%s'", e.text, says);
}

static void parts_refused(const part *parts, size_t n, const char *password, const char *says) {
    AUTO(buf) zip = {0};
    zip_parts(parts, n, password, &zip);
    refused(buf_str(&zip), says);
}

static void sheet_refused(const char *rows, const char *says) {
    AUTO(buf) zip = {0};
    one_sheet(rows, &zip);
    refused(buf_str(&zip), says);
}

static void what_is_no_workbook(void **state) {
    (void)state;
    static const struct {
        part part;
        const char *says;
    } cases[] = {
        {{"xl/workbook.bin", "x"}, "binary workbook (XLSB); save it as XLSX"},
        {{"content.xml", "<x/>"}, "OpenDocument file; save it as XLSX"},
        {{"word/document.xml", "<x/>"}, "a Word document"},
        {{"ppt/presentation.xml", "<x/>"}, "a presentation"},
        {{"sales.csv", "a,b"}, "a ZIP archive without a workbook; unpack it"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) parts_refused(&cases[i].part, 1, NULL, cases[i].says);
    const part word[] = {
        {"_rels/.rels", "<Relationships>" REL("a", "officeDocument", "word/document.xml") "</Relationships>"},
        {"word/document.xml", "<w/>"}};
    parts_refused(word, ARRAY_LEN(word), NULL, "a Word document");
}

static void damage(void **state) {
    (void)state;
    AUTO(buf) zip = {0};
    one_sheet(DATA("<row><c><v>1</v></c></row>"), &zip);
    refused(str_take(buf_str(&zip), zip.n / 2), "cut off or damaged");
    refused(STR("PK\3\4"), "cut off or damaged");
    sheet_refused(DATA("<row><c><v>1</v></row>"), "mismatched tag");
    sheet_refused(DATA("<row><c t=\"s\"><v>0</v></c></row>"), "names a text that is not there");
    sheet_refused("<!-- -->" DATA("<row><c><v>&nbsp;</v></c></row>"), "undefined entity");
    const part gone[] = {BOOK_RELS(REL("rId1", "worksheet", "worksheets/sheet1.xml")), BOOK(ONE_SHEET)};
    parts_refused(gone, ARRAY_LEN(gone), NULL, "no xl/worksheets/sheet1.xml inside");
    for (size_t at = zip.n / 3; at < zip.n; at += 37) { /* whatever breaks is one line, or nothing that matters broke */
        AUTO(buf) bad = {0}, out = {0};
        err e = {0};
        buf_add(&bad, buf_str(&zip));
        bad.p[at] = (char)(bad.p[at] ^ 0x55);
        if (!read_book(buf_str(&bad), &out, &e)) assert_int_equal(e.code, ERR_DATA);
    }
}

static void doctypes_and_entities(void **state) {
    (void)state;
    const part sheet[] = {BOOK_RELS(REL("rId1", "worksheet", "worksheets/sheet1.xml")),
                          BOOK(ONE_SHEET),
                          {"xl/worksheets/sheet1.xml",
                           "<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><worksheet><sheetData><row><c "
                           "t=\"str\"><v>&b;</v></c></row></sheetData></worksheet>"}};
    parts_refused(sheet, ARRAY_LEN(sheet), NULL, "xl/worksheets/sheet1.xml holds a DTD");
    const part book[] = {BOOK_RELS(""),
                         {"xl/workbook.xml", "<!DOCTYPE workbook SYSTEM \"file:///etc/passwd\"><workbook/>"}};
    parts_refused(book, ARRAY_LEN(book), NULL, "xl/workbook.xml holds a DTD");
}

static void passwords(void **state) {
    (void)state;
    const part parts[] = {BOOK_RELS(REL("rId1", "worksheet", "worksheets/sheet1.xml")), BOOK(ONE_SHEET),
                          SHEET("<row><c><v>1</v></c></row>")};
    parts_refused(parts, ARRAY_LEN(parts), "secret", "protected by a password; save it without one");
}

/* ---- bounds ---- */

static void a_row_at_its_bounds(void **state) {
    (void)state;
    AUTO(buf) text = {0};
    sheet_row r;
    sheet_row_init(&r);
    sheet_row_begin(&r, 1);
    sheet_row_put(&r, LIMIT_COLUMNS - 1, STR("x"), true);
    assert_int_equal(r.cells, LIMIT_COLUMNS);
    assert_false(r.excess);
    sheet_row_put(&r, LIMIT_COLUMNS, STR(" "), true);
    assert_false(r.excess);
    sheet_row_put(&r, LIMIT_COLUMNS, STR("x"), true);
    assert_true(r.excess);
    for (size_t i = 0; i < LIMIT_CELL; i++) buf_byte(&text, 'x');
    sheet_row_put(&r, 0, buf_str(&text), true);
    assert_false(r.long_cell);
    text.n--;
    buf_addz(&text, "中"); /* its first byte would be the last one kept */
    sheet_row_put(&r, 0, buf_str(&text), true);
    assert_true(r.long_cell);
    assert_int_equal(r.cell[0].n, LIMIT_CELL - 1);
    sheet_row_free(&r);
}

static void merged_areas_at_their_bounds(void **state) {
    (void)state;
    static merges m;
    static sheet_row r;
    err e;
    for (uint64_t i = 0; i < LIMIT_MERGES; i++) assert_true(merges_add(&m, (merged_area){i + 1, i + 1, 0, 1}, &e));
    assert_false(merges_add(&m, (merged_area){1, 1, 0, 1}, &e));
    assert_true(merges_add(&m, (merged_area){1, 1, LIMIT_COLUMNS, LIMIT_COLUMNS}, &e)); /* none of ours */
    merges_clear(&m);
    sheet_row_init(&r);
    for (size_t i = 0; i <= LIMIT_COLUMNS; i++) assert_true(merges_add(&m, (merged_area){1, 9, 0, 1}, &e));
    merges_begin(&m);
    sheet_row_begin(&r, 1);
    sheet_row_put(&r, 0, STR("x"), true);
    assert_false(merges_fill(&m, &r, &e));
    assert_non_null(strstr(e.text, "row 1: merged areas overlap"));
    m.n = LIMIT_COLUMNS;
    merges_begin(&m);
    assert_true(merges_fill(&m, &r, &e));
    assert_true(str_is(r.cell[1], "x"));
    sheet_row_free(&r);
    merges_free(&m);
}

static void shared_texts_at_their_bound(void **state) {
    (void)state;
    shared_texts t = {0};
    size_t piece = 1024 * 1024;
    char *text = calloc(1, piece);
    for (size_t i = 0; i < LIMIT_SHARED_TEXT / piece; i++) assert_true(shared_texts_add(&t, str_from(text, piece)));
    assert_true(shared_texts_add(&t, STR("")));
    assert_false(shared_texts_add(&t, STR("x")));
    assert_int_equal(shared_texts_get(&t, t.n - 1).n, 0);
    assert_int_equal(shared_texts_get(&t, 1).n, piece);
    shared_texts_free(&t);
    free(text);
}

/* The bomb is counted as it inflates, in whatever part and pass. */
static void inflated_bytes_at_their_bound(void **state) {
    (void)state;
    AUTO(buf) zip = {0};
    workbook_parts p;
    err e = {0};
    char room[PART_CHUNK];
    size_t n;
    zip_file_t *file;
    one_sheet(DATA("<row><c><v>1</v></c></row>"), &zip);
    assert_true(parts_open(&p, SOURCE(buf_str(&zip)), &e));
    assert_true(part_open(&p, STR("xl/workbook.xml"), &file, &e));
    uint64_t most = (uint64_t)LIMIT_WORKBOOK_MIB << 20, size = 0;
    assert_true(part_read(&p, STR("x"), file, room, &n, &e));
    size = n;
    (void)zip_fclose(file);
    for (uint64_t over = 0; over <= 1; over++) {
        p.inflated = most - size + over;
        assert_true(part_open(&p, STR("xl/workbook.xml"), &file, &e));
        assert_int_equal(part_read(&p, STR("x"), file, room, &n, &e), over == 0);
        (void)zip_fclose(file);
    }
    assert_non_null(strstr(e.text, "unpacks to more than 2048 MiB"));
    parts_close(&p);
}

static void sheets_and_parts_at_their_bounds(void **state) {
    (void)state;
    for (size_t n = LIMIT_SHEETS; n <= LIMIT_SHEETS + 1; n++) {
        AUTO(buf) rels = {0}, book = {0}, zip = {0}, out = {0};
        err e = {0};
        buf_addz(&rels, "<Relationships>" REL("rId1", "worksheet", "worksheets/sheet1.xml") "</Relationships>");
        buf_addz(&book, "<workbook " RELS_NS "><sheets>");
        for (size_t i = 0; i < n; i++) buf_printf(&book, "<sheet name=\"%zu\" r:id=\"rId1\"/>", i);
        buf_addz(&book, "</sheets></workbook>");
        const part parts[] = {{"xl/_rels/workbook.xml.rels", buf_z(&rels)},
                              {"xl/workbook.xml", buf_z(&book)},
                              SHEET("<row><c><v>1</v></c></row>")};
        zip_parts(parts, ARRAY_LEN(parts), NULL, &zip);
        assert_int_equal(read_book(buf_str(&zip), &out, &e), n == LIMIT_SHEETS);
        if (n > LIMIT_SHEETS) assert_non_null(strstr(e.text, "more than 256 sheets"));
    }
    part *many = calloc(LIMIT_WORKBOOK_PARTS + 1, sizeof *many);
    char *names = calloc(LIMIT_WORKBOOK_PARTS + 1, 8);
    for (size_t i = 0; i <= LIMIT_WORKBOOK_PARTS; i++) {
        (void)snprintf(names + 8 * i, 8, "%zu", i);
        many[i] = (part){names + 8 * i, "x"};
    }
    parts_refused(many, LIMIT_WORKBOOK_PARTS + 1, NULL, "an archive of more than 4096 files");
    parts_refused(many, LIMIT_WORKBOOK_PARTS, NULL, "a ZIP archive without a workbook");
    free(many);
    free(names);
}

static void styles_at_their_bounds(void **state) {
    (void)state;
    static const struct {
        size_t most;
        const char *before, *one, *after, *says;
    } cases[] = {
        {LIMIT_STYLES, "<cellXfs>", "<xf/>", "</cellXfs>", "more than 65536 cell formats"},
        {LIMIT_NUMBER_FORMATS, "<numFmts>", "<numFmt numFmtId=\"9\" formatCode=\"0\"/>", "</numFmts>",
         "more than 4096 number formats"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (size_t over = 0; over <= 1; over++) {
            AUTO(buf) xml = {0};
            buf_printf(&xml, "<styleSheet>%s", cases[i].before);
            for (size_t n = 0; n < cases[i].most + over; n++) buf_addz(&xml, cases[i].one);
            buf_printf(&xml, "%s</styleSheet>", cases[i].after);
            const part parts[] = {
                BOOK_RELS(REL("rId1", "worksheet", "worksheets/sheet1.xml") REL("rId2", "styles", "styles.xml")),
                BOOK(ONE_SHEET),
                SHEET("<row><c><v>1</v></c></row>"),
                {"xl/styles.xml", buf_z(&xml)}};
            if (over) parts_refused(parts, ARRAY_LEN(parts), NULL, cases[i].says);
            else
                book_is(parts, ARRAY_LEN(parts), "销售[1:1]");
        }
}

/* ---- real files ---- */

static bool load(const char *name, buf *out) {
    char path[PATH_SIZE];
    const char *shared = getenv("CHANNELD_SHARED");
    err e;
    (void)snprintf(path, sizeof path, "%s/data/%s", shared ? shared : "../shared", name);
    if (file_read(path, LIMIT_FILE_BYTES, out, &e)) return true;
    print_message("skipped: %s\n", e.text);
    return false;
}

/* As far as our cells mean the same: 40.0 and 40, True and TRUE, a day without its time. */
static bool same_meaning(str ours, str theirs) {
    char a[64], b[64], *end;
    if (str_ieq(ours, theirs)) return true;
    if (ours.n == 10 && theirs.n > 10 && theirs.p[10] == 'T') return str_eq(ours, str_take(theirs, 10));
    double v = strtod(str_copy_z(theirs, b, sizeof b), &end);
    return ours.n && *end == '\0' && strtod(str_copy_z(ours, a, sizeof a), NULL) == v;
}

static void a_real_workbook_and_its_companion(void **state) {
    (void)state;
    AUTO(buf) book = {0}, text = {0};
    AUTO(workbook) *w = NULL;
    AUTO(csv) c = {0};
    table_rows rows;
    table_row ours, theirs;
    err e;
    if (!load("csv_torture/csvkit/test.xlsx", &book) || !load("csv_torture/csvkit/testxlsx_converted.csv", &text))
        skip();
    assert_true(workbook_open(SOURCE(buf_str(&book)), &w, &e) && csv_open(&c, buf_str(&text), &e));
    assert_true(workbook_rows(w, 0, &rows, &e));
    size_t n = 0;
    for (;; n++) {
        assert_true(rows.next(rows.self, &ours, &e) && csv_next(&c, &theirs, &e));
        assert_int_equal(ours.no, theirs.no);
        if (ours.no == 0) break;
        for (size_t i = 0; i < theirs.cells && n > 0; i++) {
            str cell = i < ours.cells ? ours.cell[i] : STR("");
            if (!same_meaning(cell, theirs.cell[i]))
                fail_msg("row %d column %zu: '%.*s', wanted '%.*s'", (int)ours.no, i, STR_ARG(cell),
                         STR_ARG(theirs.cell[i]));
        }
    }
    assert_int_equal(n, 6);
}

static void real_files(void **state) {
    (void)state;
    static const struct {
        const char *name, *rows;
    } cases[] = {
        {"xlsx_torture/tealeg/testfile.xlsx", "Tabelle1[1:Foo|Bar 2:Baz|Quuk] Tabelle2[] Tabelle3[]"},
        {"xlsx_torture/tealeg/wpsBlankLineTest.xlsx", "Sheet1[1:编号 3:编号 5:||编号]"},
        {"xlsx_torture/tealeg/googleDocsTest.xlsx",
         "Sheet1[1:This is a test spreadsheet|It has a couple of columns 2:as well as a couple of rows|hello hello]"},
        {"xlsx_torture/tealeg/testcelltypes.xlsx",
         "Sheet1[1:hello world|string 2:日本語|string 3:12345|int 4:1.024|float 5:2015-01-01|date 6:TRUE|bool "
         "7:30|formula 8:#DIV/0!|error]"},
        {"xlsx_torture/tealeg/empty_cells.xlsx", "Sheet1[1:|B1|C1|D1 2:A2||C2|D2 3:A3|B3||D3 4:A4|B4|C4]"},
        {"xlsx_torture/tealeg/merged_cells.xlsx",
         "Sheet1[1:Date|Product|Quantity 2:01.01.2016|A|4 3:01.01.2016|B|23 4:02.01.2016|A|1 5:02.01.2016|C|5 "
         "6:03.01.2016|B|9 7:31.12.2017|Happy New Year!|Happy New Year!]"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(buf) book = {0}, out = {0};
        err e;
        if (!load(cases[i].name, &book)) skip();
        if (!read_book(buf_str(&book), &out, &e)) fail_msg("%s: %s", cases[i].name, e.text);
        assert_string_equal(buf_z(&out), cases[i].rows);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_as_a_person_sees_them),
        cmocka_unit_test(numbers),
        cmocka_unit_test(dates_by_style),
        cmocka_unit_test(days_of_both_systems),
        cmocka_unit_test(shared_texts_and_styles),
        cmocka_unit_test(prefixed_names_and_other_places),
        cmocka_unit_test(words_of_merged_areas_stand_everywhere),
        cmocka_unit_test(hidden_sheets_are_named),
        cmocka_unit_test(what_is_no_workbook),
        cmocka_unit_test(damage),
        cmocka_unit_test(doctypes_and_entities),
        cmocka_unit_test(passwords),
        cmocka_unit_test(a_row_at_its_bounds),
        cmocka_unit_test(merged_areas_at_their_bounds),
        cmocka_unit_test(shared_texts_at_their_bound),
        cmocka_unit_test(inflated_bytes_at_their_bound),
        cmocka_unit_test(sheets_and_parts_at_their_bounds),
        cmocka_unit_test(styles_at_their_bounds),
        cmocka_unit_test(a_real_workbook_and_its_companion),
        cmocka_unit_test(real_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
