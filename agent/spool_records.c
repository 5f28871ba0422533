#include "agent/spool_inner.h"

enum { STATE_VERSION = 2, INFO_VERSION = 1, UPLOAD_VERSION = 2 };
enum { UPLOAD_AGAIN = 1, UPLOAD_INBOX = 2 };

static void put_i64(buf *b, int64_t v) {
    buf_be64(b, (uint64_t)v);
}

static int64_t get_i64(reader *r) {
    return (int64_t)read_be64(r);
}

static void put_z(buf *b, const char *z) {
    buf_text(b, str_of(z));
}

static void get_z(reader *r, char *out, size_t size) {
    (void)str_copy_z(read_text(r), out, size);
}

static void get_bytes(reader *r, uint8_t *out, size_t n) {
    str s = read_bytes(r, n);
    if (s.n == n) memcpy(out, s.p, n);
}

static void damaged(txn *t, const char *what, uint64_t no) {
    err e;
    err_set(&e, ERR_INTERNAL, "spool: %s %llu is damaged", what, (unsigned long long)no);
    txn_fail(t, &e);
}

void state_put(txn *t, const spool_state *s) {
    AUTO(buf) b = {0};
    buf_byte(&b, STATE_VERSION);
    const uint64_t numbers[] = {s->epoch,     s->first_seq, s->last_seq, s->acked_seq, s->receipts_to,
                                s->first_end, s->acked_end, s->last_end, s->db_epoch,  s->last_upload};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) buf_be64(&b, numbers[i]);
    put_i64(&b, s->contact_ms);
    put_i64(&b, s->commit_ms);
    buf_add(&b, str_from(s->head, sizeof s->head));
    buf_byte(&b, (char)s->trouble);
    put_z(&b, s->trouble_text);
    put_z(&b, s->partner);
    put_i64(&b, s->ahead_ms);
    put_i64(&b, s->oldest);
    kv_put(t, TABLE_STATE, STR("state"), buf_str(&b));
}

bool state_parse(str bytes, spool_state *out) {
    reader r = reader_of(bytes);
    spool_state s = {0};
    uint8_t version = read_byte(&r);
    if (version < 1 || version > STATE_VERSION) return false;
    uint64_t *const numbers[] = {&s.epoch,     &s.first_seq, &s.last_seq, &s.acked_seq, &s.receipts_to,
                                 &s.first_end, &s.acked_end, &s.last_end, &s.db_epoch,  &s.last_upload};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) *numbers[i] = read_be64(&r);
    s.contact_ms = get_i64(&r);
    s.commit_ms = get_i64(&r);
    get_bytes(&r, s.head, sizeof s.head);
    s.trouble = read_byte(&r);
    get_z(&r, s.trouble_text, sizeof s.trouble_text);
    get_z(&r, s.partner, sizeof s.partner);
    if (version > 1) {
        s.ahead_ms = get_i64(&r);
        s.oldest = (day_t)get_i64(&r);
    }
    if (r.bad || s.epoch == 0 || s.trouble > TROUBLE_REFUSED || s.acked_seq > s.last_seq) return false;
    *out = s;
    return true;
}

void info_put(txn *t, uint64_t seq, const batch_info *i) {
    AUTO(buf) b = {0};
    seq_key k;
    buf_byte(&b, INFO_VERSION);
    buf_be64(&b, i->upload);
    put_i64(&b, i->spooled_ms);
    put_i64(&b, i->acked_ms);
    buf_be64(&b, i->end);
    buf_be32(&b, i->size);
    buf_be32(&b, i->lines);
    buf_add(&b, str_from(i->digest, sizeof i->digest));
    kv_put(t, TABLE_INFO, key_of(seq, &k), buf_str(&b));
}

bool info_get(txn *t, uint64_t seq, batch_info *out) {
    str bytes;
    seq_key k;
    if (!kv_get(t, TABLE_INFO, key_of(seq, &k), &bytes)) return false;
    reader r = reader_of(bytes);
    bool known = read_byte(&r) == INFO_VERSION;
    batch_info i = {.upload = read_be64(&r)};
    i.spooled_ms = get_i64(&r);
    i.acked_ms = get_i64(&r);
    i.end = read_be64(&r);
    i.size = read_be32(&r);
    i.lines = read_be32(&r);
    get_bytes(&r, i.digest, sizeof i.digest);
    if (!known || r.bad) return damaged(t, "batch", seq), false;
    *out = i;
    return true;
}

void spool_upload_put(txn *t, const upload *u) {
    AUTO(buf) b = {0};
    seq_key k;
    buf_byte(&b, UPLOAD_VERSION);
    const uint64_t numbers[] = {u->id, u->first_seq, u->last_seq, u->size, u->documents, u->lines, u->refused};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) buf_be64(&b, numbers[i]);
    put_i64(&b, u->spooled_ms);
    put_i64(&b, u->closed_ms);
    buf_byte(&b, (char)((u->again ? UPLOAD_AGAIN : 0) | (u->inbox ? UPLOAD_INBOX : 0)));
    buf_add(&b, str_from(u->sha256, sizeof u->sha256));
    put_z(&b, u->name);
    put_z(&b, u->dialect);
    put_z(&b, u->charset);
    put_z(&b, u->mapping);
    buf_be64(&b, u->replace.id);
    buf_be32(&b, (uint32_t)u->replace.from);
    buf_be32(&b, (uint32_t)u->replace.to);
    buf_be64(&b, u->origin);
    kv_put(t, TABLE_UPLOAD, key_of(u->id, &k), buf_str(&b));
}

bool upload_parse(str bytes, upload *out) {
    reader r = reader_of(bytes);
    upload u = {0};
    uint8_t version = read_byte(&r);
    if (version < 1 || version > UPLOAD_VERSION) return false;
    uint64_t *const numbers[] = {&u.id, &u.first_seq, &u.last_seq, &u.size, &u.documents, &u.lines, &u.refused};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) *numbers[i] = read_be64(&r);
    u.spooled_ms = get_i64(&r);
    u.closed_ms = get_i64(&r);
    uint8_t flags = read_byte(&r);
    u.again = flags & UPLOAD_AGAIN;
    u.inbox = flags & UPLOAD_INBOX;
    get_bytes(&r, u.sha256, sizeof u.sha256);
    get_z(&r, u.name, sizeof u.name);
    get_z(&r, u.dialect, sizeof u.dialect);
    get_z(&r, u.charset, sizeof u.charset);
    get_z(&r, u.mapping, sizeof u.mapping);
    if (version > 1) {
        u.replace.id = read_be64(&r);
        u.replace.from = (day_t)read_be32(&r);
        u.replace.to = (day_t)read_be32(&r);
        u.origin = read_be64(&r);
    }
    if (r.bad) return false;
    *out = u;
    return true;
}

bool spool_upload_get(txn *t, uint64_t id, upload *out) {
    str bytes;
    seq_key k;
    if (!kv_get(t, TABLE_UPLOAD, key_of(id, &k), &bytes)) return false;
    if (!upload_parse(bytes, out)) return damaged(t, "upload", id), false;
    return true;
}
