/* What people get without the dashboard: the form to sign in, a first page, and what machines ask: health, metrics. */
#include "base/clock.h"
#include "daemon/service/http_session.h"
#include "daemon/service/web_files.h"
#include <stdio.h>

static const char style[] =
    "body{font:16px/1.6 system-ui,'PingFang SC','Microsoft YaHei',sans-serif;margin:0;background:#f4f5f7;color:#1a1f29}"
    "main{max-width:22rem;margin:12vh auto;padding:2rem;background:#fff;border-radius:12px;box-shadow:0 1px 4px #0002}"
    "h1{font-size:1.3rem;margin:0 0 1rem}label{display:block;margin:.8rem 0 .2rem}"
    "input,button{font:inherit;width:100%;box-sizing:border-box;padding:.6rem;border:1px solid "
    "#8a93a3;border-radius:6px}"
    "button{margin-top:1.2rem;background:#14508c;border-color:#14508c;color:#fff;cursor:pointer}"
    ".wrong{color:#a1160a}"
    "@media(prefers-color-scheme:dark){body{background:#14171c;color:#e6e9ee}main{background:#1e232b}"
    "input{background:#14171c;color:inherit}.wrong{color:#ff9c92}}";

static void put_html(buf *out, str s) {
    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case '<': buf_addz(out, "&lt;"); break;
        case '>': buf_addz(out, "&gt;"); break;
        case '&': buf_addz(out, "&amp;"); break;
        case '"': buf_addz(out, "&quot;"); break;
        default: buf_byte(out, s.p[i]);
        }
    }
}

static void begin_page(buf *out, const char *title) {
    buf_printf(out,
               "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
               "content=\"width=device-width,initial-scale=1\"><title>%s</title><link rel=\"stylesheet\" "
               "href=\"/sign-in.css\"><main><h1>%s</h1>",
               title, title);
}

static void send_page(request *r, unsigned status, buf *page) {
    buf_addz(page, "</main></html>");
    http_send_text(r, status, "text/html; charset=utf-8", buf_str(page));
}

static void send_form(request *r, unsigned status, str link, const char *wrong) {
    AUTO(buf) page = {0};
    begin_page(&page, "渠道管理 · 登录 Sign in");
    if (wrong)
        buf_addz(&page, "<p class=\"wrong\" role=\"alert\">"), put_html(&page, str_of(wrong)), buf_addz(&page, "</p>");
    buf_addz(&page, "<form method=\"post\" action=\"/sign-in\">");
    if (link.n) {
        buf_addz(&page, "<input type=\"hidden\" name=\"link\" value=\""), put_html(&page, link);
        buf_addz(&page, "\">");
    } else
        buf_addz(&page,
                 "<label for=\"user\">用户 User</label><input id=\"user\" name=\"user\" autocomplete=\"username\" "
                 "required autofocus><label for=\"password\">密码 Password</label><input id=\"password\" "
                 "name=\"password\" type=\"password\" autocomplete=\"current-password\" required><label "
                 "for=\"code\">动态码 Code（如已启用 if set up）</label><input id=\"code\" name=\"code\" "
                 "inputmode=\"numeric\" autocomplete=\"one-time-code\" maxlength=\"6\">");
    buf_addz(&page, "<button>登录 Sign in</button></form>");
    send_page(r, status, &page);
}

/* ---- application/x-www-form-urlencoded, four short fields */

static str form_value(request *r, const char *name) {
    str rest = buf_str(&r->body), pair;
    while (str_split(&rest, '&', &pair)) {
        size_t eq = str_find(pair, STR("="));
        if (eq == SIZE_MAX || !str_is(str_take(pair, eq), name)) continue;
        str raw = arena_str(&r->a, str_skip(pair, eq + 1));
        char *text = (char *)(uintptr_t)raw.p;
        for (size_t i = 0; i < raw.n; i++)
            if (text[i] == '+') text[i] = ' ';
        return str_from(text, MHD_http_unescape(text));
    }
    return STR("");
}

static void go_to(request *r, const char *where, const char *cookie) {
    struct MHD_Response *response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    ASSERT(response != NULL);
    http_header(r, response, "Location", where);
    if (cookie) session_set_cookie(r, response, cookie);
    http_send(r, 303, response);
}

static void signed_in(request *r) {
    const sign_in *w = r->own;
    if (w->why.code == ERR_OK) go_to(r, "/", w->cookie);
    else
        send_form(r, w->why.code == ERR_DENIED ? 401 : 503, STR(""), w->why.text);
}

void http_sign_in_page(request *r) {
    err e;
    if (r->method == HTTP_GET) {
        if (!http_read_query(r, &e)) http_failure(r, &e);
        else
            send_form(r, 200, http_param_of(r, "link"), NULL);
        return;
    }
    if (!session_same_origin(r)) {
        http_problem(r, 403, "csrf", "the form was sent from another site", NULL);
        return;
    }
    sign_in *w = ARENA_NEW(&r->a, sign_in, 1);
    w->user = form_value(r, "user");
    w->password = form_value(r, "password");
    w->code = form_value(r, "code");
    w->link = form_value(r, "link");
    if (sign_in_may_try(r, w)) sign_in_begin(r, w, signed_in);
}

