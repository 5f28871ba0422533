/* links: journal formats */
#include "daemon/rebate/books.h"
#include "daemon/rebate/policies.h"
/* tests/unit/books.h has a world of that name too */
#define books       ledger_books
#define books_open  ledger_open
#define books_flows ledger_flows
#include "tests/unit/books.h"
#undef books
#undef books_open
#undef books_flows

/* A policy that stops at its budget: 50.00 in the first quarter, 70.00 in the second (two partners), 10.00 in the third. */

typedef struct world {
    ledger_books w;
    policy p;
} world;

static void open_world(world *x, const char *budget) {
    AUTO(buf) yaml = {0};
    err e;
    buf_printf(&yaml,
               "metadata: {name: b}\nspec:\n  effective: {from: 2025-01-01, to: 2025-12-31}\n  basis: sell_out\n"
               "  period: quarter\n  stages: {any: {mechanism: flat, rate: 10%%}}\n  budget: {%s}\n",
               budget);
    ledger_open(&x->w);
    books_partners(&x->w);
    books_products(&x->w);
    (void)books_push_csv(&x->w, "D1",
                         "type,number,date,sku,quantity,amount\nsale,A1,2025-01-20,P1,10,300.00\n"
                         "sale,A2,2025-04-20,P1,10,200.00\nsale,A3,2025-07-01,P1,10,100.00\n");
    (void)books_push_csv(&x->w, "D2",
                         "type,number,date,sku,quantity,amount\nsale,B1,2025-02-20,P1,10,200.00\n"
                         "sale,B2,2025-05-20,P1,10,500.00\n");
    if (!policy_parse(buf_str(&yaml), &x->p, &e)) fail_msg("%s", e.text);
}

static void close_world(world *x) {
    policy_free(&x->p);
    books_close(&x->w);
}

/* "D1 Q1 amount cut, …" of what is asked. */
static void evaluated(world *x, const books_ask *ask, buf *out) {
    AUTO(books) b = {0};
    AUTO(arena) a = {0};
    books_result r;
    err e;
    txn *t = books_read(&x->w);
    arena_init(&a, SIZE_MAX);
    if (!books_open(t, day_of(2025, 8, 1), &b, &e) || !books_evaluate(&b, &x->p, ask, &a, &r, &e))
        fail_msg("%s", e.text);
    for (const rebate_line *l = r.lines.first; l; l = l->next)
        buf_printf(out, "%.*s %d %lld %lld\n", STR_ARG(b.world.partner[l->partner].id), (int)(l->period % 4),
                   (long long)l->amount, (long long)l->cut);
    books_auto(&b);
    b = (books){0};
    txn_abort(&t);
}

static void it_stops_to_the_fen(void **state) {
    (void)state;
    static const struct {
        const char *budget, *lines;
    } cases[] = {
        {"amount: 130, stop: true", "D1 0 3000 0\nD1 1 2000 0\nD1 2 1000 0\nD2 0 2000 0\nD2 1 5000 0\n"},
        {"amount: 129.99, stop: true", "D1 0 3000 0\nD1 1 2000 0\nD1 2 999 1\nD2 0 2000 0\nD2 1 5000 0\n"},
        {"amount: 120, stop: true", "D1 0 3000 0\nD1 1 2000 0\nD1 2 0 1000\nD2 0 2000 0\nD2 1 5000 0\n"},
        {"amount: 119.99, stop: true", "D1 0 3000 0\nD1 1 2000 0\nD1 2 0 1000\nD2 0 2000 0\nD2 1 4999 1\n"},
        {"amount: 50, stop: true", "D1 0 3000 0\nD1 1 0 2000\nD1 2 0 1000\nD2 0 2000 0\nD2 1 0 5000\n"},
        {"amount: 0.01, stop: true", "D1 0 1 2999\nD1 1 0 2000\nD1 2 0 1000\nD2 0 0 2000\nD2 1 0 5000\n"},
        {"amount: 1, stop: false", "D1 0 3000 0\nD1 1 2000 0\nD1 2 1000 0\nD2 0 2000 0\nD2 1 5000 0\n"},
        {"amount: 1, warn: 80%", "D1 0 3000 0\nD1 1 2000 0\nD1 2 1000 0\nD2 0 2000 0\nD2 1 5000 0\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(buf) found = {0};
        world x;
        open_world(&x, cases[i].budget);
        evaluated(&x, &(books_ask)BOOKS_ALL, &found);
        if (!str_is(buf_str(&found), cases[i].lines))
            fail_msg("%s:\n%swanted\n%s", cases[i].budget, buf_z(&found), cases[i].lines);
        close_world(&x);
    }
}

/* One partner or period asked for alone has what it has among all. */
static void a_part_is_as_among_all(void **state) {
    (void)state;
    AUTO(buf) found = {0};
    world x;
    partner d2;
    books_ask ask = BOOKS_ALL;
    open_world(&x, "amount: 110, stop: true");
    txn *t = books_read(&x.w);
    assert_true(partner_by_id(t, STR("D2"), &d2));
    txn_abort(&t);
    ask.partner = d2.no;
    evaluated(&x, &ask, &found);
    assert_string_equal(buf_z(&found), "D2 0 2000 0\nD2 1 4286 714\n"); /* 60 are left for 70 */
    buf_clear(&found);
    ask.first = ask.last = period_of(PERIOD_QUARTER, day_of(2025, 4, 1));
    ask.trace = true;
    evaluated(&x, &ask, &found);
    assert_string_equal(buf_z(&found), "D2 1 4286 714\n");
    close_world(&x);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_stops_to_the_fen),
        cmocka_unit_test(a_part_is_as_among_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
