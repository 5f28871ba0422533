#include "daemon/service/sender.h"

#include "base/clock.h"
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { WAITING_MAX = 8, POLL_MS = 1000, CONNECT_PART = 2 };

/* A transfer under way. */
typedef struct flight {
    delivery *d;
    struct sender *of;
    CURL *easy;
    struct curl_slist *headers, *to;
    size_t sent;       /* of a mail's text */
    uint64_t taken;    /* bytes of the answer, its head too */
    bool private_seen; /* an address was not connected to */
    bool too_large;
    int64_t began_ms;
    char error[CURL_ERROR_SIZE];
    struct flight *next;
} flight;

/* Somebody waits for this one. */
typedef struct waiter {
    delivery d; /* first: it is handed in as one */
    bool done;
} waiter;

struct sender {
    const allow_list *allow;
    int64_t timeout_ms;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread;
    CURLM *multi;
    delivery *fresh, **fresh_end; /* in the order they came */
    delivery *done, **done_end;
    flight *flights;
    size_t waiting; /* sender_now() */
    int fd;
    bool stop, started;
};

enum { PART_WAITER = UINT32_MAX };

delivery *delivery_new(void) {
    delivery *d = calloc(1, sizeof *d);
    ASSERT(d != NULL);
    return d;
}

void delivery_free(delivery *d) {
    outbox_request_free(&d->request);
    buf_free(&d->answer.body);
    free(d);
}

/* ---- what libcurl asks */

/* The only place that is safe: the name has become an address, and nothing is connected yet. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to) {
    flight *f = arg;
    address a;
    (void)purpose;
    if (!address_of(&to->addr, to->addrlen, &a) || !allow_address(f->of->allow, str_of(f->d->request.host), &a)) {
        f->private_seen = true;
        return CURL_SOCKET_BAD;
    }
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static bool takes(flight *f, size_t n) {
    f->taken += n;
    f->too_large = f->taken > LIMIT_HOOK_ANSWER;
    return !f->too_large;
}

static size_t take_body(char *p, size_t size, size_t n, void *arg) {
    flight *f = arg;
    if (!takes(f, size * n)) return 0;
    buf_add(&f->d->answer.body, str_from(p, size * n));
    return size * n;
}

static size_t take_head(char *p, size_t size, size_t n, void *arg) {
    flight *f = arg;
    (void)p;
    return takes(f, size * n) ? size * n : 0;
}

static size_t give_mail(char *p, size_t size, size_t n, void *arg) {
    flight *f = arg;
    str rest = str_take(str_skip(buf_str(&f->d->request.body), f->sent), size * n);
    if (rest.n) memcpy(p, rest.p, rest.n);
    f->sent += rest.n;
    return rest.n;
}

/* ---- one transfer */

static struct curl_slist *list_of(const buf *lines) {
    struct curl_slist *list = NULL;
    str rest = buf_str(lines), line;
    while (str_split(&rest, '\n', &line)) {
        char text[LIMIT_HOOK_URL];
        if (line.n == 0 || line.n >= sizeof text) continue;
        list = curl_slist_append(list, str_copy_z(line, text, sizeof text));
    }
    return list;
}

static void set_bounds(flight *f) {
    CURL *c = f->easy;
    long whole = (long)f->of->timeout_ms;
    (void)curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, f->d->request.mail ? "smtp,smtps" : "http,https");
    (void)curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(c, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    (void)curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(c, CURLOPT_QUICK_EXIT, 1L);
    (void)curl_easy_setopt(c, CURLOPT_USERAGENT, "channeld/" CHANNELD_VERSION);
    (void)curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, whole);
    (void)curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, whole / CONNECT_PART + 1);
    (void)curl_easy_setopt(c, CURLOPT_FORBID_REUSE, 1L);
    (void)curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, 1L);
    (void)curl_easy_setopt(c, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
    (void)curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    (void)curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, f);
    (void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
    (void)curl_easy_setopt(c, CURLOPT_WRITEDATA, f);
    (void)curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_head);
    (void)curl_easy_setopt(c, CURLOPT_HEADERDATA, f);
    (void)curl_easy_setopt(c, CURLOPT_ERRORBUFFER, f->error);
    (void)curl_easy_setopt(c, CURLOPT_PRIVATE, f);
}

