/* links: journal formats */
#include "daemon/ledger/balance.h"
#include "daemon/ledger/goods.h"
#include "tests/unit/books.h"

#define HEAD "type,number,date,sku,quantity,counterparty,reference,codes,reason,gift,place\n"

typedef struct sent {
    const char *who, *rows;
} sent;
enum { FILES = 4 };

/* Push the files of a case, the other way round when `backwards`. */
static void fill(books *w, const sent *files, bool backwards) {
    size_t n = 0;
    books_open(w);
    books_fill(w);
    while (n < FILES && files[n].who) n++;
    for (size_t k = 0; k < n; k++) {
        const sent *f = &files[backwards ? n - 1 - k : k];
        char csv[1024];
        (void)snprintf(csv, sizeof csv, HEAD "%s", f->rows);
        (void)books_push_csv(w, f->who, csv);
    }
}

static uint32_t number_of(txn *t, const char *id) {
    partner p;
    assert_true(partner_by_id(t, str_of(id), &p));
    return p.no;
}

static void put_quantity(buf *b, int64_t v) {
    buf_byte(b, ' ');
    if (v == NUM_NONE) buf_byte(b, '-');
    else
        dec_put(b, v, QUANTITY_SCALE, 0);
}

/* "S1 P1 24 24 received R1 reference; …" of June, as on the 30th. */
static const char *goods_text(books *w, const char *who) {
    AUTO(buf) b = {0};
    AUTO(arena) a = {0};
    goods g;
    err e = {0};
    txn *t = books_read(w);
    arena_init(&a, SIZE_MAX);
    if (!goods_of(t, number_of(t, who), day_of(2026, 6, 1), day_of(2026, 6, 30), day_of(2026, 6, 30), NULL, &a, &g, &e))
        fail_msg("%s", e.text);
    for (size_t i = 0; i < g.rows; i++) {
        const goods_row *r = &g.row[i];
        buf_printf(&b, "%.*s %.*s", STR_ARG(r->shipment), STR_ARG(product_sku(t, r->product)));
        put_quantity(&b, r->shipped);
        put_quantity(&b, r->received);
        buf_printf(&b, " %s", goods_state_name(r->state));
        if (r->receipt.n) buf_printf(&b, " %.*s", STR_ARG(r->receipt));
        if (r->match) buf_printf(&b, " %s", goods_match_name(r->match));
        buf_addz(&b, "; ");
    }
    txn_abort(&t);
    return arena_str(&w->a, buf_str(&b)).p;
}

