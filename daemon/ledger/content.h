/* content — what a record of this room's tables says, told with the ids people use and without what depends on arrival:
 * no internal numbers, entries, receipt times, agents, replaced contents. For `journal verify`, `content`. */
#ifndef LEDGER_CONTENT_H
#define LEDGER_CONTENT_H

#include "base/buf.h"
#include "kv/kv.h"

/** Appends to out; digests of records must be combined without regard to their order. False: the record is derived from
 *  others, or only tells how things arrived, and is left out. */
bool ledger_content(txn *t, uint32_t table, str stored_key, str val, buf *out);

#endif
