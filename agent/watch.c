#include "agent/watch.h"

#include "agent/feed.h"
#include "agent/held.h"
#include "agent/report.h"
#include "agent/submit.h"
#include "base/log.h"
#include "proto/digest.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

typedef enum inbox_state { INBOX_SEEN, INBOX_TAKEN, INBOX_UNREADABLE, INBOX_FEED } inbox_state;

typedef struct inbox_file {
    char *name;
    int64_t size, mtime_ns, since_ms; /* unchanged since (mono) */
    bool twice;                       /* seen unchanged at least twice */
    inbox_state state;
    uint64_t upload;
    bool present;
} inbox_file;

/* An upload of this inbox that is not yet archived and reported. */
typedef struct open_upload {
    uint64_t id;
    char title[LIMIT_FILE_NAME + 1];
    uint8_t sha256[32];
} open_upload;

struct watch {
    inbox_file *file;
    size_t files, file_cap;
    open_upload *open;
    size_t opens, open_cap;
    int64_t scan_ms, retry_ms;
    bool more;                          /* files wait to be taken */
    uint64_t seen_epoch, seen_receipts; /* where the spool stood when the open uploads were last looked at */
};

/* ---- open uploads */

static void remember(watch *w, const upload *u) {
    if (w->opens == w->open_cap) {
        w->open_cap = w->open_cap ? 2 * w->open_cap : 8;
        w->open = realloc(w->open, w->open_cap * sizeof *w->open);
        ASSERT(w->open != NULL);
    }
    open_upload *o = &w->open[w->opens++];
    o->id = u->id;
    memcpy(o->title, u->name, sizeof o->title);
    memcpy(o->sha256, u->sha256, sizeof o->sha256);
    w->seen_epoch = 0; /* look at it in the next turn */
}

static bool find_open(void *arg, const upload *u) {
    if (u->inbox && u->closed_ms == 0) remember(arg, u);
    return true;
}

bool watch_new(spool *s, watch **out, err *e) {
    watch *w = calloc(1, sizeof *w);
    ASSERT(w != NULL);
    w->scan_ms = INT64_MIN;
    if (spool_uploads(s, find_open, w, e)) {
        *out = w;
        return true;
    }
    watch_free(w);
    return false;
}

void watch_free(watch *w) {
    if (w == NULL) return;
    for (size_t i = 0; i < w->files; i++) free(w->file[i].name);
    free(w->file);
    free(w->open);
    free(w);
}

int64_t watch_due(const watch *w) {
    return w->more ? INT64_MIN : w->scan_ms;
}

/* ---- what lies in the inbox */

bool watch_ignores(const char *name) {
    static const char *const endings[] = {".tmp", ".part", ".partial", ".crdownload", ".filepart", ".swp", "~"};
    str s = str_of(name);
    if (name[0] == '.' || str_starts(s, STR("~$"))) return true;
    for (size_t i = 0; i < ARRAY_LEN(endings); i++)
        if (str_ends(s, str_of(endings[i]))) return true;
    return false;
}

static inbox_file *entry_of(watch *w, const char *name) {
    for (size_t i = 0; i < w->files; i++)
        if (strcmp(w->file[i].name, name) == 0) return &w->file[i];
    if (w->files == WATCH_FILES) return NULL;
    if (w->files == w->file_cap) {
        w->file_cap = w->file_cap ? 2 * w->file_cap : 16;
        w->file = realloc(w->file, w->file_cap * sizeof *w->file);
        ASSERT(w->file != NULL);
    }
    inbox_file *f = &w->file[w->files++];
    *f = (inbox_file){.name = strdup(name), .size = -1};
    ASSERT(f->name != NULL);
    return f;
}

static void see(watch *w, const char *name, const struct stat *st, int64_t mono_ms) {
    inbox_file *f = entry_of(w, name);
    if (f == NULL) return;
    int64_t mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
    f->present = true;
    f->twice = f->size == st->st_size && f->mtime_ns == mtime_ns;
    if (f->twice) return;
    f->size = st->st_size;
    f->mtime_ns = mtime_ns;
    f->since_ms = mono_ms;
    f->state = INBOX_SEEN;
}

static void forget_absent(watch *w) {
    size_t kept = 0;
    for (size_t i = 0; i < w->files; i++) {
        if (w->file[i].present) w->file[kept++] = w->file[i];
        else
            free(w->file[i].name);
    }
    w->files = kept;
}

