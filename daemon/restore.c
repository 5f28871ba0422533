#include "daemon/restore.h"

#include "base/calendar.h"
#include "base/file.h"
#include "daemon/command/call.h"
#include "daemon/journal/follow.h"
#include "daemon/journal/journal.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { ADOPT_ARENA_BYTES = 64 * 1024 * 1024, ADOPT_A_COMMIT = 256 };

typedef struct progress {
    kv *db;
    txn *t;
    arena a;
    size_t in_txn;
    uint64_t adopted, seen; /* entries taken over; last entry of the followed journal */
    uint64_t missing;       /* commands of people that stand there and could not be taken over */
    bool broken;
    err why;
} progress;

static bool copy_key(const char *from, const char *to, const char *name, err *e) {
    char a[PATH_SIZE], b[PATH_SIZE];
    AUTO(buf) bytes = {0};
    TRY(path_join(a, sizeof a, from, name, e));
    TRY(path_join(b, sizeof b, to, name, e));
    if (!file_exists(a)) return true; /* agents pin the server's key: without it they enrol again */
    TRY(file_read(a, 4096, &bytes, e));
    return file_write(b, buf_str(&bytes), 0600, e);
}

/* The chain says whether an entry belongs here; after the first that does not, what people did is only counted. */
static bool take_over(void *arg, const entry *en, err *e) {
    progress *p = arg;
    apply_result r = {.a = &p->a};
    p->seen = en->seq;
    if (!p->broken) {
        if (p->t == NULL) TRY(txn_begin(p->db, TXN_WRITE, &p->t, e));
        arena_reset(&p->a);
        if (journal_adopt(p->t, en, &r, &p->why)) {
            p->adopted++;
            if (++p->in_txn < ADOPT_A_COMMIT) return true;
            p->in_txn = 0;
            return txn_commit(&p->t, e);
        }
        p->broken = true;
        TRY(txn_ok(p->t, e));
    }
    p->missing += str_starts(en->actor, STR("user:"));
    return true;
}

static bool carry_on(progress *p, const char *journal, err *e) {
    uint64_t seq;
    int64_t time_ms;
    uint8_t head[DIGEST_SIZE];
    TRY(txn_begin(p->db, TXN_WRITE, &p->t, e));
    journal_head(p->t, &seq, &time_ms, head);
    TRY(journal_follow_read(journal, seq + 1, take_over, p, e));
    return p->t == NULL || txn_commit(&p->t, e);
}

static bool mark(kv *db, err *e) {
    AUTO(txn) *t = NULL;
    uint64_t epoch = 0;
    while (epoch == 0)
        if (getrandom(&epoch, sizeof epoch, 0) != (ssize_t)sizeof epoch)
            return err_set(e, ERR_INTERNAL, "getrandom: %s", strerror(errno));
    TRY(txn_begin(db, TXN_WRITE, &t, e));
    store_set_db_epoch(t, epoch);
    return txn_commit(&t, e);
}

static bool say(const progress *p, const restore_order *o, err *e) {
    AUTO(txn) *t = NULL;
    AUTO(buf) when = {0};
    uint64_t seq;
    int64_t time_ms;
    uint8_t head[DIGEST_SIZE];
    TRY(txn_begin(p->db, TXN_READ, &t, e));
    journal_head(t, &seq, &time_ms, head);
    time_put(&when, time_ms, call_zone(t));
    printf("restored to entry %" PRIu64 " of %s", seq, buf_z(&when));
    if (p->adopted) printf(", %" PRIu64 " of them from the followed journal", p->adopted);
    puts("");
    if (o->journal == NULL) {
        printf("commands of people after %s are missing; how many is not known without a followed journal\n",
               buf_z(&when));
    } else if (p->broken) {
        printf("missing: %" PRIu64 " commands of people up to entry %" PRIu64 " (%s)\n", p->missing, p->seen,
               p->why.text);
    } else {
        printf("missing: 0 commands of people that the followed journal knows of; it ends at the same entry\n");
    }
    puts("agents send again what this folder has not seen");
    return true;
}

static bool copy_data(const restore_order *o, const char *dir, err *e) {
    kv *from;
    TRY(store_open(o->from, o->map_bytes, true, &from, e));
    bool ok = kv_copy(from, dir, e);
    kv_close(from);
    return ok;
}

static bool restore_into(const restore_order *o, const char *dir, err *e) {
    progress p = {0};
    TRY(copy_data(o, dir, e));
    TRY(copy_key(o->from, dir, "server.secret", e));
    TRY(copy_key(o->from, dir, "server.pub", e));
    TRY(store_open(dir, o->map_bytes, false, &p.db, e));
    arena_init(&p.a, ADOPT_ARENA_BYTES);
    bool ok = (o->journal == NULL || carry_on(&p, o->journal, e)) && mark(p.db, e) && say(&p, o, e);
    txn_abort(&p.t);
    arena_free(&p.a);
    kv_close(p.db);
    return ok;
}

bool restore_run(const restore_order *o, err *e) {
    char temp[PATH_SIZE], data[PATH_SIZE];
    if (o->from == NULL) return err_set(e, ERR_USAGE, "restore: --from BACKUP is missing");
    TRY(path_join(data, sizeof data, o->data, "data.mdb", e));
    if (file_exists(data))
        return err_set(e, ERR_CONFLICT, "%s: holds data already; restore into an empty folder", o->data);
    int n = snprintf(temp, sizeof temp, "%s.restoring", o->data);
    if (n < 0 || (size_t)n >= sizeof temp) return err_set(e, ERR_USAGE, "--data: path too long");
    store_discard(temp);
    TRY(file_mkdirs(temp, 0700, e));
    bool ok = restore_into(o, temp, e);
    (void)rmdir(o->data); /* an empty one makes room */
    ok = ok && (rename(temp, o->data) == 0 || err_set(e, ERR_CONFLICT, "%s: %s", o->data, strerror(errno)));
    if (!ok) store_discard(temp);
    return ok;
}
