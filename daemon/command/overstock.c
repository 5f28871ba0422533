/* replenish overstock, overstock run: goods pressed into the channel, by partner and product, and rolled up. */
#include "daemon/replenish/overstock.h"

#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/settings.h"
#include "daemon/command/cells.h"
#include "daemon/ledger/members.h"
#include "daemon/replenish/shelf.h"
#include "daemon/store/keys.h"
#include "daemon/store/store.h"
#include "proto/frame.h"
#include "proto/limits.h"

#include <math.h>
#include <stdlib.h>

/* One partner and product, with all that is below it. */
typedef struct pressed {
    uint32_t partner, product;
    bool first_hand; /* it buys from the manufacturer itself */
    int64_t came;
    overstock_facts f;
    overstock_verdict v;
} pressed;

typedef struct survey {
    call *c;
    shelf_world *w;
    overstock_rules rules;
    pressed *v;
    size_t n, cap;
    map index;
    arena *a;
} survey;

static overstock_rules rules_of(txn *t) {
    return (overstock_rules){
        (int32_t)setting_number(t, SETTING_OVERSTOCK_WINDOW), (int32_t)setting_number(t, SETTING_OVERSTOCK_SETTLE),
        (int32_t)setting_number(t, SETTING_OVERSTOCK_COVER), (double)setting_number(t, SETTING_OVERSTOCK_RATIO) / 100};
}

static pressed *pressed_of(survey *s, uint32_t partner_no, uint32_t product_no) {
    uint8_t raw[8];
    put_be32(raw, partner_no);
    put_be32(raw + 4, product_no);
    uint64_t *at = map_find(&s->index, str_from(raw, sizeof raw));
    if (at) return &s->v[*at];
    s->v = arena_grown(s->a, s->v, s->n, &s->cap, sizeof *s->v);
    *map_at(&s->index, arena_str(s->a, str_from(raw, sizeof raw)), NULL) = s->n;
    s->v[s->n] = (pressed){.partner = partner_no, .product = product_no, .f = {.stock = NUM_NONE, .held_days = -1}};
    return &s->v[s->n++];
}

static void add_to(int64_t *sum, int64_t v) {
    if (v == NUM_NONE) return;
    if (*sum == NUM_NONE) *sum = 0;
    (void)add_i64(*sum, v, sum);
}

/* What a partner sold for good, and has, is in the channel of everybody above it. */
static void count_in(survey *s, uint32_t partner_no, const shelf *x, bool reported) {
    uint32_t chain[PARTNER_DEPTH_MAX];
    size_t n = partner_chain(s->c->t, partner_no, chain);
    for (size_t i = 0; i < n; i++) {
        partner p;
        if (!partner_by_no(s->c->t, chain[i], &p) || p.kind == PARTNER_MANUFACTURER) continue;
        if (i > 0 && partner_fact_of(&s->w->f, chain[i])->reporter != chain[i]) continue;
        pressed *to = pressed_of(s, chain[i], x->product);
        add_to(&to->f.out, x->final);
        add_to(&to->f.stock, x->stock);
        to->f.reported |= reported;
        if (i > 0) continue;
        to->first_hand = x->bought != 0;
        to->f.in = x->bought;
        to->came = x->came;
        to->f.held_days = x->first_in == DAY_MAX ? (x->stock == NUM_NONE ? -1 : x->age.oldest)
                                                 : (int32_t)(s->w->span.to - x->first_in);
    }
}

static int by_partner_and_product(const void *x, const void *y) {
    const pressed *a = x, *b = y;
    if (a->partner != b->partner) return a->partner < b->partner ? -1 : 1;
    return (a->product > b->product) - (a->product < b->product);
}

