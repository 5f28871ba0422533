#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buf_reserve(buf *b, size_t extra) {
    if (b->cap - b->n >= extra) return;
    size_t need = b->n + extra, cap = b->cap ? b->cap : 64;
    ASSERT(need >= extra);
    while (cap < need) cap *= 2;
    b->p = realloc(b->p, cap);
    ASSERT(b->p != NULL);
    b->cap = cap;
}

void buf_add(buf *b, str s) {
    if (s.n == 0) return;
    buf_reserve(b, s.n);
    memcpy(b->p + b->n, s.p, s.n);
    b->n += s.n;
}

void buf_addz(buf *b, const char *z) {
    buf_add(b, str_of(z));
}

void buf_byte(buf *b, char c) {
    buf_reserve(b, 1);
    b->p[b->n++] = c;
}

void buf_printf(buf *b, const char *fmt, ...) {
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    ASSERT(n >= 0);
    buf_reserve(b, (size_t)n + 1);
    (void)vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
    va_end(again);
    b->n += (size_t)n;
}

void buf_be16(buf *b, uint16_t v) {
    uint8_t t[2];
    put_be16(t, v);
    buf_add(b, str_from(t, sizeof t));
}

void buf_be32(buf *b, uint32_t v) {
    uint8_t t[4];
    put_be32(t, v);
    buf_add(b, str_from(t, sizeof t));
}

void buf_be64(buf *b, uint64_t v) {
    uint8_t t[8];
    put_be64(t, v);
    buf_add(b, str_from(t, sizeof t));
}

void buf_varint(buf *b, uint64_t v) {
    buf_reserve(b, 10);
    while (v >= 0x80) {
        b->p[b->n++] = (char)(v | 0x80);
        v >>= 7;
    }
    b->p[b->n++] = (char)v;
}

void buf_zigzag(buf *b, int64_t v) {
    buf_varint(b, ((uint64_t)v << 1) ^ (uint64_t)(v >> 63));
}

void buf_text(buf *b, str s) {
    buf_varint(b, s.n);
    buf_add(b, s);
}

const char *buf_z(buf *b) {
    buf_reserve(b, 1);
    b->p[b->n] = '\0';
    return b->p;
}

void buf_free(buf *b) {
    free(b->p);
    *b = (buf){0};
}

void buf_auto(buf *b) {
    buf_free(b);
}

reader reader_of(str s) {
    const uint8_t *p = (const uint8_t *)s.p;
    return (reader){.p = p, .end = p ? p + s.n : p};
}

static bool want(reader *r, size_t n) {
    if (r->bad || (size_t)(r->end - r->p) < n) r->bad = true;
    return !r->bad;
}

uint64_t read_varint(reader *r) {
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (!want(r, 1)) return 0;
        uint8_t c = *r->p++;
        v |= (uint64_t)(c & 0x7f) << shift;
        if (c < 0x80) return v;
    }
    r->bad = true;
    return 0;
}

int64_t read_zigzag(reader *r) {
    uint64_t v = read_varint(r);
    return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

uint8_t read_byte(reader *r) {
    return want(r, 1) ? *r->p++ : 0;
}

uint32_t read_be32(reader *r) {
    if (!want(r, 4)) return 0;
    uint32_t v = get_be32(r->p);
    r->p += 4;
    return v;
}

uint64_t read_be64(reader *r) {
    if (!want(r, 8)) return 0;
    uint64_t v = get_be64(r->p);
    r->p += 8;
    return v;
}

str read_bytes(reader *r, size_t n) {
    if (!want(r, n)) return STR_NONE;
    str s = str_from(r->p, n);
    r->p += n;
    return s;
}

str read_text(reader *r) {
    uint64_t n = read_varint(r);
    if (n > (uint64_t)(r->end - r->p)) r->bad = true;
    return r->bad ? STR_NONE : read_bytes(r, (size_t)n);
}