static bool scan(watch *w, const home *h, int64_t mono_ms, err *e) {
    char inbox[PATH_SIZE];
    TRY(home_path(h, "inbox", inbox, e));
    DIR *d = opendir(inbox);
    if (d == NULL) return err_set(e, ERR_INTERNAL, "%s: %s", inbox, strerror(errno));
    for (size_t i = 0; i < w->files; i++) w->file[i].present = false;
    for (struct dirent *at; (at = readdir(d)) != NULL;) {
        struct stat st;
        if (watch_ignores(at->d_name) || fstatat(dirfd(d), at->d_name, &st, 0) != 0 || !S_ISREG(st.st_mode)) continue;
        see(w, at->d_name, &st, mono_ms);
    }
    (void)closedir(d);
    forget_absent(w);
    w->scan_ms = (mono_ms / WATCH_SCAN_MS + 1) * WATCH_SCAN_MS; /* all inboxes in the same wake */
    return true;
}

/* ---- taking */

static bool whole(const inbox_file *f, int64_t mono_ms, int64_t wall_ms) {
    int64_t age_ms = wall_ms - f->mtime_ns / 1000000;
    return f->state == INBOX_SEEN && f->twice &&
           (mono_ms - f->since_ms >= WATCH_STABLE_MS || age_ms >= WATCH_STABLE_MS);
}

/* Oldest first: of two contents of one document the later one holds. */
static inbox_file *next_whole(watch *w, int64_t mono_ms, int64_t wall_ms) {
    inbox_file *best = NULL;
    for (size_t i = 0; i < w->files; i++) {
        inbox_file *f = &w->file[i];
        if (!whole(f, mono_ms, wall_ms)) continue;
        bool sooner = best == NULL || f->mtime_ns < best->mtime_ns ||
                      (f->mtime_ns == best->mtime_ns && strcmp(f->name, best->name) < 0);
        if (sooner) best = f;
    }
    return best;
}

static bool inbox_path(const home *h, const char *name, char out[static PATH_SIZE], err *e) {
    char inbox[PATH_SIZE];
    TRY(home_path(h, "inbox", inbox, e));
    return path_join(out, PATH_SIZE, inbox, name, e);
}

static bool same_content(const char *path, const uint8_t sha256[static 32]) {
    AUTO(buf) bytes = {0};
    uint8_t now[32];
    err e;
    if (!file_read(path, LIMIT_FILE_BYTES, &bytes, &e)) return false;
    sha256_of(buf_str(&bytes), now);
    return memcmp(now, sha256, sizeof now) == 0;
}

/* Spooled before a restart, and still lying here: not to be taken again. */
static bool already_open(const watch *w, inbox_file *f, const char *path) {
    char title[LIMIT_FILE_NAME + 1];
    file_title(f->name, title, sizeof title);
    for (size_t i = 0; i < w->opens; i++) {
        if (strcmp(w->open[i].title, title) != 0 || !same_content(path, w->open[i].sha256)) continue;
        f->state = INBOX_TAKEN;
        f->upload = w->open[i].id;
        return true;
    }
    return false;
}

/* A full disk passes; what could not be done is tried again later. */
static bool later(watch *w, const home *h, int64_t mono_ms, const err *why) {
    if (why->code != ERR_FULL) return false;
    log_event(LOG_LEVEL_WARN, "inbox.waits", "home=%s why=%s", h->dir, why->text);
    w->retry_ms = mono_ms + WATCH_RETRY_MS;
    return true;
}

static bool not_taken(watch *w, const home *h, inbox_file *f, int64_t mono_ms, int64_t wall_ms, err *e) {
    char quoted[300];
    err why = *e;
    if (why.code == ERR_INTERNAL) return false;
    if (later(w, h, mono_ms, &why)) return true;
    log_event(LOG_LEVEL_WARN, "file.not_taken", "home=%s file=%s why=%s", h->dir,
              log_quote(str_of(f->name), quoted, sizeof quoted), why.text);
    f->state = INBOX_UNREADABLE;
    return report_failure(h, f->name, &why, wall_ms, e) || later(w, h, mono_ms, e);
}

static bool take(watch *w, const home *h, spool *s, inbox_file *f, int64_t mono_ms, int64_t wall_ms, err *e) {
    char path[PATH_SIZE], quoted[300];
    TRY(inbox_path(h, f->name, path, e));
    if (already_open(w, f, path)) return true;
    if (feed_is_file(path)) return f->state = INBOX_FEED, true; /* goes another way: feeding.h */
    AUTO(doubts) found = {0};
    bool held = false;
    submission sub = {.path = path, .inbox = true, .now_ms = wall_ms, .hold = true, .doubts = &found, .held = &held};
    upload u;
    doubts_init(&found);
    if (!submit_file(h, s, &sub, &u, e)) return not_taken(w, h, f, mono_ms, wall_ms, e);
    if (held) {
        log_event(LOG_LEVEL_WARN, "file.held", "home=%s file=%s doubts=%" PRIu64, h->dir,
                  log_quote(str_of(f->name), quoted, sizeof quoted), found.total);
        f->state = INBOX_TAKEN;
        report_failure_over(h, f->name);
        return held_keep(h, &sub, &found, e) || later(w, h, mono_ms, e);
    }
    f->state = INBOX_TAKEN;
    f->upload = u.id;
    report_failure_over(h, f->name);
    remember(w, &u);
    log_event(LOG_LEVEL_INFO, "file.spooled", "home=%s file=%s upload=%" PRIu64 " documents=%" PRIu64 " lines=%" PRIu64,
              h->dir, log_quote(str_of(f->name), quoted, sizeof quoted), u.id, u.documents, u.lines);
    return true;
}

