#include "daemon/service/http_session.h"

#include "base/clock.h"
#include "daemon/service/admin.h"
#include "daemon/service/http_sign_ins.h"
#include <arpa/inet.h>
#include <sodium.h>
#include <stdio.h>

void http_address(const request *r, char out[static 64]) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *at = info ? info->client_addr : NULL;
    out[0] = '\0';
    if (at && at->sa_family == AF_INET)
        (void)inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)at)->sin_addr, out, 64);
    if (at && at->sa_family == AF_INET6)
        (void)inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)at)->sin6_addr, out, 64);
}

/* ---- the cookie */

static const char *cookie_name(const request *r) {
    return r->h->tls ? "__Host-channeld" : "channeld";
}

str session_cookie(request *r) {
    const char *text = MHD_lookup_connection_value(r->connection, MHD_COOKIE_KIND, cookie_name(r));
    str s = str_of(text);
    return s.n == COOKIE_TEXT - 1 ? arena_str(&r->a, s) : STR("");
}

void session_set_cookie(request *r, struct MHD_Response *response, const char *cookie) {
    char line[256];
    (void)snprintf(line, sizeof line, "%s=%s; Path=/; HttpOnly; SameSite=Lax%s; Max-Age=%d", cookie_name(r), cookie,
                   r->h->tls ? "; Secure" : "", cookie[0] ? LIMIT_SESSION_MS / 1000 : 0);
    http_header(r, response, "Set-Cookie", line);
}

void session_csrf(str cookie, char out[static CSRF_TEXT]) {
    uint8_t hash[DIGEST_SIZE];
    str parts[] = {STR("csrf\n"), cookie};
    digest_of_parts(parts, ARRAY_LEN(parts), hash);
    (void)sodium_bin2hex(out, CSRF_TEXT, hash, sizeof hash);
}

bool session_get(txn *t, str cookie, session *out) {
    uint8_t hash[DIGEST_SIZE];
    str val;
    user u;
    user_access access;
    digest_of(cookie, hash);
    if (cookie.n == 0 || !kv_get(t, TABLE_SESSION, str_from(hash, sizeof hash), &val)) return false;
    reader in = reader_of(val);
    out->created_ms = (int64_t)read_be64(&in);
    out->ends_ms = (int64_t)read_be64(&in);
    out->access = read_be64(&in);
    out->user = read_text(&in);
    (void)user_access_get(t, out->user, &access);
    return !in.bad && wall_ms() < out->ends_ms && access.entry == out->access && user_get(t, out->user, &u) &&
           !u.disabled;
}

bool session_same_origin(const request *r) {
    const char *origin = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, "Origin");
    const char *host = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);
    if (origin == NULL) return true;
    str at = str_of(origin);
    size_t begin = str_find(at, STR("://"));
    return begin != SIZE_MAX && host && str_is(str_skip(at, begin + 3), host);
}

/* ---- who asks */

static bool refuse(request *r, const char *detail) {
    http_problem(r, MHD_HTTP_UNAUTHORIZED, "not_signed_in", detail, NULL);
    return false;
}

static bool csrf_right(request *r) {
    char wanted[CSRF_TEXT];
    const char *shown = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, "X-CSRF-Token");
    session_csrf(r->session, wanted);
    if (shown && strlen(shown) == CSRF_TEXT - 1 && sodium_memcmp(shown, wanted, CSRF_TEXT - 1) == 0) return true;
    http_problem(r, MHD_HTTP_FORBIDDEN, "csrf", "the request does not show the page's token",
                 "header X-CSRF-Token: the `csrf` of GET /api/v1/session");
    return false;
}

/* Tokens that are none are counted like wrong passwords. */
static bool refuse_token(request *r, const err *why) {
    if (r->who.token.n == 0 || sign_in_may_try(r, &(sign_in){.user = STR("")})) refuse(r, why->text);
    return false;
}

static bool find_caller(request *r, txn *t) {
    const char *shown = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_AUTHORIZATION);
    session s;
    if (shown) {
        str text = str_of(shown);
        if (!str_starts(text, STR("Bearer "))) return refuse(r, "wanted Authorization: Bearer TOKEN");
        r->who.token = arena_str(&r->a, str_trim(str_skip(text, 7)));
        return r->who.token.n || refuse(r, "wanted Authorization: Bearer TOKEN");
    }
    r->session = session_cookie(r);
    if (r->session.n == 0) return refuse(r, "nobody has signed in");
    if (!session_get(t, r->session, &s)) return refuse(r, "the session has ended: sign in again");
    r->who.user = arena_str(&r->a, s.user);
    return true;
}

bool http_who(request *r) {
    AUTO(txn) *t = NULL;
    err e = {0};
    if (!txn_begin(r->h->s->db, TXN_READ, &t, &e)) {
        http_failure(r, &e);
        return false;
    }
    TRY(find_caller(r, t));
    if (!actor_of(t, &r->who, clock_now(&r->h->s->clock), &r->a, &r->actor, &e)) return refuse_token(r, &e);
    return r->session.n == 0 || r->method == HTTP_GET || csrf_right(r);
}

