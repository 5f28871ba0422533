/* policy — a rebate policy as its YAML file says it (docs/rebates.md lists every key). Parsed whole and checked whole:
 * unknown keys, gaps between bands and figures finer than they may be are refused with their line.
 * Money is in fen, quantities in thousandths of the base unit, rates and percents in parts per million, per_unit in
 * ten-thousandths of the currency. */
#ifndef REBATE_POLICY_H
#define REBATE_POLICY_H

#include "base/arena.h"
#include "base/num.h"
#include "daemon/catalog/stage.h"
#include "daemon/rebate/period.h"

enum { POLICY_BYTES = 256 * 1024, POLICY_LIST = 4096, PER_UNIT_SCALE = 4, PERCENT_SCALE = 4, POINTS_SCALE = 3 };

/* A stage of a policy: the catalogue's, or every row whatever its stage. */
enum { STAGE_ANY = STAGE_COUNT, POLICY_STAGES = STAGE_COUNT + 1 };
const char *policy_stage_name(unsigned s); /* "growth", "any" */

typedef enum basis { BASIS_SELL_IN, BASIS_SELL_OUT, BASIS_SELL_OUT_ALL, BASIS_VERIFIED, BASIS_PAYMENT } basis;
typedef enum measure { MEASURE_AMOUNT, MEASURE_QUANTITY, MEASURE_POINTS } measure;
typedef enum value_at { VALUE_REPORTED, VALUE_INVOICE, VALUE_LIST } value_at;
typedef enum roll_up { ROLL_SELF, ROLL_CHILDREN, ROLL_GROUP } roll_up;

typedef struct names {
    str *v;
    size_t n;
} names;

typedef struct partner_scope { /* empty lists: all */
    names ids, tiers, regions, kinds, exclude;
} partner_scope;
typedef struct product_scope {
    names skus, brands, categories, exclude;
} product_scope;

typedef enum term_kind { TERM_RATE, TERM_PER_UNIT, TERM_LUMP } term_kind;
typedef struct term {
    term_kind kind;
    int64_t v; /* parts per million | ten-thousandths of the currency for one base unit | fen */
} term;

typedef struct band {
    str written;  /* its `from` as it stands in the file */
    int64_t from; /* in the policy's measure | parts per million | products | days */
    term term;
    unsigned line;
} band;

typedef struct ladder {
    band *band;
    size_t n;
    bool above;       /* boundary: above */
    bool incremental; /* mode: each slice at its own band */
    bool percent;     /* thresholds are percents */
} ladder;

typedef struct price_drop { /* also the prices of a ship-and-debit agreement */
    str sku;
    day_t date, until;     /* a drop: both its day; an agreement: its first and last day */
    int64_t before, after; /* for one base unit, scale PER_UNIT_SCALE */
    int64_t limit;         /* base units at most, NUM_NONE: no limit */
} price_drop;

typedef enum growth_over { OVER_LAST_YEAR, OVER_PREVIOUS, OVER_GIVEN } growth_over;
typedef enum growth_pay { PAY_GROWTH, PAY_TOTAL, PAY_BANDS } growth_pay;

typedef struct mechanism {
    const struct mechanism_kind *kind;
    unsigned line, no; /* no: which of all mechanisms of the policy, from 0 */
    term term;         /* flat, personal */
    ladder ladder;     /* whatever has bands */
    growth_over over;
    growth_pay pay;
    int64_t baseline, impute; /* in the policy's measure; NUM_NONE */
    product_scope group;      /* mix */
    bool pay_group;
    price_drop *price;
    size_t prices;
    bool drops_listed;     /* price_protection: the drops stand in the policy, not in the price list */
    str price_kind;        /* … of the price list */
    str partner;           /* personal */
    int64_t share, budget; /* activity: of a claim, ppm; of a partner and period, fen or NUM_NONE */
} mechanism;

typedef enum condition_kind { CONDITION_NO_OPEN_CASE, CONDITION_STOCK_REPORT } condition_kind;
typedef struct condition {
    condition_kind kind;
    int64_t days;
    bool forfeit; /* unmet: forfeit; else the line is held */
} condition;

typedef enum overlap_rule { OVERLAP_ADD, OVERLAP_BEST, OVERLAP_DEDUCT } overlap_rule;
typedef enum payout_form { PAYOUT_CREDIT_NOTE, PAYOUT_OFFSET, PAYOUT_GOODS, PAYOUT_CASH, PAYOUT_EXPENSE } payout_form;

const char *policy_form_name(payout_form f); /* "credit_note" */

typedef struct policy {
    arena text;
    str name, title, company, pay_to;
    day_t from, to; /* both belong to it */
    partner_scope partners;
    product_scope products, count_only;
    bool has_count_only;
    basis basis;
    measure measure;
    names point_skus;
    int64_t *points; /* beside point_skus, scale POINTS_SCALE */
    value_at value_at;
    bool tax_excl, gifts, paid_by_rebate, count_all;
    int64_t shelf_months; /* stock_cap: months, thousandths; NUM_NONE */
    bool carry_over;
    roll_up roll_up;
    period_kind period;
    mechanism *stage[POLICY_STAGES];
    size_t stage_count[POLICY_STAGES]; /* 0: the stage is not named */
    size_t mechanisms;
    int64_t cap, floor, guarantee, minimum_payout; /* NUM_NONE: none */
    int64_t budget, budget_warn;                   /* NUM_NONE; ppm */
    bool budget_stop;
    condition *condition;
    size_t conditions;
    str overlap_group;
    overlap_rule overlap;
    payout_form payout;
    int64_t payout_share, use_limit; /* ppm */
    int64_t expires_days;            /* NUM_NONE: never */
} policy;

/** Decimals of the measure: of thresholds, targets, baselines. */
unsigned policy_measure_scale(const policy *p);

/** ERR_DATA "line N: …". */
MUST_USE bool policy_parse(str yaml, policy *out, err *e);
void policy_free(policy *p);
void policy_auto(policy *p);

#endif
