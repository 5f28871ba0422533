#include "daemon/trace/gather.h"

#include "base/buf.h"
#include "base/map.h"
#include <stdlib.h>

/* A signal on its way into a case. */
typedef struct part {
    uint32_t partner, signal;
    str group;
    trace_region to;
    int64_t time;
} part;

typedef struct gathering {
    const trace_world *w;
    const trace_rules *r;
    const trace_result *s;
    const trace_known *known;
    size_t knowns;
    arena *a;
    arena scratch;
    part *part;
    size_t parts, part_cap, case_cap;
    trace_cases *out;
} gathering;

static str group_of(const gathering *g, uint32_t product_at) {
    if (product_at == TRACE_NONE) return STR("");
    const trace_product *p = &g->w->product[product_at];
    str by[] = {p->sku, p->category, p->brand};
    str group = by[g->r->group_by];
    return group.n ? group : p->sku;
}

static void add_part(gathering *g, const trace_signal *x, uint32_t at, trace_region to) {
    g->part = arena_grown(&g->scratch, g->part, g->parts, &g->part_cap, sizeof *g->part);
    g->part[g->parts++] = (part){x->partner, at, group_of(g, x->product), to, x->time};
}

/* ---- signals that name no place go where the other evidence of the same goods points most strongly */

enum { PLACE_LEAST = 35 }; /* one mistyped line draws nothing to its province */

typedef struct place {
    uint32_t partner, product;
    trace_region to;
    int64_t first, last;
    int32_t strength; /* of its strongest signal */
} place;

static int by_goods(const void *x, const void *y) {
    const place *a = x, *b = y;
    if (a->partner != b->partner) return a->partner < b->partner ? -1 : 1;
    if (a->product != b->product) return a->product < b->product ? -1 : 1;
    if (a->to != b->to) return a->to < b->to ? -1 : 1;
    return (a->first > b->first) - (a->first < b->first);
}

static bool gathers(const trace_signal *x) {
    return x->partner != TRACE_NONE && trace_kind_family(x->kind) != FAMILY_NONE && !(x->flags & SIGNAL_COUNTERFEIT);
}

static size_t find_places(gathering *g, place **out) {
    place *list = ARENA_NEW(&g->scratch, place, g->s->signals + 1);
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < g->s->signals; i++) {
        const trace_signal *x = &g->s->signal[i];
        if (!gathers(x) || x->destination == REGION_NOWHERE) continue;
        list[n++] =
            (place){x->partner, x->product, x->destination,
                    x->since,   x->time,    x->strength + (x->flags & (SIGNAL_PROOF | SIGNAL_PLACED) ? 100 : 0)};
    }
    if (n) qsort(list, n, sizeof *list, by_goods);
    for (size_t i = 0; i < n; i++) {
        place *last = kept ? &list[kept - 1] : NULL;
        if (last && last->partner == list[i].partner && last->product == list[i].product && last->to == list[i].to) {
            if (list[i].first < last->first) last->first = list[i].first;
            if (list[i].last > last->last) last->last = list[i].last;
            if (list[i].strength > last->strength) last->strength = list[i].strength;
        } else {
            list[kept++] = list[i];
        }
    }
    *out = list;
    return kept;
}

static trace_region best_place(const gathering *g, const place *list, size_t n, const trace_signal *x) {
    size_t lo = 0, hi = n;
    const place *best = NULL;
    int64_t window = g->r->case_window_days * TRACE_DAY_MS;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        bool before =
            list[mid].partner < x->partner || (list[mid].partner == x->partner && list[mid].product < x->product);
        if (before) lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < n && list[lo].partner == x->partner && list[lo].product == x->product; lo++) {
        const place *p = &list[lo];
        bool near = x->time >= p->first - window && x->time <= p->last + window;
        if (near && p->strength >= PLACE_LEAST && (best == NULL || p->strength > best->strength)) best = p;
    }
    return best ? best->to : REGION_NOWHERE;
}

