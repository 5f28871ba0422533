#include "daemon/outbox/hooks.h"

#include "daemon/catalog/catalog.h"
#include "daemon/catalog/partner.h"
#include "daemon/store/store.h"
#include "proto/frame.h"
#include "proto/limits.h"

#include <sodium.h>

_Static_assert(STORE_HOOK_KEY == crypto_secretbox_KEYBYTES, "a key of libsodium's secretbox");

enum { DAY_MINUTES = 24 * 60, TARGET_BYTES = 8192 };

static const struct form_fact {
    const char *name;
    unsigned a_minute;
    bool group;
} forms[HOOK_FORM_END] = {
#define X(form, no, name, a_minute, group) [form] = {name, a_minute, group},
    HOOK_FORMS(X)
#undef X
};

const char *hook_form_name(hook_form f) {
    return forms[f].name;
}

bool hook_form_parse(str s, hook_form *out) {
    for (*out = HOOK_GENERIC; *out < HOOK_FORM_END; ++*out)
        if (str_is(s, forms[*out].name)) return true;
    return false;
}

bool hook_form_is_group(hook_form f) {
    return forms[f].group;
}

unsigned hook_form_a_minute(hook_form f) {
    return forms[f].a_minute;
}

/* ---- records */

key hook_key(uint32_t no) {
    key k = {.n = 0};
    key_u32(&k, no);
    return k;
}

bool hook_decode(str stored_key, str val, hook *out) {
    reader r = reader_of(val);
    if (stored_key.n != 4) return false;
    *out = (hook){.no = get_be32(stored_key.p), .entry = read_be64(&r)};
    out->time_ms = (int64_t)read_be64(&r);
    out->form = (hook_form)read_byte(&r);
    out->english = read_byte(&r);
    out->digest_ms = (int64_t)read_be64(&r);
    out->quiet_from = read_be32(&r);
    out->quiet_to = read_be32(&r);
    str *texts[] = {&out->name, &out->events, &out->host, &out->partner, &out->by, &out->nonce, &out->sealed};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) *texts[i] = read_text(&r);
    return !r.bad && out->form >= HOOK_GENERIC && out->form < HOOK_FORM_END;
}

static void put(txn *t, const hook *h) {
    AUTO(buf) b = {0};
    key k = hook_key(h->no);
    buf_be64(&b, h->entry);
    buf_be64(&b, (uint64_t)h->time_ms);
    buf_byte(&b, (char)h->form);
    buf_byte(&b, (char)h->english);
    buf_be64(&b, (uint64_t)h->digest_ms);
    buf_be32(&b, h->quiet_from);
    buf_be32(&b, h->quiet_to);
    const str texts[] = {h->name, h->events, h->host, h->partner, h->by, h->nonce, h->sealed};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(&b, texts[i]);
    kv_put(t, TABLE_HOOK, key_str(&k), buf_str(&b));
}

bool hook_by_no(txn *t, uint32_t no, hook *out) {
    key k = hook_key(no);
    str val;
    return kv_get(t, TABLE_HOOK, key_str(&k), &val) && hook_decode(key_str(&k), val, out);
}

bool hook_by_name(txn *t, str name, hook *out) {
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_HOOK, STR(""), STR_NONE); kv_next(&c);)
        if (hook_decode(c.key, c.val, out) && str_eq(out->name, name)) return true;
    return false;
}

/* ---- what it asks for */

static bool matches(str pattern, str type) {
    if (str_is(pattern, "*")) return true;
    if (str_ends(pattern, STR(".*"))) return str_starts(type, str_take(pattern, pattern.n - 1));
    return str_eq(pattern, type);
}

bool hook_wants(const hook *h, str type) {
    str rest = h->events, piece;
    while (str_split(&rest, ',', &piece))
        if (matches(piece, type)) return true;
    return false;
}

bool hook_is_quiet(const hook *h, unsigned minute) {
    if (h->quiet_from <= h->quiet_to) return minute >= h->quiet_from && minute < h->quiet_to;
    return minute >= h->quiet_from || minute < h->quiet_to;
}

/* ---- the target */

void hook_seal(txn *t, const Entry__HookTarget *dest, buf *nonce, buf *sealed) {
    uint8_t secret[STORE_HOOK_KEY], once[crypto_secretbox_NONCEBYTES];
    AUTO(buf) plain = {0};
    ASSERT(sodium_init() >= 0 && store_hook_key(t, true, secret));
    randombytes_buf(once, sizeof once);
    buf_add(nonce, str_from(once, sizeof once));
    buf_reserve(&plain, entry__hook_target__get_packed_size(dest) + 1);
    plain.n = entry__hook_target__pack(dest, (uint8_t *)plain.p);
    buf_reserve(sealed, plain.n + crypto_secretbox_MACBYTES);
    ASSERT(crypto_secretbox_easy((uint8_t *)sealed->p, (const uint8_t *)plain.p, plain.n, once, secret) == 0);
    sealed->n = plain.n + crypto_secretbox_MACBYTES;
    sodium_memzero(plain.p, plain.n);
    sodium_memzero(secret, sizeof secret);
}

