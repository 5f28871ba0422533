/* accrual — what is posted of rebates. The figure of a line is a function (books.h); posted are only differences to what
 * was posted before, each borne by a period that is open: the line's own, else the next ("late for"). So the parts of a
 * line add up to what the policies give, whatever came when.
 *
 *   accrual   policy, 0, period, 0, partner u32, stage u8, mechanism → revision u32, entry u64, settled i64 (on statements
 *             that were not withdrawn), expected u8, then parts: label of the bearing period (varint length), amount (zigzag)
 *
 * A line of a period that still runs may be posted on the band that it is expected to end in (IFRS 15): what the whole
 * period is expected to pay, times what it climbed so far ÷ what it is expected to climb. Once the period is over the
 * figure is the actual one, and the difference is posted.
 *
 * Amounts are fen. Days before a partner's live date accrue nothing. */
#ifndef REBATE_ACCRUAL_H
#define REBATE_ACCRUAL_H

#include "daemon/rebate/policies.h"
#include "daemon/rebate/policy.h"
#include "daemon/store/keys.h"

typedef struct line_key { /* what a rebate line is called */
    uint32_t partner;     /* number in the catalogue */
    str policy, period;   /* period as the policy's: 2026-Q1, once */
    unsigned stage;
    str mechanism;
} line_key;

typedef struct accrual {
    line_key at;
    uint32_t revision; /* of the policy when it was posted last */
    uint64_t entry;
    int64_t settled;
    bool expected;
    str parts; /* read with accrual_part */
} accrual;

key accrual_key(const line_key *k);
bool accrual_decode(str stored_key, str val, accrual *out); /* borrowed */
bool accrual_get(txn *t, const line_key *k, accrual *out);
/** The next part of a reader of accrual.parts; false: no more. */
bool accrual_part(reader *r, str *bearer, int64_t *amount);
/** All parts together. */
int64_t accrual_posted(const accrual *a);
/** What is posted of all lines of a policy. */
int64_t accrual_total(txn *t, str policy);
/** Note a statement's line, or take it back. The record is there. */
void accrual_settle(txn *t, const line_key *k, int64_t amount);
/** By name: "growth", "any". */
bool line_stage_parse(str s, unsigned *out);

typedef struct accrual_row { /* a difference to be posted */
    line_key at;
    uint32_t revision;
    str bearer;
    int64_t amount;
    bool expected;
} accrual_row;

typedef struct accrual_rows {
    accrual_row *at;
    size_t n, cap;
} accrual_rows;

/** The first rows as the body of one entry, in `a`; how many. */
size_t accrual_pack(txn *t, const accrual_row *row, size_t n, arena *a, Entry__Accrual *out);

/** KIND_ACCRUAL. ERR_CONFLICT: a bearing period is closed. */
MUST_USE bool rebate_accrual(txn *t, const entry *en, const Entry__Accrual *m, apply_result *r, err *e);
bool accrual_content(txn *t, uint32_t table, str stored_key, str val, buf *out);

#endif
