/* Commands that make statements and show them: rebate settle, rebate statement list, rebate statement show. */
#include "daemon/command/statements.h"

#include "daemon/catalog/partner.h"
#include "daemon/command/accruals.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/command/period.h"
#include "daemon/command/rebate.h"
#include "daemon/rebate/closing.h"
#include "daemon/rebate/settlement.h"
#include "proto/limits.h"

#include <inttypes.h>

static const char *const line_columns_of[] = {"statement", "line",      "partner", "company",  "policy",  "period",
                                              "stage",     "mechanism", "form",    "amount",   "state",   "since",
                                              "by",        "why",       "answer",  "revision", "late_for"};

/* What is not out yet is none of the partner's business, nor what never was. */
static bool is_shown(const call *c, const statement_line *l) {
    return !by_partner(c) || (l->state != LINE_DRAFT && (l->state != LINE_WITHDRAWN || l->why.n));
}

static void put_line(call *c, const statement *s, const statement_line *l) {
    AUTO(buf) own = {0};
    json *j = answer_row(c);
    cell_id(j, "statement", s->number);
    cell_id(j, "line", l->line);
    cell_text(j, "partner", partner_id(c->t, s->partner));
    cell_text(j, "company", s->company);
    cell_text(j, "policy", l->at.policy);
    cell_text(j, "period", l->at.period);
    cell_text(j, "stage", str_of(policy_stage_name(l->at.stage)));
    cell_text(j, "mechanism", l->at.mechanism);
    cell_text(j, "form", l->form);
    cell_fen(j, "amount", l->amount);
    cell_text(j, "state", str_of(line_state_name(l->state)));
    cell_time(j, "since", l->since_ms, c->zone_min);
    cell_text(j, "by", l->by);
    cell_text(j, "why", l->why);
    cell_text(j, "answer", l->answer);
    json_key(j, "revision");
    json_uint(j, l->revision);
    closing_label(&own, l->at.policy, l->at.period);
    cell_text(j, "late_for", str_eq(buf_str(&own), s->period) ? STR("") : l->at.period);
    answer_row_end(c);
}

static bool put_lines(call *c, const statement *s, bool (*wanted)(const statement_line *l), err *e) {
    statement_line l;
    for (AUTO(kv_cursor) k = statement_lines(c->t, s->number); kv_next(&k) && !answer_failed(c);) {
        if (!statement_line_decode(k.key, k.val, s, &l))
            return err_set(e, ERR_INTERNAL, "statement %" PRIu64 ": a line cannot be decoded", s->number);
        if (is_shown(c, &l) && (wanted == NULL || wanted(&l))) put_line(c, s, &l);
    }
    return true;
}

bool statement_number(str s, uint64_t *out, err *e) {
    int64_t n;
    bool exact;
    if (str_starts(s, STR("S"))) s = str_skip(s, 1); /* as wallet moves refer to it */
    if (!dec_parse(s, 0, &n, &exact) || !exact || n < 1)
        return err_set(e, ERR_USAGE, "'%.*s' is no number of a statement (rebate statement list)",
                       STR_ARG(str_take(s, LIMIT_ID)));
    *out = (uint64_t)n;
    return true;
}

bool statement_of_call(call *c, str number, const char *verb, statement *out, err *e) {
    uint64_t no = 0;
    TRY(statement_number(number, &no, e));
    if (!statement_get(c->t, no, out))
        return authz(c, verb, 0, e) && err_set(e, ERR_NOT_FOUND, "no statement %" PRIu64, no);
    return authz(c, verb, out->partner, e);
}

bool statements_each(call *c, statement_fn fn, void *arg, err *e) {
    key prefix = {.n = 0};
    uint32_t only;
    err unused;
    str period = call_option(c, "period");
    TRY(option_partner(c, &only, e));
    if (only) key_u32(&prefix, only);
    for (AUTO(kv_cursor) w = kv_from(c->t, TABLE_STATEMENT, key_str(&prefix), STR_NONE);
         kv_next(&w) && !answer_failed(c);) {
        statement s;
        if (!statement_decode(w.key, w.val, &s))
            return err_set(e, ERR_INTERNAL, "statement: a record cannot be decoded");
        if (period.p && !str_eq(period, s.period)) continue;
        if (authz(c, "read", s.partner, &unused)) TRY(fn(c, &s, arg, e));
    }
    return true;
}

