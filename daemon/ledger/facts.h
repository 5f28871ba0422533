/* facts — what long lists need of the catalogue, looked up once a number. */
#ifndef LEDGER_FACTS_H
#define LEDGER_FACTS_H

#include "base/map.h"
#include "daemon/catalog/region.h"
#include "daemon/ledger/flow.h"
#include "daemon/store/store.h"

typedef struct partner_fact {
    str id;
    uint32_t home;     /* region, 0 unknown */
    uint32_t reporter; /* itself, or the nearest partner above that reports */
    day_t live;        /* first day that is no history (ledger/live.h) */
} partner_fact;

typedef struct product_fact {
    str sku, brand, category, base_unit;
} product_fact;

typedef struct facts {
    txn *t;
    arena a;
    map index; /* sort and number → pointer */
} facts;

/** Everything given out lives until facts_free(). */
void facts_init(facts *f, txn *t);
void facts_free(facts *f);
void facts_auto(facts *f);

const partner_fact *partner_fact_of(facts *f, uint32_t no);
const product_fact *product_fact_of(facts *f, uint32_t no);
/** Code of a region (an area's id) at a level, or of the sales area it lies in; "" when there is none. */
str region_text(facts *f, uint32_t no, region_level level, bool area);
bool region_inside(facts *f, uint32_t no, uint32_t outer);
str customer_text(facts *f, uint32_t no);

#endif
