#include "daemon/service/judgement.h"

#include "base/log.h"
#include "daemon/catalog/settings.h"
#include "daemon/journal/journal.h"
#include "daemon/service/admin.h"
#include "daemon/service/readers.h"

enum { HOUR_MS = 3600 * 1000, AGAIN_MS = 7 * 24 * HOUR_MS };

static job *judgement(service *s, int64_t due_ms) {
    static const str said[] = {{"signal", 6}, {"run", 3}};
    return admin_own(s, said, ARRAY_LEN(said), due_ms);
}

static void say_failure(const answer *a) {
    if (a->failed) log_event(LOG_LEVEL_ERROR, "judgement.failed", "why='%s'", a->why.text);
}

/* Entries that tell the engine nothing. */
static bool is_silent(uint16_t kind) {
    static const entry_kind silent[] = {
        KIND_CLOCK,  KIND_NOTICE,    KIND_NOTICE_READ, KIND_ACCRUAL,        KIND_SIGNALS,    KIND_ACCESS,
        KIND_WALLET, KIND_PERIOD,    KIND_STEP,        KIND_VOUCHERS,       KIND_SETTLEMENT, KIND_PROPOSAL,
        KIND_USER,   KIND_PAPER,     KIND_AGENT_TOKEN, KIND_AGENT_ENROLLED, KIND_OVERSTOCK,  KIND_TRANSFER,
        KIND_TRIAL,  KIND_TRIAL_END, KIND_USER_ACCESS, KIND_TOKEN};
    for (size_t i = 0; i < ARRAY_LEN(silent); i++)
        if ((uint16_t)silent[i] == kind) return true;
    return false;
}

/* Did nothing come since the last judgement, within a week? */
static bool is_judged(service *s, int64_t due_ms) {
    AUTO(txn) *t = NULL;
    err e;
    uint64_t head;
    int64_t time_ms;
    uint8_t hash[DIGEST_SIZE];
    if (!txn_begin(s->db, TXN_READ, &t, &e)) service_die("store.failed", &e);
    journal_head(t, &head, &time_ms, hash);
    bool same = s->judged_seq > 0 && due_ms - s->judged_ms < AGAIN_MS;
    for (uint64_t seq = s->judged_seq + 1; same && seq <= head; seq++) {
        entry en;
        same = journal_get(t, seq, &en) && is_silent(en.kind);
    }
    if (same) return true;
    s->judged_seq = head;
    s->judged_ms = due_ms;
    return false;
}

void judgement_now(service *s, int64_t now_ms) {
    if (is_judged(s, now_ms)) return;
    job *j = judgement(s, now_ms);
    answer *a = admin_run(s, j, true);
    say_failure(a);
    answer_free(a);
    job_free(j);
}

/* It has looked; now it writes. */
static void write_down(service *s, job *j) {
    answer *a = j->answer;
    j->answer = NULL;
    j->world.now_ms = service_now(s);
    s->judging = false;
    if (a == NULL) a = admin_run(s, j, true);
    say_failure(a);
    answer_free(a);
}

void judgement_nightly(service *s, int64_t due_ms) {
    AUTO(txn) *t = NULL;
    err e;
    if (due_ms < s->judge_ms || s->judging) return;
    if (!txn_begin(s->db, TXN_READ, &t, &e)) service_die("store.failed", &e);
    int zone_min = call_zone(t);
    int64_t hours = (int64_t)day_at(due_ms, zone_min) * 24 + setting_number(t, SETTING_JUDGE_HOUR);
    txn_abort(&t);
    int64_t hour_ms = hours * HOUR_MS - (int64_t)zone_min * 60000;
    s->judge_ms = due_ms >= hour_ms ? hour_ms + 24 * HOUR_MS : hour_ms;
    if (due_ms < hour_ms) return;
    if (s->clock.simulated) {
        judgement_now(s, due_ms);
        return;
    }
    if (is_judged(s, due_ms)) return;
    job *j = judgement(s, due_ms);
    j->request.look = &j->look;
    j->slow = true;
    j->give = write_down;
    s->judging = readers_ask(s->readers, j);
    if (!s->judging) job_free(j);
}
