/* Many agents at once: each uploads a small file; then the daemon is killed and started again, and all come back. */
#include "base/clock.h"
#include "tools/bench/bench.h"
#include "tools/bench/measure.h"
#include "tools/bench/swarm.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum { FILE_LINES = 40, PATIENCE_MS = 300000 };

static bool until_committed(swarm *s, err *e) {
    int64_t end = mono_ms() + PATIENCE_MS;
    while (swarm_behind(s) > 0) {
        if (mono_ms() > end) return err_set(e, ERR_RETRY, "%zu agents are still behind", swarm_behind(s));
        TRY(swarm_turn(s, 50, e));
    }
    return true;
}

/* Links that were welcomed once before must be welcomed again. */
static bool until_back(swarm *s, const uint64_t *before, err *e) {
    int64_t end = mono_ms() + PATIENCE_MS;
    for (size_t back = 0; back < s->members;) {
        if (mono_ms() > end) return err_set(e, ERR_RETRY, "only %zu of %zu agents are back", back, s->members);
        TRY(swarm_turn(s, 50, e));
        back = 0;
        for (size_t i = 0; i < s->members; i++) back += link_welcomes(s->member[i].link) > before[i];
    }
    return true;
}

static bool measure(bench_options *o, swarm *s, const load_shape *shape, err *e) {
    for (size_t i = 0; i < s->members; i++) TRY(swarm_spool(s, i, shape, o->seed, 0, FILE_LINES, e));
    int64_t begin = mono_ms();
    swarm_link(s, 0, s->members);
    TRY(until_committed(s, e));
    int64_t first = mono_ms() - begin;
    usage connected = usage_of(o->centre.daemon);
    uint64_t *welcomes = calloc(s->members, sizeof *welcomes);
    ASSERT(welcomes != NULL);
    for (size_t i = 0; i < s->members; i++) welcomes[i] = link_welcomes(s->member[i].link);
    centre_stop(&o->centre, SIGKILL);
    for (size_t i = 0; i < s->members; i++) TRY(swarm_spool(s, i, shape, o->seed, FILE_LINES, FILE_LINES, e));
    begin = mono_ms();
    bool ok = centre_start(&o->centre, e);
    int64_t up = mono_ms() - begin;
    ok = ok && until_back(s, welcomes, e);
    int64_t back = mono_ms() - begin;
    ok = ok && until_committed(s, e);
    int64_t second = mono_ms() - begin;
    free(welcomes);
    if (ok)
        (void)printf(
            "{\"bench\":\"storm\",\"agents\":%zu,\"lines\":%zu,\"all_committed_ms\":%lld,\"daemon_up_ms\":%lld,"
            "\"all_back_ms\":%lld,\"all_committed_again_ms\":%lld,\"rss_anon_mib\":%.1f}\n",
            s->members, 2 * s->members * FILE_LINES, (long long)first, (long long)up, (long long)back,
            (long long)second, (double)connected.rss_anon / 1048576.0);
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
    bool ok = swarm_open(&s, &o->centre, o->agents, e) && measure(o, &s, &shape, e);
    swarm_close(&s);
    centre_stop(&o->centre, SIGTERM);
    return ok;
}