/* ---- rebate settle */

static void put_held(call *c, const due_row *r) {
    static const char *const states[] = {[DUE_HELD] = "held", [DUE_CARRIED] = "carried", [DUE_FORFEITED] = "forfeited"};
    json *j = answer_row(c);
    cell_id(j, "statement", 0);
    cell_id(j, "line", 0);
    cell_text(j, "partner", partner_id(c->t, r->at.partner));
    cell_text(j, "company", r->company);
    cell_text(j, "policy", r->at.policy);
    cell_text(j, "period", r->at.period);
    cell_text(j, "stage", str_of(policy_stage_name(r->at.stage)));
    cell_text(j, "mechanism", r->at.mechanism);
    cell_text(j, "form", str_of(policy_form_name(r->form)));
    cell_fen(j, "amount", r->amount);
    cell_text(j, "state", str_of(states[r->state]));
    cell_text(j, "since", STR(""));
    cell_text(j, "by", STR(""));
    cell_text(j, "why", str_of(r->held));
    cell_text(j, "answer", STR(""));
    json_key(j, "revision");
    json_uint(j, r->revision);
    cell_text(j, "late_for", STR(""));
    answer_row_end(c);
}

static bool post_statements(call *c, str label, bool interim, const due_rows *due, err *e) {
    for (size_t from = 0, took; from < due->n; from += took) {
        Entry__Settlement body;
        took = settlement_pack(c->t, label, interim, due->at + from, due->n - from, c->a, &body);
        if (body.n_amount) TRY(command_append(c, KIND_SETTLEMENT, &body.base, e));
    }
    return true;
}

static bool put_statement_lines(call *c, const statement *s, void *label, err *e) {
    return !str_eq(s->period, *(const str *)label) || put_lines(c, s, NULL, e);
}

bool cmd_rebate_settle(call *c, err *e) {
    due_rows due;
    accrued done = {.rows = 0};
    str label;
    bool interim = call_flag(c, "interim");
    TRY(period_label(c, &label, e));
    TRY(authz(c, "write", 0, e));
    if (interim && closing_is_closed(c->t, label))
        return err_set(e, ERR_CONFLICT, "period %.*s is closed: settle it without --interim", STR_ARG(label));
    const accrual_how how = {.label = label}; /* paid is what it came to so far, never what is expected */
    if (c->looking) return !interim || accrue_call_look(c, &how, e);
    if (interim) TRY(accrue_call_post(c, &how, &done, e));
    TRY(settlement_due(c->t, label, interim, c->a, &due, e));
    TRY(post_statements(c, label, interim, &due, e));
    answer_list(c, line_columns_of, ARRAY_LEN(line_columns_of));
    TRY(statements_each(c, put_statement_lines, &label, e));
    for (size_t i = 0; i < due.n && !answer_failed(c); i++)
        if (due.at[i].held) put_held(c, &due.at[i]);
    return true;
}

/* ---- statements */

typedef struct standing_sums {
    line_state state; /* of its lines the one that has furthest to go */
    int64_t amount, disputed, paid;
    size_t shown;
} standing_sums;

/* Which of two lines has further to go. */
static bool is_behind(line_state a, line_state b) {
    static const int at[] = {[LINE_DRAFT] = 1,    [LINE_SENT] = 2, [LINE_DISPUTED] = 3, [LINE_CONFIRMED] = 4,
                             [LINE_APPROVED] = 5, [LINE_PAID] = 6, [LINE_WITHDRAWN] = 7};
    return at[a] < at[b];
}

static void sum_up(call *c, const statement *s, standing_sums *out) {
    statement_line l;
    *out = (standing_sums){.state = LINE_WITHDRAWN};
    for (AUTO(kv_cursor) k = statement_lines(c->t, s->number); kv_next(&k);) {
        if (!statement_line_decode(k.key, k.val, s, &l) || !is_shown(c, &l)) continue;
        out->shown++;
        if (is_behind(l.state, out->state)) out->state = l.state;
        if (l.state != LINE_WITHDRAWN) out->amount += l.amount;
        if (l.state == LINE_DISPUTED) out->disputed += l.amount;
        if (l.state == LINE_PAID) out->paid += l.amount;
    }
}

