/* replenish policy: apply, withdraw, list, show, history. */
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/replenish/rules.h"
#include "proto/journal.pb-c.h"
#include "proto/limits.h"

static bool latest(call *c, stock_rule_revision *out, err *e) {
    str name = call_arg(c, 0);
    return stock_rule_latest(c->t, name, out) ||
           err_set(e, ERR_NOT_FOUND, "no replenishment policy '%.*s' (replenish policy list)",
                   STR_ARG(str_take(name, LIMIT_ID)));
}

static bool put_in_force(call *c, str name, str yaml, uint32_t revision, bool withdrawn, err *e) {
    Entry__StockRule m = ENTRY__STOCK_RULE__INIT;
    str reason = call_option(c, "reason");
    if (reason.n > LIMIT_TEXT) return err_set(e, ERR_USAGE, "--reason: at most %d bytes", LIMIT_TEXT);
    m.name = entry_text(c, name);
    m.yaml = entry_text(c, yaml);
    m.reason = entry_text(c, reason);
    m.revision = revision;
    m.withdrawn = withdrawn;
    TRY(command_append(c, KIND_STOCK_RULE, &m.base, e));
    answer_message(c, "replenishment policy %s, revision %u%s", m.name, (unsigned)revision,
                   withdrawn ? ": withdrawn" : "");
    answer_status(c, STATUS_CHANGED);
    return true;
}

bool cmd_stock_policy_apply(call *c, err *e) {
    attachment file = call_file(c, 0);
    stock_rule rule;
    stock_rule_revision last = {.revision = 0};
    TRY(authz(c, "write", 0, e));
    if (file.bytes.n > LIMIT_STOCK_RULE_BYTES || memchr(file.bytes.p, 0, file.bytes.n))
        return err_set(e, ERR_DATA, "%.*s: a policy is a text of at most %d bytes", STR_ARG(file.name),
                       LIMIT_STOCK_RULE_BYTES);
    TRY(stock_rule_parse(file.bytes, c->a, &rule, e) ||
        err_wrap(e, "%.*s", STR_ARG(str_take(file.name, LIMIT_FILE_NAME))));
    if (stock_rule_latest(c->t, rule.name, &last) && !last.withdrawn && str_eq(last.yaml, file.bytes)) {
        answer_message(c, "replenishment policy %.*s, revision %u: unchanged", STR_ARG(rule.name),
                       (unsigned)last.revision);
        return true;
    }
    return put_in_force(c, rule.name, file.bytes, last.revision + 1, false, e);
}

bool cmd_stock_policy_withdraw(call *c, err *e) {
    stock_rule_revision last;
    TRY(authz(c, "write", 0, e) && latest(c, &last, e));
    if (last.withdrawn) return err_set(e, ERR_CONFLICT, "policy '%.*s' is withdrawn already", STR_ARG(call_arg(c, 0)));
    return put_in_force(c, call_arg(c, 0), last.yaml, last.revision + 1, true, e);
}

static void revision_cells(call *c, json *j, const stock_rule_revision *r) {
    cell_count(j, "revision", r->revision);
    cell_text(j, "action", r->withdrawn ? STR("withdrawn") : STR("applied"));
    cell_time(j, "known_from", r->time_ms, c->zone_min);
    cell_text(j, "by", r->by);
    cell_text(j, "reason", r->reason);
}

static void rule_cells(json *j, const stock_rule *rule) {
    cell_text(j, "title", rule->title);
    cell_text(j, "policy", str_of(stock_policy_name(rule->policy.kind)));
    cell_text(j, "products", rule->products);
    cell_text(j, "partners", rule->partners);
    cell_count(j, "silence_days", rule->silence_days);
}

bool cmd_stock_policy_list(call *c, err *e) {
    static const char *const columns[] = {"name",     "title",  "policy",     "products", "partners", "silence_days",
                                          "revision", "action", "known_from", "by",       "reason"};
    stock_rule_revision r;
    answer_list(c, columns, ARRAY_LEN(columns));
    for (str after = STR(""); !answer_failed(c) && stock_rule_next(c->t, after, &r); after = r.name) {
        stock_rule rule;
        if (r.withdrawn && !call_flag(c, "all")) continue;
        TRY(stock_rule_parse(r.yaml, c->a, &rule, e));
        json *j = answer_row(c);
        cell_text(j, "name", r.name);
        rule_cells(j, &rule);
        revision_cells(c, j, &r);
        answer_row_end(c);
    }
    return txn_ok(c->t, e);
}

bool cmd_stock_policy_show(call *c, err *e) {
    stock_rule_revision r;
    stock_rule rule;
    TRY(latest(c, &r, e) && stock_rule_parse(r.yaml, c->a, &rule, e));
    json *j = answer_show(c);
    cell_text(j, "name", r.name);
    rule_cells(j, &rule);
    revision_cells(c, j, &r);
    cell_id(j, "entry", r.entry);
    cell_text(j, "yaml", r.yaml);
    answer_show_end(c);
    return true;
}

bool cmd_stock_policy_history(call *c, err *e) {
    static const char *const columns[] = {"revision", "action", "known_from", "by", "reason", "entry", "yaml"};
    stock_rule_revision last, r;
    TRY(latest(c, &last, e));
    answer_list(c, columns, ARRAY_LEN(columns));
    for (uint32_t no = 1; no <= last.revision && stock_rule_get(c->t, call_arg(c, 0), no, &r); no++) {
        json *j = answer_row(c);
        revision_cells(c, j, &r);
        cell_id(j, "entry", r.entry);
        cell_text(j, "yaml", r.yaml);
        answer_row_end(c);
    }
    return true;
}
