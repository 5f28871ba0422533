#include "formats/source.h"

#include "base/file.h"
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 64 * 1024 };

uint64_t source_size(const source *s) {
    return s->file ? s->size : s->bytes.n;
}

bool source_each(const source *s, source_fn fn, void *arg, err *e) {
    char piece[PIECE];
    if (s->file == NULL) return fn(arg, s->bytes, e);
    if (fseeko(s->file, 0, SEEK_SET) != 0) return file_failed(s->name, "cannot read", e);
    for (size_t n; (n = fread(piece, 1, sizeof piece, s->file)) > 0;) TRY(fn(arg, str_from(piece, n), e));
    return !ferror(s->file) || file_failed(s->name, "cannot read", e);
}

bool source_tail(const source *s, size_t most, buf *out, err *e) {
    uint64_t size = source_size(s), skip = size > most ? size - most : 0;
    if (s->file == NULL) return buf_add(out, str_skip(s->bytes, (size_t)skip)), true;
    buf_reserve(out, (size_t)(size - skip));
    if (fseeko(s->file, (off_t)skip, SEEK_SET) != 0) return file_failed(s->name, "cannot read", e);
    out->n += fread(out->p + out->n, 1, (size_t)(size - skip), s->file);
    return !ferror(s->file) || file_failed(s->name, "cannot read", e);
}

static bool hash_piece(void *arg, str piece, err *e) {
    (void)e;
    (void)crypto_hash_sha256_update(arg, (const uint8_t *)piece.p, piece.n);
    return true;
}

bool source_sha256(const source *s, uint8_t out[static 32], err *e) {
    crypto_hash_sha256_state st;
    (void)crypto_hash_sha256_init(&st);
    TRY(source_each(s, hash_piece, &st, e));
    (void)crypto_hash_sha256_final(&st, out);
    return true;
}

/* ---- from a folder ---- */

static int64_t change_of(const struct stat *st) {
    return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

static bool is_archive(str head) {
    return str_starts(head, STR("PK\3\4")) || str_starts(head, STR("PK\5\6"));
}

/* The first bytes; ready to be read again from the start. */
static bool read_head(source_file *f, const char *path, err *e) {
    buf_reserve(&f->bytes, PIECE);
    f->bytes.n = fread(f->bytes.p, 1, PIECE, f->in.file);
    f->in.bytes = buf_str(&f->bytes);
    return !ferror(f->in.file) || file_failed(path, "cannot read", e);
}

bool source_open(source_file *f, const char *path, const char *name, size_t max, err *e) {
    struct stat st;
    *f = (source_file){.in.name = name};
    f->in.file = fopen(path, "rbe");
    if (f->in.file == NULL || fstat(fileno(f->in.file), &st) != 0) return file_failed(path, "cannot open", e);
    f->in.size = (uint64_t)st.st_size;
    f->changed_ns = change_of(&st);
    if (f->in.size > max) return err_set(e, ERR_DATA, "%s: larger than %zu bytes", path, max);
    TRY(read_head(f, path, e));
    if (is_archive(f->in.bytes)) return true;
    (void)fclose(f->in.file);
    f->in.file = NULL;
    buf_clear(&f->bytes);
    TRY(file_read(path, max, &f->bytes, e));
    f->in.bytes = buf_str(&f->bytes);
    return true;
}

bool source_unchanged(const source_file *f, err *e) {
    struct stat st;
    if (f->in.file == NULL) return true;
    if (fstat(fileno(f->in.file), &st) == 0 && (uint64_t)st.st_size == f->in.size && change_of(&st) == f->changed_ns)
        return true;
    return err_set(e, ERR_RETRY, "%s: it was written while it was read; nothing was taken: push it when it is finished",
                   f->in.name);
}

void source_close(source_file *f) {
    if (f->in.file) (void)fclose(f->in.file);
    buf_free(&f->bytes);
    f->in = (source){.name = f->in.name, .bytes = STR("")};
}

void source_file_auto(source_file *f) {
    source_close(f);
}
