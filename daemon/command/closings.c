/* Commands about periods of rebates: period list, check, close, reopen. */
#include "daemon/command/accruals.h"
#include "daemon/command/approvals.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/command/rebate.h"
#include "daemon/rebate/closing.h"
#include "daemon/rebate/statement.h"
#include "proto/journal.pb-c.h"
#include "proto/limits.h"

#include <inttypes.h>
#include <stdlib.h>

/* ---- period list */

typedef struct sums { /* of one label */
    str label;
    int64_t accrued, late, settled, paid;
} sums;

typedef struct tally {
    arena *a;
    map index;
    sums *at;
    size_t n, cap;
} tally;

static sums *sums_of(tally *w, str label) {
    uint64_t *no = map_find(&w->index, label);
    if (no) return &w->at[*no];
    w->at = arena_grown(w->a, w->at, w->n, &w->cap, sizeof *w->at);
    str kept = arena_str(w->a, label);
    *map_at(&w->index, kept, NULL) = w->n;
    w->at[w->n] = (sums){.label = kept};
    return &w->at[w->n++];
}

static void add_accruals(txn *t, tally *w) {
    AUTO(buf) own = {0};
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_ACCRUAL, STR(""), STR_NONE); kv_next(&c);) {
        accrual a;
        int64_t amount;
        if (!accrual_decode(c.key, c.val, &a)) continue;
        buf_clear(&own);
        closing_label(&own, a.at.policy, a.at.period);
        reader r = reader_of(a.parts);
        for (str bearer; accrual_part(&r, &bearer, &amount);) {
            sums *s = sums_of(w, bearer);
            *(str_eq(bearer, buf_str(&own)) ? &s->accrued : &s->late) += amount;
        }
    }
}

static void add_statements(txn *t, tally *w) {
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_STATEMENT, STR(""), STR_NONE); kv_next(&c);) {
        statement s;
        statement_line l;
        if (!statement_decode(c.key, c.val, &s)) continue;
        sums *to = sums_of(w, s.period);
        for (AUTO(kv_cursor) k = statement_lines(t, s.number); kv_next(&k);) {
            if (!statement_line_decode(k.key, k.val, &s, &l) || l.state == LINE_WITHDRAWN) continue;
            to->settled += l.amount;
            if (l.state == LINE_PAID) to->paid += l.amount;
        }
    }
}

static int by_label(const void *x, const void *y) {
    return str_cmp(((const sums *)x)->label, ((const sums *)y)->label);
}

static void put_period(call *c, const sums *s) {
    closing k = {.state = CLOSING_OPEN};
    day_t first, last;
    json *j = answer_row(c);
    (void)closing_get(c->t, s->label, &k);
    bool days = closing_days(c->t, s->label, &first, &last);
    cell_text(j, "period", s->label);
    if (days) put_day_cell(j, "from", first), put_day_cell(j, "to", last);
    else
        cell_text(j, "from", STR("")), cell_text(j, "to", STR(""));
    cell_text(j, "state", k.state == CLOSING_CLOSED ? STR("closed") : k.times ? STR("reopened") : STR("open"));
    if (k.times) cell_time(j, "since", k.time_ms, c->zone_min);
    else
        cell_text(j, "since", STR(""));
    cell_text(j, "by", k.by);
    cell_text(j, "reason", k.reason);
    cell_fen(j, "accrued", s->accrued);
    cell_fen(j, "late", s->late);
    cell_fen(j, "settled", s->settled);
    cell_fen(j, "paid", s->paid);
    answer_row_end(c);
}

bool cmd_period_list(call *c, err *e) {
    static const char *const columns[] = {"period", "from",    "to",   "state",   "since", "by",
                                          "reason", "accrued", "late", "settled", "paid"};
    tally w = {.a = c->a};
    TRY(authz(c, "read", 0, e));
    add_accruals(c->t, &w);
    add_statements(c->t, &w);
    for (AUTO(kv_cursor) k = kv_from(c->t, TABLE_PERIOD, STR(""), STR_NONE); kv_next(&k);) (void)sums_of(&w, k.key);
    map_free(&w.index);
    if (w.n) qsort(w.at, w.n, sizeof *w.at, by_label);
    answer_list(c, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < w.n && !answer_failed(c); i++) put_period(c, &w.at[i]);
    return true;
}

