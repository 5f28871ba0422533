/* plan — one day's update of a million series and the full plan over them, on one core, beside numpy doing the same formulas
 * on the same bytes. The day is a Monday: every series closes its week, the dearest day there is. Three series in five sell
 * every week, the others now and then. The totals that both order must agree. */
#include "daemon/replenish/plan.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/rng.h"
#include "tools/bench/bench.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { GROUPS = 100, WEEKS = 40, WINDOW = 64, YEARS = 3 };

/* plan_peer.py as it is, ended by a 0 byte. */
__asm__(".section .rodata\nplan_peer:\n.incbin \"" PLAN_PEER "\"\n.byte 0\n.previous\n");
extern const char plan_peer[];

typedef struct world {
    size_t n;
    day_t monday;
    replenish_policy policy;
    season_profile *season; /* GROUPS */
    demand_state *state;
    int32_t *on_hand; /* base units */
    uint16_t *sold;   /* on that Monday */
} world;

static void world_free(world *w) {
    free(w->season), free(w->state), free(w->on_hand), free(w->sold);
}

static bool world_alloc(world *w, size_t n) {
    *w = (world){.n = n, .monday = day_of(2026, 6, 1), .policy = replenish_policy_usual()};
    w->policy.lead_mean = 5, w->policy.lead_sd = 1, w->policy.pack = 12000, w->policy.moq = 24000;
    w->season = calloc(GROUPS, sizeof *w->season), w->state = calloc(n, sizeof *w->state);
    w->on_hand = calloc(n, sizeof *w->on_hand), w->sold = calloc(n, sizeof *w->sold);
    return w->season && w->state && w->on_hand && w->sold;
}

/* Groups differ in weekdays and in the course of the year. */
static void make_seasons(world *w) {
    static double total[YEARS * 364];
    for (unsigned g = 0; g < GROUPS; g++) {
        day_t first = w->monday - YEARS * 364;
        for (unsigned i = 0; i < YEARS * 364; i++)
            total[i] = 1000 * (1 + 0.3 * sin(i / 58.1 + g)) * (1 + 0.2 * sin((i + g) % 7));
        season_fit(&w->season[g], BUCKET_DAY, first, total, YEARS * 364);
        season_know(&w->season[g], w->monday - WEEKS * 7 - 7);
    }
}

static void make_series(world *w, rng *r, size_t i) {
    bool often = rng_below(r, 5) < 3;
    uint64_t level = 1 + rng_below(r, often ? 80 : 30);
    for (unsigned week = 0; week < WEEKS; week++) {
        if (week > 1 && !often && rng_below(r, 4) != 0) continue;
        day_t in = week ? (day_t)rng_below(r, 7) : 0;
        demand_day d = {.day = w->monday - (day_t)(7 * (WEEKS - week)) + in, .stock = NUM_NONE};
        d.sold = (int64_t)(level / 2 + rng_below(r, level + 1)) * 1000;
        (void)demand_post(&w->state[i], &w->policy.demand, &w->season[i % GROUPS], &d);
    }
    w->on_hand[i] = (int32_t)rng_below(r, 3 * level + 1);
    w->sold[i] = (uint16_t)rng_below(r, level + 1);
}

/* ---- ours */

typedef struct figures {
    int64_t update_us, plan_us, orders, quantity;
} figures;

static figures ours(world *w) {
    figures f = {0};
    int64_t begin = mono_us();
    for (size_t i = 0; i < w->n; i++) {
        demand_day d = {.day = w->monday, .sold = w->sold[i] * 1000, .stock = NUM_NONE};
        (void)demand_post(&w->state[i], &w->policy.demand, &w->season[i % GROUPS], &d);
    }
    f.update_us = mono_us() - begin, begin = mono_us();
    for (size_t i = 0; i < w->n; i++) {
        replenish_view v = replenish_view_of(&w->policy, &w->state[i], w->monday + 1);
        replenish_suggestion s;
        v.season = &w->season[i % GROUPS], v.position.on_hand = (int64_t)w->on_hand[i] * 1000;
        replenish_suggest(&v, 1, &s, NULL);
        f.orders += s.quantity > 0, f.quantity += s.quantity / 1000;
    }
    f.plan_us = mono_us() - begin;
    return f;
}

/* ---- numpy */

static bool put_file(const char *dir, const char *name, const void *bytes, size_t n, err *e) {
    char path[PATH_SIZE];
    return path_join(path, sizeof path, dir, name, e) && file_write(path, str_from(bytes, n), 0600, e);
}

