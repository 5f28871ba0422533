/* signal run: the engine on the books, and what of its findings is new to them. Runs beside the loop; the loop writes. */
#include "daemon/command/judging.h"

#include "daemon/catalog/exemption.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/region.h"
#include "daemon/catalog/rows.h"
#include "daemon/catalog/territory.h"
#include "daemon/command/cells.h"
#include "daemon/store/store.h"
#include "daemon/trace/tuning.h"
#include "proto/frame.h"
#include "proto/limits.h"

#include <inttypes.h>
#include <stdlib.h>

enum { EVIDENCE_BYTES = LIMIT_ENTRY_BYTES - 65536 };

void judged_auto(judged *g) {
    trace_feed_auto(&g->feed);
    arena_free(&g->a);
}

bool judge_books(txn *t, const trace_rules *r, day_t as_of, const trace_known *known, size_t n, judged *out, err *e) {
    *out = (judged){.cases = {.n = 0}};
    arena_init(&out->a, SIZE_MAX); /* bounded by the books */
    TRY(trace_feed_read(t, as_of, &out->feed, e));
    trace_judge(&out->feed.world, r, &out->a, &out->result);
    trace_gather(&out->feed.world, r, &out->result, known, n, &out->a, &out->cases);
    return true;
}

str judged_evidence(const trace_signal *s, arena *a) {
    AUTO(buf) b = {0};
    for (size_t i = 0; i < s->evidences; i++) buf_printf(&b, "%s%.*s", i ? "\n" : "", STR_ARG(s->evidence[i]));
    return arena_str(a, buf_str(&b));
}

/* ---- cases there are */

typedef struct books_cases {
    case_head *head;
    size_t n, cap;
} books_cases;

static uint32_t position_of(const uint32_t *no, size_t n, uint32_t wanted) {
    for (size_t i = 0; i < n; i++)
        if (no[i] == wanted) return (uint32_t)i;
    return TRACE_NONE;
}

static trace_region code_of(txn *t, uint32_t region_no) {
    int64_t code;
    str text = region_code(t, region_no);
    return text.n == 6 && dec_parse(text, 0, &code, NULL) ? (trace_region)code : REGION_NOWHERE;
}

static void load_cases(call *c, books_cases *out) {
    case_head h;
    for (AUTO(kv_cursor) w = kv_from(c->t, TABLE_CASE, STR(""), STR_NONE); kv_next(&w);) {
        if (!case_decode(w.key, w.val, &h)) continue;
        h.id = arena_str(c->a, w.key);
        case_keep(&h, c->a);
        out->head = arena_grown(c->a, out->head, out->n, &out->cap, sizeof *out->head);
        out->head[out->n++] = h;
    }
}

/* What was decided, or let out, keeps what happened until then from opening another case; what comes later is another one. An
 * alert that lost all it rested on keeps nothing. */
static size_t place_cases(call *c, const books_cases *all, const trace_feed *f, const trace_rules *r,
                          trace_known *out) {
    size_t n = 0;
    int64_t window = r->case_window_days * TRACE_DAY_MS;
    for (size_t i = 0; i < all->n; i++) {
        const case_head *h = &all->head[i];
        bool closed = h->state != CASE_ALERT;
        if (closed && case_is_empty(c->t, h->id)) continue;
        int64_t until = h->last_event > h->since_ms ? h->last_event : h->since_ms;
        out[n++] = (trace_known){.id = h->id,
                                 .group = h->group,
                                 .partner = position_of(f->partner_no, f->world.partners, h->partner),
                                 .destination = code_of(c->t, h->destination),
                                 .first_event = h->first_event,
                                 .last_event = closed ? until - window : h->last_event,
                                 .closed = closed};
    }
    return n;
}

/* ---- what is new goes into entries, packed: the loop writes them when it has time */

typedef struct packed_entry {
    uint16_t kind;
    str body;
} packed_entry;

typedef struct findings { /* between the two halves of the command */
    packed_entry *entry;
    size_t entries, cap;
    size_t opened, cases, signals;
    uint64_t tested, dropped;
    day_t as_of;
} findings;

