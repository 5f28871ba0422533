/* follow — a copy of the journal on another disk, written behind the daemon's back. DIR/journal-<first seq>.log holds
 * entries one after the other: seq u64, length u32, the entry as stored (its hashes say whether it is whole). A torn end
 * is cut off at the next start. A file is closed at 256 MiB. */
#ifndef JOURNAL_FOLLOW_H
#define JOURNAL_FOLLOW_H

#include "daemon/journal/journal.h"

/** Copy what is new and sync it. *copied: entries written now; *last: the newest entry in the copy. ERR_DIFFERS when the
 *  copy is of another journal. */
MUST_USE bool journal_follow(kv *db, const char *dir, uint64_t *copied, uint64_t *last, err *e);

/** The entries of a copy in order, from `from` on. A torn last entry ends the walk. `fn` false stops it. */
typedef bool (*follow_fn)(void *arg, const entry *en, err *e);
MUST_USE bool journal_follow_read(const char *dir, uint64_t from, follow_fn fn, void *arg, err *e);

#endif
