#include "daemon/service/business.h"

#include "base/log.h"
#include "daemon/catalog/calendar.h"
#include "daemon/catalog/settings.h"
#include "daemon/command/call.h"
#include "daemon/command/cases.h"
#include "daemon/command/statements.h"
#include "daemon/journal/journal.h"
#include "daemon/ledger/reminders.h"
#include "daemon/ledger/repost.h"
#include "daemon/ledger/wallet.h"
#include "daemon/service/http.h"
#include "daemon/service/judgement.h"
#include "daemon/service/nightly.h"
#include "daemon/service/overstock.h"
#include "daemon/service/plans.h"
#include "daemon/store/store.h"
#include "daemon/trace/papers.h"
#include "proto/journal.pb-c.h"
#include <inttypes.h>

enum { HOUR_MS = 3600 * 1000, RESULTS_A_TURN = 256, DAYS_LOOKED_BACK = 40 };

/* Kept results of requests, older than LIMIT_REQUEST_DAYS. */
static void forget_results(service *s, int64_t due_ms) {
    AUTO(txn) *t = NULL;
    err e;
    if (!txn_begin(s->db, TXN_WRITE, &t, &e)) service_die("store.failed", &e);
    if (call_forget_results(t, due_ms, RESULTS_A_TURN) && txn_ok(t, &e) && !txn_commit(&t, &e))
        service_die("commit.failed", &e);
}

/* Lines that were dated ahead post themselves when their day comes. Looked back over days the daemon may have slept. */
static void judge_days(service *s, int64_t due_ms) {
    AUTO(txn) *t = NULL;
    err e;
    if (!txn_begin(s->db, TXN_WRITE, &t, &e)) service_die("store.failed", &e);
    day_t last = day_at(due_ms, call_zone(t)) + LIMIT_AHEAD_DAYS;
    bool any = false;
    for (day_t day = last - DAYS_LOOKED_BACK; day <= last; day++) {
        AUTO(buf) word = {0};
        day_put(&word, day);
        any = repost_queue(t, WAIT_DATE, buf_str(&word)) || any;
    }
    if (any && !txn_commit(&t, &e)) service_die("commit.failed", &e);
    s->reposts = s->reposts || any;
}

/* Credits that nobody used in time, on the day after their last. */
static void expire_credits(service *s, int64_t due_ms) {
    AUTO(txn) *t = NULL;
    AUTO(arena) a = {0};
    err e;
    Entry__Wallet body = ENTRY__WALLET__INIT;
    arena_init(&a, (size_t)64 * 1024 * 1024);
    if (!txn_begin(s->db, TXN_WRITE, &t, &e)) service_die("store.failed", &e);
    if (!wallet_expiry(t, day_at(due_ms, call_zone(t)), &a, &body)) return;
    command_entry what = {KIND_WALLET, due_ms, STR("system"), &body.base};
    apply_result r = {.a = &a};
    if (!journal_append(t, &what, &r, NULL, &e)) log_event(LOG_LEVEL_ERROR, "expiry.failed", "why='%s'", e.text);
    else if (!txn_commit(&t, &e))
        service_die("commit.failed", &e);
}

/* The next messages about reports, in one entry; false: none is left to be posted. */
static bool remind_some(txn *t, int64_t due_ms, int zone_min) {
    AUTO(arena) a = {0};
    err e;
    fiscal_calendar calendar;
    Entry__Notices body = ENTRY__NOTICES__INIT;
    arena_init(&a, SIZE_MAX);
    calendar_load(t, &a, &calendar);
    report_asker q = {.t = t, .calendar = &calendar, .today = day_at(due_ms, zone_min), .zone_min = zone_min};
    if (!reminders_due(&q, &a, &body)) return false;
    command_entry what = {KIND_NOTICE, due_ms, STR("system"), &body.base};
    apply_result r = {.a = &a};
    if (journal_append(t, &what, &r, NULL, &e)) return true;
    log_event(LOG_LEVEL_ERROR, "reminders.failed", "why='%s'", e.text);
    return false;
}

