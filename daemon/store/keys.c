#include "daemon/store/keys.h"

#include "base/macros.h"

/* Callers bound their texts by limits.h before; a key that does not fit is our own mistake. */
static uint8_t *room(key *k, size_t n) {
    ASSERT(n <= KEY_MAX - k->n);
    uint8_t *at = k->p + k->n;
    k->n += n;
    return at;
}

void key_u8(key *k, uint8_t v) {
    *room(k, 1) = v;
}

void key_u32(key *k, uint32_t v) {
    put_be32(room(k, 4), v);
}

void key_u64(key *k, uint64_t v) {
    put_be64(room(k, 8), v);
}

void key_day(key *k, day_t d) {
    key_u32(k, (uint32_t)d ^ 0x80000000U);
}

void key_bytes(key *k, const void *p, size_t n) {
    uint8_t *at = room(k, n);
    if (n) memcpy(at, p, n);
}

void key_text(key *k, str s) {
    key_bytes(k, s.p, s.n);
}

void key_textz(key *k, str s) {
    ASSERT(s.n == 0 || memchr(s.p, 0, s.n) == NULL);
    key_bytes(k, s.p, s.n);
    key_u8(k, 0);
}

day_t read_day(reader *r) {
    return (day_t)(read_be32(r) ^ 0x80000000U);
}

str read_textz(reader *r) {
    const uint8_t *end = r->bad || r->p == r->end ? NULL : memchr(r->p, 0, (size_t)(r->end - r->p));
    if (!end) {
        r->bad = true;
        return STR_NONE;
    }
    str s = read_bytes(r, (size_t)(end - r->p));
    (void)read_byte(r);
    return s;
}
