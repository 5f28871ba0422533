#include "daemon/command/hook_events.h"

#include "base/map.h"
#include "daemon/catalog/catalog.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/onboarding.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/rows.h"
#include "daemon/catalog/settings.h"
#include "daemon/command/call.h"
#include "daemon/command/cells.h"
#include "daemon/journal/proposal.h"
#include "daemon/ledger/uploads.h"
#include "daemon/rebate/redemption.h"
#include "daemon/rebate/statement.h"
#include "daemon/replenish/orders.h"
#include "daemon/trace/cases.h"
#include "daemon/trace/claims.h"
#include "daemon/trace/inspections.h"
#include "proto/frame.h"
#include "proto/kinds.h"

#include <inttypes.h>

enum { BODY_BYTES = 64 * 1024 * 1024, LOOK_BACK = 64 };

static const struct type_fact {
    const char *name, *path;
    bool house;
    const char *zh, *en;
} types[EVENT_TYPE_COUNT] = {
#define X(event, name, path, house, zh, en) [event] = {name, path, house, zh, en},
    EVENT_TYPES(X)
#undef X
};

const char *event_name(event_type type) {
    return types[type].name;
}

bool event_list_ok(str list, err *e) {
    str piece;
    while (str_split(&list, ',', &piece)) {
        hook probe = {.events = piece};
        bool known = false;
        for (event_type i = 0; i < EVENT_TEST && !known; i++) known = hook_wants(&probe, str_of(types[i].name));
        if (!known)
            return err_set(e, ERR_USAGE,
                           "--events: '%.*s' is no event (hook events lists them; case.* and * stand for many)",
                           STR_ARG(str_take(piece, 60)));
    }
    return true;
}

/* ---- making them */

typedef struct maker {
    txn *t;
    arena *a;
    const entry *en;
    const void *body;
    int zone_min;
    bool shadow;
    hook_event *list;
    size_t n, cap;
    uint32_t part;
    buf data;
    json j;
} maker;

static json *begin(maker *m) {
    buf_clear(&m->data);
    m->j = json_into(&m->data);
    json_open_object(&m->j);
    return &m->j;
}

/* Whom nothing is sent to, of days before it went live or in shadow, nothing is said of either. */
static void end_of_day(maker *m, event_type type, str subject, uint32_t partner_no, day_t day) {
    uint32_t part = m->part++;
    onboarding o = {.shadow = m->shadow, .live = DAY_MIN};
    json_end_object(&m->j);
    if (partner_no) onboarding_at(m->t, partner_no, m->en->seq, m->shadow, &o);
    if (m->shadow || o.shadow || day < o.live) return;
    m->list = arena_grown(m->a, m->list, m->n, &m->cap, sizeof *m->list);
    m->list[m->n++] = (hook_event){.type = type,
                                   .partner = partner_no,
                                   .part = part,
                                   .subject = arena_str(m->a, subject),
                                   .data = arena_str(m->a, buf_str(&m->data))};
}

static void end(maker *m, event_type type, str subject, uint32_t partner_no) {
    end_of_day(m, type, subject, partner_no, day_at(m->en->time_ms, m->zone_min));
}

static str number_text(maker *m, uint64_t number) {
    AUTO(buf) b = {0};
    if (number) buf_printf(&b, "%" PRIu64, number);
    return arena_str(m->a, buf_str(&b));
}

/* ---- cases */

static void of_signals(maker *m) {
    const Entry__Signals *s = m->body;
    size_t fresh = 0;
    for (size_t i = 0; i < s->n_found; i++) {
        case_head h;
        if (!case_get(m->t, str_of(s->found[i]->id), &h) || h.opened != m->en->seq) continue;
        json *j = begin(m);
        cell_text(j, "case", h.id);
        cell_text(j, "state", STR("alert"));
        end(m, EVENT_CASE_ALERT, h.id, 0);
        fresh++;
    }
    if (s->n_signal == 0) return;
    json *j = begin(m);
    cell_count(j, "signals", s->n_signal);
    cell_count(j, "cases", fresh);
    end(m, EVENT_SIGNAL, number_text(m, s->n_signal), 0);
}

