/* Words in documents → objects. */
#include "daemon/catalog/cell.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/index.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/region.h"
#include "proto/limits.h"

enum { SAME_NAME = 64 };  /* partners of one name that are looked at */
enum { MERGE_STEPS = 8 }; /* of a chain of merges */

static bool usable(str word) {
    return word.n > 0 && word.n <= LIMIT_TEXT && memchr(word.p, 0, word.n) == NULL;
}

/* The row of this owner that is valid on the day; of several the one that began last. */
static bool alias_of(txn *t, str owner, const char *kind, str word, business_day *on, catalog_row *out) {
    str cells[] = {owner, str_of(kind), word};
    catalog_row row;
    bool found = false;
    AUTO(catalog_walk) w = catalog_rows(t, CATALOG_ALIAS, cells, ARRAY_LEN(cells));
    while (catalog_next(&w, &row))
        if (cells_hold_on(row.cell[ALIAS_FROM], row.cell[ALIAS_TO], on)) *out = row, found = true;
    return found;
}

/* An alias of the partner, of its parents, or of everybody. */
static bool alias_find(txn *t, uint32_t partner_no, const char *kind, str word, business_day *on, catalog_row *out) {
    uint32_t chain[PARTNER_DEPTH_MAX];
    size_t n = partner_chain(t, partner_no, chain);
    for (size_t i = 0; i < n; i++)
        if (alias_of(t, partner_id(t, chain[i]), kind, word, on, out)) return true;
    return alias_of(t, STR("*"), kind, word, on, out);
}

static bool matched(const product *p, product_match *out) {
    if (p->ended) return false;
    *out = (product_match){.no = p->no, .unit = STR(""), .unreviewed = p->unreviewed};
    return true;
}

/* The only product of a GTIN. */
static bool product_by_gtin(txn *t, str code, product *out) {
    char gtin[GTIN_SIZE];
    uint32_t no[2];
    key k = index_key(INDEX_GTIN);
    if (!gtin_pad(code, gtin)) return false;
    key_bytes(&k, gtin, sizeof gtin);
    return index_numbers(t, &k, no, 2) == 1 && product_by_no(t, no[0], out);
}

bool resolve_product(txn *t, uint32_t partner_no, str code, business_day *on, product_match *out) {
    catalog_row alias;
    product p;
    if (!usable(code)) return false;
    if (alias_find(t, partner_no, "product", code, on, &alias) && product_by_sku(t, alias.cell[ALIAS_ID], &p) &&
        matched(&p, out)) {
        out->unit = alias.cell[ALIAS_UNIT];
        if (!dec_parse(alias.cell[ALIAS_FACTOR], QUANTITY_SCALE, &out->factor, NULL)) out->factor = 0;
        return true;
    }
    if (code.n <= LIMIT_ID && product_by_sku(t, code, &p) && matched(&p, out)) return true;
    return product_by_gtin(t, code, &p) && matched(&p, out);
}

bool resolve_unit(txn *t, uint32_t partner_no, uint32_t product_no, str unit, business_day *on, int64_t *factor) {
    catalog_row alias;
    product p;
    if (!product_at(t, product_no, on, &p)) return false;
    int64_t times = 1000; /* an alias "托 = 40 箱" */
    if (usable(unit) && alias_find(t, partner_no, "unit", unit, on, &alias)) {
        unit = alias.cell[ALIAS_ID];
        bool stated = dec_parse(alias.cell[ALIAS_FACTOR], QUANTITY_SCALE, &times, NULL);
        if (stated && !product_unit(&p, unit, factor)) return *factor = times, true;
    }
    if (str_is(unit, "PCE") || str_is(unit, "EA")) unit = STR("");
    return product_unit(&p, unit, factor) && mul_div(*factor, times, 1000, factor);
}

typedef struct seeker {
    uint32_t partner_no;
    bool place;
} seeker;

static bool fits(txn *t, const seeker *s, const partner *p) {
    return !p->ended && (!s->place || partner_within(t, p->no, s->partner_no));
}

static bool by_id(txn *t, const seeker *s, str id, uint32_t *out) {
    partner p;
    if (!partner_by_id(t, id, &p) || !fits(t, s, &p)) return false;
    *out = p.no;
    return true;
}

