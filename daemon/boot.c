#include "daemon/boot.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "daemon/catalog/regions.h"
#include "daemon/command/call.h"
#include "daemon/journal/journal.h"
#include "daemon/service/admin.h"
#include "daemon/service/agents.h"
#include "daemon/service/hooks.h"
#include "daemon/service/http.h"
#include "daemon/service/loop.h"
#include "daemon/service/readers.h"
#include "daemon/service/zap.h"
#include "proto/journal.pb-c.h"
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

enum { SOCKETS_MAX = 8192, REGION_ARENA_BYTES = 16 * 1024 * 1024 };

/* ---- folder: ours alone */

static bool folder_up(service *s, err *e) {
    char path[PATH_SIZE];
    (void)umask(0077);
    TRY(file_mkdirs(s->dir, 0700, e));
    if (chmod(s->dir, 0700) != 0) return err_set(e, ERR_DENIED, "%s: %s", s->dir, strerror(errno));
    TRY(path_join(path, sizeof path, s->dir, "lock", e));
    s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (s->lock_fd < 0) return err_set(e, ERR_DENIED, "%s: %s", path, strerror(errno));
    if (flock(s->lock_fd, LOCK_EX | LOCK_NB) == 0) return true;
    (void)close(s->lock_fd);
    return err_set(e, ERR_CONFLICT, "%s: another channeld runs on this folder", s->dir);
}

static void folder_down(service *s) {
    (void)close(s->lock_fd);
}

/* ---- signals: blocked before any thread is made, read by the loop */

static bool signals_up(service *s, err *e) {
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    s->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    return s->signal_fd >= 0 || err_set(e, ERR_INTERNAL, "signalfd: %s", strerror(errno));
}

static void signals_down(service *s) {
    (void)close(s->signal_fd);
}

/* ---- store: opened, and begun when it is new */

static bool append(service *s, txn *t, entry_kind kind, const ProtobufCMessage *body, err *e) {
    arena a;
    arena_init(&a, REGION_ARENA_BYTES);
    apply_result r = {.a = &a};
    command_entry what = {kind, service_now(s), STR("system"), body};
    bool ok = journal_append(t, &what, &r, NULL, e) && txn_ok(t, e);
    arena_free(&a);
    return ok;
}

static bool append_regions(service *s, txn *t, err *e) {
    bool ok = true, more = true;
    for (size_t n = 0; ok && more; n++) {
        arena a;
        arena_init(&a, REGION_ARENA_BYTES);
        Entry__Catalog rows = ENTRY__CATALOG__INIT;
        more = built_in_regions(n, &a, &rows);
        ok = !more || append(s, t, KIND_CATALOG, &rows.base, e);
        arena_free(&a);
    }
    return ok;
}

static bool begin_journal(service *s, err *e) {
    AUTO(txn) *t = NULL;
    uint64_t entries;
    int64_t last_ms;
    uint8_t head[DIGEST_SIZE];
    TRY(txn_begin(s->db, TXN_WRITE, &t, e));
    journal_head(t, &entries, &last_ms, head);
    if (entries) return txn_ok(t, e);
    Entry__Genesis genesis = ENTRY__GENESIS__INIT;
    genesis.database = store_db_epoch(t);
    genesis.version = (char *)(uintptr_t)CHANNELD_VERSION;
    TRY(append(s, t, KIND_GENESIS, &genesis.base, e));
    TRY(append_regions(s, t, e));
    return txn_commit(&t, e);
}

static bool store_up(service *s, err *e) {
    return store_open(s->dir, (uint64_t)s->config.map_bytes, false, &s->db, e);
}

static void store_down(service *s) {
    kv_close(s->db);
}

/* ---- clock: real, or where it was told to start, or where the journal stands */

static bool clock_up(service *s, err *e) {
    AUTO(txn) *t = NULL;
    uint64_t entries;
    int64_t last_ms, from_ms = wall_ms();
    uint8_t head[DIGEST_SIZE];
    s->started_ms = wall_ms();
    s->clock.simulated = s->options.simulated;
    if (!s->clock.simulated) return begin_journal(s, e);
    TRY(txn_begin(s->db, TXN_READ, &t, e));
    journal_head(t, &entries, &last_ms, head);
    const char *from = s->options.simulated_from;
    if (from && !time_parse(str_of(from), call_zone(t), &from_ms))
        return err_set(e, ERR_USAGE, "--simulated-clock: '%s' is not a time (like 2026-07-01T08:00:00+08:00)", from);
    txn_abort(&t);
    bool stands = entries && (from == NULL || last_ms > from_ms);
    s->clock.at_ms = stands ? last_ms : from_ms;
    log_event(LOG_LEVEL_WARN, "clock.simulated", "at_ms=%lld", (long long)s->clock.at_ms);
    return begin_journal(s, e);
}

