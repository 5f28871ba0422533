/* members — whose goods are seen together: a partner that reports, with the places below it that do not. */
#ifndef LEDGER_MEMBERS_H
#define LEDGER_MEMBERS_H

#include "daemon/ledger/facts.h"

/** The partner itself, then everything below it that rolls up to it; in `a`. */
size_t members_of(facts *f, uint32_t partner_no, arena *a, uint32_t **out);
/** Partners that answer for goods: they, or members of theirs, have flows or counts. Ascending; the manufacturer is none
 *  of them. In `a`. */
size_t members_answering(facts *f, arena *a, uint32_t **out);

#endif
