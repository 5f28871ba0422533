#include "kv/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

struct txn {
    kv *db;
    MDB_txn *mt;
    unsigned walks; /* cursors not yet closed */
    bool failed, writes;
    err why;
};

bool txn_begin(kv *db, txn_mode mode, txn **out, err *e) {
    MDB_txn *mt = NULL;
    ASSERT(mode == TXN_READ || !db->read_only);
    TRY(mdb_check(mdb_txn_begin(db->env, NULL, mode == TXN_READ ? MDB_RDONLY : 0, &mt), "cannot begin", e));
    txn *t = calloc(1, sizeof *t);
    ASSERT(t != NULL);
    t->db = db;
    t->mt = mt;
    t->writes = mode == TXN_WRITE;
    *out = t;
    return true;
}

/* A full map shows before anything is written. A full disk or an error of the disk in here may have left the commit
 * done or undone. */
static bool commit(MDB_txn *mt, err *e) {
    int rc = mdb_txn_commit(mt);
    if (rc == 0) return true;
    if (rc == MDB_MAP_FULL) return mdb_check(rc, "cannot commit", e);
    return err_set(e, ERR_INTERNAL, "commit failed, outcome unknown: %s", mdb_strerror(rc));
}

bool txn_commit(txn **at, err *e) {
    txn *t = *at;
    ASSERT(t->walks == 0);
    if (t->failed) {
        *e = t->why;
        txn_abort(at);
        return false;
    }
    *at = NULL;
    bool ok = commit(t->mt, e);
    free(t);
    return ok;
}

void txn_abort(txn **at) {
    if (*at == NULL) return;
    if ((*at)->writes) (*at)->db->memory.made_of = 0;
    mdb_txn_abort((*at)->mt);
    free(*at);
    *at = NULL;
}

void txn_auto(txn **t) {
    txn_abort(t);
}

bool txn_ok(const txn *t, err *e) {
    if (t->failed && e) *e = t->why;
    return !t->failed;
}

void txn_fail(txn *t, const err *why) {
    if (t->failed) return;
    t->failed = true;
    t->why = *why;
}

/* True when rc is 0; else the transaction has failed. */
static bool keep(txn *t, int rc, const char *what) {
    err e;
    if (mdb_check(rc, what, &e)) return true;
    txn_fail(t, &e);
    return false;
}

bool txn_renew(txn *t, err *e) {
    ASSERT(t->walks == 0);
    if (t->failed) return txn_ok(t, e);
    mdb_txn_reset(t->mt);
    return keep(t, mdb_txn_renew(t->mt), "cannot renew") || txn_ok(t, e);
}

void txn_rest(const txn *t) {
    const kv_map *map = map_of(t->db);
    /* clean pages of a file: nothing is lost by it */
    if (map->bytes) (void)madvise(map->at, map->bytes, MADV_DONTNEED);
}

static MDB_dbi dbi_of(const txn *t, kv_table table) {
    ASSERT(table < t->db->tables);
    return t->db->dbi[table];
}

/* The table is about to be written to. */
static MDB_dbi changing(txn *t, kv_table table) {
    if (table < 64 && t->db->memory.made_of >> table & 1) t->db->memory.made_of = 0;
    return dbi_of(t, table);
}

void *kv_memory(txn *t) {
    ASSERT(t->writes);
    return t->db->memory.made_of ? t->db->memory.what : NULL;
}

void kv_remember(txn *t, void *what, uint64_t made_of, void (*drop)(void *what)) {
    kv *db = t->db;
    ASSERT(t->writes && made_of != 0);
    if (db->memory.what) db->memory.drop(db->memory.what);
    db->memory.what = what;
    db->memory.drop = drop;
    db->memory.made_of = made_of;
}

static MDB_val val_of(str s) {
    return (MDB_val){.mv_size = s.n, .mv_data = (void *)(uintptr_t)s.p};
}

static str str_of_val(MDB_val v) {
    return str_from(v.mv_data, v.mv_size);
}

bool kv_get(txn *t, kv_table table, str key, str *val) {
    MDB_val k = val_of(key), v;
    if (t->failed) return false;
    int rc = mdb_get(t->mt, dbi_of(t, table), &k, &v);
    if (rc == MDB_NOTFOUND || !keep(t, rc, "cannot read")) return false;
    *val = str_of_val(v);
    return true;
}

void kv_put(txn *t, kv_table table, str key, str val) {
    MDB_val k = val_of(key), v = val_of(val);
    if (!t->failed) (void)keep(t, mdb_put(t->mt, changing(t, table), &k, &v, 0), "cannot write");
}

void kv_append(txn *t, kv_table table, str key, str val) {
    MDB_val k = val_of(key), v = val_of(val);
    if (!t->failed) (void)keep(t, mdb_put(t->mt, changing(t, table), &k, &v, MDB_APPEND), "cannot append");
}

void *kv_reserve(txn *t, kv_table table, str key, size_t n) {
    MDB_val k = val_of(key), v = {.mv_size = n};
    if (t->failed) return NULL;
    return keep(t, mdb_put(t->mt, changing(t, table), &k, &v, MDB_RESERVE), "cannot write") ? v.mv_data : NULL;
}

bool kv_del(txn *t, kv_table table, str key) {
    MDB_val k = val_of(key);
    if (t->failed) return false;
    int rc = mdb_del(t->mt, changing(t, table), &k, NULL);
    return rc != MDB_NOTFOUND && keep(t, rc, "cannot delete");
}

uint64_t kv_count(txn *t, kv_table table) {
    MDB_stat st;
    return !t->failed && keep(t, mdb_stat(t->mt, dbi_of(t, table), &st), "cannot count") ? st.ms_entries : 0;
}