static const event_type of_act[CASE_ACT_END] = {
    [DO_NOTIFY] = EVENT_CASE_NOTIFIED,        [DO_APPEAL] = EVENT_CASE_APPEALED, [DO_UPHOLD] = EVENT_CASE_VERDICT,
    [DO_DISMISS] = EVENT_CASE_VERDICT,        [DO_COVER] = EVENT_CASE_VERDICT,   [DO_PENALISE] = EVENT_CASE_PENALISED,
    [DO_COMPENSATE] = EVENT_CASE_COMPENSATED, [DO_CLOSE] = EVENT_CASE_CLOSED,    [DO_REOPEN] = EVENT_CASE_REOPENED,
    [DO_RELEASE] = EVENT_CASE_OVERDUE,
};

static void of_case_step(maker *m) {
    const Entry__CaseStep *s = m->body;
    case_head h;
    event_type type = s->act < CASE_ACT_END ? of_act[s->act] : EVENT_CASE_ALERT;
    if (type == EVENT_CASE_ALERT || !case_get(m->t, str_of(s->id), &h)) return;
    json *j = begin(m);
    cell_text(j, "case", h.id);
    cell_text(j, "act", str_of(case_act_name((case_act)s->act)));
    cell_text(j, "state", str_of(case_state_name(h.state)));
    if (!h.released) {
        end(m, type, h.id, 0);
        return;
    }
    cell_text(j, "partner", partner_id(m->t, h.partner));
    if (h.penalty) cell_amount(j, h.penalty, h.currency, "penalty", "currency");
    end_of_day(m, type, h.id, h.partner, day_at(h.first_event, m->zone_min));
}

/* The number of what an entry made: one of the last of its table. */
typedef uint64_t (*entry_of)(uint64_t number, str val);
static uint64_t made_by(maker *m, kv_table table, entry_of of) {
    size_t looked = 0;
    uint64_t number = 0;
    for (AUTO(kv_cursor) c = kv_back(m->t, table, STR(""), STR_NONE); !number && looked++ < LOOK_BACK && kv_next(&c);)
        if (c.key.n == 8 && of(get_be64(c.key.p), c.val) == m->en->seq) number = get_be64(c.key.p);
    return number;
}

static uint64_t claim_entry(uint64_t number, str val) {
    claim c;
    return claim_decode(number, val, &c) ? c.entry : 0;
}

/* The reporter stays hidden, and whom it accuses. */
static void of_claim(maker *m) {
    const Entry__Claim *c = m->body;
    uint64_t number = made_by(m, TABLE_CLAIM, claim_entry);
    json *j = begin(m);
    cell_id(j, "report", number);
    cell_text(j, "sku", str_of(c->sku));
    end(m, EVENT_REPORT, number_text(m, number), 0);
}

static uint64_t inspection_entry(uint64_t number, str val) {
    inspection x;
    return inspection_decode(number, val, &x) ? x.entry : 0;
}

static void of_inspection(maker *m) {
    const Entry__Inspection *x = m->body;
    uint64_t number = x->number ? x->number : made_by(m, TABLE_INSPECTION, inspection_entry);
    json *j = begin(m);
    cell_id(j, "inspection", number);
    cell_text(j, "state", str_of(inspection_state_name((inspection_state)x->act)));
    if (x->person[0]) cell_text(j, "person", str_of(x->person));
    end(m, x->act == INSPECTION_OPEN ? EVENT_INSPECTION_OPENED : EVENT_INSPECTION_DONE, number_text(m, number), 0);
}

