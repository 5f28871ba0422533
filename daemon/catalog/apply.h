/* catalog/apply — the appliers of this room. Each reads only its entry and the views, decides everything first (a
 * refusal is *e and leaves the views as they were), then puts; after the first put only LMDB can fail, and that sits in
 * the transaction.
 *
 * KIND_CATALOG sets in the result: lines = rows given, committed = rows new or changed, duplicate = rows as they were.
 * ERR_DATA: wrong rows or values (the text names the first and their number); ERR_NOT_FOUND: no such agent, user,
 * person; ERR_CONFLICT: a token used, expired or known, an agent that exists. */
#ifndef CATALOG_APPLY_H
#define CATALOG_APPLY_H

#include "base/err.h"
#include "daemon/store/apply.h"

/** KIND_CATALOG, SETTING, USER, AGENT_TOKEN, AGENT_ENROLLED, AGENT_REVOKED, PERSON. Any other kind: true, nothing done.
 */
MUST_USE bool catalog_apply(txn *t, const entry *en, apply_result *r, err *e);

/** What a record of this room's tables says, without what depends on arrival (numbers, entries): for `journal verify`,
 *  `content`. Appends to out; digests of records must be combined without regard to their order. False: the record
 *  is derived from others and left out. */
bool catalog_content(txn *t, uint32_t table, str stored_key, str val, buf *out);

#endif