void kv_clear(txn *t, kv_table table) {
    if (!t->failed) (void)keep(t, mdb_drop(t->mt, changing(t, table), 0), "cannot clear");
}

/* A step of the cursor; false when nothing is there. */
static bool step(kv_cursor *c, MDB_val key, MDB_cursor_op op) {
    MDB_val v;
    c->key = c->val = STR_NONE;
    if (c->t->failed) return false;
    int rc = mdb_cursor_get(c->mc, &key, &v, op);
    if (rc != 0 && (rc == MDB_NOTFOUND || !keep(c->t, rc, "cannot walk"))) return false;
    c->key = str_of_val(key);
    c->val = str_of_val(v);
    return true;
}

static kv_cursor open_walk(txn *t, kv_table table, str prefix, bool backward) {
    kv_cursor c = {.t = t, .prefix_n = prefix.n, .backward = backward};
    MDB_cursor *mc = NULL;
    ASSERT(prefix.n <= sizeof c.prefix);
    if (prefix.n) memcpy(c.prefix, prefix.p, prefix.n);
    if (t->failed || !keep(t, mdb_cursor_open(t->mt, dbi_of(t, table), &mc), "cannot walk")) return c;
    c.mc = mc;
    t->walks++;
    return c;
}

kv_cursor kv_from(txn *t, kv_table table, str prefix, str start) {
    kv_cursor c = open_walk(t, table, prefix, false);
    if (c.mc == NULL) return c;
    if (str_cmp(start, prefix) < 0) start = prefix;
    bool found = start.n ? step(&c, val_of(start), MDB_SET_RANGE) : step(&c, (MDB_val){0}, MDB_FIRST);
    if (!found) kv_end(&c);
    return c;
}

/* The least text greater than every text with this prefix; false when there is none. */
static bool after_prefix(str prefix, uint8_t out[KV_PREFIX], size_t *n) {
    if (prefix.n) memcpy(out, prefix.p, prefix.n);
    for (*n = prefix.n; *n > 0; (*n)--)
        if (out[*n - 1]++ != 0xff) return true;
    return false;
}

/* To the last key < limit, or = limit when that counts. */
static bool step_to(kv_cursor *c, str limit, bool inclusive) {
    if (limit.n == 0) return false;
    if (!step(c, val_of(limit), MDB_SET_RANGE)) return step(c, (MDB_val){0}, MDB_LAST);
    return (inclusive && str_eq(c->key, limit)) || step(c, (MDB_val){0}, MDB_PREV);
}

/* To the last key of the walk's prefix. */
static bool step_to_end(kv_cursor *c) {
    uint8_t after[sizeof c->prefix];
    size_t n;
    if (!after_prefix(str_from(c->prefix, c->prefix_n), after, &n)) return step(c, (MDB_val){0}, MDB_LAST);
    return step_to(c, str_from(after, n), false);
}

kv_cursor kv_back(txn *t, kv_table table, str prefix, str start) {
    kv_cursor c = open_walk(t, table, prefix, true);
    if (c.mc == NULL) return c;
    bool beyond = start.p == NULL || (!str_starts(start, prefix) && str_cmp(start, prefix) > 0);
    bool found = beyond ? step_to_end(&c) : step_to(&c, start, true);
    if (!found) kv_end(&c);
    return c;
}

/* Most walks are of one partner or product: four bytes, compared at once. */
static bool within_prefix(const kv_cursor *c) {
    uint32_t x, y;
    if (c->prefix_n != sizeof x || c->key.n < sizeof x) return str_starts(c->key, str_from(c->prefix, c->prefix_n));
    memcpy(&x, c->key.p, sizeof x);
    memcpy(&y, c->prefix, sizeof y);
    return x == y;
}

bool kv_next(kv_cursor *c) {
    if (c->mc == NULL) return false;
    bool found = !c->started || step(c, (MDB_val){0}, c->backward ? MDB_PREV : MDB_NEXT);
    c->started = true;
    if (found && within_prefix(c)) return true;
    kv_end(c);
    return false;
}

void kv_end(kv_cursor *c) {
    if (c->mc == NULL) return;
    mdb_cursor_close(c->mc);
    c->t->walks--;
    c->mc = NULL;
}

void kv_cursor_auto(kv_cursor *c) {
    kv_end(c);
}

kv_point kv_point_at(txn *t, kv_table table) {
    kv_point p = {.t = t, .table = table};
    MDB_cursor *mc = NULL;
    if (t->failed || !keep(t, mdb_cursor_open(t->mt, dbi_of(t, table), &mc), "cannot walk")) return p;
    p.mc = mc;
    t->walks++;
    return p;
}

bool kv_point_get(kv_point *p, str key, str *val) {
    MDB_val k = val_of(key), v;
    if (p->t->failed) return false;
    int rc = mdb_cursor_get(p->mc, &k, &v, MDB_SET);
    if (rc == MDB_NOTFOUND || !keep(p->t, rc, "cannot read")) return false;
    *val = str_of_val(v);
    return true;
}

void kv_point_put(kv_point *p, str key, str val) {
    MDB_val k = val_of(key), v = val_of(val);
    (void)changing(p->t, p->table);
    if (!p->t->failed) (void)keep(p->t, mdb_cursor_put(p->mc, &k, &v, 0), "cannot write");
}

void kv_point_end(kv_point *p) {
    if (p->mc == NULL) return;
    mdb_cursor_close(p->mc);
    p->t->walks--;
    p->mc = NULL;
}

void kv_point_auto(kv_point *p) {
    kv_point_end(p);
}
