/* access — who at the manufacturer opened a partner's customer list, for the partner to see. A view of KIND_ACCESS:
 *
 *   access   partner u32, entry u64 → time i64, rows (varint), actor, command (texts) */
#ifndef CATALOG_ACCESS_H
#define CATALOG_ACCESS_H

#include "daemon/catalog/catalog.h"

typedef struct access_row {
    uint64_t entry, rows; /* rows: customers shown */
    int64_t time_ms;
    str actor, what; /* borrowed */
} access_row;

kv_cursor access_rows(txn *t, uint32_t partner_no);
/** The next row of the walk, oldest first; false at its end. */
bool access_next(kv_cursor *c, access_row *out);

#endif
