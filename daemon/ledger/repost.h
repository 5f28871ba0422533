/* repost — documents whose words were learnt are judged again: taken out of the books and put in anew, each within one
 * journal entry. Which content holds never changes by it.
 *
 * The work list (table learnt) is operational: what it leads to is journaled as KIND_REPOST with the documents' numbers,
 * so replay needs no list. A row is a word, or every word of a reason; its value is the waiting row up to which it was
 * worked off, and for a customer the document. */
#ifndef LEDGER_REPOST_H
#define LEDGER_REPOST_H

#include "base/arena.h"
#include "daemon/catalog/waiting.h"
#include "kv/kv.h"
#include "proto/journal.pb-c.h"

/** Put a word on the work list, word.p NULL: every word of the reason. False: nothing waits for it. */
bool repost_queue(txn *t, waiting_reason reason, str word);

/** The next documents that wait for a word on the list, at most LIMIT_ENTRY_ROWS lines in all or one document. To
 *  be called in a write transaction, between uploads, and journaled as KIND_REPOST in the same one: it takes what it
 *  gives off the list. False: nothing is pending. `out` lives in `a`. */
bool repost_pending(txn *t, arena *a, Entry__Repost *out);

#endif
