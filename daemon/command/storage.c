#include "daemon/command/storage.h"

#include "base/str.h"
#include "proto/limits.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
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

size_t storage_held(const char *dir) {
    char path[1100];
    size_t n = 0;
    (void)snprintf(path, sizeof path, "%s/poison", dir);
    DIR *d = opendir(path);
    for (const struct dirent *f; d && (f = readdir(d)) != NULL;) n += str_ends(str_of(f->d_name), STR(".batch"));
    if (d) (void)closedir(d);
    return n;
}
