/* links: formats */
#include "base/file.h"
#include "formats/biff.h"
#include "formats/compound.h"
#include "formats/csv.h"
#include "formats/xls.h"
#include "workbooks.h"

#include <stdlib.h>

/* ---- a workbook of records ---- */

typedef struct book {
    buf globals, sheets; /* sheets: all substreams, one after the other */
    size_t sheet_at[8], name_at[8], n;
    bool v8;
} book;

static void book_free(book *b) {
    buf_free(&b->globals);
    buf_free(&b->sheets);
}

static void add_bof(buf *out, bool v8, unsigned kind) {
    AUTO(buf) body = {0};
    put16(&body, v8 ? 0x0600 : 0x0500);
    put16(&body, kind);
    put32(&body, 0);
    if (v8) put32(&body, 0), put32(&body, 6);
    put_record(out, BIFF_BOF, &body);
}

static book begin_book(bool v8) {
    book b = {.v8 = v8};
    add_bof(&b.globals, v8, 5);
    return b;
}

static void add_u16(book *b, unsigned id, unsigned v) {
    AUTO(buf) body = {0};
    put16(&body, v);
    put_record(&b->globals, id, &body);
}

/* A text: BIFF8 with its flag of width, BIFF5 as bytes. */
static void put_text(buf *out, bool v8, const char *text, bool wide_count) {
    if (wide_count) put16(out, (unsigned)strlen(text));
    else
        buf_byte(out, (char)strlen(text));
    if (v8) buf_byte(out, 0);
    buf_addz(out, text);
}

static void add_format(book *b, unsigned id, const char *code) {
    AUTO(buf) body = {0};
    put16(&body, id);
    put_text(&body, b->v8, code, b->v8);
    put_record(&b->globals, BIFF_FORMAT, &body);
}

static void add_style(book *b, unsigned number) {
    AUTO(buf) body = {0};
    put16(&body, 0);
    put16(&body, number);
    while (body.n < (b->v8 ? 20 : 16)) buf_byte(&body, 0);
    put_record(&b->globals, BIFF_XF, &body);
}

static void begin_sheet(book *b, const char *name, unsigned state) {
    AUTO(buf) body = {0};
    b->name_at[b->n] = b->globals.n + 4;
    put32(&body, 0);
    put16(&body, state);
    put_text(&body, b->v8, name, false);
    put_record(&b->globals, BIFF_BOUNDSHEET, &body);
    b->sheet_at[b->n++] = b->sheets.n;
    add_bof(&b->sheets, b->v8, 16);
}

static void end_sheet(book *b) {
    put_record(&b->sheets, BIFF_EOF, NULL);
}

static buf cell(unsigned row, unsigned column, unsigned style) {
    buf body = {0};
    put16(&body, row);
    put16(&body, column);
    put16(&body, style);
    return body;
}

static void add_cell(book *b, unsigned id, buf *body) {
    put_record(&b->sheets, id, body);
    buf_free(body);
}

static void add_number(book *b, unsigned row, unsigned column, unsigned style, double v) {
    buf body = cell(row, column, style);
    put_double(&body, v);
    add_cell(b, BIFF_NUMBER, &body);
}

static void add_label(book *b, unsigned row, unsigned column, const char *text) {
    buf body = cell(row, column, 0);
    put_text(&body, b->v8, text, true);
    add_cell(b, BIFF_LABEL, &body);
}

static void add_rk(book *b, unsigned row, unsigned column, uint32_t rk) {
    buf body = cell(row, column, 0);
    put32(&body, rk);
    add_cell(b, BIFF_RK, &body);
}

/* A formula with 8 bytes of result. */
static void add_formula(book *b, unsigned row, unsigned column, const char *result) {
    buf body = cell(row, column, 0);
    buf_add(&body, str_from(result, 8));
    put16(&body, 0);
    put32(&body, 0);
    put16(&body, 0);
    add_cell(b, BIFF_FORMULA, &body);
}

static void stream_of(book *b, buf *out) {
    size_t base = b->globals.n + 4;
    for (size_t i = 0; i < b->n; i++) set32(&b->globals, b->name_at[i], (uint32_t)(base + b->sheet_at[i]));
    buf_add(out, buf_str(&b->globals));
    put_record(out, BIFF_EOF, NULL);
    buf_add(out, buf_str(&b->sheets));
}

static void file_of(book *b, bool small, buf *out) {
    AUTO(buf) stream = {0};
    stream_of(b, &stream);
    put_compound(out, b->v8 ? "Workbook" : "Book", buf_str(&stream), small);
}

