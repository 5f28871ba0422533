#include "daemon/trace/papers.h"

#include "daemon/catalog/partner.h"
#include "daemon/store/keys.h"
#include "daemon/store/store.h"
#include "proto/frame.h"
#include "proto/limits.h"

static bool decode(str val, paper *out) {
    reader r = reader_of(val);
    *out = (paper){.entry = read_be64(&r)};
    out->time_ms = (int64_t)read_be64(&r);
    out->partner = read_be32(&r);
    out->size = read_be32(&r);
    out->name = read_text(&r);
    return !r.bad;
}

bool paper_get(txn *t, const uint8_t digest[static DIGEST_SIZE], paper *out) {
    str val;
    return kv_get(t, TABLE_PAPER, str_from(digest, DIGEST_SIZE), &val) && decode(val, out);
}

str paper_bytes(txn *t, uint64_t entry_no, arena *a, err *e) {
    key k = {.n = 0};
    str stored;
    entry en;
    key_u64(&k, entry_no);
    if (!kv_get(t, TABLE_JOURNAL, key_str(&k), &stored) || !entry_decode(entry_no, stored, &en)) {
        (void)err_set(e, ERR_INTERNAL, "journal entry %llu cannot be read", (unsigned long long)entry_no);
        return STR_NONE;
    }
    const Entry__Paper *m = (const void *)message_unpack(&entry__paper__descriptor, en.body, LIMIT_REPEATED, a, e);
    return m ? str_from(m->content.data, m->content.len) : STR_NONE;
}

bool paper_too_many(txn *t, uint32_t partner_no, int64_t since_ms) {
    size_t n = 0;
    paper p;
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_PAPER, STR(""), STR_NONE); kv_next(&c);)
        n += decode(c.val, &p) && p.partner == partner_no && p.time_ms >= since_ms;
    return n >= LIMIT_PAPERS_DAY;
}

/* ---- pieces */

static key piece_key(const paper_piece *p) {
    key k = {.n = 0};
    key_u32(&k, p->partner);
    key_bytes(&k, p->digest, DIGEST_SIZE);
    return k;
}

static bool piece_ok(const paper_piece *p, err *e) {
    if (p->size == 0 || p->size > LIMIT_PAPER_BYTES)
        return err_set(e, ERR_DATA, "a file kept as evidence has 1 to %d bytes", LIMIT_PAPER_BYTES);
    return (p->bytes.n > 0 && p->bytes.n <= p->size && p->from <= p->size - p->bytes.n) ||
           err_set(e, ERR_DATA, "a piece from byte %u, %zu bytes long, lies outside of a file of %u", (unsigned)p->from,
                   p->bytes.n, (unsigned)p->size);
}

/* The pieces there are, one after the other, as far as they follow on each other. */
static void join(txn *t, const paper_piece *p, buf *whole) {
    key k = piece_key(p);
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_PAPER_PIECE, key_str(&k), STR_NONE); kv_next(&c);) {
        if (c.key.n != k.n + 4 || get_be32(c.key.p + k.n) != whole->n || c.val.n < 8) return;
        buf_add(whole, str_skip(c.val, 8));
        if (whole->n > p->size) return;
    }
}

static bool next_piece(txn *t, const key *prefix, int64_t before_ms, key *out) {
    AUTO(kv_cursor) c = kv_from(t, TABLE_PAPER_PIECE, key_str(prefix), STR_NONE);
    while (kv_next(&c)) {
        if (c.val.n >= 8 && (int64_t)get_be64(c.val.p) >= before_ms) continue;
        out->n = 0;
        key_bytes(out, c.key.p, c.key.n);
        return true;
    }
    return false;
}

static void drop(txn *t, const key *prefix, int64_t before_ms) {
    key k;
    while (next_piece(t, prefix, before_ms, &k)) (void)kv_del(t, TABLE_PAPER_PIECE, key_str(&k));
}

void paper_forget(txn *t, int64_t before_ms) {
    drop(t, &(key){.n = 0}, before_ms);
}

bool paper_take(txn *t, const paper_piece *p, buf *whole, err *e) {
    AUTO(buf) val = {0};
    uint8_t digest[DIGEST_SIZE];
    TRY(piece_ok(p, e));
    key k = piece_key(p), prefix = k;
    key_u32(&k, p->from);
    buf_be64(&val, (uint64_t)p->now_ms);
    buf_add(&val, p->bytes);
    kv_put(t, TABLE_PAPER_PIECE, key_str(&k), buf_str(&val));
    join(t, p, whole);
    if (whole->n < p->size) {
        buf_clear(whole);
        return txn_ok(t, e);
    }
    drop(t, &prefix, INT64_MAX);
    digest_of(buf_str(whole), digest);
    return (whole->n == p->size && memcmp(digest, p->digest, DIGEST_SIZE) == 0) ||
           err_set(e, ERR_DATA, "the pieces of a file are not what its digest says: send it again");
}

/* ---- applying */

bool trace_paper(txn *t, const entry *en, const Entry__Paper *m, apply_result *r, err *e) {
    AUTO(buf) b = {0};
    uint8_t digest[DIGEST_SIZE];
    partner p = {0};
    paper known;
    if (m->content.len == 0 || m->content.len > LIMIT_PAPER_BYTES || strlen(m->name) > LIMIT_FILE_NAME)
        return err_set(e, ERR_DATA, "a file kept as evidence has 1 to %d bytes, its name at most %d", LIMIT_PAPER_BYTES,
                       LIMIT_FILE_NAME);
    if (m->partner[0] && !partner_by_id(t, str_of(m->partner), &p))
        return err_set(e, ERR_NOT_FOUND, "partner '%s': unknown", m->partner);
    digest_of(str_from(m->content.data, m->content.len), digest);
    r->number = en->seq;
    if (paper_get(t, digest, &known)) return txn_ok(t, e);
    buf_be64(&b, en->seq);
    buf_be64(&b, (uint64_t)en->time_ms);
    buf_be32(&b, p.no);
    buf_be32(&b, (uint32_t)m->content.len);
    buf_text(&b, str_of(m->name));
    kv_put(t, TABLE_PAPER, str_from(digest, DIGEST_SIZE), buf_str(&b));
    return txn_ok(t, e);
}

bool paper_content(txn *t, uint32_t table, str stored_key, str val, buf *out) {
    paper p;
    if (table != TABLE_PAPER || !decode(val, &p)) return false;
    buf_add(out, stored_key);
    buf_text(out, partner_id(t, p.partner));
    buf_text(out, p.name);
    return true;
}
