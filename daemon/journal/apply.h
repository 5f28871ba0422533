/* journal/apply — entry kind → the rooms that apply it, in the order of the rooms. */
#ifndef JOURNAL_APPLY_H
#define JOURNAL_APPLY_H

#include "base/err.h"
#include "daemon/store/apply.h"

/** Apply an entry that is not stored yet. Only the first room of a kind may refuse; the others follow from it. */
MUST_USE bool journal_apply(txn *t, const entry *en, apply_result *r, err *e);

#endif
