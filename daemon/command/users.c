#include "daemon/command/users.h"

#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "proto/journal.pb-c.h"
#include <sodium.h>

bool option_user(call *c, str name, user *out, err *e) {
    bool own = !c->who.agent && c->who.only.n == 0 && str_eq(name, c->who.name);
    if (c->who.role != ROLE_ADMIN && !own)
        return err_set(e, ERR_DENIED, "%s: not permitted to '%.*s'", c->command->name, STR_ARG(c->who.name));
    if (user_get(c->t, name, out)) return true;
    return err_set(e, ERR_NOT_FOUND, "user '%.*s': unknown", STR_ARG(str_take(name, 60)));
}

void secret_text(char out[static SECRET_TEXT], uint8_t hash[static DIGEST_SIZE]) {
    uint8_t raw[SECRET_BYTES];
    ASSERT(sodium_init() >= 0);
    randombytes_buf(raw, sizeof raw);
    (void)sodium_bin2base64(out, SECRET_TEXT, raw, sizeof raw, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    digest_of(str_of(out), hash);
    sodium_memzero(raw, sizeof raw);
}

static bool role_known(str name, err *e) {
    AUTO(buf) b = {0};
    if (user_role_bit(name)) return true;
    for (size_t i = 0; i < user_role_count; i++) buf_printf(&b, "%s%s", i ? ", " : "", user_roles[i]);
    return err_set(e, ERR_USAGE, "--role '%.*s': wanted one of %s", STR_ARG(str_take(name, 40)), buf_z(&b));
}

static char *text_of(call *c, str s) {
    return (char *)(uintptr_t)(s.n ? arena_str(c->a, s).p : "");
}

static bool put_user(call *c, str name, str of_role, str scope, bool disabled, const uint8_t *hash, err *e) {
    Entry__User m = ENTRY__USER__INIT;
    m.name = text_of(c, name);
    m.role = text_of(c, of_role);
    m.scope = text_of(c, scope);
    m.disabled = disabled;
    m.token_hash = (ProtobufCBinaryData){DIGEST_SIZE, (uint8_t *)(uintptr_t)hash};
    return command_append(c, KIND_USER, &m.base, e);
}

bool cmd_user_add(call *c, err *e) {
    uint8_t hash[DIGEST_SIZE];
    char text[SECRET_TEXT];
    str name = call_arg(c, 0), of_role = call_option(c, "role"), scope = call_option(c, "scope");
    user known;
    TRY(role_known(of_role, e));
    if (user_get(c->t, name, &known) && !known.disabled)
        return err_set(e, ERR_CONFLICT, "user '%.*s' exists; disable it first to give it a new token", STR_ARG(name));
    secret_text(text, hash);
    TRY(put_user(c, name, of_role, scope, false, hash, e));
    answer_secret(c);
    json *j = answer_show(c);
    json_key(j, "name");
    json_str(j, name);
    json_key(j, "role");
    json_str(j, of_role);
    json_key(j, "scope");
    if (scope.n) json_str(j, scope);
    else
        json_none(j);
    json_key(j, "token");
    json_z(j, text);
    answer_show_end(c);
    sodium_memzero(text, sizeof text);
    return true;
}

bool cmd_user_list(call *c, err *e) {
    static const char *const columns[] = {"name", "role", "scope", "disabled"};
    user u;
    (void)e;
    answer_list(c, columns, ARRAY_LEN(columns));
    AUTO(kv_cursor) all = kv_from(c->t, TABLE_USER, STR(""), STR_NONE);
    while (!answer_failed(c) && kv_next(&all)) {
        if (!user_decode(all.key, all.val, &u)) continue;
        json *j = answer_row(c);
        json_key(j, "name");
        json_str(j, u.name);
        json_key(j, "role");
        json_str(j, u.role);
        json_key(j, "scope");
        if (u.scope.n) json_str(j, u.scope);
        else
            json_none(j);
        json_key(j, "disabled");
        json_bool(j, u.disabled);
        answer_row_end(c);
    }
    return true;
}

bool cmd_user_disable(call *c, err *e) {
    str name = call_arg(c, 0);
    uint8_t hash[DIGEST_SIZE];
    user u;
    if (!user_get(c->t, name, &u))
        return err_set(e, ERR_NOT_FOUND, "user '%.*s': unknown", STR_ARG(str_take(name, 60)));
    if (u.disabled) {
        answer_message(c, "user '%.*s' is disabled already", STR_ARG(name));
        return true;
    }
    memcpy(hash, u.token_hash, sizeof hash);
    TRY(put_user(c, name, u.role, u.scope, true, hash, e));
    answer_message(c, "user '%.*s' is disabled", STR_ARG(name));
    return true;
}

bool cmd_user_set(call *c, err *e) {
    uint8_t hash[DIGEST_SIZE];
    str of_role = call_option(c, "role"), scope = call_option(c, "scope");
    user u;
    TRY(option_user(c, call_arg(c, 0), &u, e));
    if (of_role.p) TRY(role_known(of_role, e));
    memcpy(hash, u.token_hash, sizeof hash);
    bool disabled = u.disabled && !call_flag(c, "enable");
    str role_is = of_role.p ? of_role : u.role, scope_is = scope.p ? scope : u.scope;
    bool same = disabled == u.disabled && str_eq(role_is, u.role) && str_eq(scope_is, u.scope);
    TRY(same || put_user(c, call_arg(c, 0), role_is, scope_is, disabled, hash, e));
    answer_message(c, same ? "user '%.*s' is so already" : "user '%.*s' is changed", STR_ARG(call_arg(c, 0)));
    return true;
}

bool cmd_user_show(call *c, err *e) {
    user u;
    user_access access;
    uint64_t tokens = 0;
    if (!user_get(c->t, call_arg(c, 0), &u))
        return err_set(e, ERR_NOT_FOUND, "user '%.*s': unknown", STR_ARG(str_take(call_arg(c, 0), 60)));
    (void)user_access_get(c->t, u.name, &access);
    AUTO(kv_cursor) all = kv_from(c->t, TABLE_TOKEN, STR(""), STR_NONE);
    for (token k; kv_next(&all);)
        tokens +=
            token_decode(all.key, all.val, &k) && str_eq(k.user, u.name) && !k.revoked && c->now_ms < k.expires_ms;
    json *j = answer_show(c);
    cell_text(j, "name", u.name);
    cell_text(j, "role", u.role);
    cell_text(j, "scope", u.scope);
    json_key(j, "disabled"), json_bool(j, u.disabled);
    json_key(j, "password"), json_bool(j, access.password.n > 0);
    json_key(j, "totp"), json_bool(j, access.totp);
    cell_count(j, "tokens", tokens);
    answer_show_end(c);
    return true;
}
