#include "tools/channelctl/folders.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/num.h"
#include "daemon/journal/export.h"
#include "daemon/journal/follow.h"
#include "daemon/journal/verify.h"
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { SCRATCH_SLACK = 64 * 1024 * 1024, FOLLOW_PAUSE_MS = 200, KEY_FILE_BYTES = 4096 };

static int zone_of(kv *db) {
    AUTO(txn) *t = NULL;
    err e;
    return txn_begin(db, TXN_READ, &t, &e) ? call_zone(t) : 0;
}

/* ---- journal verify */

/* Room for a copy and for its replay, whose map starts empty. */
static uint64_t scratch_size(kv *db) {
    kv_stats s;
    err e;
    return kv_stat(db, &s, &e) ? 4 * s.used_bytes + SCRATCH_SLACK : SCRATCH_SLACK;
}

static bool verify_in(kv *db, const char *scratch, verify_report *out, err *e) {
    journal_watch w = {client_progress, NULL};
    return journal_verify(db, scratch, scratch_size(db), &w, out, e);
}

static bool make_scratch(const client *c, char *out, size_t size, bool *ours, err *e) {
    bool given;
    str named = args_option(c->args, "scratch", &given);
    const char *temp = getenv("TMPDIR");
    *ours = !given;
    if (given) {
        if (named.n >= size) return err_set(e, ERR_USAGE, "--scratch: path too long");
        return file_mkdirs(str_copy_z(named, out, size), 0700, e);
    }
    int n = snprintf(out, size, "%s/channelctl-XXXXXX", temp && *temp ? temp : P_tmpdir);
    if (n < 0 || (size_t)n >= size) return err_set(e, ERR_USAGE, "TMPDIR: path too long");
    return mkdtemp(out) != NULL || err_set(e, ERR_INTERNAL, "%s: %s", out, strerror(errno));
}

bool client_journal_verify(client *c, err *e) {
    kv *db;
    char scratch[PATH_SIZE];
    bool ours;
    verify_report *r = calloc(1, sizeof *r);
    ASSERT(r != NULL);
    bool ok = client_open_folder(c, &db, e);
    if (ok) {
        ok = make_scratch(c, scratch, sizeof scratch, &ours, e);
        if (ok) {
            ok = verify_in(db, scratch, r, e);
            if (ours) (void)rmdir(scratch);
        }
        if (ok) {
            AUTO(buf) out = {0};
            json j = json_into(&out);
            verify_json(&j, r, zone_of(db));
            c->status = r->ok ? 0 : err_exit_status(ERR_DIFFERS);
            ok = client_show(c, buf_str(&out), e);
        }
        kv_close(db);
    }
    free(r);
    return ok;
}

/* ---- journal export: lines of JSON whatever -o says, they are for programs */

static bool put_line(void *arg, str line, err *e) {
    FILE *out = arg;
    return fwrite(line.p, 1, line.n, out) == line.n || err_set(e, ERR_INTERNAL, "cannot write: %s", strerror(errno));
}

static bool entry_option(const client *c, const char *name, uint64_t *out, err *e) {
    bool given;
    int64_t n = 0;
    str s = args_option(c->args, name, &given);
    if (given && (!dec_parse(s, 0, &n, NULL) || n < 0))
        return err_set(e, ERR_USAGE, "--%s: '%.*s' is not an entry's number", name, STR_ARG(str_take(s, 40)));
    *out = (uint64_t)n;
    return true;
}

bool client_journal_export(client *c, err *e) {
    kv *db;
    uint64_t from, to;
    TRY(entry_option(c, "from", &from, e) && entry_option(c, "to", &to, e));
    TRY(client_open_folder(c, &db, e));
    FILE *out = c->output ? fopen(c->output, "wb") : stdout;
    bool ok = out != NULL || err_set(e, ERR_INTERNAL, "%s: %s", c->output, strerror(errno));
    ok = ok && journal_export(db, from ? from : 1, to, put_line, out, e);
    if (ok && fflush(out) != 0) ok = err_set(e, ERR_INTERNAL, "cannot write: %s", strerror(errno));
    if (out && out != stdout) (void)fclose(out);
    kv_close(db);
    return ok;
}

/* ---- journal follow */

static volatile sig_atomic_t interrupted;

static void on_interrupt(int sig) {
    (void)sig;
    interrupted = 1;
}

static bool follow_all(kv *db, const char *dir, bool once, uint64_t *last, err *e) {
    const struct timespec pause = {.tv_nsec = FOLLOW_PAUSE_MS * 1000000L};
    while (!interrupted) {
        uint64_t copied;
        TRY(journal_follow(db, dir, &copied, last, e));
        if (once) break;
        (void)nanosleep(&pause, NULL);
    }
    return true;
}

