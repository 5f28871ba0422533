#include "daemon/catalog/onboarding.h"

#include "daemon/catalog/cell.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/settings.h"

static bool row_of(txn *t, uint32_t partner_no, catalog_row *out) {
    uint32_t chain[PARTNER_DEPTH_MAX];
    size_t n = partner_chain(t, partner_no, chain);
    for (size_t i = 0; i < n; i++) {
        str id = partner_id(t, chain[i]);
        if (catalog_get(t, CATALOG_ONBOARDING, &id, out) && !(out->flags & ROW_ENDED)) return true;
    }
    return false;
}

void onboarding_of(txn *t, uint32_t partner_no, onboarding *out) {
    catalog_row row;
    *out = (onboarding){.live = DAY_MIN, .skipped = STR(""), .note = STR("")};
    out->row = row_of(t, partner_no, &row);
    str mode = out->row ? row.cell[ONBOARDING_MODE] : STR("");
    out->shadow = str_is(mode.n ? mode : setting_text(t, SETTING_MODE), "shadow");
    if (!out->row) return;
    if (!cell_as_day(row.cell[ONBOARDING_LIVE], &out->live)) out->live = DAY_MAX;
    out->skipped = row.cell[ONBOARDING_SKIPPED];
    out->note = row.cell[ONBOARDING_NOTE];
}
