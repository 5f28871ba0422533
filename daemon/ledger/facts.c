#include "daemon/ledger/facts.h"

#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/ledger/live.h"

_Static_assert(sizeof(void *) == sizeof(uint64_t), "a value of the map holds a pointer");

typedef enum fact_sort { FACT_PARTNER = 1, FACT_PRODUCT, FACT_REGION, FACT_INSIDE, FACT_CUSTOMER } fact_sort;

void facts_init(facts *f, txn *t) {
    *f = (facts){.t = t};
    arena_init(&f->a, SIZE_MAX); /* bounded by the catalogue */
}

void facts_free(facts *f) {
    map_free(&f->index);
    arena_free(&f->a);
}

void facts_auto(facts *f) {
    facts_free(f);
}

/* The place of a fact, a pointer; 0 in it: to be looked up now. Good until the next call. */
static uint64_t *fact_at(facts *f, fact_sort sort, uint32_t no, uint32_t more) {
    key k = {.n = 0};
    key_u8(&k, (uint8_t)sort);
    key_u32(&k, no);
    key_u32(&k, more);
    uint64_t *at = map_find(&f->index, key_str(&k));
    if (at == NULL) at = map_at(&f->index, arena_str(&f->a, key_str(&k)), NULL);
    return at;
}

static void *made(facts *f, size_t size) {
    void *p = arena_zalloc(&f->a, size);
    ASSERT(p != NULL);
    return p;
}

static str kept(facts *f, str s) {
    return s.n ? arena_str(&f->a, s) : STR("");
}

/* The manufacturer reports its own; below it the nearest that reports answers for its places. */
static uint32_t reporter_of(txn *t, const partner *p) {
    uint32_t chain[PARTNER_DEPTH_MAX];
    size_t n = partner_chain(t, p->no, chain);
    partner x;
    for (size_t i = 0; i < n; i++) {
        if (!partner_by_no(t, chain[i], &x) || x.kind == PARTNER_MANUFACTURER) break;
        if (partner_reports(t, &x)) return x.no;
    }
    return p->no;
}

const partner_fact *partner_fact_of(facts *f, uint32_t no) {
    uint64_t *at = fact_at(f, FACT_PARTNER, no, 0);
    partner p;
    if (*at) return (const void *)(uintptr_t)*at;
    partner_fact *x = made(f, sizeof *x);
    x->reporter = no;
    x->live = DAY_MIN;
    if (partner_by_no(f->t, no, &p)) {
        x->id = kept(f, p.id);
        x->home = p.region;
        x->reporter = reporter_of(f->t, &p);
        x->live = ledger_live_from(f->t, no);
    }
    *at = (uintptr_t)x;
    return x;
}

const product_fact *product_fact_of(facts *f, uint32_t no) {
    uint64_t *at = fact_at(f, FACT_PRODUCT, no, 0);
    product p;
    if (*at) return (const void *)(uintptr_t)*at;
    product_fact *x = made(f, sizeof *x);
    if (no && product_by_no(f->t, no, &p))
        *x = (product_fact){kept(f, p.sku), kept(f, p.brand), kept(f, p.category), kept(f, p.base_unit)};
    *at = (uintptr_t)x;
    return x;
}

str region_text(facts *f, uint32_t no, region_level level, bool area) {
    uint64_t *at = fact_at(f, FACT_REGION, no, area ? UINT32_MAX : (uint32_t)level);
    if (*at) return *(const str *)(uintptr_t)*at;
    str *x = made(f, sizeof *x);
    uint32_t meant = no == 0 ? 0 : area ? region_area(f->t, no) : level ? region_at_level(f->t, no, level) : no;
    *x = meant ? kept(f, region_code(f->t, meant)) : STR("");
    *at = (uintptr_t)x;
    return *x;
}

bool region_inside(facts *f, uint32_t no, uint32_t outer) {
    uint64_t *at = fact_at(f, FACT_INSIDE, no, outer);
    if (*at) return *(const bool *)(uintptr_t)*at;
    bool *x = made(f, sizeof *x);
    *x = no != 0 && region_within(f->t, no, outer);
    *at = (uintptr_t)x;
    return *x;
}

str customer_text(facts *f, uint32_t no) {
    uint64_t *at = fact_at(f, FACT_CUSTOMER, no, 0);
    key k = {.n = 0};
    str val;
    if (*at) return *(const str *)(uintptr_t)*at;
    str *x = made(f, sizeof *x);
    key_u32(&k, no);
    bool known = kv_get(f->t, TABLE_CUSTOMER_NO, key_str(&k), &val) && val.n >= 4;
    *x = known ? kept(f, customer_kept(f->t, get_be32(val.p), str_skip(val, 4))) : STR("");
    *at = (uintptr_t)x;
    return *x;
}
