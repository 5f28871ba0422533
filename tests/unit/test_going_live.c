/* links: journal formats */
#include "daemon/catalog/check.h"
#include "daemon/catalog/onboarding.h"
#include "daemon/ledger/live.h"
#include "daemon/ledger/opening.h"
#include "daemon/ledger/query.h"
#include "daemon/ledger/stock.h"
#include "daemon/outbox/outbox.h"
#include "tests/unit/books.h"

static uint32_t number_of(txn *t, const char *id) {
    partner p;
    assert_true(partner_by_id(t, str_of(id), &p));
    return p.no;
}

/* ---- live date and mode */

static void who_is_live_from_when(void **state) {
    (void)state;
    static const struct {
        const char *rows, *mode, *of; /* rows of onboarding, setting, partner */
        int live;                     /* day of June 2026; 0: since ever, −1: not yet */
        bool shadow;
    } cases[] = {
        {"", "live", "D1", 0, false},
        {"", "shadow", "D1", 0, true},
        {"D1,,,,\n", "live", "D1", -1, false},
        {"D1,2026-06-15,,,\n", "live", "D1", 15, false},
        {"D1,2026-06-15,,,\n", "live", "D2", 0, false},
        {"D1,2026-06-15,,,\n", "live", "T1", 15, false},                   /* a place follows its distributor */
        {"D1,2026-06-15,,,\nT1,2026-06-20,,,\n", "live", "T1", 20, false}, /* unless it has a row */
        {"D1,2026-06-15,shadow,,\n", "live", "D1", 15, true},
        {"D1,2026-06-15,live,,\n", "shadow", "D1", 15, false},
        {"D1,2026-06-15,,,\n", "shadow", "D1", 15, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        books w;
        onboarding o;
        books_open(&w);
        books_fill(&w);
        if (cases[i].rows[0]) books_catalog(&w, "onboarding", cases[i].rows);
        books_setting(&w, "mode", cases[i].mode);
        txn *t = books_read(&w);
        uint32_t no = number_of(t, cases[i].of);
        onboarding_of(t, no, &o);
        day_t live = cases[i].live == 0  ? DAY_MIN
                     : cases[i].live < 0 ? DAY_MAX
                                         : day_of(2026, 6, (unsigned)cases[i].live);
        if (o.live != live || o.shadow != cases[i].shadow || o.row != (cases[i].live != 0))
            fail_msg("case %zu: live %d, shadow %d", i, (int)o.live, o.shadow);
        assert_true(ledger_live_from(t, no) == live);
        if (live != DAY_MIN && live != DAY_MAX) {
            assert_true(ledger_is_history(t, no, live - 1));
            assert_false(ledger_is_history(t, no, live));
        }
        txn_abort(&t);
        books_close(&w);
    }
}

/* Quantity of a product in an era. */
static int64_t in_era(books *w, flow_era era, flow_dimension by) {
    AUTO(arena) a = {0};
    flow_query q = {.by = {by}, .dims = 1, .from = DAY_MIN, .to = DAY_MAX, .era = era};
    flow_row *row;
    size_t rows;
    int64_t sum = 0;
    err e = {0};
    txn *t = books_read(w);
    arena_init(&a, SIZE_MAX);
    if (!flow_query_run(t, &q, &a, &row, &rows, &e)) fail_msg("%s", e.text);
    for (size_t i = 0; i < rows; i++) sum += row[i].quantity;
    txn_abort(&t);
    return sum;
}

static void flows_are_split_by_the_live_date(void **state) {
    (void)state;
    static const flow_dimension ways[] = {DIM_PARTNER, DIM_MONTH, DIM_DAY, DIM_REGION, DIM_CUSTOMER};
    books w;
    books_open(&w);
    books_fill(&w);
    books_catalog(&w, "onboarding", "D1,2026-06-15,,,\n");
    (void)books_push_csv(&w, "D1",
                         "type,number,date,sku,quantity,place\nsale,1,2026-06-14,P1,1,\nsale,2,2026-06-15,P1,2,\n"
                         "sale,3,2026-05-01,P1,4,T1\n");
    (void)books_push_csv(&w, "D2", "type,number,date,sku,quantity\nsale,1,2026-01-01,P1,8\n");
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        assert_int_equal(in_era(&w, ERA_ALL, ways[i]), 15000);
        assert_int_equal(in_era(&w, ERA_HISTORY, ways[i]), 5000);
        assert_int_equal(in_era(&w, ERA_LIVE, ways[i]), 10000);
    }
    books_catalog(&w, "onboarding", "D1,2026-05-01,,,\n");
    assert_int_equal(in_era(&w, ERA_HISTORY, DIM_PARTNER), 0);
    books_close(&w);
}

