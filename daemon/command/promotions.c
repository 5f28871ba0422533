/* Commands about promotions that ask the books too: promotion list --usage, show, gifts. The table itself (import, set,
 * remove, history, list) goes by the catalogue's handlers. */
#include "daemon/catalog/partner.h"
#include "daemon/catalog/rows.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/command/reports.h"
#include "daemon/ledger/document.h"
#include "daemon/ledger/promoted.h"
#include "proto/limits.h"

/* Everything under one promotion together; quantities NUM_NONE where base units differ. */
typedef struct total {
    size_t partners;
    int64_t bought, due, given, over, priced, cost;
    uint32_t lines, below, unvalued;
    uint32_t product; /* 0: none yet */
} total;

static void add(int64_t *sum, int64_t v) {
    if (*sum == NUM_NONE || v == NUM_NONE || !add_i64(*sum, v, sum)) *sum = NUM_NONE;
}

static total total_of(facts *f, const promotion_use *u, size_t n) {
    total s = {.partners = 0};
    bool mixed = false;
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || u[i].partner != u[i - 1].partner) s.partners++;
        mixed =
            mixed || !str_eq(product_fact_of(f, u[i].product)->base_unit, product_fact_of(f, u[0].product)->base_unit);
        add(&s.bought, u[i].bought);
        add(&s.due, u[i].due);
        add(&s.given, u[i].given);
        add(&s.over, promotion_over(&u[i]));
        add(&s.priced, u[i].priced);
        add(&s.cost, u[i].cost);
        s.lines += u[i].lines;
        s.below += u[i].below;
        s.unvalued += u[i].unvalued;
    }
    if (mixed) s.bought = s.due = s.given = s.over = s.priced = NUM_NONE;
    return s;
}

/* Uses of each promotion stand one after the other. */
static size_t run_of(const promotion_use *u, size_t n, const promotion *of, const promotion_use **first) {
    size_t from = 0, to;
    while (from < n && u[from].of != of) from++;
    for (to = from; to < n && u[to].of == of;) to++;
    *first = u + from;
    return to - from;
}

static void cell_money(json *j, const char *name, int64_t v, uint32_t currency) {
    char code[4];
    unsigned scale = currency_scale(currency_text(currency, code));
    json_key(j, name);
    json_dec(j, v, scale, scale);
}

/* The budget in minor units. */
static int64_t budget_of(const promotion *x) {
    char code[4];
    int64_t v;
    if (x->budget == NUM_NONE) return NUM_NONE;
    return rescale(x->budget, MICRO_SCALE, currency_scale(currency_text(x->currency, code)), &v) ? v : NUM_NONE;
}

static void put_money(json *j, const promotion *x, const total *s) {
    char code[4];
    int64_t budget = budget_of(x), left = NUM_NONE;
    if (budget != NUM_NONE && s->cost != NUM_NONE) (void)sub_i64(budget, s->cost, &left);
    cell_money(j, "cost", s->cost, x->currency);
    cell_money(j, "budget", budget, x->currency);
    cell_money(j, "left", left, x->currency);
    cell_text(j, "currency", currency_text(x->currency, code));
    cell_count(j, "unvalued", s->unvalued);
}

static void put_total(json *j, const total *s) {
    cell_count(j, "partners_used", s->partners);
    cell_count(j, "line_count", s->lines);
    cell_quantity(j, "bought", s->bought);
    cell_quantity(j, "expected", s->due);
    cell_quantity(j, "given", s->given);
    cell_quantity(j, "over_given", s->over);
    cell_quantity(j, "special_quantity", s->priced);
    cell_count(j, "below_special", s->below);
}

static void put_usage(call *c, facts *f, const promotion *x, const promotion_use *u, size_t n) {
    total s = total_of(f, u, n);
    json *j = answer_row(c);
    cell_text(j, "promotion", x->id);
    cell_text(j, "title", x->title);
    cell_text(j, "rule", x->rule_text);
    cell_text(j, "flow", x->sell_in ? STR("sell_in") : STR("sell_out"));
    put_total(j, &s);
    put_money(j, x, &s);
    answer_row_end(c);
}