static void receipts_find_their_shipments(void **state) {
    (void)state;
    static const struct {
        sent files[FILES];
        const char *wanted;
    } cases[] = {
        {{{"M", "shipment,S1,2026-06-01,P1,24,D1,,,,,\n"}, {"D1", "receipt,R1,2026-06-03,P1,24,,S1,,,,\n"}},
         "S1 P1 24 24 received R1 reference; "},
        {{{"M", "shipment,S1,2026-06-01,P1,24,D1,,,,,\n"}, {"D1", "receipt,S1,2026-06-03,P1,20,,,,,,\n"}},
         "S1 P1 24 20 short S1 number; "},
        {{{"M", "shipment,S1,2026-06-01,P1,24,D1,,X;Y,,,\n"}, {"D1", "receipt,R1,2026-06-03,P1,30,,,Y,,,\n"}},
         "S1 P1 24 30 over R1 carton; "},
        {{{"M", "shipment,S1,2026-06-01,P1,24,D1,,X,,,\nshipment,S2,2026-06-02,P1,24,D1,,,,,\n"},
          {"D1", "receipt,S1,2026-06-03,P1,24,,S2,X,,,\n"}}, /* the reference before number and carton */
         "S1 P1 24 0 unsigned; S2 P1 24 24 received S1 reference; "},
        {{{"M", "shipment,S1,2026-06-01,P1,24,D1,,,,,\nshipment,S2,2026-06-02,P1,24,D1,,,,,\n"},
          {"D1", "receipt,R1,2026-06-03,P1,40,,S1;S2,,,,\n"}}, /* the earlier is filled first */
         "S1 P1 24 24 received R1 reference; S2 P1 24 16 short R1 reference; "},
        {{{"M", "shipment,S1,2026-06-01,P1,24,D1,,,,,\n"},
          {"D1", "receipt,R1,2026-06-03,P1,10,,S1,,,,\nreceipt,R2,2026-06-04,P1,14,,S1,,,,\n"}}, /* in two goes */
         "S1 P1 24 24 received R1;R2 reference; "},
        {{{"M", "shipment,S1,2026-06-01,P1,20,D1,,,,,\nshipment,S1,2026-06-01,P1,4,D1,,,,Y,\n"},
          {"D1", "receipt,R1,2026-06-03,P1,24,,S1,,,,\n"}}, /* gifts are goods */
         "S1 P1 24 24 received R1 reference; "},
        {{{"M", "shipment,S1,2026-06-01,P1,24,D1,,,,,\nshipment,S1,2026-06-01,P2,12,D1,,,,,\n"},
          {"D1", "receipt,R1,2026-06-03,P1,22,,S1,,,,\nreceipt,R1,2026-06-03,P1,2,,S1,,外箱破损,,\n"}},
         "S1 P1 24 24 damaged R1 reference; S1 P2 12 0 short; "},
        {{{"M", "shipment,S1,2026-06-01,P1,24,D1,,,,,\n"}, {"D1", "receipt,R1,2026-06-03,P2,12,,S1,,,,\n"}},
         "S1 P1 24 0 short; S1 P2 0 12 over R1 reference; "},
        {{{"M", "shipment,S1,2026-06-01,P1,24,D1,,,,,\n"}, {"D1", "receipt,R1,2026-06-03,P1,24,,S9,,,,\n"}},
         "S1 P1 24 0 unsigned;  P1 0 24 unmatched R1; "},
        {{{"M", "shipment,S1,2026-06-01,P1,24,D1,,,,,\nshipment,S1,2026-06-01,P1,12,D2,,,,,\n"},
          {"D1", "receipt,S1,2026-06-02,P1,24,,,,,,\n"}}, /* one document for two partners */
         "S1 P1 24 24 received S1 number; "},
        {{{"M", "shipment,S1,2026-05-28,P1,24,D1,,,,,\n"}, {"D1", "receipt,S1,2026-06-02,P1,24,,,,,,\n"}},
         ""}, /* of May, and its receipt is not unmatched */
        {{{"M", "shipment,S1,2026-06-24,P1,24,D1,,,,,\nshipment,S2,2026-06-23,P1,24,D1,,,,,\n"},
          {"D1", "receipt,R1,2026-06-01,P2,1,,,,,,\n"}}, /* six days: three usual and three more */
         " P2 0 1 unmatched R1; S2 P1 24 0 unsigned; S1 P1 24 0 in_transit; "},
        {{{"M", "shipment,S1,2026-06-01,P1,1,D1,,,,,\nshipment,S2,2026-06-02,P1,1,D1,,,,,\n"
                "shipment,S3,2026-06-03,P1,1,D1,,,,,\nshipment,S4,2026-06-18,P1,1,D1,,,,,\n"},
          {"D1",
           "receipt,S1,2026-06-11,P1,1,,,,,,\nreceipt,S2,2026-06-12,P1,1,,,,,,\nreceipt,S3,2026-06-03,P1,1,,,,,,\n"}},
         "S1 P1 1 1 received S1 number; S2 P1 1 1 received S2 number; S3 P1 1 1 received S3 number; "
         "S4 P1 1 0 in_transit; "}, /* its usual ten days */
        {{{"M", "shipment,S1,2026-06-01,P1,24,D1,,,,,\n"}}, "S1 P1 24 0 assumed; "},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (int backwards = 0; backwards < 2; backwards++) {
            books w;
            fill(&w, cases[i].files, backwards);
            const char *found = goods_text(&w, "D1");
            if (strcmp(found, cases[i].wanted) != 0)
                fail_msg("case %zu (%d)\n  found:  %s\n  wanted: %s", i, backwards, found, cases[i].wanted);
            books_close(&w);
        }
}

/* "P1 100 +50 0 0 -20 -0 =130 gap 0/1 complete; …" of June. */
static const char *balance_text(books *w, const char *who) {
    AUTO(buf) b = {0};
    AUTO(arena) a = {0};
    balance x;
    txn *t = books_read(w);
    arena_init(&a, SIZE_MAX);
    balance_of(t, number_of(t, who), day_of(2026, 6, 1), day_of(2026, 6, 30), &a, &x);
    for (size_t i = 0; i < x.rows; i++) {
        const balance_row *r = &x.row[i];
        buf_add(&b, product_sku(t, r->product));
        put_quantity(&b, r->opening);
        put_quantity(&b, r->received);
        put_quantity(&b, r->transferred);
        put_quantity(&b, r->returned);
        put_quantity(&b, r->sold);
        put_quantity(&b, r->gifts);
        put_quantity(&b, r->closing);
        put_quantity(&b, r->gap);
        if (r->grade) buf_printf(&b, " %s", balance_grade_name(r->grade));
        buf_addz(&b, "; ");
    }
    txn_abort(&t);
    return arena_str(&w->a, buf_str(&b)).p;
}

#define MAY   "stock,K0,2026-05-31,P1,1000,,,,,,\n"
#define FLOWS "receipt,R1,2026-06-02,P1,500,,,,,,\nsale,X1,2026-06-03,P1,300,,,,,,\n"

static void masses_balance(void **state) {
    (void)state;
    static const struct {
        sent files[FILES];
        const char *wanted; /* sku opening received transferred returned sold gifts closing gap grade */
    } cases[] = {
        {{{"D1", MAY FLOWS}, {"D1", "stock,K1,2026-06-30,P1,1200,,,,,,\n"}}, "P1 1000 500 0 0 300 0 1200 0 complete; "},
        /* tolerance: 10 per mille of 1500; plausible to five times that */
        {{{"D1", MAY FLOWS}, {"D1", "stock,K1,2026-06-30,P1,1185,,,,,,\n"}},
         "P1 1000 500 0 0 300 0 1185 15 complete; "},
        {{{"D1", MAY FLOWS}, {"D1", "stock,K1,2026-06-30,P1,1184,,,,,,\n"}},
         "P1 1000 500 0 0 300 0 1184 16 plausible; "},
        {{{"D1", MAY FLOWS}, {"D1", "stock,K1,2026-06-30,P1,1125,,,,,,\n"}},
         "P1 1000 500 0 0 300 0 1125 75 plausible; "},
        {{{"D1", MAY FLOWS}, {"D1", "stock,K1,2026-06-30,P1,1124,,,,,,\n"}},
         "P1 1000 500 0 0 300 0 1124 76 doubtful; "},
        {{{"D1", MAY FLOWS}, {"D1", "stock,K1,2026-06-30,P1,1276,,,,,,\n"}},
         "P1 1000 500 0 0 300 0 1276 -76 doubtful; "}, /* more than explained */
        /* counts that are not there */
        {{{"D1", MAY FLOWS}}, "P1 1000 500 0 0 300 0 - -; "},
        {{{"D1", FLOWS}, {"D1", "stock,K1,2026-06-30,P1,1200,,,,,,\n"}}, "P1 1200 0 0 0 0 0 - -; "},
        {{{"D1", FLOWS}}, "P1 - 500 0 0 300 0 - -; "},
        /* carried to the ends of the month by the flows between */
        {{{"D1", "stock,K0,2026-05-20,P1,1000,,,,,,\nsale,X0,2026-05-25,P1,100,,,,,,\n" FLOWS},
          {"D1", "stock,K1,2026-06-28,P1,1100,,,,,,\nsale,X2,2026-06-29,P1,50,,,,,,\n"}},
         "P1 900 500 0 0 350 0 1050 0 complete; "},
        {{{"D1", MAY FLOWS}, {"D1", "stock,K1,2026-07-01,P1,1190,,,,,,\nsale,X2,2026-07-01,P1,10,,,,,,\n"}},
         "P1 1000 500 0 0 300 0 1200 0 complete; "}, /* counted the morning after */
        /* of counts on both sides the nearer one */
        {{{"D1", MAY "stock,K2,2026-05-28,P1,7,,,,,,\n" FLOWS}, {"D1", "stock,K1,2026-06-30,P1,1200,,,,,,\n"}},
         "P1 1000 500 0 0 300 0 1200 0 complete; "},
        /* the first count inside opens */
        {{{"D1", FLOWS "stock,K0,2026-06-10,P1,1200,,,,,,\nsale,X5,2026-06-11,P1,200,,,,,,\n"},
          {"D1", "stock,K1,2026-06-30,P1,990,,,,,,\n"}},
         "P1 1200 0 0 0 200 0 990 10 complete; "},
        /* every kind */
        {{{"D1", MAY FLOWS "sale,G,2026-06-04,P1,20,,,,,Y,\nreturn,B,2026-06-05,P1,7,,,,,,\n"
                           "return_out,O,2026-06-06,P1,30,,,,,,\ntransfer,T,2026-06-07,P1,40,D2,,,,,\n"},
          {"D1", "stock,K1,2026-06-30,P1,1117,,,,,,\n"}},
         "P1 1000 500 -40 -23 300 20 1117 0 complete; "},
        /* what was shipped stands for receipts that are never reported: never better than plausible */
        {{{"D1", MAY "sale,X1,2026-06-03,P1,300,,,,,,\nstock,K1,2026-06-30,P1,1200,,,,,,\n"},
          {"M", "shipment,S1,2026-06-26,P1,500,D1,,,,,\nshipment,S2,2026-06-28,P1,90,D1,,,,,\n"}},
         "P1 1000 500 0 0 300 0 1200 0 plausible; "},
        /* a shop's sales leave the distributor's stock */
        {{{"D1", MAY FLOWS "sale,X7,2026-06-09,P1,40,,,,,,T1\n"}, {"D1", "stock,K1,2026-06-30,P1,1160,,,,,,\n"}},
         "P1 1000 500 0 0 340 0 1160 0 complete; "},
        /* and where the shop counts, both counts stand */
        {{{"D1", MAY FLOWS "sale,X7,2026-06-09,P1,40,,,,,,T1\nstock,T0,2026-05-31,P1,60,,,,,,T1\n"},
          {"D1", "stock,K1,2026-06-30,P1,1200,,,,,,\nstock,T9,2026-06-30,P1,20,,,,,,T1\n"}},
         "P1 1060 500 0 0 340 0 1220 0 complete; "},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (int backwards = 0; backwards < 2; backwards++) {
            books w;
            fill(&w, cases[i].files, backwards);
            const char *found = balance_text(&w, "D1");
            if (strcmp(found, cases[i].wanted) != 0)
                fail_msg("case %zu (%d)\n  found:  %s\n  wanted: %s", i, backwards, found, cases[i].wanted);
            books_close(&w);
        }
}

static void partners_are_graded(void **state) {
    (void)state;
    static const struct {
        size_t complete, plausible, doubtful, unknown;
        balance_grade wanted;
    } cases[] = {
        {0, 0, 0, 0, GRADE_NONE},       {1, 0, 0, 0, GRADE_COMPLETE},   {0, 0, 0, 9, GRADE_NONE},
        {5, 0, 0, 5, GRADE_PLAUSIBLE},  {49, 0, 0, 51, GRADE_NONE},     {95, 5, 0, 0, GRADE_COMPLETE},
        {94, 6, 0, 0, GRADE_PLAUSIBLE}, {95, 0, 5, 0, GRADE_PLAUSIBLE}, {94, 0, 6, 0, GRADE_DOUBTFUL},
        {95, 0, 0, 5, GRADE_COMPLETE},  {94, 0, 0, 6, GRADE_PLAUSIBLE}, {0, 100, 0, 0, GRADE_PLAUSIBLE},
        {47, 0, 3, 50, GRADE_DOUBTFUL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        balance_row row[200] = {{0}};
        balance b = {.row = row};
        for (size_t k = 0; k < cases[i].complete; k++) row[b.rows++].grade = GRADE_COMPLETE;
        for (size_t k = 0; k < cases[i].plausible; k++) row[b.rows++].grade = GRADE_PLAUSIBLE;
        for (size_t k = 0; k < cases[i].doubtful; k++) row[b.rows++].grade = GRADE_DOUBTFUL;
        b.rows += cases[i].unknown;
        balance_grade found = balance_summary(&b, NULL).grade;
        if (found != cases[i].wanted)
            fail_msg("case %zu: '%s', wanted '%s'", i, balance_grade_name(found), balance_grade_name(cases[i].wanted));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(receipts_find_their_shipments),
        cmocka_unit_test(masses_balance),
        cmocka_unit_test(partners_are_graded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
