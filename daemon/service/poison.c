#include "daemon/service/poison.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "proto/limits.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* DIR/work: two lines of fixed length. The first names the batch in work and begins with its state; the second names
 * the batch suspected so far and begins with the number of its unclean ends. */
enum { LINE = 512, FILE_SIZE = 4096, SUSPECT_AT = LINE, NAME = LINE - 2 };
enum { STATE_IDLE = ' ', STATE_WORK = 'w', STATE_SLOW = 's', STATE_FATAL = '!' };

struct poison {
    char dir[PATH_SIZE];
    char *map;
    pthread_t watcher;
    atomic_ulong begun; /* counts batches; odd while one is in work */
    atomic_bool stop;
    bool watching;
};

static char *volatile fatal_line; /* what the signal handler marks */

static void on_fatal(int sig) {
    char *line = fatal_line;
    if (line && (line[0] == STATE_WORK || line[0] == STATE_SLOW)) line[0] = STATE_FATAL;
    (void)raise(sig); /* the handler was reset: now it ends the process */
}

static void name_batch(char out[static NAME], str agent, uint64_t epoch, uint64_t seq,
                       const uint8_t digest[static DIGEST_SIZE]) {
    static const char hex[] = "0123456789abcdef";
    char digits[2 * DIGEST_SIZE + 1] = {0};
    for (size_t i = 0; i < DIGEST_SIZE; i++) {
        digits[2 * i] = hex[digest[i] >> 4];
        digits[2 * i + 1] = hex[digest[i] & 15];
    }
    int n = snprintf(out, NAME, "%016" PRIx64 " %" PRIu64 " %s %.*s", epoch, seq, digits,
                     STR_ARG(str_take(agent, LIMIT_ID)));
    ASSERT(n > 0 && n < NAME);
    memset(out + n, ' ', (size_t)(NAME - n));
}

static bool same_name(const char *a, const char *b) {
    return memcmp(a, b, NAME) == 0;
}

/* The last run's end: a mark on the batch in work counts against it. */
static void judge(char *map) {
    char *work = map, *suspect = map + SUSPECT_AT;
    if (work[0] == STATE_SLOW || work[0] == STATE_FATAL) {
        bool again = same_name(work + 1, suspect + 1);
        suspect[0] = (char)((again && suspect[0] >= '1' && suspect[0] < '9' ? suspect[0] : '0') + 1);
        memcpy(suspect + 1, work + 1, NAME);
        str name = str_trim(str_from(suspect + 1, NAME));
        log_event(LOG_LEVEL_ERROR, "batch.unclean_end", "ends=%c batch='%.*s'", suspect[0], STR_ARG(name));
    }
    memset(work, ' ', LINE);
    work[LINE - 1] = suspect[LINE - 1] = '\n';
}

static bool map_file(poison *p, err *e) {
    char path[PATH_SIZE];
    TRY(path_join(path, sizeof path, p->dir, "work", e));
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return err_set(e, ERR_INTERNAL, "%s: %s", path, strerror(errno));
    char *map = MAP_FAILED;
    off_t size = lseek(fd, 0, SEEK_END);
    char blank[FILE_SIZE];
    memset(blank, ' ', sizeof blank);
    if (size == FILE_SIZE || pwrite(fd, blank, sizeof blank, 0) == FILE_SIZE)
        map = mmap(NULL, FILE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) err_set(e, ERR_INTERNAL, "%s: %s", path, strerror(errno));
    (void)close(fd);
    p->map = map == MAP_FAILED ? NULL : map;
    return p->map != NULL;
}

static void *watch(void *arg) {
    poison *p = arg;
    unsigned long seen = 0;
    const struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};
    for (int64_t since_ms = 0; !atomic_load(&p->stop); since_ms += 100) {
        unsigned long now = atomic_load(&p->begun);
        if (now != seen) seen = now, since_ms = 0;
        char working = STATE_WORK;
        if (now % 2 == 1 && since_ms > LIMIT_WORK_MS)
            (void)__atomic_compare_exchange_n(p->map, &working, STATE_SLOW, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
        (void)nanosleep(&pause, NULL);
    }
    return NULL;
}

static void take_signals(char *line) {
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    fatal_line = line;
    struct sigaction sa = {.sa_handler = on_fatal, .sa_flags = (int)SA_RESETHAND | SA_NODEFER};
    for (size_t i = 0; i < ARRAY_LEN(fatal); i++) (void)sigaction(fatal[i], &sa, NULL);
}

bool poison_open(const char *dir, poison **out, err *e) {
    char folder[PATH_SIZE];
    poison *p = calloc(1, sizeof *p);
    ASSERT(p != NULL);
    (void)str_copy_z(str_of(dir), p->dir, sizeof p->dir);
    bool ok = path_join(folder, sizeof folder, dir, "poison", e) && file_mkdirs(folder, 0700, e) && map_file(p, e);
    if (!ok) {
        free(p);
        return false;
    }
    judge(p->map);
    take_signals(p->map);
    p->watching = pthread_create(&p->watcher, NULL, watch, p) == 0;
    *out = p;
    return p->watching || (poison_close(p), err_set(e, ERR_INTERNAL, "cannot start a thread"));
}

void poison_close(poison *p) {
    if (p == NULL) return;
    atomic_store(&p->stop, true);
    if (p->watching) (void)pthread_join(p->watcher, NULL);
    fatal_line = NULL;
    (void)munmap(p->map, FILE_SIZE);
    free(p);
}

void poison_begin(poison *p, str agent, uint64_t epoch, uint64_t seq, const uint8_t digest[static DIGEST_SIZE]) {
    name_batch(p->map + 1, agent, epoch, seq, digest);
    __atomic_store_n(p->map, STATE_WORK, __ATOMIC_SEQ_CST);
    atomic_fetch_add(&p->begun, 1);
}

void poison_end(poison *p) {
    __atomic_store_n(p->map, STATE_IDLE, __ATOMIC_SEQ_CST);
    atomic_fetch_add(&p->begun, 1);
}

bool poison_suspects(const poison *p, str agent, uint64_t epoch, uint64_t seq,
                     const uint8_t digest[static DIGEST_SIZE]) {
    const char *suspect = p->map + SUSPECT_AT;
    char name[NAME];
    if (suspect[0] < '0' + LIMIT_WORK_ENDS || suspect[0] > '9') return false;
    name_batch(name, agent, epoch, seq, digest);
    return same_name(suspect + 1, name);
}

bool poison_keep(poison *p, str agent, uint64_t epoch, uint64_t seq, str frame, err *e) {
    char path[PATH_SIZE];
    int n = snprintf(path, sizeof path, "%s/poison/%.*s-%016" PRIx64 "-%" PRIu64 ".batch", p->dir,
                     STR_ARG(str_take(agent, LIMIT_ID)), epoch, seq);
    if (n < 0 || (size_t)n >= sizeof path) return err_set(e, ERR_DATA, "%s: path too long", p->dir);
    for (char *c = path + strlen(p->dir) + strlen("/poison/"); *c; c++)
        if (*c == '/') *c = '_';
    return file_write(path, frame, 0600, e);
}