/* ---- what is read ---- */

static bool read_book(str bytes, buf *out, err *e) {
    AUTO(xls) *x = NULL;
    TRY(xls_open(bytes, &x, e));
    for (size_t i = 0; i < xls_sheets(x); i++) {
        table_rows rows;
        AUTO(buf) once = {0}, again = {0};
        TRY(xls_rows(x, i, &rows, e));
        TRY(dump_rows(&rows, &once, e));
        rows.rewind(rows.self);
        TRY(dump_rows(&rows, &again, e));
        assert_string_equal(buf_z(&once), buf_z(&again)); /* a second pass sees the same */
        buf_printf(out, "%s%.*s[%s]", i ? " " : "", STR_ARG(rows.sheet_name), buf_z(&once));
    }
    return true;
}

static void bytes_are(str bytes, const char *wanted) {
    AUTO(buf) out = {0};
    err e;
    if (!read_book(bytes, &out, &e)) fail_msg("%s: %s", wanted, e.text);
    assert_string_equal(buf_z(&out), wanted);
}

/* In its container, in small sectors, and bare. */
static void book_is(book *b, const char *wanted) {
    AUTO(buf) big = {0}, small = {0}, bare = {0};
    file_of(b, false, &big);
    bytes_are(buf_str(&big), wanted);
    file_of(b, true, &small);
    bytes_are(buf_str(&small), wanted);
    stream_of(b, &bare);
    bytes_are(buf_str(&bare), wanted);
    book_free(b);
}

static void refused(str bytes, const char *says) {
    AUTO(buf) out = {0};
    err e = {0};
    if (read_book(bytes, &out, &e)) fail_msg("read, but wanted: %s", says);
    assert_int_equal(e.code, ERR_DATA);
    if (!strstr(e.text, says)) fail_msg("says '%s', wanted '%s'", e.text, says);
}

static void book_refused(book *b, const char *says) {
    AUTO(buf) file = {0};
    file_of(b, false, &file);
    refused(buf_str(&file), says);
    book_free(b);
}

/* ---- tests ---- */

static void cells_of_every_record(void **state) {
    (void)state;
    book b = begin_book(true);
    begin_sheet(&b, "A", 0);
    add_number(&b, 0, 0, 0, 2.5);
    add_rk(&b, 0, 1, (uint32_t)(-7) << 2 | 2);
    add_rk(&b, 0, 2, 1250U << 2 | 3);
    add_rk(&b, 0, 3, 0x3ff80000);
    buf several = {0};
    put16(&several, 1);
    put16(&several, 2);
    for (uint32_t i = 0; i < 3; i++) put16(&several, 0), put32(&several, (i + 1) << 2 | 2);
    put16(&several, 4);
    add_cell(&b, BIFF_MULRK, &several);
    buf yes = cell(2, 0, 0), bad = cell(2, 1, 0);
    put16(&yes, 0x0001);
    put16(&bad, 0x012a);
    add_cell(&b, BIFF_BOOLERR, &yes);
    add_cell(&b, BIFF_BOOLERR, &bad);
    double v = 0.1 + 0.2;
    add_formula(&b, 3, 0, (const char *)&v);
    add_formula(&b, 3, 1, "\1\0\1\0\0\0\xff\xff");
    add_formula(&b, 3, 2, "\2\0\7\0\0\0\xff\xff");
    add_formula(&b, 3, 3, "\3\0\0\0\0\0\xff\xff");
    add_formula(&b, 3, 4, "\0\0\0\0\0\0\xff\xff");
    buf text = {0};
    put_text(&text, true, "result", true);
    add_cell(&b, BIFF_STRING, &text);
    add_label(&b, 3, 5, "label");
    end_sheet(&b);
    book_is(&b, "A[1:2.5|-7|12.5|1.5 2:||1|2|3 3:TRUE|#N/A 4:0.3|TRUE|#DIV/0!||result|label]");
}

static void rows_in_any_order_and_charts_inside(void **state) {
    (void)state;
    book b = begin_book(true);
    begin_sheet(&b, "A", 0);
    add_number(&b, 4, 0, 0, 5);
    add_number(&b, 1, 1, 0, 2);
    add_bof(&b.sheets, true, 32);
    add_number(&b, 0, 0, 0, 99);
    end_sheet(&b);
    add_number(&b, 1, 0, 0, 1);
    end_sheet(&b);
    book_is(&b, "A[2:1|2 5:5]");
}

