/* proposal — four eyes: an entry that one person wrote and a second must let through. Nothing of it is applied before; an
 * approval applies it in its own entry, with the books as they are then, and may be refused by them.
 *
 *   proposal   number u64 → entry u64, time i64, state u8, kind u16, roles u32, currency u32, amount i64, decided entry
 *              u64, then texts: by, subject, what, decided by, why; body
 */
#ifndef JOURNAL_PROPOSAL_H
#define JOURNAL_PROPOSAL_H

#include "daemon/store/apply.h"
#include "proto/journal.pb-c.h"

/* Numbers are stored. */
typedef enum proposal_state { PROPOSAL_OPEN = 1, PROPOSAL_APPROVED, PROPOSAL_REFUSED } proposal_state;
const char *proposal_state_name(proposal_state s); /* "open", "approved", "refused" */

typedef struct proposal {
    uint64_t number, entry, decided; /* journal entries: that proposed it, that decided it (0: open) */
    int64_t time_ms;
    proposal_state state;
    uint16_t kind;     /* of the entry that waits */
    uint32_t roles;    /* bits of command.h's role that may decide; the proposer never may */
    uint32_t currency; /* of the amount, 0: none */
    int64_t amount;    /* what is at stake, minor units; NUM_NONE: no money */
    str by, subject, what, decided_by, why;
    str body; /* packed message of `kind` */
} proposal;

bool proposal_get(txn *t, uint64_t number, proposal *out); /* texts borrowed */
bool proposal_decode(uint64_t number, str val, proposal *out);

/** KIND_PROPOSAL: r->number is its number. */
MUST_USE bool proposal_apply(txn *t, const entry *en, const Entry__Proposal *m, apply_result *r, err *e);
/** KIND_DECISION. ERR_NOT_FOUND, ERR_CONFLICT (decided already), ERR_DENIED (the same person). An approval applies the
 *  entry as `by`; what its appliers refuse leaves the proposal open. */
MUST_USE bool decision_apply(txn *t, const entry *en, const Entry__Decision *m, apply_result *r, err *e);

#endif
