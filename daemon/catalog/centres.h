/* centres — where regions are, roughly: the point at which a map writes the name of a city, of a district of the four
 * municipalities, of a province that has neither. Made at build time from an npm package (tools/regions.mjs). */
#ifndef CATALOG_CENTRES_H
#define CATALOG_CENTRES_H

#include "kv/kv.h"

enum {
    CENTRE_KM = 500,    /* a place farther than that from every centre lies in none */
    CENTRE_BLUR_KM = 80 /* a region's centre stands for a place in it, so far off at most */
};

/** The region whose centre lies nearest to a place in millionths of a degree; 0: none near. */
uint32_t region_nearest(txn *t, int32_t lat, int32_t lon);
/** The centre of a region, of a county that of its city; false: none known. */
bool region_centre(txn *t, uint32_t region, int32_t *lat, int32_t *lon);

#endif
