#include "daemon/catalog/contract.h"

#include "daemon/catalog/cell.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/rows.h"

str contract_on(txn *t, uint32_t partner_no, day_t day) {
    uint32_t chain[PARTNER_DEPTH_MAX];
    size_t n = partner_chain(t, partner_no, chain);
    for (size_t i = 0; i < n; i++) {
        str id = partner_id(t, chain[i]), version = STR(""), signed_last = STR("");
        catalog_row row;
        AUTO(catalog_walk) w = catalog_rows(t, CATALOG_CONTRACT, &id, 1);
        while (catalog_next(&w, &row)) {
            if (!cells_valid_on(row.cell[CONTRACT_SIGNED], row.cell[CONTRACT_TO], day)) continue;
            if (str_cmp(row.cell[CONTRACT_SIGNED], signed_last) < 0) continue;
            signed_last = row.cell[CONTRACT_SIGNED];
            version = row.cell[CONTRACT_VERSION];
        }
        if (version.n) return version;
    }
    return STR("");
}
