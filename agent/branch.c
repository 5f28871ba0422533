#include "agent/branch.h"

#include "agent/original.h"
#include "base/log.h"
#include <poll.h>
#include <sodium.h>
#include <unistd.h>

enum { PRUNE_MS = 3600 * 1000, PACKS_MS = 3600 * 1000 };

static uplink *link_of(branch *b, void *zmq) {
    char host[65] = "";
    link_options o = {.zmq = zmq,
                      .spool = b->spool,
                      .endpoint = b->home.endpoint,
                      .keys = {b->home.server, b->home.public_key, b->home.secret},
                      .host = host};
    (void)gethostname(host, sizeof host - 1);
    randombytes_buf(&o.seed, sizeof o.seed);
    return link_new(&o);
}

static bool open_rooms(branch *b, void *zmq, bool serving, err *e) {
    char dir[PATH_SIZE];
    spool_options how = {.quota = b->home.spool_quota};
    TRY(home_lock(&b->home, e));
    TRY(home_prepare(b->home.dir, e));
    TRY(home_path(&b->home, "spool", dir, e) && spool_open(dir, &how, &b->spool, e));
    b->link = link_of(b, zmq);
    if (!serving) return true;
    b->feeding = feeding_new(zmq);
    return watch_new(b->spool, &b->watch, e) && handover_open(&b->home, &b->handover, e);
}

bool branch_open(const char *dir, void *zmq, bool serving, branch *out, err *e) {
    branch b = {.prune_ms = INT64_MIN, .packs_ms = INT64_MIN, .zmq = zmq};
    TRY(home_load(dir, &b.home, e));
    if (open_rooms(&b, zmq, serving, e)) {
        *out = b;
        return true;
    }
    branch_close(&b);
    return false;
}

void branch_close(branch *b) {
    products_asking_free(b->packs);
    feeding_free(b->feeding);
    handover_close(b->handover);
    watch_free(b->watch);
    link_free(b->link);
    spool_close(b->spool);
    home_close(&b->home);
    *b = (branch){.home.lock_fd = -1};
}

static void log_state(branch *b) {
    link_state now = link_now(b->link);
    if (now == b->said || now == LINK_DIALING || now == LINK_GREETING) return;
    b->said = now;
    log_event(now == LINK_READY ? LOG_LEVEL_INFO : LOG_LEVEL_WARN, "link.state", "home=%s state='%s' why='%s'",
              b->home.dir, link_state_name(now), link_trouble(b->link));
}

static bool prune(branch *b, int64_t mono_ms, int64_t wall_ms, err *e) {
    bool more;
    if (mono_ms < b->prune_ms) return true;
    TRY(spool_prune(b->spool, wall_ms, &more, e));
    TRY(originals_prune(&b->home, b->spool, e));
    b->prune_ms = more ? mono_ms : mono_ms + PRUNE_MS;
    return true;
}

/* What the centre does not answer is asked again later: doubts do without it. */
static void end_packs(branch *b, int64_t mono_ms) {
    products_asking_free(b->packs);
    b->packs = NULL;
    b->packs_ms = mono_ms + PACKS_MS;
}

static void refresh_packs(branch *b, int64_t mono_ms, int64_t wall_ms) {
    AUTO(products) p = {0};
    bool done = false;
    err e;
    if (b->packs == NULL) {
        if (mono_ms < b->packs_ms || link_now(b->link) != LINK_READY) return;
        b->packs_ms = mono_ms + PACKS_MS;
        if (!packs_due(&b->home, wall_ms)) return;
        if (!products_asking_new(b->zmq, &b->home, &b->packs, &e)) return end_packs(b, mono_ms);
    }
    products_init(&p);
    bool ok = products_asking_turn(b->packs, &b->home, &p, mono_ms, &done, &e);
    if (ok && !done) return;
    if (!ok || !packs_keep(&p, b->home.dir, &e))
        log_event(LOG_LEVEL_WARN, "packs.ask", "home=%s why='%s'", b->home.dir, e.text);
    end_packs(b, mono_ms);
}

bool branch_turn(branch *b, int64_t mono_ms, int64_t wall_ms, err *e) {
    TRY(link_turn(b->link, mono_ms, wall_ms, e));
    if (b->watch) TRY(watch_turn(b->watch, &b->home, b->spool, mono_ms, wall_ms, e));
    if (b->feeding)
        TRY(feeding_turn(b->feeding, b->watch, &b->home, link_now(b->link) == LINK_READY, mono_ms, wall_ms, e));
    if (b->handover) TRY(handover_turn(b->handover, &b->home, b->spool, b->link, mono_ms, wall_ms, &b->busy, e));
    if (b->watch) log_state(b);
    if (b->watch) refresh_packs(b, mono_ms, wall_ms);
    /* what was just spooled goes at once */
    TRY(link_turn(b->link, mono_ms, wall_ms, e));
    return prune(b, mono_ms, wall_ms, e);
}

int64_t branch_due(const branch *b) {
    int64_t due = link_due(b->link);
    if (b->watch && watch_due(b->watch) < due) due = watch_due(b->watch);
    if (b->feeding && feeding_due(b->feeding) < due) due = feeding_due(b->feeding);
    if (b->packs && products_asking_due(b->packs) < due) due = products_asking_due(b->packs);
    return b->prune_ms < due ? b->prune_ms : due;
}

size_t branch_polls(const branch *b, zmq_pollitem_t *out) {
    void *sockets[2];
    int fds[HANDOVER_CLIENTS + 1];
    short events[HANDOVER_CLIENTS + 1];
    size_t n = 0, s = link_sockets(b->link, sockets), f = b->handover ? handover_polls(b->handover, fds, events) : 0;
    for (size_t i = 0; i < s; i++) out[n++] = (zmq_pollitem_t){.socket = sockets[i], .events = ZMQ_POLLIN};
    s = b->packs ? products_asking_sockets(b->packs, sockets) : 0;
    for (size_t i = 0; i < s; i++) out[n++] = (zmq_pollitem_t){.socket = sockets[i], .events = ZMQ_POLLIN};
    s = b->feeding ? feeding_sockets(b->feeding, sockets) : 0;
    for (size_t i = 0; i < s; i++) out[n++] = (zmq_pollitem_t){.socket = sockets[i], .events = ZMQ_POLLIN};
    for (size_t i = 0; i < f; i++)
        out[n++] = (zmq_pollitem_t){
            .fd = fds[i],
            .events = (short)((events[i] & POLLIN ? ZMQ_POLLIN : 0) | (events[i] & POLLOUT ? ZMQ_POLLOUT : 0))};
    return n;
}
