/* case report: a month of diversion. Where goods went, region by region; how much of it was diverted; how often each rule was
 * right; how long it took from the first event to the case. */
#include "daemon/catalog/calendar.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/region.h"
#include "daemon/catalog/settings.h"
#include "daemon/command/cases.h"
#include "daemon/command/cells.h"
#include "daemon/command/period.h"
#include "daemon/command/reports.h"
#include "daemon/ledger/facts.h"
#include "daemon/ledger/query.h"
#include "daemon/store/store.h"
#include <stdlib.h>

enum { REPORT_BYTES = 512 * 1024 * 1024, RATE_PLACES = 6 };

/* enum, name: what a row is about */
#define SECTIONS(X)                                                                                                    \
    X(SECTION_FLOW, "flow") /* from a region to a region, of a product */                                              \
    X(SECTION_REGION, "region")                                                                                        \
    X(SECTION_PARTNER, "partner")                                                                                      \
    X(SECTION_PRODUCT, "product")                                                                                      \
    X(SECTION_RULE, "rule")                                                                                            \
    X(SECTION_DAYS, "days") /* from the first event to the case */

typedef enum section {
#define X(s, name) s,
    SECTIONS(X)
#undef X
        SECTION_COUNT
} section;

static const char *const section_names[] = {
#define X(s, name) name,
    SECTIONS(X)
#undef X
};

typedef struct report_row {
    section of;
    str from, to, partner, sku, rule, unit;
    bool mixed; /* base units differ */
    int64_t quantity, diverted, suspected;
    uint32_t cases, open, upheld, dismissed;
    int64_t *days;
    size_t n, cap;
} report_row;

typedef struct report {
    call *c;
    arena a;
    facts f;
    map index;
    report_row *row;
    size_t rows, row_cap;
    day_span span;
    bool wanted[SECTION_COUNT];
} report;

static void report_auto(report *r) {
    map_free(&r->index);
    facts_free(&r->f);
    arena_free(&r->a);
}

/* ---- rows */

static report_row *row_of(report *r, const report_row *like) {
    AUTO(buf) k = {0};
    const str parts[] = {like->from, like->to, like->partner, like->sku, like->rule};
    bool created;
    buf_byte(&k, (char)like->of);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) buf_text(&k, parts[i]);
    uint64_t *at = map_find(&r->index, buf_str(&k));
    if (at) return &r->row[*at];
    *map_at(&r->index, arena_str(&r->a, buf_str(&k)), &created) = r->rows;
    r->row = arena_grown(&r->a, r->row, r->rows, &r->row_cap, sizeof *r->row);
    report_row *x = &r->row[r->rows++];
    *x = *like;
    str *texts[] = {&x->from, &x->to, &x->partner, &x->sku, &x->rule};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) *texts[i] = arena_str(&r->a, texts[i]->p ? *texts[i] : STR(""));
    return x;
}

static void add(int64_t *sum, int64_t v) {
    (void)add_i64(*sum, v, sum); /* stored quantities are far from the end of the range */
}

static void note_unit(report_row *x, str unit) {
    if (x->unit.p == NULL) x->unit = unit;
    x->mixed = x->mixed || !str_eq(x->unit, unit);
}

/* The rows that goods of a product from somewhere to somewhere belong to. */
typedef struct goods_way {
    str from, to, partner, sku;
} goods_way;

/* Their positions: the list may move while it grows. */
static size_t rows_of(report *r, const goods_way *g, size_t out[static 4]) {
    const report_row like[] = {{.of = SECTION_FLOW, .from = g->from, .to = g->to, .sku = g->sku},
                               {.of = SECTION_REGION, .to = g->to},
                               {.of = SECTION_PARTNER, .partner = g->partner},
                               {.of = SECTION_PRODUCT, .sku = g->sku}};
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(like); i++)
        if (r->wanted[like[i].of]) out[n++] = (size_t)(row_of(r, &like[i]) - r->row);
    return n;
}

/* ---- what was sold */

static str province_of(report *r, uint32_t region_no) {
    return region_text(&r->f, region_no, REGION_PROVINCE, false);
}

