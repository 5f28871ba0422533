/* Commands about payouts one by one: payout list, show, confirm, refuse, issue, void. */
#include "daemon/command/payouts.h"

#include "daemon/catalog/partner.h"
#include "daemon/command/approvals.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/rebate/statement.h"
#include "daemon/store/keys.h"
#include "proto/limits.h"

#include <inttypes.h>

bool payout_number(str s, uint64_t *out) {
    int64_t n;
    bool exact;
    if (str_starts(s, STR("P"))) s = str_skip(s, 1);
    if (!dec_parse(s, 0, &n, &exact) || !exact || n < 1) return false;
    *out = (uint64_t)n;
    return true;
}

bool payout_of_call(call *c, str number, const char *verb, redemption *out, err *e) {
    uint64_t no;
    if (!payout_number(number, &no))
        return err_set(e, ERR_USAGE, "'%.*s' is no number of a payout (payout list)",
                       STR_ARG(str_take(number, LIMIT_ID)));
    if (!redemption_get(c->t, no, out))
        return authz(c, verb, 0, e) && err_set(e, ERR_NOT_FOUND, "no payout %" PRIu64, no);
    return authz(c, verb, out->partner, e);
}

bool payouts_each(call *c, payout_fn fn, void *arg, err *e) {
    key prefix = {.n = 0};
    uint32_t only;
    err unused;
    TRY(option_partner(c, &only, e));
    if (only) key_u32(&prefix, only);
    for (AUTO(kv_cursor) w = kv_from(c->t, TABLE_PAYOUT, key_str(&prefix), STR_NONE);
         kv_next(&w) && !answer_failed(c);) {
        redemption r;
        if (!redemption_decode(w.key, w.val, &r)) return err_set(e, ERR_INTERNAL, "a payout cannot be decoded");
        if (authz(c, "read", r.partner, &unused)) TRY(fn(c, &r, arg, e));
    }
    return true;
}

void cell_money(json *j, const char *name, int64_t v, uint32_t currency) {
    char code[4];
    unsigned scale = currency_scale(currency_text(currency, code));
    json_key(j, name);
    json_dec(j, v, scale, scale);
}

void cell_ppm(json *j, const char *name, uint32_t rate) {
    json_key(j, name);
    json_dec(j, rate, RATE_SCALE, 2);
}

/* ---- list, show */

static void put_head(call *c, json *j, const redemption *r) {
    char code[4];
    cell_id(j, "payout", r->number);
    cell_text(j, "partner", partner_id(c->t, r->partner));
    cell_text(j, "company", r->company);
    cell_text(j, "form", str_of(policy_form_name(r->form)));
    cell_money(j, "amount", r->amount, r->currency);
    cell_text(j, "currency", currency_text(r->currency, code));
    cell_text(j, "state", str_of(redemption_state_name(r->state)));
    cell_time(j, "requested", r->time_ms, c->zone_min);
    cell_text(j, "by", r->by);
    cell_text(j, "confirmation", r->confirmation);
    cell_text(j, "number", r->document);
    if (r->day == DAY_MIN) cell_text(j, "date", STR_NONE);
    else
        put_day_cell(j, "date", r->day);
    cell_id(j, "batch", r->batch);
    cell_text(j, "reason", r->reason);
}

typedef struct choice {
    redemption_state state; /* 0: any */
    str form;
} choice;

static bool put_one(call *c, const redemption *r, void *arg, err *e) {
    const choice *w = arg;
    (void)e;
    if ((w->state && r->state != w->state) || (w->form.p && !str_is(w->form, policy_form_name(r->form)))) return true;
    put_head(c, answer_row(c), r);
    answer_row_end(c);
    return true;
}

bool cmd_payout_list(call *c, err *e) {
    static const char *const columns[] = {"payout",   "partner", "company",   "form",  "amount",
                                          "currency", "state",   "requested", "by",    "confirmation",
                                          "number",   "date",    "batch",     "reason"};
    choice w = {.form = call_option(c, "form")};
    payout_form form;
    str state = call_option(c, "state");
    if (state.p && !redemption_state_parse(state, &w.state))
        return err_set(e, ERR_USAGE, "--state: requested, confirmed, issued, refused or voided, not '%.*s'",
                       STR_ARG(str_take(state, LIMIT_ID)));
    if (w.form.p && !redemption_form_parse(w.form, &form))
        return err_set(e, ERR_USAGE, "--form: credit_note, goods, cash or expense");
    answer_list(c, columns, ARRAY_LEN(columns));
    return payouts_each(c, put_one, &w, e);
}

