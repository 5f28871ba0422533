#include "daemon/replenish/series.h"

#include "daemon/catalog/cell.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/rows.h"
#include "daemon/catalog/scope.h"
#include "daemon/catalog/settings.h"
#include "daemon/ledger/flow.h"
#include "daemon/ledger/members.h"
#include "daemon/ledger/stock.h"
#include "daemon/store/store.h"
#include "proto/digest.h"
#include <stdlib.h>

enum { STATE_VERSION = 2, NO_STAMP = 8 };

static int by_partner(const void *x, const void *y) {
    const one_off *a = x, *b = y;
    return (a->partner > b->partner) - (a->partner < b->partner);
}

static void read_one_offs(series_world *w) {
    size_t cap = 0;
    catalog_row row;
    AUTO(catalog_walk) walk = catalog_rows(w->t, CATALOG_ONE_OFF, NULL, 0);
    while (catalog_next(&walk, &row)) {
        partner of;
        product p;
        bool exact;
        one_off x = {.quantity = NUM_NONE};
        if (!partner_by_id(w->t, row.cell[ONE_OFF_PARTNER], &of) || !product_by_sku(w->t, row.cell[ONE_OFF_SKU], &p))
            continue;
        if (!cell_as_day(row.cell[ONE_OFF_DAY], &x.day)) continue;
        if (row.cell[ONE_OFF_QUANTITY].n)
            (void)dec_parse(row.cell[ONE_OFF_QUANTITY], QUANTITY_SCALE, &x.quantity, &exact);
        x.partner = of.no, x.product = p.no;
        w->one_off = arena_grown(&w->a, w->one_off, w->one_offs, &cap, sizeof *w->one_off);
        w->one_off[w->one_offs++] = x;
    }
    if (w->one_offs) qsort(w->one_off, w->one_offs, sizeof *w->one_off, by_partner);
}

void series_world_open(series_world *w, txn *t, const stock_rules *rules, day_t today) {
    *w = (series_world){.t = t, .rules = rules, .today = today};
    arena_init(&w->a, SIZE_MAX); /* grows with the promotions */
    facts_init(&w->f, t);
    promotions_load(t, &w->a, &w->promotions);
    seasons_load(t, today, &w->a, &w->seasons);
    w->transit = (int)setting_number(t, SETTING_TRANSIT);
    read_one_offs(w);
}

void series_world_auto(series_world *w) {
    promotions_free(&w->promotions);
    facts_free(&w->f);
    arena_free(&w->a);
}

/* ---- days out of the books */

/* What is said of a day, in the order in which it overrides what was said before it. */
typedef enum row_kind {
    ROW_SOLD,    /* adds up */
    ROW_ONE_OFF, /* of it; NUM_NONE: all */
    ROW_SOME,    /* there is stock again */
    ROW_EMPTY,   /* counts and flows make 0 */
    ROW_COUNTED
} row_kind;

typedef struct row {
    uint32_t product;
    day_t day;
    row_kind kind;
    int64_t quantity;
} row;

typedef struct rows {
    row *v;
    size_t n, cap;
    arena *a;
} rows;

static void add_row(rows *r, uint32_t product_no, day_t day, row_kind kind, int64_t quantity) {
    r->v = arena_grown(r->a, r->v, r->n, &r->cap, sizeof *r->v);
    r->v[r->n++] = (row){product_no, day, kind, quantity};
}

enum {
    SALES = 1 << FLOW_SELL_OUT | 1 << FLOW_RETURN | 1 << FLOW_ONWARD,
    SHIPPED = 1 << FLOW_SELL_IN | 1 << FLOW_RETURN_OUT
};

/* What is sold counts +; goods that came back lie there with their minus already. */
static void read_flows(series_world *w, uint32_t member, day_t from, unsigned kinds, rows *out) {
    key prefix = {.n = 0}, start;
    key_u32(&prefix, member);
    start = prefix;
    key_day(&start, from);
    for (AUTO(kv_cursor) c = kv_from(w->t, TABLE_FLOW_DAY, key_str(&prefix), key_str(&start)); kv_next(&c);) {
        flow_day_key k = flow_day_parse(c.key);
        if (k.day >= w->today) break;
        if (k.product == 0 || !(kinds & 1U << k.kind)) continue;
        for (size_t i = 0; i < flow_sum_count(c.val); i++)
            add_row(out, k.product, k.day, ROW_SOLD, flow_sum_at(c.val, i).quantity);
    }
}

