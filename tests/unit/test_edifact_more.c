/* links: formats proto base */
#include "base/file.h"
#include "proto/limits.h"
#include "tests/unit/edi_lines.h"
#include "tests/unit/readings.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

typedef struct message_case {
    const char *body, *want;
    size_t problems, skipped, refused;
} message_case;

static void wrap(buf *out, const char *type, const char *body) {
    size_t segments = 2;
    for (const char *p = body; *p; p++) segments += *p == '\'';
    buf_printf(out, "UNB+UNOA:2+A:14+B:14+260201:0559+R1'UNH+1+%s:D:96A:UN:EAN004'%sUNT+%zu+1'UNZ+1+R1'", type, body,
               segments);
}

static void check_cases(const char *type, const message_case *cases, size_t n) {
    for (size_t i = 0; i < n; i++) {
        AUTO(buf) text = {0}, got = {0};
        AUTO(docset) s = {0};
        err e = {0};
        wrap(&text, type, cases[i].body);
        if (!read_edi(&edifact_format, buf_z(&text), NULL, &s, &e)) fail_msg("%s", e.text);
        put_lines(&got, &s);
        if (strcmp(buf_z(&got), cases[i].want) != 0 || s.problems_total != cases[i].problems ||
            s.skipped_total != cases[i].skipped || s.refused != cases[i].refused)
            fail_msg("%s case %zu: %s (%zu problems, %zu skipped, %zu refused), wanted %s", type, i, buf_z(&got),
                     s.problems_total, s.skipped_total, s.refused, cases[i].want);
    }
}

static void inventory_reports(void **state) {
    (void)state;
#define INV "BGM+35+I1+9'DTM+137:20260201:102'DTM+366:20260131:102'"
#define OF  "stock I1/ 2026-01-31 "
    static const message_case cases[] = {
        {INV "LIN+1++A:EN'QTY+145:300:PCE'LIN+2++B:EN'QTY+145:7:PCE'", OF "A 300 PCE - -|" OF "B 7 PCE - -|", 0, 0, 0},
        /* the whole, then its batches: the batches add up and say more */
        {INV "LIN+1++A:EN'QTY+145:300'QTY+145:150'GIN+BX+L1'QTY+145:100'GIN+BX+L2'QTY+145:50'GIN+BX+L3'",
         OF "A 150  - - batch=L1|" OF "A 100  - - batch=L2|" OF "A 50  - - batch=L3|", 0, 0, 0},
        {INV "LIN+1++A:EN'INV++1'QTY+145:300'INV++2'QTY+145:200'GIN+BX+L1'INV++2'QTY+145:100'GIN+BX+L2'",
         OF "A 200  - - batch=L1|" OF "A 100  - - batch=L2|", 0, 0, 0},
        /* parts that do not add up: the whole holds */
        {INV "LIN+1++A:EN'QTY+145:300'QTY+145:150'GIN+BX+L1'", OF "A 300  - -|", 1, 0, 0},
        /* batches alone */
        {INV "LIN+1++A:EN'QTY+145:150'GIN+BX+L1'QTY+145:100'RFF+BT:L2'",
         OF "A 150  - - batch=L1|" OF "A 100  - - batch=L2|", 0, 0, 0},
        /* places: below their quantities, above them, of the whole message */
        {INV "LIN+1++A:EN'QTY+145:30'LOC+14+W1'QTY+145:20'LOC+14+W2'",
         OF "A 30  - - place=W1|" OF "A 20  - - place=W2|", 0, 0, 0},
        {INV "LIN+1++A:EN'LOC+14+W1'QTY+145:30'LOC+14+W2'QTY+145:20'",
         OF "A 30  - - place=W1|" OF "A 20  - - place=W2|", 0, 0, 0},
        {INV "LIN+1++A:EN'LOC+14+W1'QTY+145:30'QTY+145:10'GIN+BX+L1'QTY+145:20'GIN+BX+L2'LOC+14+W2'QTY+145:7'",
         OF "A 10  - - place=W1 batch=L1|" OF "A 20  - - place=W1 batch=L2|" OF "A 7  - - place=W2|", 0, 0, 0},
        {INV "NAD+WH+W9::9'LIN+1++A:EN'QTY+145:30'LIN+2++B'QTY+145:4'LOC+18+W1'",
         OF "A 30  - - place=W9|" OF "B 4  - - place=W1|", 0, 0, 0},
        /* serial numbers; a range is named */
        {INV "LIN+1++A:EN'QTY+145:2'GIN+BN+S1+S2'", OF "A 2  - - codes=S1;S2|", 0, 0, 0},
        {INV "LIN+1++A:EN'QTY+145:2'GIN+BX+456:500'", OF "A 2  - - batch=456|", 1, 0, 0},
        /* kinds of quantities: one count of an item, no movement of others */
        {INV "LIN+1++A:EN'QTY+17:8'QTY+145:9'QTY+83:1'QTY+198:2'QTY+48:5'",
         OF "A 9  - -|receipt I1/ 2026-01-31 A 5  - -|", 0, 3, 0},
        {INV "LIN+1++A:EN'QTY+17:8'", OF "A 8  - -|", 0, 0, 0},
        /* dates */
        {"BGM+35+I1+9'DTM+137:20260201:102'LIN+1++A'QTY+145:1'", "stock I1/ 2026-02-01 A 1  - -|", 0, 0, 0},
        {INV "LIN+1++A'DTM+366:20260130:102'QTY+145:1'LIN+2++B'QTY+145:2'",
         "stock I1/ 2026-01-30 A 1  - -|" OF "B 2  - -|", 0, 0, 0},
        {"BGM+35+I1+9'LIN+1++A'QTY+145:1'", "", 1, 0, 1},
        /* damaged */
        {INV "QTY+145:1'LIN+1'QTY+145:1'LIN+2++B'QTY+145:x'QTY+999:1'", "", 4, 0, 4},
        {"BGM+35+I1+5'DTM+137:20260201:102'LIN+1++A'QTY+145:1'", "stock I1/1 2026-02-01 A 1  - -|", 0, 0, 0},
    };
    check_cases("INVRPT", cases, ARRAY_LEN(cases));
}

