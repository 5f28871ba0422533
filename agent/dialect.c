#include "agent/dialect.h"

#include "base/file.h"
#include "formats/formats.h"
#include "proto/digest.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAPPING_BYTES = 256 * 1024 };
static const char name_mark[] = "# mapping: ";

/* ---- the make of a file */

typedef struct row_look {
    str line;
    unsigned cells, filled;
    bool figures; /* a cell is nothing but a number: no header */
} row_look;

static bool is_figure(str cell) {
    bool digit = false;
    for (size_t i = 0; i < cell.n; i++) {
        char c = cell.p[i];
        if (c >= '0' && c <= '9') digit = true;
        else if (strchr("+-.,/: \"", c) == NULL)
            return false;
    }
    return digit;
}

/* Charset does not matter: separators and quotes are the same bytes in all that people export but UTF-16, where they
 * are still the same bytes in every file of that make. */
static row_look look_at(str line, char separator) {
    row_look r = {.line = line};
    bool quoted = false;
    size_t start = 0;
    for (size_t i = 0; i <= line.n; i++) {
        if (i < line.n && line.p[i] == '"') quoted = !quoted;
        if (i < line.n && (quoted || line.p[i] != separator)) continue;
        str cell = str_trim(str_from(line.p + start, i - start));
        r.cells++;
        r.filled += cell.n > 0;
        r.figures |= is_figure(cell);
        start = i + 1;
    }
    return r;
}

static char likely_separator(str head) {
    static const char candidates[] = {',', ';', '\t', '|'};
    size_t most = 0;
    char best = ',';
    for (size_t c = 0; c < ARRAY_LEN(candidates); c++) {
        size_t n = 0;
        for (size_t i = 0; i < head.n; i++) n += head.p[i] == candidates[c];
        if (n > most) {
            most = n;
            best = candidates[c];
        }
    }
    return best;
}

/* "ISABELLA,…" is the header of a table. */
static bool is_mark(char c) {
    return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ');
}

/* The header is the first of the fullest rows near the top: titles above it fill fewer cells. */
static row_look header_row(str bytes, char separator) {
    row_look best = {0};
    str line, rest = bytes;
    for (unsigned n = 0; n < LIMIT_TITLE_ROWS && str_split(&rest, '\n', &line); n++) {
        if (line.n > LIMIT_CELL) continue;
        row_look r = look_at(str_trim(line), separator);
        if (r.filled > best.filled) best = r;
    }
    return best;
}

/* An element of the first segment of that name: the sender of the interchange. */
static str element_of(str head, const char *segment, char separator, int no) {
    size_t at = str_find(head, str_of(segment));
    str part = STR(""), rest = at == SIZE_MAX ? STR("") : str_skip(head, at);
    for (int i = 0; i <= no; i++)
        if (!str_split(&rest, separator, &part)) return STR("");
    return str_trim(part);
}

static void describe_rows(str head, char separator, buf *what) {
    row_look h = header_row(head, separator);
    if (h.figures) buf_printf(what, "columns %u %c\n", h.cells, separator);
    else
        buf_add(what, h.line);
}

static void describe(const source *in, buf *what) {
    AUTO(buf) top = {0};
    str head = str_trim(str_take(in->bytes, 64 * 1024));
    if (str_starts(head, STR("UNA")) || str_starts(head, STR("UNB"))) {
        buf_addz(what, "edifact\n");
        char separator = str_starts(head, STR("UNA")) && head.n > 4 ? head.p[4] : '+';
        buf_add(what, element_of(str_take(head, 1024), "UNB", separator, 2));
    } else if (str_starts(head, STR("ISA")) && head.n > 3 && is_mark(head.p[3])) {
        buf_addz(what, "x12\n");
        buf_add(what, element_of(str_take(head, 1024), "ISA", head.p[3], 6));
    } else {
        formats_top(in, &top);
        if (top.n) describe_rows(buf_str(&top), '\t', what);
        else
            describe_rows(head, likely_separator(str_take(head, 4096)), what);
    }
}