static void survey_make(survey *s) {
    uint32_t *no;
    size_t n = members_answering(&s->w->f, s->a, &no);
    for (size_t i = 0; i < n; i++) {
        AUTO(arena) a = {0};
        shelf *x;
        bool reported = false;
        arena_init(&a, SIZE_MAX); /* bounded by the books of one partner */
        size_t shelves = shelves_of(s->w, no[i], &a, &x);
        for (size_t k = 0; k < shelves; k++) reported |= x[k].reports;
        for (size_t k = 0; k < shelves; k++) count_in(s, no[i], &x[k], reported);
    }
    map_free(&s->index);
    if (s->n) qsort(s->v, s->n, sizeof *s->v, by_partner_and_product);
    for (size_t i = 0; i < s->n; i++) {
        pressed *p = &s->v[i];
        if (!p->first_hand && p->f.in == 0) p->f.in = p->came; /* it gets its goods from another partner */
        p->v = overstock_judge(&s->rules, &p->f);
    }
}

static void survey_open(survey *s, call *c, shelf_world *w, arena *a) {
    day_t today = day_at(c->now_ms, c->zone_min);
    *s = (survey){.c = c, .w = w, .rules = rules_of(c->t), .a = a};
    shelf_world_open(w, c->t, (day_span){today - s->rules.window, today - 1});
    w->unpriced = true;
}

/* ---- list */

static void cell_ratio(json *j, const char *name, double v, unsigned decimals) {
    json_key(j, name);
    if (v < 0 || v >= OVERSTOCK_FOR_EVER) json_none(j);
    else
        json_dec(j, llround(v * (double)pow10_i64(decimals)), decimals, 0);
}

static bool is_standing(txn *t, const pressed *p, overstock_alarm *out) {
    return overstock_get(t, p->partner, p->product, out);
}

static void put_row(survey *s, const pressed *p) {
    AUTO(buf) why = {0};
    overstock_alarm stands;
    partner of;
    product x;
    call *c = s->c;
    bool raised = is_standing(c->t, p, &stands);
    if (!raised && p->v.state != OVERSTOCK_ALARM && !call_flag(c, "all")) return;
    if (!partner_by_no(c->t, p->partner, &of) || !product_by_no(c->t, p->product, &x)) return;
    overstock_why(&s->rules, &p->f, &p->v, call_flag(c, "zh") ? LANGUAGE_ZH : LANGUAGE_EN, &why);
    json *j = answer_row(c);
    cell_text(j, "partner", of.id);
    cell_text(j, "region", region_code(c->t, of.region));
    cell_text(j, "sku", x.sku);
    cell_text(j, "name", x.name);
    cell_text(j, "unit", x.base_unit);
    cell_quantity(j, "sell_in", p->f.in);
    cell_quantity(j, "sell_out", p->f.reported ? p->f.out : NUM_NONE);
    cell_ratio(j, "ratio", p->v.ratio, 2);
    cell_quantity(j, "stock", p->f.stock);
    cell_ratio(j, "cover_days", p->v.cover, 0);
    cell_text(j, "state", str_of(overstock_state_name(p->v.state)));
    if (raised) put_day_cell(j, "since", stands.day);
    else
        cell_text(j, "since", STR_NONE);
    cell_text(j, "why", buf_str(&why));
    answer_row_end(c);
}

/* ---- rolled up: in money at the dealer price, for units of many products add up to nothing */

typedef struct rolled {
    uint32_t by;
    int64_t in, out, stock;
    uint64_t products, alarms, unvalued;
} rolled;

static void roll(survey *s, rolled *r, const pressed *p) {
    overstock_alarm stands;
    day_t at = s->w->span.to;
    int64_t in = shelf_value(s->w, p->partner, p->product, PRICE_DEALER, at, p->f.in),
            out = shelf_value(s->w, p->partner, p->product, PRICE_DEALER, at, p->f.out),
            have = p->f.stock == NUM_NONE ? NUM_NONE
                                          : shelf_value(s->w, p->partner, p->product, PRICE_DEALER, at, p->f.stock);
    r->products++;
    r->alarms += p->v.state == OVERSTOCK_ALARM || is_standing(s->c->t, p, &stands);
    r->unvalued += in == NUM_NONE;
    add_to(&r->in, in);
    add_to(&r->out, out);
    add_to(&r->stock, have);
}

