/* Commands about orders: add, list, show, export to the ERP, and what its other files share. */
#include "daemon/command/orders.h"

#include "daemon/catalog/partner.h"
#include "daemon/catalog/price.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/settings.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/replenish/rules.h"
#include "daemon/store/keys.h"
#include "daemon/store/store.h"
#include "proto/digest.h"
#include "proto/limits.h"

#include <inttypes.h>

static day_t today_of(const call *c) {
    return day_at(c->now_ms, c->zone_min);
}

/* ---- what a call names */

static bool number_of(call *c, uint64_t *out, err *e) {
    str s = call_arg(c, 0);
    int64_t n = 0;
    bool exact = false;
    if (str_starts(s, STR("O"))) s = str_skip(s, 1);
    if (!dec_parse(s, 0, &n, &exact) || !exact || n < 1)
        return err_set(e, ERR_USAGE, "'%.*s' is no number of an order (order list)", STR_ARG(str_take(s, 40)));
    *out = (uint64_t)n;
    return true;
}

bool order_of_call(call *c, const char *verb, order *out, err *e) {
    uint64_t no = 0;
    TRY(number_of(c, &no, e));
    if (!order_get(c->t, no, out)) return authz(c, verb, 0, e) && err_set(e, ERR_NOT_FOUND, "no order %" PRIu64, no);
    return authz(c, verb, out->partner, e);
}

bool order_price(call *c, uint32_t partner_no, const product *p, int64_t *out) {
    price found;
    const price_query ask = {p->no, partner_no, 0, STR(""), PRICE_DEALER, today_of(c)};
    return price_find(c->t, &ask, &found) && (*out = found.amount, true);
}

/* "P1=24;P2=12": base units, or "P1=2箱". */
static bool read_piece(call *c, uint32_t partner_no, str piece, Entry__OrderLine *m, err *e) {
    str sku, rest = piece;
    product p;
    int64_t v, factor = 1000;
    bool exact;
    size_t digits = 0;
    if (!str_split(&rest, '=', &sku) || rest.n == 0 || !product_by_sku(c->t, str_trim(sku), &p))
        return err_set(e, ERR_USAGE, "'%.*s': wanted SKU=QUANTITY of a known product", STR_ARG(str_take(piece, 80)));
    while (digits < rest.n && ((rest.p[digits] >= '0' && rest.p[digits] <= '9') || rest.p[digits] == '.')) digits++;
    str unit = str_trim(str_skip(rest, digits));
    bool ok = dec_parse(str_take(rest, digits), QUANTITY_SCALE, &v, &exact) && exact &&
              product_unit(&p, unit, &factor) && mul_div(v, factor, 1000, &v) && v <= LIMIT_QUANTITY;
    if (!ok) return err_set(e, ERR_USAGE, "'%.*s': no quantity of it", STR_ARG(str_take(piece, 80)));
    m->sku = entry_text(c, p.sku);
    m->quantity = v;
    m->priced = order_price(c, partner_no, &p, &m->price);
    return true;
}

bool order_lines_of_call(call *c, uint32_t partner_no, str text, Entry__OrderLine ***out, size_t *n, err *e) {
    str piece;
    size_t cap = 0;
    *out = NULL;
    for (*n = 0; str_split(&text, ';', &piece);) {
        if (str_trim(piece).n == 0) continue;
        if (*n == LIMIT_ENTRY_ROWS) return err_set(e, ERR_USAGE, "an order has at most %d lines", LIMIT_ENTRY_ROWS);
        Entry__OrderLine *m = ARENA_NEW(c->a, Entry__OrderLine, 1);
        ASSERT(m != NULL);
        entry__order_line__init(m);
        TRY(read_piece(c, partner_no, str_trim(piece), m, e));
        *out = arena_grown(c->a, *out, *n, &cap, sizeof **out);
        (*out)[(*n)++] = m;
    }
    return true;
}

/* ---- an act */

