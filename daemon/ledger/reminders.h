/* reminders — messages to partners about reports that are due soon or overdue (duties.h), as the timer of the service
 * posts them: kind "report_due" from `duty.remind_days` working days before the due day until it, once the period is
 * over; kind "report_missing" after it, for REMIND_BACK_DAYS. One message for the reports of a partner that end and fall
 * due on the same days; `day` is the last day of the period, `subject` "month sale stock".
 *
 * What was posted stands in the outbox and is never posted again, whoever restarts; periods before the partner's live
 * date are left alone, and what shadow mode holds back the outbox keeps as suppressed. */
#ifndef LEDGER_REMINDERS_H
#define LEDGER_REMINDERS_H

#include "daemon/ledger/duties.h"
#include "proto/journal.pb-c.h"

enum { REMIND_BACK_DAYS = 31, REMIND_MESSAGES = 512 /* of one entry */ };

/** The moment of a day at which its reminders are due (setting duty.remind_hour). */
int64_t reminders_hour_ms(txn *t, day_t day, int zone_min);
/** The messages to be posted on q->today, at most REMIND_MESSAGES, in `a`; false: none. After they are posted ask
 *  again. */
bool reminders_due(const report_asker *q, arena *a, Entry__Notices *out);

#endif
