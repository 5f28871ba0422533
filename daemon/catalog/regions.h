/* regions — the region tree that comes with the program (GB/T 2260 with its history, Hong Kong, Macau, Taiwan, and
 * ISO 3166 countries), made at build time from npm packages by tools/regions.mjs. Journaled once, at the first start,
 * so that a replay never depends on a newer program's tree. */
#ifndef CATALOG_REGIONS_H
#define CATALOG_REGIONS_H

#include "base/arena.h"
#include "proto/journal.pb-c.h"

#define SOURCE_BUILT_IN "built-in" /* Catalog.source of these entries; their rows get ROW_BUILT_IN */

/** The n-th entry (from 0) of the built-in tree, ≤ LIMIT_ENTRY_ROWS rows and ≤ 1 MiB, in an order in which every parent
 *  stands before its children. The arena (≥ 4 MiB) holds it. False: there are no more. */
bool built_in_regions(size_t n, arena *a, Entry__Catalog *out);

#endif
