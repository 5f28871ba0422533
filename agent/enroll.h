/* enroll — a home introduces itself with a token: "cd1." + base64url(server public key ‖ secret key of the enrolment
 * link). The agent's own key is made here and never leaves; what it says is the public half. */
#ifndef AGENT_ENROLL_H
#define AGENT_ENROLL_H

#include "agent/home.h"

typedef struct enroll_call {
    const char *endpoint, *token; /* as given */
    int64_t timeout_ms;           /* without an answer */
} enroll_call;

typedef struct enrolled_as {
    char partner[LIMIT_ID + 1], agent[LIMIT_ID + 1];
} enrolled_as;

/** Enrol the folder; it is made when it is not there. Said again with the same token after a crash, it ends well. zmq: a
 *  context. ERR_DENIED: the centre says no; ERR_UNAVAILABLE: nobody answers. */
MUST_USE bool enroll_home(void *zmq, const char *dir, const enroll_call *how, enrolled_as *out, err *e);

#endif
