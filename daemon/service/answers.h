/* answers — an answer outlives its question: rows are kept (in memory, beyond a little in an unlinked file of the data
 * folder) until their reader has fetched them piece by piece. So a slow reader holds no transaction open, and an error
 * in the middle of a list is an error, not half a list. */
#ifndef SERVICE_ANSWERS_H
#define SERVICE_ANSWERS_H

#include "daemon/command/call.h"

typedef struct answer {
    call_out head;
    bool failed;
    err why;
    call_world world;         /* of the moment it was given */
    buf rows;                 /* while they are few */
    int fd;                   /* of the file with all rows, -1: they are in `rows` */
    uint64_t size, sent, max; /* of its rows; max 0: no bound */
    bool begun;
} answer;

answer *answer_new(const call_world *w);
void answer_free(answer *a);
/** The sink of its call: takes rows. */
bool answer_take(void *arg, str rows, err *e);
/** Append the next rows to out, at most `max` bytes; false: a->why says why not. */
bool answer_piece(answer *a, size_t max, buf *out);
/** Append the next response (packed admin.Response) to out; false when it is the last. ERR in the answer itself. */
bool answer_next(answer *a, buf *out);

#endif
