#include "base/str.h"

int str_cmp(str a, str b) {
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool str_ieq(str a, str b) {
    if (a.n != b.n) return false;
    for (size_t i = 0; i < a.n; i++)
        if (lower(a.p[i]) != lower(b.p[i])) return false;
    return true;
}

bool str_starts(str s, str prefix) {
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

bool str_ends(str s, str suffix) {
    return s.n >= suffix.n && (suffix.n == 0 || memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0);
}

size_t str_find(str s, str part) {
    if (part.n == 0) return 0;
    const char *at = s.n ? memmem(s.p, s.n, part.p, part.n) : NULL;
    return at ? (size_t)(at - s.p) : SIZE_MAX;
}

bool str_has(str s, str part) {
    return str_find(s, part) != SIZE_MAX;
}

str str_skip(str s, size_t n) {
    if (n > s.n) n = s.n;
    return (str){s.p ? s.p + n : NULL, s.n - n};
}

str str_take(str s, size_t n) {
    return (str){s.p, n < s.n ? n : s.n};
}

static size_t blank_at_start(str s) {
    static const str wide[] = {{"\xe3\x80\x80", 3}, {"\xc2\xa0", 2}, {"\xef\xbb\xbf", 3}};
    if (s.n && strchr(" \t\r\n\v\f", s.p[0]) && s.p[0]) return 1;
    for (size_t i = 0; i < ARRAY_LEN(wide); i++)
        if (str_starts(s, wide[i])) return wide[i].n;
    return 0;
}

static size_t blank_at_end(str s) {
    static const str wide[] = {{"\xe3\x80\x80", 3}, {"\xc2\xa0", 2}, {"\xef\xbb\xbf", 3}};
    if (s.n && strchr(" \t\r\n\v\f", s.p[s.n - 1]) && s.p[s.n - 1]) return 1;
    for (size_t i = 0; i < ARRAY_LEN(wide); i++)
        if (str_ends(s, wide[i])) return wide[i].n;
    return 0;
}

str str_trim(str s) {
    for (size_t n; (n = blank_at_start(s)) > 0;) s = str_skip(s, n);
    for (size_t n; (n = blank_at_end(s)) > 0;) s.n -= n;
    return s;
}

bool str_split(str *rest, char sep, str *piece) {
    if (rest->p == NULL) return false;
    const char *at = rest->n ? memchr(rest->p, sep, rest->n) : NULL;
    if (at == NULL) {
        *piece = *rest;
        *rest = STR_NONE;
        return true;
    }
    *piece = (str){rest->p, (size_t)(at - rest->p)};
    *rest = (str){at + 1, rest->n - piece->n - 1};
    return true;
}

/* Multiply-and-fold over eight bytes at a time (the scheme of wyhash, Wang Yi, public domain). */
uint64_t str_hash(str s) {
    uint64_t h = 0x9e3779b97f4a7c15u ^ (s.n * 0xbf58476d1ce4e5b9u);
    const char *p = s.p;
    size_t n = s.n;
    while (n > 0) {
        uint64_t w = 0;
        size_t k = n < 8 ? n : 8;
        memcpy(&w, p, k);
        unsigned __int128 m = (unsigned __int128)(h ^ w) * 0xa0761d6478bd642fu;
        h = (uint64_t)m ^ (uint64_t)(m >> 64);
        p += k;
        n -= k;
    }
    h ^= h >> 32;
    return h * 0xe7037ed1a0b428dbu;
}

char *str_copy_z(str s, char *out, size_t size) {
    size_t n = s.n < size - 1 ? s.n : size - 1;
    if (n) memcpy(out, s.p, n);
    out[n] = '\0';
    return out;
}

static size_t sequence_length(unsigned char c) {
    return c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;
}

bool utf8_valid(str s) {
    if (s.n == 0) return true; /* STR_NONE has no place to step from */
    const unsigned char *p = (const unsigned char *)s.p, *end = p + s.n;
    while (p < end) {
        if (end - p >= 8) { /* eight ASCII bytes at once */
            uint64_t w;
            memcpy(&w, p, 8);
            if ((w & 0x8080808080808080u) == 0) {
                p += 8;
                continue;
            }
        }
        size_t n = sequence_length(*p);
        if (n == 0 || (size_t)(end - p) < n) return false;
        for (size_t i = 1; i < n; i++)
            if ((p[i] & 0xc0) != 0x80) return false;
        if (n == 3 && ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f))) return false;
        if (n == 4 && ((p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))) return false;
        p += n;
    }
    return true;
}

uint32_t utf8_next(const char **p, const char *end) {
    const unsigned char *u = (const unsigned char *)*p;
    size_t n = sequence_length(*u);
    if (n == 0 || (size_t)((const unsigned char *)end - u) < n) n = 1;
    uint32_t cp = n == 1 ? *u : *u & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++) cp = cp << 6 | (u[i] & 0x3fu);
    *p += n;
    return cp;
}

size_t utf8_put(uint32_t cp, char out[static 4]) {
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    size_t n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, cp >>= 6) out[i] = (char)(0x80 | (cp & 0x3f));
    out[0] = (char)(n == 2 ? 0xc0 | cp : n == 3 ? 0xe0 | cp : 0xf0 | cp);
    return n;
}

bool text_clean(str s) {
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f) return false;
    }
    return true;
}