/* Has it, or a place of it, ever reported a sale? */
static bool reports_sales(series_world *w, const uint32_t *member, size_t n) {
    for (size_t i = 0; i < n; i++) {
        key prefix = {.n = 0};
        key_u32(&prefix, member[i]);
        for (AUTO(kv_cursor) c = kv_from(w->t, TABLE_FLOW_MONTH, key_str(&prefix), STR_NONE); kv_next(&c);)
            if (1U << flow_month_parse(c.key).kind & SALES) return true;
    }
    return false;
}

static int by_product_and_day(const void *x, const void *y) {
    const row *a = x, *b = y;
    if (a->product != b->product) return a->product < b->product ? -1 : 1;
    if (a->day != b->day) return a->day < b->day ? -1 : 1;
    return (int)a->kind - (int)b->kind;
}

/* What stood at the end of days: counted, or made 0 by counts and flows. */
static void read_stock(series_world *w, uint32_t partner_no, day_t from, arena *a, rows *out) {
    stock_count *count;
    stock now;
    size_t counts = stock_counts(w->t, partner_no, a, &count);
    if (counts == 0) return; /* nobody knows */
    for (size_t i = 0; i < counts; i++)
        if (count[i].day >= from && count[i].day < w->today)
            add_row(out, count[i].product, count[i].day, ROW_COUNTED, count[i].quantity);
    stock_since(w->t, partner_no, from, w->today - 1, a, &now);
    for (size_t i = 0; i < now.empties; i++) {
        const stock_empty *x = &now.empty[i];
        if (x->from >= from) add_row(out, x->product, x->from, ROW_EMPTY, 0);
        if (x->to + 1 >= from && x->to + 1 < w->today) add_row(out, x->product, x->to + 1, ROW_SOME, 1);
    }
}

static void read_marked(series_world *w, uint32_t member, day_t from, rows *out) {
    size_t low = 0, high = w->one_offs;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (w->one_off[middle].partner < member) low = middle + 1;
        else
            high = middle;
    }
    for (; low < w->one_offs && w->one_off[low].partner == member; low++) {
        const one_off *x = &w->one_off[low];
        if (x->day >= from && x->day < w->today) add_row(out, x->product, x->day, ROW_ONE_OFF, x->quantity);
    }
}

static void read_days(series_world *w, uint32_t partner_no, day_t from, arena *a, rows *out, bool *sell_in) {
    uint32_t *member;
    size_t n = members_of(&w->f, partner_no, a, &member);
    *out = (rows){.a = a};
    *sell_in = !reports_sales(w, member, n);
    for (size_t i = 0; i < n; i++) {
        read_flows(w, member[i], from, *sell_in ? SHIPPED : SALES, out);
        read_marked(w, member[i], from, out);
    }
    if (!*sell_in) read_stock(w, partner_no, from, a, out);
    if (out->n) qsort(out->v, out->n, sizeof *out->v, by_product_and_day);
}

static bool promoted(series_world *w, uint32_t partner_no, const product *p, bool sell_in, day_t day) {
    for (size_t i = 0; i < w->promotions.rows; i++) {
        const promotion *x = &w->promotions.row[i];
        if (x->sell_in != sell_in || day < x->from || day > x->to) continue;
        if (scope_product(x->products, p) && scope_partner(w->t, x->partners, partner_no)) return true;
    }
    return false;
}

/* One more row of a day. What is a one-off is taken out of what was sold that day. */
static void add_to_day(demand_day *d, const row *x, unsigned *one_offs) {
    if (x->kind == ROW_SOLD) d->sold += x->quantity;
    else if (x->kind != ROW_ONE_OFF)
        d->stock = x->quantity;
    else if (d->sold > 0)
        d->sold -= x->quantity == NUM_NONE || x->quantity > d->sold ? d->sold : x->quantity, ++*one_offs;
}