/* Mail to a relay of our own may go as it likes; beyond the house it is encrypted. */
static void set_mail(flight *f) {
    CURL *c = f->easy;
    outbox_request *r = &f->d->request;
    f->to = list_of(&r->to);
    (void)curl_easy_setopt(c, CURLOPT_MAIL_FROM, buf_z(&r->from));
    (void)curl_easy_setopt(c, CURLOPT_MAIL_RCPT, f->to);
    (void)curl_easy_setopt(c, CURLOPT_USE_SSL, (long)(r->trusted ? CURLUSESSL_TRY : CURLUSESSL_ALL));
    (void)curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
    (void)curl_easy_setopt(c, CURLOPT_READFUNCTION, give_mail);
    (void)curl_easy_setopt(c, CURLOPT_READDATA, f);
}

static void set_post(flight *f) {
    CURL *c = f->easy;
    outbox_request *r = &f->d->request;
    f->headers = curl_slist_append(list_of(&r->headers), "expect:");
    (void)curl_easy_setopt(c, CURLOPT_HTTPHEADER, f->headers);
    (void)curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)r->body.n);
    (void)curl_easy_setopt(c, CURLOPT_POSTFIELDS, r->body.p);
    (void)curl_easy_setopt(c, CURLOPT_HTTP09_ALLOWED, 0L);
}

static void begin(sender *s, delivery *d) {
    flight *f = calloc(1, sizeof *f);
    ASSERT(f != NULL);
    *f = (flight){.d = d, .of = s, .easy = curl_easy_init(), .began_ms = mono_ms(), .next = s->flights};
    ASSERT(f->easy != NULL);
    s->flights = f;
    set_bounds(f);
    (void)curl_easy_setopt(f->easy, CURLOPT_URL, buf_z(&d->request.url));
    if (d->request.mail) set_mail(f);
    else
        set_post(f);
    ASSERT(curl_multi_add_handle(s->multi, f->easy) == CURLM_OK);
}

static void hand_back(sender *s, delivery *d) {
    uint64_t one = 1;
    (void)pthread_mutex_lock(&s->lock);
    if (d->part == PART_WAITER) ((waiter *)(void *)d)->done = true;
    else {
        d->next = NULL;
        *s->done_end = d;
        s->done_end = &d->next;
    }
    (void)pthread_cond_broadcast(&s->wake);
    (void)pthread_mutex_unlock(&s->lock);
    (void)!write(s->fd, &one, sizeof one);
}

static void let_go(sender *s, flight *f) {
    flight **at = &s->flights;
    while (*at != f) at = &(*at)->next;
    *at = f->next;
    (void)curl_multi_remove_handle(s->multi, f->easy);
    curl_easy_cleanup(f->easy);
    curl_slist_free_all(f->headers);
    curl_slist_free_all(f->to);
    free(f);
}

static void finish(sender *s, flight *f, CURLcode code) {
    outbox_answer *a = &f->d->answer;
    delivery *d = f->d;
    curl_off_t after = 0;
    const char *why = f->error[0] ? f->error : curl_easy_strerror(code);
    (void)curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &a->status);
    (void)curl_easy_getinfo(f->easy, CURLINFO_RETRY_AFTER, &after);
    a->retry_after_s = after < LIMIT_HOOK_RETRY_AFTER ? (int64_t)after : LIMIT_HOOK_RETRY_AFTER;
    a->took_ms = mono_ms() - f->began_ms;
    if (f->private_seen && code != CURLE_OK)
        (void)snprintf(a->error, sizeof a->error, "%s leads to a private address that hooks.allow does not list",
                       d->request.host);
    else if (f->too_large)
        (void)snprintf(a->error, sizeof a->error, "the answer is larger than %d bytes", LIMIT_HOOK_ANSWER);
    else if (code != CURLE_OK)
        (void)snprintf(a->error, sizeof a->error, "%s", why);
    let_go(s, f);
    hand_back(s, d);
}

/* ---- the thread */

static delivery *next_fresh(sender *s) {
    (void)pthread_mutex_lock(&s->lock);
    delivery *d = s->stop ? NULL : s->fresh;
    if (d) s->fresh = d->next;
    if (d && s->fresh == NULL) s->fresh_end = &s->fresh;
    (void)pthread_mutex_unlock(&s->lock);
    return d;
}