/* A file of them is one event; a single one says whose it is. */
static void of_catalog(maker *m) {
    const Entry__Catalog *c = m->body;
    str cells[CATALOG_COLUMNS_MAX] = {{0}};
    partner p = {.no = 0};
    if (strcmp(c->table, catalog_tables[CATALOG_EXEMPTION].name) != 0 || c->n_row == 0 || c->remove) return;
    if (!catalog_cells_get(str_from(c->row[0].data, c->row[0].len), CATALOG_EXEMPTION, cells)) return;
    str decision = cells[EXEMPTION_DECISION];
    event_type type = str_is(decision, "requested") ? EVENT_EXEMPTION_REQUESTED
                      : str_is(decision, "refused") ? EVENT_EXEMPTION_REFUSED
                                                    : EVENT_EXEMPTION_GRANTED;
    json *j = begin(m);
    cell_count(j, "rows", c->n_row);
    if (c->n_row == 1 && partner_by_id(m->t, cells[EXEMPTION_PARTNER], &p)) {
        cell_text(j, "partner", cells[EXEMPTION_PARTNER]);
        cell_text(j, "region", cells[EXEMPTION_REGION]);
        cell_text(j, "reference", cells[EXEMPTION_REFERENCE]);
    }
    end(m, type, number_text(m, c->n_row), p.no);
}

/* ---- rebates */

static void of_policy(maker *m) {
    const Entry__Policy *p = m->body;
    json *j = begin(m);
    cell_text(j, "policy", str_of(p->name));
    cell_count(j, "revision", p->revision);
    end(m, EVENT_POLICY, str_of(p->name), 0);
}

static void of_period(maker *m) {
    const Entry__Period *p = m->body;
    cell_text(begin(m), "period", str_of(p->period));
    end(m, p->close ? EVENT_PERIOD_CLOSED : EVENT_PERIOD_REOPENED, str_of(p->period), 0);
}

static void of_settlement(maker *m) {
    const Entry__Settlement *s = m->body;
    json *j = begin(m);
    cell_text(j, "period", str_of(s->period));
    json_key(j, "interim"), json_bool(j, s->interim);
    end(m, EVENT_STATEMENT_DRAFTED, str_of(s->period), 0);
}

static void of_step(maker *m) {
    static const event_type of[STATEMENT_ACT_END] = {
        [ACT_REVIEW] = EVENT_STATEMENT_SENT,        [ACT_CONFIRM] = EVENT_STATEMENT_CONFIRMED,
        [ACT_LAPSE] = EVENT_STATEMENT_CONFIRMED,    [ACT_DISPUTE] = EVENT_STATEMENT_DISPUTED,
        [ACT_REJECT] = EVENT_STATEMENT_ANSWERED,    [ACT_ACCEPT] = EVENT_STATEMENT_ANSWERED,
        [ACT_WITHDRAW] = EVENT_STATEMENT_WITHDRAWN, [ACT_PAY] = EVENT_STATEMENT_PAID,
        [ACT_APPROVE] = EVENT_STATEMENT_APPROVED,
    };
    const Entry__Step *s = m->body;
    statement of_no;
    for (size_t i = 0; i < s->n_statement && s->act < STATEMENT_ACT_END; i++) {
        if (!statement_get(m->t, s->statement[i], &of_no)) continue;
        json *j = begin(m);
        cell_id(j, "statement", of_no.number);
        cell_text(j, "partner", partner_id(m->t, of_no.partner));
        cell_text(j, "company", of_no.company);
        cell_text(j, "period", of_no.period);
        cell_text(j, "act", str_of(statement_act_name((statement_act)s->act)));
        end(m, of[s->act], number_text(m, of_no.number), of_no.partner);
    }
}

static void put_payout(maker *m, event_type type, uint64_t number) {
    redemption r;
    if (!redemption_get(m->t, number, &r)) return;
    json *j = begin(m);
    cell_id(j, "payout", number);
    cell_text(j, "partner", partner_id(m->t, r.partner));
    cell_text(j, "company", r.company);
    cell_text(j, "state", str_of(redemption_state_name(r.state)));
    cell_amount(j, r.amount, r.currency, "amount", "currency");
    end(m, type, number_text(m, number), r.partner);
}

