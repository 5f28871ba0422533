#include "tools/channelctl/policy_files.h"

#include "daemon/catalog/cell.h"
#include "daemon/command/file_table.h"
#include <stdlib.h>

/* ---- growing arrays, ids */

void *growing_add(growing *g, size_t size) {
    if (g->n == g->cap) {
        g->cap = g->cap ? 2 * g->cap : 256;
        g->v = realloc(g->v, g->cap * size);
        ASSERT(g->v != NULL);
    }
    void *place = (char *)g->v + g->n++ * size;
    memset(place, 0, size);
    return place;
}

static uint32_t number_of(policy_world *w, map *ids, str id, size_t next, bool *created) {
    const uint64_t *found = map_find(ids, id);
    *created = found == NULL;
    if (found) return (uint32_t)(*found - 1);
    *map_at(ids, arena_str(&w->text, id), NULL) = next + 1;
    return (uint32_t)next;
}

static str key_of(policy_world *w, str id) {
    return arena_str(&w->text, id);
}

uint32_t world_partner_add(policy_world *w, str id) {
    bool created;
    uint32_t no = number_of(w, &w->partner_ids, id, w->partner.n, &created);
    if (created)
        *(rebate_partner *)growing_add(&w->partner, sizeof(rebate_partner)) =
            (rebate_partner){.id = key_of(w, id), .parent = REBATE_NONE};
    return no;
}

uint32_t world_product_add(policy_world *w, str sku) {
    bool created;
    uint32_t no = number_of(w, &w->skus, sku, w->product.n, &created);
    if (created)
        *(rebate_product *)growing_add(&w->product, sizeof(rebate_product)) =
            (rebate_product){.sku = key_of(w, sku), .list_price = NUM_NONE, .tax_rate = NUM_NONE};
    return no;
}

static uint32_t document_add(policy_world *w, str number) {
    bool created;
    if (number.n == 0) return REBATE_NONE;
    uint32_t no = number_of(w, &w->document_ids, number, w->document.n, &created);
    if (created) *(str *)growing_add(&w->document, sizeof(str)) = key_of(w, number);
    return no;
}

typedef bool (*take_line)(policy_world *w, const file_line *l, err *e);

static bool read_lines(policy_world *w, file_table *from, take_line take, err *e) {
    file_line l;
    for (;;) {
        TRY(file_table_next(from, &l, e));
        if (l.no == 0) return true;
        TRY(take(w, &l, e));
    }
}

bool policy_file(client *c, const char *option, buf *bytes, char name[static 256], bool *given, err *e) {
    str path = args_option(c->args, option, given);
    if (!*given) return true;
    (void)str_copy_z(str_is(path, "-") ? STR("stdin") : base_name(path), name, 256);
    return client_read_file(path, bytes, e);
}

static void say_beside(const char *file, const buf *beside, const file_column *columns, size_t n) {
    if (beside->n == 0) return;
    (void)fprintf(stderr, "%s row 1: no column %.*s: not read; the columns are ", file, (int)beside->n, beside->p);
    for (size_t i = 0; i < n; i++) (void)fprintf(stderr, "%s%s", i ? "," : "", columns[i].name);
    (void)fputc('\n', stderr);
}

static bool read_file(client *c, policy_world *w, const char *option, const file_column *columns, size_t n,
                      take_line take, err *e) {
    AUTO(buf) bytes = {0}, beside = {0};
    AUTO(file_table) rows = {.n = 0};
    char name[256];
    bool given;
    TRY(policy_file(c, option, &bytes, name, &given, e));
    if (!given) return true;
    attachment file = {str_of(name), buf_str(&bytes)};
    TRY(file_table_open_beside(&rows, &file, columns, n, &beside, e));
    say_beside(name, &beside, columns, n);
    return read_lines(w, &rows, take, e);
}

/* ---- cells */

static bool cell_number(const file_line *l, size_t at, unsigned decimals, int64_t *out, err *e) {
    bool exact;
    char wanted[64];
    if (l->cell[at].n && dec_parse(l->cell[at], decimals, out, &exact) && exact) return true;
    (void)snprintf(wanted, sizeof wanted, "a number with at most %u decimals", decimals);
    return file_cell_wrong(l, at, wanted, e);
}

static bool cell_day(const file_line *l, size_t at, day_t *out, err *e) {
    return cell_as_day(l->cell[at], out) || file_cell_wrong(l, at, "a day like 2026-01-31", e);
}

