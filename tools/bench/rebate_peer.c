/* The same evaluation by PostgreSQL 15, as well as set-based SQL does it: flow_month clustered as ours, narrow columns, a
 * covering index on flow_day for the months that a stage cuts, statistics of every table it joins, work_mem so that nothing
 * is sorted on disk, tables in shared buffers, unlogged results, no JIT (it only costs here). W of each partner, quarter
 * and stage is worked out once for all policies: months whole where no stage begins in them, else their days; then a join
 * with the bands gives all lines. All in 64-bit integers. Measured from connecting to the last line stored. */
#include "base/clock.h"
#include "base/num.h"
#include "tools/bench/rebate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_rows(FILE *out, unsigned partners) {
    for (unsigned p = 0; p < partners; p++)
        for (unsigned n = 0; n < 2 * PRODUCTS * MONTHS; n++) {
            unsigned k = n / (2 * MONTHS), month = n / 2 % MONTHS;
            sold s = rebate_sold_at(p, k, month, n % 2);
            (void)fprintf(out, "%u,%u,%d,%u,%" PRId64 ",%" PRId64 "\n", p, k, s.day, month, s.quantity, s.amount);
        }
}

static bool write_load(const char *path, unsigned partners, err *e) {
    FILE *out = fopen(path, "we");
    if (out == NULL) return err_set(e, ERR_INTERNAL, "%s: cannot create", path);
    (void)fputs(
        "create table flow_day(partner int, product smallint, day int, month smallint, qty bigint, amt bigint);\n"
        "create table flow_month(partner int, product smallint, month smallint, qty bigint, amt bigint);\n"
        "create table span(product smallint, stage int, first int, last int);\n"
        "create table band(policy int, first bigint, last bigint, ppm bigint);\n"
        "copy flow_day from stdin csv;\n",
        out);
    write_rows(out, partners);
    (void)fputs("\\.\n"
                "insert into flow_month select partner, product, month, sum(qty), sum(amt) from flow_day group by 1,2,3"
                " order by 1,2,3;\n"
                "create index on flow_day(month, product) include (partner, day, amt);\n",
                out);
    for (unsigned k = 0; k < PRODUCTS; k++) {
        day_t c = rebate_changes_on(k);
        (void)fprintf(out, "insert into span values(%u, 1, %d, %d);\n", k, DAY_MIN, c == DAY_MAX ? DAY_MAX : c - 1);
        if (c != DAY_MAX) (void)fprintf(out, "insert into span values(%u, 2, %d, %d);\n", k, c, DAY_MAX);
    }
    for (unsigned i = 0; i < POLICIES; i++)
        for (unsigned b = 0; b < BANDS; b++)
            (void)fprintf(out, "insert into band values(%u, %" PRId64 ", %" PRId64 ", %" PRId64 ");\n", i,
                          rebate_threshold(i, b), b + 1 < BANDS ? rebate_threshold(i, b + 1) : INT64_MAX,
                          rebate_ppm[b]);
    (void)fputs("vacuum analyze;\nselect count(*) from flow_day;\nselect count(*) from flow_month;\n", out);
    return fclose(out) == 0 || err_set(e, ERR_INTERNAL, "%s: cannot write", path);
}

static const char evaluate_sql[] =
    "set log_statement_stats = on;\nset client_min_messages = log;\n"
    "set work_mem = '256MB';\nset jit = off;\nset max_parallel_workers_per_gather = %d;\n"
    "drop table if exists ms, w, line;\n"
    "create unlogged table ms as with months(month, first, last) as (select m, d, d2 - 1 from (values %s) v(m, d, d2))"
    " select m.month::smallint as month, s.product, min(s.stage) stage, count(*) > 1 cut from months m join span s"
    " on s.first <= m.last and s.last >= m.first group by 1, 2;\n"
    "analyze ms;\n"
    "create unlogged table w as with mm as (select f.partner, f.month / 3 q, ms.stage, sum(f.amt)::bigint w"
    " from flow_month f join ms using(month, product) where not ms.cut group by 1, 2, 3),\n"
    "dd as (select d.partner, d.month / 3 q, s.stage, sum(d.amt)::bigint w from ms join flow_day d"
    " using(month, product) join span s on s.product = d.product and d.day between s.first and s.last where ms.cut"
    " group by 1, 2, 3)\n"
    "select partner, q, stage, sum(w)::bigint w from (select * from mm union all select * from dd) x group by 1, 2, "
    "3;\n"
    "analyze w;\n"
    "create unlogged table line as select b.policy, w.partner, w.q, w.stage, w.w basis, b.first band,"
    " (w.w * b.ppm + 500000) / 1000000 amount from w join band b on w.w >= b.first and w.w < b.last where w.stage = 1\n"
    " union all select p, w.partner, w.q, w.stage, w.w, -1, (w.w * %d + 500000) / 1000000 from w,"
    " generate_series(0, %d) p where w.stage = 2;\n";

