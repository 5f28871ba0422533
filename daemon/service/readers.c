#include "daemon/service/readers.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { THREADS_MAX = 16 };

struct readers {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread[THREADS_MAX];
    size_t threads, busy;
    job *first, *last; /* waiting, in the order they came */
    job *done;
    int fd;
    bool stop;
};

job *job_new(size_t arena_bytes) {
    job *j = calloc(1, sizeof *j);
    ASSERT(j != NULL && zmq_msg_init(&j->message) == 0);
    arena_init(&j->a, arena_bytes);
    return j;
}

void job_free(job *j) {
    answer_free(j->answer);
    arena_free(&j->a);
    (void)zmq_msg_close(&j->message);
    free(j);
}

static job *next_job(readers *r) {
    (void)pthread_mutex_lock(&r->lock);
    while (r->first == NULL && !r->stop) (void)pthread_cond_wait(&r->wake, &r->lock);
    job *j = r->first;
    if (j) r->first = j->next;
    (void)pthread_mutex_unlock(&r->lock);
    return j;
}

static void hand_back(readers *r, job *j) {
    uint64_t one = 1;
    (void)pthread_mutex_lock(&r->lock);
    j->next = r->done;
    r->done = j;
    (void)pthread_mutex_unlock(&r->lock);
    (void)!write(r->fd, &one, sizeof one);
}

static void *work(void *arg) {
    readers *r = arg;
    for (job *j; (j = next_job(r)) != NULL;) {
        bool unknown;
        answer *a = answer_new(&j->world);
        a->max = j->answer_max;
        a->failed = !call_run(&j->world, &j->request, &a->head, &unknown, &a->why);
        j->answer = a;
        hand_back(r, j);
    }
    return NULL;
}

bool readers_start(size_t threads, readers **out, err *e) {
    ASSERT(threads <= THREADS_MAX);
    readers *r = calloc(1, sizeof *r);
    ASSERT(r != NULL && pthread_mutex_init(&r->lock, NULL) == 0 && pthread_cond_init(&r->wake, NULL) == 0);
    r->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    ASSERT(r->fd >= 0);
    while (r->threads < threads && pthread_create(&r->thread[r->threads], NULL, work, r) == 0) r->threads++;
    if (r->threads == threads) {
        *out = r;
        return true;
    }
    readers_stop(r);
    return err_set(e, ERR_INTERNAL, "cannot start %zu reader threads", threads);
}

void readers_stop(readers *r) {
    if (r == NULL) return;
    (void)pthread_mutex_lock(&r->lock);
    r->stop = true;
    (void)pthread_cond_broadcast(&r->wake);
    (void)pthread_mutex_unlock(&r->lock);
    for (size_t i = 0; i < r->threads; i++) (void)pthread_join(r->thread[i], NULL);
    for (job *j; (j = readers_done(r)) != NULL;) job_free(j);
    (void)close(r->fd);
    (void)pthread_cond_destroy(&r->wake);
    (void)pthread_mutex_destroy(&r->lock);
    free(r);
}

bool readers_ask(readers *r, job *j) {
    (void)pthread_mutex_lock(&r->lock);
    bool room = r->busy < LIMIT_CALLS;
    if (room) {
        j->next = NULL;
        if (r->first) r->last->next = j;
        else
            r->first = j;
        r->last = j;
        r->busy++;
        (void)pthread_cond_signal(&r->wake);
    }
    (void)pthread_mutex_unlock(&r->lock);
    return room;
}

int readers_fd(const readers *r) {
    return r->fd;
}

job *readers_done(readers *r) {
    uint64_t count;
    (void)!read(r->fd, &count, sizeof count);
    (void)pthread_mutex_lock(&r->lock);
    job *j = r->done;
    if (j) {
        r->done = j->next;
        r->busy--;
    }
    (void)pthread_mutex_unlock(&r->lock);
    return j;
}

size_t readers_busy(readers *r) {
    (void)pthread_mutex_lock(&r->lock);
    size_t n = r->busy;
    (void)pthread_mutex_unlock(&r->lock);
    return n;
}
