/* territory — where a partner may sell what, on a day. Both ends of a span are inside it. */
#ifndef CATALOG_TERRITORY_H
#define CATALOG_TERRITORY_H

#include "daemon/catalog/catalog.h"

typedef struct territory {
    uint32_t region; /* region or area number */
    str products,
        channels; /* lists separated by ';', "" or "*": all. A product is a sku, brand:NAME or category:NAME */
    bool exclusive;
} territory;

/** The partner's own rows valid on the day, at most `max`; returns how many. */
size_t territory_of(txn *t, uint32_t partner_no, day_t day, territory *out, size_t max);
/** Does a list of products (as above) hold this one? */
bool territory_has_product(str products, const product *p);
/** May the partner (by a row of its own, or of a parent) sell this product into this region on that day? */
bool territory_allows(txn *t, uint32_t partner_no, const product *p, uint32_t region_no, str channel, day_t day);

#endif
