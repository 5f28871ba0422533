/* replenish assortment: each product at each partner, what it earns and how long it stands, and what to list or delist. */
#include "daemon/replenish/assortment.h"

#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/settings.h"
#include "daemon/catalog/territory.h"
#include "daemon/command/cells.h"
#include "daemon/command/period.h"
#include "daemon/command/reports.h"
#include "daemon/ledger/members.h"
#include "daemon/replenish/shelf.h"
#include "maths/demand_class.h"

#include <math.h>
#include <stdlib.h>

enum { USUAL_DAYS = 91 };

typedef struct peer_group { /* partners of one kind and tier */
    partner_kind kind;
    str tier;
    unsigned partners;
} peer_group;

typedef struct peer_sale {
    size_t group;
    uint32_t product, partner;
    double week;
} peer_sale;

typedef struct survey {
    call *c;
    shelf_world *w;
    assortment_rules rules;
    peer_group *group;
    peer_sale *sale; /* by group, product, then what is sold */
    size_t groups, group_cap, sales, sale_cap;
} survey;

static size_t group_of(survey *s, const partner *p) {
    for (size_t i = 0; i < s->groups; i++)
        if (s->group[i].kind == p->kind && str_eq(s->group[i].tier, p->tier)) return i;
    s->group = arena_grown(s->c->a, s->group, s->groups, &s->group_cap, sizeof *s->group);
    s->group[s->groups] = (peer_group){p->kind, arena_str(s->c->a, p->tier), 0};
    return s->groups++;
}

static int by_group(const void *x, const void *y) {
    const peer_sale *a = x, *b = y;
    if (a->group != b->group) return a->group < b->group ? -1 : 1;
    if (a->product != b->product) return a->product < b->product ? -1 : 1;
    if (a->week != b->week) return a->week < b->week ? -1 : 1;
    return (a->partner > b->partner) - (a->partner < b->partner);
}

/* What everybody sells, to compare with. */
static void read_peers(survey *s) {
    uint32_t *no;
    size_t n = members_answering(&s->w->f, s->c->a, &no);
    for (size_t i = 0; i < n; i++) {
        AUTO(arena) a = {0};
        shelf_sale *sold;
        partner p;
        if (!partner_by_no(s->c->t, no[i], &p) || p.ended) continue;
        size_t group = group_of(s, &p);
        arena_init(&a, SIZE_MAX); /* bounded by the books of one partner */
        s->group[group].partners++;
        size_t sales = shelf_sales(s->w, no[i], &a, &sold);
        for (size_t k = 0; k < sales; k++) {
            if (sold[k].sold <= 0) continue;
            s->sale = arena_grown(s->c->a, s->sale, s->sales, &s->sale_cap, sizeof *s->sale);
            s->sale[s->sales++] = (peer_sale){group, sold[k].product, no[i],
                                              (double)sold[k].sold / 1000 * 7 / (double)span_days(s->w->span)};
        }
    }
    if (s->sales) qsort(s->sale, s->sales, sizeof *s->sale, by_group);
}

/* ---- one partner */

static void cell_ratio(json *j, const char *name, double v, unsigned decimals) {
    json_key(j, name);
    if (v < 0 || v >= 1e9) json_none(j);
    else
        json_dec(j, (int64_t)(v * (double)pow10_i64(decimals) + 0.5), decimals, 0);
}

static void cell_money(const survey *s, json *j, const char *name, int64_t v) {
    json_key(j, name);
    json_dec(j, v, s->w->scale, s->w->scale);
}

static void cell_days(json *j, const char *name, int32_t days) {
    if (days < 0) cell_text(j, name, STR_NONE);
    else
        cell_count(j, name, (uint64_t)days);
}

