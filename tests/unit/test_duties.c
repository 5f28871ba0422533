/* links: journal formats */
#include "tests/unit/books.h"

#include "daemon/catalog/calendar.h"
#include "daemon/ledger/duties.h"
#include "daemon/ledger/reminders.h"
#include "proto/limits.h"

#define HEAD "type,date,sku,quantity,amount\n"

static void at(books *w, int year, unsigned month, unsigned day, int hour) {
    w->now_ms = ((int64_t)day_of(year, month, day) * 24 + hour - 8) * 3600000;
}

/* Partners D1 and D2 of tier A, D3 of none, S1 below D1 (a shop), maker M. */
static void open_world(books *w) {
    books_open(w);
    at(w, 2027, 1, 1, 9);
    books_catalog(w, "partner",
                  "M,,manufacturer\nD1,,distributor,A\nD2,,distributor,A\nD3,,distributor\nS1,,terminal,,D1\n");
    books_catalog(w, "product", "P1,,水,,,瓶\n");
}

static uint32_t number_of(txn *t, const char *id) {
    partner p;
    assert_true(partner_by_id(t, str_of(id), &p));
    return p.no;
}

/* ---- which row decides ---- */

static void the_most_specific_duty_decides(void **state) {
    (void)state;
    static const struct {
        const char *who;
        doc_type type;
        int month, day;
        const char *wanted; /* every and due; "" nothing is owed */
    } cases[] = {
        {"D3", TYPE_SALE, 2, 1, "month 3"},  {"D1", TYPE_SALE, 2, 1, "week 2"},   {"D2", TYPE_SALE, 2, 1, "day 1"},
        {"D2", TYPE_SALE, 4, 1, "week 2"},   {"D2", TYPE_SALE, 5, 1, ""},         {"D3", TYPE_STOCK, 2, 1, ""},
        {"S1", TYPE_SALE, 2, 1, ""},         {"S1", TYPE_STOCK, 2, 1, "month 0"}, {"M", TYPE_SALE, 2, 1, ""},
        {"D3", TYPE_SALE, 6, 15, "month 5"}, {"D3", TYPE_SALE, 1, 1, "month 3"},  {"D1", TYPE_SALE, 1, 31, "month 3"},
    };
    books w;
    open_world(&w);
    books_catalog(&w, "duty",
                  "*,sale,month,3,2027-01-01\n*,sale,month,5,2027-06-01\ntier=A,sale,week,2,2027-02-01\n"
                  "D2,sale,day,1,2027-02-01,2027-03-31\nD2,sale,never,,2027-05-01\nS1,stock,month,,2027-01-01\n");
    txn *t = books_read(&w);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        duties all;
        char found[32] = "";
        duties_of(t, number_of(t, cases[i].who), &w.a, &all);
        const duty *d = duty_on(&all, cases[i].type, day_of(2027, (unsigned)cases[i].month, (unsigned)cases[i].day));
        if (d) (void)snprintf(found, sizeof found, "%s %u", span_kind_name(d->every), d->due);
        if (strcmp(found, cases[i].wanted) != 0) fail_msg("case %zu: '%s', wanted '%s'", i, found, cases[i].wanted);
    }
    txn_abort(&t);
    books_close(&w);
}

/* ---- what came ---- */

typedef struct listing {
    txn *t;
    const fiscal_calendar *calendar;
    buf text;
} listing;

static bool put_status(void *arg, const report_status *s) {
    listing *l = arg;
    buf *b = &l->text;
    if (b->n) buf_addz(b, "; ");
    buf_printf(b, "%s ", doc_type_name(s->type));
    span_put(l->calendar, s->every, s->span.to, b);
    buf_printf(b, " %s %d", report_state_name(s->state), (int)s->days_late);
    if (s->found.lines) buf_printf(b, " %llu", (unsigned long long)s->found.lines);
    if (s->found.waiting) buf_printf(b, " (%llu wait)", (unsigned long long)s->found.waiting);
    if (s->found.contradicted != DAY_MIN) buf_addz(b, " contradicted ");
    if (s->found.contradicted != DAY_MIN) day_put(b, s->found.contradicted);
    return true;
}