bool client_journal_follow(client *c, err *e) {
    kv *db;
    char dir[PATH_SIZE], text[128];
    bool once;
    uint64_t last = 0;
    (void)args_option(c->args, "once", &once);
    if (c->args->positional[0].n >= sizeof dir) return err_set(e, ERR_USAGE, "journal follow: path too long");
    TRY(client_open_folder(c, &db, e));
    struct sigaction sa = {.sa_handler = on_interrupt};
    (void)sigaction(SIGINT, &sa, NULL);
    (void)sigaction(SIGTERM, &sa, NULL);
    bool ok = follow_all(db, str_copy_z(c->args->positional[0], dir, sizeof dir), once, &last, e);
    kv_close(db);
    (void)snprintf(text, sizeof text, "copied up to entry %" PRIu64, last);
    if (ok) render_message(c->as, text);
    return ok;
}

/* ---- backup: copied beside its place, verified, and only then named */

static bool copy_key(const char *from, const char *to, const char *name, err *e) {
    char a[PATH_SIZE], b[PATH_SIZE];
    AUTO(buf) bytes = {0};
    TRY(path_join(a, sizeof a, from, name, e) && path_join(b, sizeof b, to, name, e));
    TRY(file_read(a, KEY_FILE_BYTES, &bytes, e));
    return file_write(b, buf_str(&bytes), 0600, e);
}

static bool verify_copy(const char *dir, verify_report *r, err *e) {
    kv *db;
    TRY(store_open(dir, 0, true, &db, e));
    bool ok = verify_in(db, dir, r, e);
    kv_close(db);
    return ok && (r->ok || err_set(e, ERR_DIFFERS, "the copy does not verify: %s", r->why));
}

static bool fill(kv *db, const char *from, const char *dir, verify_report *r, err *e) {
    TRY(file_mkdirs(dir, 0700, e));
    TRY(kv_copy(db, dir, e));
    TRY(copy_key(from, dir, "server.secret", e) && copy_key(from, dir, "server.pub", e));
    TRY(verify_copy(dir, r, e));
    return file_sync_dir(dir, e);
}

static bool no_head(void *arg, const call_out *head, err *e) {
    (void)arg, (void)head, (void)e;
    return true;
}

static bool no_rows(void *arg, str bytes, err *e) {
    (void)arg, (void)bytes, (void)e;
    return true;
}

/* The daemon notes it for `status`; without a daemon there is nobody to tell. */
static bool report(client *c, uint64_t entries, err *e) {
    char number[24];
    (void)snprintf(number, sizeof number, "%" PRIu64, entries);
    const char *endpoint = client_endpoint(c);
    str words[] = {STR("backup"), STR("note"), str_of(number)};
    answer_sink sink = {no_head, no_rows, NULL};
    int status;
    if (endpoint == NULL || !client_alive(endpoint)) return true;
    return remote_call(c, words, ARRAY_LEN(words), (call_file_list){NULL, 0}, &sink, &status, e);
}

static bool backup_to(client *c, const char *dir, verify_report *r, err *e) {
    kv *db;
    char part[PATH_SIZE], data[PATH_SIZE];
    int n = snprintf(part, sizeof part, "%s.part", dir);
    if (n < 0 || (size_t)n >= sizeof part) return err_set(e, ERR_USAGE, "backup: path too long");
    TRY(path_join(data, sizeof data, dir, "data.mdb", e));
    if (file_exists(data)) return err_set(e, ERR_CONFLICT, "%s: holds a backup already", dir);
    TRY(client_open_folder(c, &db, e));
    store_discard(part);
    bool ok = fill(db, client_folder(c), part, r, e);
    kv_close(db);
    (void)rmdir(dir); /* an empty one makes room */
    ok = ok && (rename(part, dir) == 0 || err_set(e, ERR_CONFLICT, "%s: %s", dir, strerror(errno)));
    if (!ok) store_discard(part);
    return ok;
}

static bool sync_parent(const char *dir, err *e) {
    char parent[PATH_SIZE + 4];
    (void)snprintf(parent, sizeof parent, "%s/..", dir);
    return file_sync_dir(parent, e);
}

bool client_backup(client *c, err *e) {
    char dir[PATH_SIZE], text[PATH_SIZE + 64];
    verify_report *r = calloc(1, sizeof *r);
    ASSERT(r != NULL);
    bool ok = c->args->positional[0].n < sizeof dir || err_set(e, ERR_USAGE, "backup: path too long");
    ok = ok && backup_to(c, str_copy_z(c->args->positional[0], dir, sizeof dir), r, e) && sync_parent(dir, e) &&
         report(c, r->entries, e);
    if (ok) {
        (void)snprintf(text, sizeof text, "verified backup of %" PRIu64 " entries in %s", r->entries, dir);
        render_message(c->as, text);
    }
    free(r);
    return ok;
}