static void put_line(json *j, uint32_t no, const redemption_line *l, uint32_t currency) {
    json_open_object(j);
    json_key(j, "line"), json_uint(j, no);
    cell_text(j, "invoice", l->number);
    cell_id(j, "document", l->document);
    if (l->day == DAY_MIN) cell_text(j, "date", STR_NONE);
    else
        put_day_cell(j, "date", l->day);
    cell_ppm(j, "tax_rate", l->rate);
    cell_text(j, "sku", l->sku);
    cell_text(j, "unit", l->unit);
    if (l->quantity) cell_count(j, "quantity", l->quantity), cell_money(j, "price", l->price, currency);
    cell_money(j, "amount", l->amount, currency);
    cell_money(j, "tax", l->tax, currency);
    json_end_object(j);
}

static void put_life(call *c, json *j, const redemption *r) {
    reader at = reader_of(r->life);
    json_key(j, "life");
    json_open_array(j);
    for (line_event v; line_life_next(&at, &v);) {
        json_open_object(j);
        cell_time(j, "time", v.time_ms, c->zone_min);
        cell_text(j, "act", str_of(redemption_act_name((redemption_act)v.act)));
        cell_text(j, "by", v.by);
        cell_text(j, "said", v.reason);
        json_end_object(j);
    }
    json_end_array(j);
}

bool cmd_payout_show(call *c, err *e) {
    redemption r;
    redemption_line l;
    TRY(payout_of_call(c, call_arg(c, 0), "read", &r, e));
    json *j = answer_show(c);
    put_head(c, j, &r);
    json_key(j, "lines");
    json_open_array(j);
    for (AUTO(kv_cursor) k = redemption_lines(c->t, r.number); kv_next(&k);) {
        if (!redemption_line_decode(k.val, &l)) return err_set(e, ERR_INTERNAL, "a payout cannot be decoded");
        put_line(j, get_be32(k.key.p + 8), &l, r.currency);
    }
    json_end_array(j);
    put_life(c, j, &r);
    answer_show_end(c);
    return true;
}

/* ---- steps */

void payout_steps_add(call *c, payout_steps *s, uint64_t payout, str number, day_t day, str reason) {
    s->payout = arena_grown(c->a, s->payout, s->n, &s->cap[0], sizeof *s->payout);
    s->number = arena_grown(c->a, s->number, s->n, &s->cap[1], sizeof *s->number);
    s->reason = arena_grown(c->a, s->reason, s->n, &s->cap[2], sizeof *s->reason);
    s->day = arena_grown(c->a, s->day, s->n, &s->cap[3], sizeof *s->day);
    size_t i = s->n++;
    for (; i > 0 && s->payout[i - 1] > payout; i--) { /* mostly they come in order */
        s->payout[i] = s->payout[i - 1];
        s->number[i] = s->number[i - 1];
        s->reason[i] = s->reason[i - 1];
        s->day[i] = s->day[i - 1];
    }
    s->payout[i] = payout;
    s->number[i] = arena_str(c->a, number.p ? number : STR(""));
    s->reason[i] = arena_str(c->a, reason.p ? reason : STR(""));
    s->day[i] = day;
}

static void steps_body(call *c, const payout_steps *s, size_t from, size_t n, Entry__PayoutStep *body) {
    entry__payout_step__init(body);
    body->act = s->act;
    body->payout = s->payout + from;
    body->day = s->day + from;
    body->number = ARENA_NEW(c->a, char *, n);
    body->reason = ARENA_NEW(c->a, char *, n);
    ASSERT(body->number != NULL && body->reason != NULL);
    for (size_t i = 0; i < n; i++) {
        body->number[i] = (char *)(uintptr_t)s->number[from + i].p;
        body->reason[i] = (char *)(uintptr_t)s->reason[from + i].p;
    }
    body->n_payout = body->n_day = body->n_number = body->n_reason = n;
}

bool payout_steps_append(call *c, const payout_steps *s, uint64_t *result, err *e) {
    for (size_t from = 0, n; from < s->n; from += n) {
        Entry__PayoutStep body;
        apply_result r = {.a = c->a};
        n = s->n - from < LIMIT_ENTRY_ROWS ? s->n - from : LIMIT_ENTRY_ROWS;
        steps_body(c, s, from, n, &body);
        command_entry what = {KIND_PAYOUT_STEP, c->now_ms, call_actor(c), &body.base};
        TRY(journal_append(c->t, &what, &r, NULL, e));
        if (result) *result = r.number;
    }
    return true;
}

str payout_paper_key(call *c, payout_form form, str number) {
    AUTO(buf) b = {0};
    buf_printf(&b, "%s %.*s", policy_form_name(form), STR_ARG(number));
    return arena_str(c->a, buf_str(&b));
}