static report_asker asker_of_books(books *w, txn *t, fiscal_calendar *calendar) {
    calendar_load(t, &w->a, calendar);
    return (report_asker){t, calendar, day_at(w->now_ms, 480), 480, currency_no(STR("CNY"))};
}

/* States of D1 in a month, as of now. */
static void check_states(books *w, unsigned month, const char *wanted, int line) {
    fiscal_calendar calendar;
    txn *t = books_read(w);
    report_asker q = asker_of_books(w, t, &calendar);
    listing l = {t, &calendar, {0}};
    report_each(&q, number_of(t, "D1"), DOC_TYPE_COUNT, day_of(2027, month, 1),
                day_of(2027, month, days_in_month(2027, month)), put_status, &l);
    if (strcmp(buf_z(&l.text), wanted) != 0) fail_msg("line %d: '%s', wanted '%s'", line, buf_z(&l.text), wanted);
    buf_free(&l.text);
    txn_abort(&t);
}
#define STATES(month, wanted) check_states(&w, month, wanted, __LINE__)

static void withdraw(books *w, uint64_t upload_no) {
    err e = {0};
    Entry__Withdraw body = ENTRY__WITHDRAW__INIT;
    body.upload = upload_no;
    body.reason = (char *)(uintptr_t) "test";
    if (!books_entry(w, KIND_WITHDRAW, "user:root", &body.base, NULL, &e)) fail_msg("%s", e.text);
}

static void a_month_comes_in(void **state) {
    (void)state;
    books w;
    open_world(&w);
    books_catalog(&w, "duty", "D1,sale,month,2,2027-01-01\n"); /* January: due on Tuesday, 2 February */
    at(&w, 2027, 1, 20, 9);
    (void)books_push_csv(&w, "D1", HEAD "sale,2027-01-05,P1,1,10\nsale,2027-01-19,P1,1,10\n");
    STATES(1, "sale 2027-01 not_due 0 2");
    at(&w, 2027, 2, 2, 23);
    STATES(1, "sale 2027-01 not_due 0 2");
    at(&w, 2027, 2, 3, 1);
    STATES(1, "sale 2027-01 missing 1 2"); /* what came in January is not the whole of January */
    (void)books_push_csv(&w, "D1", HEAD "sale,2027-01-30,P9,1,10\n");
    STATES(1, "sale 2027-01 late 1 3 (1 wait)");
    withdraw(&w, w.upload);
    STATES(1, "sale 2027-01 missing 1 2");
    at(&w, 2027, 2, 5, 9);
    (void)books_push_csv(&w, "D1", HEAD "sale,2027-02-05,P1,1,10\n"); /* the partner has moved on */
    STATES(1, "sale 2027-01 late 3 2");
    books_close(&w);
}

static void its_last_day_or_a_shops_lines_are_enough(void **state) {
    (void)state;
    books w;
    open_world(&w);
    books_catalog(&w, "duty", "D1,sale,month,2,2027-01-01\n");
    at(&w, 2027, 1, 31, 22);
    (void)books_push_csv(&w, "D1", "type,date,sku,quantity,amount,place\nreturn,2027-01-31,P1,1,10,S1\n");
    STATES(1, "sale 2027-01 on_time 0 1");
    books_close(&w);
}

static void counts_and_days(void **state) {
    (void)state;
    books w;
    open_world(&w);
    books_catalog(&w, "duty", "D1,stock,month,1,2027-01-01\nD1,receipt,day,1,2027-01-29,2027-01-30\n");
    at(&w, 2027, 1, 10, 9);
    (void)books_push_csv(&w, "D1", HEAD "stock,2027-01-10,P1,5,\n"); /* a count of any day is the month's */
    at(&w, 2027, 1, 30, 9);
    (void)books_push_csv(&w, "D1", HEAD "receipt,2027-01-29,P1,5,\n");
    STATES(1, "stock 2027-01 on_time 0 1; receipt 2027-01-29 on_time 0 1; receipt 2027-01-30 not_due 0");
    at(&w, 2027, 2, 3, 9);
    STATES(1, "stock 2027-01 on_time 0 1; receipt 2027-01-29 on_time 0 1; receipt 2027-01-30 missing 2");
    books_close(&w);
}

