/* price — which price holds. Amounts are micro units of the currency (MICRO_SCALE) for one base unit. */
#ifndef CATALOG_PRICE_H
#define CATALOG_PRICE_H

#include "daemon/catalog/catalog.h"

typedef enum price_kind {
    PRICE_EX_WORKS,
    PRICE_DEALER,
    PRICE_WHOLESALE,
    PRICE_RETAIL,
    PRICE_FLOOR,
    PRICE_KIND_COUNT
} price_kind;
const char *price_kind_name(price_kind k);
bool price_kind_parse(str s, price_kind *out);

typedef struct price_query {
    uint32_t product_no;
    uint32_t partner_no; /* 0: nobody in particular; tier, region and parents are taken from it */
    uint32_t region_no;  /* 0: the partner's home */
    str channel;         /* "" : none */
    price_kind kind;
    day_t day;
} price_query;

typedef struct price {
    int64_t amount;
    bool incl_tax;
    bool by_product; /* the product's own undated list_price (dealer) or floor_price (floor) */
    catalog_row row; /* the row of `price` that decided, or that of the product */
} price;

/** The most specific row valid on the day: one that names the partner (nearest parent first), then one that names the
 *  channel, then the region (the deeper the better, an area last), then the tier; of equals the one that began last.
 *  Rows whose conditions do not hold never count. False: no price. */
bool price_find(txn *t, const price_query *q, price *out);
/** Its amount with (incl) or without VAT at the product's rate, else the default one. False: it does not fit. */
bool price_on_basis(txn *t, uint32_t product_no, const price *p, bool incl, int64_t *out);

#endif
