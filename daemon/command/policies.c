/* Commands about policies: their revisions, what a change of one costs. */
#include "daemon/catalog/settings.h"
#include "daemon/command/approvals.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/command/rebate.h"
#include "daemon/command/text_diff.h"
#include "daemon/rebate/accrual.h"
#include "daemon/rebate/lint.h"
#include "proto/journal.pb-c.h"
#include "proto/limits.h"

#include <inttypes.h>

static char *z(str s) {
    return (char *)(uintptr_t)(s.p ? s.p : "");
}

/* The policy of -f, with the name of its file in what is wrong with it. */
static bool policy_of_file(call *c, policy *out, str *yaml, err *e) {
    attachment file = call_file(c, 0);
    *yaml = arena_str(c->a, file.bytes);
    if (yaml->n > POLICY_BYTES)
        return err_set(e, ERR_DATA, "%.*s: a policy has at most %d bytes", STR_ARG(file.name), POLICY_BYTES);
    if (memchr(yaml->p, 0, yaml->n)) return err_set(e, ERR_DATA, "%.*s: no text", STR_ARG(file.name));
    TRY(policy_parse(*yaml, out, e) || err_wrap(e, "%.*s", STR_ARG(str_take(file.name, LIMIT_FILE_NAME))));
    return out->name.n <= LIMIT_ID ||
           err_set(e, ERR_DATA, "%.*s: metadata.name has at most %d bytes", STR_ARG(file.name), LIMIT_ID);
}

/* ---- a new revision */

static bool number_option(call *c, const char *option, uint32_t *out, bool *given, err *e) {
    int64_t v;
    bool exact;
    str s = call_option(c, option);
    *given = s.p != NULL;
    if (!*given) return true;
    if (!dec_parse(s, 0, &v, &exact) || !exact || v < 0 || v > UINT32_MAX)
        return err_set(e, ERR_USAGE, "--%s: wanted a number of a revision, found '%.*s'", option,
                       STR_ARG(str_take(s, 40)));
    *out = (uint32_t)v;
    return true;
}

static bool revision_moved(call *c, str name, uint32_t now, err *e) {
    uint32_t made_for = 0;
    bool given;
    TRY(number_option(c, "revision", &made_for, &given, e));
    return !given || made_for == now ||
           err_set(e, ERR_CONFLICT, "policy '%.*s': revision %u is in force, not %u: look at it again (policy diff)",
                   STR_ARG(name), (unsigned)now, (unsigned)made_for);
}

typedef struct change {
    policy_action action;
    str name, yaml;
    uint32_t revision, restores;
    const policy *before, *after; /* NULL: nothing is paid */
} change;

/* What it moves, reckoned on a snapshot before it is written. */
typedef struct cost {
    int64_t before, after, moved;
    size_t rows;
    uint32_t revision; /* that it would be */
} cost;

static bool look_at_cost(call *c, const change *x, err *e) {
    AUTO(books) b = {0};
    money m;
    TRY(books_of_call(c, &b, e) && money_compare(&b, x->before, x->after, &(books_ask)BOOKS_ALL, c->look_a, &m, e));
    cost *found = ARENA_NEW(c->look_a, cost, 1);
    *found = (cost){m.before, m.after, m.moved, m.n, x->revision};
    c->looked = found;
    return true;
}

static const char *summary(call *c, const change *x, const cost *m) {
    AUTO(buf) b = {0};
    buf_printf(&b, "policy %.*s, revision %u (%s): ", STR_ARG(x->name), (unsigned)x->revision,
               policy_action_name(x->action));
    dec_put(&b, m->before, FEN_SCALE, FEN_SCALE);
    buf_addz(&b, " → ");
    dec_put(&b, m->after, FEN_SCALE, FEN_SCALE);
    buf_printf(&b, " CNY, %zu partners and periods", m->rows);
    return arena_str(c->a, buf_str(&b)).p;
}