bool hook_open(txn *t, const hook *h, arena *a, Entry__HookTarget **out, err *e) {
    uint8_t secret[STORE_HOOK_KEY];
    AUTO(buf) plain = {0};
    if (!store_hook_key(t, false, secret))
        return err_set(e, ERR_CONFLICT, "hook '%.*s': sealed in another deployment: add it anew", STR_ARG(h->name));
    buf_reserve(&plain, h->sealed.n + 1);
    plain.n = h->sealed.n - crypto_secretbox_MACBYTES;
    int rc = crypto_secretbox_open_easy((uint8_t *)plain.p, (const uint8_t *)h->sealed.p, h->sealed.n,
                                        (const uint8_t *)h->nonce.p, secret);
    sodium_memzero(secret, sizeof secret);
    if (rc != 0)
        return err_set(e, ERR_CONFLICT, "hook '%.*s': sealed in another deployment: add it anew", STR_ARG(h->name));
    *out = (void *)message_unpack(&entry__hook_target__descriptor, buf_str(&plain), LIMIT_REPEATED, a, e);
    sodium_memzero(plain.p, plain.n);
    return *out != NULL;
}

/* ---- entries */

static bool check_add(txn *t, const Entry__Hook *m, err *e) {
    hook known;
    partner p;
    if (!catalog_id_ok(str_of(m->name))) return err_set(e, ERR_DATA, "hook '%s': no id", m->name);
    if (m->form < HOOK_GENERIC || m->form >= HOOK_FORM_END) return err_set(e, ERR_DATA, "hook: unknown form");
    if (m->quiet_from >= DAY_MINUTES || m->quiet_to >= DAY_MINUTES || m->digest_ms > INT64_C(86400000))
        return err_set(e, ERR_DATA, "hook '%s': quiet hours or digest are out of bounds", m->name);
    if (m->nonce.len != crypto_secretbox_NONCEBYTES || m->sealed.len < crypto_secretbox_MACBYTES ||
        m->sealed.len > TARGET_BYTES || strlen(m->events) > LIMIT_HOOK_EVENTS || strlen(m->host) > LIMIT_TEXT)
        return err_set(e, ERR_DATA, "hook '%s': a part of it is of a wrong size", m->name);
    if (m->partner[0] && !partner_by_id(t, str_of(m->partner), &p))
        return err_set(e, ERR_NOT_FOUND, "partner '%s': unknown", m->partner);
    if (hook_by_name(t, str_of(m->name), &known))
        return err_set(e, ERR_CONFLICT, "hook '%s' exists: remove it first", m->name);
    if (kv_count(t, TABLE_HOOK) >= LIMIT_HOOKS) return err_set(e, ERR_CONFLICT, "at most %d hooks", LIMIT_HOOKS);
    return true;
}

bool outbox_hook(txn *t, const entry *en, const Entry__Hook *m, apply_result *r, err *e) {
    hook h;
    if (m->remove) {
        if (!hook_by_name(t, str_of(m->name), &h))
            return err_set(e, ERR_NOT_FOUND, "no hook '%s' (hook list)", m->name);
        key k = hook_key(h.no);
        r->number = h.no;
        (void)kv_del(t, TABLE_HOOK, key_str(&k));
        return txn_ok(t, e);
    }
    TRY(check_add(t, m, e));
    h = (hook){.no = (uint32_t)store_next(t, "hook"),
               .entry = en->seq,
               .time_ms = en->time_ms,
               .form = (hook_form)m->form,
               .english = m->english,
               .digest_ms = (int64_t)m->digest_ms,
               .quiet_from = m->quiet_from,
               .quiet_to = m->quiet_to,
               .name = str_of(m->name),
               .events = str_of(m->events),
               .host = str_of(m->host),
               .partner = str_of(m->partner),
               .by = en->actor,
               .nonce = str_from(m->nonce.data, m->nonce.len),
               .sealed = str_from(m->sealed.data, m->sealed.len)};
    put(t, &h);
    r->number = h.no;
    return txn_ok(t, e);
}

bool hook_content(txn *t, uint32_t table, str stored_key, str val, buf *out) {
    hook h;
    (void)t;
    if (table != TABLE_HOOK || !hook_decode(stored_key, val, &h)) return false;
    const str texts[] = {h.name, h.events, h.host, h.partner, h.nonce, h.sealed};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(out, texts[i]);
    buf_byte(out, (char)h.form);
    buf_byte(out, (char)h.english);
    buf_varint(out, (uint64_t)h.digest_ms);
    buf_varint(out, h.quiet_from);
    buf_varint(out, h.quiet_to);
    return true;
}
