#include "agent/held.h"

#include "agent/report.h"
#include "formats/clerk.h"
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { NAME_ROOM = LIMIT_FILE_NAME + 32, HOW_BYTES = 16 * 1024 };

/* ---- a span of days ---- */

static bool span_end(str s, bool last, day_t *out) {
    AUTO(buf) first = {0};
    if (day_parse(s, out)) return true;
    buf_add(&first, s);
    buf_addz(&first, "-01");
    if (!day_parse(buf_str(&first), out)) return false;
    if (last) *out = month_first(month_of(*out) + 1) - 1;
    return true;
}

bool span_parse(const char *text, day_t *from, day_t *to, err *e) {
    str all = str_of(text);
    size_t at = str_find(all, STR(".."));
    str first = at == SIZE_MAX ? all : str_take(all, at), last = at == SIZE_MAX ? all : str_skip(all, at + 2);
    if (!span_end(first, false, from) || !span_end(last, true, to) || *from > *to)
        return err_set(e, ERR_USAGE, "--replace-period %s: wanted FROM..TO, e.g. 2026-06-01..2026-06-30 or 2026-06",
                       text);
    if (*to - *from >= LIMIT_REPLACE_DAYS)
        return err_set(e, ERR_USAGE, "--replace-period %s: %d days, at most %d are replaced at once: push year by year",
                       text, *to - *from + 1, LIMIT_REPLACE_DAYS);
    return true;
}

/* ---- places ---- */

static bool held_path(const char *home_dir, const char *name, const char *suffix, char out[static PATH_SIZE], err *e) {
    char dir[PATH_SIZE], file[NAME_ROOM + 8];
    (void)snprintf(file, sizeof file, "%s%s", name, suffix);
    TRY(path_join(dir, sizeof dir, home_dir, "held", e));
    return path_join(out, PATH_SIZE, dir, file, e);
}

/* june.csv, june-2.csv … */
static bool free_name(const char *home_dir, const char *title, char out[static NAME_ROOM], err *e) {
    char path[PATH_SIZE];
    const char *dot = strrchr(title, '.');
    int stem = (int)(dot && dot != title ? (size_t)(dot - title) : strlen(title));
    for (int n = 1;; n++) {
        if (n == 1) (void)snprintf(out, NAME_ROOM, "%s", title);
        else
            (void)snprintf(out, NAME_ROOM, "%.*s-%d%s", stem > 200 ? 200 : stem, title, n, title + stem);
        TRY(held_path(home_dir, out, "", path, e));
        if (!file_exists(path)) return true;
    }
}

/* ---- keeping ---- */

void doubts_text(buf *out, const char *file, const doubts *found, size_t most, bool zh) {
    char room[1024], word[64];
    for (size_t i = 0; i < found->n && i < most; i++) {
        const doubt *d = &found->one[i];
        str column = clerk_column(zh, d->column),
            hint = clerk_text(zh, str_of(doubt_rule_hint(d->rule)), room, sizeof room);
        buf_printf(out, "  %s", file);
        if (d->sheet) buf_printf(out, zh ? "，第 %u 张表" : ", sheet %u", d->sheet);
        if (d->row) buf_printf(out, zh ? "，第 %" PRIu64 " 行" : ", row %" PRIu64, d->row);
        buf_printf(out, zh ? "，%.*s：“%.*s”" : ", %.*s: '%.*s'", STR_ARG(column), STR_ARG(d->found));
        if (d->usual.n) {
            str before = clerk_text(zh, str_of(doubt_rule_before(d->rule)), word, sizeof word);
            buf_printf(out, zh ? "，%.*s %.*s" : ", %.*s %.*s", STR_ARG(before), STR_ARG(d->usual));
        }
        buf_printf(out, zh ? " — %.*s\n" : " — %.*s\n", STR_ARG(hint));
    }
    if (found->total > (found->n < most ? found->n : most))
        buf_printf(out, zh ? "  … 还有 %" PRIu64 " 处\n" : "  … %" PRIu64 " more doubts\n",
                   found->total - (found->n < most ? found->n : most));
}

static void how_put(buf *out, const submission *what) {
    if (what->again) buf_addz(out, "again = yes\n");
    if (what->mapping) buf_printf(out, "mapping = %s\n", what->mapping);
    if (!what->replaces) return;
    buf_addz(out, "replace = ");
    day_put(out, what->replace_from);
    buf_addz(out, "..");
    day_put(out, what->replace_to);
    buf_byte(out, '\n');
}

static bool report(const home *h, const char *name, const submission *what, const doubts *found, err *e) {
    AUTO(buf) text = {0};
    char path[PATH_SIZE];
    for (int zh = 1; zh >= 0; zh--) {
        buf_printf(&text, zh ? "文件 %s 没有发出，有疑问：\n" : "file %s was not sent, there are doubts:\n", name);
        doubts_text(&text, name, found, LIMIT_DOUBTS, zh);
        buf_printf(&text,
                   zh ? "没有错：channel-agent --home %s held confirm %s\n不发了：channel-agent --home %s held drop "
                        "%s；改好后把文件再放进 inbox\n\n"
                      : "it is right: channel-agent --home %s held confirm %s\nit is not: channel-agent --home %s held "
                        "drop %s, mend the file and put it into the inbox again\n",
                   h->dir, name, h->dir, name);
    }
    (void)what;
    TRY(held_path(h->dir, name, ".txt", path, e));
    return file_write(path, buf_str(&text), 0600, e);
}

