/* todo — what needs a decision today, for the caller's role and within its scope. Each look_* below finds the things of one
 * room; what a kind is, whose it is and how urgent, is insight's (daemon/insight/todo.h). */
#include "daemon/command/overview.h"

#include "daemon/catalog/agents.h"
#include "daemon/catalog/cell.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/exemption.h"
#include "daemon/catalog/rows.h"
#include "daemon/catalog/settings.h"
#include "daemon/catalog/waiting.h"
#include "daemon/command/cases.h"
#include "daemon/command/cells.h"
#include "daemon/command/period.h"
#include "daemon/command/reports.h"
#include "daemon/command/storage.h"
#include "daemon/journal/proposal.h"
#include "daemon/ledger/credit.h"
#include "daemon/outbox/queue.h"
#include "daemon/rebate/activity_claim.h"
#include "daemon/rebate/redemption.h"
#include "daemon/rebate/statement.h"
#include "daemon/replenish/orders.h"
#include "daemon/store/keys.h"
#include "daemon/trace/claims.h"
#include "daemon/trace/inspections.h"

#define SAME_BIT(a, b) _Static_assert((int)(a) == (int)(b), "insight names the same bits")
SAME_BIT(TODO_ADMIN, ROLE_ADMIN);
SAME_BIT(TODO_CM, ROLE_CHANNEL_MANAGER);
SAME_BIT(TODO_AM, ROLE_ACCOUNT_MANAGER);
SAME_BIT(TODO_FIN, ROLE_FINANCE);
SAME_BIT(TODO_INSP, ROLE_INSPECTOR);
SAME_BIT(TODO_OWNER, ROLE_PARTNER_OWNER);
SAME_BIT(TODO_CLERK, ROLE_PARTNER_CLERK);

enum { HOUR_MS = 3600000 };

typedef struct looker {
    call *c;
    todo *all;
    day_t today;
    uint32_t currency; /* of the amounts that are added */
    uint32_t only;     /* partner, 0: any */
} looker;

static bool wanted(const looker *w, todo_kind k) {
    return todo_is_for(k, w->c->who.role);
}

/* May the caller act for this partner, and is it asked for? */
static bool ours(const looker *w, uint32_t partner_no) {
    err unused;
    return (w->only == 0 || w->only == partner_no) && authz(w->c, "write", partner_no, &unused);
}

static day_t day_of_ms(const looker *w, int64_t ms) {
    return ms ? day_at(ms, w->c->zone_min) : DAY_MAX;
}

static int64_t money(const looker *w, int64_t amount, uint32_t currency) {
    return currency == w->currency ? amount : NUM_NONE;
}

/* ---- four eyes */

static void look_at_approvals(looker *w) {
    call *c = w->c;
    if (!wanted(w, TODO_APPROVAL) || w->only) return;
    for (AUTO(kv_cursor) at = kv_from(c->t, TABLE_PROPOSAL, STR(""), STR_NONE); kv_next(&at);) {
        proposal p;
        err unused;
        if (!proposal_decode(get_be64(at.key.p), at.val, &p) || p.state != PROPOSAL_OPEN) continue;
        if (str_eq(p.by, call_actor(c)) || !(c->who.role == ROLE_ADMIN || p.roles & c->who.role)) continue;
        if (p.kind == KIND_CASE_STEP && !case_may_decide(c, p.body, &unused)) continue;
        todo_add(w->all, TODO_APPROVAL, 1, day_of_ms(w, p.time_ms), DAY_MAX, money(w, p.amount, p.currency));
    }
}

/* ---- diversion */

static todo_kind kind_of_case(const looker *w, const case_head *h, day_t *due) {
    bool partners = by_partner(w->c);
    *due = h->own_due;
    if (partners) {
        *due = h->answer_due;
        return h->state == CASE_NOTIFIED ? TODO_CASE_ANSWER : TODO_KIND_COUNT;
    }
    if (h->state == CASE_ALERT) return TODO_CASE_ALERT;
    if (h->state == CASE_APPEALED || (h->state == CASE_NOTIFIED && h->answer_due < w->today)) return TODO_CASE_VERDICT;
    return h->state == CASE_UPHELD ? TODO_CASE_PENALTY : TODO_KIND_COUNT;
}

