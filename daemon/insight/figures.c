#include "daemon/insight/figures.h"

#include "daemon/catalog/product.h"

static const struct measure_fact {
    const char *name;
    uint32_t kinds;
} measures[FIGURE_MEASURE_COUNT] = {
#define X(measure, name, kinds) [measure] = {name, kinds},
    FIGURE_MEASURES(X)
#undef X
};

const char *figure_measure_name(figure_measure m) {
    return measures[m].name;
}

bool figure_measure_parse(str s, figure_measure *out) {
    for (figure_measure m = 0; m < FIGURE_MEASURE_COUNT; m++)
        if (str_is(s, measures[m].name)) return *out = m, true;
    return false;
}

/* Told each sum that a walk finds: what it is of, and its day. */
typedef struct walker {
    txn *t;
    const figure_scope *s;
    facts *facts;
    day_span span;
    void (*tell)(struct walker *w, uint32_t no, day_t day, int64_t v);
    void *arg;
    figure_by by;
    bool any, others, bad;
} walker;

static bool listed(const uint32_t *v, size_t n, uint32_t no) {
    for (size_t i = 0; i < n; i++)
        if (v[i] == no) return true;
    return n == 0;
}

static void take(walker *w, uint32_t no, day_t day, const flow_sum *f) {
    const figure_scope *s = w->s;
    w->any = true;
    if (s->quantity) {
        w->tell(w, no, day, f->quantity);
        return;
    }
    if (f->currency != s->currency || f->unpriced) w->others = true;
    if (f->currency == s->currency) w->tell(w, no, day, f->amount);
}

static void walk_total(walker *w, flow_kind kind, int32_t month) {
    key prefix = {.n = 0};
    key_u8(&prefix, (uint8_t)kind);
    key_u32(&prefix, (uint32_t)month);
    day_t first = month_first(month);
    for (AUTO(kv_cursor) c = kv_from(w->t, TABLE_FLOW_TOTAL, key_str(&prefix), STR_NONE); kv_next(&c);) {
        flow_total_key k = flow_total_parse(c.key);
        if ((w->s->brand && k.brand != w->s->brand) || !listed(w->s->province, w->s->provinces, k.province)) continue;
        for (size_t i = 0; i < flow_sum_count(c.val); i++) {
            flow_sum f = flow_sum_at(c.val, i);
            day_t day = first + (day_t)f.part;
            if (day >= w->span.from && day <= w->span.to)
                take(w, w->by == FIGURE_BY_BRAND ? k.brand : k.province, day, &f);
        }
    }
}

/* The brand that the product has now: of single partners days are read as they stand, product by product. */
static bool is_brand(walker *w, uint32_t product_no) {
    return w->s->brand == 0 ||
           (product_no && brand_no(w->t, product_fact_of(w->facts, product_no)->brand) == w->s->brand);
}

static uint32_t part_of(walker *w, const flow_day_key *k) {
    if (w->by == FIGURE_BY_PARTNER) return k->partner;
    if (w->by == FIGURE_BY_PRODUCT) return k->product;
    if (w->by == FIGURE_BY_BRAND) return k->product ? brand_no(w->t, product_fact_of(w->facts, k->product)->brand) : 0;
    return region_at_level(w->t, partner_fact_of(w->facts, k->partner)->home, REGION_PROVINCE);
}

static void walk_partner(walker *w, uint32_t kinds, uint32_t partner_no) {
    key prefix = {.n = 0}, start = {.n = 0};
    key_u32(&prefix, partner_no);
    key_u32(&start, partner_no);
    key_day(&start, w->span.from);
    for (AUTO(kv_cursor) c = kv_from(w->t, TABLE_FLOW_DAY, key_str(&prefix), key_str(&start)); kv_next(&c);) {
        flow_day_key k = flow_day_parse(c.key);
        if (k.day > w->span.to) break;
        if (!(kinds >> k.kind & 1) || !is_brand(w, k.product)) continue;
        for (size_t i = 0; i < flow_sum_count(c.val); i++) {
            flow_sum f = flow_sum_at(c.val, i);
            take(w, part_of(w, &k), k.day, &f);
        }
    }
}

static void walk(walker *w, figure_measure m) {
    uint32_t kinds = measures[m].kinds;
    if (w->span.from > w->span.to) return;
    if (w->s->by_partner) {
        for (size_t i = 0; i < w->s->partners; i++) walk_partner(w, kinds, w->s->partner[i]);
        return;
    }
    for (flow_kind kind = FLOW_SELL_IN; kind < FLOW_OPENING; kind++)
        for (int32_t month = month_of(w->span.from); kinds >> kind & 1 && month <= month_of(w->span.to); month++)
            walk_total(w, kind, month);
}

/* ---- day by day */

static void add_day(walker *w, uint32_t no, day_t day, int64_t v) {
    figure_days *d = w->arg;
    (void)no;
    w->bad = !add_i64(d->v[day - d->from], v, &d->v[day - d->from]) || w->bad;
}

static bool out_of_range(err *e) {
    return err_set(e, ERR_DATA, "a sum is out of range: ask for a shorter time, a region or a brand");
}

bool figure_read(txn *t, const figure_scope *s, figure_measure m, day_span span, arena *a, figure_days *out, err *e) {
    AUTO(facts) f = {0};
    facts_init(&f, t);
    *out = (figure_days){.from = span.from, .n = span.from <= span.to ? (size_t)(span.to - span.from) + 1 : 0};
    out->v = ARENA_NEW(a, int64_t, out->n + 1);
    if (out->v == NULL) return err_set(e, ERR_DATA, "too many days at once");
    walker w = {.t = t, .s = s, .facts = &f, .span = span, .tell = add_day, .arg = out};
    walk(&w, m);
    out->any = w.any;
    out->others = w.others;
    return !w.bad || out_of_range(e);
}

int64_t figure_sum(const figure_days *d, day_span span) {
    __int128 sum = 0;
    for (day_t day = span.from; day <= span.to; day++)
        if (day >= d->from && day - d->from < (day_t)d->n) sum += d->v[day - d->from];
    return sum > INT64_MAX ? INT64_MAX : sum < -INT64_MAX ? -INT64_MAX : (int64_t)sum;
}

/* ---- part by part */

typedef struct parts {
    arena *a;
    figure_part *v; /* by number */
    size_t n, cap;
    bool before;
} parts;

static void add_part(walker *w, uint32_t no, day_t day, int64_t v) {
    parts *p = w->arg;
    size_t low = 0, high = p->n;
    (void)day;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (p->v[mid].no < no) low = mid + 1;
        else
            high = mid;
    }
    if (low == p->n || p->v[low].no != no) {
        p->v = arena_grown(p->a, p->v, p->n, &p->cap, sizeof *p->v);
        memmove(p->v + low + 1, p->v + low, (p->n - low) * sizeof *p->v);
        p->v[low] = (figure_part){.no = no};
        p->n++;
    }
    int64_t *sum = p->before ? &p->v[low].before : &p->v[low].now;
    w->bad = !add_i64(*sum, v, sum) || w->bad;
}

bool figure_parts(txn *t, const figure_scope *s, figure_measure m, figure_by by, day_span now, day_span before,
                  arena *a, figure_part **out, size_t *n, err *e) {
    AUTO(facts) f = {0};
    facts_init(&f, t);
    parts p = {.a = a};
    walker w = {.t = t, .s = s, .facts = &f, .span = now, .tell = add_part, .arg = &p, .by = by};
    walk(&w, m);
    w.span = before;
    p.before = true;
    walk(&w, m);
    *out = p.v;
    *n = p.n;
    return !w.bad || out_of_range(e);
}
