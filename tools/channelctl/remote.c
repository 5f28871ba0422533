#include "tools/channelctl/client.h"

#include "base/clock.h"
#include "proto/admin.pb-c.h"
#include "proto/frame.h"
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>
#include <zmq.h>

enum { COMES_BACK_MS = 10 * 1000, LOOK_AGAIN_MS = 400 };

typedef struct ask {
    void *zmq, *socket, *monitor; /* the monitor says when the daemon has gone */
    int64_t end_ms;               /* monotonic: no answer by then is none */
    const client *c;
    const char *endpoint;
    buf request;
    bool answered; /* the first piece came */
    bool watched;  /* how far it is is asked while we wait, and shown */
    unsigned tries;
} ask;

static bool ask_open(ask *a, err *e) {
    char at[40];
    int none = 0;
    (void)snprintf(at, sizeof at, "inproc://ask-%u", ++a->tries); /* libzmq frees a name some time after its socket */
    a->socket = zmq_socket(a->zmq, ZMQ_DEALER);
    a->monitor = zmq_socket(a->zmq, ZMQ_PAIR);
    if (a->socket == NULL || a->monitor == NULL || zmq_setsockopt(a->socket, ZMQ_LINGER, &none, sizeof none) != 0 ||
        zmq_setsockopt(a->monitor, ZMQ_LINGER, &none, sizeof none) != 0 ||
        zmq_socket_monitor(a->socket, at, ZMQ_EVENT_DISCONNECTED) != 0 || zmq_connect(a->monitor, at) != 0)
        return err_set(e, ERR_INTERNAL, "libzmq: %s", zmq_strerror(zmq_errno()));
    if (zmq_connect(a->socket, a->endpoint) != 0)
        return err_set(e, ERR_USAGE, "--server '%s': %s", a->endpoint, zmq_strerror(zmq_errno()));
    return true;
}

static void ask_close(ask *a) {
    if (a->monitor) {
        (void)zmq_socket_monitor(a->socket, NULL, 0);
        (void)zmq_close(a->monitor);
    }
    if (a->socket) (void)zmq_close(a->socket);
    a->socket = a->monitor = NULL;
}

static bool send_bytes(ask *a, str bytes, err *e) {
    if (zmq_send(a->socket, bytes.p, bytes.n, ZMQ_DONTWAIT) >= 0) return true;
    return err_set(e, ERR_UNAVAILABLE, "the daemon does not take the request: %s", zmq_strerror(zmq_errno()));
}

static bool send_request(ask *a, const Admin__Request *r, err *e) {
    buf_clear(&a->request);
    message_pack(&a->request, &r->base);
    return send_bytes(a, buf_str(&a->request), e);
}

/* The daemon has gone with our question. Asked again under the same request id it answers what it did, or does it now;
 * the rest of an answer is lost with the daemon that began it. */
static bool ask_again(ask *a, err *e) {
    if (a->answered) return err_set(e, ERR_UNAVAILABLE, "the daemon went away in the middle of its answer: ask again");
    ask_close(a);
    int64_t back_ms = mono_ms() + COMES_BACK_MS;
    if (back_ms < a->end_ms) a->end_ms = back_ms;
    return ask_open(a, e) && send_bytes(a, buf_str(&a->request), e);
}

/* ---- how far it is */

static bool take_head(void *arg, const call_out *head, err *e) {
    (void)arg, (void)head, (void)e;
    return true;
}

static bool take_progress(void *arg, str row, err *e) {
    (void)arg, (void)e;
    json_t *o = json_loadb(row.p, row.n, JSON_DISABLE_EOF_CHECK, NULL);
    uint64_t done = (uint64_t)json_integer_value(json_object_get(o, "done"));
    uint64_t total = (uint64_t)json_integer_value(json_object_get(o, "partners"));
    if (json_is_true(json_object_get(o, "running")) && total)
        (void)fprintf(stderr, "\rplanned %" PRIu64 " of %" PRIu64 " partners, %" PRIu64 " series: %" PRIu64 " %%   ",
                      done, total, (uint64_t)json_integer_value(json_object_get(o, "series")), 100 * done / total);
    json_decref(o);
    return true;
}

static void show_progress(const client *c) {
    static const str words[] = {{"replenish", 9}, {"progress", 8}};
    const answer_sink sink = {take_head, take_progress, NULL};
    int status;
    err unused; /* then nothing is shown */
    (void)!remote_call(c, words, ARRAY_LEN(words), (call_file_list){NULL, 0}, &sink, &status, &unused);
}

static bool is_plan(const str *words, size_t n) {
    return n >= 2 && str_is(words[0], "replenish") && str_is(words[1], "plan") && isatty(STDERR_FILENO);
}