/* "PARENT/word": how a place is called whose code as sent was taken. */
static bool by_own_id(txn *t, const seeker *s, str word, uint32_t *out) {
    AUTO(buf) own = {0};
    if (word.n > LIMIT_ID) return false;
    buf_add(&own, partner_id(t, s->partner_no));
    buf_byte(&own, '/');
    buf_add(&own, word);
    return by_id(t, s, buf_str(&own), out);
}

static bool by_name(txn *t, const seeker *s, str word, uint32_t *out) {
    uint32_t no[SAME_NAME];
    size_t n = partner_by_name(t, word, no, SAME_NAME), found = 0;
    partner p;
    for (size_t i = 0; i < n; i++)
        if (partner_by_no(t, no[i], &p) && fits(t, s, &p)) *out = no[i], found++;
    return found == 1;
}

bool resolve_partner(txn *t, uint32_t partner_no, str word, business_day *on, bool place, uint32_t *out) {
    static const char *const kinds[] = {"partner", "customer"};
    seeker s = {.partner_no = partner_no, .place = place};
    catalog_row alias;
    if (!usable(word)) return false;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (alias_find(t, partner_no, kinds[i], word, on, &alias) && by_id(t, &s, alias.cell[ALIAS_ID], out))
            return true;
    if (by_own_id(t, &s, word, out) || by_id(t, &s, word, out)) return true;
    return by_name(t, &s, word, out);
}

str customer_kept(txn *t, uint32_t partner_no, str word) {
    catalog_row alias;
    for (int step = 0; step < MERGE_STEPS && usable(word); step++) {
        if (!alias_of(t, partner_id(t, partner_no), "merge", word, ON_DAY(DAY_MAX), &alias) || !alias.cell[ALIAS_ID].n)
            break;
        word = alias.cell[ALIAS_ID];
    }
    return word;
}

static bool by_region_alias(txn *t, uint32_t partner_no, str word, day_t day, uint32_t *out) {
    catalog_row alias;
    return alias_find(t, partner_no, "region", word, ON_DAY(day), &alias) &&
           (*out = region_by_code(t, alias.cell[ALIAS_ID])) != 0;
}

/* What took the place of a region that has ended: an alias of its code. */
static void succeed(txn *t, uint32_t partner_no, day_t day, uint32_t *no) {
    catalog_row row;
    uint32_t successor;
    if (*no & REGION_AREA || !catalog_get_no(t, CATALOG_REGION, *no, &row)) return;
    if (cells_valid_on(STR(""), row.cell[REGION_TO], day)) return;
    if (by_region_alias(t, partner_no, row.cell[REGION_CODE], day, &successor)) *no = successor;
}

bool resolve_region(txn *t, uint32_t partner_no, str word, day_t day, uint32_t *region_no) {
    partner p = {.region = 0};
    word = str_trim(word);
    if (!usable(word)) return false;
    if (by_region_alias(t, partner_no, word, day, region_no)) return true;
    (void)partner_by_no(t, partner_no, &p);
    if (!region_find(t, word, p.region, day, region_no)) return false;
    succeed(t, partner_no, day, region_no);
    return true;
}

static bool id_taken(txn *t, str id) {
    partner p;
    return partner_by_id(t, id, &p);
}

uint32_t catalog_create_place(txn *t, uint64_t entry, uint32_t parent_no, str id) {
    AUTO(buf) parent = {0};
    AUTO(buf) own = {0};
    str cells[CATALOG_COLUMNS_MAX] = {{0}};
    ASSERT(catalog_id_ok(id));
    buf_add(&parent, partner_id(t, parent_no));
    if (id_taken(t, id)) {
        buf_add(&own, buf_str(&parent));
        buf_byte(&own, '/');
    }
    buf_add(&own, id);
    cells[PARTNER_ID] = buf_str(&own);
    cells[PARTNER_KIND] = str_of(partner_kind_name(PARTNER_TERMINAL));
    cells[PARTNER_PARENT] = buf_str(&parent);
    return catalog_put(t, CATALOG_PARTNER, cells, ROW_UNREVIEWED, entry, DAY_MIN);
}

uint32_t catalog_create_product(txn *t, uint64_t entry, str sku) {
    str cells[CATALOG_COLUMNS_MAX] = {{0}};
    ASSERT(catalog_id_ok(sku));
    cells[PRODUCT_SKU] = sku;
    return catalog_put(t, CATALOG_PRODUCT, cells, ROW_UNREVIEWED, entry, DAY_MIN);
}
