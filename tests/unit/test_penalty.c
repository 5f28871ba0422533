/* links: journal formats */
#include "base/num.h"
#include "daemon/trace/penalty.h"
#include "proto/limits.h"
#include "tests/unit/books.h"

#define SCHEDULE                                                                                                       \
    "spec:\n  currency: CNY\n  clause: '7.2'\n  window_months: 12\n  price: dealer\n  offences:\n"                     \
    "    - {rate: '50%', lump: '100'}\n"                                                                               \
    "    - {rate: '100%', buy_back: '100%', clause: '7.3', at_least: '500', at_most: '2000.00'}\n"                     \
    "    - {rate: '200%', deposit: '20000.01', exemptions: 365, clause: '7.4'}\n"

static void parse(const char *yaml, penalty_schedule *p) {
    err e = {0};
    if (!penalty_parse(str_of(yaml), p, &e)) fail_msg("%s", e.text);
}

/* Amounts in fen, by hand: the rate of the goods and the lump, no less than, no more than; the bought back stands beside. */
static void every_offence_by_hand(void **state) {
    (void)state;
    static const struct {
        uint32_t nth;
        int64_t goods, wallet, buy_back, deposit, compensation;
    } rows[] = {
        {1, 0, 10000, 0, 0, 5000},
        {1, 69600, 44800, 0, 0, 22400},
        {1, 1, 10001, 0, 0, 5001},
        {1, 3, 10002, 0, 0, 5001},
        {2, 0, 50000, 0, 0, 25000},
        {2, 49999, 50000, 49999, 0, 74999},
        {2, 50000, 50000, 50000, 0, 75000},
        {2, 200000, 200000, 200000, 0, 300000},
        {2, 200001, 200000, 200001, 0, 300001},
        {3, 10000, 20000, 0, 2000001, 1010001},
        {4, 10000, 20000, 0, 2000001, 1010001},
        {99, 0, 0, 0, 2000001, 1000001},
    };
    AUTO(penalty_schedule) p = {.offences = 0};
    parse(SCHEDULE "  compensation: {share: '50%', of: penalty}\n", &p);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        penalty_due due;
        err e = {0};
        if (!penalty_reckon(&p, rows[i].nth, rows[i].goods, &due, &e)) fail_msg("row %zu: %s", i, e.text);
        if (due.wallet != rows[i].wallet || due.buy_back != rows[i].buy_back || due.deposit != rows[i].deposit ||
            due.compensation != rows[i].compensation)
            fail_msg("row %zu: %lld %lld %lld %lld", i, (long long)due.wallet, (long long)due.buy_back,
                     (long long)due.deposit, (long long)due.compensation);
        assert_int_equal(due.offence, rows[i].nth);
        assert_ptr_equal(due.row, &p.offence[(rows[i].nth > 3 ? 3 : rows[i].nth) - 1]);
    }
}

static void the_harmed_get_a_share_of_the_goods_or_nothing(void **state) {
    (void)state;
    static const struct {
        const char *more;
        int64_t wanted; /* of 1000.00 of goods at the first offence */
    } rows[] = {{"", 0},
                {"  compensation: {share: '30%', of: goods}\n", 30000},
                {"  compensation: {share: '30%'}\n", 18000},
                {"  compensation: {share: '1000%', of: goods}\n", 1000000}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(penalty_schedule) p = {.offences = 0};
        AUTO(buf) b = {0};
        penalty_due due;
        err e = {0};
        buf_printf(&b, "%s%s", SCHEDULE, rows[i].more);
        parse(buf_z(&b), &p);
        assert_true(penalty_reckon(&p, 1, 100000, &due, &e));
        assert_int_equal(due.wallet, 60000);
        assert_int_equal(due.compensation, rows[i].wanted);
    }
}

static void limits_and_warnings(void **state) {
    (void)state;
    AUTO(penalty_schedule) p = {.offences = 0};
    AUTO(penalty_schedule) w = {.offences = 0};
    penalty_due due;
    err e = {0};
    parse("spec:\n  offences:\n    - {rate: '100%'}\n", &p);
    assert_true(penalty_reckon(&p, 1, LIMIT_WALLET, &due, &e));
    assert_int_equal(due.wallet, LIMIT_WALLET);
    assert_false(penalty_reckon(&p, 1, LIMIT_WALLET + 1, &due, &e));
    assert_int_equal(e.code, ERR_DATA);
    parse("spec:\n  offences:\n    - {warning: true}\n    - {rate: '10%'}\n", &w);
    assert_true(penalty_reckon(&w, 1, 100000, &due, &e));
    assert_int_equal(due.wallet + due.buy_back + due.deposit + due.compensation, 0);
    assert_true(penalty_reckon(&w, 2, 100000, &due, &e));
    assert_int_equal(due.wallet, 10000);
}

