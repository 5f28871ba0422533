/* follow — a copy of the journal in files on another disk: `journal follow` writes it, `channeld restore --journal`
 * reads it. A file holds up to FOLLOW_FILE_ENTRIES entries and is named by its first, "00000000000000000001.journal";
 * a record is seq u64, length u32, the entry's stored form (store/entry.h). A torn last record is cut off. */
#ifndef JOURNAL_FOLLOW_H
#define JOURNAL_FOLLOW_H

#include "base/file.h"
#include "daemon/journal/journal.h"
#include "kv/kv.h"

enum { FOLLOW_FILE_ENTRIES = 65536 };

typedef struct follow {
    char dir[PATH_SIZE];
    int fd;               /* file being written, -1 none yet */
    uint64_t first, last; /* of the file, of the copy; 0 none */
    uint8_t head[DIGEST_SIZE];
} follow;

/** Open a copy, made when absent. ERR_DATA: a record that cannot be read stands before the end. */
MUST_USE bool follow_open(const char *dir, follow *out, err *e);
void follow_close(follow *f);
/** Copy at most `max` entries that come after the last one, synced; *taken says how many. ERR_DIFFERS: the journal is not
 *  the one this is a copy of. */
MUST_USE bool follow_take(follow *f, txn *t, size_t max, size_t *taken, err *e);

/** Every entry of a copy from `from` on, in order. fn returns false to stop. */
typedef bool (*follow_fn)(void *arg, const entry *en, err *e);
MUST_USE bool follow_walk(const char *dir, uint64_t from, follow_fn fn, void *arg, err *e);

#endif