/* Journal it, or let a second person look at it first, by what it moves on the books as they were just now. */
static bool put_in_force(call *c, const change *x, err *e) {
    Entry__Policy body = ENTRY__POLICY__INIT;
    const cost *m = c->looked;
    str reason = call_option(c, "reason");
    if (reason.n > LIMIT_TEXT) return err_set(e, ERR_USAGE, "--reason: at most %d bytes", LIMIT_TEXT);
    if (c->looking) return look_at_cost(c, x, e);
    if (m == NULL || m->revision != x->revision)
        return err_set(e, ERR_CONFLICT, "policy '%.*s' was changed meanwhile: look at it again (policy diff)",
                       STR_ARG(x->name));
    body.name = z(x->name);
    body.revision = x->revision;
    body.action = x->action;
    body.yaml = z(x->yaml);
    body.reason = reason.n ? z(arena_str(c->a, reason)) : z(STR_NONE);
    body.restores = x->restores;
    const char *what = summary(c, x, m);
    if (m->moved > setting_number(c->t, SETTING_POLICY_ABOVE) * pow10_i64(FEN_SCALE))
        return command_propose(
            c, KIND_POLICY, &body.base,
            &(stake){what, z(x->name), m->moved, currency_no(STR("CNY")), ROLE_FINANCE | ROLE_CHANNEL_MANAGER}, e);
    TRY(command_append(c, KIND_POLICY, &body.base, e));
    answer_message(c, "%s", what);
    answer_status(c, STATUS_CHANGED);
    return true;
}

bool cmd_policy_apply(call *c, err *e) {
    AUTO(policy) after = {.from = 0};
    AUTO(policy) before = {.from = 0};
    policy_revision last = {.revision = 0};
    change x = {.action = POLICY_APPLIED, .after = &after};
    TRY(authz(c, "write", 0, e) && policy_of_file(c, &after, &x.yaml, e));
    bool known = policy_latest(c->t, after.name, &last);
    bool pays = known && last.action != POLICY_WITHDRAWN;
    TRY(revision_moved(c, after.name, last.revision, e));
    if (pays && str_eq(last.yaml, x.yaml)) {
        c->answered = true;
        answer_message(c, "policy %.*s, revision %u: unchanged", STR_ARG(after.name), (unsigned)last.revision);
        return true;
    }
    if (pays) TRY(policy_open(&last, &before, e));
    x.before = pays ? &before : NULL;
    x.name = arena_str(c->a, after.name);
    x.revision = last.revision + 1;
    return put_in_force(c, &x, e);
}

/* The revision to go back to: the one named, else the last whose text is another. */
static bool earlier(call *c, const policy_revision *last, policy_revision *out, err *e) {
    uint32_t to = 0;
    bool given;
    TRY(number_option(c, "to", &to, &given, e));
    if (given)
        return policy_revision_get(c->t, last->name, to, out) ||
               err_set(e, ERR_NOT_FOUND, "policy '%.*s' has no revision %u (policy history)", STR_ARG(last->name),
                       (unsigned)to);
    for (to = last->revision; to-- > 1;) {
        if (!policy_revision_get(c->t, last->name, to, out) || out->action == POLICY_WITHDRAWN) continue;
        if (last->action == POLICY_WITHDRAWN || !str_eq(out->yaml, last->yaml)) return true;
    }
    return err_set(e, ERR_NOT_FOUND, "policy '%.*s' has no earlier text", STR_ARG(last->name));
}

bool cmd_policy_rollback(call *c, err *e) {
    AUTO(policy) after = {.from = 0};
    AUTO(policy) before = {.from = 0};
    policy_revision last, old = {.revision = 0};
    TRY(authz(c, "write", 0, e) && policy_of_call(c, arena_str(c->a, call_arg(c, 0)), &last, e));
    TRY(revision_moved(c, last.name, last.revision, e) && earlier(c, &last, &old, e));
    change x = {POLICY_ROLLED_BACK,
                arena_str(c->a, last.name),
                arena_str(c->a, old.yaml),
                last.revision + 1,
                old.revision,
                NULL,
                &after};
    TRY(policy_open(&old, &after, e));
    if (last.action != POLICY_WITHDRAWN) {
        TRY(policy_open(&last, &before, e));
        x.before = &before;
    }
    return put_in_force(c, &x, e);
}

