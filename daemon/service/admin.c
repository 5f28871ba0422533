#include "daemon/service/admin.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "daemon/command/storage.h"
#include "daemon/journal/journal.h"
#include "daemon/service/agents.h"
#include "daemon/service/business.h"
#include "daemon/service/readers.h"
#include "proto/admin.pb-c.h"
#include "proto/frame.h"
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    REQUEST_SLACK = 1024 * 1024,
    COMMAND_ROOM = 4 * 1024 * 1024,
    REQUEST_BYTES = LIMIT_UPLOAD_BYTES + REQUEST_SLACK,
    REQUESTS_A_TURN = 16,
};

/* Answers of which a part is still to be fetched. */
typedef struct open_answer {
    uint8_t routing[256];
    size_t routing_n;
    answer *answer;
    int64_t touched_ms;
} open_answer;

struct answers {
    open_answer at[LIMIT_CALLS];
    size_t n;
};

static bool set_options(void *socket) {
    const struct {
        int option, value;
    } options[] = {{ZMQ_LINGER, 1000}, {ZMQ_ROUTER_MANDATORY, 1}, {ZMQ_RCVHWM, 4}, {ZMQ_HANDSHAKE_IVL, 5000}};
    for (size_t i = 0; i < ARRAY_LEN(options); i++)
        if (zmq_setsockopt(socket, options[i].option, &options[i].value, sizeof(int)) != 0) return false;
    int64_t biggest = REQUEST_BYTES;
    return zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &biggest, sizeof biggest) == 0;
}

bool admin_open(service *s, err *e) {
    char at[1200], path[1100];
    int n = snprintf(path, sizeof path, "%s/admin.sock", s->dir);
    if (n < 0 || n > 107) /* the kernel's bound of a socket's path */
        return err_set(e, ERR_CONFIG, "%s: a folder with a path so long cannot hold the admin socket", s->dir);
    (void)snprintf(at, sizeof at, "ipc://%s", path);
    s->answers = calloc(1, sizeof *s->answers);
    ASSERT(s->answers != NULL);
    s->admin = zmq_socket(s->zmq, ZMQ_ROUTER);
    mode_t before = umask(0177);
    bool ok = s->admin && set_options(s->admin) && zmq_bind(s->admin, at) == 0;
    (void)umask(before);
    return (ok && chmod(path, 0600) == 0) || err_set(e, ERR_INTERNAL, "%s: %s", at, zmq_strerror(zmq_errno()));
}

void admin_close(service *s) {
    if (s->admin) (void)zmq_close(s->admin);
    s->admin = NULL;
    char path[1100];
    (void)snprintf(path, sizeof path, "%s/admin.sock", s->dir);
    (void)unlink(path);
    for (size_t i = 0; s->answers && i < s->answers->n; i++) answer_free(s->answers->at[i].answer);
    free(s->answers);
    s->answers = NULL;
}

/* ---- answers */

