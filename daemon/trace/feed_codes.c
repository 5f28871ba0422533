/* Codes: what lines sold and received, what was scanned, what harmed partners report. */
#include "daemon/catalog/centres.h"
#include "daemon/catalog/partner.h"
#include "daemon/ledger/document.h"
#include "daemon/store/store.h"
#include "daemon/trace/claims.h"
#include "daemon/trace/custody.h"
#include "daemon/trace/events.h"
#include "daemon/trace/feed_parts.h"
#include "daemon/trace/sightings.h"
#include "proto/limits.h"
#include <stdlib.h>

static uint64_t identity_of(const code_key *k) {
    return str_hash(code_str(k)) | 1;
}

/* Units in a container and in all that is in it. */
static int64_t units_in(txn *t, uint32_t container, int depth) {
    contained in;
    int64_t units = 0;
    for (contents c = container_contents(t, container); contents_next(&c, &in);) {
        size_t prefix;
        uint64_t first;
        uint32_t inner = depth < LIMIT_NESTING ? container_no(t, &in.key) : 0;
        if (in.to && code_series(&in.key, &prefix, &first) && in.to > first) units += (int64_t)(in.to - first);
        else
            units += inner ? units_in(t, inner, depth + 1) : 1;
    }
    return units;
}

static void look_lot(feed *f, const code_key *k, trace_sighting *s) {
    uint32_t *suspect = arena_alloc(f->a, LIMIT_REPEATED * sizeof *suspect);
    ASSERT(suspect != NULL);
    s->suspect_count = (uint32_t)custody_lot(f->t, k, suspect, LIMIT_REPEATED);
    for (uint32_t i = 0; i < s->suspect_count; i++) suspect[i] = feed_partner(f, suspect[i]);
    s->suspects = suspect;
    s->flags |= SIGHT_LOT;
}

/* Nobody commissioned it: a lot, the product's bar code (or no codes are known at all), else an unknown code. */
static void look_unknown(feed *f, const code_key *k, trace_sighting *s) {
    code_kind kind = code_kind_of(k);
    if (kind == CODE_LOT) look_lot(f, k, s);
    else
        s->flags |= kind == CODE_CLASS || code_as_gtin(k) || f->uncoded ? SIGHT_BARE : SIGHT_UNKNOWN;
}

/* The number of the document that moved it; an event has none. */
static str moved_by(feed *f, uint64_t ref) {
    AUTO(arena) a = {0};
    document d;
    if (ref == 0 || ref & CODE_EVENT_REF) return STR("");
    arena_init(&a, SIZE_MAX);
    return document_get(f->t, ref, &a, &d) ? arena_str(f->a, d.number) : STR("");
}

static void look_carton(feed *f, const custody *c, code_kind kind, trace_sighting *s) {
    code_key outer;
    s->quantity = 1000;
    if (c->row.container || kind == CODE_SSCC) {
        int64_t units = c->row.container ? units_in(f->t, c->row.container, 0) : 0;
        s->flags |= SIGHT_CARTON;
        if (units) s->quantity = units * 1000;
        else if (s->product != TRACE_NONE)
            s->quantity = f->w->product[s->product].carton;
    }
    if (c->outer && container_key(f->t, c->outer, &outer)) s->carton = identity_of(&outer);
    else if (s->flags & SIGHT_CARTON)
        s->carton = s->unit;
}

/* What is known of the code as of the sighting. `before`: the document that tells it, whose own moves come later. */
static void look(feed *f, const code_key *k, uint64_t before, trace_sighting *s) {
    AUTO(arena) a = {0};
    AUTO(buf) text = {0};
    custody c;
    arena_init(&a, SIZE_MAX);
    code_text(k, &text);
    s->code = arena_str(f->a, buf_str(&text));
    s->unit = identity_of(k);
    custody_at(f->t, k, s->time, before, &a, &c);
    if (c.product) s->product = feed_product(f, c.product);
    if (!c.row.body.known && !c.row.container && !c.moved) {
        look_unknown(f, k, s);
        return;
    }
    look_carton(f, &c, code_kind_of(k), s);
    if (c.standing.is_void) s->flags |= SIGHT_VOID;
    if (c.standing.locked) s->flags |= SIGHT_LOCKED;
    if (c.holder && !feed_counts(f, c.holder, day_at(s->time, f->w->zone))) return;
    s->holder = feed_partner(f, c.holder);
    s->moved = moved_by(f, c.moved);
}

static void add_sighting(feed *f, const trace_sighting *s) {
    f->sighting = arena_grown(f->a, f->sighting, f->sightings, &f->sighting_cap, sizeof *f->sighting);
    f->sighting[f->sightings++] = *s;
}

/* ---- what lines sold and received */

