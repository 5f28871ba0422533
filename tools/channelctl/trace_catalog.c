/* The files of the catalogue, and words looked up in it. */
#include "daemon/catalog/apply.h"
#include "daemon/catalog/cell.h"
#include "daemon/catalog/check.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/exemption.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/price.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/region.h"
#include "daemon/catalog/regions.h"
#include "daemon/catalog/rows.h"
#include "daemon/command/import.h"
#include "proto/kinds.h"
#include "tools/channelctl/trace_files.h"
#include <inttypes.h>
#include <stdlib.h>

enum { REGION_ARENA = 8 << 20 };

/* ---- regions that come with the program */

static bool load_regions(trace_files *f, err *e) {
    for (size_t n = 0;; n++) {
        AUTO(arena) a = {0};
        AUTO(buf) body = {0};
        uint8_t hash[32] = {0};
        Entry__Catalog rows = ENTRY__CATALOG__INIT;
        arena_init(&a, REGION_ARENA);
        if (!built_in_regions(n, &a, &rows)) return true;
        buf_reserve(&body, entry__catalog__get_packed_size(&rows) + 1);
        body.n = entry__catalog__pack(&rows, (uint8_t *)body.p);
        entry en = {.seq = n + 1,
                    .kind = KIND_CATALOG,
                    .actor = STR("system"),
                    .body = buf_str(&body),
                    .prev = hash,
                    .hash = hash};
        apply_result r = {.a = &a};
        TRY(catalog_apply(f->t, &en, &r, e));
    }
}

/* ---- one file */

static void say_faults(trace_files *f, const char *file, catalog_table table, const import *in,
                       const catalog_faults *faults) {
    for (size_t i = 0; i < faults->kept; i++) {
        const catalog_fault *x = &faults->at[i];
        trace_problem(f, "%s row %" PRIu64 ": %s is '%.*s', wanted %.*s%s%.*s", file, in->row_no[x->row],
                      x->column[0] ? x->column : catalog_tables[table].name, STR_ARG(str_take(x->found, 60)),
                      STR_ARG(x->wanted), x->hint.n ? "; " : "", STR_ARG(x->hint));
    }
}

/* Take the rows with a fault out. */
static void drop_faults(import *in, const catalog_faults *faults) {
    size_t columns = catalog_tables[in->table].column_count, kept = 0;
    bool *bad = calloc(in->rows + 1, sizeof *bad);
    ASSERT(bad != NULL);
    for (size_t i = 0; i < faults->kept; i++) bad[faults->at[i].row] = true;
    for (size_t i = 0; i < in->rows; i++) {
        if (bad[i]) continue;
        memmove(in->cells + kept * columns, in->cells + i * columns, columns * sizeof *in->cells);
        in->row_no[kept++] = in->row_no[i];
    }
    in->rows = kept;
    free(bad);
}

static void put_rows(trace_files *f, const catalog_checked *c) {
    size_t columns = catalog_tables[c->table].column_count;
    for (size_t i = 0; i < c->rows; i++)
        if (c->change[i] == ROW_NEW || c->change[i] == ROW_CHANGED)
            (void)catalog_put(f->t, c->table, c->cell + i * columns, 0, 1, DAY_MIN);
}

static bool take_rows(trace_files *f, const char *file, import *in) {
    for (;;) {
        AUTO(catalog_checked) c = {0};
        AUTO(arena) a = {0};
        arena_init(&a, SIZE_MAX);
        const catalog_input rows = {
            .table = in->table, .cells = in->cells, .rows = in->rows, .given = in->given, .today = DAY_MAX};
        bool fine = catalog_check(f->t, &rows, &a, &c);
        say_faults(f, file, in->table, in, &c.faults);
        if (fine) put_rows(f, &c);
        if (fine || c.faults.kept == 0) return true;
        drop_faults(in, &c.faults);
    }
}

static bool read_table(trace_files *f, const char *file, catalog_table table, err *e) {
    AUTO(buf) bytes = {0};
    AUTO(import) in = {.rows = 0};
    AUTO(arena) a = {0};
    bool there;
    TRY(trace_file_bytes(f, file, &bytes, &there, e));
    if (!there || str_trim(buf_str(&bytes)).n == 0) return true;
    arena_init(&a, SIZE_MAX);
    attachment from = {str_of(file), buf_str(&bytes)};
    return import_read(table, &from, &a, &in, e) && take_rows(f, file, &in);
}

