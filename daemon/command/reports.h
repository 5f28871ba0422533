/* reports — what figures of the whole channel owe to those who read them: for which span they stand, and how much of the
 * channel has reported. */
#ifndef COMMAND_REPORTS_H
#define COMMAND_REPORTS_H

#include "daemon/command/command.h"
#include "daemon/ledger/duties.h"

/** --period (2026-07, 2026-Q3, 2026-H2, 2026, 2026-W27, a day, D..D), or --from and --to. ERR_USAGE. */
MUST_USE bool option_span(call *c, day_span otherwise, day_span *out, err *e);

/** Who asks report_find() and its like: the calendar of c->t, the day of c->now_ms. `calendar` is filled. */
report_asker report_asker_of(call *c, fiscal_calendar *calendar);

/** Say beside a list what it rests on: "coverage: 38 of 50 partners, …" on stderr. For a single day of counts the fiscal
 *  month before it is meant too. Before the first row. */
void answer_coverage(call *c, doc_type type, day_span span);

/** Reports that are missing as of a moment, of the periods of this fiscal month and the two before; those before a
 *  partner's live date do not count. */
uint64_t missing_reports(call *c, int64_t now_ms, uint32_t *partners);

#endif
