/* waiting — why a document waits for the catalogue, and which words an entry teaches. The ledger keeps what waits under
 * (reason, word, partner, document) in TABLE_WAITING; after an entry has been applied it asks here which words to look
 * for. */
#ifndef CATALOG_WAITING_H
#define CATALOG_WAITING_H

#include "daemon/store/entry.h"
#include "proto/waiting.h"

const char *waiting_name(waiting_reason r);
bool waiting_parse(str s, waiting_reason *out);

/** Called once a word that may have become known; word.p NULL: every word of that reason is to be looked at again. The
 *  same word may come twice. */
typedef void (*learnt_fn)(void *arg, waiting_reason reason, str word);
/** Which words does this entry (already applied) teach? Only kinds catalog and setting teach any. Whom an alias belongs
 *  to is left to the new judgement. */
void catalog_learnt(const entry *en, learnt_fn fn, void *arg);

#endif
