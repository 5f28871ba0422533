#include "daemon/command/cells.h"
#include "daemon/command/customers.h"
#include "daemon/command/reports.h"

#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/ledger/query.h"
#include "daemon/ledger/stock.h"
#include "proto/limits.h"

/* Options that name something of the catalogue, as numbers; 0 when not given. */
static bool option_product(call *c, uint32_t *out, err *e) {
    str sku = call_option(c, "sku");
    product p;
    *out = 0;
    if (sku.p == NULL) return true;
    if (!product_by_sku(c->t, sku, &p))
        return err_set(e, ERR_NOT_FOUND, "unknown product '%.*s'", STR_ARG(str_take(sku, LIMIT_ID)));
    *out = p.no;
    return true;
}

static bool option_region(call *c, uint32_t *out, err *e) {
    str code = call_option(c, "region");
    *out = 0;
    if (code.p == NULL) return true;
    *out = region_by_code(c->t, code);
    if (*out || region_find(c->t, code, 0, day_at(c->now_ms, c->zone_min), out)) return true;
    return err_set(e, ERR_NOT_FOUND, "unknown region '%.*s'", STR_ARG(str_take(code, LIMIT_ID)));
}

static bool option_by(call *c, flow_query *q, err *e) {
    str list = call_option(c, "by"), name;
    if (list.p == NULL) list = STR("partner");
    while (str_split(&list, ',', &name)) {
        flow_dimension d;
        if (!flow_dimension_parse(str_trim(name), &d))
            return err_set(e, ERR_USAGE,
                           "--by: '%.*s' is none of partner, place, product, brand, category, region, area, "
                           "day, week, month, fiscal_month, quarter, half, year, kind, company, customer, channel",
                           STR_ARG(str_take(name, 40)));
        for (size_t i = 0; i < q->dims; i++)
            if (q->by[i] == d) return err_set(e, ERR_USAGE, "--by: '%.*s' is named twice", STR_ARG(name));
        q->by[q->dims++] = d;
    }
    return true;
}

static bool option_level(call *c, flow_query *q, err *e) {
    str level = call_option(c, "level");
    if (level.p == NULL) return true;
    q->areas = str_is(level, "area");
    if (q->areas || region_level_parse(level, &q->level)) return true;
    return err_set(e, ERR_USAGE, "--level: province, city, county or area, not '%.*s'", STR_ARG(str_take(level, 40)));
}

static bool option_kinds(call *c, flow_query *q, err *e) {
    str list = call_option(c, "kind"), name;
    while (str_split(&list, ',', &name)) {
        flow_kind k;
        if (!flow_kind_parse(str_trim(name), &k) || k == FLOW_COUNT)
            return err_set(e, ERR_USAGE, "--kind: '%.*s' is no kind of flow", STR_ARG(str_take(name, 40)));
        q->kinds |= 1U << k;
    }
    if (call_flag(c, "final") && call_flag(c, "onward")) return err_set(e, ERR_USAGE, "--final or --onward, not both");
    uint32_t narrow = call_flag(c, "final") ? FLOW_KINDS_FINAL : call_flag(c, "onward") ? FLOW_KINDS_ONWARD : 0;
    if (narrow) q->kinds = q->kinds ? q->kinds & narrow : narrow;
    return narrow == 0 || q->kinds || err_set(e, ERR_USAGE, "--kind and --final or --onward leave nothing");
}

static bool read_query(call *c, flow_query *q, err *e) {
    day_span span;
    *q = (flow_query){.rollup = call_flag(c, "rollup")};
    TRY(option_by(c, q, e));
    TRY(option_level(c, q, e));
    TRY(option_kinds(c, q, e));
    TRY(option_partner(c, &q->partner, e));
    TRY(option_product(c, &q->product, e));
    TRY(option_region(c, &q->region, e));
    TRY(option_span(c, (day_span){DAY_MIN, DAY_MAX}, &span, e));
    q->from = span.from;
    q->to = span.to;
    if (call_flag(c, "history") && call_flag(c, "live")) return err_set(e, ERR_USAGE, "--history or --live, not both");
    q->era = call_flag(c, "history") ? ERA_HISTORY : call_flag(c, "live") ? ERA_LIVE : ERA_ALL;
    return true;
}