static void despatch_advices(void **state) {
    (void)state;
#define DES "BGM+351+D1+9'DTM+137:20260130:102'DTM+11:20260131:102'NAD+BY+B1::9'NAD+DP+P1::9'"
#define TO  "shipment D1/ 2026-01-31 "
    static const message_case cases[] = {
        {DES "CPS+1'LIN+1++A:EN'QTY+12:5:CT'", TO "A 5 CT - - counterparty=P1|", 0, 0, 0},
        {"BGM+351+D1+9'DTM+137:20260131:102'NAD+BY+B1::9'RFF+ON:O1'LIN+1++A:EN'QTY+12:5'",
         TO "A 5  - - counterparty=B1 reference=O1|", 0, 0, 0},
        /* pallets, cartons; a carton without a code of its own stands in its pallet's */
        {DES "CPS+1'PAC+2'PCI+33E'GIN+BJ+T1'CPS+2+1'PCI+33E'GIN+BJ+C1+C2'LIN+1++A'QTY+12:5'LIN+2++B'QTY+12:6'CPS+3+1'"
             "LIN+3++C'"
             "QTY+12:7'CPS+4'LIN+4++D'QTY+12:8'",
         TO "A 5  - - counterparty=P1 codes=C1;C2|" TO "B 6  - - counterparty=P1 codes=C1;C2|" TO
            "C 7  - - counterparty=P1 codes=T1|" TO "D 8  - - counterparty=P1|",
         0, 0, 0},
        /* an item's own serial numbers and batch */
        {DES "CPS+1'GIN+BJ+C1'LIN+1++A'QTY+12:2'GIN+BN+S1+S2'GIN+BX+L1'LIN+2++B'QTY+12:1'",
         TO "A 2  - - counterparty=P1 batch=L1 codes=S1;S2|" TO "B 1  - - counterparty=P1 codes=C1|", 0, 0, 0},
        {DES "CPS+1'GIN+EU+354107380000001051'GIN+EU+8712345678906'LIN+1++A'PIA+1+L7:NB'QTY+12:2'",
         TO "A 2  - - counterparty=P1 batch=L7 codes=354107380000001051|", 0, 0, 0},
        {DES "LIN+1++A'QTY+12:2'QTY+21:9'QTY+59:24'", TO "A 2  - - counterparty=P1|", 0, 2, 0},
        {DES "LIN+1++A'QTY+12:x'QTY+777:1'LIN+2'QTY+12:1'", "", 3, 0, 3},
    };
    check_cases("DESADV", cases, ARRAY_LEN(cases));
}

