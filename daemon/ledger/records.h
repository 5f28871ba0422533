/* records — writing halves of this room's records; used by its appliers only. */
#ifndef LEDGER_RECORDS_H
#define LEDGER_RECORDS_H

#include "daemon/ledger/uploads.h"

void upload_state_put(txn *t, str who, const upload_state *s);
void upload_receipt_put(txn *t, str who, uint64_t epoch, uint64_t seq, str digest, str receipt);
void upload_replacement_put(txn *t, str who, uint64_t id, uint64_t upload_no);
void upload_put(txn *t, const upload *u);

#endif
