/* links: ledger */
#include "base/rng.h"
#include "daemon/ledger/posting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static posting sample(arena *a, uint32_t rows, uint64_t seed) {
    static str texts[] = {{"", 0}, {"main", 4}, {"online", 6}};
    rng r = {seed};
    posting p = {.content = 2, .posted = rows, .quarantine = 2, .text = texts, .texts = 3, .rows = rows};
    p.row = ARENA_NEW(a, posted, rows + 1);
    bool same = rng_below(&r, 2) == 0;
    for (uint32_t i = 0; i < rows; i++)
        p.row[i] = (posted){.partner = same ? 7 : (uint32_t)rng_below(&r, 50),
                            .product = (uint32_t)rng_below(&r, 300),
                            .customer = same ? 0 : (uint32_t)rng_below(&r, 300) + 1,
                            .counterparty = (uint32_t)rng_below(&r, 3),
                            .home = 3,
                            .region = (uint32_t)rng_next(&r),
                            .province = (uint32_t)rng_below(&r, 35),
                            .brand = (uint32_t)rng_below(&r, 4),
                            .currency = currency_no(STR("CNY")),
                            .company = (uint32_t)rng_below(&r, 3),
                            .channel = (uint32_t)rng_below(&r, 3),
                            .line = i,
                            .day = (day_t)(20000 - (int)rng_below(&r, 3)),
                            .quantity = (int64_t)rng_below(&r, 1000000) - 500000,
                            .amount = rng_below(&r, 5) ? (int64_t)rng_below(&r, 1000000) - 500000 : NUM_NONE,
                            .kind = FLOW_SELL_OUT,
                            .source = (uint8_t)rng_below(&r, 4)};
    static uint32_t lines[] = {3, 4, 900};
    static waiting waits[] = {{.reason = 1, .word = {"QQ", 2}, .line = lines, .lines = 3, .amount = -5},
                              {.reason = 6, .soft = true, .word = {"", 0}, .line = lines, .lines = 1}};
    p.wait = waits;
    p.waits = 2;
    return p;
}

static void survives_its_stored_form(void **state) {
    (void)state;
    static const uint32_t sizes[] = {0, 1, 2, 40, 4096};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        AUTO(arena) a = {0};
        AUTO(buf) b = {0};
        posting out;
        arena_init(&a, SIZE_MAX);
        posting in = sample(&a, sizes[i], i);
        for (uint32_t k = 0; k < sizes[i]; k++) in.row[k].rebated = i > 1 && k % i == 1;
        posting_encode(&in, &b);
        assert_true(posting_decode(buf_str(&b), &a, &out));
        assert_true(out.content == 2 && out.posted == sizes[i] && out.quarantine == 2 && out.rows == sizes[i]);
        for (uint32_t k = 0; k < sizes[i]; k++) {
            const posted *x = &in.row[k], *y = &out.row[k];
            assert_true(x->partner == y->partner && x->product == y->product && x->customer == y->customer);
            assert_true(x->counterparty == y->counterparty && x->home == y->home && x->region == y->region);
            assert_true(x->province == y->province && x->brand == y->brand);
            assert_true(x->currency == y->currency && x->company == y->company && x->channel == y->channel);
            assert_true(x->line == y->line && x->day == y->day && x->quantity == y->quantity);
            assert_true(x->amount == y->amount && x->kind == y->kind && x->source == y->source &&
                        x->rebated == y->rebated);
        }
        assert_true(out.texts == 3 && str_is(out.text[2], "online"));
        assert_true(out.waits == 2 && out.wait[0].lines == 3 && out.wait[0].line[2] == 900);
        assert_true(out.wait[0].amount == -5 && out.wait[1].soft && str_is(out.wait[0].word, "QQ"));
        assert_int_equal(posting_lines(buf_str(&b)), sizes[i] + 2);
    }
}

static void amounts_at_the_ends(void **state) {
    (void)state;
    static const int64_t amounts[] = {0, 1, -1, NUM_NONE, 100000000000000LL, -100000000000000LL};
    AUTO(arena) a = {0};
    AUTO(buf) b = {0};
    posting out, in = {.rows = ARRAY_LEN(amounts)};
    arena_init(&a, SIZE_MAX);
    str empty = STR("");
    in.text = &empty;
    in.texts = 1;
    in.row = ARENA_NEW(&a, posted, ARRAY_LEN(amounts));
    for (size_t i = 0; i < ARRAY_LEN(amounts); i++) in.row[i].amount = amounts[i];
    posting_encode(&in, &b);
    assert_true(posting_decode(buf_str(&b), &a, &out));
    for (size_t i = 0; i < ARRAY_LEN(amounts); i++) assert_true(out.row[i].amount == amounts[i]);
}

/* Whatever is cut off or changed: refused or read, never beyond its bytes (the sanitizers watch). */
static void damage_is_survived(void **state) {
    (void)state;
    AUTO(arena) a = {0};
    AUTO(buf) b = {0};
    posting out;
    rng r = {5};
    arena_init(&a, SIZE_MAX);
    posting in = sample(&a, 40, 1);
    in.row[7].rebated = 1;
    posting_encode(&in, &b);
    for (size_t n = 0; n < b.n; n++) assert_false(posting_decode(str_take(buf_str(&b), n), &a, &out));
    for (int i = 0; i < 5000; i++) {
        size_t at = (size_t)rng_below(&r, b.n);
        char was = b.p[at];
        b.p[at] = (char)rng_next(&r);
        (void)posting_decode(buf_str(&b), &a, &out);
        (void)posting_has_customer(buf_str(&b), 7);
        b.p[at] = was;
        arena_reset(&a);
    }
}

static void a_customer_is_found(void **state) {
    (void)state;
    AUTO(arena) a = {0};
    arena_init(&a, SIZE_MAX);
    for (uint64_t seed = 0; seed < 20; seed++) {
        AUTO(buf) b = {0};
        posting in = sample(&a, 40, seed);
        bool seen[400] = {false};
        posting_encode(&in, &b);
        for (uint32_t i = 0; i < in.rows; i++) seen[in.row[i].customer] = true;
        for (uint32_t c = 1; c < 400; c++)
            if (posting_has_customer(buf_str(&b), c) != seen[c]) fail_msg("customer %u", c);
    }
}

/* About what a document of 40 lines costs on disk. */
static void is_small(void **state) {
    (void)state;
    AUTO(arena) a = {0};
    AUTO(buf) b = {0};
    arena_init(&a, SIZE_MAX);
    posting in = sample(&a, 40, 2);
    for (uint32_t i = 0; i < in.rows; i++) {
        posted *x = &in.row[i];
        x->partner = 7;
        x->region = 3000 + i % 3;
        x->province = 12;
        x->brand = i % 2;
        x->counterparty = x->company = x->channel = 0;
        x->source = REGION_STATED;
        x->day = 20000;
    }
    posting_encode(&in, &b);
    assert_in_range(b.n, 40 * 6, 40 * 16);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives_its_stored_form),
        cmocka_unit_test(amounts_at_the_ends),
        cmocka_unit_test(damage_is_survived),
        cmocka_unit_test(a_customer_is_found),
        cmocka_unit_test(is_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
