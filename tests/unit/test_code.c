/* links: proto base */
#include "proto/code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* Spellings of one code, and the text that all of them give; NULL: refused. */
static const struct same {
    const char *text;
    const char *spelled[12];
} same[] = {
    {"(01)12345678901231(21)9999",
     {"(01)12345678901231(21)9999", "]C10112345678901231219999",
      "\x1d"
      "0112345678901231219999",
      "0112345678901231219999", "https://id.gs1.org/01/12345678901231/21/9999",
      "HTTPS://Q.EXAMPLE/a/b/gtin/12345678901231/ser/9999?17=260101#x", "urn:epc:id:sgtin:234567890.1123.9999",
      "\xef\xbc\x88"
      "01)12345678901231(21) 9999 ",
      "urn:epc:tag:sgtin-96:3.234567890.1123.9999"}},
    {"(01)06912345678901(21)A7",
     {"(01)6912345678901(21)A7", "^010691234567890110LOT^21A7", "]d2010691234567890121A7",
      "https://x.cn/01/6912345678901/10/LOT/21/A7", "https://x.cn/01/06912345678901/21/A7#top",
      "https://x.cn/01/06912345678901/21/A7/", "https://x.cn/01/06912345678901/21/%41%37?linkType=all#top",
      "https://x.cn/01/06912345678901?21=A7",
      "]d2\x1d"
      "010691234567890121A7",
      "]Q301069123456789012"
      "1A7"}},
    {"(01)80614141123458(21)6789/&%\"!?()",
     {"urn:epc:id:sgtin:0614141.812345.6789%2F%26%25%22!%3F()",
      "https://id.gs1.org/01/80614141123458/21/6789%2F%26%25%22!%3F()"}},
    {"(01)12345678901231(21)/19:;<=>?AZ_az",
     {"urn:epc:id:sgtin:234567.1890123./19:;<=>?AZ_az", "https://id.gs1.org/01/12345678901231/21//19:;<=>?AZ_az"}},
    {"(00)106141412345678908",
     {"(00)106141412345678908", "106141412345678908", "00106141412345678908", "]C100106141412345678908",
      "urn:epc:id:sscc:0614141.1234567890", "https://id.gs1.org/00/106141412345678908",
      "(00) 106141412345678908 (10)X"}},
    {"(01)04012345123456(10)998877",
     {"urn:epc:class:lgtin:4012345.012345.998877", "(01)04012345123456(10)998877",
      "https://id.gs1.org/01/04012345123456/10/998877", "]C1010401234512345610998877"}},
    {"(01)00614141123452", {"(01)614141123452", "urn:epc:idpat:sgtin:0614141.012345.*", "https://a.b/01/614141123452"}},
    {"(8003)00614141123452789", {"urn:epc:id:grai:0614141.12345.789", "(8003)00614141123452789"}},
    {"(414)0614141123452(254)400",
     {"urn:epc:id:sgln:0614141.12345.400", "https://id.gs1.org/414/0614141123452/254/400"}},
    {"(414)0614141123452", {"urn:epc:id:sgln:0614141.12345.0", "(414)0614141123452"}},
    {"(8010)123456789012345(8011)1111", {"urn:epc:id:cpi:123456.789012345.1111"}},
    {"CN-A-000123", {"CN-A-000123", " CN-A-000123 ", "\xef\xbc\xa3\xef\xbc\xae-A-000123"}},
    {"https://q.brand.cn/c?k=7F", {"https://q.brand.cn/c?k=7F", "HTTPS://Q.BRAND.CN/c?k=7F"}},
    {"6912345678901", {"6912345678901"}}, /* its own until a list says it is a GTIN */
    {"000000000000000000000007", {"000000000000000000000007"}},
    {"\xe7\x93\xb6\xe7\xa0\x81", {"\xe7\x93\xb6\xe7\xa0\x81"}},
    {NULL, {"", "   ", "(01)123(21)A", "(01)", "(21)A", "]C1", "urn:epc:id:sgtin:06141.812345.1", "]C101123", "a\x01"}},
    {NULL,
     {"urn:epc:id:sscc:0614141.123456789", "(00)12345678901234567", "\xff\xfe", "(01)06912345678901()",
      "urn:epc:id:sgtin:0614141.812345."}},
};

static void test_spellings(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(same); i++) {
        for (size_t k = 0; k < ARRAY_LEN(same[i].spelled) && same[i].spelled[k]; k++) {
            AUTO(buf) text = {0};
            code_read c, again;
            code_key stored;
            err e = {0};
            bool ok = code_parse(str_of(same[i].spelled[k]), &c, &e);
            if (ok) code_text(&c.key, &text);
            if (ok != (same[i].text != NULL) || (ok && !str_is(buf_str(&text), same[i].text)))
                fail_msg("%s: %s %s", same[i].spelled[k], ok ? buf_z(&text) : "refused:", e.text);
            if (!ok) {
                assert_int_equal(e.code, ERR_DATA);
                continue;
            }
            assert_true(code_parse(buf_str(&text), &again, &e));
            assert_true(str_eq(code_str(&again.key), code_str(&c.key)));
            assert_true(code_key_of(code_str(&c.key), &stored));
        }
    }
}

