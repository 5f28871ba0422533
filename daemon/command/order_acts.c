/* Every act upon an order. */
#include "daemon/command/orders.h"

#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/command/cases.h"
#include "daemon/command/catalog.h"
#include "daemon/replenish/rules.h"
#include "daemon/trace/papers.h"
#include "proto/limits.h"

#include <inttypes.h>

static day_t today_of(const call *c) {
    return day_at(c->now_ms, c->zone_min);
}

/* Skus alone: the lines as they stand. */
static bool read_skus(call *c, uint64_t number, str text, Entry__OrderStep *m, err *e) {
    AUTO(buf) lines = {0};
    str sku;
    order_line l;
    product p;
    while (str_split(&text, ';', &sku)) {
        sku = str_trim(sku);
        if (sku.n == 0) continue;
        if (!product_by_sku(c->t, sku, &p) || !order_line_get(c->t, number, p.no, &l))
            return err_set(e, ERR_NOT_FOUND, "order %" PRIu64 " has no '%.*s'", number,
                           STR_ARG(str_take(sku, LIMIT_ID)));
        buf_add(&lines, sku);
        buf_byte(&lines, '=');
        dec_put(&lines, l.quantity, QUANTITY_SCALE, 0);
        buf_byte(&lines, ';');
    }
    return order_lines_of_call(c, 0, buf_str(&lines), &m->line, &m->n_line, e);
}

static bool refused_days(call *c, const order *o, Entry__OrderStep *m, err *e) {
    stock_rules rules;
    unsigned days = 0;
    TRY(stock_rules_load(c->t, c->a, &rules, e));
    for (AUTO(kv_cursor) w = order_lines(c->t, o->number); kv_next(&w);) {
        order_line l;
        product p;
        if (!order_line_decode(w.key, w.val, &l) || !product_by_no(c->t, l.product, &p)) continue;
        const stock_rule *r = stock_rules_for(c->t, &rules, o->partner, &p);
        if (r && r->silence_days > days) days = r->silence_days;
    }
    m->silent_until = today_of(c) + (day_t)(days ? days : 14);
    return true;
}

static bool read_amount(call *c, const char *option, int64_t *out, err *e) {
    str s = call_option(c, option);
    bool exact = true;
    return s.p == NULL || (dec_parse(s, 2, out, &exact) && exact && *out >= 0) ||
           err_set(e, ERR_USAGE, "--%s: wanted an amount like 120.50", option);
}

/* All that is on its way. */
static bool read_outstanding(call *c, const order *o, Entry__OrderStep *m, err *e) {
    AUTO(buf) lines = {0};
    for (AUTO(kv_cursor) w = order_lines(c->t, o->number); kv_next(&w);) {
        order_line l;
        if (!order_line_decode(w.key, w.val, &l) || l.shipped <= l.received) continue;
        buf_add(&lines, product_sku(c->t, l.product));
        buf_byte(&lines, '=');
        dec_put(&lines, l.shipped - l.received, QUANTITY_SCALE, 0);
        buf_byte(&lines, ';');
    }
    return order_lines_of_call(c, o->partner, buf_str(&lines), &m->line, &m->n_line, e);
}

static bool read_damaged(call *c, const order *o, Entry__OrderStep *m, err *e) {
    Entry__OrderLine **broken;
    size_t n;
    str text = call_option(c, "damaged");
    if (text.n == 0) return true;
    if (m->n_line == 0) TRY(read_outstanding(c, o, m, e));
    TRY(order_lines_of_call(c, o->partner, text, &broken, &n, e));
    for (size_t i = 0; i < n; i++) {
        bool found = false;
        for (size_t k = 0; k < m->n_line; k++)
            if (strcmp(m->line[k]->sku, broken[i]->sku) == 0) m->line[k]->damaged = broken[i]->quantity, found = true;
        if (!found) return err_set(e, ERR_USAGE, "--damaged: '%s' is not among what came", broken[i]->sku);
    }
    return true;
}