/* ---- /api/v1/session */

static void put_text(json *j, const char *name, str s) {
    json_key(j, name);
    if (s.n) json_str(j, s);
    else
        json_none(j);
}

static void show(request *r, const user *u, int zone_min, str cookie, const char *set) {
    AUTO(buf) text = {0};
    AUTO(buf) now = {0};
    char csrf[CSRF_TEXT] = "";
    if (cookie.n) session_csrf(cookie, csrf);
    time_put(&now, clock_now(&r->h->s->clock), zone_min);
    json j = json_into(&text);
    json_open_object(&j);
    put_text(&j, "user", u->name);
    put_text(&j, "role", u->role);
    put_text(&j, "scope", u->scope);
    put_text(&j, "csrf", str_of(csrf));
    json_key(&j, "version"), json_z(&j, CHANNELD_VERSION);
    put_text(&j, "now", buf_str(&now));
    json_key(&j, "simulated"), json_bool(&j, r->h->s->clock.simulated);
    json_end_object(&j);
    http_send_json(r, 200, buf_str(&text));
    if (set) session_set_cookie(r, r->response, set);
}

static void show_user(request *r, str name, str cookie, const char *set) {
    AUTO(txn) *t = NULL;
    user u;
    err e = {0};
    if (!txn_begin(r->h->s->db, TXN_READ, &t, &e)) http_failure(r, &e);
    else if (user_get(t, name, &u))
        show(r, &u, call_zone(t), cookie, set);
    else
        (void)refuse(r, "unknown user");
}

static void signed_in(request *r) {
    const sign_in *w = r->own;
    if (w->why.code == ERR_DENIED) (void)refuse(r, w->why.text);
    else if (w->why.code != ERR_OK)
        http_failure(r, &w->why);
    else
        show_user(r, w->user, str_of(w->cookie), w->cookie);
}

static void begin_session(request *r) {
    err e = {0};
    sign_in *w = ARENA_NEW(&r->a, sign_in, 1);
    if (!http_read_body(r, &e)) {
        http_failure(r, &e);
        return;
    }
    w->user = http_param_of(r, "user");
    w->password = http_param_of(r, "password");
    w->code = http_param_of(r, "code");
    w->link = http_param_of(r, "link");
    if (w->link.n == 0 && (w->user.n == 0 || w->password.n == 0)) {
        err_set(&e, ERR_USAGE, "wanted {\"user\", \"password\"[, \"code\"]} or {\"link\"}");
        http_failure(r, &e);
    } else if (sign_in_may_try(r, w))
        sign_in_begin(r, w, signed_in);
}

static void end_session(service *s, request *r) {
    AUTO(txn) *t = NULL;
    uint8_t hash[DIGEST_SIZE];
    err e = {0};
    digest_of(r->session, hash);
    if (!txn_begin(s->db, TXN_WRITE, &t, &e)) service_die("store.failed", &e);
    if (kv_del(t, TABLE_SESSION, str_from(hash, sizeof hash)) && txn_ok(t, &e) && !txn_commit(&t, &e))
        service_die("commit.failed", &e);
    http_resume(r);
}

void session_end_later(request *r, void (*then)(request *r)) {
    r->in_loop = end_session;
    r->then = then;
    http_to_loop(r);
}

static void signed_out(request *r) {
    http_send_json(r, 200, STR("{\"user\":null}"));
    session_set_cookie(r, r->response, "");
}

void http_session(request *r) {
    if (r->method == HTTP_POST) {
        begin_session(r);
        return;
    }
    if (!http_who(r)) return;
    if (r->method == HTTP_GET) show_user(r, r->actor.name, r->session, NULL);
    else if (r->session.n == 0)
        http_problem(r, 400, "usage", "a token has no session to end", "token revoke ends a token");
    else
        session_end_later(r, signed_out);
}

/* ---- ended ones */

void http_forget_sessions(service *s, size_t max) {
    AUTO(txn) *t = NULL;
    AUTO(buf) gone = {0};
    err e;
    size_t n = 0;
    if (!txn_begin(s->db, TXN_WRITE, &t, &e)) service_die("store.failed", &e);
    AUTO(kv_cursor) all = kv_from(t, TABLE_SESSION, STR(""), STR_NONE);
    while (n < max && kv_next(&all)) {
        reader in = reader_of(str_skip(all.val, 8));
        if (all.key.n != DIGEST_SIZE || (int64_t)read_be64(&in) > wall_ms()) continue;
        buf_add(&gone, all.key);
        n++;
    }
    kv_end(&all);
    for (size_t i = 0; i < n; i++)
        (void)kv_del(t, TABLE_SESSION, str_take(str_skip(buf_str(&gone), i * DIGEST_SIZE), DIGEST_SIZE));
    if (n && txn_ok(t, &e) && !txn_commit(&t, &e)) service_die("commit.failed", &e);
}
