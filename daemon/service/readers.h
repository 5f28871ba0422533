/* readers — a few threads that answer questions beside the loop, each on a read transaction of its own. Jobs go in by a
 * bounded queue; finished ones come back through a descriptor the loop polls. */
#ifndef SERVICE_READERS_H
#define SERVICE_READERS_H

#include "daemon/service/answers.h"
#include <zmq.h>

typedef struct job {
    uint8_t routing[256]; /* whom to answer */
    size_t routing_n;
    zmq_msg_t message; /* the request's bytes; `request` and `words` point into what was unpacked of it */
    arena a;
    call_request request;
    daemon_facts facts;
    call_world world;
    answer *answer; /* when done */
    struct job *next;
} job;

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
