/* calendar — the business calendar as the catalogue has it: setting fiscal_month_starts, tables `calendar` (holidays and
 * 调休 working days) and `fiscal_month` (first days of months that the setting does not give). What is asked of it stands
 * in base/fiscal.h. It holds for every day alike: a row that is changed changes what past days are said to be. */
#ifndef CATALOG_CALENDAR_H
#define CATALOG_CALENDAR_H

#include "base/arena.h"
#include "base/fiscal.h"
#include "daemon/store/store.h"

/** All of it, in `a`. */
void calendar_load(txn *t, arena *a, fiscal_calendar *out);

#endif
