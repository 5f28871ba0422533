/* Commands about goods on their way and goods that should be there: goods list, balance list, balance grade. */
#include "daemon/ledger/goods.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/settings.h"
#include "daemon/command/cells.h"
#include "daemon/command/period.h"
#include "daemon/command/reports.h"
#include "daemon/ledger/balance.h"
#include "daemon/ledger/facts.h"
#include "daemon/ledger/unposted.h"
#include "daemon/trace/custody.h"
#include "proto/limits.h"

static bool option_sku(call *c, str *out, err *e) {
    product p;
    *out = call_option(c, "sku");
    if (out->p == NULL || product_by_sku(c->t, *out, &p)) return true;
    return err_set(e, ERR_NOT_FOUND, "unknown product '%.*s'", STR_ARG(str_take(*out, LIMIT_ID)));
}

/* A figure of many partners says how much of the channel it rests on. */
static bool of_all(const call *c) {
    return call_option(c, "partner").p == NULL && !by_partner(c);
}

/* ---- goods list ---- */

typedef struct goods_wanted {
    day_span span;
    day_t today;
    str sku;
    bool by_state;
    goods_state state;
} goods_wanted;

static bool read_wanted(call *c, goods_wanted *w, err *e) {
    str state = call_option(c, "state");
    *w = (goods_wanted){.today = day_at(c->now_ms, c->zone_min), .by_state = state.p != NULL};
    w->span.from = w->today - (day_t)setting_number(c->t, SETTING_GOODS_MATCH);
    TRY(call_day(c, "from", w->span.from, &w->span.from, e));
    TRY(call_day(c, "to", w->today, &w->span.to, e));
    TRY(option_sku(c, &w->sku, e));
    if (w->span.from > w->span.to) return err_set(e, ERR_USAGE, "goods list: --from lies after --to");
    if (!w->by_state || goods_state_parse(state, &w->state)) return true;
    return err_set(
        e, ERR_USAGE,
        "goods list: --state '%.*s' is none of in_transit, unsigned, assumed, received, short, over, damaged, "
        "unmatched",
        STR_ARG(str_take(state, 40)));
}

static bool is_wanted(const goods_wanted *w, const goods_row *r, str sku) {
    if (w->sku.p && !str_eq(w->sku, sku)) return false;
    if (!w->by_state) return true;
    return w->state == GOODS_DAMAGED ? r->damaged != 0 : r->state == w->state;
}

static void cell_days(json *j, const char *name, bool known, int days) {
    json_key(j, name);
    if (known) json_int(j, days);
    else
        json_none(j);
}

static void put_goods(call *c, str partner_text, const goods *g, const goods_row *r, const product_fact *p) {
    json *j = answer_row(c);
    cell_text(j, "partner", partner_text);
    cell_text(j, "shipment", r->shipment);
    put_day_cell(j, "date", r->day);
    cell_text(j, "sku", p->sku);
    cell_text(j, "unit", p->base_unit);
    cell_quantity(j, "shipped", r->shipped);
    cell_quantity(j, "received", r->received);
    cell_quantity(j, "damaged", r->damaged);
    cell_quantity(j, "difference", r->received - r->shipped);
    cell_text(j, "receipt", r->receipt);
    if (r->is_signed) put_day_cell(j, "received_on", r->signed_on);
    else
        cell_text(j, "received_on", STR(""));
    cell_days(j, "days", r->is_signed && r->state != GOODS_UNMATCHED, r->signed_on - r->day);
    cell_days(j, "usual_days", true, g->usual_days);
    cell_text(j, "match", str_of(goods_match_name(r->match)));
    cell_text(j, "state", str_of(goods_state_name(r->state)));
    answer_row_end(c);
}

static bool list_goods(call *c, uint32_t partner_no, const goods_wanted *w, err *e) {
    AUTO(arena) a = {0};
    AUTO(facts) f = {0};
    goods g;
    arena_init(&a, SIZE_MAX);
    TRY(goods_of(c->t, partner_no, w->span.from, w->span.to, w->today, custody_around, &a, &g, e));
    facts_init(&f, c->t);
    str id = arena_str(&a, partner_id(c->t, partner_no));
    for (size_t i = 0; i < g.rows && !answer_failed(c); i++) {
        const product_fact *p = product_fact_of(&f, g.row[i].product);
        if (is_wanted(w, &g.row[i], p->sku)) put_goods(c, id, &g, &g.row[i], p);
    }
    return true;
}