static void list_parts(gathering *g) {
    place *places;
    size_t n = find_places(g, &places);
    for (size_t i = 0; i < g->s->signals; i++) {
        const trace_signal *x = &g->s->signal[i];
        if (!gathers(x)) continue;
        add_part(g, x, (uint32_t)i, x->destination ? x->destination : best_place(g, places, n, x));
    }
}

static int by_case(const void *x, const void *y) {
    const part *a = x, *b = y;
    if (a->partner != b->partner) return a->partner < b->partner ? -1 : 1;
    int c = str_cmp(a->group, b->group);
    if (c) return c;
    if (a->to != b->to) return a->to < b->to ? -1 : 1;
    if (a->time != b->time) return a->time < b->time ? -1 : 1;
    return (a->signal > b->signal) - (a->signal < b->signal);
}

/* ---- one case */

enum { PRODUCTS_MOST = 64 };

typedef struct weighing { /* the strongest of each family, product by product */
    uint32_t product[PRODUCTS_MOST];
    int32_t best[PRODUCTS_MOST][FAMILY_COUNT];
    int64_t quantity[FAMILY_COUNT];
    size_t products;
    bool proof;
} weighing;

static size_t product_slot(weighing *x, uint32_t product_at) {
    size_t i = 0;
    while (i < x->products && x->product[i] != product_at) i++;
    if (i == x->products && i < PRODUCTS_MOST) x->product[x->products++] = product_at;
    return i < PRODUCTS_MOST ? i : PRODUCTS_MOST - 1;
}

static void weigh(weighing *x, const trace_signal *s) {
    trace_family f = trace_kind_family(s->kind);
    int32_t *best = &x->best[product_slot(x, s->product)][f];
    if (s->strength > *best) *best = s->strength;
    x->quantity[f] += s->quantity;
    x->proof = x->proof || s->flags & SIGNAL_PROOF;
}

static bool complete(const gathering *g, const weighing *x, trace_region to) {
    int64_t needed = to == REGION_NOWHERE ? g->r->case_nowhere_decibans : g->r->case_decibans;
    if (x->proof) return true;
    for (size_t i = 0; i < x->products; i++) {
        int64_t families = 0, sum = 0;
        for (int f = FAMILY_NONE + 1; f < FAMILY_COUNT; f++)
            families += x->best[i][f] >= g->r->case_kind_decibans, sum += x->best[i][f];
        if (families >= 2 && sum >= needed) return true;
    }
    return false;
}

static void finish_score(const weighing *x, trace_case *c) {
    for (int f = FAMILY_NONE + 1; f < FAMILY_COUNT; f++) {
        int32_t best = 0;
        for (size_t i = 0; i < x->products; i++)
            if (x->best[i][f] > best) best = x->best[i][f];
        if (best) c->families |= 1u << f;
        c->score += best;
        if (x->quantity[f] > c->quantity) c->quantity = x->quantity[f];
    }
    c->proof = x->proof;
}

static str case_id(const gathering *g, const trace_case *c, uint64_t first_key) {
    static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; /* Crockford's base 32 */
    AUTO(buf) b = {0};
    buf_text(&b, g->w->partner[c->partner].id);
    buf_text(&b, c->group);
    buf_be32(&b, (uint32_t)c->destination);
    buf_be64(&b, first_key);
    uint64_t h = 0xcbf29ce484222325u;
    char id[CASE_ID_SIZE] = "C-";
    for (size_t i = 0; i < b.n; i++) h = (h ^ (uint8_t)b.p[i]) * 0x100000001b3u;
    for (size_t i = 0; i < 13; i++) id[2 + i] = letters[h >> (5 * i) & 31];
    return arena_str(g->a, str_from(id, CASE_ID_SIZE - 1));
}