static void receiving_advices(void **state) {
    (void)state;
#define REC "BGM+632+W1+9'DTM+137:20260130:102'DTM+50:20260131:102'NAD+SU+M1::9'RFF+AAK:D1'"
#define IN  "receipt W1/ 2026-01-31 "
    static const message_case cases[] = {
        {REC "CPS+1'LIN+1++A:EN'QTY+48:5:CT'", IN "A 5 CT - - counterparty=M1 reference=D1|", 0, 0, 0},
        {REC "CPS+1'LIN+1++A:EN'QTY+48:5'QTY+194:4'QTY+12:6'RFF+BT:L1'",
         IN "A 4  - - counterparty=M1 reference=D1 batch=L1|", 0, 2, 0},
        {REC "LIN+1++'PIA+1+A:IN::92'QTY+194:4'LIN+2++B'QTY+194:0'RFF+ON:O1'",
         IN "A 4  - - counterparty=M1 reference=D1|" IN "B 0  - - counterparty=M1 reference=D1|", 0, 0, 0},
        {REC "CPS+1'GIN+BJ+C1'LIN+1++A'QTY+194:4'", IN "A 4  - - counterparty=M1 reference=D1 codes=C1|", 0, 0, 0},
        {"BGM+632+W1+9'LIN+1++A'QTY+48:4'", "", 1, 0, 1},
    };
    check_cases("RECADV", cases, ARRAY_LEN(cases));
}

static void goods_for_nothing_are_gifts(void **state) {
    (void)state;
    static const message_case cases[] = {
        {"BGM+73E+N1'DTM+137:20260201:102'LIN+1++A'MOA+203:0.00'QTY+153:2'LIN+2++B'PRI+AAA:0'QTY+153:1'LIN+3++C'QTY+"
         "153:1'",
         "sale N1/ 2026-02-01 A 2  - 0 gift=Y|sale N1/ 2026-02-01 B 1  0 0 gift=Y|sale N1/ 2026-02-01 C 1  - -|", 0, 0,
         0},
    };
    check_cases("SLSRPT", cases, ARRAY_LEN(cases));
}

static void cancellations_have_no_lines(void **state) {
    (void)state;
    static const struct {
        const char *type, *body;
        doc_type cancelled;
    } cases[] = {{"INVRPT", "BGM+35+N1+1'DTM+137:20260201:102'LIN+1++A'QTY+145:1'", TYPE_STOCK},
                 {"DESADV", "BGM+351+N1+1'DTM+137:20260201:102'LIN+1++A'QTY+12:1'", TYPE_SHIPMENT},
                 {"RECADV", "BGM+632+N1+1'DTM+137:20260201:102'LIN+1++A'QTY+48:1'", TYPE_RECEIPT}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(buf) text = {0};
        AUTO(docset) s = {0};
        err e;
        wrap(&text, cases[i].type, cases[i].body);
        assert_true(read_edi(&edifact_format, buf_z(&text), NULL, &s, &e));
        assert_int_equal(s.lines, 0);
        assert_int_equal(s.docs, 1);
        assert_true(s.doc[0].flags & DOC_CANCEL);
        assert_int_equal(s.doc[0].type, cases[i].cancelled);
    }
}