typedef struct day_run { /* the days of one product */
    demand_day *v;
    size_t n;
    unsigned one_offs;
} day_run;

/* The rows of one product from `at` on as days, one a day; returns where the next product begins. */
static size_t days_of(series_world *w, uint32_t partner_no, const product *p, bool sell_in, const rows *r, size_t at,
                      day_run *out) {
    out->n = out->one_offs = 0;
    for (uint32_t of = r->v[at].product; at < r->n && r->v[at].product == of; at++) {
        const row *x = &r->v[at];
        if (out->n == 0 || out->v[out->n - 1].day != x->day)
            out->v[out->n++] = (demand_day){x->day, 0, NUM_NONE, promoted(w, partner_no, p, sell_in, x->day), false};
        add_to_day(&out->v[out->n - 1], x, &out->one_offs);
    }
    return at;
}

/* ---- the cache */

static key cache_key(uint32_t partner_no, uint32_t product_no) {
    key k = {.n = 0};
    key_u32(&k, partner_no);
    key_u32(&k, product_no);
    return k;
}

/* What else than the days the states rest on. */
static void stamp_of(series_world *w, const series_set *s, uint8_t out[static NO_STAMP]) {
    AUTO(buf) b = {0};
    AUTO(arena) a = {0};
    uint8_t digest[DIGEST_SIZE];
    rows marked = {.a = &a};
    arena_init(&a, SIZE_MAX); /* bounded by the table one_off */
    buf_printf(&b, "%d %zu %s %d %d ", STATE_VERSION, sizeof(demand_state), CHANNELD_VERSION, s->sell_in, w->transit);
    seasons_put(&w->seasons, &b);
    for (size_t i = 0; i < s->members; i++) read_marked(w, s->member[i], DAY_MIN, &marked);
    if (marked.n) qsort(marked.v, marked.n, sizeof *marked.v, by_product_and_day);
    for (size_t i = 0; i < marked.n; i++) {
        buf_be32(&b, marked.v[i].product);
        buf_zigzag(&b, marked.v[i].day);
        buf_zigzag(&b, marked.v[i].quantity);
    }
    for (size_t i = 0; i < w->promotions.rows; i++) {
        const promotion *x = &w->promotions.row[i];
        if (x->sell_in != s->sell_in) continue;
        buf_text(&b, x->products);
        buf_text(&b, x->partners);
        buf_zigzag(&b, x->from);
        buf_zigzag(&b, x->to);
    }
    digest_of(buf_str(&b), digest);
    memcpy(out, digest, NO_STAMP);
}

static uint8_t rules_byte(const stock_rule *r) {
    return (uint8_t)((unsigned)r->policy.demand.bucket << 1 | (r->policy.demand.promotions_count ? 1 : 0));
}

static void add_series(series_set *s, size_t *cap, arena *a, const series *x) {
    s->v = arena_grown(a, s->v, s->n, cap, sizeof *s->v);
    s->v[s->n++] = *x;
}

/* False: there is nothing to go on from. */
static bool read_cache(series_world *w, series_set *s, size_t *cap, arena *a) {
    key head = cache_key(s->partner, 0), prefix = {.n = 0};
    str val;
    if (!kv_get(w->t, TABLE_DEMAND, key_str(&head), &val) || val.n != 4 + NO_STAMP) return false;
    s->through = (day_t)get_be32(val.p);
    if (memcmp(val.p + 4, s->stamp, NO_STAMP) != 0 || s->through >= w->today) return false;
    if (s->touched <= s->through) return false;
    key_u32(&prefix, s->partner);
    for (AUTO(kv_cursor) c = kv_from(w->t, TABLE_DEMAND, key_str(&prefix), STR_NONE); kv_next(&c);) {
        product p;
        series x = {.product = get_be32(c.key.p + 4)};
        if (x.product == 0) continue;
        x.rule = product_by_no(w->t, x.product, &p) ? stock_rules_for(w->t, w->rules, s->partner, &p) : NULL;
        if (c.val.n != 1 + sizeof x.state || x.rule == NULL || (uint8_t)c.val.p[0] != rules_byte(x.rule)) return false;
        memcpy(&x.state, c.val.p + 1, sizeof x.state);
        x.season = season_of(&w->seasons, p.category);
        add_series(s, cap, a, &x);
    }
    return true;
}