/* ---- what is taken and what is not, side by side */

static void good_and_bad_schedules(void **state) {
    (void)state;
    static const struct {
        const char *offence;
        bool ok;
    } rows[] = {
        {"rate: '1000%'", true},
        {"rate: '1000.1%'", false},
        {"rate: '0.5'", true},
        {"rate: '-1%'", false},
        {"rate: half", false},
        {"lump: '500.00'", true},
        {"lump: '500.001'", false},
        {"lump: '-1'", false},
        {"deposit: '20000'", true},
        {"deposit: many", false},
        {"exemptions: 3650", true},
        {"exemptions: 3651", false},
        {"exemptions: -1", false},
        {"at_least: '5', at_most: '5'", true},
        {"at_least: '5.01', at_most: '5'", false},
        {"warning: true", true},
        {"warning: true, lump: '1'", false},
        {"warning: maybe", false},
        {"fine: '5'", false},
        {"clause: ''", false},
        {"clause: '7.2'", true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(penalty_schedule) p = {.offences = 0};
        AUTO(buf) b = {0};
        err e = {0};
        buf_printf(&b, "spec:\n  offences:\n    - {%s}\n", rows[i].offence);
        bool ok = penalty_parse(buf_str(&b), &p, &e);
        if (ok != rows[i].ok) fail_msg("{%s}: %s", rows[i].offence, ok ? "taken" : e.text);
        if (!ok && strncmp(e.text, "line 3", 6) != 0) fail_msg("{%s}: %s", rows[i].offence, e.text);
    }
}

static void offences_have_a_bound(void **state) {
    (void)state;
    for (size_t n = 0; n <= PENALTY_OFFENCES + 1; n++) {
        AUTO(penalty_schedule) p = {.offences = 0};
        AUTO(buf) b = {0};
        err e = {0};
        buf_addz(&b, n ? "spec:\n  offences:\n" : "spec:\n  offences: []\n");
        for (size_t i = 0; i < n; i++) buf_addz(&b, "    - {rate: '1%'}\n");
        assert_int_equal(penalty_parse(buf_str(&b), &p, &e), n >= 1 && n <= PENALTY_OFFENCES);
    }
}

/* ---- revisions: the newest that is effective on the day of what is punished */

static bool revise(books *w, uint32_t revision, const char *from, const char *to, const char *lump, err *e) {
    AUTO(buf) b = {0};
    Entry__PenaltySchedule m = ENTRY__PENALTY_SCHEDULE__INIT;
    buf_printf(&b, "spec:\n  effective: {from: %s, to: %s}\n  offences:\n    - {lump: '%s'}\n", from, to, lump);
    m.revision = revision;
    m.yaml = (char *)(uintptr_t)buf_z(&b);
    return books_entry(w, KIND_PENALTY, "user:anna", &m.base, NULL, e);
}

static void the_newest_revision_of_the_day_holds(void **state) {
    (void)state;
    static const struct {
        unsigned month, day;
        uint32_t revision;
    } rows[] = {{1, 1, 1}, {5, 31, 1}, {6, 1, 2}, {6, 30, 2}, {7, 1, 1}, {12, 31, 1}};
    books w;
    err e = {0};
    books_open(&w);
    assert_true(revise(&w, 1, "2026-01-01", "2026-12-31", "1", &e));
    assert_false(revise(&w, 1, "2026-01-01", "2026-12-31", "2", &e));
    assert_int_equal(e.code, ERR_CONFLICT);
    assert_true(revise(&w, 2, "2026-06-01", "2026-06-30", "2", &e));
    txn *t = books_read(&w);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(penalty_schedule) p = {.offences = 0};
        uint32_t revision;
        assert_true(penalty_on(t, day_of(2026, rows[i].month, rows[i].day), &revision, &p, &e));
        assert_int_equal(revision, rows[i].revision);
        assert_int_equal(p.offence[0].lump, rows[i].revision * 100);
    }
    for (int year = 2025; year <= 2027; year += 2) {
        AUTO(penalty_schedule) p = {.offences = 0};
        uint32_t revision;
        assert_true(penalty_on(t, day_of(year, 6, 15), &revision, &p, &e));
        assert_int_equal(revision, 0);
    }
    txn_abort(&t);
    books_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_offence_by_hand), cmocka_unit_test(the_harmed_get_a_share_of_the_goods_or_nothing),
        cmocka_unit_test(limits_and_warnings),   cmocka_unit_test(good_and_bad_schedules),
        cmocka_unit_test(offences_have_a_bound), cmocka_unit_test(the_newest_revision_of_the_day_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
