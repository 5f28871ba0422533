#include "tools/bench/swarm.h"

#include "base/clock.h"
#include <malloc.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { MAP_THRESHOLD = 128 * 1024 };

/* Each member has a spool (two files) and a connection with its monitor. */
static void lift_limits(void) {
    struct rlimit r;
    if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
        r.rlim_cur = r.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &r);
    }
}

bool swarm_open(swarm *s, const centre *c, size_t n, err *e) {
    lift_limits();
    *s = (swarm){.zmq = zmq_ctx_new()};
    (void)zmq_ctx_set(s->zmq, ZMQ_MAX_SOCKETS, (int)(4 * n + 64));
    s->member = calloc(n, sizeof *s->member);
    s->items = calloc(2 * n + 1, sizeof *s->items);
    ASSERT(s->zmq && s->member && s->items);
    (void)mallopt(M_MMAP_THRESHOLD, MAP_THRESHOLD); /* LMDB asks for megabytes a spool that it hardly touches */
    for (; s->members < n; s->members++) {
        member *m = &s->member[s->members];
        char dir[PATH_SIZE], path[PATH_SIZE];
        centre_home(c, (unsigned)s->members, dir);
        TRY(home_load(dir, &m->home, e));
        TRY(home_path(&m->home, "spool", path, e));
        TRY(spool_open(path, &(spool_options){.quota = m->home.spool_quota}, &m->spool, e));
    }
    return true;
}

void swarm_close(swarm *s) {
    for (size_t i = 0; i < s->members; i++) {
        if (s->member[i].link) link_free(s->member[i].link);
        if (s->member[i].spool) spool_close(s->member[i].spool);
    }
    free(s->member);
    free(s->items);
    if (s->zmq) (void)zmq_ctx_term(s->zmq);
    *s = (swarm){0};
}

bool swarm_spool(swarm *s, size_t who, const load_shape *shape, uint64_t seed, uint64_t first, uint64_t lines, err *e) {
    for (uint64_t at = first; at < first + lines; at += shape->file_lines) {
        AUTO(docset) d = {0};
        docset_init(&d);
        uint64_t n = first + lines - at < shape->file_lines ? first + lines - at : shape->file_lines;
        load_docset(shape, seed, (unsigned)who, at, n, &d);
        d.file_name = STR("load.csv");
        d.charset = STR("utf-8");
        d.dialect = STR("csv");
        for (size_t k = 0; k < sizeof d.sha256; k++) d.sha256[k] = (uint8_t)(at >> (k % 8 * 8));
        upload u, how = {.spooled_ms = wall_ms()};
        TRY(spool_add(s->member[who].spool, &d, &how, &u, e));
    }
    s->member[who].fresh = true;
    return true;
}

void swarm_link(swarm *s, size_t from, size_t to) {
    for (size_t i = from; i < to; i++) {
        member *m = &s->member[i];
        m->link = link_new(&(link_options){.zmq = s->zmq,
                                           .spool = m->spool,
                                           .endpoint = m->home.endpoint,
                                           .keys = {m->home.server, m->home.public_key, m->home.secret},
                                           .host = "bench",
                                           .seed = i + 1});
    }
}

/* As `run --homes` does: thousands of links wait together, and those with something to do get a turn. */
bool swarm_turn(swarm *s, int64_t wait_ms, err *e) {
    int64_t due = mono_ms() + wait_ms;
    int n = 0;
    for (size_t i = 0; i < s->members; i++) {
        member *m = &s->member[i];
        void *sockets[2];
        m->item = n;
        m->items = m->link ? (int)link_sockets(m->link, sockets) : 0;
        for (int j = 0; j < m->items; j++) s->items[n++] = (zmq_pollitem_t){.socket = sockets[j], .events = ZMQ_POLLIN};
        int64_t own = m->link == NULL ? INT64_MAX : m->fresh ? 0 : link_due(m->link);
        if (own < due) due = own;
    }
    int64_t now = mono_ms();
    (void)zmq_poll(s->items, n, due > now ? (long)(due - now) : 0); /* due may be "since ever" */
    int64_t mono = mono_ms(), wall = wall_ms();
    for (size_t i = 0; i < s->members; i++) {
        member *m = &s->member[i];
        bool work = m->link && (m->fresh || link_due(m->link) <= mono);
        for (int j = 0; j < m->items; j++) work |= s->items[m->item + j].revents != 0;
        if (work) TRY(link_turn(m->link, mono, wall, e));
        if (work) m->fresh = false;
        if (work && m->back_ms == 0 && link_welcomes(m->link) > m->welcomes) m->back_ms = mono;
    }
    return true;
}

void swarm_mark(swarm *s) {
    for (size_t i = 0; i < s->members; i++) {
        member *m = &s->member[i];
        m->welcomes = m->link ? link_welcomes(m->link) : 0;
        m->back_ms = 0;
    }
}

size_t swarm_behind(const swarm *s) {
    size_t n = 0;
    for (size_t i = 0; i < s->members; i++) {
        const spool_state *now = spool_now(s->member[i].spool);
        n += s->member[i].link && now->acked_seq < now->last_seq;
    }
    return n;
}
