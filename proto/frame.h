/* frame — message types and the three bytes before each message; decoding of everything but batches.
 * A frame is checked before it is unpacked (sizes, counts of repeated and unknown fields), then unpacked into a capped
 * arena: there is nothing to free and nothing a peer can make us allocate beyond LIMIT_DECODE_BYTES. */
#ifndef PROTO_FRAME_H
#define PROTO_FRAME_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include <protobuf-c/protobuf-c.h>

enum { FRAME_MAGIC = 'C', FRAME_PROTO = 1, FRAME_HEADER = 3 };

/* enum, number, wire message; upper half: daemon → agent */
#define FRAME_TYPES(X)                                                                                                 \
    X(FRAME_HELLO, 1, hello)                                                                                           \
    X(FRAME_WANT, 2, want)                                                                                             \
    X(FRAME_BEAT, 3, beat)                                                                                             \
    X(FRAME_ENROLL, 4, enroll)                                                                                         \
    X(FRAME_BATCH, 5, batch)                                                                                           \
    X(FRAME_ASK, 6, ask)                                                                                               \
    X(FRAME_WELCOME, 65, welcome)                                                                                      \
    X(FRAME_GRANT, 66, grant)                                                                                          \
    X(FRAME_ACK, 67, ack)                                                                                              \
    X(FRAME_NEED, 68, need)                                                                                            \
    X(FRAME_BUSY, 69, busy)                                                                                            \
    X(FRAME_HELD, 70, held)                                                                                            \
    X(FRAME_REFUSED, 71, refused)                                                                                      \
    X(FRAME_ENROLLED, 72, enrolled)                                                                                    \
    X(FRAME_ANSWER, 73, answer)

typedef enum frame_type {
#define X(type, no, message) type = no,
    FRAME_TYPES(X)
#undef X
} frame_type;

typedef enum receipt_status { RECEIPT_ACCEPTED, RECEIPT_REFUSED, RECEIPT_HELD } receipt_status;
typedef enum busy_reason { BUSY_STORAGE = 1, BUSY_LOAD = 2 } busy_reason;
typedef enum refuse_reason {
    REFUSE_REVOKED = 1,
    REFUSE_UPGRADE = 2,
    REFUSE_UNKNOWN = 3,
    REFUSE_PROTOCOL = 4
} refuse_reason;

/** Type and payload of a received frame. */
MUST_USE bool frame_open(str frame, frame_type *type, str *payload, err *e);
/** Append header and message to out. */
void frame_put(buf *out, frame_type type, const ProtobufCMessage *m);
/** Append a header for a payload that is encoded already (a batch). */
void frame_put_header(buf *out, frame_type type);

/** Unpack with the checks above; the message lives in `a`. NULL and *e on anything malformed, too big, too many, nested
 *  deeper than 3, a field twice, a string that is not clean UTF-8 (TAB, LF, CR may be in it). Used for wire and journal
 *  messages alike: `repeated_max` bounds every repeated field. */
ProtobufCMessage *message_unpack(const ProtobufCMessageDescriptor *d, str bytes, size_t repeated_max, arena *a, err *e);
/** Append the packed message. */
void message_pack(buf *out, const ProtobufCMessage *m);

#endif