/* Two reports under one number in a file are two submissions, not one long document. */
static void a_number_twice_in_a_file(void **state) {
    (void)state;
    AUTO(docset) s = {0};
    err e;
    const char *text =
        "UNB+UNOA:2+A+B+260201:0559+R1'UNH+1+SLSRPT'BGM+73E+N1+9'DTM+137:20260201:102'LIN+1++A'QTY+153:1'UNT+6+"
        "1'UNH+2+SLSRPT'BGM+73E+N1+9'DTM+137:20260201:102'LIN+1++A'QTY+153:1'UNT+6+2'UNH+3+INVRPT'BGM+35+N1+9'"
        "DTM+137:20260201:102'LIN+1++A'QTY+145:1'UNT+6+3'UNZ+3+R1'";
    assert_true(read_edi(&edifact_format, text, NULL, &s, &e));
    assert_int_equal(s.docs, 3);
    assert_int_equal(s.problems_total, 1);
    assert_non_null(strstr(s.problems[0].hint.p, "replaces the earlier"));
}

/* --- real files, figures as counted by hand in them --- */

static void real_messages(void **state) {
    (void)state;
    static const struct {
        const char *name, *dialect, *want;
        size_t problems;
    } cases[] = {
        {"desadv/D96ADESADV.edi", "edifact-desadv",
         "shipment Y02197250/ 2016-07-26 9780738507330 1  - - counterparty=01131116 reference=6877871|shipment "
         "Y02197250/ "
         "2016-07-26 9781568361871 1  - - counterparty=01131116 reference=6877871|",
         1},
        {"desadv/desadv2.edi", "edifact-desadv",
         "shipment DOCNUM/ 1999-12-31 8712345678906 123  - - counterparty=8712345678906 reference=BYORDNUM "
         "batch=BATCHNUMBER|",
         0},
        {"desadv/edifabric_eancom_desadv.txt", "edifact-desadv",
         "shipment DES587441/ 2002-04-03 5410738000152 20  - - counterparty=5412345123453 reference=12332 "
         "codes=354107380000001051|shipment DES587441/ 2002-04-03 5410738000169 5  - - counterparty=5412345123453 "
         "reference=12332 codes=354107380000001068|shipment DES587441/ 2002-04-03 5410738000176 3  - - "
         "counterparty=5412345123453 reference=12332 codes=354107380000001068|shipment DES587441/ 2002-04-03 "
         "5410738000183 "
         "12  - - counterparty=5412345123453 reference=12332 codes=354107380000001068|",
         2},
        {"recadv/smooks_recadv.txt", "edifact-recadv",
         "receipt 20220808112809950/ 2022-08-23 1000629 200 PCE - - counterparty=FR21 batch=U23362|", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(docset) s = {0};
        AUTO(buf) bytes = {0}, got = {0};
        char path[PATH_SIZE], name[256];
        err e = {0};
        docset_init(&s);
        (void)snprintf(name, sizeof name, "data/edi_edifact/%s", cases[i].name);
        if (!shared_path(name, path, sizeof path)) skip();
        if (!file_read(path, LIMIT_FILE_BYTES, &bytes, &e)) fail_msg("%s", e.text);
        source in = {.name = cases[i].name, .bytes = buf_str(&bytes)};
        if (!formats_read(&in, NULL, &s, &e)) fail_msg("%s", e.text);
        put_lines(&got, &s);
        assert_string_equal(buf_z(&got), cases[i].want);
        assert_true(str_is(s.dialect, cases[i].dialect));
        assert_int_equal(s.problems_total, cases[i].problems);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inventory_reports),
        cmocka_unit_test(despatch_advices),
        cmocka_unit_test(receiving_advices),
        cmocka_unit_test(cancellations_have_no_lines),
        cmocka_unit_test(goods_for_nothing_are_gifts),
        cmocka_unit_test(a_number_twice_in_a_file),
        cmocka_unit_test(real_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
