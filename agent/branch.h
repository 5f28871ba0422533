/* branch — one home at work: its spool, link, inbox and the pushes handed over to it. `run` serves many in one loop. */
#ifndef AGENT_BRANCH_H
#define AGENT_BRANCH_H

#include "agent/feeding.h"
#include "agent/handover.h"
#include "agent/packs.h"
#include "agent/watch.h"

typedef struct branch {
    home home;
    spool *spool;
    uplink *link;
    watch *watch;       /* NULL: a push alone */
    feeding *feeding;   /* NULL: a push alone */
    handover *handover; /* NULL: a push alone */
    link_state said;    /* the link's state as last logged */
    int64_t prune_ms;
    void *zmq;
    products_asking *packs; /* the centre is asked for pack factors; NULL: it is not */
    int64_t packs_ms;       /* looked at again then whether it should be */
    bool busy;              /* a push waits for an answer */
} branch;

/** Lock the home and open its spool and link; with `serving` also inbox and run.sock. ERR_CONFLICT: another process
 *  works in it. */
MUST_USE bool branch_open(const char *dir, void *zmq, bool serving, branch *out, err *e);
void branch_close(branch *b);
/** All that is to be done now. False: its disk failed; close it. */
MUST_USE bool branch_turn(branch *b, int64_t mono_ms, int64_t wall_ms, err *e);
/** Mono time of the next turn that is due without anything arriving. */
int64_t branch_due(const branch *b);

enum { BRANCH_POLLS = HANDOVER_CLIENTS + 7 };
/** Poll items of its sockets; returns how many, ≤ BRANCH_POLLS. */
size_t branch_polls(const branch *b, zmq_pollitem_t *out);

#endif
