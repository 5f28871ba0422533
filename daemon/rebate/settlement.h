/* settlement — what is due of a period: what closed periods bear of its lines, judged by the policies' conditions and
 * overlap rules (settle.h), times the share that is paid out, less what statements bear already. So settling again gives
 * nothing, an interim statement is netted by the next, and late differences come with the period that bears them.
 *
 * minimum_payout: a policy's periods are taken in their order; what they earn waits until it comes to the minimum together,
 * then all of it is due. As this is a function of all closed periods, a return may put paid periods back below it.
 *
 * Settling P looks at every partner and period of lines of which P bears a part. A line waits while its own period is
 * open again. An interim settlement counts what P bears though it is open. */
#ifndef REBATE_SETTLEMENT_H
#define REBATE_SETTLEMENT_H

#include "daemon/ledger/facts.h"
#include "daemon/rebate/accrual.h"
#include "daemon/rebate/settle.h"

typedef enum due_state {
    DUE_SETTLED,
    DUE_HELD,
    DUE_CARRIED,  /* below minimum_payout: waits for later periods. For people only, as the next */
    DUE_FORFEITED /* never settled, unless the condition is met after all */
} due_state;

typedef struct due_row {
    line_key at;
    uint32_t revision;
    str company;
    payout_form form;
    uint32_t expires_days; /* 0: for ever */
    uint32_t own_share;    /* of an order that it may not cover (ledger/wallet.h) */
    int64_t amount;        /* fen, not 0; below 0: to be taken back */
    const char *held;      /* why it is not settled now, NULL: it is */
    due_state state;
} due_row;

typedef struct due_rows {
    due_row *at;
    size_t n, cap;
} due_rows;

/** How a partner stands now; in `a`. */
void standing_read(facts *f, uint32_t partner_no, arena *a, standing *out);
/** The last day of a policy's period, within the policy. */
day_t settlement_end(const policy *p, str period);
/** By partner, company, policy, period, stage, mechanism; in `a`. ERR_CONFLICT: the period is open (and not interim), or
 *  policies of an overlap group contradict each other. */
MUST_USE bool settlement_due(txn *t, str label, bool interim, arena *a, due_rows *out, err *e);
/** The first rows that are not held as the body of one entry, in `a`; how many rows it took, held ones too. */
size_t settlement_pack(txn *t, str label, bool interim, const due_row *row, size_t n, arena *a, Entry__Settlement *out);

/** KIND_SETTLEMENT: r->number is how many statements were made. ERR_CONFLICT: the period is open; a line was never
 *  accrued. */
MUST_USE bool rebate_settlement(txn *t, const entry *en, const Entry__Settlement *m, apply_result *r, err *e);

#endif
