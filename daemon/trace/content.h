/* content — what a record of this room's tables says, told with the ids and codes people use and without what depends on
 * arrival. For `journal verify`, `content`. */
#ifndef TRACE_CONTENT_H
#define TRACE_CONTENT_H

#include "base/buf.h"
#include "kv/kv.h"

/** As ledger_content(). */
bool codes_content(txn *t, uint32_t table, str stored_key, str val, buf *out);

#endif
