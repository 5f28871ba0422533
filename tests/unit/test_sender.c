/* links: service */
#include "daemon/service/sender.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

/* Every spelling of this machine, its neighbours and the metadata services that came to mind, against a listener that counts
 * who connects. */
static const char *const spellings[] = {
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.1.2.3",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "0177.0.0.1",
    "0177.0.0.01",
    "017700000001",
    "0x7F.0x0.0x0.0x1",
    "127.0.0.1.",
    "0",
    "0.0.0.0",
    "0.1.2.3",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[::1%25lo]",
    "[fe80::1%25lo]",
    "[fc00::1]",
    "[fd12:3456::1]",
    "[ff02::1]",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "198.18.0.1",
    "%31%32%37.0.0.1",
    "127%2e0%2e0%2e1",
    "１２７.0.0.1",
    "①②⑦.⓪.⓪.①",
    "user@127.0.0.1",
    "user:secret@127.1",
    "example.com@127.0.0.1",
    "127。0。0。1",
};

typedef struct listener {
    int fd[2];
    unsigned port;
} listener;

static void listen_on_all(listener *l) {
    struct sockaddr_in in = {.sin_family = AF_INET};
    socklen_t n = sizeof in;
    int one = 1;
    l->fd[0] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_true(bind(l->fd[0], (const void *)&in, sizeof in) == 0 && listen(l->fd[0], 128) == 0);
    assert_int_equal(getsockname(l->fd[0], (void *)&in, &n), 0);
    l->port = ntohs(in.sin_port);
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = in.sin_port};
    l->fd[1] = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (l->fd[1] < 0) return; /* a machine without IPv6 */
    (void)setsockopt(l->fd[1], IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
    assert_true(bind(l->fd[1], (const void *)&in6, sizeof in6) == 0 && listen(l->fd[1], 128) == 0);
}

static size_t connections(const listener *l) {
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(l->fd); i++)
        for (int fd; l->fd[i] >= 0 && (fd = accept(l->fd[i], NULL, NULL)) >= 0; n++) (void)close(fd);
    return n;
}

static void request_to(const char *host, unsigned port, outbox_request *r) {
    *r = (outbox_request){.mail = false};
    buf_printf(&r->url, "http://%s:%u/", host, port);
    buf_addz(&r->body, "{}");
    (void)buf_z(&r->url);
}

/* Straight to who sends, past what `hook add` and form_build() look at. */
static void no_private_address_is_connected_to(void **state) {
    (void)state;
    static allow_list none;
    listener l;
    sender *s;
    err e = {0};
    listen_on_all(&l);
    (void)setenv("http_proxy", "http://127.0.0.1:1", 1);
    assert_true(ARRAY_LEN(spellings) >= 30);
    if (!sender_start(&none, 700, &s, &e)) fail_msg("%s", e.text);
    for (size_t i = 0; i < ARRAY_LEN(spellings); i++) {
        delivery *d = delivery_new();
        request_to(spellings[i], l.port, &d->request);
        sender_take(s, d);
    }
    for (size_t i = 0; i < ARRAY_LEN(spellings);) {
        struct pollfd p = {.fd = sender_fd(s), .events = POLLIN};
        assert_int_equal(poll(&p, 1, 20000), 1);
        for (delivery *d; (d = sender_done(s)) != NULL; i++) {
            if (d->answer.error[0] == '\0') fail_msg("%s was reached", buf_z(&d->request.url));
            delivery_free(d);
        }
    }
    assert_int_equal(connections(&l), 0);
    sender_stop(s);
    for (size_t i = 0; i < ARRAY_LEN(l.fd); i++)
        if (l.fd[i] >= 0) (void)close(l.fd[i]);
}

/* Listed, the same listener is reached: it is not deaf. And what never answers is given up in time. */
static void what_is_listed_is_reached(void **state) {
    (void)state;
    allow_list l;
    listener at;
    sender *s;
    err e = {0};
    listen_on_all(&at);
    assert_true(allow_parse(STR("127.0.0.0/8"), &l, &e));
    if (!sender_start(&l, 300, &s, &e)) fail_msg("%s", e.text);
    AUTO(outbox_request) r = {.mail = false};
    outbox_answer a = {.status = 0};
    request_to("127.1", at.port, &r);
    if (!sender_now(s, &r, &a, &e)) fail_msg("%s", e.text);
    assert_true(a.error[0] != '\0' && a.took_ms >= 250 && a.took_ms < 5000);
    assert_int_equal(connections(&at), 1);
    buf_free(&a.body);
    sender_stop(s);
    for (size_t i = 0; i < ARRAY_LEN(at.fd); i++)
        if (at.fd[i] >= 0) (void)close(at.fd[i]);
}

/* An answer of so many bytes in all, its head too. */
typedef struct giver {
    int fd;
    size_t bytes;
} giver;

static void *give(void *arg) {
    giver *g = arg;
    char in[4096], out[LIMIT_HOOK_ANSWER + 2];
    int fd = accept(g->fd, NULL, NULL);
    (void)!read(fd, in, sizeof in);
    memset(out, 'x', sizeof out);
    int n = snprintf(out, sizeof out, "HTTP/1.0 200 OK\r\n\r\n");
    out[n] = 'x';
    for (size_t sent = 0; sent < g->bytes;) {
        ssize_t k = write(fd, out + sent, g->bytes - sent);
        if (k <= 0) break;
        sent += (size_t)k;
    }
    (void)close(fd);
    return NULL;
}

static void answers_at_the_edge(void **state) {
    (void)state;
    allow_list l;
    err e = {0};
    sender *s;
    assert_true(allow_parse(STR("127.0.0.0/8"), &l, &e) && sender_start(&l, 5000, &s, &e));
    for (size_t over = 0; over < 2; over++) {
        struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
        socklen_t n = sizeof in;
        giver g = {socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), LIMIT_HOOK_ANSWER + over};
        pthread_t t;
        assert_true(bind(g.fd, (const void *)&in, sizeof in) == 0 && listen(g.fd, 1) == 0);
        assert_int_equal(getsockname(g.fd, (void *)&in, &n), 0);
        assert_int_equal(pthread_create(&t, NULL, give, &g), 0);
        AUTO(outbox_request) r = {.mail = false};
        outbox_answer a = {.status = 0};
        request_to("127.0.0.1", ntohs(in.sin_port), &r);
        if (!sender_now(s, &r, &a, &e)) fail_msg("%s", e.text);
        (void)pthread_join(t, NULL);
        if ((a.error[0] != '\0') != (over == 1)) fail_msg("%zu over: '%s'", over, a.error);
        if (over == 0) assert_int_equal(a.status, 200);
        buf_free(&a.body);
        (void)close(g.fd);
    }
    sender_stop(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_private_address_is_connected_to),
        cmocka_unit_test(what_is_listed_is_reached),
        cmocka_unit_test(answers_at_the_edge),
    };
    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
