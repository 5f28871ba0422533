#include "daemon/trace/codes.h"

#include "daemon/catalog/catalog.h"
#include "daemon/catalog/index.h"
#include "daemon/catalog/product.h"
#include "daemon/store/keys.h"
#include "daemon/trace/codes_body.h"
#include <inttypes.h>
#include <stdio.h>

enum {
    IS_KNOWN = 1,
    IS_STATED = 2,
    HAS_CLASS = 4,
    HAS_HISTORY = 8,
    IS_CONTAINER = 16,
    CLASS_BY_EVENT = 32,
    HAS_PARENT = 64
};

void code_container_encode(uint32_t no, buf *out) {
    buf_byte(out, IS_CONTAINER);
    buf_varint(out, no);
}

static bool usual(const code_body *b) {
    const code_packing *p = &b->packing[0];
    return b->packings == 1 && p->since == CODE_EVER && p->ref == 0 && !p->out;
}

void code_body_encode(const code_body *b, buf *out) {
    bool history = b->packings && !usual(b);
    int flags = (b->known ? IS_KNOWN : 0) | (b->stated ? IS_STATED : 0) | (b->class_no ? HAS_CLASS : 0) |
                (b->class_by_event ? CLASS_BY_EVENT : 0) | (history ? HAS_HISTORY : 0) | (usual(b) ? HAS_PARENT : 0);
    buf_byte(out, (char)flags);
    if (b->class_no) buf_varint(out, b->class_no);
    if (usual(b)) buf_varint(out, (uint64_t)b->packing[0].parent << 1);
    if (!history) return;
    buf_varint(out, b->packings);
    for (uint32_t i = 0; i < b->packings; i++) {
        const code_packing *p = &b->packing[i];
        buf_zigzag(out, p->since);
        buf_varint(out, (uint64_t)p->parent << 1 | p->out);
        buf_varint(out, p->ref);
    }
}

bool code_body_decode(reader *r, code_body *out, uint32_t *no) {
    int flags = read_byte(r);
    *no = flags & IS_CONTAINER ? (uint32_t)read_varint(r) : 0;
    out->known = flags & IS_KNOWN;
    out->stated = flags & IS_STATED;
    out->class_by_event = flags & CLASS_BY_EVENT;
    out->class_no = flags & HAS_CLASS ? (uint32_t)read_varint(r) : 0;
    out->packings = 0;
    if (flags & HAS_PARENT) {
        out->packings = 1;
        out->packing[0] = (code_packing){.since = CODE_EVER, .parent = (uint32_t)(read_varint(r) >> 1)};
    }
    if (!(flags & HAS_HISTORY)) return !r->bad;
    uint64_t n = read_varint(r);
    if (n > LIMIT_PACKED) return r->bad = true, false;
    for (uint64_t i = 0; i < n; i++) {
        code_packing *p = &out->packing[out->packings++];
        p->since = read_zigzag(r);
        uint64_t parent = read_varint(r);
        p->parent = (uint32_t)(parent >> 1);
        p->out = parent & 1;
        p->ref = read_varint(r);
    }
    return !r->bad;
}

void container_head_encode(const container_head *h, buf *out) {
    buf_text(out, code_str(&h->key));
    code_body_encode(&h->body, out);
    buf_varint(out, h->emptieds);
    for (uint32_t i = 0; i < h->emptieds; i++) {
        buf_zigzag(out, h->emptied[i].time_ms);
        buf_varint(out, h->emptied[i].ref);
    }
}

static bool head_decode(reader *r, code_key *k, code_body *b) {
    uint32_t none;
    return code_key_of(read_text(r), k) && code_body_decode(r, b, &none);
}

bool container_head_decode(reader *r, container_head *out) {
    TRY(head_decode(r, &out->key, &out->body));
    uint64_t n = read_varint(r);
    out->emptieds = 0;
    if (n > LIMIT_PACKED) return false;
    for (uint64_t i = 0; i < n; i++) {
        struct emptied *x = &out->emptied[out->emptieds++];
        x->time_ms = read_zigzag(r);
        x->ref = read_varint(r);
    }
    return !r->bad;
}