/* Partners are told what is due and what is missing, once a day: at the hour that is set, or at the next tick after it
 * when the daemon slept. */
static void remind(service *s, int64_t due_ms) {
    AUTO(txn) *t = NULL;
    err e;
    if (due_ms < s->remind_ms) return;
    if (!txn_begin(s->db, TXN_WRITE, &t, &e)) service_die("store.failed", &e);
    int zone_min = call_zone(t);
    int64_t hour_ms = reminders_hour_ms(t, day_at(due_ms, zone_min), zone_min);
    bool any = false;
    while (due_ms >= hour_ms && remind_some(t, due_ms, zone_min)) any = true;
    s->remind_ms = due_ms >= hour_ms ? hour_ms + 24 * HOUR_MS : hour_ms;
    if (any && txn_ok(t, &e) && !txn_commit(&t, &e)) service_die("commit.failed", &e);
}

/* What rebates have changed by, once a night. */
static void accrue(service *s, int64_t due_ms) {
    AUTO(txn) *t = NULL;
    err e;
    if (due_ms < s->accrue_ms) return;
    if (!txn_begin(s->db, TXN_READ, &t, &e)) service_die("store.failed", &e);
    int zone_min = call_zone(t);
    int64_t hours = (int64_t)day_at(due_ms, zone_min) * 24 + setting_number(t, SETTING_ACCRUE_HOUR);
    int64_t hour_ms = hours * HOUR_MS - (int64_t)zone_min * 60000;
    txn_abort(&t);
    s->accrue_ms = due_ms >= hour_ms ? hour_ms + 24 * HOUR_MS : hour_ms;
    if (due_ms >= hour_ms) nightly_accrue(s, due_ms);
}

/* Statements that partners left unanswered. */
static void lapse_statements(service *s, int64_t due_ms) {
    AUTO(txn) *t = NULL;
    err e;
    uint64_t lines = 0;
    if (!txn_begin(s->db, TXN_WRITE, &t, &e)) service_die("store.failed", &e);
    if (!statements_lapse(t, due_ms, call_zone(t), &lines, &e))
        log_event(LOG_LEVEL_ERROR, "statements.failed", "why='%s'", e.text);
    else if (lines && !txn_commit(&t, &e))
        service_die("commit.failed", &e);
}

/* Deadlines of cases. */
static void pass_cases(service *s, int64_t due_ms) {
    AUTO(txn) *t = NULL;
    err e;
    uint64_t steps = 0;
    if (!txn_begin(s->db, TXN_WRITE, &t, &e)) service_die("store.failed", &e);
    if (!cases_pass(t, due_ms, call_zone(t), &steps, &e))
        log_event(LOG_LEVEL_ERROR, "cases.failed", "why='%s'", e.text);
    else if (steps && !txn_commit(&t, &e))
        service_die("commit.failed", &e);
}

/* Pieces of files that nobody sent the rest of. */
static void forget_pieces(service *s, int64_t due_ms) {
    AUTO(txn) *t = NULL;
    err e;
    if (!txn_begin(s->db, TXN_WRITE, &t, &e)) service_die("store.failed", &e);
    if (kv_count(t, TABLE_PAPER_PIECE) == 0) return;
    paper_forget(t, due_ms - 24 * HOUR_MS);
    if (txn_ok(t, &e) && !txn_commit(&t, &e)) service_die("commit.failed", &e);
}

static void forget_sessions(service *s, int64_t due_ms) {
    (void)due_ms; /* they end by the wall's clock */
    http_forget_sessions(s, RESULTS_A_TURN);
}

static const struct timer_row {
    const char *name;
    int64_t every_ms; /* due at whole multiples of it */
    void (*run)(service *s, int64_t due_ms);
} timers[] = {
    {"requests", HOUR_MS, forget_results},  {"days", HOUR_MS, judge_days},
    {"wallets", HOUR_MS, expire_credits},   {"reminders", HOUR_MS, remind},
    {"accruals", HOUR_MS, accrue},          {"statements", HOUR_MS, lapse_statements},
    {"cases", HOUR_MS, pass_cases},         {"pieces", HOUR_MS, forget_pieces},
    {"sessions", HOUR_MS, forget_sessions}, {"judgement", HOUR_MS, judgement_nightly},
    {"plans", HOUR_MS, plans_nightly},      {"overstock", HOUR_MS, overstock_nightly},
};
_Static_assert(ARRAY_LEN(timers) == BUSINESS_TIMERS, "the service keeps when each timer is due next");

