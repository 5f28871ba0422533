/* The whole way: spooled batches, CURVE, decode, all domain work, fsync, ack. What was spooled before the clock starts
 * is drained by the agents; one more agent hands in a small file every 50 ms meanwhile, and its time from hand-over to
 * "committed" is the ack latency. */
#include "base/clock.h"
#include "base/json.h"
#include "tools/bench/bench.h"
#include "tools/bench/measure.h"
#include "tools/bench/peers.h"
#include "tools/bench/swarm.h"

#include <signal.h>
#include <stdio.h>

typedef struct shape_row {
    const char *name;
    load_shape shape;
} shape_row;

#define DAY_FIRST 20454 /* 2026-01-01 */
static const shape_row shapes[] = {
    {"documents of 40 lines, files of 4,000",
     {.products = 300,
      .customers = 300,
      .document_lines = 40,
      .file_lines = 4000,
      .codes = true,
      .first_day = DAY_FIRST,
      .day_lines = 4000}},
    {"a document number on each line, files of 4,000",
     {.products = 300,
      .customers = 300,
      .document_lines = 1,
      .file_lines = 4000,
      .codes = true,
      .first_day = DAY_FIRST,
      .day_lines = 4000}},
    {"documents of 40 lines, files of 200",
     {.products = 300,
      .customers = 300,
      .document_lines = 40,
      .file_lines = 200,
      .codes = true,
      .first_day = DAY_FIRST,
      .day_lines = 4000}},
};

enum { PROBE_EVERY_MS = 50, PROBE_LINES = 40, PROBES_MAX = 100000 };

typedef struct figures {
    double lines_per_s, postgres, bare;
    int64_t ack_p50_us, ack_p99_us, cpu_us, rss_anon, written;
    uint64_t journal_bytes, entries;
} figures;

/* The probe is the last member; one file of it is on its way at a time. */
static bool drain(swarm *s, const load_shape *shape, const bench_options *o, figures *f, err *e) {
    static int64_t latency[PROBES_MAX];
    size_t probes = 0, probe = s->members - 1;
    int64_t sent = 0, next = mono_ms();
    uint64_t line = 0;
    swarm_link(s, 0, s->members);
    int64_t begin = mono_us(), end = begin;
    for (size_t behind = 1; behind > 0;) {
        const spool_state *p = spool_now(s->member[probe].spool);
        bool idle = p->acked_seq == p->last_seq;
        if (idle && sent) {
            if (probes < PROBES_MAX) latency[probes++] = mono_us() - sent;
            sent = 0;
        }
        if (idle && mono_ms() >= next && link_now(s->member[probe].link) == LINK_READY) {
            sent = mono_us();
            next = mono_ms() + PROBE_EVERY_MS;
            TRY(swarm_spool(s, probe, shape, o->seed, line, PROBE_LINES, e));
            line += PROBE_LINES;
        }
        TRY(swarm_turn(s, 20, e));
        behind = 0;
        for (size_t i = 0; i < probe; i++) {
            const spool_state *now = spool_now(s->member[i].spool);
            behind += now->acked_seq < now->last_seq;
        }
        end = mono_us();
        if (end - begin > 600 * 1000000ll)
            return err_set(e, ERR_RETRY, "%zu agents are still behind after 600 s", behind);
    }
    f->lines_per_s = (double)(o->lines + line) * 1e6 / (double)(end - begin);
    f->ack_p50_us = percentile(latency, probes, 50);
    f->ack_p99_us = percentile(latency, probes, 99);
    return true;
}

