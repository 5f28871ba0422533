/* str — a borrowed piece of bytes: pointer and length, not NUL-terminated, never owned. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include "base/macros.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct str {
    const char *p;
    size_t n;
} str;

#define STR(literal) ((str){"" literal, sizeof(literal) - 1})
#define STR_ARG(s)   (int)(s).n, (s).p /* for "%.*s" */
#define STR_NONE     ((str){NULL, 0})

static inline str str_of(const char *z) {
    return (str){z, z ? strlen(z) : 0};
}
static inline str str_from(const void *p, size_t n) {
    return (str){p, n};
}
static inline bool str_eq(str a, str b) {
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
static inline bool str_is(str a, const char *z) {
    return str_eq(a, str_of(z));
}
/** Bytewise order, shorter first on a tie. */
int str_cmp(str a, str b);
bool str_ieq(str a, str b); /* ASCII letters alike in either case */
bool str_starts(str s, str prefix);
bool str_ends(str s, str suffix);
bool str_has(str s, str part);
/** Byte position of `part` in `s`, or SIZE_MAX. */
size_t str_find(str s, str part);
str str_skip(str s, size_t n); /* without its first n bytes (all when shorter) */
str str_take(str s, size_t n);
/** Without leading and trailing white space: ASCII blanks, U+3000 (ideographic space), U+00A0, U+FEFF. */
str str_trim(str s);
/** Cut the piece up to `sep` off *rest; false when nothing is left. "a;;b" gives a, "", b. An empty *rest with p==NULL
 * ends. */
bool str_split(str *rest, char sep, str *piece);
uint64_t str_hash(str s); /* 64 bits, for tables in memory only: not stable between versions */

/** A NUL-terminated copy in `out` (cut to size-1); returns out. For system calls and printf-likes only. */
char *str_copy_z(str s, char *out, size_t size);

/** Strict UTF-8 (no overlong forms, no surrogates, ≤ U+10FFFF). */
bool utf8_valid(str s);
/** Decode one code point at *p (valid UTF-8, p < end) and advance. */
uint32_t utf8_next(const char **p, const char *end);
/** Write one code point, returns its bytes (1–4). */
size_t utf8_put(uint32_t cp, char out[static 4]);
/** No control characters but TAB, LF, CR. */
bool text_clean(str s);

#endif
