#include "agent/submit.h"

#include "agent/dialect.h"
#include "formats/formats.h"
#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

/* What must stay free on the disk beyond the file itself. */
enum { DISK_SPARE = 16 * 1024 * 1024 };

void file_title(const char *path, char *out, size_t size) {
    const char *slash = strrchr(path, '/');
    str name = str_of(slash ? slash + 1 : path);
    bool utf8 = utf8_valid(name);
    size_t n = 0;
    for (size_t i = 0; i < name.n && n + 1 < size; i++) {
        unsigned char c = (unsigned char)name.p[i];
        out[n++] = c < 0x20 || c == 0x7f || (c >= 0x80 && !utf8) ? '_' : (char)c;
    }
    /* a cut may not leave half a letter */
    while (n > 0 && !utf8_valid(str_from(out, n))) n--;
    out[n] = '\0';
}

static bool readable(const char *path, err *e) {
    struct stat st;
    if (stat(path, &st) != 0) return err_set(e, ERR_NOT_FOUND, "%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode)) return err_set(e, ERR_DATA, "%s: not a file", path);
    if (st.st_size > LIMIT_FILE_BYTES)
        return err_set(e, ERR_DATA, "%s: %" PRId64 " MiB; a file may have %d MiB: export it in parts (by month)", path,
                       (int64_t)st.st_size >> 20, LIMIT_FILE_BYTES >> 20);
    return true;
}

static bool disk_has_room(const home *h, size_t bytes, err *e) {
    struct statvfs fs;
    if (statvfs(h->dir, &fs) != 0) return err_set(e, ERR_INTERNAL, "%s: %s", h->dir, strerror(errno));
    if ((uint64_t)fs.f_bavail * fs.f_frsize > (uint64_t)bytes + DISK_SPARE) return true;
    return err_set(e, ERR_FULL, "%s: the disk is full: the file was not taken", h->dir);
}

static bool understand(const home *h, const submission *what, docset *d, dialect *how, err *e) {
    AUTO(buf) bytes = {0};
    char title[LIMIT_FILE_NAME + 1];
    TRY(readable(what->path, e));
    TRY(file_read(what->path, LIMIT_FILE_BYTES, &bytes, e));
    TRY(disk_has_room(h, bytes.n, e));
    TRY(dialect_find(h->dir, what->mapping, buf_str(&bytes), how, e));
    file_title(what->path, title, sizeof title);
    source in = {.name = title, .bytes = buf_str(&bytes)};
    uint8_t key[KEY_SIZE];
    if (home_privacy_key(h->dir, key))
        d->privacy_key = (const uint8_t *)arena_str(&d->text, str_from(key, sizeof key)).p;
    d->make = arena_str(&d->text, str_of(how->signature));
    return formats_read(&in, how->mapped ? &how->m : NULL, d, e);
}

bool submit_file(const home *h, spool *s, const submission *what, upload *out, err *e) {
    AUTO(docset) d = {0};
    AUTO(dialect) how = {0};
    upload facts = {.again = what->again, .inbox = what->inbox, .spooled_ms = what->now_ms};
    docset_init(&d);
    TRY(understand(h, what, &d, &how, e));
    TRY(spool_add(s, &d, &facts, out, e));
    return dialect_remember(h->dir, &how, e);
}