static void look_at_cases(looker *w) {
    call *c = w->c;
    for (AUTO(kv_cursor) at = kv_from(c->t, TABLE_CASE, STR(""), STR_NONE); kv_next(&at);) {
        case_head h;
        day_t due;
        if (!case_decode(at.key, at.val, &h) || !case_is_open(h.state)) continue;
        todo_kind k = kind_of_case(w, &h, &due);
        if (k == TODO_KIND_COUNT || !wanted(w, k) || (w->only && h.partner != w->only) || !case_visible(c, &h))
            continue;
        todo_add(w->all, k, 1, day_of_ms(w, h.since_ms ? h.since_ms : h.opened_ms), due, NUM_NONE);
    }
}

static void look_at_reports_of_diversion(looker *w) {
    for (AUTO(kv_cursor) at = kv_from(w->c->t, TABLE_CLAIM, STR(""), STR_NONE);
         wanted(w, TODO_REPORT) && kv_next(&at);) {
        claim x;
        if (!claim_decode(get_be64(at.key.p), at.val, &x) || x.of.n || !ours(w, x.reporter)) continue;
        todo_add(w->all, TODO_REPORT, 1, day_of_ms(w, x.time_ms), DAY_MAX, NUM_NONE);
    }
}

/* An inspector's own; a manager hears of those whose day has passed. */
static void look_at_inspections(looker *w) {
    call *c = w->c;
    for (AUTO(kv_cursor) at = kv_from(c->t, TABLE_INSPECTION, STR(""), STR_NONE);
         wanted(w, TODO_INSPECTION) && w->only == 0 && kv_next(&at);) {
        inspection x;
        if (!inspection_decode(get_be64(at.key.p), at.val, &x) || x.state != INSPECTION_OPEN) continue;
        bool mine = str_eq(x.person, c->who.name), late = x.due < w->today && x.due != DAY_MIN;
        if (!mine && (c->who.role == ROLE_INSPECTOR || !late)) continue;
        if (!mine && c->who.scope.n && !authz_region(c, x.region)) continue;
        todo_add(w->all, TODO_INSPECTION, 1, day_of_ms(w, x.time_ms), x.due == DAY_MIN ? DAY_MAX : x.due, NUM_NONE);
    }
}

static void look_at_exemptions(looker *w) {
    catalog_row row;
    if (!wanted(w, TODO_EXEMPTION)) return;
    AUTO(catalog_walk) at = catalog_rows(w->c->t, CATALOG_EXEMPTION, NULL, 0);
    while (catalog_next(&at, &row)) {
        exemption x;
        partner p;
        entry en;
        if (!str_is(row.cell[EXEMPTION_DECISION], "requested")) continue;
        exemption_read(w->c->t, &row, &x);
        if (!partner_by_id(w->c->t, x.partner, &p) || !ours(w, p.no)) continue;
        day_t since = journal_get(w->c->t, row.entry, &en) ? day_of_ms(w, en.time_ms) : DAY_MAX;
        todo_add(w->all, TODO_EXEMPTION, 1, since, x.from, NUM_NONE);
    }
}

/* ---- orders */

static todo_kind kind_of_order(order_state s, bool partners) {
    switch (s) {
    case ORDER_SUGGESTED: return partners ? TODO_ORDER_CONFIRM : TODO_KIND_COUNT;
    case ORDER_CONFIRMED: return partners ? TODO_KIND_COUNT : TODO_ORDER_APPROVE;
    case ORDER_APPROVED: return partners ? TODO_KIND_COUNT : TODO_ORDER_EXPORT;
    case ORDER_SHIPPED: return partners ? TODO_ORDER_RECEIVE : TODO_KIND_COUNT;
    default: return TODO_KIND_COUNT;
    }
}

static int64_t since_of_order(const order *o) {
    if (o->state == ORDER_APPROVED && o->approved_ms) return o->approved_ms;
    return o->state != ORDER_SUGGESTED && o->placed_ms ? o->placed_ms : o->made_ms;
}