/* The factor of the week that closes and of the days from Monday on, a group. */
static bool put_seasons(const world *w, const char *dir, err *e) {
    double v[GROUPS][1 + WINDOW];
    for (unsigned g = 0; g < GROUPS; g++) {
        v[g][0] = season_bucket(&w->season[g], BUCKET_WEEK, bucket_of(BUCKET_WEEK, w->monday) - 1);
        for (unsigned i = 0; i < WINDOW; i++) v[g][1 + i] = season_at(&w->season[g], w->monday + (day_t)i);
    }
    return put_file(dir, "seasons", v, sizeof v, e);
}

static bool put_world(const world *w, const char *dir, err *e) {
    return put_file(dir, "states", w->state, w->n * sizeof *w->state, e) &&
           put_file(dir, "on_hand", w->on_hand, w->n * sizeof *w->on_hand, e) &&
           put_file(dir, "sold", w->sold, w->n * sizeof *w->sold, e) && put_seasons(w, dir, e) &&
           put_file(dir, "plan_peer.py", plan_peer, strlen(plan_peer), e);
}

static bool theirs(const char *dir, figures *f, err *e) {
    char command[3 * PATH_SIZE + 200], path[PATH_SIZE];
    AUTO(buf) text = {0};
    (void)snprintf(command, sizeof command,
                   "for p in /usr/bin/python3 python3; do $p -c 'import numpy' 2>/dev/null && "
                   "OMP_NUM_THREADS=1 exec $p '%s/plan_peer.py' '%s' > '%s/figures'; done; exit 3",
                   dir, dir, dir);
    int status = system(command); /* NOLINT: fixed words and our own folder */
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return err_set(e, ERR_INTERNAL, "%s", WEXITSTATUS(status) == 3 ? "numpy is not installed" : "numpy failed");
    TRY(path_join(path, sizeof path, dir, "figures", e) && file_read(path, 4096, &text, e));
    return sscanf(buf_z(&text), "%" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64, &f->update_us, &f->plan_us, &f->orders,
                  &f->quantity) == 4 ||
           err_set(e, ERR_INTERNAL, "numpy gave no figures");
}

static bool agree(const figures *a, const figures *b, err *e) {
    double off = fabs((double)(a->quantity - b->quantity)) / (double)(a->quantity + 1);
    return off < 1e-3 || err_set(e, ERR_INTERNAL, "the plans differ: %" PRId64 " ordered here, %" PRId64 " in numpy",
                                 a->quantity, b->quantity);
}

bool bench_plan(bench_options *o, err *e) {
    world w;
    rng r = {o->seed};
    figures best = {.update_us = INT64_MAX}, peer = {0};
    err why;
    if (!world_alloc(&w, o->lines)) return err_set(e, ERR_INTERNAL, "%" PRIu64 " series: no room", o->lines);
    make_seasons(&w);
    for (size_t i = 0; i < w.n; i++) make_series(&w, &r, i);
    bool ok = !o->peers || put_world(&w, o->centre.dir, e);
    demand_state *kept = ok ? malloc(w.n * sizeof *kept) : NULL;
    if (kept) memcpy(kept, w.state, w.n * sizeof *kept);
    for (int i = 0; kept && i < 3; i++) { /* the same day three times, from the same state */
        memcpy(w.state, kept, w.n * sizeof *kept);
        figures f = ours(&w);
        if (f.update_us + f.plan_us < best.update_us + best.plan_us || i == 0) best = f;
    }
    free(kept);
    world_free(&w);
    if (!ok) return false;
    bool beside = o->peers && theirs(o->centre.dir, &peer, &why);
    if (o->peers && !beside) (void)fprintf(stderr, "%s\n", why.text);
    if (beside) TRY(agree(&best, &peer, e));
    int64_t all = best.update_us + best.plan_us;
    (void)printf("{\"bench\":\"plan\",\"series\":%" PRIu64 ",\"bytes_a_series\":%zu,\"update_seconds\":%.3f,"
                 "\"plan_seconds\":%.3f,\"seconds\":%.3f,\"orders\":%" PRId64 ",\"best_of\":3",
                 o->lines, sizeof(demand_state), (double)best.update_us / 1e6, (double)best.plan_us / 1e6,
                 (double)all / 1e6, best.orders);
    if (beside)
        (void)printf(",\"numpy_update_seconds\":%.3f,\"numpy_plan_seconds\":%.3f,\"ratio\":%.2f",
                     (double)peer.update_us / 1e6, (double)peer.plan_us / 1e6,
                     (double)(peer.update_us + peer.plan_us) / (double)all);
    (void)printf("}\n");
    return true;
}