static bool container_val(txn *t, uint32_t no, str *val) {
    key k = {.n = 0};
    key_u32(&k, no);
    return no && kv_get(t, TABLE_CONTAINER, key_str(&k), val);
}

static void damaged(txn *t, const char *what) {
    err e;
    err_set(&e, ERR_INTERNAL, "a record of %s cannot be read", what);
    txn_fail(t, &e);
}

bool container_head_get(txn *t, uint32_t no, container_head *out, str *put_in) {
    str val;
    if (!container_val(t, no, &val)) return false;
    reader r = reader_of(val);
    if (!container_head_decode(&r, out)) return damaged(t, "containers"), false;
    *put_in = str_from(r.p, (size_t)(r.end - r.p));
    return true;
}

bool container_get(txn *t, uint32_t no, code_row *out) {
    str val;
    out->body.packings = 0;
    if (!container_val(t, no, &val)) return false;
    reader r = reader_of(val);
    out->container = no;
    out->ranged = false;
    if (head_decode(&r, &out->key, &out->body)) return true;
    return damaged(t, "containers"), false;
}

bool container_key(txn *t, uint32_t no, code_key *out) {
    str val;
    if (!container_val(t, no, &val)) return false;
    reader r = reader_of(val);
    return code_key_of(read_text(&r), out);
}

uint32_t container_no(txn *t, const code_key *k) {
    str val;
    if (!kv_get(t, TABLE_CODE, code_str(k), &val) || val.n == 0 || !(val.p[0] & IS_CONTAINER)) return 0;
    reader r = reader_of(str_skip(val, 1));
    return (uint32_t)read_varint(&r);
}

bool code_range_of(str stored_key, str val, code_row *out) {
    size_t prefix;
    reader r = reader_of(val);
    TRY(code_key_of(stored_key, &out->key) && code_series(&out->key, &prefix, &out->to));
    out->from = read_be64(&r);
    out->ranged = true;
    return code_body_decode(&r, &out->body, &out->container);
}

/* Ranges never overlap: the first that ends at the key or behind it has it, or none has. */
bool code_range_get(txn *t, const code_key *k, code_row *out) {
    size_t prefix;
    uint64_t value;
    if (!code_series(k, &prefix, &value)) return false;
    AUTO(kv_cursor) c = kv_from(t, TABLE_CODE_RANGE, str_take(code_str(k), prefix), code_str(k));
    if (!kv_next(&c)) return false;
    if (!code_range_of(c.key, c.val, out)) return damaged(t, "ranges of codes"), false;
    if (out->from > value) return false;
    out->key = *k;
    return true;
}

bool code_get(txn *t, const code_key *k, code_row *out) {
    str val;
    out->key = *k;
    out->container = 0;
    out->ranged = false;
    out->body.known = out->body.stated = out->body.class_by_event = false;
    out->body.class_no = out->body.packings = 0;
    if (!kv_get(t, TABLE_CODE, code_str(k), &val)) return code_range_get(t, k, out);
    reader r = reader_of(val);
    if (!code_body_decode(&r, &out->body, &out->container)) return damaged(t, "codes"), false;
    return out->container == 0 || container_get(t, out->container, out);
}

static bool says_class(txn *t, const code_body *b, str sku, str batch) {
    str known_sku, known_batch;
    if (sku.n + batch.n == 0) return true;
    code_class(t, b->class_no, &known_sku, &known_batch);
    return !b->class_by_event && str_eq(sku, known_sku) && str_eq(batch, known_batch);
}

bool code_says_same(txn *t, const code_key *k, uint64_t to, const code_key *parent, str sku, str batch) {
    code_row r;
    size_t prefix;
    uint64_t from;
    const code_packing *last = NULL;
    if (to && !(code_series(k, &prefix, &from) && code_range_get(t, k, &r) && r.from == from && r.to == to - 1))
        return false;
    if (!to && !code_get(t, k, &r)) return false;
    if (!r.body.known || !says_class(t, &r.body, sku, batch)) return false;
    if (parent->n == 0) return true;
    for (uint32_t i = 0; i < r.body.packings; i++)
        if (r.body.packing[i].ref == 0) last = &r.body.packing[i];
    return last && last->parent == container_no(t, parent);
}