bool order_append_step(call *c, const Entry__OrderStep *m, str who, uint64_t *number, err *e) {
    apply_result r = {.a = c->a};
    command_entry what = {KIND_ORDER_STEP, c->now_ms, who, &m->base};
    TRY(journal_append(c->t, &what, &r, NULL, e));
    *number = r.number;
    return true;
}

/* Within the limit and with all checks passed it goes on by itself. */
void order_approve_by_itself(call *c, uint64_t number, buf *said) {
    Entry__OrderStep m = ENTRY__ORDER_STEP__INIT;
    order o;
    credit_figures f;
    err why;
    if (!order_get(c->t, number, &o) || o.state != ORDER_CONFIRMED) return;
    int64_t amount = order_amount(c->t, &o), most = setting_number(c->t, SETTING_ORDER_AUTO) * pow10_i64(2);
    credit_look(c->t, &(credit_key){o.partner, o.company, o.currency}, c->now_ms, &f);
    m.order = number;
    m.act = ORDER_DO_APPROVE;
    if (amount == NUM_NONE) buf_addz(said, "; waits: a line has no price");
    else if (!f.known)
        buf_addz(said, "; waits for approval: its credit is not known (credit import)");
    else if (amount > most)
        buf_addz(said, "; waits for approval: above what is approved by itself");
    else if (order_append_step(c, &m, STR("system"), &number, &why))
        buf_addz(said, "; approved: credit, quota and stock suffice");
    else
        buf_printf(said, "; waits: %s", why.text);
}

/* ---- entered in one step */

/* Straight to a place: the partner's own, one below it, or an address in words. Shipments to it stand there. */
static bool deliver_to_ok(call *c, const partner *p, err *e) {
    partner place;
    str to = call_option(c, "deliver-to");
    uint32_t at = partner_by_id(c->t, to, &place) ? place.no : p->no;
    for (size_t up = 0; at != p->no && up < LIMIT_NESTING && partner_by_no(c->t, at, &place); up++) at = place.parent;
    return at == p->no || err_set(e, ERR_CONFLICT, "--deliver-to: '%.*s' is no place of '%.*s'",
                                  STR_ARG(str_take(to, LIMIT_ID)), STR_ARG(p->id));
}

bool cmd_order_add(call *c, err *e) {
    AUTO(buf) said = {0};
    Entry__Order m = ENTRY__ORDER__INIT;
    apply_result r = {.a = c->a};
    partner p;
    str company = call_option(c, "company");
    TRY(call_partner(c, call_arg(c, 0), "write", &p, e));
    TRY(order_lines_of_call(c, p.no, call_option(c, "lines"), &m.line, &m.n_line, e));
    m.partner = entry_text(c, p.id);
    m.company = entry_text(c, company.p ? company : setting_text(c->t, SETTING_COMPANY));
    m.currency = entry_text(c, setting_text(c->t, SETTING_CURRENCY));
    m.source = entry_text(c, call_option(c, "source"));
    m.reference = entry_text(c, call_option(c, "reference"));
    TRY(deliver_to_ok(c, &p, e));
    m.deliver_to = entry_text(c, call_option(c, "deliver-to"));
    m.reason = entry_text(c, call_option(c, "reason"));
    command_entry what = {KIND_ORDER, c->now_ms, call_actor(c), &m.base};
    TRY(journal_append(c->t, &what, &r, NULL, e));
    buf_printf(&said, "order %" PRIu64 ": confirmed, by %s", r.number, m.source);
    order_approve_by_itself(c, r.number, &said);
    answer_message(c, "%s", buf_z(&said));
    return true;
}

/* ---- reading */

static void put_money(json *j, const char *name, int64_t v, uint32_t currency) {
    char letters[4];
    unsigned scale = currency_scale(currency_text(currency, letters));
    json_key(j, name);
    json_dec(j, v, scale, scale);
}

