#include "daemon/replenish/order_life.h"

#include "daemon/catalog/life.h"

#define PARTNER "partner_owner partner_clerk"
#define STAFF   "channel_manager account_manager"

/* Another product for one that is short, while something is still to be shipped; the order stays where it is. */
#define SUBSTITUTE(state)                                                                                              \
    {state, ORDER_DO_OFFER, state, STAFF}, {state, ORDER_DO_ACCEPT, state, PARTNER}, {                                 \
        state, ORDER_DO_DECLINE, state, PARTNER                                                                        \
    }

static const life_step steps[] = {
    {ORDER_SUGGESTED, ORDER_DO_CONFIRM, ORDER_CONFIRMED, PARTNER},
    {ORDER_SUGGESTED, ORDER_DO_CHANGE, ORDER_SUGGESTED, PARTNER},
    {ORDER_SUGGESTED, ORDER_DO_REFUSE, ORDER_REFUSED, PARTNER},
    {ORDER_CONFIRMED, ORDER_DO_CHANGE, ORDER_CONFIRMED, PARTNER " " STAFF},
    {ORDER_CONFIRMED, ORDER_DO_APPROVE, ORDER_APPROVED, STAFF " finance"},
    {ORDER_CONFIRMED, ORDER_DO_SHORT, ORDER_CONFIRMED, STAFF},
    {ORDER_CONFIRMED, ORDER_DO_CANCEL, ORDER_CANCELLED, PARTNER " " STAFF " finance"},
    {ORDER_APPROVED, ORDER_DO_SEND, ORDER_SENT, STAFF " finance"},
    {ORDER_APPROVED, ORDER_DO_ACKNOWLEDGE, ORDER_ACKNOWLEDGED, STAFF " finance"}, /* a hook told the ERP */
    {ORDER_APPROVED, ORDER_DO_SHIP, ORDER_SHIPPED, STAFF},
    {ORDER_APPROVED, ORDER_DO_CANCEL, ORDER_CANCELLED, STAFF},
    {ORDER_SENT, ORDER_DO_SEND, ORDER_SENT, STAFF " finance"}, /* the same file again */
    {ORDER_SENT, ORDER_DO_ACKNOWLEDGE, ORDER_ACKNOWLEDGED, STAFF " finance"},
    {ORDER_SENT, ORDER_DO_SHIP, ORDER_SHIPPED, STAFF},
    {ORDER_SENT, ORDER_DO_CANCEL, ORDER_CANCELLED, STAFF},
    {ORDER_ACKNOWLEDGED, ORDER_DO_SHIP, ORDER_SHIPPED, STAFF},
    {ORDER_ACKNOWLEDGED, ORDER_DO_CANCEL, ORDER_CANCELLED, STAFF},
    {ORDER_SHIPPED, ORDER_DO_SHIP, ORDER_SHIPPED, STAFF},
    {ORDER_SHIPPED, ORDER_DO_RECEIVE, ORDER_RECEIVED, PARTNER " " STAFF},
    {ORDER_SHIPPED, ORDER_DO_CLOSE, ORDER_CLOSED, STAFF},
    {ORDER_RECEIVED, ORDER_DO_SHIP, ORDER_SHIPPED, STAFF}, /* what was back-ordered */
    {ORDER_RECEIVED, ORDER_DO_CLOSE, ORDER_CLOSED, PARTNER " " STAFF},
    {ORDER_REFUSED, ORDER_DO_REOPEN, ORDER_CONFIRMED, PARTNER " " STAFF},
    {ORDER_CANCELLED, ORDER_DO_REOPEN, ORDER_CONFIRMED, STAFF},
    {ORDER_CLOSED, ORDER_DO_REOPEN, ORDER_CONFIRMED, STAFF},
    SUBSTITUTE(ORDER_CONFIRMED),
    SUBSTITUTE(ORDER_APPROVED),
    SUBSTITUTE(ORDER_SENT),
    SUBSTITUTE(ORDER_ACKNOWLEDGED),
    SUBSTITUTE(ORDER_SHIPPED),
    SUBSTITUTE(ORDER_RECEIVED),
};

static const char *const states[ORDER_STATE_END] = {
#define X(state, no, name) [no] = name,
    ORDER_STATES(X)
#undef X
};

static const char *const acts[ORDER_ACT_END] = {
#define X(act, no, name) [no] = name,
    ORDER_ACTS(X)
#undef X
};

const char *order_state_name(order_state s) {
    return states[s];
}

const char *order_act_name(order_act a) {
    return acts[a];
}

bool order_state_parse(str s, order_state *out) {
    for (*out = ORDER_SUGGESTED; *out < ORDER_STATE_END; ++*out)
        if (str_is(s, states[*out])) return true;
    return false;
}

bool order_step_to(order_state from, order_act act, order_state *to) {
    *to = (order_state)life_to(steps, ARRAY_LEN(steps), (uint8_t)from, (uint8_t)act);
    return *to != 0;
}

bool order_may(order_state from, order_act act, uint32_t role) {
    return life_may(steps, ARRAY_LEN(steps), (uint8_t)from, (uint8_t)act, role);
}