static void styles_of_days_and_codes(void **state) {
    (void)state;
    for (unsigned v8 = 0; v8 <= 1; v8++) {
        book b = begin_book(v8);
        add_format(&b, 164, "yyyy\\-mm\\-dd");
        add_format(&b, 165, "000000");
        static const unsigned formats[] = {0, 14, 164, 165, 31, 55};
        for (size_t i = 0; i < ARRAY_LEN(formats); i++) add_style(&b, formats[i]);
        begin_sheet(&b, "A", 0);
        for (unsigned i = 0; i <= ARRAY_LEN(formats); i++) add_number(&b, 0, i, i, 46054);
        end_sheet(&b);
        book_is(&b, "A[1:46054|2026-02-01|2026-02-01|046054|2026-02-01|2026-02|46054]");
    }
    book mac = begin_book(true);
    add_u16(&mac, BIFF_1904, 1);
    add_style(&mac, 14);
    begin_sheet(&mac, "A", 0);
    add_number(&mac, 0, 0, 0, 44592);
    end_sheet(&mac);
    book_is(&mac, "A[1:2026-02-01]");
}

static void hidden_sheets_are_named(void **state) {
    (void)state;
    AUTO(buf) file = {0};
    AUTO(xls) *x = NULL;
    err e;
    static const struct {
        const char *name;
        unsigned state;
    } sheets[] = {{"hid", 1}, {"seen", 0}, {"very", 2}, {"chart", 0x0200}, {"last", 0}};
    book b = begin_book(true);
    for (unsigned i = 0; i < ARRAY_LEN(sheets); i++) {
        begin_sheet(&b, sheets[i].name, sheets[i].state);
        add_number(&b, 0, 0, 0, i);
        end_sheet(&b);
    }
    file_of(&b, false, &file);
    assert_true(xls_open(buf_str(&file), &x, &e));
    assert_true(str_is(xls_hidden(x), "hid, very"));
    book_is(&b, "seen[1:1] last[1:4]");
}

static void words_of_merged_areas_stand_everywhere(void **state) {
    (void)state;
    book b = begin_book(true);
    begin_sheet(&b, "A", 0);
    add_label(&b, 0, 0, "x");
    add_number(&b, 0, 1, 0, 7);
    add_number(&b, 0, 2, 0, 1);
    add_number(&b, 1, 2, 0, 2);
    buf body = {0};
    static const unsigned areas[] = {2, 0, 1, 0, 0, 0, 1, 1, 1};
    for (size_t i = 0; i < ARRAY_LEN(areas); i++) put16(&body, areas[i]);
    add_cell(&b, BIFF_MERGEDCELLS, &body);
    end_sheet(&b);
    book_is(&b, "A[1:x|7|1 2:x||2]");
}

/* ---- texts ---- */

static void add_shared(book *b, const buf *strings, unsigned n) {
    AUTO(buf) body = {0};
    put32(&body, n);
    put32(&body, n);
    buf_add(&body, buf_str(strings));
    put_record(&b->globals, BIFF_SST, &body);
}

static void sheet_of_shared(book *b, unsigned n) {
    begin_sheet(b, "A", 0);
    for (unsigned i = 0; i < n; i++) {
        buf body = cell(0, i, 0);
        put32(&body, i);
        add_cell(b, BIFF_LABELSST, &body);
    }
    end_sheet(b);
}

static void texts_kept_once(void **state) {
    (void)state;
    AUTO(buf) s = {0};
    buf_add(&s, str_from("\2\0\0ab", 5));               /* one byte a letter */
    buf_add(&s, str_from("\2\0\1\x52\x5f\x87\x65", 7)); /* two: 归文 */
    buf_add(&s, str_from("\2\0\1\x3d\xd8\x00\xde", 7)); /* a pair: U+1F600 */
    buf_add(&s, str_from("\1\0\1\x3d\xd8", 5));         /* half a pair */
    buf_add(&s, str_from("\1\0\x08\2\0x12345678", 14)); /* two runs behind */
    buf_add(&s, str_from("\1\0\x0d\1\0\3\0\0\0\x2d\x4e"
                         "1234ext",
                         18)); /* rich, phonetic, wide: 中 */
    buf_add(&s, str_from("\0\0\0", 3));
    buf_add(&s, str_from("\1\0\0\xe9", 4)); /* é */
    book b = begin_book(true);
    add_shared(&b, &s, 8);
    sheet_of_shared(&b, 8);
    book_is(&b, "A[1:ab|归文|😀|\xef\xbf\xbd |x|中||é]");
}

