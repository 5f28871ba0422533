#include "daemon/service/nightly.h"

#include "base/log.h"
#include "daemon/command/accruals.h"
#include "daemon/service/readers.h"
#include <stdlib.h>

typedef struct night {
    accruing how;
    buf after; /* the policy looked at last */
    bool any, ok;
    accrual_look look;
    err why;
} night;

static void look(kv *db, night *n, arena *a) {
    AUTO(txn) *t = NULL;
    n->any = false;
    n->ok = txn_begin(db, TXN_READ, &t, &n->why);
    if (!n->ok) return;
    n->how.zone_min = call_zone(t);
    n->how.how.expected = accrue_expected(t);
    n->ok = accrue_look_next(t, &n->how, &n->after, &n->any, a, &n->look, &n->why);
}

static void post(service *s, night *n) {
    AUTO(txn) *t = NULL;
    err e;
    accrued done = {.rows = 0};
    if (!n->ok) {
        log_event(LOG_LEVEL_ERROR, "accrual.failed", "why='%s'", n->why.text);
        return;
    }
    if (!n->any) return;
    if (!txn_begin(s->db, TXN_WRITE, &t, &e)) service_die("store.failed", &e);
    if (!accrue_post(t, &n->how, &n->look, &done, &e)) log_event(LOG_LEVEL_ERROR, "accrual.failed", "why='%s'", e.text);
    else if (done.rows && !txn_commit(&t, &e))
        service_die("commit.failed", &e);
}

static void look_beside(job *j) {
    look(j->world.db, j->own, &j->look.a);
}

static void ask(service *s, night *n);

/* The next policy, on a snapshot of its own. */
static void give(service *s, job *j) {
    night *n = j->own;
    n->how.now_ms = service_now(s);
    post(s, n);
    j->own = NULL;
    if (n->any && !s->stopping) {
        ask(s, n);
        return;
    }
    buf_free(&n->after);
    free(n);
}

/* No room among the slow questions: at the next full hour. */
static void ask(service *s, night *n) {
    job *j = job_new(LIMIT_HELLO_BYTES);
    j->work = look_beside;
    j->give = give;
    j->slow = true;
    j->own = n;
    j->world.db = s->db;
    arena_init(&j->look.a, SIZE_MAX); /* as large as what the policy gives */
    if (readers_ask(s->readers, j)) return;
    s->accrue_ms = 0;
    job_free(j);
    buf_free(&n->after);
    free(n);
}

void nightly_accrue(service *s, int64_t due_ms) {
    night *n = calloc(1, sizeof *n);
    ASSERT(n != NULL);
    n->how = (accruing){.now_ms = due_ms, .actor = STR("system"), .how = {.label = STR("")}};
    if (!s->clock.simulated) {
        ask(s, n);
        return;
    }
    do {
        AUTO(arena) a = {0};
        arena_init(&a, SIZE_MAX);
        look(s->db, n, &a);
        post(s, n);
    } while (n->any);
    buf_free(&n->after);
    free(n);
}
