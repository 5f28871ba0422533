/* demand_mark — since which day the lines of a partner are others than when they were looked at last: a cache, so that what
 * is reckoned from days (daemon/replenish/series.h) reads again only what moved.
 *
 *   demand_mark   partner u32 → first day touched i32, touches u64 */
#ifndef LEDGER_DEMAND_MARK_H
#define LEDGER_DEMAND_MARK_H

#include "daemon/store/keys.h"
#include "kv/kv.h"

typedef struct demand_mark {
    day_t first;      /* DAY_MAX: nothing was touched */
    uint64_t touches; /* tells one mark from a later one */
} demand_mark;

demand_mark demand_mark_get(txn *t, uint32_t partner_no);
void demand_mark_touch(txn *t, uint32_t partner_no, day_t day);
/** Ends a mark that was looked after; one that was touched meanwhile stays. */
void demand_mark_end(txn *t, uint32_t partner_no, const demand_mark *seen);

#endif
