#include "daemon/service/http.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "daemon/service/admin.h"
#include "daemon/service/http_events.h"
#include "daemon/service/http_request.h"
#include "daemon/service/http_routes.h"
#include "daemon/service/http_sign_ins.h"
#include "daemon/service/http_uploads.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    HTTP_THREADS = 2,
    REQUEST_BYTES = 16 * 1024 * 1024, /* arena of one request */
    PEM_BYTES = 256 * 1024,
    UPLOAD_TIMES = 30, /* as long as other requests */
    REQUESTS_A_TURN = 16,
    QUIET_SECONDS = 60, /* neither side said anything */
};

/* ---- handing over between threads and loop */

void http_again(request *r) {
    http *h = r->h;
    uint64_t one = 1;
    r->next = NULL;
    (void)pthread_mutex_lock(&h->lock);
    if (h->waiting) h->last_waiting->next = r;
    else
        h->waiting = r;
    h->last_waiting = r;
    (void)pthread_mutex_unlock(&h->lock);
    (void)!write(h->fd, &one, sizeof one);
}

void http_to_loop(request *r) {
    http *h = r->h;
    r->waits = true;
    MHD_suspend_connection(r->connection);
    (void)pthread_mutex_lock(&h->lock);
    h->busy++;
    (void)pthread_mutex_unlock(&h->lock);
    http_again(r);
}

void http_to_readers(request *r) {
    http *h = r->h;
    r->waits = true;
    MHD_suspend_connection(r->connection);
    (void)pthread_mutex_lock(&h->lock);
    h->busy++;
    (void)pthread_mutex_unlock(&h->lock);
    if (readers_ask(h->s->readers, r->job)) return;
    job_free(r->job);
    r->job = NULL;
    err_set(&r->why, ERR_RETRY, "too many questions at once: try again");
    http_resume(r);
}

void http_resume(request *r) {
    (void)pthread_mutex_lock(&r->h->lock);
    r->h->busy--;
    (void)pthread_mutex_unlock(&r->h->lock);
    MHD_resume_connection(r->connection);
}

static request *next_waiting(http *h) {
    (void)pthread_mutex_lock(&h->lock);
    request *r = h->waiting;
    if (r) h->waiting = r->next;
    (void)pthread_mutex_unlock(&h->lock);
    return r;
}

static void publish(service *s) {
    daemon_facts now;
    service_facts(s, &now);
    (void)pthread_mutex_lock(&s->http->lock);
    s->http->facts = now;
    (void)pthread_mutex_unlock(&s->http->lock);
}

void http_facts(http *h, daemon_facts *out) {
    (void)pthread_mutex_lock(&h->lock);
    *out = h->facts;
    (void)pthread_mutex_unlock(&h->lock);
}

bool http_turn(service *s) {
    http *h = s->http;
    uint64_t count;
    bool any = false;
    publish(s);
    (void)!read(h->fd, &count, sizeof count);
    for (int i = 0; i < REQUESTS_A_TURN; i++) {
        request *r = next_waiting(h);
        if (r == NULL) break;
        any = true;
        r->in_loop(s, r);
    }
    http_events_turn(h);
    return any;
}

size_t http_busy(const service *s) {
    (void)pthread_mutex_lock(&s->http->lock);
    size_t n = s->http->busy;
    (void)pthread_mutex_unlock(&s->http->lock);
    return n;
}

int http_fd(const service *s) {
    return s->http->fd;
}

/* ---- connections: each phase of a request has its time */

static void allow(request *r, int64_t ms) {
    if (r->conn == NULL) return;
    (void)pthread_mutex_lock(&r->h->lock);
    r->conn->since_ms = mono_ms();
    r->conn->allowed_ms = ms;
    (void)pthread_mutex_unlock(&r->h->lock);
}