/* An answer can be read. */
static bool wait_for_answer(ask *a, err *e) {
    for (;;) {
        zmq_pollitem_t items[] = {{a->socket, 0, ZMQ_POLLIN, 0}, {a->monitor, 0, ZMQ_POLLIN, 0}};
        int64_t left = a->end_ms - mono_ms(), wait = left > 0 ? left : 0;
        if (a->watched && wait > LOOK_AGAIN_MS) wait = LOOK_AGAIN_MS;
        int ready = zmq_poll(items, 2, wait);
        if (ready <= 0 && wait < left) {
            show_progress(a->c);
            continue;
        }
        if (ready <= 0)
            return err_set(e, ERR_UNAVAILABLE, "no answer within %lld s (--timeout)",
                           (long long)(a->c->timeout_ms / 1000));
        if (items[0].revents) return true;
        TRY(ask_again(a, e));
    }
}

/* One response, added to *out. */
static bool receive(ask *a, call_out *out, bool *more, err *e) {
    zmq_msg_t m;
    TRY(wait_for_answer(a, e));
    ASSERT(zmq_msg_init(&m) == 0);
    bool ok = zmq_msg_recv(&m, a->socket, ZMQ_DONTWAIT) >= 0 ||
              err_set(e, ERR_UNAVAILABLE, "no answer: %s", zmq_strerror(zmq_errno()));
    a->answered = true;
    ok = ok && answer_unpack(str_from(zmq_msg_data(&m), zmq_msg_size(&m)), out, more, e);
    (void)zmq_msg_close(&m);
    return ok;
}

static bool fetch(ask *a, const answer_sink *sink, int *status, err *e) {
    call_out out;
    bool more = false;
    call_out_init(&out);
    bool ok = receive(a, &out, &more, e) && sink->head(sink->arg, &out, e);
    *status = out.status;
    while (ok && sink->rows(sink->arg, buf_str(&out.rows), e) && more) {
        Admin__Request next = ADMIN__REQUEST__INIT;
        next.proto = FRAME_PROTO;
        next.next = true;
        buf_clear(&out.rows);
        a->end_ms = mono_ms() + a->c->timeout_ms;
        ok = send_request(a, &next, e) && receive(a, &out, &more, e);
    }
    call_out_free(&out);
    return ok;
}

static char *z_of(str s) {
    char *z = malloc(s.n + 1);
    ASSERT(z != NULL);
    return str_copy_z(s, z, s.n + 1);
}

static void make_id(char out[static 33]) {
    uint8_t raw[16];
    ASSERT(getrandom(raw, sizeof raw, 0) == (ssize_t)sizeof raw);
    for (size_t i = 0; i < sizeof raw; i++) (void)snprintf(out + 2 * i, 3, "%02x", raw[i]);
}

static bool exchange(ask *a, const str *words, size_t n, call_file_list files, const answer_sink *sink, int *status,
                     err *e) {
    const client *c = a->c;
    char id[33];
    make_id(id);
    Admin__Request r = ADMIN__REQUEST__INIT;
    Admin__File *file = calloc(files.n + 1, sizeof *file), **at = calloc(files.n + 1, sizeof *at);
    char **argv = calloc(n + 1, sizeof *argv);
    ASSERT(file && at && argv);
    for (size_t i = 0; i < n; i++) argv[i] = z_of(words[i]);
    for (size_t i = 0; i < files.n; i++) {
        admin__file__init(&file[i]);
        file[i].name = z_of(files.file[i].name);
        file[i].bytes = (ProtobufCBinaryData){files.file[i].bytes.n, (uint8_t *)(uintptr_t)files.file[i].bytes.p};
        at[i] = &file[i];
    }
    r.proto = FRAME_PROTO;
    r.token = (char *)(uintptr_t)(c->token ? c->token : "");
    r.n_argv = n;
    r.argv = argv;
    r.n_file = files.n;
    r.file = at;
    r.request_id = (char *)(uintptr_t)(c->request_id ? c->request_id : id);
    bool ok = send_request(a, &r, e) && fetch(a, sink, status, e);
    for (size_t i = 0; i < n; i++) free(argv[i]);
    for (size_t i = 0; i < files.n; i++) free(file[i].name);
    free(argv);
    free(file);
    free(at);
    return ok;
}

bool remote_call(const client *c, const str *words, size_t n, call_file_list files, const answer_sink *sink,
                 int *status, err *e) {
    const char *endpoint = client_endpoint(c);
    if (endpoint == NULL)
        return err_set(e, ERR_USAGE, "which daemon? give --server ENDPOINT or --data DIR, or set CHANNELCTL_SERVER");
    if (!client_alive(endpoint)) return err_set(e, ERR_UNAVAILABLE, "%s: no daemon answers there", endpoint);
    ask a = {.c = c, .endpoint = endpoint, .zmq = zmq_ctx_new(), .end_ms = mono_ms() + c->timeout_ms};
    ASSERT(a.zmq != NULL);
    a.watched = is_plan(words, n);
    bool ok = ask_open(&a, e) && exchange(&a, words, n, files, sink, status, e);
    if (a.watched) (void)fputs("\r\033[K", stderr);
    ask_close(&a);
    (void)zmq_ctx_term(a.zmq);
    buf_free(&a.request);
    return ok;
}
