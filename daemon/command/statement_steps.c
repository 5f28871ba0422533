/* Commands that move lines of statements on: rebate review, confirm, dispute, dispute answer, withdraw,
 * approve, pay. */
#include "daemon/command/statements.h"

#include "daemon/catalog/partner.h"
#include "daemon/catalog/settings.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/command/rebate.h"
#include "proto/journal.pb-c.h"
#include "proto/limits.h"

#include <inttypes.h>
#include <stdlib.h>

typedef struct batch { /* statements that a step is for, in the order of their numbers */
    uint64_t *at;
    size_t n, cap;
} batch;

static void add_number(call *c, batch *b, uint64_t number) {
    b->at = arena_grown(c->a, b->at, b->n, &b->cap, sizeof *b->at);
    b->at[b->n++] = number;
}

static int by_number(const void *x, const void *y) {
    const uint64_t *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

typedef struct moving {
    statement_act act;
    uint32_t line[LIMIT_ARGS];
    size_t lines;
    batch all;
} moving;

static bool is_named(const moving *m, uint32_t no) {
    for (size_t i = 0; i < m->lines; i++)
        if (m->line[i] == no) return true;
    return m->lines == 0;
}

/* A statement of which a line can take the act; whoever may not do it is told so. */
static bool add_statement(call *c, const statement *s, moving *m, bool named, err *e) {
    statement_line l;
    line_state to;
    bool any = false;
    for (AUTO(kv_cursor) k = statement_lines(c->t, s->number); kv_next(&k);) {
        if (!statement_line_decode(k.key, k.val, s, &l) || !is_named(m, l.line)) continue;
        if (!statement_step(l.state, m->act, &to)) continue;
        if (!statement_may(l.state, m->act, c->who.role))
            return err_set(e, ERR_DENIED, "%s: not permitted to '%.*s'", c->command->name, STR_ARG(c->who.name));
        any = true;
    }
    if (any || named) add_number(c, &m->all, s->number);
    return true;
}

static bool add_any(call *c, const statement *s, void *m, err *e) {
    err unused;
    return !authz(c, "write", s->partner, &unused) || add_statement(c, s, m, false, e);
}

static bool lines_option(call *c, moving *m, err *e) {
    str list = call_option(c, "line"), piece;
    while (list.p && str_split(&list, ',', &piece)) {
        int64_t n;
        bool exact;
        if (!dec_parse(str_trim(piece), 0, &n, &exact) || !exact || n < 1 || n > UINT32_MAX || m->lines == LIMIT_ARGS)
            return err_set(e, ERR_USAGE, "--line: wanted numbers of lines like 1,3, found '%.*s'",
                           STR_ARG(str_take(piece, LIMIT_ID)));
        m->line[m->lines++] = (uint32_t)n;
    }
    return true;
}

/* The statements named, or those of --period and --partner. */
static bool read_moving(call *c, statement_act act, moving *m, err *e) {
    *m = (moving){.act = act};
    TRY(lines_option(c, m, e));
    size_t named = call_arg_count(c);
    if (m->lines && named != 1) return err_set(e, ERR_USAGE, "--line: lines of one statement");
    if (named == 0 && call_option(c, "period").p == NULL && call_option(c, "partner").p == NULL)
        return err_set(e, ERR_USAGE, "%s: name a statement, or --period or --partner", c->command->name);
    for (size_t i = 0; i < named; i++) {
        statement s;
        TRY(statement_of_call(c, call_arg(c, i), "write", &s, e) && add_statement(c, &s, m, true, e));
    }
    if (named == 0) TRY(statements_each(c, add_any, m, e));
    if (m->all.n == 0) return err_set(e, ERR_NOT_FOUND, "%s: no statement has a line for it", c->command->name);
    qsort(m->all.at, m->all.n, sizeof *m->all.at, by_number);
    size_t n = 1;
    for (size_t i = 1; i < m->all.n; i++)
        if (m->all.at[i] != m->all.at[n - 1]) m->all.at[n++] = m->all.at[i];
    m->all.n = n;
    return true;
}

static bool reason_of(call *c, bool needed, Entry__Step *body, err *e) {
    str reason = call_option(c, "reason");
    if (reason.n > LIMIT_TEXT || (needed && reason.n == 0))
        return err_set(e, ERR_USAGE, "--reason: say why, in at most %d bytes", LIMIT_TEXT);
    body->reason = (char *)(uintptr_t)arena_str(c->a, reason.p ? reason : STR("")).p;
    return true;
}

static bool move(call *c, statement_act act, bool needs_reason, err *e) {
    moving m;
    uint64_t lines = 0;
    Entry__Step body = ENTRY__STEP__INIT;
    TRY(reason_of(c, needs_reason, &body, e) && read_moving(c, act, &m, e));
    body.act = act;
    body.line = m.line;
    body.n_line = m.lines;
    for (size_t from = 0; from < m.all.n; from += LIMIT_ENTRY_ROWS) {
        apply_result r = {.a = c->a};
        body.statement = m.all.at + from;
        body.n_statement = m.all.n - from < LIMIT_ENTRY_ROWS ? m.all.n - from : LIMIT_ENTRY_ROWS;
        command_entry what = {KIND_STEP, c->now_ms, call_actor(c), &body.base};
        TRY(journal_append(c->t, &what, &r, NULL, e));
        lines += r.number;
    }
    answer_message(c, "%s: %" PRIu64 " lines of %zu statements", statement_act_name(act), lines, m.all.n);
    return true;
}

bool cmd_rebate_review(call *c, err *e) {
    return move(c, ACT_REVIEW, false, e);
}

bool cmd_rebate_approve(call *c, err *e) {
    return move(c, ACT_APPROVE, false, e);
}

bool cmd_rebate_confirm(call *c, err *e) {
    return move(c, ACT_CONFIRM, false, e);
}

bool cmd_rebate_dispute(call *c, err *e) {
    return move(c, ACT_DISPUTE, true, e);
}

bool cmd_rebate_withdraw(call *c, err *e) {
    return move(c, ACT_WITHDRAW, true, e);
}

bool cmd_dispute_answer(call *c, err *e) {
    bool accept = call_flag(c, "accept");
    if (accept == call_flag(c, "reject")) return err_set(e, ERR_USAGE, "rebate dispute answer: --accept or --reject");
    return move(c, accept ? ACT_ACCEPT : ACT_REJECT, true, e);
}

/* ---- paying: as many statements an entry as it has room for moves */

static bool pay_some(call *c, const moving *m, size_t from, size_t n, int64_t total, uint64_t *lines, err *e) {
    Entry__Step body = ENTRY__STEP__INIT;
    apply_result r = {.a = c->a};
    body.act = ACT_PAY;
    body.statement = m->all.at + from;
    body.n_statement = n;
    body.total = total;
    command_entry what = {KIND_STEP, c->now_ms, call_actor(c), &body.base};
    TRY(journal_append(c->t, &what, &r, NULL, e));
    *lines += r.number;
    return true;
}

bool cmd_rebate_pay(call *c, err *e) {
    AUTO(buf) sum = {0};
    moving m;
    int64_t all = 0;
    uint64_t lines = 0;
    TRY(read_moving(c, ACT_PAY, &m, e));
    for (size_t from = 0, n; from < m.all.n; from += n) {
        int64_t total = 0, one;
        size_t moves = 0, more;
        for (n = 0; from + n < m.all.n && n < LIMIT_ENTRY_ROWS; n++) {
            TRY(statement_payable(c->t, m.all.at + from + n, 1, &one, &more, e));
            if (moves + more > LIMIT_ENTRY_ROWS) break;
            moves += more;
            total += one;
        }
        if (n == 0) return err_set(e, ERR_DATA, "statement %" PRIu64 " is too long to be paid at once", m.all.at[from]);
        TRY(pay_some(c, &m, from, n, total, &lines, e));
        all += total;
    }
    dec_put(&sum, all, FEN_SCALE, FEN_SCALE);
    answer_message(c, "pay: %" PRIu64 " lines of %zu statements, %s", lines, m.all.n, buf_z(&sum));
    return true;
}

/* ---- the deadline */

typedef struct lapsing {
    uint64_t number[LIMIT_ENTRY_ROWS]; /* every sent line is past its time */
    size_t n;
    uint64_t lines;
} lapsing;

static bool append_lapse(txn *t, int64_t now_ms, uint64_t *number, size_t n, uint32_t *line, size_t lines, lapsing *w,
                         err *e) {
    AUTO(arena) a = {0};
    Entry__Step body = ENTRY__STEP__INIT;
    if (n == 0) return true;
    arena_init(&a, SIZE_MAX);
    apply_result r = {.a = &a};
    body.act = ACT_LAPSE;
    body.statement = number;
    body.n_statement = n;
    body.line = line;
    body.n_line = lines;
    command_entry what = {KIND_STEP, now_ms, STR("system"), &body.base};
    TRY(journal_append(t, &what, &r, NULL, e));
    w->lines += r.number;
    return true;
}

/* Sent lines of a statement that are past their time; *all: there are no other sent lines. */
static size_t past_lines(txn *t, const statement *s, day_t last, int zone_min, uint32_t *line, size_t max, bool *all) {
    statement_line l;
    size_t n = 0;
    *all = true;
    for (AUTO(kv_cursor) k = statement_lines(t, s->number); kv_next(&k) && n < max;) {
        if (!statement_line_decode(k.key, k.val, s, &l) || l.state != LINE_SENT) continue;
        if (day_at(l.since_ms, zone_min) < last) line[n++] = l.line;
        else
            *all = false;
    }
    return n;
}

/* The next statement after *at; writes between the steps of a walk end it. */
static bool next_statement(txn *t, key *at, statement *out) {
    AUTO(kv_cursor) c = kv_from(t, TABLE_STATEMENT, STR(""), key_str(at));
    if (!kv_next(&c) || !statement_decode(c.key, c.val, out)) return false;
    at->n = 0;
    key_u32(at, out->partner);
    key_u64(at, out->number + 1);
    return true;
}

bool statements_lapse(txn *t, int64_t now_ms, int zone_min, uint64_t *lines, err *e) {
    static lapsing w; /* the loop's own */
    key at = {.n = 0};
    statement s;
    int64_t days = setting_number(t, SETTING_CONFIRM_DAYS);
    day_t last = day_at(now_ms, zone_min) - (day_t)days;
    w.n = 0;
    w.lines = 0;
    while (days && w.n < LIMIT_ENTRY_ROWS && next_statement(t, &at, &s)) {
        uint32_t line[LIMIT_REPEATED];
        bool all;
        size_t n = past_lines(t, &s, last, zone_min, line, ARRAY_LEN(line), &all);
        if (n == 0) continue;
        if (all) w.number[w.n++] = s.number;
        else
            TRY(append_lapse(t, now_ms, &s.number, 1, line, n, &w, e));
    }
    qsort(w.number, w.n, sizeof *w.number, by_number);
    TRY(append_lapse(t, now_ms, w.number, w.n, NULL, 0, &w, e));
    *lines = w.lines;
    return txn_ok(t, e);
}
