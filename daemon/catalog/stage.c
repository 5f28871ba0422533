#include "daemon/catalog/stage.h"

#include "daemon/catalog/cell.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/rows.h"

static const char *const names[STAGE_COUNT] = {"", "introduction", "growth", "maturity", "decline"};

const char *stage_name(stage s) {
    return names[s];
}

stage stage_at(txn *t, str sku, day_t day) {
    catalog_row row;
    stage at = STAGE_NONE;
    if (sku.n == 0 || !catalog_key_fits(CATALOG_STAGE, &sku, 1)) return STAGE_NONE;
    AUTO(catalog_walk) w = catalog_rows(t, CATALOG_STAGE, &sku, 1);
    while (catalog_next(&w, &row)) {
        if (!cells_valid_on(row.cell[STAGE_FROM], STR(""), day)) break;
        for (stage s = STAGE_INTRODUCTION; s < STAGE_COUNT; s++)
            if (str_is(row.cell[STAGE_STAGE], names[s])) at = s;
    }
    return at;
}
