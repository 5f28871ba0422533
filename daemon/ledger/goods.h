/* goods — what was sent to a partner beside what it says it received. Worked out when asked from the documents that hold,
 * so the order in which they arrived does not matter, and what is replaced or withdrawn does not count.
 *
 * Sent: the manufacturer's shipments to the partner and its places; to one that stands below another distributor also
 * what that one sold it. A line of a receipt belongs to a shipment when
 *   1. its `reference` names the shipment's number (or several, separated by ; or ,), else
 *   2. the receipt bears the shipment's number, else
 *   3. they share a carton (`codes`, in any spelling), or the one names a pallet in which the other's carton lies.
 * Where several shipments are meant, the earliest that still lacks the product is filled first. Receipts are looked for
 * goods.match_days before and after the span.
 *
 * State of a product of a shipment:
 *   in_transit  no receipt yet, and not later than usual
 *   unsigned    未签收: no receipt goods.unsigned_days after the usual transit: the median of the partner's own matched
 *               shipments (three at least), else stock.transit_days
 *   assumed     the same, but the partner has never reported a receipt: taken as received
 *   received · short 少货: less than was sent · over: more · damaged 破损: all there, part of it broken
 *   unmatched   a receipt that belongs to no shipment
 * Lines of a receipt whose reason says 破, 残, 坏, damage or broken count as received and as damaged. */
#ifndef LEDGER_GOODS_H
#define LEDGER_GOODS_H

#include "base/arena.h"
#include "base/calendar.h"
#include "kv/kv.h"
#include "proto/code.h"

#define GOODS_STATES(X)                                                                                                \
    X(GOODS_IN_TRANSIT, "in_transit")                                                                                  \
    X(GOODS_UNSIGNED, "unsigned")                                                                                      \
    X(GOODS_ASSUMED, "assumed")                                                                                        \
    X(GOODS_RECEIVED, "received")                                                                                      \
    X(GOODS_SHORT, "short")                                                                                            \
    X(GOODS_OVER, "over")                                                                                              \
    X(GOODS_DAMAGED, "damaged")                                                                                        \
    X(GOODS_UNMATCHED, "unmatched")

typedef enum goods_state {
#define X(state, name) state,
    GOODS_STATES(X)
#undef X
        GOODS_STATE_COUNT
} goods_state;
const char *goods_state_name(goods_state s);
bool goods_state_parse(str s, goods_state *out);

typedef enum goods_match { MATCH_NONE, MATCH_REFERENCE, MATCH_NUMBER, MATCH_CARTON } goods_match;
const char *goods_match_name(goods_match m); /* "" for none */

enum { GOODS_USUAL_LEAST = 3 }; /* matched shipments from which a partner's own median counts */

typedef struct goods_row {
    str shipment; /* number of the document; "" when it has none, or there is no shipment */
    day_t day;    /* sent; of an unmatched receipt its day */
    uint32_t product;
    int64_t shipped, received, damaged; /* thousandths of the base unit; damaged is part of received */
    str receipt;                        /* numbers of the receipts, separated by ; */
    bool is_signed;                     /* a receipt of the shipment is there … */
    day_t signed_on;                    /* … the first of this day */
    goods_match match;
    goods_state state;
} goods_row;

typedef struct goods {
    int usual_days; /* of transit */
    bool own_usual; /* by the partner's own shipments */
    goods_row *row;
    size_t rows; /* by day, number and product */
} goods;

/* What lies in what is not this room's to know: the containers that a code ever lay in, innermost first. NULL: not asked. */
typedef size_t (*goods_around)(txn *t, const code_key *k, code_key *out, size_t max);

/** Shipments of the days, and unmatched receipts of the days. `partner_no` is one that answers for itself
 *  (partner_fact.reporter). Everything in `a`. ERR_INTERNAL: a document cannot be read back. */
MUST_USE bool goods_of(txn *t, uint32_t partner_no, day_t from, day_t to, day_t today, goods_around around, arena *a,
                       goods *out, err *e);

#endif