static void nothing_is_said_too(void **state) {
    (void)state;
    books w;
    open_world(&w);
    books_catalog(&w, "duty", "D1,sale,month,2,2027-01-01\n");
    at(&w, 2027, 2, 1, 9);
    apply_result r = books_push_csv(&w, "D1", HEAD "sale,2027-01-01..2027-01-30,nil,,\n");
    assert_int_equal(r.committed, 30);
    STATES(1, "sale 2027-01 not_due 0"); /* one day is left open */
    at(&w, 2027, 2, 5, 9);
    r = books_push_csv(&w, "D1", HEAD "sale,2027-01,零申报,,\n");
    assert_int_equal(r.committed, 31); /* takes the place of the one before */
    uint64_t nil = w.upload;
    STATES(1, "sale 2027-01 nil 3");
    r = books_push_csv(&w, "D1", HEAD "sale,2027-01,nil,,\n");
    assert_int_equal(r.duplicate, 31);
    (void)books_push_csv(&w, "D1", HEAD "sale,2027-01-12,P1,1,10\n"); /* lines make it void */
    STATES(1, "sale 2027-01 late 3 1");
    w.first_problem = w.first_hint = STR_NONE;
    withdraw(&w, nil);
    (void)books_push_csv(&w, "D1", HEAD "sale,2027-01-11..2027-01-13,nil,,\n");
    assert_true(str_is(w.first_problem, "days without lines"));
    STATES(1, "sale 2027-01 late 3 1 contradicted 2027-01-12");
    assert_string_equal(books_flows(&w), "D1 P1 2027-01-12 sell_out 1 10.00 CNY\n");
    books_close(&w);
}

static void nil_reports_have_bounds(void **state) {
    (void)state;
    static const struct {
        const char *row;
        uint64_t committed, refused;
    } cases[] = {
        {"sale,2024-01-01..2024-12-31,nil,,", LIMIT_NIL_DAYS, 0}, /* a leap year */
        {"sale,2024-01-01..2025-01-01,nil,,", 0, 1},
        {"sale,2025-03-02..2025-03-01,nil,,", 0, 1},
        {"sale,2025-03-02至2025年3月3日,nil,,", 2, 0},
        {"sale,2025-02,NIL,,", 28, 0},
        {"stock,2025-02-03, 零申报 ,,", 1, 0},
        {"sale,spring,nil,,", 0, 1},
        {"rent,2025-02,nil,,", 0, 1},
        {"sale,2025-02-03,P1,nil,", 0, 1}, /* a product is named: no nil report */
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        books w;
        char csv[256];
        open_world(&w);
        at(&w, 2027, 2, 5, 9);
        (void)snprintf(csv, sizeof csv, HEAD "sale,2025-05-05,P1,1,10\n%s\n", cases[i].row);
        AUTO(docset) d = {0};
        err e = {0};
        docset_init(&d);
        source in = {.name = "a.csv", .bytes = str_of(csv)};
        if (!formats_read(&in, NULL, &d, &e)) fail_msg("%s: %s", cases[i].row, e.text);
        if (d.lines != cases[i].committed + 1 || d.refused != cases[i].refused)
            fail_msg("%s: %zu lines, %zu refused", cases[i].row, d.lines, d.refused);
        apply_result r = books_push_csv(&w, "D1", csv);
        assert_int_equal(r.committed, cases[i].committed + 1);
        books_close(&w);
    }
}

