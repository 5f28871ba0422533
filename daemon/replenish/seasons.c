#include "daemon/replenish/seasons.h"

#include "daemon/store/keys.h"
#include "daemon/store/store.h"
#include "proto/limits.h"

#include <math.h>

/* Days that a plan asks for lie around today: two years of history, and what is to come. */
enum { KNOWN_BEFORE = 680, FACTOR_MOST = 100 * SEASON_ONE, HEAD_BYTES = 12 };

static float *place(season_profile *p, size_t i) {
    if (i < 7) return &p->weekday[i];
    if (i < 7 + SEASON_WEEKS) return &p->year[i - 7];
    size_t at = i - 7 - SEASON_WEEKS;
    return &p->holiday[at / SEASON_AROUND][at % SEASON_AROUND];
}

size_t season_row(const season_profile *p, uint32_t factor[static SEASON_FACTORS]) {
    season_profile copy = *p;
    if (p->flat || p->months) return 0;
    for (size_t i = 0; i < SEASON_FACTORS; i++)
        factor[i] = (uint32_t)llround(fmin((double)*place(&copy, i), FACTOR_MOST / SEASON_ONE) * SEASON_ONE);
    return SEASON_FACTORS;
}

/* ---- reading */

static bool decode(str stored_key, str val, season_group *out) {
    reader k = reader_of(stored_key), r = reader_of(val);
    *out = (season_group){.group = read_textz(&k)};
    out->entry = read_be64(&r);
    out->day = (day_t)read_be32(&r);
    season_flat(&out->profile);
    if (val.n == HEAD_BYTES) return !k.bad && !r.bad;
    out->profile.flat = false;
    for (size_t i = 0; i < SEASON_FACTORS; i++) *place(&out->profile, i) = (float)((double)read_be32(&r) / SEASON_ONE);
    return !k.bad && !r.bad;
}

void seasons_load(txn *t, day_t today, arena *a, seasons *out) {
    size_t cap = 0;
    *out = (seasons){.day = DAY_MIN};
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_SEASON, STR(""), STR_NONE); kv_next(&c);) {
        out->v = arena_grown(a, out->v, out->n, &cap, sizeof *out->v);
        season_group *g = &out->v[out->n];
        if (!decode(c.key, c.val, g)) continue;
        g->group = arena_str(a, g->group);
        if (!g->profile.flat) season_know(&g->profile, today - KNOWN_BEFORE);
        if (g->day > out->day) out->day = g->day;
        out->n++;
    }
}

day_t seasons_fitted(txn *t) {
    season_group g;
    day_t last = DAY_MIN;
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_SEASON, STR(""), STR_NONE); kv_next(&c);)
        if (decode(c.key, c.val, &g) && g.day > last) last = g.day;
    return last;
}

const season_profile *season_of(const seasons *s, str category) {
    size_t low = 0, high = s->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (str_cmp(s->v[middle].group, category) < 0) low = middle + 1;
        else
            high = middle;
    }
    bool found = low < s->n && str_eq(s->v[low].group, category) && !s->v[low].profile.flat;
    return found ? &s->v[low].profile : NULL;
}

void seasons_put(const seasons *s, buf *out) {
    for (size_t i = 0; i < s->n; i++) {
        uint32_t factor[SEASON_FACTORS];
        size_t n = season_row(&s->v[i].profile, factor);
        if (n) buf_text(out, s->v[i].group);
        for (size_t k = 0; k < n; k++) buf_be32(out, factor[k]);
    }
}

/* ---- apply */

static bool row_ok(const Entry__SeasonRow *m, err *e) {
    bool ok = strlen(m->group) <= LIMIT_NAME && (m->n_factor == 0 || m->n_factor == SEASON_FACTORS);
    for (size_t i = 0; ok && i < m->n_factor; i++) ok = m->factor[i] <= FACTOR_MOST;
    return ok ||
           err_set(e, ERR_DATA, "season of '%.*s': not a profile", STR_ARG(str_take(str_of(m->group), LIMIT_NAME)));
}

bool replenish_seasons(txn *t, const entry *en, const Entry__Seasons *m, apply_result *r, err *e) {
    for (size_t i = 0; i < m->n_row; i++) TRY(row_ok(m->row[i], e));
    for (size_t i = 0; i < m->n_row; i++) {
        AUTO(buf) b = {0};
        const Entry__SeasonRow *row = m->row[i];
        key k = {.n = 0};
        key_textz(&k, str_of(row->group));
        buf_be64(&b, en->seq);
        buf_be32(&b, (uint32_t)m->day);
        for (size_t f = 0; f < row->n_factor; f++) buf_be32(&b, row->factor[f]);
        kv_put(t, TABLE_SEASON, key_str(&k), buf_str(&b));
        r->lines++;
    }
    return txn_ok(t, e);
}

bool season_content(uint32_t table, str stored_key, str val, buf *out) {
    if (table != TABLE_SEASON || val.n < HEAD_BYTES) return false;
    buf_text(out, stored_key);
    buf_add(out, str_skip(val, 8));
    return true;
}
