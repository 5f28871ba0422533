#include "daemon/trace/codes_put.h"

#include "daemon/store/keys.h"
#include "daemon/trace/events.h"
#include <stdlib.h>

struct open_container {
    uint32_t no;
    container_head head;
    buf put_in;
    code_key last; /* put in last */
    size_t count;
    bool listed; /* last and count are worked out */
    bool dirty;
};

void code_writer_begin(code_writer *w, txn *t, arena *a) {
    *w = (code_writer){.t = t, .a = a};
}

void code_writer_auto(code_writer *w) {
    for (size_t i = 0; i < w->opens; i++) {
        buf_free(&w->open[i]->put_in);
        free(w->open[i]);
    }
    map_free(&w->index);
}

static str no_key(const uint32_t *no) {
    return str_from(no, sizeof *no);
}

static open_container *add_open(code_writer *w, uint32_t no) {
    open_container *o = calloc(1, sizeof *o);
    ASSERT(o != NULL);
    o->no = no;
    w->open = arena_grown(w->a, w->open, w->opens, &w->cap, sizeof *w->open);
    w->open[w->opens++] = o;
    *map_at(&w->index, arena_str(w->a, no_key(&no)), NULL) = w->opens;
    return o;
}

static open_container *open_no(code_writer *w, uint32_t no) {
    str put_in;
    uint64_t *at = map_find(&w->index, no_key(&no));
    if (at) return w->open[*at - 1];
    open_container *o = add_open(w, no);
    if (!container_head_get(w->t, no, &o->head, &put_in)) return o; /* the transaction has failed */
    buf_add(&o->put_in, put_in);
    return o;
}

/* The code as it is now, containers as they stand open. */
static bool get(code_writer *w, const code_key *k, code_row *out) {
    uint32_t no = container_no(w->t, k);
    if (no == 0) return code_get(w->t, k, out);
    open_container *o = open_no(w, no);
    *out = (code_row){.key = *k, .container = no};
    out->body = o->head.body;
    return true;
}

static void put(code_writer *w, const code_row *r) {
    AUTO(buf) b = {0};
    if (r->container) {
        open_container *o = open_no(w, r->container);
        o->head.body = r->body;
        o->dirty = true;
        return;
    }
    code_body_encode(&r->body, &b);
    kv_put(w->t, TABLE_CODE, code_str(&r->key), buf_str(&b));
}

uint32_t code_writer_container(code_writer *w, const code_key *k) {
    AUTO(buf) b = {0};
    code_row r;
    uint32_t no = container_no(w->t, k);
    if (no) return no;
    (void)code_get(w->t, k, &r);
    no = (uint32_t)store_next(w->t, "container");
    open_container *o = add_open(w, no);
    o->head.key = *k;
    o->head.body = r.body;
    o->head.body.known = o->listed = o->dirty = true;
    code_container_encode(no, &b);
    kv_put(w->t, TABLE_CODE, code_str(k), buf_str(&b));
    return no;
}

void code_writer_flush(code_writer *w) {
    AUTO(buf) b = {0};
    for (size_t i = 0; i < w->opens; i++) {
        const open_container *o = w->open[i];
        key k = {.n = 0};
        if (!o->dirty) continue;
        buf_clear(&b);
        container_head_encode(&o->head, &b);
        buf_add(&b, buf_str(&o->put_in));
        key_u32(&k, o->no);
        kv_put(w->t, TABLE_CONTAINER, key_str(&k), buf_str(&b));
    }
}

uint32_t code_writer_class(code_writer *w, str sku, str batch) {
    key find = {.n = 0}, k = {.n = 0};
    str val;
    AUTO(buf) b = {0};
    uint8_t raw[4];
    if (sku.n + batch.n == 0) return 0;
    key_u8(&find, 1);
    key_textz(&find, sku);
    key_text(&find, batch);
    if (kv_get(w->t, TABLE_CODE_CLASS, key_str(&find), &val) && val.n == 4) return get_be32(val.p);
    uint32_t no = (uint32_t)store_next(w->t, "code_class");
    put_be32(raw, no);
    kv_put(w->t, TABLE_CODE_CLASS, key_str(&find), str_from(raw, sizeof raw));
    key_u8(&k, 0);
    key_u32(&k, no);
    buf_text(&b, sku);
    buf_text(&b, batch);
    kv_put(w->t, TABLE_CODE_CLASS, key_str(&k), buf_str(&b));
    return no;
}

