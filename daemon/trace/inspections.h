/* inspections — tasks for inspectors (稽查): from an alert or by plan, to a person, with place, products and deadline. What
 * comes of one is told once: found, or not found, which counts for the accused.
 *
 *   inspection   number u64 → entry u64, done u64, time i64, done time i64, state u8, partner u32, region u32, due i32, then texts:
 *                person, by, place, products, case, result, codes (a line each); digests of files */
#ifndef TRACE_INSPECTIONS_H
#define TRACE_INSPECTIONS_H

#include "base/calendar.h"
#include "daemon/store/apply.h"
#include "proto/digest.h"
#include "proto/journal.pb-c.h"

/* Numbers are stored; the first is also the act that makes one, the others what comes of it. */
typedef enum inspection_state {
    INSPECTION_OPEN = 1,
    INSPECTION_FOUND,
    INSPECTION_NOT_FOUND,
    INSPECTION_CANCELLED
} inspection_state;
const char *inspection_state_name(inspection_state s); /* "open", "found", "not_found", "cancelled" */
bool inspection_state_parse(str s, inspection_state *out);

typedef struct inspection {
    uint64_t number, entry, done; /* journal entries */
    int64_t time_ms, done_ms;
    inspection_state state;
    uint32_t partner, region; /* whose goods are looked for, 0 anybody's */
    day_t due;
    str person, by, place, products, case_id, result, codes; /* borrowed */
    const uint8_t *paper;
    size_t papers;
} inspection;

bool inspection_get(txn *t, uint64_t number, inspection *out);
bool inspection_decode(uint64_t number, str val, inspection *out);

/** KIND_INSPECTION: r->number is its number. ERR_CONFLICT: it was done already. */
MUST_USE bool trace_inspection(txn *t, const entry *en, const Entry__Inspection *m, apply_result *r, err *e);
bool inspection_content(txn *t, uint32_t table, str stored_key, str val, buf *out);

#endif
