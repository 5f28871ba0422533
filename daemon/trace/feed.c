#include "daemon/trace/feed.h"

#include "daemon/catalog/settings.h"
#include "daemon/store/store.h"
#include "daemon/trace/feed_parts.h"
#include <stdlib.h>

void trace_feed_auto(trace_feed *f) {
    arena_free(&f->a);
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

static void make_world(feed *f, trace_world *w) {
    if (f->lines) qsort(f->line, f->lines, sizeof *f->line, by_partner_day);
    if (f->sightings) qsort(f->sighting, f->sightings, sizeof *f->sighting, by_time);
    w->line = f->line, w->lines = f->lines;
    w->sighting = f->sighting, w->sightings = f->sightings;
    w->customer = f->customer, w->customers = f->customers_n;
}

static bool fill(feed *f, trace_feed *out, err *e) {
    TRY(feed_catalog(f, out, e) && feed_lines(f, e));
    feed_scans(f);
    feed_claims(f);
    make_world(f, &out->world);
    return txn_ok(f->t, e);
}

bool trace_feed_read(txn *t, day_t as_of, trace_feed *out, err *e) {
    *out = (trace_feed){.world = {.zone = (int)setting_number(t, SETTING_ZONE), .as_of = as_of}};
    arena_init(&out->a, SIZE_MAX); /* bounded by the books */
    feed f = {.t = t,
              .a = &out->a,
              .w = &out->world,
              .incl = str_is(setting_text(t, SETTING_TAX_BASIS), "incl"),
              .uncoded = kv_count(t, TABLE_CODE) == 0 && kv_count(t, TABLE_CODE_RANGE) == 0,
              .as_of = as_of};
    facts_init(&f.f, t);
    promotions_load(t, &out->a, &f.promotions);
    bool ok = fill(&f, out, e);
    facts_free(&f.f);
    promotions_free(&f.promotions);
    contents_cache_auto(&f.kept);
    map_free(&f.partners);
    map_free(&f.products);
    map_free(&f.customers);
    return ok;
}
