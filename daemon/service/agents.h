/* agents — the agents' ROUTER: one turn takes what has arrived, up to a group, into one write transaction, commits, and
 * only then acknowledges. */
#ifndef SERVICE_AGENTS_H
#define SERVICE_AGENTS_H

#include "daemon/service/service.h"
#include "proto/frame.h"
#include "proto/wire.pb-c.h"

/* Frames that leave after the turn's commit. */
typedef struct outgoing {
    peer *to; /* lives until the turn is over, also when its connection does not */
    buf frame;
} outgoing;

typedef struct turn {
    service *s;
    txn *t; /* opened by the first that writes */
    arena a;
    size_t batches, lines, bytes;
    int64_t began_us;
    peer *acks; /* peers whose batches are to be acknowledged */
    outgoing *later;
    size_t later_count, later_cap;
    char hold[LIMIT_ID + 1]; /* agent found to have a second holder */
    bool recheck;            /* rights changed: look at every connection again */
    bool full;               /* the store took no more: nothing of this turn holds */
} turn;

/* agents.c */
MUST_USE bool agents_open(service *s, err *e);
void agents_close(service *s);
/** One turn; true when there may be more waiting. */
bool agents_turn(service *s);
/** Rights changed (a command was committed): tell and cut those who lost them. */
void agents_recheck(service *s);
/** Credit to those who wait. */
void agents_grant(service *s);
/** Every connection: expired grants. */
void agents_second(service *s, int64_t now_ms);
/** Last contacts that changed since the last commit. */
void agents_contacts(service *s);
MUST_USE bool turn_write(turn *w, err *e);

/* send.c */
void peer_send(service *s, peer *k, str frame);
void peer_say(service *s, peer *k, frame_type type, const ProtobufCMessage *m);
void peer_send_later(turn *w, peer *k, str frame);
void peer_say_later(turn *w, peer *k, frame_type type, const ProtobufCMessage *m);
void peer_busy(service *s, peer *k, busy_reason why, uint32_t retry_ms, const char *text);
void peer_hold(service *s, peer *k, uint64_t epoch, uint64_t seq, const char *text);
/** Said, and the connection cut a moment later. */
void peer_refuse(service *s, peer *k, refuse_reason why, const char *text);
/** ACK frames with the receipts of some batches; cumulative state as in t. Given to `emit` one by one. */
typedef void (*ack_fn)(void *arg, str frame);
void put_acks(txn *t, str agent_id, const uint64_t *seqs, size_t n, ack_fn emit, void *arg);

/* greet.c: HELLO → WELCOME, and enrolment */
/** NULL, or why the agent must be held. t: a read transaction. */
const char *greet(service *s, txn *t, peer *k);
void take_enroll(turn *w, peer *k, const Wire__Enroll *m);
/** Journal that an agent is held until a person decides, and tell it. In a transaction of its own. */
void hold_agent(service *s, str agent_id, const char *why);

/* ingest.c */
void take_batch(turn *w, peer *k, str payload);

#endif
