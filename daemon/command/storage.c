#include "daemon/command/storage.h"

#include "proto/limits.h"
#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>

bool storage_look(kv *db, const char *dir, storage *out, err *e) {
    kv_stats k;
    struct statvfs fs;
    TRY(kv_stat(db, &k, e));
    if (statvfs(dir, &fs) != 0) return err_set(e, ERR_INTERNAL, "%s: %s", dir, strerror(errno));
    *out =
        (storage){k.used_bytes, k.map_size, (uint64_t)fs.f_bavail * fs.f_frsize, (uint64_t)fs.f_blocks * fs.f_frsize};
    return true;
}

bool storage_is_full(const storage *s) {
    uint64_t left = 100 - LIMIT_STORE_PERCENT;
    return s->map_used >= s->map_size / 100 * LIMIT_STORE_PERCENT || s->disk_free < s->disk_size / 100 * left;
}
