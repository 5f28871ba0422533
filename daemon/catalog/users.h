/* users — people with a token. The journal and the view hold the token's BLAKE2b-256 only.
 *
 *   user   name → entry u64, disabled u8, token hash 32, role, scope (texts with varint length) */
#ifndef CATALOG_USERS_H
#define CATALOG_USERS_H

#include "base/buf.h"
#include "daemon/store/store.h"

/* Names of roles, in the order of the bits of `role` in command.h. */
extern const char *const user_roles[];
extern const size_t user_role_count;
/** 1 << position, 0: no such role. */
uint32_t user_role_bit(str name);

typedef struct user {
    str name, role, scope;
    uint64_t entry;
    bool disabled;
    const uint8_t *token_hash; /* 32 bytes */
} user;

bool user_get(txn *t, str name, user *out);
/** The user of a token, disabled ones included: the caller refuses those by name. */
bool user_by_token(txn *t, str token, user *out);
bool user_decode(str name, str val, user *out);

#endif
