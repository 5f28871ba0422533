#include "daemon/journal/follow.h"

#include "base/file.h"
#include "daemon/store/keys.h"
#include "daemon/store/store.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEADER = 12, FILE_BYTES = 256 * 1024 * 1024, SLICE_BYTES = 4 * 1024 * 1024 };
enum { ENTRY_BYTES_MAX = 64 * 1024 * 1024 }; /* of one entry: beyond it the length is damage */

static bool system_error(err *e, const char *path, const char *what) {
    return err_set(e, errno == ENOSPC ? ERR_FULL : ERR_INTERNAL, "%s: cannot %s: %s", path, what, strerror(errno));
}

static void file_name(char out[static 32], uint64_t first) {
    (void)snprintf(out, 32, "journal-%016" PRIu64 ".log", first);
}

static int by_number(const void *a, const void *b) {
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* First entries of the files in a folder, ascending. The list is the caller's to free. */
static bool list_files(const char *dir, uint64_t **first, size_t *n, err *e) {
    DIR *d = opendir(dir);
    struct dirent *f;
    size_t cap = 0;
    *first = NULL;
    *n = 0;
    if (d == NULL) return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_INTERNAL, "%s: %s", dir, strerror(errno));
    while ((f = readdir(d)) != NULL) {
        uint64_t no;
        char name[32];
        if (sscanf(f->d_name, "journal-%" SCNu64 ".log", &no) != 1) continue;
        file_name(name, no);
        if (strcmp(name, f->d_name) != 0) continue;
        if (*n == cap) {
            cap = cap ? 2 * cap : 64;
            *first = reallocarray(*first, cap, sizeof **first);
            ASSERT(*first != NULL);
        }
        (*first)[(*n)++] = no;
    }
    (void)closedir(d);
    if (*n) qsort(*first, *n, sizeof **first, by_number);
    return true;
}

/* One record at the reading place. *whole false: the file ends before its end. */
static bool read_record(FILE *f, buf *b, entry *en, bool *whole) {
    uint8_t head[HEADER];
    *whole = false;
    if (fread(head, 1, HEADER, f) != HEADER) return true;
    uint64_t seq = get_be64(head);
    uint32_t n = get_be32(head + 8);
    if (n > ENTRY_BYTES_MAX) return false;
    buf_clear(b);
    buf_reserve(b, n);
    if (fread(b->p, 1, n, f) != n) return true;
    b->n = n;
    *whole = entry_decode(seq, buf_str(b), en);
    return *whole;
}

typedef struct place {
    uint64_t last;  /* newest entry of the file */
    uint64_t bytes; /* up to its end */
    uint8_t hash[DIGEST_SIZE];
} place;

/* Walk one file; fn may be NULL. `at` tells how far whole records reach. */
static bool walk_file(const char *path, uint64_t from, follow_fn fn, void *arg, place *at, err *e) {
    AUTO(buf) b = {0};
    entry en;
    bool whole, ok = true;
    FILE *f = fopen(path, "rbe");
    if (f == NULL) return system_error(e, path, "open");
    for (;;) {
        uint8_t hash[DIGEST_SIZE];
        if (!read_record(f, &b, &en, &whole))
            ok = err_set(e, ERR_DIFFERS, "%s: damaged after entry %" PRIu64, path, at->last);
        if (!ok || !whole) break;
        journal_hash(&en, hash);
        if (memcmp(hash, en.hash, DIGEST_SIZE) != 0)
            ok = err_set(e, ERR_DIFFERS, "%s: entry %" PRIu64 " was changed", path, en.seq);
        if (ok && fn && en.seq >= from) ok = fn(arg, &en, e);
        if (!ok) break;
        *at = (place){.last = en.seq, .bytes = at->bytes + HEADER + b.n};
        memcpy(at->hash, en.hash, DIGEST_SIZE);
    }
    (void)fclose(f);
    return ok;
}

bool journal_follow_read(const char *dir, uint64_t from, follow_fn fn, void *arg, err *e) {
    uint64_t *first;
    size_t n;
    bool ok = list_files(dir, &first, &n, e);
    for (size_t i = 0; ok && i < n; i++) {
        char name[32], path[PATH_SIZE];
        place at = {0};
        if (i + 1 < n && first[i + 1] <= from) continue;
        file_name(name, first[i]);
        ok = path_join(path, sizeof path, dir, name, e) && walk_file(path, from, fn, arg, &at, e);
    }
    free(first);
    return ok;
}

