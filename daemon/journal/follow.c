#include "daemon/journal/follow.h"

#include "daemon/store/keys.h"
#include "daemon/store/store.h"
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { RECORD_HEAD = 12, FOLLOW_FILE_BYTES_MAX = INT32_MAX };

static bool io(err *e, const char *path) {
    return err_set(e, errno == ENOSPC ? ERR_FULL : ERR_INTERNAL, "%s: %s", path, strerror(errno));
}

static bool name_of(const follow *f, uint64_t first, char *out, size_t size, err *e) {
    int n = snprintf(out, size, "%s/%020" PRIu64 ".journal", f->dir, first);
    return (n > 0 && (size_t)n < size) || err_set(e, ERR_USAGE, "%s: path too long", f->dir);
}

/* The record at the front of *bytes; false at the end, or where the last one is torn (then bytes are left). */
static bool next_record(str *bytes, entry *out) {
    if (bytes->n < RECORD_HEAD) return false;
    uint64_t seq = get_be64(bytes->p);
    size_t n = get_be32(bytes->p + 8);
    if (bytes->n - RECORD_HEAD < n || !entry_decode(seq, str_from(bytes->p + RECORD_HEAD, n), out)) return false;
    *bytes = str_skip(*bytes, RECORD_HEAD + n);
    return true;
}

static bool all_files(const char *dir, glob_t *found, err *e) {
    char pattern[PATH_SIZE];
    int n = snprintf(pattern, sizeof pattern, "%s/*.journal", dir);
    if (n < 0 || (size_t)n >= sizeof pattern) return err_set(e, ERR_USAGE, "%s: path too long", dir);
    int rc = glob(pattern, 0, NULL, found);
    return rc == 0 || rc == GLOB_NOMATCH || err_set(e, ERR_INTERNAL, "%s: cannot be listed", dir);
}

/* Read the newest file to its end, cut a torn record off, and go on writing there. */
static bool resume(follow *f, const char *path, err *e) {
    AUTO(buf) bytes = {0};
    entry en;
    TRY(file_read(path, FOLLOW_FILE_BYTES_MAX, &bytes, e));
    str rest = buf_str(&bytes);
    while (next_record(&rest, &en)) {
        if (f->first == 0) f->first = en.seq;
        f->last = en.seq;
        memcpy(f->head, en.hash, DIGEST_SIZE);
    }
    f->fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (f->fd < 0 || ftruncate(f->fd, (off_t)(bytes.n - rest.n)) != 0) return io(e, path);
    return f->first != 0 || err_set(e, ERR_DATA, "%s: no entry in it can be read; remove it", path);
}

bool follow_open(const char *dir, follow *out, err *e) {
    follow f = {.fd = -1};
    glob_t found = {0};
    if (strlen(dir) >= sizeof f.dir) return err_set(e, ERR_USAGE, "%s: path too long", dir);
    memcpy(f.dir, dir, strlen(dir) + 1);
    TRY(file_mkdirs(dir, 0700, e));
    TRY(all_files(dir, &found, e));
    bool ok = found.gl_pathc == 0 || resume(&f, found.gl_pathv[found.gl_pathc - 1], e);
    globfree(&found);
    *out = f;
    return ok;
}

void follow_close(follow *f) {
    if (f->fd >= 0) (void)close(f->fd);
    f->fd = -1;
}

static bool next_file(follow *f, uint64_t first, err *e) {
    char path[PATH_SIZE];
    TRY(name_of(f, first, path, sizeof path, e));
    follow_close(f);
    f->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (f->fd < 0) return io(e, path);
    f->first = first;
    return file_sync_dir(f->dir, e);
}

static bool flush(follow *f, buf *out, err *e) {
    str rest = buf_str(out);
    while (rest.n) {
        ssize_t n = write(f->fd, rest.p, rest.n);
        if (n < 0 && errno != EINTR) return io(e, f->dir);
        rest = str_skip(rest, n > 0 ? (size_t)n : 0);
    }
    buf_clear(out);
    return f->fd < 0 || fdatasync(f->fd) == 0 || io(e, f->dir);
}

static bool put(follow *f, buf *out, const entry *en, str stored, err *e) {
    if (memcmp(en->prev, f->head, DIGEST_SIZE) != 0)
        return err_set(e, ERR_DIFFERS, "%s: entry %" PRIu64 " does not follow the copy: it is of another journal",
                       f->dir, en->seq);
    if (f->fd < 0 || en->seq - f->first >= FOLLOW_FILE_ENTRIES) {
        TRY(flush(f, out, e));
        TRY(next_file(f, en->seq, e));
    }
    buf_be64(out, en->seq);
    buf_be32(out, (uint32_t)stored.n);
    buf_add(out, stored);
    f->last = en->seq;
    memcpy(f->head, en->hash, DIGEST_SIZE);
    return true;
}

bool follow_take(follow *f, txn *t, size_t max, size_t *taken, err *e) {
    AUTO(buf) out = {0};
    key start = {.n = 0};
    entry en;
    *taken = 0;
    key_u64(&start, f->last + 1);
    AUTO(kv_cursor) c = kv_from(t, TABLE_JOURNAL, STR(""), key_str(&start));
    while (*taken < max && kv_next(&c)) {
        if (!entry_decode(get_be64(c.key.p), c.val, &en)) return err_set(e, ERR_DATA, "an entry cannot be read");
        TRY(put(f, &out, &en, c.val, e));
        ++*taken;
    }
    TRY(txn_ok(t, e));
    return *taken == 0 || flush(f, &out, e);
}

static bool walk_file(const char *path, uint64_t from, follow_fn fn, void *arg, err *e) {
    AUTO(buf) bytes = {0};
    entry en;
    TRY(file_read(path, FOLLOW_FILE_BYTES_MAX, &bytes, e));
    str rest = buf_str(&bytes);
    while (next_record(&rest, &en))
        if (en.seq >= from) TRY(fn(arg, &en, e));
    return true;
}

bool follow_walk(const char *dir, uint64_t from, follow_fn fn, void *arg, err *e) {
    glob_t found = {0};
    TRY(all_files(dir, &found, e));
    bool ok = true;
    for (size_t i = 0; ok && i < found.gl_pathc; i++) ok = walk_file(found.gl_pathv[i], from, fn, arg, e);
    globfree(&found);
    return ok;
}
