#include "daemon/command/reports.h"

#include "daemon/catalog/calendar.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/settings.h"
#include "daemon/command/cells.h"
#include "proto/limits.h"

bool option_span(call *c, day_span otherwise, day_span *out, err *e) {
    str period = call_option(c, "period");
    fiscal_calendar calendar;
    TRY(call_day(c, "from", otherwise.from, &out->from, e));
    TRY(call_day(c, "to", otherwise.to, &out->to, e));
    if (period.p == NULL) return out->from <= out->to || err_set(e, ERR_USAGE, "--from lies after --to");
    if (call_option(c, "from").p || call_option(c, "to").p)
        return err_set(e, ERR_USAGE, "--period, or --from and --to, not both");
    calendar_load(c->t, c->a, &calendar);
    return span_read(&calendar, period, out) ||
           err_set(e, ERR_USAGE,
                   "--period: '%.*s' is no month (2026-07), quarter (2026-Q3), half (2026-H2), year, week (2026-W27), "
                   "day or span (2026-07-01..2026-07-15)",
                   STR_ARG(str_take(period, 40)));
}

report_asker report_asker_of(call *c, fiscal_calendar *calendar) {
    calendar_load(c->t, c->a, calendar);
    return (report_asker){.t = c->t,
                          .calendar = calendar,
                          .today = day_at(c->now_ms, c->zone_min),
                          .zone_min = c->zone_min,
                          .currency = (uint32_t)setting_number(c->t, SETTING_CURRENCY)};
}

static day_span counted_span(const report_asker *q, doc_type type, day_span span) {
    if (type == TYPE_STOCK && span.from == span.to)
        span.from = fiscal_month_first(q->calendar, fiscal_month_of(q->calendar, span.from) - 1);
    return span;
}

void answer_coverage(call *c, doc_type type, day_span span) {
    AUTO(buf) text = {0};
    fiscal_calendar calendar;
    coverage v;
    report_asker q = report_asker_of(c, &calendar);
    span = counted_span(&q, type, span);
    coverage_of(&q, type, span.from, span.to, &v);
    buf_addz(&text, "coverage: ");
    coverage_put(&v, &text);
    answer_message(c, "%s", buf_z(&text));
}

static bool option_type(call *c, doc_type otherwise, doc_type *out, err *e) {
    str type = call_option(c, "type");
    *out = otherwise;
    if (type.p == NULL) return true;
    if (doc_type_parse(type, out) &&
        (*out == TYPE_SALE || *out == TYPE_STOCK || *out == TYPE_RECEIPT || *out == TYPE_PAYMENT))
        return true;
    return err_set(e, ERR_USAGE, "--type: sale, stock, receipt or payment, not '%.*s'", STR_ARG(str_take(type, 40)));
}

/* ---- report status ---- */

typedef struct lister {
    call *c;
    const report_asker *q;
    str state; /* p NULL: all */
} lister;

static void put_day_or_none(json *j, const char *name, day_t d) {
    if (d == DAY_MIN) cell_text(j, name, STR(""));
    else
        put_day_cell(j, name, d);
}

static bool put_status(void *arg, const report_status *s) {
    lister *l = arg;
    const report_found *f = &s->found;
    AUTO(buf) period = {0};
    if (s->span.from > l->q->today) return true;
    if (l->state.p && !str_is(l->state, report_state_name(s->state))) return true;
    bool amount = s->type != TYPE_STOCK && !(f->others && f->amount == 0);
    json *j = answer_row(l->c);
    span_put(l->q->calendar, s->every, s->span.to, &period);
    cell_text(j, "partner", partner_id(l->c->t, s->partner));
    cell_text(j, "type", str_of(doc_type_name(s->type)));
    cell_text(j, "period", buf_str(&period));
    put_day_cell(j, "from", s->span.from);
    put_day_cell(j, "to", s->span.to);
    put_day_cell(j, "due", s->due);
    cell_text(j, "state", str_of(report_state_name(s->state)));
    if (f->in) cell_time(j, "came", f->came_ms, l->c->zone_min);
    else
        cell_text(j, "came", STR(""));
    json_key(j, "days_late");
    json_int(j, s->days_late);
    cell_count(j, "lines", f->lines);
    cell_count(j, "waiting", f->waiting);
    cell_amount(j, amount ? f->amount : NUM_NONE, amount ? l->q->currency : 0, "amount", "currency");
    put_day_or_none(j, "reached", f->reached);
    put_day_or_none(j, "contradiction", f->contradicted);
    json_key(j, "history");
    json_bool(j, s->history);
    answer_row_end(l->c);
    return !answer_failed(l->c);
}

