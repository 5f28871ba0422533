/* verify — is the chain whole, and do the views say what the journal says? Works on a copy, so it may run beside a
 * daemon, from another process, for as long as it takes. */
#ifndef JOURNAL_VERIFY_H
#define JOURNAL_VERIFY_H

#include "base/json.h"
#include "daemon/journal/replay.h"
#include "daemon/store/store.h"

typedef struct view_digest {
    uint8_t exact[DIGEST_SIZE]; /* every byte: key and value pairs in key order */
    uint8_t
        content[DIGEST_SIZE]; /* what they say, whatever the order of arrival; zeros: the view has none of its own */
    uint64_t rows;
} view_digest;

typedef struct verify_report {
    bool ok;
    uint64_t entries;
    int64_t time_ms; /* of the last entry */
    uint8_t head[DIGEST_SIZE];
    view_digest view[STORE_TABLE_COUNT]; /* SORT_VIEW only */
    bool differs[STORE_TABLE_COUNT];     /* from the replay */
    char why[480];                       /* the first thing wrong, "" none */
} verify_report;

/** Digests of one view of a folder. */
MUST_USE bool view_digest_of(txn *t, store_table table, view_digest *out, err *e);

/** Copy `db` into a new folder inside `scratch` (which exists), replay the copy's journal into a second one, compare,
 *  remove both. What is wrong with the data is told in the report; false: the work itself could not be done. */
MUST_USE bool journal_verify(kv *db, const char *scratch, uint64_t map_size, const journal_watch *w, verify_report *out,
                             err *e);

/** {"ok","entries","head","time","views":{NAME:{"content","exact","rows","ok"}},"why"} */
void verify_json(json *j, const verify_report *r, int zone_min);

#endif
