/* apply — what every room's appliers get and give. Declared here, above the rooms that apply, so that they need not see
 * the journal. */
#ifndef STORE_APPLY_H
#define STORE_APPLY_H

#include "base/arena.h"
#include "daemon/store/entry.h"
#include "kv/kv.h"

/** What one entry did, for receipts and commands. */
typedef struct apply_result {
    arena *a; /* scratch and results live here */
    uint64_t documents, lines, committed, duplicate, quarantined, refused, superseded;
    uint64_t problem_count;
    struct Wire__Problem **problems; /* problems_kept of them, ≤ LIMIT_PROBLEMS */
    size_t problems_kept;
    uint64_t number; /* number of what was created (upload, partner …) */
} apply_result;

#endif
