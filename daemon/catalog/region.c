#include "daemon/catalog/region.h"

#include "daemon/catalog/columns.h"
#include "daemon/catalog/index.h"

static const char *const level_names[REGION_LEVEL_COUNT] = {"", "country", "province", "city", "county"};

const char *region_level_name(region_level l) {
    return level_names[l];
}

bool region_level_parse(str s, region_level *out) {
    for (region_level l = REGION_COUNTRY; l < REGION_LEVEL_COUNT; l++)
        if (str_is(s, level_names[l])) return *out = l, true;
    return false;
}

uint32_t region_by_code(txn *t, str code) {
    catalog_row row;
    key k = index_key(INDEX_AREA);
    str val;
    if (code.n == 0 || code.n > KEY_MAX - 2) return 0;
    if (catalog_get(t, CATALOG_REGION, &code, &row)) return row.no;
    key_text(&k, code);
    return kv_get(t, TABLE_CATALOG_INDEX, key_str(&k), &val) ? get_be32(val.p) | REGION_AREA : 0;
}

static str cell_of(txn *t, uint32_t no, size_t region_column, size_t area_column) {
    catalog_row row;
    if (no & REGION_AREA)
        return catalog_get_no(t, CATALOG_AREA, no & ~REGION_AREA, &row) ? row.cell[area_column] : STR("");
    return catalog_get_no(t, CATALOG_REGION, no, &row) ? row.cell[region_column] : STR("");
}

str region_code(txn *t, uint32_t no) {
    return cell_of(t, no, REGION_CODE, AREA_ID);
}

str region_name(txn *t, uint32_t no) {
    return cell_of(t, no, REGION_NAME, AREA_NAME);
}

/* One step up the tree. */
static bool up(txn *t, uint32_t no, uint32_t *parent, region_level *level) {
    key k = index_key(INDEX_REGION_UP);
    str val;
    key_u32(&k, no);
    *parent = 0;
    *level = REGION_LEVEL_NONE;
    if (no == 0 || !kv_get(t, TABLE_CATALOG_INDEX, key_str(&k), &val) || val.n != 5) return false;
    *parent = get_be32(val.p);
    *level = (region_level)val.p[4];
    return true;
}

region_level region_level_of(txn *t, uint32_t no) {
    uint32_t parent;
    region_level level;
    (void)up(t, no, &parent, &level);
    return level;
}

uint32_t region_parent(txn *t, uint32_t no) {
    uint32_t parent;
    region_level level;
    (void)up(t, no, &parent, &level);
    return parent;
}

/* Numbers of the regions of an area; 0 for one that cannot be found. */
static bool next_of_area(catalog_walk *w, uint32_t *no) {
    catalog_row row;
    while (catalog_next(w, &row)) {
        if (row.cell[AREA_REGION].n == 0) continue;
        *no = region_by_code(w->c.t, row.cell[AREA_REGION]);
        return true;
    }
    return false;
}

static catalog_walk walk_area(txn *t, uint32_t area) {
    str id = region_code(t, area);
    return catalog_rows(t, CATALOG_AREA, &id, 1);
}

static uint32_t plain_at_level(txn *t, uint32_t no, region_level level) {
    uint32_t parent = 0;
    region_level at, below = REGION_LEVEL_NONE;
    uint32_t last = 0;
    for (int depth = 0; depth < REGION_DEPTH_MAX && up(t, no, &parent, &at); depth++, no = parent) {
        if (at == level) return no;
        /* Passed the level without meeting it: a county right below its province stands for its city. */
        if (at < level) return level == REGION_CITY && below == REGION_COUNTY ? last : 0;
        last = no;
        below = at;
    }
    return 0;
}

uint32_t region_at_level(txn *t, uint32_t no, region_level level) {
    if (!(no & REGION_AREA)) return plain_at_level(t, no, level);
    AUTO(catalog_walk) w = walk_area(t, no);
    uint32_t common = 0, region;
    while (next_of_area(&w, &region)) {
        uint32_t at = plain_at_level(t, region, level);
        if (at == 0 || (common && at != common)) return 0;
        common = at;
    }
    return common;
}

/* The first area (by id) that names exactly this region. */
static uint32_t area_naming(txn *t, uint32_t region) {
    key k = index_key(INDEX_AREA_REGION);
    key_u32(&k, region);
    AUTO(kv_cursor) c = kv_from(t, TABLE_CATALOG_INDEX, key_str(&k), STR_NONE);
    return kv_next(&c) ? get_be32(c.val.p) | REGION_AREA : 0;
}

uint32_t region_area(txn *t, uint32_t no) {
    if (no & REGION_AREA) return no;
    for (int depth = 0; no && depth < REGION_DEPTH_MAX; depth++, no = region_parent(t, no)) {
        uint32_t area = area_naming(t, no);
        if (area) return area;
    }
    return 0;
}

static bool plain_within(txn *t, uint32_t no, uint32_t outer) {
    for (int depth = 0; no && depth < REGION_DEPTH_MAX; depth++, no = region_parent(t, no))
        if (no == outer) return true;
    return false;
}

/* A region inside a region or an area. */
static bool region_inside(txn *t, uint32_t no, uint32_t outer) {
    if (!(outer & REGION_AREA)) return plain_within(t, no, outer);
    AUTO(catalog_walk) w = walk_area(t, outer);
    uint32_t region;
    while (next_of_area(&w, &region))
        if (region && plain_within(t, no, region)) return true;
    return false;
}

bool region_within(txn *t, uint32_t no, uint32_t outer) {
    if (no == 0 || outer == 0) return false;
    if (no == outer) return true;
    if (!(no & REGION_AREA)) return region_inside(t, no, outer);
    AUTO(catalog_walk) w = walk_area(t, no);
    uint32_t region;
    bool any = false;
    while (next_of_area(&w, &region)) {
        if (!region_inside(t, region, outer)) return false;
        any = true;
    }
    return any;
}
