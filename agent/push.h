/* push — files into the spool and then the wait until the centre has judged them. A job is advanced turn by turn, so
 * that `push` alone and `run` (which serves pushes handed over to it) do the very same. */
#ifndef AGENT_PUSH_H
#define AGENT_PUSH_H

#include "agent/home.h"
#include "agent/link.h"
#include "agent/result.h"

typedef struct push_request {
    char **file; /* absolute or relative to the process that reads them */
    size_t files;
    char *mapping; /* NULL: none */
    bool again;
    bool replaces; /* the files are the whole truth for these days */
    day_t replace_from, replace_to;
    bool zh;            /* the answer is for a reader of Chinese */
    bool hold;          /* a file with doubts is kept back, see held.h */
    int64_t timeout_ms; /* without any progress */
} push_request;

/* What is printed and with which exit status. */
typedef struct push_answer {
    int status;
    buf json, human;
    buf note; /* why it is not done yet, for stderr; empty: it is */
} push_answer;
void push_answer_auto(push_answer *a);

/* Told right after the commit that made a file safe. */
typedef void (*push_spooled_fn)(void *arg, const char *file, const uint8_t sha256[static 32]);

typedef struct push_job push_job;

/** Takes the strings and the list of the request over. */
push_job *push_job_new(push_request *r, push_spooled_fn spooled, void *arg);
void push_job_free(push_job *j);
/** Spool the next file, or look what became of them. *done: the answer can be asked for. False: the spool failed. */
MUST_USE bool push_job_turn(push_job *j, const home *h, spool *s, const uplink *l, int64_t mono_ms, int64_t wall_ms,
                            bool *done, err *e);
MUST_USE bool push_job_answer(push_job *j, spool *s, push_answer *out, err *e);
void push_request_free(push_request *r);

#endif
