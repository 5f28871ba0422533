#include "agent/report.h"

#include "agent/mend.h"

#include "base/calendar.h"
#include "base/log.h"
#include "formats/clerk.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int local_zone(int64_t wall_ms) {
    time_t t = (time_t)(wall_ms / 1000);
    struct tm at;
    return localtime_r(&t, &at) ? (int)(at.tm_gmtoff / 60) : 0;
}

static bool report_file(const home *h, const char *name, const char *suffix, str text, err *e) {
    char dir[PATH_SIZE], path[PATH_SIZE], file[LIMIT_FILE_NAME + 48];
    (void)snprintf(file, sizeof file, "%.200s%s", name, suffix);
    TRY(home_path(h, "reports", dir, e));
    TRY(path_join(path, sizeof path, dir, file, e));
    return file_write(path, text, 0600, e);
}

static void head(buf *out, const char *what, const char *name, int64_t wall_ms) {
    buf_printf(out, "%s %s\n", what, name);
    time_put(out, wall_ms, local_zone(wall_ms));
    buf_addz(out, "\n\n");
}

bool report_upload(const home *h, spool *s, const upload *u, int64_t wall_ms, err *e) {
    AUTO(result) r = {0};
    AUTO(buf) text = {0};
    AUTO(buf) csv = {0};
    char suffix[40];
    result_init(&r);
    r.zh = clerk_speaks_zh();
    r.files = 1;
    TRY(result_add(&r, s, u, e));
    head(&text, "file", u->name, wall_ms);
    buf_printf(&text, "upload %" PRIu64 ", read as %s (%s)%s%s\n", u->id, u->dialect, u->charset,
               u->mapping[0] ? ", mapping " : "", u->mapping);
    result_text(&text, &r, LIMIT_SKIPPED);
    (void)snprintf(suffix, sizeof suffix, "-%" PRIu64 ".txt", u->id);
    TRY(report_file(h, u->name, suffix, buf_str(&text), e));
    if (r.problems == 0) return true;
    result_csv(&csv, &r);
    (void)snprintf(suffix, sizeof suffix, "-%" PRIu64 ".csv", u->id);
    return report_file(h, u->name, suffix, buf_str(&csv), e);
}

bool report_failure(const home *h, const char *name, const err *why, int64_t wall_ms, err *e) {
    AUTO(buf) text = {0};
    head(&text, "file not taken:", name, wall_ms);
    buf_addz(&text, why->text);
    buf_addz(&text, "\n\nIt stays in the inbox and is tried again when it changes.\n");
    return report_file(h, name, ".txt", buf_str(&text), e);
}

bool report_feed(const home *h, const char *name, str text, int64_t wall_ms, err *e) {
    AUTO(buf) out = {0};
    head(&out, "file", name, wall_ms);
    buf_add(&out, text);
    return report_file(h, name, ".txt", buf_str(&out), e);
}

void report_failure_over(const home *h, const char *name) {
    char dir[PATH_SIZE], path[PATH_SIZE], file[LIMIT_FILE_NAME + 48];
    err e;
    (void)snprintf(file, sizeof file, "%.200s.txt", name);
    if (home_path(h, "reports", dir, &e) && path_join(path, sizeof path, dir, file, &e)) (void)unlink(path);
}

/* "june.csv" and 7 → "june-7.csv" */
static void numbered(const char *name, uint64_t id, char *out, size_t size) {
    const char *dot = strrchr(name, '.');
    size_t stem = dot && dot != name ? (size_t)(dot - name) : strlen(name);
    (void)snprintf(out, size, "%.*s-%" PRIu64 "%s", (int)stem, name, id, name + stem);
}

static bool archive_dir(const home *h, int64_t wall_ms, char out[static PATH_SIZE], err *e) {
    char archive[PATH_SIZE];
    AUTO(buf) month = {0};
    month_put(&month, month_of(day_at(wall_ms, local_zone(wall_ms))));
    TRY(home_path(h, "archive", archive, e) && path_join(out, PATH_SIZE, archive, buf_z(&month), e));
    return file_mkdirs(out, 0700, e);
}

bool report_mend(const home *h, spool *s, const upload *u, int64_t wall_ms, err *e) {
    char dir[PATH_SIZE], path[PATH_SIZE], name[LIMIT_FILE_NAME + 48];
    upload_sum sum;
    size_t rows;
    TRY(spool_sum(s, u, &sum, NULL, NULL, e));
    if (sum.quarantined + sum.refused == 0) return true;
    const char *dot = strrchr(u->name, '.'), *suffix = str_is(str_of(u->dialect), "csv") ? "csv" : "xlsx";
    int stem = (int)(dot && dot != u->name ? (size_t)(dot - u->name) : strlen(u->name));
    (void)snprintf(name, sizeof name, "%.*s-mend-%" PRIu64 ".%s", stem > 200 ? 200 : stem, u->name, u->id, suffix);
    TRY(archive_dir(h, wall_ms, dir, e) && path_join(path, sizeof path, dir, name, e));
    if (mend_write(h->dir, s, u, path, clerk_speaks_zh(), &rows, e)) return true;
    if (e->code == ERR_INTERNAL) return false;
    log_event(LOG_LEVEL_WARN, "report.mend", "home=%s upload=%" PRIu64 " why='%s'", h->dir, u->id, e->text);
    return true; /* the reports say what is wrong; the sheet is only handier */
}

bool archive_from(const home *h, const char *room, const char *name, uint64_t upload_id, int64_t wall_ms, err *e) {
    char inbox[PATH_SIZE], from[PATH_SIZE], dir[PATH_SIZE], to[PATH_SIZE];
    char other[LIMIT_FILE_NAME + 32];
    TRY(home_path(h, room, inbox, e) && path_join(from, sizeof from, inbox, name, e));
    TRY(archive_dir(h, wall_ms, dir, e));
    TRY(path_join(to, sizeof to, dir, name, e));
    if (file_exists(to)) {
        numbered(name, upload_id, other, sizeof other);
        TRY(path_join(to, sizeof to, dir, other, e));
    }
    if (rename(from, to) != 0)
        return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_INTERNAL, "%s: cannot archive: %s", from,
                       strerror(errno));
    return file_sync_dir(dir, e) && file_sync_dir(inbox, e);
}

bool archive_file(const home *h, const char *name, uint64_t upload_id, int64_t wall_ms, err *e) {
    return archive_from(h, "inbox", name, upload_id, wall_ms, e);
}
