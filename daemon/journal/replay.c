#include "daemon/journal/steps.h"

#include "daemon/store/keys.h"
#include "daemon/store/store.h"
#include "proto/limits.h"

enum { RESULT_BYTES = 16 * 1024 * 1024, SLICE_ENTRIES = 4096 };

bool journal_step(const journal_watch *w, const char *what, uint64_t done, uint64_t total, err *e) {
    if (w == NULL || w->step == NULL || w->step(w->arg, what, done, total)) return true;
    return err_set(e, ERR_RETRY, "stopped");
}

static bool adopt(txn *to, const entry *en, arena *a, err *e) {
    apply_result r = {.a = a};
    arena_reset(a);
    return journal_adopt(to, en, &r, e);
}

/* One transaction's worth of entries. *next moves on. */
static bool replay_some(txn *from, kv *to, uint64_t *next, uint64_t last, arena *a, err *e) {
    AUTO(txn) *t = NULL;
    size_t bytes = 0, n = 0;
    entry en;
    TRY(txn_begin(to, TXN_WRITE, &t, e));
    for (; *next <= last && bytes < LIMIT_GROUP_BYTES && n < SLICE_ENTRIES; (*next)++, n++) {
        if (!journal_get(from, *next, &en))
            return txn_ok(from, e) && err_set(e, ERR_DIFFERS, "entry %llu is missing", (unsigned long long)*next);
        TRY(adopt(t, &en, a, e));
        bytes += en.body.n;
    }
    return txn_commit(&t, e);
}

static bool heads(kv *from, kv *to, uint64_t *there, uint64_t *here, err *e) {
    AUTO(txn) *f = NULL;
    AUTO(txn) *t = NULL;
    uint8_t hash[DIGEST_SIZE];
    int64_t time_ms;
    TRY(txn_begin(from, TXN_READ, &f, e));
    TRY(txn_begin(to, TXN_READ, &t, e));
    journal_head(f, there, &time_ms, hash);
    journal_head(t, here, &time_ms, hash);
    return txn_ok(f, e) && txn_ok(t, e);
}

bool journal_replay(kv *from, kv *to, uint64_t last, const journal_watch *w, err *e) {
    AUTO(txn) *f = NULL;
    AUTO(arena) a = {0};
    uint64_t there, here;
    arena_init(&a, RESULT_BYTES);
    TRY(heads(from, to, &there, &here, e));
    if (last && last < there) there = last;
    TRY(txn_begin(from, TXN_READ, &f, e));
    for (uint64_t next = here + 1; next <= there;) {
        TRY(replay_some(f, to, &next, there, &a, e));
        TRY(journal_step(w, "replay", next - 1, there, e));
        TRY(txn_renew(f, e));
    }
    return true;
}
