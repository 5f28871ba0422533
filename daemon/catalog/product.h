/* product — units and GTINs, beyond catalog.h. */
#ifndef CATALOG_PRODUCT_H
#define CATALOG_PRODUCT_H

#include "daemon/catalog/catalog.h"

/** "箱=24;盒=6": how many base units (thousandths) one unit has. A walk: rest = p->units first; false at the end.
 *  *factor 0: the piece is malformed. */
bool product_unit_next(str *rest, str *unit, int64_t *factor);
/** Base units (thousandths) of one `unit` by the product alone; "" and the base unit give 1000. */
bool product_unit(const product *p, str unit, int64_t *factor);
/** What a carton holds (thousandths): the unit that is called so, else the smallest pack; 1000: there is none. */
int64_t product_carton(const product *p);
/** The sku of a number, "" when there is none. Borrowed. */
str product_sku(txn *t, uint32_t no);
/** The product as it stood on a business day. */
bool product_at(txn *t, uint32_t no, business_day *on, product *out);

/** The number of a brand, 0: no product ever bore it, or it is "". */
uint32_t brand_no(txn *t, str brand);
/** Its name, "" for 0. Borrowed. */
str brand_name(txn *t, uint32_t no);

enum { GTIN_SIZE = 14 };
/** 8, 12, 13 or 14 digits, padded to 14 with zeros before. The check digit is not looked at. */
bool gtin_pad(str s, char out[static GTIN_SIZE]);
/** Right check digit. Other keys of GS1 (SSCC) follow the same rule. */
bool gtin_check(str digits);

#endif