static bool cell_flag(const file_line *l, size_t at, uint32_t flag, uint32_t *flags, err *e) {
    static const char *const yes[] = {"y", "yes", "true", "1", "是"}, *const no[] = {"", "n", "no", "false", "0", "否"};
    for (size_t i = 0; i < ARRAY_LEN(yes); i++)
        if (str_ieq(l->cell[at], str_of(yes[i]))) return *flags |= flag, true;
    for (size_t i = 0; i < ARRAY_LEN(no); i++)
        if (str_ieq(l->cell[at], str_of(no[i]))) return true;
    return file_cell_wrong(l, at, "Y or N", e);
}

static bool cell_partner(policy_world *w, const file_line *l, size_t at, uint32_t *out, err *e) {
    if (l->cell[at].n == 0 || l->cell[at].n > LIMIT_ID) return file_cell_wrong(l, at, "the id of a partner", e);
    *out = world_partner_add(w, l->cell[at]);
    return true;
}

/* ---- flows */

enum {
    F_PARTNER,
    F_SKU,
    F_DATE,
    F_KIND,
    F_QUANTITY,
    F_AMOUNT,
    F_CURRENCY,
    F_DAYS,
    F_DOCUMENT,
    F_REFERENCE,
    F_GIFT,
    F_TAX,
    F_PAID
};
static const file_column flow_columns[] = {
    {"partner", true},         {"sku", true},        {"date", true},      {"kind", true},
    {"quantity", true},        {"amount", true},     {"currency", false}, {"days_to_pay", false},
    {"document", false},       {"reference", false}, {"gift", false},     {"tax_rate", false},
    {"paid_by_rebate", false},
};

static bool flow_kind_cell(const file_line *l, flow_kind *out, err *e) {
    bool known = flow_kind_parse(l->cell[F_KIND], out) && *out != FLOW_OPENING && *out != FLOW_COUNT;
    return known ||
           file_cell_wrong(l, F_KIND,
                           "sell_in, sell_out, return, return_out, receipt, transfer, adjustment, payment, onward, "
                           "gift_in or gift_out",
                           e);
}

static bool flow_figures(const file_line *l, rebate_row *r, err *e) {
    int64_t days;
    r->amount = r->tax_rate = NUM_NONE;
    r->days_to_pay = DAYS_UNPAID;
    bool counted = l->cell[F_QUANTITY].n || r->kind != FLOW_PAYMENT;
    if (counted) TRY(cell_number(l, F_QUANTITY, QUANTITY_SCALE, &r->quantity, e));
    if (l->cell[F_AMOUNT].n) TRY(cell_number(l, F_AMOUNT, 2, &r->amount, e));
    if (l->cell[F_TAX].n && !cell_rate(l->cell[F_TAX], &r->tax_rate))
        return file_cell_wrong(l, F_TAX, "13% or 0.13", e);
    if (l->cell[F_DAYS].n) {
        TRY(cell_number(l, F_DAYS, 0, &days, e));
        if (days < -36500 || days > 36500) return file_cell_wrong(l, F_DAYS, "a number of days", e);
        r->days_to_pay = (int32_t)days;
    }
    bool small = r->quantity <= LIMIT_QUANTITY && r->quantity >= -LIMIT_QUANTITY;
    bool cheap = r->amount == NUM_NONE || (r->amount <= LIMIT_AMOUNT / 10000 && r->amount >= -LIMIT_AMOUNT / 10000);
    return (small || file_cell_wrong(l, F_QUANTITY, "a quantity below 10^12", e)) &&
           (cheap || file_cell_wrong(l, F_AMOUNT, "an amount below 10^12", e));
}

static bool take_flow(policy_world *w, const file_line *l, err *e) {
    rebate_row r = {.no = (uint32_t)l->no, .product = REBATE_NONE};
    TRY(cell_partner(w, l, F_PARTNER, &r.partner, e) && flow_kind_cell(l, &r.kind, e) &&
        cell_day(l, F_DATE, &r.day, e));
    if (l->cell[F_SKU].n == 0 && r.kind != FLOW_PAYMENT) return file_cell_wrong(l, F_SKU, "a sku", e);
    if (l->cell[F_SKU].n) r.product = world_product_add(w, l->cell[F_SKU]);
    if (l->cell[F_CURRENCY].n && !str_is(l->cell[F_CURRENCY], "CNY"))
        return file_cell_wrong(l, F_CURRENCY, "CNY: rebates are reckoned in no other currency", e);
    r.document = document_add(w, l->cell[F_DOCUMENT]);
    TRY(flow_figures(l, &r, e) && cell_flag(l, F_GIFT, ROW_GIFT, &r.flags, e));
    TRY(cell_flag(l, F_PAID, ROW_PAID_BY_REBATE, &r.flags, e));
    *(rebate_row *)growing_add(&w->row, sizeof r) = r;
    *(uint32_t *)growing_add(&w->reference, sizeof(uint32_t)) = document_add(w, l->cell[F_REFERENCE]);
    return true;
}

