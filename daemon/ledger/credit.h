/* credit — what may still be ordered: goods that are free, and money that a partner may still owe. Both rest on what the
 * ERP said last (tables `supply`, `credit`, `quota` of the catalogue) and on the orders since:
 *
 *     free      = supply − what orders hold of it
 *     exposure  = balance + what orders hold of the credit
 *
 * An order holds until it is shipped, and beyond that until the ERP's figure is one of after the shipment. So rows are kept
 * by that moment and a look reads only those that count.
 *
 *   reserved       product u32, until i64, order u64 → quantity i64
 *   order_credit   partner u32, company, 0, currency u32, until i64, order u64 → amount i64
 *
 * Quantities are thousandths of the base unit, amounts minor units. */
#ifndef LEDGER_CREDIT_H
#define LEDGER_CREDIT_H

#include "base/calendar.h"
#include "base/err.h"
#include "kv/kv.h"

#define CREDIT_OPEN INT64_MAX /* until: not shipped */

typedef struct credit_key {
    uint32_t partner;
    str company;
    uint32_t currency;
} credit_key;

typedef struct credit_figures {
    bool known, stale;
    int64_t limit, balance, overdue, orders; /* orders: what is held of it beside the balance */
    int64_t available;                       /* limit − balance − orders, not below 0 */
    int64_t as_of_ms;
} credit_figures;
/** As of a moment. A row without company or currency stands for the default ones. */
void credit_look(txn *t, const credit_key *k, int64_t now_ms, credit_figures *out);

/** Goods of a product that no order holds; NUM_NONE: nobody said what there is. */
int64_t supply_free(txn *t, uint32_t product_no);
/** The quota of a partner and product on a day, and its span; NUM_NONE: there is none. */
int64_t quota_on(txn *t, uint32_t partner_no, uint32_t product_no, day_t day, day_t *from, day_t *to);
/** What the contract says that it gets first when goods are short; NUM_NONE. */
int64_t quota_minimum(txn *t, uint32_t partner_no, uint32_t product_no, day_t day);
/** What the trial plan of a product allows a partner on a day, and since when; NUM_NONE: there is none. */
int64_t trial_on(txn *t, uint32_t partner_no, uint32_t product_no, day_t day, day_t *from);
/** May a partner get `by` for a product on a day, by a row of `substitute` (its own, else the one for all)? *agreed: without
 *  being asked. */
bool substitute_on(txn *t, uint32_t partner_no, uint32_t product_no, uint32_t by, day_t day, bool *agreed);

/** What an order holds until a moment: 0 ends it, another quantity or amount replaces. */
void supply_hold(txn *t, uint32_t product_no, int64_t until_ms, uint64_t order, int64_t quantity);
int64_t supply_held(txn *t, uint32_t product_no, int64_t until_ms, uint64_t order);
void credit_hold(txn *t, const credit_key *k, int64_t until_ms, uint64_t order, int64_t amount);
int64_t credit_held(txn *t, const credit_key *k, int64_t until_ms, uint64_t order);

#endif