static void put_sums(survey *s, json *j, const shelf *x) {
    char letters[4];
    int64_t margin = NUM_NONE;
    int32_t days = span_days(s->w->span);
    double gmroi = shelf_gmroi(x, days);
    if (x->amount != NUM_NONE && x->cost != NUM_NONE) (void)sub_i64(x->amount, x->cost, &margin);
    cell_quantity(j, "bought", x->bought);
    cell_quantity(j, "sold", x->sold);
    cell_money(s, j, "sales", x->amount);
    cell_money(s, j, "margin", margin);
    cell_text(j, "currency", currency_text(s->w->currency, letters));
    cell_quantity(j, "stock", x->stock);
    cell_ratio(j, "mean_stock", x->mean_stock < 0 ? -1 : x->mean_stock / 1000, 1);
    cell_ratio(j, "cover_days", shelf_cover_days(x, days), 0);
    cell_ratio(j, "turns", shelf_turns(x, days), 2);
    json_key(j, "gmroi"); /* may be a loss */
    if (isnan(gmroi)) json_none(j);
    else
        json_dec(j, llround(gmroi * 100), 2, 0);
    cell_days(j, "age_days", x->age.oldest);
    cell_days(j, "mean_age_days", x->age.mean);
    json_key(j, "age_at_least");
    json_bool(j, x->age.at_least);
    if (x->last_in == DAY_MIN) cell_text(j, "last_receipt", STR_NONE);
    else
        put_day_cell(j, "last_receipt", x->last_in);
}

static void put_row(survey *s, const partner *p, const product *of, const shelf *x, const assortment_facts *f,
                    char xyz) {
    AUTO(buf) why = {0};
    char letters[2][2] = {{f->abc, 0}, {xyz, 0}};
    call *c = s->c;
    assortment_verdict v = assortment_judge(&s->rules, f);
    bool proposal = v != SHELF_NOTHING && !str_is(STR("keep"), assortment_proposal(v));
    if (v == SHELF_NOTHING || (call_flag(c, "proposals") && !proposal)) return;
    assortment_why(v, f, call_flag(c, "zh") ? LANGUAGE_ZH : LANGUAGE_EN, &why);
    json *j = answer_row(c);
    cell_text(j, "partner", p->id);
    cell_text(j, "sku", of->sku);
    cell_text(j, "name", of->name);
    cell_text(j, "unit", of->base_unit);
    put_sums(s, j, x);
    cell_text(j, "stage", str_of(stage_name(f->stage)));
    cell_text(j, "abc", str_of(letters[0]));
    cell_text(j, "xyz", str_of(letters[1]));
    cell_text(j, "proposal", str_of(assortment_proposal(v)));
    cell_text(j, "why", buf_str(&why));
    answer_row_end(c);
}

/* A, B, C by the value sold; 0: the value of what was sold is not known. */
static void classify(const shelf *x, size_t n, arena *a, char *abc) {
    double *value = ARENA_NEW(a, double, n + 1);
    for (size_t i = 0; i < n; i++) {
        int64_t v = x[i].amount != NUM_NONE ? x[i].amount : x[i].cost;
        value[i] = v == NUM_NONE ? 0 : (double)v;
    }
    demand_abc(value, n, abc);
    for (size_t i = 0; i < n; i++)
        if (x[i].amount == NUM_NONE && x[i].cost == NUM_NONE) abc[i] = 0;
}

static void put_carried(survey *s, const partner *p, const shelf *x, char abc) {
    day_t at = s->w->span.to;
    int32_t days = span_days(s->w->span);
    product of;
    if (!product_by_no(s->c->t, x->product, &of)) return;
    assortment_facts f = {.carried = true,
                          .stage = stage_at(s->c->t, of.sku, at),
                          .abc = abc,
                          .stock = x->stock,
                          .sold = x->sold,
                          .cover = shelf_cover_days(x, days),
                          .gmroi = shelf_gmroi(x, days),
                          .held_days = x->first_in == DAY_MAX ? x->age.oldest : (int32_t)(at - x->first_in),
                          .span_days = days,
                          .age_days = x->age.oldest};
    put_row(s, p, &of, x, &f, demand_xyz(x->week, x->weeks));
}

