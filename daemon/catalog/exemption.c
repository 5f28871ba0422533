#include "daemon/catalog/exemption.h"

#include "daemon/catalog/cell.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/region.h"
#include "daemon/catalog/rows.h"
#include "daemon/catalog/territory.h"

static const char *const states[] = {"granted", "requested", "refused"};

const char *exemption_state_name(exemption_state s) {
    return states[s];
}

void exemption_read(txn *t, const catalog_row *row, exemption *out) {
    *out = (exemption){.partner = row->cell[EXEMPTION_PARTNER],
                       .reference = row->cell[EXEMPTION_REFERENCE],
                       .products = row->cell[EXEMPTION_PRODUCTS],
                       .customer = row->cell[EXEMPTION_CUSTOMER],
                       .reason = row->cell[EXEMPTION_REASON],
                       .region = region_by_code(t, row->cell[EXEMPTION_REGION]),
                       .from = DAY_MIN,
                       .to = DAY_MAX,
                       .quantity = NUM_NONE};
    (void)cell_as_day(row->cell[EXEMPTION_FROM], &out->from);
    (void)cell_as_day(row->cell[EXEMPTION_TO], &out->to);
    if (!dec_parse(row->cell[EXEMPTION_QUANTITY], QUANTITY_SCALE, &out->quantity, NULL)) out->quantity = NUM_NONE;
    for (exemption_state s = EXEMPTION_GRANTED; s <= EXEMPTION_REFUSED; s++)
        if (str_is(row->cell[EXEMPTION_DECISION], states[s])) out->state = s;
}

bool exemption_is_for(txn *t, const exemption *x, const exemption_use *u) {
    day_t last = u->seen ? x->to + EXEMPTION_SEEN_DAYS : x->to;
    return u->day >= x->from && u->day <= last && (x->customer.n == 0 || str_eq(x->customer, u->customer)) &&
           territory_has_product(x->products, u->of) && region_within(t, u->region, x->region);
}

bool exemption_find(txn *t, const exemption_use *u, exemption *out) {
    uint32_t chain[PARTNER_DEPTH_MAX];
    size_t n = partner_chain(t, u->partner, chain);
    for (size_t i = 0; i < n; i++) {
        str id = partner_id(t, chain[i]);
        catalog_row row;
        AUTO(catalog_walk) w = catalog_rows(t, CATALOG_EXEMPTION, &id, 1);
        while (catalog_next(&w, &row)) {
            exemption_read(t, &row, out);
            if (out->state == EXEMPTION_GRANTED && exemption_is_for(t, out, u)) return true;
        }
    }
    return false;
}
