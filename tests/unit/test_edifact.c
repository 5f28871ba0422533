/* links: formats proto base */
#include "base/file.h"
#include "formats/edifact_tokens.h"
#include "formats/formats.h"
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

/* --- tokens --- */

static void separators_release_marks_and_wrapped_lines(void **state) {
    (void)state;
    static const struct {
        const char *text, *want; /* the last segment: number:component;component/… */
    } cases[] = {
        {"UNB+A:B+C'LIN+1'", "2:1"},
        {"UNA:+.? 'UNB+A:B'", "2:A;B"},
        {"UNA;#,! ~UNB#A;B#C!#D~", "2:A;B/C#D"},
        {"UNB+A?+B:C?:D?'E+F?\?'", "1:A+B;C:D'E/F?"},
        {"UNB+A\r\nBC:D\nE'", "1:ABC;DE"},
        {"UN\nB+A'", "1:A"},
        {"\xef\xbb\xbfUNB+A'", "1:A"},
        {"UNB+A:B\nUNH+C\n", "2:C"},
        {"UNB+ A : B '", "1:A;B"},
        {"UNB+A'UNA;#,! ~UNB#B;C~", "3:B;C"},
        {"UNB+A", "1:A"},
        {"UNB+A?", "1:A?"},
        {"UNB+A''UNZ+1'", "3:1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(edi_reader) r = {0};
        AUTO(buf) got = {0};
        edi_segment g;
        err e;
        edi_reader_init(&r, str_of(cases[i].text));
        while (edi_next(&r, &g, &e)) {
            buf_clear(&got);
            buf_printf(&got, "%llu", (unsigned long long)g.no);
            for (unsigned k = 1; k < g.count; k++)
                buf_printf(&got, "%s%.*s", k == 1 ? ":" : g.at[k].component ? ";" : "/", STR_ARG(g.at[k].value));
        }
        assert_int_equal(e.code, ERR_OK);
        assert_string_equal(buf_z(&got), cases[i].want);
    }
}

static void bounds_of_a_segment(void **state) {
    (void)state;
    AUTO(buf) text = {0};
    edi_segment g;
    err e;
    for (int extra = 0; extra <= 1; extra++) {
        AUTO(edi_reader) r = {0};
        buf_clear(&text);
        buf_addz(&text, "FTX+");
        while (text.n < (size_t)LIMIT_CELL + (size_t)extra) buf_byte(&text, 'x');
        buf_addz(&text, "'");
        edi_reader_init(&r, buf_str(&text));
        assert_int_equal(edi_next(&r, &g, &e), extra == 0);
        assert_int_equal(e.code, extra ? ERR_DATA : ERR_OK);
    }
    for (int extra = 0; extra <= 1; extra++) {
        AUTO(edi_reader) r = {0};
        buf_clear(&text);
        buf_addz(&text, "FTX");
        for (int i = 1; i < LIMIT_COLUMNS + extra; i++) buf_byte(&text, '+');
        buf_addz(&text, "'");
        edi_reader_init(&r, buf_str(&text));
        assert_int_equal(edi_next(&r, &g, &e), extra == 0);
    }
}

static void days_and_numbers(void **state) {
    (void)state;
    static const struct {
        const char *value, *format, *day; /* day NULL: refused */
    } days[] = {
        {"20080331", "102", "2008-03-31"},
        {"20080331", "", "2008-03-31"},
        {"080331", "101", "2008-03-31"},
        {"990331", "101", "1999-03-31"},
        {"200803311530", "203", "2008-03-31"},
        {"2008030120080331", "718", "2008-03-31"},
        {"20080301-20080331", "718", "2008-03-31"},
        {"200802", "610", "2008-02-29"},
        {"200801", "616", "2008-01-06"},
        {"202653", "616", "2027-01-03"},
        {"202453", "616", NULL},
        {"200800", "616", NULL},
        {"20080230", "102", NULL},
        {"2008033", "102", NULL},
        {"200813", "610", NULL},
        {"2008O331", "102", NULL},
        {"20080331", "999", NULL},
        {"", "102", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(days); i++) {
        day_t d;
        AUTO(buf) got = {0};
        bool ok = edi_day(str_of(days[i].value), str_of(days[i].format), &d);
        assert_int_equal(ok, days[i].day != NULL);
        if (!ok) continue;
        day_put(&got, d);
        assert_string_equal(buf_z(&got), days[i].day);
    }
    int64_t v;
    assert_true(edi_number(STR("27,5"), 3, &v) && v == 27500);
    assert_true(edi_number(STR("-19.95"), 3, &v) && v == -19950);
    assert_false(edi_number(STR("1.234,5"), 3, &v));
    assert_false(edi_number(STR(""), 3, &v));
    assert_false(edi_number(STR("0000000000000000000000000000000000000000001"), 3, &v));
}

/* --- messages --- */

#define HEAD "BGM+73E+N1+9'DTM+137:20260201:102'CUX+2:EUR:10'"
#define SHOP "LOC+162+4012345000016::9'DTM+356:20260131:102'"

/* An interchange of one message with right counts around `body`. */
static void wrap(buf *out, const char *body) {
    size_t segments = 2;
    for (const char *p = body; *p; p++) segments += *p == '\'';
    buf_printf(out, "UNB+UNOA:2+A:14+B:14+260201:0559+R1'UNH+1+SLSRPT:D:96A:UN:EAN004'%sUNT+%zu+1'UNZ+1+R1'", body,
               segments);
}

static void put_number(buf *b, int64_t v, unsigned scale) {
    if (v == NUM_NONE) buf_byte(b, '-');
    else
        dec_put(b, v, scale, 0);
    buf_byte(b, ' ');
}

/* "type number/version date place sku quantity unit price amount currency|" a line, in document order */
static void show(buf *b, const docset *s) {
    for (size_t i = 0; i < s->lines; i++) {
        doc_line l = docset_at(s, i);
        const doc_head *h = &s->doc[l.doc];
        buf_printf(b, "%s %.*s/%.*s ", doc_type_name(h->type), STR_ARG(words_get(&s->words, h->text[D_NUMBER])),
                   STR_ARG(words_get(&s->words, h->text[D_VERSION])));
        day_put(b, (day_t)l.number[N_DATE]);
        buf_printf(b, " %.*s %.*s ", STR_ARG(words_get(&s->words, l.text[T_PLACE])),
                   STR_ARG(words_get(&s->words, l.text[T_SKU])));
        put_number(b, l.number[N_QUANTITY], QUANTITY_SCALE);
        buf_printf(b, "%.*s ", STR_ARG(words_get(&s->words, l.text[T_UNIT])));
        put_number(b, l.number[N_UNIT_PRICE], MICRO_SCALE);
        put_number(b, l.number[N_AMOUNT], MICRO_SCALE);
        buf_printf(b, "%.*s|", STR_ARG(words_get(&s->words, l.text[T_CURRENCY])));
    }
}

static bool read_report(docset *s, const char *text, const mapping *m, err *e) {
    source in = {.name = "report.edi", .bytes = str_of(text)};
    docset_init(s);
    bool ok = edifact_format.read(&in, m, s, e);
    docset_finish(s);
    return ok;
}

static void what_lines_come_out(void **state) {
    (void)state;
#define AT "sale N1/ 2026-01-31 4012345000016 "
    static const struct {
        const char *body, *want;
        size_t problems, skipped, refused;
        bool line_price;
    } cases[] = {
        {HEAD SHOP "LIN+1++A:EN'PRI+NTP:9.5::RTP'QTY+153:2:PCE'", AT "A 2 PCE 9.5 19 EUR|", 0, 0, 0, false},
        {HEAD SHOP "LIN+1++A:EN'QTY+153:2:PCE'PRI+NTP:9,5::RTP'", AT "A 2 PCE 9.5 19 EUR|", 0, 0, 0, false},
        {HEAD SHOP "LIN+1++A:EN'PRI+NTP:19::RTP'QTY+153:2:PCE'", AT "A 2 PCE - 19 EUR|", 0, 0, 0, true},
        {HEAD SHOP "LIN+1++A:EN'PRI+NTP:19::RTP'QTY+153:-2:PCE'", AT "A -2 PCE - -19 EUR|", 0, 0, 0, true},
        {HEAD SHOP "LIN+1++A:EN'PRI+NTP:-19::RTP'QTY+153:-2'", AT "A -2  - -19 EUR|", 0, 0, 0, true},
        {HEAD SHOP "LIN+1++A:EN'PRI+NTP:9.5'QTY+153:-1'", AT "A -1  9.5 -9.5 EUR|", 0, 0, 0, false},
        {HEAD SHOP "LIN+1++A:EN'QTY+61:1'QTY+210:-2'PRI+AAA:5'", AT "A -1  5 -5 EUR|" AT "A -2  5 -10 EUR|", 0, 0, 0,
         false},
        {HEAD SHOP "LIN+1++A:EN'PRI+AAA:5'MOA+203:9.99'QTY+153:2'", AT "A 2  5 9.99 EUR|", 0, 0, 0, false},
        {HEAD SHOP "LIN+1++A:EN'MOA+203:9.99'PRI+AAA:5'QTY+153:2'", AT "A 2  - 9.99 EUR|", 0, 0, 0, true},
        {HEAD SHOP "LIN+1++A:EN'QTY+153:-2'MOA+203:9.99:CHF'", AT "A -2  - -9.99 CHF|", 0, 0, 0, false},
        {HEAD SHOP "LIN+1++A:EN'QTY+153:5'QTY+61:1'MOA+203:40'", AT "A 5  - 50 EUR|" AT "A -1  - -10 EUR|", 0, 0, 0,
         false},
        {HEAD SHOP "LIN+1++A:EN'QTY+153:1'QTY+61:1'MOA+203:40'", AT "A 1  - - EUR|" AT "A -1  - - EUR|", 2, 0, 0,
         false},
        {HEAD SHOP "LIN+1++A:EN'PRI+AAB:7'PRI+AAA:5'QTY+153:2'", AT "A 2  5 10 EUR|", 0, 0, 0, false},
        {HEAD SHOP "LIN+1++A:EN'PRI+AAA:500:::100'QTY+153:2'", AT "A 2  5 10 EUR|", 0, 0, 0, false},
        {HEAD SHOP "LIN+1'PIA+1+B:IN+C:SA+D:EN'QTY+153:2'", AT "D 2  - - EUR|", 0, 0, 0, false},
        {HEAD SHOP "LIN+1++A:EN'PIA+1+D:EN'QTY+153:2'", AT "A 2  - - EUR|", 0, 0, 0, false},
        {HEAD SHOP "LIN+1'QTY+153:2'LIN+2++A:EN'QTY+153:1'", AT "A 1  - - EUR|", 1, 0, 1, false},
        {HEAD SHOP "LIN+1++A:EN'QTY+145:8:PCE'QTY+153:2:PCE'",
         "stock N1/ 2026-01-31 4012345000016 A 8 PCE - - EUR|" AT "A 2 PCE - - EUR|", 0, 0, 0, false},
        {HEAD SHOP "LIN+1++A:EN'QTY+26:8'QTY+217:1'QTY+243:1'QTY+244:1'QTY+32E:1'QTY+153:2'", AT "A 2  - - EUR|", 0, 5,
         0, false},
        {HEAD SHOP "LIN+1++A:EN'QTY+999:8'QTY+153:x'QTY+153:2'", AT "A 2  - - EUR|", 2, 0, 2, false},
        {HEAD SHOP "LIN+1++A:EN'QTY+153:1'LIN+2++A:EN'QTY+153:1'", AT "A 1  - - EUR|" AT "A 1  - - EUR|", 0, 0, 0,
         false},
        /* item → place: price above, date and place below */
        {HEAD "LIN+1++A:EN'PRI+AAA:5'LOC+162+P1::9'DTM+356:20260131:102'QTY+153:2'LOC+162+P2::9'QTY+153:-1'"
              "LIN+2++B:EN'LOC+162+P1'QTY+153:4'MOA+203:12'",
         "sale N1/ 2026-01-31 P1 A 2  5 10 EUR|sale N1/ 2026-02-01 P2 A -1  5 -5 EUR|sale N1/ 2026-02-01 P1 B 4  - 12 "
         "EUR|",
         0, 0, 0, false},
        {HEAD "LIN+1++A:EN'MOA+203:30'LOC+162+P1'QTY+153:2'LOC+162+P2'QTY+153:1'LOC+162+P3'QTY+153:1'MOA+203:9'",
         "sale N1/ 2026-02-01 P1 A 2  - 20 EUR|sale N1/ 2026-02-01 P2 A 1  - 10 EUR|sale N1/ 2026-02-01 P3 A 1  - 9 "
         "EUR|",
         0, 0, 0, false},
        /* items without a place, then places: each keeps its own */
        {HEAD "LIN+1++A:EN'QTY+153:2'LOC+162+P1'LIN+2++B:EN'QTY+153:1'LOC+162+P2'LIN+3++C:EN'QTY+153:1'",
         "sale N1/ 2026-02-01  A 2  - - EUR|sale N1/ 2026-02-01 P1 B 1  - - EUR|sale N1/ 2026-02-01 P2 C 1  - - EUR|",
         0, 0, 0, false},
        /* dates: sale before end of period before its start before the message's */
        {"BGM+73E+N1'DTM+137:20260201:102'DTM+90:20260101:102'LIN+1++A'QTY+153:1'", "sale N1/ 2026-01-01  A 1  - - |",
         0, 0, 0, false},
        {"BGM+73E+N1'DTM+90:20260101:102'DTM+91:20260107:102'LIN+1++A'QTY+153:1'", "sale N1/ 2026-01-07  A 1  - - |", 0,
         0, 0, false},
        {"BGM+73E+N1'LIN+1++A'QTY+153:1'", "", 1, 0, 1, false},
        {"BGM+73E+N1'DTM+91:20260107:102'DTM+356:2026013:102'LIN+1++A'QTY+153:1'", "sale N1/ 2026-01-07  A 1  - - |", 1,
         0, 0, false},
        /* functions */
        {"BGM+73E+N1+5'DTM+137:20260201:102'LIN+1++A'QTY+153:1'", "sale N1/1 2026-02-01  A 1  - - |", 0, 0, 0, false},
        {"BGM+73E+N1+4'DTM+137:20260201:102'LIN+1++A'QTY+153:1'", "sale N1/1 2026-02-01  A 1  - - |", 0, 0, 0, false},
        {"BGM+73E+N1+77'DTM+137:20260201:102'LIN+1++A'QTY+153:1'", "sale N1/ 2026-02-01  A 1  - - |", 1, 0, 0, false},
    };
#undef AT
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(buf) text = {0}, got = {0};
        AUTO(docset) s = {0};
        mapping m = {.edifact_price_line = cases[i].line_price};
        err e;
        wrap(&text, cases[i].body);
        assert_true(read_report(&s, buf_z(&text), &m, &e));
        show(&got, &s);
        assert_string_equal(buf_z(&got), cases[i].want);
        assert_int_equal(s.problems_total, cases[i].problems);
        assert_int_equal(s.skipped_total, cases[i].skipped);
        assert_int_equal(s.refused, cases[i].refused);
    }
}

static void a_cancellation_has_no_lines(void **state) {
    (void)state;
    AUTO(buf) text = {0};
    AUTO(docset) s = {0};
    err e;
    wrap(&text, "BGM+73E+N1+1'DTM+137:20260201:102'" SHOP "LIN+1++A:EN'QTY+153:2'QTY+145:3'");
    assert_true(read_report(&s, buf_z(&text), NULL, &e));
    assert_int_equal(s.lines, 0);
    assert_int_equal(s.docs, 2);
    for (size_t i = 0; i < s.docs; i++) {
        assert_true(s.doc[i].flags & DOC_CANCEL);
        assert_true(str_is(words_get(&s.words, s.doc[i].text[D_NUMBER]), "N1"));
        assert_true(str_is(words_get(&s.words, s.doc[i].text[D_VERSION]), "2"));
        assert_int_equal(s.doc[i].date, day_of(2026, 2, 1));
    }
    AUTO(buf) nameless = {0};
    AUTO(docset) none = {0};
    wrap(&nameless, "BGM+73E++1'DTM+137:20260201:102'");
    assert_true(read_report(&none, buf_z(&nameless), NULL, &e));
    assert_int_equal(none.docs, 0);
    assert_int_equal(none.refused, 1);
}

static void without_a_number_place_and_day_make_the_document(void **state) {
    (void)state;
    AUTO(buf) text = {0};
    AUTO(docset) s = {0};
    err e;
    wrap(
        &text,
        "BGM+73E'DTM+137:20260201:102'LOC+162+P1'LIN+1++A'QTY+153:1'LIN+2++B'QTY+153:1'LOC+162+P2'LIN+3++A'QTY+153:1'");
    assert_true(read_report(&s, buf_z(&text), NULL, &e));
    assert_int_equal(s.lines, 3);
    assert_int_equal(s.docs, 2);
}

static void the_mapping_fills_and_drops(void **state) {
    (void)state;
    AUTO(buf) text = {0};
    AUTO(docset) s = {0};
    mapping m = {.stream = STR("north"), .doc_flags = DOC_SCOPE_YEAR};
    err e;
    m.constants[FIELD_T_CHANNEL] = STR("shops");
    m.constants[FIELD_T_UNIT] = STR("PCE");
    m.privacy[FIELD_T_PLACE] = m.privacy[FIELD_N_AMOUNT] = PRIVACY_DROP;
    wrap(&text, HEAD SHOP "LIN+1++A'QTY+153:1:KGM'MOA+203:5'LIN+2++A'QTY+153:1'");
    assert_true(read_report(&s, buf_z(&text), &m, &e));
    assert_int_equal(s.lines, 2);
    assert_true(str_is(words_get(&s.words, s.doc[0].text[D_STREAM]), "north"));
    assert_int_equal(s.doc[0].flags, DOC_SCOPE_YEAR);
    for (size_t i = 0; i < 2; i++) {
        assert_true(str_is(words_get(&s.words, docset_at(&s, i).text[T_CHANNEL]), "shops"));
        assert_true(str_is(words_get(&s.words, docset_at(&s, i).text[T_UNIT]), i ? "PCE" : "KGM"));
        assert_int_equal(docset_at(&s, i).text[T_PLACE], WORD_NONE);
        assert_true(docset_at(&s, i).number[N_AMOUNT] == NUM_NONE);
    }
}

#define LINE "BGM+73E+N1+9'DTM+137:20260201:102'LIN+1++A'QTY+153:1'"

static void envelopes_are_counted_and_other_messages_refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool refuse_test, ok;
        size_t lines, problems;
        const char *says; /* in the error, or in the first problem's texts */
    } cases[] = {
        {"UNB+UNOA:2+A+B+260201:0559+R1'UNH+1+SLSRPT:D:96A:UN'" LINE "UNT+6+1'UNZ+1+R1'", false, true, 1, 0, ""},
        {"UNH+1+SLSRPT:D:96A:UN'" LINE "UNT+6+1'", false, true, 1, 0, ""},
        {"UNB+UNOA:2+A+B+260201:0559+R1'UNH+1+SLSRPT:D:96A:UN'" LINE "UNT+7+1'UNZ+1+R1'", false, true, 1, 1,
         "6, as counted"},
        {"UNB+UNOA:2+A+B+260201:0559+R1'UNH+1+SLSRPT:D:96A:UN'" LINE "UNT+6+2'UNZ+1+R1'", false, true, 1, 1,
         "reference 1"},
        {"UNB+UNOA:2+A+B+260201:0559+R1'UNH+1+SLSRPT:D:96A:UN'" LINE "UNT+6+1'UNZ+2+R1'", false, true, 1, 1,
         "1, as counted"},
        {"UNB+UNOA:2+A+B+260201:0559+R1'UNH+1+SLSRPT:D:96A:UN'" LINE "UNT+6+1'UNZ+1+R9'", false, true, 1, 1,
         "reference R1"},
        {"UNB+UNOA:2+A+B+260201:0559+R1'UNH+1+SLSRPT:D:96A:UN'" LINE, false, true, 1, 2, "cut off"},
        {"UNB+UNOA:2+A+B+260201:0559+R1'UNG+SLSRPT'UNH+1+SLSRPT:D:96A:UN'" LINE "UNT+6+1'UNE+1'UNZ+1+R1'", false, true,
         1, 0, ""},
        {"UNB+UNOA:2+A+B+260201:0559+R1++++++1'UNH+1+SLSRPT:D:96A:UN'" LINE "UNT+6+1'UNZ+1+R1'", false, true, 1, 1,
         "test"},
        {"UNB+UNOA:2+A+B+260201:0559+R1++++++1'UNH+1+SLSRPT:D:96A:UN'" LINE "UNT+6+1'UNZ+1+R1'", true, false, 0, 1,
         "test interchange"},
        {"UNB+UNOA:2+A+B+260201:0559+R1'UNH+1+ORDERS:D:96A:UN'BGM+220+1+9'UNT+3+1'UNZ+1+R1'", false, false, 0, 1,
         "segment 2: ORDERS is not read here; wanted SLSRPT"},
        {"UNB+UNOA:2+A+B+260201:0559+R1'UNH+1+ORDERS:D:96A:UN'BGM+220+1+9'UNT+3+1'UNH+2+SLSRPT:D:96A:UN'" LINE
         "UNT+6+2'UNZ+2+R1'",
         false, true, 1, 1, "ORDERS is not read here"},
        {"UNB+UNOA:2+A+B+260201:0559+R1'UNZ+0+R1'", false, false, 0, 0, "without a message"},
        {"UNB+UNOA:2+A+B+260201:0559+R1'UNH+1+SLSRPT:D:96A:UN'" LINE "hello'UNT+7+1'UNZ+1+R1'", false, true, 1, 1,
         "tag"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(docset) s = {0};
        AUTO(buf) said = {0};
        mapping m = {.edifact_refuse_test = cases[i].refuse_test};
        err e;
        bool ok = read_report(&s, cases[i].text, &m, &e);
        assert_int_equal(ok, cases[i].ok);
        assert_int_equal(s.lines, cases[i].lines);
        assert_int_equal(s.problems_total, cases[i].problems);
        if (!ok) buf_addz(&said, e.text);
        if (s.problem_count)
            buf_add(&said, s.problems[0].found), buf_add(&said, s.problems[0].wanted),
                buf_add(&said, s.problems[0].hint);
        assert_non_null(strstr(buf_z(&said), cases[i].says));
    }
}

