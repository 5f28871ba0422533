/* link — one home's conversation with the centre: a state machine over one spool and one connection at a time. It owns
 * no thread and no clock; whoever runs the loop polls its sockets and calls link_turn. Thousands live in one process.
 *
 *   wait → dialing → greeting (HELLO said) → ready (WANT, GRANT, BATCH, ACK, NEED) ⇄ paused (BUSY) ⇄ held
 *                                                                                 → refused
 * Whatever is lost on the way (a connection, an ack, a grant) is found again by saying HELLO: the answer is the
 * centre's cumulative state, and the link goes on from there. Nothing is dropped by a timeout. */
#ifndef AGENT_LINK_H
#define AGENT_LINK_H

#include "agent/dial.h"
#include "agent/spool.h"
#include "base/rng.h"

/* Milliseconds. Back-off has full jitter: even in [MIN, min(MAX, FIRST × 2^attempt)]. A centre that is not there costs
 * nothing to ask, and is to have everybody back soon: then MAX is AWAY. One that is there and loses us is busy. */
enum {
    LINK_BACKOFF_MIN_MS = 200,
    LINK_BACKOFF_FIRST_MS = 600,
    LINK_BACKOFF_MAX_MS = 30000,
    LINK_BACKOFF_AWAY_MS = 4000,
    LINK_DIAL_MS = 15000,    /* no connection by then: another try */
    LINK_GREET_MS = 30000,   /* no answer to HELLO by then: another connection */
    LINK_BEAT_MS = 5000,     /* a sign of life while ready */
    LINK_STALL_MS = 60000,   /* sent or wanted something and heard nothing: HELLO again */
    LINK_RECEIPT_MS = 3000,  /* committed, but the receipt is missing: HELLO again */
    LINK_RECEIPT_ASKS = 3,   /* so often, then the receipt is given up */
    LINK_HELD_MS = 30000,    /* held or refused: ask again after so long */
    LINK_PAUSE_MIN_MS = 200, /* bounds of BUSY's retry_ms */
    LINK_PAUSE_MAX_MS = 60000,
    LINK_DIALS_AT_ONCE = 256, /* links of one process on their way: who connects has to say HELLO soon */
    LINK_TURN_MS = 100,       /* a link that has to wait for the others looks again after so long */
    LINK_CONTACT_MS = 60000,  /* last contact is noted in the spool that often while nothing else is */
};

/* state, name */
#define LINK_STATES(X)                                                                                                 \
    X(LINK_WAIT, "waiting to connect")                                                                                 \
    X(LINK_DIALING, "connecting")                                                                                      \
    X(LINK_GREETING, "greeting")                                                                                       \
    X(LINK_READY, "connected")                                                                                         \
    X(LINK_PAUSED, "the centre is busy")                                                                               \
    X(LINK_HELD, "held")                                                                                               \
    X(LINK_REFUSED, "refused")

typedef enum link_state {
#define X(state, name) state,
    LINK_STATES(X)
#undef X
        LINK_STATE_COUNT
} link_state;

typedef enum link_event {
    EV_DUE,    /* the state's timer */
    EV_UP,     /* connected, both keys proven */
    EV_DOWN,   /* connection lost or not made */
    EV_DENIED, /* the key is not let in */
    EV_WELCOME,
    EV_GRANT,
    EV_ACK,
    EV_NEED,
    EV_BUSY,
    EV_HELD,
    EV_REFUSED,
    LINK_EVENT_COUNT
} link_event;

typedef enum link_act {
    ACT_IGNORE, /* an empty cell: the state stays */
    ACT_DIAL,
    ACT_HELLO,
    ACT_BACKOFF,
    ACT_ADOPT,
    ACT_GRANT,
    ACT_ACK,
    ACT_REWIND,
    ACT_PAUSE,
    ACT_HOLD,
    ACT_REFUSE,
    ACT_DENY,
    ACT_BEAT
} link_act;

typedef struct link_step {
    link_state to;
    link_act act;
} link_step;
extern const link_step link_steps[LINK_STATE_COUNT][LINK_EVENT_COUNT];
const char *link_state_name(link_state s);

typedef struct uplink uplink;

typedef struct link_options {
    void *zmq;            /* context, shared by all links; outlives them */
    spool *spool;         /* outlives the link */
    const char *endpoint; /* copied, as are the keys */
    dial_keys keys;
    const char *host;
    uint64_t seed; /* of the jitter */
} link_options;

uplink *link_new(const link_options *o);
void link_free(uplink *l);

/** Do all that is to be done: monitor, messages, timers, sending. mono_ms for intervals, wall_ms for what is stored.
 *  False only when the spool failed: stop the process. */
MUST_USE bool link_turn(uplink *l, int64_t mono_ms, int64_t wall_ms, err *e);
/** When link_turn wants to be called at the latest (mono); sooner when a socket below or the spool has something. */
int64_t link_due(const uplink *l);
/** Sockets to poll for reading; returns how many (0–2). */
size_t link_sockets(const uplink *l, void *out[static 2]);

link_state link_now(const uplink *l);
/** Why it is held or refused, or what the last failure was; "" when all is well. */
const char *link_trouble(const uplink *l);
/** Times this link was welcomed. */
uint64_t link_welcomes(const uplink *l);

#endif
