#include "daemon/command/approvals.h"

#include "daemon/catalog/partner.h"
#include "daemon/catalog/users.h"
#include "daemon/command/cases.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/journal/proposal.h"
#include "daemon/store/keys.h"
#include "proto/frame.h"
#include "proto/journal.pb-c.h"
#include "proto/limits.h"

#include <inttypes.h>

/* "admin, finance" */
static void put_roles(buf *out, uint32_t roles) {
    buf_addz(out, user_roles[0]);
    for (size_t i = 1; i < user_role_count; i++)
        if (roles & 1U << i) buf_printf(out, ", %s", user_roles[i]);
}

static char *z(const char *s) {
    return (char *)(uintptr_t)s;
}

bool command_propose(call *c, entry_kind kind, const ProtobufCMessage *body, const stake *s, err *e) {
    AUTO(buf) packed = {0};
    AUTO(buf) who = {0};
    char code[4] = "";
    apply_result r = {.a = c->a};
    message_pack(&packed, body);
    Entry__Proposal m = ENTRY__PROPOSAL__INIT;
    m.kind = kind;
    m.body = (ProtobufCBinaryData){packed.n, (uint8_t *)packed.p};
    m.what = z(s->what);
    m.subject = z(s->subject);
    if (s->amount != NUM_NONE) m.amount = s->amount, m.currency = z(currency_text(s->currency, code).p);
    m.roles = s->roles;
    command_entry what = {KIND_PROPOSAL, c->now_ms, call_actor(c), &m.base};
    TRY(journal_append(c->t, &what, &r, NULL, e));
    put_roles(&who, s->roles);
    answer_message(c, "proposal %" PRIu64 " waits for another person (%.*s): channelctl approval approve %" PRIu64,
                   r.number, STR_ARG(buf_str(&who)), r.number);
    return true;
}

static bool number_arg(call *c, uint64_t *out, err *e) {
    int64_t n;
    bool exact;
    str s = call_arg(c, 0);
    if (!dec_parse(s, 0, &n, &exact) || !exact || n < 1)
        return err_set(e, ERR_USAGE, "'%.*s' is no number of a proposal (approval list shows them)",
                       STR_ARG(str_take(s, 40)));
    *out = (uint64_t)n;
    return true;
}

static void put_proposal(call *c, json *j, const proposal *p) {
    AUTO(buf) who = {0};
    put_roles(&who, p->roles);
    cell_id(j, "id", p->number);
    cell_text(j, "state", str_of(proposal_state_name(p->state)));
    cell_time(j, "time", p->time_ms, c->zone_min);
    cell_text(j, "by", p->by);
    cell_text(j, "kind", str_of(entry_kind_name(p->kind)));
    cell_text(j, "subject", p->subject);
    cell_text(j, "what", p->what);
    cell_amount(j, p->amount, p->currency, "amount", "currency");
    cell_text(j, "may_approve", buf_str(&who));
    cell_text(j, "decided_by", p->decided_by);
    cell_text(j, "why", p->why);
}

/* Finance sees all; others what they may decide themselves or proposed. */
static bool may_see(const call *c, const proposal *p) {
    return c->who.role == ROLE_ADMIN || c->who.role & (ROLE_FINANCE | ROLE_AUDITOR) || p->roles & c->who.role ||
           str_eq(p->by, call_actor(c));
}

bool cmd_approval_list(call *c, err *e) {
    static const char *const columns[] = {"id",   "state",  "time",     "by",          "kind",       "subject",
                                          "what", "amount", "currency", "may_approve", "decided_by", "why"};
    bool all = call_flag(c, "all");
    (void)e;
    answer_list(c, columns, ARRAY_LEN(columns));
    for (AUTO(kv_cursor) w = kv_back(c->t, TABLE_PROPOSAL, STR(""), STR_NONE); !answer_failed(c) && kv_next(&w);) {
        proposal p;
        if (!proposal_decode(get_be64(w.key.p), w.val, &p) || !may_see(c, &p)) continue;
        if (!all && p.state != PROPOSAL_OPEN) continue;
        put_proposal(c, answer_row(c), &p);
        answer_row_end(c);
    }
    return true;
}

static bool decide(call *c, bool approve, err *e) {
    Entry__Decision m = ENTRY__DECISION__INIT;
    str reason = call_option(c, "reason");
    uint64_t number = 0;
    proposal p;
    TRY(number_arg(c, &number, e));
    if (!proposal_get(c->t, number, &p) || !may_see(c, &p))
        return err_set(e, ERR_NOT_FOUND, "no proposal %" PRIu64 " (approval list)", number);
    if (c->who.role != ROLE_ADMIN && !(p.roles & c->who.role) && (approve || !str_eq(p.by, call_actor(c)))) {
        AUTO(buf) who = {0};
        put_roles(&who, p.roles);
        return err_set(e, ERR_DENIED, "proposal %" PRIu64 ": %.*s may decide it, not '%.*s'", number,
                       STR_ARG(buf_str(&who)), STR_ARG(c->who.name));
    }
    if (reason.n > LIMIT_TEXT) return err_set(e, ERR_USAGE, "--reason: at most %d bytes", LIMIT_TEXT);
    if (approve && p.kind == KIND_CASE_STEP) TRY(case_may_decide(c, p.body, e));
    m.proposal = number;
    m.approve = approve;
    m.reason = z(arena_str(c->a, reason).p);
    TRY(command_append(c, KIND_DECISION, &m.base, e));
    answer_message(c, "proposal %" PRIu64 " %s", number, approve ? "approved and done" : "refused");
    return true;
}

bool cmd_approval_approve(call *c, err *e) {
    return decide(c, true, e);
}

bool cmd_approval_refuse(call *c, err *e) {
    return decide(c, false, e);
}