static bool write_evaluate(const char *path, int workers, err *e) {
    AUTO(buf) months = {0};
    AUTO(buf) sql = {0};
    for (unsigned m = 0; m < MONTHS; m++) {
        day_t first = day_of(YEAR, m + 1, 1);
        buf_printf(&months, "%s(%u,%d,%d)", m ? "," : "", m, first, month_first(month_of(first) + 1));
    }
    buf_printf(&sql, evaluate_sql, workers, buf_z(&months), MATURE_PPM, POLICIES - 1);
    return file_write(path, buf_str(&sql), 0644, e);
}

/* What the server says it used: "! 1.234567 s user, 0.123456 s system, …" a statement. */
static bool used_us(const char *own, int64_t *us, err *e) {
    char path[PATH_SIZE];
    AUTO(buf) text = {0};
    TRY(path_join(path, sizeof path, own, "stats", e) && file_read(path, 1 << 20, &text, e));
    *us = 0;
    for (const char *at = buf_z(&text); (at = strstr(at, "!\t")) != NULL; at++) {
        double user, system;
        if (sscanf(at, "!\t%lf s user, %lf s system", &user, &system) == 2) *us += (int64_t)((user + system) * 1e6);
    }
    return true;
}

static bool best_of(const char *own, const char *name, int runs, int64_t *us, int64_t *cpu, err *e) {
    char command[128];
    *us = *cpu = INT64_MAX;
    (void)snprintf(command, sizeof command, "psql -q -v ON_ERROR_STOP=1 -h %%s -d postgres -f %%s/%s.sql 2>%%s/stats",
                   name);
    for (int i = 0; i <= runs; i++) { /* the first one warms */
        int64_t used, begin = mono_us();
        TRY(peer_pg(command, own, e)); /* NOLINT: the format is ours */
        int64_t took = mono_us() - begin;
        TRY(used_us(own, &used, e));
        if (i && took < *us) *us = took;
        if (i && used < *cpu) *cpu = used;
    }
    return true;
}

static bool measure(const char *own, unsigned partners, rebate_peer *out, err *e) {
    char path[PATH_SIZE];
    int64_t leader;
    return path_join(path, sizeof path, own, "load.sql", e) && write_load(path, partners, e) &&
           peer_pg("psql -q -v ON_ERROR_STOP=1 -h %s -d postgres -f %s/load.sql", own, e) &&
           path_join(path, sizeof path, own, "one.sql", e) && write_evaluate(path, 0, e) &&
           path_join(path, sizeof path, own, "parallel.sql", e) && write_evaluate(path, 2, e) &&
           best_of(own, "parallel", out->runs, &out->parallel_us, &leader, e) &&
           best_of(own, "one", out->runs, &out->one_us, &out->one_cpu_us, e) &&
           peer_pg(
               "psql -q -h %s -d postgres -c \"copy (select * from line order by 1,2,3,4) to stdout csv\" >%s/lines",
               own, e);
}

bool rebate_postgres(const char *dir, unsigned partners, rebate_peer *out, err *e) {
    char own[PATH_SIZE];
    TRY(peer_pg_start(dir, own, e));
    bool ok = measure(own, partners, out, e);
    peer_pg_stop(own);
    return ok;
}

bool rebate_same(const char *dir, const rebate_found *found, size_t n, err *e) {
    char own[PATH_SIZE], path[PATH_SIZE], theirs[256], mine[256];
    TRY(path_join(own, sizeof own, dir, "pg", e) && path_join(path, sizeof path, own, "lines", e));
    FILE *in = fopen(path, "re");
    if (in == NULL) return err_set(e, ERR_INTERNAL, "%s: cannot read", path);
    bool same = true;
    for (size_t i = 0; same && i <= n; i++) {
        const rebate_found *f = &found[i < n ? i : 0];
        char *read = fgets(theirs, sizeof theirs, in);
        if (i < n)
            (void)snprintf(mine, sizeof mine, "%u,%u,%u,%u,%" PRId64 ",%" PRId64 ",%" PRId64 "\n", f->policy,
                           f->partner, f->quarter, f->stage, f->basis, f->band, f->amount);
        same = i < n ? read && strcmp(mine, theirs) == 0 : read == NULL;
        if (!same)
            (void)err_set(e, ERR_INTERNAL, "line %zu of %zu differs: here %s, in SQL %s", i + 1, n,
                          i < n ? mine : "none", read ? theirs : "none");
    }
    (void)fclose(in);
    return same;
}
