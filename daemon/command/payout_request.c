/* payout request: what statements paid in a form goes on its way out of the wallets. */
#include "daemon/catalog/partner.h"
#include "daemon/catalog/settings.h"
#include "daemon/command/approvals.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/command/payouts.h"
#include "daemon/ledger/wallet.h"
#include "daemon/rebate/closing.h"
#include "daemon/rebate/credit.h"
#include "daemon/rebate/redemption_due.h"
#include "daemon/store/keys.h"
#include "proto/limits.h"

#include <inttypes.h>

typedef struct request {
    call *c;
    str label, skus, unit, reason;
    bool any; /* form: any */
    payout_form form;
    int64_t amount; /* asked for by hand; 0: what is due */
    day_t today;
} request;

typedef struct drawn { /* one payout to be */
    redemption r;
    redemption_line *line;
    size_t n;
    int64_t due;
    const char *why; /* it is less than due, or nothing; NULL: all of it */
} drawn;

static int64_t available(const request *w, const redemption *r) {
    wallet_figures f;
    wallet_look(w->c->t, &(wallet_key){r->partner, r->company, r->currency, WALLET_REBATE}, w->today, w->today, &f);
    return f.available;
}

static bool draw_credit(const request *w, const due_payout *d, drawn *x, err *e) {
    open_invoices v;
    int64_t taken;
    TRY(credit_invoices(w->c->t, x->r.partner, x->r.company, x->r.currency, w->today - LIMIT_CREDIT_DAYS + 1, w->today,
                        w->c->a, &v, e));
    TRY(credit_allot(&v, d->first, d->last, x->r.amount, w->c->a, &x->line, &x->n, &taken, e));
    if (taken < x->r.amount) x->why = "no more is open on invoices";
    x->r.amount = taken;
    return x->n <= LIMIT_ENTRY_ROWS || err_set(e, ERR_DATA, "partner '%.*s': more than %d invoices",
                                               STR_ARG(partner_id(w->c->t, x->r.partner)), LIMIT_ENTRY_ROWS);
}

static bool draw_goods(const request *w, drawn *x, err *e) {
    int64_t taken = 0;
    if (w->skus.n == 0) {
        x->why = "name the goods: --sku";
        x->r.amount = 0;
        return true;
    }
    TRY(redemption_goods(w->c->t, x->r.partner, w->skus, w->unit, x->r.amount, w->today, w->c->a, &x->line, &x->n,
                         &taken, e));
    if (taken < x->r.amount) x->why = taken ? "whole units only" : "less than one unit";
    x->r.amount = taken;
    return true;
}

static bool draw(const request *w, const due_payout *d, drawn *x, err *e) {
    int64_t there = available(w, &x->r);
    x->due = x->r.amount;
    if (there < x->r.amount) x->r.amount = there, x->why = "the wallet has less";
    if (x->r.amount == 0) return true;
    if (x->r.form == PAYOUT_CREDIT_NOTE) return draw_credit(w, d, x, e);
    if (x->r.form == PAYOUT_GOODS) return draw_goods(w, x, e);
    x->line = ARENA_NEW(w->c->a, redemption_line, 1);
    ASSERT(x->line != NULL);
    *x->line = (redemption_line){.day = DAY_MIN, .amount = x->r.amount};
    x->n = 1;
    return true;
}

static void list_drawn(call *c) {
    static const char *const columns[] = {"payout", "partner", "company", "form", "due",
                                          "amount", "rest",    "state",   "why"};
    answer_list(c, columns, ARRAY_LEN(columns));
}

static void put_drawn(call *c, const drawn *x) {
    json *j = answer_row(c);
    cell_id(j, "payout", x->r.number);
    cell_text(j, "partner", partner_id(c->t, x->r.partner));
    cell_text(j, "company", x->r.company);
    cell_text(j, "form", str_of(policy_form_name(x->r.form)));
    cell_money(j, "due", x->due, x->r.currency);
    cell_money(j, "amount", x->r.amount, x->r.currency);
    cell_money(j, "rest", x->due - x->r.amount, x->r.currency);
    cell_text(j, "state", x->r.number ? STR("requested") : STR("waits"));
    cell_text(j, "why", str_of(x->why ? x->why : ""));
    answer_row_end(c);
}

static bool request_one(request *w, uint32_t partner_no, const due_payout *d, err *e) {
    Entry__Payout body;
    apply_result r = {.a = w->c->a};
    drawn x = {.r = {.partner = partner_no,
                     .company = d->company,
                     .currency = d->currency,
                     .form = d->form,
                     .amount = d->due,
                     .reason = w->reason}};
    TRY(draw(w, d, &x, e));
    if (x.r.amount > 0) {
        redemption_pack(w->c->t, &x.r, x.line, x.n, w->c->a, &body);
        command_entry what = {KIND_PAYOUT, w->c->now_ms, call_actor(w->c), &body.base};
        TRY(journal_append(w->c->t, &what, &r, NULL, e));
        x.r.number = r.number;
    }
    put_drawn(w->c, &x);
    return true;
}

