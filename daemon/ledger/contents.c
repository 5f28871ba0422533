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

typedef struct part {
    content_ref ref;
    size_t which;
} part;

static int by_place(const void *x, const void *y) {
    const part *a = x, *b = y;
    if (a->ref.entry != b->ref.entry) return a->ref.entry < b->ref.entry ? -1 : 1;
    return (a->ref.doc > b->ref.doc) - (a->ref.doc < b->ref.doc);
}

static size_t parts_of(const content *const *list, size_t n, part *out) {
    size_t parts = 0;
    for (size_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < list[i]->refs; k++, parts++)
            if (out) out[parts] = (part){list[i]->ref[k], i};
    return parts;
}

/* The parts of a content came one after the other, so in the order of entries its lines are in theirs. */
static bool walk_parts(txn *t, const part *p, size_t parts, uint32_t *line, contents_all_fn fn, void *arg, err *e) {
    AUTO(contents_cache) once = {.entry = 0};
    for (size_t i = 0; i < parts; i++) {
        const batch *b = batch_of(t, &once, p[i].ref.entry, e);
        if (b == NULL) return false;
        for (uint32_t row = b->doc_first[p[i].ref.doc]; row < b->doc_first[p[i].ref.doc + 1]; row++)
            TRY(fn(arg, p[i].which, b, row, line[p[i].which]++, e));
    }
    return true;
}

bool contents_walk_all(txn *t, const content *const *list, size_t n, contents_all_fn fn, void *arg, err *e) {
    size_t parts = parts_of(list, n, NULL);
    part *p = calloc(parts + 1, sizeof *p);
    uint32_t *line = calloc(n + 1, sizeof *line);
    ASSERT(p != NULL && line != NULL);
    (void)parts_of(list, n, p);
    qsort(p, parts, sizeof *p, by_place);
    bool ok = walk_parts(t, p, parts, line, fn, arg, e);
    free(p);
    free(line);
    return ok;
}
