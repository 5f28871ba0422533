#include "daemon/rebate/policies.h"

#include "daemon/rebate/policy.h"
#include "daemon/store/keys.h"
#include "daemon/store/store.h"
#include "proto/limits.h"

const char *policy_action_name(policy_action a) {
    static const char *const words_of[] = {"", "applied", "rolled_back", "withdrawn"};
    return words_of[a];
}

static key key_of(str name, uint32_t revision) {
    key k = {.n = 0};
    key_textz(&k, name);
    key_u32(&k, revision);
    return k;
}

static bool decode(str stored_key, str val, policy_revision *out) {
    reader k = reader_of(stored_key), r = reader_of(val);
    *out = (policy_revision){.name = read_textz(&k)};
    out->revision = read_be32(&k);
    out->entry = read_be64(&r);
    out->time_ms = (int64_t)read_be64(&r);
    out->action = (policy_action)read_byte(&r);
    out->restores = read_be32(&r);
    str *texts[] = {&out->by, &out->reason, &out->yaml};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) *texts[i] = read_text(&r);
    return !k.bad && !r.bad && out->action >= POLICY_APPLIED && out->action <= POLICY_WITHDRAWN;
}

static bool name_ok(str name) {
    return name.n > 0 && name.n <= LIMIT_ID && memchr(name.p, 0, name.n) == NULL;
}

bool policy_revision_get(txn *t, str name, uint32_t revision, policy_revision *out) {
    str val;
    if (!name_ok(name) || revision == 0) return false;
    key k = key_of(name, revision);
    if (!kv_get(t, TABLE_POLICY, key_str(&k), &val) || !decode(key_str(&k), val, out)) return false;
    out->name = name;
    return true;
}

bool policy_latest(txn *t, str name, policy_revision *out) {
    if (!name_ok(name)) return false;
    key k = key_of(name, UINT32_MAX);
    AUTO(kv_cursor) c = kv_back(t, TABLE_POLICY, STR(""), key_str(&k));
    policy_revision found;
    if (!kv_next(&c) || !decode(c.key, c.val, &found) || !str_eq(found.name, name)) return false;
    *out = found;
    return true;
}

bool policy_next(txn *t, str after, policy_revision *out) {
    key from = {.n = 0};
    key_textz(&from, after);
    key_u32(&from, UINT32_MAX);
    AUTO(kv_cursor) c = kv_from(t, TABLE_POLICY, STR(""), key_str(&from));
    return kv_next(&c) && decode(c.key, c.val, out) && policy_latest(t, out->name, out);
}

bool policy_open(const policy_revision *r, policy *out, err *e) {
    return policy_parse(r->yaml, out, e) ||
           err_wrap(e, "policy '%.*s', revision %u", STR_ARG(r->name), (unsigned)r->revision);
}

static bool entry_ok(const Entry__Policy *m, err *e) {
    if (!name_ok(str_of(m->name)) || m->action < POLICY_APPLIED || m->action > POLICY_WITHDRAWN)
        return err_set(e, ERR_DATA, "policy: a name of at most %d bytes and a known action", LIMIT_ID);
    return (strlen(m->yaml) <= POLICY_BYTES && strlen(m->reason) <= LIMIT_TEXT) ||
           err_set(e, ERR_DATA, "policy: at most %d bytes, its reason at most %d", POLICY_BYTES, LIMIT_TEXT);
}

bool rebate_policy(txn *t, const entry *en, const Entry__Policy *m, apply_result *r, err *e) {
    AUTO(buf) b = {0};
    policy_revision before = {0};
    TRY(entry_ok(m, e));
    bool known = policy_latest(t, str_of(m->name), &before);
    if (m->revision != before.revision + 1)
        return err_set(e, ERR_CONFLICT, "policy '%s': revision %u is in force, this was made for revision %u", m->name,
                       (unsigned)before.revision, (unsigned)m->revision - 1);
    if (m->action != POLICY_APPLIED && !known) return err_set(e, ERR_NOT_FOUND, "policy '%s': there is none", m->name);
    key k = key_of(str_of(m->name), m->revision);
    buf_be64(&b, en->seq);
    buf_be64(&b, (uint64_t)en->time_ms);
    buf_byte(&b, (char)m->action);
    buf_be32(&b, m->restores);
    const str texts[] = {en->actor, str_of(m->reason), str_of(m->yaml)};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(&b, texts[i]);
    kv_put(t, TABLE_POLICY, key_str(&k), buf_str(&b));
    r->number = m->revision;
    return txn_ok(t, e);
}

bool policy_content(txn *t, uint32_t table, str stored_key, str val, buf *out) {
    policy_revision x;
    (void)t;
    if (table != TABLE_POLICY || !decode(stored_key, val, &x)) return false;
    buf_text(out, x.name);
    buf_be32(out, x.revision);
    buf_byte(out, (char)x.action);
    const str texts[] = {x.by, x.reason, x.yaml};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(out, texts[i]);
    return true;
}