static void on_connection(void *arg, struct MHD_Connection *c, void **context,
                          enum MHD_ConnectionNotificationCode what) {
    http *h = arg;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
        http_conn *n = calloc(1, sizeof *n);
        ASSERT(n != NULL && info != NULL);
        *n = (http_conn){info->connect_fd, mono_ms(), h->s->config.http_slow_ms, NULL, NULL};
        *context = n;
        (void)pthread_mutex_lock(&h->lock);
        n->next = h->conns;
        if (n->next) n->next->before = n;
        h->conns = n;
        (void)pthread_mutex_unlock(&h->lock);
        return;
    }
    http_conn *gone = *context;
    (void)pthread_mutex_lock(&h->lock);
    if (gone->before) gone->before->next = gone->next;
    else
        h->conns = gone->next;
    if (gone->next) gone->next->before = gone->before;
    (void)pthread_mutex_unlock(&h->lock);
    free(gone);
}

void http_second(service *s, int64_t now_ms) {
    http *h = s->http;
    size_t cut = 0;
    (void)pthread_mutex_lock(&h->lock);
    for (http_conn *c = h->conns; c; c = c->next) {
        if (c->allowed_ms == 0 || now_ms - c->since_ms < c->allowed_ms) continue;
        (void)shutdown(c->fd, SHUT_RDWR);
        c->allowed_ms = 0;
        cut++;
    }
    (void)pthread_mutex_unlock(&h->lock);
    if (cut) log_event(LOG_LEVEL_DEBUG, "http.slow", "connections=%zu", cut);
    http_uploads_second(h, now_ms);
}

/* ---- a request */

static const struct method_row {
    const char *name;
    http_method method;
} methods[] = {{"GET", HTTP_GET}, {"HEAD", HTTP_GET}, {"POST", HTTP_POST}, {"PUT", HTTP_PUT}, {"DELETE", HTTP_DELETE}};

static request *request_new(http *h, struct MHD_Connection *c, const char *url, const char *method) {
    uint8_t raw[8];
    request *r = calloc(1, sizeof *r);
    ASSERT(r != NULL);
    *r = (request){.h = h, .connection = c, .head = strcmp(method, "HEAD") == 0};
    arena_init(&r->a, REQUEST_BYTES);
    r->path = arena_str(&r->a, str_of(url));
    for (size_t i = 0; i < ARRAY_LEN(methods); i++)
        if (strcmp(methods[i].name, method) == 0) r->method = methods[i].method;
    randombytes_buf(raw, sizeof raw);
    (void)sodium_bin2hex(r->id, sizeof r->id, raw, sizeof raw);
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    r->conn = info ? info->socket_context : NULL;
    (void)pthread_mutex_lock(&h->lock);
    h->requests++;
    (void)pthread_mutex_unlock(&h->lock);
    return r;
}

static void request_free(request *r) {
    if (r->job) job_free(r->job);
    http_upload_drop(r);
    if (r->response) MHD_destroy_response(r->response);
    buf_free(&r->body);
    arena_free(&r->a);
    free(r);
}

static void on_completed(void *arg, struct MHD_Connection *c, void **own, enum MHD_RequestTerminationCode why) {
    http *h = arg;
    request *r = *own;
    (void)c, (void)why;
    if (r == NULL) return;
    allow(r, h->s->config.http_slow_ms);
    request_free(r);
    *own = NULL;
}

static enum MHD_Result queue(request *r) {
    ASSERT(r->response != NULL);
    allow(r, 0);
    return MHD_queue_response(r->connection, r->status, r->response);
}

/* What can be said from the head alone; before a body is read. */
static void look_at_head(request *r) {
    const char *length = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    unsigned long long n = length ? strtoull(length, NULL, 10) : 0;
    http_find_route(r);
    if (r->response) return;
    unsigned long long most = r->route->raw_body ? LIMIT_UPLOAD_BYTES : LIMIT_HTTP_BODY;
    if (n > most) {
        http_problem(r, MHD_HTTP_CONTENT_TOO_LARGE, "too_large", "the body is too large",
                     r->route->raw_body ? "a file has at most 64 MiB" : "at most 64 KiB; send files as uploads");
        return;
    }
    if (r->route->whom == FOR_USERS && !http_who(r)) return;
    if (r->route->raw_body) http_upload_begin(r);
}

