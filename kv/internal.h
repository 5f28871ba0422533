/* internal — what the files of kv/ share; not for other rooms. */
#ifndef KV_INTERNAL_H
#define KV_INTERNAL_H

#include "kv/kv.h"
#include <lmdb.h>

/* Where LMDB's file lies in memory. */
typedef struct kv_map {
    bool looked;
    void *at;
    size_t bytes; /* 0: not found */
} kv_map;

struct kv {
    MDB_env *env;
    MDB_dbi *dbi;
    size_t tables;
    bool read_only;
    kv_map map; /* by map_of */
    struct {
        void *what;
        void (*drop)(void *what);
        uint64_t made_of; /* 0: forgotten */
    } memory;
};

/** LMDB's code in our words; true when rc is 0. */
bool mdb_check(int rc, const char *what, err *e);
const kv_map *map_of(kv *db);
/** Name of a file system that LMDB must not live on (locks and maps do not hold there); NULL when it may. */
const char *refused_file_system(uint32_t magic);

#endif