bool cmd_policy_withdraw(call *c, err *e) {
    AUTO(policy) before = {.from = 0};
    policy_revision last;
    TRY(authz(c, "write", 0, e) && policy_of_call(c, arena_str(c->a, call_arg(c, 0)), &last, e));
    TRY(revision_moved(c, last.name, last.revision, e));
    if (last.action == POLICY_WITHDRAWN)
        return err_set(e, ERR_CONFLICT, "policy '%.*s' is withdrawn already", STR_ARG(last.name));
    TRY(policy_open(&last, &before, e));
    change x = {
        POLICY_WITHDRAWN, arena_str(c->a, last.name), arena_str(c->a, last.yaml), last.revision + 1, 0, &before, NULL};
    return put_in_force(c, &x, e);
}

/* ---- diff */

static void put_text(json *j, str before, str after, arena *a) {
    diff_line *line;
    size_t n = text_diff(before, after, a, &line);
    json_key(j, "text");
    json_open_array(j);
    for (size_t i = 0; i < n; i++) {
        if (line[i].change == ' ') continue;
        size_t no = line[i].change == '-' ? line[i].before : line[i].after;
        char sign[2] = {line[i].change, 0};
        json_open_object(j);
        json_key(j, "change"), json_z(j, sign);
        json_key(j, "line"), json_uint(j, no);
        json_key(j, "text"), json_str(j, line[i].text);
        json_end_object(j);
    }
    json_end_array(j);
}

static void put_money(json *j, const books *b, const policy *p, bool by_period, const money *m) {
    json_key(j, "money");
    json_open_array(j);
    for (size_t i = 0; i < m->n; i++) {
        const money_row *x = &m->v[i];
        json_open_object(j);
        cell_text(j, "partner", b->world.partner[x->partner].id);
        if (by_period) cell_period(j, "period", p, x->period);
        else
            cell_text(j, "period", STR_NONE);
        cell_fen(j, "before", x->before);
        cell_fen(j, "after", x->after);
        cell_fen(j, "change", x->after - x->before);
        json_end_object(j);
    }
    json_end_array(j);
}

bool cmd_policy_check(call *c, err *e) {
    static const char *const columns[] = {"line", "finding", "text"};
    AUTO(policy) p = {.from = 0};
    AUTO(books) b = {0};
    AUTO(arena) a = {0};
    lint_result found;
    str yaml;
    TRY(policy_of_file(c, &p, &yaml, e));
    arena_init(&a, SIZE_MAX); /* bounded by the policy's size */
    TRY(books_of_call(c, &b, e) && policy_lint(&p, &b.world, &a, &found, e));
    answer_list(c, columns, ARRAY_LEN(columns));
    answer_status(c, found.n ? STATUS_DIFFERS : 0);
    for (size_t i = 0; i < found.n; i++) {
        json *j = answer_row(c);
        json_key(j, "line");
        if (found.v[i].line) json_uint(j, found.v[i].line);
        else
            json_none(j);
        cell_text(j, "finding", str_of(found.v[i].code));
        cell_text(j, "text", found.v[i].text);
        answer_row_end(c);
    }
    return true;
}

bool cmd_policy_diff(call *c, err *e) {
    AUTO(policy) after = {.from = 0};
    AUTO(policy) before = {.from = 0};
    AUTO(books) b = {0};
    AUTO(arena) a = {0};
    policy_revision last = {.revision = 0};
    books_ask ask = BOOKS_ALL;
    money m;
    str yaml;
    TRY(option_partner(c, &ask.partner, e) && authz(c, "read", ask.partner, e));
    TRY(policy_of_file(c, &after, &yaml, e));
    bool pays = policy_latest(c->t, after.name, &last) && last.action != POLICY_WITHDRAWN;
    if (pays) TRY(policy_open(&last, &before, e));
    arena_init(&a, SIZE_MAX); /* as large as what the policy pays */
    TRY(books_of_call(c, &b, e) && money_compare(&b, pays ? &before : NULL, &after, &ask, &a, &m, e));
    json *j = answer_show(c);
    cell_text(j, "policy", after.name);
    cell_count(j, "revision", last.revision);
    cell_fen(j, "before", m.before);
    cell_fen(j, "after", m.after);
    cell_fen(j, "change", m.after - m.before);
    cell_fen(j, "moved", m.moved);
    put_text(j, pays ? last.yaml : STR(""), yaml, &a);
    put_money(j, &b, &after, money_by_period(pays ? &before : NULL, &after), &m);
    answer_show_end(c);
    return true;
}

/* ---- reading */

