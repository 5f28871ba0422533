/* mechanism — how a rebate comes about: one row of the table and one file each. To add one: a file with its
 * mechanism_kind (the keys it takes, how they are read, how a line is settled), a row in mechanism.c, a section in
 * docs/rebates.md, a test.
 *
 * A line is one partner, period, stage and mechanism. What it earns on each of its parts is
 *     (amount × a + quantity × q + measure × c) / den   fen,
 * exact; the line is the sum of its parts, rounded once. */
#ifndef REBATE_MECHANISM_H
#define REBATE_MECHANISM_H

#include "daemon/rebate/plan.h"
#include "daemon/rebate/words.h"
#include "maths/exact.h"

enum { TERM_UNITS = 1000000 }; /* a rate's parts; a per_unit of 1 in 10^-4 for 10^-3 pieces is 10 of them in fen */

typedef struct part { /* a row, or what is left of it, as the policy looks at it */
    uint32_t product, document, no;
    day_t day;
    int32_t period;
    int32_t days_to_pay;
    union {
        uint32_t owner; /* of a row: the partner that reported it */
        uint32_t drop;  /* of what is not a row: which drop */
    };
    uint8_t stage;  /* a policy's: any, when that is what it names */
    bool unpaid;    /* only climbs */
    bool history;   /* only a baseline */
    int64_t amount; /* in plan.amount_unit */
    int64_t quantity, measure;
} part;

typedef struct part_sums {
    wide amount, quantity, measure;
} part_sums;

typedef struct line_facts {
    const plan *plan;
    const mechanism *m;
    uint32_t partner;
    int32_t period;
    unsigned stage;
    const part *own; /* this stage's */
    size_t owns;
    const part *climbing; /* this stage's, or with count: all every stage's */
    size_t climbings;
    part_sums paid; /* of own, but for what only climbs */
    wide climbed;   /* W */
    wide baseline;  /* of growth: W of the earlier period */
    int64_t target; /* NUM_NONE */
    arena *a;       /* scratch of the partner */
} line_facts;

typedef struct payout {
    wide den, a, q, c; /* den > 0 */
    const char *none;  /* why nothing is earned, NULL: something may be */
    str band;          /* as written; p NULL: none */
    wide next;         /* what W lacks for the next band, in its unit; 0: there is none, or it is no matter of W */
} payout;

typedef struct mechanism_kind {
    const char *name;
    const char *const *keys; /* besides `mechanism` */
    size_t key_count;
    bool (*read)(policy *p, const node *v, mechanism *m, err *e); /* NULL: nothing to read */
    bool (*settle)(const line_facts *f, payout *out, err *e);     /* NULL: earns nothing */
    /* What a part earns, where parts differ: numerator over out->den. NULL: by a, q, c. */
    bool (*part)(const line_facts *f, const payout *out, const part *x, wide *num);
    /* Parts that are not flows, of one reporting partner in all periods: counts, claims. At most what `room` says; NULL:
     * flows. */
    size_t (*room)(const plan *pl, const mechanism *m, uint32_t partner);
    size_t (*gather)(const plan *pl, const mechanism *m, uint32_t partner, part *out);
} mechanism_kind;

extern const mechanism_kind mechanism_flat, mechanism_bands, mechanism_growth, mechanism_target, mechanism_mix,
    mechanism_breadth, mechanism_early_payment, mechanism_price_protection, mechanism_ship_and_debit,
    mechanism_activity, mechanism_personal, mechanism_none;

/** One element of a stage: {mechanism: NAME, …}. */
MUST_USE bool mechanism_read(policy *p, const node *v, mechanism *out, err *e);

/* ---- payouts: linear in the parts */

/** A term on all of the line. */
MUST_USE bool pay_term(const line_facts *f, const term *t, payout *out, err *e);

/* A ladder: `value` against from[i]; `whole` is W in the same unit. Retrospective: the band reached pays on `paid` of the
 * whole (mostly all of it). Incremental: each slice of the value at its own band. */
typedef struct climb {
    const wide *from;
    wide value, whole, paid;
    wide unit; /* how often W is in value and from; 0: they are no matter of W */
} climb;
MUST_USE bool pay_ladder(const line_facts *f, const climb *c, payout *out, err *e);
/** from[i] of each band × factor, in the scratch arena. */
MUST_USE bool ladder_thresholds(const line_facts *f, wide factor, wide **out, err *e);
/** The products of `value` and a factor; ERR_DATA when it does not fit. */
MUST_USE bool times(wide value, wide factor, wide *out, err *e);
bool figures_too_large(err *e); /* ERR_DATA; returns false */

/** a, q, c of a term for a part that pays by itself, over den = TERM_UNITS × plan.amount_unit. */
MUST_USE bool part_by_term(const line_facts *f, const term *t, const part *x, wide *num);
wide part_den(const plan *pl);

#endif
