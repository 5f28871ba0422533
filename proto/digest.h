/* digest — the two hash functions of the house: BLAKE2b-256 for our own chains and contents, SHA-256 for files. */
#ifndef PROTO_DIGEST_H
#define PROTO_DIGEST_H

#include "base/buf.h"

enum { DIGEST_SIZE = 32 };

void digest_of(str bytes, uint8_t out[static DIGEST_SIZE]);
/** Several pieces as one text (no separators are added). */
void digest_of_parts(const str *parts, size_t n, uint8_t out[static DIGEST_SIZE]);
void sha256_of(str bytes, uint8_t out[static DIGEST_SIZE]);
void hex_put(buf *b, const uint8_t *p, size_t n);
bool hex_parse(str s, uint8_t *out, size_t n);

#endif
