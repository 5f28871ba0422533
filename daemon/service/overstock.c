#include "daemon/service/overstock.h"

#include "base/log.h"
#include "daemon/catalog/settings.h"
#include "daemon/service/admin.h"
#include "daemon/service/readers.h"

enum { HOUR_MS = 3600 * 1000 };

static void say(const answer *a) {
    if (a->failed) log_event(LOG_LEVEL_ERROR, "overstock.failed", "why='%s'", a->why.text);
}

/* It has looked; now it writes. */
static void write_down(service *s, job *j) {
    answer *a = j->answer;
    j->answer = NULL;
    j->world.now_ms = service_now(s);
    s->judging_overstock = false;
    if (a == NULL) a = admin_run(s, j, true);
    say(a);
    answer_free(a);
}

static bool is_due(service *s, int64_t due_ms) {
    AUTO(txn) *t = NULL;
    err e;
    if (due_ms < s->overstock_ms || s->judging_overstock) return false;
    if (!txn_begin(s->db, TXN_READ, &t, &e)) service_die("store.failed", &e);
    int zone_min = call_zone(t);
    int64_t hours = (int64_t)day_at(due_ms, zone_min) * 24 + setting_number(t, SETTING_OVERSTOCK_HOUR);
    int64_t hour_ms = hours * HOUR_MS - (int64_t)zone_min * 60000;
    s->overstock_ms = due_ms >= hour_ms ? hour_ms + 24 * HOUR_MS : hour_ms;
    return due_ms >= hour_ms && kv_count(t, TABLE_FLOW_DAY) > 0;
}

void overstock_nightly(service *s, int64_t due_ms) {
    static const str said[] = {{"replenish", 9}, {"overstock", 9}, {"run", 3}};
    if (!is_due(s, due_ms)) return;
    job *j = admin_own(s, said, ARRAY_LEN(said), due_ms);
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
    s->judging_overstock = readers_ask(s->readers, j);
    if (!s->judging_overstock) job_free(j);
}
