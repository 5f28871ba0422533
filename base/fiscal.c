#include "base/fiscal.h"

bool fiscal_first_ok(int32_t month, day_t from) {
    day_t first = month_first(month);
    return from >= first - FISCAL_EARLY && from <= first + FISCAL_LATE;
}

static const special_day *special_of(const fiscal_calendar *c, day_t d) {
    size_t low = 0, high = c->specials;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (c->special[mid].day < d) low = mid + 1;
        else
            high = mid;
    }
    return low < c->specials && c->special[low].day == d ? &c->special[low] : NULL;
}

bool working_day(const fiscal_calendar *c, day_t d) {
    const special_day *s = special_of(c, d);
    return s ? s->work : weekday_of(d) <= 5;
}

day_t working_days_after(const fiscal_calendar *c, day_t d, unsigned n) {
    while (n > 0 && d < DAY_MAX) n -= working_day(c, ++d);
    return d;
}

day_t working_days_before(const fiscal_calendar *c, day_t d, unsigned n) {
    while (n > 0 && d > DAY_MIN) n -= working_day(c, --d);
    return d;
}

static day_t by_rule(unsigned starts, int32_t month) {
    int32_t in = starts <= FISCAL_STARTS_WITHIN ? month : month - 1;
    return month_first(in) + (day_t)starts - 1;
}

day_t fiscal_month_first(const fiscal_calendar *c, int32_t month) {
    size_t low = 0, high = c->firsts;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (c->first[mid].month < month) low = mid + 1;
        else
            high = mid;
    }
    bool stated = low < c->firsts && c->first[low].month == month;
    return stated ? c->first[low].from : by_rule(c->starts, month);
}

/* It bears the name of the calendar month, of the one before, or of the one after. */
int32_t fiscal_month_of(const fiscal_calendar *c, day_t d) {
    int32_t month = month_of(d) + 1;
    while (fiscal_month_first(c, month) > d) month--;
    return month;
}

/* ---- spans ---- */

static const struct {
    const char *name, *mark; /* what stands between the year and the number */
    int32_t months;          /* 0: no span of months */
} kinds[SPAN_KIND_COUNT] = {
    [SPAN_DAY] = {"day", "", 0},           [SPAN_WEEK] = {"week", "", 0},   [SPAN_MONTH] = {"month", "-", 1},
    [SPAN_QUARTER] = {"quarter", "-Q", 3}, [SPAN_HALF] = {"half", "-H", 6}, [SPAN_YEAR] = {"year", "", 12},
};

const char *span_kind_name(span_kind k) {
    return kinds[k].name;
}

bool span_kind_parse(str s, span_kind *out) {
    for (span_kind k = 0; k < SPAN_KIND_COUNT; k++)
        if (str_is(s, kinds[k].name)) return *out = k, true;
    return false;
}

static day_span months_span(const fiscal_calendar *c, int32_t first, int32_t months) {
    return (day_span){fiscal_month_first(c, first), fiscal_month_first(c, first + months) - 1};
}

day_span span_at(const fiscal_calendar *c, span_kind k, day_t d) {
    if (k == SPAN_DAY) return (day_span){d, d};
    if (k == SPAN_WEEK) return (day_span){d + 1 - (day_t)weekday_of(d), d + 7 - (day_t)weekday_of(d)};
    int32_t month = fiscal_month_of(c, d);
    return months_span(c, month - month % kinds[k].months, kinds[k].months);
}

void span_put(const fiscal_calendar *c, span_kind k, day_t d, buf *out) {
    int32_t month = fiscal_month_of(c, d), year = month / 12, in = month % 12;
    if (k == SPAN_DAY) day_put(out, d);
    else if (k == SPAN_WEEK)
        week_put(out, d);
    else if (k == SPAN_MONTH)
        month_put(out, month);
    else if (k == SPAN_YEAR)
        buf_printf(out, "%04d", year);
    else
        buf_printf(out, "%04d%s%d", year, kinds[k].mark, in / kinds[k].months + 1);
}

/* All of s as a number of that many digits. */
static bool number(str s, size_t digits, int *out) {
    *out = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') return false;
        *out = *out * 10 + (s.p[i] - '0');
    }
    return s.n == digits;
}

static bool parse_week(int year, str s, day_span *out) {
    int week;
    if (!number(s, 2, &week) || week < 1) return false;
    day_t fourth = day_of(year, 1, 4); /* always in week 1 */
    day_t monday = fourth + 1 - (day_t)weekday_of(fourth) + 7 * (week - 1);
    *out = (day_span){monday, monday + 6};
    return civil_of(monday + 3).year == year; /* 53 is in few years */
}

static bool parse_months(const fiscal_calendar *c, int year, str s, day_span *out) {
    int n;
    for (span_kind k = SPAN_MONTH; k <= SPAN_HALF; k++) {
        str mark = str_of(kinds[k].mark);
        if (!str_starts(s, mark) || !number(str_skip(s, mark.n), k == SPAN_MONTH ? 2 : 1, &n)) continue;
        if (n < 1 || n > 12 / kinds[k].months) return false;
        *out = months_span(c, year * 12 + (n - 1) * kinds[k].months, kinds[k].months);
        return true;
    }
    return false;
}

bool span_read(const fiscal_calendar *c, str s, day_span *out) {
    int year;
    if (s.n == 22 && str_eq(str_take(str_skip(s, 10), 2), STR("..")))
        return day_parse(str_take(s, 10), &out->from) && day_parse(str_skip(s, 12), &out->to) && out->from <= out->to;
    if (day_parse(s, &out->from)) return out->to = out->from, true;
    if (!number(str_take(s, 4), 4, &year) || year < 1) return false;
    s = str_skip(s, 4);
    if (s.n == 0) return *out = months_span(c, year * 12, 12), true;
    return str_starts(s, STR("-W")) ? parse_week(year, str_skip(s, 2), out) : parse_months(c, year, s, out);
}