static void keep(findings *f, arena *a, entry_kind kind, const ProtobufCMessage *body) {
    AUTO(buf) packed = {0};
    message_pack(&packed, body);
    f->entry = arena_grown(a, f->entry, f->entries, &f->cap, sizeof *f->entry);
    f->entry[f->entries++] = (packed_entry){(uint16_t)kind, arena_str(a, buf_str(&packed))};
}

typedef struct writer {
    call *c;
    findings *out;
    const judged *g;
    Entry__Signals m;
    Entry__CaseFound *found[LIMIT_ENTRY_ROWS];
    Entry__SignalFound *signal[LIMIT_ENTRY_ROWS];
    Entry__Learned *learned[LIMIT_ENTRY_ROWS];
    uint64_t gone[LIMIT_ENTRY_ROWS];
    char *vanished[LIMIT_ENTRY_ROWS];
    size_t rows, bytes;
    arena a; /* of the entry under way */
} writer;

static void begin_entry(writer *w) {
    entry__signals__init(&w->m);
    w->m.engine = TRACE_ENGINE;
    w->m.program = (char *)(uintptr_t)CHANNELD_VERSION;
    w->m.as_of = w->g->feed.world.as_of;
    w->m.found = w->found;
    w->m.signal = w->signal;
    w->m.learned = w->learned;
    w->m.gone = w->gone;
    w->m.vanished = w->vanished;
    w->rows = w->bytes = 0;
    arena_reset(&w->a);
}

static void end_entry(writer *w) {
    if (w->rows == 0) return;
    keep(w->out, w->c->look_a, KIND_SIGNALS, &w->m.base);
    begin_entry(w);
}

static bool has_room(const writer *w, size_t rows) {
    return w->rows + rows <= LIMIT_ENTRY_ROWS && w->bytes < EVIDENCE_BYTES;
}

static char *z(writer *w, str s) {
    return (char *)(uintptr_t)(s.n ? arena_str(&w->a, s).p : "");
}

static char *region_z(writer *w, trace_region r) {
    AUTO(buf) b = {0};
    if (r > REGION_ANYWHERE) buf_printf(&b, "%06d", (int)r);
    return z(w, buf_str(&b));
}

static void add_found(writer *w, const trace_case *x) {
    Entry__CaseFound *m = ARENA_NEW(&w->a, Entry__CaseFound, 1);
    ASSERT(m != NULL);
    entry__case_found__init(m);
    m->id = z(w, x->id);
    m->partner = z(w, w->g->feed.world.partner[x->partner].id);
    m->group = z(w, x->group);
    m->destination = region_z(w, x->destination);
    m->score = x->score;
    m->families = x->families;
    m->proof = x->proof;
    m->first_event = x->first_event;
    m->last_event = x->last_event;
    m->quantity = x->quantity;
    w->found[w->m.n_found++] = m;
    w->rows++;
}

/* of: the case of this entry that it belongs to, last found; false: none. */
static void add_signal(writer *w, const trace_signal *s, bool of) {
    const trace_world *world = &w->g->feed.world;
    Entry__SignalFound *m = ARENA_NEW(&w->a, Entry__SignalFound, 1);
    ASSERT(m != NULL);
    entry__signal_found__init(m);
    m->key = s->key;
    m->of = of ? (uint32_t)w->m.n_found : 0;
    m->kind = (char *)(uintptr_t)trace_kind_name(s->kind);
    m->partner = s->partner == TRACE_NONE ? z(w, STR("")) : z(w, world->partner[s->partner].id);
    m->sku = s->product == TRACE_NONE ? z(w, STR("")) : z(w, world->product[s->product].sku);
    m->destination = region_z(w, s->destination);
    m->time = s->time;
    m->since = s->since;
    m->strength = s->strength;
    m->flags = s->flags;
    m->quantity = s->quantity;
    m->evidence = ARENA_NEW(&w->a, char *, s->evidences + 1);
    for (size_t i = 0; i < s->evidences; i++) {
        m->evidence[m->n_evidence++] = z(w, s->evidence[i]);
        w->bytes += s->evidence[i].n;
    }
    w->signal[w->m.n_signal++] = m;
    w->rows++;
}