static void take_flow(report *r, const flow_row *x) {
    partner p;
    product of;
    size_t at[4];
    if (!partner_by_id(r->c->t, x->value[0], &p) || !product_by_sku(r->c->t, x->value[1], &of)) return;
    const goods_way g = {province_of(r, partner_fact_of(&r->f, p.no)->home), x->value[2], x->value[0], x->value[1]};
    if (x->quantity == NUM_NONE) return;
    size_t n = rows_of(r, &g, at);
    for (size_t i = 0; i < n; i++) {
        add(&r->row[at[i]].quantity, x->quantity);
        note_unit(&r->row[at[i]], product_fact_of(&r->f, of.no)->base_unit);
    }
}

static bool take_flows(report *r, err *e) {
    flow_row *rows;
    size_t n;
    const flow_query q = {.by = {DIM_PARTNER, DIM_PRODUCT, DIM_REGION},
                          .dims = 3,
                          .level = REGION_PROVINCE,
                          .rollup = true,
                          .kinds = FLOW_KINDS_FINAL | FLOW_KINDS_ONWARD,
                          .from = r->span.from,
                          .to = r->span.to,
                          .era = ERA_LIVE};
    TRY(flow_query_run(r->c->t, &q, &r->a, &rows, &n, e));
    for (size_t i = 0; i < n; i++) take_flow(r, &rows[i]);
    return true;
}

/* ---- what of it was diverted */

static bool was_upheld(const case_head *h) {
    return h->upheld != DAY_MIN;
}

static void take_goods(report *r, const case_head *h) {
    case_good *g;
    size_t n = case_goods_of(r->c, h, &g);
    uint32_t reporter = partner_fact_of(&r->f, h->partner)->reporter;
    str from = province_of(r, partner_fact_of(&r->f, h->partner)->home), to = region_code(r->c->t, h->destination);
    for (size_t i = 0; i < n; i++) {
        const product_fact *of = product_fact_of(&r->f, g[i].product);
        size_t at[4], k = rows_of(r, &(goods_way){from, to, partner_fact_of(&r->f, reporter)->id, of->sku}, at);
        while (k-- > 0) {
            report_row *x = &r->row[at[k]];
            note_unit(x, of->base_unit);
            add(was_upheld(h) ? &x->diverted : &x->suspected, g[i].quantity);
        }
    }
}

static void count_case(report_row *x, const case_head *h) {
    x->cases++;
    if (was_upheld(h)) x->upheld++;
    else if (!case_is_open(h->state))
        x->dismissed++;
    else
        x->open++;
}

/* Of each rule that has a signal in the case, once. */
static void take_rules(report *r, const case_head *h) {
    case_signal *s;
    size_t n = case_signals(r->c->t, h->id, &r->a, &s);
    for (size_t i = 0; i < n; i++) {
        bool before = false;
        for (size_t k = 0; k < i; k++) before = before || str_eq(s[k].kind, s[i].kind);
        if (!before) count_case(row_of(r, &(report_row){.of = SECTION_RULE, .rule = s[i].kind}), h);
    }
}

static void take_days(report *r, const case_head *h) {
    report_row *x = row_of(r, &(report_row){.of = SECTION_DAYS});
    count_case(x, h);
    x->days = arena_grown(&r->a, x->days, x->n, &x->cap, sizeof *x->days);
    x->days[x->n++] = day_at(h->opened_ms, r->c->zone_min) - day_at(h->first_event, r->c->zone_min);
}

static bool inside(const report *r, int64_t ms) {
    day_t day = day_at(ms, r->c->zone_min);
    return day >= r->span.from && day <= r->span.to;
}

static void take_case(report *r, const case_head *h) {
    bool dismissed = !was_upheld(h) && !case_is_open(h->state);
    if (inside(r, h->first_event) && !dismissed) take_goods(r, h);
    if (!inside(r, h->opened_ms)) return;
    if (r->wanted[SECTION_RULE]) take_rules(r, h);
    if (r->wanted[SECTION_DAYS]) take_days(r, h);
}

static void take_cases(report *r) {
    case_head h;
    for (AUTO(kv_cursor) w = kv_from(r->c->t, TABLE_CASE, STR(""), STR_NONE); kv_next(&w);)
        if (case_decode(w.key, w.val, &h) && case_visible(r->c, &h)) take_case(r, &h);
}

/* ---- out */

