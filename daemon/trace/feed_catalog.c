/* The catalogue's side of a world. */
#include "daemon/catalog/cell.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/exemption.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/price.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/rows.h"
#include "daemon/store/store.h"
#include "daemon/trace/cases.h"
#include "daemon/trace/feed_parts.h"
#include <stdlib.h>

/* ---- numbers and regions */

static uint32_t position(const map *m, uint32_t no) {
    uint8_t raw[4];
    put_be32(raw, no);
    const uint64_t *at = no ? map_find(m, str_from(raw, sizeof raw)) : NULL;
    return at ? (uint32_t)*at : TRACE_NONE;
}

static void note_position(feed *f, map *m, uint32_t no, uint32_t at) {
    uint8_t raw[4];
    put_be32(raw, no);
    *map_at(m, arena_str(f->a, str_from(raw, sizeof raw)), NULL) = at;
}

uint32_t feed_partner(const feed *f, uint32_t no) {
    return position(&f->partners, no);
}

uint32_t feed_product(const feed *f, uint32_t no) {
    return position(&f->products, no);
}

trace_region feed_region(feed *f, uint32_t no) {
    int64_t code;
    str text = no && !(no & REGION_AREA) ? region_code(f->t, no) : STR("");
    if (str_is(text, "CN")) return REGION_ANYWHERE;
    return text.n == 6 && dec_parse(text, 0, &code, NULL) ? (trace_region)code : REGION_NOWHERE;
}

int64_t feed_floor(feed *f, uint32_t product_no, uint32_t partner_no, str channel, day_t day) {
    price p;
    int64_t floor;
    const price_query q = {
        .product_no = product_no, .partner_no = partner_no, .channel = channel, .kind = PRICE_FLOOR, .day = day};
    return price_find(f->t, &q, &p) && price_on_basis(f->t, product_no, &p, f->incl, &floor) ? floor : NUM_NONE;
}

bool feed_counts(feed *f, uint32_t partner_no, day_t day) {
    return partner_no == 0 || day >= partner_fact_of(&f->f, partner_no)->live;
}

/* ---- partners and products */

static void list_partners(feed *f, trace_feed *out) {
    trace_partner *list = NULL;
    size_t cap = 0, no_cap = 0;
    partner p;
    catalog_row row;
    AUTO(catalog_walk) w = catalog_rows(f->t, CATALOG_PARTNER, NULL, 0);
    w.with_ended = true;
    while (catalog_next(&w, &row)) {
        if (!partner_by_no(f->t, row.no, &p)) continue;
        size_t at = out->world.partners++;
        list = arena_grown(f->a, list, at, &cap, sizeof *list);
        out->partner_no = arena_grown(f->a, out->partner_no, at, &no_cap, sizeof *out->partner_no);
        out->partner_no[at] = p.no;
        list[at] = (trace_partner){.id = arena_str(f->a, p.id),
                                   .parent = p.parent,
                                   .kind = p.kind,
                                   .home = feed_region(f, p.region),
                                   .unreviewed = p.unreviewed};
        note_position(f, &f->partners, p.no, (uint32_t)at);
    }
    for (size_t i = 0; i < out->world.partners; i++) list[i].parent = feed_partner(f, list[i].parent);
    out->world.partner = list;
    f->partner_no = out->partner_no;
}

static void list_timeline(feed *f, trace_product *p) {
    trace_stage *list = NULL;
    size_t cap = 0;
    catalog_row row;
    AUTO(catalog_walk) w = catalog_rows(f->t, CATALOG_STAGE, &p->sku, 1);
    while (catalog_next(&w, &row)) {
        trace_stage s = {.stage = STAGE_NONE};
        (void)day_parse(row.cell[STAGE_FROM], &s.from);
        for (stage x = STAGE_INTRODUCTION; x < STAGE_COUNT; x++)
            if (str_is(row.cell[STAGE_STAGE], stage_name(x))) s.stage = x;
        list = arena_grown(f->a, list, p->stages, &cap, sizeof *list);
        list[p->stages++] = s;
    }
    p->timeline = list; /* the walk is by day: ISO dates sort */
}

static void list_products(feed *f, trace_feed *out) {
    trace_product *list = NULL;
    size_t cap = 0, no_cap = 0;
    product p;
    catalog_row row;
    AUTO(catalog_walk) w = catalog_rows(f->t, CATALOG_PRODUCT, NULL, 0);
    w.with_ended = true;
    while (catalog_next(&w, &row)) {
        if (!product_by_no(f->t, row.no, &p)) continue;
        size_t at = out->world.products++;
        list = arena_grown(f->a, list, at, &cap, sizeof *list);
        out->product_no = arena_grown(f->a, out->product_no, at, &no_cap, sizeof *out->product_no);
        out->product_no[at] = p.no;
        list[at] = (trace_product){.sku = arena_str(f->a, p.sku),
                                   .brand = arena_str(f->a, p.brand),
                                   .category = arena_str(f->a, p.category),
                                   .carton = product_carton(&p)};
        note_position(f, &f->products, p.no, (uint32_t)at);
        list_timeline(f, &list[at]);
    }
    out->world.product = list;
}

