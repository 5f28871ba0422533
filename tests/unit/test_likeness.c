/* links: command */
#include "daemon/command/customers.h"
#include "daemon/command/likeness.h"
#include "daemon/command/suggest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const char *const shops[] = {"城西便利店", "城西便利超市", "龙井茶庄", "龙井茶庄", "西湖文具", "X"};

typedef struct asked {
    similar_text text[ARRAY_LEN(shops)], of;
    size_t compared;
} asked;

static uint32_t compare(void *arg, uint32_t no, bool *same_pack) {
    asked *k = arg;
    *same_pack = false;
    k->compared++;
    return similar_words(&k->of, &k->text[no]);
}

static likeness_index *index_of(asked *k) {
    likeness_index *l = likeness_new();
    for (size_t i = 0; i < ARRAY_LEN(shops); i++) {
        similar_read(str_of(shops[i]), STR(""), &k->text[i]);
        likeness_add(l, &k->text[i]);
    }
    return l;
}

static size_t find(likeness_index *l, asked *k, const char *name, uint32_t least, likeness *best, size_t max) {
    k->compared = 0;
    similar_read(str_of(name), STR(""), &k->of);
    return likeness_find(l, &k->of, least, compare, k, best, max);
}

static void the_best_first_equals_in_order(void **state) {
    asked k;
    likeness best[3];
    likeness_index *l = index_of(&k);
    (void)state;
    assert_int_equal(find(l, &k, "城西便利店", 300000, best, 3), 2);
    assert_int_equal(best[0].no, 0);
    assert_int_equal(best[0].score, SIMILAR_ONE);
    assert_int_equal(best[1].no, 1);
    assert_int_equal(k.compared, 2); /* the others share no bigram */
    assert_int_equal(find(l, &k, "龙井茶庄", 500000, best, 3), 2);
    assert_true(best[0].no == 2 && best[1].no == 3);
    assert_int_equal(find(l, &k, "龙井茶庄", 500000, best, 1), 1);
    assert_int_equal(best[0].no, 2);
    assert_int_equal(find(l, &k, "x", 500000, best, 3), 1);
    assert_int_equal(find(l, &k, "东坡酒家", 1, best, 3), 0);
    assert_int_equal(find(l, &k, "", 0, best, 3), 0);
    likeness_free(l);
}

static void an_empty_index_finds_nothing(void **state) {
    asked k;
    likeness best[1];
    likeness_index *l = likeness_new();
    (void)state;
    assert_int_equal(find(l, &k, "城西便利店", 0, best, 1), 0);
    likeness_free(l);
}

static void codes_and_names_as_compared(void **state) {
    static const struct {
        const char *code, *as;
    } codes[] = {{"kf 10", "KF10"}, {"KF-0010", "KF10"}, {"ｋｆ＿００１０", "KF10"},
                 {"000123", "123"}, {"0", "0"},          {"A0B", "A0B"},
                 {"A-0.5", "A5"},   {"10", "10"},        {"", ""},
                 {"---", ""}};
    static const struct {
        const char *name, *as;
    } names[] = {{"城西(便利)店", "城西便利店"},
                 {"龙井　茶庄有限公司", "龙井茶庄"},
                 {"有限公司", "有限公司"},
                 {"A&B Shop", "abshop"},
                 {"", ""}};
    AUTO(arena) a = {0};
    (void)state;
    arena_init(&a, 1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        AUTO(buf) room = {0};
        str found = code_normalised(str_of(codes[i].code), &room);
        if (!str_is(found, codes[i].as)) fail_msg("%s: %.*s", codes[i].code, STR_ARG(found));
    }
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        str found = name_plain(str_of(names[i].name), &a);
        if (!str_is(found, names[i].as)) fail_msg("%s: %.*s", names[i].name, STR_ARG(found));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_first_equals_in_order),
        cmocka_unit_test(an_empty_index_finds_nothing),
        cmocka_unit_test(codes_and_names_as_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
