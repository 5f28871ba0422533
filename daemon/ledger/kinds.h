/* kinds — what a flow is. Numbers are in keys and postings: they are for ever. */
#ifndef LEDGER_KINDS_H
#define LEDGER_KINDS_H

#include "base/str.h"

/* enum, number, name, what a quantity of it does to the stock of the partner where it stands:
 *   STOCK_IN    adds (its sign says which way)        STOCK_OUT   takes away
 *   STOCK_SENT  adds when the partner does not report receipts itself: what the manufacturer says it shipped
 *   STOCK_NONE  nothing
 * A gift follows the document it came with: gift_in beside sell_in, gift_receipt beside receipt, gift_out beside
 * sell_out. So goods seen from both ends are never added up. The last three are never stored as flows. */
#define FLOW_KINDS(X)                                                                                                  \
    X(FLOW_SELL_IN, 1, "sell_in", STOCK_SENT)                                                                          \
    X(FLOW_RETURN_OUT, 2, "return_out", STOCK_IN)                                                                      \
    X(FLOW_RECEIPT, 3, "receipt", STOCK_IN)                                                                            \
    X(FLOW_SELL_OUT, 4, "sell_out", STOCK_OUT)                                                                         \
    X(FLOW_ONWARD, 5, "onward", STOCK_OUT)                                                                             \
    X(FLOW_RETURN, 6, "return", STOCK_OUT)                                                                             \
    X(FLOW_TRANSFER, 7, "transfer", STOCK_IN)                                                                          \
    X(FLOW_GIFT_IN, 8, "gift_in", STOCK_SENT)                                                                          \
    X(FLOW_GIFT_RECEIPT, 9, "gift_receipt", STOCK_IN)                                                                  \
    X(FLOW_GIFT_OUT, 10, "gift_out", STOCK_OUT)                                                                        \
    X(FLOW_PAYMENT, 11, "payment", STOCK_NONE)                                                                         \
    X(FLOW_OPENING, 12, "opening", STOCK_NONE)       /* first count of a product at a partner */                       \
    X(FLOW_ADJUSTMENT, 13, "adjustment", STOCK_NONE) /* count − (count before + flows between) */                    \
    X(FLOW_COUNT, 14, "count", STOCK_NONE)           /* a line of a stock document */

typedef enum stock_effect { STOCK_NONE, STOCK_IN, STOCK_OUT, STOCK_SENT } stock_effect;

typedef enum flow_kind {
#define X(kind, no, name, effect) kind = no,
    FLOW_KINDS(X)
#undef X
        FLOW_KIND_END /* one more than the greatest */
} flow_kind;

const char *flow_kind_name(flow_kind k);
bool flow_kind_parse(str s, flow_kind *out);
stock_effect flow_stock_effect(flow_kind k);

#endif
