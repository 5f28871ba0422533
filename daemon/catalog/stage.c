#include "daemon/catalog/stage.h"

#include "daemon/catalog/cell.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/rows.h"

static const char *const names[STAGE_COUNT] = {"", "introduction", "growth", "maturity", "decline"};

const char *stage_name(stage s) {
    return names[s];
}

stage stage_at(txn *t, str sku, day_t day) {
    return stage_plan_at(t, sku, day).stage;
}

static stage_plan read_plan(const catalog_row *row) {
    stage_plan p = {.share = 1, .analogue = row->cell[STAGE_ANALOGUE], .ends = DAY_MAX};
    int64_t share;
    bool exact;
    for (stage s = STAGE_INTRODUCTION; s < STAGE_COUNT; s++)
        if (str_is(row->cell[STAGE_STAGE], names[s])) p.stage = s;
    if (row->cell[STAGE_SHARE].n && dec_parse(row->cell[STAGE_SHARE], QUANTITY_SCALE, &share, &exact))
        p.share = (double)share / 1000;
    if (row->cell[STAGE_ENDS].n) (void)cell_as_day(row->cell[STAGE_ENDS], &p.ends);
    return p;
}

stage_plan stage_plan_at(txn *t, str sku, day_t day) {
    catalog_row row;
    stage_plan at = {.stage = STAGE_NONE, .analogue = STR(""), .share = 1, .ends = DAY_MAX};
    if (sku.n == 0 || !catalog_key_fits(CATALOG_STAGE, &sku, 1)) return at;
    AUTO(catalog_walk) w = catalog_rows(t, CATALOG_STAGE, &sku, 1);
    while (catalog_next(&w, &row)) {
        if (!cells_valid_on(row.cell[STAGE_FROM], STR(""), day)) break;
        at = read_plan(&row);
    }
    return at;
}
