#include "daemon/ledger/uploads.h"

#include "daemon/ledger/records.h"
#include "daemon/store/keys.h"
#include "daemon/store/store.h"

enum { RECORD_FORM = 1 };

static key state_key(str who) {
    key k = {.n = 0};
    key_textz(&k, who);
    return k;
}

bool upload_state_get(txn *t, str who, upload_state *out) {
    key k = state_key(who);
    str val;
    *out = (upload_state){0};
    if (!kv_get(t, TABLE_RECEIPT, key_str(&k), &val)) return false;
    reader r = reader_of(val);
    out->epoch = read_be64(&r);
    out->last_seq = read_be64(&r);
    out->upload = read_be64(&r);
    return !r.bad;
}

void upload_state_put(txn *t, str who, const upload_state *s) {
    key k = state_key(who);
    uint8_t v[24];
    put_be64(v, s->epoch);
    put_be64(v + 8, s->last_seq);
    put_be64(v + 16, s->upload);
    kv_put(t, TABLE_RECEIPT, key_str(&k), str_from(v, sizeof v));
}

static key receipt_key(str who, uint64_t epoch, uint64_t seq) {
    key k = state_key(who);
    key_u64(&k, epoch);
    key_u64(&k, seq);
    return k;
}

bool upload_receipt(txn *t, str who, uint64_t epoch, uint64_t seq, str *receipt, const uint8_t **digest) {
    key k = receipt_key(who, epoch, seq);
    str val;
    if (!kv_get(t, TABLE_RECEIPT, key_str(&k), &val) || val.n < DIGEST_SIZE) return false;
    if (digest) *digest = (const uint8_t *)val.p;
    *receipt = str_skip(val, DIGEST_SIZE);
    return true;
}

void upload_receipt_put(txn *t, str who, uint64_t epoch, uint64_t seq, str digest, str receipt) {
    key k = receipt_key(who, epoch, seq);
    uint8_t *p = kv_reserve(t, TABLE_RECEIPT, key_str(&k), DIGEST_SIZE + receipt.n);
    if (p == NULL) return;
    memset(p, 0, DIGEST_SIZE);
    if (digest.n) memcpy(p, digest.p, digest.n < DIGEST_SIZE ? digest.n : DIGEST_SIZE);
    if (receipt.n) memcpy(p + DIGEST_SIZE, receipt.p, receipt.n);
}

static key replacement_key(str who, uint64_t id) {
    key k = state_key(who);
    key_u64(&k, id);
    return k;
}

uint64_t upload_replacement(txn *t, str who, uint64_t id) {
    key k = replacement_key(who, id);
    str val;
    return kv_get(t, TABLE_REPLACEMENT, key_str(&k), &val) && val.n == 8 ? get_be64(val.p) : 0;
}

void upload_replacement_put(txn *t, str who, uint64_t id, uint64_t upload_no) {
    key k = replacement_key(who, id);
    uint8_t raw[8];
    put_be64(raw, upload_no);
    kv_put(t, TABLE_REPLACEMENT, key_str(&k), str_from(raw, sizeof raw));
}

void upload_encode(const upload *u, buf *out) {
    buf_byte(out, RECORD_FORM);
    buf_be32(out, u->partner);
    buf_text(out, u->agent);
    buf_text(out, u->actor);
    buf_text(out, u->file);
    buf_text(out, u->dialect);
    buf_add(out, str_from(u->sha256, sizeof u->sha256));
    buf_be64(out, (uint64_t)u->time_ms);
    const uint64_t counts[] = {u->last,      u->batch,       u->batches, u->documents,  u->lines,    u->committed,
                               u->duplicate, u->quarantined, u->refused, u->superseded, u->withdrawn};
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) buf_varint(out, counts[i]);
    buf_text(out, u->reason);
}

bool upload_decode(uint64_t no, str stored, upload *out) {
    reader r = reader_of(stored);
    *out = (upload){.no = no};
    if (read_byte(&r) != RECORD_FORM) return false;
    out->partner = read_be32(&r);
    out->agent = read_text(&r);
    out->actor = read_text(&r);
    out->file = read_text(&r);
    out->dialect = read_text(&r);
    str sha = read_bytes(&r, sizeof out->sha256);
    if (r.bad) return false;
    memcpy(out->sha256, sha.p, sizeof out->sha256);
    out->time_ms = (int64_t)read_be64(&r);
    out->last = read_varint(&r);
    out->batch = (uint32_t)read_varint(&r);
    out->batches = (uint32_t)read_varint(&r);
    uint64_t *counts[] = {&out->documents,   &out->lines,   &out->committed,  &out->duplicate,
                          &out->quarantined, &out->refused, &out->superseded, &out->withdrawn};
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) *counts[i] = read_varint(&r);
    out->reason = read_text(&r);
    return !r.bad;
}

bool upload_get(txn *t, uint64_t no, upload *out) {
    key k = {.n = 0};
    str val;
    err e;
    key_u64(&k, no);
    if (!kv_get(t, TABLE_UPLOAD, key_str(&k), &val)) return false;
    if (upload_decode(no, val, out)) return true;
    err_set(&e, ERR_INTERNAL, "upload %llu: its record cannot be read", (unsigned long long)no);
    txn_fail(t, &e);
    return false;
}

void upload_put(txn *t, const upload *u) {
    key k = {.n = 0};
    AUTO(buf) b = {0};
    key_u64(&k, u->no);
    upload_encode(u, &b);
    kv_put(t, TABLE_UPLOAD, key_str(&k), buf_str(&b));
}
