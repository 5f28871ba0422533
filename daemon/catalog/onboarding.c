#include "daemon/catalog/onboarding.h"

#include "daemon/catalog/cell.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/rows.h"
#include "daemon/catalog/settings.h"

/* The cells that a row had when an entry was written; false: there was none, or it had ended. */
static bool cells_at(txn *t, const catalog_row *row, uint64_t entry, str *cells) {
    key k;
    bool there = false;
    catalog_history_key(&k, CATALOG_ONBOARDING, row->no);
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_CATALOG_HISTORY, key_str(&k), STR_NONE); kv_next(&c);) {
        catalog_version v;
        if (!catalog_version_decode(c.key, c.val, CATALOG_ONBOARDING, &v) || v.entry > entry) continue;
        there = !(v.flags & ROW_ENDED);
        memcpy(cells, v.cell, sizeof v.cell);
    }
    return there;
}

/* Of the nearest partner that has a row. */
static bool find(txn *t, uint32_t partner_no, uint64_t entry, str *cells) {
    uint32_t chain[PARTNER_DEPTH_MAX];
    size_t n = partner_chain(t, partner_no, chain);
    for (size_t i = 0; i < n; i++) {
        catalog_row row;
        str id = partner_id(t, chain[i]);
        if (!catalog_get(t, CATALOG_ONBOARDING, &id, &row)) continue;
        if (entry != UINT64_MAX && cells_at(t, &row, entry, cells)) return true;
        if (entry != UINT64_MAX || row.flags & ROW_ENDED) continue;
        memcpy(cells, row.cell, sizeof row.cell);
        return true;
    }
    return false;
}

void onboarding_at(txn *t, uint32_t partner_no, uint64_t entry, bool shadow, onboarding *out) {
    str cell[CATALOG_COLUMNS_MAX];
    *out = (onboarding){.live = DAY_MIN, .shadow = shadow, .skipped = STR(""), .note = STR("")};
    out->row = find(t, partner_no, entry, cell);
    if (!out->row) return;
    if (cell[ONBOARDING_MODE].n) out->shadow = str_is(cell[ONBOARDING_MODE], "shadow");
    if (!cell_as_day(cell[ONBOARDING_LIVE], &out->live)) out->live = DAY_MAX;
    out->skipped = cell[ONBOARDING_SKIPPED];
    out->note = cell[ONBOARDING_NOTE];
}

void onboarding_of(txn *t, uint32_t partner_no, onboarding *out) {
    onboarding_at(t, partner_no, UINT64_MAX, str_is(setting_text(t, SETTING_MODE), "shadow"), out);
}
