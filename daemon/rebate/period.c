#include "daemon/rebate/period.h"

static const struct {
    int32_t months;
    char letter; /* before the number within the year; 0: the month itself, or none */
} kinds[] = {
    [PERIOD_MONTH] = {1, 0}, [PERIOD_QUARTER] = {3, 'Q'}, [PERIOD_HALF_YEAR] = {6, 'H'},
    [PERIOD_YEAR] = {12, 0}, [PERIOD_ONCE] = {0, 0},
};

int32_t period_months(period_kind k) {
    return kinds[k].months;
}

int32_t periods_a_year(period_kind k) {
    return k == PERIOD_ONCE ? 0 : 12 / kinds[k].months;
}

int32_t period_of(period_kind k, day_t day) {
    return k == PERIOD_ONCE ? 0 : month_of(day) / kinds[k].months;
}

day_t period_first(period_kind k, int32_t no) {
    return k == PERIOD_ONCE ? DAY_MIN : month_first(no * kinds[k].months);
}

day_t period_last(period_kind k, int32_t no) {
    return k == PERIOD_ONCE ? DAY_MAX : month_first((no + 1) * kinds[k].months) - 1;
}

void period_put(buf *b, period_kind k, int32_t no) {
    int32_t many = periods_a_year(k);
    if (k == PERIOD_ONCE) buf_addz(b, "once");
    else if (k == PERIOD_MONTH)
        month_put(b, no);
    else if (k == PERIOD_YEAR)
        buf_printf(b, "%04d", no);
    else
        buf_printf(b, "%04d-%c%d", no / many, kinds[k].letter, no % many + 1);
}

bool period_parse(str label, period_kind k, int32_t *no) {
    AUTO(buf) again = {0};
    int64_t year = 0, part = 0;
    int32_t many = periods_a_year(k);
    if (k == PERIOD_ONCE) return *no = 0, str_is(label, "once");
    for (size_t i = 0; i < label.n && i < 4; i++) year = 10 * year + (label.p[i] - '0');
    for (size_t i = kinds[k].letter ? 6 : 5; i < label.n && i < 8; i++) part = 10 * part + (label.p[i] - '0');
    if (k == PERIOD_YEAR) part = 1;
    if (year < 1 || year > 9999 || part < 1 || part > many) return false;
    *no = (int32_t)(year * many + part - 1);
    period_put(&again, k, *no);
    return str_eq(buf_str(&again), label);
}

bool period_known(str label) {
    int32_t no;
    for (period_kind k = PERIOD_MONTH; k <= PERIOD_ONCE; k++)
        if (period_parse(label, k, &no)) return true;
    return false;
}
