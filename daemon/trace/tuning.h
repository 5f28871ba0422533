/* tuning — the rules of the judgement as they are set here: switched, tuned, journaled. What is not set has its preset.
 *
 *   trace_rule   name → entry u64, value i64 */
#ifndef TRACE_TUNING_H
#define TRACE_TUNING_H

#include "daemon/store/apply.h"
#include "daemon/trace/rules.h"
#include "proto/journal.pb-c.h"

void tuning_load(txn *t, trace_rules *out);
/** Journal entry that set a rule, 0: its preset. */
uint64_t tuning_entry(txn *t, const char *name);

/** KIND_TRACE_RULE. ERR_USAGE: no such rule, or out of range. */
MUST_USE bool trace_tune(txn *t, const entry *en, const Entry__TraceRule *m, apply_result *r, err *e);
bool tuning_content(txn *t, uint32_t table, str stored_key, str val, buf *out);

#endif
