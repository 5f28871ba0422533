/* How users sign in: password, second factor, links. Secrets leave once, in the answer; what is journaled are hashes. */
#include "daemon/catalog/catalog.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/command/users.h"
#include "proto/journal.pb-c.h"
#include "proto/limits.h"
#include <sodium.h>

enum {
    PASSWORD_LEAST = 10,
    PASSWORD_MOST = 200,
    PASSWORD_MADE = 20, /* letters of one made here: 5 bits each */
    TOTP_SECRET = 20,
    TOTP_TEXT = 33,
    HOUR_MS = 3600 * 1000,
    LINK_HOURS = 24,
};

static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

static void base32_put(const uint8_t *p, size_t n, char *out) {
    uint32_t bits = 0;
    unsigned have = 0;
    for (size_t i = 0; i < n; i++) {
        bits = bits << 8 | p[i];
        for (have += 8; have >= 5; have -= 5) *out++ = base32[bits >> (have - 5) & 31];
    }
    *out = '\0';
}

static bool put_access(call *c, str name, const char *password, bool totp, err *e) {
    Entry__UserAccess m = ENTRY__USER_ACCESS__INIT;
    m.name = (char *)(uintptr_t)arena_str(c->a, name).p;
    m.password = (char *)(uintptr_t)password;
    m.totp = totp;
    return command_append(c, KIND_USER_ACCESS, &m.base, e);
}

/* ---- password */

typedef struct new_password {
    char text[PASSWORD_MADE + 1]; /* made here; "" it was brought */
    char hash[crypto_pwhash_STRBYTES];
} new_password;

static bool read_password(const call *c, str *out, err *e) {
    *out = str_trim(call_file(c, 0).bytes);
    if (out->n >= PASSWORD_LEAST && out->n <= PASSWORD_MOST && utf8_valid(*out)) return true;
    return err_set(e, ERR_DATA, "user password: %zu bytes found, wanted one line of %d to %d", out->n, PASSWORD_LEAST,
                   PASSWORD_MOST);
}

/* Costs about a tenth of a second: beside the loop. */
static bool make_password(call *c, err *e) {
    user u;
    uint8_t raw[PASSWORD_MADE];
    TRY(option_user(c, call_arg(c, 0), &u, e));
    new_password *p = ARENA_NEW(c->look_a, new_password, 1);
    c->looked = p;
    str text = STR("");
    if (call_flag(c, "none")) return true;
    ASSERT(sodium_init() >= 0);
    if (call_file_count(c)) {
        TRY(read_password(c, &text, e));
    } else {
        randombytes_buf(raw, sizeof raw);
        for (size_t i = 0; i < PASSWORD_MADE; i++) p->text[i] = base32[raw[i] & 31];
        text = str_of(p->text);
    }
    if (crypto_pwhash_str(p->hash, text.p, text.n, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE) == 0)
        return true;
    return err_set(e, ERR_RETRY, "user password: no memory for it now");
}

bool cmd_user_password(call *c, err *e) {
    user u;
    user_access access;
    if (c->looking) return make_password(c, e);
    new_password *p = c->looked;
    str name = call_arg(c, 0);
    TRY(option_user(c, name, &u, e));
    (void)user_access_get(c->t, name, &access);
    TRY(put_access(c, name, p->hash, access.totp, e));
    answer_secret(c);
    json *j = answer_show(c);
    cell_text(j, "name", name);
    json_key(j, "password");
    if (p->text[0]) json_z(j, p->text);
    else
        json_none(j);
    answer_show_end(c);
    sodium_memzero(p, sizeof *p);
    return true;
}

/* ---- second factor: its secret is kept operationally, the journal says only that there is one */

static void put_secret(call *c, str name, const uint8_t secret[static TOTP_SECRET]) {
    AUTO(buf) row = {0};
    buf_add(&row, str_from(secret, TOTP_SECRET));
    buf_be64(&row, 0);
    kv_put(c->t, TABLE_TOTP, name, buf_str(&row));
}

bool cmd_user_totp(call *c, err *e) {
    user u;
    user_access access;
    uint8_t secret[TOTP_SECRET];
    char text[TOTP_TEXT];
    str name = call_arg(c, 0);
    bool off = call_flag(c, "off");
    TRY(option_user(c, name, &u, e));
    (void)user_access_get(c->t, name, &access);
    TRY(put_access(c, name, arena_str(c->a, access.password).p, !off, e));
    if (off) {
        (void)kv_del(c->t, TABLE_TOTP, name);
        answer_message(c, "user '%.*s' signs in without a second factor", STR_ARG(name));
        return true;
    }
    ASSERT(sodium_init() >= 0);
    randombytes_buf(secret, sizeof secret);
    put_secret(c, name, secret);
    base32_put(secret, sizeof secret, text);
    AUTO(buf) uri = {0};
    buf_printf(&uri, "otpauth://totp/channeld:%.*s?secret=%s&issuer=channeld", STR_ARG(name), text);
    answer_secret(c);
    json *j = answer_show(c);
    cell_text(j, "name", name);
    cell_text(j, "secret", str_of(text));
    cell_text(j, "uri", buf_str(&uri));
    answer_show_end(c);
    sodium_memzero(secret, sizeof secret);
    return true;
}

/* ---- tokens and links */

static bool whole_number(call *c, const char *option, int64_t otherwise, int64_t most, int64_t *out, err *e) {
    bool exact = true;
    str said = call_option(c, option);
    *out = otherwise;
    if (said.p == NULL || (dec_parse(said, 0, out, &exact) && exact && *out >= 1 && *out <= most)) return true;
    return err_set(e, ERR_USAGE, "%s: --%s '%.*s' is no whole number from 1 to %lld", c->command->name, option,
                   STR_ARG(str_take(said, 20)), (long long)most);
}