static void test_check_digits(void **state) {
    static const struct {
        const char *text;
        unsigned warnings;
        char check;
    } cases[] = {{"(00)123456789012345675", 0, '5'},
                 {"(00)123456789012345670", CODE_CHECK_DIGIT, '5'},
                 {"(01)02345673(21)1", 0, '3'},
                 {"(01)12345673(21)1", CODE_CHECK_DIGIT, '0'},
                 {"(01)416000336108", 0, '8'},
                 {"(01)416000336109", CODE_CHECK_DIGIT, '8'},
                 {"(01)12345678901231(21)123456789012345678901", CODE_LONG, '1'},
                 {"ANY", 0, '\0'}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        code_read c;
        err e;
        AUTO(buf) said = {0};
        assert_true(code_parse(str_of(cases[i].text), &c, &e));
        assert_int_equal(c.warnings, cases[i].warnings);
        assert_int_equal(c.check, cases[i].check);
        code_warn(&said, &c);
        assert_int_equal(said.n > 0, cases[i].warnings != 0);
    }
}

static code_key key_of(const char *z) {
    code_read c;
    err e;
    assert_true(code_parse(str_of(z), &c, &e));
    return c.key;
}

/* Serials of one length count up in the order of their keys; other lengths and prefixes never come between them. */
static void test_order(void **state) {
    static const char *const ascending[] = {
        "(01)06912345678901(21)7",  "(01)06912345678901(21)9",          "(01)06912345678901(21)07",
        "(01)06912345678901(21)99", "(01)06912345678901(21)0000300000", "(01)06912345678901(21)0000300001",
        "(01)06912345678901(21)A1", "(01)06912345678901(21)A9",         "(01)06912345678902(21)1"};
    (void)state;
    for (size_t i = 1; i < ARRAY_LEN(ascending); i++) {
        code_key a = key_of(ascending[i - 1]), b = key_of(ascending[i]);
        assert_true(str_cmp(code_str(&a), code_str(&b)) < 0);
    }
}

static void test_ranges(void **state) {
    static const struct {
        const char *base, *from, *to, *first, *last; /* first NULL: refused */
    } cases[] = {
        {"(01)06912345678901", "0001", "0999", "(01)06912345678901(21)0001", "(01)06912345678901(21)0999"},
        {"6912345678901", "A1", "A9", "6912345678901A1", "6912345678901A9"}, /* check digit wrong: its own */
        {"6901234567892", "A1", "A9", "(01)06901234567892(21)A1", "(01)06901234567892(21)A9"},
        {"urn:epc:idpat:sgtin:0614141.012345.*", "1", "9", "(01)00614141123452(21)1", "(01)00614141123452(21)9"},
        {"BOX-", "007", "012", "BOX-007", "BOX-012"},
        {"BOX-", "7", "12", NULL, NULL},
        {"BOX-", "12", "07", NULL, NULL},
        {"BOX-", "A1", "B1", NULL, NULL},
        {"BOX-", "", "", NULL, NULL},
        {"(00)106141412345678908", "1", "2", NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        code_range r;
        err e = {0};
        bool ok = code_range_parse(str_of(cases[i].base), str_of(cases[i].from), str_of(cases[i].to), &r, &e);
        assert_int_equal(ok, cases[i].first != NULL);
        if (!ok) continue;
        AUTO(buf) first = {0};
        AUTO(buf) last = {0};
        code_key to = code_at(&r.first, r.to);
        code_text(&r.first, &first);
        code_text(&to, &last);
        assert_string_equal(buf_z(&first), cases[i].first);
        assert_string_equal(buf_z(&last), cases[i].last);
        assert_true(str_eq(code_str(&to), code_str(&r.last)));
    }
}

static void test_bare_gtin(void **state) {
    code_key yes = key_of("6901234567892"), no = key_of("6901234567891"), ai = key_of("0106901234567892");
    (void)state;
    assert_true(code_as_gtin(&yes) == 6901234567892 && code_gtin(&yes) == 0);
    assert_true(code_as_gtin(&no) == 0);
    assert_true(code_as_gtin(&ai) == 6901234567892);
}

static void test_lengths(void **state) {
    char text[LIMIT_CODE + 2];
    code_read c;
    err e;
    (void)state;
    memset(text, 'x', sizeof text);
    assert_true(code_parse(str_from(text, LIMIT_CODE_OWN), &c, &e));
    assert_false(code_parse(str_from(text, LIMIT_CODE_KEY), &c, &e));
    assert_false(code_parse(str_from(text, LIMIT_CODE + 1), &c, &e));
    memcpy(text, "https://id.gs1.org/01/06901234567892/21/A?q=", 44);
    assert_true(code_parse(str_from(text, LIMIT_CODE), &c, &e));
}

/* The published pairs of URN and Digital Link name one key. */
static void test_pairs(void **state) {
    const char *shared = getenv("CHANNELD_SHARED");
    char path[512], line[1024];
    unsigned pairs = 0;
    (void)state;
    (void)snprintf(path, sizeof path, "%s/data/epcis_gs1/epc_urn_digitallink_vectors.tsv",
                   shared ? shared : "../shared");
    FILE *f = fopen(path, "r");
    if (f == NULL) {
        print_message("skipped: %s is not there\n", path);
        skip();
    }
    while (fgets(line, sizeof line, f)) {
        str rest = str_trim(str_of(line)), column[5] = {0};
        for (size_t i = 0; i < 5; i++) (void)str_split(&rest, '\t', &column[i]);
        if (!str_is(column[1], "urn2dl") || str_has(column[2], STR("/"))) continue; /* a bare / is none of a link's */
        code_read a, b;
        err e = {0};
        if (!code_parse(column[2], &a, &e) || !code_parse(column[4], &b, &e)) fail_msg("%s %s", line, e.text);
        if (!str_eq(code_str(&a.key), code_str(&b.key))) fail_msg("two keys: %s", line);
        pairs++;
    }
    (void)fclose(f);
    assert_true(pairs > 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spellings), cmocka_unit_test(test_check_digits), cmocka_unit_test(test_order),
        cmocka_unit_test(test_ranges),    cmocka_unit_test(test_bare_gtin),    cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