/* ---- what was judged */

static inbox_file *file_of(watch *w, uint64_t upload_id) {
    for (size_t i = 0; i < w->files; i++)
        if (w->file[i].state == INBOX_TAKEN && w->file[i].upload == upload_id) return &w->file[i];
    return NULL;
}

/* Report, archive, close: after a crash in between, what was done is done again without harm. */
static bool finish(watch *w, const home *h, spool *s, const upload *u, int64_t wall_ms, err *e) {
    char path[PATH_SIZE];
    inbox_file *f = file_of(w, u->id);
    TRY(report_upload(h, s, u, wall_ms, e));
    TRY(report_mend(h, s, u, wall_ms, e));
    if (f) {
        TRY(inbox_path(h, f->name, path, e));
        /* a file changed after it was taken is a new file */
        if (!same_content(path, u->sha256)) f->state = INBOX_SEEN;
        else if (!archive_file(h, f->name, u->id, wall_ms, e) && e->code != ERR_NOT_FOUND)
            return false;
    }
    log_event(LOG_LEVEL_INFO, "file.done", "home=%s upload=%" PRIu64 " lines=%" PRIu64, h->dir, u->id, u->lines);
    return spool_close_upload(s, u->id, wall_ms, e);
}

static bool finish_judged(watch *w, const home *h, spool *s, int64_t mono_ms, int64_t wall_ms, err *e) {
    const spool_state *now = spool_now(s);
    if (w->opens == 0 || mono_ms < w->retry_ms || (w->seen_epoch == now->epoch && w->seen_receipts == now->receipts_to))
        return true;
    w->seen_epoch = now->epoch;
    w->seen_receipts = now->receipts_to;
    for (size_t i = 0; i < w->opens;) {
        upload u;
        TRY(spool_upload(s, w->open[i].id, &u, e));
        if (!upload_done(&u, now)) {
            i++;
            continue;
        }
        if (!finish(w, h, s, &u, wall_ms, e)) {
            w->seen_epoch = 0;
            return later(w, h, mono_ms, e);
        }
        w->open[i] = w->open[--w->opens];
    }
    return true;
}

/* Files of uploads that were under way before a restart must be known before their uploads are closed. */
static bool adopt(watch *w, const home *h, err *e) {
    char path[PATH_SIZE];
    for (size_t i = 0; i < w->files && w->opens; i++) {
        TRY(inbox_path(h, w->file[i].name, path, e));
        (void)already_open(w, &w->file[i], path);
    }
    return true;
}

bool watch_turn(watch *w, const home *h, spool *s, int64_t mono_ms, int64_t wall_ms, err *e) {
    bool first = w->scan_ms == INT64_MIN;
    if (mono_ms >= w->scan_ms) TRY(scan(w, h, mono_ms, e));
    if (first) TRY(adopt(w, h, e));
    TRY(finish_judged(w, h, s, mono_ms, wall_ms, e));
    inbox_file *f = mono_ms >= w->retry_ms ? next_whole(w, mono_ms, wall_ms) : NULL;
    if (f) TRY(take(w, h, s, f, mono_ms, wall_ms, e));
    w->more = f && mono_ms >= w->retry_ms;
    return true;
}

/* ---- feeds */

const char *watch_feed(const watch *w) {
    const inbox_file *best = NULL;
    for (size_t i = 0; i < w->files; i++)
        if (w->file[i].state == INBOX_FEED && (best == NULL || w->file[i].mtime_ns < best->mtime_ns))
            best = &w->file[i];
    return best ? best->name : NULL;
}

bool watch_feed_over(watch *w, const char *name, bool taken) {
    for (size_t i = 0; i < w->files; i++) {
        if (w->file[i].state != INBOX_FEED || strcmp(w->file[i].name, name) != 0) continue;
        w->file[i].state = taken ? INBOX_TAKEN : INBOX_UNREADABLE;
        return true;
    }
    return false;
}
