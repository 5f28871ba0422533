/* evaluate — the rebate engine: a policy, a world → lines. The very function behind `policy try`, `rebate evaluate` and
 * `policy simulate`. Pure: nothing but its arguments decides. Work is linear in the rows (they are sorted only where
 * they do not come in order of days), memory is the arena's and a scratch that is reset a partner. */
#ifndef REBATE_EVALUATE_H
#define REBATE_EVALUATE_H

#include "daemon/rebate/policy.h"
#include "daemon/rebate/world.h"

typedef struct rebate_trace {
    uint32_t product, document, no; /* as in the row; REBATE_NONE: none */
    day_t day;
    int64_t basis;  /* in the policy's measure, rounded */
    int64_t amount; /* fen */
} rebate_trace;

typedef struct rebate_line rebate_line;
struct rebate_line {
    uint32_t partner;
    int32_t period;
    unsigned stage;
    const char *mechanism;
    int64_t basis_amount, basis_quantity; /* fen, thousandths */
    str band;                             /* as written; p NULL: none */
    int64_t earned;                       /* fen, before cap, floor, guarantee, minimum_payout */
    int64_t amount;
    int64_t carried;  /* fen that minimum_payout keeps out of the period: amount is 0 then */
    int64_t cut;      /* fen that the budget of the policy took off (budget.h) */
    int64_t climbed;  /* W, in the policy's measure, rounded */
    int64_t to_next;  /* what W lacks for the next band; NUM_NONE: there is none, or it is no matter of W */
    const char *none; /* why nothing is earned by itself, NULL */
    rebate_trace *trace;
    size_t traces;
    rebate_line *next;
};

/* What a person should know beside the lines. */
typedef enum rebate_note_kind {
    NOTE_NO_STAGE,   /* a row before its product's first stage */
    NOTE_NO_AMOUNT,  /* a row without amount, in a policy that counts amounts */
    NOTE_NO_TAX,     /* a row without tax rate, taken at 0 % */
    NOTE_NO_PRICE,   /* a row that cannot be valued as value_at asks */
    NOTE_NO_COUNT,   /* verified_sell_out: a count is missing, the quantity waits */
    NOTE_UNVERIFIED, /* verified_sell_out: more was reported sold than went, the rest waits */
    NOTE_SHELF,      /* stock_cap: a quantity moves to the next period */
    NOTE_HELD,       /* verified_sell_out: a quantity that is held or was taken away */
    NOTE_CARRIED,    /* minimum_payout: an amount is carried on */
    NOTE_REBATED,    /* a row that was paid out of the rebate account does not count */
} rebate_note_kind;

typedef struct rebate_note rebate_note;
struct rebate_note {
    rebate_note_kind kind;
    uint32_t partner, product, no;
    day_t day;
    int32_t period;
    int64_t quantity, amount;
    str by; /* NOTE_HELD: what holds it; NOTE_NO_COUNT: the counts that are missing, "closing" or "opening, closing" */
    rebate_note *next;
};
enum { REBATE_NOTES_MAX = 1000 };

typedef struct rebate_result {
    rebate_line *first, *last;
    rebate_note *note, *last_note;
    size_t lines, notes; /* notes beyond REBATE_NOTES_MAX are counted only */
} rebate_result;

typedef struct rebate_options {
    bool trace;
    arena *work; /* for what is of no use afterwards; NULL: one of its own */
} rebate_options;

/** Lines in order of partner, period, stage (any last), mechanisms as the policy lists them; all of it lives in `a`.
 *  ERR_DATA: the world lacks what the policy asks for, or figures are too large to be exact. */
MUST_USE bool rebate_evaluate(const policy *p, const rebate_world *w, rebate_options how, arena *a, rebate_result *out,
                              err *e);

#endif
