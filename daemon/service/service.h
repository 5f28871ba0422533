/* service — the daemon's edge: sockets, loop, threads. The loop thread owns everything here and all writing; reader
 * threads run questions on transactions of their own. This room logs; rooms below report. */
#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

#include "daemon/command/command.h"
#include "daemon/service/asks.h"
#include "daemon/service/clock.h"
#include "daemon/service/grants.h"
#include "daemon/service/keys.h"
#include "daemon/service/peers.h"
#include "daemon/service/poison.h"
#include "daemon/service/presence.h"
#include "daemon/service/settings.h"

typedef struct service_options {
    const char *dir, *config_file;
    const char *const *sets;
    size_t set_count;
    bool simulated;
    const char *simulated_from; /* NULL: at the last entry's time, or now */
} service_options;

enum { BUSINESS_TIMERS = 12 };

typedef struct service {
    service_options options;
    const char *dir;
    daemon_config config;
    server_keys keys;
    kv *db;
    entry_clock clock;
    int64_t started_ms; /* wall */
    int lock_fd, signal_fd;
    char local_user[LIMIT_ID + 1]; /* who the daemon runs as */

    void *zmq;
    void *zap, *agents, *admin; /* REP inproc, ROUTER tcp, ROUTER ipc */
    char agents_at[256];        /* endpoint with the port taken */
    char http_at[256];          /* "https://127.0.0.1:7480", the port taken */
    grants grants;
    peers peers;
    presences presences;
    poison *poison;
    struct readers *readers;
    struct answers *answers;
    struct hooks *hooks;
    struct http *http;
    asks asks;

    bool storage_full;
    bool reposts; /* documents may wait for being judged again */
    bool stopping;
    loop_door door;
    int64_t remind_ms;      /* partners are reminded then at the earliest */
    int64_t accrue_ms;      /* rebates are accrued then at the earliest */
    int64_t judge_ms;       /* diversion is judged then at the earliest */
    bool judging;           /* a reader does */
    int64_t plan_ms;        /* replenishment is planned then at the earliest */
    bool planning;          /* a reader does */
    int64_t overstock_ms;   /* overstock is judged then at the earliest */
    bool judging_overstock; /* a reader does */
    uint64_t judged_seq;    /* entries that the last judgement knew, and its time */
    int64_t judged_ms;
    int64_t timer_due_ms[BUSINESS_TIMERS]; /* entry time; 0: not reckoned yet */
    struct {
        int64_t guard_ms, second_ms, contacts_ms, readers_ms; /* monotonic: when next */
    } due;
} service;

static inline int64_t service_now(const service *s) {
    return clock_now(&s->clock);
}
/** What a command is told of the loop, as of now. */
void service_facts(const service *s, daemon_facts *out);
/** A commit failed: its outcome is unknown. Logs and ends the process with 70, nothing acknowledged. */
NORETURN void service_die(const char *event, const err *e);
/** Notes in s->storage_full whether uploads have to stop. */
void service_look_at_storage(service *s);

#endif