static void put_flow(call *c, const flow_query *q, const flow_row *row) {
    json *j = answer_row(c);
    for (size_t i = 0; i < q->dims; i++) cell_text(j, flow_dimension_name(q->by[i]), row->value[i]);
    bool kind_asked = false;
    for (size_t i = 0; i < q->dims; i++) kind_asked = kind_asked || q->by[i] == DIM_KIND;
    if (!kind_asked) cell_text(j, "kind", str_of(flow_kind_name(row->kind)));
    cell_quantity(j, "quantity", row->quantity);
    cell_amount(j, row->amount, row->currency, "amount", "currency");
    answer_row_end(c);
}

bool cmd_flow_list(call *c, err *e) {
    static const char *const after[] = {"kind", "quantity", "amount", "currency"};
    const char *columns[DIM_COUNT + ARRAY_LEN(after)];
    flow_query q;
    flow_row *row;
    size_t rows, n = 0;
    bool kind_asked = false;
    AUTO(customers_shown) shown = {.c = NULL};
    customers_shown_init(&shown, c);
    TRY(read_query(c, &q, e));
    q.shows = customers_shown_add;
    q.arg = &shown;
    TRY(authz(c, "read", q.partner, e));
    TRY(flow_query_run(c->t, &q, c->a, &row, &rows, e));
    TRY(customers_shown_note(&shown, e));
    for (; n < q.dims; n++) {
        columns[n] = flow_dimension_name(q.by[n]);
        kind_asked = kind_asked || q.by[n] == DIM_KIND;
    }
    for (size_t i = kind_asked; i < ARRAY_LEN(after); i++) columns[n++] = after[i];
    answer_list(c, columns, n);
    if (q.partner == 0) answer_coverage(c, TYPE_SALE, (day_span){q.from, q.to});
    for (size_t i = 0; i < rows && !answer_failed(c); i++) put_flow(c, &q, &row[i]);
    return true;
}

static void put_level(call *c, str partner_text, const stock *s, const stock_level *l) {
    product p = {0};
    json *j = answer_row(c);
    (void)product_by_no(c->t, l->product, &p);
    cell_text(j, "partner", partner_text);
    cell_text(j, "product", p.sku);
    cell_quantity(j, "quantity", l->counted ? l->quantity : NUM_NONE);
    cell_text(j, "unit", p.base_unit);
    cell_quantity(j, "counted", l->counted ? l->count : NUM_NONE);
    if (l->counted) put_day_cell(j, "count_day", l->count_day);
    else
        cell_text(j, "count_day", STR(""));
    put_day_cell(j, "last_day", l->last_day);
    cell_text(j, "receipts", s->assumed ? STR("assumed") : STR("reported"));
    answer_row_end(c);
}

static void list_partner(call *c, uint32_t no, uint32_t sku, day_t at) {
    AUTO(arena) a = {0};
    stock s;
    arena_init(&a, SIZE_MAX);
    stock_of(c->t, no, at, &a, &s);
    str id = arena_str(&a, partner_id(c->t, no));
    for (size_t i = 0; i < s.levels && !answer_failed(c); i++)
        if (sku == 0 || s.level[i].product == sku) put_level(c, id, &s, &s.level[i]);
}

bool cmd_stock_list(call *c, err *e) {
    static const char *const columns[] = {"partner", "product",   "quantity", "unit",
                                          "counted", "count_day", "last_day", "receipts"};
    uint32_t only, sku;
    day_t at;
    TRY(option_partner(c, &only, e));
    TRY(option_product(c, &sku, e));
    TRY(call_day(c, "date", day_at(c->now_ms, c->zone_min), &at, e));
    TRY(authz(c, "read", only, e));
    answer_list(c, columns, ARRAY_LEN(columns));
    if (only == 0) answer_coverage(c, TYPE_STOCK, (day_span){at, at});
    bool below = only && call_flag(c, "below");
    for (uint64_t no = 0; (no = stock_partner(c->t, (uint32_t)no, true)) != 0 && no < UINT32_MAX; no++)
        if (only == 0 || no == only || (below && partner_within(c->t, (uint32_t)no, only)))
            list_partner(c, (uint32_t)no, sku, at);
    return true;
}
