/* links: journal formats */
#include "daemon/ledger/query.h"
#include "daemon/ledger/stock.h"
#include "tests/unit/books.h"

#define HEAD "type,number,date,sku,quantity,counterparty,stream\n"

static const stock_level *level_in(const stock *s, uint32_t product_no) {
    for (size_t i = 0; i < s->levels; i++)
        if (s->level[i].product == product_no) return &s->level[i];
    return NULL;
}

/* Days of a span that lie from `from` on. */
static int days_empty(const stock *s, day_t from) {
    int days = 0;
    for (size_t i = 0; i < s->empties; i++) {
        day_t first = s->empty[i].from > from ? s->empty[i].from : from;
        if (s->empty[i].to >= first) days += s->empty[i].to - first + 1;
    }
    return days;
}

/* What is read of the last days alone says what all of them do, wherever they begin. */
static void agrees_since(txn *t, uint32_t no, day_t at, const stock *all, arena *a) {
    for (day_t from = at - 40; from <= at; from++) {
        stock s;
        stock_since(t, no, from, at, a, &s);
        assert_int_equal(s.assumed, all->assumed);
        assert_int_equal(s.events, 0);
        assert_int_equal(days_empty(&s, from), days_empty(all, from));
        for (size_t i = 0; i < all->levels; i++) {
            const stock_level *whole = &all->level[i], *part = level_in(&s, whole->product);
            if (!whole->counted) continue;
            assert_true(part != NULL && part->counted);
            assert_int_equal(part->quantity, whole->quantity);
            assert_int_equal(part->count_day, whole->count_day);
        }
    }
}

/* "P1 130 (100 on 2026-06-01)\n…", and the events; what was assumed is said. */
static const char *stock_text(books *w, const char *partner_text, day_t at) {
    AUTO(buf) b = {0};
    AUTO(arena) a = {0};
    stock s;
    partner p;
    txn *t = books_read(w);
    arena_init(&a, SIZE_MAX);
    assert_true(partner_by_id(t, str_of(partner_text), &p));
    stock_of(t, p.no, at, &a, &s);
    agrees_since(t, p.no, at, &s, &a);
    for (size_t i = 0; i < s.events; i++) {
        day_put(&b, s.event[i].day);
        buf_printf(&b, " %s ", flow_kind_name(s.event[i].kind));
        dec_put(&b, s.event[i].quantity, QUANTITY_SCALE, 0);
        buf_printf(&b, " %.*s; ", STR_ARG(product_sku(t, s.event[i].product)));
    }
    for (size_t i = 0; i < s.empties; i++) {
        buf_addz(&b, "empty ");
        day_put(&b, s.empty[i].from);
        buf_addz(&b, " to ");
        day_put(&b, s.empty[i].to);
        buf_addz(&b, "; ");
    }
    for (size_t i = 0; i < s.levels; i++) {
        buf_add(&b, product_sku(t, s.level[i].product));
        if (s.level[i].counted) {
            buf_byte(&b, ' ');
            dec_put(&b, s.level[i].quantity, QUANTITY_SCALE, 0);
        } else {
            buf_addz(&b, " unknown");
        }
        if (s.assumed) buf_addz(&b, " assumed");
        buf_addz(&b, "; ");
    }
    txn_abort(&t);
    return arena_str(&w->a, buf_str(&b)).p;
}

typedef struct sent {
    const char *who, *rows;
} sent;