/* ---- where it lay */

/* The first time in (from, until) at which a container was emptied, else until. */
static int64_t emptied_within(txn *t, uint32_t no, int64_t from, int64_t until) {
    container_head h;
    str put_in;
    if (!container_head_get(t, no, &h, &put_in)) return until;
    for (uint32_t i = 0; i < h.emptieds; i++)
        if (h.emptied[i].time_ms > from && h.emptied[i].time_ms < until) until = h.emptied[i].time_ms;
    return until;
}

size_t code_spans(txn *t, const code_body *b, code_span out[static LIMIT_PACKED]) {
    size_t n = 0;
    bool open = false;
    for (uint32_t i = 0; i < b->packings; i++) {
        const code_packing *p = &b->packing[i];
        if (p->out && !(open && out[n - 1].parent == p->parent)) continue; /* of one that it no longer lay in */
        if (!p->out && open && out[n - 1].parent == p->parent) continue;
        if (open) out[n - 1].until = p->since;
        open = !p->out;
        if (open) out[n++] = (code_span){p->parent, p->since, INT64_MAX};
    }
    for (size_t i = 0; i < n; i++) out[i].until = emptied_within(t, out[i].parent, out[i].from, out[i].until);
    return n;
}

uint32_t code_parent_at(txn *t, const code_body *b, int64_t time_ms) {
    code_span span[LIMIT_PACKED];
    size_t n = code_spans(t, b, span);
    for (size_t i = n; i-- > 0;)
        if (span[i].from <= time_ms && time_ms < span[i].until) return span[i].parent;
    return 0;
}

bool code_around(txn *t, const code_body *b, int64_t time_ms, code_row *out) {
    const code_packing *p = &b->packing[0];
    container_head h;
    str put_in;
    bool usual_one = b->packings == 1 && !p->out;
    if (!usual_one) return container_get(t, code_parent_at(t, b, time_ms), out);
    if (p->since > time_ms || !container_head_get(t, p->parent, &h, &put_in)) return false;
    for (uint32_t i = 0; i < h.emptieds; i++)
        if (h.emptied[i].time_ms > p->since && h.emptied[i].time_ms <= time_ms) return false;
    out->key = h.key;
    out->container = p->parent;
    out->ranged = false;
    out->body = h.body;
    return true;
}

/* ---- class */

void code_class(txn *t, uint32_t no, str *sku, str *batch) {
    key k = {.n = 0};
    str val;
    *sku = *batch = STR("");
    key_u8(&k, 0);
    key_u32(&k, no);
    if (no == 0 || !kv_get(t, TABLE_CODE_CLASS, key_str(&k), &val)) return;
    reader r = reader_of(val);
    *sku = read_text(&r);
    *batch = read_text(&r);
}

uint32_t code_class_at(txn *t, const code_row *r, int64_t time_ms) {
    uint32_t no = r->body.class_no;
    code_row around = *r;
    for (int depth = 0; no == 0 && depth < LIMIT_NESTING; depth++) {
        code_body inner = around.body;
        if (!code_around(t, &inner, time_ms, &around)) break;
        no = around.body.class_no;
    }
    return no;
}

/* The one product with this GTIN, else what an alias says. */
static uint32_t product_of_gtin(txn *t, uint64_t gtin) {
    char digits[24];
    uint32_t found[2];
    product_match m;
    business_day day = {0, DAY_MIN, DAY_MAX};
    key k = index_key(INDEX_GTIN);
    if (gtin == 0) return 0;
    (void)snprintf(digits, sizeof digits, "%014" PRIu64, gtin);
    str text = str_take(str_of(digits), GTIN_SIZE);
    key_bytes(&k, text.p, text.n);
    if (index_numbers(t, &k, found, 2) == 1) return found[0];
    return resolve_product(t, 0, text, &day, &m) ? m.no : 0;
}