static bool put_token(call *c, const token *k, err *e) {
    Entry__Token m = ENTRY__TOKEN__INIT;
    uint8_t hash[DIGEST_SIZE];
    memcpy(hash, k->hash, sizeof hash);
    m.user = (char *)(uintptr_t)arena_str(c->a, k->user).p;
    m.hash = (ProtobufCBinaryData){sizeof hash, hash};
    m.scope = (char *)(uintptr_t)arena_str(c->a, k->scope).p;
    m.expires_ms = k->expires_ms;
    m.once = k->once;
    m.revoked = k->revoked;
    return command_append(c, KIND_TOKEN, &m.base, e);
}

bool cmd_user_link(call *c, err *e) {
    user u;
    int64_t hours;
    uint8_t hash[DIGEST_SIZE];
    char text[SECRET_TEXT];
    AUTO(buf) link = {0};
    str name = call_arg(c, 0);
    TRY(whole_number(c, "hours", 1, LINK_HOURS, &hours, e));
    TRY(option_user(c, name, &u, e));
    secret_text(text, hash);
    int64_t expires_ms = c->now_ms + hours * HOUR_MS;
    TRY(put_token(c, &(token){.hash = hash, .user = name, .once = true, .expires_ms = expires_ms}, e));
    buf_printf(&link, "%s/sign-in?link=%s", c->facts && c->facts->http_at ? c->facts->http_at : "", text);
    answer_secret(c);
    json *j = answer_show(c);
    cell_text(j, "name", name);
    cell_text(j, "link", buf_str(&link));
    cell_time(j, "expires", expires_ms, c->zone_min);
    answer_show_end(c);
    return true;
}

/* A scope names commands, or what they begin with. */
static bool scope_known(str only, err *e) {
    str word;
    while (str_split(&only, ';', &word)) {
        str w = str_trim(word);
        bool known = str_is(w, "read");
        for (size_t i = 0; i < command_count && !known; i++) {
            str name = str_of(commands[i].name);
            known = w.n && str_starts(name, w) && (name.n == w.n || name.p[w.n] == ' ');
        }
        if (!known)
            return err_set(e, ERR_USAGE, "--only '%.*s': wanted read, or commands like 'upload;order list'",
                           STR_ARG(str_take(w, 60)));
    }
    return true;
}

bool cmd_token_add(call *c, err *e) {
    user u;
    int64_t days;
    uint8_t hash[DIGEST_SIZE];
    char text[SECRET_TEXT], id[TOKEN_ID + 1];
    str name = call_arg(c, 0), only = call_option(c, "only");
    TRY(whole_number(c, "days", 90, LIMIT_TOKEN_DAYS, &days, e));
    TRY(option_user(c, name, &u, e));
    TRY(scope_known(only, e));
    secret_text(text, hash);
    token k = {.hash = hash, .user = name, .scope = only, .expires_ms = c->now_ms + days * 24 * HOUR_MS};
    TRY(put_token(c, &k, e));
    token_id(&k, id);
    answer_secret(c);
    json *j = answer_show(c);
    cell_text(j, "token", str_of(id));
    cell_text(j, "user", name);
    cell_text(j, "only", only);
    cell_time(j, "expires", k.expires_ms, c->zone_min);
    cell_text(j, "secret", str_of(text));
    answer_show_end(c);
    return true;
}

bool cmd_token_list(call *c, err *e) {
    static const char *const columns[] = {"token", "user", "kind", "only", "expires", "state"};
    str whose = call_option(c, "user");
    bool all_users = c->who.role == ROLE_ADMIN || c->who.role == ROLE_AUDITOR;
    user u;
    if (whose.p && !all_users) TRY(option_user(c, whose, &u, e));
    answer_list(c, columns, ARRAY_LEN(columns));
    AUTO(kv_cursor) all = kv_from(c->t, TABLE_TOKEN, STR(""), STR_NONE);
    while (!answer_failed(c) && kv_next(&all)) {
        token k;
        char id[TOKEN_ID + 1];
        if (!token_decode(all.key, all.val, &k) || (whose.p && !str_eq(k.user, whose))) continue;
        if (!all_users && (c->who.agent || !str_eq(k.user, c->who.name))) continue;
        token_id(&k, id);
        json *j = answer_row(c);
        cell_text(j, "token", str_of(id));
        cell_text(j, "user", k.user);
        cell_text(j, "kind", k.once ? STR("link") : STR("token"));
        cell_text(j, "only", k.scope);
        cell_time(j, "expires", k.expires_ms, c->zone_min);
        cell_text(j, "state", k.revoked ? STR("revoked") : c->now_ms >= k.expires_ms ? STR("expired") : STR("valid"));
        answer_row_end(c);
    }
    return true;
}

bool cmd_token_revoke(call *c, err *e) {
    token k;
    user u;
    bool known = token_by_id(c->t, call_arg(c, 0), &k);
    if (known && c->who.role != ROLE_ADMIN) known = !c->who.agent && str_eq(k.user, c->who.name);
    if (!known)
        return err_set(e, ERR_NOT_FOUND, "token '%.*s': unknown (token list names them)",
                       STR_ARG(str_take(call_arg(c, 0), 40)));
    TRY(option_user(c, k.user, &u, e));
    if (k.revoked) {
        answer_message(c, "it is revoked already");
        return true;
    }
    k.revoked = true;
    TRY(put_token(c, &k, e));
    answer_message(c, "token '%.*s' of '%.*s' is revoked", STR_ARG(call_arg(c, 0)), STR_ARG(u.name));
    return true;
}
