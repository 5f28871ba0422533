/* links: formats */
#include "formats/charset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define BYTES(s) ((str){s, sizeof(s) - 1})

/* The whole file as UTF-8; false with the error. */
static bool convert(str bytes, buf *out, charset *kind, err *e) {
    charset_stream s;
    TRY(charset_detect(bytes, kind, e));
    charset_open(&s, bytes, *kind);
    str piece;
    bool ok;
    while ((ok = charset_next(&s, &piece, e)) && piece.n) buf_add(out, piece);
    charset_close(&s);
    return ok;
}

static void files_become_utf8(void **state) {
    (void)state;
    static const struct {
        str bytes;
        const char *name, *text;
    } good[] = {
        {BYTES("a,b\n"), "utf-8", "a,b\n"},
        {BYTES("\xef\xbb\xbf日期,数量\n"), "utf-8-bom", "日期,数量\n"},
        {BYTES("日期\n"), "utf-8", "日期\n"},
        {BYTES("\xc8\xd5\xc6\xda,1\n"), "gb18030", "日期,1\n"},
        {BYTES("\x81\x39\xee\x39,1\n"), "gb18030", "㐀,1\n"},
        {BYTES("\xff\xfe\xe5\x65\x1f\x67\t\0"
               "1\0\n\0"),
         "utf-16le", "日期\t1\n"},
        {BYTES("\xfe\xff\x65\xe5\x67\x1f\0\t\0"
               "1\0\n"),
         "utf-16be", "日期\t1\n"},
        {BYTES("d\0a\0t\0e\0,\0\xe5\x65\n\0"), "utf-16le", "date,日\n"},
        {BYTES("\0d\0a\0t\0e\0,\x65\xe5\0\n"), "utf-16be", "date,日\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        AUTO(buf) text = {0};
        charset kind;
        err e;
        if (!convert(good[i].bytes, &text, &kind, &e)) fail_msg("case %zu: %s", i, e.text);
        assert_string_equal(charset_name(kind), good[i].name);
        assert_string_equal(buf_z(&text), good[i].text);
    }
}

static void what_is_no_text_is_refused_in_one_line(void **state) {
    (void)state;
    static const struct {
        str bytes;
        const char *says;
    } bad[] = {
        {BYTES("a,b\0c\n1,2,3\n4,5,6\n7,8,9\n1,2,3\n4,5,6\n7,8,9\n1,2,3\n4,5,6\n7,8,9\n"), "byte 4 is NUL"},
        {BYTES("\xef\xbb\xbf"
               "a\0b"),
         "byte 5 is NUL"},
        {BYTES("1,2,3\n4,5,\xa9"), "byte 11 is 0xA9"},
        {BYTES("caf\xe9,1\n"), "byte 4 is 0xE9"},
        {BYTES("\xef\xbb\xbf\xc8\xd5"), "with the mark of UTF-8"},
        {BYTES("\xff\xfe"
               "a\0\0\xd8"
               "b\0"),
         "not utf-16le"},
        {BYTES("\xff\xfe"
               "a\0\0\0b\0"),
         "NUL letters"},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO(buf) text = {0};
        charset kind;
        err e;
        assert_false(convert(bad[i].bytes, &text, &kind, &e));
        assert_int_equal(e.code, ERR_DATA);
        if (!strstr(e.text, bad[i].says)) fail_msg("case %zu: '%s' lacks '%s'", i, e.text, bad[i].says);
    }
}

/* Letters must not be cut where the converter's room ends. */
static void long_files_come_in_whole_letters(void **state) {
    (void)state;
    AUTO(buf) in = {0}, want = {0}, got = {0};
    charset kind;
    err e;
    buf_byte(&in, 'x');
    buf_byte(&want, 'x');
    for (int i = 0; i < 100000; i++) {
        buf_addz(&in, "\xc8\xd5");
        buf_addz(&want, "日");
    }
    assert_true(convert(buf_str(&in), &got, &kind, &e));
    assert_int_equal(kind, CHARSET_GB18030);
    assert_true(str_eq(buf_str(&got), buf_str(&want)));
}

static void a_stream_begins_again(void **state) {
    (void)state;
    charset_stream s;
    str piece;
    err e;
    charset_open(&s,
                 BYTES("\xff\xfe"
                       "a\0b\0"),
                 CHARSET_UTF16LE_BOM);
    for (int i = 0; i < 2; i++) {
        assert_true(charset_next(&s, &piece, &e));
        assert_true(str_is(piece, "ab"));
        charset_rewind(&s);
    }
    charset_close(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_become_utf8),
        cmocka_unit_test(what_is_no_text_is_refused_in_one_line),
        cmocka_unit_test(long_files_come_in_whole_letters),
        cmocka_unit_test(a_stream_begins_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