static void counts_and_flows(void **state) {
    (void)state;
    static const struct {
        sent files[5];
        const char *wanted;
        int day; /* of June */
    } cases[] = {
        {{{"D1", "stock,1,2026-06-01,P1,100,,\n"}}, "2026-06-01 opening 100 P1; P1 100 assumed; ", 30},
        {{{"D1", "stock,1,2026-06-01,P1,100,,\n"}, {"D1", "receipt,1,2026-06-02,P1,50,,\nsale,1,2026-06-03,P1,20,,\n"}},
         "2026-06-01 opening 100 P1; P1 130; ",
         30},
        {{{"D1", "stock,1,2026-06-01,P1,100,,\nreceipt,1,2026-06-02,P1,50,,\nstock,2,2026-06-02,P1,140,,\n"}},
         "2026-06-01 opening 100 P1; 2026-06-02 adjustment -10 P1; P1 140; ", /* a count is of the end of the day */
         30},
        {{{"D1", "receipt,1,2026-06-01,P1,50,,\nstock,1,2026-06-01,P1,100,,\n"}},
         "2026-06-01 opening 100 P1; P1 100; ",
         30},
        {{{"D1", "stock,1,2026-06-01,P1,100,,\nreturn,1,2026-06-02,P1,5,,\nreturn_out,1,2026-06-02,P1,7,,\n"
                 "transfer,1,2026-06-02,P1,11,D2,\npayment,1,2026-06-02,,,,\n"}},
         "2026-06-01 opening 100 P1; P1 87 assumed; ",
         30},
        {{{"D1", "stock,1,2026-06-01,P1,100,,\n"},
          {"D1", "stock,1,2026-06-01,P1,90,,\n"}}, /* the same document replaced */
         "2026-06-01 opening 90 P1; P1 90 assumed; ",
         30},
        {{{"D1", "stock,1,2026-06-01,P1,100,,\n"}, {"D1", "stock,2,2026-06-01,P1,80,,\n"}}, /* submitted last */
         "2026-06-01 opening 80 P1; P1 80 assumed; ",
         30},
        {{{"D1", "stock,1,2026-06-01,P1,100,,A\nstock,2,2026-06-01,P1,80,,B\n"}}, /* two warehouses */
         "2026-06-01 opening 180 P1; P1 180 assumed; ",
         30},
        {{{"D1", "stock,1,2026-06-01,P1,60,,\nstock,1,2026-06-01,P1,40,,\n"}}, /* lines of one document add up */
         "2026-06-01 opening 100 P1; P1 100 assumed; ",
         30},
        {{{"D1", "stock,1,2026-06-01,P1,100,,\n"}, {"M", "shipment,1,2026-06-10,P1,24,D1,\n"}},
         "2026-06-01 opening 100 P1; P1 100 assumed; ", /* under way: three days of transit */
         12},
        {{{"D1", "stock,1,2026-06-01,P1,100,,\n"}, {"M", "shipment,1,2026-06-10,P1,24,D1,\n"}},
         "2026-06-01 opening 100 P1; P1 124 assumed; ",
         13},
        {{{"D1", "stock,1,2026-06-01,P1,100,,\n"},
          {"M", "shipment,1,2026-06-10,P1,24,D1,\n"},
          {"D1", "receipt,1,2026-06-02,P1,1,,\n"}},
         "2026-06-01 opening 100 P1; P1 101; ", /* it reports receipts itself */
         30},
        {{{"D1", "stock,1,2026-06-01,P1,20,,\nsale,1,2026-06-03,P1,20,,\nreceipt,1,2026-06-10,P1,30,,\n"
                 "stock,2,2026-06-20,P1,0,,\nstock,3,2026-06-25,P1,0,,\n"}},
         "2026-06-01 opening 20 P1; 2026-06-20 adjustment -30 P1; empty 2026-06-03 to 2026-06-09; "
         "empty 2026-06-20 to 2026-06-24; empty 2026-06-25 to 2026-06-30; P1 0; ",
         30},
        {{{"D1", "sale,1,2026-06-03,P1,20,,\n"}}, "P1 unknown assumed; ", 30},
        {{{"D1", "stock,1,2026-06-09,P1,100,,\n"}}, "", 8},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (int backwards = 0; backwards < 2; backwards++) {
            books w;
            size_t n = 0;
            books_open(&w);
            books_fill(&w);
            while (n < 5 && cases[i].files[n].who) n++;
            bool own_order = i == 5 || i == 6; /* what was submitted last counts there */
            for (size_t k = 0; k < n; k++) {
                const sent *f = &cases[i].files[backwards && !own_order ? n - 1 - k : k];
                char csv[512];
                (void)snprintf(csv, sizeof csv, HEAD "%s", f->rows);
                (void)books_push_csv(&w, f->who, csv);
            }
            const char *found = stock_text(&w, "D1", day_of(2026, 6, (unsigned)cases[i].day));
            if (strcmp(found, cases[i].wanted) != 0)
                fail_msg("case %zu (%d)\n  found:  %s\n  wanted: %s", i, backwards, found, cases[i].wanted);
            books_close(&w);
        }
}

/* One query as text: values, kind, quantity, amount, currency. */
static const char *ask(books *w, flow_query q) {
    AUTO(buf) b = {0};
    AUTO(arena) a = {0};
    flow_row *row;
    size_t rows;
    err e = {0};
    txn *t = books_read(w);
    arena_init(&a, SIZE_MAX);
    if (q.to == 0) q.from = DAY_MIN, q.to = DAY_MAX;
    if (!flow_query_run(t, &q, &a, &row, &rows, &e)) fail_msg("%s", e.text);
    for (size_t i = 0; i < rows; i++) {
        char code[4];
        str currency = currency_text(row[i].currency, code);
        for (size_t k = 0; k < q.dims; k++) buf_printf(&b, "%.*s ", STR_ARG(row[i].value[k]));
        buf_printf(&b, "%s ", flow_kind_name(row[i].kind));
        if (row[i].quantity == NUM_NONE) buf_byte(&b, '-');
        else
            dec_put(&b, row[i].quantity, QUANTITY_SCALE, 0);
        buf_byte(&b, ' ');
        if (row[i].amount == NUM_NONE) buf_byte(&b, '-');
        else
            dec_put(&b, row[i].amount, currency_scale(currency), currency_scale(currency));
        buf_printf(&b, " %.*s\n", STR_ARG(currency));
    }
    txn_abort(&t);
    return arena_str(&w->a, buf_str(&b)).p;
}

static void queries(void **state) {
    (void)state;
    books w;
    books_open(&w);
    books_catalog(
        &w, "region",
        "CN,中国,,country,,\n330000,浙江省,CN,province,,\n330100,杭州市,330000,city,,\n330106,西湖区,330100,county,,\n"
        "320000,江苏省,CN,province,,\n320100,南京市,320000,city,,\n");
    books_catalog(&w, "area", "EAST,华东,330000\nEAST,华东,320000\n");
    books_catalog(&w, "partner",
                  "M,factory,manufacturer,,,\nD1,one,distributor,A,M,330100\nD2,two,distributor,A,M,320100\n"
                  "T1,shop,terminal,,D1,330106\nS1,sub,sub_distributor,,D1,\n");
    books_catalog(&w, "product",
                  "P1,,water,清泉,饮用水,瓶,箱=24,,,\nP2,,juice,果然,果汁,罐,,,,\nP3,,tea,清泉,茶,瓶,,,,\n");
    (void)books_push_csv(&w, "D1",
                         "type,number,date,sku,quantity,amount,customer,place,ship_to,channel,company,currency\n"
                         "sale,1,2026-05-31,P1,10,20.00,甲,,320100,线上,,\nsale,1,2026-06-01,P2,1,8.00,甲,T1,,,,\n"
                         "sale,1,2026-06-01,P3,2,8.00,S1,,,,,\nreturn,2,2026-06-15,P1,1,2.00,乙,,330106,线上,,\n"
                         "sale,3,2026-06-20,P1,1,3.00,乙,,,,,USD\n");
    (void)books_push_csv(
        &w, "D2",
        "type,number,date,sku,quantity,amount\nsale,1,2026-06-01,P1,100,200.00\npayment,2,2026-06-02,,,50.00\n"
        "stock,3,2026-06-03,P2,7,\n");
    static const struct {
        flow_query q;
        const char *wanted;
    } cases[] = {
        {{.by = {DIM_PARTNER}, .dims = 1},
         "D1 sell_out 10 20.00 CNY\nD1 sell_out 1 3.00 USD\nD1 onward 2 8.00 CNY\nD1 return -1 -2.00 CNY\n"
         "D2 sell_out 100 200.00 CNY\nD2 payment - 50.00 CNY\nD2 opening 7 - \nT1 sell_out 1 8.00 CNY\n"},
        {{.by = {DIM_PARTNER}, .dims = 1, .rollup = true, .kinds = FLOW_KINDS_FINAL},
         "D1 sell_out - 28.00 CNY\nD1 sell_out 1 3.00 USD\nD1 return -1 -2.00 CNY\nD2 sell_out 100 200.00 CNY\n"},
        {{.by = {DIM_PLACE, DIM_PARTNER}, .dims = 2, .rollup = true, .kinds = 1U << FLOW_SELL_OUT, .product = 2},
         "T1 D1 sell_out 1 8.00 CNY\n"},
        {{.by = {DIM_BRAND}, .dims = 1, .kinds = FLOW_KINDS_ONWARD}, "清泉 onward 2 8.00 CNY\n"},
        {{.by = {DIM_CATEGORY, DIM_MONTH}, .dims = 2, .kinds = FLOW_KINDS_FINAL, .partner = 2},
         "饮用水 2026-05 sell_out 10 20.00 CNY\n饮用水 2026-06 sell_out 1 3.00 USD\n饮用水 2026-06 return -1 -2.00 "
         "CNY\n"},
        {{.by = {DIM_DAY}, .dims = 1, .from = 20605, .to = 20605, .kinds = FLOW_KINDS_FINAL},
         "2026-06-01 sell_out - 208.00 CNY\n"},
        {{.by = {DIM_WEEK}, .dims = 1, .kinds = 1U << FLOW_RETURN}, "2026-W25 return -1 -2.00 CNY\n"},
        {{.by = {DIM_REGION}, .dims = 1, .kinds = FLOW_KINDS_FINAL},
         "320100 sell_out 110 220.00 CNY\n330100 sell_out 1 3.00 USD\n330106 sell_out 1 8.00 CNY\n330106 return -1 "
         "-2.00 CNY\n"},
        {{.by = {DIM_REGION}, .dims = 1, .level = REGION_PROVINCE, .kinds = FLOW_KINDS_FINAL},
         "320000 sell_out 110 220.00 CNY\n330000 sell_out 1 8.00 CNY\n330000 sell_out 1 3.00 USD\n330000 return -1 "
         "-2.00 CNY\n"},
        {{.by = {DIM_REGION, DIM_MONTH}, .dims = 2, .areas = true, .kinds = FLOW_KINDS_FINAL},
         "EAST 2026-05 sell_out 10 20.00 CNY\nEAST 2026-06 sell_out - 208.00 CNY\nEAST 2026-06 sell_out 1 3.00 USD\n"
         "EAST 2026-06 return -1 -2.00 CNY\n"},
        {{.by = {DIM_PARTNER, DIM_REGION}, .dims = 2, .kinds = 1U << FLOW_RETURN}, "D1 330106 return -1 -2.00 CNY\n"},
        {{.by = {DIM_CUSTOMER}, .dims = 1, .partner = 2, .rollup = true, .kinds = FLOW_KINDS_FINAL | FLOW_KINDS_ONWARD},
         "S1 onward 2 8.00 CNY\n乙 sell_out 1 3.00 USD\n乙 return -1 -2.00 CNY\n甲 sell_out - 28.00 CNY\n"},
        {{.by = {DIM_CHANNEL}, .dims = 1, .partner = 2, .kinds = FLOW_KINDS_FINAL},
         " sell_out 1 3.00 USD\n线上 sell_out 10 20.00 CNY\n线上 return -1 -2.00 CNY\n"},
        {{.by = {DIM_COMPANY}, .dims = 1, .kinds = 1U << FLOW_PAYMENT}, "main payment - 50.00 CNY\n"},
        {{.by = {DIM_KIND}, .dims = 1, .partner = 3},
         "opening opening 7 - \npayment payment - 50.00 CNY\nsell_out sell_out 100 200.00 CNY\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *found = ask(&w, cases[i].q);
        if (strcmp(found, cases[i].wanted) != 0)
            fail_msg("case %zu\n  found:\n%s  wanted:\n%s", i, found, cases[i].wanted);
    }
    books_close(&w);
}

/* Every table gives the same sums as the postings. */
static void tables_agree(void **state) {
    (void)state;
    books w;
    AUTO(buf) csv = {0};
    books_open(&w);
    books_fill(&w);
    buf_addz(&csv, "type,number,date,sku,quantity,amount,customer,place\n");
    for (int i = 0; i < 600; i++)
        buf_printf(&csv, "%s,%d,2026-0%d-%02d,P%d,%d,%d.%02d,c%d,%s\n", i % 7 ? "sale" : "return", i / 10, i % 5 + 1,
                   i % 28 + 1, i % 3 + 1, i % 13 + 1, i % 90, i % 100, i % 5, i % 4 ? "" : "T1");
    (void)books_push_bytes(&w, "D1", "a.csv", buf_str(&csv));
    static const flow_dimension more[] = {DIM_PRODUCT, DIM_DAY, DIM_REGION, DIM_CUSTOMER};
    /* the same totals from flow_month, flow_day, flow_region and the postings */
    static const flow_query whole = {.by = {DIM_KIND}, .dims = 1};
    const char *wanted = ask(&w, whole);
    for (size_t i = 0; i < ARRAY_LEN(more); i++) {
        AUTO(arena) a = {0};
        err e = {0};
        flow_row *row;
        size_t rows;
        int64_t quantity[2] = {0}, amount[2] = {0};
        char text[256];
        flow_query q = {.by = {more[i]}, .dims = 1, .from = DAY_MIN, .to = DAY_MAX};
        txn *t = books_read(&w);
        arena_init(&a, SIZE_MAX);
        assert_true(flow_query_run(t, &q, &a, &row, &rows, &e));
        for (size_t k = 0; k < rows; k++) {
            int n = row[k].kind == FLOW_SELL_OUT;
            quantity[n] += row[k].quantity;
            amount[n] += row[k].amount;
        }
        txn_abort(&t);
        (void)snprintf(text, sizeof text,
                       "return return %lld %lld.%02lld CNY\nsell_out sell_out %lld %lld.%02lld CNY\n",
                       (long long)quantity[0] / 1000, (long long)amount[0] / 100, (long long)(-amount[0] % 100),
                       (long long)quantity[1] / 1000, (long long)amount[1] / 100, (long long)(amount[1] % 100));
        assert_string_equal(text, wanted);
    }
    books_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_and_flows),
        cmocka_unit_test(queries),
        cmocka_unit_test(tables_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