/* ---- words */

trace_region trace_region_of(trace_files *f, uint32_t no) {
    uint8_t raw[4];
    int64_t code;
    if (no == 0 || no & REGION_AREA) return REGION_NOWHERE;
    put_be32(raw, no);
    uint64_t *at = map_find(&f->region_codes, str_from(raw, sizeof raw));
    if (at) return (trace_region)*at;
    str text = region_code(f->t, no);
    trace_region r = REGION_NOWHERE;
    if (str_is(text, "CN")) r = REGION_ANYWHERE;
    else if (text.n == 6 && dec_parse(text, 0, &code, NULL))
        r = (trace_region)code;
    *map_at(&f->region_codes, arena_str(&f->a, str_from(raw, sizeof raw)), NULL) = (uint64_t)r;
    return r;
}

trace_region trace_region_word(trace_files *f, uint32_t home, str word) {
    AUTO(buf) k = {0};
    uint32_t no = 0;
    if (word.n == 0) return REGION_NOWHERE;
    buf_be32(&k, home);
    buf_add(&k, word);
    uint64_t *at = map_find(&f->region_words, buf_str(&k));
    if (at) return (trace_region)*at;
    trace_region r = resolve_region(f->t, home, word, DAY_MAX, &no) ? trace_region_of(f, no) : REGION_NOWHERE;
    *map_at(&f->region_words, arena_str(&f->a, buf_str(&k)), NULL) = (uint64_t)r;
    return r;
}

uint32_t trace_product_word(trace_files *f, str word) {
    product_match m;
    if (word.n == 0 || !resolve_product(f->t, 0, word, ON_DAY(DAY_MAX), &m)) return TRACE_NONE;
    return m.no <= f->products ? m.no - 1 : TRACE_NONE;
}

uint32_t trace_partner_word(trace_files *f, str word) {
    uint32_t no;
    if (word.n == 0 || !resolve_partner(f->t, 0, word, ON_DAY(DAY_MAX), false, &no)) return TRACE_NONE;
    return no <= f->partners ? no - 1 : TRACE_NONE;
}

int64_t trace_floor(trace_files *f, uint32_t product_at, uint32_t partner_at, str channel, day_t day) {
    price p;
    const price_query q = {.product_no = product_at + 1,
                           .partner_no = partner_at + 1,
                           .channel = channel,
                           .kind = PRICE_FLOOR,
                           .day = day};
    return price_find(f->t, &q, &p) ? p.amount : NUM_NONE;
}

/* ---- arrays of the world; numbers of the store are positions + 1 */

static uint32_t place_of(uint32_t no) {
    return no ? no - 1 : TRACE_NONE;
}

static void list_partners(trace_files *f) {
    partner p;
    for (uint32_t no = 1; partner_by_no(f->t, no, &p); no++) {
        f->partner = arena_grown(&f->a, f->partner, f->partners, &f->partner_cap, sizeof *f->partner);
        f->partner[f->partners++] = (trace_partner){.id = arena_str(&f->a, p.id),
                                                    .parent = place_of(p.parent),
                                                    .kind = p.kind,
                                                    .home = trace_region_of(f, p.region),
                                                    .unreviewed = p.unreviewed};
        if (p.kind == PARTNER_MANUFACTURER && f->maker == 0) f->maker = no;
    }
}

static void list_timeline(trace_files *f, trace_product *p) {
    trace_stage *list = NULL;
    size_t cap = 0;
    catalog_row row;
    AUTO(catalog_walk) w = catalog_rows(f->t, CATALOG_STAGE, &p->sku, 1);
    while (catalog_next(&w, &row)) {
        trace_stage s = {.stage = STAGE_NONE};
        (void)day_parse(row.cell[STAGE_FROM], &s.from);
        for (stage x = STAGE_INTRODUCTION; x < STAGE_COUNT; x++)
            if (str_is(row.cell[STAGE_STAGE], stage_name(x))) s.stage = x;
        list = arena_grown(&f->a, list, p->stages, &cap, sizeof *list);
        list[p->stages++] = s;
    }
    p->timeline = list; /* the walk is by day: ISO dates sort */
}