/* The same files of two partners, and the catalogue before or after them, in either order: the same content. */
static void order_does_not_matter(void **state) {
    (void)state;
    static const char *const nil = HEAD "sale,2025-02,nil,,\n", *const lines = HEAD "sale,2025-02-03,P7,1,10\n";
    AUTO(buf) first = {0};
    for (int order = 0; order < 4; order++) {
        books w;
        AUTO(buf) now = {0};
        open_world(&w);
        at(&w, 2027, 2, 5, 9);
        if (order & 1) books_catalog(&w, "product", "P7,,茶,,,瓶\n");
        for (int i = 0; i < 2; i++) {
            const char *who = (order >> 1) == i ? "D1" : "D2";
            (void)books_push_csv(&w, who, lines);
            (void)books_push_csv(&w, who, nil);
        }
        if (!(order & 1)) books_catalog(&w, "product", "P7,,茶,,,瓶\n");
        (void)books_repost(&w);
        txn *t = books_read(&w);
        for (const char *const *id = (const char *const[]){"D1", "D2", NULL}; *id; id++) {
            report_found f;
            fiscal_calendar calendar;
            report_asker q = asker_of_books(&w, t, &calendar);
            report_find(&q, number_of(t, *id), TYPE_SALE, (day_span){day_of(2025, 2, 1), day_of(2025, 2, 28)}, &f);
            buf_printf(&now, "%llu %llu %lld %d;", (unsigned long long)f.lines, (unsigned long long)f.waiting,
                       (long long)f.amount, (int)f.contradicted);
        }
        txn_abort(&t);
        if (first.n == 0) buf_add(&first, buf_str(&now));
        assert_string_equal(buf_z(&now), buf_z(&first));
        books_close(&w);
    }
    assert_non_null(strstr(buf_z(&first), "1 0 1000 "));
}

/* ---- what it rests on ---- */

static void check_coverage(books *w, day_span span, const char *wanted, int line) {
    fiscal_calendar calendar;
    coverage v;
    AUTO(buf) text = {0};
    txn *t = books_read(w);
    report_asker q = asker_of_books(w, t, &calendar);
    coverage_of(&q, TYPE_SALE, span.from, span.to, &v);
    coverage_put(&v, &text);
    buf_printf(&text, " of %lld", (long long)v.usual_amount);
    if (strcmp(buf_z(&text), wanted) != 0) fail_msg("line %d: '%s', wanted '%s'", line, buf_z(&text), wanted);
    txn_abort(&t);
}
#define COVERAGE(m1, m2, wanted)                                                                                       \
    check_coverage(&w, (day_span){day_of(2027, m1, 1), day_of(2027, m2, days_in_month(2027, m2))}, wanted, __LINE__)

static void what_a_figure_rests_on(void **state) {
    (void)state;
    books w;
    open_world(&w);
    at(&w, 2027, 5, 2, 9);
    /* D1 sells 100, 200, 600 and 500 a month, D2 50 in March; D3 never reported */
    (void)books_push_csv(&w, "D1",
                         HEAD "sale,2027-01-31,P1,1,100\nsale,2027-02-28,P1,1,200\nsale,2027-03-31,P1,1,600\n"
                              "sale,2027-04-30,P1,1,500\n");
    (void)books_push_csv(&w, "D2", HEAD "sale,2027-03-15,P1,1,50\n");
    /* D1: (100 + 200 + 600) / 3 = 300; D2: 50 */
    COVERAGE(4, 4, "1 of 3 partners, 85.7 % of the usual amount (0 nil, 2 missing) of 35000");
    COVERAGE(
        3, 4,
        "1 of 3 partners, 92.9 % of the usual amount (0 nil, 2 missing, 1 of them in part) of 35000"); /* D2: half */
    COVERAGE(1, 1, "1 of 3 partners (0 nil, 2 missing) of 0"); /* no usual yet */
    (void)books_push_csv(&w, "D2", HEAD "sale,2027-04,nil,,\n");
    COVERAGE(4, 4, "2 of 3 partners, 100.0 % of the usual amount (1 nil, 1 missing) of 35000");
    books_catalog(&w, "duty", "D3,sale,never,,2027-01-01\nD1,sale,week,1,2027-01-01\n");
    /* by weeks D1 came once in four or five: three of them are in by their last days, the others by moving on */
    COVERAGE(5, 5, "0 of 2 partners, 0.0 % of the usual amount (0 nil, 2 missing) of 48333");
    books_close(&w);
}

/* ---- reminders ---- */