/* The timer that is due first, if it is due by then. */
static size_t first_due(const service *s, int64_t by_ms) {
    size_t first = SIZE_MAX;
    for (size_t i = 0; i < ARRAY_LEN(timers); i++)
        if (s->timer_due_ms[i] <= by_ms && (first == SIZE_MAX || s->timer_due_ms[i] < s->timer_due_ms[first]))
            first = i;
    return first;
}

static void run_due(service *s, int64_t by_ms) {
    for (size_t i; (i = first_due(s, by_ms)) != SIZE_MAX;) {
        int64_t due_ms = s->timer_due_ms[i], every_ms = timers[i].every_ms;
        if (s->clock.simulated && due_ms > s->clock.at_ms) s->clock.at_ms = due_ms;
        if (due_ms > 0) timers[i].run(s, due_ms);
        /* after a long sleep once is enough; a simulated clock passes every due time */
        int64_t from_ms = s->clock.simulated && due_ms > 0 ? due_ms : by_ms;
        s->timer_due_ms[i] = (from_ms / every_ms + 1) * every_ms;
    }
}

void business_turn(service *s) {
    run_due(s, service_now(s));
}

static bool journal_clock(service *s, str who, int64_t to_ms, err *e) {
    AUTO(txn) *t = NULL;
    Entry__Clock body = ENTRY__CLOCK__INIT;
    body.to_ms = to_ms;
    command_entry what = {KIND_CLOCK, to_ms, who, &body.base};
    arena a;
    arena_init(&a, LIMIT_DECODE_BYTES);
    apply_result r = {.a = &a};
    bool ok = txn_begin(s->db, TXN_WRITE, &t, e) && journal_append(t, &what, &r, NULL, e) && txn_ok(t, e);
    arena_free(&a);
    if (ok && !txn_commit(&t, e)) service_die("commit.failed", e);
    return ok;
}

static bool set_clock(void *loop, str who, int64_t to_ms, err *e) {
    service *s = loop;
    if (to_ms < s->clock.at_ms) return err_set(e, ERR_CONFLICT, "clock set: entry time never runs backwards");
    while (s->reposts) business_repost(s);
    run_due(s, to_ms);
    s->clock.at_ms = to_ms;
    while (s->reposts) business_repost(s);
    TRY(journal_clock(s, who, to_ms, e));
    judgement_now(s, to_ms);
    return true;
}

const loop_door *business_door(service *s) {
    s->door = (loop_door){s, set_clock};
    return &s->door;
}

static bool repost_one(service *s, txn *t, arena *a, bool *any, err *e) {
    Entry__Repost body = ENTRY__REPOST__INIT;
    *any = repost_pending(t, a, &body);
    if (!*any) return txn_ok(t, e);
    command_entry what = {KIND_REPOST, service_now(s), STR("system"), &body.base};
    apply_result r = {.a = a};
    TRY(journal_append(t, &what, &r, NULL, e));
    return txn_ok(t, e);
}

void business_repost(service *s) {
    AUTO(txn) *t = NULL;
    arena a;
    err e;
    bool any = false;
    arena_init(&a, (size_t)64 * 1024 * 1024);
    if (!txn_begin(s->db, TXN_WRITE, &t, &e)) service_die("store.failed", &e);
    bool ok = repost_one(s, t, &a, &any, &e);
    arena_free(&a);
    if (ok && !txn_commit(&t, &e)) service_die("commit.failed", &e);
    if (!ok) log_event(LOG_LEVEL_ERROR, "repost.failed", "why='%s'", e.text);
    s->reposts = ok && any;
}
