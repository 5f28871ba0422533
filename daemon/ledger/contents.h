/* contents — reading back what a document said, from the journal entries that brought it. */
#ifndef LEDGER_CONTENTS_H
#define LEDGER_CONTENTS_H

#include "daemon/ledger/document.h"
#include "proto/batch.h"
#include "proto/journal.pb-c.h"

/** The body of an entry of kind document, in `a`; NULL and *e when it cannot be read. */
const Entry__Upload *contents_upload(txn *t, uint64_t entry_no, arena *a, err *e);

/** Every line of a content in order: `line` counts through all its parts, `row` is the line's row of the batch. False
 *  stops the walk. */
typedef bool (*contents_fn)(void *arg, const batch *b, uint32_t row, uint32_t line, err *e);
MUST_USE bool contents_walk(txn *t, const content *c, contents_fn fn, void *arg, err *e);

/* The batch read last, kept for walks over many documents that came together. {0} is an empty one. */
typedef struct contents_cache {
    arena a;
    uint64_t entry;
    batch b;
} contents_cache;
MUST_USE bool contents_walk_on(txn *t, contents_cache *kept, const content *c, contents_fn fn, void *arg, err *e);
void contents_cache_auto(contents_cache *kept);
/** The same for many contents at once, `which` says of which the line is; an entry is read once however many of them it
 *  brought. The lines of one content come in their order, the contents in no particular one. */
typedef bool (*contents_all_fn)(void *arg, size_t which, const batch *b, uint32_t row, uint32_t line, err *e);
MUST_USE bool contents_walk_all(txn *t, const content *const *list, size_t n, contents_all_fn fn, void *arg, err *e);

#endif
