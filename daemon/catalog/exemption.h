/* exemption — declared cross-region sales (异地报备): a partner may sell beyond its territory for a while, asked for and
 * granted beforehand. Rows of the catalogue; a row of the partner or of one above it counts. It lapses by itself after its
 * last day; goods sold under it may still be seen for EXEMPTION_SEEN_DAYS. */
#ifndef CATALOG_EXEMPTION_H
#define CATALOG_EXEMPTION_H

#include "daemon/catalog/catalog.h"

enum { EXEMPTION_SEEN_DAYS = 30 };

typedef enum exemption_state { EXEMPTION_GRANTED, EXEMPTION_REQUESTED, EXEMPTION_REFUSED } exemption_state;
const char *exemption_state_name(exemption_state s); /* "granted", "requested", "refused" */

typedef struct exemption {
    str partner, reference;
    str products; /* as in territories: "" all, else SKUs, brand:NAME, category:NAME, separated by ; */
    str customer; /* "" any */
    str reason;
    uint32_t region;  /* region or area number */
    day_t from, to;   /* inclusive */
    int64_t quantity; /* thousandths of base units; NUM_NONE: not bounded */
    exemption_state state;
} exemption;

/** A row of CATALOG_EXEMPTION. Texts are borrowed from it. */
void exemption_read(txn *t, const catalog_row *row, exemption *out);

/* What is asked about: goods in a region on a day. */
typedef struct exemption_use {
    uint32_t partner;
    const product *of;
    uint32_t region;
    str customer; /* "" not known: rows for one customer do not cover it */
    day_t day;
    bool seen; /* a sighting, not the sale itself */
} exemption_use;
/** Does this row, whatever its state, hold for it? The partner is not looked at. */
bool exemption_is_for(txn *t, const exemption *x, const exemption_use *u);
/** A granted row that covers it; its texts are borrowed. False: none. */
bool exemption_find(txn *t, const exemption_use *u, exemption *out);

#endif