static series *series_of(series_set *s, size_t known, uint32_t product_no) {
    size_t low = 0, high = known;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (s->v[middle].product < product_no) low = middle + 1;
        else
            high = middle;
    }
    return low < known && s->v[low].product == product_no ? &s->v[low] : NULL;
}

static int by_number(const void *x, const void *y) {
    const series *a = x, *b = y;
    return (a->product > b->product) - (a->product < b->product);
}

/* Post new days on what is known; false: one of them does not go, all is to be rebuilt. */
static bool add_days(series_world *w, series_set *s, size_t *cap, const rows *r, arena *a) {
    size_t known = s->n;
    day_run run = {.v = ARENA_NEW(a, demand_day, r->n + 1)};
    ASSERT(run.v != NULL);
    for (size_t at = 0; at < r->n;) {
        product p;
        series x = {.product = r->v[at].product}, *into = series_of(s, known, x.product);
        if (!product_by_no(w->t, x.product, &p)) p = (product){.no = x.product};
        at = days_of(w, s->partner, &p, s->sell_in, r, at, &run);
        x.season = season_of(&w->seasons, p.category);
        x.rule = into ? into->rule : stock_rules_for(w->t, w->rules, s->partner, &p);
        if (x.rule == NULL) continue;
        const demand_rules *rules = &x.rule->policy.demand;
        if (into == NULL) demand_rebuild(&x.state, rules, x.season, run.v, run.n, NULL);
        for (size_t i = 0; into && i < run.n; i++)
            if (!demand_post(&into->state, rules, x.season, &run.v[i])) return false;
        if (into == NULL) add_series(s, cap, a, &x);
    }
    if (s->n) qsort(s->v, s->n, sizeof *s->v, by_number);
    return true;
}

void series_load(series_world *w, uint32_t partner_no, arena *a, series_set *out) {
    rows r;
    size_t cap = 0;
    bool sell_in;
    *out = (series_set){.partner = partner_no, .touched = DAY_MAX};
    out->members = members_of(&w->f, partner_no, a, &out->member);
    out->mark = ARENA_NEW(a, demand_mark, out->members + 1);
    ASSERT(out->mark != NULL);
    for (size_t i = 0; i < out->members; i++) {
        out->mark[i] = demand_mark_get(w->t, out->member[i]);
        if (out->mark[i].first < out->touched) out->touched = out->mark[i].first;
    }
    out->sell_in = !reports_sales(w, out->member, out->members);
    stamp_of(w, out, out->stamp);
    if (read_cache(w, out, &cap, a)) {
        day_t from = out->through + 1;
        out->moved = out->through != w->today - 1;
        out->through = w->today - 1;
        read_days(w, partner_no, from, a, &r, &sell_in);
        if (add_days(w, out, &cap, &r, a)) return;
    }
    out->n = cap = 0;
    out->v = NULL;
    out->moved = out->rebuilt = true;
    out->through = w->today - 1;
    read_days(w, partner_no, DAY_MIN, a, &r, &sell_in);
    (void)add_days(w, out, &cap, &r, a); /* every series is new: nothing is posted on another */
}

void series_store(txn *t, const series_set *s) {
    uint8_t head[4 + NO_STAMP], body[1 + sizeof(demand_state)];
    key k = cache_key(s->partner, 0);
    put_be32(head, (uint32_t)s->through);
    memcpy(head + 4, s->stamp, NO_STAMP);
    kv_put(t, TABLE_DEMAND, key_str(&k), str_from(head, sizeof head));
    for (size_t i = 0; i < s->n; i++) {
        key of = cache_key(s->partner, s->v[i].product);
        body[0] = rules_byte(s->v[i].rule);
        memcpy(body + 1, &s->v[i].state, sizeof(demand_state));
        kv_put(t, TABLE_DEMAND, key_str(&of), str_from(body, sizeof body));
    }
    for (size_t i = 0; i < s->members; i++) demand_mark_end(t, s->member[i], &s->mark[i]);
}

