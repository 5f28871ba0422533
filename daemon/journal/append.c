#include "daemon/journal/apply.h"
#include "daemon/journal/journal.h"

#include "daemon/store/keys.h"
#include "daemon/store/store.h"
#include "proto/frame.h"
#include "proto/journal.pb-c.h"
#include <inttypes.h>

static const uint8_t no_hash[DIGEST_SIZE];

const char *entry_kind_name(uint16_t kind) {
    switch (kind) {
#define X(k, no, name, message)                                                                                        \
    case k: return name;
        ENTRY_KINDS(X)
#undef X
    default: return "?";
    }
}

void journal_hash(const entry *en, uint8_t out[static DIGEST_SIZE]) {
    uint8_t head[8 + 8 + 2 + 1];
    put_be64(head, en->seq);
    put_be64(head + 8, (uint64_t)en->time_ms);
    put_be16(head + 16, en->kind);
    head[18] = (uint8_t)en->actor.n;
    const str parts[] = {str_from(en->prev, DIGEST_SIZE), str_from(head, sizeof head), en->actor, en->body};
    digest_of_parts(parts, ARRAY_LEN(parts), out);
}

bool journal_get(txn *t, uint64_t seq, entry *out) {
    key k = {.n = 0};
    str stored;
    key_u64(&k, seq);
    return kv_get(t, TABLE_JOURNAL, key_str(&k), &stored) && entry_decode(seq, stored, out);
}

static bool newest(txn *t, entry *out) {
    AUTO(kv_cursor) c = kv_back(t, TABLE_JOURNAL, STR(""), STR_NONE);
    return kv_next(&c) && c.key.n == 8 && entry_decode(get_be64(c.key.p), c.val, out);
}

void journal_head(txn *t, uint64_t *seq, int64_t *time_ms, uint8_t hash[static DIGEST_SIZE]) {
    entry last = {.hash = no_hash};
    (void)newest(t, &last);
    *seq = last.seq;
    *time_ms = last.time_ms;
    memcpy(hash, last.hash, DIGEST_SIZE);
}

/* Applied first: an applier that refuses has written nothing, and the entry is not kept either. */
static bool apply_and_keep(txn *t, const entry *en, apply_result *r, err *e) {
    AUTO(buf) stored = {0};
    key k = {.n = 0};
    TRY(journal_apply(t, en, r, e));
    key_u64(&k, en->seq);
    entry_encode(&stored, en);
    kv_append(t, TABLE_JOURNAL, key_str(&k), buf_str(&stored));
    return txn_ok(t, e);
}

enum { RESULT_BYTES = 16 * 1024 * 1024 };

static bool append(txn *t, uint16_t kind, int64_t now_ms, str actor, str body, apply_result *result, uint64_t *seq,
                   err *e) {
    uint8_t prev[DIGEST_SIZE], hash[DIGEST_SIZE];
    entry en = {.kind = kind, .actor = actor, .prev = prev, .hash = hash, .body = body};
    if (actor.n > ENTRY_ACTOR_MAX)
        return err_set(e, ERR_USAGE, "the actor's name has more than %d bytes", ENTRY_ACTOR_MAX);
    journal_head(t, &en.seq, &en.time_ms, prev);
    TRY(txn_ok(t, e));
    en.seq++;
    if (now_ms > en.time_ms) en.time_ms = now_ms;
    journal_hash(&en, hash);
    TRY(apply_and_keep(t, &en, result, e));
    if (seq) *seq = en.seq;
    return true;
}

bool journal_append(txn *t, const command_entry *c, apply_result *result, uint64_t *seq, err *e) {
    AUTO(buf) body = {0};
    AUTO(arena) a = {0};
    apply_result own = {.a = &a};
    arena_init(&a, RESULT_BYTES);
    message_pack(&body, c->body);
    return append(t, (uint16_t)c->kind, c->now_ms, c->actor, buf_str(&body), result ? result : &own, seq, e);
}

bool journal_append_packed(txn *t, uint16_t kind, int64_t now_ms, str actor, str body, apply_result *result, err *e) {
    return append(t, kind, now_ms, actor, body, result, NULL, e);
}

bool journal_genesis(txn *t, int64_t now_ms, err *e) {
    entry last;
    if (newest(t, &last)) return true;
    Entry__Genesis body = ENTRY__GENESIS__INIT;
    body.database = store_db_epoch(t);
    body.version = (char *)(uintptr_t)CHANNELD_VERSION;
    return journal_append(t, &(command_entry){KIND_GENESIS, now_ms, STR("system"), &body.base}, NULL, NULL, e);
}

bool journal_adopt(txn *t, const entry *en, apply_result *result, err *e) {
    uint64_t seq;
    int64_t time_ms;
    uint8_t head[DIGEST_SIZE], hash[DIGEST_SIZE];
    journal_head(t, &seq, &time_ms, head);
    TRY(txn_ok(t, e));
    if (en->seq != seq + 1)
        return err_set(e, ERR_DIFFERS, "entry %" PRIu64 " is missing: %" PRIu64 " follows %" PRIu64, seq + 1, en->seq,
                       seq);
    if (memcmp(en->prev, head, DIGEST_SIZE) != 0)
        return err_set(e, ERR_DIFFERS, "entry %" PRIu64 " does not follow entry %" PRIu64 ": the chain is broken",
                       en->seq, seq);
    journal_hash(en, hash);
    if (memcmp(en->hash, hash, DIGEST_SIZE) != 0)
        return err_set(e, ERR_DIFFERS, "entry %" PRIu64 " was changed: its hash is not that of its bytes", en->seq);
    if (en->time_ms < time_ms) return err_set(e, ERR_DIFFERS, "entry %" PRIu64 ": its time runs backwards", en->seq);
    if (apply_and_keep(t, en, result, e)) return true;
    return err_wrap(e, "entry %" PRIu64 " (%s)", en->seq, entry_kind_name(en->kind));
}