static void look_at_orders(looker *w) {
    bool partners = by_partner(w->c), pays = w->c->who.role != ROLE_PARTNER_CLERK;
    for (AUTO(kv_cursor) at = kv_from(w->c->t, TABLE_ORDER, STR(""), STR_NONE); kv_next(&at);) {
        order o;
        if (!order_decode(at.key, at.val, &o)) continue;
        todo_kind k = kind_of_order(o.state, partners);
        if (k == TODO_KIND_COUNT || !wanted(w, k) || !ours(w, o.partner)) continue;
        int64_t amount = o.amount != NUM_NONE && o.amount ? o.amount : order_amount(w->c->t, &o);
        todo_add(w->all, k, 1, day_of_ms(w, since_of_order(&o)), DAY_MAX,
                 pays ? money(w, amount, o.currency) : NUM_NONE);
    }
}

/* ---- rebates */

static todo_kind kind_of_line(line_state s) {
    switch (s) {
    case LINE_DRAFT: return TODO_STATEMENT_REVIEW;
    case LINE_SENT: return TODO_STATEMENT_CONFIRM;
    case LINE_DISPUTED: return TODO_STATEMENT_DISPUTE;
    case LINE_CONFIRMED: return TODO_STATEMENT_APPROVE;
    case LINE_APPROVED: return TODO_STATEMENT_PAY;
    default: return TODO_KIND_COUNT;
    }
}

static void look_at_statement(looker *w, const statement *s, day_t confirm_days) {
    statement_line l;
    for (AUTO(kv_cursor) at = statement_lines(w->c->t, s->number); kv_next(&at);) {
        if (!statement_line_decode(at.key, at.val, s, &l)) continue;
        todo_kind k = kind_of_line(l.state);
        day_t since = day_of_ms(w, l.since_ms);
        if (k == TODO_KIND_COUNT || !wanted(w, k)) continue;
        if (k == TODO_STATEMENT_PAY && str_eq(l.by, call_actor(w->c))) continue; /* who approved it cannot pay it */
        day_t due = k == TODO_STATEMENT_CONFIRM && confirm_days ? since + confirm_days : DAY_MAX;
        todo_add(w->all, k, 1, since, due, money(w, l.amount, s->currency));
    }
}

static void look_at_statements(looker *w) {
    day_t confirm_days = (day_t)setting_number(w->c->t, SETTING_CONFIRM_DAYS);
    bool any = false;
    for (todo_kind k = TODO_STATEMENT_REVIEW; k <= TODO_STATEMENT_PAY; k++) any = any || wanted(w, k);
    for (AUTO(kv_cursor) at = kv_from(w->c->t, TABLE_STATEMENT, STR(""), STR_NONE); any && kv_next(&at);) {
        statement s;
        if (statement_decode(at.key, at.val, &s) && ours(w, s.partner)) look_at_statement(w, &s, confirm_days);
    }
}

static void look_at_payouts(looker *w) {
    bool any = wanted(w, TODO_PAYOUT_CONFIRM) || wanted(w, TODO_PAYOUT_EXPORT);
    for (AUTO(kv_cursor) at = kv_from(w->c->t, TABLE_PAYOUT, STR(""), STR_NONE); any && kv_next(&at);) {
        redemption r;
        if (!redemption_decode(at.key, at.val, &r)) continue;
        bool asks = r.form == PAYOUT_CREDIT_NOTE || r.form == PAYOUT_EXPENSE;
        todo_kind k = TODO_KIND_COUNT;
        if (r.state == REDEMPTION_REQUESTED && asks) k = TODO_PAYOUT_CONFIRM;
        else if (r.batch == 0 && (r.state == REDEMPTION_CONFIRMED || (r.state == REDEMPTION_REQUESTED && !asks)))
            k = TODO_PAYOUT_EXPORT;
        if (k == TODO_KIND_COUNT || !wanted(w, k) || !ours(w, r.partner)) continue;
        todo_add(w->all, k, 1, day_of_ms(w, r.time_ms), DAY_MAX, money(w, r.amount, r.currency));
    }
}

