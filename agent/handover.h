/* handover — one process works in a home; a push beside `run` gives its files to it over DIR/run.sock and prints the
 * answer that comes back. Messages on the socket: 4 bytes length, then kind and fields (texts by buf_text). */
#ifndef AGENT_HANDOVER_H
#define AGENT_HANDOVER_H

#include "agent/push.h"

enum { HANDOVER_CLIENTS = 16, HANDOVER_BYTES = 4 * 1024 * 1024 };

/* the serving side */

typedef struct handover handover;

/** Listen in a home whose lock is held. */
MUST_USE bool handover_open(const home *h, handover **out, err *e);
void handover_close(handover *o);
/** Descriptors to poll: fds[i] with events[i] (POLLIN, POLLOUT); returns how many, ≤ HANDOVER_CLIENTS + 1. */
size_t handover_polls(const handover *o, int *fds, short *events);
/** Take requests, advance jobs, answer. *busy: a job is under way. False: the spool failed. */
MUST_USE bool handover_turn(handover *o, const home *h, spool *s, const uplink *l, int64_t mono_ms, int64_t wall_ms,
                            bool *busy, err *e);

/* the asking side */

/** Give the request (paths absolute) to the running agent and wait for its answer. *nobody: no agent runs here (then
 *  false). ERR_RETRY: it stopped before it had answered. */
MUST_USE bool handover_push(const char *home_dir, const push_request *r, push_spooled_fn spooled, void *arg,
                            push_answer *out, bool *nobody, err *e);

#endif
