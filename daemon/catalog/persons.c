#include "daemon/catalog/persons.h"

#include "daemon/catalog/appliers.h"
#include "daemon/catalog/catalog.h"
#include "proto/limits.h"

#include <sodium.h>
#include <stdio.h>

_Static_assert(PERSON_NONCE == crypto_secretbox_NONCEBYTES, "a nonce of libsodium's secretbox");
_Static_assert(PERSON_KEY == crypto_secretbox_KEYBYTES, "a key of libsodium's secretbox");

enum { SEALED_MAX = LIMIT_PERSON + crypto_secretbox_MACBYTES };

static bool key_of(txn *t, str id, uint8_t out[static PERSON_KEY]) {
    str val;
    if (!kv_get(t, TABLE_PERSON_KEY, id, &val) || val.n != PERSON_KEY) return false;
    memcpy(out, val.p, PERSON_KEY);
    return true;
}

void person_seal(txn *t, str id, const Entry__PersonData *data, buf *nonce, buf *sealed) {
    uint8_t secret[PERSON_KEY], once[PERSON_NONCE];
    AUTO(buf) plain = {0};
    ASSERT(sodium_init() >= 0);
    if (!key_of(t, id, secret)) {
        crypto_secretbox_keygen(secret);
        kv_put(t, TABLE_PERSON_KEY, id, str_from(secret, sizeof secret));
    }
    randombytes_buf(once, sizeof once);
    buf_add(nonce, str_from(once, sizeof once));
    buf_reserve(&plain, entry__person_data__get_packed_size(data) + 1);
    plain.n = entry__person_data__pack(data, (uint8_t *)plain.p);
    size_t n = plain.n + crypto_secretbox_MACBYTES;
    buf_reserve(sealed, n);
    ASSERT(crypto_secretbox_easy((uint8_t *)sealed->p + sealed->n, (const uint8_t *)plain.p, plain.n, once, secret) ==
           0);
    sealed->n += n;
    sodium_memzero(plain.p, plain.n);
    sodium_memzero(secret, sizeof secret);
}

bool person_open(txn *t, str id, buf *out, err *e) {
    uint8_t secret[PERSON_KEY];
    str val;
    if (!kv_get(t, TABLE_PERSON, id, &val)) return err_set(e, ERR_NOT_FOUND, "person '%.*s': unknown", STR_ARG(id));
    reader r = reader_of(val);
    (void)read_be64(&r);
    str nonce = read_bytes(&r, PERSON_NONCE), sealed = r.bad ? STR_NONE : str_skip(val, 8 + PERSON_NONCE);
    if (sealed.n < crypto_secretbox_MACBYTES || !key_of(t, id, secret))
        return err_set(e, ERR_NOT_FOUND, "person '%.*s': erased", STR_ARG(id));
    size_t n = sealed.n - crypto_secretbox_MACBYTES;
    buf_reserve(out, n + 1);
    int rc = crypto_secretbox_open_easy((uint8_t *)out->p + out->n, (const uint8_t *)sealed.p, sealed.n,
                                        (const uint8_t *)nonce.p, secret);
    sodium_memzero(secret, sizeof secret);
    if (rc != 0) return err_set(e, ERR_INTERNAL, "person '%.*s': the seal does not fit its key", STR_ARG(id));
    out->n += n;
    return true;
}

/* Rows beside the keys, told apart by a first byte that no id has: 1, hash of the word → id; 2, id → that hash. */
static void named_key(buf *b, char first, str rest) {
    buf_clear(b);
    buf_byte(b, first);
    buf_add(b, rest);
}

void person_known_as(txn *t, str word, char id[static PERSON_ID], bool *fresh) {
    uint8_t secret[STORE_PRIVACY_KEY], hash[16], made[8];
    AUTO(buf) k = {0};
    str known;
    ASSERT(sodium_init() >= 0);
    store_privacy_key(t, secret);
    (void)crypto_generichash(hash, sizeof hash, (const uint8_t *)word.p, word.n, secret, sizeof secret);
    named_key(&k, 1, str_from(hash, sizeof hash));
    *fresh = !kv_get(t, TABLE_PERSON_KEY, buf_str(&k), &known) || known.n >= PERSON_ID;
    if (!*fresh) {
        (void)str_copy_z(known, id, PERSON_ID);
        return;
    }
    AUTO(buf) hex = {0};
    randombytes_buf(made, sizeof made);
    for (size_t i = 0; i < sizeof made; i++) buf_printf(&hex, "%02x", made[i]);
    (void)snprintf(id, PERSON_ID, "scan-%s", buf_z(&hex));
    kv_put(t, TABLE_PERSON_KEY, buf_str(&k), str_of(id));
    named_key(&k, 2, str_of(id));
    kv_put(t, TABLE_PERSON_KEY, buf_str(&k), str_from(hash, sizeof hash));
}

bool person_forget(txn *t, str id) {
    AUTO(buf) k = {0};
    uint8_t hash[16];
    str val;
    named_key(&k, 2, id);
    if (kv_get(t, TABLE_PERSON_KEY, buf_str(&k), &val) && val.n == sizeof hash) {
        memcpy(hash, val.p, sizeof hash);
        (void)kv_del(t, TABLE_PERSON_KEY, buf_str(&k));
        named_key(&k, 1, str_from(hash, sizeof hash));
        (void)kv_del(t, TABLE_PERSON_KEY, buf_str(&k));
    }
    return kv_del(t, TABLE_PERSON_KEY, id);
}

bool apply_person(txn *t, const entry *en, const Entry__Person *m, err *e) {
    AUTO(buf) b = {0};
    str known;
    bool erase = m->sealed.len == 0;
    if (!catalog_id_ok(str_of(m->id))) return err_set(e, ERR_DATA, "person '%s': no id", m->id);
    if (erase && !kv_get(t, TABLE_PERSON, str_of(m->id), &known))
        return txn_ok(t, e) && err_set(e, ERR_NOT_FOUND, "person '%s': unknown", m->id);
    if (!erase && (m->nonce.len != PERSON_NONCE || m->sealed.len > SEALED_MAX))
        return err_set(e, ERR_DATA, "person '%s': sealed data of a wrong size", m->id);
    buf_be64(&b, en->seq);
    if (!erase) buf_add(&b, str_from(m->nonce.data, m->nonce.len));
    if (!erase) buf_add(&b, str_from(m->sealed.data, m->sealed.len));
    kv_put(t, TABLE_PERSON, str_of(m->id), buf_str(&b));
    return true;
}