static const shelf *carried(const shelf *x, size_t n, uint32_t product_no) {
    for (size_t i = 0; i < n; i++)
        if (x[i].product == product_no) return &x[i];
    return NULL;
}

/* What the others of its group sell and it has not. */
static void put_missing(survey *s, const partner *p, const shelf *x, size_t n) {
    size_t group = group_of(s, p), end;
    for (size_t at = 0; at < s->sales && !answer_failed(s->c); at = end) {
        const peer_sale *first = &s->sale[at];
        product of;
        for (end = at; end < s->sales && s->sale[end].group == first->group && s->sale[end].product == first->product;)
            end++;
        if (first->group != group || carried(x, n, first->product)) continue;
        if (!product_by_no(s->c->t, first->product, &of) || of.ended) continue;
        unsigned selling = (unsigned)(end - at);
        assortment_facts f = {.stage = stage_at(s->c->t, of.sku, s->w->span.to),
                              .abc = 0,
                              .stock = NUM_NONE,
                              .cover = -1,
                              .gmroi = NAN,
                              .permitted = p->region && territory_allows(s->c->t, p->no, &of, p->region, STR(""),
                                                                         day_at(s->c->now_ms, s->c->zone_min)),
                              .peers = s->group[group].partners - 1,
                              .selling = selling,
                              .peer_week = s->sale[at + selling / 2].week};
        const shelf none = {.amount = NUM_NONE,
                            .cost = NUM_NONE,
                            .stock = NUM_NONE,
                            .mean_stock = -1,
                            .stock_value = -1,
                            .age = {AGE_UNKNOWN, AGE_UNKNOWN, false},
                            .last_in = DAY_MIN};
        put_row(s, p, &of, &none, &f, 0);
    }
}

static void put_partner(survey *s, uint32_t partner_no) {
    AUTO(arena) a = {0};
    shelf *x;
    partner p;
    if (!partner_by_no(s->c->t, partner_no, &p)) return;
    arena_init(&a, SIZE_MAX); /* bounded by the books of one partner */
    size_t n = shelves_of(s->w, partner_no, &a, &x);
    char *abc = ARENA_NEW(&a, char, n + 1);
    classify(x, n, &a, abc);
    for (size_t i = 0; i < n && !answer_failed(s->c); i++) put_carried(s, &p, &x[i], abc[i]);
    if (n && !p.ended) put_missing(s, &p, x, n);
}

bool cmd_replenish_assortment(call *c, err *e) {
    static const char *const columns[] = {
        "partner",      "sku",          "name",       "unit",       "bought", "sold",     "sales",    "margin",
        "currency",     "stock",        "mean_stock", "cover_days", "turns",  "gmroi",    "age_days", "mean_age_days",
        "age_at_least", "last_receipt", "stage",      "abc",        "xyz",    "proposal", "why"};
    AUTO(shelf_world) w = {0};
    survey s = {.c = c};
    uint32_t *no;
    size_t n;
    day_t today = day_at(c->now_ms, c->zone_min);
    day_span span;
    TRY(option_span(c, (day_span){today - USUAL_DAYS, today - 1}, &span, e) && option_answering(c, &no, &n, e));
    shelf_world_open(&w, c->t, span);
    s.w = &w;
    s.rules = (assortment_rules){(int32_t)setting_number(c->t, SETTING_SHELF_SETTLE),
                                 (int32_t)setting_number(c->t, SETTING_SHELF_COVER),
                                 (double)setting_number(c->t, SETTING_SHELF_GMROI) / 100,
                                 (double)setting_number(c->t, SETTING_SHELF_PEERS) / 100};
    answer_list(c, columns, ARRAY_LEN(columns));
    read_peers(&s);
    for (size_t i = 0; i < n && !answer_failed(c); i++) put_partner(&s, no[i]);
    return txn_ok(c->t, e);
}
