/* links: journal formats */
#include "daemon/ledger/promoted.h"
#include "tests/unit/books.h"

#define HEAD "type,number,date,sku,quantity,unit,amount,customer,counterparty,place,gift\n"

typedef struct sent {
    const char *who, *rows;
} sent;
enum { FILES = 3 };

static void put_quantity(buf *b, const char *name, int64_t v) {
    if (v == 0) return;
    buf_printf(b, " %s ", name);
    if (v == NUM_NONE) buf_byte(b, '-');
    else
        dec_put(b, v, QUANTITY_SCALE, 0);
}

/* "J10 D1 P1 bought 20 due 2 given 3 over 1 cost 6.00; …" */
static const char *uses_text(books *w, const char *who) {
    AUTO(buf) b = {0};
    AUTO(arena) a = {0};
    AUTO(facts) f = {0};
    AUTO(promotions) p = {0};
    promotion_ask ask = {.from = DAY_MIN, .to = DAY_MAX};
    promotion_use *u;
    partner one;
    size_t n;
    txn *t = books_read(w);
    arena_init(&a, SIZE_MAX);
    facts_init(&f, t);
    if (who && partner_by_id(t, str_of(who), &one)) ask.partner = one.no;
    promotions_load(t, &a, &p);
    promotion_uses(&p, &f, &ask, &a, &u, &n);
    for (size_t i = 0; i < n; i++) {
        buf_printf(&b, "%.*s %.*s %.*s", STR_ARG(u[i].of->id), STR_ARG(partner_id(t, u[i].partner)),
                   STR_ARG(product_sku(t, u[i].product)));
        put_quantity(&b, "bought", u[i].bought);
        put_quantity(&b, "due", u[i].due);
        put_quantity(&b, "given", u[i].given);
        put_quantity(&b, "over", promotion_over(&u[i]));
        put_quantity(&b, "priced", u[i].priced);
        if (u[i].cost) buf_addz(&b, " cost ");
        if (u[i].cost) dec_put(&b, u[i].cost, 2, 2);
        if (u[i].below) buf_printf(&b, " below %u", u[i].below);
        if (u[i].unvalued) buf_printf(&b, " unvalued %u", u[i].unvalued);
        buf_addz(&b, "; ");
    }
    txn_abort(&t);
    return arena_str(&w->a, buf_str(&b)).p;
}

static void uses_are_counted(void **state) {
    (void)state;
    static const struct {
        const char *promotion_rows; /* promotion, title, products, partners, from, to, rule, budget, currency, flow */
        sent files[FILES];
        const char *who, *wanted;
    } cases[] = {
        {"A,,P1,,2026-06-01,2026-06-30,10送1\n",
         {{"D1", "sale,1,2026-06-01,P1,25,,50.00,甲,,,\nsale,1,2026-06-01,P1,3,,0,甲,,,\n"}},
         NULL,
         "A D1 P1 bought 25 due 2 given 3 over 1 cost 6.00; "},
        {"A,,P1,,2026-06-01,2026-06-30,10送1\n", /* two customers of one document, two lines of one customer */
         {{"D1", "sale,1,2026-06-01,P1,9,,18.00,甲,,,\nsale,1,2026-06-01,P1,9,,18.00,乙,,,\n"
                 "sale,1,2026-06-01,P1,1,,2.00,乙,,,\n"}},
         NULL,
         "A D1 P1 bought 19 due 1; "},
        {"A,,P1,,2026-06-01,2026-06-30,10送1\n", /* what comes back, comes back with its gift */
         {{"D1", "sale,1,2026-06-01,P1,30,,60.00,甲,,,\nsale,1,2026-06-01,P1,3,,0,甲,,,\n"},
          {"D1", "return,2,2026-06-05,P1,10,,20.00,甲,,,\nreturn,2,2026-06-05,P1,1,,0,甲,,,Y\n"}},
         NULL,
         "A D1 P1 bought 20 due 2 given 2 cost 4.00; "},
        {"A,,P1,,2026-06-01,2026-06-30,10送1\n", /* a shop's count with its distributor's, and each document once */
         {{"D1", "sale,1,2026-06-01,P1,10,,20.00,甲,,T1,\nsale,1,2026-06-02,P1,10,,20.00,甲,,,\n"},
          {"D2", "sale,1,2026-06-01,P1,10,,20.00,甲,,,\nsale,2,2026-07-01,P1,10,,20.00,甲,,,\n"}},
         NULL,
         "A D1 P1 bought 20 due 2; A D2 P1 bought 10 due 1; "},
        {"A,,P1,,2026-06-01,2026-06-30,10送1\n",
         {{"D1", "sale,1,2026-06-01,P1,10,,20.00,甲,,,\n"}, {"D2", "sale,1,2026-06-01,P1,10,,20.00,甲,,,\n"}},
         "D2",
         "A D2 P1 bought 10 due 1; "},
        {"A,,P1,,2026-06-01,2026-06-30,10送1\n", /* onward is sold too; receipts are the other end */
         {{"D1", "sale,1,2026-06-01,P1,10,,20.00,S1,,,\nreceipt,9,2026-06-01,P1,10,,,,,,\nreceipt,9,2026-06-01,P1,1,,0,"
                 ",,,Y\n"}},
         NULL,
         "A D1 P1 bought 10 due 1; "},
        {"A,,P1,,2026-06-01,,10箱送1瓶 P2,,,sell_in\n",
         {{"M", "shipment,1,2026-06-01,P1,25,箱,,,D1,,\nshipment,1,2026-06-01,P2,3,瓶,0,,D1,,\n"}},
         NULL,
         "A D1 P2 bought 600 due 2 given 3 over 1 cost 24.00; "},
        {"S,,P1,,2026-06-01,2026-06-30,特价 1.60\n",
         {{"D1", "sale,1,2026-06-01,P1,10,,16.00,甲,,,\nsale,1,2026-06-01,P1,10,,15.00,甲,,,\n"
                 "sale,1,2026-06-01,P1,10,,18.00,甲,,,\n"},
          {"D1", "return,2,2026-06-05,P1,10,,16.00,甲,,,\n"}},
         NULL,
         "S D1 P1 priced 10 cost 5.00 below 1; "},
        {"N,,P4,,2026-06-01,2026-06-30,10送1\n", /* a product without any price */
         {{"D1", "sale,1,2026-06-01,P4,1,,0,甲,,,\n"}},
         NULL,
         "N D1 P4 given 1 over 1 unvalued 1; "},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (int backwards = 0; backwards < 2; backwards++) {
            books w;
            size_t n = 0;
            books_open(&w);
            books_fill(&w);
            books_catalog(&w, "product", "P4,,salt,,,袋,,,,\n");
            while (n < FILES && cases[i].files[n].who) n++;
            if (!backwards) books_catalog(&w, "promotion", cases[i].promotion_rows);
            for (size_t k = 0; k < n; k++) {
                const sent *f = &cases[i].files[backwards ? n - 1 - k : k];
                char csv[1024];
                (void)snprintf(csv, sizeof csv, HEAD "%s", f->rows);
                (void)books_push_csv(&w, f->who, csv);
            }
            if (backwards) books_catalog(&w, "promotion", cases[i].promotion_rows); /* afterwards binds the same */
            const char *found = uses_text(&w, cases[i].who);
            if (strcmp(found, cases[i].wanted) != 0)
                fail_msg("case %zu (%d)\n  found:  %s\n  wanted: %s", i, backwards, found, cases[i].wanted);
            books_close(&w);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uses_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
