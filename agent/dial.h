/* dial — one connection to the centre: a DEALER under CURVE and the monitor that tells what became of it. It connects
 * once; when it is down it stays down, so nothing is ever sent on a connection that did not begin with our HELLO. */
#ifndef AGENT_DIAL_H
#define AGENT_DIAL_H

#include "agent/home.h"
#include "base/buf.h"
#include <zmq.h>

typedef struct dial {
    void *socket, *monitor; /* NULL: none */
} dial;

typedef struct dial_keys {
    const uint8_t *server, *public_key, *secret; /* KEY_SIZE bytes each, borrowed for the call */
} dial_keys;

typedef enum dial_event {
    DIAL_NOTHING,
    DIAL_UP,
    DIAL_DOWN,
    DIAL_NOBODY, /* no connection: nobody listens there, or it is not reached */
    DIAL_DENIED  /* the centre does not let this key in */
} dial_event;

/** Begin to connect. ERR_CONFIG: no such endpoint; ERR_INTERNAL: out of sockets. */
MUST_USE bool dial_open(void *zmq, const char *endpoint, const dial_keys *k, dial *out, err *e);
void dial_close(dial *d);
/** What happened next; DIAL_NOTHING when nothing more did. */
dial_event dial_next(dial *d);
/** False when the connection cannot take it. */
bool dial_send(dial *d, str frame);
/** Next frame into `out` (cleared first); false: none waits. *whole false: it had more than one part. */
bool dial_receive(dial *d, buf *out, bool *whole);

#endif