static void look_at_activities(looker *w) {
    activity_claim *all;
    if (!wanted(w, TODO_ACTIVITY)) return;
    size_t n = activity_claims(w->c->t, w->only, w->c->a, &all);
    for (size_t i = 0; i < n; i++)
        if (all[i].state == ACTIVITY_FILED && ours(w, all[i].partner))
            todo_add(w->all, TODO_ACTIVITY, 1, day_of_ms(w, all[i].time_ms), DAY_MAX, all[i].amount);
}

static void look_at_credits(looker *w) {
    catalog_row row;
    int64_t oldest_ms = w->c->now_ms - setting_number(w->c->t, SETTING_CREDIT_HOURS) * HOUR_MS;
    if (!wanted(w, TODO_CREDIT)) return;
    AUTO(catalog_walk) at = catalog_rows(w->c->t, CATALOG_CREDIT, NULL, 0);
    while (catalog_next(&at, &row)) {
        partner p;
        int64_t as_of_ms;
        if (!time_parse(row.cell[CREDIT_AS_OF], w->c->zone_min, &as_of_ms) || as_of_ms >= oldest_ms) continue;
        if (!partner_by_id(w->c->t, row.cell[CREDIT_PARTNER], &p) || p.ended || !ours(w, p.no)) continue;
        todo_add(w->all, TODO_CREDIT, 1, day_of_ms(w, as_of_ms), DAY_MAX, NUM_NONE);
    }
}

/* ---- data */

/* Groups of (reason, word, partner) whose lines are in no figure yet. */
static void look_at_quarantine(looker *w) {
    static const waiting_reason unposted[] = {WAIT_PRODUCT, WAIT_UNIT, WAIT_PARTNER, WAIT_PLACE, WAIT_DATE, WAIT_OTHER};
    AUTO(buf) last = {0};
    for (size_t i = 0; wanted(w, TODO_QUARANTINE) && i < ARRAY_LEN(unposted); i++) {
        uint8_t prefix = (uint8_t)unposted[i];
        for (AUTO(kv_cursor) at = kv_from(w->c->t, TABLE_WAITING, str_from(&prefix, 1), STR_NONE); kv_next(&at);) {
            str group = str_take(at.key, at.key.n - 8); /* all but the document */
            reader r = reader_of(at.key);
            (void)read_byte(&r);
            (void)read_textz(&r);
            uint32_t partner_no = read_be32(&r);
            if (r.bad || read_be64(&r) == 0 || str_eq(group, buf_str(&last)) || !ours(w, partner_no)) continue;
            buf_clear(&last);
            buf_add(&last, group);
            todo_add(w->all, TODO_QUARANTINE, 1, DAY_MAX, DAY_MAX, NUM_NONE);
        }
    }
}

static bool count_overdue(void *arg, const report_status *s) {
    looker *w = arg;
    if (s->state == REPORT_MISSING && !s->history) todo_add(w->all, TODO_DUTY, 1, s->due, s->due, NUM_NONE);
    return true;
}

/* Of this fiscal month and the two before it, as `report status` shows them. */
static void look_at_duties(looker *w) {
    fiscal_calendar calendar;
    if (!wanted(w, TODO_DUTY)) return;
    report_asker q = report_asker_of(w->c, &calendar);
    day_t from = fiscal_month_first(&calendar, fiscal_month_of(&calendar, w->today) - 2);
    for (uint32_t no = 0; (no = report_partner_next(w->c->t, no)) != 0;)
        if (ours(w, no)) report_each(&q, no, DOC_TYPE_COUNT, from, w->today, count_overdue, w);
}

