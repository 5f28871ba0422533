/* export — journal entries as JSON, one line an entry: {"seq","time","actor","kind","prev","hash","body"}. The body of
 * kind `document` is the document of the batch, or an array of them when the batch does not hold exactly one. */
#ifndef JOURNAL_EXPORT_H
#define JOURNAL_EXPORT_H

#include "base/json.h"
#include "daemon/journal/journal.h"

/** Receives one line, "\n" included. False stops the export. */
typedef bool (*export_fn)(void *arg, str line, err *e);

/** Entries from … to (0: to the end). Reads in slices: `db` may be that of a running daemon. */
MUST_USE bool journal_export(kv *db, uint64_t from, uint64_t to, export_fn fn, void *arg, err *e);

/** One entry as an object. ERR_DATA: its body cannot be read. */
MUST_USE bool entry_json(json *j, const entry *en, int zone_min, err *e);

#endif
