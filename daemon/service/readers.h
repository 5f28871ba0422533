/* readers — a few threads that answer questions beside the loop, each on a read transaction of its own. Jobs go in by a
 * bounded queue; finished ones come back, in the order they were finished, through a descriptor the loop polls. What may
 * take seconds (`slow`) has a queue and one thread of its own on low priority, so that uploads and short questions go on and
 * at most one long transaction is open. */
#ifndef SERVICE_READERS_H
#define SERVICE_READERS_H

#include "daemon/service/answers.h"
#include <zmq.h>

struct service;
typedef struct job {
    void (*work)(struct job *j);                    /* beside the loop; NULL: runs the request */
    void *own;                                      /* of who gave work and give */
    void (*give)(struct service *s, struct job *j); /* in the loop, when it is done */
    bool slow;
    bool kept;            /* whoever gives it frees it; else the loop, after give */
    uint8_t routing[256]; /* whom to answer: a client of the admin socket, */
    size_t routing_n;
    struct {
        uint64_t no; /* or an agent's connection and the number of its question */
        uint32_t id;
    } asker;
    zmq_msg_t message; /* the request's bytes; `request` and `words` point into what was unpacked of it */
    arena a;
    call_request request;
    call_look look; /* of a request that looks first and writes in the loop */
    daemon_facts facts;
    call_world world;
    uint64_t answer_max; /* bytes of rows; 0: no bound */
    answer *answer;      /* when done */
    struct job *next;
} job;

/** An empty one; its arena hands out at most so many bytes. */
job *job_new(size_t arena_bytes);
void job_free(job *j);

typedef struct readers readers;
MUST_USE bool readers_start(size_t threads, readers **out, err *e);
/** Waits for the jobs under way. */
void readers_stop(readers *r);
/** False: the queue is full; the caller keeps the job. */
bool readers_ask(readers *r, job *j);
/** Readable when a job is done. */
int readers_fd(const readers *r);
/** A finished job, or NULL. */
job *readers_done(readers *r);
/** Jobs queued or under way. */
size_t readers_busy(readers *r);

#endif