static int by_sku(const void *x, const void *y, void *products) {
    const trace_product *p = products;
    return str_cmp(p[*(const uint32_t *)x].sku, p[*(const uint32_t *)y].sku);
}

static void list_products(gathering *g, const weighing *x, trace_case *c) {
    uint32_t *list = ARENA_NEW(g->a, uint32_t, x->products + 1);
    for (size_t i = 0; i < x->products; i++)
        if (x->product[i] != TRACE_NONE) list[c->products++] = x->product[i];
    if (c->products) qsort_r(list, c->products, sizeof *list, by_sku, (void *)(uintptr_t)g->w->product);
    c->product = list;
}

/* Parts from … end − 1 lie within the window of each other. `known`: the case that takes them, NULL none. */
static void make_case(gathering *g, size_t from, size_t end, const trace_known *known) {
    weighing x = {.products = 0};
    trace_case c = {.partner = g->part[from].partner,
                    .group = g->part[from].group,
                    .destination = g->part[from].to,
                    .known = known};
    bool done = false;
    uint32_t *list = ARENA_NEW(g->a, uint32_t, end - from + 1);
    c.first_event = INT64_MAX;
    for (size_t i = from; i < end; i++) {
        const trace_signal *s = &g->s->signal[g->part[i].signal];
        weigh(&x, s);
        list[c.signals++] = g->part[i].signal;
        if (s->since < c.first_event) c.first_event = s->since;
        if (s->time > c.last_event) c.last_event = s->time;
        if (!done && complete(g, &x, c.destination)) done = true, c.opened = s->time;
    }
    if (!done && known == NULL) return;
    c.signal = list;
    finish_score(&x, &c);
    list_products(g, &x, &c);
    c.id = known ? known->id : case_id(g, &c, g->s->signal[list[0]].key);
    g->out->one = arena_grown(g->a, g->out->one, g->out->n, &g->case_cap, sizeof c);
    g->out->one[g->out->n++] = c;
}

/* An earlier case of the same stream within whose window the time lies. */
static const trace_known *known_at(const gathering *g, const part *p) {
    int64_t window = g->r->case_window_days * TRACE_DAY_MS;
    for (size_t i = 0; i < g->knowns; i++) {
        const trace_known *k = &g->known[i];
        if (k->partner == p->partner && k->destination == p->to && str_eq(k->group, p->group) &&
            p->time >= k->first_event - window && p->time <= k->last_event + window)
            return k;
    }
    return NULL;
}

static bool same_stream(const part *a, const part *b) {
    return a->partner == b->partner && a->to == b->to && str_eq(a->group, b->group);
}

static int by_opened(const void *x, const void *y) {
    const trace_case *a = x, *b = y;
    if (a->opened != b->opened) return a->opened < b->opened ? -1 : 1;
    return str_cmp(a->id, b->id);
}

void trace_gather(const trace_world *w, const trace_rules *r, const trace_result *s, const trace_known *known, size_t n,
                  arena *a, trace_cases *out) {
    gathering g = {.w = w, .r = r, .s = s, .known = known, .knowns = n, .a = a, .out = out};
    int64_t window = r->case_window_days * TRACE_DAY_MS;
    *out = (trace_cases){.n = 0};
    arena_init(&g.scratch, SIZE_MAX); /* bounded by the signals */
    list_parts(&g);
    if (g.parts) qsort(g.part, g.parts, sizeof *g.part, by_case);
    for (size_t i = 0; i < g.parts;) {
        const trace_known *k = known_at(&g, &g.part[i]);
        size_t end = i + 1;
        while (end < g.parts && same_stream(&g.part[i], &g.part[end]) &&
               g.part[end].time - g.part[end - 1].time <= window && known_at(&g, &g.part[end]) == k)
            end++;
        if (k == NULL || !k->closed) make_case(&g, i, end, k);
        i = end;
    }
    if (out->n) qsort(out->one, out->n, sizeof *out->one, by_opened);
    arena_free(&g.scratch);
}
