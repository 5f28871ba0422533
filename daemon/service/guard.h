/* guard — what a connection may have put into our memory. libzmq bounds messages, not their parts: an endless
 * multi-part message never reaches its high-water mark (docs/protocol.md). So every connection has a budget: what was
 * delivered from it, what it was granted, and a slack; who received more is cut.
 * Pure arithmetic, and the two calls that ask and cut a socket. */
#ifndef SERVICE_GUARD_H
#define SERVICE_GUARD_H

#include "proto/limits.h"
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    GUARD_MS = 50,       /* between two looks */
    GUARD_ALL_MS = 1000, /* between two looks at every connection while memory does not grow */
    GUARD_GROWTH = 2 * 1024 * 1024,
    GUARD_FRAME_BYTES = 64,  /* wire bytes around a frame: CURVE's box, header, nonce */
    GUARD_BYTES_SECOND = 32, /* heartbeats */
};

typedef struct guard {
    int64_t since_ms;             /* accepted, monotonic */
    uint64_t delivered;           /* wire bytes of messages that reached us */
    uint64_t said;                /* wire bytes of messages given to it */
    uint64_t taken;               /* what of them its side had taken when that last changed, */
    int64_t taken_ms;             /* and when that was, or when there was little */
    bool heard;                   /* its handshake is done: a message came */
    struct sockaddr_storage peer; /* at accepting: an fd may be used again */
} guard;

void guard_begin(guard *g, int fd, int64_t now_ms);
void guard_delivered(guard *g, uint64_t bytes);
/** May a connection that received `received` wire bytes, with `granted` bytes of credit out, stay? */
bool guard_within(const guard *g, uint64_t received, uint64_t granted, int64_t now_ms);
/** A message of n bytes was given to libzmq to be sent. */
void guard_said(guard *g, uint64_t n);
/** Bytes given to it that its side had not taken when it had taken `taken` in all. */
uint64_t guard_unread(const guard *g, uint64_t taken);
/** More than LIMIT_UNREAD_BYTES wait for it, and for LIMIT_UNREAD_MS it took nothing. Asked at every look. */
bool guard_stalled(guard *g, uint64_t taken, int64_t now_ms);
/** Not heard for too long. */
bool guard_late(const guard *g, int64_t now_ms);

/** Wire bytes the kernel received on fd, and those the other side acknowledged; false: not a TCP connection any more. */
bool guard_counts(int fd, uint64_t *received, uint64_t *taken);
/** Bytes of memory that this process holds for itself, files apart; 0: cannot be told. */
uint64_t guard_memory(void);
/** Cut the connection (libzmq notices and closes); only when it is still the same peer. */
void guard_cut(const guard *g, int fd);

#endif
