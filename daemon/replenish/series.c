#include "daemon/replenish/series.h"

#include "daemon/catalog/scope.h"
#include "daemon/ledger/flow.h"
#include "daemon/ledger/members.h"
#include "daemon/ledger/stock.h"
#include "daemon/store/store.h"
#include "proto/digest.h"
#include <stdlib.h>

enum { STATE_VERSION = 1, NO_STAMP = 8 };

void series_world_open(series_world *w, txn *t, const stock_rules *rules, day_t today) {
    *w = (series_world){.t = t, .rules = rules, .today = today};
    arena_init(&w->a, SIZE_MAX); /* grows with the promotions */
    facts_init(&w->f, t);
    promotions_load(t, &w->a, &w->promotions);
}

void series_world_auto(series_world *w) {
    promotions_free(&w->promotions);
    facts_free(&w->f);
    arena_free(&w->a);
}

/* ---- days out of the books */

typedef struct row {
    uint32_t product;
    day_t day;
    bool counted;
    int64_t quantity;
} row;

typedef struct rows {
    row *v;
    size_t n, cap;
    arena *a;
} rows;

static void add_row(rows *r, uint32_t product_no, day_t day, bool counted, int64_t quantity) {
    r->v = arena_grown(r->a, r->v, r->n, &r->cap, sizeof *r->v);
    r->v[r->n++] = (row){product_no, day, counted, quantity};
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
            add_row(out, k.product, k.day, false, flow_sum_at(c.val, i).quantity);
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
    return (int)a->counted - (int)b->counted;
}

static void read_days(series_world *w, uint32_t partner_no, day_t from, arena *a, rows *out, bool *sell_in) {
    uint32_t *member;
    stock_count *count;
    size_t n = members_of(&w->f, partner_no, a, &member), counts = stock_counts(w->t, partner_no, a, &count);
    *out = (rows){.a = a};
    *sell_in = !reports_sales(w, member, n);
    for (size_t i = 0; i < n; i++) read_flows(w, member[i], from, *sell_in ? SHIPPED : SALES, out);
    for (size_t i = 0; i < counts; i++)
        if (count[i].day >= from && count[i].day < w->today && !*sell_in)
            add_row(out, count[i].product, count[i].day, true, count[i].quantity);
    if (out->n) qsort(out->v, out->n, sizeof *out->v, by_product_and_day);
}

static bool promoted(series_world *w, uint32_t partner_no, const product *p, day_t day) {
    for (size_t i = 0; i < w->promotions.rows; i++) {
        const promotion *x = &w->promotions.row[i];
        if (x->sell_in || day < x->from || day > x->to) continue;
        if (scope_product(x->products, p) && scope_partner(w->t, x->partners, partner_no)) return true;
    }
    return false;
}

/* The rows of one product from `at` on as days, one a day; returns where the next product begins. */
static size_t days_of(series_world *w, uint32_t partner_no, const product *p, const rows *r, size_t at, demand_day *day,
                      size_t *n) {
    *n = 0;
    for (uint32_t of = r->v[at].product; at < r->n && r->v[at].product == of; at++) {
        const row *x = &r->v[at];
        if (*n == 0 || day[*n - 1].day != x->day)
            day[(*n)++] = (demand_day){x->day, 0, NUM_NONE, promoted(w, partner_no, p, x->day), false};
        if (x->counted) day[*n - 1].stock = x->quantity;
        else
            day[*n - 1].sold += x->quantity;
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
static void stamp_of(series_world *w, bool sell_in, uint8_t out[static NO_STAMP]) {
    AUTO(buf) b = {0};
    uint8_t digest[DIGEST_SIZE];
    buf_printf(&b, "%d %zu %s %d ", STATE_VERSION, sizeof(demand_state), CHANNELD_VERSION, sell_in);
    for (size_t i = 0; i < w->promotions.rows; i++) {
        const promotion *x = &w->promotions.row[i];
        if (x->sell_in) continue;
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
    demand_day *day = ARENA_NEW(a, demand_day, r->n + 1);
    ASSERT(day != NULL);
    for (size_t at = 0, n; at < r->n;) {
        product p;
        series x = {.product = r->v[at].product}, *into = series_of(s, known, x.product);
        if (!product_by_no(w->t, x.product, &p)) p = (product){.no = x.product};
        at = days_of(w, s->partner, &p, r, at, day, &n);
        x.rule = into ? into->rule : stock_rules_for(w->t, w->rules, s->partner, &p);
        if (x.rule == NULL) continue;
        demand_state *state = into ? &into->state : &x.state;
        if (into == NULL) demand_rebuild(state, &x.rule->policy.demand, NULL, day, n, NULL);
        for (size_t i = 0; into && i < n; i++)
            if (!demand_post(state, &x.rule->policy.demand, NULL, &day[i])) return false;
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
    stamp_of(w, out->sell_in, out->stamp);
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

size_t series_days(series_world *w, uint32_t partner_no, uint32_t product_no, arena *a, demand_day **out) {
    rows r, kept = {.a = a};
    product p = {.no = product_no};
    bool sell_in;
    size_t n = 0;
    (void)product_by_no(w->t, product_no, &p);
    read_days(w, partner_no, DAY_MIN, a, &r, &sell_in);
    for (size_t i = 0; i < r.n; i++)
        if (r.v[i].product == product_no) add_row(&kept, product_no, r.v[i].day, r.v[i].counted, r.v[i].quantity);
    *out = ARENA_NEW(a, demand_day, kept.n + 1);
    ASSERT(*out != NULL);
    if (kept.n) (void)days_of(w, partner_no, &p, &kept, 0, *out, &n);
    return n;
}