/* Is it told already, just so? */
static bool is_told(writer *w, const trace_signal *s, str of) {
    case_signal old;
    if (!signal_get(w->c->t, s->key, &old) || !str_eq(old.of, of)) return false;
    return old.time == s->time && old.since == s->since && old.strength == s->strength && old.flags == s->flags &&
           old.quantity == s->quantity && str_eq(old.evidence, judged_evidence(s, &w->a));
}

static bool is_as_it_was(const case_head *h, const trace_case *x) {
    return h->score == x->score && h->families == x->families && h->proof == x->proof &&
           h->first_event == x->first_event && h->last_event == x->last_event && h->quantity == x->quantity;
}

static void write_case(writer *w, const trace_case *x, const case_head *h) {
    bool headed = false;
    bool told = h && h->state != CASE_ALERT && !case_is_empty(w->c->t, x->id);
    if (told) return; /* as it was told, so it is judged by people */
    for (size_t i = 0; i < x->signals; i++) {
        const trace_signal *s = &w->g->result.signal[x->signal[i]];
        if (is_told(w, s, x->id)) continue;
        if (!has_room(w, 2)) end_entry(w), headed = false;
        if (!headed) add_found(w, x), headed = true;
        add_signal(w, s, true);
    }
    if (headed || (h && is_as_it_was(h, x))) return;
    if (!has_room(w, 1)) end_entry(w);
    add_found(w, x);
}

static void write_loose(writer *w, const trace_signal *s) {
    case_signal old;
    bool of_a_case = signal_get(w->c->t, s->key, &old) && old.of.n;
    if (of_a_case || is_told(w, s, STR(""))) return;
    if (!has_room(w, 1)) end_entry(w);
    add_signal(w, s, false);
}

static void write_gone(writer *w, uint64_t number) {
    if (!has_room(w, 1)) end_entry(w);
    w->gone[w->m.n_gone++] = number;
    w->rows++;
}

/* What a judgement learned before, just so, is not told again. */
static bool is_learned(writer *w, const trace_learned *x) {
    learned_row old;
    uint32_t from = region_by_code(w->c->t, str_of(region_z(w, x->from))),
             to = region_by_code(w->c->t, str_of(region_z(w, x->to)));
    return learned_get(w->c->t, str_of(x->what), from, to, &old) && old.value == x->value && old.seen == x->seen &&
           old.of == x->of;
}

static void write_learned(writer *w) {
    for (size_t i = 0; i < w->g->result.learneds; i++) {
        const trace_learned *x = &w->g->result.learned[i];
        Entry__Learned *m;
        if (is_learned(w, x)) continue;
        if (!has_room(w, 1)) end_entry(w);
        m = ARENA_NEW(&w->a, Entry__Learned, 1);
        ASSERT(m != NULL);
        entry__learned__init(m);
        m->what = (char *)(uintptr_t)x->what;
        m->from = region_z(w, x->from);
        m->to = region_z(w, x->to);
        m->value = x->value;
        m->seen = x->seen;
        m->of = x->of;
        w->learned[w->m.n_learned++] = m;
        w->rows++;
    }
}

/* ---- what no longer stands */

