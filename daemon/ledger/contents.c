#include "daemon/ledger/contents.h"

#include "daemon/store/entry.h"
#include "daemon/store/store.h"
#include "proto/frame.h"
#include <inttypes.h>
#include <stdlib.h>

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

static const batch *batch_of(txn *t, contents_cache *kept, uint64_t entry_no, err *e) {
    if (kept->entry == entry_no) return &kept->b;
    kept->entry = 0;
    arena_free(&kept->a);
    arena_init(&kept->a, LIMIT_DECODE_BYTES + BODY_BYTES);
    const Entry__Upload *body = contents_upload(t, entry_no, &kept->a, e);
    if (body == NULL || !batch_decode(str_from(body->frame.data, body->frame.len), &kept->a, &kept->b, e)) return NULL;
    kept->entry = entry_no;
    return &kept->b;
}

bool contents_walk_on(txn *t, contents_cache *kept, const content *c, contents_fn fn, void *arg, err *e) {
    uint32_t line = 0;
    for (uint32_t i = 0; i < c->refs; i++) {
        uint32_t doc = c->ref[i].doc;
        const batch *b = batch_of(t, kept, c->ref[i].entry, e);
        if (b == NULL) return false;
        for (uint32_t row = b->doc_first[doc]; row < b->doc_first[doc + 1]; row++) TRY(fn(arg, b, row, line++, e));
    }
    return true;
}

void contents_cache_auto(contents_cache *kept) {
    arena_free(&kept->a);
}

bool contents_walk(txn *t, const content *c, contents_fn fn, void *arg, err *e) {
    AUTO(contents_cache) once = {.entry = 0};
    return contents_walk_on(t, &once, c, fn, arg, e);
}
