/* unmapped — what stands in quarantine for want of a word about goods, as a person maps it: one row for each code (and
 * unit) of a partner with the name and specification the files gave it. */
#ifndef COMMAND_UNMAPPED_H
#define COMMAND_UNMAPPED_H

#include "base/arena.h"
#include "base/calendar.h"
#include "daemon/catalog/waiting.h"
#include "daemon/store/store.h"

typedef struct unmapped {
    waiting_reason reason;      /* WAIT_PRODUCT: the code is not known; WAIT_UNIT: of a known one the unit is not */
    uint32_t partner;           /* who reports it */
    str code, name, spec, unit; /* as sent; "" not stated */
    uint64_t lines;
    int64_t amount; /* of its lines as stated, else quantity × price; micro units of whatever currency */
    day_t first;    /* business day of its earliest line */
} unmapped;

/** All of a partner (0: of everybody), the largest amount first. The rows live in `a`. */
MUST_USE bool unmapped_collect(txn *t, uint32_t partner_no, arena *a, unmapped **out, size_t *n, err *e);

#endif
