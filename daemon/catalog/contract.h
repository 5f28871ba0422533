/* contract — versions of the contracts that partners signed: rows of the catalogue. A penalty rests on the version that
 * was signed on the day of what it is for. */
#ifndef CATALOG_CONTRACT_H
#define CATALOG_CONTRACT_H

#include "daemon/catalog/catalog.h"

/** The version a partner (or the nearest one above it that has any) had signed by a day, not past its last day; of
 *  several the one signed last. Borrowed; "" when there is none. */
str contract_on(txn *t, uint32_t partner_no, day_t day);

#endif