/* The document of goods that --document names. */
static bool read_document(call *c, const order *o, order_act act, Entry__OrderStep *m, buf *said, err *e) {
    str number = call_option(c, "document");
    order_deed *d;
    size_t n;
    if (number.p == NULL) return true;
    TRY(order_deeds(c, o, act, &d, &n, e));
    for (size_t i = 0; i < n; i++) {
        if (!str_eq(d[i].number, number)) continue;
        m->document = entry_text(c, number);
        TRY(order_deed_lines(c, o, act, &d[i], m, said, e));
        return m->n_line || err_set(e, ERR_CONFLICT, "order %" PRIu64 ": nothing of '%.*s' fits%s", o->number,
                                    STR_ARG(str_take(number, LIMIT_ID)), buf_z(said));
    }
    return err_set(e, ERR_NOT_FOUND, "no %s '%.*s' names order %" PRIu64 " as its reference",
                   act == ORDER_DO_SHIP ? "shipment" : "receipt", STR_ARG(str_take(number, LIMIT_ID)), o->number);
}

/* --codes, or --cartons: a file of them that `paper add` keeps. */
static bool read_codes(call *c, const order *o, Entry__OrderStep *m, buf *said, err *e) {
    str list = call_option(c, "codes"), file = call_option(c, "cartons");
    uint8_t digest[DIGEST_SIZE];
    paper kept;
    if (list.p == NULL && file.p == NULL) return true;
    if (file.p) {
        TRY(paper_named(c, file, digest, e));
        if (!paper_get(c->t, digest, &kept)) return txn_ok(c->t, e);
        list = paper_bytes(c->t, kept.entry, c->a, e);
        if (list.p == NULL) return false;
    }
    return order_codes(c, o, list, m, said, e);
}

static bool read_step(call *c, const order *o, Entry__OrderStep *m, buf *said, err *e) {
    order_act act = (order_act)m->act;
    str skus = call_option(c, "sku");
    m->document = entry_text(c, call_option(c, "number"));
    TRY(order_lines_of_call(c, o->partner, call_option(c, "lines"), &m->line, &m->n_line, e));
    if (skus.p) TRY(read_skus(c, o->number, skus, m, e));
    if (act == ORDER_DO_CONFIRM) TRY(read_amount(c, "wallet", &m->wallet, e));
    if (act == ORDER_DO_REFUSE) TRY(refused_days(c, o, m, e));
    if (act == ORDER_DO_SHIP || act == ORDER_DO_RECEIVE) TRY(read_document(c, o, act, m, said, e));
    if (act != ORDER_DO_RECEIVE) return true;
    return read_codes(c, o, m, said, e) && read_damaged(c, o, m, e) && case_papers(c, &m->paper, &m->n_paper, e);
}

/* To a partner's word there is one pair of words: of a suggestion, or of what is offered instead. */
static order_act meant_act(const order *o, order_act act) {
    if (o->state != ORDER_CONFIRMED && !order_holds(o->state)) return act;
    return act == ORDER_DO_CONFIRM ? ORDER_DO_ACCEPT : act == ORDER_DO_REFUSE ? ORDER_DO_DECLINE : act;
}

/* The same document again is no second shipment, receipt or acknowledgement. */
static bool known_already(call *c, const order *o, order_act act) {
    str number = call_option(c, "number"), document = call_option(c, "document");
    if (document.p) number = document;
    bool counts = act == ORDER_DO_SHIP || act == ORDER_DO_RECEIVE || act == ORDER_DO_ACKNOWLEDGE;
    if (!counts || !order_knows(c->t, o->number, act, number)) return false;
    answer_message(c, "order %" PRIu64 ": %s; %.*s was booked before: nothing changed", o->number,
                   order_state_name(o->state), STR_ARG(number));
    return true;
}

