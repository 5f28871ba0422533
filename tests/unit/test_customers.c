/* links: formats journal */
#include "daemon/ledger/customers.h"
#include "tests/unit/books.h"

static const char head[] = "type,number,date,sku,quantity,amount,customer,customer_name,customer_kind,phone\n";

static void push(books *w, const char *rows) {
    AUTO(buf) text = {0};
    buf_addz(&text, head);
    buf_addz(&text, rows);
    (void)books_push_csv(w, "D1", buf_z(&text));
}

static const char *const june = "sale,1,2026-06-01,P1,1,2.00,C1,甲店,便利店,13811110000\n"
                                "sale,2,2026-06-03,P1,2,4.00,C1,甲店二,,\n"
                                "sale,3,2026-06-02,UNKNOWN,1,2.00,C2,乙店,,\n";
static const char *const july = "sale,4,2026-06-02,P1,4,8.00,C1,甲,超市,\n"
                                "sale,5,2026-06-03,P1,1,2.00,C1,甲店三,,\n";

static bool card_says(txn *t, uint32_t partner_no, const char *word, customer_fact fact, const char *wanted) {
    customer_card card;
    (void)customer_card_get(t, partner_no, str_of(word), &card);
    if (str_is(card.fact[fact], wanted)) return true;
    print_message("%s: '%.*s', wanted '%s'\n", word, STR_ARG(card.fact[fact]), wanted);
    return false;
}

/* The newest business day tells, of one day the greatest text: in both orders. */
static void any_order_gives_the_same_card(void **state) {
    (void)state;
    for (int turn = 0; turn < 2; turn++) {
        books w;
        partner d;
        bool ok = true;
        books_open(&w);
        books_fill(&w);
        push(&w, turn ? july : june);
        push(&w, turn ? june : july);
        txn *t = books_read(&w);
        assert_true(partner_by_id(t, STR("D1"), &d));
        ok = card_says(t, d.no, "C1", CUSTOMER_NAME, "甲店二") && ok;
        ok = card_says(t, d.no, "C1", CUSTOMER_KIND, "超市") && ok;
        ok = card_says(t, d.no, "C1", CUSTOMER_PHONE, "") && ok;    /* no key, no phone */
        ok = card_says(t, d.no, "C2", CUSTOMER_NAME, "乙店") && ok; /* its line waits */
        ok = card_says(t, d.no, "C3", CUSTOMER_NAME, "") && ok;
        assert_true(ok);
        txn_abort(&t);
        books_close(&w);
    }
}

static void sums_and_merges(void **state) {
    books w;
    partner d;
    customer *row;
    size_t n;
    err e;
    AUTO(arena) a = {0};
    (void)state;
    books_open(&w);
    books_fill(&w);
    push(&w, june);
    push(&w, "sale,9,2026-06-09,P1,1,2.00,C9,,,\n");
    books_catalog(&w, "alias", "D1,merge,C9,C1,,,,");
    txn *t = books_read(&w);
    arena_init(&a, SIZE_MAX);
    assert_true(partner_by_id(t, STR("D1"), &d));
    assert_true(customers_of(t, d.no, &a, &row, &n, &e));
    assert_int_equal(n, 2); /* C2 is known by its card only: nothing was posted for it */
    assert_true(str_is(row[0].word, "C1") && str_is(row[0].kept, "C1"));
    assert_int_equal(row[0].lines, 2);
    assert_int_equal(row[0].amount, 600);
    assert_true(row[0].first == day_of(2026, 6, 1) && row[0].last == day_of(2026, 6, 3));
    assert_true(str_is(row[1].word, "C9") && str_is(row[1].kept, "C1"));
    txn_abort(&t);
    books_close(&w);
}

/* A circle of merges ends somewhere instead of never. */
static void a_circle_of_merges_ends(void **state) {
    books w;
    partner d;
    (void)state;
    books_open(&w);
    books_fill(&w);
    books_catalog(&w, "alias", "D1,merge,C1,C2,,,,\nD1,merge,C2,C1,,,,");
    txn *t = books_read(&w);
    assert_true(partner_by_id(t, STR("D1"), &d));
    assert_int_equal(customer_kept(t, d.no, STR("C1")).n, 2);
    assert_true(str_is(customer_kept(t, d.no, STR("C7")), "C7"));
    txn_abort(&t);
    books_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_order_gives_the_same_card),
        cmocka_unit_test(sums_and_merges),
        cmocka_unit_test(a_circle_of_merges_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