static int by_key(const void *x, const void *y) {
    const uint64_t *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

static bool has_key(const uint64_t *keys, size_t n, uint64_t wanted) {
    return n && bsearch(&wanted, keys, n, sizeof *keys, by_key) != NULL;
}

/* Signals that were told and are not found again. What lies after the day that is judged is not looked at. */
static void write_all_gone(writer *w, const uint64_t *keys, size_t n, int64_t end_ms) {
    for (AUTO(kv_cursor) c = kv_from(w->c->t, TABLE_SIGNAL, STR(""), STR_NONE); kv_next(&c);) {
        case_signal s;
        case_head h;
        if (c.key.n != 8 || !signal_decode(get_be64(c.key.p), c.val, &s) || s.time > end_ms) continue;
        if (has_key(keys, n, s.key)) continue;
        if (s.of.n && case_get(w->c->t, s.of, &h) && h.state != CASE_ALERT) continue;
        write_gone(w, s.key);
    }
}

/* Keys of signals that make a case by themselves, whatever cases there are; in the call's arena, in order. */
static size_t standing_keys(writer *w, const trace_rules *r, uint64_t **out) {
    trace_cases free_cases;
    const judged *g = w->g;
    size_t n = 0;
    trace_gather(&g->feed.world, r, &g->result, NULL, 0, w->c->a, &free_cases);
    *out = ARENA_NEW(w->c->a, uint64_t, g->result.signals + 1);
    ASSERT(*out != NULL);
    for (size_t i = 0; i < free_cases.n; i++)
        for (size_t k = 0; k < free_cases.one[i].signals && n < g->result.signals; k++)
            (*out)[n++] = g->result.signal[free_cases.one[i].signal[k]].key;
    qsort(*out, n, sizeof **out, by_key);
    return n;
}

static bool stands(writer *w, str id, const uint64_t *keys, size_t n) {
    case_signal *s;
    size_t signals = case_signals(w->c->t, id, &w->a, &s);
    for (size_t i = 0; i < signals; i++)
        if (has_key(keys, n, s[i].key)) return true;
    return false;
}

/* The exemption because of which it no longer stands: granted, of its goods, to where and when they went. */
static bool covered_by(writer *w, const case_head *h, str *reference) {
    case_signal *s;
    size_t n = case_signals(w->c->t, h->id, &w->a, &s);
    uint32_t chain[PARTNER_DEPTH_MAX];
    size_t depth = partner_chain(w->c->t, h->partner, chain);
    day_t first = day_at(h->first_event, w->c->zone_min), last = day_at(h->last_event, w->c->zone_min);
    for (size_t k = 0; k < depth; k++) {
        str id = partner_id(w->c->t, chain[k]);
        catalog_row row;
        AUTO(catalog_walk) rows = catalog_rows(w->c->t, CATALOG_EXEMPTION, &id, 1);
        while (catalog_next(&rows, &row)) {
            exemption x;
            product of;
            exemption_read(w->c->t, &row, &x);
            bool there =
                region_within(w->c->t, h->destination, x.region) || region_within(w->c->t, x.region, h->destination);
            bool then = x.from <= last && first <= x.to + EXEMPTION_SEEN_DAYS;
            if (x.state != EXEMPTION_GRANTED || !there || !then) continue;
            for (size_t i = 0; i < n; i++)
                if (s[i].product && product_by_no(w->c->t, s[i].product, &of) && territory_has_product(x.products, &of))
                    return *reference = arena_str(w->c->a, x.reference), true;
        }
    }
    return false;
}

/* Cases of which nothing stands any more: an exemption covers them, or of an alert what it rested on was taken back. */
static void write_vanished(writer *w, const books_cases *all, const trace_rules *r, int64_t end_ms) {
    uint64_t *keys;
    size_t n = standing_keys(w, r, &keys);
    for (size_t i = 0; i < all->n; i++) {
        const case_head *h = &all->head[i];
        case_state to;
        str reference;
        if (!case_step(h->state, DO_COVER, &to) || h->last_event > end_ms) continue;
        if (stands(w, h->id, keys, n)) continue;
        if (covered_by(w, h, &reference)) {
            const Entry__CaseStep m = case_cover_body(w->c->t, w->c->now_ms, w->c->zone_min, h, reference, &w->a);
            keep(w->out, w->c->look_a, KIND_CASE_STEP, &m.base);
            continue;
        }
        if (h->state != CASE_ALERT) continue;
        if (!has_room(w, 1)) end_entry(w);
        w->vanished[w->m.n_vanished++] = z(w, h->id);
        w->rows++;
    }
}

/* ---- all of it */

static const case_head *head_of(const books_cases *all, const trace_case *x) {
    for (size_t i = 0; i < all->n; i++)
        if (str_eq(all->head[i].id, x->id)) return &all->head[i];
    return NULL;
}

static void write_findings(writer *w, const books_cases *all, const trace_rules *rules) {
    const trace_result *r = &w->g->result;
    bool *used = ARENA_NEW(w->c->a, bool, r->signals + 1);
    uint64_t *keys = ARENA_NEW(w->c->a, uint64_t, r->signals + 1);
    int64_t end_ms = ((int64_t)(w->g->feed.world.as_of + 1) * 1440 - w->c->zone_min) * 60000;
    ASSERT(used != NULL && keys != NULL);
    for (size_t i = 0; i < r->signals; i++) keys[i] = r->signal[i].key;
    qsort(keys, r->signals, sizeof *keys, by_key);
    begin_entry(w);
    write_all_gone(w, keys, r->signals, end_ms);
    for (size_t i = 0; i < w->g->cases.n; i++) {
        const trace_case *x = &w->g->cases.one[i];
        const case_head *h = head_of(all, x);
        w->out->opened += h == NULL;
        for (size_t k = 0; k < x->signals; k++) used[x->signal[k]] = true;
        write_case(w, x, h);
    }
    for (size_t i = 0; i < r->signals; i++)
        if (!used[i]) write_loose(w, &r->signal[i]);
    write_vanished(w, all, rules, end_ms);
    write_learned(w);
    end_entry(w);
    w->out->cases = w->g->cases.n;
    w->out->signals = r->signals;
    w->out->tested = r->tested;
    w->out->dropped = r->dropped;
    w->out->as_of = w->g->feed.world.as_of;
}

static void answer_run(call *c, const findings *f) {
    json *j = answer_show(c);
    put_day_cell(j, "as_of", f->as_of);
    cell_count(j, "cases", f->cases);
    cell_count(j, "opened", f->opened);
    cell_count(j, "signals", f->signals);
    cell_count(j, "tested", f->tested);
    cell_count(j, "dropped", f->dropped);
    cell_count(j, "entries", f->entries);
    cell_count(j, "engine", TRACE_ENGINE);
    answer_show_end(c);
}

static void find(call *c, const judged *g, const books_cases *all, const trace_rules *rules, findings *out) {
    writer *w = calloc(1, sizeof *w);
    ASSERT(w != NULL);
    w->c = c;
    w->g = g;
    w->out = out;
    arena_init(&w->a, SIZE_MAX); /* bounded by an entry */
    write_findings(w, all, rules);
    arena_free(&w->a);
    free(w);
}

/* Beside the loop: judge, and put aside what is new. */
static bool look(call *c, day_t as_of, err *e) {
    AUTO(judged) g = {.cases = {.n = 0}};
    books_cases all = {.n = 0};
    trace_rules rules;
    findings *out = ARENA_NEW(c->look_a, findings, 1);
    tuning_load(c->t, &rules);
    load_cases(c, &all);
    arena_init(&g.a, SIZE_MAX); /* bounded by the books */
    TRY(trace_feed_read(c->t, as_of, &g.feed, e));
    trace_known *known = ARENA_NEW(c->a, trace_known, all.n + 1);
    ASSERT(known != NULL && out != NULL);
    size_t knowns = place_cases(c, &all, &g.feed, &rules, known);
    trace_judge(&g.feed.world, &rules, &g.a, &g.result);
    trace_gather(&g.feed.world, &rules, &g.result, known, knowns, &g.a, &g.cases);
    find(c, &g, &all, &rules, out);
    c->looked = out;
    c->answered = out->entries == 0;
    if (c->answered) answer_run(c, out);
    return txn_ok(c->t, e);
}

bool cmd_signal_run(call *c, err *e) {
    day_t as_of, today = day_at(c->now_ms, c->zone_min);
    TRY(call_day(c, "as-of", today, &as_of, e));
    if (as_of > today) return err_set(e, ERR_USAGE, "--as-of: a day that has come");
    if (c->looking) return look(c, as_of, e);
    const findings *f = c->looked;
    for (size_t i = 0; i < f->entries; i++) {
        apply_result r = {.a = c->a};
        TRY(journal_append_packed(c->t, f->entry[i].kind, c->now_ms, call_actor(c), f->entry[i].body, &r, e));
    }
    answer_run(c, f);
    return true;
}
