/* keys — the daemon's own CURVE key pair: DIR/server.secret and DIR/server.pub (Z85 and a line feed, mode 0600). */
#ifndef SERVICE_KEYS_H
#define SERVICE_KEYS_H

#include "base/err.h"

enum { Z85_KEY = 41 }; /* 40 letters and NUL */

typedef struct server_keys {
    char secret[Z85_KEY], public_key[Z85_KEY];
} server_keys;

/** Load, or make at the first start (the two files belong together: one alone is refused). */
MUST_USE bool keys_load(const char *dir, server_keys *out, err *e);

#endif
