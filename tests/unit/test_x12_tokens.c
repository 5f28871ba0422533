/* links: formats proto base */
#include "formats/x12_tokens.h"
#include "proto/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define WIDE(sep)                                                                                                      \
    "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260131*0800*U*00401*000000001*0*P*" sep
#define THIN(sep) "ISA*00**00**ZZ*SENDER*ZZ*RECEIVER*260131*0800*U*00401*000000001*0*P*" sep

/* "number:element/element…" of every segment, ' ' between */
static void put_segments(buf *b, const char *text) {
    AUTO(x12_reader) r;
    x12_segment g;
    err e;
    x12_reader_init(&r, str_of(text));
    while (x12_next(&r, &g, &e)) {
        if (str_is(g.tag, "ISA")) continue;
        buf_printf(b, "%llu:", (unsigned long long)g.no);
        for (unsigned i = 0; i < g.count; i++) buf_printf(b, "%s%.*s", i ? "/" : "", STR_ARG(g.at[i]));
        buf_addz(b, g.ended ? " " : "… ");
    }
    if (e.code != ERR_OK) buf_printf(b, "!%s", e.text);
}

static void separators_are_found(void **state) {
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        {WIDE(">~") "GS*PT*A~ST*867*1~", "2:GS/PT/A 3:ST/867/1 "},
        {"\xef\xbb\xbf" WIDE(">~") "\r\n  GS*PT*A~\r\n    ST*867*1~\r\n", "2:GS/PT/A 3:ST/867/1 "},
        {WIDE(">\n") "GS*PT*A\nST*867*1\n", "2:GS/PT/A 3:ST/867/1 "},
        {WIDE(">\r\n") "GS*PT*A\r\nST*867*1\r\n", "2:GS/PT/A 3:ST/867/1 "},
        {WIDE(":'") "GS*PT*A'\r\nST*867*1'", "2:GS/PT/A 3:ST/867/1 "},
        {WIDE(">\x15") "GS*PT*A\x15ST*867*1\x15", "2:GS/PT/A 3:ST/867/1 "},
        {WIDE(">\xe2\x80\xa6") "GS*PT*A\xe2\x80\xa6ST*867*1\xe2\x80\xa6", "2:GS/PT/A 3:ST/867/1 "},
        {THIN(">~") "GS*PT*A~ST*867*1~", "2:GS/PT/A 3:ST/867/1 "},
        {THIN(">~") "\nGS*PT*A~\nST*867*1~", "2:GS/PT/A 3:ST/867/1 "},
        {THIN(">\n") "GS*PT*A\nST*867*1\n", "2:GS/PT/A 3:ST/867/1 "},
        {THIN("~") "GS*PT*A~ST*867*1~", "2:GS/PT/A 3:ST/867/1 "},
        {"ISA*00*          *00*          *ZZ*SENDER         *ZZ*REC\nEIVER       "
         "*260131*0800*U*00401*000000001*0*P*>~GS*PT"
         "*A~ST*86\n7*1~",
         "2:GS/PT/A 3:ST/867/1 "},
        {WIDE(">~") "GS*PT* A ~ST*867**1~", "2:GS/PT/A 3:ST/867//1 "},
        {WIDE(">~") "GS*PT*A~IEA*1*1~ISA^00^^00^^ZZ^S^ZZ^R^260131^0800^U^00401^1^0^P^>|GS^PT^B|",
         "2:GS/PT/A 3:IEA/1/1 5:GS/PT/B "},
        {"GS*PT*A~ST*867*1~", "1:GS/PT/A 2:ST/867/1 "},
        {"ST*867*1\nSE*2*1\n", "1:ST/867/1 2:SE/2/1 "},
        {WIDE(">~") "GS*PT*A", "2:GS/PT/A… "},
        {WIDE(">~") "~~GS*PT*A~", "2: 3: 4:GS/PT/A "},
        {"ISA*00*a*b", "!segment 1: ISA has less than 16 elements; wanted a whole interchange"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(buf) got = {0};
        put_segments(&got, cases[i].text);
        assert_string_equal(buf_z(&got), cases[i].want);
    }
}

static void what_looks_like_x12(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool yes;
    } cases[] = {
        {WIDE(">~"), true},
        {"\xef\xbb\xbf ISA^00^", true},
        {"ISA|00|", true},
        {"GS*PT*A~", true},
        {"ST*867*0001~", true},
        {"ISABELLA,date\n", false},
        {"ISA,00,x", false},
        {"ISA;00;x", false},
        {"ST,867,0001\n", false},
        {"ISA", false},
        {"", false},
        {"ISA*0*", false},
        {"UNB+UNOA:2", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) assert_int_equal(x12_looks_like(str_of(cases[i].text)), cases[i].yes);
}

static void bounds_of_a_segment(void **state) {
    (void)state;
    for (int extra = 0; extra <= 1; extra++) {
        AUTO(buf) text = {0}, many = {0};
        AUTO(x12_reader) r;
        AUTO(x12_reader) q;
        x12_segment g;
        err e;
        buf_addz(&text, "ST*867*");
        while (text.n < (size_t)LIMIT_CELL + (size_t)extra) buf_byte(&text, 'x');
        buf_addz(&text, "~");
        x12_reader_init(&r, buf_str(&text));
        assert_int_equal(x12_next(&r, &g, &e), extra == 0);
        assert_int_equal(e.code, extra ? ERR_DATA : ERR_OK);
        buf_addz(&many, "ST*867");
        for (int i = 2; i < LIMIT_COLUMNS + extra; i++) buf_byte(&many, '*');
        buf_addz(&many, "~");
        x12_reader_init(&q, buf_str(&many));
        assert_int_equal(x12_next(&q, &g, &e), extra == 0);
        assert_int_equal(e.code, extra ? ERR_DATA : ERR_OK);
    }
}

static void days_and_numbers(void **state) {
    (void)state;
    static const struct {
        const char *value;
        int year;
        unsigned month, day; /* month 0: refused */
    } days[] = {{"20260131", 2026, 1, 31}, {"950613", 1995, 6, 13}, {"500101", 1950, 1, 1},
                {"491231", 2049, 12, 31},  {"20260230", 0, 0, 0},   {"200", 0, 0, 0},
                {"2026013x", 0, 0, 0},     {"", 0, 0, 0},           {"00000101", 0, 0, 0}};
    for (size_t i = 0; i < ARRAY_LEN(days); i++) {
        day_t d;
        bool ok = x12_day(str_of(days[i].value), &d);
        assert_int_equal(ok, days[i].month != 0);
        if (ok) assert_int_equal(d, day_of(days[i].year, days[i].month, days[i].day));
    }
    int64_t v;
    assert_true(x12_number(STR("12.5"), 3, &v) && v == 12500);
    assert_true(x12_number(STR("-.5"), 3, &v) && v == -500);
    assert_true(x12_number(STR("12-"), 3, &v) && v == -12000);
    assert_false(x12_number(STR("-12-"), 3, &v));
    assert_false(x12_number(STR("1,5"), 3, &v));
    assert_false(x12_number(STR("-"), 3, &v));
    assert_false(x12_number(STR(""), 3, &v));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(separators_are_found),
        cmocka_unit_test(what_looks_like_x12),
        cmocka_unit_test(bounds_of_a_segment),
        cmocka_unit_test(days_and_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
