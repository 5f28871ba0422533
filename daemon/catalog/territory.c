#include "daemon/catalog/territory.h"

#include "daemon/catalog/cell.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/region.h"
#include "daemon/catalog/rows.h"

static void read_row(txn *t, const catalog_row *row, territory *out) {
    *out = (territory){
        .region = region_by_code(t, row->cell[TERRITORY_REGION]),
        .products = row->cell[TERRITORY_PRODUCTS],
        .channels = row->cell[TERRITORY_CHANNELS],
        .exclusive = str_is(row->cell[TERRITORY_EXCLUSIVE], "Y"),
    };
}

static bool on_day(const catalog_row *row, day_t day) {
    return cells_valid_on(row->cell[TERRITORY_FROM], row->cell[TERRITORY_TO], day);
}

size_t territory_of(txn *t, uint32_t partner_no, day_t day, territory *out, size_t max) {
    str id = partner_id(t, partner_no);
    catalog_row row;
    size_t n = 0;
    if (id.n == 0) return 0;
    AUTO(catalog_walk) w = catalog_rows(t, CATALOG_TERRITORY, &id, 1);
    while (n < max && catalog_next(&w, &row))
        if (on_day(&row, day)) read_row(t, &row, &out[n++]);
    return n;
}

static bool product_is(str piece, const product *p) {
    if (str_is(piece, "*") || str_eq(piece, p->sku)) return true;
    if (str_starts(piece, STR("brand:"))) return str_eq(str_skip(piece, strlen("brand:")), p->brand);
    return str_starts(piece, STR("category:")) && str_eq(str_skip(piece, strlen("category:")), p->category);
}

bool territory_has_product(str products, const product *p) {
    str piece;
    if (products.n == 0) return true;
    while (str_split(&products, ';', &piece))
        if (product_is(piece, p)) return true;
    return false;
}

static bool has_channel(str channels, str channel) {
    str piece;
    if (channels.n == 0) return true;
    while (str_split(&channels, ';', &piece))
        if (str_is(piece, "*") || str_eq(piece, channel)) return true;
    return false;
}

bool territory_allows(txn *t, uint32_t partner_no, const product *p, uint32_t region_no, str channel, day_t day) {
    uint32_t chain[PARTNER_DEPTH_MAX];
    size_t n = partner_chain(t, partner_no, chain);
    for (size_t i = 0; i < n; i++) {
        str id = partner_id(t, chain[i]);
        territory own;
        catalog_row row;
        AUTO(catalog_walk) w = catalog_rows(t, CATALOG_TERRITORY, &id, 1);
        while (catalog_next(&w, &row)) {
            if (!on_day(&row, day)) continue;
            read_row(t, &row, &own);
            if (region_within(t, region_no, own.region) && territory_has_product(own.products, p) &&
                has_channel(own.channels, channel))
                return true;
        }
    }
    return false;
}
