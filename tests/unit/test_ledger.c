/* links: journal formats */
#include "tests/unit/books.h"

#define HEAD "type,number,version,date,sku,quantity,unit,amount,customer,place,counterparty,gift,currency\n"

static void signs_and_kinds(void **state) {
    (void)state;
    static const struct {
        const char *who, *row, *flows;
    } cases[] = {
        {"D1", "sale,1,,2026-06-01,P1,20,,40.00,甲,,,,", "D1 P1 2026-06-01 sell_out 20 40.00 CNY\n"},
        {"D1", "sale,1,,2026-06-01,P1,-2,,4.00,甲,,,,", "D1 P1 2026-06-01 return -2 -4.00 CNY\n"},
        {"D1", "sale,1,,2026-06-01,P1,-2,,-4.00,甲,,,,", "D1 P1 2026-06-01 return -2 -4.00 CNY\n"},
        {"D1", "sale,1,,2026-06-01,P1,,,-4.00,甲,,,,", "D1 P1 2026-06-01 return 0 -4.00 CNY\n"},
        {"D1", "return,1,,2026-06-01,P1,3,,6.00,甲,,,,", "D1 P1 2026-06-01 return -3 -6.00 CNY\n"},
        {"D1", "return,1,,2026-06-01,P1,-3,,6.00,甲,,,,", "D1 P1 2026-06-01 return -3 -6.00 CNY\n"},
        {"D1", "return,1,,2026-06-01,P1,-3,,-6.00,甲,,,,", "D1 P1 2026-06-01 return -3 -6.00 CNY\n"},
        {"D1", "sale,1,,2026-06-01,P1,2,,8,S1,,,,", "D1 P1 2026-06-01 onward 2 8.00 CNY\n"},
        {"D1", "sale,1,,2026-06-01,P1,2,,8,老王,,,,", "D1 P1 2026-06-01 onward 2 8.00 CNY\n"},
        {"D1", "return,1,,2026-06-01,P1,2,,8,S1,,,,", "D1 P1 2026-06-01 onward -2 -8.00 CNY\n"},
        {"D1", "sale,1,,2026-06-01,P1,2,,8,T1,,,,", "D1 P1 2026-06-01 sell_out 2 8.00 CNY\n"},
        {"D1", "sale,1,,2026-06-01,P1,2,,8,,T1,,,", "T1 P1 2026-06-01 sell_out 2 8.00 CNY\n"},
        {"D1", "sale,1,,2026-06-01,P1,2,,0,甲,,,Y,", "D1 P1 2026-06-01 gift_out 2 0.00 CNY\n"},
        {"D1", "return,1,,2026-06-01,P1,2,,0,甲,,,Y,", "D1 P1 2026-06-01 gift_out -2 0.00 CNY\n"},
        {"D1", "receipt,1,,2026-06-01,P1,240,,,,,,,", "D1 P1 2026-06-01 receipt 240 - CNY\n"},
        {"D1", "receipt,1,,2026-06-01,P1,2,,,,,,Y,", "D1 P1 2026-06-01 gift_receipt 2 - CNY\n"},
        {"M", "shipment,1,,2026-06-01,P1,10,箱,,,,D1,,", "D1 P1 2026-06-01 sell_in 240 - CNY\n"},
        {"M", "shipment,1,,2026-06-01,P1,1,箱,,,,D1,Y,", "D1 P1 2026-06-01 gift_in 24 - CNY\n"},
        {"M", "return_out,1,,2026-06-01,P1,1,箱,40,,,D1,,", "D1 P1 2026-06-01 return_out -24 -40.00 CNY\n"},
        {"D1", "return_out,1,,2026-06-01,P1,1,箱,40,,,M,,", "D1 P1 2026-06-01 return_out -24 -40.00 CNY\n"},
        {"D1", "return_out,1,,2026-06-01,P1,-1,箱,40,,,,,", "D1 P1 2026-06-01 return_out -24 -40.00 CNY\n"},
        {"D1", "transfer,1,,2026-06-01,P1,30,,6,,,D2,,",
         "D1 P1 2026-06-01 transfer -30 -6.00 CNY\nD2 P1 2026-06-01 transfer 30 6.00 CNY\n"},
        {"D1", "payment,1,,2026-06-01,,,,5000.00,,,,,", "D1 - 2026-06-01 payment 0 5000.00 CNY\n"},
        {"M", "payment,1,,2026-06-01,,,,5000.00,,,D1,,", "D1 - 2026-06-01 payment 0 5000.00 CNY\n"},
        {"D1", "sale,1,,2026-06-01,P1,3,,900,甲,,,,JPY", "D1 P1 2026-06-01 sell_out 3 900 JPY\n"},
        {"D1", "sale,1,,2026-06-01,QQ-550,2,件,1,甲,,,,", "D1 P1 2026-06-01 sell_out 48 1.00 CNY\n"},
        {"D1", "sale,1,,2026-06-01,6901234567892,2,PCE,1,甲,,,,", "D1 P1 2026-06-01 sell_out 2 1.00 CNY\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        books w;
        char csv[512];
        books_open(&w);
        books_fill(&w);
        (void)snprintf(csv, sizeof csv, HEAD "%s\n", cases[i].row);
        apply_result r = books_push_csv(&w, cases[i].who, csv);
        if (r.committed != 1 || strcmp(books_flows(&w), cases[i].flows) != 0)
            fail_msg("%s\n  found:  %s  wanted: %s", cases[i].row, books_flows(&w), cases[i].flows);
        books_close(&w);
    }
}

static void what_waits(void **state) {
    (void)state;
    static const struct {
        const char *who, *row, *wanted;
    } cases[] = {
        {"D1", "sale,1,,2026-06-01,P9,20,,40.00,甲,,,,", "a product code of the catalogue"},
        {"D2", "sale,1,,2026-06-01,QQ-550,20,,40.00,甲,,,,", "a product code of the catalogue"},
        {"D1", "sale,1,,2026-06-01,P1,20,桶,40.00,甲,,,,", "a unit of the product"},
        {"M", "shipment,1,,2026-06-01,P1,20,,40.00,,,D9,,", "a partner"},
        {"D1", "transfer,1,,2026-06-01,P1,20,,40.00,,,,,", "a line that can be posted"},
        {"D1", "sale,1,,2026-06-01,P1,20,,40.00,甲,T9,,,", "a place of sale below the reporter"},
        {"D2", "sale,1,,2026-06-01,P1,20,,40.00,甲,T1,,,", "a place of sale below the reporter"},
        {"D1", "sale,1,,1999-12-31,P1,20,,40.00,甲,,,,", "a date from accept.oldest to tomorrow"},
        {"D1", "sale,1,,2026-07-02,P1,20,,40.00,甲,,,,", "a date from accept.oldest to tomorrow"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        books w;
        char csv[512];
        books_open(&w);
        books_fill(&w);
        (void)snprintf(csv, sizeof csv, HEAD "%s\nsale,1,,2026-07-01,P2,1,,9.00,甲,,,,\n", cases[i].row);
        apply_result r = books_push_csv(&w, cases[i].who, csv);
        bool two = strcmp(cases[i].who, "M") != 0;
        if (r.quarantined != 1 || r.committed != 1 || !str_is(w.first_problem, cases[i].wanted))
            fail_msg("%s: %d waiting (%d), '%.*s'", cases[i].row, (int)r.quarantined, two, STR_ARG(w.first_problem));
        books_close(&w);
    }
}

static void amounts_and_tax(void **state) {
    (void)state;
    static const struct {
        const char *basis, *row, *amount;
        int problems;
    } cases[] = {
        {"incl", "3,2.00,,,", "6.00", 0},        {"incl", "3,0.005,,,", "0.02", 0}, /* 0.015 half away from zero */
        {"incl", "-3,0.005,,,", "-0.02", 0},     {"incl", "3,2.00,6.01,,", "6.01", 0},
        {"incl", "3,2.00,7.00,,", "7.00", 1},    {"incl", ",,7.005,,", "7.01", 0},
        {"incl", "1,,100,excl,", "113.00", 0},   {"incl", "1,,100,excl,9%", "109.00", 0},
        {"incl", "1,,113,incl,", "113.00", 0},   {"excl", "1,,113,incl,", "100.00", 0},
        {"excl", "1,,100,incl,", "88.50", 0},    {"excl", "1,,100,,", "100.00", 0},
        {"excl", "-1,,113,incl,", "-100.00", 0}, {"incl", "3,,,,", "-", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        books w;
        char csv[512];
        books_open(&w);
        books_fill(&w);
        books_setting(&w, "amount.tax_basis", cases[i].basis);
        (void)snprintf(csv, sizeof csv,
                       "type,number,date,sku,quantity,unit_price,amount,tax_basis,tax_rate\nsale,1,2026-06-01,P1,%s\n",
                       cases[i].row);
        apply_result r = books_push_csv(&w, "D1", csv);
        char wanted[64];
        (void)snprintf(wanted, sizeof wanted, " %s CNY\n", cases[i].amount);
        assert_int_equal(r.committed, 1);
        if (!str_ends(str_of(books_flows(&w)), str_of(wanted)) || (int)r.problem_count != cases[i].problems)
            fail_msg("%s: %s wanted %s, %d problems", cases[i].row, books_flows(&w), wanted, (int)r.problem_count);
        books_close(&w);
    }
}

static void quarantine_posts_itself(void **state) {
    (void)state;
    books w;
    books_open(&w);
    books_partners(&w);
    apply_result r =
        books_push_csv(&w, "D1",
                       HEAD "sale,1,,2026-06-01,QQ-550,2,件,4.00,老王,,,,\n"
                            "sale,1,,2026-06-01,P2,1,,8.00,老王,,,,\nsale,2,,2026-06-02,P2,1,,8.00,乙,,,,\n");
    assert_int_equal(r.quarantined, 3);
    assert_string_equal(books_flows(&w), "");
    books_products(&w);
    assert_int_equal(books_repost(&w), 1);
    assert_string_equal(books_flows(&w),
                        "D1 P2 2026-06-01 sell_out 1 8.00 CNY\nD1 P2 2026-06-02 sell_out 1 8.00 CNY\n");
    books_aliases(&w);
    assert_true(books_repost(&w) > 0);
    assert_string_equal(books_flows(&w), "D1 P1 2026-06-01 onward 48 4.00 CNY\nD1 P2 2026-06-01 onward 1 8.00 CNY\n"
                                         "D1 P2 2026-06-02 sell_out 1 8.00 CNY\n");
    assert_int_equal(books_repost(&w), 0);
    txn *t = books_read(&w);
    size_t waiting_rows = 0;
    for (kv_cursor c = kv_from(t, TABLE_WAITING, STR(""), STR_NONE); kv_next(&c);) waiting_rows += c.val.n > 0;
    assert_int_equal(waiting_rows, 0);
    txn_abort(&t);
    books_close(&w);
}

static void unknown_words_are_created_where_that_is_granted(void **state) {
    (void)state;
    books w;
    books_open(&w);
    books_partners(&w);
    w.create_unknown = true;
    apply_result r =
        books_push_csv(&w, "D2",
                       HEAD "sale,1,,2026-06-01,NEW,2,罐,4.00,,SHOP,,,\nsale,1,,2026-06-01,NEW,1,罐,2.00,,SHOP,,,\n"
                            "sale,2,,2026-06-01,NEW,5,,4.00,,,,,\n");
    assert_int_equal(r.committed, 3);
    assert_string_equal(books_flows(&w),
                        "D2 NEW 2026-06-01 sell_out 5 4.00 CNY\nSHOP NEW 2026-06-01 sell_out 3 6.00 CNY\n");
    w.create_unknown = false;
    r = books_push_csv(&w, "D2", HEAD "sale,3,,2026-06-01,NEW,7,,4.00,,SHOP,,,\n");
    assert_int_equal(r.committed, 1);
    books_catalog(&w, "product", "NEW,,new,,,瓶,罐=6,,,\n");
    assert_int_equal(books_repost(&w), 1);
    assert_string_equal(books_flows(&w),
                        "D2 NEW 2026-06-01 sell_out 5 4.00 CNY\nSHOP NEW 2026-06-01 sell_out 25 10.00 CNY\n");
    books_close(&w);
}

/* One word in one batch, with another meaning by day; whatever day is looked at first. */
static void a_word_means_what_it_meant_on_the_day(void **state) {
    (void)state;
    static const char *const orders[] = {"01 10 15 20 25 30", "30 25 20 15 10 01", "15 01 30 20 10 25"};
    for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
        books w;
        AUTO(buf) csv = {0};
        str rest = str_of(orders[i]), day;
        books_open(&w);
        books_fill(&w);
        books_catalog(&w, "alias",
                      "D1,product,X,P1,,,2026-06-10,2026-06-15\nD1,product,X,P2,,,2026-06-20,\n"
                      "*,product,X,P3,,,,\nD1,customer,某,S1,,,2026-06-11,2026-06-21\n");
        buf_addz(&csv, "type,number,date,sku,quantity,customer\n");
        while (str_split(&rest, ' ', &day)) buf_printf(&csv, "sale,1,2026-06-%.*s,X,1,某\n", STR_ARG(day));
        (void)books_push_bytes(&w, "D1", "x.csv", buf_str(&csv));
        assert_string_equal(books_flows(&w), "D1 P3 2026-06-01 sell_out 1 - CNY\nD1 P1 2026-06-10 sell_out 1 - CNY\n"
                                             "D1 P1 2026-06-15 onward 1 - CNY\nD1 P2 2026-06-20 onward 1 - CNY\n"
                                             "D1 P2 2026-06-25 sell_out 1 - CNY\nD1 P2 2026-06-30 sell_out 1 - CNY\n");
        books_close(&w);
    }
}

static void a_day_sent_again_says_what_went(void **state) {
    (void)state;
    static const char before[] = "type,date,sku,quantity,customer\nsale,2026-06-01,P1,5,甲\nsale,2026-06-01,P1,5,甲\n"
                                 "sale,2026-06-01,P2,1,乙\n";
    static const struct {
        const char *rows;
        int gone;
    } cases[] = {
        {"sale,2026-06-01,P1,5,甲\nsale,2026-06-01,P1,5,甲\nsale,2026-06-01,P2,1,乙\nsale,2026-06-01,P3,1,乙\n", 0},
        {"sale,2026-06-01,P1,5,甲\nsale,2026-06-01,P2,1,乙\n", 1},
        {"sale,2026-06-01,P3,9,丙\n", 3},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        books w;
        char csv[512], wanted[64];
        books_open(&w);
        books_fill(&w);
        (void)books_push_csv(&w, "D1", before);
        (void)snprintf(csv, sizeof csv, "type,date,sku,quantity,customer\n%s", cases[i].rows);
        apply_result r = books_push_csv(&w, "D1", csv);
        assert_int_equal(r.superseded, 3);
        assert_int_equal(r.problem_count, cases[i].gone != 0);
        (void)snprintf(wanted, sizeof wanted, "%d lines that 2026-06-01 had before", cases[i].gone);
        if (cases[i].gone && !str_starts(w.first_hint, str_of(wanted))) fail_msg("%.*s", STR_ARG(w.first_hint));
        books_close(&w);
    }
}

static void problems_are_counted_beyond_those_kept(void **state) {
    (void)state;
    for (int n = LIMIT_PROBLEMS - 1; n <= LIMIT_PROBLEMS + 1; n++) {
        books w;
        AUTO(buf) csv = {0};
        books_open(&w);
        books_fill(&w);
        buf_addz(&csv, "type,number,date,sku,quantity\n");
        for (int i = 0; i < n; i++) buf_printf(&csv, "sale,1,2026-06-01,U%d,1\n", i);
        apply_result r = books_push_bytes(&w, "D1", "x.csv", buf_str(&csv));
        assert_int_equal(r.quarantined, n);
        assert_int_equal(r.problem_count, n);
        assert_int_equal(w.problems_kept, n < LIMIT_PROBLEMS ? n : LIMIT_PROBLEMS);
        books_close(&w);
    }
}

static void a_repost_entry_is_bounded(void **state) {
    (void)state;
    books w;
    AUTO(buf) csv = {0};
    books_open(&w);
    books_partners(&w);
    buf_addz(&csv, "type,number,date,sku,quantity\n");
    for (int i = 0; i < 9000; i++) buf_printf(&csv, "sale,%d,2026-06-01,P1,1\n", i / 1500);
    apply_result r = books_push_bytes(&w, "D1", "x.csv", buf_str(&csv));
    assert_int_equal(r.quarantined, 9000);
    books_products(&w);
    assert_int_equal(books_repost(&w), 3); /* two documents of 1,500 lines each */
    assert_string_equal(books_flows(&w), "D1 P1 2026-06-01 sell_out 9000 - CNY\n");
    books_close(&w);
}

static void a_wrong_check_digit_is_told(void **state) {
    (void)state;
    static const struct {
        const char *sku, *hint;
    } cases[] = {{"6901234567893", "its check digit is wrong; add an alias"},
                 {"6901234567922", "add an alias"},
                 {"12345", "add an alias"}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        books w;
        char csv[256];
        books_open(&w);
        books_fill(&w);
        (void)snprintf(csv, sizeof csv, "type,number,date,sku,quantity\nsale,1,2026-06-01,%s,1\n", cases[i].sku);
        (void)books_push_csv(&w, "D1", csv);
        if (!str_starts(w.first_hint, str_of(cases[i].hint))) fail_msg("%.*s", STR_ARG(w.first_hint));
        books_close(&w);
    }
}

static void an_agent_reports_for_its_own_only(void **state) {
    (void)state;
    books w;
    books_open(&w);
    books_fill(&w);
    static const char file[] =
        "partner,type,number,date,sku,quantity\nD1,sale,1,2026-06-01,P1,1\nD2,sale,1,2026-06-01,P1,2\n"
        "T1,sale,1,2026-06-01,P1,4\nNONE,sale,1,2026-06-01,P1,8\n";
    apply_result r = books_push_csv(&w, "D1", file);
    assert_int_equal(r.documents, 4);
    assert_int_equal(r.committed, 2);
    assert_int_equal(r.refused, 2);
    assert_string_equal(books_flows(&w), "D1 P1 2026-06-01 sell_out 1 - CNY\nT1 P1 2026-06-01 sell_out 4 - CNY\n");
    w.as_person = true;
    r = books_push_csv(&w, "D2", file);
    assert_int_equal(r.committed, 1);
    assert_int_equal(r.duplicate, 2);
    assert_int_equal(r.refused, 1);
    books_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_and_kinds),
        cmocka_unit_test(what_waits),
        cmocka_unit_test(amounts_and_tax),
        cmocka_unit_test(quarantine_posts_itself),
        cmocka_unit_test(unknown_words_are_created_where_that_is_granted),
        cmocka_unit_test(a_word_means_what_it_meant_on_the_day),
        cmocka_unit_test(a_day_sent_again_says_what_went),
        cmocka_unit_test(problems_are_counted_beyond_those_kept),
        cmocka_unit_test(a_repost_entry_is_bounded),
        cmocka_unit_test(a_wrong_check_digit_is_told),
        cmocka_unit_test(an_agent_reports_for_its_own_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
