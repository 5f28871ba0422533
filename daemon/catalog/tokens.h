/* tokens — how users sign in, and further rights to act as a user: API tokens with a scope and an end, links that sign in
 * once. The journal and the views hold hashes only; times are entry time.
 *
 *   user_access   name → entry u64, second factor u8, argon2id text
 *   token         BLAKE2b-256 → entry u64, revoked u8, once u8, expires i64, user, scope (texts with varint length) */
#ifndef CATALOG_TOKENS_H
#define CATALOG_TOKENS_H

#include "daemon/catalog/users.h"

typedef struct user_access {
    uint64_t entry; /* what was signed in before it is signed out */
    bool totp;
    str password; /* as libsodium writes it; "" none: only links and tokens */
} user_access;

/** False: there is none; *out is empty. */
bool user_access_get(txn *t, str name, user_access *out);

typedef struct token {
    const uint8_t *hash; /* 32 bytes */
    uint64_t entry;
    bool revoked, once;
    int64_t expires_ms;
    str user, scope;
} token;

bool token_decode(str hash, str val, token *out);
bool token_by_hash(txn *t, str hash, token *out);
/** By the text that was printed once. Revoked and ended ones are found too: the caller refuses those by name. */
bool token_by_text(txn *t, str text, token *out);
/** What a token is called in lists: the first 8 bytes of its hash in hex. */
enum { TOKEN_ID = 16 };
void token_id(const token *k, char out[static TOKEN_ID + 1]);
/** The one token called so. */
bool token_by_id(txn *t, str id, token *out);

#endif
