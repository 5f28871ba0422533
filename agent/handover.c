#include "agent/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { ASK_AGAIN = 1, ASK_HOLD = 2, ASK_REPLACE = 4, ASK_ZH = 8 };
enum { KIND_PUSH = 'Q', KIND_SPOOLED = 'S', KIND_ANSWER = 'R' };
enum { FILES_AT_ONCE = 100000 };

typedef struct client {
    int fd; /* -1: free */
    buf in, out;
    push_job *job;
    bool answered;
} client;

struct handover {
    int fd;
    char path[PATH_SIZE];
    client clients[HANDOVER_CLIENTS];
};

/* ---- the socket. A home's path may be longer than a socket's address: go through a descriptor of the folder. */

static bool socket_at(const char *dir, int *dir_fd, int *fd, struct sockaddr_un *at, err *e) {
    *at = (struct sockaddr_un){.sun_family = AF_UNIX};
    *dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*dir_fd < 0) return err_set(e, ERR_NOT_FOUND, "%s: %s", dir, strerror(errno));
    (void)snprintf(at->sun_path, sizeof at->sun_path, "/proc/self/fd/%d/run.sock", *dir_fd);
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (*fd >= 0) return true;
    (void)close(*dir_fd);
    return err_set(e, ERR_INTERNAL, "cannot make a socket: %s", strerror(errno));
}

bool handover_open(const home *h, handover **out, err *e) {
    struct sockaddr_un at;
    int dir_fd, fd;
    char path[PATH_SIZE];
    TRY(home_path(h, "run.sock", path, e));
    TRY(socket_at(h->dir, &dir_fd, &fd, &at, e));
    (void)unlink(path); /* the lock is ours: whoever made it is gone */
    bool ok = bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && chmod(path, 0600) == 0 &&
              listen(fd, HANDOVER_CLIENTS) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0;
    int why = errno;
    (void)close(dir_fd);
    if (!ok) {
        (void)close(fd);
        return err_set(e, ERR_INTERNAL, "%s: %s", path, strerror(why));
    }
    handover *o = calloc(1, sizeof *o);
    ASSERT(o != NULL);
    o->fd = fd;
    memcpy(o->path, path, sizeof o->path);
    for (size_t i = 0; i < HANDOVER_CLIENTS; i++) o->clients[i].fd = -1;
    *out = o;
    return true;
}

static void drop(client *c) {
    if (c->fd >= 0) (void)close(c->fd);
    push_job_free(c->job);
    buf_free(&c->in);
    buf_free(&c->out);
    *c = (client){.fd = -1};
}

void handover_close(handover *o) {
    if (o == NULL) return;
    for (size_t i = 0; i < HANDOVER_CLIENTS; i++) drop(&o->clients[i]);
    (void)close(o->fd);
    (void)unlink(o->path);
    free(o);
}

size_t handover_polls(const handover *o, int *fds, short *events) {
    size_t n = 0;
    fds[n] = o->fd;
    events[n++] = POLLIN;
    for (size_t i = 0; i < HANDOVER_CLIENTS; i++) {
        if (o->clients[i].fd < 0) continue;
        fds[n] = o->clients[i].fd;
        events[n++] = o->clients[i].out.n ? POLLIN | POLLOUT : POLLIN;
    }
    return n;
}

/* ---- messages */

static void seal(buf *out, size_t start) {
    put_be32((uint8_t *)out->p + start, (uint32_t)(out->n - start - 4));
}

static size_t begin_message(buf *out, char kind) {
    size_t start = out->n;
    buf_be32(out, 0);
    buf_byte(out, kind);
    return start;
}