static void look_at_agents(looker *w) {
    call *c = w->c;
    int64_t late_ms = c->facts ? (int64_t)c->facts->late_ms : INT64_MAX;
    for (AUTO(kv_cursor) at = kv_from(c->t, TABLE_AGENT, STR(""), STR_NONE);
         wanted(w, TODO_AGENT_HELD) && kv_next(&at);) {
        agent a;
        contact seen = {.heard_ms = 0};
        if (!agent_decode(at.key, at.val, &a) || !ours(w, a.partner)) continue;
        (void)contact_get(c->t, a.id, &seen);
        int64_t heard_ms = seen.heard_ms > a.enrolled_ms ? seen.heard_ms : a.enrolled_ms;
        if (a.state == AGENT_HELD) todo_add(w->all, TODO_AGENT_HELD, 1, day_of_ms(w, heard_ms), DAY_MAX, NUM_NONE);
        else if (a.state == AGENT_ACTIVE && c->now_ms - heard_ms > late_ms)
            todo_add(w->all, TODO_AGENT_SILENT, 1, day_of_ms(w, heard_ms), DAY_MAX, NUM_NONE);
    }
}

static void look_at_hooks(looker *w) {
    if (!wanted(w, TODO_HOOK) || w->only) return;
    for (AUTO(kv_cursor) at = kv_from(w->c->t, TABLE_HOOK, STR(""), STR_NONE); kv_next(&at);) {
        hook h;
        hook_state s;
        if (!hook_decode(at.key, at.val, &h)) continue;
        hook_state_get(w->c->t, h.no, &s);
        if (s.dead) todo_add(w->all, TODO_HOOK, s.dead, DAY_MAX, DAY_MAX, NUM_NONE);
    }
}

static void look_at_uploads(looker *w) {
    size_t held = wanted(w, TODO_UPLOAD_HELD) && w->only == 0 ? storage_held(w->c->data_dir) : 0;
    if (held) todo_add(w->all, TODO_UPLOAD_HELD, held, DAY_MAX, DAY_MAX, NUM_NONE);
}

/* ---- the list */

static void put_day_or_none(json *j, const char *name, day_t day) {
    if (day == DAY_MAX) cell_text(j, name, STR(""));
    else
        put_day_cell(j, name, day);
}

static void put_row(looker *w, const todo_row *r) {
    const todo_fact *f = &todo_facts[r->kind];
    json *j = answer_row(w->c);
    cell_text(j, "kind", str_of(f->name));
    cell_text(j, "what", str_of(call_flag(w->c, "zh") ? f->zh : f->en));
    cell_count(j, "count", r->count);
    cell_text(j, "urgency", str_of(todo_urgency(r, w->today)));
    put_day_or_none(j, "oldest", r->oldest);
    put_day_or_none(j, "due", r->due);
    cell_amount(j, r->amount, w->currency, "amount", "currency");
    cell_text(j, "where", str_of(f->command));
    answer_row_end(w->c);
}

void todo_look(call *c, uint32_t only, todo *out) {
    static void (*const looks[])(looker * w) = {look_at_approvals,   look_at_cases,      look_at_reports_of_diversion,
                                                look_at_inspections, look_at_exemptions, look_at_orders,
                                                look_at_statements,  look_at_payouts,    look_at_activities,
                                                look_at_credits,     look_at_quarantine, look_at_duties,
                                                look_at_agents,      look_at_hooks,      look_at_uploads};
    looker w = {.c = c,
                .all = out,
                .today = day_at(c->now_ms, c->zone_min),
                .currency = (uint32_t)setting_number(c->t, SETTING_CURRENCY),
                .only = only};
    todo_init(out);
    for (size_t i = 0; i < ARRAY_LEN(looks); i++) looks[i](&w);
}

bool cmd_todo(call *c, err *e) {
    static const char *const columns[] = {"kind", "what",   "count",    "urgency", "oldest",
                                          "due",  "amount", "currency", "where"};
    const todo_row *row[TODO_KIND_COUNT];
    uint32_t only;
    todo all;
    TRY(option_partner(c, &only, e));
    if (only) TRY(authz(c, "read", only, e));
    todo_look(c, only, &all);
    looker w = {
        .c = c, .today = day_at(c->now_ms, c->zone_min), .currency = (uint32_t)setting_number(c->t, SETTING_CURRENCY)};
    answer_list(c, columns, ARRAY_LEN(columns));
    size_t n = todo_sorted(&all, row);
    for (size_t i = 0; i < n; i++) put_row(&w, row[i]);
    return txn_ok(c->t, e);
}
