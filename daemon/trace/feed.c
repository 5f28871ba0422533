#include "daemon/trace/feed.h"

#include "daemon/catalog/settings.h"
#include "daemon/store/store.h"
#include "daemon/trace/feed_parts.h"
#include <stdlib.h>

void trace_feed_auto(trace_feed *f) {
    arena_free(&f->a);
}

static void make_world(feed *f, trace_world *w) {
    trace_order_lines(f->line, f->lines);
    trace_order_sightings(f->sighting, f->sightings);
    w->line = f->line, w->lines = f->lines;
    w->sighting = f->sighting, w->sightings = f->sightings;
    w->customer = f->customer, w->customers = f->customers_n;
}

static bool fill(feed *f, trace_feed *out, err *e) {
    TRY(feed_catalog(f, out, e) && feed_lines(f, e));
    feed_scans(f);
    feed_events(f);
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
