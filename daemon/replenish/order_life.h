/* order_life — the life of an order: which act leads where, and who may do it.
 *
 *     suggested ── confirm, change, refuse (the partner) ──▸ confirmed | refused      (the plan: withdraw ──▸ withdrawn)
 *     confirmed ── approve (credit, overdue, quota and stock at once) ──▸ approved ── send ──▸ sent ── acknowledge ──▸ acknowledged
 *     approved … acknowledged ── ship ──▸ shipped ── receive ──▸ received (all that was shipped is there) ── close ──▸ closed
 *     confirmed … received ── offer (another product instead), accept or decline (the partner), short (told what it gets) ──▸ as it was
 *     confirmed … acknowledged ── cancel ──▸ cancelled;  cancelled, closed, refused ── reopen ──▸ confirmed (all checks again) */
#ifndef REPLENISH_ORDER_LIFE_H
#define REPLENISH_ORDER_LIFE_H

#include "base/str.h"

/* enum, number (stored), name */
#define ORDER_STATES(X)                                                                                                \
    X(ORDER_SUGGESTED, 1, "suggested")                                                                                 \
    X(ORDER_CONFIRMED, 2, "confirmed")                                                                                 \
    X(ORDER_REFUSED, 3, "refused")                                                                                     \
    X(ORDER_APPROVED, 4, "approved")                                                                                   \
    X(ORDER_SENT, 5, "sent")                                                                                           \
    X(ORDER_ACKNOWLEDGED, 6, "acknowledged")                                                                           \
    X(ORDER_SHIPPED, 7, "shipped")                                                                                     \
    X(ORDER_RECEIVED, 8, "received")                                                                                   \
    X(ORDER_CLOSED, 9, "closed")                                                                                       \
    X(ORDER_CANCELLED, 10, "cancelled")                                                                                \
    X(ORDER_WITHDRAWN, 11, "withdrawn")

typedef enum order_state {
#define X(state, no, name) state = no,
    ORDER_STATES(X)
#undef X
        ORDER_STATE_END
} order_state;

/* enum, number (stored), name */
#define ORDER_ACTS(X)                                                                                                  \
    X(ORDER_DO_CONFIRM, 1, "confirm")                                                                                  \
    X(ORDER_DO_CHANGE, 2, "change")                                                                                    \
    X(ORDER_DO_REFUSE, 3, "refuse")                                                                                    \
    X(ORDER_DO_APPROVE, 4, "approve")                                                                                  \
    X(ORDER_DO_SEND, 5, "send")                                                                                        \
    X(ORDER_DO_ACKNOWLEDGE, 6, "acknowledge")                                                                          \
    X(ORDER_DO_SHIP, 7, "ship")                                                                                        \
    X(ORDER_DO_RECEIVE, 8, "receive")                                                                                  \
    X(ORDER_DO_CLOSE, 9, "close")                                                                                      \
    X(ORDER_DO_CANCEL, 10, "cancel")                                                                                   \
    X(ORDER_DO_REOPEN, 11, "reopen")                                                                                   \
    X(ORDER_DO_ENTER, 12, "enter") /* a person enters it; how such an order begins */                                  \
    X(ORDER_DO_OFFER, 13, "offer") /* another product instead of one that is short */                                  \
    X(ORDER_DO_ACCEPT, 14, "accept")                                                                                   \
    X(ORDER_DO_DECLINE, 15, "decline")                                                                                 \
    X(ORDER_DO_SHORT, 16, "short") /* a shortage was shared out and it waits: says why */

typedef enum order_act {
#define X(act, no, name) act = no,
    ORDER_ACTS(X)
#undef X
        ORDER_ACT_END
} order_act;

const char *order_state_name(order_state s);
bool order_state_parse(str s, order_state *out);
const char *order_act_name(order_act a);

/** Where an act leads; false: it does not. What is received in part, or refused in part, stays where it is (orders.h). */
bool order_step_to(order_state from, order_act act, order_state *to);
/** May a role (a bit of catalog/users.h) do the act in the state? */
bool order_may(order_state from, order_act act, uint32_t role);

#endif