static void send_piece(service *s, const uint8_t *routing, size_t n, str bytes) {
    if (zmq_send(s->admin, routing, n, ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0) return;
    (void)zmq_send(s->admin, bytes.p, bytes.n, ZMQ_DONTWAIT);
}

static open_answer *find_open(struct answers *all, str routing) {
    for (size_t i = 0; i < all->n; i++)
        if (str_eq(str_from(all->at[i].routing, all->at[i].routing_n), routing)) return &all->at[i];
    return NULL;
}

static void drop_open(struct answers *all, open_answer *o) {
    answer_free(o->answer);
    *o = all->at[--all->n];
}

/* The first piece leaves now; the rest waits to be asked for. */
static void give(service *s, str routing, answer *a) {
    AUTO(buf) piece = {0};
    bool more = answer_next(a, &piece);
    send_piece(s, (const uint8_t *)routing.p, routing.n, buf_str(&piece));
    if (!more || s->answers->n == LIMIT_CALLS) {
        answer_free(a);
        return;
    }
    open_answer *o = &s->answers->at[s->answers->n++];
    *o = (open_answer){.answer = a, .touched_ms = mono_ms(), .routing_n = routing.n};
    memcpy(o->routing, routing.p, routing.n);
}

static void give_next(service *s, str routing) {
    AUTO(buf) piece = {0};
    open_answer *o = find_open(s->answers, routing);
    if (o == NULL) return;
    bool more = answer_next(o->answer, &piece);
    o->touched_ms = mono_ms();
    send_piece(s, (const uint8_t *)routing.p, routing.n, buf_str(&piece));
    if (!more) drop_open(s->answers, o);
}

static void give_error(service *s, str routing, const call_world *w, const err *why) {
    answer *a = answer_new(w);
    a->failed = true;
    a->why = *why;
    give(s, routing, a);
}

/* ---- requests */

/* libzmq notes the peer of a UNIX socket as "NAME:UID:GID:PID". */
static void local_caller(const service *s, zmq_msg_t *m, caller *who) {
    const char *address = zmq_msg_gets(m, "Peer-Address");
    str rest = str_of(address ? address : ""), piece, field[8];
    size_t n = 0;
    while (n < ARRAY_LEN(field) && str_split(&rest, ':', &piece)) field[n++] = piece;
    int64_t uid = -1;
    if (n < 4 || !dec_parse(field[n - 3], 0, &uid, NULL)) return;
    who->local_user = uid == 0 || uid == (int64_t)geteuid();
    who->local_name = uid == 0 ? STR("root") : str_of(s->local_user);
}

static bool read_request(job *j, const Admin__Request *r, err *e) {
    size_t argc = r->n_argv, files = r->n_file;
    if (argc > LIMIT_ARGS || files > LIMIT_ARGS) return err_set(e, ERR_USAGE, "more than %d words", LIMIT_ARGS);
    str *word = arena_alloc(&j->a, (argc + 1) * sizeof *word);
    attachment *file = arena_alloc(&j->a, (files + 1) * sizeof *file);
    for (size_t i = 0; i < argc; i++) word[i] = str_of(r->argv[i]);
    for (size_t i = 0; i < files; i++)
        file[i] = (attachment){str_of(r->file[i]->name), str_from(r->file[i]->bytes.data, r->file[i]->bytes.len)};
    j->request.who.token = str_of(r->token);
    j->request.words = word;
    j->request.word_count = argc;
    j->request.files = file;
    j->request.file_count = files;
    j->request.request_id = str_of(r->request_id);
    return true;
}

/* What a committed command changes for the loop. */
static void after_write(service *s, uint64_t before) {
    AUTO(txn) *t = NULL;
    err e;
    uint64_t head;
    int64_t time_ms;
    uint8_t hash[DIGEST_SIZE];
    bool rights = false;
    if (!txn_begin(s->db, TXN_READ, &t, &e)) service_die("store.failed", &e);
    journal_head(t, &head, &time_ms, hash);
    for (uint64_t seq = before + 1; seq <= head && !rights; seq++) {
        entry en;
        rights = journal_get(t, seq, &en) && (en.kind == KIND_AGENT_REVOKED || en.kind == KIND_AGENT_ENROLLED);
    }
    txn_abort(&t);
    if (head > before) s->reposts = true;
    if (rights) agents_recheck(s);
}

static uint64_t journal_seq(service *s) {
    AUTO(txn) *t = NULL;
    err e;
    uint64_t head;
    int64_t time_ms;
    uint8_t hash[DIGEST_SIZE];
    if (!txn_begin(s->db, TXN_READ, &t, &e)) service_die("store.failed", &e);
    journal_head(t, &head, &time_ms, hash);
    return head;
}

answer *admin_run(service *s, job *j, bool writes) {
    bool unknown;
    uint64_t before = writes ? journal_seq(s) : 0;
    answer *a = answer_new(&j->world);
    a->failed = !call_run(&j->world, &j->request, &a->head, &unknown, &a->why);
    if (unknown) service_die("commit.failed", &a->why);
    if (a->failed) {
        char why[sizeof a->why.text * 2];
        log_event(LOG_LEVEL_INFO, "command.refused", "why=%s", log_quote(str_of(a->why.text), why, sizeof why));
    } else if (writes)
        after_write(s, before);
    return a;
}

/* A commit that finds no room ends the daemon; a command that may not fit is not begun. */
bool admin_has_room(const service *s, size_t bytes, err *e) {
    storage now;
    TRY(storage_look(s->db, s->dir, &now, e));
    uint64_t wanted = COMMAND_ROOM + 4 * (uint64_t)bytes;
    if (now.disk_free >= wanted && now.map_used + wanted <= now.map_size) return true;
    return err_set(e, ERR_FULL, "the disk or the map is full: %llu MiB must be free for a command that writes",
                   (unsigned long long)(wanted >> 20));
}

/* Whose customers it shows is journaled before anybody sees them. */
void admin_note_opened(service *s, job *j) {
    answer *a = j->answer;
    bool unknown = false;
    if (a->failed || a->head.opened.n == 0) return;
    j->world.now_ms = service_now(s);
    a->failed =
        !admin_has_room(s, a->head.opened.n, &a->why) || !call_note_opened(&j->world, &a->head, &unknown, &a->why);
    if (unknown) service_die("commit.failed", &a->why);
}

static void give_read(service *s, job *j) {
    admin_note_opened(s, j);
    answer *a = j->answer;
    j->answer = NULL;
    give(s, str_from(j->routing, j->routing_n), a);
}

/* It has looked; now it writes. */
static void give_judged(service *s, job *j) {
    err e;
    if (j->answer) {
        give_read(s, j);
        return;
    }
    j->world.now_ms = service_now(s);
    if (!admin_has_room(s, zmq_msg_size(&j->message), &e))
        give_error(s, str_from(j->routing, j->routing_n), &j->world, &e);
    else
        give(s, str_from(j->routing, j->routing_n), admin_run(s, j, true));
}

/* What is asked of one partner is a page. */
bool admin_is_slow(const command *cmd, const call_request *r) {
    if (cmd->mode != COMMAND_SNAPSHOT) return cmd->mode == COMMAND_JUDGE;
    for (size_t i = 0; i < r->word_count; i++)
        if (str_is(r->words[i], "--partner")) return false;
    return true;
}

static bool dispatch(service *s, job *j, bool *kept, err *e) {
    Admin__Request *r = (void *)message_unpack(&admin__request__descriptor,
                                               str_from(zmq_msg_data(&j->message), zmq_msg_size(&j->message)),
                                               LIMIT_REPEATED, &j->a, e);
    if (r == NULL) return false;
    if (r->next) {
        give_next(s, str_from(j->routing, j->routing_n));
        return true;
    }
    const command *cmd;
    size_t used;
    TRY(read_request(j, r, e));
    TRY(call_find(&j->request, &cmd, &used, e));
    if (command_writes(cmd)) TRY(admin_has_room(s, zmq_msg_size(&j->message), e));
    if (cmd->mode == COMMAND_WRITE || cmd->mode == COMMAND_LOOP) {
        give(s, str_from(j->routing, j->routing_n), admin_run(s, j, cmd->mode == COMMAND_WRITE));
        return true;
    }
    j->give = cmd->mode == COMMAND_JUDGE ? give_judged : give_read;
    j->slow = admin_is_slow(cmd, &j->request);
    if (cmd->mode == COMMAND_JUDGE) j->request.look = &j->look;
    *kept = readers_ask(s->readers, j);
    return *kept || err_set(e, ERR_RETRY, "too many questions at once: try again");
}

static job *receive(service *s, bool *any) {
    job *j = job_new((size_t)REQUEST_BYTES + REQUEST_SLACK);
    int n = zmq_recv(s->admin, j->routing, sizeof j->routing, ZMQ_DONTWAIT);
    *any = n >= 0;
    bool whole = n > 0 && n <= ROUTING_MAX && zmq_msg_recv(&j->message, s->admin, ZMQ_DONTWAIT) >= 0;
    j->routing_n = whole ? (size_t)n : 0;
    zmq_msg_t extra;
    ASSERT(zmq_msg_init(&extra) == 0);
    for (bool more = whole && zmq_msg_more(&j->message); more; more = zmq_msg_more(&extra) != 0) {
        whole = false;
        if (zmq_msg_recv(&extra, s->admin, ZMQ_DONTWAIT) < 0) break;
    }
    (void)zmq_msg_close(&extra);
    if (whole) return j;
    job_free(j);
    return NULL;
}

static void take(service *s, job *j) {
    err e;
    bool kept = false;
    local_caller(s, &j->message, &j->request.who);
    service_facts(s, &j->facts);
    j->world = (call_world){s->db, s->dir, service_now(s), &j->facts, business_door(s)};
    if (!dispatch(s, j, &kept, &e)) give_error(s, str_from(j->routing, j->routing_n), &j->world, &e);
    if (!kept) job_free(j);
}

bool admin_turn(service *s) {
    bool worked = false, any = true;
    for (int i = 0; i < REQUESTS_A_TURN && any; i++) {
        job *j = receive(s, &any);
        worked |= any;
        if (j) take(s, j);
    }
    return worked;
}

void admin_second(service *s, int64_t now_ms) {
    struct answers *all = s->answers;
    for (size_t i = all->n; i-- > 0;)
        if (now_ms - all->at[i].touched_ms > LIMIT_ANSWER_IDLE_MS) drop_open(all, &all->at[i]);
}

size_t admin_busy(service *s) {
    return readers_busy(s->readers) + s->answers->n;
}

job *admin_own(service *s, const str *word, size_t n, int64_t now_ms) {
    job *j = job_new(LIMIT_HELLO_BYTES);
    j->request.words = word;
    j->request.word_count = n;
    j->request.who = (caller){.local_user = true, .local_name = STR("system")};
    service_facts(s, &j->facts);
    j->world = (call_world){s->db, s->dir, now_ms, &j->facts, NULL};
    return j;
}
