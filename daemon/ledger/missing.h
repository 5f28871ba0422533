/* missing — lines that a document without number had and its new content no longer has: two files of one day may both be
 * meant (no_number: add), so what went is said. */
#ifndef LEDGER_MISSING_H
#define LEDGER_MISSING_H

#include "base/arena.h"
#include "daemon/ledger/posting.h"

/** Rows of `old` that have no equal in `now` (product, customer, place, kind and figures; the day is the document's).
 *  *product: that of one of them. */
uint32_t missing_rows(const posting *old, const posting *now, arena *scratch, uint32_t *product_no);

#endif