static void of_payout(maker *m) {
    size_t looked = 0;
    uint64_t number = 0;
    for (AUTO(kv_cursor) c = kv_back(m->t, TABLE_PAYOUT_NO, STR(""), STR_NONE);
         !number && looked++ < LOOK_BACK && kv_next(&c);) {
        redemption r;
        reader life;
        line_event first;
        if (c.key.n != 8 || !redemption_get(m->t, get_be64(c.key.p), &r)) continue;
        life = reader_of(r.life); /* `entry` is of the last act: a request is known by its time */
        bool any = line_life_next(&life, &first);
        if (r.entry == m->en->seq || (any && first.time_ms == m->en->time_ms)) number = r.number;
    }
    put_payout(m, EVENT_PAYOUT_REQUESTED, number);
}

static void of_payout_step(maker *m) {
    static const event_type of[REDEEM_END] = {[REDEEM_CONFIRM] = EVENT_PAYOUT_CONFIRMED,
                                              [REDEEM_ISSUE] = EVENT_PAYOUT_ISSUED,
                                              [REDEEM_REFUSE] = EVENT_PAYOUT_REFUSED,
                                              [REDEEM_VOID] = EVENT_PAYOUT_VOIDED};
    const Entry__PayoutStep *s = m->body;
    if (s->act >= REDEEM_END || of[s->act] == EVENT_CASE_ALERT) return; /* handing over is no news */
    for (size_t i = 0; i < s->n_payout; i++) put_payout(m, of[s->act], s->payout[i]);
}

/* ---- orders */

static void put_order_line(maker *m, const order *o, const order_line *l) {
    json *j = &m->j;
    char letters[4];
    unsigned scale = currency_scale(currency_text(o->currency, letters));
    json_open_object(j);
    cell_text(j, "sku", product_sku(m->t, l->product));
    cell_quantity(j, "quantity", l->quantity);
    json_key(j, "price"), json_dec(j, l->price, MICRO_SCALE, 2);
    json_key(j, "amount"), json_dec(j, order_line_amount(l, l->quantity, o->currency), scale, scale);
    cell_quantity(j, "shipped", l->shipped);
    cell_quantity(j, "received", l->received);
    cell_quantity(j, "damaged", l->damaged);
    if (l->instead) cell_text(j, "instead_of", product_sku(m->t, l->instead));
    if (l->offered) cell_quantity(j, "offered", l->offered);
    json_end_object(j);
}

/* All that an ERP needs to book it. */
static void put_order(maker *m, event_type type, uint64_t number, const order_event *x) {
    order o;
    char letters[4];
    if (!order_get(m->t, number, &o)) return;
    json *j = begin(m);
    unsigned scale = currency_scale(currency_text(o.currency, letters));
    cell_id(j, "order", number);
    cell_text(j, "partner", partner_id(m->t, o.partner));
    cell_text(j, "company", o.company);
    cell_text(j, "state", str_of(order_state_name(x ? x->to : o.state)));
    cell_text(j, "source", o.source.n ? o.source : STR("suggestion"));
    cell_text(j, "reference", o.reference);
    cell_text(j, "deliver_to", o.deliver_to);
    cell_text(j, "erp_number", o.erp);
    cell_text(j, "number", x ? x->document : STR(""));
    cell_text(j, "reason", x ? x->reason : STR(""));
    cell_text(j, "currency", currency_text(o.currency, letters));
    json_key(j, "wallet"), json_dec(j, o.wallet_used, scale, scale);
    json_key(j, "lines");
    json_open_array(j);
    for (AUTO(kv_cursor) c = order_lines(m->t, number); kv_next(&c);) {
        order_line l;
        if (order_line_decode(c.key, c.val, &l)) put_order_line(m, &o, &l);
    }
    json_end_array(j);
    end(m, type, number_text(m, number), o.partner);
}

/* What an entry did to an order; false: nothing. */
static bool order_event_of(maker *m, uint64_t number, order_event *out) {
    for (AUTO(kv_cursor) c = order_events(m->t, number); kv_next(&c);)
        if (order_event_decode(c.val, out) && out->entry == m->en->seq) return true;
    return false;
}

