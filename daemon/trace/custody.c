#include "daemon/trace/custody.h"

#include "daemon/catalog/settings.h"
#include "daemon/ledger/document.h"
#include "daemon/store/keys.h"
#include "daemon/trace/custody_put.h"
#include "daemon/trace/events.h"
#include "daemon/trace/world.h"
#include <stdlib.h>

const char *move_kind_name(move_kind k) {
    switch (k) {
#define X(kind, no, name)                                                                                              \
    case kind: return name;
        MOVE_KINDS(X)
#undef X
    }
    return "";
}

/* ---- the order of moves, pure */

static bool moves_goods(const custody_move *m) {
    return m->kind != MOVE_COUNTED && m->kind != MOVE_OBSERVED && !(m->kind == MOVE_SOLD && m->to == 0);
}

/* Does it begin where the goods are? */
static bool fits(const custody_move *m, uint32_t holder) {
    if (m->kind == MOVE_SHIPPED && holder == 0) return true;
    if (m->kind == MOVE_RECEIVED) return m->from == holder || m->to == holder;
    return moves_goods(m) ? m->from == holder : m->by == holder;
}

static int by_base(const void *x, const void *y) {
    const custody_move *a = x, *b = y;
    if (a->day != b->day) return a->day < b->day ? -1 : 1;
    if (a->timed && b->timed && a->time_ms != b->time_ms) return a->time_ms < b->time_ms ? -1 : 1;
    if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
    int order = memcmp(a->identity, b->identity, sizeof a->identity);
    if (order) return order;
    if (a->line != b->line) return a->line < b->line ? -1 : 1;
    return str_cmp(code_str(&a->named), code_str(&b->named));
}

/* An event does not come before an earlier event. */
static bool waits(const custody_move *m, const custody_move *day, size_t n) {
    for (size_t i = 0; m->timed && i < n; i++)
        if (day[i].timed && day[i].time_ms < m->time_ms) return true;
    return false;
}

static size_t pick(const custody_move *day, size_t n, uint32_t holder) {
    size_t any = SIZE_MAX, fit = SIZE_MAX;
    for (size_t i = 0; i < n; i++) {
        if (waits(&day[i], day, n)) continue;
        if (any == SIZE_MAX || by_base(&day[i], &day[any]) < 0) any = i;
        if (fits(&day[i], holder) && (fit == SIZE_MAX || by_base(&day[i], &day[fit]) < 0)) fit = i;
    }
    return fit != SIZE_MAX ? fit : any;
}

static uint32_t order_day(custody_move *day, size_t n, uint32_t holder) {
    for (size_t i = 0; i < n; i++) {
        size_t next = i + pick(day + i, n - i, holder);
        custody_move m = day[next];
        memmove(&day[i + 1], &day[i], (next - i) * sizeof m);
        day[i] = m;
        holder = custody_after(&m, holder);
    }
    return holder;
}

static int by_day(const void *x, const void *y) {
    const custody_move *a = x, *b = y;
    return (a->day > b->day) - (a->day < b->day);
}

void custody_order(custody_move *m, size_t n) {
    uint32_t holder = 0;
    if (n > 1) qsort(m, n, sizeof *m, by_day);
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && m[to].day == m[from].day;) to++;
        holder = to - from > 1 ? order_day(m + from, to - from, holder) : custody_after(&m[from], holder);
    }
}

uint32_t custody_after(const custody_move *m, uint32_t holder) {
    switch (m->kind) {
    case MOVE_SHIPPED:
    case MOVE_TRANSFERRED:
    case MOVE_SOLD: return m->to ? m->to : holder;
    case MOVE_RECEIVED: return m->from && (m->from == holder || holder == 0) ? m->to : holder;
    case MOVE_RETURNED: return m->from ? m->to : holder;
    case MOVE_SENT_BACK: return m->to;
    case MOVE_COUNTED:
    case MOVE_OBSERVED: break;
    }
    return holder;
}

/* ---- moves of a code and of what it lay in */

typedef struct collect {
    txn *t;
    arena *a;
    int zone;
    custody_move *at;
    size_t n, cap;
} collect;

typedef struct window {
    int64_t from, until; /* half open */
} window;

static int64_t day_start(day_t d, int zone) {
    return (int64_t)d * TRACE_DAY_MS - (int64_t)zone * 60000;
}

static bool in_window(const custody_move *m, const window *w) {
    if (m->timed) return m->time_ms >= w->from && m->time_ms < w->until;
    return m->time_ms < w->until && (w->from == CODE_EVER || m->time_ms + TRACE_DAY_MS > w->from);
}

