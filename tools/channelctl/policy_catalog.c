#include "tools/channelctl/policy_files.h"

#include "daemon/catalog/cell.h"
#include "daemon/catalog/columns.h"
#include "daemon/command/import.h"
#include <inttypes.h>
#include <stdlib.h>

/* The import files of the catalogue that `policy try` may be given. */

typedef struct catalog_file {
    policy_world *w;
import in;
    const char *file;
    size_t at; /* row being taken */
} catalog_file;

static const str *cells_of(const catalog_file *f) {
    return f->in.cells + f->at * catalog_tables[f->in.table].column_count;
}

/* A cell in its canonical spelling, in the world's arena; "" stays empty. */
static bool cell_text(const catalog_file *f, size_t column, str *out, err *e) {
    const catalog_column *col = &catalog_tables[f->in.table].columns[column];
    str in = cells_of(f)[column], wanted;
    *out = STR("");
    if (in.n == 0) {
        if (!col->required) return true;
        return err_set(e, ERR_DATA, "%s row %" PRIu64 ": %s is missing", f->file, f->in.row_no[f->at], col->name);
    }
    return cell_canonical(col, in, &f->w->text, out, &wanted) ||
           err_set(e, ERR_DATA, "%s row %" PRIu64 ": %s is '%.*s', wanted %.*s", f->file, f->in.row_no[f->at],
                   col->name, STR_ARG(str_take(in, 60)), STR_ARG(wanted));
}

static bool take_partner(const catalog_file *f, err *e) {
    str id, kind, tier, parent;
    TRY(cell_text(f, PARTNER_ID, &id, e) && cell_text(f, PARTNER_KIND, &kind, e));
    TRY(cell_text(f, PARTNER_TIER, &tier, e) && cell_text(f, PARTNER_PARENT, &parent, e));
    uint32_t no = world_partner_add(f->w, id), above = parent.n ? world_partner_add(f->w, parent) : REBATE_NONE;
    rebate_partner *p = (rebate_partner *)f->w->partner.v + no;
    p->kind = kind, p->tier = tier, p->parent = above;
    p->region = arena_str(&f->w->text, cells_of(f)[PARTNER_REGION]);
    return true;
}

static bool take_product(const catalog_file *f, err *e) {
    str sku, brand, category, price, rate;
    TRY(cell_text(f, PRODUCT_SKU, &sku, e) && cell_text(f, PRODUCT_BRAND, &brand, e));
    TRY(cell_text(f, PRODUCT_CATEGORY, &category, e) && cell_text(f, PRODUCT_LIST_PRICE, &price, e));
    TRY(cell_text(f, PRODUCT_TAX_RATE, &rate, e));
    uint32_t no = world_product_add(f->w, sku);
    rebate_product *p = (rebate_product *)f->w->product.v + no;
    p->brand = brand, p->category = category;
    if (price.n) (void)dec_parse(price, MICRO_SCALE, &p->list_price, NULL);
    if (rate.n) (void)cell_rate(rate, &p->tax_rate);
    return true;
}

static bool take_stage(const catalog_file *f, err *e) {
    str sku, name, from;
    rebate_stage s = {0};
    TRY(cell_text(f, STAGE_SKU, &sku, e) && cell_text(f, STAGE_STAGE, &name, e) && cell_text(f, STAGE_FROM, &from, e));
    for (stage x = STAGE_INTRODUCTION; x < STAGE_COUNT; x++)
        if (str_is(name, stage_name(x))) s.stage = x;
    (void)day_parse(from, &s.from);
    uint32_t no = world_product_add(f->w, sku);
    rebate_product *p = (rebate_product *)f->w->product.v + no;
    rebate_stage *timeline = arena_alloc(&f->w->text, sizeof *timeline * (p->stages + 1));
    size_t at = p->stages;
    while (at > 0 && p->timeline[at - 1].from > s.from) at--;
    if (at > 0 && p->timeline[at - 1].from == s.from && p->timeline[at - 1].stage != s.stage)
        return err_set(e, ERR_DATA, "%s row %" PRIu64 ": '%.*s' has two stages from that day", f->file,
                       f->in.row_no[f->at], STR_ARG(str_take(sku, 60)));
    for (size_t i = 0; i < p->stages; i++) timeline[i + (i >= at)] = p->timeline[i];
    timeline[at] = s;
    p->timeline = timeline;
    p->stages++;
    return true;
}