static bool put_statement(call *c, const statement *s, void *state, err *e) {
    standing_sums x;
    char code[4];
    const line_state *only = state;
    (void)e;
    sum_up(c, s, &x);
    if (x.shown == 0 || (*only && x.state != *only)) return true;
    json *j = answer_row(c);
    cell_id(j, "statement", s->number);
    cell_text(j, "partner", partner_id(c->t, s->partner));
    cell_text(j, "period", s->period);
    cell_text(j, "company", s->company);
    json_key(j, "interim");
    json_bool(j, s->interim);
    cell_count(j, "lines", x.shown);
    cell_fen(j, "amount", x.amount);
    cell_fen(j, "disputed", x.disputed);
    cell_fen(j, "paid", x.paid);
    cell_text(j, "currency", currency_text(s->currency, code));
    cell_text(j, "state", str_of(line_state_name(x.state)));
    cell_time(j, "time", s->time_ms, c->zone_min);
    answer_row_end(c);
    return true;
}

bool cmd_statement_list(call *c, err *e) {
    static const char *const columns[] = {"statement", "partner",  "period", "company",  "interim", "lines",
                                          "amount",    "disputed", "paid",   "currency", "state",   "time"};
    line_state state = 0;
    str only = call_option(c, "state");
    if (only.p && !line_state_parse(only, &state))
        return err_set(e, ERR_USAGE,
                       "--state: draft, sent, disputed, confirmed, approved, paid or withdrawn, not '%.*s'",
                       STR_ARG(str_take(only, LIMIT_ID)));
    answer_list(c, columns, ARRAY_LEN(columns));
    return statements_each(c, put_statement, &state, e);
}

bool cmd_statement_show(call *c, err *e) {
    statement s;
    TRY(statement_of_call(c, call_arg(c, 0), "read", &s, e));
    answer_list(c, line_columns_of, ARRAY_LEN(line_columns_of));
    return put_lines(c, &s, NULL, e);
}

static void put_life(call *c, const statement *s, const statement_line *l) {
    reader r = reader_of(l->life);
    for (line_event v; line_life_next(&r, &v) && !answer_failed(c);) {
        json *j = answer_row(c);
        cell_id(j, "statement", s->number);
        cell_id(j, "line", l->line);
        cell_text(j, "policy", l->at.policy);
        cell_fen(j, "amount", l->amount);
        cell_time(j, "time", v.time_ms, c->zone_min);
        cell_text(j, "act", str_of(line_event_name(&v)));
        cell_text(j, "by", v.by);
        cell_text(j, "reason", v.reason);
        answer_row_end(c);
    }
}

bool cmd_statement_history(call *c, err *e) {
    static const char *const columns[] = {"statement", "line", "policy", "amount", "time", "act", "by", "reason"};
    statement s;
    statement_line l;
    int64_t only = 0;
    str line = call_option(c, "line");
    bool exact;
    TRY(statement_of_call(c, call_arg(c, 0), "read", &s, e));
    if (line.p && (!dec_parse(line, 0, &only, &exact) || !exact || only < 1))
        return err_set(e, ERR_USAGE, "--line: wanted the number of a line");
    answer_list(c, columns, ARRAY_LEN(columns));
    for (AUTO(kv_cursor) k = statement_lines(c->t, s.number); kv_next(&k) && !answer_failed(c);) {
        if (!statement_line_decode(k.key, k.val, &s, &l))
            return err_set(e, ERR_INTERNAL, "statement %" PRIu64 ": a line cannot be decoded", s.number);
        if (is_shown(c, &l) && (only == 0 || only == l.line)) put_life(c, &s, &l);
    }
    return true;
}

/* ---- disputes */

static bool was_disputed(const statement_line *l) {
    return l->why.n > 0;
}

static bool is_disputed(const statement_line *l) {
    return l->state == LINE_DISPUTED;
}

static bool put_disputes(call *c, const statement *s, void *all, err *e) {
    return put_lines(c, s, *(const bool *)all ? was_disputed : is_disputed, e);
}

bool cmd_dispute_list(call *c, err *e) {
    bool all = call_flag(c, "all");
    answer_list(c, line_columns_of, ARRAY_LEN(line_columns_of));
    return statements_each(c, put_disputes, &all, e);
}
