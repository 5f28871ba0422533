#include "daemon/ledger/query.h"

#include "base/map.h"
#include "daemon/catalog/calendar.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/ledger/facts.h"
#include "daemon/ledger/stock.h"
#include <stdlib.h>

static const char *const names[DIM_COUNT] = {
#define X(dim, name) [dim] = name,
    FLOW_DIMENSIONS(X)
#undef X
};

const char *flow_dimension_name(flow_dimension d) {
    return names[d];
}

bool flow_dimension_parse(str s, flow_dimension *out) {
    for (flow_dimension d = 0; d < DIM_COUNT; d++)
        if (str_is(s, names[d])) return *out = d, true;
    return false;
}

/* A combination while it is added up. */
typedef struct group {
    flow_row row;
    str key, unit;
    bool mixed, priced, first;
    int64_t quantity, amount;
} group;

typedef struct runner {
    txn *t;
    const flow_query *q;
    arena *a;
    facts facts;
    map index;
    group **group;
    size_t groups, cap;
    fiscal_calendar calendar;
    unsigned wanted; /* bits of the dimensions asked for */
    bool full;       /* the arena is */
    buf key;
} runner;

static bool wants(const runner *r, flow_dimension d) {
    return r->wanted >> d & 1;
}

/* One line, or one sum, as the dimensions see it. */
typedef struct flow_fact {
    uint32_t partner, product, region, currency;
    day_t day; /* of the month's first day where only the month is known */
    flow_kind kind;
    int64_t quantity, amount; /* NUM_NONE: no price */
    str company, channel, customer;
} flow_fact;

static void put_value(runner *r, flow_dimension d, const flow_fact *f, buf *out) {
    const flow_query *q = r->q;
    const partner_fact *p = d <= DIM_PLACE ? partner_fact_of(&r->facts, f->partner) : NULL;
    const product_fact *x = d >= DIM_PRODUCT && d <= DIM_CATEGORY ? product_fact_of(&r->facts, f->product) : NULL;
    switch (d) {
    case DIM_PARTNER: buf_add(out, q->rollup ? partner_fact_of(&r->facts, p->reporter)->id : p->id); break;
    case DIM_PLACE: buf_add(out, p->id); break;
    case DIM_PRODUCT: buf_add(out, x->sku); break;
    case DIM_BRAND: buf_add(out, x->brand); break;
    case DIM_CATEGORY: buf_add(out, x->category); break;
    case DIM_REGION: buf_add(out, region_text(&r->facts, f->region, q->level, q->areas)); break;
    case DIM_AREA: buf_add(out, region_text(&r->facts, f->region, REGION_LEVEL_NONE, true)); break;
    case DIM_DAY: day_put(out, f->day); break;
    case DIM_WEEK: week_put(out, f->day); break;
    case DIM_MONTH: month_put(out, month_of(f->day)); break;
    case DIM_FISCAL_MONTH: span_put(&r->calendar, SPAN_MONTH, f->day, out); break;
    case DIM_QUARTER: span_put(&r->calendar, SPAN_QUARTER, f->day, out); break;
    case DIM_HALF: span_put(&r->calendar, SPAN_HALF, f->day, out); break;
    case DIM_YEAR: span_put(&r->calendar, SPAN_YEAR, f->day, out); break;
    case DIM_KIND: buf_addz(out, flow_kind_name(f->kind)); break;
    case DIM_COMPANY: buf_add(out, f->company); break;
    case DIM_CUSTOMER: buf_add(out, f->customer); break;
    case DIM_CHANNEL: buf_add(out, f->channel); break;
    default: break;
    }
}

