/* ledger — what happened in goods. The appliers of its kinds of entries: each decides everything by reading (plan),
 * then writes; after the first write only LMDB can fail. */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include "daemon/store/apply.h"
#include "proto/journal.pb-c.h"

/** A batch of documents (KIND_DOCUMENT). ERR_CONFLICT: not the next batch of its agent. ERR_DATA: malformed as a whole;
 *  the caller journals it as KIND_UPLOAD_REFUSED. r->lines = committed + duplicate + quarantined + refused; the lines
 * of a document in parts are counted with its last part. r->number is the upload. */
MUST_USE bool ledger_upload(txn *t, const entry *en, const Entry__Upload *body, apply_result *r, err *e);
/** A batch refused unread: its number is used up (KIND_UPLOAD_REFUSED). */
MUST_USE bool ledger_upload_refused(txn *t, const entry *en, const Entry__UploadRefused *body, apply_result *r, err *e);
/** Take back what an upload did (KIND_WITHDRAW). ERR_NOT_FOUND, ERR_CONFLICT when it is withdrawn already. */
MUST_USE bool ledger_withdraw(txn *t, const entry *en, const Entry__Withdraw *body, apply_result *r, err *e);
/** Judge documents again (KIND_REPOST). */
MUST_USE bool ledger_repost(txn *t, const entry *en, const Entry__Repost *body, apply_result *r, err *e);
/** Note which words an entry of the catalogue taught (KIND_CATALOG, KIND_SETTING), after it was applied. */
void ledger_learn(txn *t, const entry *en);

#endif