static void list_products(trace_files *f) {
    product p;
    for (uint32_t no = 1; product_by_no(f->t, no, &p); no++) {
        f->product = arena_grown(&f->a, f->product, f->products, &f->product_cap, sizeof *f->product);
        trace_product *out = &f->product[f->products++];
        *out = (trace_product){.sku = arena_str(&f->a, p.sku),
                               .brand = arena_str(&f->a, p.brand),
                               .category = arena_str(&f->a, p.category),
                               .carton = product_carton(&p)};
        list_timeline(f, out);
    }
}

static void span_of(str from, str to, day_t *first, day_t *last) {
    *first = DAY_MIN, *last = DAY_MAX;
    if (from.n) (void)day_parse(from, first);
    if (to.n) (void)day_parse(to, last);
}

static void list_territories(trace_files *f) {
    catalog_row row;
    AUTO(catalog_walk) w = catalog_rows(f->t, CATALOG_TERRITORY, NULL, 0);
    while (catalog_next(&w, &row)) {
        trace_territory t = {.partner = trace_partner_word(f, row.cell[TERRITORY_PARTNER]),
                             .region = trace_region_of(f, region_by_code(f->t, row.cell[TERRITORY_REGION])),
                             .products = arena_str(&f->a, row.cell[TERRITORY_PRODUCTS]),
                             .channels = arena_str(&f->a, row.cell[TERRITORY_CHANNELS])};
        span_of(row.cell[TERRITORY_FROM], row.cell[TERRITORY_TO], &t.from, &t.to);
        f->territory = arena_grown(&f->a, f->territory, f->territories, &f->territory_cap, sizeof *f->territory);
        f->territory[f->territories++] = t;
    }
}

static void list_exemptions(trace_files *f) {
    catalog_row row;
    AUTO(catalog_walk) w = catalog_rows(f->t, CATALOG_EXEMPTION, NULL, 0);
    while (catalog_next(&w, &row)) {
        exemption x;
        exemption_read(f->t, &row, &x);
        if (x.state != EXEMPTION_GRANTED) continue;
        f->exemption = arena_grown(&f->a, f->exemption, f->exemptions, &f->exemption_cap, sizeof *f->exemption);
        f->exemption[f->exemptions++] = (trace_exemption){.partner = trace_partner_word(f, x.partner),
                                                          .region = trace_region_of(f, x.region),
                                                          .products = arena_str(&f->a, x.products),
                                                          .customer = arena_str(&f->a, x.customer),
                                                          .from = x.from,
                                                          .to = x.to,
                                                          .quantity = x.quantity,
                                                          .reference = arena_str(&f->a, x.reference)};
    }
}

/* A world whose partners.csv names no manufacturer has one all the same: somebody ships. */
static void ensure_maker(trace_files *f) {
    str cells[CATALOG_COLUMNS_MAX] = {{0}};
    for (size_t i = 0; i < f->partners && f->maker == 0; i++)
        if (f->partner[i].kind == PARTNER_MANUFACTURER) f->maker = (uint32_t)i + 1;
    if (f->maker) return;
    for (size_t i = 0; i < CATALOG_COLUMNS_MAX; i++) cells[i] = STR("");
    cells[PARTNER_ID] = STR("(manufacturer)");
    cells[PARTNER_KIND] = STR("manufacturer");
    f->maker = catalog_put(f->t, CATALOG_PARTNER, cells, 0, 1, DAY_MIN);
    f->partner = arena_grown(&f->a, f->partner, f->partners, &f->partner_cap, sizeof *f->partner);
    f->partner[f->partners++] =
        (trace_partner){.id = STR("(manufacturer)"), .parent = TRACE_NONE, .kind = PARTNER_MANUFACTURER};
}

bool trace_catalog_read(trace_files *f, err *e) {
    static const struct {
        const char *file;
        catalog_table table;
    } files[] = {
        {"partners.csv", CATALOG_PARTNER},      {"products.csv", CATALOG_PRODUCT},     {"stages.csv", CATALOG_STAGE},
        {"territories.csv", CATALOG_TERRITORY}, {"exemptions.csv", CATALOG_EXEMPTION}, {"prices.csv", CATALOG_PRICE},
    };
    TRY(load_regions(f, e));
    for (size_t i = 0; i < ARRAY_LEN(files); i++) TRY(read_table(f, files[i].file, files[i].table, e));
    list_partners(f);
    list_products(f);
    ensure_maker(f);
    list_territories(f);
    list_exemptions(f);
    return txn_ok(f->t, e);
}