static void take_body(request *r, const char *data, size_t n) {
    r->body_n += n;
    if (r->route->raw_body) {
        http_upload_take(r, str_from(data, n));
        return;
    }
    if (r->body_n > LIMIT_HTTP_BODY) r->body_refused = true;
    else
        buf_add(&r->body, str_from(data, n));
}

static void run(request *r) {
    if (r->body_refused)
        http_problem(r, MHD_HTTP_CONTENT_TOO_LARGE, "too_large", "the body is too large",
                     "at most 64 KiB; send files as uploads");
    else if (r->waits) {
        r->waits = false;
        if (r->why.code != ERR_OK) http_failure(r, &r->why);
        else
            r->then(r);
    } else
        r->route->run(r);
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *c, const char *url, const char *method,
                                  const char *version, const char *data, size_t *n, void **own) {
    http *h = arg;
    request *r = *own;
    (void)version;
    if (r == NULL) {
        *own = r = request_new(h, c, url, method);
        look_at_head(r);
        allow(r, h->s->config.http_slow_ms * (r->route && r->route->raw_body ? UPLOAD_TIMES : 1));
        return r->response ? queue(r) : MHD_YES;
    }
    if (*n) {
        take_body(r, data, *n);
        *n = 0;
        return r->body_n <= 2 * (uint64_t)LIMIT_UPLOAD_BYTES ? MHD_YES : MHD_NO;
    }
    allow(r, 0);
    run(r);
    return r->response ? queue(r) : MHD_YES;
}

/* ---- starting */

/* "[::1]:7480", "127.0.0.1:7480", "tcp://0.0.0.0:0" */
static bool address_of(const char *said, struct sockaddr_storage *out, err *e) {
    str s = str_of(said);
    char host[128];
    if (str_starts(s, STR("tcp://"))) s = str_skip(s, 6);
    size_t colon = s.n;
    while (colon > 0 && s.p[colon - 1] != ':') colon--;
    str name = colon ? str_take(s, colon - 1) : s;
    if (name.n > 1 && name.p[0] == '[') name = str_take(str_skip(name, 1), name.n - 2);
    struct addrinfo wanted = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM}, *found = NULL;
    (void)str_copy_z(name, host, sizeof host);
    int rc = getaddrinfo(str_is(name, "*") ? NULL : host, s.p + colon, &wanted, &found);
    if (rc != 0) return err_set(e, ERR_CONFIG, "listen.http: %s: %s", said, gai_strerror(rc));
    memcpy(out, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return true;
}

static void on_log(void *arg, const char *fmt, va_list ap) {
    char text[300], quoted[640];
    (void)arg;
    (void)vsnprintf(text, sizeof text, fmt, ap);
    log_event(LOG_LEVEL_DEBUG, "http.library", "said=%s", log_quote(str_trim(str_of(text)), quoted, sizeof quoted));
}

static bool read_pem(const char *path, char **out, err *e) {
    AUTO(buf) b = {0};
    err why;
    if (!file_read(path, PEM_BYTES, &b, &why)) return err_set(e, ERR_CONFIG, "%s", why.text);
    *out = strdup(buf_z(&b));
    return true;
}

static bool read_certificate(http *h, const daemon_config *c, err *e) {
    h->tls = c->http_certificate[0] != '\0';
    if (h->tls != (c->http_key[0] != '\0'))
        return err_set(e, ERR_CONFIG, "http.certificate and http.key: one without the other");
    return !h->tls || (read_pem(c->http_certificate, &h->certificate, e) && read_pem(c->http_key, &h->key, e));
}

