/* code trace: every move, sighting, packing and state of one code, in the order of time. */
#include "daemon/catalog/partner.h"
#include "daemon/catalog/region.h"
#include "daemon/command/cells.h"
#include "daemon/command/codes.h"
#include "daemon/trace/custody.h"
#include "daemon/trace/events.h"
#include "daemon/trace/sightings.h"
#include <stdlib.h>

/* One line of the answer, whatever it came from. */
typedef struct step {
    int64_t time_ms; /* CODE_EVER: since ever */
    bool timed;      /* else only its day is known */
    size_t at;       /* the order in which it was found decides between equal times */
    day_t day;
    const char *what;
    code_key code, container;
    uint32_t partner, counterparty, region;
    const char *region_source;
    uint64_t ref;
    str detail;
} step;

typedef struct tracer {
    call *c;
    step *step;
    size_t n, cap;
} tracer;

static step *add(tracer *w, int64_t time_ms, bool timed, const char *what, const code_key *code) {
    w->step = arena_grown(w->c->a, w->step, w->n, &w->cap, sizeof *w->step);
    step *s = &w->step[w->n];
    *s = (step){.time_ms = time_ms, .timed = timed, .at = w->n++, .what = what, .code = *code, .region_source = ""};
    if (time_ms != CODE_EVER) s->day = day_at(time_ms, w->c->zone_min);
    return s;
}

static const char *source_name(uint8_t source) {
    static const char *const names[] = {"unknown", "stated", "customer", "assumed"};
    return source < ARRAY_LEN(names) ? names[source] : names[0];
}

/* What an event says of itself: its step, what had become of the goods. */
static str event_detail(tracer *w, uint64_t ref) {
    AUTO(arena) a = {0};
    AUTO(buf) b = {0};
    trace_event x;
    arena_init(&a, LIMIT_EVENT_BYTES * 8);
    if (!(ref & CODE_EVENT_REF) || !event_get(w->c->t, ref, &a, &x)) return STR("");
    buf_addz(&b, x.e->step);
    if (x.e->disposition[0]) buf_printf(&b, "%s%s", b.n ? ", " : "", x.e->disposition);
    return arena_str(w->c->a, buf_str(&b));
}

static void add_moves(tracer *w, const code_row *r) {
    custody_move *m;
    size_t n = custody_moves(w->c->t, r, INT64_MAX, w->c->a, &m);
    for (size_t i = 0; i < n; i++) {
        partner p;
        step *s = add(w, m[i].time_ms, m[i].timed, move_kind_name(m[i].kind), &m[i].named);
        s->day = m[i].day;
        s->ref = m[i].ref;
        s->partner = m[i].kind == MOVE_SHIPPED ? m[i].to : m[i].by;
        s->counterparty =
            m[i].kind == MOVE_SHIPPED || m[i].kind == MOVE_RECEIVED || m[i].kind == MOVE_RETURNED ? m[i].from : m[i].to;
        s->region = m[i].region;
        s->region_source = source_name(m[i].source);
        if (s->region == 0 && s->ref & CODE_EVENT_REF && partner_by_no(w->c->t, s->partner, &p))
            s->region = p.region, s->region_source = source_name(REGION_ASSUMED);
        s->detail = event_detail(w, m[i].ref);
    }
}

static void add_packings(tracer *w, const code_row *r, int depth) {
    code_span span[LIMIT_PACKED];
    code_row around;
    for (uint32_t i = 0; i < r->body.packings; i++) {
        const code_packing *p = &r->body.packing[i];
        step *s = add(w, p->since, p->since != CODE_EVER, p->out ? "unpacked" : "packed", &r->key);
        (void)container_key(w->c->t, p->parent, &s->container);
        s->ref = p->ref;
        s->detail = event_detail(w, p->ref);
    }
    size_t n = depth < LIMIT_NESTING ? code_spans(w->c->t, &r->body, span) : 0;
    for (size_t i = 0; i < n; i++)
        if (container_get(w->c->t, span[i].parent, &around)) add_packings(w, &around, depth + 1);
}

static void add_states(tracer *w, const code_row *r) {
    code_row around = *r;
    for (int depth = 0; depth <= LIMIT_NESTING; depth++) {
        code_state x;
        for (AUTO(kv_cursor) c = code_states(w->c->t, &around.key); around.body.stated && kv_next(&c);) {
            if (!code_state_decode(&c, &x)) break;
            step *s = add(w, x.time_ms, true, code_act_name(x.act), &around.key);
            s->detail = arena_str(w->c->a, x.reason);
        }
        uint32_t up = code_parent_at(w->c->t, &around.body, w->c->now_ms);
        if (up == 0 || !container_get(w->c->t, up, &around)) return;
    }
}

