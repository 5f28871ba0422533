#include "agent/feeding.h"

#include "agent/feed.h"
#include "agent/report.h"
#include "base/log.h"
#include <stdio.h>
#include <stdlib.h>

enum { TIMEOUT_MS = 10000 };

struct feeding {
    void *zmq;
    char name[LIMIT_FILE_NAME + 1]; /* of the file under way */
    feed *file;                     /* NULL: none */
    asking *now;                    /* the connection of its questions; NULL: none was asked */
    bool waits;                     /* a question is under way */
    int64_t again_ms;               /* nothing is begun before */
};

feeding *feeding_new(void *zmq) {
    feeding *f = calloc(1, sizeof *f);
    ASSERT(f != NULL);
    f->zmq = zmq;
    f->again_ms = INT64_MIN;
    return f;
}

static void stop(feeding *f) {
    asking_free(f->now);
    feed_free(f->file);
    f->now = NULL;
    f->file = NULL;
    f->waits = false;
}

void feeding_free(feeding *f) {
    if (f == NULL) return;
    stop(f);
    free(f);
}

/* Nobody there, or too much to do: later. Else the file is at fault, or the disk. */
static bool failed(feeding *f, watch *w, const home *h, int64_t mono_ms, int64_t wall_ms, const err *why, err *e) {
    char quoted[300];
    stop(f);
    log_event(LOG_LEVEL_WARN, "feed.waits", "home=%s file=%s why='%s'", h->dir,
              log_quote(str_of(f->name), quoted, sizeof quoted), why->text);
    f->again_ms = mono_ms + WATCH_RETRY_MS;
    if (why->code == ERR_UNAVAILABLE || why->code == ERR_RETRY) return true;
    if (!watch_feed_over(w, f->name, false)) return true;
    f->again_ms = INT64_MIN;
    return report_failure(h, f->name, why, wall_ms, e);
}

static bool finish(feeding *f, watch *w, const home *h, int64_t wall_ms, err *e) {
    AUTO(buf) text = {0};
    char quoted[300];
    feed_text(f->file, &text);
    stop(f);
    if (!watch_feed_over(w, f->name, true)) return true;
    TRY(report_feed(h, f->name, buf_str(&text), wall_ms, e));
    log_event(LOG_LEVEL_INFO, "feed.done", "home=%s file=%s", h->dir,
              log_quote(str_of(f->name), quoted, sizeof quoted));
    return archive_file(h, f->name, (uint64_t)wall_ms, wall_ms, e) || e->code == ERR_NOT_FOUND;
}

static bool begin(feeding *f, const home *h, const char *name, err *e) {
    char inbox[PATH_SIZE], path[PATH_SIZE];
    (void)snprintf(f->name, sizeof f->name, "%s", name);
    return home_path(h, "inbox", inbox, e) && path_join(path, sizeof path, inbox, name, e) &&
           feed_open(path, &f->file, e);
}

/* *done: the file is over. */
static bool go_on(feeding *f, const home *h, int64_t mono_ms, bool *done, err *e) {
    AUTO(asked) a = {0};
    bool answered;
    if (!f->waits) {
        feed_question q;
        bool any;
        TRY(feed_next(f->file, &q, &any, e));
        *done = !any;
        if (!any) return true;
        TRY(f->now ? asking_next(f->now, q.word, q.n, e) : asking_new(f->zmq, h, q.word, q.n, TIMEOUT_MS, &f->now, e));
        if (q.name) asking_attach(f->now, q.name, q.data);
        f->waits = true;
    }
    TRY(asking_turn(f->now, mono_ms, &answered, e));
    if (!answered) return true;
    asking_take(f->now, &a);
    f->waits = false;
    return feed_take(f->file, &a, e);
}

bool feeding_turn(feeding *f, watch *w, const home *h, bool reached, int64_t mono_ms, int64_t wall_ms, err *e) {
    const char *name = f->file || !reached || mono_ms < f->again_ms ? NULL : watch_feed(w);
    bool done = false;
    err why;
    if (name && !begin(f, h, name, &why)) return failed(f, w, h, mono_ms, wall_ms, &why, e);
    if (f->file == NULL) return true;
    if (!go_on(f, h, mono_ms, &done, &why)) return failed(f, w, h, mono_ms, wall_ms, &why, e);
    return !done || finish(f, w, h, wall_ms, e);
}

int64_t feeding_due(const feeding *f) {
    if (f->file == NULL) return INT64_MAX;
    return f->waits ? asking_due(f->now) : INT64_MIN;
}

size_t feeding_sockets(const feeding *f, void *out[static 2]) {
    return f->now ? asking_sockets(f->now, out) : 0;
}
