#include "agent/submit.h"

#include "agent/dialect.h"
#include "agent/mend.h"
#include "agent/original.h"
#include "agent/report.h"
#include "agent/usual.h"
#include "formats/formats.h"
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
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

/* What is known of a file before it is taken. */
typedef struct incoming {
    docset d;
    dialect how;
    source_file file;
    buf titles;
    upload facts;
} incoming;

static void incoming_auto(incoming *in) {
    docset_free(&in->d);
    dialect_auto(&in->how);
    source_close(&in->file);
    buf_free(&in->titles);
}

static bool understand(const home *h, spool *s, const submission *what, char title[static LIMIT_FILE_NAME + 1],
                       incoming *in, err *e) {
    docset *d = &in->d;
    const source *from = &in->file.in;
    file_title(what->path, title, LIMIT_FILE_NAME + 1);
    TRY(readable(what->path, e));
    TRY(source_open(&in->file, what->path, title, LIMIT_FILE_BYTES, e));
    TRY(disk_has_room(h, source_size(from), e));
    /* before the documents need room; of a file that is not taken it is overwritten by the next, or dropped */
    TRY(original_keep(h, spool_now(s)->last_upload + 1, from, e));
    formats_head(from, &in->titles);
    if (mend_is_sheet(buf_str(&in->titles))) return mend_read(h, s, from, d, &in->facts.origin, e);
    TRY(dialect_find(h->dir, what->mapping, from, &in->how, e));
    uint8_t key[KEY_SIZE];
    if (home_privacy_key(h->dir, key))
        d->privacy_key = (const uint8_t *)arena_str(&d->text, str_from(key, sizeof key)).p;
    d->make = arena_str(&d->text, str_of(in->how.signature));
    TRY(dialect_saw(h->dir, &in->how, str_of(title), e));
    return formats_read(from, in->how.mapped ? &in->how.m : NULL, d, e);
}

/* ---- the whole truth for a span ---- */

static bool inside_span(const docset *d, const submission *what, err *e) {
    AUTO(buf) text = {0};
    for (size_t i = 0, line = 0; i < d->docs; line += d->doc[i++].lines) {
        const doc_head *h = &d->doc[i];
        str number = words_get(&d->words, h->text[D_NUMBER]);
        if (h->date >= what->replace_from && h->date <= what->replace_to) continue;
        if (h->lines) buf_printf(&text, "row %" PRId64 ": ", docset_at(d, line).number[N_ROW]);
        buf_printf(&text, "document '%.*s' is of ", STR_ARG(number));
        day_put(&text, h->date);
        buf_addz(&text, ", outside --replace-period ");
        day_put(&text, what->replace_from);
        buf_addz(&text, "..");
        day_put(&text, what->replace_to);
        return err_set(e, ERR_DATA, "%.*s: %s; nothing was sent: export that span alone, or state the span of the file",
                       STR_ARG(d->file_name), buf_z(&text));
    }
    return true;
}

static bool may_replace(const incoming *in, const submission *what, err *e) {
    const docset *d = &in->d;
    if (in->facts.origin)
        return err_set(e, ERR_USAGE, "%.*s: a corrected sheet replaces its own rows; push it without --replace-period",
                       STR_ARG(d->file_name));
    if (d->refused)
        return err_set(
            e, ERR_DATA,
            "%.*s: %zu rows cannot be read (the first: row %" PRIu64
            "), so it is not the whole truth; nothing was sent: mend them ('channel-agent check' lists them)",
            STR_ARG(d->file_name), d->refused, d->problem_count ? d->problems[0].row : 0);
    if (d->docs == 0) return err_set(e, ERR_DATA, "%.*s: no document in it", STR_ARG(d->file_name));
    return inside_span(d, what, e);
}

/* ---- doubt ---- */

bool submit_doubts(const char *home_dir, spool *s, const docset *d, str titles, day_t from, day_t to, int64_t now_ms,
                   doubts *out, err *e) {
    AUTO(packs) known = {0};
    usual_reader r;
    doubt_view v;
    const spool_state *now = spool_now(s);
    int64_t there_ms = now_ms + now->ahead_ms;
    TRY(packs_load(&known, home_dir, e));
    TRY(usual_begin(s, &r, &v, e));
    r.packs = &known;
    r.from = from;
    r.to = to;
    v.today = day_at(there_ms, local_zone(there_ms));
    if (now->contact_ms) v.oldest = now->oldest;
    doubts_find(d, titles, &v, out);
    usual_end(&r);
    return true;
}

static bool is_held(const home *h, spool *s, const incoming *in, const submission *what, bool *held, err *e) {
    *held = false;
    if (what->doubts == NULL || in->facts.origin) return true;
    day_t from = what->replaces ? what->replace_from : DAY_MAX, to = what->replaces ? what->replace_to : DAY_MIN;
    TRY(submit_doubts(h->dir, s, &in->d, buf_str(&in->titles), from, to, what->now_ms, what->doubts, e));
    *held = what->hold && what->doubts->total > 0;
    return true;
}

bool submit_file(const home *h, spool *s, const submission *what, upload *out, err *e) {
    AUTO(incoming) in = {.facts = {.again = what->again, .inbox = what->inbox, .spooled_ms = what->now_ms}};
    char title[LIMIT_FILE_NAME + 1];
    bool held;
    *out = (upload){0};
    docset_init(&in.d);
    TRY(understand(h, s, what, title, &in, e));
    TRY(source_unchanged(&in.file, e));
    source_close(&in.file);
    if (what->replaces) {
        TRY(may_replace(&in, what, e));
        in.facts.replace = (replace_span){.from = what->replace_from, .to = what->replace_to};
        while (in.facts.replace.id == 0) randombytes_buf(&in.facts.replace.id, sizeof in.facts.replace.id);
    }
    TRY(is_held(h, s, &in, what, &held, e));
    if (what->held) *what->held = held;
    if (held) return true;
    in.facts.titles = buf_str(&in.titles);
    TRY(spool_add(s, &in.d, &in.facts, out, e));
    return dialect_remember(h->dir, &in.how, e);
}
