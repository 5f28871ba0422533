/* onboarding — what was decided about a partner's way in: from which day on it counts (live), and whether messages to it
 * are sent out (mode). Everything else about that way is a fact and worked out when asked (command/onboard.c).
 *
 * The row of the nearest partner above counts for one that has none, so that places follow their distributor. Nothing is
 * stamped anywhere: a changed row changes every answer at once. */
#ifndef CATALOG_ONBOARDING_H
#define CATALOG_ONBOARDING_H

#include "base/calendar.h"
#include "daemon/store/store.h"

typedef struct onboarding {
    bool row;    /* there is a row, its own or of a partner above */
    bool shadow; /* by its row, else by setting `mode`: everything is computed, nothing is sent out */
    day_t live;  /* first day that counts. DAY_MIN: no row, every day; DAY_MAX: being onboarded, none yet */
    str skipped; /* states that a channel manager waived, joined by ; (of the row found) */
    str note;    /* why */
} onboarding;

/** Texts are borrowed from t. */
void onboarding_of(txn *t, uint32_t partner_no, onboarding *out);
/** As it was when a journal entry was written; `shadow`: what setting `mode` said then. */
void onboarding_at(txn *t, uint32_t partner_no, uint64_t entry, bool shadow, onboarding *out);

#endif
