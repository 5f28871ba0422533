/* Commands about what is held of partners: hold list, set, end. */
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/ledger/hold.h"
#include "proto/journal.pb-c.h"
#include "proto/limits.h"

static void put_hold(call *c, const hold *h) {
    json *j = answer_row(c);
    cell_text(j, "partner", partner_id(c->t, h->partner));
    cell_text(j, "source", h->source);
    cell_text(j, "state", str_of(hold_state_name(h->state)));
    cell_text(j, "sku", h->product ? product_sku(c->t, h->product) : STR_NONE);
    cell_text(j, "document", h->document);
    cell_quantity(j, "quantity", h->quantity);
    cell_amount(j, h->amount, currency_no(STR("CNY")), "amount", "currency");
    put_day_cell(j, "from", h->from);
    put_day_cell(j, "until", h->until);
    cell_text(j, "why", h->why);
    cell_id(j, "entry", h->entry);
    answer_row_end(c);
}

bool cmd_hold_list(call *c, err *e) {
    static const char *const columns[] = {"partner", "source",   "state", "sku",   "document", "quantity",
                                          "amount",  "currency", "from",  "until", "why",      "entry"};
    uint32_t only;
    hold *h;
    err unused;
    TRY(option_partner(c, &only, e));
    if (only) TRY(authz(c, "read", only, e));
    size_t n = holds_of(c->t, only, c->a, &h);
    answer_list(c, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < n && !answer_failed(c); i++)
        if (authz(c, "read", h[i].partner, &unused)) put_hold(c, &h[i]);
    return txn_ok(c->t, e);
}

static bool head_of_call(call *c, Entry__Hold *body, err *e) {
    partner p;
    str why = call_option(c, "reason");
    TRY(call_partner(c, call_arg(c, 0), "write", &p, e));
    if (why.n == 0 || why.n > LIMIT_TEXT)
        return err_set(e, ERR_USAGE, "--reason: say why, in at most %d bytes", LIMIT_TEXT);
    body->partner = entry_text(c, call_arg(c, 0));
    body->source = entry_text(c, call_arg(c, 1));
    body->why = entry_text(c, why);
    return true;
}

static bool figure(call *c, const char *option, unsigned scale, int64_t *out, err *e) {
    bool exact;
    str s = call_option(c, option);
    *out = 0;
    return s.p == NULL || (dec_parse(s, scale, out, &exact) && exact && *out > 0) ||
           err_set(e, ERR_USAGE, "--%s: wanted a number above 0 with at most %u decimals, found '%.*s'", option, scale,
                   STR_ARG(str_take(s, 40)));
}

bool cmd_hold_set(call *c, err *e) {
    Entry__Hold body = ENTRY__HOLD__INIT;
    Entry__HoldLine line = ENTRY__HOLD_LINE__INIT, *list[] = {&line};
    day_t from, until, today = day_at(c->now_ms, c->zone_min);
    TRY(head_of_call(c, &body, e));
    TRY(call_day(c, "from", today, &from, e) && call_day(c, "until", from, &until, e));
    TRY(figure(c, "quantity", QUANTITY_SCALE, &line.quantity, e) && figure(c, "amount", 2, &line.amount, e));
    if (from > until) return err_set(e, ERR_USAGE, "--from is after --until");
    line.state = call_flag(c, "upheld") ? HOLD_UPHELD : HOLD_OPEN;
    line.product = entry_text(c, call_option(c, "sku"));
    line.document = entry_text(c, call_option(c, "document"));
    line.from = from;
    line.until = until;
    body.line = list;
    body.n_line = 1;
    return command_append(c, KIND_HOLD, &body.base, e);
}

bool cmd_hold_end(call *c, err *e) {
    Entry__Hold body = ENTRY__HOLD__INIT;
    hold *h;
    bool known = false;
    TRY(head_of_call(c, &body, e));
    partner p;
    TRY(partner_by_id(c->t, call_arg(c, 0), &p) || txn_ok(c->t, e));
    size_t n = holds_of(c->t, p.no, c->a, &h);
    for (size_t i = 0; i < n; i++) known = known || str_eq(h[i].source, call_arg(c, 1));
    if (!known)
        return err_set(e, ERR_NOT_FOUND, "partner '%s': nothing is held by '%s' (hold list)", body.partner,
                       body.source);
    return command_append(c, KIND_HOLD, &body.base, e);
}
