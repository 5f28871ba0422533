/* Many agents at once: each uploads a small file; then the daemon is killed and started again, and all come back. */
#include "base/clock.h"
#include "tools/bench/bench.h"
#include "tools/bench/measure.h"
#include "tools/bench/swarm.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FILE_LINES = 40, PATIENCE_MS = 300000 };

static bool until_committed(swarm *s, err *e) {
    int64_t end = mono_ms() + PATIENCE_MS;
    while (swarm_behind(s) > 0) {
        if (mono_ms() > end) return err_set(e, ERR_RETRY, "%zu agents are still behind", swarm_behind(s));
        TRY(swarm_turn(s, 50, e));
    }
    return true;
}

/* How long after `begin` each was welcomed again, in ms[]. */
static bool until_back(swarm *s, int64_t begin, int64_t *ms, err *e) {
    int64_t end = mono_ms() + PATIENCE_MS;
    for (size_t back = 0; back < s->members;) {
        if (mono_ms() > end) return err_set(e, ERR_RETRY, "only %zu of %zu agents are back", back, s->members);
        TRY(swarm_turn(s, 50, e));
        back = 0;
        for (size_t i = 0; i < s->members; i++) back += s->member[i].back_ms != 0;
    }
    for (size_t i = 0; i < s->members; i++) ms[i] = s->member[i].back_ms - begin;
    return true;
}

typedef struct figures {
    int64_t committed_ms, up_ms, again_ms;
    int64_t *back_ms; /* of each member */
    usage first, second;
} figures;

static double mib(int64_t bytes) {
    return (double)bytes / 1048576.0;
}

static void print(const bench_options *o, const swarm *s, figures *f, double load_cpu_s) {
    size_t n = s->members;
    (void)printf("{\"bench\":\"storm\",\"agents\":%zu,\"lines\":%zu,\"committed\":true,\"all_committed_ms\":%lld,"
                 "\"daemon_up_ms\":%lld,\"back_s\":{\"p50\":%.2f,\"p99\":%.2f,\"max\":%.2f},"
                 "\"all_committed_again_ms\":%lld,\"rss_peak_mib\":%.1f,\"rss_anon_mib\":%.1f,"
                 "\"daemon_cpu_s\":{\"first\":%.2f,\"after_restart\":%.2f},\"load_cpu_s\":%.2f,\"fsync_us\":%lld}\n",
                 n, 2 * n * FILE_LINES, (long long)f->committed_ms, (long long)f->up_ms,
                 (double)percentile(f->back_ms, n, 50) / 1e3, (double)percentile(f->back_ms, n, 99) / 1e3,
                 (double)percentile(f->back_ms, n, 100) / 1e3, (long long)f->again_ms,
                 mib(f->first.rss_peak > f->second.rss_peak ? f->first.rss_peak : f->second.rss_peak),
                 mib(f->second.rss_anon), (double)f->first.cpu_us / 1e6, (double)f->second.cpu_us / 1e6, load_cpu_s,
                 (long long)fsync_median_us(o->centre.dir, 64));
}

static bool measure(bench_options *o, swarm *s, const load_shape *shape, figures *f, err *e) {
    int64_t begin = mono_ms();
    swarm_link(s, 0, s->members);
    TRY(until_committed(s, e));
    f->committed_ms = mono_ms() - begin;
    f->first = usage_of(o->centre.daemon);
    (void)fprintf(stderr, "all committed after %lld ms; kill -9\n", (long long)f->committed_ms);
    for (size_t i = 0; i < s->members; i++) TRY(swarm_spool(s, i, shape, o->seed, FILE_LINES, FILE_LINES, e));
    swarm_mark(s);
    begin = mono_ms();
    centre_stop(&o->centre, SIGKILL);
    TRY(centre_start(&o->centre, e));
    f->up_ms = mono_ms() - begin;
    TRY(until_back(s, begin, f->back_ms, e));
    TRY(until_committed(s, e));
    f->again_ms = mono_ms() - begin;
    f->second = usage_of(o->centre.daemon);
    return true;
}

static bool run(bench_options *o, swarm *s, const load_shape *shape, err *e) {
    figures f = {.back_ms = calloc(s->members, sizeof *f.back_ms)};
    ASSERT(f.back_ms != NULL);
    for (size_t i = 0; i < s->members; i++) TRY(swarm_spool(s, i, shape, o->seed, 0, FILE_LINES, e));
    int64_t cpu_us = usage_of(getpid()).cpu_us;
    bool ok = measure(o, s, shape, &f, e);
    if (ok) print(o, s, &f, (double)(usage_of(getpid()).cpu_us - cpu_us) / 1e6);
    free(f.back_ms);
    return ok;
}

bool bench_storm(bench_options *o, err *e) {
    load_shape shape = {.partners = o->agents,
                        .products = 300,
                        .customers = 300,
                        .document_lines = FILE_LINES,
                        .file_lines = FILE_LINES,
                        .codes = true,
                        .first_day = 20454,
                        .day_lines = 4000};
    TRY(centre_start(&o->centre, e));
    TRY(centre_catalogue(&o->centre, &shape, e));
    (void)fprintf(stderr, "enrolling %u agents\n", o->agents);
    TRY(centre_enrol(&o->centre, o->agents, e));
    swarm s = {0};
    bool ok = swarm_open(&s, &o->centre, o->agents, e) && run(o, &s, &shape, e);
    swarm_close(&s);
    centre_stop(&o->centre, SIGTERM);
    return ok;
}