/* ---- sockets and threads */

static bool keys_up(service *s, err *e) {
    const struct passwd *me = getpwuid(geteuid());
    (void)str_copy_z(str_of(me ? me->pw_name : "daemon"), s->local_user, sizeof s->local_user);
    return keys_load(s->dir, &s->keys, e);
}

static bool poison_up(service *s, err *e) {
    return poison_open(s->dir, &s->poison, e);
}

static void poison_down(service *s) {
    poison_close(s->poison);
}

static bool zmq_up(service *s, err *e) {
    s->zmq = zmq_ctx_new();
    if (s->zmq && zmq_ctx_set(s->zmq, ZMQ_MAX_SOCKETS, SOCKETS_MAX) == 0) return true;
    return err_set(e, ERR_INTERNAL, "libzmq: %s", zmq_strerror(zmq_errno()));
}

static void zmq_down(service *s) {
    (void)zmq_ctx_term(s->zmq);
}

static void zap_down(service *s) {
    if (s->zap) (void)zmq_close(s->zap);
}

static bool readers_up(service *s, err *e) {
    return readers_start((size_t)s->config.readers, &s->readers, e);
}

static void readers_down(service *s) {
    readers_stop(s->readers);
}

/* ---- ports.json: written last, when everything answers */

/* Told to systemd, when it asked (Type=notify). */
static void tell_systemd(const char *state) {
    const char *at = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    if (at == NULL || strlen(at) >= sizeof to.sun_path) return;
    (void)str_copy_z(str_of(at), to.sun_path, sizeof to.sun_path);
    if (to.sun_path[0] == '@') to.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return;
    socklen_t n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(at));
    (void)sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&to, n);
    (void)close(fd);
}

static bool ports_up(service *s, err *e) {
    char path[PATH_SIZE], admin[PATH_SIZE + 16];
    AUTO(buf) text = {0};
    TRY(path_join(path, sizeof path, s->dir, "ports.json", e));
    (void)snprintf(admin, sizeof admin, "ipc://%s/admin.sock", s->dir);
    json j = json_into(&text);
    json_open_object(&j);
    json_key(&j, "agents"), json_z(&j, s->agents_at);
    json_key(&j, "admin"), json_z(&j, admin);
    json_key(&j, "http"), json_z(&j, s->http_at);
    json_key(&j, "server_key"), json_z(&j, s->keys.public_key);
    json_key(&j, "pid"), json_int(&j, getpid());
    json_end_object(&j);
    buf_byte(&text, '\n');
    TRY(file_write(path, buf_str(&text), 0600, e));
    log_event(LOG_LEVEL_INFO, "daemon.ready", "dir=%s agents=%s version=%s", s->dir, s->agents_at, CHANNELD_VERSION);
    tell_systemd("READY=1");
    return true;
}

static void ports_down(service *s) {
    char path[PATH_SIZE];
    err e;
    tell_systemd("STOPPING=1");
    if (path_join(path, sizeof path, s->dir, "ports.json", &e)) (void)unlink(path);
}

static void nothing_down(service *s) {
    (void)s;
}

static const struct part {
    const char *name;
    bool (*up)(service *s, err *e);
    void (*down)(service *s);
    bool half; /* down also closes what a failed up left open: an open socket would hold the end for ever */
} parts[] = {
    {"signals", signals_up, signals_down, false}, {"folder", folder_up, folder_down, false},
    {"keys", keys_up, nothing_down, false},       {"store", store_up, store_down, false},
    {"clock", clock_up, nothing_down, false},     {"poison", poison_up, poison_down, false},
    {"sockets", zmq_up, zmq_down, false},         {"ZAP", zap_open, zap_down, true},
    {"agents", agents_open, agents_close, true},  {"hooks", hooks_open, hooks_close, true},
    {"readers", readers_up, readers_down, false}, {"admin", admin_open, admin_close, true},
    {"http", http_open, http_close, true},        {"ports", ports_up, ports_down, false},
};

bool daemon_run(service *s, err *e) {
    size_t up = 0;
    while (up < ARRAY_LEN(parts) && parts[up].up(s, e)) up++;
    bool ok = up == ARRAY_LEN(parts);
    if (ok) loop_run(s);
    else
        err_wrap(e, "start %s", parts[up].name);
    if (!ok && parts[up].half) parts[up].down(s);
    while (up > 0) parts[--up].down(s);
    if (ok) log_event(LOG_LEVEL_INFO, "daemon.stopped", "dir=%s", s->dir);
    return ok;
}
