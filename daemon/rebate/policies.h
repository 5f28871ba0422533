/* policies — the life of a policy: every revision of it as it was written, by whom, when and why. The last revision is
 * the one in force, for all days of its `effective` span: what it changes backwards comes out as a difference (design §4).
 * So each revision has two times: known from (the entry's), valid from (the policy's own `effective`).
 *
 *   policy   name, 0, revision u32 → entry u64, time i64, action u8, restores u32, then texts: by, reason, yaml */
#ifndef REBATE_POLICIES_H
#define REBATE_POLICIES_H

#include "daemon/store/apply.h"
#include "proto/journal.pb-c.h"

/* Numbers are stored. */
typedef enum policy_action { POLICY_APPLIED = 1, POLICY_ROLLED_BACK, POLICY_WITHDRAWN } policy_action;
const char *policy_action_name(policy_action a); /* "applied", "rolled_back", "withdrawn" */

typedef struct policy_revision {
    str name;
    uint32_t revision, restores; /* from 1; of a rollback the revision it brought back */
    uint64_t entry;
    int64_t time_ms;
    policy_action action;
    str by, reason, yaml; /* of a withdrawal the text that was in force */
} policy_revision;

/** Texts are borrowed from t. */
bool policy_revision_get(txn *t, str name, uint32_t revision, policy_revision *out);
/** The last revision, a withdrawal too; false: no such policy. */
bool policy_latest(txn *t, str name, policy_revision *out);
/** The last revision of the policy whose name follows `after` ("": of the first). */
bool policy_next(txn *t, str after, policy_revision *out);

/** Parse what a revision says. What was accepted once parses. */
struct policy;
MUST_USE bool policy_open(const policy_revision *r, struct policy *out, err *e);

/** KIND_POLICY. ERR_CONFLICT: the revision moved. */
MUST_USE bool rebate_policy(txn *t, const entry *en, const Entry__Policy *m, apply_result *r, err *e);
/** What a record of this table says, without entries and times (see ledger/content.h). */
bool policy_content(txn *t, uint32_t table, str stored_key, str val, buf *out);

#endif