static void add_scan(tracer *w, const sighting *x) {
    AUTO(buf) b = {0};
    sighting_place at = sighting_place_of(w->c->t, x);
    partner p;
    buf_addz(&b, scan_kind_name(x->kind));
    if (x->place.n) buf_printf(&b, ", %.*s", STR_ARG(x->place));
    if (x->region.n && at.nearest) buf_printf(&b, ", region '%.*s' unknown", STR_ARG(x->region));
    if (at.nearest) buf_addz(&b, ", region of the nearest centre");
    if (x->price != NUM_NONE) buf_addz(&b, ", price "), dec_put(&b, x->price, MICRO_SCALE, 2);
    step *s = add(w, x->time_ms, true, "scanned", &x->code);
    s->partner = at.partner;
    if (s->partner == 0 && partner_by_id(w->c->t, x->sender, &p)) s->partner = p.no;
    s->region = at.region;
    s->region_source = at.nearest ? "coordinates" : at.region ? "stated" : "unknown";
    s->detail = arena_str(w->c->a, buf_str(&b));
}

static void add_scans(tracer *w, const code_key *k) {
    sighting x;
    for (AUTO(kv_cursor) c = sightings_of(w->c->t, k); w->n < LIMIT_CUSTODY && sighting_of_next(&c, k, &x);)
        add_scan(w, &x);
}

/* Did it lie in that container at that time? */
static bool lay_in(tracer *w, const code_row *r, const code_key *container, int64_t time_ms) {
    code_row around = *r;
    for (int depth = 0; depth <= LIMIT_NESTING; depth++) {
        uint32_t up = code_parent_at(w->c->t, &around.body, time_ms);
        if (up == 0 || !container_get(w->c->t, up, &around)) return false;
        if (str_eq(code_str(&around.key), code_str(container))) return true;
    }
    return false;
}

/* Whoever saw the carton saw what lay in it. */
static void add_scans_around(tracer *w, const code_row *r) {
    code_key around[LIMIT_PACKED];
    size_t n = custody_around(w->c->t, &r->key, around, ARRAY_LEN(around));
    for (size_t i = 0; i < n; i++) {
        sighting x;
        for (AUTO(kv_cursor) c = sightings_of(w->c->t, &around[i]);
             w->n < LIMIT_CUSTODY && sighting_of_next(&c, &around[i], &x);)
            if (lay_in(w, r, &around[i], x.time_ms)) add_scan(w, &x);
    }
}

static void add_lot(tracer *w, const code_key *k) {
    custody_move *m;
    size_t n = custody_lot_moves(w->c->t, k, w->c->a, &m);
    for (size_t i = 0; i < n; i++) {
        partner p;
        step *s = add(w, ((int64_t)m[i].day * 1440 - w->c->zone_min) * 60000, false, "lot_shipped", k);
        s->partner = m[i].to;
        s->ref = m[i].ref;
        if (partner_by_no(w->c->t, m[i].to, &p)) s->region = p.region, s->region_source = source_name(REGION_ASSUMED);
        s->detail = STR("a lot points at every partner that was shipped it");
    }
}

static int by_time(const void *x, const void *y) {
    const step *a = x, *b = y;
    if (a->time_ms != b->time_ms) return a->time_ms < b->time_ms ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

static void put(call *c, const step *s) {
    json *j = answer_row(c);
    if (s->time_ms == CODE_EVER) cell_text(j, "date", STR(""));
    else
        put_day_cell(j, "date", s->day);
    if (s->timed) cell_time(j, "time", s->time_ms, c->zone_min);
    else
        cell_text(j, "time", STR(""));
    cell_text(j, "event", str_of(s->what));
    cell_code(j, "code", &s->code);
    cell_text(j, "partner", partner_id(c->t, s->partner));
    cell_text(j, "counterparty", partner_id(c->t, s->counterparty));
    cell_text(j, "region", s->region ? region_code(c->t, s->region) : STR(""));
    cell_text(j, "region_name", s->region ? region_name(c->t, s->region) : STR(""));
    cell_text(j, "region_source", str_of(s->region_source));
    cell_document(c, j, "document", s->ref);
    cell_id(j, "document_id", s->ref & CODE_EVENT_REF ? 0 : s->ref);
    cell_code(j, "container", &s->container);
    cell_text(j, "detail", s->detail);
    answer_row_end(c);
}

bool cmd_code_trace(call *c, err *e) {
    static const char *const columns[] = {"date",         "time",      "event",       "code",          "partner",
                                          "counterparty", "region",    "region_name", "region_source", "document",
                                          "document_id",  "container", "detail"};
    tracer w = {.c = c};
    code_read k;
    code_row r;
    TRY(authz(c, "read", 0, e) && code_of(call_arg(c, 0), &k, e));
    (void)code_get(c->t, &k.key, &r);
    add_packings(&w, &r, 0);
    add_moves(&w, &r);
    add_states(&w, &r);
    add_scans(&w, &k.key);
    add_scans_around(&w, &r);
    if (code_kind_of(&k.key) == CODE_LOT) add_lot(&w, &k.key);
    TRY(txn_ok(c->t, e));
    if (w.n == 0 && !r.body.known)
        return err_set(e, ERR_NOT_FOUND, "'%.*s': nobody ever named this code", STR_ARG(str_take(call_arg(c, 0), 60)));
    if (w.n) qsort(w.step, w.n, sizeof *w.step, by_time);
    answer_list(c, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < w.n && !answer_failed(c); i++) put(c, &w.step[i]);
    return txn_ok(c->t, e);
}