bool cmd_goods_list(call *c, err *e) {
    static const char *const columns[] = {"partner",     "shipment", "date",       "sku",        "unit",
                                          "shipped",     "received", "damaged",    "difference", "receipt",
                                          "received_on", "days",     "usual_days", "match",      "state"};
    goods_wanted w;
    uint32_t *no;
    size_t n;
    TRY(read_wanted(c, &w, e));
    TRY(option_answering(c, &no, &n, e));
    answer_list(c, columns, ARRAY_LEN(columns));
    if (of_all(c)) answer_coverage(c, TYPE_RECEIPT, w.span);
    for (size_t i = 0; i < n && !answer_failed(c); i++) TRY(list_goods(c, no[i], &w, e));
    return true;
}

/* ---- mass balances ---- */

static bool is_gap(const balance_row *r) {
    return r->gap != NUM_NONE && (r->gap > r->tolerance || r->gap < -r->tolerance);
}

/* Is it the partner itself that asks? One above it sees a grade no sooner than staff. */
static bool is_own(const call *c, str partner_text) {
    str rest = c->who.scope, id;
    while (by_partner(c) && rest.n && str_split(&rest, ';', &id))
        if (str_eq(str_trim(id), partner_text)) return true;
    return false;
}

/* A gap beyond its tolerance is the partner's to explain for some days after the count that shows it came; until then
 * staff see its figures, but no grade. The last of those days; DAY_MIN: not fresh. */
static day_t with_partner_until(call *c, const balance_row *r) {
    entry en;
    int64_t days = setting_number(c->t, SETTING_BALANCE_PARTNER);
    if (!is_gap(r) || days == 0) return DAY_MIN;
    if (r->entry == 0 || !journal_get(c->t, r->entry, &en)) return DAY_MIN;
    day_t until = day_at(en.time_ms, c->zone_min) + (day_t)days;
    return until >= day_at(c->now_ms, c->zone_min) ? until : DAY_MIN;
}

static const char *missing_of(const balance_row *r) {
    if (r->product == 0) return "product";
    bool opened = r->opening != NUM_NONE, closed = r->closing != NUM_NONE;
    return opened && closed ? "" : opened ? "closing count" : closed ? "opening count" : "opening and closing count";
}

static void put_until(json *j, day_t until) {
    if (until != DAY_MIN) put_day_cell(j, "with_partner_until", until);
    else
        cell_text(j, "with_partner_until", STR(""));
}

/* What the balances of a call are made for. */
typedef struct balances {
    day_span span;
    str sku; /* p NULL: all */
    unposted waits;
} balances;

static void put_balance(call *c, str partner_text, const balance *b, const balance_row *r, const product_fact *p,
                        uint64_t waiting_lines) {
    day_t until = with_partner_until(c, r);
    json *j = answer_row(c);
    cell_text(j, "partner", partner_text);
    cell_text(j, "sku", p->sku);
    cell_quantity(j, "opening", r->opening);
    cell_quantity(j, "received", r->received);
    cell_quantity(j, "transferred", r->transferred);
    cell_quantity(j, "returned", r->returned);
    cell_quantity(j, "sold", r->sold);
    cell_quantity(j, "gifts", r->gifts);
    cell_quantity(j, "closing", r->closing);
    cell_quantity(j, "gap", r->gap);
    cell_quantity(j, "tolerance", r->gap == NUM_NONE ? NUM_NONE : r->tolerance);
    cell_text(j, "grade",
              until != DAY_MIN && !is_own(c, partner_text) ? STR("") : str_of(balance_grade_name(r->grade)));
    cell_text(j, "unit", p->base_unit);
    if (r->product) put_day_cell(j, "since", r->since);
    else
        cell_text(j, "since", STR(""));
    cell_text(j, "missing", str_of(missing_of(r)));
    cell_text(j, "receipts", b->assumed ? STR("assumed") : STR("reported"));
    put_until(j, until);
    cell_count(j, "waiting", waiting_lines);
    answer_row_end(c);
}

/* A row without product: of these lines nobody knows yet which balance they belong to. */
static void put_unknown(call *c, str partner_text, const balance *b, uint64_t waiting_lines) {
    static const product_fact none = {.sku = {"", 0}, .base_unit = {"", 0}};
    balance_row r = {.opening = NUM_NONE,
                     .closing = NUM_NONE,
                     .received = NUM_NONE,
                     .transferred = NUM_NONE,
                     .returned = NUM_NONE,
                     .sold = NUM_NONE,
                     .gifts = NUM_NONE,
                     .gap = NUM_NONE};
    put_balance(c, partner_text, b, &r, &none, waiting_lines);
}

