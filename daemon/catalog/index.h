/* index — how rows are found otherwise than by their key. Kept by catalog_put() for rows that have not ended.
 *
 *   INDEX_PARTNER_NAME   name, 0, partner u32              ""
 *   INDEX_PARTNER_CHILD  parent u32, partner u32           ""
 *   INDEX_PARTNER_AGENT  partner u32, agent id             ""           (kept by agents.c)
 *   INDEX_GTIN           14 digits, product u32            ""
 *   INDEX_REGION_NAME    name, 0, region u32               ""           full and short names; areas with REGION_AREA
 *   INDEX_REGION_UP      region u32                        parent u32, level u8       ended ones included
 *   INDEX_REGION_CHILD   parent u32, region u32            ""
 *   INDEX_AREA           area id                           number of its first row u32
 *   INDEX_AREA_REGION    region u32, area id               number of the area's first row u32
 *   INDEX_USER_TOKEN     token hash, 32 bytes              user name    (kept by users.c)
 *   INDEX_OPENING_STOCK  place or partner u32, as_of i32,  entry u64, base units i64 (as the units were then)
 *                        product u32, row u32
 *   INDEX_BRAND          brand                             number u32   from 1; a brand keeps its number for ever
 *   INDEX_BRAND_NO       brand u32                         its name
 * Each key begins with the index as u8. */
#ifndef CATALOG_INDEX_H
#define CATALOG_INDEX_H

#include "daemon/catalog/rows.h"

typedef enum catalog_index {
    INDEX_PARTNER_NAME = 1,
    INDEX_PARTNER_CHILD,
    INDEX_PARTNER_AGENT,
    INDEX_GTIN,
    INDEX_REGION_NAME,
    INDEX_REGION_UP,
    INDEX_REGION_CHILD,
    INDEX_AREA,
    INDEX_AREA_REGION,
    INDEX_USER_TOKEN,
    INDEX_OPENING_STOCK,
    INDEX_BRAND,
    INDEX_BRAND_NO,
} catalog_index;

/** Add the index entries of a row, or take them out. The row is not borrowed from t. */
void index_row(txn *t, catalog_table table, const catalog_row *row, bool add);

key index_key(catalog_index index);
/** Numbers (u32 at the end of the key) under a prefix, at most `max`; returns how many. */
size_t index_numbers(txn *t, const key *prefix, uint32_t *out, size_t max);
/** Numbers under a name: prefix index, name, 0. A name that no key can hold has none. */
size_t index_named(txn *t, catalog_index index, str name, uint32_t *out, size_t max);

#endif
