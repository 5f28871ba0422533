#include "base/clock.h"
#include "tools/bench/peers.h"
#include "tools/bench/trace.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char schema[] = "create table code(code text, carton int);\n"
                             "create table move(carton int, day int, holder int);\n"
                             "create table partner(no int primary key, parent int);\n"
                             "create table territory(partner int, region int, primary key(partner, region));\n"
                             "create table line(code text, partner int, region int, day int);\n";

static void put_codes(const trace_shape *s, FILE *out) {
    (void)fputs("copy code from stdin csv;\n", out);
    for (uint64_t unit = 0; unit < s->cartons * TRACE_UNITS; unit++) {
        char code[48];
        uint64_t carton = unit / TRACE_UNITS;
        trace_code_text((unsigned)(carton % TRACE_PRODUCTS), trace_serial(unit), code);
        (void)fprintf(out, "%s,%" PRIu64 "\n", code, carton);
    }
    (void)fputs("\\.\ncopy move from stdin csv;\n", out);
    for (uint64_t i = 0; i < s->cartons; i++) {
        trace_carton c = trace_carton_at(s, i);
        (void)fprintf(out, "%" PRIu64 ",%d,%u\n", i, c.shipped, c.partner);
        if (c.sub) (void)fprintf(out, "%" PRIu64 ",%d,%u\n", i, c.handed, c.sub);
    }
    (void)fputs("\\.\n", out);
}

static bool write_load(const trace_shape *s, const char *path, err *e) {
    FILE *out = fopen(path, "we");
    if (out == NULL) return err_set(e, ERR_INTERNAL, "%s: cannot create", path);
    (void)fputs(schema, out);
    put_codes(s, out);
    for (unsigned p = 0; p < TRACE_PARTNERS + TRACE_SUBS; p++) {
        bool sub = p >= TRACE_PARTNERS;
        (void)fprintf(out, "insert into partner values(%u, %d);\n", p, sub ? (int)(p - TRACE_PARTNERS) : -1);
        if (!sub) (void)fprintf(out, "insert into territory values(%u, %u);\n", p, p % TRACE_PROVINCES);
    }
    (void)fputs("copy line from stdin csv;\n", out);
    for (uint64_t i = 0; i < s->lines; i++) {
        trace_sold l = trace_sold_at(s, i);
        char code[48];
        trace_code_text(l.product, l.serial, code);
        (void)fprintf(out, "%s,%u,%u,%d\n", code, l.partner, l.province, l.day);
    }
    (void)fputs("\\.\nalter table code add primary key(code);\ncreate index on move(carton, day);\nvacuum analyze;\n",
                out);
    return fclose(out) == 0 || err_set(e, ERR_INTERNAL, "%s: cannot write", path);
}

/* One core for each side: no parallel plans. */
static const char judge_sql[] =
    "set max_parallel_workers_per_gather = 0;\nset work_mem = '256MB';\n\\o %s\n\\t on\n\\a\n"
    "select v, count(*) from (select case when c.carton is null then 1 when h.holder is distinct from l.partner then 2"
    " when not exists (select from territory t where t.region = l.region and (t.partner = l.partner or t.partner ="
    " (select parent from partner p where p.no = l.partner))) then 3 else 0 end v"
    " from line l left join code c using(code) left join lateral (select holder from move m where m.carton = c.carton"
    " and m.day <= l.day order by m.day desc limit 1) h on true) x group by 1 order by 1;\n"
    "select -1, pg_total_relation_size('code');\n";

static void read_counts(const buf *text, uint64_t verdict[static VERDICTS], double *bytes) {
    str rest = buf_str(text), row, first;
    while (str_split(&rest, '\n', &row)) {
        if (row.n == 0 || !str_split(&row, '|', &first)) continue;
        int which = first.p[0] == '-' ? -1 : first.p[0] - '0';
        char z[32];
        double v = strtod(str_copy_z(row, z, sizeof z), NULL);
        if (which < 0) *bytes = v;
        else if (which < VERDICTS)
            verdict[which] = (uint64_t)v;
    }
}

bool trace_postgres(const trace_shape *s, const char *dir, uint64_t verdict[static VERDICTS], double *lines_per_s,
                    double *bytes_a_code, err *e) {
    char own[PATH_SIZE], path[PATH_SIZE], result[PATH_SIZE];
    AUTO(buf) text = {0};
    AUTO(buf) sql = {0};
    const char *run = "psql -q -v ON_ERROR_STOP=1 -h %s -d postgres -f %s/judge.sql";
    TRY(peer_pg_start(dir, own, e));
    bool ok = path_join(path, sizeof path, own, "load.sql", e) && write_load(s, path, e) &&
              peer_pg("psql -q -v ON_ERROR_STOP=1 -h %s -d postgres -f %s/load.sql", own, e) &&
              path_join(result, sizeof result, own, "counts", e) && path_join(path, sizeof path, own, "judge.sql", e);
    buf_printf(&sql, judge_sql, result);
    ok = ok && file_write(path, buf_str(&sql), 0644, e) && peer_pg(run, own, e); /* warm, as ours is */
    int64_t best = INT64_MAX;
    for (int i = 0; ok && i < 3; i++) {
        int64_t begin = mono_us();
        ok = peer_pg(run, own, e);
        int64_t took = mono_us() - begin;
        if (took < best) best = took;
    }
    peer_pg_stop(own);
    if (!ok || !file_read(result, 65536, &text, e)) return false;
    read_counts(&text, verdict, bytes_a_code);
    *bytes_a_code /= (double)(s->cartons * TRACE_UNITS);
    *lines_per_s = (double)s->lines * 1e6 / (double)best;
    return true;
}