/* The order that an entry made. */
static uint64_t order_made(maker *m, order_event *out) {
    size_t looked = 0;
    uint64_t number = 0;
    for (AUTO(kv_cursor) c = kv_back(m->t, TABLE_ORDER_NO, STR(""), STR_NONE);
         !number && looked++ < LOOK_BACK && kv_next(&c);)
        if (c.key.n == 8 && order_event_of(m, get_be64(c.key.p), out)) number = get_be64(c.key.p);
    return number;
}

static void of_order(maker *m) {
    order_event x;
    uint64_t number = order_made(m, &x);
    if (number) put_order(m, EVENT_ORDER_CONFIRMED, number, &x);
}

static void of_order_step(maker *m) {
    static const event_type of[ORDER_ACT_END] = {
        [ORDER_DO_CONFIRM] = EVENT_ORDER_CONFIRMED, [ORDER_DO_CHANGE] = EVENT_ORDER_CHANGED,
        [ORDER_DO_REFUSE] = EVENT_ORDER_REFUSED,    [ORDER_DO_APPROVE] = EVENT_ORDER_APPROVED,
        [ORDER_DO_SEND] = EVENT_ORDER_EXPORTED,     [ORDER_DO_ACKNOWLEDGE] = EVENT_ORDER_ACKNOWLEDGED,
        [ORDER_DO_SHIP] = EVENT_ORDER_SHIPPED,      [ORDER_DO_RECEIVE] = EVENT_ORDER_RECEIVED,
        [ORDER_DO_CLOSE] = EVENT_ORDER_CLOSED,      [ORDER_DO_CANCEL] = EVENT_ORDER_CANCELLED,
        [ORDER_DO_REOPEN] = EVENT_ORDER_REOPENED,   [ORDER_DO_OFFER] = EVENT_ORDER_OFFERED,
        [ORDER_DO_ACCEPT] = EVENT_ORDER_ANSWERED,   [ORDER_DO_DECLINE] = EVENT_ORDER_ANSWERED,
        [ORDER_DO_SHORT] = EVENT_ORDER_SHORT,
    };
    const Entry__OrderStep *s = m->body;
    order_event x;
    uint64_t number = s->order;
    if (s->act >= ORDER_ACT_END || of[s->act] == EVENT_CASE_ALERT) return;
    if (!order_event_of(m, number, &x)) number = order_made(m, &x); /* some products became an order of their own */
    if (number) put_order(m, of[s->act], number, &x);
}

/* One event for each partner whose suggestion is new or another. */
static void of_suggest(maker *m) {
    const Entry__Suggest *s = m->body;
    AUTO(map) told = {0};
    for (size_t i = 0; i < s->n_row; i++) {
        partner p;
        bool fresh;
        if (!partner_by_id(m->t, str_of(s->row[i]->partner), &p)) continue;
        uint64_t number = order_standing_of(m->t, p.no);
        *map_at(&told, str_of(s->row[i]->partner), &fresh) = 1;
        if (fresh && number) put_order(m, EVENT_ORDER_SUGGESTED, number, NULL);
    }
}

/* ---- goods */

/* One a partner: rows of one stand together. */
static void of_overstock(maker *m) {
    const Entry__Overstock *o = m->body;
    for (size_t at = 0, last; at < o->n_row; at = last) {
        size_t raised = 0;
        for (last = at; last < o->n_row && strcmp(o->row[last]->partner, o->row[at]->partner) == 0; last++)
            raised += o->row[last]->raised ? 1 : 0;
        if (raised == 0) continue;
        json *j = begin(m);
        cell_text(j, "partner", str_of(o->row[at]->partner));
        cell_count(j, "products", raised);
        AUTO(buf) skus = {0};
        for (size_t i = at; i < last; i++)
            if (o->row[i]->raised) buf_addz(&skus, skus.n ? ";" : ""), buf_addz(&skus, o->row[i]->sku);
        cell_text(j, "skus", buf_str(&skus));
        end(m, EVENT_OVERSTOCK, number_text(m, raised), 0);
    }
}

/* ---- the house */

