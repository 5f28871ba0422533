#include "daemon/ledger/document.h"

#include "daemon/store/store.h"

enum { RECORD_FORM = 1, KEY_NUMBER = 32 };

static bool digit(char c) {
    return c >= '0' && c <= '9';
}

/* The run of digits that s begins with, without leading zeros; *s moves behind it. */
static str digits_of(str *s) {
    size_t n = 0;
    while (n < s->n && digit(s->p[n])) n++;
    str run = str_take(*s, n);
    *s = str_skip(*s, n);
    while (run.n > 1 && run.p[0] == '0') run = str_skip(run, 1);
    return run;
}

/* A total order, so that the greatest of a set does not depend on who is asked first: "9" < "10" < "10a" < "V2". */
int version_cmp(str a, str b) {
    while (a.n && b.n) {
        if (digit(a.p[0]) && digit(b.p[0])) {
            str x = digits_of(&a), y = digits_of(&b);
            int c = x.n != y.n ? (x.n > y.n) - (x.n < y.n) : str_cmp(x, y);
            if (c) return c;
            continue;
        }
        if (a.p[0] != b.p[0]) return (unsigned char)a.p[0] > (unsigned char)b.p[0] ? 1 : -1;
        a = str_skip(a, 1);
        b = str_skip(b, 1);
    }
    return (a.n > 0) - (b.n > 0);
}

/* Contents are listed in the order of their submission, so of equal versions the later index is the later one. */
int document_holds(const document *d) {
    int best = -1;
    for (uint32_t i = 0; i < d->contents; i++) {
        if (d->content[i].withdrawn) continue;
        if (best < 0 || version_cmp(d->content[i].version, d->content[best].version) >= 0) best = (int)i;
    }
    return best;
}

static int32_t number_period(const document *d) {
    if (d->flags & DOC_SCOPE_DAY) return d->date;
    if (d->flags & DOC_SCOPE_MONTH) return month_of(d->date);
    if (d->flags & DOC_SCOPE_YEAR) return civil_of(d->date).year;
    return 0;
}

void document_identify(const document *d, const uint8_t digest[static DIGEST_SIZE], uint8_t out[static IDENTITY_SIZE]) {
    AUTO(buf) b = {0};
    uint8_t whole[DIGEST_SIZE];
    unsigned scope = d->flags & (DOC_SCOPE_YEAR | DOC_SCOPE_MONTH | DOC_SCOPE_DAY);
    buf_text(&b, str_of(doc_type_name(d->type)));
    buf_text(&b, d->stream);
    buf_text(&b, d->number);
    if (d->number.n) {
        buf_varint(&b, scope);
        buf_zigzag(&b, number_period(d));
    } else {
        buf_text(&b, d->place);
        buf_zigzag(&b, d->date);
        if (d->flags & DOC_NIL) buf_addz(&b, "nil"); /* beside what is reported of the same day */
        if (d->flags & DOC_ADD) buf_add(&b, str_from(digest, DIGEST_SIZE));
    }
    digest_of(buf_str(&b), whole);
    memcpy(out, whole, IDENTITY_SIZE);
}

static void put_refs(buf *out, const content_ref *ref, uint32_t n) {
    buf_varint(out, n);
    for (uint32_t i = 0; i < n; i++) {
        buf_varint(out, ref[i].entry);
        buf_varint(out, ref[i].doc);
    }
}

void document_encode(const document *d, buf *out) {
    buf_byte(out, RECORD_FORM);
    buf_be32(out, d->partner);
    buf_add(out, str_from(d->identity, IDENTITY_SIZE));
    buf_varint(out, d->type);
    buf_varint(out, d->flags);
    buf_text(out, d->stream);
    buf_text(out, d->number);
    buf_text(out, d->place);
    buf_zigzag(out, d->date);
    buf_varint(out, d->posted);
    buf_varint(out, d->contents);
    for (uint32_t i = 0; i < d->contents; i++) {
        const content *c = &d->content[i];
        buf_add(out, str_from(c->digest, DIGEST_SIZE));
        buf_text(out, c->version);
        buf_varint(out, c->upload);
        buf_varint(out, c->lines);
        buf_byte(out, c->withdrawn);
        put_refs(out, c->ref, c->refs);
    }
    buf_varint(out, d->pending.parts);
    if (d->pending.parts == 0) return;
    buf_varint(out, d->pending.upload);
    buf_text(out, d->pending.version);
    buf_varint(out, d->pending.lines);
    put_refs(out, d->pending.ref, d->pending.refs);
}

