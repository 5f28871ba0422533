/* region — the tree of regions and the sales areas drawn over it.
 *
 * A region's number is the number of its catalogue row. A sales area can be a ship-to as well: its region number is the
 * number of its first row (smallest) with REGION_AREA set. 0 is "unknown". Codes: GB/T 2260 with 6 digits below CN,
 * ISO 3166 alpha-2 for countries, an area's own id for areas. */
#ifndef CATALOG_REGION_H
#define CATALOG_REGION_H

#include "daemon/catalog/catalog.h"

#define REGION_AREA 0x80000000U
enum { REGION_DEPTH_MAX = 8 };

typedef enum region_level {
    REGION_LEVEL_NONE,
    REGION_COUNTRY,
    REGION_PROVINCE,
    REGION_CITY,
    REGION_COUNTY,
    REGION_LEVEL_COUNT
} region_level;

const char *region_level_name(region_level l); /* "province" */
bool region_level_parse(str s, region_level *out);

/** Exactly this code or area id, ended ones included; 0: none. */
uint32_t region_by_code(txn *t, str code);
/** Its code (an area's id) and name, "" for 0. Borrowed. */
str region_code(txn *t, uint32_t no);
str region_name(txn *t, uint32_t no);
region_level region_level_of(txn *t, uint32_t no); /* of an area: REGION_LEVEL_NONE */
uint32_t region_parent(txn *t, uint32_t no);
/** The region of that level that it is or lies in; 0 when there is none (Dongguan has no county). Counties that lie
 *  directly in their province (仙桃) are a city of their own. For an area: the one that all its regions lie in. */
uint32_t region_at_level(txn *t, uint32_t no, region_level level);
/** The sales area (with REGION_AREA) it lies in: that of the nearest region upwards which an area names; of two such
 *  areas the first in the order of ids. An area is its own. 0: none. */
uint32_t region_area(txn *t, uint32_t no);
/** Is `no` the region `outer` or inside of it? Either may be an area; an area lies inside when all its regions do. */
bool region_within(txn *t, uint32_t no, uint32_t outer);

/** A word as a region number, without aliases: code, area, name, address. `home` (0: none) decides between regions of
 *  one name. False: unknown, or ambiguous. */
bool region_find(txn *t, str word, uint32_t home, day_t day, uint32_t *out);

#endif
