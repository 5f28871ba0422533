/* links: proto */
#include "proto/frame.h"
#include "proto/limits.h"

#include <proto/journal.pb-c.h>
#include <proto/wire.pb-c.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const ProtobufCMessageDescriptor *const descriptors[256] = {
#define X(type, no, message) [no] = &wire__##message##__descriptor,
    FRAME_TYPES(X)
#undef X
        [200] = &entry__upload__descriptor,
    [201] = &entry__catalog__descriptor,
    [202] = &entry__repost__descriptor,
};

/* Third byte: which message. What unpacks packs again, and unpacks again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO(arena) a = {0}, b = {0};
    AUTO(buf) again = {0};
    frame_type type;
    str payload;
    err e;
    if (size < FRAME_HEADER || descriptors[data[2]] == NULL) return 0;
    (void)!frame_open(str_from(data, size), &type, &payload, &e);
    payload = str_from(data + FRAME_HEADER, size - FRAME_HEADER);
    arena_init(&a, LIMIT_DECODE_BYTES);
    arena_init(&b, LIMIT_DECODE_BYTES);
    ProtobufCMessage *m = message_unpack(descriptors[data[2]], payload, LIMIT_REPEATED, &a, &e);
    if (m == NULL) return 0;
    message_pack(&again, m);
    if (message_unpack(descriptors[data[2]], buf_str(&again), LIMIT_REPEATED, &b, &e) == NULL) abort();
    return 0;
}
