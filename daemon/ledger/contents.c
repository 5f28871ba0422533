#include "daemon/ledger/contents.h"

#include "daemon/store/entry.h"
#include "daemon/store/store.h"
#include "proto/frame.h"
#include <inttypes.h>

enum { BODY_BYTES = LIMIT_FRAME_BYTES + 4096 };

const Entry__Upload *contents_upload(txn *t, uint64_t entry_no, arena *a, err *e) {
    key k = {.n = 0};
    str stored;
    entry en;
    key_u64(&k, entry_no);
    if (!kv_get(t, TABLE_JOURNAL, key_str(&k), &stored) || !entry_decode(entry_no, stored, &en)) {
        err_set(e, ERR_INTERNAL, "journal entry %" PRIu64 " cannot be read", entry_no);
        return NULL;
    }
    const ProtobufCMessage *m = message_unpack(&entry__upload__descriptor, en.body, LIMIT_REPEATED, a, e);
    if (m == NULL) err_wrap(e, "journal entry %" PRIu64, entry_no);
    return (const Entry__Upload *)m;
}

static bool walk_part(txn *t, const content_ref *ref, contents_fn fn, void *arg, uint32_t *line, err *e) {
    AUTO(arena) a = {0};
    batch b;
    arena_init(&a, LIMIT_DECODE_BYTES + BODY_BYTES);
    const Entry__Upload *body = contents_upload(t, ref->entry, &a, e);
    if (body == NULL) return false;
    TRY(batch_decode(str_from(body->frame.data, body->frame.len), &a, &b, e));
    for (uint32_t row = b.doc_first[ref->doc]; row < b.doc_first[ref->doc + 1]; row++)
        TRY(fn(arg, &b, row, (*line)++, e));
    return true;
}

bool contents_walk(txn *t, const content *c, contents_fn fn, void *arg, err *e) {
    uint32_t line = 0;
    for (uint32_t i = 0; i < c->refs; i++) TRY(walk_part(t, &c->ref[i], fn, arg, &line, e));
    return true;
}