void dialect_signature(const source *in, char out[static SIGNATURE_SIZE]) {
    AUTO(buf) what = {0};
    AUTO(buf) hex = {0};
    uint8_t digest[DIGEST_SIZE];
    describe(in, &what);
    digest_of(buf_str(&what), digest);
    hex_put(&hex, digest, (SIGNATURE_SIZE - 1) / 2);
    (void)str_copy_z(buf_str(&hex), out, SIGNATURE_SIZE);
}

/* ---- its mapping */

/* "a/b/report.yaml" → "report" */
static void name_of(const char *path, char *out, size_t size) {
    const char *slash = strrchr(path, '/');
    str name = str_of(slash ? slash + 1 : path);
    size_t dot = str_find(name, STR(".y"));
    (void)str_copy_z(str_take(name, dot == SIZE_MAX ? name.n : dot), out, size);
}

static bool room_path(const char *home_dir, const char *signature, const char *ending, char out[static PATH_SIZE],
                      err *e) {
    char name[SIGNATURE_SIZE + 16], dir[PATH_SIZE];
    (void)snprintf(name, sizeof name, "%.*s%s", SIGNATURE_SIZE - 1, signature, ending);
    TRY(path_join(dir, sizeof dir, home_dir, "mappings", e));
    return path_join(out, PATH_SIZE, dir, name, e);
}

static bool memory_path(const char *home_dir, const char *signature, char out[static PATH_SIZE], err *e) {
    return room_path(home_dir, signature, ".yaml", out, e);
}

static bool given(const char *path, dialect *d, err *e) {
    name_of(path, d->name, sizeof d->name);
    TRY(file_read(path, MAPPING_BYTES, &d->yaml, e));
    if (!mapping_parse(buf_str(&d->yaml), str_of(d->name), &d->m, e)) return err_wrap(e, "%s", path);
    d->mapped = true;
    return true;
}

static bool remembered(const char *home_dir, dialect *d, err *e) {
    char path[PATH_SIZE];
    AUTO(buf) text = {0};
    str line, rest;
    TRY(memory_path(home_dir, d->signature, path, e));
    if (!file_exists(path)) return true;
    TRY(file_read(path, MAPPING_BYTES + LIMIT_ID + 16, &text, e));
    rest = buf_str(&text);
    if (str_split(&rest, '\n', &line) && str_starts(line, str_of(name_mark)))
        (void)str_copy_z(str_skip(line, sizeof name_mark - 1), d->name, sizeof d->name);
    if (!mapping_parse(buf_str(&text), str_of(d->name), &d->m, e)) return err_wrap(e, "%s", path);
    d->mapped = true;
    return true;
}

bool dialect_find(const char *home_dir, const char *path, const source *in, dialect *out, err *e) {
    *out = (dialect){0};
    dialect_signature(in, out->signature);
    if (path) return given(path, out, e);
    return home_dir == NULL || remembered(home_dir, out, e);
}

bool dialect_of(const char *home_dir, const char *signature, dialect *out, err *e) {
    *out = (dialect){0};
    (void)str_copy_z(str_of(signature), out->signature, sizeof out->signature);
    for (const char *p = signature; *p; p++)
        if (!((*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'f')))
            return err_set(e, ERR_DATA, "the last column's name was changed; wanted channeld:… as it was given out");
    return signature[0] == '\0' || remembered(home_dir, out, e);
}

bool dialect_saw(const char *home_dir, const dialect *d, str file, err *e) {
    char path[PATH_SIZE];
    TRY(room_path(home_dir, d->signature, ".seen", path, e));
    return file_exists(path) || file_write(path, file, 0600, e);
}

bool dialect_remember(const char *home_dir, const dialect *d, err *e) {
    char path[PATH_SIZE];
    AUTO(buf) kept = {0};
    if (d->yaml.n == 0) return true;
    TRY(memory_path(home_dir, d->signature, path, e));
    buf_addz(&kept, name_mark);
    buf_addz(&kept, d->name);
    buf_byte(&kept, '\n');
    buf_add(&kept, buf_str(&d->yaml));
    return file_write(path, buf_str(&kept), 0600, e);
}

