#include "daemon/catalog/users.h"

#include "daemon/catalog/appliers.h"
#include "daemon/catalog/index.h"
#include "proto/digest.h"
#include "proto/limits.h"

const char *const user_roles[] = {"admin",   "channel_manager", "account_manager", "finance",      "inspector",
                                  "analyst", "auditor",         "partner_owner",   "partner_clerk"};
const size_t user_role_count = ARRAY_LEN(user_roles);

uint32_t user_role_bit(str name) {
    for (uint32_t i = 0; i < ARRAY_LEN(user_roles); i++)
        if (str_is(name, user_roles[i])) return 1U << i;
    return 0;
}

bool user_decode(str name, str val, user *out) {
    reader r = reader_of(val);
    *out = (user){.name = name};
    out->entry = read_be64(&r);
    out->disabled = read_byte(&r) != 0;
    out->token_hash = (const uint8_t *)read_bytes(&r, DIGEST_SIZE).p;
    out->role = read_text(&r);
    out->scope = read_text(&r);
    return !r.bad;
}

bool user_get(txn *t, str name, user *out) {
    str val;
    return name.n && name.n <= LIMIT_ID && kv_get(t, TABLE_USER, name, &val) && user_decode(name, val, out);
}

static key token_key(const uint8_t *hash) {
    key k = index_key(INDEX_USER_TOKEN);
    key_bytes(&k, hash, DIGEST_SIZE);
    return k;
}

bool user_by_token(txn *t, str token, user *out) {
    uint8_t hash[DIGEST_SIZE];
    str name;
    digest_of(token, hash);
    key k = token_key(hash);
    return token.n && kv_get(t, TABLE_CATALOG_INDEX, key_str(&k), &name) && user_get(t, name, out);
}

static bool check(txn *t, const Entry__User *m, err *e) {
    user other;
    str name;
    if (!catalog_id_ok(str_of(m->name)))
        return err_set(e, ERR_DATA, "user '%s': a name is one line of at most %d bytes", m->name, LIMIT_ID);
    if (user_role_bit(str_of(m->role)) == 0) return err_set(e, ERR_DATA, "user '%s': no role '%s'", m->name, m->role);
    if (m->token_hash.len != DIGEST_SIZE) return err_set(e, ERR_DATA, "user '%s': hash of a wrong size", m->name);
    if (strlen(m->scope) > LIMIT_NAME) return err_set(e, ERR_DATA, "user '%s': scope is too long", m->name);
    key k = token_key(m->token_hash.data);
    if (kv_get(t, TABLE_CATALOG_INDEX, key_str(&k), &name) && !str_is(name, m->name) && user_get(t, name, &other))
        return err_set(e, ERR_CONFLICT, "user '%s': the token is somebody else's", m->name);
    return txn_ok(t, e);
}

bool apply_user(txn *t, const entry *en, const Entry__User *m, err *e) {
    AUTO(buf) b = {0};
    user old;
    TRY(check(t, m, e));
    if (user_get(t, str_of(m->name), &old)) {
        key before = token_key(old.token_hash);
        (void)kv_del(t, TABLE_CATALOG_INDEX, key_str(&before));
    }
    buf_be64(&b, en->seq);
    buf_byte(&b, (char)m->disabled);
    buf_add(&b, str_from(m->token_hash.data, DIGEST_SIZE));
    buf_text(&b, str_of(m->role));
    buf_text(&b, str_of(m->scope));
    kv_put(t, TABLE_USER, str_of(m->name), buf_str(&b));
    key k = token_key(m->token_hash.data);
    kv_put(t, TABLE_CATALOG_INDEX, key_str(&k), str_of(m->name));
    return true;
}