static size_t remind(books *w, buf *text) {
    fiscal_calendar calendar;
    Entry__Notices body = ENTRY__NOTICES__INIT;
    err e = {0};
    txn *t = books_read(w);
    report_asker q = asker_of_books(w, t, &calendar);
    bool any = reminders_due(&q, &w->a, &body);
    txn_abort(&t);
    assert_int_equal(any, body.n_notice > 0);
    for (size_t i = 0; i < body.n_notice; i++)
        buf_printf(text, "%s %s %s; ", body.notice[i]->partner, body.notice[i]->kind, body.notice[i]->subject);
    if (any && !books_entry(w, KIND_NOTICE, "system", &body.base, NULL, &e)) fail_msg("%s", e.text);
    return body.n_notice;
}

static void check_reminders(books *w, unsigned month, unsigned day, const char *wanted) {
    AUTO(buf) text = {0};
    at(w, 2027, month, day, 9);
    (void)remind(w, &text);
    if (strcmp(buf_z(&text), wanted) != 0) fail_msg("%u-%u: '%s', wanted '%s'", month, day, buf_z(&text), wanted);
    assert_int_equal(remind(w, &text), 0);
}

static void reminders_come_once(void **state) {
    (void)state;
    books w;
    open_world(&w);
    books_catalog(&w, "duty",
                  "D1,sale,month,3,2027-01-01\nD1,stock,month,3,2027-01-01\nD2,receipt,month,4,2027-01-01\n");
    books_catalog(&w, "onboarding", "D3,2027-02-01,live\n");
    books_catalog(&w, "duty", "D3,sale,month,3,2027-01-01\n"); /* its January is history */
    /* January 2027 ends on a Sunday: D1's is due on Wednesday the 3rd, D2's on the 4th */
    check_reminders(&w, 1, 31, "");
    check_reminders(&w, 2, 1, "D1 report_due month sale stock; ");
    check_reminders(&w, 2, 2, "D2 report_due month receipt; ");
    (void)books_push_csv(&w, "D1", HEAD "stock,2027-01-31,P1,1,\n");
    check_reminders(&w, 2, 3, "");
    check_reminders(&w, 2, 4, "D1 report_missing month sale; ");
    check_reminders(&w, 2, 20, "D2 report_missing month receipt; "); /* the daemon slept */
    books_catalog(&w, "duty", "D2,payment,month,4,2027-01-01\n");    /* asked for later: told of once, too */
    check_reminders(&w, 2, 21, "D2 report_missing month payment; ");
    books_setting(&w, "duty.remind_days", "0");
    check_reminders(&w, 3, 2, "");
    check_reminders(&w, 3, 3, "D1 report_due month sale stock; D3 report_due month sale; ");
    check_reminders(&w, 5, 20,
                    "D1 report_missing month sale stock; D2 report_missing month receipt payment; "
                    "D3 report_missing month sale; "); /* March is too long ago */
    books_close(&w);
}

static void reminders_speak_two_languages(void **state) {
    (void)state;
    books w;
    fiscal_calendar calendar;
    Entry__Notices body = ENTRY__NOTICES__INIT;
    open_world(&w);
    books_catalog(&w, "duty", "D1,sale,month,3,2027-01-01\nD1,stock,month,3,2027-01-01\n");
    at(&w, 2027, 2, 1, 9);
    txn *t = books_read(&w);
    assert_int_equal(reminders_hour_ms(t, day_of(2027, 2, 1), 480), w.now_ms);
    report_asker q = asker_of_books(&w, t, &calendar);
    assert_true(reminders_due(&q, &w.a, &body));
    assert_string_equal(body.notice[0]->zh, "2027-01 的销售、库存数据请于 2027-02-03 前报送；没有业务请零申报。");
    assert_string_equal(body.notice[0]->en,
                        "sale, stock of 2027-01: please report by 2027-02-03. If there was nothing, "
                        "send a nil report.");
    txn_abort(&t);
    books_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_most_specific_duty_decides),
        cmocka_unit_test(a_month_comes_in),
        cmocka_unit_test(its_last_day_or_a_shops_lines_are_enough),
        cmocka_unit_test(counts_and_days),
        cmocka_unit_test(nothing_is_said_too),
        cmocka_unit_test(nil_reports_have_bounds),
        cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(what_a_figure_rests_on),
        cmocka_unit_test(reminders_come_once),
        cmocka_unit_test(reminders_speak_two_languages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