static bool read_ask(call *c, facts *f, promotion_ask *ask, err *e) {
    *ask = (promotion_ask){.only = NULL};
    TRY(option_partner(c, &ask->partner, e));
    TRY(authz(c, "read", ask->partner, e));
    if (ask->partner) ask->partner = partner_fact_of(f, ask->partner)->reporter;
    TRY(call_day(c, "from", DAY_MIN, &ask->from, e));
    TRY(call_day(c, "to", DAY_MAX, &ask->to, e));
    return ask->from <= ask->to || err_set(e, ERR_USAGE, "%s: --from lies after --to", c->command->name);
}

static bool list_usage(call *c, err *e) {
    static const char *const columns[] = {"promotion",        "title",         "rule",     "flow",   "partners_used",
                                          "line_count",       "bought",        "expected", "given",  "over_given",
                                          "special_quantity", "below_special", "cost",     "budget", "left",
                                          "currency",         "unvalued"};
    AUTO(promotions) p = {0};
    AUTO(facts) f = {0};
    promotion_ask ask;
    promotion_use *u;
    size_t n;
    facts_init(&f, c->t);
    TRY(read_ask(c, &f, &ask, e));
    promotions_load(c->t, c->a, &p);
    promotion_uses(&p, &f, &ask, c->a, &u, &n);
    answer_list(c, columns, ARRAY_LEN(columns));
    if (ask.partner == 0) answer_coverage(c, TYPE_SALE, (day_span){ask.from, ask.to});
    for (size_t i = 0; i < p.rows && !answer_failed(c); i++) {
        const promotion_use *first;
        size_t run = run_of(u, n, &p.row[i], &first);
        put_usage(c, &f, &p.row[i], first, run);
    }
    return txn_ok(c->t, e);
}

bool cmd_promotion_list(call *c, err *e) {
    bool narrowed = call_option(c, "partner").p || call_option(c, "from").p || call_option(c, "to").p;
    if (call_flag(c, "usage") && call_arg_count(c))
        return err_set(e, ERR_USAGE, "promotion list: --usage, or column=value");
    if (call_flag(c, "usage")) return list_usage(c, e);
    if (narrowed) return err_set(e, ERR_USAGE, "promotion list: --partner, --from and --to go with --usage");
    return cmd_catalog_list(c, e);
}

/* ---- show ---- */

static void put_rule(json *j, const promotion *x) {
    const promotion_rule *r = &x->rule;
    bool special = r->kind == PROMOTION_SPECIAL;
    cell_text(j, "rule", x->rule_text);
    cell_text(j, "kind", special ? STR("special") : STR("buy_get"));
    cell_quantity(j, "buy", special ? NUM_NONE : r->buy);
    cell_text(j, "buy_unit", r->buy_unit);
    cell_quantity(j, "get", special ? NUM_NONE : r->get);
    cell_text(j, "get_unit", r->get_unit);
    cell_text(j, "gift", r->gift);
    json_key(j, "price");
    json_dec(j, special ? r->price : NUM_NONE, MICRO_SCALE, 2);
    cell_text(j, "price_unit", r->price_unit);
}

static void put_use(call *c, json *j, facts *f, const promotion_use *u) {
    json_open_object(j);
    cell_text(j, "partner", partner_id(c->t, u->partner));
    cell_text(j, "sku", product_fact_of(f, u->product)->sku);
    cell_text(j, "unit", product_fact_of(f, u->product)->base_unit);
    cell_quantity(j, "bought", u->bought);
    cell_quantity(j, "expected", u->due);
    cell_quantity(j, "given", u->given);
    cell_quantity(j, "over_given", promotion_over(u));
    cell_quantity(j, "special_quantity", u->priced);
    cell_count(j, "below_special", u->below);
    cell_money(j, "cost", u->cost, u->of->currency);
    cell_count(j, "unvalued", u->unvalued);
    json_end_object(j);
}

static bool may_see(const call *c, const promotion_use *u) {
    err unused;
    return authz(c, "read", u->partner, &unused);
}