static bool seen_by_line(const trace_line *l, uint8_t *kind) {
    bool got = l->kind == FLOW_RECEIPT || l->kind == FLOW_GIFT_RECEIPT;
    *kind = got ? SEEN_RECEIVED : SEEN_SOLD;
    return got || l->kind == FLOW_SELL_OUT || l->kind == FLOW_ONWARD || l->kind == FLOW_GIFT_OUT;
}

void feed_document_codes(feed *f, uint64_t document_no, const uint32_t *at, uint32_t lines) {
    document_codes d = custody_document(f->t, document_no);
    code_key k;
    uint32_t line, home;
    while (document_codes_next(&d, &k, &line, &home)) {
        if (line >= lines || at[line] == TRACE_NONE) continue;
        const trace_line *l = &f->line[at[line]];
        trace_sighting s = {.holder = TRACE_NONE,
                            .by = l->partner,
                            .product = l->product,
                            .customer = l->customer,
                            .time = feed_day_end(f, l->day),
                            .region = l->region,
                            .source = l->source,
                            .quantity = 1000,
                            .price = NUM_NONE,
                            .floor = NUM_NONE,
                            .channel = l->channel,
                            .document = l->document,
                            .place = STR(""),
                            .moved = STR("")};
        if (!seen_by_line(l, &s.kind)) continue;
        if (s.kind == SEEN_RECEIVED) s.region = f->w->partner[l->partner].home, s.source = REGION_CUSTOMER;
        look(f, &k, document_no, &s);
        add_sighting(f, &s);
    }
}

/* ---- scans */

static const uint8_t kinds[SCAN_KIND_COUNT] = {[SCAN_CONSUMER] = SEEN_CONSUMER,
                                               [SCAN_TERMINAL] = SEEN_TERMINAL,
                                               [SCAN_DEALER] = SEEN_DEALER,
                                               [SCAN_INSPECTOR] = SEEN_INSPECTOR,
                                               [SCAN_ONLINE] = SEEN_ONLINE};

/* Where on the globe: by its coordinates, else about where its region is. */
static void place_on_globe(feed *f, uint32_t region, trace_sighting *s) {
    int32_t lat, lon;
    if (s->placed || region == 0 || !region_centre(f->t, region, &lat, &lon)) return;
    s->lat = lat / 1e6, s->lon = lon / 1e6;
    s->blur_km = CENTRE_BLUR_KM;
    s->placed = true;
}

static void take_scan(feed *f, const sighting *x) {
    sighting_place place = sighting_place_of(f->t, x);
    uint32_t product_no = sighting_product(f->t, x);
    trace_sighting s = {.holder = TRACE_NONE,
                        .by = feed_partner(f, place.partner),
                        .product = feed_product(f, product_no),
                        .customer = TRACE_NONE,
                        .time = x->time_ms,
                        .region = feed_region(f, place.region),
                        .source = place.region ? REGION_STATED : REGION_UNKNOWN,
                        .kind = kinds[x->kind],
                        .placed = x->placed,
                        .lat = x->lat / 1e6,
                        .lon = x->lon / 1e6,
                        .quantity = 1000,
                        .price = x->price,
                        .floor = NUM_NONE,
                        .code = STR(""),
                        .channel = STR(""),
                        .document = STR(""),
                        .place = arena_str(f->a, x->place.p ? x->place : STR("")),
                        .moved = STR("")};
    if (x->code.n) look(f, &x->code, 0, &s);
    else
        s.flags |= SIGHT_BARE;
    if (s.price != NUM_NONE && product_no)
        s.floor = feed_floor(f, product_no, s.holder == TRACE_NONE ? 0 : f->partner_no[s.holder], STR(""), x->day);
    place_on_globe(f, place.region, &s);
    add_sighting(f, &s);
}

void feed_scans(feed *f) {
    sighting s;
    AUTO(kv_cursor) c = sightings_from(f->t, DAY_MIN);
    while (sighting_next(&c, f->as_of, &s)) take_scan(f, &s);
}

/* ---- events: what was sold and received as lines say it, and what an inspection found; the others say nothing of diversion */

static bool seen_by_event(const Entry__EpcisEvent *e, uint8_t *kind) {
    static const struct {
        const char *step;
        trace_seen kind;
    } steps[] = {{"retail_selling", SEEN_SOLD},
                 {"dispensing", SEEN_SOLD},
                 {"receiving", SEEN_RECEIVED},
                 {"accepting", SEEN_RECEIVED},
                 {"inspecting", SEEN_INSPECTOR}};
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        if (strcmp(e->step, steps[i].step) == 0) return *kind = (uint8_t)steps[i].kind, true;
    return false;
}

static void take_event_code(feed *f, str stored, uint64_t ref, const trace_sighting *like) {
    code_key k;
    trace_sighting s = *like;
    if (!code_key_of(stored, &k)) return;
    look(f, &k, ref, &s);
    if (s.kind != SEEN_INSPECTOR) s.placed = false; /* as lines of documents: only scans are measured */
    add_sighting(f, &s);
}