static uint64_t proposal_entry(uint64_t number, str val) {
    proposal p;
    return proposal_decode(number, val, &p) ? p.entry : 0;
}

static void of_proposal(maker *m) {
    const Entry__Proposal *p = m->body;
    uint64_t number = made_by(m, TABLE_PROPOSAL, proposal_entry);
    json *j = begin(m);
    cell_id(j, "approval", number);
    cell_text(j, "kind", str_of(entry_kind_name((uint16_t)p->kind)));
    cell_text(j, "by", m->en->actor);
    end(m, EVENT_APPROVAL_WAITING, number_text(m, number), 0);
}

static void make(maker *m, uint16_t kind, str body);

/* What an approval lets through says what it would have said at once. */
static void of_decision(maker *m) {
    const Entry__Decision *d = m->body;
    proposal p;
    json *j = begin(m);
    cell_id(j, "approval", d->proposal);
    json_key(j, "approved"), json_bool(j, d->approve);
    end(m, EVENT_APPROVAL_DECIDED, number_text(m, d->proposal), 0);
    if (d->approve && proposal_get(m->t, d->proposal, &p) && p.kind != KIND_DECISION) make(m, p.kind, p.body);
}

/* The file whose last batch this was, when all of it came. */
static void of_document(maker *m) {
    upload u = {.no = 0};
    size_t looked = 0;
    bool found = false;
    key last = {.n = 0};
    key_u64(&last, m->en->seq);
    for (AUTO(kv_cursor) c = kv_back(m->t, TABLE_UPLOAD, STR(""), key_str(&last));
         !found && looked++ < LOOK_BACK && kv_next(&c);)
        found = c.key.n == 8 && upload_decode(get_be64(c.key.p), c.val, &u) && u.last == m->en->seq;
    if (!found || u.batch < u.batches || u.quarantined == 0) return;
    json *j = begin(m);
    cell_id(j, "upload", u.no);
    cell_text(j, "partner", partner_id(m->t, u.partner));
    cell_count(j, "quarantined", u.quarantined);
    cell_count(j, "lines", u.lines);
    end(m, EVENT_QUARANTINE, number_text(m, u.no), 0);
}

static void of_agent(maker *m) {
    const Entry__AgentRevoked *r = m->body;
    if (!r->held || r->released) return;
    cell_text(begin(m), "agent", str_of(r->agent));
    end(m, EVENT_AGENT_HELD, str_of(r->agent), 0);
}

/* Setting mode: what follows is told, or is not. */
static bool mode_set(const Entry__Setting *s, bool *shadow) {
    if (strcmp(s->name, setting_facts[SETTING_MODE].name) != 0) return false;
    *shadow = strcmp(s->value, "shadow") == 0;
    return true;
}

static void of_setting(maker *m) {
    (void)mode_set(m->body, &m->shadow);
}

static const struct kind_row {
    entry_kind kind;
    const ProtobufCMessageDescriptor *body; /* NULL: not looked at */
    void (*make)(maker *m);
} kinds[] = {
    {KIND_DOCUMENT, NULL, of_document},
    {KIND_CATALOG, &entry__catalog__descriptor, of_catalog},
    {KIND_SETTING, &entry__setting__descriptor, of_setting},
    {KIND_AGENT_REVOKED, &entry__agent_revoked__descriptor, of_agent},
    {KIND_POLICY, &entry__policy__descriptor, of_policy},
    {KIND_PERIOD, &entry__period__descriptor, of_period},
    {KIND_SETTLEMENT, &entry__settlement__descriptor, of_settlement},
    {KIND_STEP, &entry__step__descriptor, of_step},
    {KIND_PAYOUT, &entry__payout__descriptor, of_payout},
    {KIND_PAYOUT_STEP, &entry__payout_step__descriptor, of_payout_step},
    {KIND_PROPOSAL, &entry__proposal__descriptor, of_proposal},
    {KIND_DECISION, &entry__decision__descriptor, of_decision},
    {KIND_SIGNALS, &entry__signals__descriptor, of_signals},
    {KIND_CASE_STEP, &entry__case_step__descriptor, of_case_step},
    {KIND_CLAIM, &entry__claim__descriptor, of_claim},
    {KIND_INSPECTION, &entry__inspection__descriptor, of_inspection},
    {KIND_SUGGEST, &entry__suggest__descriptor, of_suggest},
    {KIND_ORDER, &entry__order__descriptor, of_order},
    {KIND_ORDER_STEP, &entry__order_step__descriptor, of_order_step},
    {KIND_OVERSTOCK, &entry__overstock__descriptor, of_overstock},
};

