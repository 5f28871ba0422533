/* targets — what was to be reached, and how far it is (达成率). The catalogue's table `target` has rows of (partner, policy,
 * period, target). A row whose policy is called like a measure (sell_in, sell_out, payments) is the sales plan, in money; without
 * one for the partner a rebate policy's own target may stand for it (the caller says which policies are about that measure).
 *
 * A partner's target of a quarter, half or year is the row of that period, else the sum of its months' rows when none of them is
 * missing. Partners without a target are left out of both sides: attained is what those with one did. */
#ifndef INSIGHT_TARGETS_H
#define INSIGHT_TARGETS_H

#include "daemon/insight/figures.h"

typedef struct target_ask {
    const str *policy; /* in this order: the first that has one counts */
    size_t policies;
    const fiscal_calendar *calendar;
    span_kind kind; /* of the period; SPAN_DAY, SPAN_WEEK: there are no such targets */
    day_span whole;
    unsigned scale; /* decimals of the currency */
} target_ask;

typedef struct targets {
    int64_t target;         /* minor units; NUM_NONE: nobody has one */
    uint32_t with, without; /* partners of the scope */
    uint32_t *partner;      /* those with one, and all below them; in the arena, ascending */
    size_t partners;
    bool all; /* nobody of the scope is without */
} targets;

/** Of one partner; false: it has none. */
bool target_of_partner(txn *t, str id, const target_ask *ask, int64_t *out);
/** Of the partners of the scope that are nobody's place and no manufacturer. */
void targets_of(txn *t, const figure_scope *s, const target_ask *ask, arena *a, targets *out);

#endif
