/* links: agentlib */
#include "agent_fixture.h"

#include "agent/commands.h"
#include "agent/dial.h"
#include "agent/status.h"
#include "base/clock.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { MIB = 1024 * 1024 };
static const char june[] = "type,number,date,sku,quantity\nsale,X1,2026-06-01,P1,3\nsale,X1,2026-06-01,P2,4\n"
                           "sale,X2,2026-06-02,P1,1\n";

/* ---- an honest centre on a thread: it commits in memory and answers */

typedef struct centre {
    pthread_t thread;
    void *zmq, *router, *zap;
    char endpoint[64];
    uint8_t secret[KEY_SIZE], public_key[KEY_SIZE];
    atomic_bool stop, deny, mute; /* deny: ZAP lets nobody in; mute: takes batches, says nothing */
    atomic_uint_fast64_t epoch, last_seq, lines, batches_seen;
    atomic_bool hold, quarantine;
} centre;

static int free_port(void) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, n), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
    close(fd);
    return ntohs(at.sin_port);
}

static void say(centre *c, zmq_msg_t *id, frame_type type, const ProtobufCMessage *m) {
    AUTO(buf) out = {0};
    zmq_msg_t to;
    frame_put(&out, type, m);
    (void)zmq_msg_init(&to);
    (void)zmq_msg_copy(&to, id);
    (void)zmq_msg_send(&to, c->router, ZMQ_SNDMORE);
    (void)zmq_send(c->router, out.p, out.n, ZMQ_DONTWAIT);
}

static void on_hello(centre *c, zmq_msg_t *id, const Wire__Hello *h) {
    if (c->hold) {
        Wire__Held held = WIRE__HELD__INIT;
        held.text = (char *)(uintptr_t) "two of a kind";
        say(c, id, FRAME_HELD, &held.base);
        return;
    }
    if (c->epoch != h->epoch) c->last_seq = 0;
    c->epoch = h->epoch;
    Wire__Welcome w = WIRE__WELCOME__INIT;
    w.proto = FRAME_PROTO;
    w.epoch = h->epoch;
    w.last_seq = c->last_seq;
    w.db_epoch = 1;
    w.partner = (char *)(uintptr_t) "D1";
    say(c, id, FRAME_WELCOME, &w.base);
}

static void on_batch(centre *c, zmq_msg_t *id, const Wire__Batch *b) {
    Wire__Ack a = WIRE__ACK__INIT;
    Wire__Receipt r = receipt_of(b->seq, b->lines), *list[] = {&r};
    c->batches_seen++;
    if (b->seq == c->last_seq + 1) {
        c->last_seq++;
        c->lines += b->lines;
    }
    if (c->quarantine && b->lines) r.committed--, r.quarantined++;
    a.epoch = b->epoch;
    a.last_seq = c->last_seq;
    a.db_epoch = 1;
    a.receipt = list;
    a.n_receipt = 1;
    if (!c->mute) say(c, id, FRAME_ACK, &a.base);
}

static void on_frame(centre *c, zmq_msg_t *id, str frame) {
    static const ProtobufCMessageDescriptor *const forms[] = {
        [FRAME_HELLO] = &wire__hello__descriptor, [FRAME_WANT] = &wire__want__descriptor,
        [FRAME_BEAT] = &wire__beat__descriptor,   [FRAME_ENROLL] = &wire__enroll__descriptor,
        [FRAME_BATCH] = &wire__batch__descriptor, [FRAME_ASK] = &wire__ask__descriptor,
    };
    frame_type type;
    str payload;
    err e;
    AUTO(arena) mem = {0};
    arena_init(&mem, 16 * MIB);
    if (!frame_open(frame, &type, &payload, &e) || type > FRAME_ASK) return;
    void *m = message_unpack(forms[type], payload, LIMIT_BATCH_LINES, &mem, &e);
    if (m == NULL) return;
    if (type == FRAME_HELLO) on_hello(c, id, m);
    if (type == FRAME_BATCH) on_batch(c, id, m);
    if (type == FRAME_WANT) {
        Wire__Grant g = WIRE__GRANT__INIT;
        g.bytes = LIMIT_GRANT_ONE;
        say(c, id, FRAME_GRANT, &g.base);
    }
    if (type == FRAME_ASK) { /* it knows of no product */
        Wire__Answer n = WIRE__ANSWER__INIT;
        n.id = ((const Wire__Ask *)m)->id;
        say(c, id, FRAME_ANSWER, &n.base);
    }
    if (type == FRAME_ENROLL) {
        Wire__Enrolled n = WIRE__ENROLLED__INIT;
        n.partner = (char *)(uintptr_t)(c->hold ? "" : "D1");
        n.agent = (char *)(uintptr_t) "D1-1";
        n.text = (char *)(uintptr_t) "the token was used";
        say(c, id, FRAME_ENROLLED, &n.base);
    }
}

