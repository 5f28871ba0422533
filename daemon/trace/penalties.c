/* Revisions of the penalty schedule. */
#include "daemon/store/keys.h"
#include "daemon/store/store.h"
#include "daemon/trace/penalty.h"
#include "proto/limits.h"

static key key_of(uint32_t revision) {
    key k = {.n = 0};
    key_u32(&k, revision);
    return k;
}

static bool decode(str stored_key, str val, penalty_revision *out) {
    reader k = reader_of(stored_key), r = reader_of(val);
    *out = (penalty_revision){.revision = read_be32(&k)};
    out->entry = read_be64(&r);
    out->time_ms = (int64_t)read_be64(&r);
    str *texts[] = {&out->by, &out->reason, &out->yaml};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) *texts[i] = read_text(&r);
    return !k.bad && !r.bad;
}

bool penalty_get(txn *t, uint32_t revision, penalty_revision *out) {
    key k = key_of(revision);
    str val;
    return kv_get(t, TABLE_PENALTY, key_str(&k), &val) && decode(key_str(&k), val, out);
}

bool penalty_latest(txn *t, penalty_revision *out) {
    AUTO(kv_cursor) c = kv_back(t, TABLE_PENALTY, STR(""), STR_NONE);
    return kv_next(&c) && decode(c.key, c.val, out);
}

bool penalty_on(txn *t, day_t day, uint32_t *revision, penalty_schedule *out, err *e) {
    penalty_revision r;
    *revision = 0;
    *out = (penalty_schedule){.offences = 0};
    if (!penalty_latest(t, &r)) return txn_ok(t, e);
    for (uint32_t n = r.revision; n > 0 && penalty_get(t, n, &r); n--) {
        TRY(penalty_parse(r.yaml, out, e) || err_wrap(e, "penalty schedule, revision %u", (unsigned)n));
        if (day >= out->from && day <= out->to) return *revision = n, true;
        penalty_schedule_auto(out);
        *out = (penalty_schedule){.offences = 0};
    }
    return txn_ok(t, e);
}

bool trace_penalty(txn *t, const entry *en, const Entry__PenaltySchedule *m, apply_result *r, err *e) {
    AUTO(buf) b = {0};
    penalty_revision last = {.revision = 0};
    if (strlen(m->yaml) > PENALTY_BYTES || strlen(m->reason) > LIMIT_TEXT)
        return err_set(e, ERR_DATA, "penalty schedule: at most %d bytes, its reason at most %d", PENALTY_BYTES,
                       LIMIT_TEXT);
    (void)penalty_latest(t, &last);
    if (m->revision != last.revision + 1)
        return err_set(e, ERR_CONFLICT, "penalty schedule: revision %u is the last, this was made for revision %u",
                       (unsigned)last.revision, (unsigned)m->revision - 1);
    key k = key_of(m->revision);
    buf_be64(&b, en->seq);
    buf_be64(&b, (uint64_t)en->time_ms);
    const str texts[] = {en->actor, str_of(m->reason), str_of(m->yaml)};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(&b, texts[i]);
    kv_put(t, TABLE_PENALTY, key_str(&k), buf_str(&b));
    r->number = m->revision;
    return txn_ok(t, e);
}

bool penalty_content(txn *t, uint32_t table, str stored_key, str val, buf *out) {
    penalty_revision x;
    (void)t;
    if (table != TABLE_PENALTY || !decode(stored_key, val, &x)) return false;
    buf_be32(out, x.revision);
    const str texts[] = {x.by, x.reason, x.yaml};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(out, texts[i]);
    return true;
}
