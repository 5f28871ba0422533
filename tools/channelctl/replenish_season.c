#include "tools/channelctl/replenish_season.h"

#include "base/map.h"

bucket_kind try_grain(const try_files *t) {
    return t->step.months ? BUCKET_MONTH : t->step.days == 7 ? BUCKET_WEEK : BUCKET_DAY;
}

static double sold(const demand_day *d, bool plain) {
    return d->sold > 0 && !(plain && (d->promotion || d->bulk)) ? (double)d->sold / 1000 : 0;
}

size_t try_periods(const try_files *t, const try_series *s, day_t until, bool plain, double **out, int32_t *first,
                   arena *room) {
    bucket_kind grain = try_grain(t);
    *out = NULL, *first = 0;
    if (s->n == 0 || s->day[0].day >= until) return 0;
    *first = bucket_of(grain, s->day[0].day);
    size_t n = (size_t)(bucket_of(grain, until - 1) - *first + 1);
    *out = ARENA_NEW(room, double, n);
    for (size_t i = 0; i < s->n && s->day[i].day < until; i++)
        (*out)[bucket_of(grain, s->day[i].day) - *first] += sold(&s->day[i], plain);
    return n;
}

static bool together(const try_series *a, const try_series *b) {
    return a == b || (a->group.n && str_eq(a->group, b->group));
}

/* The total of a group; its members need not begin on one day. */
static void fit_group(const try_files *t, const try_series *of, day_t until, season_profile *out) {
    AUTO(arena) room = {0};
    bucket_kind grain = try_grain(t);
    int32_t first = INT32_MAX, end = bucket_of(grain, until - 1) + 1;
    arena_init(&room, SIZE_MAX); /* as long as the history */
    season_flat(out);
    for (size_t i = 0; i < t->n; i++)
        if (together(&t->v[i], of) && t->v[i].n && bucket_of(grain, t->v[i].day[0].day) < first)
            first = bucket_of(grain, t->v[i].day[0].day);
    if (first >= end) return;
    double *total = ARENA_NEW(&room, double, (size_t)(end - first));
    for (size_t i = 0; i < t->n; i++) {
        double *y;
        int32_t from;
        if (!together(&t->v[i], of)) continue;
        size_t n = try_periods(t, &t->v[i], until, true, &y, &from, &room);
        for (size_t k = 0; k < n; k++) total[(size_t)(from - first) + k] += y[k];
    }
    season_fit(out, grain, first, total, (size_t)(end - first));
}

try_seasons try_seasons_fit(try_files *t, day_t until) {
    AUTO(map) groups = {0};
    try_seasons all = {ARENA_NEW(&t->text, season_profile, t->n + 1)};
    for (size_t i = 0; i < t->n; i++) {
        bool created = t->v[i].group.n == 0; /* alone: a group of its own */
        uint64_t *at = created ? NULL : map_at(&groups, t->v[i].group, &created);
        if (created) fit_group(t, &t->v[i], until, &all.of[i]);
        else
            all.of[i] = all.of[*at];
        if (created && at) *at = i;
    }
    return all;
}
