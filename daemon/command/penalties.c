/* Commands about the penalty schedule: penalty apply, list, show. */
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/trace/penalty.h"
#include "proto/journal.pb-c.h"
#include "proto/limits.h"

#include <inttypes.h>

bool cmd_penalty_apply(call *c, err *e) {
    AUTO(penalty_schedule) p = {.offences = 0};
    penalty_revision last = {.revision = 0};
    attachment file = call_file(c, 0);
    str reason = call_option(c, "reason");
    Entry__PenaltySchedule m = ENTRY__PENALTY_SCHEDULE__INIT;
    TRY(authz(c, "write", 0, e));
    if (reason.n > LIMIT_TEXT) return err_set(e, ERR_USAGE, "--reason: at most %d bytes", LIMIT_TEXT);
    if (file.bytes.n > PENALTY_BYTES || memchr(file.bytes.p, 0, file.bytes.n))
        return err_set(e, ERR_DATA, "%.*s: a schedule is text of at most %d bytes", STR_ARG(file.name), PENALTY_BYTES);
    TRY(penalty_parse(file.bytes, &p, e) || err_wrap(e, "%.*s", STR_ARG(str_take(file.name, LIMIT_FILE_NAME))));
    bool known = penalty_latest(c->t, &last);
    if (known && str_eq(last.yaml, file.bytes)) {
        answer_message(c, "penalty schedule, revision %u: unchanged", (unsigned)last.revision);
        return true;
    }
    m.revision = last.revision + 1;
    m.yaml = (char *)(uintptr_t)arena_str(c->a, file.bytes).p;
    m.reason = (char *)(uintptr_t)(reason.n ? arena_str(c->a, reason).p : "");
    TRY(command_append(c, KIND_PENALTY, &m.base, e));
    answer_message(c, "penalty schedule, revision %u: %zu offences", (unsigned)m.revision, p.offences);
    return true;
}

static bool put_revision(call *c, json *j, const penalty_revision *r, err *e) {
    AUTO(penalty_schedule) p = {.offences = 0};
    TRY(penalty_parse(r->yaml, &p, e));
    cell_count(j, "revision", r->revision);
    cell_text(j, "name", p.name);
    cell_time(j, "known_from", r->time_ms, c->zone_min);
    cell_text(j, "by", r->by);
    cell_text(j, "reason", r->reason);
    if (p.from == DAY_MIN) cell_text(j, "valid_from", STR_NONE);
    else
        put_day_cell(j, "valid_from", p.from);
    if (p.to == DAY_MAX) cell_text(j, "valid_to", STR_NONE);
    else
        put_day_cell(j, "valid_to", p.to);
    cell_text(j, "clause", p.clause);
    cell_count(j, "window_months", p.window_months);
    cell_count(j, "offences", p.offences);
    return true;
}

bool cmd_penalty_list(call *c, err *e) {
    static const char *const columns[] = {"revision", "name",   "known_from",    "by",      "reason", "valid_from",
                                          "valid_to", "clause", "window_months", "offences"};
    penalty_revision r = {.revision = 0};
    answer_list(c, columns, ARRAY_LEN(columns));
    (void)penalty_latest(c->t, &r);
    for (uint32_t last = r.revision, n = 1; n <= last && penalty_get(c->t, n, &r) && !answer_failed(c); n++) {
        TRY(put_revision(c, answer_row(c), &r, e));
        answer_row_end(c);
    }
    return txn_ok(c->t, e);
}

bool cmd_penalty_show(call *c, err *e) {
    penalty_revision r;
    int64_t wanted;
    str revision = call_option(c, "revision");
    bool found = penalty_latest(c->t, &r);
    if (revision.p) {
        bool number = dec_parse(revision, 0, &wanted, NULL) && wanted > 0 && wanted <= UINT32_MAX;
        found = number && penalty_get(c->t, (uint32_t)wanted, &r);
    }
    if (!found) return err_set(e, ERR_NOT_FOUND, "no such penalty schedule (penalty list)");
    json *j = answer_show(c);
    TRY(put_revision(c, j, &r, e));
    cell_id(j, "entry", r.entry);
    cell_text(j, "yaml", r.yaml);
    answer_show_end(c);
    return true;
}
