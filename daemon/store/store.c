#include "daemon/store/store.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/num.h"
#include "daemon/store/keys.h"

#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

const struct store_table_fact store_tables[STORE_TABLE_COUNT] = {
#define X(table, name, sort) [table] = {name, sort},
    STORE_TABLES(X)
#undef X
};

static uint64_t random_epoch(void) {
    uint64_t epoch = 0;
    while (epoch == 0) ASSERT(getrandom(&epoch, sizeof epoch, 0) == (ssize_t)sizeof epoch);
    return epoch;
}

static bool schema_create(txn *t, err *e) {
    store_set_db_epoch(t, random_epoch());
    return txn_ok(t, e);
}

/* Row n brings a folder of schema n to n + 1; all that are needed run in one transaction. */
static bool (*const migrations[])(txn *t, err *e) = {schema_create};
_Static_assert(ARRAY_LEN(migrations) == STORE_SCHEMA, "every schema needs the step that leads to it");

static unsigned schema_of(txn *t) {
    str val;
    int64_t n = 0;
    if (!store_meta(t, "schema", &val) || !dec_parse(val, 0, &n, NULL)) return 0;
    return n < 0 || n > UINT16_MAX ? UINT16_MAX : (unsigned)n;
}

static bool schema_check(txn *t, const char *dir, bool read_only, unsigned *found, err *e) {
    str by;
    *found = schema_of(t);
    TRY(txn_ok(t, e));
    if (*found > STORE_SCHEMA) {
        if (!store_meta(t, "made_by", &by)) by = STR("an unknown version");
        return err_set(e, ERR_CONFIG,
                       "data folder '%s': schema %u, written by channeld %.*s; this is %s and knows "
                       "schema %d: start that version or a newer one",
                       dir, *found, STR_ARG(by), CHANNELD_VERSION, STORE_SCHEMA);
    }
    if (read_only && *found < STORE_SCHEMA)
        return err_set(e, ERR_CONFIG,
                       "data folder '%s': schema %u, this program reads schema %d: start channeld on it "
                       "once, it migrates",
                       dir, *found, STORE_SCHEMA);
    return true;
}

static bool migrate(kv *db, const char *dir, err *e) {
    AUTO(txn) *t = NULL;
    char text[16];
    unsigned schema;
    TRY(txn_begin(db, TXN_WRITE, &t, e));
    TRY(schema_check(t, dir, false, &schema, e));
    if (schema == STORE_SCHEMA) return true;
    for (; schema < STORE_SCHEMA; schema++)
        if (!migrations[schema](t, e)) return err_wrap(e, "data folder '%s': from schema %u", dir, schema);
    (void)snprintf(text, sizeof text, "%u", schema);
    store_set_meta(t, "schema", str_of(text));
    store_set_meta(t, "made_by", str_of(CHANNELD_VERSION));
    return txn_commit(&t, e);
}

static bool check_only(kv *db, const char *dir, err *e) {
    AUTO(txn) *t = NULL;
    unsigned schema;
    TRY(txn_begin(db, TXN_READ, &t, e));
    return schema_check(t, dir, true, &schema, e);
}

bool store_open(const char *dir, uint64_t map_size, bool read_only, kv **out, err *e) {
    const char *names[STORE_TABLE_COUNT];
    for (size_t i = 0; i < STORE_TABLE_COUNT; i++) names[i] = store_tables[i].name;
    kv_options o = {.tables = names, .table_count = STORE_TABLE_COUNT, .map_size = map_size, .read_only = read_only};
    kv *db;
    TRY(kv_open(dir, &o, &db, e));
    if (!(read_only ? check_only(db, dir, e) : migrate(db, dir, e))) {
        kv_close(db);
        return false;
    }
    *out = db;
    return true;
}

void store_discard(const char *dir) {
    static const char *const names[] = {"data.mdb", "lock.mdb", "server.secret", "server.pub"};
    char path[PATH_SIZE];
    err e;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (path_join(path, sizeof path, dir, names[i], &e)) (void)unlink(path);
    (void)rmdir(dir);
}

bool store_meta(txn *t, const char *name, str *val) {
    return kv_get(t, TABLE_META, str_of(name), val);
}

void store_set_meta(txn *t, const char *name, str val) {
    kv_put(t, TABLE_META, str_of(name), val);
}

uint64_t store_db_epoch(txn *t) {
    str val;
    return store_meta(t, "db_epoch", &val) && val.n == 8 ? get_be64(val.p) : 0;
}

void store_set_db_epoch(txn *t, uint64_t epoch) {
    uint8_t raw[8];
    put_be64(raw, epoch);
    store_set_meta(t, "db_epoch", str_from(raw, sizeof raw));
}

/* A key of this deployment, in the operational texts. */
static bool kept_key(txn *t, const char *name, bool make, uint8_t *out, size_t n) {
    str val;
    if (store_meta(t, name, &val) && val.n == n) {
        memcpy(out, val.p, n);
        return true;
    }
    if (!make) return false;
    ASSERT(getrandom(out, n, 0) == (ssize_t)n);
    store_set_meta(t, name, str_from(out, n));
    return true;
}

void store_privacy_key(txn *t, uint8_t out[static STORE_PRIVACY_KEY]) {
    (void)kept_key(t, "privacy_key", true, out, STORE_PRIVACY_KEY);
}

bool store_hook_key(txn *t, bool make, uint8_t out[static STORE_HOOK_KEY]) {
    return kept_key(t, "hook_key", make, out, STORE_HOOK_KEY);
}

uint64_t store_next(txn *t, const char *counter) {
    return store_next_many(t, counter, 1);
}

uint64_t store_next_many(txn *t, const char *counter, uint64_t n) {
    str val;
    uint8_t raw[8];
    uint64_t last = kv_get(t, TABLE_COUNTER, str_of(counter), &val) && val.n == 8 ? get_be64(val.p) : 0;
    put_be64(raw, last + n);
    kv_put(t, TABLE_COUNTER, str_of(counter), str_from(raw, sizeof raw));
    return last + 1;
}
