#include "daemon/catalog/partner.h"

#include "daemon/catalog/columns.h"
#include "daemon/catalog/index.h"
#include "daemon/catalog/region.h"

static const char *const kind_names[PARTNER_KIND_COUNT] = {"manufacturer", "distributor", "sub_distributor", "retailer",
                                                           "terminal"};

const char *partner_kind_name(partner_kind k) {
    return kind_names[k];
}

static partner_kind kind_of(str s) {
    for (partner_kind k = 0; k < PARTNER_KIND_COUNT; k++)
        if (str_is(s, kind_names[k])) return k;
    return PARTNER_TERMINAL;
}

static void read_row(txn *t, const catalog_row *row, partner *out) {
    catalog_row above;
    *out = (partner){
        .no = row->no,
        .kind = kind_of(row->cell[PARTNER_KIND]),
        .unreviewed = (row->flags & ROW_UNREVIEWED) != 0,
        .ended = (row->flags & ROW_ENDED) != 0,
        .id = row->cell[PARTNER_ID],
        .name = row->cell[PARTNER_NAME],
        .tier = row->cell[PARTNER_TIER],
        .region = region_by_code(t, row->cell[PARTNER_REGION]),
    };
    if (row->cell[PARTNER_PARENT].n && catalog_get(t, CATALOG_PARTNER, &row->cell[PARTNER_PARENT], &above))
        out->parent = above.no;
}

bool partner_by_id(txn *t, str id, partner *out) {
    catalog_row row;
    if (id.n == 0 || !catalog_get(t, CATALOG_PARTNER, &id, &row)) return false;
    read_row(t, &row, out);
    return true;
}

bool partner_by_no(txn *t, uint32_t no, partner *out) {
    catalog_row row;
    if (!catalog_get_no(t, CATALOG_PARTNER, no, &row)) return false;
    read_row(t, &row, out);
    return true;
}

str partner_id(txn *t, uint32_t no) {
    catalog_row row;
    return catalog_get_no(t, CATALOG_PARTNER, no, &row) ? row.cell[PARTNER_ID] : STR("");
}

bool partner_reports(txn *t, const partner *p) {
    if (p->kind == PARTNER_DISTRIBUTOR || p->kind == PARTNER_SUB_DISTRIBUTOR) return true;
    key k = index_key(INDEX_PARTNER_AGENT);
    key_u32(&k, p->no);
    AUTO(kv_cursor) c = kv_from(t, TABLE_CATALOG_INDEX, key_str(&k), STR_NONE);
    return kv_next(&c);
}

size_t partner_below(txn *t, uint32_t no, uint32_t *out, size_t max) {
    size_t n = 0;
    for (size_t done = 0;; done++) {
        key k = index_key(INDEX_PARTNER_CHILD);
        key_u32(&k, no);
        n += index_numbers(t, &k, out + n, max - n);
        if (done == n) return n;
        no = out[done];
    }
}

size_t partner_chain(txn *t, uint32_t no, uint32_t out[static PARTNER_DEPTH_MAX]) {
    partner p;
    size_t n = 0;
    for (; n < PARTNER_DEPTH_MAX && partner_by_no(t, no, &p); no = p.parent) out[n++] = no;
    return n;
}

bool partner_within(txn *t, uint32_t no, uint32_t ancestor) {
    uint32_t chain[PARTNER_DEPTH_MAX];
    size_t n = partner_chain(t, no, chain);
    for (size_t i = 0; i < n; i++)
        if (chain[i] == ancestor) return true;
    return false;
}

bool partner_manufacturer(txn *t, partner *out) {
    AUTO(catalog_walk) w = catalog_rows(t, CATALOG_PARTNER, NULL, 0);
    catalog_row row;
    while (catalog_next(&w, &row)) {
        if (!str_is(row.cell[PARTNER_KIND], kind_names[PARTNER_MANUFACTURER])) continue;
        read_row(t, &row, out);
        return true;
    }
    return false;
}

size_t partner_by_name(txn *t, str name, uint32_t *out, size_t max) {
    return index_named(t, INDEX_PARTNER_NAME, name, out, max);
}