/* What is asked for when no span is named: this fiscal month and the two before it. */
static day_span three_months(const report_asker *q) {
    int32_t month = fiscal_month_of(q->calendar, q->today);
    return (day_span){fiscal_month_first(q->calendar, month - 2), fiscal_month_first(q->calendar, month + 1) - 1};
}

static bool known_state(str s) {
    for (report_state k = REPORT_NOT_DUE; k <= REPORT_NIL; k++)
        if (str_is(s, report_state_name(k))) return true;
    return false;
}

bool cmd_report_status(call *c, err *e) {
    static const char *const columns[] = {"partner",  "type",    "period",        "from",   "to",      "due",
                                          "state",    "came",    "days_late",     "lines",  "waiting", "amount",
                                          "currency", "reached", "contradiction", "history"};
    fiscal_calendar calendar;
    day_span span;
    uint32_t only;
    doc_type type;
    report_asker q = report_asker_of(c, &calendar);
    lister l = {.c = c, .q = &q, .state = call_option(c, "state")};
    TRY(option_partner(c, &only, e));
    TRY(option_type(c, DOC_TYPE_COUNT, &type, e));
    TRY(option_span(c, three_months(&q), &span, e));
    if (l.state.p && !known_state(l.state))
        return err_set(e, ERR_USAGE, "--state: on_time, late, missing, nil or not_due, not '%.*s'",
                       STR_ARG(str_take(l.state, 40)));
    if (span.to - span.from > LIMIT_REPORT_DAYS)
        return err_set(e, ERR_USAGE, "at most %d days at once: name a --period", LIMIT_REPORT_DAYS);
    TRY(authz(c, "read", only, e));
    answer_list(c, columns, ARRAY_LEN(columns));
    if (only) report_each(&q, only, type, span.from, span.to, put_status, &l);
    for (uint32_t no = 0; only == 0 && (no = report_partner_next(c->t, no)) != 0 && !answer_failed(c);)
        report_each(&q, no, type, span.from, span.to, put_status, &l);
    return true;
}

/* ---- what is missing ---- */

typedef struct missing {
    uint64_t n;
    uint32_t partner, partners; /* the last one counted; how many */
} missing;

static bool count_missing(void *arg, const report_status *s) {
    missing *m = arg;
    if (s->state != REPORT_MISSING || s->history) return true;
    m->n++;
    m->partners += s->partner != m->partner;
    m->partner = s->partner;
    return true;
}

uint64_t missing_reports(call *c, int64_t now_ms, uint32_t *partners) {
    fiscal_calendar calendar;
    missing m = {.n = 0};
    report_asker q = report_asker_of(c, &calendar);
    q.today = day_at(now_ms, c->zone_min);
    day_span span = three_months(&q);
    for (uint32_t no = 0; (no = report_partner_next(c->t, no)) != 0;)
        report_each(&q, no, DOC_TYPE_COUNT, span.from, q.today, count_missing, &m);
    *partners = m.partners;
    return m.n;
}

/* ---- report coverage ---- */

bool cmd_report_coverage(call *c, err *e) {
    AUTO(buf) text = {0};
    fiscal_calendar calendar;
    day_span span;
    doc_type type;
    coverage v;
    report_asker q = report_asker_of(c, &calendar);
    TRY(option_type(c, TYPE_SALE, &type, e));
    TRY(option_span(c, span_at(&calendar, SPAN_MONTH, q.today), &span, e));
    TRY(authz(c, "read", 0, e));
    span = counted_span(&q, type, span);
    coverage_of(&q, type, span.from, span.to, &v);
    coverage_put(&v, &text);
    json *j = answer_show(c);
    cell_text(j, "type", str_of(doc_type_name(type)));
    put_day_or_none(j, "from", span.from);
    put_day_cell(j, "to", span.to < q.today ? span.to : q.today);
    cell_count(j, "partners", v.partners);
    cell_count(j, "reported", v.reported);
    cell_count(j, "nil", v.nil);
    cell_count(j, "missing", v.missing);
    cell_count(j, "in_part", v.in_part);
    cell_amount(j, v.usual_amount, q.currency, "usual_amount", "currency");
    json_key(j, "share");
    json_dec(j, v.share, RATE_SCALE, 0);
    cell_text(j, "text", buf_str(&text));
    answer_show_end(c);
    return true;
}
