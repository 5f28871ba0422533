#include "daemon/catalog/waiting.h"

#include "daemon/catalog/appliers.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/rows.h"
#include "proto/kinds.h"

enum { LEARNT_BYTES = 16 << 20 };

const char *waiting_name(waiting_reason r) {
    switch (r) {
#define X(reason, no, name)                                                                                            \
    case reason: return name;
        WAITING_REASONS(X)
#undef X
    }
    return "";
}

bool waiting_parse(str s, waiting_reason *out) {
#define X(reason, no, name)                                                                                            \
    if (str_is(s, name)) return *out = reason, true;
    WAITING_REASONS(X)
#undef X
    return false;
}

typedef struct teller {
    learnt_fn fn;
    void *arg;
} teller;

static void tell(const teller *l, waiting_reason reason, str word) {
    if (word.n) l->fn(l->arg, reason, word);
}

static void tell_all(const teller *l, waiting_reason reason) {
    l->fn(l->arg, reason, STR_NONE);
}

static void tell_partner(const teller *l, str word) {
    tell(l, WAIT_PARTNER, word);
    tell(l, WAIT_CUSTOMER, word);
    tell(l, WAIT_PLACE, word);
    tell(l, WAIT_REVIEW_PARTNER, word);
}

/* The id, for a place also the word it was made from ("PARENT/word"), and the name. */
static void partner_words(const teller *l, const str *cells) {
    size_t at = str_find(cells[PARTNER_ID], STR("/"));
    tell_partner(l, cells[PARTNER_ID]);
    if (at != SIZE_MAX) tell_partner(l, str_skip(cells[PARTNER_ID], at + 1));
    tell_partner(l, cells[PARTNER_NAME]);
}

/* A GTIN is sent in any of its lengths. */
static void gtin_words(const teller *l, str gtin) {
    static const size_t lengths[] = {GTIN_SIZE, 13, 12, 8};
    char padded[GTIN_SIZE];
    if (!gtin_pad(gtin, padded)) return;
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        size_t zeros = GTIN_SIZE - lengths[i];
        if (strspn(str_copy_z(str_from(padded, zeros), (char[GTIN_SIZE + 1]){0}, GTIN_SIZE + 1), "0") == zeros)
            tell(l, WAIT_PRODUCT, str_from(padded + zeros, lengths[i]));
    }
}

static void product_words(const teller *l, const str *cells) {
    str rest = cells[PRODUCT_UNITS], unit;
    int64_t factor;
    tell(l, WAIT_PRODUCT, cells[PRODUCT_SKU]);
    tell(l, WAIT_REVIEW_PRODUCT, cells[PRODUCT_SKU]);
    gtin_words(l, cells[PRODUCT_GTIN]);
    tell(l, WAIT_UNIT, cells[PRODUCT_BASE_UNIT]);
    while (product_unit_next(&rest, &unit, &factor)) tell(l, WAIT_UNIT, unit);
}

static void alias_words(const teller *l, const str *cells) {
    str kind = cells[ALIAS_KIND], word = cells[ALIAS_ALIAS];
    if (str_is(kind, "partner") || str_is(kind, "customer")) tell_partner(l, word);
    if (str_is(kind, "region")) tell(l, WAIT_REGION, word);
    if (str_is(kind, "unit")) tell(l, WAIT_UNIT, word);
    if (!str_is(kind, "product")) return;
    tell(l, WAIT_PRODUCT, word);
    tell(l, WAIT_REVIEW_PRODUCT, word);
    tell(l, WAIT_UNIT, cells[ALIAS_UNIT]);
}

static void row_words(const teller *l, catalog_table table, const str *cells) {
    switch (table) {
    case CATALOG_PARTNER: partner_words(l, cells); return;
    case CATALOG_PRODUCT: product_words(l, cells); return;
    case CATALOG_ALIAS: alias_words(l, cells); return;
    default: return;
    }
}

static void catalog_words(const teller *l, const Entry__Catalog *m) {
    catalog_table table;
    str cells[CATALOG_COLUMNS_MAX];
    if (m->remove || !catalog_table_parse(str_of(m->table), &table)) return;
    /* A new name may stand anywhere inside an address that waits. */
    if (table == CATALOG_REGION || table == CATALOG_AREA) tell_all(l, WAIT_REGION);
    for (size_t i = 0; i < m->n_row; i++)
        if (catalog_cells_get(str_from(m->row[i].data, m->row[i].len), table, cells)) row_words(l, table, cells);
}

static void setting_words(const teller *l, const Entry__Setting *m) {
    setting_id id;
    if (setting_parse(str_of(m->name), &id) && (id == SETTING_OLDEST || id == SETTING_ZONE)) tell_all(l, WAIT_DATE);
}

void catalog_learnt(const entry *en, learnt_fn fn, void *arg) {
    AUTO(arena) a = {0};
    arena_init(&a, LEARNT_BYTES);
    ProtobufCAllocator pb = arena_allocator(&a);
    const teller l = {.fn = fn, .arg = arg};
    const uint8_t *body = (const uint8_t *)en->body.p;
    if (en->kind == KIND_CATALOG) {
        const Entry__Catalog *m = entry__catalog__unpack(&pb, en->body.n, body);
        if (m) catalog_words(&l, m);
    }
    if (en->kind == KIND_SETTING) {
        const Entry__Setting *m = entry__setting__unpack(&pb, en->body.n, body);
        if (m) setting_words(&l, m);
    }
}