static void put_request(buf *out, const push_request *r) {
    size_t start = begin_message(out, KIND_PUSH);
    buf_byte(out, (char)((r->again ? ASK_AGAIN : 0) | (r->hold ? ASK_HOLD : 0) | (r->replaces ? ASK_REPLACE : 0) |
                         (r->zh ? ASK_ZH : 0)));
    buf_be32(out, (uint32_t)r->replace_from);
    buf_be32(out, (uint32_t)r->replace_to);
    buf_be64(out, (uint64_t)r->timeout_ms);
    buf_text(out, str_of(r->mapping));
    buf_be32(out, (uint32_t)r->files);
    for (size_t i = 0; i < r->files; i++) buf_text(out, str_of(r->file[i]));
    seal(out, start);
}

static char *text_copy(str s) {
    char *z = calloc(1, s.n + 1);
    ASSERT(z != NULL);
    if (s.n) memcpy(z, s.p, s.n);
    return z;
}

static bool parse_request(str body, push_request *out) {
    reader r = reader_of(body);
    if (read_byte(&r) != KIND_PUSH) return false;
    uint8_t flags = read_byte(&r);
    push_request q = {
        .again = flags & ASK_AGAIN, .hold = flags & ASK_HOLD, .replaces = flags & ASK_REPLACE, .zh = flags & ASK_ZH};
    q.replace_from = (day_t)read_be32(&r);
    q.replace_to = (day_t)read_be32(&r);
    q.timeout_ms = (int64_t)read_be64(&r);
    str mapping = read_text(&r);
    uint32_t files = read_be32(&r);
    if (r.bad || files > FILES_AT_ONCE) return false;
    if (mapping.n) q.mapping = text_copy(mapping);
    q.file = calloc(files + 1u, sizeof *q.file);
    ASSERT(q.file != NULL);
    while (q.files < files && !r.bad) q.file[q.files++] = text_copy(read_text(&r));
    if (!r.bad) return *out = q, true;
    push_request_free(&q);
    return false;
}

static void put_spooled(void *arg, const char *file, const uint8_t sha256[static 32]) {
    client *c = arg;
    size_t start = begin_message(&c->out, KIND_SPOOLED);
    buf_text(&c->out, str_of(file));
    buf_add(&c->out, str_from(sha256, 32));
    seal(&c->out, start);
}

static void put_answer(buf *out, const push_answer *a) {
    size_t start = begin_message(out, KIND_ANSWER);
    buf_byte(out, (char)a->status);
    buf_text(out, buf_str(&a->json));
    buf_text(out, buf_str(&a->human));
    buf_text(out, buf_str(&a->note));
    seal(out, start);
}

/* The first whole message of `in`; false: not there yet. */
static bool next_message(const buf *in, str *body, size_t *used) {
    if (in->n < 4) return false;
    size_t n = get_be32(in->p);
    if (in->n - 4 < n) return false;
    *body = str_from(in->p + 4, n);
    *used = 4 + n;
    return true;
}

static void consume(buf *b, size_t n) {
    memmove(b->p, b->p + n, b->n - n);
    b->n -= n;
}

/* ---- serving */

static void accept_all(handover *o) {
    for (size_t i = 0; i < HANDOVER_CLIENTS; i++) {
        if (o->clients[i].fd >= 0) continue;
        int fd = accept4(o->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) return;
        o->clients[i].fd = fd;
    }
}

/* False: it is gone. A pusher that goes away does not take back what it gave. */
static bool read_client(client *c) {
    for (;;) {
        buf_reserve(&c->in, 4096);
        ssize_t n = read(c->fd, c->in.p + c->in.n, 4096);
        if (n < 0) return errno == EAGAIN || errno == EINTR;
        if (n == 0) return false;
        c->in.n += (size_t)n;
        if (c->in.n > HANDOVER_BYTES) return false;
    }
}

static bool write_client(client *c) {
    while (c->out.n) {
        ssize_t n = send(c->fd, c->out.p, c->out.n, MSG_NOSIGNAL);
        if (n < 0) return errno == EAGAIN || errno == EINTR;
        consume(&c->out, (size_t)n);
    }
    return !c->answered;
}

static bool begin_job(client *c) {
    str body;
    size_t used;
    push_request r;
    if (c->job || !next_message(&c->in, &body, &used)) return true;
    if (!parse_request(body, &r)) return false;
    c->job = push_job_new(&r, put_spooled, c);
    return true;
}