/* The values closed by 0, kind, currency: texts have no 0, so this is one combination and no other. */
static group *group_of(runner *r, const flow_fact *f) {
    buf_clear(&r->key);
    for (size_t i = 0; i < r->q->dims; i++) {
        put_value(r, r->q->by[i], f, &r->key);
        buf_byte(&r->key, 0);
    }
    buf_byte(&r->key, (char)f->kind);
    buf_be32(&r->key, f->currency);
    uint64_t *at = map_find(&r->index, buf_str(&r->key));
    if (at) return r->group[*at];
    if (r->groups == r->cap) {
        r->cap = r->cap ? 2 * r->cap : 256;
        r->group = reallocarray(r->group, r->cap, sizeof(group *));
        ASSERT(r->group != NULL);
    }
    str kept = arena_str(r->a, buf_str(&r->key));
    group *g = kept.p ? ARENA_NEW(r->a, group, 1) : NULL;
    if (g == NULL) return r->full = true, NULL;
    *g = (group){.key = kept, .first = true};
    g->row = (flow_row){.kind = f->kind, .currency = f->currency};
    str rest = kept;
    for (size_t i = 0; i < r->q->dims; i++) (void)str_split(&rest, 0, &g->row.value[i]);
    *map_at(&r->index, kept, NULL) = r->groups;
    return r->group[r->groups++] = g;
}

static bool selected(runner *r, const flow_fact *f) {
    const flow_query *q = r->q;
    if (q->kinds && !(q->kinds >> f->kind & 1)) return false;
    if (q->product && f->product != q->product) return false;
    if (q->era && (f->day < partner_fact_of(&r->facts, f->partner)->live) != (q->era == ERA_HISTORY)) return false;
    if (q->region && !region_inside(&r->facts, f->region, q->region)) return false;
    if (q->partner == 0 || f->partner == q->partner) return true;
    return q->rollup && partner_fact_of(&r->facts, f->partner)->reporter == q->partner;
}

static void count(runner *r, const flow_fact *f) {
    if (!selected(r, f)) return;
    group *g = group_of(r, f);
    if (g == NULL) return;
    str unit = f->product ? product_fact_of(&r->facts, f->product)->base_unit : STR("");
    if (f->product == 0 || (!g->first && !str_eq(unit, g->unit))) g->mixed = true;
    g->unit = unit;
    g->first = false;
    if (!add_i64(g->quantity, f->quantity, &g->quantity)) g->mixed = true;
    if (f->amount == NUM_NONE) return;
    g->priced = true;
    if (!add_i64(g->amount, f->amount, &g->amount)) r->full = true;
}

static void count_sum(runner *r, flow_fact f, const flow_sum *s) {
    f.currency = s->currency;
    f.quantity = s->quantity;
    f.amount = s->unpriced == s->lines ? NUM_NONE : s->amount;
    count(r, &f);
}

static void count_sums(runner *r, flow_fact f, str val) {
    for (size_t i = 0; i < flow_sum_count(val); i++) {
        flow_sum s = flow_sum_at(val, i);
        count_sum(r, f, &s);
    }
}

/* The partner from which on a walk in partner order has something to do: all, or the one asked for. */
static bool one_partner(const flow_query *q) {
    return q->partner && !q->rollup;
}

/* A table whose keys begin with partner u32: leaps over partners that cannot be meant. */
static bool partner_meant(runner *r, uint32_t no) {
    const flow_query *q = r->q;
    return q->partner == 0 || no == q->partner || (q->rollup && partner_fact_of(&r->facts, no)->reporter == q->partner);
}

/* The next partner ≥ from that has keys in the table and is meant; 0: none. */
static uint32_t next_partner(runner *r, kv_table table, uint64_t from) {
    if (one_partner(r->q)) return from <= r->q->partner ? r->q->partner : 0;
    while (from <= UINT32_MAX) {
        key k = {.n = 0};
        key_u32(&k, (uint32_t)from);
        kv_cursor c = kv_from(r->t, table, STR(""), key_str(&k));
        uint32_t no = kv_next(&c) ? get_be32(c.key.p) : 0;
        kv_end(&c);
        if (no == 0 || partner_meant(r, no)) return no;
        from = (uint64_t)no + 1;
    }
    return 0;
}

static void walk_days(runner *r) {
    for (uint64_t no = 0; (no = next_partner(r, TABLE_FLOW_DAY, no)) != 0; no++) {
        key prefix = {.n = 0}, start = {.n = 0};
        key_u32(&prefix, (uint32_t)no);
        key_u32(&start, (uint32_t)no);
        key_day(&start, r->q->from);
        AUTO(kv_cursor) c = kv_from(r->t, TABLE_FLOW_DAY, key_str(&prefix), key_str(&start));
        while (kv_next(&c)) {
            flow_day_key k = flow_day_parse(c.key);
            if (k.day > r->q->to) break;
            count_sums(r, (flow_fact){.partner = k.partner, .product = k.product, .day = k.day, .kind = k.kind}, c.val);
        }
    }
}