static void list_balance(call *c, uint32_t partner_no, const balances *w) {
    AUTO(arena) a = {0};
    AUTO(facts) f = {0};
    balance b;
    arena_init(&a, SIZE_MAX);
    balance_of(c->t, partner_no, w->span.from, w->span.to, &a, &b);
    facts_init(&f, c->t);
    str id = arena_str(&a, partner_id(c->t, partner_no));
    for (size_t i = 0; i < b.rows && !answer_failed(c); i++) {
        const product_fact *p = product_fact_of(&f, b.row[i].product);
        if (call_flag(c, "gaps") && !is_gap(&b.row[i])) continue;
        if (w->sku.p == NULL || str_eq(w->sku, p->sku))
            put_balance(c, id, &b, &b.row[i], p, unposted_count(&w->waits, partner_no, b.row[i].product));
    }
    uint64_t unknown = unposted_count(&w->waits, partner_no, 0);
    if (unknown && w->sku.p == NULL) put_unknown(c, id, &b, unknown);
}

static bool read_balances(call *c, balances *out, err *e) {
    uint32_t one;
    TRY(option_period(c, &out->span, e));
    TRY(option_sku(c, &out->sku, e));
    TRY(option_partner(c, &one, e));
    return unposted_lines(c->t, one, out->span.from, out->span.to, c->a, &out->waits, e);
}

bool cmd_balance_list(call *c, err *e) {
    static const char *const columns[] = {"partner", "sku",   "opening", "received", "transferred",        "returned",
                                          "sold",    "gifts", "closing", "gap",      "tolerance",          "grade",
                                          "unit",    "since", "missing", "receipts", "with_partner_until", "waiting"};
    balances w = {.sku = STR_NONE};
    uint32_t *no;
    size_t n;
    TRY(option_answering(c, &no, &n, e));
    TRY(read_balances(c, &w, e));
    answer_list(c, columns, ARRAY_LEN(columns));
    if (of_all(c)) answer_coverage(c, TYPE_STOCK, w.span);
    for (size_t i = 0; i < n && !answer_failed(c); i++) list_balance(c, no[i], &w);
    return txn_ok(c->t, e);
}

static void put_grade(call *c, str partner_text, day_span span, const balance_sum *s, day_t until,
                      uint64_t waiting_lines) {
    json *j = answer_row(c);
    cell_text(j, "partner", partner_text);
    put_day_cell(j, "from", span.from);
    put_day_cell(j, "to", span.to);
    cell_count(j, "products", s->products);
    cell_count(j, "checked", s->checked);
    cell_count(j, "complete", s->complete);
    cell_count(j, "plausible", s->plausible);
    cell_count(j, "doubtful", s->doubtful);
    cell_text(j, "grade", until != DAY_MIN ? STR("") : str_of(balance_grade_name(s->grade)));
    cell_text(j, "missing", s->grade == GRADE_NONE && until == DAY_MIN ? STR("counts") : STR(""));
    put_until(j, until);
    cell_count(j, "waiting", waiting_lines);
    answer_row_end(c);
}

static void grade_partner(call *c, uint32_t partner_no, const balances *w) {
    AUTO(arena) a = {0};
    balance b;
    day_t last = DAY_MIN;
    arena_init(&a, SIZE_MAX);
    balance_of(c->t, partner_no, w->span.from, w->span.to, &a, &b);
    str id = arena_str(&a, partner_id(c->t, partner_no));
    bool *judged = ARENA_NEW(&a, bool, b.rows + 1), own = is_own(c, id);
    ASSERT(judged != NULL);
    for (size_t i = 0; i < b.rows; i++) {
        day_t until = own ? DAY_MIN : with_partner_until(c, &b.row[i]);
        judged[i] = until == DAY_MIN;
        if (until > last) last = until;
    }
    if (b.rows == 0) return;
    balance_sum s = balance_summary(&b, judged);
    put_grade(c, id, w->span, &s, last, unposted_count(&w->waits, partner_no, UINT32_MAX));
}

bool cmd_balance_grade(call *c, err *e) {
    static const char *const columns[] = {
        "partner",  "from",  "to",      "products",           "checked", "complete", "plausible",
        "doubtful", "grade", "missing", "with_partner_until", "waiting"};
    balances w = {.sku = STR_NONE};
    uint32_t *no;
    size_t n;
    TRY(option_answering(c, &no, &n, e));
    TRY(read_balances(c, &w, e));
    answer_list(c, columns, ARRAY_LEN(columns));
    if (of_all(c)) answer_coverage(c, TYPE_STOCK, w.span);
    for (size_t i = 0; i < n && !answer_failed(c); i++) grade_partner(c, no[i], &w);
    return txn_ok(c->t, e);
}
