/* curve_peer — a ZMTP 3.1 client on a plain socket, CURVE done by hand with libsodium: it can say what libzmq never
 * would. Blocking, one connection, for the hostile peers of tests/fault only. */
#ifndef TESTS_FAULT_CURVE_PEER_H
#define TESTS_FAULT_CURVE_PEER_H

#include "base/str.h"

typedef struct curve_keys {
    uint8_t server[32];
    uint8_t public[32], secret[32];
} curve_keys;

typedef struct peer {
    int fd;
    uint8_t session_key[32]; /* precomputed with the server's short-term key, once the handshake is done */
    uint64_t nonce;
    uint64_t sent; /* bytes handed to the kernel */
} peer;

/** Keys of an agent's home (agent.secret, server.pub; Z85), or of the server only with a fresh random key of our own.
 */
bool curve_keys_read(const char *home, bool own_key, curve_keys *out);
/** Connect; sends and receives give up after a second. */
bool peer_connect(peer *p, const char *host, uint16_t port);
void peer_close(peer *p);
/** All bytes; false when the other side is gone. Gives up at `until_ms` (monotonic). */
bool peer_send(peer *p, const void *bytes, size_t n, int64_t until_ms);
/** Exactly n bytes. */
bool peer_receive(peer *p, void *bytes, size_t n);
/** Throw away what has come; false when the other side has closed. */
bool peer_drain(peer *p);
/** The 64 bytes of a greeting. */
void zmtp_greeting(const char *mechanism, uint8_t out[static 64]);
/** Greeting and CURVE HELLO; the box is right only when the server key is. */
bool peer_hello(peer *p, const curve_keys *k, uint8_t short_public[static 32], uint8_t short_secret[static 32]);
/** The whole handshake up to READY. */
bool peer_handshake(peer *p, const curve_keys *k);
/** One frame, boxed, as a message; `more` says that another part follows. */
bool peer_message(peer *p, str payload, bool more, int64_t until_ms);

#endif
