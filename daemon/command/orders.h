/* orders — what the commands about orders share: which one is named, its lines as people write them, how an act is journaled,
 * and what documents say of it. */
#ifndef COMMAND_ORDERS_H
#define COMMAND_ORDERS_H

#include "daemon/command/command.h"
#include "daemon/replenish/orders.h"

/** The order that the first argument names: its number, or "O12". ERR_NOT_FOUND, ERR_DENIED. */
MUST_USE bool order_of_call(call *c, const char *verb, order *out, err *e);
/** "P1=24;P2=2箱" as lines in base units, with the partner's price of today. */
MUST_USE bool order_lines_of_call(call *c, uint32_t partner_no, str text, Entry__OrderLine ***out, size_t *n, err *e);
bool order_price(call *c, uint32_t partner_no, const product *p, int64_t *out);
MUST_USE bool order_append_step(call *c, const Entry__OrderStep *m, str who, uint64_t *number, err *e);
/** Within the limit and with all checks passed it goes on by itself; `said` gets what became of it. */
void order_approve_by_itself(call *c, uint64_t number, buf *said);

/* ---- order_goods.c: what documents and scanned codes say */

/* Of one product of an order. */
typedef struct order_part {
    uint32_t product;
    int64_t quantity, damaged;
} order_part;

/* A document of goods that names the order. */
typedef struct order_deed {
    str number; /* "#12" where it has none */
    order_part *part;
    size_t parts;
} order_deed;

/** Documents that name an order in `reference` (O12, the ERP's number, the partner's own) and that it does not know yet:
 *  shipments, or receipts (which may name the shipment instead). In the call's arena. */
MUST_USE bool order_deeds(call *c, const order *o, order_act act, order_deed **out, size_t *n, err *e);
/** The same as lines of a step: what fits into the order; `said` names what does not. */
MUST_USE bool order_deed_lines(call *c, const order *o, order_act act, const order_deed *d, Entry__OrderStep *m,
                               buf *said, err *e);
/** What scanned codes say of what came: lines and codes of the step. `list`: separated by blanks, commas, semicolons, lines. */
MUST_USE bool order_codes(call *c, const order *o, str list, Entry__OrderStep *m, buf *said, err *e);

/** Offer `by` instead of a product; where the contract agrees beforehand it stands in the order at once. */
MUST_USE bool order_substitute(call *c, const order *o, const product *ordered, const product *by, int64_t quantity,
                               buf *said, err *e);

#endif
