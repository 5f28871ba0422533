/* repost — documents whose words were learnt are judged again: taken out of the books and put in anew, each within one
 * journal entry. Which content holds never changes by it. */
#ifndef LEDGER_REPOST_H
#define LEDGER_REPOST_H

#include "base/arena.h"
#include "kv/kv.h"
#include "proto/journal.pb-c.h"

/** The next documents that wait for a word which was learnt, at most LIMIT_ENTRY_ROWS lines in all (at least one
 *  document). To be called in a write transaction, between uploads, and journaled as KIND_REPOST in the same one: it
 *  takes what it gives off the work list. False: nothing is pending. `out` lives in `a`. */
bool repost_pending(txn *t, arena *a, Entry__Repost *out);

/** The documents of one word that waits (`quarantine retry`), at most LIMIT_ENTRY_ROWS lines from document `from` on.
 *  word NULL: every word of the reason. *next is the document to go on with, 0: that was all. */
bool repost_waiting(txn *t, uint8_t reason, const str *word, uint64_t from, arena *a, Entry__Repost *out,
                    uint64_t *next);

#endif
