/* The period, the targets and the cells that the commands of the first page share. */
#include "daemon/command/overview.h"

#include "daemon/catalog/calendar.h"
#include "daemon/command/cells.h"
#include "daemon/command/rebate.h"
#include "proto/limits.h"

static bool option_against(call *c, bool *year, err *e) {
    str s = call_option(c, "against");
    *year = str_is(s, "year");
    return s.p == NULL || *year || str_is(s, "previous") ||
           err_set(e, ERR_USAGE, "--against: previous or year, not '%.*s'", STR_ARG(str_take(s, 40)));
}

/* A span by name is a month, quarter … when it is exactly one. */
static span_kind kind_of(const fiscal_calendar *k, day_span s) {
    for (span_kind kind = SPAN_DAY; kind < SPAN_KIND_COUNT; kind++) {
        day_span x = span_at(k, kind, s.from);
        if (x.from == s.from && x.to == s.to) return kind;
    }
    return SPAN_KIND_COUNT;
}

static bool read_period(call *c, overview_period *p, day_span *span, err *e) {
    static const struct {
        const char *word;
        span_kind kind;
    } spoken[] = {{"today", SPAN_DAY}, {"month", SPAN_MONTH}, {"quarter", SPAN_QUARTER}, {"year", SPAN_YEAR}};
    str s = call_option(c, "period");
    if (s.p == NULL) s = STR("month");
    for (size_t i = 0; i < ARRAY_LEN(spoken); i++) {
        if (!str_is(s, spoken[i].word)) continue;
        *span = span_at(&p->calendar, spoken[i].kind, p->today);
        p->kind = spoken[i].kind;
        return true;
    }
    if (!span_read(&p->calendar, s, span))
        return err_set(
            e, ERR_USAGE,
            "--period: '%.*s' is none of today, month, quarter, year, nor a month (2026-07), quarter (2026-Q3), "
            "half, year, week, day or span (2026-07-01..2026-07-15)",
            STR_ARG(str_take(s, 40)));
    p->kind = kind_of(&p->calendar, *span);
    if (span->from > p->today) return err_set(e, ERR_USAGE, "--period: begins after today");
    return span->to - span->from <= LIMIT_REPORT_DAYS ||
           err_set(e, ERR_USAGE, "--period: at most %d days", LIMIT_REPORT_DAYS);
}

bool overview_period_of(call *c, overview_period *out, err *e) {
    AUTO(buf) label = {0};
    day_span span;
    *out = (overview_period){.today = day_at(c->now_ms, c->zone_min)};
    calendar_load(c->t, c->a, &out->calendar);
    TRY(option_against(c, &out->year, e) && read_period(c, out, &span, e));
    if (out->kind == SPAN_KIND_COUNT) {
        compare_span(span, out->today, out->year, &out->at);
        day_put(&label, span.from);
        buf_addz(&label, "..");
        day_put(&label, span.to);
    } else {
        compare_period(&out->calendar, out->kind, span.from, out->today, out->year, &out->at);
        span_put(&out->calendar, out->kind, span.from, &label);
    }
    out->label = arena_str(c->a, buf_str(&label));
    return true;
}

/* ---- targets */

/* A rebate policy's own targets say how far the whole of a measure is when they are in money and of all products. */
static bool is_about(const policy *p, figure_measure m) {
    static const basis of[FIGURE_MEASURE_COUNT] = {
        [FIGURE_SELL_IN] = BASIS_SELL_IN, [FIGURE_SELL_OUT] = BASIS_SELL_OUT, [FIGURE_PAYMENTS] = BASIS_PAYMENT};
    return p->basis == of[m] && p->measure == MEASURE_AMOUNT && p->products.skus.n == 0 && p->products.brands.n == 0 &&
           p->products.categories.n == 0;
}

bool overview_target_ask(call *c, const figure_scope *s, figure_measure m, const overview_period *p, target_ask *out,
                         err *e) {
    AUTO(policies) all = {0};
    char code[4];
    TRY(policies_in_force(c, STR_NONE, &all, e));
    str *policy_names = ARENA_NEW(c->a, str, all.n + 1);
    *out = (target_ask){.policy = policy_names,
                        .policies = 1,
                        .calendar = &p->calendar,
                        .kind = p->kind == SPAN_KIND_COUNT ? SPAN_DAY : p->kind,
                        .whole = p->at.whole,
                        .scale = currency_scale(currency_text(s->currency, code))};
    policy_names[0] = str_of(figure_measure_name(m));
    for (size_t i = 0; i < all.n; i++)
        if (is_about(&all.v[i].policy, m)) policy_names[out->policies++] = arena_str(c->a, all.v[i].policy.name);
    return true;
}

bool overview_target(call *c, const figure_scope *s, figure_measure m, const overview_period *p, int64_t total,
                     targets *out, int64_t *attained, err *e) {
    target_ask ask;
    figure_days d;
    TRY(overview_target_ask(c, s, m, p, &ask, e));
    targets_of(c->t, s, &ask, c->a, out);
    *attained = out->all ? total : NUM_NONE;
    if (out->all || out->with == 0) return true;
    figure_scope some = *s;
    some.by_partner = true;
    some.partner = out->partner;
    some.partners = out->partners;
    TRY(figure_read(c->t, &some, m, p->at.now, c->a, &d, e));
    *attained = figure_sum(&d, p->at.now);
    return true;
}

/* ---- cells */

void cell_figure(json *j, const char *name, int64_t v, const figure_scope *s) {
    char code[4];
    unsigned scale = s->quantity ? QUANTITY_SCALE : currency_scale(currency_text(s->currency, code));
    json_key(j, name);
    json_dec(j, v, scale, s->quantity ? 0 : scale);
}

void cell_share(json *j, const char *name, int64_t ppm) {
    json_key(j, name);
    json_dec(j, ppm, RATE_SCALE, 0);
}

str figure_unit(call *c, const figure_scope *s) {
    char code[4];
    return s->quantity ? STR("base units") : arena_str(c->a, currency_text(s->currency, code));
}
