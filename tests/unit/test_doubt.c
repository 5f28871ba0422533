/* links: formats */
#include "formats/clerk.h"
#include "formats/doubt.h"
#include "formats/formats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

/* What the sender of these tests is known for: P1 in bottles, ten at 2.00, never more than 12. */
typedef struct sender {
    uint32_t samples;
    uint32_t lines;      /* of every document before; 0: none */
    uint64_t span_lines; /* in the span to replace */
} sender;

static bool usual_of(void *self, doc_type type, str sku, str unit, usual_figures *out) {
    const sender *s = self;
    *out = (usual_figures){.samples = s->samples, .quantity = 10000, .most = 12000, .price = 2000000};
    return type == TYPE_SALE && str_is(sku, "P1") && str_is(unit, "瓶");
}

static size_t factors_of(void *self, str sku, int64_t out[static DOUBT_FACTORS]) {
    (void)self;
    out[0] = 24;
    return str_is(sku, "P1") ? 1 : 0;
}

static bool lines_of(void *self, const docset *d, size_t doc, uint32_t *lines) {
    const sender *s = self;
    (void)d, (void)doc;
    *lines = s->lines;
    return s->lines > 0;
}

static uint64_t span_of(void *self, const docset *d) {
    (void)d;
    return ((const sender *)self)->span_lines;
}

static int company_of(void *self, str name, str *own) {
    (void)self;
    *own = STR("杭州甲公司");
    return str_is(name, "杭州甲公司");
}

/* "rule column found usual;" of every doubt. */
static void doubts_of(const char *name, const char *text, sender s, const doubt_view *with, buf *out) {
    AUTO(docset) d = {0};
    AUTO(doubts) found = {0};
    AUTO(buf) titles = {0};
    err e = {0};
    doubt_view v = *with;
    source in = {.name = name, .bytes = str_of(text)};
    v.self = &s;
    docset_init(&d);
    doubts_init(&found);
    if (!formats_read(&in, NULL, &d, &e)) fail_msg("%s", e.text);
    formats_head(SOURCE(str_of(text)), &titles);
    doubts_find(&d, buf_str(&titles), &v, &found);
    for (size_t i = 0; i < found.n; i++)
        buf_printf(out, "%s %.*s %.*s %.*s;", doubt_rule_name(found.one[i].rule), STR_ARG(found.one[i].column),
                   STR_ARG(found.one[i].found), STR_ARG(found.one[i].usual));
}

#define HEAD       "date,type,number,sku,spec,quantity,unit,unit_price\n"
#define LINE(x, y) HEAD "2026-06-01,sale,A," x "," y "\n"

