#include "daemon/catalog/index.h"

#include "base/num.h"
#include "daemon/catalog/cell.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/region.h"
#include "daemon/catalog/region_words.h"
#include "proto/limits.h"

key index_key(catalog_index index) {
    key k = {.n = 0};
    key_u8(&k, (uint8_t)index);
    return k;
}

static void set(txn *t, const key *k, str val, bool add) {
    if (add) kv_put(t, TABLE_CATALOG_INDEX, key_str(k), val);
    else
        (void)kv_del(t, TABLE_CATALOG_INDEX, key_str(k));
}

static void set_pair(txn *t, catalog_index index, uint32_t a, uint32_t b, bool add) {
    key k = index_key(index);
    key_u32(&k, a);
    key_u32(&k, b);
    set(t, &k, STR(""), add);
}

static void set_name(txn *t, catalog_index index, str name, uint32_t no, bool add) {
    key k = index_key(index);
    if (name.n == 0) return;
    key_textz(&k, name);
    key_u32(&k, no);
    set(t, &k, STR(""), add);
}

static void index_partner(txn *t, const catalog_row *row, bool add) {
    partner above;
    set_name(t, INDEX_PARTNER_NAME, row->cell[PARTNER_NAME], row->no, add);
    if (row->cell[PARTNER_PARENT].n && partner_by_id(t, row->cell[PARTNER_PARENT], &above))
        set_pair(t, INDEX_PARTNER_CHILD, above.no, row->no, add);
}

/* Sums are kept by brand: it gets a number with the first product that bears it. */
static void number_brand(txn *t, str brand) {
    uint8_t raw[4];
    key k = index_key(INDEX_BRAND), back = index_key(INDEX_BRAND_NO);
    if (brand.n == 0 || brand_no(t, brand)) return;
    put_be32(raw, (uint32_t)store_next(t, "brand"));
    key_text(&k, brand);
    key_bytes(&back, raw, sizeof raw);
    kv_put(t, TABLE_CATALOG_INDEX, key_str(&k), str_from(raw, sizeof raw));
    kv_put(t, TABLE_CATALOG_INDEX, key_str(&back), brand);
}

static void index_product(txn *t, const catalog_row *row, bool add) {
    char gtin[GTIN_SIZE];
    key k = index_key(INDEX_GTIN);
    if (add) number_brand(t, row->cell[PRODUCT_BRAND]);
    if (!gtin_pad(row->cell[PRODUCT_GTIN], gtin)) return;
    key_bytes(&k, gtin, sizeof gtin);
    key_u32(&k, row->no);
    set(t, &k, STR(""), add);
}

static void index_region(txn *t, const catalog_row *row, bool add) {
    region_level level = REGION_LEVEL_NONE;
    uint32_t parent = region_by_code(t, row->cell[REGION_PARENT]);
    uint8_t up[5];
    key k = index_key(INDEX_REGION_UP);
    (void)region_level_parse(row->cell[REGION_LEVEL], &level);
    put_be32(up, parent);
    up[4] = (uint8_t)level;
    key_u32(&k, row->no);
    if (add) kv_put(t, TABLE_CATALOG_INDEX, key_str(&k), str_from(up, sizeof up));
    set_pair(t, INDEX_REGION_CHILD, parent, row->no, add);
    set_name(t, INDEX_REGION_NAME, row->cell[REGION_NAME], row->no, add);
    set_name(t, INDEX_REGION_NAME, region_short_name(row->cell[REGION_NAME]), row->no, add);
}

/* The number of an area is that of its first row, for ever: rows end, but never go. */
static uint32_t area_number(txn *t, str id, uint32_t otherwise) {
    key k = index_key(INDEX_AREA);
    uint8_t raw[4];
    str val;
    key_text(&k, id);
    if (kv_get(t, TABLE_CATALOG_INDEX, key_str(&k), &val)) return get_be32(val.p);
    put_be32(raw, otherwise);
    kv_put(t, TABLE_CATALOG_INDEX, key_str(&k), str_from(raw, sizeof raw));
    return otherwise;
}

static void index_area(txn *t, const catalog_row *row, bool add) {
    uint32_t no = area_number(t, row->cell[AREA_ID], row->no);
    uint32_t region = region_by_code(t, row->cell[AREA_REGION]);
    uint8_t raw[4];
    key k = index_key(INDEX_AREA_REGION);
    put_be32(raw, no);
    key_u32(&k, region);
    key_text(&k, row->cell[AREA_ID]);
    if (region) set(t, &k, str_from(raw, sizeof raw), add);
    if (add) set_name(t, INDEX_REGION_NAME, row->cell[AREA_NAME], no | REGION_AREA, true);
}

/* Stock stands at the place where it lies, in base units by the units of the day it was told. */
static void index_opening(txn *t, const catalog_row *row, bool add) {
    const str *cell = row->cell;
    AUTO(buf) val = {0};
    key k = index_key(INDEX_OPENING_STOCK);
    partner reporter, at;
    product of;
    day_t as_of;
    int64_t factor = 1000, stated = 0, quantity = 0;
    if (!partner_by_id(t, cell[OPENING_STOCK_PARTNER], &reporter)) return;
    if (!partner_by_id(t, cell[OPENING_STOCK_PLACE], &at)) at = reporter;
    if (!product_by_sku(t, cell[OPENING_STOCK_SKU], &of) || !cell_as_day(cell[OPENING_STOCK_AS_OF], &as_of)) return;
    (void)resolve_unit(t, reporter.no, of.no, cell[OPENING_STOCK_UNIT], ON_DAY(as_of), &factor);
    (void)dec_parse(cell[OPENING_STOCK_QUANTITY], QUANTITY_SCALE, &stated, NULL);
    (void)mul_div(stated, factor, 1000, &quantity);
    key_u32(&k, at.no);
    key_day(&k, as_of);
    key_u32(&k, of.no);
    key_u32(&k, row->no);
    buf_be64(&val, row->entry);
    buf_be64(&val, (uint64_t)quantity);
    set(t, &k, buf_str(&val), add);
}

void index_row(txn *t, catalog_table table, const catalog_row *row, bool add) {
    switch (table) {
    case CATALOG_PARTNER: index_partner(t, row, add); return;
    case CATALOG_PRODUCT: index_product(t, row, add); return;
    case CATALOG_REGION: index_region(t, row, add); return;
    case CATALOG_AREA: index_area(t, row, add); return;
    case CATALOG_OPENING_STOCK: index_opening(t, row, add); return;
    default: return;
    }
}

size_t index_numbers(txn *t, const key *prefix, uint32_t *out, size_t max) {
    str all = key_str(prefix);
    size_t n = 0;
    AUTO(kv_cursor) c = kv_from(t, TABLE_CATALOG_INDEX, str_take(all, sizeof c.prefix), all);
    while (n < max && kv_next(&c)) {
        if (!str_starts(c.key, all)) break;
        if (c.key.n == all.n + 4) out[n++] = get_be32(c.key.p + all.n);
    }
    return n;
}

size_t index_named(txn *t, catalog_index index, str name, uint32_t *out, size_t max) {
    key k = index_key(index);
    if (name.n == 0 || name.n > LIMIT_TEXT || memchr(name.p, 0, name.n)) return 0;
    key_textz(&k, name);
    return index_numbers(t, &k, out, max);
}