static bool advance(client *c, const home *h, spool *s, const uplink *l, int64_t mono_ms, int64_t wall_ms, err *e) {
    bool done = false;
    if (c->job == NULL || c->answered) return true;
    TRY(push_job_turn(c->job, h, s, l, mono_ms, wall_ms, &done, e));
    if (!done) return true;
    AUTO(push_answer) a = {0};
    TRY(push_job_answer(c->job, s, &a, e));
    put_answer(&c->out, &a);
    c->answered = true;
    return true;
}

bool handover_turn(handover *o, const home *h, spool *s, const uplink *l, int64_t mono_ms, int64_t wall_ms, bool *busy,
                   err *e) {
    *busy = false;
    accept_all(o);
    for (size_t i = 0; i < HANDOVER_CLIENTS; i++) {
        client *c = &o->clients[i];
        if (c->fd < 0) continue;
        bool there = read_client(c) && begin_job(c);
        if (there) TRY(advance(c, h, s, l, mono_ms, wall_ms, e));
        if (!there || !write_client(c)) drop(c);
        else
            *busy |= c->job != NULL;
    }
    return true;
}

/* ---- asking */

static bool send_all(int fd, str s) {
    while (s.n) {
        ssize_t n = send(fd, s.p, s.n, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        s = str_skip(s, (size_t)n);
    }
    return true;
}

/* *done: the answer was in it. False: not a message of ours. */
static bool understand(str body, push_spooled_fn spooled, void *arg, push_answer *out, bool *done) {
    reader r = reader_of(body);
    uint8_t kind = read_byte(&r);
    if (kind == KIND_SPOOLED) {
        char file[PATH_SIZE];
        (void)str_copy_z(read_text(&r), file, sizeof file);
        str sha = read_bytes(&r, 32);
        if (!r.bad && spooled) spooled(arg, file, (const uint8_t *)sha.p);
        return !r.bad;
    }
    out->status = read_byte(&r);
    buf_add(&out->json, read_text(&r));
    buf_add(&out->human, read_text(&r));
    buf_add(&out->note, read_text(&r));
    *done = true;
    return kind == KIND_ANSWER && !r.bad;
}

static bool converse(int fd, const push_request *r, push_spooled_fn spooled, void *arg, push_answer *out, err *e) {
    AUTO(buf) say = {0};
    AUTO(buf) in = {0};
    str body;
    size_t used;
    bool done = false;
    put_request(&say, r);
    ssize_t n = send_all(fd, buf_str(&say)) ? 1 : 0;
    while (n > 0 && !done) {
        buf_reserve(&in, 65536);
        n = recv(fd, in.p + in.n, 65536, 0);
        if (n < 0 && errno == EINTR) n = 1;
        else if (n > 0)
            in.n += (size_t)n;
        while (!done && next_message(&in, &body, &used)) {
            if (!understand(body, spooled, arg, out, &done))
                return err_set(e, ERR_INTERNAL, "the running agent is of another version: stop it and push again");
            consume(&in, used);
        }
    }
    return done || err_set(e, ERR_RETRY, "the running agent stopped; what it took goes with the next push or run");
}

bool handover_push(const char *home_dir, const push_request *r, push_spooled_fn spooled, void *arg, push_answer *out,
                   bool *nobody, err *e) {
    struct sockaddr_un at;
    int dir_fd, fd;
    *nobody = false;
    TRY(socket_at(home_dir, &dir_fd, &fd, &at, e));
    bool ok = connect(fd, (struct sockaddr *)&at, sizeof at) == 0;
    if (!ok) {
        *nobody = true;
        err_set(e, ERR_UNAVAILABLE, "%s/run.sock: %s", home_dir, strerror(errno));
    }
    (void)close(dir_fd);
    if (ok) ok = converse(fd, r, spooled, arg, out, e);
    (void)close(fd);
    return ok;
}
