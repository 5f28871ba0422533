#include "daemon/insight/compare.h"

#include "base/num.h"
#include "maths/season.h"

enum { PPM = 1000000, WEEK = 7 };

const char *comparison_name(comparison c) {
    static const char *const names[] = {"previous", "last_year", "same_lunar_days"};
    return names[c];
}

bool festival_of(int year, day_t *out) {
    int days;
    day_t near = day_of(year, 2, 5); /* it lies from 21 January to 20 February */
    if (!season_holiday(0, near, &days)) return false;
    *out = near + days;
    return true;
}

static int year_of(day_t d) {
    return civil_of(d).year;
}

static day_t least(day_t a, day_t b) {
    return a < b ? a : b;
}

static day_t most(day_t a, day_t b) {
    return a > b ? a : b;
}

/* Which days of the festival's season a span holds, counted from the festival; from > to: none. */
static day_span season_days(day_span s, day_t festival) {
    return (day_span){most(s.from - festival, -FESTIVAL_BEFORE), least(s.to - festival, FESTIVAL_AFTER)};
}

/* Do two spans hold the same days of the seasons of their years? Whole seasons are the same days, and so is none. */
static bool same_season(day_span a, day_span b) {
    day_t fa, fb;
    if (!festival_of(year_of(a.to), &fa) || !festival_of(year_of(b.to), &fb)) return true;
    day_span x = season_days(a, fa), y = season_days(b, fb);
    if (x.from > x.to || y.from > y.to) return (x.from > x.to) == (y.from > y.to);
    return x.from == y.from && x.to == y.to;
}

static day_t year_before(day_t d) {
    civil c = civil_of(d);
    unsigned last = days_in_month(c.year - 1, c.month);
    return day_of(c.year - 1, c.month, c.day < last ? c.day : last);
}

static day_span alike(day_span whole, day_span now, day_span before) {
    if (now.to == whole.to) return before;
    return (day_span){before.from, least(before.to, before.from + (now.to - now.from))};
}

/* Last year's days, moved as far as the festival moved when the season wants it. */
static void against_year(day_span last_year, compared *out) {
    day_t now_at, then_at;
    out->how = COMPARE_YEAR;
    out->before = alike(out->whole, out->now, last_year);
    if (same_season(out->now, out->before)) return;
    if (!festival_of(year_of(out->now.to), &now_at) || !festival_of(year_of(out->now.to) - 1, &then_at)) return;
    out->how = COMPARE_LUNAR;
    out->before = (day_span){out->now.from - (now_at - then_at), out->now.to - (now_at - then_at)};
}

static void against(day_span previous, day_span last_year, bool year, compared *out) {
    out->how = COMPARE_PREVIOUS;
    out->before = alike(out->whole, out->now, previous);
    if (year || !same_season(out->now, out->before)) against_year(last_year, out);
}

void compare_period(const fiscal_calendar *c, span_kind kind, day_t day, day_t today, bool year, compared *out) {
    out->whole = span_at(c, kind, day);
    out->now = (day_span){out->whole.from, least(out->whole.to, today)};
    day_t middle = out->whole.from + (out->whole.to - out->whole.from) / 2;
    day_span previous = span_at(c, kind, out->whole.from - (kind == SPAN_DAY ? WEEK : 1));
    against(previous, span_at(c, kind, year_before(middle)), year, out);
}

void compare_span(day_span whole, day_t today, bool year, compared *out) {
    day_t n = whole.to - whole.from;
    day_t back = year_before(whole.from);
    out->whole = whole;
    out->now = (day_span){whole.from, most(whole.from, least(whole.to, today))};
    against((day_span){whole.from - n - 1, whole.from - 1}, (day_span){back, back + n}, year, out);
}

int64_t share_ppm(int64_t part, int64_t whole) {
    int64_t out;
    if (part == NUM_NONE || whole == NUM_NONE || whole <= 0) return NUM_NONE;
    return mul_div(part, PPM, whole, &out) ? out : NUM_NONE;
}

int64_t change_ppm(int64_t now, int64_t before) {
    int64_t by;
    if (now == NUM_NONE || before == NUM_NONE || before == 0) return NUM_NONE;
    if (!sub_i64(now, before, &by)) return NUM_NONE;
    return share_ppm(by, before < 0 ? -before : before);
}
