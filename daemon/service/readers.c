#include "daemon/service/readers.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

/* Nine of ten parts of a contested core go to the loop and the short questions. */
enum { THREADS_MAX = 16, SLOW_NICE = 10 };

typedef struct queue { /* in the order they came */
    job *first, *last;
    size_t busy;
    pthread_cond_t wake;
} queue;

struct readers {
    pthread_mutex_t lock;
    pthread_t thread[THREADS_MAX + 1]; /* the first: of what is slow */
    size_t threads;
    queue quick, slow;
    job *done, *last_done;
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
    call_look_free(&j->look);
    arena_free(&j->a);
    (void)zmq_msg_close(&j->message);
    free(j);
}

static job *next_job(readers *r, queue *q) {
    (void)pthread_mutex_lock(&r->lock);
    while (q->first == NULL && !r->stop) (void)pthread_cond_wait(&q->wake, &r->lock);
    job *j = q->first;
    if (j) q->first = j->next;
    (void)pthread_mutex_unlock(&r->lock);
    return j;
}

static void hand_back(readers *r, job *j) {
    uint64_t one = 1;
    (void)pthread_mutex_lock(&r->lock);
    j->next = NULL;
    if (r->done) r->last_done->next = j;
    else
        r->done = j;
    r->last_done = j;
    (void)pthread_mutex_unlock(&r->lock);
    (void)!write(r->fd, &one, sizeof one);
}

/* A request that looks first has an answer when it fails, or when that is all; else the loop goes on with it. */
static void run_request(job *j) {
    bool unknown, looks = j->request.look != NULL;
    answer *a = answer_new(&j->world);
    a->max = j->answer_max;
    a->failed = looks ? !call_look_at(&j->world, &j->request, &a->head, &a->why)
                      : !call_run(&j->world, &j->request, &a->head, &unknown, &a->why);
    if (!looks || a->failed || j->look.answered) j->answer = a;
    else
        answer_free(a);
}

static void work_on(readers *r, queue *q) {
    for (job *j; (j = next_job(r, q)) != NULL; hand_back(r, j)) {
        if (j->work) j->work(j);
        else
            run_request(j);
    }
}

static void *work_quick(void *arg) {
    readers *r = arg;
    work_on(r, &r->quick);
    return NULL;
}

/* On Linux a thread has a priority of its own. */
static void *work_slow(void *arg) {
    readers *r = arg;
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), SLOW_NICE);
    work_on(r, &r->slow);
    return NULL;
}

bool readers_start(size_t threads, readers **out, err *e) {
    ASSERT(threads <= THREADS_MAX);
    readers *r = calloc(1, sizeof *r);
    ASSERT(r != NULL && pthread_mutex_init(&r->lock, NULL) == 0);
    ASSERT(pthread_cond_init(&r->quick.wake, NULL) == 0 && pthread_cond_init(&r->slow.wake, NULL) == 0);
    r->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    ASSERT(r->fd >= 0);
    while (r->threads <= threads &&
           pthread_create(&r->thread[r->threads], NULL, r->threads ? work_quick : work_slow, r) == 0)
        r->threads++;
    if (r->threads == threads + 1) {
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
    (void)pthread_cond_broadcast(&r->quick.wake);
    (void)pthread_cond_broadcast(&r->slow.wake);
    (void)pthread_mutex_unlock(&r->lock);
    for (size_t i = 0; i < r->threads; i++) (void)pthread_join(r->thread[i], NULL);
    for (job *j; (j = readers_done(r)) != NULL;) job_free(j);
    (void)close(r->fd);
    (void)pthread_cond_destroy(&r->quick.wake);
    (void)pthread_cond_destroy(&r->slow.wake);
    (void)pthread_mutex_destroy(&r->lock);
    free(r);
}

bool readers_ask(readers *r, job *j) {
    queue *q = j->slow ? &r->slow : &r->quick;
    (void)pthread_mutex_lock(&r->lock);
    bool room = q->busy < (j->slow ? LIMIT_SNAPSHOTS : LIMIT_CALLS);
    if (room) {
        j->next = NULL;
        if (q->first) q->last->next = j;
        else
            q->first = j;
        q->last = j;
        q->busy++;
        (void)pthread_cond_signal(&q->wake);
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
        (j->slow ? &r->slow : &r->quick)->busy--;
    }
    (void)pthread_mutex_unlock(&r->lock);
    return j;
}

size_t readers_busy(readers *r) {
    (void)pthread_mutex_lock(&r->lock);
    size_t n = r->quick.busy + r->slow.busy;
    (void)pthread_mutex_unlock(&r->lock);
    return n;
}