static void put_head(call *c, json *j, const order *o) {
    char letters[4];
    int64_t lines = 0;
    for (AUTO(kv_cursor) w = order_lines(c->t, o->number); kv_next(&w);) lines++;
    cell_id(j, "order", o->number);
    cell_text(j, "partner", partner_id(c->t, o->partner));
    cell_text(j, "state", str_of(order_state_name(o->state)));
    cell_text(j, "source", o->source.n ? o->source : STR("suggestion"));
    json_key(j, "off_system");
    json_bool(j, o->source.n > 0);
    cell_count(j, "lines", (uint64_t)lines);
    put_money(j, "amount", order_amount(c->t, o), o->currency);
    cell_text(j, "currency", currency_text(o->currency, letters));
    put_money(j, "wallet", o->wallet_used, o->currency);
    cell_text(j, "company", o->company);
    cell_time(j, "made", o->made_ms, c->zone_min);
    if (o->placed_ms) cell_time(j, "placed", o->placed_ms, c->zone_min);
    else
        cell_text(j, "placed", STR_NONE);
    cell_text(j, "reference", o->reference);
    cell_text(j, "deliver_to", o->deliver_to);
    cell_text(j, "erp_number", o->erp);
    cell_text(j, "reason", o->reason);
}

bool cmd_order_list(call *c, err *e) {
    static const char *const columns[] = {"order",     "partner",    "state",      "source",  "off_system", "lines",
                                          "amount",    "currency",   "wallet",     "company", "made",       "placed",
                                          "reference", "deliver_to", "erp_number", "reason"};
    str state = call_option(c, "state");
    order_state wanted = ORDER_SUGGESTED;
    key prefix = {.n = 0};
    uint32_t only;
    err unused;
    TRY(option_partner(c, &only, e));
    if (state.p && !order_state_parse(state, &wanted))
        return err_set(e, ERR_USAGE, "--state: suggested, confirmed, approved, sent, shipped, received, closed …");
    if (only) key_u32(&prefix, only);
    answer_list(c, columns, ARRAY_LEN(columns));
    for (AUTO(kv_cursor) w = kv_from(c->t, TABLE_ORDER, key_str(&prefix), STR_NONE);
         kv_next(&w) && !answer_failed(c);) {
        order o;
        if (!order_decode(w.key, w.val, &o)) return err_set(e, ERR_INTERNAL, "an order cannot be decoded");
        if ((state.p && o.state != wanted) || !authz(c, "read", o.partner, &unused)) continue;
        put_head(c, answer_row(c), &o);
        answer_row_end(c);
    }
    return txn_ok(c->t, e);
}

static void put_line(call *c, json *j, const order *o, const order_line *l) {
    product p;
    bool known = product_by_no(c->t, l->product, &p);
    cell_text(j, "sku", known ? p.sku : STR_NONE);
    cell_text(j, "name", known ? p.name : STR_NONE);
    cell_quantity(j, "suggested", l->suggested);
    cell_quantity(j, "quantity", l->quantity);
    cell_text(j, "unit", known ? p.base_unit : STR_NONE);
    json_key(j, "price");
    json_dec(j, l->price, MICRO_SCALE, 2);
    put_money(j, "amount", order_line_amount(l, l->quantity, o->currency), o->currency);
    cell_quantity(j, "shipped", l->shipped);
    cell_quantity(j, "received", l->received);
    cell_quantity(j, "damaged", l->damaged);
    cell_text(j, "instead_of", l->instead ? product_sku(c->t, l->instead) : STR_NONE);
    cell_quantity(j, "offered", l->offered ? l->offered : NUM_NONE);
    cell_quantity(j, "back_order",
                  o->state == ORDER_SHIPPED || o->state == ORDER_RECEIVED ? l->quantity - l->shipped : 0);
}

/* Digests; `paper show` has what they are of. */
static void put_photos(json *j, str digests) {
    json_key(j, "photos");
    json_open_array(j);
    for (; digests.n; digests = str_skip(digests, DIGEST_SIZE)) {
        AUTO(buf) hex = {0};
        hex_put(&hex, (const uint8_t *)digests.p, DIGEST_SIZE);
        json_str(j, buf_str(&hex));
    }
    json_end_array(j);
}

