#include "base/clock.h"
#include "base/file.h"
#include "tools/bench/peers.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BATCH = 10000 };

static const char schema[] =
    "create table document(partner int, number int, day int, n int, primary key(partner, number));\n"
    "create table customer(partner int, customer int, primary key(partner, customer));\n"
    "create table sale(partner int, seq bigint, number int, sku int, customer int, qty int, amt bigint, day int, "
    "region int,"
    " code text, primary key(partner, seq));\n"
    "create table flow_day(partner int, day int, sku int, qty bigint, amt bigint, n bigint, primary key(partner, day, "
    "sku));\n"
    "create table flow_month(partner int, sku int, month int, qty bigint, amt bigint, n bigint,"
    " primary key(partner, sku, month));\n"
    "create table flow_region(month int, region int, sku int, qty bigint, amt bigint, n bigint,"
    " primary key(month, region, sku));\n"
    "create unlogged table stage(partner int, seq bigint, number int, sku int, customer int, qty int, amt bigint, day "
    "int,"
    " month int, region int, code text);\n";

static const char set_work[] =
    "insert into document select partner, number, min(day), count(*) from stage group by 1,2 on conflict do nothing;\n"
    "insert into customer select distinct partner, customer from stage on conflict do nothing;\n"
    "insert into sale select partner, seq, number, sku, customer, qty, amt, day, region, code from stage"
    " on conflict do nothing;\n"
    "insert into flow_day select partner, day, sku, sum(qty), sum(amt), count(*) from stage group by 1,2,3"
    " on conflict (partner, day, sku) do update set qty = flow_day.qty + excluded.qty, amt = flow_day.amt + "
    "excluded.amt,"
    " n = flow_day.n + excluded.n;\n"
    "insert into flow_month select partner, sku, month, sum(qty), sum(amt), count(*) from stage group by 1,2,3"
    " on conflict (partner, sku, month) do update set qty = flow_month.qty + excluded.qty,"
    " amt = flow_month.amt + excluded.amt, n = flow_month.n + excluded.n;\n"
    "insert into flow_region select month, region, sku, sum(qty), sum(amt), count(*) from stage group by 1,2,3"
    " on conflict (month, region, sku) do update set qty = flow_region.qty + excluded.qty,"
    " amt = flow_region.amt + excluded.amt, n = flow_region.n + excluded.n;\n"
    "commit;\n";

/* The cluster refuses root, so its programs run as the user `postgres` that its package makes. */
bool peer_pg(const char *fmt, const char *dir, err *e) {
    char command[2048];
    const char *as = getuid() == 0 ? "runuser -u postgres -- " : "";
    int n = snprintf(command, sizeof command, "exec %sbash -c '", as);
    n += snprintf(command + n, sizeof command - (size_t)n, fmt, dir, dir, dir);
    (void)snprintf(command + n, sizeof command - (size_t)n, "' >/dev/null 2>&1");
    int status = system(command); /* NOLINT: fixed words and our own folder */
    return (WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
           err_set(e, ERR_UNAVAILABLE, "PostgreSQL: failed: %s", command);
}

bool peer_pg_start(const char *dir, char own[static PATH_SIZE], err *e) {
    if (!file_exists(PG_BIN "/initdb"))
        return err_set(e, ERR_UNAVAILABLE, "PostgreSQL 15 is not installed (run: tools/deps.sh bench)");
    TRY(path_join(own, PATH_SIZE, dir, "pg", e));
    TRY(file_mkdirs(own, 0777, e));
    if (chmod(own, 0777) != 0 || chmod(dir, 0755) != 0)
        return err_set(e, ERR_INTERNAL, "%s: cannot open to postgres", own);
    TRY(peer_pg(PG_BIN "/initdb -D %s/data -A trust --no-instructions", own, e));
    return peer_pg(PG_BIN
                   "/pg_ctl -D %s/data -w -o \"-k %s -c listen_addresses= -c shared_buffers=2GB -c max_wal_size=4GB\" "
                   "-l %s/log start",
                   own, e);
}

void peer_pg_stop(const char *own) {
    err ignored;
    if (!peer_pg(PG_BIN "/pg_ctl -D %s/data -m immediate stop", own, &ignored))
        (void)fprintf(stderr, "%s\n", ignored.text);
}

static void put_batch(const load_shape *s, uint64_t seed, uint64_t first, uint64_t n, FILE *out) {
    (void)fputs("begin;\ntruncate stage;\ncopy stage from stdin csv;\n", out);
    for (uint64_t i = first; i < first + n; i++) {
        unsigned partner = (unsigned)(i / s->file_lines) % s->partners;
        uint64_t own = i / ((uint64_t)s->file_lines * s->partners) * s->file_lines + i % s->file_lines;
        load_line l = load_at(s, seed, partner, own);
        (void)fprintf(out, "%u,%llu,%u,%u,%u,%lld,%lld,%d,%d,%u,%s\n", partner, (unsigned long long)own, l.document,
                      l.product, l.customer, (long long)l.quantity, (long long)l.amount, (int)l.day,
                      (int)month_of(l.day), l.region, l.code);
    }
    (void)fputs("\\.\n", out);
    (void)fputs(set_work, out);
}

/* The script is written before the clock starts; psql then only reads and sends it. */
static bool write_script(const load_shape *s, uint64_t seed, uint64_t lines, const char *path, err *e) {
    FILE *out = fopen(path, "we");
    if (out == NULL) return err_set(e, ERR_INTERNAL, "%s: cannot create", path);
    for (uint64_t first = 0; first < lines; first += BATCH)
        put_batch(s, seed, first, lines - first < BATCH ? lines - first : BATCH, out);
    return fclose(out) == 0 || err_set(e, ERR_INTERNAL, "%s: cannot write", path);
}

bool peer_postgres(const load_shape *s, uint64_t seed, uint64_t lines, const char *dir, double *lines_per_s, err *e) {
    char script[PATH_SIZE], ddl[PATH_SIZE], own[PATH_SIZE];
    TRY(peer_pg_start(dir, own, e));
    bool ok = path_join(script, sizeof script, own, "load.sql", e) &&
              path_join(ddl, sizeof ddl, own, "schema.sql", e) && file_write(ddl, str_of(schema), 0644, e) &&
              write_script(s, seed, lines, script, e) &&
              peer_pg("psql -q -v ON_ERROR_STOP=1 -h %s -d postgres -f %s/schema.sql", own, e);
    int64_t begin = mono_us();
    ok = ok && peer_pg("psql -q -v ON_ERROR_STOP=1 -h %s -d postgres -f %s/load.sql", own, e);
    int64_t took = mono_us() - begin;
    peer_pg_stop(own);
    if (ok) *lines_per_s = (double)lines * 1e6 / (double)took;
    return ok;
}
