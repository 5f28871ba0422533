/* live — is a day of a partner history? What lies before the live date of the partner (catalog/onboarding.h) fills
 * flows, forecasts and baselines; it raises no signal, case, notice or accrual. Whoever judges asks here for each line or
 * sum: partner is the one where it stands (posted.partner, the partner of flow_day). The answer is read, not stamped:
 * after a change of the live date judge again. Long walks use partner_fact_of(…)->live, the same day looked up once. */
#ifndef LEDGER_LIVE_H
#define LEDGER_LIVE_H

#include "base/calendar.h"
#include "kv/kv.h"

/** First day that counts: DAY_MIN for a partner that nobody onboards, DAY_MAX while no live date is set. */
day_t ledger_live_from(txn *t, uint32_t partner_no);
bool ledger_is_history(txn *t, uint32_t partner_no, day_t day);

#endif
