/* penalty — what a case costs: the schedule (YAML, revisions with dates like policies) and its arithmetic. Pure but for reading
 * the revision that holds.
 *
 *   metadata: {name: diversion}
 *   spec:
 *     effective: {from: 2026-01-01, to: 2026-12-31}   # business days of what is punished
 *     currency: CNY
 *     clause: "7.2"                 # of the contract
 *     window_months: 12             # upheld cases so long before count
 *     price: dealer                 # what values the goods
 *     offences:                     # the first (首次), the second (二次), the third and every further one (三次)
 *       - {rate: "50%"}             # of the goods' value, from the rebate account
 *       - {rate: "100%", lump: "1000", buy_back: "100%"}
 *       - {rate: "200%", deposit: "20000", exemptions: 365, clause: "7.4", at_least: "5000", at_most: "100000"}
 *     compensation: {share: "50%", of: penalty}        # or of: goods; to the harmed partner, with what is bought back
 *
 *   from the rebate account: rate × goods + lump, not below at_least, not above at_most; + buy_back × goods
 *   from the deposit: deposit
 *   to the harmed: share × (penalty: that rebate account part without the bought back, and the deposit | goods), + bought back
 *
 *   penalty   revision u32 → entry u64, time i64, then texts: by, reason, yaml */
#ifndef TRACE_PENALTY_H
#define TRACE_PENALTY_H

#include "base/arena.h"
#include "base/calendar.h"
#include "daemon/catalog/price.h"
#include "daemon/store/apply.h"
#include "proto/journal.pb-c.h"

enum { PENALTY_OFFENCES = 16, PENALTY_BYTES = 64 * 1024 };

typedef struct penalty_offence {
    str clause;                /* "" the schedule's */
    int64_t rate;              /* ppm of the goods' value */
    int64_t lump, deposit;     /* minor units */
    int64_t at_least, at_most; /* NUM_NONE: none */
    int64_t buy_back;          /* ppm of the goods' value */
    uint32_t exemptions;       /* days without */
    bool warning;              /* nothing but a warning */
} penalty_offence;

typedef struct penalty_schedule {
    arena a;
    str name, clause;
    day_t from, to;
    uint32_t currency;
    uint32_t window_months;
    price_kind price;
    penalty_offence offence[PENALTY_OFFENCES];
    size_t offences;
    int64_t share; /* ppm */
    bool of_goods;
} penalty_schedule;
void penalty_schedule_auto(penalty_schedule *p);

/** ERR_CONFIG: "line N: …". */
MUST_USE bool penalty_parse(str yaml, penalty_schedule *out, err *e);

typedef struct penalty_due { /* minor units */
    uint32_t offence;        /* 1 the first; as counted, also beyond the last of the schedule */
    const penalty_offence *row;
    int64_t wallet, deposit, buy_back; /* wallet: without the bought back */
    int64_t compensation;              /* with the bought back */
} penalty_due;
/** What goods of a value (minor units) cost at the n-th offence (from 1). ERR_DATA: out of range. */
MUST_USE bool penalty_reckon(const penalty_schedule *p, uint32_t nth, int64_t goods, penalty_due *out, err *e);

typedef struct penalty_revision {
    uint32_t revision;
    uint64_t entry;
    int64_t time_ms;
    str by, reason, yaml; /* borrowed */
} penalty_revision;
bool penalty_get(txn *t, uint32_t revision, penalty_revision *out);
/** The newest; false: there is none. */
bool penalty_latest(txn *t, penalty_revision *out);
/** The newest revision that is effective on a day, parsed; 0: none. */
MUST_USE bool penalty_on(txn *t, day_t day, uint32_t *revision, penalty_schedule *out, err *e);

/** KIND_PENALTY. ERR_CONFLICT: the revision moved. */
MUST_USE bool trace_penalty(txn *t, const entry *en, const Entry__PenaltySchedule *m, apply_result *r, err *e);
bool penalty_content(txn *t, uint32_t table, str stored_key, str val, buf *out);

#endif
