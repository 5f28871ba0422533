/* budget — a policy that stops at its budget. The budget is for all partners and all periods of the policy: periods are
 * served in their order, and the one in which it runs out shares what is left over all its lines in proportion to what they
 * earn (largest remainder, ties to the earlier line); what follows gets nothing. So the answer depends on what was sold and
 * not on who reported first; what was posted before comes back as a difference. */
#ifndef REBATE_BUDGET_H
#define REBATE_BUDGET_H

#include "daemon/rebate/books.h"

/** Cut the lines of `r`, which books_evaluate() gave for `ask`, to the budget: amount becomes what is left, cut says what
 *  was taken off, traces follow. Where `ask` is not about all partners and periods, these are evaluated for it. */
MUST_USE bool budget_stop(books *b, const policy *p, const books_ask *ask, arena *a, books_result *r, err *e);

#endif