static bool start_at(http *h, const daemon_config *c, const char *where, err *e) {
    struct sockaddr_storage at = {0};
    TRY(address_of(where, &at, e));
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    if (at.ss_family == AF_INET6) flags |= MHD_USE_IPv6;
    if (h->tls) flags |= MHD_USE_TLS;
    struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_MEM_CERT, 0, h->certificate},
                                   {MHD_OPTION_HTTPS_MEM_KEY, 0, h->key},
                                   {MHD_OPTION_HTTPS_PRIORITIES, 0, "NORMAL:-VERS-TLS1.0:-VERS-TLS1.1"},
                                   {MHD_OPTION_END, 0, NULL}};
    h->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, h, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL, MHD_OPTION_SOCK_ADDR, &at,
        MHD_OPTION_THREAD_POOL_SIZE, (unsigned)HTTP_THREADS, MHD_OPTION_CONNECTION_LIMIT, (unsigned)c->http_connections,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)c->http_per_address, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)LIMIT_HTTP_HEAD, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)QUIET_SECONDS, MHD_OPTION_STRICT_FOR_CLIENT,
        1, MHD_OPTION_NOTIFY_COMPLETED, on_completed, h, MHD_OPTION_NOTIFY_CONNECTION, on_connection, h,
        MHD_OPTION_ARRAY, h->tls ? tls : &tls[ARRAY_LEN(tls) - 1], MHD_OPTION_END);
    if (h->daemon) return true;
    return err_set(e, errno == EADDRINUSE ? ERR_CONFLICT : ERR_CONFIG, "listen.http %s: cannot listen there%s%s", where,
                   h->tls ? ", or the certificate is none" : "", errno == EADDRINUSE ? " (in use)" : "");
}

/* A second daemon on one machine that nobody told where to listen takes a free port: ports.json and the log name it. */
static bool start(http *h, const daemon_config *c, err *e) {
    if (start_at(h, c, c->listen_http, e)) return true;
    return e->code == ERR_CONFLICT && strcmp(c->listen_http, LISTEN_HTTP) == 0 && start_at(h, c, LISTEN_HTTP_ANY, e);
}

static void say_where(service *s) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->http->daemon, MHD_DAEMON_INFO_BIND_PORT);
    str host = str_of(s->config.listen_http);
    if (str_starts(host, STR("tcp://"))) host = str_skip(host, 6);
    while (host.n && host.p[host.n - 1] != ':') host.n--;
    (void)snprintf(s->http_at, sizeof s->http_at, "%s://%.*s%u", s->http->tls ? "https" : "http", STR_ARG(host),
                   info ? (unsigned)info->port : 0U);
}

bool http_open(service *s, err *e) {
    http *h = calloc(1, sizeof *h);
    ASSERT(h != NULL && pthread_mutex_init(&h->lock, NULL) == 0 && sodium_init() >= 0);
    s->http = h;
    h->s = s;
    h->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    ASSERT(h->fd >= 0);
    randombytes_buf(h->secret, sizeof h->secret);
    h->sign_ins = sign_ins_new();
    publish(s);
    TRY(read_certificate(h, &s->config, e) && start(h, &s->config, e));
    say_where(s);
    log_event(LOG_LEVEL_INFO, "http.listening", "at=%s", s->http_at);
    return true;
}

/* The loop has ended: what waits for it is told so, and nobody is left suspended. */
void http_close(service *s) {
    http *h = s->http;
    if (h == NULL) return;
    h->stopping = true;
    for (request *r; (r = next_waiting(h)) != NULL;) {
        err_set(&r->why, ERR_RETRY, "the daemon stops: try again");
        http_resume(r);
    }
    http_events_stop(h);
    if (h->daemon) MHD_stop_daemon(h->daemon);
    http_uploads_free(h);
    sign_ins_free(h->sign_ins);
    (void)close(h->fd);
    (void)pthread_mutex_destroy(&h->lock);
    free(h->certificate);
    if (h->key) sodium_memzero(h->key, strlen(h->key));
    free(h->key);
    free(h);
    s->http = NULL;
}