static void span_cells(json *j, const policy *p) {
    static const char *const bases[] = {"sell_in", "sell_out", "sell_out_all", "verified_sell_out", "payment"};
    static const char *const periods[] = {"month", "quarter", "half_year", "year", "once"};
    put_day_cell(j, "valid_from", p->from);
    if (p->to == DAY_MAX) cell_text(j, "valid_to", STR_NONE);
    else
        put_day_cell(j, "valid_to", p->to);
    cell_text(j, "basis", str_of(bases[p->basis]));
    cell_text(j, "period", str_of(periods[p->period]));
}

static void revision_cells(call *c, json *j, const policy_revision *r) {
    cell_count(j, "revision", r->revision);
    cell_text(j, "action", str_of(policy_action_name(r->action)));
    cell_time(j, "known_from", r->time_ms, c->zone_min);
    cell_text(j, "by", r->by);
    cell_text(j, "reason", r->reason);
}

/* What is posted of the budget, and whether that is past the warning. */
static void budget_cells(call *c, json *j, const policy *p) {
    int64_t used = accrual_total(c->t, p->name), warn = 0;
    const char *state = NULL;
    if (p->budget != NUM_NONE) {
        (void)mul_div(p->budget, p->budget_warn, pow10_i64(RATE_SCALE), &warn);
        state = used >= p->budget ? p->budget_stop ? "stopped" : "reached" : used >= warn ? "warned" : "ok";
    }
    cell_fen(j, "budget", p->budget);
    cell_fen(j, "budget_used", used);
    cell_text(j, "budget_state", state ? str_of(state) : STR_NONE);
}

bool cmd_policy_list(call *c, err *e) {
    static const char *const columns[] = {"policy", "title",  "revision",    "action",      "known_from",
                                          "by",     "reason", "valid_from",  "valid_to",    "basis",
                                          "period", "budget", "budget_used", "budget_state"};
    policy_revision r;
    answer_list(c, columns, ARRAY_LEN(columns));
    for (str after = STR(""); !answer_failed(c) && policy_next(c->t, after, &r); after = r.name) {
        AUTO(policy) p = {.from = 0};
        if (r.action == POLICY_WITHDRAWN && !call_flag(c, "all")) continue;
        TRY(policy_open(&r, &p, e));
        json *j = answer_row(c);
        cell_text(j, "policy", r.name);
        cell_text(j, "title", p.title);
        revision_cells(c, j, &r);
        span_cells(j, &p);
        budget_cells(c, j, &p);
        answer_row_end(c);
    }
    return txn_ok(c->t, e);
}

bool cmd_policy_show(call *c, err *e) {
    AUTO(policy) p = {.from = 0};
    policy_revision r;
    uint32_t no = 0;
    bool given;
    TRY(policy_of_call(c, call_arg(c, 0), &r, e) && number_option(c, "revision", &no, &given, e));
    if (given && !policy_revision_get(c->t, call_arg(c, 0), no, &r))
        return err_set(e, ERR_NOT_FOUND, "policy '%.*s' has no revision %u (policy history)", STR_ARG(call_arg(c, 0)),
                       (unsigned)no);
    TRY(policy_open(&r, &p, e));
    json *j = answer_show(c);
    cell_text(j, "policy", r.name);
    cell_text(j, "title", p.title);
    revision_cells(c, j, &r);
    span_cells(j, &p);
    budget_cells(c, j, &p);
    cell_id(j, "entry", r.entry);
    cell_text(j, "yaml", r.yaml);
    answer_show_end(c);
    return true;
}

bool cmd_policy_history(call *c, err *e) {
    static const char *const columns[] = {"revision", "action", "known_from", "by",       "reason", "valid_from",
                                          "valid_to", "basis",  "period",     "restores", "entry"};
    policy_revision last, r;
    TRY(policy_of_call(c, call_arg(c, 0), &last, e));
    answer_list(c, columns, ARRAY_LEN(columns));
    for (uint32_t no = 1; no <= last.revision && policy_revision_get(c->t, last.name, no, &r); no++) {
        AUTO(policy) p = {.from = 0};
        TRY(policy_open(&r, &p, e));
        json *j = answer_row(c);
        revision_cells(c, j, &r);
        span_cells(j, &p);
        cell_id(j, "restores", r.restores);
        cell_id(j, "entry", r.entry);
        answer_row_end(c);
    }
    return txn_ok(c->t, e);
}