/* ---- openings */

static int64_t level_of(books *w, const char *who, const char *sku, day_t at, const char **events) {
    AUTO(buf) b = {0};
    stock s;
    product x;
    int64_t found = NUM_NONE;
    txn *t = books_read(w);
    stock_of(t, number_of(t, who), at, &w->a, &s);
    assert_true(product_by_sku(t, str_of(sku), &x));
    for (size_t i = 0; i < s.levels; i++)
        if (s.level[i].product == x.no && s.level[i].counted) found = s.level[i].quantity;
    for (size_t i = 0; i < s.events; i++) {
        if (s.event[i].product != x.no) continue;
        buf_printf(&b, "%s ", flow_kind_name(s.event[i].kind));
        dec_put(&b, s.event[i].quantity, QUANTITY_SCALE, 0);
        buf_addz(&b, "; ");
    }
    txn_abort(&t);
    *events = b.n ? arena_str(&w->a, buf_str(&b)).p : "";
    return found;
}

static void an_opening_is_the_first_count(void **state) {
    (void)state;
    static const struct {
        const char *opening, *file; /* rows of D1; what D1 sends */
        int64_t level;              /* of P1 at the end of June, thousandths */
        const char *events;
    } cases[] = {
        {"D1,P1,5,,,,2026-06-10\n", "", 5000, "opening 5; "},
        {"D1,P1,2,箱,,,2026-06-10\nD1,P1,3,,B2,,2026-06-10\n", "", 51000, "opening 51; "}, /* batches add up */
        {"D1,P1,5,,,,2026-06-10\n", "sale,1,2026-06-09,P1,3\nsale,2,2026-06-11,P1,1\n", 4000, "opening 5; "},
        {"D1,P1,5,,,,2026-06-10\n", "stock,1,2026-06-20,P1,4\n", 4000, "opening 5; adjustment -1; "},
        {"D1,P1,5,,,,2026-06-10\n", "stock,1,2026-06-10,P1,4\n", 4000, "opening 5; adjustment -1; "},
        {"D1,P1,5,,,,2026-06-10\n", "stock,1,2026-06-01,P1,9\n", 5000, "opening 9; opening -4; "}, /* no difference */
        {"D1,P2,5,,,,2026-06-10\n", "", NUM_NONE, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        books w;
        AUTO(buf) csv = {0};
        const char *events;
        books_open(&w);
        books_fill(&w);
        books_catalog(&w, "opening_stock", cases[i].opening);
        buf_addz(&csv, "type,number,date,sku,quantity\n");
        buf_addz(&csv, cases[i].file);
        if (cases[i].file[0]) (void)books_push_csv(&w, "D1", buf_z(&csv));
        int64_t level = level_of(&w, "D1", "P1", day_of(2026, 6, 30), &events);
        if (level != cases[i].level || strcmp(events, cases[i].events) != 0)
            fail_msg("case %zu: %lld, %s", i, (long long)level, events);
        books_close(&w);
    }
}

static void openings_stand_at_their_place(void **state) {
    (void)state;
    books w;
    const char *events;
    stock_count first;
    books_open(&w);
    books_fill(&w);
    books_catalog(&w, "opening_stock", "D1,P1,5,,,T1,2026-06-10\nD2,P1,7,,,,2026-06-11\n");
    assert_int_equal(level_of(&w, "T1", "P1", day_of(2026, 6, 30), &events), 5000);
    assert_true(level_of(&w, "D1", "P1", day_of(2026, 6, 30), &events) == NUM_NONE);
    txn *t = books_read(&w);
    assert_int_equal(stock_partner(t, 1, false), number_of(t, "D2"));
    assert_int_equal(stock_partner(t, number_of(t, "D2") + 1, false), number_of(t, "T1"));
    assert_true(stock_first(t, number_of(t, "D2"), &w.a, &first));
    assert_true(first.opening && first.day == day_of(2026, 6, 11) && first.quantity == 7000 && first.entry > 0);
    assert_false(stock_first(t, number_of(t, "D1"), &w.a, &first));
    txn_abort(&t);
    books_catalog(&w, "opening_stock", "D1,P1,6,,,T1,2026-06-12\n"); /* corrected, with another day */
    assert_int_equal(level_of(&w, "T1", "P1", day_of(2026, 6, 30), &events), 6000);
    assert_string_equal(events, "opening 6; ");
    books_close(&w);
}

static void other_openings_are_read_by_those_who_judge(void **state) {
    (void)state;
    books w;
    opening_volume *v;
    opening_wallet *m;
    opening_receivable *r;
    books_open(&w);
    books_fill(&w);
    books_catalog(&w, "opening_volume",
                  "D1,V1,2026Q2,,,1200.5,2026-06-15\nD1,V1,2026Q2,P1,240,,2026-06-15\n"
                  "D1,V1,2026Q1,,,7,2026-03-31\nD2,V1,2026Q2,,,9,2026-06-15\n");
    books_catalog(&w, "opening_wallet", "D1,,,-30,2026-06-15\nD1,south,USD,4.5,2026-06-15\n");
    books_catalog(&w, "opening_receivable", "D1,,INV-7,880,,2026-07-15,2026-06-15\nD1,,INV-8,-5,JPY,,2026-06-15\n");
    txn *t = books_read(&w);
    uint32_t d1 = number_of(t, "D1");
    assert_int_equal(opening_volumes(t, d1, STR("V1"), STR("2026Q2"), &w.a, &v), 2);
    assert_true(v[0].product == 0 && v[0].amount == 120050 && v[0].quantity == NUM_NONE);
    assert_true(v[1].product != 0 && v[1].amount == NUM_NONE && v[1].quantity == 240000);
    assert_true(v[0].as_of == day_of(2026, 6, 15) && v[0].entry > 0);
    assert_int_equal(opening_volumes(t, d1, STR("V2"), STR("2026Q2"), &w.a, &v), 0);
    assert_int_equal(opening_volumes(t, d1, STR(""), STR(""), &w.a, &v), 0);
    assert_int_equal(opening_wallets(t, d1, &w.a, &m), 2);
    assert_true(str_is(m[0].company, "main") && m[0].amount == -3000 && m[0].currency == currency_no(STR("CNY")));
    assert_true(str_is(m[1].company, "south") && m[1].amount == 450 && m[1].currency == currency_no(STR("USD")));
    assert_int_equal(opening_receivables(t, d1, &w.a, &r), 2);
    assert_true(str_is(r[0].document, "INV-7") && r[0].amount == 88000 && r[0].due == day_of(2026, 7, 15));
    assert_true(r[1].amount == -5 && r[1].due == DAY_MAX); /* yen have no minor unit */
    assert_int_equal(opening_receivables(t, number_of(t, "D2"), &w.a, &r), 0);
    txn_abort(&t);
    books_close(&w);
}

static void wrong_openings_are_refused(void **state) {
    (void)state;
    static const struct {
        catalog_table table;
        const char *cell[8], *column; /* NULL: good */
    } cases[] = {
        {CATALOG_OPENING_STOCK, {"D1", "P1", "5", "箱", "", "T1", "2026-06-01"}, NULL},
        {CATALOG_OPENING_STOCK, {"D1", "P1", "-5", "", "", "", "2026-06-01"}, "quantity"},
        {CATALOG_OPENING_STOCK, {"D1", "P1", "5", "罐", "", "", "2026-06-01"}, "unit"},
        {CATALOG_OPENING_STOCK, {"D1", "P1", "5", "", "", "D2", "2026-06-01"}, "place"},
        {CATALOG_OPENING_STOCK, {"D1", "P9", "5", "", "", "", "2026-06-01"}, "sku"},
        {CATALOG_OPENING_STOCK, {"D1", "P1", "5", "", "", "", ""}, "as_of"},
        {CATALOG_OPENING_WALLET, {"D1", "main", "CNY", "-5.25", "2026-06-01"}, NULL},
        {CATALOG_OPENING_WALLET, {"D1", "main", "yuan", "5", "2026-06-01"}, "currency"},
        {CATALOG_OPENING_WALLET, {"D1", "main", "CNY", "viel", "2026-06-01"}, "amount"},
        {CATALOG_OPENING_VOLUME, {"D1", "V", "Q", "", "", "0", "2026-06-01"}, NULL},
        {CATALOG_OPENING_VOLUME, {"D1", "V", "Q", "", "", "", "2026-06-01"}, "amount"},
        {CATALOG_OPENING_RECEIVABLE, {"D1", "", "I1", "5", "CNYY", "", "2026-06-01"}, "currency"},
        {CATALOG_ONBOARDING, {"D1", "2026-06-01", "shadow", "", ""}, NULL},
        {CATALOG_ONBOARDING, {"D1", "soon", "", "", ""}, "live"},
        {CATALOG_ONBOARDING, {"D1", "", "dark", "", ""}, "mode"},
    };
    books w;
    books_open(&w);
    books_fill(&w);
    txn *t = books_read(&w);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(catalog_checked) checked = {0};
        str cells[CATALOG_COLUMNS_MAX] = {{0}};
        for (size_t k = 0; k < catalog_tables[cases[i].table].column_count; k++) cells[k] = str_of(cases[i].cell[k]);
        catalog_input in = {.table = cases[i].table, .cells = cells, .rows = 1, .today = day_of(2026, 6, 30)};
        bool good = catalog_check(t, &in, &w.a, &checked);
        if (good != (cases[i].column == NULL))
            fail_msg("case %zu: %s", i, good ? "taken" : checked.faults.at[0].column);
        if (!good) assert_string_equal(checked.faults.at[0].column, cases[i].column);
    }
    txn_abort(&t);
    books_close(&w);
}