/* The copy while it is written. */
typedef struct follower {
    const char *dir;
    char path[PATH_SIZE];
    int fd; /* −1: none open */
    place at;
    buf out;
} follower;

static void follower_auto(follower *f) {
    if (f->fd >= 0) (void)close(f->fd);
    buf_free(&f->out);
}

static bool write_out(follower *f, err *e) {
    size_t done = 0;
    while (done < f->out.n) {
        ssize_t n = write(f->fd, f->out.p + done, f->out.n - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return system_error(e, f->path, "write");
        done += (size_t)n;
    }
    f->at.bytes += f->out.n;
    buf_clear(&f->out);
    return fdatasync(f->fd) == 0 || system_error(e, f->path, "sync");
}

static bool open_file(follower *f, uint64_t first, bool fresh, err *e) {
    char name[32];
    file_name(name, first);
    if (f->fd >= 0) (void)close(f->fd);
    TRY(path_join(f->path, sizeof f->path, f->dir, name, e));
    f->fd = open(f->path, O_WRONLY | O_CLOEXEC | O_APPEND | (fresh ? O_CREAT : 0), 0600);
    if (f->fd < 0) return system_error(e, f->path, "open");
    if (!fresh) return true;
    f->at.bytes = 0;
    return file_sync_dir(f->dir, e);
}

/* Where the copy stands: the end of its last file, a torn end cut off. */
static bool find_end(follower *f, err *e) {
    uint64_t *first;
    size_t n;
    TRY(list_files(f->dir, &first, &n, e));
    bool ok = n == 0 || open_file(f, first[n - 1], false, e);
    if (ok && n) {
        f->at.last = first[n - 1] - 1;
        ok = walk_file(f->path, 0, NULL, NULL, &f->at, e);
        if (ok && ftruncate(f->fd, (off_t)f->at.bytes) != 0) ok = system_error(e, f->path, "cut");
    }
    free(first);
    return ok;
}

static bool same_journal(txn *t, const follower *f, err *e) {
    entry en;
    if (f->at.last == 0 || f->at.bytes == 0) return true;
    if (journal_get(t, f->at.last, &en) && memcmp(en.hash, f->at.hash, DIGEST_SIZE) == 0) return true;
    return err_set(e, ERR_DIFFERS,
                   "%s: holds another journal's entries (or the database was restored from before %" PRIu64
                   "): follow into an empty folder",
                   f->dir, f->at.last);
}

static void put_record(follower *f, const entry *en) {
    size_t head = f->out.n;
    buf_be64(&f->out, en->seq);
    buf_be32(&f->out, 0);
    size_t body = f->out.n;
    entry_encode(&f->out, en);
    put_be32((uint8_t *)f->out.p + head + 8, (uint32_t)(f->out.n - body));
}

/* One slice of entries, written and synced. */
static bool copy_some(follower *f, txn *t, uint64_t *copied, err *e) {
    entry en;
    while (f->out.n < SLICE_BYTES && journal_get(t, f->at.last + 1, &en)) {
        if (f->fd < 0 || f->at.bytes + f->out.n >= FILE_BYTES) {
            if (f->fd >= 0) TRY(write_out(f, e));
            TRY(open_file(f, en.seq, true, e));
        }
        put_record(f, &en);
        f->at.last = en.seq;
        (*copied)++;
    }
    TRY(txn_ok(t, e));
    return f->out.n == 0 || write_out(f, e);
}

bool journal_follow(kv *db, const char *dir, uint64_t *copied, uint64_t *last, err *e) {
    AUTO(follower) f = {.dir = dir, .fd = -1};
    AUTO(txn) *t = NULL;
    *copied = 0;
    TRY(file_mkdirs(dir, 0700, e));
    TRY(find_end(&f, e));
    TRY(txn_begin(db, TXN_READ, &t, e));
    TRY(same_journal(t, &f, e));
    for (uint64_t before = UINT64_MAX; before != *copied;) {
        before = *copied;
        TRY(copy_some(&f, t, copied, e));
        TRY(txn_renew(t, e));
    }
    *last = f.at.last;
    return true;
}
