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

#endif