static bool stopping(sender *s) {
    (void)pthread_mutex_lock(&s->lock);
    bool stop = s->stop;
    (void)pthread_mutex_unlock(&s->lock);
    return stop;
}

static void *run(void *arg) {
    sender *s = arg;
    while (!stopping(s)) {
        int running, left;
        for (delivery *d; (d = next_fresh(s)) != NULL;) begin(s, d);
        (void)curl_multi_perform(s->multi, &running);
        for (CURLMsg *m; (m = curl_multi_info_read(s->multi, &left)) != NULL;) {
            flight *f = NULL;
            if (m->msg != CURLMSG_DONE) continue;
            CURLcode code = m->data.result;
            (void)curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&f);
            finish(s, f, code);
        }
        (void)curl_multi_poll(s->multi, NULL, 0, POLL_MS, NULL);
    }
    return NULL;
}

/* ---- the loop's side */

bool sender_start(const allow_list *allow, int64_t timeout_ms, sender **out, err *e) {
    sender *s = calloc(1, sizeof *s);
    ASSERT(s != NULL && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
    ASSERT(pthread_mutex_init(&s->lock, NULL) == 0 && pthread_cond_init(&s->wake, NULL) == 0);
    s->allow = allow;
    s->timeout_ms = timeout_ms;
    s->fresh_end = &s->fresh;
    s->done_end = &s->done;
    s->multi = curl_multi_init();
    s->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    ASSERT(s->multi != NULL && s->fd >= 0);
    s->started = pthread_create(&s->thread, NULL, run, s) == 0;
    *out = s;
    if (s->started) return true;
    sender_stop(s);
    *out = NULL;
    return err_set(e, ERR_INTERNAL, "cannot start the thread that sends");
}

static void free_all(delivery *d) {
    for (delivery *next; d; d = next) {
        next = d->next;
        delivery_free(d);
    }
}

void sender_stop(sender *s) {
    if (s == NULL) return;
    (void)pthread_mutex_lock(&s->lock);
    s->stop = true;
    (void)pthread_mutex_unlock(&s->lock);
    (void)curl_multi_wakeup(s->multi);
    if (s->started) (void)pthread_join(s->thread, NULL);
    while (s->flights) {
        delivery *d = s->flights->d;
        let_go(s, s->flights);
        delivery_free(d);
    }
    free_all(s->fresh);
    free_all(s->done);
    (void)curl_multi_cleanup(s->multi);
    (void)close(s->fd);
    (void)pthread_cond_destroy(&s->wake);
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
    curl_global_cleanup();
}

static void hand_in(sender *s, delivery *d) {
    d->next = NULL;
    *s->fresh_end = d;
    s->fresh_end = &d->next;
}

void sender_take(sender *s, delivery *d) {
    (void)pthread_mutex_lock(&s->lock);
    hand_in(s, d);
    (void)pthread_mutex_unlock(&s->lock);
    (void)curl_multi_wakeup(s->multi);
}

void sender_refused(sender *s, delivery *d) {
    hand_back(s, d);
}

delivery *sender_done(sender *s) {
    uint64_t count;
    (void)!read(s->fd, &count, sizeof count);
    (void)pthread_mutex_lock(&s->lock);
    delivery *d = s->done;
    if (d) s->done = d->next;
    if (d && s->done == NULL) s->done_end = &s->done;
    (void)pthread_mutex_unlock(&s->lock);
    return d;
}

int sender_fd(const sender *s) {
    return s->fd;
}

bool sender_now(sender *s, outbox_request *r, outbox_answer *out, err *e) {
    waiter w = {.d = {.request = *r, .part = PART_WAITER}};
    (void)pthread_mutex_lock(&s->lock);
    bool room = s->waiting < WAITING_MAX;
    if (room) {
        s->waiting++;
        hand_in(s, &w.d);
        (void)curl_multi_wakeup(s->multi);
        while (!w.done) (void)pthread_cond_wait(&s->wake, &s->lock);
        s->waiting--;
    }
    (void)pthread_mutex_unlock(&s->lock);
    *r = w.d.request;
    if (room) *out = w.d.answer;
    return room || err_set(e, ERR_RETRY, "too many tests are under way: try again");
}