static const struct kind_row *row_of(uint16_t kind) {
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if ((uint16_t)kinds[i].kind == kind) return &kinds[i];
    return NULL;
}

bool hook_events_any(uint16_t kind) {
    return row_of(kind) != NULL;
}

static void make(maker *m, uint16_t kind, str body) {
    AUTO(arena) a = {0};
    err e;
    const void *outer = m->body;
    const struct kind_row *row = row_of(kind);
    arena_init(&a, BODY_BYTES);
    if (row == NULL) return;
    m->body = row->body ? message_unpack(row->body, body, LIMIT_ENTRY_ROWS, &a, &e) : NULL;
    if (m->body || row->body == NULL) row->make(m);
    m->body = outer;
}

size_t hook_events(txn *t, const entry *en, bool *shadow, arena *a, hook_event **out) {
    maker m = {.t = t, .a = a, .en = en, .zone_min = call_zone(t), .shadow = *shadow};
    make(&m, en->kind, en->body);
    *shadow = m.shadow;
    buf_free(&m.data);
    *out = m.list;
    return m.n;
}

/* What is set to what it was is not journaled: before a change it was the other of the two. */
bool hook_shadow_after(txn *t, uint64_t at) {
    AUTO(arena) a = {0};
    bool shadow = str_is(setting_text(t, SETTING_MODE), "shadow"), found = false;
    uint64_t last = setting_entry(t, SETTING_MODE);
    entry en;
    err e;
    arena_init(&a, BODY_BYTES);
    for (uint64_t seq = at + 1; seq <= last && !found && journal_get(t, seq, &en); seq++) {
        if (en.kind != KIND_SETTING) continue;
        const void *s = message_unpack(&entry__setting__descriptor, en.body, LIMIT_ENTRY_ROWS, &a, &e);
        found = s && mode_set(s, &shadow);
    }
    return found ? !shadow : shadow;
}

bool hook_event_for(txn *t, const hook *h, const hook_event *v) {
    if (!hook_wants(h, str_of(types[v->type].name))) return false;
    if (h->partner.n == 0) return true;
    return !types[v->type].house && v->partner && str_eq(h->partner, partner_id(t, v->partner));
}

static str words_of(arena *a, const char *pattern, str subject) {
    AUTO(buf) b = {0};
    str form = str_of(pattern);
    size_t at = str_find(form, STR("%.*s"));
    buf_add(&b, str_take(form, at));
    buf_add(&b, subject);
    buf_add(&b, str_skip(form, at + 4));
    return arena_str(a, buf_str(&b));
}

void hook_event_message(txn *t, const hook *h, const hook_event *v, uint64_t seq, int64_t now_ms, arena *a,
                        message *out) {
    AUTO(buf) id = {0}, path = {0};
    buf_printf(&id, "evt_%08" PRIx32 "_%" PRIu64 "_%" PRIu32, (uint32_t)store_db_epoch(t), seq, v->part);
    buf_addz(&path, types[v->type].path);
    if (str_ends(buf_str(&path), STR("/"))) buf_add(&path, v->subject);
    *out = (message){.hook = h->no,
                     .seq = seq,
                     .part = v->part,
                     .time_ms = now_ms,
                     .id = arena_str(a, buf_str(&id)),
                     .type = str_of(types[v->type].name),
                     .data = v->data,
                     .zh = words_of(a, types[v->type].zh, v->subject),
                     .en = words_of(a, types[v->type].en, v->subject),
                     .path = arena_str(a, buf_str(&path)),
                     .error = STR("")};
}
