/* run — serve the inboxes of one home or of many in one loop, until SIGTERM. */
#include "agent/branch.h"
#include "agent/commands.h"
#include "base/clock.h"
#include "base/log.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { TURN_MAX_MS = 1000, BUSY_TURN_MS = 100, REOPEN_MS = 30000, ZMQ_SOCKETS_A_HOME = 6 };
/* Timers of many homes are served together: a wake looks at every socket. */
enum { MANY_HOMES = 8, MANY_TURN_MS = 50 };

typedef struct served {
    branch branch;
    char *dir;
    bool up;
    int64_t reopen_ms;  /* when down: tried again then */
    size_t item, items; /* its part of the poll */
} served;

typedef struct serving {
    void *zmq;
    served *list;
    size_t n;
    int signals;
    zmq_pollitem_t *items;
} serving;

/* ---- its set-up */

static bool catch_signals(serving *v, err *e) {
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    /* blocked before libzmq makes its threads, so they inherit it */
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) return err_set(e, ERR_INTERNAL, "signals: %s", strerror(errno));
    v->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return v->signals >= 0 || err_set(e, ERR_INTERNAL, "signals: %s", strerror(errno));
}

/* Many homes need many descriptors; one does with what every process has. */
static void raise_limits(serving *v) {
    struct rlimit files;
    if (v->n == 1) return;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    int sockets = (int)(v->n * ZMQ_SOCKETS_A_HOME + 64);
    if (sockets > 1023) (void)zmq_ctx_set(v->zmq, ZMQ_MAX_SOCKETS, sockets < 65535 ? sockets : 65535);
}

static bool open_one(serving *v, served *s, err *e) {
    s->up = branch_open(s->dir, v->zmq, true, &s->branch, e);
    if (s->up) log_event(LOG_LEVEL_INFO, "home.open", "home=%s server=%s", s->dir, s->branch.home.endpoint);
    return s->up;
}

/* One home of several must not stop the others. */
static bool down(serving *v, served *s, int64_t mono_ms, const err *e) {
    log_event(LOG_LEVEL_ERROR, "home.down", "home=%s why='%s'", s->dir, e->text);
    if (s->up) branch_close(&s->branch);
    s->up = false;
    s->reopen_ms = mono_ms + REOPEN_MS;
    return v->n > 1;
}

/* ---- the loop */

static long wait_ms(const serving *v, int64_t mono) {
    int64_t ms = TURN_MAX_MS;
    for (size_t i = 0; i < v->n; i++) {
        if (!v->list[i].up) continue;
        int64_t due = branch_due(&v->list[i].branch);
        int64_t left = due <= mono ? 0 : due - mono;
        if (v->list[i].branch.busy && left > BUSY_TURN_MS) left = BUSY_TURN_MS;
        if (left < ms) ms = left;
    }
    if (v->n >= MANY_HOMES && ms > 0) ms += MANY_TURN_MS - (mono + ms) % MANY_TURN_MS;
    return (long)ms;
}

static size_t fill_items(serving *v) {
    size_t n = 0;
    v->items[n++] = (zmq_pollitem_t){.fd = v->signals, .events = ZMQ_POLLIN};
    for (size_t i = 0; i < v->n; i++) {
        v->list[i].item = n;
        v->list[i].items = v->list[i].up ? branch_polls(&v->list[i].branch, v->items + n) : 0;
        n += v->list[i].items;
    }
    return n;
}

/* Of thousands of homes only those with something to do get a turn. */
static bool has_work(const serving *v, const served *s, int64_t mono) {
    if (s->branch.busy || branch_due(&s->branch) <= mono) return true;
    for (size_t i = 0; i < s->items; i++)
        if (v->items[s->item + i].revents) return true;
    return false;
}

static bool turn(serving *v, err *e) {
    int64_t mono = mono_ms();
    for (size_t i = 0; i < v->n; i++) {
        served *s = &v->list[i];
        if (s->up ? !has_work(v, s, mono) : mono < s->reopen_ms) continue;
        bool fine = s->up ? branch_turn(&s->branch, mono, wall_ms(), e) : open_one(v, s, e);
        if (!fine) TRY(down(v, s, mono, e));
    }
    return true;
}

static bool serve(serving *v, err *e) {
    for (size_t i = 0; i < v->n; i++)
        if (!open_one(v, &v->list[i], e)) TRY(down(v, &v->list[i], mono_ms(), e));
    for (;;) {
        size_t n = fill_items(v);
        int rc = zmq_poll(v->items, (int)n, wait_ms(v, mono_ms()));
        if (rc < 0 && zmq_errno() != EINTR) return err_set(e, ERR_INTERNAL, "poll: %s", zmq_strerror(zmq_errno()));
        if (rc > 0 && v->items[0].revents) {
            log_event(LOG_LEVEL_INFO, "agent.stops", "homes=%zu", v->n);
            return true;
        }
        TRY(turn(v, e));
    }
}

static void close_all(serving *v) {
    for (size_t i = 0; i < v->n; i++)
        if (v->list[i].up) branch_close(&v->list[i].branch);
    if (v->zmq) (void)zmq_ctx_term(v->zmq);
    if (v->signals >= 0) (void)close(v->signals);
    free(v->list);
    free(v->items);
}

static bool run_homes(char **dirs, size_t n, err *e) {
    serving v = {.n = n, .signals = -1};
    v.list = calloc(n, sizeof *v.list);
    v.items = calloc(n * BRANCH_POLLS + 1, sizeof *v.items);
    ASSERT(v.list != NULL && v.items != NULL);
    for (size_t i = 0; i < n; i++) v.list[i].dir = dirs[i];
    bool ok = catch_signals(&v, e);
    if (ok) {
        v.zmq = zmq_ctx_new();
        ASSERT(v.zmq != NULL);
        raise_limits(&v);
        ok = serve(&v, e);
    }
    close_all(&v);
    return ok;
}

bool command_run(const call *c, int *status, err *e) {
    const char *homes = cli_value(&c->words, "homes");
    *status = 0;
    if (homes == NULL && c->home == NULL) return err_set(e, ERR_USAGE, "run wants --home DIR or --homes DIR");
    if (homes == NULL) return run_homes(&(char *){(char *)(uintptr_t)c->home}, 1, e);
    char **list;
    size_t n;
    TRY(homes_list(homes, &list, &n, e));
    bool ok = run_homes(list, n, e);
    homes_free(list, n);
    return ok;
}