/* General prices only: those of a tier, region, partner or channel are no price of the list. All with VAT, as flows are. */
static bool take_price(const catalog_file *f, err *e) {
    static const size_t narrow[] = {PRICE_TIER, PRICE_REGION, PRICE_PARTNER, PRICE_CHANNEL};
    str sku, kind, from, to, amount, basis;
    rebate_price p = {.from = DAY_MIN, .until = DAY_MAX};
    for (size_t i = 0; i < ARRAY_LEN(narrow); i++)
        if (cells_of(f)[narrow[i]].n) return true;
    TRY(cell_text(f, PRICE_SKU, &sku, e) && cell_text(f, PRICE_KIND, &kind, e));
    TRY(cell_text(f, PRICE_FROM, &from, e) && cell_text(f, PRICE_TO, &to, e));
    TRY(cell_text(f, PRICE_AMOUNT, &amount, e) && cell_text(f, PRICE_TAX_BASIS, &basis, e));
    p.product = world_product_add(f->w, sku);
    p.kind = kind;
    if (from.n) (void)day_parse(from, &p.from);
    if (to.n) (void)day_parse(to, &p.until);
    if (!dec_parse(amount, MICRO_SCALE, &p.price, NULL)) return err_set(e, ERR_INTERNAL, "a price is no number");
    int64_t rate = ((const rebate_product *)f->w->product.v)[p.product].tax_rate, whole = pow10_i64(RATE_SCALE);
    if (rate != NUM_NONE && str_is(basis, "excl") && !mul_div(p.price, whole + rate, whole, &p.price))
        return err_set(e, ERR_DATA, "%s row %" PRIu64 ": amount is too large", f->file, f->in.row_no[f->at]);
    *(rebate_price *)growing_add(&f->w->price, sizeof p) = p;
    return true;
}

static int by_price(const void *x, const void *y) {
    const rebate_price *a = x, *b = y;
    if (a->product != b->product) return a->product < b->product ? -1 : 1;
    int c = str_cmp(a->kind, b->kind);
    return c ? c : (a->from > b->from) - (a->from < b->from);
}

static bool one_price_a_day(const policy_world *w, err *e) {
    const rebate_price *p = w->price.v;
    for (size_t i = 1; i < w->price.n; i++) {
        AUTO(buf) day = {0};
        if (by_price(&p[i - 1], &p[i]) != 0 || p[i - 1].price == p[i].price) continue;
        if (p[i].from != DAY_MIN) buf_addz(&day, " from "), day_put(&day, p[i].from);
        return err_set(e, ERR_DATA, "prices: '%.*s' has two %.*s prices%s; wanted one",
                       STR_ARG(((const rebate_product *)w->product.v)[p[i].product].sku), STR_ARG(p[i].kind),
                       buf_z(&day));
    }
    return true;
}

static bool read_table(client *c, policy_world *w, const char *option, catalog_table table,
                       bool (*take)(const catalog_file *f, err *e), bool *given, err *e) {
    AUTO(buf) bytes = {0};
    char name[256];
    catalog_file f = {.w = w, .file = name};
    TRY(policy_file(c, option, &bytes, name, given, e));
    if (!*given) return true;
    attachment file = {str_of(name), buf_str(&bytes)};
    bool ok = import_read(table, &file, &w->text, &f.in, e);
    for (f.at = 0; ok && f.at < f.in.rows; f.at++) ok = take(&f, e);
    import_free(&f.in);
    return ok;
}

bool policy_catalog_read(client *c, policy_world *w, err *e) {
    bool stages;
    rebate_world *x = &w->world;
    TRY(read_table(c, w, "partners", CATALOG_PARTNER, take_partner, &x->partners_known, e));
    TRY(read_table(c, w, "products", CATALOG_PRODUCT, take_product, &x->products_known, e));
    TRY(read_table(c, w, "stages", CATALOG_STAGE, take_stage, &stages, e));
    TRY(read_table(c, w, "prices", CATALOG_PRICE, take_price, &x->prices_known, e));
    if (w->price.n) qsort(w->price.v, w->price.n, sizeof(rebate_price), by_price);
    return one_price_a_day(w, e);
}
