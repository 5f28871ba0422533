#include "tools/channelctl/trace_files.h"

#include "base/file.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PROBLEMS_SAID = 200 };
#define FILE_MOST  ((size_t)1 << 31)
#define STORE_SIZE ((uint64_t)4 << 30)

void trace_problem(trace_files *f, const char *fmt, ...) {
    char line[600];
    va_list ap;
    if (f->problems++ >= PROBLEMS_SAID) return;
    va_start(ap, fmt);
    (void)vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    (void)fprintf(stderr, "%s\n", line);
}

bool trace_file_bytes(const trace_files *f, const char *name, buf *out, bool *there, err *e) {
    char path[PATH_SIZE];
    TRY(path_join(path, sizeof path, f->dir, name, e));
    *there = file_exists(path);
    return !*there || file_read(path, FILE_MOST, out, e);
}

bool trace_table_read(trace_files *f, file_table *rows, bool (*take)(trace_files *f, const file_line *l, err *e),
                      err *e) {
    for (;;) {
        file_line l;
        err why;
        bool ok = file_table_next(rows, &l, &why);
        if (!ok && l.no == 0) return *e = why, false;
        if (l.no == 0) return true;
        if (!ok || !take(f, &l, &why)) trace_problem(f, "%s", why.text);
    }
}

/* The catalogue's store: in a folder that is removed at once, so that nothing stays behind however this ends. */
static bool open_store(trace_files *f, err *e) {
    const char *tmp = getenv("TMPDIR");
    char dir[PATH_SIZE], file[PATH_SIZE];
    (void)snprintf(dir, sizeof dir, "%s/channelctl-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (mkdtemp(dir) == NULL) return err_set(e, ERR_INTERNAL, "%s: %s", dir, strerror(errno));
    bool ok = store_open(dir, STORE_SIZE, false, &f->db, e);
    static const char *const names[] = {"data.mdb", "lock.mdb", "data.mdb-lock"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (snprintf(file, sizeof file, "%s/%s", dir, names[i]) > 0) (void)unlink(file);
    (void)rmdir(dir);
    return ok && txn_begin(f->db, TXN_WRITE, &f->t, e);
}

static int by_partner(const void *x, const void *y) {
    const trace_territory *a = x, *b = y;
    return (a->partner > b->partner) - (a->partner < b->partner);
}

static int by_exempted(const void *x, const void *y) {
    const trace_exemption *a = x, *b = y;
    if (a->partner != b->partner) return a->partner < b->partner ? -1 : 1;
    return (a->from > b->from) - (a->from < b->from);
}

static day_t last_day(const trace_files *f) {
    day_t last = DAY_MIN;
    for (size_t i = 0; i < f->lines; i++)
        if (f->line[i].day > last) last = f->line[i].day;
    for (size_t i = 0; i < f->sightings; i++) {
        day_t d = day_at(f->sighting[i].time, f->world.zone);
        if (d > last) last = d;
    }
    return last;
}

static void make_world(trace_files *f, day_t as_of) {
    trace_world *w = &f->world;
    trace_order_lines(f->line, f->lines);
    trace_order_sightings(f->sighting, f->sightings);
    if (f->territories) qsort(f->territory, f->territories, sizeof *f->territory, by_partner);
    if (f->exemptions) qsort(f->exemption, f->exemptions, sizeof *f->exemption, by_exempted);
    w->partner = f->partner, w->partners = f->partners;
    w->product = f->product, w->products = f->products;
    w->territory = f->territory, w->territories = f->territories;
    w->exemption = f->exemption, w->exemptions = f->exemptions;
    w->line = f->line, w->lines = f->lines;
    w->sighting = f->sighting, w->sightings = f->sightings;
    w->as_of = as_of == DAY_MAX ? last_day(f) : as_of;
}

bool trace_files_read(trace_files *f, const char *dir, day_t as_of, err *e) {
    struct stat st;
    *f = (trace_files){.world = {.zone = 8 * 60}};
    arena_init(&f->a, SIZE_MAX); /* bounded by the files */
    if (stat(dir, &st) != 0 || !S_ISDIR(st.st_mode)) return err_set(e, ERR_NOT_FOUND, "%s: no such folder", dir);
    (void)str_copy_z(str_of(dir), f->dir, sizeof f->dir);
    TRY(open_store(f, e) && trace_catalog_read(f, e) && custody_read(f, e) && trace_documents_read(f, e));
    custody_settle(f);
    TRY(trace_scans_read(f, e));
    make_world(f, as_of);
    if (f->problems > PROBLEMS_SAID)
        (void)fprintf(stderr, "and %llu more\n", (unsigned long long)(f->problems - PROBLEMS_SAID));
    return txn_ok(f->t, e);
}

void trace_files_free(trace_files *f) {
    if (f->t) txn_abort(&f->t);
    kv_close(f->db);
    custody_free(f->custody);
    map_free(&f->region_codes);
    map_free(&f->region_words);
    arena_free(&f->a);
}

void trace_files_auto(trace_files *f) {
    trace_files_free(f);
}