static uint32_t read_u32(reader *r) {
    uint64_t v = read_varint(r);
    if (v > UINT32_MAX) r->bad = true;
    return (uint32_t)v;
}

static str read_kept(reader *r, arena *a) {
    str s = read_text(r);
    return s.n ? arena_str(a, s) : STR("");
}

static content_ref *read_refs(reader *r, arena *a, uint32_t *n) {
    *n = read_u32(r);
    if (*n > (size_t)(r->end - r->p)) r->bad = true;
    if (r->bad || *n == 0) return NULL;
    content_ref *ref = ARENA_NEW(a, content_ref, *n);
    ASSERT(ref != NULL);
    for (uint32_t i = 0; i < *n; i++) {
        uint64_t seq = read_varint(r);
        ref[i] = (content_ref){seq, read_u32(r)};
    }
    return ref;
}

static void read_content(reader *r, arena *a, content *c) {
    str digest = read_bytes(r, DIGEST_SIZE);
    if (r->bad) return;
    memcpy(c->digest, digest.p, DIGEST_SIZE);
    c->version = read_kept(r, a);
    c->upload = read_varint(r);
    c->lines = read_u32(r);
    c->withdrawn = read_byte(r) != 0;
    c->ref = read_refs(r, a, &c->refs);
}

bool document_decode(uint64_t no, str stored, arena *a, document *out) {
    reader r = reader_of(stored);
    *out = (document){.no = no};
    if (read_byte(&r) != RECORD_FORM) return false;
    out->partner = read_be32(&r);
    str identity = read_bytes(&r, IDENTITY_SIZE);
    if (r.bad) return false;
    memcpy(out->identity, identity.p, IDENTITY_SIZE);
    out->type = (doc_type)read_u32(&r);
    out->flags = read_u32(&r);
    out->stream = read_kept(&r, a);
    out->number = read_kept(&r, a);
    out->place = read_kept(&r, a);
    out->date = (day_t)read_zigzag(&r);
    out->posted = read_u32(&r);
    out->contents = read_u32(&r);
    if (r.bad || out->type >= DOC_TYPE_COUNT || out->contents > LIMIT_DOCUMENT_CONTENTS) return false;
    out->content = ARENA_NEW(a, content, out->contents);
    ASSERT(out->content != NULL);
    for (uint32_t i = 0; i < out->contents; i++) read_content(&r, a, &out->content[i]);
    out->pending.parts = read_u32(&r);
    if (out->pending.parts) {
        out->pending.upload = read_varint(&r);
        out->pending.version = read_kept(&r, a);
        out->pending.lines = read_u32(&r);
        out->pending.ref = read_refs(&r, a, &out->pending.refs);
    }
    return !r.bad && out->posted <= out->contents;
}

bool document_get(txn *t, uint64_t no, arena *a, document *out) {
    key k = {.n = 0};
    str val;
    err e;
    key_u64(&k, no);
    if (!kv_get(t, TABLE_DOCUMENT_NO, key_str(&k), &val)) return false;
    if (document_decode(no, val, a, out)) return true;
    err_set(&e, ERR_INTERNAL, "document %llu: its record cannot be read", (unsigned long long)no);
    txn_fail(t, &e);
    return false;
}

key document_key(const document *d) {
    key k = {.n = 0};
    key_u32(&k, d->partner);
    key_textz(&k, str_take(d->number, KEY_NUMBER));
    key_bytes(&k, d->identity, IDENTITY_SIZE);
    return k;
}

uint64_t document_find(txn *t, const document *d) {
    key k = document_key(d);
    str val;
    return kv_get(t, TABLE_DOCUMENT, key_str(&k), &val) && val.n == 8 ? get_be64(val.p) : 0;
}