static void put_life(call *c, json *j, const order *o) {
    json_key(j, "steps");
    json_open_array(j);
    for (AUTO(kv_cursor) w = order_events(c->t, o->number); kv_next(&w);) {
        order_event x;
        if (!order_event_decode(w.val, &x)) continue;
        json_open_object(j);
        cell_time(j, "time", x.time_ms, c->zone_min);
        cell_text(j, "act", str_of(order_act_name(x.act)));
        cell_text(j, "state", str_of(order_state_name(x.to)));
        cell_text(j, "by", x.by);
        cell_text(j, "reason", x.reason);
        cell_text(j, "number", x.document);
        put_photos(j, x.photos);
        json_end_object(j);
    }
    json_end_array(j);
}

bool cmd_order_show(call *c, err *e) {
    order o;
    credit_figures f;
    TRY(order_of_call(c, "read", &o, e));
    credit_look(c->t, &(credit_key){o.partner, o.company, o.currency}, c->now_ms, &f);
    json *j = answer_show(c);
    put_head(c, j, &o);
    put_money(j, "credit_free", f.known ? f.available : NUM_NONE, o.currency);
    json_key(j, "credit_stale");
    json_bool(j, f.stale);
    json_key(j, "products");
    json_open_array(j);
    for (AUTO(kv_cursor) w = order_lines(c->t, o.number); kv_next(&w);) {
        order_line l;
        if (!order_line_decode(w.key, w.val, &l)) continue;
        json_open_object(j);
        put_line(c, j, &o, &l);
        json_end_object(j);
    }
    json_end_array(j);
    put_life(c, j, &o);
    answer_show_end(c);
    return txn_ok(c->t, e);
}

/* ---- the file for the ERP */

static void export_order(call *c, const order *o) {
    char letters[4];
    for (AUTO(kv_cursor) w = order_lines(c->t, o->number); kv_next(&w);) {
        order_line l;
        if (!order_line_decode(w.key, w.val, &l) || l.quantity == 0) continue;
        json *j = answer_row(c);
        cell_id(j, "order", o->number);
        cell_text(j, "partner", partner_id(c->t, o->partner));
        cell_text(j, "company", o->company);
        cell_text(j, "currency", currency_text(o->currency, letters));
        cell_text(j, "deliver_to", o->deliver_to);
        cell_text(j, "reference", o->reference);
        put_line(c, j, o, &l);
        answer_row_end(c);
    }
}

/* Orders that wait to be sent, or those named again. */
static size_t to_export(call *c, uint64_t **out) {
    size_t n = 0, cap = 0;
    err unused;
    *out = NULL;
    for (AUTO(kv_cursor) w = kv_from(c->t, TABLE_ORDER, STR(""), STR_NONE); kv_next(&w);) {
        order o;
        if (!order_decode(w.key, w.val, &o) || !authz(c, "write", o.partner, &unused)) continue;
        bool again = call_flag(c, "again") && o.state == ORDER_SENT;
        if (o.state != ORDER_APPROVED && !again) continue;
        *out = arena_grown(c->a, *out, n, &cap, sizeof **out);
        (*out)[n++] = o.number;
    }
    return n;
}

bool cmd_order_export(call *c, err *e) {
    static const char *const columns[] = {"order",     "partner",    "company", "currency",  "deliver_to",
                                          "reference", "sku",        "name",    "suggested", "quantity",
                                          "unit",      "price",      "amount",  "shipped",   "received",
                                          "damaged",   "instead_of", "offered", "back_order"};
    uint64_t *number, done;
    size_t n = to_export(c, &number);
    answer_list(c, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < n; i++) {
        Entry__OrderStep m = ENTRY__ORDER_STEP__INIT;
        order o;
        m.order = number[i];
        m.act = ORDER_DO_SEND;
        TRY(order_append_step(c, &m, call_actor(c), &done, e));
        if (order_get(c->t, number[i], &o)) export_order(c, &o);
    }
    return txn_ok(c->t, e);
}
