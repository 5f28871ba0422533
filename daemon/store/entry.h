/* entry — a journal entry as appliers and readers see it, and its stored form:
 *   prev 32, hash 32, time_ms i64, kind u16, actor length u8, actor, body
 * with seq as the key. */
#ifndef STORE_ENTRY_H
#define STORE_ENTRY_H

#include "base/buf.h"
#include "base/calendar.h"

typedef struct entry {
    uint64_t seq;
    int64_t time_ms;
    uint16_t kind; /* proto/kinds.h */
    str actor;
    str body;
    const uint8_t *prev, *hash; /* 32 bytes each */
} entry;

enum { ENTRY_ACTOR_MAX = 255 };

/** Append the stored form of everything but seq (which is the key). */
void entry_encode(buf *out, const entry *en);
/** The entry in stored bytes; its texts and hashes are borrowed from them. False when they are no entry. */
bool entry_decode(uint64_t seq, str stored, entry *out);

#endif
