/* scope — for whom and for what a rule is: lists as people write them, and how closely one names somebody. */
#ifndef CATALOG_SCOPE_H
#define CATALOG_SCOPE_H

#include "daemon/catalog/catalog.h"

/** How closely a list of skus, brand:NAME and category:NAME names the product: 3 its sku, 2 its brand or category, 1 all
 *  (the list is empty), 0 not. */
unsigned scope_product(str list, const product *x);
/** The same of a list of partners and tier:NAME: 3 the partner or one above it, 2 its tier, 1 all, 0 not. */
unsigned scope_partner(txn *t, str list, uint32_t partner_no);

#endif