static void count_year(runner *r, str stored_key, str val) {
    flow_month_key k = flow_month_parse(stored_key);
    for (size_t i = 0; i < flow_sum_count(val); i++) {
        flow_sum s = flow_sum_at(val, i);
        int32_t month = 12 * k.year + (int32_t)s.part;
        flow_fact f = {.partner = k.partner, .product = k.product, .day = month_first(month), .kind = k.kind};
        if (month >= month_of(r->q->from) && month <= month_of(r->q->to)) count_sum(r, f, &s);
    }
}

static void walk_months(runner *r) {
    for (uint64_t no = 0; (no = next_partner(r, TABLE_FLOW_MONTH, no)) != 0; no++) {
        key prefix = {.n = 0};
        key_u32(&prefix, (uint32_t)no);
        if (r->q->product) key_u32(&prefix, r->q->product);
        AUTO(kv_cursor) c = kv_from(r->t, TABLE_FLOW_MONTH, key_str(&prefix), STR_NONE);
        while (kv_next(&c)) count_year(r, c.key, c.val);
    }
}

static void walk_regions(runner *r) {
    for (flow_kind kind = FLOW_SELL_IN; kind < FLOW_OPENING; kind++) {
        if (r->q->kinds && !(r->q->kinds >> kind & 1)) continue;
        key prefix = {.n = 0}, start = {.n = 0};
        key_u8(&prefix, (uint8_t)kind);
        key_u8(&start, (uint8_t)kind);
        key_u32(&start, (uint32_t)month_of(r->q->from));
        AUTO(kv_cursor) c = kv_from(r->t, TABLE_FLOW_REGION, key_str(&prefix), key_str(&start));
        while (kv_next(&c)) {
            flow_region_key k = flow_region_parse(c.key);
            if (k.month > month_of(r->q->to)) break;
            count_sums(
                r, (flow_fact){.region = k.region, .product = k.product, .day = month_first(k.month), .kind = k.kind},
                c.val);
        }
    }
}

static void count_posted(runner *r, const posting *p, const posted *x) {
    flow_fact f = {.partner = x->partner,
                   .product = x->product,
                   .region = x->region,
                   .currency = x->currency,
                   .day = x->day,
                   .kind = (flow_kind)x->kind,
                   .quantity = x->quantity,
                   .amount = x->amount,
                   .company = p->text[x->company],
                   .channel = p->text[x->channel]};
    if (wants(r, DIM_CUSTOMER))
        f.customer = x->customer       ? customer_text(&r->facts, x->customer)
                     : x->counterparty ? partner_fact_of(&r->facts, x->counterparty)->id
                                       : STR("");
    if (x->customer && r->q->shows && wants(r, DIM_CUSTOMER) && selected(r, &f)) r->q->shows(r->q->arg, x->customer);
    count(r, &f);
}

/* A posting stands under every partner and day it has lines of: from each place only those lines are taken. */
static void walk_postings(runner *r) {
    AUTO(arena) a = {0};
    arena_init(&a, SIZE_MAX);
    for (uint64_t no = 0; (no = next_partner(r, TABLE_DOCUMENT_DAY, no)) != 0; no++) {
        key prefix = {.n = 0}, start = {.n = 0};
        key_u32(&prefix, (uint32_t)no);
        key_u32(&start, (uint32_t)no);
        key_day(&start, r->q->from);
        AUTO(kv_cursor) c = kv_from(r->t, TABLE_DOCUMENT_DAY, key_str(&prefix), key_str(&start));
        while (kv_next(&c)) {
            reader k = reader_of(str_skip(c.key, 4));
            posting p;
            day_t day = read_day(&k);
            if (day > r->q->to) break;
            arena_reset(&a);
            if (!posting_get(r->t, read_be64(&k), &a, &p)) continue;
            for (uint32_t i = 0; i < p.rows; i++)
                if (p.row[i].partner == no && p.row[i].day == day && p.row[i].kind != FLOW_COUNT)
                    count_posted(r, &p, &p.row[i]);
        }
    }
}