/* Parties of an event are looked up when they are asked for: a GLN learnt later counts for what came before. */
static void tell_event(collect *c, custody_move *m) {
    AUTO(arena) a = {0};
    trace_event x;
    arena_init(&a, LIMIT_EVENT_BYTES * 8);
    if (!event_get(c->t, m->ref, &a, &x)) return;
    m->time_ms = x.e->time_ms;
    m->timed = true;
    m->by = event_place(c->t, x.e);
    event_sides(c->t, x.e, &m->from, &m->to);
    if (m->kind == MOVE_RECEIVED && m->to == 0) m->to = m->by;
    if (m->kind == MOVE_SHIPPED && m->from == 0) m->from = m->by;
    memcpy(m->identity, x.key, sizeof m->identity);
}

static bool decode(collect *c, str rest, str val, const code_key *named, custody_move *m) {
    reader k = reader_of(rest), r = reader_of(val);
    *m = (custody_move){.named = *named};
    m->day = read_day(&k);
    m->ref = read_be64(&k);
    m->line = read_be32(&k);
    m->kind = (move_kind)read_byte(&r);
    m->from = read_be32(&r);
    m->to = read_be32(&r);
    m->by = read_be32(&r);
    m->region = read_be32(&r);
    m->source = read_byte(&r);
    m->product = read_be32(&r);
    m->quantity = read_zigzag(&r);
    m->time_ms = day_start(m->day, c->zone);
    if (m->ref & CODE_EVENT_REF) tell_event(c, m);
    return !k.bad && !r.bad;
}

static void collect_at(collect *c, const key *prefix, const code_key *named, const window *w) {
    for (AUTO(kv_cursor) x = kv_from(c->t, TABLE_CUSTODY, key_str(prefix), STR_NONE); kv_next(&x);) {
        custody_move m;
        if (c->n >= LIMIT_CUSTODY) return;
        if (!decode(c, str_skip(x.key, prefix->n), x.val, named, &m) || !in_window(&m, w)) continue;
        c->at = arena_grown(c->a, c->at, c->n, &c->cap, sizeof *c->at);
        c->at[c->n++] = m;
    }
}

/* A code's own moves stand under every container that it ever lay in, and under none. */
static void collect_own(collect *c, const code_row *r, const window *w) {
    if (r->container) {
        key k = custody_prefix(r->container, NULL);
        collect_at(c, &k, &r->key, w);
    }
    for (uint32_t i = 0; i <= r->body.packings; i++) {
        uint32_t home = i < r->body.packings ? r->body.packing[i].parent : 0;
        bool again = false;
        for (uint32_t k = 0; k < i && k < r->body.packings; k++) again = again || r->body.packing[k].parent == home;
        if (again) continue;
        key k = custody_prefix(home, &r->key);
        collect_at(c, &k, &r->key, w);
    }
}

static void collect_all(collect *c, const code_row *r, window w, int depth) {
    code_span span[LIMIT_PACKED];
    code_row around;
    collect_own(c, r, &w);
    size_t n = depth < LIMIT_NESTING ? code_spans(c->t, &r->body, span) : 0;
    for (size_t i = 0; i < n; i++) {
        window in = {span[i].from > w.from ? span[i].from : w.from, span[i].until < w.until ? span[i].until : w.until};
        if (in.from < in.until && container_get(c->t, span[i].parent, &around)) collect_all(c, &around, in, depth + 1);
    }
}

/* Reporter and identity are the first fields of a document's record. */
static void tell_identity(txn *t, custody_move *m) {
    key k = {.n = 0};
    str val;
    key_u64(&k, m->ref);
    if (m->ref & CODE_EVENT_REF || !kv_get(t, TABLE_DOCUMENT_NO, key_str(&k), &val) || val.n < 5 + sizeof m->identity)
        return;
    memcpy(m->identity, val.p + 5, sizeof m->identity);
}

static bool one_day(const custody_move *m, size_t n, size_t i) {
    for (size_t k = 0; k < n; k++)
        if (k != i && m[k].day == m[i].day) return true;
    return false;
}

static size_t ordered(collect *c, custody_move **out) {
    for (size_t i = 0; i < c->n; i++)
        if (one_day(c->at, c->n, i)) tell_identity(c->t, &c->at[i]);
    custody_order(c->at, c->n);
    *out = c->at;
    return c->n;
}