static int by_section(const void *x, const void *y) {
    const report_row *a = x, *b = y;
    if (a->of != b->of) return a->of < b->of ? -1 : 1;
    const str left[] = {a->from, a->to, a->partner, a->sku, a->rule};
    const str right[] = {b->from, b->to, b->partner, b->sku, b->rule};
    for (size_t i = 0; i < ARRAY_LEN(left); i++) {
        int c = str_cmp(left[i], right[i]);
        if (c) return c;
    }
    return 0;
}

static int by_days(const void *x, const void *y) {
    const int64_t *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

static void put_rate(json *j, const char *name, int64_t part, int64_t whole) {
    int64_t rate = NUM_NONE;
    if (whole > 0 && !mul_div(part, pow10_i64(RATE_PLACES), whole, &rate)) rate = NUM_NONE;
    json_key(j, name);
    json_dec(j, rate, RATE_PLACES, 0);
}

static void put_quantities(json *j, const report_row *x) {
    bool none = x->of == SECTION_RULE || x->of == SECTION_DAYS || x->mixed;
    cell_quantity(j, "quantity", none ? NUM_NONE : x->quantity);
    cell_quantity(j, "diverted", none ? NUM_NONE : x->diverted);
    cell_quantity(j, "suspected", none ? NUM_NONE : x->suspected);
    put_rate(j, "diversion_rate", x->diverted, none ? 0 : x->quantity);
}

static void put_counts(json *j, report_row *x) {
    bool counts = x->of == SECTION_RULE || x->of == SECTION_DAYS;
    const struct {
        const char *name;
        uint32_t n;
    } cells[] = {{"cases", x->cases}, {"open", x->open}, {"upheld", x->upheld}, {"dismissed", x->dismissed}};
    for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
        if (counts) cell_count(j, cells[i].name, cells[i].n);
        else
            cell_text(j, cells[i].name, STR_NONE);
    }
    put_rate(j, "upheld_rate", x->upheld, counts ? x->upheld + x->dismissed : 0);
    if (x->n) qsort(x->days, x->n, sizeof *x->days, by_days);
    json_key(j, "days_median");
    if (x->n) json_int(j, x->days[x->n / 2]);
    else
        json_none(j);
    json_key(j, "days_most");
    if (x->n) json_int(j, x->days[x->n - 1]);
    else
        json_none(j);
}

static void put_row(report *r, report_row *x) {
    json *j = answer_row(r->c);
    cell_text(j, "section", str_of(section_names[x->of]));
    cell_text(j, "from", x->from);
    cell_text(j, "to", x->to);
    cell_text(j, "partner", x->partner);
    cell_text(j, "sku", x->sku);
    cell_text(j, "rule", x->rule);
    cell_text(j, "unit", x->mixed ? STR_NONE : x->unit);
    put_quantities(j, x);
    put_counts(j, x);
    answer_row_end(r->c);
}

static bool read_sections(call *c, report *r, err *e) {
    str by = call_option(c, "by");
    bool known = by.p == NULL;
    for (section s = 0; s < SECTION_COUNT; s++) {
        r->wanted[s] = by.p == NULL || str_is(by, section_names[s]);
        known = known || r->wanted[s];
    }
    return known || err_set(e, ERR_USAGE, "--by: flow, region, partner, product, rule or days");
}

bool cmd_case_report(call *c, err *e) {
    static const char *const columns[] = {"section",        "from",        "to",       "partner",  "sku",
                                          "rule",           "unit",        "quantity", "diverted", "suspected",
                                          "diversion_rate", "cases",       "open",     "upheld",   "dismissed",
                                          "upheld_rate",    "days_median", "days_most"};
    AUTO(report) r = {.c = c};
    fiscal_calendar calendar;
    str month = call_option(c, "month");
    arena_init(&r.a, REPORT_BYTES);
    facts_init(&r.f, c->t);
    TRY(read_sections(c, &r, e));
    calendar_load(c->t, c->a, &calendar);
    if (!span_read(&calendar, month, &r.span))
        return err_set(e, ERR_USAGE, "--month: wanted a month like 2026-06 (or 2026-Q2, 2026), found '%.*s'",
                       STR_ARG(str_take(month, 40)));
    TRY(take_flows(&r, e));
    take_cases(&r);
    if (r.rows) qsort(r.row, r.rows, sizeof *r.row, by_section);
    answer_list(c, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < r.rows && !answer_failed(c); i++) put_row(&r, &r.row[i]);
    return txn_ok(c->t, e);
}