/* ---- counts, targets, claims */

static const file_column count_columns[] = {{"partner", true}, {"sku", true}, {"date", true}, {"quantity", true}};

static bool take_count(policy_world *w, const file_line *l, err *e) {
    rebate_count k = {0};
    TRY(cell_partner(w, l, 0, &k.partner, e));
    if (l->cell[1].n == 0) return file_cell_wrong(l, 1, "a sku", e);
    k.product = world_product_add(w, l->cell[1]);
    TRY(cell_day(l, 2, &k.day, e) && cell_number(l, 3, QUANTITY_SCALE, &k.quantity, e));
    bool first;
    str whose = str_from((const void *)&k, offsetof(rebate_count, day) + sizeof k.day);
    (void)map_at(&w->counted, arena_str(&w->text, whose), &first);
    if (!first) return file_cell_wrong(l, 2, "one count of a partner and sku on a day", e);
    *(rebate_count *)growing_add(&w->count, sizeof k) = k;
    return true;
}

static const file_column target_columns[] = {{"partner", true}, {"period", true}, {"target", true}};

static bool take_target(policy_world *w, const file_line *l, err *e) {
    rebate_target t = {0};
    TRY(cell_partner(w, l, 0, &t.partner, e) && cell_number(l, 2, TARGET_SCALE, &t.target, e));
    if (!period_known(l->cell[1])) return file_cell_wrong(l, 1, "2026-01, 2026-Q1, 2026-H1, 2026 or once", e);
    t.period = key_of(w, l->cell[1]);
    for (size_t i = 0; i < w->target.n; i++) {
        const rebate_target *o = (const rebate_target *)w->target.v + i;
        if (o->partner == t.partner && str_eq(o->period, t.period))
            return file_cell_wrong(l, 1, "one target for a partner and period", e);
    }
    *(rebate_target *)growing_add(&w->target, sizeof t) = t;
    return true;
}

static const file_column claim_columns[] = {
    {"partner", true}, {"date", true}, {"amount", true}, {"sku", false}, {"document", false}};

static bool take_claim(policy_world *w, const file_line *l, err *e) {
    rebate_claim k = {.no = (uint32_t)l->no, .product = REBATE_NONE};
    TRY(cell_partner(w, l, 0, &k.partner, e) && cell_day(l, 1, &k.day, e) && cell_number(l, 2, 2, &k.amount, e));
    if (l->cell[3].n) k.product = world_product_add(w, l->cell[3]);
    k.document = document_add(w, l->cell[4]);
    *(rebate_claim *)growing_add(&w->claim, sizeof k) = k;
    return true;
}

/* ---- partners by id, the rest by partner */

static int by_partner_id(const void *x, const void *y, void *partners) {
    const rebate_partner *p = partners;
    return str_cmp(p[*(const uint32_t *)x].id, p[*(const uint32_t *)y].id);
}

static int by_row(const void *x, const void *y, void *rows) {
    const rebate_row *a = (const rebate_row *)rows + *(const uint32_t *)x;
    const rebate_row *b = (const rebate_row *)rows + *(const uint32_t *)y;
    if (a->partner != b->partner) return a->partner < b->partner ? -1 : 1;
    if (a->day != b->day) return a->day < b->day ? -1 : 1;
    return (a->no > b->no) - (a->no < b->no);
}

static int by_count(const void *x, const void *y) {
    const rebate_count *a = x, *b = y;
    if (a->partner != b->partner) return a->partner < b->partner ? -1 : 1;
    if (a->product != b->product) return a->product < b->product ? -1 : 1;
    return (a->day > b->day) - (a->day < b->day);
}

static int by_first(const void *x, const void *y) { /* the partner is the first field */
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return (a > b) - (a < b);
}