size_t series_days(series_world *w, uint32_t partner_no, uint32_t product_no, arena *a, demand_day **out,
                   unsigned *one_offs) {
    rows r, kept = {.a = a};
    day_run run = {.n = 0};
    product p = {.no = product_no};
    bool sell_in;
    (void)product_by_no(w->t, product_no, &p);
    read_days(w, partner_no, DAY_MIN, a, &r, &sell_in);
    for (size_t i = 0; i < r.n; i++)
        if (r.v[i].product == product_no) add_row(&kept, product_no, r.v[i].day, r.v[i].kind, r.v[i].quantity);
    *out = run.v = ARENA_NEW(a, demand_day, kept.n + 1);
    ASSERT(run.v != NULL);
    if (kept.n) (void)days_of(w, partner_no, &p, sell_in, &kept, 0, &run);
    if (one_offs) *one_offs = run.one_offs;
    return run.n;
}

/* ---- seasons */

typedef struct group_total {
    str name;
    size_t first;            /* day with a sale */
    double day[SEASON_MOST]; /* the last one is yesterday */
} group_total;

typedef struct fit {
    group_total **v;
    size_t n, cap;
    map index;
    arena *a;
} fit;

static group_total *total_of(fit *f, str category) {
    bool created;
    uint64_t *at = map_at(&f->index, category, &created);
    if (!created) return f->v[*at];
    group_total *g = ARENA_NEW(f->a, group_total, 1);
    ASSERT(g != NULL);
    g->name = category.n ? arena_str(f->a, category) : STR("");
    g->first = SEASON_MOST;
    f->v = arena_grown(f->a, f->v, f->n, &f->cap, sizeof *f->v);
    f->v[ *at = f->n++] = g;
    return g;
}

static void add_partner(series_world *w, fit *f, uint32_t partner_no) {
    AUTO(arena) a = {0};
    rows r;
    bool sell_in;
    arena_init(&a, SIZE_MAX); /* bounded by the books of one partner */
    day_t oldest = w->today - SEASON_MOST;
    read_days(w, partner_no, oldest, &a, &r, &sell_in);
    day_run run = {.v = ARENA_NEW(&a, demand_day, r.n + 1)};
    ASSERT(run.v != NULL);
    for (size_t at = 0; at < r.n;) {
        product p;
        if (!product_by_no(w->t, r.v[at].product, &p)) p = (product){.no = r.v[at].product, .category = STR("")};
        at = days_of(w, partner_no, &p, sell_in, &r, at, &run);
        if (stock_rules_for(w->t, w->rules, partner_no, &p) == NULL) continue;
        group_total *g = total_of(f, p.category);
        for (size_t i = 0; i < run.n; i++) {
            size_t day = (size_t)(run.v[i].day - oldest);
            if (run.v[i].sold <= 0 || run.v[i].promotion || p.category.n == 0) continue;
            g->day[day] += (double)run.v[i].sold / 1000;
            if (day < g->first) g->first = day;
        }
    }
}

size_t series_fit(series_world *w, const uint32_t *partner_no, size_t n, arena *a, Entry__SeasonRow ***out) {
    fit f = {.a = a};
    for (size_t i = 0; i < n; i++) add_partner(w, &f, partner_no[i]);
    *out = ARENA_NEW(a, Entry__SeasonRow *, f.n + 1);
    ASSERT(*out != NULL);
    for (size_t i = 0; i < f.n; i++) {
        season_profile p;
        Entry__SeasonRow *m = (*out)[i] = ARENA_NEW(a, Entry__SeasonRow, 1);
        uint32_t *factor = ARENA_NEW(a, uint32_t, SEASON_FACTORS);
        ASSERT(m != NULL && factor != NULL);
        entry__season_row__init(m);
        const group_total *g = f.v[i];
        season_fit(&p, BUCKET_DAY, w->today - SEASON_MOST + (day_t)g->first, g->day + g->first, SEASON_MOST - g->first);
        m->group = (char *)(uintptr_t)g->name.p;
        m->factor = factor;
        m->n_factor = season_row(&p, factor);
    }
    map_free(&f.index);
    return f.n;
}
