/* links: base */
#include "base/map.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdio.h>

enum { MANY = 20000 };

static void values_are_found_again(void **state) {
    (void)state;
    static char text[MANY][12];
    AUTO(map) m = {0};
    bool created;
    assert_null(map_find(&m, STR("x")));
    for (size_t i = 0; i < MANY; i++) {
        (void)snprintf(text[i], sizeof text[i], "%zx", i * 7919);
        uint64_t *v = map_at(&m, str_of(text[i]), &created);
        assert_true(created && *v == 0);
        *v = i + 1;
    }
    assert_int_equal(m.used, MANY);
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(*map_find(&m, str_of(text[i])), i + 1);
        assert_int_equal(*map_at(&m, str_of(text[i]), &created), i + 1);
        assert_false(created);
    }
    assert_null(map_find(&m, STR("not there")));
}

static void the_empty_text_is_a_key(void **state) {
    (void)state;
    AUTO(map) m = {0};
    *map_at(&m, STR_NONE, NULL) = 5;
    assert_int_equal(*map_find(&m, STR("")), 5);
    assert_int_equal(*map_at(&m, STR(""), NULL), 5);
    assert_int_equal(m.used, 1);
    *map_at(&m, STR("\0"), NULL) = 6; /* one NUL is another key */
    assert_int_equal(*map_find(&m, STR_NONE), 5);
}

static void words_are_numbered_by_first_sight(void **state) {
    (void)state;
    AUTO(words) w = {0};
    words_init(&w, SIZE_MAX);
    char text[16] = "first";
    assert_int_equal(words_add(&w, str_of(text)), 0);
    memset(text, 'x', 5); /* the word was copied */
    assert_int_equal(words_add(&w, STR("")), 1);
    assert_int_equal(words_add(&w, STR("first")), 0);
    assert_int_equal(words_add(&w, STR_NONE), 1);
    for (uint32_t i = 0; i < MANY; i++) {
        (void)snprintf(text, sizeof text, "w%u", i);
        assert_int_equal(words_add(&w, str_of(text)), i + 2);
    }
    assert_int_equal(w.n, MANY + 2);
    assert_true(str_is(words_get(&w, 0), "first") && str_is(words_get(&w, MANY + 1), text));
    assert_int_equal(words_get(&w, WORD_NONE).n, 0);
}

static void the_text_cap_is_kept(void **state) {
    (void)state;
    AUTO(words) w = {0};
    words_init(&w, 50);
    assert_int_equal(words_add(&w, STR("a word of 20 letters")), 0);
    assert_int_equal(words_add(&w, STR("another one of 22 more")), 1);
    assert_int_equal(words_add(&w, STR("one too many")), WORD_NONE);
    assert_int_equal(words_add(&w, STR("a word of 20 letters")), 0);
    assert_int_equal(w.n, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_found_again),
        cmocka_unit_test(the_empty_text_is_a_key),
        cmocka_unit_test(words_are_numbered_by_first_sight),
        cmocka_unit_test(the_text_cap_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
