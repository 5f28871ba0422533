/* links: maths */
#include "maths/similar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static uint32_t alike(const char *a, const char *a_spec, const char *b, const char *b_spec) {
    similar_text x, y;
    similar_read(str_of(a), str_of(a_spec), &x);
    similar_read(str_of(b), str_of(b_spec), &y);
    assert_int_equal(similar_of(&x, &y), similar_of(&y, &x));
    return similar_of(&x, &y);
}

static const struct pair {
    const char *a, *a_spec, *b, *b_spec;
    uint32_t least, most; /* thousandths */
} pairs[] = {
    {"清泉矿泉水", "550ml*24", "清泉矿泉水", "550ml*24", 1000, 1000},
    {"清泉矿泉水", "550ML×24瓶", "清泉矿泉水 550ml*24", "", 1000, 1000},
    {"清泉　矿泉水（新包装）", "５５０ｍｌ＊２４", "清泉矿泉水", "550毫升*24", 700, 1000},
    {"果然橙汁", "1L*12", "果然橙汁", "1000ml*12", 1000, 1000},
    {"果然橙汁", "0.5升", "果然橙汁", "500ml", 1000, 1000},
    {"大米", "5kg", "大米", "10斤", 1000, 1000},
    {"清泉矿泉水", "", "清泉矿泉水", "550ml*24", 900, 900},
    {"清泉矿泉水", "550ml", "清泉矿泉水", "550ml*24", 500, 500},
    {"清泉 矿泉水 促销装", "550ml*24", "清泉矿泉水", "550ml*24", 1000, 1000},
    {"清泉纯净水", "550ml*24", "清泉矿泉水", "550ml*24", 200, 600},
    {"茅台酒 53度", "500ml", "茅台酒 43度", "500ml", 0, 0},
    {"清泉矿泉水", "550ml*24", "清泉矿泉水", "550ml*12", 0, 0},
    {"清泉矿泉水", "550ml", "清泉矿泉水", "1.5L", 0, 0},
    {"清泉矿泉水", "550ml", "果然橙汁", "550ml", 0, 0},
    {"Vitamin B12 tablets", "100片", "vitamin b12 TABLETS", "100 片", 1000, 1000},
    {"Vitamin B12 tablets", "100片", "Vitamin B6 tablets", "100片", 700, 900},
    {"", "", "清泉矿泉水", "", 0, 0},
    {"", "", "", "", 0, 0},
};

static void good_and_bad_pairs(void **state) {
    bool ok = true;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        const struct pair *p = &pairs[i];
        uint32_t v = alike(p->a, p->a_spec, p->b, p->b_spec);
        if (v >= p->least * 1000 && v <= p->most * 1000) continue;
        print_message("%s %s | %s %s: %u\n", p->a, p->a_spec, p->b, p->b_spec, v);
        ok = false;
    }
    assert_true(ok);
}

static void packs(void **state) {
    similar_text a, b;
    (void)state;
    similar_read(STR("清泉 550ml"), STR("550ml*24"), &a);
    assert_int_equal(a.packs, 2);
    similar_read(STR("清泉"), STR("24×0.55L"), &b);
    assert_true(similar_same_pack(&a, &b));
    similar_read(STR("清泉"), STR("瓶"), &b);
    assert_false(similar_same_pack(&a, &b));
}

/* More letters than are kept, and what no text should hold. */
static void long_texts_are_cut(void **state) {
    char text[4096];
    similar_text a;
    (void)state;
    memset(text, 'x', sizeof text);
    similar_read(str_from(text, sizeof text), str_from(text, sizeof text), &a);
    assert_int_equal(a.bigrams, SIMILAR_BIGRAMS);
    memset(text, '7', sizeof text);
    for (size_t i = 1; i < sizeof text; i += 2) text[i] = '*';
    similar_read(str_from(text, sizeof text), STR(""), &a);
    assert_int_equal(a.packs, 1);
    memset(text, '9', sizeof text);
    similar_read(str_from(text, sizeof text), STR("kg"), &a);
    assert_true(a.packs <= SIMILAR_PACKS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_and_bad_pairs),
        cmocka_unit_test(packs),
        cmocka_unit_test(long_texts_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
