/* asks — questions of agents: commands that read, run by the readers beside the loop, and the few that
 * partners may write with, run in it once a request id; answered in pieces that the agent
 * fetches one by one. The asker is the partner of the connection's key; no field of the message names it. An agent has
 * one question open, all together LIMIT_ASKS; who does not take what was sent is not sent more (guard.h). */
#ifndef SERVICE_ASKS_H
#define SERVICE_ASKS_H

#include "daemon/service/answers.h"
#include "daemon/service/peers.h"
#include "proto/wire.pb-c.h"

typedef struct open_ask {
    char user[USER_MAX + 1];
    int fd; /* with `no`: the connection to answer on */
    uint64_t no;
    uint32_t id;
    answer *answer; /* NULL: under way */
    int64_t touched_ms;
} open_ask;

typedef struct asks {
    open_ask at[LIMIT_ASKS];
    size_t n;
} asks;

struct service;
/** A question, or the wish for the next piece of its answer. Whatever is wrong with it is an answer. */
void asks_take(struct service *s, peer *k, const Wire__Ask *m);
/** Every second: forget answers whose agent is gone or fetches nothing. */
void asks_second(struct service *s, int64_t now_ms);
void asks_free(asks *all);

#endif
