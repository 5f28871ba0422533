/* stock — what a partner should have: the last count and what flowed since. Openings and adjustments are worked out when
 * asked, from counts and flow_day, so that any order of arrival gives the same. A count is that of the end of its day.
 *
 * Receipts are those the partner reports; of one that reports none, what the manufacturer shipped to it, the usual days
 * of transit later (setting stock.transit_days).
 *
 * An opening of the catalogue (opening_stock) is a count too, and never a difference: where its product was counted
 * before, what it changes is an opening as well. Of one day it comes before what the partner counted. */
#ifndef LEDGER_STOCK_H
#define LEDGER_STOCK_H

#include "base/arena.h"
#include "base/calendar.h"
#include "daemon/ledger/kinds.h"
#include "kv/kv.h"

typedef struct stock_level {
    uint32_t product;
    bool counted;     /* false: quantity is unknown, only flows are */
    day_t count_day;  /* of the last count */
    int64_t count;    /* thousandths of the base unit */
    int64_t quantity; /* count and what flowed since */
    day_t last_day;   /* of the newest count or flow that moves stock */
} stock_level;

/* An opening or an adjustment. */
typedef struct stock_event {
    flow_kind kind;
    uint32_t product;
    day_t day;
    int64_t quantity;
} stock_event;

/* Days at whose end counts and flows made exactly 0. (Less than 0 is no stock-out: then the books are wrong.) */
typedef struct stock_empty {
    uint32_t product;
    day_t from, to; /* both inside */
} stock_empty;

typedef struct stock {
    bool assumed; /* receipts were assumed from shipments */
    stock_level *level;
    size_t levels; /* by product number */
    stock_event *event;
    size_t events; /* by day */
    stock_empty *empty;
    size_t empties; /* by the day after their last */
} stock;

/** The stock of one partner at the end of a day; everything in `a`. */
void stock_of(txn *t, uint32_t partner_no, day_t at, arena *a, stock *out);
/** The same without reading all that ever flowed: the levels of what was counted by then, and what stood at 0 on days from
 *  `from` on; no events. */
void stock_since(txn *t, uint32_t partner_no, day_t from, day_t at, arena *a, stock *out);

/* One count: what stood at the end of a day, its documents and streams together. */
typedef struct stock_count {
    uint32_t product;
    day_t day;
    int64_t quantity;
    uint64_t entry; /* journal entry that brought it, the latest of them */
    bool opening;   /* by the catalogue, not by the partner */
} stock_count;

/** Every count of a partner in the order of days and products; in `a`. */
size_t stock_counts(txn *t, uint32_t partner_no, arena *a, stock_count **out);
/** The count that stands first in that order; false: none. */
bool stock_first(txn *t, uint32_t partner_no, arena *a, stock_count *out);
/** Has the partner ever reported a receipt itself? */
bool stock_receipts_reported(txn *t, uint32_t partner_no);

/** The partner with the smallest number ≥ `from` that has counts or, with `flows`, flows; 0: none. */
uint32_t stock_partner(txn *t, uint32_t from, bool flows);

#endif
