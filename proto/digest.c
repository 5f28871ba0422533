#include "proto/digest.h"

#include <sodium.h>

void digest_of(str bytes, uint8_t out[static DIGEST_SIZE]) {
    digest_of_parts(&bytes, 1, out);
}

void digest_of_parts(const str *parts, size_t n, uint8_t out[static DIGEST_SIZE]) {
    crypto_generichash_state st;
    (void)crypto_generichash_init(&st, NULL, 0, DIGEST_SIZE);
    for (size_t i = 0; i < n; i++) (void)crypto_generichash_update(&st, (const uint8_t *)parts[i].p, parts[i].n);
    (void)crypto_generichash_final(&st, out, DIGEST_SIZE);
}

void sha256_of(str bytes, uint8_t out[static DIGEST_SIZE]) {
    (void)crypto_hash_sha256(out, (const uint8_t *)bytes.p, bytes.n);
}

void hex_put(buf *b, const uint8_t *p, size_t n) {
    for (size_t i = 0; i < n; i++) buf_printf(b, "%02x", p[i]);
}

bool hex_parse(str s, uint8_t *out, size_t n) {
    if (s.n != 2 * n) return false;
    for (size_t i = 0; i < n; i++) {
        unsigned v = 0;
        for (size_t k = 0; k < 2; k++) {
            char c = s.p[2 * i + k];
            unsigned d = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                                                : 99;
            if (d == 99) return false;
            v = v << 4 | d;
        }
        out[i] = (uint8_t)v;
    }
    return true;
}
