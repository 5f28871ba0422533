/* buf — a growable byte buffer. Zero-initialised is empty and valid: `AUTO(buf) b = {0};`. Out of memory aborts, so
 * whoever appends what a peer sent must bound it first (limits.h). */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/str.h"

typedef struct buf {
    char *p;
    size_t n, cap;
} buf;

void buf_reserve(buf *b, size_t extra);
void buf_add(buf *b, str s);
void buf_addz(buf *b, const char *z);
void buf_byte(buf *b, char c);
void buf_printf(buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_be16(buf *b, uint16_t v);
void buf_be32(buf *b, uint32_t v);
void buf_be64(buf *b, uint64_t v);
/** LEB128, as protobuf writes it. */
void buf_varint(buf *b, uint64_t v);
void buf_zigzag(buf *b, int64_t v);
static inline void buf_clear(buf *b) {
    b->n = 0;
}
static inline str buf_str(const buf *b) {
    return (str){b->p, b->n};
}
/** NUL-terminated view of the content; the NUL is not counted. */
const char *buf_z(buf *b);
void buf_free(buf *b);
void buf_auto(buf *b);

/* Fixed big-endian numbers at a place in memory: byte order is numeric order, so keys sort right. */
static inline void put_be16(uint8_t *p, uint16_t v) {
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}
static inline void put_be32(uint8_t *p, uint32_t v) {
    v = __builtin_bswap32(v);
    memcpy(p, &v, 4);
}
static inline void put_be64(uint8_t *p, uint64_t v) {
    v = __builtin_bswap64(v);
    memcpy(p, &v, 8);
}
static inline uint16_t get_be16(const void *p) {
    const uint8_t *u = p;
    return (uint16_t)(u[0] << 8 | u[1]);
}
static inline uint32_t get_be32(const void *p) {
    uint32_t v;
    memcpy(&v, p, 4);
    return __builtin_bswap32(v);
}
static inline uint64_t get_be64(const void *p) {
    uint64_t v;
    memcpy(&v, p, 8);
    return __builtin_bswap64(v);
}

/* A reader over bytes with a sticky failure: read all, then look at `bad` once. */
typedef struct reader {
    const uint8_t *p, *end;
    bool bad;
} reader;

reader reader_of(str s);
uint64_t read_varint(reader *r);
int64_t read_zigzag(reader *r);
uint8_t read_byte(reader *r);
uint32_t read_be32(reader *r);
uint64_t read_be64(reader *r);
str read_bytes(reader *r, size_t n);
/** Varint length, then that many bytes. */
str read_text(reader *r);
/** The counterpart of read_text. */
void buf_text(buf *b, str s);
static inline bool reader_done(const reader *r) {
    return r->bad || r->p == r->end;
}

#endif
