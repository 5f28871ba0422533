#include "agent/dial.h"

#include <errno.h>
#include <stdio.h>

enum { HEARTBEAT_MS = 10000, HEARTBEAT_TIMEOUT_MS = 30000, HANDSHAKE_MS = 10000, CONNECT_MS = 10000 };

static bool set_options(void *socket, const dial_keys *k) {
    const struct {
        int option, value;
    } options[] = {
        {ZMQ_LINGER, 0},
        {ZMQ_IMMEDIATE, 1},
        {ZMQ_SNDHWM, 0}, /* bounded by the grant */
        {ZMQ_RCVHWM, LIMIT_RECEIPTS},
        {ZMQ_RECONNECT_IVL, -1},
        {ZMQ_CONNECT_TIMEOUT, CONNECT_MS},
        {ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS},
        {ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS},
        {ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS},
        {ZMQ_HEARTBEAT_TTL, HEARTBEAT_TIMEOUT_MS},
    };
    for (size_t i = 0; i < ARRAY_LEN(options); i++)
        if (zmq_setsockopt(socket, options[i].option, &options[i].value, sizeof(int)) != 0) return false;
    int64_t biggest = LIMIT_FRAME_BYTES;
    return zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &biggest, sizeof biggest) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, k->server, KEY_SIZE) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, k->public_key, KEY_SIZE) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, k->secret, KEY_SIZE) == 0;
}

static bool watch_socket(void *zmq, dial *d) {
    enum {
        EVENTS = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                 ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_CLOSED | ZMQ_EVENT_DISCONNECTED |
                 ZMQ_EVENT_CONNECT_RETRIED
    };
    char at[64];
    int linger = 0;
    (void)snprintf(at, sizeof at, "inproc://dial-%p", d->socket);
    if (zmq_socket_monitor(d->socket, at, EVENTS) != 0) return false;
    d->monitor = zmq_socket(zmq, ZMQ_PAIR);
    return d->monitor != NULL && zmq_setsockopt(d->monitor, ZMQ_LINGER, &linger, sizeof linger) == 0 &&
           zmq_connect(d->monitor, at) == 0;
}

bool dial_open(void *zmq, const char *endpoint, const dial_keys *k, dial *out, err *e) {
    dial d = {.socket = zmq_socket(zmq, ZMQ_DEALER)};
    if (d.socket && set_options(d.socket, k) && watch_socket(zmq, &d) && zmq_connect(d.socket, endpoint) == 0) {
        *out = d;
        return true;
    }
    int why = zmq_errno();
    dial_close(&d);
    bool ours = why == EINVAL || why == EPROTONOSUPPORT || why == ENODEV;
    return err_set(e, ours ? ERR_CONFIG : ERR_INTERNAL, "%s: %s", endpoint, zmq_strerror(why));
}

void dial_close(dial *d) {
    if (d->monitor) {
        (void)zmq_socket_monitor(d->socket, NULL, 0);
        (void)zmq_close(d->monitor);
    }
    if (d->socket) (void)zmq_close(d->socket);
    *d = (dial){0};
}

/* The monitor's message: 16 bits event, 32 bits value in the machine's order, then a frame with the address. */
static bool monitor_read(void *monitor, uint16_t *event, uint32_t *value) {
    zmq_msg_t m;
    bool got = false;
    ASSERT(zmq_msg_init(&m) == 0);
    for (bool more = true; more && zmq_msg_recv(&m, monitor, ZMQ_DONTWAIT) >= 0;) {
        if (!got && zmq_msg_size(&m) >= 6) {
            memcpy(event, zmq_msg_data(&m), 2);
            memcpy(value, (char *)zmq_msg_data(&m) + 2, 4);
            got = true;
        }
        more = zmq_msg_more(&m) != 0;
    }
    (void)zmq_msg_close(&m);
    return got;
}

dial_event dial_next(dial *d) {
    uint16_t event;
    uint32_t value;
    if (d->monitor == NULL || !monitor_read(d->monitor, &event, &value)) return DIAL_NOTHING;
    switch (event) {
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: return DIAL_UP;
    /* 300 asks to come again later; 400 and 500 are final */
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: return value == 300 ? DIAL_DOWN : DIAL_DENIED;
    case ZMQ_EVENT_CLOSED: return DIAL_NOBODY;
    default: return DIAL_DOWN;
    }
}

bool dial_send(dial *d, str frame) {
    return d->socket != NULL && zmq_send(d->socket, frame.p, frame.n, ZMQ_DONTWAIT) >= 0;
}

bool dial_receive(dial *d, buf *out, bool *whole) {
    zmq_msg_t m;
    buf_clear(out);
    *whole = true;
    if (d->socket == NULL) return false;
    ASSERT(zmq_msg_init(&m) == 0);
    bool got = zmq_msg_recv(&m, d->socket, ZMQ_DONTWAIT) >= 0;
    if (got) buf_add(out, str_from(zmq_msg_data(&m), zmq_msg_size(&m)));
    while (got && zmq_msg_more(&m) && zmq_msg_recv(&m, d->socket, ZMQ_DONTWAIT) >= 0) *whole = false;
    (void)zmq_msg_close(&m);
    return got;
}