/* ---- what was put in */

static void list_open(open_container *o) {
    contents c = {.r = reader_of(buf_str(&o->put_in))};
    contained x;
    if (o->listed) return;
    while (contents_next(&c, &x)) o->count++;
    o->last = c.last;
    o->listed = true;
}

static bool put_in(code_writer *w, uint32_t no, const code_key *k, uint64_t to) {
    open_container *o = open_no(w, no);
    contained x = {*k, to};
    list_open(o);
    if (o->count >= LIMIT_CONTAINED) return false;
    contained_put(&o->put_in, &o->last, &x);
    o->last = *k;
    o->count++;
    o->dirty = true;
    return true;
}

/* ---- statements */

static bool of_manufacturer(code_writer *w, uint64_t ref) {
    return ref == 0 || event_of_manufacturer(w->t, ref & ~CODE_EVENT_REF);
}

/* Two statements of one time stand in an order of their own: outs first, then by the container's key. */
static int by_time(code_writer *w, const code_packing *a, const code_packing *b) {
    code_key x, y;
    if (a->since != b->since) return a->since < b->since ? -1 : 1;
    if (a->out != b->out) return a->out ? -1 : 1;
    if (a->parent == b->parent || !container_key(w->t, a->parent, &x)) return 0;
    return container_key(w->t, b->parent, &y) ? str_cmp(code_str(&x), code_str(&y)) : 0;
}

static code_change insert(code_writer *w, code_body *b, const code_packing *p) {
    uint32_t at = b->packings;
    if (at == LIMIT_PACKED) return CODE_REFUSED;
    while (at > 0 && by_time(w, p, &b->packing[at - 1]) < 0) at--;
    memmove(&b->packing[at + 1], &b->packing[at], (b->packings - at) * sizeof *p);
    b->packing[at] = *p;
    b->packings++;
    return CODE_CHANGED;
}

static code_change say_by_event(code_writer *w, code_body *b, const code_word *said) {
    for (uint32_t i = 0; i < b->packings; i++) {
        const code_packing *p = &b->packing[i];
        if (p->ref == said->ref && p->parent == said->parent && p->out == said->out) return CODE_SAME;
    }
    return insert(w, b, &(code_packing){said->since, said->parent, said->out, said->ref});
}

/* Of a list of codes: what the manufacturer said of it last is what it is compared with. */
static code_change say_by_list(code_writer *w, code_body *b, const code_word *said) {
    code_packing p = {said->dated ? said->since : CODE_EVER, said->parent, false, 0};
    for (uint32_t i = b->packings; i-- > 0;) {
        code_packing *x = &b->packing[i];
        if (said->dated && x->ref == 0 && x->since == said->since) {
            if (x->parent == said->parent) return CODE_SAME;
            x->parent = said->parent;
            return CODE_CHANGED;
        }
        if (said->dated || !of_manufacturer(w, x->ref)) continue;
        if (!x->out && x->parent == said->parent) return CODE_SAME;
        p.since = said->now;
        break;
    }
    for (uint32_t i = 0; i < b->packings; i++) { /* the same instant: the later word holds */
        if (b->packing[i].ref || b->packing[i].since != p.since) continue;
        b->packing[i].parent = p.parent;
        return CODE_CHANGED;
    }
    return insert(w, b, &p);
}

/* What a list says of sku and batch stands before what an event says. */
static bool say_class(code_body *b, const code_word *said) {
    bool event = said->ref != 0;
    if (said->class_no == 0 || said->class_no == b->class_no) return false;
    if (event && b->class_no && !b->class_by_event) return false;
    b->class_no = said->class_no;
    b->class_by_event = event;
    return true;
}

