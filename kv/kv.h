/* kv — LMDB, once. Nobody above sees MDB_ anything. One environment a process and folder, default sync only.
 *
 * A transaction has a sticky error: after a failure reads find nothing and writes do nothing, and txn_commit() reports
 * the first failure. So bodies read top to bottom and look once. `kv_get` false therefore means "not there", unless
 * txn_ok() says the transaction has failed.
 *
 * Values read are borrowed from the map: they die with the transaction, or at the next write in it.
 * No DUPSORT, no nested transactions, no deleting through cursors (LMDB 0.9.24; docs/reliability). */
#ifndef KV_KV_H
#define KV_KV_H

#include "base/buf.h"
#include "base/err.h"

typedef struct kv kv;
typedef struct txn txn;
typedef uint32_t kv_table; /* index into the names given to kv_open */
typedef enum txn_mode { TXN_READ, TXN_WRITE } txn_mode;

typedef struct kv_options {
    const char *const *tables; /* names, index = kv_table */
    size_t table_count;
    uint64_t map_size; /* bytes, sparse; 0 with read_only: as the writer made it */
    bool read_only;
    unsigned max_readers; /* 0: 126 */
} kv_options;

/** Open or create DIR/data.mdb (mode 0600). A new file is made so that a crash leaves none or a whole one. Refuses
 *  network file systems. ERR_NOT_FOUND: read_only and absent. */
MUST_USE bool kv_open(const char *dir, const kv_options *o, kv **out, err *e);
void kv_close(kv *db); /* no transaction may be open */

MUST_USE bool txn_begin(kv *db, txn_mode mode, txn **out, err *e);
/** Consumes the transaction whatever happens; every walk in it must have ended. After a false return with ERR_FULL, or
 *  with the failure that txn_ok() told before, nothing was stored. After any other the outcome is unknown: stop,
 * restart, verify. */
MUST_USE bool txn_commit(txn **t, err *e);
void txn_abort(txn **t);
void txn_auto(txn **t); /* AUTO(txn) *t: aborts what was not committed */
/** No failure so far; else describes it (e may be NULL). */
bool txn_ok(const txn *t, err *e);
/** Make the transaction fail (a record that cannot be decoded); keeps the first failure. */
void txn_fail(txn *t, const err *why);
/** Let the process forget the pages of the file that it looked at, now and then during something that looks at very many.
 *  What is wanted again is read again; values that were borrowed stay good. */
void txn_rest(const txn *t);
/** A read transaction let go and taken again at the newest state (for walks in slices). */
MUST_USE bool txn_renew(txn *t, err *e);

bool kv_get(txn *t, kv_table table, str key, str *val);
void kv_put(txn *t, kv_table table, str key, str val);
/** Put at the end: key must be greater than all in the table. */
void kv_append(txn *t, kv_table table, str key, str val);
/** Room of n bytes for the value of key, to be filled before the next call on t; NULL when t has failed. */
void *kv_reserve(txn *t, kv_table table, str key, size_t n);
/** True when it was there. */
bool kv_del(txn *t, kv_table table, str key);
uint64_t kv_count(txn *t, kv_table table);
void kv_clear(txn *t, kv_table table);

/* A walk in key order. for (AUTO(kv_cursor) c = kv_from(t, T, prefix, start); kv_next(&c);) … c.key, c.val.
 * Writes to the table end a walk's validity: collect first, then write. Ended by its last kv_next; AUTO or kv_end()
 * when left early. */
enum { KV_PREFIX = 128 }; /* bytes of a walk's prefix */
typedef struct kv_cursor {
    void *mc;
    txn *t;
    str key, val;
    uint8_t prefix[KV_PREFIX];
    size_t prefix_n;
    bool started, backward;
} kv_cursor;
/** All keys that begin with `prefix`, from `start` (≥ prefix; STR_NONE: from the first). */
kv_cursor kv_from(txn *t, kv_table table, str prefix, str start);
/** The same backwards, from the last key ≤ `start` (STR_NONE: from the last with the prefix). */
kv_cursor kv_back(txn *t, kv_table table, str prefix, str start);
bool kv_next(kv_cursor *c);
void kv_end(kv_cursor *c);
void kv_cursor_auto(kv_cursor *c);

/* A place in a table that moves with its calls: gets and puts in key order find what they look for near the one before,
 * without a walk from the root. Let go (AUTO or kv_point_end) before the transaction ends and before kv_del in its
 * table. */
typedef struct kv_point {
    void *mc;
    txn *t;
    kv_table table;
} kv_point;
kv_point kv_point_at(txn *t, kv_table table);
bool kv_point_get(kv_point *p, str key, str *val);
void kv_point_put(kv_point *p, str key, str val);
void kv_point_end(kv_point *p);
void kv_point_auto(kv_point *p);

/* What the writer remembers of the database from one write transaction to the next: made of some of the first 64 tables (a bit each),
 * forgotten when one of them is written to or a write transaction is aborted. It stays readable until another takes its
 * place. One a database. */
void *kv_memory(txn *t); /* NULL: none, or forgotten */
void kv_remember(txn *t, void *what, uint64_t made_of, void (*drop)(void *what));

typedef struct kv_stats {
    uint64_t map_size, used_bytes, last_txn;
    unsigned readers;           /* read transactions open, of all processes */
    uint64_t oldest_reader_lag; /* transactions between the oldest reader and the newest commit */
} kv_stats;
MUST_USE bool kv_stat(kv *db, kv_stats *out, err *e);
/** Forget readers of processes that died; number of them in *n. */
MUST_USE bool kv_reader_check(kv *db, int *n, err *e);
/** A compacted, consistent copy into an empty folder that exists, fsynced; while others read and write. */
MUST_USE bool kv_copy(kv *db, const char *to_dir, err *e);

#endif