/* Letters run on with a width of their own; runs and headers just run on. */
static void texts_that_run_on(void **state) {
    (void)state;
    book b = begin_book(true);
    AUTO(buf) first = {0}, second = {0}, third = {0};
    put32(&first, 3);
    put32(&first, 3);
    buf_add(&first, str_from("\4\0\0ab", 5));
    buf_add(&second, str_from("\1\x2d\x4e\x87\x65", 5)); /* now wide */
    buf_add(&second, str_from("\2\0\x08\1\0xy12", 9));
    buf_add(&third, str_from("34\1\0\0z", 6));
    put_record(&b.globals, BIFF_SST, &first);
    put_record(&b.globals, BIFF_CONTINUE, &second);
    put_record(&b.globals, BIFF_CONTINUE, NULL);
    put_record(&b.globals, BIFF_CONTINUE, &third);
    sheet_of_shared(&b, 3);
    book_is(&b, "A[1:ab中文|xy|z]");
}

static void bytes_of_a_codepage(void **state) {
    (void)state;
    static const struct {
        unsigned codepage;
        const char *bytes, *seen;
    } cases[] = {
        {936, "\xc6\xb7\xc3\xfb", "品名"}, {0, "\xc6\xb7\xc3\xfb", "品名"},   {1252, "\xc6\xb7\xc3\xfb", "品名"},
        {1252, "Caf\xe9", "Café"},         {950, "\xab\x7e\xa6\x57", "品名"}, {1251, "\xcf\xf0\xe8", "При"},
        {0x8001, "\x80 5", "€ 5"},         {9999, "Caf\xe9", "Café"},         {932, "\x95\x69\x96\xbc", "品名"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(buf) wanted = {0};
        book b = begin_book(false);
        if (cases[i].codepage) add_u16(&b, BIFF_CODEPAGE, cases[i].codepage);
        begin_sheet(&b, cases[i].bytes, 0);
        add_label(&b, 0, 0, cases[i].bytes);
        end_sheet(&b);
        buf_printf(&wanted, "%s[1:%s]", cases[i].seen, cases[i].seen);
        book_is(&b, buf_z(&wanted));
    }
}

/* ---- refused ---- */

static void passwords(void **state) {
    (void)state;
    book b = begin_book(true);
    add_u16(&b, BIFF_FILEPASS, 1);
    book_refused(&b, "protected by a password; save it without one");
    AUTO(buf) modern = {0};
    put_compound(&modern, "EncryptedPackage", STR("secret"), true);
    refused(buf_str(&modern), "protected by a password; save it without one");
}

static void other_files(void **state) {
    (void)state;
    static const struct {
        const char *stream, *says;
    } cases[] = {{"WordDocument", "an old Word document"},
                 {"PowerPoint Document", "an old presentation"},
                 {"Contents", "an Office file without a workbook"}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(buf) file = {0};
        put_compound(&file, cases[i].stream, STR("x"), true);
        refused(buf_str(&file), cases[i].says);
    }
    AUTO(buf) old = {0};
    put_compound(&old, "Book", STR("\x09\x04\x06\x00\x00\x04\x00\x01\x00\x00"), true);
    refused(buf_str(&old), "Excel 4 or older");
}

static book small_book(void) {
    book b = begin_book(true);
    AUTO(buf) s = {0};
    buf_add(&s, str_from("\2\0\0ab", 5));
    add_shared(&b, &s, 1);
    sheet_of_shared(&b, 1);
    return b;
}

static void damage(void **state) {
    (void)state;
    book index = begin_book(true);
    begin_sheet(&index, "A", 0);
    buf body = cell(0, 0, 0);
    put32(&body, 5);
    add_cell(&index, BIFF_LABELSST, &body);
    end_sheet(&index);
    book_refused(&index, "row 1: the old Excel file is cut off or damaged");
    book whole = small_book();
    AUTO(buf) file = {0};
    file_of(&whole, true, &file);
    book_free(&whole);
    for (size_t n = 8; n < file.n; n += 64) {
        AUTO(buf) out = {0};
        err e = {0};
        if (!read_book(str_take(buf_str(&file), n), &out, &e)) assert_int_equal(e.code, ERR_DATA);
        else
            assert_true(n > file.n - 512); /* only the filling was cut */
    }
    for (size_t at = 0; at < file.n; at++) { /* whatever breaks is one line, or nothing that matters broke */
        AUTO(buf) bad = {0}, out = {0};
        err e = {0};
        buf_add(&bad, buf_str(&file));
        bad.p[at] = (char)(bad.p[at] ^ 0xff);
        if (!read_book(buf_str(&bad), &out, &e)) assert_int_equal(e.code, ERR_DATA);
    }
}

static void chains_that_loop_end(void **state) {
    (void)state;
    book b = small_book();
    AUTO(buf) big = {0}, small = {0};
    file_of(&b, false, &big);
    file_of(&b, true, &small);
    book_free(&b);
    set32(&big, 512 + 4, 1); /* the directory follows itself */
    refused(buf_str(&big), "cut off or damaged");
    set32(&small, 512 + 2 * 4, 2); /* the small table follows itself */
    refused(buf_str(&small), "cut off or damaged");
    set32(&small, 512 + 2 * 4, 0xfffffffe);
    set32(&small, 512 * 3, 0); /* a small sector follows itself: the size in the directory ends it */
    AUTO(buf) out = {0};
    err e;
    (void)!read_book(buf_str(&small), &out, &e);
}

static void sheets_at_their_bound(void **state) {
    (void)state;
    for (size_t n = LIMIT_SHEETS; n <= LIMIT_SHEETS + 1; n++) {
        AUTO(buf) stream = {0}, body = {0}, out = {0};
        err e = {0};
        add_bof(&stream, true, 5);
        put32(&body, 0);
        put16(&body, 0);
        put_text(&body, true, "s", false);
        size_t record = body.n + 4, at = stream.n + n * record + 4;
        for (size_t i = 0; i < 4; i++) body.p[i] = (char)(at >> 8 * i & 255);
        for (size_t i = 0; i < n; i++) put_record(&stream, BIFF_BOUNDSHEET, &body);
        put_record(&stream, BIFF_EOF, NULL);
        assert_int_equal(stream.n, at);
        add_bof(&stream, true, 16);
        put_record(&stream, BIFF_EOF, NULL);
        assert_int_equal(read_book(buf_str(&stream), &out, &e), n == LIMIT_SHEETS);
        if (n > LIMIT_SHEETS) assert_non_null(strstr(e.text, "more than 256 sheets"));
    }
}

/* ---- a real file ---- */

static bool load(const char *name, buf *out) {
    char path[PATH_SIZE];
    const char *shared = getenv("CHANNELD_SHARED");
    err e;
    (void)snprintf(path, sizeof path, "%s/data/csv_torture/csvkit/%s", shared ? shared : "../shared", name);
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
    AUTO(buf) file = {0}, text = {0};
    AUTO(xls) *x = NULL;
    AUTO(csv) c = {0};
    table_rows rows;
    table_row ours, theirs;
    err e;
    if (!load("test.xls", &file) || !load("testxls_converted.csv", &text)) skip();
    assert_true(xls_open(buf_str(&file), &x, &e) && csv_open(&c, buf_str(&text), &e));
    assert_true(xls_rows(x, 0, &rows, &e));
    size_t n = 0;
    for (;; n++) {
        assert_true(rows.next(rows.self, &ours, &e) && csv_next(&c, &theirs, &e));
        assert_int_equal(ours.no, theirs.no);
        if (ours.no == 0) break;
        for (size_t i = 0; i < theirs.cells && n > 0; i++) {
            str found = i < ours.cells ? ours.cell[i] : STR("");
            if (!same_meaning(found, theirs.cell[i]))
                fail_msg("row %d column %zu: '%.*s', wanted '%.*s'", (int)ours.no, i, STR_ARG(found),
                         STR_ARG(theirs.cell[i]));
        }
    }
    assert_int_equal(n, 6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_of_every_record),
        cmocka_unit_test(rows_in_any_order_and_charts_inside),
        cmocka_unit_test(styles_of_days_and_codes),
        cmocka_unit_test(hidden_sheets_are_named),
        cmocka_unit_test(words_of_merged_areas_stand_everywhere),
        cmocka_unit_test(texts_kept_once),
        cmocka_unit_test(texts_that_run_on),
        cmocka_unit_test(bytes_of_a_codepage),
        cmocka_unit_test(passwords),
        cmocka_unit_test(other_files),
        cmocka_unit_test(damage),
        cmocka_unit_test(chains_that_loop_end),
        cmocka_unit_test(sheets_at_their_bound),
        cmocka_unit_test(a_real_workbook_and_its_companion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
