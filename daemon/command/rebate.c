#include "daemon/command/rebate.h"

#include "daemon/command/cells.h"
#include "proto/limits.h"
#include <stdlib.h>

void policies_auto(policies *p) {
    for (size_t i = 0; i < p->n; i++) policy_free(&p->v[i].policy);
    free(p->v);
    *p = (policies){0};
}

static bool add_policy(policies *all, const policy_revision *r, err *e) {
    if (r->action == POLICY_WITHDRAWN) return true;
    all->v = reallocarray(all->v, all->n + 1, sizeof *all->v);
    ASSERT(all->v != NULL);
    in_force *to = &all->v[all->n];
    *to = (in_force){.revision = *r};
    TRY(policy_open(r, &to->policy, e));
    all->n++;
    return true;
}

bool policy_of_call(call *c, str name, policy_revision *out, err *e) {
    if (policy_latest(c->t, name, out)) return true;
    return txn_ok(c->t, e) &&
           err_set(e, ERR_NOT_FOUND, "policy '%.*s': there is none (policy list)", STR_ARG(str_take(name, LIMIT_ID)));
}

bool policies_in_force(call *c, str only, policies *out, err *e) {
    policy_revision r;
    str after = STR("");
    if (only.p) {
        TRY(policy_of_call(c, only, &r, e) && add_policy(out, &r, e));
        return out->n || err_set(e, ERR_NOT_FOUND, "policy '%.*s' is withdrawn", STR_ARG(str_take(only, LIMIT_ID)));
    }
    for (; policy_next(c->t, after, &r); after = r.name) TRY(add_policy(out, &r, e));
    return txn_ok(c->t, e);
}

bool books_of_call(call *c, books *out, err *e) {
    return books_open(c->t, day_at(c->now_ms, c->zone_min), out, e);
}

bool period_asked(call *c, const policy *p, books_ask *ask) {
    str label = call_option(c, "period");
    if (label.p == NULL) return true;
    if (!period_parse(label, p->period, &ask->first)) return false;
    ask->last = ask->first;
    return true;
}

static bool period_unknown(call *c, err *e) {
    str label = call_option(c, "period");
    return label.p == NULL || period_known(label) ||
           err_set(e, ERR_USAGE, "--period: wanted 2026-01, 2026-Q1, 2026-H1, 2026 or once, found '%.*s'",
                   STR_ARG(str_take(label, LIMIT_ID)));
}

bool rebates_asked(call *c, books_ask *whose, policies *all, books *b, err *e) {
    TRY(period_unknown(c, e) && option_partner(c, &whose->partner, e));
    TRY(whose->partner == 0 || authz(c, "read", whose->partner, e));
    return policies_in_force(c, call_option(c, "policy"), all, e) && books_of_call(c, b, e);
}

void yuan_put(buf *out, int64_t fen) {
    AUTO(buf) whole = {0};
    uint64_t size = fen < 0 ? -(uint64_t)fen : (uint64_t)fen, part = size % 100;
    buf_printf(&whole, "%llu", (unsigned long long)(size / 100));
    buf_addz(out, fen < 0 ? "-¥" : "¥");
    for (size_t i = 0; i < whole.n; i++) {
        if (i && (whole.n - i) % 3 == 0) buf_byte(out, ',');
        buf_byte(out, whole.p[i]);
    }
    if (part) buf_printf(out, ".%02u", (unsigned)part);
}

void cell_fen(json *j, const char *name, int64_t v) {
    json_key(j, name);
    if (v == NUM_NONE) json_none(j);
    else
        json_dec(j, v, FEN_SCALE, FEN_SCALE);
}

void cell_period(json *j, const char *name, const policy *p, int32_t period) {
    AUTO(buf) b = {0};
    period_put(&b, p->period, period);
    cell_text(j, name, buf_str(&b));
}

const char *const line_columns[] = {"partner",      "policy",         "period", "stage", "mechanism",
                                    "basis_amount", "basis_quantity", "band",   "amount"};
const size_t line_column_count = ARRAY_LEN(line_columns);

void line_cells(json *j, const books *b, const policy *p, const rebate_line *l) {
    cell_text(j, "partner", b->world.partner[l->partner].id);
    cell_text(j, "policy", p->name);
    cell_period(j, "period", p, l->period);
    cell_text(j, "stage", str_of(policy_stage_name(l->stage)));
    cell_text(j, "mechanism", str_of(l->mechanism));
    cell_fen(j, "basis_amount", l->basis_amount);
    cell_quantity(j, "basis_quantity", l->basis_quantity);
    cell_text(j, "band", l->band);
    cell_fen(j, "amount", l->amount);
}

/* ---- money */

bool money_by_period(const policy *before, const policy *after) {
    return before == NULL || after == NULL || before->period == after->period;
}

static int by_row(const void *x, const void *y) {
    const money_row *a = x, *b = y;
    if (a->partner != b->partner) return a->partner < b->partner ? -1 : 1;
    return (a->period > b->period) - (a->period < b->period);
}

/* Every line as a row; those of one partner and period are joined later. */
static void add_lines(money *m, const books_result *r, bool by_period, bool after) {
    for (const rebate_line *l = r->lines.first; l; l = l->next) {
        money_row *to = &m->v[m->n++];
        *to = (money_row){.partner = l->partner, .period = by_period ? l->period : 0};
        *(after ? &to->after : &to->before) = l->amount;
    }
}

static bool join_rows(money *m, err *e) {
    size_t n = m->n;
    if (n) qsort(m->v, n, sizeof *m->v, by_row);
    m->n = 0;
    for (size_t i = 0; i < n; i++) {
        money_row *last = m->n ? &m->v[m->n - 1] : NULL;
        if (last && by_row(last, &m->v[i]) == 0) {
            if (!add_i64(last->before, m->v[i].before, &last->before) ||
                !add_i64(last->after, m->v[i].after, &last->after))
                return err_set(e, ERR_DATA, "the sum is too large");
        } else {
            m->v[m->n++] = m->v[i];
        }
    }
    n = m->n;
    m->n = 0;
    for (size_t i = 0; i < n; i++)
        if (m->v[i].before || m->v[i].after) m->v[m->n++] = m->v[i];
    for (size_t i = 0; i < m->n; i++) {
        const money_row *x = &m->v[i];
        int64_t by = x->after > x->before ? x->after - x->before : x->before - x->after;
        if (!add_i64(m->before, x->before, &m->before) || !add_i64(m->after, x->after, &m->after) ||
            !add_i64(m->moved, by, &m->moved))
            return err_set(e, ERR_DATA, "the sum is too large");
    }
    return true;
}

bool money_compare(books *b, const policy *before, const policy *after, const books_ask *ask, arena *a, money *out,
                   err *e) {
    books_result old = {0}, now = {0};
    bool by_period = money_by_period(before, after);
    *out = (money){0};
    if (before) TRY(books_evaluate(b, before, ask, a, &old, e));
    if (after) TRY(books_evaluate(b, after, ask, a, &now, e));
    out->v = ARENA_NEW(a, money_row, old.lines.lines + now.lines.lines + 1);
    add_lines(out, &old, by_period, false);
    add_lines(out, &now, by_period, true);
    return join_rows(out, e);
}
