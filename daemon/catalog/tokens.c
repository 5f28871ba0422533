#include "daemon/catalog/tokens.h"

#include "daemon/catalog/appliers.h"
#include "proto/digest.h"
#include "proto/limits.h"

bool user_access_get(txn *t, str name, user_access *out) {
    str val;
    *out = (user_access){.entry = 0};
    if (name.n == 0 || name.n > LIMIT_ID || !kv_get(t, TABLE_USER_ACCESS, name, &val)) return false;
    reader r = reader_of(val);
    out->entry = read_be64(&r);
    out->totp = read_byte(&r) != 0;
    out->password = read_text(&r);
    return !r.bad;
}

bool token_decode(str hash, str val, token *out) {
    reader r = reader_of(val);
    *out = (token){.hash = (const uint8_t *)hash.p};
    out->entry = read_be64(&r);
    out->revoked = read_byte(&r) != 0;
    out->once = read_byte(&r) != 0;
    out->expires_ms = (int64_t)read_be64(&r);
    out->user = read_text(&r);
    out->scope = read_text(&r);
    return !r.bad && hash.n == DIGEST_SIZE;
}

bool token_by_hash(txn *t, str hash, token *out) {
    str val;
    return hash.n == DIGEST_SIZE && kv_get(t, TABLE_TOKEN, hash, &val) && token_decode(hash, val, out);
}

/* By a walk of one step: the hash is then borrowed from the table, not from here. */
bool token_by_text(txn *t, str text, token *out) {
    uint8_t hash[DIGEST_SIZE];
    if (text.n == 0) return false;
    digest_of(text, hash);
    AUTO(kv_cursor) at = kv_from(t, TABLE_TOKEN, str_from(hash, sizeof hash), STR_NONE);
    return kv_next(&at) && token_decode(at.key, at.val, out);
}

void token_id(const token *k, char out[static TOKEN_ID + 1]) {
    AUTO(buf) b = {0};
    hex_put(&b, k->hash, TOKEN_ID / 2);
    (void)str_copy_z(buf_str(&b), out, TOKEN_ID + 1);
}

bool token_by_id(txn *t, str id, token *out) {
    uint8_t head[TOKEN_ID / 2];
    if (id.n != TOKEN_ID || !hex_parse(id, head, sizeof head)) return false;
    AUTO(kv_cursor) at = kv_from(t, TABLE_TOKEN, str_from(head, sizeof head), STR_NONE);
    return kv_next(&at) && token_decode(at.key, at.val, out);
}

bool apply_user_access(txn *t, const entry *en, const Entry__UserAccess *m, err *e) {
    AUTO(buf) b = {0};
    user known;
    if (!user_get(t, str_of(m->name), &known)) return err_set(e, ERR_NOT_FOUND, "user '%s': unknown", m->name);
    if (strlen(m->password) > LIMIT_NAME) return err_set(e, ERR_DATA, "user '%s': password hash is too long", m->name);
    buf_be64(&b, en->seq);
    buf_byte(&b, (char)m->totp);
    buf_text(&b, str_of(m->password));
    kv_put(t, TABLE_USER_ACCESS, known.name, buf_str(&b));
    return txn_ok(t, e);
}

bool apply_token(txn *t, const entry *en, const Entry__Token *m, err *e) {
    AUTO(buf) b = {0};
    user known;
    token before;
    if (!user_get(t, str_of(m->user), &known)) return err_set(e, ERR_NOT_FOUND, "user '%s': unknown", m->user);
    if (m->hash.len != DIGEST_SIZE) return err_set(e, ERR_DATA, "token of '%s': hash of a wrong size", m->user);
    if (strlen(m->scope) > LIMIT_NAME) return err_set(e, ERR_DATA, "token of '%s': scope is too long", m->user);
    str hash = str_from(m->hash.data, m->hash.len);
    if (token_by_hash(t, hash, &before) && !str_is(before.user, m->user))
        return err_set(e, ERR_CONFLICT, "token of '%s': it is somebody else's", m->user);
    buf_be64(&b, en->seq);
    buf_byte(&b, (char)m->revoked);
    buf_byte(&b, (char)m->once);
    buf_be64(&b, (uint64_t)m->expires_ms);
    buf_text(&b, str_of(m->user));
    buf_text(&b, str_of(m->scope));
    kv_put(t, TABLE_TOKEN, hash, buf_str(&b));
    return txn_ok(t, e);
}
