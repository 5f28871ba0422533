/* settle — what stands between what a policy earns and what is paid: the conditions of the policy, and the rule between
 * policies of one overlap group. Pure; the facts are handed in. */
#ifndef REBATE_SETTLE_H
#define REBATE_SETTLE_H

#include "daemon/rebate/policy.h"

typedef struct standing { /* of a partner, when a period is settled */
    str open_case;        /* what it is called; "": none is open */
    const day_t *counted; /* days of stock counts, its own and its places' */
    size_t counts;
} standing;

typedef enum standing_verdict { STANDING_PAYS, STANDING_HELD, STANDING_FORFEITED } standing_verdict;

/** Judge a partner by a policy's conditions for a period that ends on `end`. The hardest unmet one decides, *unmet (may be
 *  NULL) is set to it. stock_report_within_days: a count of a day at most so many before or after the period's end. */
standing_verdict conditions_judge(const policy *p, const standing *s, day_t end, const condition **unmet);
bool condition_is_met(const condition *c, const standing *s, day_t end);
/** The condition as the policy names it: "no_open_case", "stock_report_within_days". */
const char *condition_name(const condition *c);
/** Why it is not met, for people: "case/12 is open", "no stock count within 7 days of 2026-03-31". */
void condition_why(const condition *c, const standing *s, day_t end, buf *out);

typedef struct overlap_due { /* one policy of a group, for one partner and period */
    const policy *policy;
    int64_t due; /* fen, ≥ 0: what it earns by itself */
    int64_t pays;
} overlap_due;

/** Fill `pays` of all policies of one overlap group, in the order of their names.
 *    add     each pays what it earns
 *    best    the one that earns most pays, of equal ones the first; the others 0
 *    deduct  each pays what it earns beyond what those before it pay
 *  ERR_CONFLICT: the policies of the group name different rules. */
MUST_USE bool overlap_settle(overlap_due *v, size_t n, err *e);

#endif