static bool request_partner(request *w, uint32_t partner_no, err *e) {
    due_payouts due;
    TRY(redemption_due(w->c->t, partner_no, w->label, w->c->a, &due, e));
    for (size_t i = 0; i < due.n; i++)
        if (due.at[i].due > 0 && (w->any || due.at[i].form == w->form)) TRY(request_one(w, partner_no, &due.at[i], e));
    return true;
}

/* Partners with statements, that the caller may write for; writing ends a walk. */
static bool each_partner(request *w, err *e) {
    err unused;
    for (uint32_t no = 0;;) {
        key start = {.n = 0};
        key_u32(&start, no + 1);
        AUTO(kv_cursor) c = kv_from(w->c->t, TABLE_STATEMENT, STR(""), key_str(&start));
        if (!kv_next(&c)) return txn_ok(w->c->t, e);
        no = get_be32(c.key.p);
        if (authz(w->c, "write", no, &unused)) TRY(request_partner(w, no, e));
    }
}

/* ---- by hand: what a partner has beyond what statements paid in that form; a second person looks at it */

static bool propose(request *w, const drawn *x, err *e) {
    AUTO(buf) what = {0};
    Entry__Payout body;
    redemption_pack(w->c->t, &x->r, x->line, x->n, w->c->a, &body);
    buf_printf(&what, "payout to %s, %s: ", body.partner, body.form);
    dec_put(&what, x->r.amount, 2, 2);
    if (w->reason.n) buf_printf(&what, ", %.*s", STR_ARG(w->reason));
    stake at = {arena_str(w->c->a, buf_str(&what)).p, body.partner, x->r.amount, x->r.currency, ROLE_FINANCE};
    return command_propose(w->c, KIND_PAYOUT, &body.base, &at, e);
}

static bool by_hand(request *w, uint32_t partner_no, err *e) {
    str company = call_option(w->c, "company");
    due_payouts due;
    due_payout none = {.company = company.p ? company : setting_text(w->c->t, SETTING_COMPANY),
                       .currency = currency_no(STR("CNY")), /* the only one policies know */
                       .form = w->form,
                       .first = DAY_MAX,
                       .last = DAY_MIN};
    const due_payout *d = &none;
    if (partner_no == 0 || w->any) return err_set(e, ERR_USAGE, "--amount: with --partner and --form");
    none.company = arena_str(w->c->a, none.company);
    TRY(redemption_due(w->c->t, partner_no, w->label, w->c->a, &due, e));
    for (size_t i = 0; i < due.n; i++)
        if (due.at[i].form == w->form && str_eq(due.at[i].company, none.company)) d = &due.at[i];
    drawn x = {.r = {.partner = partner_no,
                     .company = d->company,
                     .currency = d->currency,
                     .form = d->form,
                     .amount = w->amount,
                     .reason = w->reason}};
    TRY(draw(w, d, &x, e));
    if (x.r.amount == 0 || (x.why && w->form != PAYOUT_GOODS))
        return err_set(e, ERR_CONFLICT, "partner '%.*s': %s", STR_ARG(partner_id(w->c->t, partner_no)),
                       x.why ? x.why : "nothing to pay out");
    if (x.r.amount > d->due) return propose(w, &x, e);
    due_payout some = *d;
    some.due = w->amount;
    list_drawn(w->c);
    return request_one(w, partner_no, &some, e);
}

static bool read_request(request *w, err *e) {
    call *c = w->c;
    str form = call_option(c, "form"), amount = call_option(c, "amount");
    bool exact;
    w->label = call_option(c, "period");
    w->skus = call_option(c, "sku");
    w->unit = call_option(c, "unit");
    w->reason = call_option(c, "reason");
    w->any = form.p == NULL;
    w->today = day_at(c->now_ms, c->zone_min);
    if (form.p && !redemption_form_parse(form, &w->form))
        return err_set(e, ERR_USAGE, "--form: credit_note, goods, cash or expense%s",
                       str_is(form, "offset") ? "; offset is used against orders (wallet use)" : "");
    if (amount.p && (!dec_parse(amount, 2, &w->amount, &exact) || !exact || w->amount <= 0))
        return err_set(e, ERR_USAGE, "--amount: wanted an amount above 0, like 120.50");
    if (w->reason.n > LIMIT_TEXT) return err_set(e, ERR_USAGE, "--reason: at most %d bytes", LIMIT_TEXT);
    return true;
}

bool cmd_payout_request(call *c, err *e) {
    request w = {.c = c};
    period_kind kind;
    str name;
    uint32_t only;
    TRY(read_request(&w, e) && option_partner(c, &only, e) && authz(c, "write", only, e));
    if (w.label.p == NULL) w.label = STR("");
    if (w.label.n && !closing_parse(w.label, &kind, NULL, &name))
        return err_set(e, ERR_USAGE, "--period: wanted one like 2026-01, 2026-Q1, 2026-H1, 2026 or once/POLICY");
    if (w.amount) return by_hand(&w, only, e);
    list_drawn(c);
    return only ? request_partner(&w, only, e) : each_partner(&w, e);
}