/* ---- what is kept */

static int is_kept(const struct dirent *d) {
    str name = str_of(d->d_name);
    if (name.n < SIGNATURE_SIZE - 1 || strspn(d->d_name, "0123456789abcdef") != SIGNATURE_SIZE - 1) return 0;
    return str_ends(name, STR(".yaml")) || str_ends(name, STR(".seen"));
}

static bool read_kept(const char *home_dir, dialect_kept *k, err *e) {
    char path[PATH_SIZE];
    AUTO(buf) yaml = {0};
    AUTO(buf) seen = {0};
    str line, rest;
    TRY(memory_path(home_dir, k->signature, path, e));
    if (file_exists(path)) TRY(file_read(path, MAPPING_BYTES + LIMIT_ID + 16, &yaml, e));
    rest = buf_str(&yaml);
    if (str_split(&rest, '\n', &line))
        (void)str_copy_z(str_starts(line, str_of(name_mark)) ? str_skip(line, sizeof name_mark - 1) : STR("mapping"),
                         k->name, sizeof k->name);
    TRY(room_path(home_dir, k->signature, ".seen", path, e));
    if (file_exists(path)) TRY(file_read(path, LIMIT_FILE_NAME, &seen, e));
    (void)str_copy_z(buf_str(&seen), k->file, sizeof k->file);
    return true;
}

bool dialect_list(const char *home_dir, dialect_kept **out, size_t *n, err *e) {
    struct dirent **found;
    char dir[PATH_SIZE];
    bool ok = true;
    TRY(path_join(dir, sizeof dir, home_dir, "mappings", e));
    int count = scandir(dir, &found, is_kept, alphasort);
    if (count < 0) return err_set(e, ERR_NOT_FOUND, "%s: %s", dir, strerror(errno));
    dialect_kept *list = calloc((size_t)count + 1, sizeof *list);
    ASSERT(list != NULL);
    *n = 0;
    for (int i = 0; i < count; i++) {
        dialect_kept *k = &list[*n];
        (void)str_copy_z(str_take(str_of(found[i]->d_name), SIGNATURE_SIZE - 1), k->signature, sizeof k->signature);
        bool again = *n > 0 && strcmp(list[*n - 1].signature, k->signature) == 0;
        if (!again && ok) ok = read_kept(home_dir, k, e);
        *n += !again && ok;
        free(found[i]);
    }
    free(found);
    if (!ok) free(list);
    else
        *out = list;
    return ok;
}

bool dialect_yaml(const char *home_dir, const char *signature, buf *out, err *e) {
    char path[PATH_SIZE];
    TRY(memory_path(home_dir, signature, path, e));
    if (!file_exists(path))
        return err_set(e, ERR_NOT_FOUND, "no mapping is kept for %s ('mapping list' shows them)", signature);
    return file_read(path, MAPPING_BYTES + LIMIT_ID + 16, out, e);
}

bool dialect_copy(const char *from, const char *to, const char *signature, bool dry, dialect_copied *what, err *e) {
    char path[PATH_SIZE], seen[PATH_SIZE];
    AUTO(buf) ours = {0};
    AUTO(buf) theirs = {0};
    TRY(dialect_yaml(from, signature, &ours, e));
    TRY(memory_path(to, signature, path, e));
    TRY(room_path(to, signature, ".seen", seen, e));
    *what = COPY_UNSEEN;
    if (file_exists(path)) {
        TRY(file_read(path, MAPPING_BYTES + LIMIT_ID + 16, &theirs, e));
        *what = str_eq(buf_str(&ours), buf_str(&theirs)) ? COPY_SAME : COPY_OTHER;
        return true;
    }
    if (!file_exists(seen)) return true;
    *what = COPY_DONE;
    return dry || file_write(path, buf_str(&ours), 0600, e);
}

void dialect_auto(dialect *d) {
    if (d->mapped) mapping_free(&d->m);
    buf_free(&d->yaml);
}
