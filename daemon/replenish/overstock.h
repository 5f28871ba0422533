/* overstock — goods pressed into the channel (压货): what the manufacturer sold in stands far above what was sold for good,
 * and what stands there lasts too long. One function of a few facts; and the alarms that stand, each raised once.
 *
 *   ratio   sell-in ÷ final sell-out of the window        cover   stock ÷ final sell-out a day
 * Of a partner counts all that is below it too: what it passed on and nobody bought is still in the channel. Where stock was
 * never counted, what came in and was not sold in the window stands for it. A day's sale is that of the days since the
 * goods first came, at most the window.
 *
 *   overstock   partner u32, product u32 → entry u64, day i32, sell-in, sell-out, stock i64 (NUM_NONE), cover i32 (-1)
 *
 * Raised when ratio and cover are both at their limits; it stands until the cover is below its own: that sell-in rests for a
 * while sells nothing. */
#ifndef REPLENISH_OVERSTOCK_H
#define REPLENISH_OVERSTOCK_H

#include "base/calendar.h"
#include "daemon/replenish/why.h"
#include "daemon/store/apply.h"
#include "proto/journal.pb-c.h"

typedef struct overstock_rules {
    int32_t window, settle, cover; /* days */
    double ratio;
} overstock_rules;

typedef struct overstock_facts {
    bool reported;     /* sales are reported at all */
    int64_t in, out;   /* of the window: net sell-in, net final sell-out */
    int64_t stock;     /* NUM_NONE: never counted */
    int32_t held_days; /* since the goods first came; below 0: never */
} overstock_facts;

typedef enum overstock_state { OVERSTOCK_UNKNOWN, OVERSTOCK_EARLY, OVERSTOCK_NONE, OVERSTOCK_ALARM } overstock_state;
#define OVERSTOCK_FOR_EVER 1e9

typedef struct overstock_verdict {
    overstock_state state;
    double ratio, cover; /* OVERSTOCK_FOR_EVER: nothing is sold; below 0: nothing to reckon from */
    bool lasts;          /* the cover alone is at its limit: an alarm that stands goes on */
} overstock_verdict;
overstock_verdict overstock_judge(const overstock_rules *r, const overstock_facts *f);
const char *overstock_state_name(overstock_state s); /* unknown, early, none, alarm */
/** One sentence. */
void overstock_why(const overstock_rules *r, const overstock_facts *f, const overstock_verdict *v, language l,
                   buf *out);

typedef struct overstock_alarm {
    uint32_t partner, product;
    uint64_t entry;
    day_t day; /* raised */
    int64_t in, out, stock;
    int32_t cover; /* days; -1: for ever */
} overstock_alarm;
bool overstock_get(txn *t, uint32_t partner_no, uint32_t product_no, overstock_alarm *out);
bool overstock_decode(str stored_key, str val, overstock_alarm *out);

/** KIND_OVERSTOCK. Rows that are so already are passed over; r->lines: rows taken. */
MUST_USE bool replenish_overstock(txn *t, const entry *en, const Entry__Overstock *m, apply_result *r, err *e);
bool overstock_content(txn *t, uint32_t table, str stored_key, str val, buf *out);

#endif