/* Changes a body; CODE_NEW when nobody knew the code before. */
static code_change say(code_writer *w, code_body *b, const code_word *said) {
    bool fresh = !b->known, told = say_class(b, said);
    code_change change = CODE_SAME;
    if (said->parent) change = said->ref ? say_by_event(w, b, said) : say_by_list(w, b, said);
    if (change == CODE_REFUSED) return change;
    b->known = true;
    return fresh ? CODE_NEW : told ? CODE_CHANGED : change;
}

static bool lists(const code_word *said, code_change change) {
    return said->parent && !said->out && (change == CODE_NEW || change == CODE_CHANGED);
}

code_change code_writer_say(code_writer *w, const code_key *k, const code_word *said) {
    code_row r;
    (void)get(w, k, &r);
    code_change change = say(w, &r.body, said);
    if (change == CODE_REFUSED) return change;
    if (lists(said, change) && !put_in(w, said->parent, k, 0)) return CODE_REFUSED;
    if (change != CODE_SAME) put(w, &r);
    return change;
}

void code_writer_emptied(code_writer *w, uint32_t container, int64_t time_ms, uint64_t ref) {
    open_container *o = open_no(w, container);
    container_head *h = &o->head;
    uint32_t at = h->emptieds;
    for (uint32_t i = 0; i < h->emptieds; i++)
        if (h->emptied[i].ref == ref) return;
    if (at == LIMIT_PACKED) return;
    while (at > 0 && h->emptied[at - 1].time_ms > time_ms) at--;
    memmove(&h->emptied[at + 1], &h->emptied[at], (h->emptieds - at) * sizeof *h->emptied);
    h->emptied[at] = (struct emptied){time_ms, ref};
    h->emptieds++;
    o->dirty = true;
}

void code_writer_unempty(code_writer *w, uint32_t container, uint64_t ref) {
    open_container *o = open_no(w, container);
    container_head *h = &o->head;
    uint32_t n = 0;
    for (uint32_t i = 0; i < h->emptieds; i++)
        if (h->emptied[i].ref != ref) h->emptied[n++] = h->emptied[i];
    o->dirty = o->dirty || n != h->emptieds;
    h->emptieds = n;
}

void code_writer_unsay(code_writer *w, const code_key *k, uint64_t ref) {
    code_row r;
    uint32_t n = 0;
    (void)get(w, k, &r);
    for (uint32_t i = 0; i < r.body.packings; i++)
        if (r.body.packing[i].ref != ref) r.body.packing[n++] = r.body.packing[i];
    if (n == r.body.packings) return;
    r.body.packings = n;
    put(w, &r);
}

void code_writer_state(code_writer *w, const code_key *k, const code_state *s) {
    key at = {.n = 0};
    AUTO(buf) b = {0};
    code_row r;
    (void)get(w, k, &r);
    key_bytes(&at, k->p, k->n);
    key_u64(&at, s->ref);
    buf_byte(&b, (char)s->act);
    buf_be64(&b, (uint64_t)s->time_ms);
    buf_text(&b, s->reason);
    buf_text(&b, s->actor);
    kv_put(w->t, TABLE_CODE_STATE, key_str(&at), buf_str(&b));
    if (r.body.stated) return;
    r.body.stated = true;
    put(w, &r);
}

void code_writer_unstate(code_writer *w, const code_key *k, uint64_t ref) {
    key at = {.n = 0};
    key_bytes(&at, k->p, k->n);
    key_u64(&at, ref);
    (void)kv_del(w->t, TABLE_CODE_STATE, key_str(&at));
}

/* ---- ranges */

typedef struct piece {
    code_row row; /* key: of its last */
    bool fresh;   /* it stands nowhere yet */
} piece;

typedef struct pieces {
    arena a;
    piece *at;
    size_t n, cap;
} pieces;

static piece *add_piece(pieces *p, const code_row *like, uint64_t from, uint64_t to) {
    p->at = arena_grown(&p->a, p->at, p->n, &p->cap, sizeof *p->at);
    piece *x = &p->at[p->n++];
    x->row = *like;
    x->row.key = code_at(&like->key, to);
    x->row.from = from;
    x->row.to = to;
    x->fresh = false;
    return x;
}