static void on_zap(centre *c) {
    char part[8][256];
    int n = 0, more = 1;
    size_t size = sizeof more;
    for (; more && n < 8; n++) {
        int got = zmq_recv(c->zap, part[n], sizeof part[n] - 1, 0);
        part[n][got > 0 && got < 255 ? got : 0] = '\0';
        (void)zmq_getsockopt(c->zap, ZMQ_RCVMORE, &more, &size);
    }
    const char *reply[] = {"1.0", part[1], c->deny ? "400" : "200", "", "user", ""};
    for (size_t i = 0; i < ARRAY_LEN(reply); i++)
        (void)zmq_send(c->zap, reply[i], strlen(reply[i]), i + 1 < ARRAY_LEN(reply) ? ZMQ_SNDMORE : 0);
}

static void *centre_works(void *arg) {
    centre *c = arg;
    while (!c->stop) {
        zmq_pollitem_t items[] = {{.socket = c->router, .events = ZMQ_POLLIN},
                                  {.socket = c->zap, .events = ZMQ_POLLIN}};
        (void)zmq_poll(items, 2, 20);
        if (items[1].revents) on_zap(c);
        if (!items[0].revents) continue;
        zmq_msg_t id, m;
        (void)zmq_msg_init(&id), (void)zmq_msg_init(&m);
        (void)zmq_msg_recv(&id, c->router, 0), (void)zmq_msg_recv(&m, c->router, 0);
        on_frame(c, &id, str_from(zmq_msg_data(&m), zmq_msg_size(&m)));
        (void)zmq_msg_close(&id), (void)zmq_msg_close(&m);
    }
    return NULL;
}

static void centre_plan(centre *c) {
    memset(c, 0, sizeof *c);
    for (int i = 0; i < KEY_SIZE; i++) c->secret[i] = (uint8_t)(5 * i + 3);
    key_public(c->secret, c->public_key);
    (void)snprintf(c->endpoint, sizeof c->endpoint, "tcp://127.0.0.1:%d", free_port());
}

static void centre_start(centre *c) {
    int yes = 1, linger = 0;
    c->stop = false;
    c->zmq = zmq_ctx_new();
    c->zap = zmq_socket(c->zmq, ZMQ_REP);
    assert_int_equal(zmq_bind(c->zap, "inproc://zeromq.zap.01"), 0);
    c->router = zmq_socket(c->zmq, ZMQ_ROUTER);
    assert_int_equal(zmq_setsockopt(c->router, ZMQ_CURVE_SERVER, &yes, sizeof yes), 0);
    assert_int_equal(zmq_setsockopt(c->router, ZMQ_CURVE_SECRETKEY, c->secret, KEY_SIZE), 0);
    assert_int_equal(zmq_setsockopt(c->router, ZMQ_ZAP_DOMAIN, "t", 1), 0);
    assert_int_equal(zmq_setsockopt(c->router, ZMQ_LINGER, &linger, sizeof linger), 0);
    assert_int_equal(zmq_bind(c->router, c->endpoint), 0);
    assert_int_equal(pthread_create(&c->thread, NULL, centre_works, c), 0);
}

static void centre_stop(centre *c) {
    c->stop = true;
    (void)pthread_join(c->thread, NULL);
    (void)zmq_close(c->router);
    (void)zmq_close(c->zap);
    (void)zmq_ctx_term(c->zmq);
}

/* ---- an agent's home and its commands, as main calls them */

typedef struct desk {
    folder f;
    char home[PATH_SIZE], out[PATH_SIZE];
} desk;

static desk desk_make(const centre *c) {
    desk d = {.f = folder_make()};
    uint8_t secret[KEY_SIZE];
    home_identity id = {c->endpoint, "D1", "D1-1", c->public_key};
    folder_in(&d.f, "home", d.home);
    folder_in(&d.f, "out", d.out);
    SUCCEEDS(home_prepare(d.home, e));
    SUCCEEDS(home_pending_key(d.home, secret, e));
    SUCCEEDS(home_enrolled(d.home, &id, e));
    return d;
}

static const char *put(desk *d, const char *name, const char *text, char path[static PATH_SIZE]) {
    SUCCEEDS(file_write(folder_in(&d->f, name, path), str_of(text), 0600, e));
    return path;
}