/* Openings and adjustments, which are stored nowhere. */
static void walk_counts(runner *r) {
    AUTO(arena) a = {0};
    const uint32_t both = 1U << FLOW_OPENING | 1U << FLOW_ADJUSTMENT;
    if (r->q->kinds && !(r->q->kinds & both)) return;
    arena_init(&a, SIZE_MAX);
    for (uint64_t no = 0; (no = next_partner(r, TABLE_STOCK_COUNT, no)) != 0; no++) {
        stock s;
        arena_reset(&a);
        stock_of(r->t, (uint32_t)no, r->q->to, &a, &s);
        for (size_t i = 0; i < s.events; i++) {
            const stock_event *x = &s.event[i];
            if (x->day < r->q->from) continue;
            count(r, &(flow_fact){.partner = (uint32_t)no,
                                  .product = x->product,
                                  .region = partner_fact_of(&r->facts, (uint32_t)no)->home,
                                  .day = x->day,
                                  .kind = x->kind,
                                  .quantity = x->quantity,
                                  .amount = NUM_NONE});
        }
    }
}

static bool whole_months(const flow_query *q) {
    civil from = civil_of(q->from), to = civil_of(q->to);
    return (q->from == DAY_MIN || from.day == 1) && (q->to == DAY_MAX || to.day == days_in_month(to.year, to.month));
}

/* Are fiscal months asked for that are not those of the calendar? */
static bool shifted_months(const runner *r) {
    unsigned fiscal = 1U << DIM_FISCAL_MONTH | 1U << DIM_QUARTER | 1U << DIM_HALF | 1U << DIM_YEAR;
    return r->wanted & fiscal && (r->calendar.starts != 1 || r->calendar.firsts > 0);
}

/* The cheapest table that knows what was asked. */
static void walk(runner *r) {
    const flow_query *q = r->q;
    bool days = wants(r, DIM_DAY) || wants(r, DIM_WEEK) || shifted_months(r) || !whole_months(q) || q->era;
    bool region = wants(r, DIM_REGION) || wants(r, DIM_AREA) || q->region;
    bool partner_too = wants(r, DIM_PARTNER) || wants(r, DIM_PLACE) || q->partner;
    bool lines = wants(r, DIM_COMPANY) || wants(r, DIM_CUSTOMER) || wants(r, DIM_CHANNEL);
    if (lines || (region && (partner_too || days))) walk_postings(r);
    else if (region)
        walk_regions(r);
    else if (days)
        walk_days(r);
    else
        walk_months(r);
    walk_counts(r);
}

static int by_key(const void *x, const void *y) {
    const group *const *a = x, *const *b = y;
    return str_cmp((*a)->key, (*b)->key);
}

static flow_row finished(const group *g) {
    flow_row row = g->row;
    row.quantity = g->mixed ? NUM_NONE : g->quantity;
    row.amount = g->priced ? g->amount : NUM_NONE;
    if (row.kind == FLOW_OPENING || row.kind == FLOW_ADJUSTMENT) row.currency = 0;
    return row;
}

bool flow_query_run(txn *t, const flow_query *q, arena *a, flow_row **out, size_t *rows, err *e) {
    runner r = {.t = t, .q = q, .a = a};
    for (size_t i = 0; i < q->dims; i++) r.wanted |= 1U << q->by[i];
    facts_init(&r.facts, t);
    calendar_load(t, a, &r.calendar);
    walk(&r);
    if (r.groups) qsort(r.group, r.groups, sizeof(group *), by_key);
    *out = ARENA_NEW(a, flow_row, r.groups + 1);
    *rows = 0;
    for (size_t i = 0; *out && i < r.groups; i++)
        if (r.group[i]->quantity || r.group[i]->amount) (*out)[(*rows)++] = finished(r.group[i]);
    bool ok = *out != NULL && !r.full;
    facts_free(&r.facts);
    map_free(&r.index);
    buf_free(&r.key);
    free(r.group);
    TRY(txn_ok(t, e));
    return ok || err_set(e, ERR_DATA, "too many combinations: narrow the span or ask by fewer dimensions");
}