static void cell_money(const survey *s, json *j, const char *name, int64_t v) {
    json_key(j, name);
    json_dec(j, v, s->w->scale, s->w->scale);
}

static str name_of(survey *s, const char *by, uint32_t no) {
    if (strcmp(by, "partner") == 0) return partner_id(s->c->t, no);
    return strcmp(by, "product") == 0 ? product_sku(s->c->t, no) : region_code(s->c->t, no);
}

static void put_rolled(survey *s, const char *by, const rolled *r) {
    char letters[4];
    json *j = answer_row(s->c);
    cell_text(j, by, name_of(s, by, r->by));
    cell_money(s, j, "sell_in_value", r->in);
    cell_money(s, j, "sell_out_value", r->out);
    cell_money(s, j, "stock_value", r->stock);
    cell_text(j, "currency", currency_text(s->w->currency, letters));
    cell_ratio(j, "ratio", r->in == NUM_NONE || r->out <= 0 ? -1 : (double)r->in / (double)r->out, 2);
    cell_ratio(j, "cover_days",
               r->stock == NUM_NONE || r->out <= 0 ? -1 : (double)r->stock * s->rules.window / (double)r->out, 0);
    cell_count(j, "products", r->products);
    cell_count(j, "alarms", r->alarms);
    cell_count(j, "unvalued", r->unvalued);
    answer_row_end(s->c);
}

static int by_number(const void *x, const void *y) {
    const rolled *a = x, *b = y;
    return (a->by > b->by) - (a->by < b->by);
}

/* Only who buys from the manufacturer: what is below it is in its figures already. */
static void put_rolls(survey *s, const char *by) {
    rolled *r = ARENA_NEW(s->a, rolled, s->n + 1);
    size_t n = 0;
    s->w->unpriced = false;
    for (size_t i = 0; i < s->n; i++) {
        const pressed *p = &s->v[i];
        partner of;
        size_t at = 0;
        if (!p->first_hand || !partner_by_no(s->c->t, p->partner, &of)) continue;
        uint32_t no = strcmp(by, "partner") == 0   ? p->partner
                      : strcmp(by, "product") == 0 ? p->product
                                                   : region_at_level(s->c->t, of.region, REGION_PROVINCE);
        while (at < n && r[at].by != no) at++;
        if (at == n) r[n++] = (rolled){.by = no, .in = NUM_NONE, .out = NUM_NONE, .stock = NUM_NONE};
        roll(s, &r[at], p);
    }
    if (n) qsort(r, n, sizeof *r, by_number);
    for (size_t i = 0; i < n && !answer_failed(s->c); i++) put_rolled(s, by, &r[i]);
}

static bool read_by(call *c, const char **out, err *e) {
    static const char *const known[] = {"partner", "product", "region"};
    str by = call_option(c, "by");
    *out = NULL;
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (by.p && str_is(by, known[i])) *out = known[i];
    return by.p == NULL || *out || err_set(e, ERR_USAGE, "--by: partner, product or region");
}

static bool keep_asked(survey *s, uint32_t only, err *e) {
    uint32_t region = 0;
    str word = call_option(s->c, "region");
    size_t kept = 0;
    err unused;
    if (word.p && !region_find(s->c->t, word, 0, s->w->span.to, &region))
        return err_set(e, ERR_NOT_FOUND, "--region '%.*s': unknown", STR_ARG(str_take(word, LIMIT_ID)));
    for (size_t i = 0; i < s->n; i++) {
        partner p;
        if (only && s->v[i].partner != only) continue;
        if (!authz(s->c, "read", s->v[i].partner, &unused)) continue;
        if (region &&
            (!partner_by_no(s->c->t, s->v[i].partner, &p) || !p.region || !region_within(s->c->t, p.region, region)))
            continue;
        s->v[kept++] = s->v[i];
    }
    s->n = kept;
    return true;
}