/* ---- closing and opening again */

static bool reason_ok(call *c, str *out, err *e) {
    *out = call_option(c, "reason");
    if (out->p == NULL) *out = STR("");
    return out->n <= LIMIT_TEXT || err_set(e, ERR_USAGE, "--reason: at most %d bytes", LIMIT_TEXT);
}

/* A period is not closed over what is in the way, unless somebody says why it should be. */
static bool look_at_period(call *c, str label, bool despite, const accrual_how *how, err *e) {
    uint64_t found;
    TRY(period_findings(c, label, true, &found, e));
    if (found == 0 || despite) {
        TRY(accrue_call_look(c, how, e));
        ((accrual_looks *)c->looked)->findings = found;
        return true;
    }
    c->answered = true;
    answer_status(c, STATUS_DIFFERS);
    answer_message(c, "period %.*s stays open: %" PRIu64 " findings are in the way (mend them, or --despite REASON)",
                   STR_ARG(label), found);
    return period_findings(c, label, false, &found, e);
}

bool cmd_period_close(call *c, err *e) {
    AUTO(buf) to = {0};
    AUTO(buf) why = {0};
    Entry__Period body = ENTRY__PERIOD__INIT;
    accrued done = {.rows = 0};
    day_t first, last;
    str label, reason, despite = call_option(c, "despite");
    TRY(period_label(c, &label, e));
    TRY(reason_ok(c, &reason, e));
    if (despite.n > LIMIT_TEXT / 2)
        return err_set(e, ERR_USAGE, "--despite: say why, in at most %d bytes", LIMIT_TEXT / 2);
    TRY(authz(c, "write", 0, e));
    if (!closing_days(c->t, label, &first, &last))
        return err_set(e, ERR_NOT_FOUND, "period %.*s: no such policy", STR_ARG(label));
    if (last >= day_at(c->now_ms, c->zone_min)) {
        day_put(&to, last);
        return err_set(e, ERR_CONFLICT, "period %.*s ends on %s: it is closed after that day", STR_ARG(label),
                       buf_z(&to));
    }
    if (closing_is_closed(c->t, label))
        return err_set(e, ERR_CONFLICT, "period %.*s is closed already", STR_ARG(label));
    const accrual_how how = {.label = label}; /* it is over: what it came to */
    if (c->looking) return look_at_period(c, label, despite.n > 0, &how, e);
    uint64_t found = ((const accrual_looks *)c->looked)->findings;
    if (found) buf_printf(&why, "despite %" PRIu64 " findings: %.*s", found, STR_ARG(despite));
    else
        buf_add(&why, reason);
    TRY(accrue_call_post(c, &how, &done, e));
    body.period = entry_text(c, label);
    body.close = true;
    body.reason = entry_text(c, buf_str(&why));
    TRY(command_append(c, KIND_PERIOD, &body.base, e));
    answer_message(c, "period %.*s is closed; what comes later is late for it and borne by the next", STR_ARG(label));
    return true;
}

bool cmd_period_reopen(call *c, err *e) {
    AUTO(buf) what = {0};
    Entry__Period body = ENTRY__PERIOD__INIT;
    str label, reason;
    TRY(period_label(c, &label, e));
    TRY(reason_ok(c, &reason, e));
    TRY(authz(c, "write", 0, e));
    if (!closing_is_closed(c->t, label)) return err_set(e, ERR_CONFLICT, "period %.*s is open", STR_ARG(label));
    body.period = entry_text(c, label);
    body.reason = entry_text(c, reason);
    buf_printf(&what, "reopen period %.*s: %.*s", STR_ARG(label), STR_ARG(reason));
    stake s = {entry_text(c, buf_str(&what)), body.period, NUM_NONE, 0, ROLE_FINANCE | ROLE_CHANNEL_MANAGER};
    return command_propose(c, KIND_PERIOD, &body.base, &s, e);
}
