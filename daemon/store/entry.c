#include "daemon/store/entry.h"

#include "base/macros.h"

enum { HASH_SIZE = 32 };

void entry_encode(buf *out, const entry *en) {
    ASSERT(en->actor.n <= ENTRY_ACTOR_MAX);
    buf_reserve(out, 2 * HASH_SIZE + 11 + en->actor.n + en->body.n);
    buf_add(out, str_from(en->prev, HASH_SIZE));
    buf_add(out, str_from(en->hash, HASH_SIZE));
    buf_be64(out, (uint64_t)en->time_ms);
    buf_be16(out, en->kind);
    buf_byte(out, (char)en->actor.n);
    buf_add(out, en->actor);
    buf_add(out, en->body);
}

bool entry_decode(uint64_t seq, str stored, entry *out) {
    reader r = reader_of(stored);
    str prev = read_bytes(&r, HASH_SIZE), hash = read_bytes(&r, HASH_SIZE);
    *out = (entry){.seq = seq, .prev = (const uint8_t *)prev.p, .hash = (const uint8_t *)hash.p};
    out->time_ms = (int64_t)read_be64(&r);
    unsigned high = read_byte(&r);
    out->kind = (uint16_t)(high << 8 | read_byte(&r));
    out->actor = read_bytes(&r, read_byte(&r));
    if (r.bad) return false;
    out->body = read_bytes(&r, (size_t)(r.end - r.p));
    return true;
}