bool cmd_overstock(call *c, err *e) {
    static const char *const columns[] = {"partner", "region", "sku",        "name",  "unit",  "sell_in", "sell_out",
                                          "ratio",   "stock",  "cover_days", "state", "since", "why"};
    AUTO(shelf_world) w = {0};
    survey s;
    uint32_t only;
    const char *by;
    TRY(option_partner(c, &only, e) && read_by(c, &by, e));
    survey_open(&s, c, &w, c->a);
    survey_make(&s);
    TRY(keep_asked(&s, only, e));
    const char *const rolled_columns[] = {by,      "sell_in_value", "sell_out_value", "stock_value", "currency",
                                          "ratio", "cover_days",    "products",       "alarms",      "unvalued"};
    if (by) answer_list(c, rolled_columns, ARRAY_LEN(rolled_columns));
    else
        answer_list(c, columns, ARRAY_LEN(columns));
    if (by) put_rolls(&s, by);
    for (size_t i = 0; by == NULL && i < s.n && !answer_failed(c); i++) put_row(&s, &s.v[i]);
    return txn_ok(c->t, e);
}

/* ---- judged: a result is journaled where it changes what stands */

typedef struct found { /* between the two halves */
    Entry__Overstock *m;
    size_t entries, entry_cap, raised, ended, standing;
} found;

static void add_row(call *c, found *f, const pressed *p, bool raised) {
    arena *a = c->look_a;
    Entry__OverstockRow *row = ARENA_NEW(a, Entry__OverstockRow, 1);
    Entry__Overstock *m = f->entries ? &f->m[f->entries - 1] : NULL;
    entry__overstock_row__init(row);
    row->partner = (char *)(uintptr_t)arena_str(a, partner_id(c->t, p->partner)).p;
    row->sku = (char *)(uintptr_t)arena_str(a, product_sku(c->t, p->product)).p;
    row->raised = raised;
    row->in = p->f.in;
    row->out = p->f.out;
    row->counted = p->f.stock != NUM_NONE;
    row->stock = row->counted ? p->f.stock : 0;
    row->cover = p->v.cover >= 0 && p->v.cover < 1e6 ? (int32_t)p->v.cover : -1;
    if (m == NULL || m->n_row == LIMIT_ENTRY_ROWS) {
        f->m = arena_grown(a, f->m, f->entries, &f->entry_cap, sizeof *f->m);
        m = &f->m[f->entries++];
        entry__overstock__init(m);
        m->engine = (char *)(uintptr_t)CHANNELD_VERSION;
        m->day = day_at(c->now_ms, c->zone_min);
        m->row = ARENA_NEW(a, Entry__OverstockRow *, LIMIT_ENTRY_ROWS);
    }
    m->row[m->n_row++] = row;
    f->raised += raised;
    f->ended += !raised;
}

static void answer_found(call *c, const found *f) {
    json *j = answer_show(c);
    cell_count(j, "standing", f->standing);
    cell_count(j, "raised", f->raised);
    cell_count(j, "ended", f->ended);
    answer_show_end(c);
}

static bool look(call *c, err *e) {
    AUTO(shelf_world) w = {0};
    survey s;
    found *f = ARENA_NEW(c->look_a, found, 1);
    survey_open(&s, c, &w, c->look_a);
    survey_make(&s);
    for (size_t i = 0; i < s.n; i++) {
        overstock_alarm was;
        const pressed *p = &s.v[i];
        bool stood = is_standing(c->t, p, &was), stands = stood ? p->v.lasts : p->v.state == OVERSTOCK_ALARM;
        f->standing += stands;
        if (stood != stands) add_row(c, f, p, stands);
    }
    c->looked = f;
    c->answered = f->entries == 0;
    if (c->answered) answer_found(c, f);
    return txn_ok(c->t, e);
}

bool cmd_overstock_run(call *c, err *e) {
    if (c->looking) return look(c, e);
    const found *f = c->looked;
    for (size_t i = 0; i < f->entries; i++) {
        apply_result r = {.a = c->a};
        command_entry what = {KIND_OVERSTOCK, c->now_ms, call_actor(c), &f->m[i].base};
        TRY(journal_append(c->t, &what, &r, NULL, e));
    }
    answer_found(c, f);
    return txn_ok(c->t, e);
}
