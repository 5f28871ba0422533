/* orders — what partners order, line by line, from the suggestion to the receipt. A product stands once in an order.
 *
 *   order            partner u32, number u64 → state u8, entry u64, times i64 (made, placed, approved), currency u32, amount,
 *                    wallet wanted and used i64, steps u32, then texts: company, source, reference, deliver to,
 *                    number of the ERP, last reason
 *   order_no         number u64 → partner u32
 *   order_line       number u64, product u32 → suggested, quantity, price, shipped, received, damaged i64, moment shipped i64,
 *                    product it stands in for, quantity offered so
 *   order_step       number u64, step u32 → entry u64, time i64, act u8, state after u8, then texts: by, reason, document,
 *                    digests of photos
 *   order_code       number u64, code → step u32: what was scanned when it came
 *   order_standing   partner u32 → number u64: the order in the state `suggested`
 *   lead_time        partner u32, product u32 → receipts, days, their squares u64
 *
 * Quantities are thousandths of the base unit, prices micro of the currency a base unit, amounts minor units. */
#ifndef REPLENISH_ORDERS_H
#define REPLENISH_ORDERS_H

#include "daemon/ledger/credit.h"
#include "daemon/replenish/order_life.h"
#include "daemon/replenish/plan.h"
#include "daemon/store/apply.h"
#include "proto/journal.pb-c.h"

typedef struct order {
    uint64_t number, entry;
    uint32_t partner, currency, steps;
    order_state state;
    int64_t made_ms, placed_ms, approved_ms;
    int64_t amount;              /* approved: of its lines; NUM_NONE: a line has no price */
    int64_t wallet, wallet_used; /* wanted out of the rebate account; taken of it */
    str company, source;         /* source "": a suggestion; phone, wechat, …: entered by a person */
    str reference, deliver_to, erp, reason;
} order;

typedef struct order_line {
    uint32_t product;
    int64_t suggested, quantity, price; /* price NUM_NONE: not known */
    int64_t shipped, received, damaged; /* received: all that came; damaged: of it */
    int64_t shipped_ms;                 /* last */
    uint32_t instead;                   /* the product of the order it stands in for, 0 none … */
    int64_t offered; /* … and how much of it waits for the partner's word; in `quantity` once it has it */
} order_line;

typedef struct order_event {
    uint64_t entry;
    int64_t time_ms;
    order_act act;
    order_state to;
    str by, reason, document;
    str photos; /* digests, one behind the other */
} order_event;

/* Texts are borrowed. */
bool order_get(txn *t, uint64_t number, order *out);
bool order_decode(str stored_key, str val, order *out);
bool order_line_decode(str stored_key, str val, order_line *out);
bool order_line_get(txn *t, uint64_t number, uint32_t product_no, order_line *out);
bool order_event_decode(str val, order_event *out);
/** for (AUTO(kv_cursor) c = order_lines(t, no); kv_next(&c);) order_line_decode(c.key, c.val, …) */
kv_cursor order_lines(txn *t, uint64_t number);
kv_cursor order_events(txn *t, uint64_t number);
/** Orders of a partner, oldest first. */
kv_cursor orders_of(txn *t, uint32_t partner_no);
/** All lines in order of products; in `a`. */
size_t order_lines_all(txn *t, uint64_t number, arena *a, order_line **out);
/** What a quantity of a line costs, minor units; NUM_NONE: no price. */
int64_t order_line_amount(const order_line *l, int64_t quantity, uint32_t currency);
/** Did an order take an act under this number of a document already? */
bool order_knows(txn *t, uint64_t number, order_act act, str document);
/** Was the code scanned at an earlier receipt of the order? */
bool order_code_known(txn *t, uint64_t number, str code);
/** The sum of its lines. */
int64_t order_amount(txn *t, const order *o);
/** "O12": what moves of the wallet call it. */
void order_reference(buf *out, uint64_t number);

/* Writing: for appliers. */
void order_put(txn *t, const order *o); /* texts not borrowed from t */
void order_line_put(txn *t, uint64_t number, const order_line *l);
void order_line_drop(txn *t, uint64_t number, uint32_t product_no);
/** `x`: act, state after, texts; entry, time and actor are those of the entry. */
void order_event_put(txn *t, order *o, const entry *en, const order_event *x);
void order_code_put(txn *t, const order *o, str code); /* of its last event */
/** A line of the partner's standing order, which is made when there is none; its number. */
uint64_t order_standing_put(txn *t, const entry *en, uint32_t partner_no, uint32_t product_no, int64_t quantity,
                            int64_t price);
/** The line goes; the last takes the order with it. */
void order_standing_drop(txn *t, const entry *en, uint64_t number, uint32_t product_no);
uint64_t order_standing_of(txn *t, uint32_t partner_no); /* 0: none */
void order_standing_end(txn *t, uint32_t partner_no);

/* What is on its way to a partner, by product. */
typedef struct order_flow {
    uint32_t product;
    int64_t on_order, in_transit;
} order_flow;
/** Of all products with open orders, in order of products; in `a`. Goods shipped on or before `arrived` are there already
 *  (a partner that reports no receipts). */
size_t order_flows(txn *t, uint32_t partner_no, day_t arrived, int zone_min, arena *a, order_flow **out);
/** Ordered of a product in other orders placed in a span of days and approved, with `confirmed` those too that wait. */
typedef struct order_span {
    day_t from, to;
    int zone_min;
    bool confirmed;
    uint64_t besides;
} order_span;
int64_t orders_in(txn *t, uint32_t partner_no, uint32_t product_no, const order_span *span);
/** Does it hold goods and credit? */
bool order_holds(order_state s);

void lead_time_learn(txn *t, uint32_t partner_no, uint32_t product_no, int64_t days);
lead_time lead_time_of(txn *t, uint32_t partner_no, uint32_t product_no);

/** KIND_ORDER: r->number is its number. */
MUST_USE bool replenish_order(txn *t, const entry *en, const Entry__Order *m, apply_result *r, err *e);
/** KIND_ORDER_STEP. ERR_CONFLICT: it cannot take it, with the reason. */
MUST_USE bool replenish_order_step(txn *t, const entry *en, const Entry__OrderStep *m, apply_result *r, err *e);
bool order_content(txn *t, uint32_t table, str stored_key, str val, buf *out);

#endif