size_t custody_moves(txn *t, const code_row *r, int64_t until_ms, arena *a, custody_move **out) {
    collect c = {.t = t, .a = a, .zone = (int)setting_number(t, SETTING_ZONE)};
    collect_all(&c, r, (window){CODE_EVER, until_ms == INT64_MAX ? until_ms : until_ms + 1}, 0);
    return ordered(&c, out);
}

size_t custody_around(txn *t, const code_key *k, code_key *out, size_t max) {
    uint32_t no[LIMIT_PACKED];
    size_t n = 0, seen = 0;
    code_row r;
    (void)code_get(t, k, &r);
    for (;;) { /* breadth first: what each of those found lay in comes behind them */
        for (uint32_t i = 0; i < r.body.packings && n < max && n < LIMIT_PACKED; i++) {
            bool known = false;
            for (size_t x = 0; x < n; x++) known = known || no[x] == r.body.packing[i].parent;
            if (known || !container_key(t, r.body.packing[i].parent, &out[n])) continue;
            no[n++] = r.body.packing[i].parent;
        }
        if (seen == n || !container_get(t, no[seen++], &r)) return n;
    }
}

/* The code and what lies around it at a time, innermost first. `settled`: none of them ever lay elsewhere, so what they went
 * through is what the code went through. */
typedef struct chain {
    code_row around[LIMIT_NESTING];
    size_t n;
    bool settled;
} chain;

static bool never_moved(const code_body *b) {
    return b->packings == 0 || (b->packings == 1 && b->packing[0].since == CODE_EVER && !b->packing[0].out);
}

static void chain_of(txn *t, const code_row *r, int64_t time_ms, chain *out) {
    const code_body *inner = &r->body;
    out->n = 0;
    out->settled = never_moved(inner);
    while (out->n < LIMIT_NESTING && code_around(t, inner, time_ms, &out->around[out->n])) {
        inner = &out->around[out->n++].body;
        out->settled = out->settled && never_moved(inner);
    }
    out->settled = out->settled && inner->packings == 0; /* else the outermost was emptied before that time */
}

static size_t chain_moves(txn *t, const code_row *r, const chain *x, int64_t time_ms, arena *a, custody_move **out) {
    collect c = {.t = t, .a = a, .zone = (int)setting_number(t, SETTING_ZONE)};
    window w = {CODE_EVER, time_ms == INT64_MAX ? time_ms : time_ms + 1};
    if (!x->settled) return custody_moves(t, r, time_ms, a, out);
    collect_own(&c, r, &w);
    for (size_t i = 0; i < x->n; i++) collect_own(&c, &x->around[i], &w);
    return ordered(&c, out);
}

/* Of what lies in a container: of the first that has one. */
static uint32_t product_inside(txn *t, uint32_t container, int64_t time_ms, int depth) {
    contained in;
    for (contents c = container_contents(t, container); depth > 0 && contents_next(&c, &in);) {
        code_row r;
        code_key one = in.key;
        (void)code_get(t, &one, &r);
        uint32_t no = code_product(t, &r, time_ms);
        if (no == 0 && r.container) no = product_inside(t, r.container, time_ms, depth - 1);
        if (no) return no;
    }
    return 0;
}

void custody_at(txn *t, const code_key *k, int64_t time_ms, uint64_t before, arena *a, custody *out) {
    custody_move *m;
    chain x;
    uint64_t gtin = code_gtin(k);
    (void)code_get(t, k, &out->row);
    chain_of(t, &out->row, time_ms, &x);
    out->holder = 0;
    out->moved = 0;
    out->moved_line = 0;
    out->standing = (code_standing){.by = {.n = 0}};
    code_standing_add(t, &out->row, time_ms, &out->standing);
    out->class_no = out->row.body.class_no;
    for (size_t i = 0; i < x.n; i++) {
        code_standing_add(t, &x.around[i], time_ms, &out->standing);
        if (out->class_no == 0) out->class_no = x.around[i].body.class_no;
    }
    out->outer = x.n ? x.around[x.n - 1].container : 0;
    out->product = code_product_of(t, out->class_no, gtin ? gtin : code_as_gtin(k));
    if (out->product == 0 && out->row.container)
        out->product = product_inside(t, out->row.container, time_ms, LIMIT_NESTING);
    size_t n = chain_moves(t, &out->row, &x, time_ms, a, &m);
    for (size_t i = 0; i < n && (before == 0 || m[i].ref != before); i++) {
        uint32_t now = custody_after(&m[i], out->holder);
        if (out->product == 0) out->product = m[i].product;
        if (now == out->holder && m[i].to != now) continue;
        out->holder = now;
        out->moved = m[i].ref;
        out->moved_line = m[i].line;
    }
}
