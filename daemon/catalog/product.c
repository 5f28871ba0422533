#include "daemon/catalog/product.h"

#include "daemon/catalog/cell.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/index.h"
#include "proto/limits.h"

static void read_row(const catalog_row *row, product *out) {
    *out = (product){
        .no = row->no,
        .unreviewed = (row->flags & ROW_UNREVIEWED) != 0,
        .ended = (row->flags & ROW_ENDED) != 0,
        .sku = row->cell[PRODUCT_SKU],
        .gtin = row->cell[PRODUCT_GTIN],
        .name = row->cell[PRODUCT_NAME],
        .brand = row->cell[PRODUCT_BRAND],
        .category = row->cell[PRODUCT_CATEGORY],
        .base_unit = row->cell[PRODUCT_BASE_UNIT],
        .units = row->cell[PRODUCT_UNITS],
    };
    if (!cell_rate(row->cell[PRODUCT_TAX_RATE], &out->tax_rate)) out->tax_rate = NUM_NONE;
}

bool product_by_sku(txn *t, str sku, product *out) {
    catalog_row row;
    if (sku.n == 0 || !catalog_get(t, CATALOG_PRODUCT, &sku, &row)) return false;
    read_row(&row, out);
    return true;
}

bool product_by_no(txn *t, uint32_t no, product *out) {
    catalog_row row;
    if (!catalog_get_no(t, CATALOG_PRODUCT, no, &row)) return false;
    read_row(&row, out);
    return true;
}

bool product_at(txn *t, uint32_t no, business_day *on, product *out) {
    catalog_row row;
    if (!catalog_get_at(t, CATALOG_PRODUCT, no, on, &row)) return false;
    read_row(&row, out);
    return true;
}

str product_sku(txn *t, uint32_t no) {
    catalog_row row;
    return catalog_get_no(t, CATALOG_PRODUCT, no, &row) ? row.cell[PRODUCT_SKU] : STR("");
}

uint32_t brand_no(txn *t, str brand) {
    key k = index_key(INDEX_BRAND);
    str val;
    if (brand.n == 0 || brand.n > LIMIT_TEXT) return 0;
    key_text(&k, brand);
    return kv_get(t, TABLE_CATALOG_INDEX, key_str(&k), &val) ? get_be32(val.p) : 0;
}

str brand_name(txn *t, uint32_t no) {
    key k = index_key(INDEX_BRAND_NO);
    str val;
    key_u32(&k, no);
    return no && kv_get(t, TABLE_CATALOG_INDEX, key_str(&k), &val) ? val : STR("");
}

bool product_unit_next(str *rest, str *unit, int64_t *factor) {
    str piece, number = STR_NONE;
    bool exact;
    if (!str_split(rest, ';', &piece)) return false;
    *factor = 0;
    size_t at = str_find(piece, STR("=")), wide = str_find(piece, STR("＝"));
    if (at == SIZE_MAX && wide == SIZE_MAX) return *unit = piece, true;
    *unit = str_trim(str_take(piece, at < wide ? at : wide));
    number = str_trim(str_skip(piece, at < wide ? at + 1 : wide + strlen("＝")));
    if (unit->n == 0 || !dec_parse(number, QUANTITY_SCALE, factor, &exact) || !exact || *factor <= 0) *factor = 0;
    return true;
}

bool product_unit(const product *p, str unit, int64_t *factor) {
    str rest = p->units, name;
    if (unit.n == 0 || str_eq(unit, p->base_unit)) return *factor = pow10_i64(QUANTITY_SCALE), true;
    while (product_unit_next(&rest, &name, factor))
        if (*factor > 0 && str_eq(name, unit)) return true;
    return false;
}

bool gtin_pad(str s, char out[static GTIN_SIZE]) {
    if (s.n != 8 && s.n != 12 && s.n != 13 && s.n != GTIN_SIZE) return false;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9') return false;
    memset(out, '0', GTIN_SIZE);
    memcpy(out + GTIN_SIZE - s.n, s.p, s.n);
    return true;
}

bool gtin_check(str digits) {
    unsigned sum = 0;
    for (size_t i = 0; i < digits.n; i++) {
        unsigned digit = (unsigned)(digits.p[digits.n - 1 - i] - '0');
        sum += i % 2 ? 3 * digit : digit;
    }
    return digits.n > 1 && sum % 10 == 0;
}

int64_t product_carton(const product *p) {
    static const char *const names[] = {"箱", "件", "case", "carton", "CS", "CTN", "CT"};
    int64_t least = 0, factor;
    str units = p->units, unit;
    while (product_unit_next(&units, &unit, &factor)) {
        for (size_t i = 0; i < ARRAY_LEN(names); i++)
            if (str_ieq(unit, str_of(names[i])) && factor > 0) return factor;
        if (factor > 1000 && (least == 0 || factor < least)) least = factor;
    }
    return least ? least : 1000;
}