static void sort_rows(policy_world *w) {
    size_t n = w->row.n;
    rebate_row *old = w->row.v, *row = calloc(n + 1, sizeof *row);
    uint32_t *reference = calloc(n + 1, sizeof *reference), *order = calloc(n + 1, sizeof *order);
    ASSERT(row && reference && order);
    for (size_t i = 0; i < n; i++) order[i] = (uint32_t)i;
    if (n) qsort_r(order, n, sizeof *order, by_row, old);
    for (size_t i = 0; i < n; i++) {
        row[i] = old[order[i]];
        reference[i] = ((uint32_t *)w->reference.v)[order[i]];
    }
    free(order);
    free(old);
    free(w->reference.v);
    w->row.v = row;
    w->reference.v = reference;
}

static void renumber(growing *g, size_t size, const uint32_t *to) {
    for (size_t i = 0; i < g->n; i++) {
        uint32_t *first = (uint32_t *)(void *)((char *)g->v + i * size);
        *first = to[*first]; /* the partner */
    }
}

static void sort_partners(policy_world *w) {
    size_t n = w->partner.n;
    rebate_partner *old = w->partner.v, *sorted = calloc(n + 1, sizeof *sorted);
    uint32_t *order = calloc(n + 1, sizeof *order), *to = calloc(n + 1, sizeof *to);
    ASSERT(sorted && order && to);
    for (size_t i = 0; i < n; i++) order[i] = (uint32_t)i;
    if (n) qsort_r(order, n, sizeof *order, by_partner_id, old);
    for (size_t i = 0; i < n; i++) to[order[i]] = (uint32_t)i;
    for (size_t i = 0; i < n; i++) {
        sorted[i] = old[order[i]];
        if (sorted[i].parent != REBATE_NONE) sorted[i].parent = to[sorted[i].parent];
    }
    renumber(&w->row, sizeof(rebate_row), to);
    renumber(&w->count, sizeof(rebate_count), to);
    renumber(&w->target, sizeof(rebate_target), to);
    renumber(&w->claim, sizeof(rebate_claim), to);
    free(order);
    free(to);
    free(old);
    w->partner.v = sorted;
}

static void unknown_reference(void *arg, const rebate_row *r, uint32_t reference) {
    const policy_world *w = arg;
    AUTO(buf) day = {0};
    day_put(&day, r->day);
    (void)fprintf(stderr, "row %u: '%.*s' names no sale of partner '%.*s'; the return counts on its own day, %s\n",
                  r->no, STR_ARG(((const str *)w->document.v)[reference]), STR_ARG(w->world.partner[r->partner].id),
                  buf_z(&day));
}

static void make_world(policy_world *w) {
    rebate_world *x = &w->world;
    sort_partners(w);
    sort_rows(w);
    if (w->count.n) qsort(w->count.v, w->count.n, sizeof(rebate_count), by_count);
    if (w->target.n) qsort(w->target.v, w->target.n, sizeof(rebate_target), by_first);
    if (w->claim.n) qsort(w->claim.v, w->claim.n, sizeof(rebate_claim), by_first);
    x->partner = w->partner.v, x->partners = w->partner.n;
    x->product = w->product.v, x->products = w->product.n;
    x->row = w->row.v, x->rows = w->row.n;
    x->count = w->count.v, x->counts = w->count.n;
    x->target = w->target.v, x->targets = w->target.n;
    x->claim = w->claim.v, x->claims = w->claim.n;
    x->price = w->price.v, x->prices = w->price.n;
    x->document = w->document.v;
    x->skus = &w->skus;
    rebate_join_returns(w->row.v, w->reference.v, w->row.n, unknown_reference, w);
}

bool policy_files_read(client *c, policy_world *w, err *e) {
    *w = (policy_world){0};
    arena_init(&w->text, SIZE_MAX); /* bounded by the files */
    TRY(read_file(c, w, "flows", flow_columns, ARRAY_LEN(flow_columns), take_flow, e));
    TRY(read_file(c, w, "stock", count_columns, ARRAY_LEN(count_columns), take_count, e));
    TRY(read_file(c, w, "targets", target_columns, ARRAY_LEN(target_columns), take_target, e));
    TRY(read_file(c, w, "claims", claim_columns, ARRAY_LEN(claim_columns), take_claim, e));
    TRY(policy_catalog_read(c, w, e));
    make_world(w);
    return true;
}

void policy_world_auto(policy_world *w) {
    growing *all[] = {&w->row,   &w->reference, &w->count,   &w->target,  &w->claim,
                      &w->price, &w->partner,   &w->product, &w->document};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) free(all[i]->v);
    map_free(&w->skus);
    map_free(&w->counted);
    map_free(&w->partner_ids);
    map_free(&w->document_ids);
    arena_free(&w->text);
}