/* Exit status of a command as main would give it; what it printed lies in d->out. */
static int call_command(desk *d, command_fn run, const char *const *given) {
    static const cli_option options[] = {{"output", "F", ""},    {"timeout", "S", ""}, {"server", "S", ""},
                                         {"token", "T", ""},     {"homes", "D", ""},   {"again", NULL, ""},
                                         {"announce", NULL, ""}, {"mapping", "M", ""}, {"max-age", "S", ""}};
    char *argv[16] = {0};
    for (size_t i = 0; given[i]; i++) argv[i] = (char *)(uintptr_t)given[i];
    call c = {.home = d->home};
    int status = 0;
    err e = {0};
    fflush(stdout);
    int old = dup(1), fd = open(d->out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    int old_err = dup(2);
    (void)dup2(fd, 1);
    (void)dup2(fd, 2);
    bool ok = cli_parse(&c.words, options, ARRAY_LEN(options), argv, &e) && run(&c, &status, &e);
    fflush(stdout);
    (void)dup2(old, 1);
    (void)dup2(old_err, 2);
    close(old), close(old_err), close(fd);
    return ok ? status : err_exit_status(e.code);
}
#define CALL(d, run, ...) call_command((d), (run), (const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})

static bool printed(desk *d, const char *what) {
    AUTO(buf) text = {0};
    SUCCEEDS(file_read(d->out, MIB, &text, e));
    if (!str_has(buf_str(&text), str_of(what))) print_message("printed: %s\n", buf_z(&text));
    return str_has(buf_str(&text), str_of(what));
}

/* ---- what it must do */

static void push_says_what_became_of_every_line(void **state) {
    (void)state;
    centre c;
    char a[PATH_SIZE], b[PATH_SIZE];
    centre_plan(&c);
    centre_start(&c);
    desk d = desk_make(&c);
    put(&d, "a.csv", june, a);
    put(&d, "b.csv", "type,number,date,sku,quantity\nsale,Y1,2026-06-01,P1,x\nsale,Y1,2026-06-01,P1,1\n", b);
    assert_int_equal(CALL(&d, command_push, a, "-o", "json"), 0);
    assert_true(printed(&d, "{\"files\":1,\"documents\":2,\"lines\":3,\"committed\":3,\"duplicate\":0,\"superseded\":0,"
                            "\"quarantined\":0,\"refused\":0,\"held\":0,\"doubts\":[],\"problems\":[]}"));
    assert_int_equal(CALL(&d, command_push, b, "-o", "json"), 1);
    assert_true(printed(&d,
                        "\"lines\":2,\"committed\":1,\"duplicate\":0,\"superseded\":0,\"quarantined\":0,\"refused\":1,"
                        "\"held\":0,\"doubts\":[],\"problems\":[{\"file\":\"b.csv\",\"row\":2,\"column\":\"quantity\","
                        "\"found\":\"x\""));
    c.quarantine = true;
    assert_int_equal(CALL(&d, command_push, a), 1);
    assert_true(printed(&d, "1 in quarantine"));
    assert_int_equal(c.lines, 3 + 1 + 3);
    centre_stop(&c);
    folder_auto(&d.f);
}

static void exit_codes(void **state) {
    (void)state;
    centre c;
    char a[PATH_SIZE], absent[PATH_SIZE], bad[PATH_SIZE];
    centre_plan(&c);
    desk d = desk_make(&c);
    put(&d, "a.csv", june, a);
    put(&d, "bad.csv", "dear all\n", bad);
    folder_in(&d.f, "absent.csv", absent);
    assert_int_equal(CALL(&d, command_push, a, absent, "--timeout", "0.2"), 66);
    assert_int_equal(CALL(&d, command_push, bad, "--timeout", "0.2"), 65);
    assert_int_equal(CALL(&d, command_push, a, "--timeout", "0.2"), 75); /* nobody there */
    assert_true(printed(&d, "safe in the spool"));
    assert_int_equal(CALL(&d, command_push, a, "--timeout", "soon"), 64);
    centre_start(&c);
    assert_int_equal(CALL(&d, command_push, bad, a, "--timeout", "10"), 1);
    assert_int_equal(c.last_seq, 2); /* what was spooled before went first */
    c.hold = true;
    assert_int_equal(CALL(&d, command_push, a, "--timeout", "10"), 77);
    assert_true(printed(&d, "two of a kind"));
    assert_int_equal(CALL(&d, command_status, "-o", "json"), 1);
    assert_true(printed(&d, "\"why\":\"held: two of a kind\""));
    c.hold = false;
    assert_int_equal(CALL(&d, command_push, a, "--timeout", "10"), 0);
    assert_int_equal(CALL(&d, command_status, "-o", "json"), 0);
    c.deny = true;
    assert_int_equal(CALL(&d, command_push, a, "--timeout", "10"), 77);
    assert_true(printed(&d, "revoked"));
    centre_stop(&c);
    folder_auto(&d.f);
}

static void status_turns_red_by_the_centres_commits(void **state) {
    (void)state;
    centre c;
    char a[PATH_SIZE];
    centre_plan(&c);
    centre_start(&c);
    desk d = desk_make(&c);
    put(&d, "a.csv", june, a);
    assert_int_equal(CALL(&d, command_status, "--max-age", "0"), 0); /* nothing waits */
    c.mute = true;                                                   /* connected, sent, and no commit */
    assert_int_equal(CALL(&d, command_push, a, "--timeout", "0.5"), 75);
    (void)usleep(5000);
    assert_int_equal(CALL(&d, command_status, "--max-age", "3600"), 0);
    assert_int_equal(CALL(&d, command_status, "--max-age", "0", "-o", "json"), 1);
    assert_true(printed(&d, "\"waiting\":1,"));
    home h;
    standing s;
    SUCCEEDS(home_load(d.home, &h, e));
    SUCCEEDS(standing_of(&h, wall_ms() + 86400000, 86300000, &s, e));
    assert_true(str_has(str_of(s.why), STR("nothing committed for 24 h while 1 batches wait")));
    SUCCEEDS(standing_of(&h, wall_ms() + 86400000, 86400000 + 60000, &s, e));
    assert_string_equal(s.why, "");
    centre_stop(&c);
    folder_auto(&d.f);
}

static void enrolment_over_the_wire(void **state) {
    (void)state;
    centre c;
    uint8_t bytes[2 * KEY_SIZE];
    char token[128] = "cd1.", bad[PATH_SIZE];
    centre_plan(&c);
    centre_start(&c);
    desk d = {.f = folder_make()};
    folder_in(&d.f, "home", d.home), folder_in(&d.f, "out", d.out);
    memcpy(bytes, c.public_key, KEY_SIZE);
    for (int i = 0; i < KEY_SIZE; i++) bytes[KEY_SIZE + i] = (uint8_t)(11 * i);
    (void)sodium_bin2base64(token + 4, sizeof token - 4, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    const char *const wrong[] = {"", "cd1.", "cd2.AAAA", "cd1.A", "cd1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_int_equal(CALL(&d, command_enroll, "--server", c.endpoint, "--token", wrong[i]), 64);
    (void)snprintf(bad, sizeof bad, "%sA", token);
    assert_int_equal(CALL(&d, command_enroll, "--server", c.endpoint, "--token", bad), 64);
    assert_int_equal(CALL(&d, command_enroll, "--server", "ipc://x", "--token", token), 64);
    c.hold = true;
    assert_int_equal(CALL(&d, command_enroll, "--server", c.endpoint, "--token", token), 77);
    c.hold = false;
    uint8_t before[KEY_SIZE];
    char path[PATH_SIZE];
    SUCCEEDS(key_load(folder_in(&d.f, "home/agent.secret", path), before, e));
    assert_int_equal(CALL(&d, command_enroll, "--server", c.endpoint, "--token", token), 0);
    home h;
    SUCCEEDS(home_load(d.home, &h, e));
    assert_memory_equal(h.secret, before, KEY_SIZE); /* the refused one asked with the same key */
    assert_memory_equal(h.server, c.public_key, KEY_SIZE);
    assert_string_equal(h.partner, "D1");
    centre_stop(&c);
    assert_int_equal(CALL(&d, command_enroll, "--server", c.endpoint, "--token", token, "--timeout", "0.3"), 69);
    folder_auto(&d.f);
}

static void what_left_can_be_seen(void **state) {
    (void)state;
    centre c;
    char a[PATH_SIZE];
    centre_plan(&c);
    centre_start(&c);
    desk d = desk_make(&c);
    put(&d, "a.csv", june, a);
    assert_int_equal(CALL(&d, command_push, a), 0);
    assert_int_equal(CALL(&d, command_uploads, "-o", "json"), 0);
    assert_true(printed(&d, "\"file\":\"a.csv\"") && printed(&d, "\"state\":\"done\",\"documents\":2,\"lines\":3,"));
    assert_int_equal(CALL(&d, command_sent, "1", "-o", "json"), 0);
    assert_true(printed(&d, "\"type\":\"sale\",\"number\":\"X2\",\"date\":\"2026-06-02\""));
    assert_int_equal(CALL(&d, command_sent, "1", "-o", "csv"), 0);
    assert_true(printed(&d, "sale,X1,"));
    assert_int_equal(CALL(&d, command_sent, "2"), 66);
    assert_int_equal(CALL(&d, command_sent, "one"), 64);
    centre_stop(&c);
    folder_auto(&d.f);
}

/* `run` in a process of its own, as it is in life. */
static pid_t start_run(desk *d) {
    pid_t pid = fork();
    if (pid != 0) return pid;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    const char *none[] = {NULL};
    (void)!freopen("/dev/null", "w", stderr);
    _exit(call_command(d, command_run, none));
}

static void a_push_beside_run_hands_its_files_over(void **state) {
    (void)state;
    centre c;
    char a[PATH_SIZE], sock[PATH_SIZE], in[PATH_SIZE], out[PATH_SIZE];
    centre_plan(&c);
    desk d = desk_make(&c);
    pid_t pid = start_run(&d); /* before any thread of ours */
    centre_start(&c);
    folder_in(&d.f, "home/run.sock", sock);
    for (int i = 0; i < 500 && !file_exists(sock); i++) (void)usleep(10000);
    put(&d, "a.csv", june, a);
    assert_int_equal(CALL(&d, command_push, a, "-o", "json", "--timeout", "20"), 0);
    assert_true(printed(&d, "\"lines\":3,\"committed\":3"));
    assert_int_equal(CALL(&d, command_status), 0); /* while run holds the home */
    put(&d, "home/inbox/in.csv", june, in);
    folder_in(&d.f, "home/reports/in.csv-2.txt", out);
    for (int i = 0; i < 1000 && !file_exists(out); i++) (void)usleep(10000);
    assert_true(file_exists(out));
    for (int i = 0; i < 500 && file_exists(in); i++) (void)usleep(10000);
    assert_false(file_exists(in));
    assert_int_equal(kill(pid, SIGTERM), 0);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_false(file_exists(sock));
    assert_int_equal(CALL(&d, command_push, a, "--timeout", "20"), 0); /* and alone again */
    assert_int_equal(c.lines, 9);
    centre_stop(&c);
    folder_auto(&d.f);
}

static void killed_at_any_moment_nothing_is_lost_or_doubled(void **state) {
    (void)state;
    centre c;
    char path[PATH_SIZE], name[32];
    centre_plan(&c);
    desk d = desk_make(&c);
    unsigned pushed = 0;
    for (unsigned round = 0; round < 12; round++) {
        (void)snprintf(name, sizeof name, "f%u.csv", round);
        put(&d, name, june, path);
        pid_t pid = fork();
        if (pid == 0) _exit(CALL(&d, command_push, path, "--timeout", "5"));
        if (round == 3) centre_start(&c); /* three of them before anybody listens */
        (void)usleep(4000 * round);
        (void)kill(pid, SIGKILL);
        (void)waitpid(pid, NULL, 0);
        if (round != 3) continue;
        centre_stop(&c); /* no thread of ours while the next forks */
        c.last_seq = 0;  /* and the centre forgets: all of it must come again */
        c.lines = 0;
    }
    centre_start(&c);
    put(&d, "last.csv", june, path);
    assert_int_equal(CALL(&d, command_push, path, "--timeout", "20"), 0);
    char dir[PATH_SIZE];
    spool *s = NULL;
    SUCCEEDS(spool_open(folder_in(&d.f, "home/spool", dir), &(spool_options){.read_only = true}, &s, e));
    pushed = (unsigned)spool_now(s)->last_upload;
    assert_int_equal(spool_now(s)->acked_seq, spool_now(s)->last_seq);
    assert_int_equal(c.last_seq, spool_now(s)->last_seq);
    assert_int_equal(c.lines, 3 * pushed);
    spool_close(s);
    centre_stop(&c);
    folder_auto(&d.f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_push_beside_run_hands_its_files_over),
        cmocka_unit_test(killed_at_any_moment_nothing_is_lost_or_doubled),
        cmocka_unit_test(push_says_what_became_of_every_line),
        cmocka_unit_test(exit_codes),
        cmocka_unit_test(status_turns_red_by_the_centres_commits),
        cmocka_unit_test(enrolment_over_the_wire),
        cmocka_unit_test(what_left_can_be_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