static bool do_act(call *c, order_act act, err *e) {
    AUTO(buf) beside = {0};
    AUTO(buf) said = {0};
    Entry__OrderStep m = ENTRY__ORDER_STEP__INIT;
    order o;
    uint64_t number;
    str reason = call_option(c, "reason");
    TRY(order_of_call(c, "write", &o, e));
    if (reason.n > LIMIT_TEXT) return err_set(e, ERR_USAGE, "--reason: at most %d bytes", LIMIT_TEXT);
    order_state to;
    act = meant_act(&o, act);
    if (order_step_to(o.state, act, &to) && !order_may(o.state, act, c->who.role))
        return err_set(e, ERR_DENIED, "%s: not permitted to '%.*s'", c->command->name, STR_ARG(c->who.name));
    if (known_already(c, &o, act)) return true;
    m.order = o.number;
    m.act = act;
    m.reason = entry_text(c, reason);
    TRY(read_step(c, &o, &m, &beside, e));
    TRY(order_append_step(c, &m, call_actor(c), &number, e));
    if (!order_get(c->t, number, &o)) return txn_ok(c->t, e);
    buf_printf(&said, "order %" PRIu64 ": %s%s", number, order_state_name(o.state), buf_z(&beside));
    if (act == ORDER_DO_CONFIRM) order_approve_by_itself(c, number, &said);
    answer_message(c, "%s", buf_z(&said));
    return txn_ok(c->t, e);
}

bool cmd_order_confirm(call *c, err *e) {
    return do_act(c, ORDER_DO_CONFIRM, e);
}

bool cmd_order_change(call *c, err *e) {
    return do_act(c, ORDER_DO_CHANGE, e);
}

bool cmd_order_refuse(call *c, err *e) {
    return do_act(c, ORDER_DO_REFUSE, e);
}

bool cmd_order_approve(call *c, err *e) {
    return do_act(c, ORDER_DO_APPROVE, e);
}

bool cmd_order_acknowledge(call *c, err *e) {
    return do_act(c, ORDER_DO_ACKNOWLEDGE, e);
}

bool cmd_order_ship(call *c, err *e) {
    return do_act(c, ORDER_DO_SHIP, e);
}

bool cmd_order_receive(call *c, err *e) {
    return do_act(c, ORDER_DO_RECEIVE, e);
}

bool cmd_order_close(call *c, err *e) {
    return do_act(c, ORDER_DO_CLOSE, e);
}

bool cmd_order_cancel(call *c, err *e) {
    return do_act(c, ORDER_DO_CANCEL, e);
}

bool cmd_order_reopen(call *c, err *e) {
    return do_act(c, ORDER_DO_REOPEN, e);
}

/* ---- another product instead */

bool cmd_order_substitute(call *c, err *e) {
    AUTO(buf) said = {0};
    order o;
    product ordered, by;
    order_line l;
    bool exact = true;
    str sku = call_option(c, "sku"), other = call_option(c, "by"), text = call_option(c, "quantity");
    TRY(order_of_call(c, "write", &o, e));
    if (!product_by_sku(c->t, sku, &ordered) || !order_line_get(c->t, o.number, ordered.no, &l))
        return err_set(e, ERR_NOT_FOUND, "order %" PRIu64 " has no '%.*s'", o.number, STR_ARG(str_take(sku, LIMIT_ID)));
    if (!product_by_sku(c->t, other, &by))
        return err_set(e, ERR_NOT_FOUND, "product '%.*s': unknown", STR_ARG(str_take(other, LIMIT_ID)));
    int64_t quantity = l.quantity - l.shipped;
    if (text.p && (!dec_parse(text, QUANTITY_SCALE, &quantity, &exact) || !exact || quantity <= 0))
        return err_set(e, ERR_USAGE, "--quantity: wanted base units, more than 0");
    TRY(order_substitute(c, &o, &ordered, &by, quantity, &said, e));
    answer_message(c, "order %" PRIu64 "%s", o.number, buf_z(&said));
    return txn_ok(c->t, e);
}