uint32_t code_product_of(txn *t, uint32_t class_no, uint64_t gtin) {
    str sku, batch;
    product p;
    code_class(t, class_no, &sku, &batch);
    return sku.n && product_by_sku(t, sku, &p) ? p.no : product_of_gtin(t, gtin);
}

uint32_t code_product(txn *t, const code_row *r, int64_t time_ms) {
    uint64_t gtin = code_gtin(&r->key);
    return code_product_of(t, code_class_at(t, r, time_ms), gtin ? gtin : code_as_gtin(&r->key));
}

/* ---- contents of a container */

contents container_contents(txn *t, uint32_t no) {
    container_head h;
    str put_in = STR("");
    if (!container_head_get(t, no, &h, &put_in)) put_in = STR("");
    return (contents){.r = reader_of(put_in)};
}

void contained_put(buf *out, const code_key *before, const contained *x) {
    size_t shared = 0;
    while (shared < before->n && shared < x->key.n && before->p[shared] == x->key.p[shared]) shared++;
    buf_varint(out, shared);
    buf_text(out, str_skip(code_str(&x->key), shared));
    buf_varint(out, x->to);
}

bool contents_next(contents *c, contained *out) {
    if (reader_done(&c->r)) return false;
    uint64_t shared = read_varint(&c->r);
    str rest = read_text(&c->r);
    out->to = read_varint(&c->r);
    if (c->r.bad || shared > c->last.n || shared + rest.n > LIMIT_CODE_KEY) return false;
    memcpy(c->last.p + shared, rest.p, rest.n);
    c->last.n = (uint8_t)(shared + rest.n);
    out->key = c->last;
    return true;
}

/* ---- states */

const char *code_act_name(code_act a) {
    static const char *const names[] = {"", "void", "lock", "unlock", "restore"};
    return (size_t)a < ARRAY_LEN(names) ? names[a] : "";
}

kv_cursor code_states(txn *t, const code_key *k) {
    return kv_from(t, TABLE_CODE_STATE, code_str(k), STR_NONE);
}

bool code_state_decode(const kv_cursor *c, code_state *out) {
    reader r = reader_of(c->val);
    out->act = (code_act)read_byte(&r);
    out->time_ms = (int64_t)read_be64(&r);
    out->reason = read_text(&r);
    out->actor = read_text(&r);
    out->ref = c->key.n >= 8 ? get_be64(c->key.p + c->key.n - 8) : 0;
    return !r.bad;
}

/* The last word on each of the two counts; a later entry wins over an earlier one of the same time. */
static void own_standing(txn *t, const code_key *k, int64_t time_ms, code_standing *out) {
    int64_t last_void = INT64_MIN, last_lock = INT64_MIN;
    bool is_void = false, locked = false;
    for (AUTO(kv_cursor) c = code_states(t, k); kv_next(&c);) {
        code_state s;
        if (!code_state_decode(&c, &s) || s.time_ms > time_ms) continue;
        bool of_void = s.act == CODE_ACT_VOID || s.act == CODE_ACT_RESTORE;
        int64_t *last = of_void ? &last_void : &last_lock;
        if (s.time_ms < *last) continue;
        *last = s.time_ms;
        if (of_void) is_void = s.act == CODE_ACT_VOID;
        else
            locked = s.act == CODE_ACT_LOCK;
    }
    if (is_void || locked) out->by = *k;
    out->is_void = out->is_void || is_void;
    out->locked = out->locked || locked;
}

void code_standing_add(txn *t, const code_row *r, int64_t time_ms, code_standing *out) {
    if (r->body.stated) own_standing(t, &r->key, time_ms, out);
}

void code_standing_at(txn *t, const code_row *r, int64_t time_ms, code_standing *out) {
    code_row around = *r;
    *out = (code_standing){.by = {.n = 0}};
    for (int depth = 0; depth <= LIMIT_NESTING; depth++) {
        code_standing_add(t, &around, time_ms, out);
        code_body inner = around.body;
        if (!code_around(t, &inner, time_ms, &around)) return;
    }
}