/* ---- messages */

static bool post(books *w, const char *who, const char *subject, int day, const char *zh, apply_result *r, err *e) {
    Entry__Notice n = ENTRY__NOTICE__INIT, *list[] = {&n};
    Entry__Notices m = ENTRY__NOTICES__INIT;
    n.partner = (char *)(uintptr_t)who;
    n.kind = (char *)(uintptr_t) "reminder";
    n.subject = (char *)(uintptr_t)subject;
    n.day = day_of(2026, 6, (unsigned)day);
    n.zh = (char *)(uintptr_t)zh;
    n.en = (char *)(uintptr_t) "due";
    m.notice = list;
    m.n_notice = 1;
    *r = (apply_result){.a = &w->a};
    return books_entry(w, KIND_NOTICE, "system", &m.base, r, e);
}

/* "new 到期; …" of a partner. */
static const char *notices_of(books *w, const char *who) {
    AUTO(buf) b = {0};
    txn *t = books_read(w);
    notice n;
    key k = outbox_key(number_of(t, who));
    for (kv_cursor c = kv_from(t, TABLE_NOTICE, key_str(&k), STR_NONE); kv_next(&c);) {
        assert_true(notice_decode(c.key, c.val, &n));
        buf_printf(&b, "%s %.*s; ", notice_state_name(n.state), STR_ARG(n.zh));
    }
    txn_abort(&t);
    return b.n ? arena_str(&w->a, buf_str(&b)).p : "";
}