static void take_event(feed *f, const trace_event *x) {
    const Entry__EpcisEvent *e = x->e;
    uint32_t from, to, at = event_place(f->t, e);
    trace_sighting s = {.holder = TRACE_NONE,
                        .product = TRACE_NONE,
                        .customer = TRACE_NONE,
                        .time = e->time_ms,
                        .source = REGION_CUSTOMER,
                        .price = NUM_NONE,
                        .floor = NUM_NONE,
                        .code = STR(""),
                        .channel = STR(""),
                        .document = STR(""),
                        .moved = STR("")};
    partner p;
    if (!event_holds(x) || !seen_by_event(e, &s.kind) || day_at(e->time_ms, f->w->zone) > f->as_of) return;
    event_sides(f->t, e, &from, &to);
    if (at == 0) at = s.kind == SEEN_SOLD ? from : s.kind == SEEN_RECEIVED ? to : 0;
    if (at == 0 || !partner_by_no(f->t, at, &p) || p.kind == PARTNER_MANUFACTURER) return;
    s.by = s.kind == SEEN_INSPECTOR ? TRACE_NONE : feed_partner(f, at);
    s.region = feed_region(f, p.region);
    s.place = s.kind == SEEN_INSPECTOR ? arena_str(f->a, p.id) : STR("");
    place_on_globe(f, p.region, &s);
    for (reader r = reader_of(str_from(e->code.data, e->code.len)); !reader_done(&r);)
        take_event_code(f, read_text(&r), x->no | CODE_EVENT_REF, &s);
    for (size_t i = 0; i < e->n_quantity && s.kind == SEEN_INSPECTOR; i++)
        take_event_code(f, str_from(e->quantity[i]->code.data, e->quantity[i]->code.len), 0, &s);
}

void feed_events(feed *f) {
    AUTO(arena) a = {0};
    arena_init(&a, SIZE_MAX); /* an event at a time */
    for (AUTO(kv_cursor) c = kv_from(f->t, TABLE_EVENT_NO, STR(""), STR_NONE); kv_next(&c);) {
        trace_event x;
        arena_reset(&a);
        if (c.val.n == EVENT_KEY && event_by_key(f->t, (const uint8_t *)c.val.p, &a, &x)) take_event(f, &x);
    }
}

/* ---- claims: their codes stand as what the trade saw; who saw them stays out of it */

static void take_claim_codes(feed *f, const claim *x) {
    str rest = x->codes, one;
    while (str_split(&rest, '\n', &one)) {
        code_read code;
        err why;
        trace_sighting s = {.holder = TRACE_NONE,
                            .by = TRACE_NONE,
                            .product = feed_product(f, x->product),
                            .customer = TRACE_NONE,
                            .time = feed_day_end(f, x->day),
                            .region = feed_region(f, x->region),
                            .source = REGION_STATED,
                            .kind = x->online ? SEEN_ONLINE : SEEN_DEALER,
                            .quantity = 1000,
                            .price = x->price,
                            .floor = NUM_NONE,
                            .channel = STR(""),
                            .document = claim_reference(x->number, f->a),
                            .place = STR(""),
                            .moved = STR("")};
        if (one.n == 0 || !code_parse(one, &code, &why)) continue;
        look(f, &code.key, 0, &s);
        add_sighting(f, &s);
    }
}

static void take_claim(feed *f, const claim *x, trace_report *r) {
    *r = (trace_report){.accused = feed_partner(f, x->accused),
                        .reporter = feed_partner(f, x->reporter),
                        .product = feed_product(f, x->product),
                        .region = feed_region(f, x->region),
                        .time = feed_day_end(f, x->day),
                        .price = x->price,
                        .floor = NUM_NONE,
                        .online = x->online,
                        .reference = claim_reference(x->number, f->a)};
    if (x->price != NUM_NONE && x->product && x->accused)
        r->floor = feed_floor(f, x->product, x->accused, STR(""), x->day);
    take_claim_codes(f, x);
}

static int by_report_time(const void *x, const void *y) {
    const trace_report *a = x, *b = y;
    if (a->time != b->time) return a->time < b->time ? -1 : 1;
    return str_cmp(a->reference, b->reference);
}

void feed_claims(feed *f) {
    trace_report *list = NULL;
    size_t n = 0, cap = 0;
    for (AUTO(kv_cursor) c = kv_from(f->t, TABLE_CLAIM, STR(""), STR_NONE); kv_next(&c);) {
        claim x;
        if (c.key.n != 8 || !claim_decode(get_be64(c.key.p), c.val, &x) || x.day > f->as_of) continue;
        if (x.accused && !feed_counts(f, x.accused, x.day)) continue;
        list = arena_grown(f->a, list, n, &cap, sizeof *list);
        take_claim(f, &x, &list[n++]);
    }
    if (n) qsort(list, n, sizeof *list, by_report_time);
    f->w->report = list;
    f->w->reports = n;
}
