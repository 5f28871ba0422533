#include "daemon/trace/world.h"

#include "daemon/catalog/territory.h"
#include <stdlib.h>

enum { DEPTH_MAX = 16 }; /* of a tree of partners; more is a circle */

bool trace_within(trace_region in, trace_region outer) {
    if (in == REGION_NOWHERE || outer == REGION_NOWHERE) return false;
    if (outer == REGION_ANYWHERE || in == outer) return true;
    if (outer % 10000 == 0) return in / 10000 == outer / 10000;
    return outer % 100 == 0 && in / 100 == outer / 100;
}

trace_region trace_province(trace_region r) {
    return r <= REGION_ANYWHERE ? REGION_NOWHERE : r / 10000 * 10000;
}

bool trace_lists(str products, const trace_product *p) {
    const product as = {.sku = p->sku, .brand = p->brand, .category = p->category};
    return territory_has_product(products, &as);
}

static bool has_channel(str channels, str channel) {
    str piece;
    if (channels.n == 0 || channel.n == 0) return true;
    while (str_split(&channels, ';', &piece))
        if (str_is(piece, "*") || str_eq(piece, channel)) return true;
    return false;
}

size_t trace_slice(const void *array, size_t n, size_t size, uint32_t partner_no, size_t *count) {
    size_t lo = 0, hi = n;
    const char *base = array;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (*(const uint32_t *)(const void *)(base + mid * size) < partner_no) lo = mid + 1;
        else
            hi = mid;
    }
    for (hi = lo; hi < n && *(const uint32_t *)(const void *)(base + hi * size) == partner_no;) hi++;
    *count = hi - lo;
    return lo;
}

typedef bool (*row_fn)(const trace_territory *row, const void *arg);

static bool any_row(const trace_world *w, uint32_t partner_no, uint32_t product_no, day_t day, row_fn fits,
                    const void *arg) {
    for (int depth = 0; partner_no != TRACE_NONE && depth < DEPTH_MAX; depth++) {
        size_t n, at = trace_slice(w->territory, w->territories, sizeof *w->territory, partner_no, &n);
        for (size_t i = at; i < at + n; i++) {
            const trace_territory *row = &w->territory[i];
            if (day < row->from || day > row->to) continue;
            if (product_no != TRACE_NONE && !trace_lists(row->products, &w->product[product_no])) continue;
            if (fits(row, arg)) return true;
        }
        partner_no = w->partner[partner_no].parent;
    }
    return false;
}

typedef struct place_asked {
    trace_region region;
    str channel;
} place_asked;

static bool holds_place(const trace_territory *row, const void *arg) {
    const place_asked *x = arg;
    bool there = trace_within(x->region, row->region) || trace_within(row->region, x->region);
    return there && has_channel(row->channels, x->channel);
}

static bool holds_anything(const trace_territory *row, const void *arg) {
    (void)row, (void)arg;
    return true;
}

bool trace_may_sell(const trace_world *w, uint32_t partner_no, uint32_t product_no, trace_region region, str channel,
                    day_t day) {
    const place_asked asked = {region, channel};
    return any_row(w, partner_no, product_no, day, holds_place, &asked);
}

bool trace_has_territory(const trace_world *w, uint32_t partner_no, uint32_t product_no, day_t day) {
    return any_row(w, partner_no, product_no, day, holds_anything, NULL);
}

/* The uppermost retailer or shop above it (itself too), TRACE_NONE: it belongs to none. */
static uint32_t chain_head(const trace_world *w, uint32_t partner_no) {
    uint32_t head = TRACE_NONE;
    for (int depth = 0; partner_no != TRACE_NONE && depth < DEPTH_MAX; depth++) {
        const trace_partner *p = &w->partner[partner_no];
        if (p->unreviewed || p->kind < PARTNER_RETAILER) break;
        head = partner_no;
        partner_no = p->parent;
    }
    return head;
}

static bool own_shop(const trace_world *w, uint32_t shop, uint32_t above) {
    const trace_partner *p = &w->partner[shop];
    for (int depth = 0; p->parent != TRACE_NONE && depth < DEPTH_MAX; depth++) {
        if (p->unreviewed || p->kind < PARTNER_RETAILER) return false;
        if (p->parent == above) return w->partner[above].kind != PARTNER_MANUFACTURER;
        p = &w->partner[p->parent];
    }
    return false;
}

bool trace_one_chain(const trace_world *w, uint32_t a, uint32_t b) {
    if (a == TRACE_NONE || b == TRACE_NONE) return false;
    if (a == b) return true;
    uint32_t head = chain_head(w, a);
    return (head != TRACE_NONE && head == chain_head(w, b)) || own_shop(w, a, b) || own_shop(w, b, a);
}

uint32_t trace_exempt(const trace_world *w, uint32_t partner_no, uint32_t product_no, trace_region region, str customer,
                      day_t day, int slack) {
    for (int depth = 0; partner_no != TRACE_NONE && depth < DEPTH_MAX; depth++) {
        size_t n, at = trace_slice(w->exemption, w->exemptions, sizeof *w->exemption, partner_no, &n);
        for (size_t i = at; i < at + n; i++) {
            const trace_exemption *x = &w->exemption[i];
            bool on = day >= x->from && (x->to == DAY_MAX || day <= x->to + slack);
            bool whom = x->customer.n == 0 || customer.p == NULL || str_eq(x->customer, customer);
            bool what = product_no == TRACE_NONE || trace_lists(x->products, &w->product[product_no]);
            bool there = trace_within(region, x->region) || trace_within(x->region, region);
            if (on && whom && what && there) return (uint32_t)i;
        }
        partner_no = w->partner[partner_no].parent;
    }
    return TRACE_NONE;
}

stage trace_stage_at(const trace_product *p, day_t day) {
    stage s = STAGE_NONE;
    for (size_t i = 0; i < p->stages && p->timeline[i].from <= day; i++) s = p->timeline[i].stage;
    return s;
}

static int by_partner_day(const void *x, const void *y) {
    const trace_line *a = x, *b = y;
    if (a->partner != b->partner) return a->partner < b->partner ? -1 : 1;
    if (a->day != b->day) return a->day < b->day ? -1 : 1;
    int c = str_cmp(a->document, b->document);
    if (c) return c;
    if (a->row != b->row) return a->row < b->row ? -1 : 1;
    if (a->product != b->product) return a->product < b->product ? -1 : 1;
    return (a->quantity > b->quantity) - (a->quantity < b->quantity);
}

static int by_time(const void *x, const void *y) {
    const trace_sighting *a = x, *b = y;
    if (a->time != b->time) return a->time < b->time ? -1 : 1;
    int c = str_cmp(a->code, b->code);
    if (c) return c;
    if (a->region != b->region) return a->region < b->region ? -1 : 1;
    if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
    return str_cmp(a->document, b->document);
}

void trace_order_lines(trace_line *line, size_t n) {
    if (n) qsort(line, n, sizeof *line, by_partner_day);
}

void trace_order_sightings(trace_sighting *s, size_t n) {
    if (n) qsort(s, n, sizeof *s, by_time);
}
