#include "daemon/service/plans.h"

#include "base/log.h"
#include "daemon/catalog/settings.h"
#include "daemon/replenish/seasons.h"
#include "daemon/service/admin.h"
#include "daemon/service/readers.h"

enum { HOUR_MS = 3600 * 1000, FIT_DAYS = 28 };

/* What is done each night, in this order: seasons are fitted anew only when they are old. */
enum { FIT_SEASONS, PLAN, STEPS };
static const str said[STEPS][2] = {{{"forecast", 8}, {"fit", 3}}, {{"replenish", 9}, {"plan", 4}}};

static job *planning(service *s, unsigned step, int64_t due_ms) {
    return admin_own(s, said[step], ARRAY_LEN(said[step]), due_ms);
}

static void say(const answer *a) {
    if (a->failed) log_event(LOG_LEVEL_ERROR, "plan.failed", "why='%s'", a->why.text);
}

static void ask(service *s, unsigned step, int64_t due_ms);

/* It has looked; now it writes. */
static void write_down(service *s, job *j) {
    answer *a = j->answer;
    int64_t due_ms = j->world.now_ms;
    unsigned step = j->request.words == said[FIT_SEASONS] ? FIT_SEASONS : PLAN;
    j->answer = NULL;
    j->world.now_ms = service_now(s);
    s->planning = false;
    if (a == NULL) a = admin_run(s, j, true);
    say(a);
    answer_free(a);
    if (step != PLAN && !s->stopping) ask(s, PLAN, due_ms);
}

/* On a snapshot beside the loop. No room among the slow questions: tomorrow. */
static void ask(service *s, unsigned step, int64_t due_ms) {
    job *j = planning(s, step, due_ms);
    j->request.look = &j->look;
    j->slow = true;
    j->give = write_down;
    s->planning = readers_ask(s->readers, j);
    if (!s->planning) job_free(j);
}

/* Is it the hour, and is there a policy? *step: the first one. */
static bool is_due(service *s, int64_t due_ms, unsigned *step) {
    AUTO(txn) *t = NULL;
    err e;
    if (due_ms < s->plan_ms || s->planning) return false;
    if (!txn_begin(s->db, TXN_READ, &t, &e)) service_die("store.failed", &e);
    int zone_min = call_zone(t);
    int64_t hours = (int64_t)day_at(due_ms, zone_min) * 24 + setting_number(t, SETTING_PLAN_HOUR);
    int64_t hour_ms = hours * HOUR_MS - (int64_t)zone_min * 60000;
    s->plan_ms = due_ms >= hour_ms ? hour_ms + 24 * HOUR_MS : hour_ms;
    *step = seasons_fitted(t) + FIT_DAYS <= day_at(due_ms, zone_min) ? FIT_SEASONS : PLAN;
    return due_ms >= hour_ms && kv_count(t, TABLE_STOCK_RULE) > 0;
}

static void run_now(service *s, const str *word, size_t n, int64_t due_ms) {
    job *j = admin_own(s, word, n, due_ms);
    answer *a = admin_run(s, j, true);
    say(a);
    answer_free(a);
    job_free(j);
}

void plans_nightly(service *s, int64_t due_ms) {
    static const str booking[] = {{"order", 5}, {"match", 5}}; /* so that the plan sees what left and what came */
    unsigned step;
    if (!is_due(s, due_ms, &step)) return;
    run_now(s, booking, ARRAY_LEN(booking), due_ms);
    if (!s->clock.simulated) {
        ask(s, step, due_ms);
        return;
    }
    for (; step < STEPS; step++) run_now(s, said[step], ARRAY_LEN(said[step]), due_ms);
}
