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
    uint64_t reversed_documents, reversed_lines; /* missing from a file that is the whole truth for its span */
    struct Wire__Reversed **reversed;            /* reversed_kept of them, ≤ LIMIT_REVERSED_SHOWN */
    size_t reversed_kept;
    struct wait_row { /* lines in quarantine by their rows of the file, ≤ LIMIT_BATCH_LINES kept */
        uint64_t row;
        uint32_t sheet;
        uint8_t reason; /* waiting_reason */
    } * waits;
    size_t waits_kept;
    struct coded *coded; /* documents whose codes moved (ledger/coded.h); NULL none */
    uint64_t number;     /* number of what was created (upload, partner …) */
} apply_result;

#endif