bool held_keep(const home *h, const submission *what, const doubts *found, err *e) {
    AUTO(buf) bytes = {0}, how = {0};
    char title[LIMIT_FILE_NAME + 1], name[NAME_ROOM], path[PATH_SIZE];
    file_title(what->path, title, sizeof title);
    TRY(path_join(path, sizeof path, h->dir, "held", e) && file_mkdirs(path, 0700, e));
    TRY(free_name(h->dir, title, name, e));
    how_put(&how, what);
    TRY(held_path(h->dir, name, ".how", path, e) && file_write(path, buf_str(&how), 0600, e));
    TRY(report(h, name, what, found, e));
    TRY(held_path(h->dir, name, "", path, e));
    if (what->inbox) return rename(what->path, path) == 0 || err_set(e, ERR_INTERNAL, "%s: %s", path, strerror(errno));
    return file_read(what->path, LIMIT_FILE_BYTES, &bytes, e) && file_write(path, buf_str(&bytes), 0600, e);
}

/* ---- looking ---- */

static int by_name(const void *x, const void *y) {
    return strcmp(*(char *const *)x, *(char *const *)y);
}

/* What has a .how beside it is held. */
static bool collect(const char *dir, char ***out, size_t *n, err *e) {
    DIR *d = opendir(dir);
    size_t cap = 0;
    *n = 0;
    if (d == NULL) return errno == ENOENT || err_set(e, ERR_INTERNAL, "%s: %s", dir, strerror(errno));
    for (struct dirent *at; (at = readdir(d)) != NULL;) {
        str name = str_of(at->d_name);
        if (!str_ends(name, STR(".how"))) continue;
        if (*n == cap) {
            cap = cap ? 2 * cap : 16;
            *out = reallocarray(*out, cap, sizeof **out);
            ASSERT(*out != NULL);
        }
        (*out)[(*n)++] = strndup(name.p, name.n - 4);
    }
    (void)closedir(d);
    if (*n) qsort(*out, *n, sizeof **out, by_name);
    return true;
}

bool held_each(const char *home_dir, held_fn fn, void *arg, err *e) {
    char dir[PATH_SIZE], path[PATH_SIZE], **name = NULL;
    size_t n = 0;
    TRY(path_join(dir, sizeof dir, home_dir, "held", e));
    bool ok = collect(dir, &name, &n, e);
    for (size_t i = 0; i < n; i++) {
        ok = ok && path_join(path, sizeof path, dir, name[i], e) && (!file_exists(path) || fn(arg, name[i], path, e));
        free(name[i]);
    }
    free(name);
    return ok;
}

static bool known(const char *home_dir, const char *name, char path[static PATH_SIZE], err *e) {
    char how[PATH_SIZE];
    if (strchr(name, '/') || name[0] == '.')
        return err_set(e, ERR_USAGE, "%s: wanted a name that 'held list' shows", name);
    TRY(held_path(home_dir, name, "", path, e) && held_path(home_dir, name, ".how", how, e));
    return (file_exists(path) && file_exists(how)) ||
           err_set(e, ERR_NOT_FOUND, "no file '%s' is held; 'held list' shows those that are", name);
}

static bool take_how(str line, push_request *r, err *e) {
    size_t at = str_find(line, STR(" = "));
    if (at == SIZE_MAX) return true;
    str key = str_take(line, at), value = str_skip(line, at + 3);
    char text[PATH_SIZE];
    (void)str_copy_z(value, text, sizeof text);
    if (str_is(key, "again")) r->again = true;
    if (str_is(key, "mapping")) r->mapping = strdup(text);
    if (str_is(key, "replace")) {
        TRY(span_parse(text, &r->replace_from, &r->replace_to, e));
        r->replaces = true;
    }
    return true;
}

bool held_request(const char *home_dir, const char *name, push_request *r, err *e) {
    char path[PATH_SIZE], how[PATH_SIZE];
    AUTO(buf) text = {0};
    str rest, line;
    TRY(known(home_dir, name, path, e) && held_path(home_dir, name, ".how", how, e));
    TRY(file_read(how, HOW_BYTES, &text, e));
    rest = buf_str(&text);
    while (str_split(&rest, '\n', &line)) TRY(take_how(line, r, e));
    r->file = calloc(1, sizeof *r->file);
    ASSERT(r->file != NULL);
    r->file[0] = realpath(path, NULL);
    if (r->file[0] == NULL) return err_set(e, ERR_NOT_FOUND, "%s: %s", path, strerror(errno));
    r->files = 1;
    return true;
}

static bool forget(const char *home_dir, const char *name, err *e) {
    static const char *const suffixes[] = {".txt", ".how"};
    char path[PATH_SIZE];
    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
        TRY(held_path(home_dir, name, suffixes[i], path, e));
        (void)unlink(path);
    }
    return true;
}

bool held_archive(const char *home_dir, const char *name, int64_t wall_ms, err *e) {
    char path[PATH_SIZE];
    home h = {.lock_fd = -1};
    TRY(known(home_dir, name, path, e));
    (void)str_copy_z(str_of(home_dir), h.dir, sizeof h.dir);
    TRY(archive_from(&h, "held", name, 0, wall_ms, e));
    return forget(home_dir, name, e);
}

bool held_drop(const char *home_dir, const char *name, err *e) {
    char path[PATH_SIZE];
    TRY(known(home_dir, name, path, e));
    if (unlink(path) != 0) return err_set(e, ERR_INTERNAL, "%s: %s", path, strerror(errno));
    return forget(home_dir, name, e);
}