static void letters_of_the_repertoire(void **state) {
    (void)state;
    static const struct {
        const char *repertoire, *bytes, *charset;
    } cases[] = {
        {"UNOC", "M\xfcller", "iso-8859-1"},
        {"UNOD", "M\xfcller", "iso-8859-2"},
        {"UNOA", "M\xc3\xbcller", "utf-8"},
        {"UNOA", "\xb0\xd7\xbe\xc6", "gb18030"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(buf) text = {0};
        AUTO(docset) s = {0};
        err e;
        buf_printf(&text,
                   "UNB+%s:3+A+B+260201:0559+R'UNH+1+SLSRPT'BGM+73E+N'DTM+137:20260201:102'LIN+1++%s'QTY+153:1'UNT+6+1'"
                   "UNZ+1+R'",
                   cases[i].repertoire, cases[i].bytes);
        assert_true(read_report(&s, buf_z(&text), NULL, &e));
        assert_true(str_is(s.charset, cases[i].charset));
        str sku = words_get(&s.words, docset_at(&s, 0).text[T_SKU]);
        assert_true(str_is(sku, i == 3 ? "\xe7\x99\xbd\xe9\x85\x92" : "M\xc3\xbcller"));
    }
}

static void texts_at_their_bound(void **state) {
    (void)state;
    for (int extra = 0; extra <= 1; extra++) {
        AUTO(buf) body = {0}, text = {0};
        AUTO(docset) s = {0};
        err e;
        buf_addz(&body, HEAD "LOC+162+");
        for (int i = 0; i < LIMIT_TEXT + extra; i++) buf_byte(&body, 'p');
        buf_addz(&body, "'LIN+1++A'QTY+153:1'");
        wrap(&text, buf_z(&body));
        assert_true(read_report(&s, buf_z(&text), NULL, &e));
        assert_int_equal(s.lines, extra ? 0 : 1);
        assert_int_equal(s.refused, extra);
    }
}

/* --- real files --- */

static const char *shared(void) {
    const char *dir = getenv("CHANNELD_SHARED");
    return dir ? dir : "../shared";
}

static bool load(const char *name, buf *out) {
    char path[PATH_SIZE];
    err e;
    snprintf(path, sizeof path, "%s/data/%s", shared(), name);
    return file_read(path, LIMIT_FILE_BYTES, out, &e);
}

static uint64_t key_hash(const docset *s, const doc_line *l) {
    AUTO(buf) k = {0};
    buf_printf(&k, "%.*s %.*s %d", STR_ARG(words_get(&s->words, l->text[T_PLACE])),
               STR_ARG(words_get(&s->words, l->text[T_SKU])), (int)l->number[N_DATE]);
    return str_hash(buf_str(&k));
}

static int by_hash(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static size_t distinct(uint64_t *v, size_t n) {
    size_t d = n ? 1 : 0;
    qsort(v, n, sizeof *v, by_hash);
    for (size_t i = 1; i < n; i++) d += v[i] != v[i - 1];
    return d;
}

static void compare_with_expected(const docset *s, str csv) {
    str row, cell[5];
    size_t n = 0;
    while (str_split(&csv, '\n', &row)) {
        row = str_trim(row);
        if (row.n == 0) continue;
        for (size_t i = 0; i < 5; i++) assert_true(str_split(&row, ';', &cell[i]));
        doc_line l = docset_at(s, n++);
        char quantity[32];
        int64_t want;
        str_copy_z(str_take(str_skip(cell[3], 1), cell[3].n - 2), quantity, sizeof quantity);
        assert_true(dec_parse(str_of(quantity), QUANTITY_SCALE, &want, NULL));
        assert_int_equal(l.number[N_QUANTITY], want);
        assert_true(str_has(cell[1], words_get(&s->words, l.text[T_PLACE])));
        assert_true(str_has(cell[2], words_get(&s->words, l.text[T_SKU])));
    }
    assert_int_equal(n, s->lines);
}

static void the_real_report(void **state) {
    (void)state;
    AUTO(buf) bytes = {0}, expected = {0};
    if (!load("edi_edifact/slsrpt/slsrpt01.edi", &bytes)) {
        print_message("skipped: no real SLSRPT in %s\n", shared());
        skip();
    }
    AUTO(docset) s = {0};
    mapping m = {.edifact_price_line = true};
    source in = {.name = "slsrpt01.edi", .bytes = buf_str(&bytes)};
    err e;
    docset_init(&s);
    assert_true(edifact_format.read(&in, &m, &s, &e));
    docset_finish(&s);
    assert_int_equal(s.docs, 2);
    assert_int_equal(s.lines, 392);
    assert_int_equal(s.refused, 0);
    assert_int_equal(s.problems_total, 1); /* the second interchange is marked as a test */
    int64_t quantity = 0, amount = 0;
    uint64_t keys[392], places[392];
    for (size_t i = 0; i < 392; i++) {
        quantity += docset_at(&s, i).number[N_QUANTITY];
        amount += docset_at(&s, i).number[N_AMOUNT];
        doc_line l = docset_at(&s, i);
        keys[i] = key_hash(&s, &l);
        places[i] = docset_at(&s, i).text[T_PLACE];
        assert_true(str_is(words_get(&s.words, docset_at(&s, i).text[T_CURRENCY]), "EUR"));
    }
    assert_int_equal(quantity, 552000);
    assert_int_equal(amount, 6961700000);
    assert_int_equal(distinct(keys, 392), 183);
    assert_int_equal(distinct(places, 392), 50);
    assert_true(load("edi_edifact/slsrpt/slsrpt01_expected_composite_route.csv", &expected));
    compare_with_expected(&s, buf_str(&expected));
}

/* Every file of a folder tree is read, or refused in one clear line. */
static size_t walk(const char *dir) {
    DIR *d = opendir(dir);
    size_t n = 0;
    if (d == NULL) return 0;
    for (struct dirent *entry; (entry = readdir(d)) != NULL;) {
        char path[PATH_SIZE];
        err e = {0};
        if (entry->d_name[0] == '.') continue;
        assert_true(path_join(path, sizeof path, dir, entry->d_name, &e));
        if (entry->d_type == DT_DIR) {
            n += walk(path);
            continue;
        }
        AUTO(buf) bytes = {0};
        AUTO(docset) s = {0};
        docset_init(&s);
        assert_true(file_read(path, LIMIT_FILE_BYTES, &bytes, &e));
        source in = {.name = entry->d_name, .bytes = buf_str(&bytes)};
        bool ok = formats_read(&in, NULL, &s, &e);
        if (!ok) assert_true(e.code == ERR_DATA && e.text[0] && strchr(e.text, '\n') == NULL);
        n++;
    }
    closedir(d);
    return n;
}

static void all_real_files_are_read_or_refused(void **state) {
    (void)state;
    char dir[PATH_SIZE];
    snprintf(dir, sizeof dir, "%s/data/edi_edifact", shared());
    if (walk(dir)) return;
    print_message("skipped: no real EDI files in %s\n", shared());
    skip();
}

static void foreign_files_are_named(void **state) {
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"EDI_DC40  03200000", "IDoc"},
        {"%PDF-1.4", "PDF"},
        {"<?xml version=\"1.0\"?><a/>", "XML"},
        {"ISABELLA,date\n1,2\n", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        err e = {0};
        source in = {.name = "f", .bytes = str_of(cases[i].text)};
        assert_int_equal(foreign_format.sniff(in.bytes) > 0, cases[i].says != NULL);
        if (cases[i].says == NULL) continue;
        assert_false(foreign_format.read(&in, NULL, NULL, &e));
        assert_int_equal(e.code, ERR_DATA);
        assert_non_null(strstr(e.text, cases[i].says));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(separators_release_marks_and_wrapped_lines),
        cmocka_unit_test(bounds_of_a_segment),
        cmocka_unit_test(days_and_numbers),
        cmocka_unit_test(what_lines_come_out),
        cmocka_unit_test(a_cancellation_has_no_lines),
        cmocka_unit_test(without_a_number_place_and_day_make_the_document),
        cmocka_unit_test(the_mapping_fills_and_drops),
        cmocka_unit_test(envelopes_are_counted_and_other_messages_refused),
        cmocka_unit_test(letters_of_the_repertoire),
        cmocka_unit_test(texts_at_their_bound),
        cmocka_unit_test(the_real_report),
        cmocka_unit_test(all_real_files_are_read_or_refused),
        cmocka_unit_test(foreign_files_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
