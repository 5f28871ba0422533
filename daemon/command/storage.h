/* storage — is there room? Uploads stop at LIMIT_STORE_PERCENT of the map or of the disk; reads and commands go on.
 * Decided by asking, not by an error: a full disk has many faces. */
#ifndef COMMAND_STORAGE_H
#define COMMAND_STORAGE_H

#include "kv/kv.h"

typedef struct storage {
    uint64_t map_used, map_size, disk_free, disk_size;
} storage;

MUST_USE bool storage_look(kv *db, const char *dir, storage *out, err *e);
bool storage_is_full(const storage *s);
/** Batches held aside in DIR/poison because they stopped the daemon. */
size_t storage_held(const char *dir);

#endif
