#include "daemon/catalog/access.h"

#include "daemon/catalog/appliers.h"
#include "daemon/store/keys.h"

bool apply_access(txn *t, const entry *en, const Entry__Access *m, err *e) {
    partner p;
    key k = {.n = 0};
    AUTO(buf) v = {0};
    if (!partner_by_id(t, str_of(m->partner), &p)) return err_set(e, ERR_NOT_FOUND, "unknown partner '%s'", m->partner);
    key_u32(&k, p.no);
    key_u64(&k, en->seq);
    buf_be64(&v, (uint64_t)en->time_ms);
    buf_varint(&v, m->rows);
    buf_text(&v, en->actor);
    buf_text(&v, str_of(m->what));
    kv_put(t, TABLE_ACCESS, key_str(&k), buf_str(&v));
    return txn_ok(t, e);
}

kv_cursor access_rows(txn *t, uint32_t partner_no) {
    key prefix = {.n = 0};
    key_u32(&prefix, partner_no);
    return kv_from(t, TABLE_ACCESS, key_str(&prefix), STR_NONE);
}

bool access_next(kv_cursor *c, access_row *out) {
    if (!kv_next(c)) return false;
    reader r = reader_of(c->val);
    *out = (access_row){.entry = get_be64(c->key.p + 4)};
    out->time_ms = (int64_t)read_be64(&r);
    out->rows = read_varint(&r);
    out->actor = read_text(&r);
    out->what = read_text(&r);
    return !r.bad;
}