bool payout_papers(call *c, map *out, err *e) {
    for (AUTO(kv_cursor) w = kv_from(c->t, TABLE_PAYOUT, STR(""), STR_NONE); kv_next(&w);) {
        redemption r;
        if (!redemption_decode(w.key, w.val, &r)) return err_set(e, ERR_INTERNAL, "a payout cannot be decoded");
        if (r.document.n) *map_at(out, payout_paper_key(c, r.form, r.document), NULL) = r.number;
    }
    return txn_ok(c->t, e);
}

static bool may_step(call *c, const redemption *r, redemption_act act, err *e) {
    redemption_state to;
    return !redemption_step(r->form, r->state, act, &to) || redemption_may(r->form, r->state, act, c->who.role) ||
           err_set(e, ERR_DENIED, "%s: not permitted to '%.*s'", c->command->name, STR_ARG(c->who.name));
}

static bool step(call *c, redemption_act act, str number, day_t day, str reason, err *e) {
    payout_steps s = {.act = act};
    for (size_t i = 0; i < call_arg_count(c); i++) {
        redemption r;
        TRY(payout_of_call(c, call_arg(c, i), "write", &r, e) && may_step(c, &r, act, e));
        if (act == REDEEM_CONFIRM && r.form == PAYOUT_EXPENSE && number.n == 0)
            return err_set(e, ERR_USAGE, "payout %" PRIu64 " is an expense: --number, that of your invoice", r.number);
        bool again = false;
        for (size_t k = 0; k < s.n; k++) again = again || s.payout[k] == r.number;
        if (!again) payout_steps_add(c, &s, r.number, number, day, reason);
    }
    TRY(payout_steps_append(c, &s, NULL, e));
    answer_message(c, "%s: %zu payouts", redemption_act_name(act), s.n);
    return true;
}

static bool short_number(call *c, str *out, err *e) {
    *out = call_option(c, "number");
    return out->n <= LIMIT_ID || err_set(e, ERR_USAGE, "--number: at most %d bytes", LIMIT_ID);
}

static bool reason_of(call *c, str *out, err *e) {
    *out = call_option(c, "reason");
    return (out->n > 0 && out->n <= LIMIT_TEXT) ||
           err_set(e, ERR_USAGE, "--reason: say why, in at most %d bytes", LIMIT_TEXT);
}

bool cmd_payout_confirm(call *c, err *e) {
    str number;
    return short_number(c, &number, e) && step(c, REDEEM_CONFIRM, number, DAY_MIN, STR(""), e);
}

bool cmd_payout_refuse(call *c, err *e) {
    str reason;
    return reason_of(c, &reason, e) && step(c, REDEEM_REFUSE, STR(""), DAY_MIN, reason, e);
}

bool cmd_payout_issue(call *c, err *e) {
    AUTO(map) papers = {0};
    redemption r;
    day_t day;
    str number;
    TRY(short_number(c, &number, e) && call_day(c, "date", day_at(c->now_ms, c->zone_min), &day, e));
    TRY(payout_of_call(c, call_arg(c, 0), "write", &r, e) && payout_papers(c, &papers, e));
    const uint64_t *other = map_find(&papers, payout_paper_key(c, r.form, number));
    if (number.n == 0 || other)
        return err_set(e, other ? ERR_CONFLICT : ERR_USAGE, "--number: that of the paper, of no other payout");
    return step(c, REDEEM_ISSUE, number, day, STR(""), e);
}

/* What was issued comes back only when two people say so. */
bool cmd_payout_void(call *c, err *e) {
    AUTO(buf) what = {0};
    payout_steps s = {.act = REDEEM_VOID};
    redemption r;
    redemption_state to;
    str reason;
    Entry__PayoutStep body;
    TRY(reason_of(c, &reason, e) && payout_of_call(c, call_arg(c, 0), "write", &r, e));
    TRY(may_step(c, &r, REDEEM_VOID, e));
    if (!redemption_step(r.form, r.state, REDEEM_VOID, &to))
        return err_set(e, ERR_CONFLICT, "payout %" PRIu64 " is %s, not issued", r.number,
                       redemption_state_name(r.state));
    payout_steps_add(c, &s, r.number, STR(""), DAY_MIN, reason);
    steps_body(c, &s, 0, 1, &body);
    buf_printf(&what, "void payout P%" PRIu64 ", %s %.*s: %.*s", r.number, policy_form_name(r.form),
               STR_ARG(r.document), STR_ARG(reason));
    stake at = {arena_str(c->a, buf_str(&what)).p, arena_str(c->a, partner_id(c->t, r.partner)).p, r.amount, r.currency,
                ROLE_FINANCE};
    return command_propose(c, KIND_PAYOUT_STEP, &body.base, &at, e);
}
