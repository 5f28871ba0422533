/* stage — the lifecycle stage of a product on a day: the last row that began on or before it. */
#ifndef CATALOG_STAGE_H
#define CATALOG_STAGE_H

#include "daemon/catalog/catalog.h"

typedef enum stage { STAGE_NONE, STAGE_INTRODUCTION, STAGE_GROWTH, STAGE_MATURITY, STAGE_DECLINE, STAGE_COUNT } stage;

const char *stage_name(stage s); /* "introduction"; "" for none */
stage stage_at(txn *t, str sku, day_t day);

/* What its row says besides, for those who plan. Texts are borrowed. */
typedef struct stage_plan {
    stage stage;
    str analogue; /* introduction: the sku of a product like it; "" none */
    double share; /* of what that one sold; 1 where nothing is said */
    day_t ends;   /* decline: last day of sale; DAY_MAX: not set */
} stage_plan;
stage_plan stage_plan_at(txn *t, str sku, day_t day);

#endif
