#include "base/json.h"
#include "daemon/service/http_request.h"
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

enum { GZIP_LEAST = 1024, GZIP_LEVEL = 4, GZIP_WINDOW = 15 + 16 /* with gzip's head */ };

/* Nothing from elsewhere, no script or style that stands in the page, no frame around it. */
static const struct {
    const char *name, *value;
} always[] = {
    {"Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
                                "connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; "
                                "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "geolocation=(self), camera=(self), microphone=(), payment=()"},
};

void http_header(request *r, struct MHD_Response *response, const char *name, const char *value) {
    (void)r;
    (void)MHD_add_response_header(response, name, value);
}

void http_send(request *r, unsigned status, struct MHD_Response *response) {
    ASSERT(response != NULL && r->response == NULL);
    for (size_t i = 0; i < ARRAY_LEN(always); i++) http_header(r, response, always[i].name, always[i].value);
    if (MHD_get_response_header(response, "Cache-Control") == NULL)
        http_header(r, response, "Cache-Control", "no-store");
    if (r->h->tls) http_header(r, response, "Strict-Transport-Security", "max-age=31536000");
    http_header(r, response, "X-Request-Id", r->id);
    r->response = response;
    r->status = status;
}

static bool takes_gzip(const request *r) {
    const char *accepts = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT_ENCODING);
    return accepts && str_has(str_of(accepts), STR("gzip")) && !str_has(str_of(accepts), STR("gzip;q=0"));
}

static bool pack(str text, buf *out) {
    z_stream z = {0};
    if (deflateInit2(&z, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK) return false;
    buf_reserve(out, deflateBound(&z, text.n));
    z.next_in = (Bytef *)(uintptr_t)text.p;
    z.avail_in = (uInt)text.n;
    z.next_out = (Bytef *)out->p;
    z.avail_out = (uInt)out->cap;
    bool ok = deflate(&z, Z_FINISH) == Z_STREAM_END;
    out->n = z.total_out;
    (void)deflateEnd(&z);
    return ok;
}

/* From 1 KiB on it travels packed to whoever takes that. */
static struct MHD_Response *response_of(request *r, const char *type, str text) {
    AUTO(buf) packed = {0};
    bool gzip = text.n >= GZIP_LEAST && text.n < UINT32_MAX && takes_gzip(r) && pack(text, &packed);
    str send = gzip ? buf_str(&packed) : text;
    struct MHD_Response *response =
        MHD_create_response_from_buffer(send.n, (void *)(uintptr_t)send.p, MHD_RESPMEM_MUST_COPY);
    ASSERT(response != NULL);
    if (gzip) http_header(r, response, "Content-Encoding", "gzip");
    if (text.n >= GZIP_LEAST) http_header(r, response, "Vary", "Accept-Encoding");
    http_header(r, response, "Content-Type", type);
    return response;
}

void http_send_text(request *r, unsigned status, const char *type, str text) {
    http_send(r, status, response_of(r, type, text));
}

void http_send_json(request *r, unsigned status, str text) {
    http_send_text(r, status, "application/json; charset=utf-8", text);
}

static const struct {
    unsigned status;
    const char *title, *hint;
} titles[] = {
    {400, "The request is wrong", "/api/openapi.json says what each path takes"},
    {401, "Not signed in", "POST /api/v1/session, or Authorization: Bearer TOKEN"},
    {403, "Not permitted", "an admin sees to roles and scopes: channelctl user set"},
    {404, "Nothing there", "look it up in its list; what is not yours is not shown"},
    {405, "Method not allowed", "/api/openapi.json lists paths and methods"},
    {409, "Conflict", "look at its present state, then decide anew"},
    {413, "Too large", "send files as uploads"},
    {415, "Wrong type of body", "Content-Type: application/json"},
    {422, "The data is wrong", "mend what is named and send it again"},
    {429, "Too many attempts", "wait as Retry-After says"},
    {500, "Our own mistake", "tell the admin the request id"},
    {503, "Busy", "try again with the same Idempotency-Key"},
    {507, "No room", "an admin makes room on the disk or raises store.map_size"},
};

void http_problem(request *r, unsigned status, const char *code, const char *detail, const char *hint) {
    AUTO(buf) text = {0};
    const char *title = "Error";
    for (size_t i = 0; i < ARRAY_LEN(titles); i++)
        if (titles[i].status == status) {
            title = titles[i].title;
            if (hint == NULL) hint = titles[i].hint;
        }
    json j = json_into(&text);
    json_open_object(&j);
    json_key(&j, "type"), json_z(&j, "about:blank");
    json_key(&j, "title"), json_z(&j, title);
    json_key(&j, "status"), json_uint(&j, status);
    json_key(&j, "code"), json_z(&j, code);
    json_key(&j, "detail"), json_z(&j, detail);
    json_key(&j, "hint"), json_z(&j, hint ? hint : "");
    json_key(&j, "request_id"), json_z(&j, r->id);
    json_end_object(&j);
    struct MHD_Response *response = response_of(r, "application/problem+json; charset=utf-8", buf_str(&text));
    if (status == 503) http_header(r, response, "Retry-After", "1");
    if (status == 401) http_header(r, response, "WWW-Authenticate", "Bearer");
    (void)pthread_mutex_lock(&r->h->lock);
    r->h->refused++;
    (void)pthread_mutex_unlock(&r->h->lock);
    http_send(r, status, response);
}

void http_failure(request *r, const err *why) {
    bool hidden = r->actor.scope.n && (why->code == ERR_DENIED || why->code == ERR_NOT_FOUND);
    if (hidden) {
        http_problem(r, 404, "not_found", "no such thing, or it is not yours", NULL);
        return;
    }
    /* a file of settings is our host's; a request cannot mend it, but neither is it our mistake */
    unsigned status = why->code == ERR_CONFIG ? 409 : (unsigned)err_http_status(why->code);
    http_problem(r, status, err_name(why->code), why->text, NULL);
}
