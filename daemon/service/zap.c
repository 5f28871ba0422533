#include "daemon/service/zap.h"

#include "base/clock.h"
#include "daemon/catalog/agents.h"
#include "proto/digest.h"
#include <zmq.h>

/* The question's frames, in order. */
enum { ZAP_VERSION, ZAP_ID, ZAP_DOMAIN, ZAP_ADDRESS, ZAP_IDENTITY, ZAP_MECHANISM, ZAP_KEY, ZAP_FRAMES };
enum { ZAP_FRAME_BYTES = 256 };

typedef struct question {
    char bytes[ZAP_FRAMES][ZAP_FRAME_BYTES];
    size_t n[ZAP_FRAMES];
    size_t frames;
} question;

bool zap_open(service *s, err *e) {
    int none = 0;
    s->zap = zmq_socket(s->zmq, ZMQ_REP);
    if (s->zap && zmq_setsockopt(s->zap, ZMQ_LINGER, &none, sizeof none) == 0 &&
        zmq_bind(s->zap, "inproc://zeromq.zap.01") == 0)
        return true;
    return err_set(e, ERR_INTERNAL, "ZAP: %s", zmq_strerror(zmq_errno()));
}

static bool receive(void *socket, question *q) {
    int more = 1;
    size_t size = sizeof more;
    q->frames = 0;
    for (bool first = true; more; first = false) {
        char spare[ZAP_FRAME_BYTES];
        char *into = q->frames < ZAP_FRAMES ? q->bytes[q->frames] : spare;
        int n = zmq_recv(socket, into, ZAP_FRAME_BYTES, first ? ZMQ_DONTWAIT : 0);
        if (n < 0) return false;
        if (q->frames < ZAP_FRAMES) q->n[q->frames] = n < ZAP_FRAME_BYTES ? (size_t)n : ZAP_FRAME_BYTES;
        q->frames++;
        if (zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size) != 0) return false;
    }
    return true;
}

/* The User-Id of a key: an agent's id, or its token; empty: not let in. */
static void user_of(service *s, txn *t, const uint8_t *key, buf *user) {
    agent_token token;
    agent a;
    switch (agent_by_key(t, key, &token, &a)) {
    case KEY_AGENT:
        if (a.state == AGENT_ACTIVE || a.state == AGENT_HELD) buf_add(user, a.id);
        break;
    case KEY_TOKEN:
        if (token.used_by.n == 0 && service_now(s) >= token.expires_ms) break;
        buf_addz(user, "token:");
        hex_put(user, key, AGENT_KEY_SIZE);
        break;
    case KEY_UNKNOWN: break;
    }
}

static bool well_formed(const question *q) {
    return q->frames == ZAP_FRAMES && str_is(str_from(q->bytes[ZAP_VERSION], q->n[ZAP_VERSION]), "1.0") &&
           str_is(str_from(q->bytes[ZAP_MECHANISM], q->n[ZAP_MECHANISM]), "CURVE") && q->n[ZAP_KEY] == AGENT_KEY_SIZE;
}

/* "300" asks to come again later: libzmq cuts without a word, and the agent backs off. */
static void reply(void *socket, const question *q, str user, bool rests) {
    const char *status = rests ? "300" : user.n ? "200" : "400";
    const char *text = rests ? "cut a while ago" : user.n ? "OK" : "unknown key";
    if (rests) user = STR("");
    size_t id = q->frames > ZAP_ID ? q->n[ZAP_ID] : 0;
    (void)zmq_send(socket, "1.0", 3, ZMQ_SNDMORE);
    (void)zmq_send(socket, q->bytes[ZAP_ID], id, ZMQ_SNDMORE);
    (void)zmq_send(socket, status, 3, ZMQ_SNDMORE);
    (void)zmq_send(socket, text, strlen(text), ZMQ_SNDMORE);
    (void)zmq_send(socket, user.p, user.n, ZMQ_SNDMORE);
    (void)zmq_send(socket, "", 0, 0);
}

void zap_serve(service *s) {
    AUTO(txn) *t = NULL;
    question q;
    err e;
    while (receive(s->zap, &q)) {
        AUTO(buf) user = {0};
        if (t == NULL && !txn_begin(s->db, TXN_READ, &t, &e)) service_die("store.failed", &e);
        if (well_formed(&q)) user_of(s, t, (const uint8_t *)q.bytes[ZAP_KEY], &user);
        reply(s->zap, &q, buf_str(&user), offenders_hold(&s->peers.offenders, buf_str(&user), mono_ms()));
    }
}
