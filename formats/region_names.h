/* region_names — provinces, cities and counties that are or were, by their names: the region tree that comes with the
 * program (tools/regions.mjs). The daemon's own tree is data; this one says only which names belong together. */
#ifndef FORMATS_REGION_NAMES_H
#define FORMATS_REGION_NAMES_H

#include "base/str.h"

typedef struct region_named {
    const char *name;
    int32_t code; /* GB/T 2260, six digits */
} region_named;

/** How many bear exactly this name; *first is the first of them, by code. */
size_t region_names_find(str name, const region_named **first);

#endif