static void read_all(books *w, const char *who, uint64_t number) {
    Entry__NoticesRead m = ENTRY__NOTICES_READ__INIT;
    err e = {0};
    m.partner = (char *)(uintptr_t)who;
    m.number = &number;
    m.n_number = number ? 1 : 0;
    if (!books_entry(w, KIND_NOTICE_READ, "user:a", &m.base, NULL, &e)) fail_msg("%s", e.text);
}

static void a_message_is_news_once(void **state) {
    (void)state;
    books w;
    apply_result r;
    err e = {0};
    books_open(&w);
    books_fill(&w);
    assert_true(post(&w, "D1", "sale", 5, "到期", &r, &e) && r.committed == 1);
    assert_true(post(&w, "D1", "sale", 5, "到期", &r, &e) && r.committed == 0 && r.duplicate == 1);
    assert_true(post(&w, "D1", "stock", 5, "盘点", &r, &e) && r.committed == 1);
    assert_string_equal(notices_of(&w, "D1"), "new 到期; new 盘点; ");
    read_all(&w, "D1", 2);
    assert_string_equal(notices_of(&w, "D1"), "new 到期; read 盘点; ");
    read_all(&w, "D1", 0);
    assert_true(post(&w, "D1", "sale", 5, "到期", &r, &e) && r.committed == 0);
    assert_true(post(&w, "D1", "sale", 5, "逾期", &r, &e) && r.committed == 1);
    assert_string_equal(notices_of(&w, "D1"), "new 逾期; read 盘点; ");
    assert_string_equal(notices_of(&w, "D2"), "");
    assert_false(post(&w, "D9", "sale", 5, "x", &r, &e));
    assert_int_equal(e.code, ERR_NOT_FOUND);
    assert_false(post(&w, "D1", "", 5, "x", &r, &e));
    books_close(&w);
}