static void signed_out(request *r) {
    go_to(r, "/sign-in", "");
}

void http_sign_out_page(request *r) {
    if (!session_same_origin(r)) {
        http_problem(r, 403, "csrf", "the form was sent from another site", NULL);
        return;
    }
    r->session = session_cookie(r);
    session_end_later(r, signed_out);
}

/* ---- the screens, gzipped as they were built */

static const web_file *find_file(str path) {
    if (path.n == 1) path = STR("/index.html");
    for (size_t i = 0; i < web_file_count; i++)
        if (str_is(path, web_files[i].path)) return &web_files[i];
    return NULL;
}

void http_page(request *r) {
    if (str_is(r->path, "/sign-in.css")) {
        http_send_text(r, 200, "text/css; charset=utf-8", str_of(style));
        return;
    }
    const web_file *f = find_file(r->path);
    const char *has = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_IF_NONE_MATCH);
    if (f == NULL) {
        http_problem(r, 404, "not_found", "no such page", "the first page is /");
        return;
    }
    bool same = has && strcmp(has, f->tag) == 0;
    struct MHD_Response *response =
        MHD_create_response_from_buffer(same ? 0 : f->gz_n, (void *)(uintptr_t)f->gz, MHD_RESPMEM_PERSISTENT);
    ASSERT(response != NULL);
    http_header(r, response, "Content-Type", f->type);
    if (!same) http_header(r, response, "Content-Encoding", "gzip");
    http_header(r, response, "ETag", f->tag);
    http_header(r, response, "Cache-Control", f->forever ? "public, max-age=31536000, immutable" : "no-cache");
    http_send(r, same ? 304 : 200, response);
}

/* ---- machines */

void http_health(request *r) {
    daemon_facts f;
    http_facts(r->h, &f);
    AUTO(buf) text = {0};
    json j = json_into(&text);
    json_open_object(&j);
    json_key(&j, "ok"), json_bool(&j, !f.storage_full);
    json_key(&j, "storage_full"), json_bool(&j, f.storage_full);
    json_key(&j, "version"), json_z(&j, CHANNELD_VERSION);
    json_end_object(&j);
    http_send_json(r, f.storage_full ? 503 : 200, buf_str(&text));
}

static void put_metric(buf *out, const char *name, const char *type, const char *help, uint64_t value) {
    buf_printf(out, "# HELP channeld_%s %s\n# TYPE channeld_%s %s\nchanneld_%s %llu\n", name, help, name, type, name,
               (unsigned long long)value);
}

void http_metrics(request *r) {
    AUTO(buf) text = {0};
    AUTO(txn) *t = NULL;
    daemon_facts f;
    kv_stats store = {0};
    err e = {0};
    uint64_t head = 0;
    int64_t time_ms;
    uint8_t hash[DIGEST_SIZE];
    if (r->actor.role & ROLES_PARTNER) {
        http_problem(r, 403, "not_permitted", "metrics are the house's", NULL);
        return;
    }
    if (!kv_stat(r->h->s->db, &store, &e) || !txn_begin(r->h->s->db, TXN_READ, &t, &e)) {
        http_failure(r, &e);
        return;
    }
    journal_head(t, &head, &time_ms, hash);
    http_facts(r->h, &f);
    (void)pthread_mutex_lock(&r->h->lock);
    uint64_t requests = r->h->requests, refused = r->h->refused;
    (void)pthread_mutex_unlock(&r->h->lock);
    put_metric(&text, "uptime_seconds", "gauge", "Since the start.", (uint64_t)((wall_ms() - f.started_ms) / 1000));
    put_metric(&text, "journal_entries", "counter", "Entries of the journal.", head);
    put_metric(&text, "agents_connected", "gauge", "Agents connected now.", f.links);
    put_metric(&text, "storage_full", "gauge", "1: uploads are told to wait.", f.storage_full);
    put_metric(&text, "store_used_bytes", "gauge", "Of the data file.", store.used_bytes);
    put_metric(&text, "store_map_bytes", "gauge", "What it may grow to.", store.map_size);
    put_metric(&text, "store_readers", "gauge", "Read transactions open.", store.readers);
    put_metric(&text, "store_oldest_reader_lag", "gauge", "Commits since the oldest of them began.",
               store.oldest_reader_lag);
    put_metric(&text, "http_requests_total", "counter", "Requests since the start.", requests);
    put_metric(&text, "http_refused_total", "counter", "Of them answered with an error.", refused);
    http_send_text(r, 200, "text/plain; version=0.0.4; charset=utf-8", buf_str(&text));
}