/* ---- where they may sell; an area is written out as its regions */

typedef struct regions {
    trace_region at[LIMIT_REPEATED];
    size_t n;
} regions;

static void regions_of(feed *f, uint32_t no, regions *out) {
    catalog_row row;
    out->n = 0;
    if (!(no & REGION_AREA)) {
        out->at[out->n++] = feed_region(f, no);
        return;
    }
    str id = region_code(f->t, no);
    AUTO(catalog_walk) w = catalog_rows(f->t, CATALOG_AREA, &id, 1);
    while (out->n < LIMIT_REPEATED && catalog_next(&w, &row))
        out->at[out->n++] = feed_region(f, region_by_code(f->t, row.cell[AREA_REGION]));
}

static int by_territory(const void *x, const void *y) {
    const trace_territory *a = x, *b = y;
    if (a->partner != b->partner) return a->partner < b->partner ? -1 : 1;
    if (a->region != b->region) return a->region < b->region ? -1 : 1;
    return (a->from > b->from) - (a->from < b->from);
}

static void list_territories(feed *f, trace_feed *out) {
    trace_territory *list = NULL;
    size_t cap = 0;
    regions r;
    catalog_row row;
    partner p;
    AUTO(catalog_walk) w = catalog_rows(f->t, CATALOG_TERRITORY, NULL, 0);
    while (catalog_next(&w, &row)) {
        trace_territory x = {.products = arena_str(f->a, row.cell[TERRITORY_PRODUCTS]),
                             .channels = arena_str(f->a, row.cell[TERRITORY_CHANNELS]),
                             .from = DAY_MIN,
                             .to = DAY_MAX};
        if (!partner_by_id(f->t, row.cell[TERRITORY_PARTNER], &p)) continue;
        x.partner = feed_partner(f, p.no);
        (void)cell_as_day(row.cell[TERRITORY_FROM], &x.from);
        (void)cell_as_day(row.cell[TERRITORY_TO], &x.to);
        regions_of(f, region_by_code(f->t, row.cell[TERRITORY_REGION]), &r);
        for (size_t i = 0; i < r.n; i++) {
            list = arena_grown(f->a, list, out->world.territories, &cap, sizeof *list);
            x.region = r.at[i];
            list[out->world.territories++] = x;
        }
    }
    if (out->world.territories) qsort(list, out->world.territories, sizeof *list, by_territory);
    out->world.territory = list;
}

typedef struct exemptions {
    trace_exemption *at;
    size_t n, cap;
} exemptions;

static void add_exemption(feed *f, exemptions *out, const trace_exemption *x, const regions *r) {
    for (size_t i = 0; x->from <= x->to && i < r->n; i++) {
        out->at = arena_grown(f->a, out->at, out->n, &out->cap, sizeof *out->at);
        out->at[out->n] = *x;
        out->at[out->n++].region = r->at[i];
    }
}

/* What a penalty took away for a while: the days before and after it stay. */
static void add_but_lost(feed *f, exemptions *out, const trace_exemption *x, uint32_t partner_no, const regions *r) {
    trace_exemption before = *x, after = *x;
    day_t first, last = case_no_exemptions(f->t, partner_no, &first);
    if (last == DAY_MIN || last < x->from || first > x->to) {
        add_exemption(f, out, x, r);
        return;
    }
    before.to = first - 1;
    after.from = last + 1;
    add_exemption(f, out, &before, r);
    add_exemption(f, out, &after, r);
}

static int by_exempted(const void *x, const void *y) {
    const trace_exemption *a = x, *b = y;
    if (a->partner != b->partner) return a->partner < b->partner ? -1 : 1;
    if (a->from != b->from) return a->from < b->from ? -1 : 1;
    if (a->region != b->region) return a->region < b->region ? -1 : 1;
    return str_cmp(a->reference, b->reference);
}

static void list_exemptions(feed *f, trace_feed *out) {
    exemptions list = {.n = 0};
    regions r;
    catalog_row row;
    partner p;
    AUTO(catalog_walk) w = catalog_rows(f->t, CATALOG_EXEMPTION, NULL, 0);
    while (catalog_next(&w, &row)) {
        exemption x;
        exemption_read(f->t, &row, &x);
        if (x.state != EXEMPTION_GRANTED || !partner_by_id(f->t, x.partner, &p)) continue;
        const trace_exemption as = {.partner = feed_partner(f, p.no),
                                    .products = arena_str(f->a, x.products),
                                    .customer = arena_str(f->a, x.customer),
                                    .from = x.from,
                                    .to = x.to,
                                    .quantity = x.quantity,
                                    .reference = arena_str(f->a, x.reference)};
        regions_of(f, x.region, &r);
        add_but_lost(f, &list, &as, p.no, &r);
    }
    if (list.n) qsort(list.at, list.n, sizeof *list.at, by_exempted);
    out->world.exemption = list.at;
    out->world.exemptions = list.n;
}

bool feed_catalog(feed *f, trace_feed *out, err *e) {
    list_partners(f, out);
    list_products(f, out);
    list_territories(f, out);
    list_exemptions(f, out);
    return txn_ok(f->t, e);
}
