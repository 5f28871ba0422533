#include "daemon/ledger/live.h"

#include "daemon/catalog/onboarding.h"

day_t ledger_live_from(txn *t, uint32_t partner_no) {
    onboarding o;
    onboarding_of(t, partner_no, &o);
    return o.live;
}

bool ledger_is_history(txn *t, uint32_t partner_no, day_t day) {
    return day < ledger_live_from(t, partner_no);
}