static void good_and_bad(void **state) {
    (void)state;
    doubt_view v = {.usual = usual_of,
                    .factors = factors_of,
                    .lines = lines_of,
                    .span_lines = span_of,
                    .company = company_of,
                    .today = day_of(2026, 6, 30),
                    .oldest = day_of(2026, 1, 1)};
    static const struct {
        const char *what, *name, *text;
        sender s;
        const char *doubts;
    } cases[] = {
        {"as usual", "a.csv", LINE("P1,", "12,瓶,2.10"), {3, 0, 0}, ""},
        {"price × 5", "a.csv", LINE("P1,", "12,瓶,10"), {3, 0, 0}, "price unit_price 10 2;"},
        {"price just below", "a.csv", LINE("P1,", "12,瓶,9.999999"), {3, 0, 0}, ""},
        {"the price of a case", "a.csv", LINE("P1,", "1,瓶,46"), {3, 0, 0}, "pack unit_price 46 2 (× 24);"},
        {"a tenth off", "a.csv", LINE("P1,", "1,瓶,52.8"), {3, 0, 0}, "pack unit_price 52.8 2 (× 24);"},
        {"more than a tenth off", "a.csv", LINE("P1,", "1,瓶,52.801"), {3, 0, 0}, "price unit_price 52.801 2;"},
        {"the spec's beside the catalogue's",
         "a.csv",
         LINE("P1,500ml*6", "1,瓶,48"),
         {3, 0, 0},
         "pack unit_price 48 2 (× 24);"},
        {"the factor of the spec", "a.csv", LINE("P1,500ml*6", "1,瓶,12"), {3, 0, 0}, "pack unit_price 12 2 (× 6);"},
        {"a bottle's price for a case",
         "a.csv",
         LINE("P1,1×24", "1,瓶,0.083"),
         {3, 0, 0},
         "pack unit_price 0.083 2 (× 24);"},
        {"quantity × 5", "a.csv", LINE("P1,", "50,瓶,2"), {3, 0, 0}, "quantity quantity 50 10;"},
        {"below", "a.csv", LINE("P1,", "49,瓶,2"), {3, 0, 0}, ""},
        {"returns count alike", "a.csv", LINE("P1,", "-50,瓶,2"), {3, 0, 0}, "quantity quantity 50 10;"},
        {"near the pack", "a.csv", LINE("P1,", "240,瓶,2"), {3, 0, 0}, "pack quantity 240 10 (× 24);"},
        {"too few samples", "a.csv", LINE("P1,", "50,瓶,10"), {2, 0, 0}, ""},
        {"another unit", "a.csv", LINE("P1,", "50,箱,48"), {3, 0, 0}, ""},
        {"tomorrow is fine", "a.csv", HEAD "2026-07-01,sale,A,P1,,1,瓶,2\n", {0}, ""},
        {"the day after",
         "a.csv",
         HEAD "2026-07-02,sale,A,P1,,1,瓶,2\n",
         {0},
         "future date 2026-07-02 2026-01-01..2026-06-30;"},
        {"open", "a.csv", HEAD "2026-01-01,sale,A,P1,,1,瓶,2\n", {0}, ""},
        {"closed",
         "a.csv",
         HEAD "2025-12-31,sale,A,P1,,1,瓶,2\n",
         {0},
         "closed date 2025-12-31 2026-01-01..2026-06-30;"},
        {"the month of the name", "2026年5月.csv", LINE("P1,", "1,瓶,2"), {0}, "month date 2026-06-01 2026-05;"},
        {"the same month", "销售_202606.csv", LINE("P1,", "1,瓶,2"), {0}, ""},
        {"two months", "2026-05至2026-06.csv", LINE("P1,", "1,瓶,2"), {0}, ""},
        {"a day is no month", "20260501.csv", LINE("P1,", "1,瓶,2"), {0}, ""},
        {"our title", "a.csv", "杭州甲公司 销售明细\n" LINE("P1,", "1,瓶,2"), {0}, ""},
        {"another's title",
         "a.csv",
         "单位：宁波乙公司\n" LINE("P1,", "1,瓶,2"),
         {0},
         "partner title 宁波乙公司 杭州甲公司;"},
        {"half is there", "a.csv", LINE("P1,", "1,瓶,2"), {0, 2, 0}, ""},
        {"most is missing", "a.csv", LINE("P1,", "1,瓶,2"), {0, 4, 0}, "dropped lines 1 (A) 4;"},
        {"most of the span is missing", "a.csv", LINE("P1,", "1,瓶,2"), {0, 0, 40}, "dropped lines 1 40;"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(buf) found = {0};
        doubts_of(cases[i].name, cases[i].text, cases[i].s, &v, &found);
        if (!str_is(buf_str(&found), cases[i].doubts))
            fail_msg("%s\n  found:  %s\n  wanted: %s", cases[i].what, buf_z(&found), cases[i].doubts);
    }
}

static void nothing_known_nothing_doubted(void **state) {
    (void)state;
    AUTO(buf) found = {0};
    doubt_view v = {.today = day_of(2026, 6, 30), .oldest = DAY_MIN};
    doubts_of("a.csv", LINE("P1,", "5000,瓶,900"), (sender){0}, &v, &found);
    assert_int_equal(found.n, 0);
}

static void many_are_counted(void **state) {
    (void)state;
    AUTO(docset) d = {0};
    AUTO(doubts) found = {0};
    AUTO(buf) text = {0};
    err e = {0};
    doubt_view v = {.today = day_of(2026, 6, 30), .oldest = DAY_MIN};
    buf_addz(&text, HEAD);
    for (int i = 0; i < LIMIT_DOUBTS + 1; i++) buf_printf(&text, "2027-01-01,sale,A%d,P1,,1,瓶,2\n", i);
    source in = {.name = "a.csv", .bytes = buf_str(&text)};
    docset_init(&d);
    doubts_init(&found);
    assert_true(formats_read(&in, NULL, &d, &e));
    doubts_find(&d, STR(""), &v, &found);
    assert_int_equal(found.n, LIMIT_DOUBTS);
    assert_int_equal(found.total, LIMIT_DOUBTS + 1);
}

static void factors(void **state) {
    (void)state;
    static const struct {
        const char *spec;
        int64_t wanted[DOUBT_FACTORS];
    } cases[] = {
        {"500ml*12", {12}}, {"1×24", {24}}, {"12瓶/箱", {12}}, {"550mlx6x4", {6, 4}}, {"1L", {0}},
        {"", {0}},          {"*1", {0}},    {"*1001", {0}},    {"24", {0}},           {"*6*6", {6}},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t found[DOUBT_FACTORS] = {0};
        size_t n = doubt_factors(str_of(cases[i].spec), found), wanted = 0;
        while (wanted < DOUBT_FACTORS && cases[i].wanted[wanted]) wanted++;
        if (n != wanted || memcmp(found, cases[i].wanted, n * sizeof *found) != 0) fail_msg("%s", cases[i].spec);
    }
}

static void a_clerk_reads_chinese(void **state) {
    (void)state;
    char room[256];
    assert_true(str_is(clerk_text(true, STR("a product code"), room, sizeof room), "商品编码"));
    assert_true(str_is(clerk_text(false, STR("a product code"), room, sizeof room), "a product code"));
    assert_true(
        str_is(clerk_text(true, STR("it was rounded; no action needed"), room, sizeof room), "已四舍五入；不用处理"));
    assert_true(str_is(clerk_text(true, STR("its check digit is wrong; unheard of"), room, sizeof room),
                       "条码校验位不对，请核对；unheard of"));
    /* words of the file stand where the star is; a text that only begins alike stays */
    static const struct {
        const char *en, *zh;
    } spoken[] = {
        {"no type column: read as receipt, from '采购入库'", "没有单据类型列：按 入库 读，依据“采购入库”"},
        {"no type column: read as receipt", "no type column: read as receipt"},
        {"title above the header: a: b", "表头上面的标题：a: b"},
        {"title above the header: ", "表头上面的标题："},
        {"44, as counted here; ask the sender to mend the reference", "44（按内容数出来的）；请发送方改正参考号"},
        {"column '甲' is not read: date is taken from '乙'", "“甲”列不读：date 取自“乙”"},
    };
    for (size_t i = 0; i < ARRAY_LEN(spoken); i++)
        if (!str_is(clerk_text(true, str_of(spoken[i].en), room, sizeof room), spoken[i].zh))
            fail_msg("%s: %.*s", spoken[i].en, STR_ARG(clerk_text(true, str_of(spoken[i].en), room, sizeof room)));
    assert_true(
        str_is(clerk_text(true, STR("it was rounded; no action needed"), room, 8), "it was rounded; no action needed"));
    assert_true(str_is(clerk_column(true, STR("sku")), "商品编码"));
    assert_true(str_is(clerk_column(false, STR("sku")), "sku"));
    for (doubt_rule r = 0; r < DOUBT_RULE_COUNT; r++) {
        const str said[] = {str_of(doubt_rule_hint(r)), str_of(doubt_rule_before(r))};
        for (size_t i = 0; i < ARRAY_LEN(said); i++)
            if (str_eq(clerk_text(true, said[i], room, sizeof room), said[i])) fail_msg("no Chinese: %s", said[i].p);
    }
}

static void a_company_by_many_names(void **state) {
    (void)state;
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        {"杭州聚源商贸有限公司", "杭州聚源商贸有限公司", true},
        {"杭州聚源商贸有限公司", "聚源商贸", true},
        {"聚源", "杭州聚源商贸有限责任公司", true},
        {"杭州 聚源　商贸有限公司", "杭州聚源商贸", true},
        {"杭州一级经销商", "杭州一级经销商有限公司", true},
        {"杭州聚源商贸有限公司", "杭州永盛商贸有限公司", false},
        {"杭州聚源", "宁波聚源", false},
        {"公司", "杭州聚源公司", false}, /* a form alone says nothing of whose it is */
        {"公司", "杭州聚源商行", false},
        {"", "杭州聚源公司", false},
        {"Acme Trading", "Acme Trading 公司", true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        str a = str_of(cases[i].a), b = str_of(cases[i].b);
        if (doubt_same_company(a, b) != cases[i].same || doubt_same_company(b, a) != cases[i].same)
            fail_msg("%s | %s", cases[i].a, cases[i].b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_and_bad),          cmocka_unit_test(nothing_known_nothing_doubted),
        cmocka_unit_test(many_are_counted),      cmocka_unit_test(factors),
        cmocka_unit_test(a_clerk_reads_chinese), cmocka_unit_test(a_company_by_many_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
