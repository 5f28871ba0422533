/* period — the span of days a question is about, and the partners it may be about. */
#ifndef COMMAND_PERIOD_H
#define COMMAND_PERIOD_H

#include "base/fiscal.h"
#include "daemon/command/command.h"

/** option_span(); without --period, --from and --to the last fiscal month that is over. One end given: from the first of
 *  this month, to today. */
MUST_USE bool option_period(call *c, day_span *out, err *e);

/** Partners that answer for goods (ledger/members.h) and that the caller may read, or the one that --partner names, or
 *  that answers for the place it names. In the call's arena. */
MUST_USE bool option_answering(call *c, uint32_t **out, size_t *n, err *e);

/** Is it a partner who asks, about its own? */
static inline bool by_partner(const call *c) {
    return (c->who.role & ROLES_PARTNER) != 0;
}

#endif