static bool measure(bench_options *o, const load_shape *shape, figures *f, err *e) {
    load_shape all = *shape;
    all.partners = o->agents + 1;
    TRY(centre_start(&o->centre, e));
    TRY(centre_catalogue(&o->centre, &all, e));
    TRY(centre_enrol(&o->centre, o->agents + 1, e));
    swarm s;
    TRY(swarm_open(&s, &o->centre, o->agents + 1, e));
    uint64_t each = o->lines / o->agents;
    for (size_t i = 0; i < o->agents; i++) {
        (void)fprintf(stderr, "\rspooling %zu of %u agents", i + 1, o->agents);
        TRY(swarm_spool(&s, i, shape, o->seed, 0, each, e));
    }
    (void)fprintf(stderr, "\ndraining %llu lines\n", (unsigned long long)o->lines);
    o->lines = each * o->agents;
    usage before = usage_of(o->centre.daemon);
    bool ok = drain(&s, shape, o, f, e);
    usage after = usage_of(o->centre.daemon);
    f->cpu_us = after.cpu_us - before.cpu_us;
    f->rss_anon = after.rss_anon;
    f->written = after.written - before.written;
    swarm_close(&s);
    centre_stop(&o->centre, SIGTERM);
    return ok && centre_journal_bytes(&o->centre, &f->journal_bytes, &f->entries, e);
}

static void put_real(json *j, const char *key, double v) {
    char text[32];
    (void)snprintf(text, sizeof text, "%.3f", v);
    json_key(j, key);
    json_raw(j, str_of(text));
}

static void print(const shape_row *row, const bench_options *o, const figures *f, int64_t fsync_us) {
    AUTO(buf) out = {0};
    json j = json_into(&out);
    double lines = (double)o->lines;
    json_open_object(&j);
    json_key(&j, "bench");
    json_z(&j, "ingest");
    json_key(&j, "shape");
    json_z(&j, row->name);
    json_key(&j, "lines");
    json_uint(&j, o->lines);
    json_key(&j, "agents");
    json_uint(&j, o->agents);
    put_real(&j, "lines_per_s", f->lines_per_s);
    if (f->postgres > 0) {
        put_real(&j, "postgres_lines_per_s", f->postgres);
        put_real(&j, "ratio_to_postgres", f->lines_per_s / f->postgres);
    }
    if (f->bare > 0) {
        put_real(&j, "bare_lmdb_lines_per_s", f->bare);
        put_real(&j, "ratio_to_bare_lmdb", f->lines_per_s / f->bare);
    }
    put_real(&j, "ack_p50_ms", (double)f->ack_p50_us / 1e3);
    put_real(&j, "ack_p99_ms", (double)f->ack_p99_us / 1e3);
    put_real(&j, "cpu_us_a_line", (double)f->cpu_us / lines);
    put_real(&j, "rss_anon_mib", (double)f->rss_anon / 1048576.0);
    put_real(&j, "journal_bytes_a_line", (double)f->journal_bytes / lines);
    put_real(&j, "written_bytes_a_line", (double)f->written / lines);
    json_key(&j, "fsync_us");
    json_int(&j, fsync_us);
    json_end_object(&j);
    (void)printf("%s\n", buf_z(&out));
    (void)fflush(stdout);
}

static bool one_shape(bench_options o, const shape_row *row, size_t n, err *e) {
    char dir[PATH_SIZE], name[32];
    figures f = {0};
    load_shape peer = row->shape;
    peer.partners = o.agents;
    (void)snprintf(name, sizeof name, "shape-%zu", n);
    TRY(path_join(dir, sizeof dir, o.centre.dir, name, e));
    TRY(file_mkdirs(dir, 0700, e));
    (void)str_copy_z(str_of(dir), o.centre.dir, sizeof o.centre.dir);
    bool ok = measure(&o, &row->shape, &f, e);
    centre_stop(&o.centre, SIGKILL);
    if (!ok) return false;
    err why;
    if (o.peers && !peer_postgres(&peer, o.seed, o.lines, dir, &f.postgres, &why))
        (void)fprintf(stderr, "%s\n", why.text);
    if (o.peers && !peer_bare_lmdb(&peer, o.seed, o.lines, dir, &f.bare, &why)) (void)fprintf(stderr, "%s\n", why.text);
    print(row, &o, &f, fsync_median_us(dir, 100));
    return true;
}

bool bench_ingest(bench_options *o, err *e) {
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++) TRY(one_shape(*o, &shapes[i], i, e));
    return true;
}
