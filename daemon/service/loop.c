#include "daemon/service/loop.h"

#include "base/clock.h"
#include "base/log.h"
#include "daemon/command/storage.h"
#include "daemon/service/admin.h"
#include "daemon/service/agents.h"
#include "daemon/service/business.h"
#include "daemon/service/hooks.h"
#include "daemon/service/http.h"
#include "daemon/service/readers.h"
#include "daemon/service/zap.h"
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <zmq.h>

enum { SECOND_MS = 1000, CONTACTS_MS = 1000, READER_CHECK_MS = 60000 };

void service_die(const char *event, const err *e) {
    log_event(LOG_LEVEL_ERROR, event, "why='%s'", e->text);
    _exit(70);
}

/* SIGHUP: whole or not at all. */
static void reload(service *s) {
    daemon_config fresh;
    err e;
    if (!daemon_config_load(s->options.config_file, s->options.sets, s->options.set_count, &fresh, &e) ||
        !config_may_reload(&daemon_schema, &s->config, &fresh, &e)) {
        log_event(LOG_LEVEL_ERROR, "config.refused", "why='%s' (the old one stays)", e.text);
        return;
    }
    s->config = fresh;
    log_set_level((log_level)fresh.log_level);
    log_event(LOG_LEVEL_INFO, "config.reloaded", "file=%s", s->options.config_file ? s->options.config_file : "(none)");
}

static void take_signals(service *s) {
    struct signalfd_siginfo info;
    while (read(s->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGHUP) reload(s);
        else if (!s->stopping) {
            s->stopping = true;
            log_event(LOG_LEVEL_INFO, "daemon.stopping", "signal=%u", info.ssi_signo);
        }
    }
}

void service_look_at_storage(service *s) {
    storage now;
    err e;
    if (!storage_look(s->db, s->dir, &now, &e)) {
        log_event(LOG_LEVEL_ERROR, "storage.unknown", "why='%s'", e.text);
        return;
    }
    bool full = storage_is_full(&now);
    if (full != s->storage_full)
        log_event(full ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO, full ? "storage.full" : "storage.free",
                  "map_used=%llu map_size=%llu disk_free=%llu", (unsigned long long)now.map_used,
                  (unsigned long long)now.map_size, (unsigned long long)now.disk_free);
    s->storage_full = full;
}

void service_facts(const service *s, daemon_facts *f) {
    *f = (daemon_facts){.started_ms = s->started_ms,
                        .simulated = s->clock.simulated,
                        .storage_full = s->storage_full,
                        .links = (uint32_t)s->peers.open,
                        .late_ms = (uint64_t)s->config.agent_late_ms,
                        .backup_late_ms = (uint64_t)s->config.backup_late_ms,
                        .hooks = hooks_door(s),
                        .http_at = s->http_at};
}

static void every_second(service *s, int64_t now_ms) {
    service_look_at_storage(s);
    agents_second(s, now_ms);
    admin_second(s, now_ms);
    asks_second(s, now_ms);
    http_second(s, now_ms);
}

static void forget_dead_readers(service *s) {
    int n = 0;
    err e;
    if (kv_reader_check(s->db, &n, &e) && n) log_event(LOG_LEVEL_WARN, "store.dead_readers", "n=%d", n);
}

static bool is_due(int64_t *when_ms, int64_t now_ms, int64_t every_ms) {
    if (now_ms < *when_ms) return false;
    *when_ms = now_ms + every_ms;
    return true;
}

static void do_what_is_due(service *s) {
    int64_t now_ms = mono_ms();
    if (is_due(&s->due.guard_ms, now_ms, GUARD_MS)) (void)peers_guard(&s->peers, now_ms);
    if (is_due(&s->due.second_ms, now_ms, SECOND_MS)) every_second(s, now_ms);
    if (is_due(&s->due.contacts_ms, now_ms, CONTACTS_MS)) agents_contacts(s);
    if (is_due(&s->due.readers_ms, now_ms, READER_CHECK_MS)) forget_dead_readers(s);
    business_turn(s);
    hooks_turn(s, now_ms);
}

static void wait_for_work(service *s, bool more) {
    zmq_pollitem_t items[] = {
        {s->zap, 0, ZMQ_POLLIN, 0},          {s->peers.monitor, 0, ZMQ_POLLIN, 0},
        {s->admin, 0, ZMQ_POLLIN, 0},        {s->agents, 0, ZMQ_POLLIN, 0},
        {NULL, s->signal_fd, ZMQ_POLLIN, 0}, {NULL, readers_fd(s->readers), ZMQ_POLLIN, 0},
        {NULL, hooks_fd(s), ZMQ_POLLIN, 0},  {NULL, http_fd(s), ZMQ_POLLIN, 0},
    };
    long idle_ms = hooks_wait_ms(s);
    long timeout_ms = more || (s->reposts && !s->storage_full) ? 0 : s->peers.open ? GUARD_MS : idle_ms;
    if (s->stopping && timeout_ms > GUARD_MS) timeout_ms = GUARD_MS;
    (void)zmq_poll(items, ARRAY_LEN(items), timeout_ms);
}

static void give_answers(service *s) {
    for (job *j; (j = readers_done(s->readers)) != NULL;) {
        bool kept = j->kept; /* it may be gone after that */
        j->give(s, j);
        if (!kept) job_free(j);
    }
}

/* True when more may be waiting. */
static bool one_turn(service *s) {
    take_signals(s);
    peers_watch(&s->peers, mono_ms());
    zap_serve(s);
    give_answers(s);
    bool more = admin_turn(s);
    more |= http_turn(s);
    more |= agents_turn(s);
    agents_grant(s);
    if (s->reposts && !s->storage_full) business_repost(s);
    do_what_is_due(s);
    peers_sweep(&s->peers);
    return more;
}

void loop_run(service *s) {
    bool more = true;
    s->reposts = true;
    while (!s->stopping) {
        wait_for_work(s, more);
        more = one_turn(s);
    }
    int64_t end_ms = mono_ms() + LIMIT_DRAIN_MS;
    while ((more || admin_busy(s) || http_busy(s)) && mono_ms() < end_ms) {
        wait_for_work(s, more);
        more = one_turn(s);
    }
    agents_contacts(s);
    if (readers_busy(s->readers) == 0) return;
    log_event(LOG_LEVEL_WARN, "daemon.stopped", "questions=%zu left unanswered", readers_busy(s->readers));
    _exit(0); /* a reader cannot be interrupted, and owns nothing that must be put away */
}
