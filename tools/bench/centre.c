#include "tools/bench/centre.h"

#include "agent/enroll.h"
#include "base/clock.h"
#include "daemon/store/store.h"
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

extern char **environ;

/* Run a program of ours with its output in `out` (a file name, NULL: thrown away). */
static bool start(const centre *c, char *const *argv, const char *out, pid_t *pid, err *e) {
    char program[PATH_SIZE];
    TRY(path_join(program, sizeof program, c->bin, argv[0], e));
    posix_spawn_file_actions_t files;
    (void)posix_spawn_file_actions_init(&files);
    (void)posix_spawn_file_actions_addopen(&files, 1, out ? out : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    char log[PATH_SIZE];
    (void)snprintf(log, sizeof log, "%.1000s/log", c->dir);
    (void)posix_spawn_file_actions_addopen(&files, 2, log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    int no = posix_spawn(pid, program, &files, NULL, argv, environ);
    (void)posix_spawn_file_actions_destroy(&files);
    return no == 0 || err_set(e, ERR_UNAVAILABLE, "%s: %s", program, strerror(no));
}

static bool run(const centre *c, char *const *argv, const char *out, err *e) {
    pid_t pid;
    int status;
    TRY(start(c, argv, out, &pid, e));
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) return err_set(e, ERR_INTERNAL, "waitpid: %s", strerror(errno));
    return (WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
           err_set(e, ERR_INTERNAL, "%s %s: ended with status %d", argv[0], argv[1], WEXITSTATUS(status));
}

/* channelctl --data DIR WORDS… ("a b c" split at blanks, FILE as the last word) */
static bool control(const centre *c, const char *command, const char *file, const char *out, err *e) {
    char text[512], *argv[16] = {"channelctl", "--data", (char *)c->data};
    size_t n = 3;
    (void)str_copy_z(str_of(command), text, sizeof text);
    str rest = str_of(text), word;
    while (n < 13 && str_split(&rest, ' ', &word)) {
        ((char *)word.p)[word.n] = '\0';
        argv[n++] = (char *)word.p;
    }
    if (file) argv[n++] = (char *)file;
    return run(c, argv, out, e);
}

static bool read_endpoint(centre *c, err *e) {
    char path[PATH_SIZE];
    TRY(path_join(path, sizeof path, c->data, "ports.json", e));
    AUTO(buf) text = {0};
    TRY(file_read(path, 65536, &text, e));
    json_error_t je;
    json_t *ports = json_loadb(text.p, text.n, 0, &je);
    const char *agents = json_string_value(json_object_get(ports, "agents"));
    if (agents) (void)snprintf(c->endpoint, sizeof c->endpoint, "%s", agents);
    json_decref(ports);
    return agents != NULL || err_set(e, ERR_INTERNAL, "%s: names no port for agents", path);
}

bool centre_start(centre *c, err *e) {
    TRY(path_join(c->data, sizeof c->data, c->dir, "data", e));
    char listen[128];
    (void)snprintf(listen, sizeof listen, "listen.agents=%s", c->endpoint[0] ? c->endpoint : "tcp://127.0.0.1:0");
    char *argv[] = {"channeld", "--data", c->data, "--set", listen, "--set", "listen.http=127.0.0.1:0", NULL};
    TRY(start(c, argv, NULL, &c->daemon, e));
    for (int64_t end = mono_ms() + 30000; mono_ms() < end; (void)usleep(20000))
        if (control(c, "ping", NULL, NULL, e)) return read_endpoint(c, e);
    return err_wrap(e, "the daemon does not answer");
}

void centre_stop(centre *c, int signal) {
    int status;
    if (c->daemon == 0) return;
    (void)kill(c->daemon, signal);
    (void)waitpid(c->daemon, &status, 0);
    c->daemon = 0;
}

static bool import(centre *c, const char *table, const buf *csv, err *e) {
    char name[64], path[PATH_SIZE], command[64];
    (void)snprintf(name, sizeof name, "%s.csv", table);
    TRY(path_join(path, sizeof path, c->dir, name, e));
    TRY(file_write(path, buf_str(csv), 0600, e));
    (void)snprintf(command, sizeof command, "%s import", table);
    return control(c, command, path, NULL, e);
}

bool centre_catalogue(centre *c, const load_shape *s, err *e) {
    AUTO(buf) partners = {0};
    AUTO(buf) products = {0};
    load_catalogue(s, &partners, &products);
    TRY(import(c, "partner", &partners, e));
    return import(c, "product", &products, e);
}

void centre_home(const centre *c, unsigned partner, char out[static PATH_SIZE]) {
    (void)snprintf(out, PATH_SIZE, "%.900s/homes/%u", c->homes[0] ? c->homes : c->dir, partner);
}

bool centre_enrol(centre *c, unsigned partners, err *e) {
    AUTO(buf) list = {0};
    char id[16], path[PATH_SIZE], out[PATH_SIZE], dir[PATH_SIZE];
    buf_addz(&list, "partner\n");
    for (unsigned p = 0; p < partners; p++) {
        load_partner_id(p, id);
        buf_printf(&list, "%s\n", id);
    }
    TRY(path_join(path, sizeof path, c->dir, "enrol.csv", e));
    TRY(path_join(out, sizeof out, c->dir, "tokens.json", e));
    TRY(file_write(path, buf_str(&list), 0600, e));
    TRY(control(c, "agent enroll -o json --from", path, out, e));
    AUTO(buf) text = {0};
    TRY(file_read(out, 16 << 20, &text, e));
    json_error_t je;
    json_t *rows = json_loadb(text.p, text.n, 0, &je);
    void *zmq = zmq_ctx_new();
    ASSERT(zmq != NULL);
    bool ok = json_array_size(rows) == partners ||
              err_set(e, ERR_INTERNAL, "enrolled %zu of %u", json_array_size(rows), partners);
    for (unsigned p = 0; ok && p < partners; p++) {
        const char *token = json_string_value(json_object_get(json_array_get(rows, p), "token"));
        centre_home(c, p, dir);
        enroll_call how = {c->endpoint, token, 60000};
        enrolled_as as;
        ok = token && file_mkdirs(dir, 0700, e) && enroll_home(zmq, dir, &how, &as, e);
    }
    (void)zmq_ctx_term(zmq);
    json_decref(rows);
    return ok;
}

bool centre_journal_bytes(const centre *c, uint64_t *bytes, uint64_t *entries, err *e) {
    kv *db = NULL;
    TRY(store_open(c->data, 0, true, &db, e));
    txn *t = NULL;
    bool ok = txn_begin(db, TXN_READ, &t, e);
    *bytes = *entries = 0;
    if (ok) {
        kv_cursor k = kv_from(t, TABLE_JOURNAL, STR_NONE, STR_NONE);
        while (kv_next(&k)) {
            *bytes += k.val.n;
            ++*entries;
        }
        txn_abort(&t);
    }
    kv_close(db);
    return ok;
}
