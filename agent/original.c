#include "agent/original.h"

#include "base/num.h"
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { SIZE_HEAD = 8, PACKED_ROOM = 64 * 1024 };

static bool path_of(const char *home_dir, uint64_t id, char out[static PATH_SIZE], err *e) {
    char dir[PATH_SIZE], name[32];
    (void)snprintf(name, sizeof name, "%" PRIu64 ".z", id);
    TRY(path_join(dir, sizeof dir, home_dir, "originals", e));
    return path_join(out, PATH_SIZE, dir, name, e);
}

/* Deflating into a file. */
typedef struct packing {
    const source *in;
    z_stream z;
    int fd;
    uint64_t bytes; /* written */
} packing;

static bool put_packed(packing *p, int flush, err *e) {
    unsigned char room[PACKED_ROOM];
    do {
        p->z.next_out = room;
        p->z.avail_out = sizeof room;
        if (deflate(&p->z, flush) == Z_STREAM_ERROR) return err_set(e, ERR_INTERNAL, "cannot be packed");
        str out = str_from(room, sizeof room - p->z.avail_out);
        p->bytes += out.n;
        if (p->bytes > LIMIT_ORIGINAL_BYTES) return err_set(e, ERR_FULL, "packs to more than is kept");
        TRY(file_write_fd(p->fd, out, e));
    } while (p->z.avail_out == 0);
    return true;
}

static bool pack_piece(void *arg, str piece, err *e) {
    packing *p = arg;
    p->z.next_in = (z_const Bytef *)(uintptr_t)piece.p;
    p->z.avail_in = (uInt)piece.n;
    return put_packed(p, Z_NO_FLUSH, e);
}

static bool pack(void *arg, int fd, err *e) {
    packing *p = arg;
    AUTO(buf) head = {0};
    p->fd = fd;
    buf_be64(&head, source_size(p->in));
    TRY(file_write_fd(fd, buf_str(&head), e));
    if (deflateInit(&p->z, Z_BEST_SPEED) != Z_OK) return err_set(e, ERR_INTERNAL, "cannot be packed");
    bool ok = source_each(p->in, pack_piece, p, e);
    ok = ok && put_packed(p, Z_FINISH, e);
    (void)deflateEnd(&p->z);
    return ok;
}

bool original_keep(const home *h, uint64_t id, const source *in, err *e) {
    char path[PATH_SIZE], dir[PATH_SIZE];
    packing p = {.in = in};
    TRY(home_path(h, "originals", dir, e) && file_mkdirs(dir, 0700, e));
    TRY(path_of(h->dir, id, path, e));
    if (file_write_by(path, 0600, pack, &p, e)) return true;
    bool too_big = p.bytes > LIMIT_ORIGINAL_BYTES;
    return too_big && (unlink(path) == 0 || errno == ENOENT || err_set(e, ERR_INTERNAL, "%s", path));
}

bool original_load(const char *home_dir, uint64_t id, buf *out, err *e) {
    AUTO(buf) packed = {0};
    char path[PATH_SIZE];
    TRY(path_of(home_dir, id, path, e));
    TRY(file_read(path, LIMIT_ORIGINAL_BYTES + SIZE_HEAD, &packed, e));
    uint64_t size = packed.n > SIZE_HEAD ? get_be64(packed.p) : UINT64_MAX;
    if (size > LIMIT_FILE_BYTES) return err_set(e, ERR_NOT_FOUND, "%s is damaged", path);
    uLongf n = size;
    buf_reserve(out, n + 1);
    if (uncompress((Bytef *)out->p + out->n, &n, (const Bytef *)packed.p + SIZE_HEAD, packed.n - SIZE_HEAD) != Z_OK)
        return err_set(e, ERR_NOT_FOUND, "%s is damaged", path);
    out->n += n;
    return true;
}

/* ---- which go ---- */

typedef struct kept_file {
    uint64_t id, bytes;
} kept_file;

static int newest_first(const void *x, const void *y) {
    const kept_file *a = x, *b = y;
    return (a->id < b->id) - (a->id > b->id);
}

static bool list(const char *dir, kept_file **out, size_t *n, err *e) {
    size_t cap = 0;
    DIR *d = opendir(dir);
    *n = 0;
    if (d == NULL) return errno == ENOENT || err_set(e, ERR_INTERNAL, "%s: %s", dir, strerror(errno));
    for (struct dirent *at; (at = readdir(d)) != NULL;) {
        struct stat st;
        int64_t id;
        str name = str_of(at->d_name);
        if (!str_ends(name, STR(".z")) || !dec_parse(str_take(name, name.n - 2), 0, &id, NULL)) continue;
        if (fstatat(dirfd(d), at->d_name, &st, 0) != 0) continue;
        if (*n == cap) {
            cap = cap ? 2 * cap : 64;
            *out = reallocarray(*out, cap, sizeof **out);
            ASSERT(*out != NULL);
        }
        (*out)[(*n)++] = (kept_file){(uint64_t)id, (uint64_t)st.st_size};
    }
    (void)closedir(d);
    return true;
}

static bool needed(spool *s, uint64_t id, bool *yes, err *e) {
    upload u;
    upload_sum sum;
    *yes = false;
    if (!spool_upload(s, id, &u, e)) return e->code == ERR_NOT_FOUND;
    TRY(spool_sum(s, &u, &sum, NULL, NULL, e));
    *yes = !upload_done(&u, spool_now(s)) || sum.quarantined || sum.refused;
    return true;
}

bool originals_prune(const home *h, spool *s, err *e) {
    char dir[PATH_SIZE], path[PATH_SIZE];
    kept_file *file = NULL;
    size_t n;
    uint64_t bytes = 0;
    TRY(home_path(h, "originals", dir, e));
    bool ok = list(dir, &file, &n, e);
    if (ok && n) qsort(file, n, sizeof *file, newest_first);
    for (size_t i = 0; ok && i < n; i++) {
        bool keep;
        ok = needed(s, file[i].id, &keep, e) && path_of(h->dir, file[i].id, path, e);
        bytes += keep ? file[i].bytes : 0;
        if (ok && (!keep || bytes > LIMIT_ORIGINALS_BYTES)) (void)unlink(path);
    }
    free(file);
    return ok;
}