static void put_promotion(call *c, facts *f, const promotion *x, promotion_use *u, size_t n) {
    size_t seen = 0;
    for (size_t i = 0; i < n; i++)
        if (may_see(c, &u[i])) u[seen++] = u[i];
    total s = total_of(f, u, seen);
    json *j = answer_show(c);
    cell_text(j, "promotion", x->id);
    cell_text(j, "title", x->title);
    cell_text(j, "products", x->products);
    cell_text(j, "partners", x->partners);
    put_day_cell(j, "from", x->from);
    if (x->to == DAY_MAX) cell_text(j, "to", STR(""));
    else
        put_day_cell(j, "to", x->to);
    put_rule(j, x);
    cell_text(j, "flow", x->sell_in ? STR("sell_in") : STR("sell_out"));
    put_total(j, &s);
    put_money(j, x, &s);
    json_key(j, "use");
    json_open_array(j);
    for (size_t i = 0; i < seen; i++) put_use(c, j, f, &u[i]);
    json_end_array(j);
    answer_show_end(c);
}

bool cmd_promotion_show(call *c, err *e) {
    AUTO(promotions) p = {0};
    AUTO(facts) f = {0};
    promotion_ask ask = {.from = DAY_MIN, .to = DAY_MAX};
    promotion_use *u;
    size_t n;
    facts_init(&f, c->t);
    promotions_load(c->t, c->a, &p);
    for (size_t i = 0; i < p.rows && ask.only == NULL; i++)
        if (str_eq(p.row[i].id, call_arg(c, 0))) ask.only = &p.row[i];
    if (ask.only == NULL)
        return err_set(e, ERR_NOT_FOUND, "promotion '%.*s': unknown", STR_ARG(str_take(call_arg(c, 0), LIMIT_ID)));
    promotion_uses(&p, &f, &ask, c->a, &u, &n);
    put_promotion(c, &f, ask.only, u, n);
    return txn_ok(c->t, e);
}

/* ---- gifts ---- */

typedef struct gift_list {
    call *c;
    facts *f;
    bool unbound;
} gift_list;

static bool put_gift(void *arg, const promotion_gift *g) {
    gift_list *l = arg;
    call *c = l->c;
    AUTO(arena) a = {0};
    document d = {.number = STR("")};
    if (l->unbound && g->bond.of) return true;
    arena_init(&a, SIZE_MAX);
    (void)document_get(c->t, g->document, &a, &d);
    json *j = answer_row(c);
    const product_fact *p = product_fact_of(l->f, g->line->product);
    const posted *x = g->line;
    cell_text(j, "partner", partner_fact_of(l->f, x->partner)->id);
    put_day_cell(j, "date", x->day);
    cell_id(j, "document", g->document);
    cell_text(j, "number", d.number);
    cell_text(j, "customer",
              x->customer       ? customer_text(l->f, x->customer)
              : x->counterparty ? partner_fact_of(l->f, x->counterparty)->id
                                : STR(""));
    cell_text(j, "sku", p->sku);
    cell_quantity(j, "quantity", x->quantity);
    cell_text(j, "unit", p->base_unit);
    cell_text(j, "flow", x->kind == FLOW_GIFT_IN ? STR("sell_in") : STR("sell_out"));
    cell_text(j, "promotion", g->bond.of ? g->bond.of->id : STR(""));
    cell_text(j, "why", str_of(g->why_not));
    answer_row_end(c);
    return !answer_failed(c);
}

bool cmd_promotion_gifts(call *c, err *e) {
    static const char *const columns[] = {"partner",  "date", "document", "number",    "customer", "sku",
                                          "quantity", "unit", "flow",     "promotion", "why"};
    AUTO(promotions) p = {0};
    AUTO(facts) f = {0};
    promotion_ask ask;
    gift_list l = {c, &f, call_flag(c, "unbound")};
    facts_init(&f, c->t);
    TRY(read_ask(c, &f, &ask, e));
    promotions_load(c->t, c->a, &p);
    answer_list(c, columns, ARRAY_LEN(columns));
    promotion_gifts(&p, &f, &ask, put_gift, &l);
    return txn_ok(c->t, e);
}