static void what_may_not_go_out_is_kept(void **state) {
    (void)state;
    books w;
    apply_result r;
    err e = {0};
    books_open(&w);
    books_fill(&w);
    books_catalog(&w, "onboarding", "D1,2026-06-15,shadow,,\nD2,2026-06-15,,,\n");
    assert_true(post(&w, "D1", "sale", 20, "到期", &r, &e) && post(&w, "D2", "sale", 14, "早", &r, &e) &&
                post(&w, "D2", "sale", 15, "到期", &r, &e));
    assert_string_equal(notices_of(&w, "D1"), "suppressed_shadow 到期; ");
    assert_string_equal(notices_of(&w, "D2"), "suppressed_history 早; new 到期; ");
    books_catalog(&w, "onboarding", "D1,2026-06-15,live,,\n");
    assert_string_equal(notices_of(&w, "D1"), "suppressed_shadow 到期; "); /* nothing old is set free */
    assert_true(post(&w, "D1", "sale", 20, "到期", &r, &e) && r.committed == 1);
    assert_string_equal(notices_of(&w, "D1"), "new 到期; ");
    books_close(&w);
}

static void a_text_has_its_bound(void **state) {
    (void)state;
    books w;
    apply_result r;
    err e = {0};
    char text[LIMIT_NOTICE + 2];
    books_open(&w);
    books_fill(&w);
    memset(text, 'x', sizeof text);
    text[LIMIT_NOTICE] = '\0';
    assert_true(post(&w, "D1", "a", 5, text, &r, &e));
    text[LIMIT_NOTICE] = 'x';
    text[LIMIT_NOTICE + 1] = '\0';
    assert_false(post(&w, "D1", "b", 5, text, &r, &e));
    assert_non_null(strstr(e.text, "2000 bytes"));
    books_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_live_from_when),
        cmocka_unit_test(flows_are_split_by_the_live_date),
        cmocka_unit_test(an_opening_is_the_first_count),
        cmocka_unit_test(openings_stand_at_their_place),
        cmocka_unit_test(other_openings_are_read_by_those_who_judge),
        cmocka_unit_test(wrong_openings_are_refused),
        cmocka_unit_test(a_message_is_news_once),
        cmocka_unit_test(what_may_not_go_out_is_kept),
        cmocka_unit_test(a_text_has_its_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