static void put_range(code_writer *w, const code_row *r) {
    AUTO(buf) b = {0};
    buf_be64(&b, r->from);
    code_body_encode(&r->body, &b);
    kv_put(w->t, TABLE_CODE_RANGE, code_str(&r->key), buf_str(&b));
}

/* Ranges that lie in first … to, cut at its ends, and fresh ones for what lies between them. */
static bool cut_ranges(code_writer *w, const code_key *first, uint64_t from, uint64_t to, pieces *p) {
    size_t prefix;
    uint64_t value, next = from;
    code_row all = {.key = *first, .ranged = true};
    (void)code_series(first, &prefix, &value);
    size_t found = 0;
    code_row r;
    pieces touched = {.n = 0};
    arena_init(&touched.a, SIZE_MAX);
    for (AUTO(kv_cursor) c = kv_from(w->t, TABLE_CODE_RANGE, str_take(code_str(first), prefix), code_str(first));
         kv_next(&c);) {
        if (!code_range_of(c.key, c.val, &r) || r.from > to || ++found > LIMIT_RANGES) break;
        (void)add_piece(&touched, &r, r.from, r.to);
    }
    for (size_t i = 0; i < touched.n && found <= LIMIT_RANGES; i++) {
        const code_row *old = &touched.at[i].row;
        uint64_t low = old->from > from ? old->from : from, high = old->to < to ? old->to : to;
        if (next < low) add_piece(p, &all, next, low - 1)->fresh = true;
        (void)kv_del(w->t, TABLE_CODE_RANGE, code_str(&old->key));
        code_row left = *old, right = *old;
        left.key = code_at(&old->key, from - 1);
        left.to = from - 1;
        right.from = to + 1;
        if (old->from < from) put_range(w, &left);
        if (old->to > to) put_range(w, &right);
        (void)add_piece(p, old, low, high);
        next = high + 1;
    }
    if (next <= to) add_piece(p, &all, next, to)->fresh = true;
    arena_free(&touched.a);
    return found <= LIMIT_RANGES;
}

/* Codes of the range that have a row of their own, each told the same. */
static void say_singles(code_writer *w, const code_key *first, uint64_t to, const code_word *said,
                        code_change *change) {
    size_t prefix, n = 0, cap = 0;
    uint64_t value;
    code_key *one = NULL, k;
    arena a;
    arena_init(&a, SIZE_MAX);
    (void)code_series(first, &prefix, &value);
    for (AUTO(kv_cursor) c = kv_from(w->t, TABLE_CODE, str_take(code_str(first), prefix), code_str(first));
         kv_next(&c);) {
        if (!code_key_of(c.key, &k) || !code_series(&k, &prefix, &value) || value > to) break;
        one = arena_grown(&a, one, n, &cap, sizeof *one);
        one[n++] = k;
    }
    for (size_t i = 0; i < n; i++) {
        code_change did = code_writer_say(w, &one[i], said);
        if (*change == CODE_SAME && did != CODE_SAME) *change = CODE_CHANGED;
    }
    arena_free(&a);
}

code_change code_writer_say_range(code_writer *w, const code_key *first, uint64_t to, const code_word *said) {
    size_t prefix;
    uint64_t from;
    code_change change = CODE_SAME;
    bool any_new = false;
    pieces p = {.n = 0};
    if (!code_series(first, &prefix, &from)) return CODE_REFUSED;
    arena_init(&p.a, SIZE_MAX);
    bool ok = cut_ranges(w, first, from, to, &p);
    for (size_t i = 0; i < p.n; i++) {
        code_change did = say(w, &p.at[i].row.body, said);
        ok = ok && did != CODE_REFUSED;
        any_new = any_new || p.at[i].fresh;
        if (did != CODE_SAME && change == CODE_SAME) change = CODE_CHANGED;
        if (did != CODE_REFUSED || !p.at[i].fresh) put_range(w, &p.at[i].row);
    }
    arena_free(&p.a);
    if (!ok) return CODE_REFUSED;
    say_singles(w, first, to, said, &change);
    if (any_new && change != CODE_SAME) change = CODE_NEW;
    if (lists(said, change) && !put_in(w, said->parent, first, to + 1)) return CODE_REFUSED;
    return change;
}
