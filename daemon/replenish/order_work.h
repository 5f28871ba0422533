/* order_work — inside of the appliers of orders: an act under way, and what its files share. */
#ifndef REPLENISH_ORDER_WORK_H
#define REPLENISH_ORDER_WORK_H

#include "daemon/replenish/orders.h"

/* An act under way. Everything is checked before the first put. */
typedef struct work {
    txn *t;
    const entry *en;
    const Entry__OrderStep *m;
    arena *a;
    order o;
    order_line *line; /* all of the order */
    size_t n;
    int64_t *meant, *damaged; /* of each line, as the step says; NUM_NONE: not meant */
    order_state to;
    int zone_min;
    uint64_t number; /* answered */
} work;

/** ERR_CONFLICT "order N: why"; returns false. */
bool work_refuse(const work *w, const char *why, err *e);
size_t work_line(const work *w, uint32_t product_no); /* SIZE_MAX: none */
void work_put_lines(work *w);
/** What is not shipped yet. False: a line has no price. */
bool work_rest(const work *w, int64_t *out);
/** The order holds what is not shipped, goods and credit, or nothing of it. */
void work_hold(work *w, bool holds);
/** Stock and quota of one line, credit for `owed`. */
MUST_USE bool work_check_line(const work *w, const order_line *l, err *e);
MUST_USE bool work_check_credit(const work *w, int64_t owed, err *e);

/* order_offers.c */
MUST_USE bool order_do_offer(work *w, err *e);
MUST_USE bool order_do_accept(work *w, err *e);
MUST_USE bool order_do_decline(work *w, err *e);

#endif
