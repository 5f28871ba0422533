/* exempted — what a declared cross-region sale has been used for: net sales of the partner and its places into its region
 * within its days. Only a ship-to that is stated, or known of the customer, counts. */
#ifndef LEDGER_EXEMPTED_H
#define LEDGER_EXEMPTED_H

#include "daemon/catalog/exemption.h"
#include "daemon/ledger/facts.h"

/** Thousandths of base units; *lines (may be NULL) is how many lines they are. */
int64_t exempted_quantity(facts *f, const exemption *x, uint64_t *lines);

#endif
