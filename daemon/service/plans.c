#include "daemon/service/plans.h"

#include "base/log.h"
#include "daemon/catalog/settings.h"
#include "daemon/service/admin.h"
#include "daemon/service/readers.h"

enum { HOUR_MS = 3600 * 1000 };

static job *planning(service *s, int64_t due_ms) {
    static const str said[] = {{"replenish", 9}, {"plan", 4}};
    return admin_own(s, said, ARRAY_LEN(said), due_ms);
}

static void say(const answer *a) {
    if (a->failed) log_event(LOG_LEVEL_ERROR, "plan.failed", "why='%s'", a->why.text);
}

/* It has looked; now it writes. */
static void write_down(service *s, job *j) {
    answer *a = j->answer;
    j->answer = NULL;
    j->world.now_ms = service_now(s);
    s->planning = false;
    if (a == NULL) a = admin_run(s, j, true);
    say(a);
    answer_free(a);
}

/* Is it the hour, and is there a policy? */
static bool is_due(service *s, int64_t due_ms) {
    AUTO(txn) *t = NULL;
    err e;
    if (due_ms < s->plan_ms || s->planning) return false;
    if (!txn_begin(s->db, TXN_READ, &t, &e)) service_die("store.failed", &e);
    int zone_min = call_zone(t);
    int64_t hours = (int64_t)day_at(due_ms, zone_min) * 24 + setting_number(t, SETTING_PLAN_HOUR);
    int64_t hour_ms = hours * HOUR_MS - (int64_t)zone_min * 60000;
    s->plan_ms = due_ms >= hour_ms ? hour_ms + 24 * HOUR_MS : hour_ms;
    return due_ms >= hour_ms && kv_count(t, TABLE_STOCK_RULE) > 0;
}

void plans_nightly(service *s, int64_t due_ms) {
    if (!is_due(s, due_ms)) return;
    job *j = planning(s, due_ms);
    if (s->clock.simulated) {
        answer *a = admin_run(s, j, true);
        say(a);
        answer_free(a);
        job_free(j);
        return;
    }
    j->request.look = &j->look;
    j->slow = true;
    j->give = write_down;
    s->planning = readers_ask(s->readers, j);
    if (!s->planning) job_free(j);
}
