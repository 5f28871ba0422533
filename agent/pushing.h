/* pushing — one push from the command's side: done here, or by the agent that runs in this home. */
#ifndef AGENT_PUSHING_H
#define AGENT_PUSHING_H

#include "agent/commands.h"
#include "agent/push.h"

typedef struct pushing {
    const call *call;
    push_request request; /* with whole paths */
    char **whole;         /* the same, to find the word of the call again; NULL: not announced */
    bool announce;
    size_t spooled; /* files that are safe */
    bool reached;   /* the centre was, from here */
} pushing;

/** Do it. ERR_RETRY: another push works in this home. */
MUST_USE bool pushing_work(pushing *p, push_answer *out, err *e);
MUST_USE bool pushing_print(const push_answer *a, const call *c, err *e);

#endif
