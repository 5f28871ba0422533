#include "daemon/catalog/cell.h"

#include "base/calendar.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/promotion.h"
#include "proto/limits.h"

static str keep(arena *a, buf *b) {
    str s = arena_str(a, buf_str(b));
    ASSERT(s.p != NULL);
    return s;
}

/* Up to max digits at the front of *s as a number. */
static bool digits(str *s, size_t max, unsigned *out) {
    size_t n = 0;
    for (*out = 0; n < s->n && n < max && s->p[n] >= '0' && s->p[n] <= '9'; n++)
        *out = *out * 10 + (unsigned)(s->p[n] - '0');
    *s = str_skip(*s, n);
    return n > 0;
}

/* One of the words between the parts of a date. */
static bool mark(str *s, const char *wide) {
    if (str_starts(*s, str_of(wide))) return *s = str_skip(*s, strlen(wide)), true;
    if (s->n == 0 || !strchr("-/.", s->p[0])) return false;
    *s = str_skip(*s, 1);
    return true;
}

bool cell_as_day(str s, day_t *out) {
    unsigned y, m, d;
    if (!digits(&s, 4, &y)) return false;
    bool marked = mark(&s, "年");
    if (!digits(&s, 2, &m) || (marked && !mark(&s, "月")) || !digits(&s, 2, &d)) return false;
    if (str_is(s, "日")) s.n = 0;
    if (s.n != 0 || y < 1000 || !civil_ok((int)y, m, d)) return false;
    *out = day_of((int)y, m, d);
    return true;
}

bool cell_rate(str s, int64_t *ppm) {
    bool exact, percent = str_ends(s, STR("%"));
    int64_t v;
    if (percent) s = str_trim(str_take(s, s.n - 1));
    if (!dec_parse(s, RATE_SCALE, &v, &exact) || !exact || v < 0) return false;
    if (percent || v >= pow10_i64(RATE_SCALE)) {
        if (v % 100) return false;
        v /= 100;
    }
    *ppm = v;
    return v <= pow10_i64(RATE_SCALE);
}

bool cells_valid_on(str from, str to, day_t day) {
    day_t d;
    if (from.n && cell_as_day(from, &d) && day < d) return false;
    return !(to.n && cell_as_day(to, &d) && day > d);
}

bool cells_hold_on(str from, str to, business_day *on) {
    day_t first = DAY_MIN, last = DAY_MAX;
    if (from.n) (void)cell_as_day(from, &first);
    if (to.n) (void)cell_as_day(to, &last);
    if (on->day < first) {
        if (first <= on->to) on->to = first - 1;
        return false;
    }
    if (on->day > last) {
        if (last >= on->from) on->from = last + 1;
        return false;
    }
    if (first > on->from) on->from = first;
    if (last < on->to) on->to = last;
    return true;
}

/* "a=b=c": does one of them spell s? */
static bool choice_is(str group, str s, str *canonical) {
    str word;
    bool first = true, found = false;
    while (str_split(&group, '=', &word)) {
        if (first) *canonical = word;
        first = false;
        if (str_ieq(word, s)) found = true;
    }
    return found;
}

static bool choice(const catalog_column *col, str in, arena *a, str *out, str *wanted) {
    AUTO(buf) b = {0};
    str rest = str_of(col->choices), group, canonical = STR_NONE;
    buf_addz(&b, "one of");
    while (str_split(&rest, '|', &group)) {
        if (choice_is(group, in, &canonical)) return *out = canonical, true;
        buf_addz(&b, b.n > 6 ? ", " : " ");
        buf_add(&b, canonical);
    }
    *wanted = keep(a, &b);
    return false;
}

static bool day(str in, arena *a, str *out, str *wanted) {
    AUTO(buf) b = {0};
    day_t d;
    if (!cell_as_day(in, &d)) return *wanted = STR("a date like 2026-01-31"), false;
    day_put(&b, d);
    *out = keep(a, &b);
    return true;
}

static bool moment(str in, arena *a, str *out, str *wanted) {
    str unused;
    int64_t ms;
    if (day(in, a, out, &unused)) return true;
    if (!time_parse(in, 0, &ms)) return *wanted = STR("a moment like 2026-01-31T08:00:00+08:00, or a day"), false;
    *out = in;
    return true;
}

bool cell_as_month(str s, int32_t *out) {
    unsigned y, m;
    if (!digits(&s, 4, &y)) return false;
    bool marked = mark(&s, "年");
    if (!digits(&s, 2, &m) || (marked && s.n && !str_is(s, "月")) || (!marked && s.n)) return false;
    if (y < 1000 || m < 1 || m > 12) return false;
    *out = (int32_t)(y * 12 + m - 1);
    return true;
}

static bool month(str in, arena *a, str *out, str *wanted) {
    AUTO(buf) b = {0};
    int32_t m;
    if (!cell_as_month(in, &m)) return *wanted = STR("a month like 2026-07"), false;
    month_put(&b, m);
    *out = keep(a, &b);
    return true;
}

static bool decimal(const catalog_column *col, str in, arena *a, str *out, str *wanted) {
    AUTO(buf) b = {0};
    int64_t v;
    bool exact;
    bool sign = col->type == CELL_SIGNED;
    if (!dec_parse(in, col->scale, &v, &exact) || !exact || v < (sign ? -LIMIT_AMOUNT : 0) || v > LIMIT_AMOUNT) {
        buf_printf(&b, "a number like 12.50 (%sat most %u decimals, below 10^12)", sign ? "" : "no sign, ", col->scale);
        return *wanted = keep(a, &b), false;
    }
    dec_put(&b, v, col->scale, col->scale == MICRO_SCALE ? 2 : 0); /* money shows its fen */
    *out = keep(a, &b);
    return true;
}

static bool rate(str in, arena *a, str *out, str *wanted) {
    AUTO(buf) b = {0};
    int64_t ppm;
    if (!cell_rate(in, &ppm)) return *wanted = STR("a rate like 13% or 0.13"), false;
    dec_put(&b, ppm, RATE_SCALE, 0);
    *out = keep(a, &b);
    return true;
}

/* Length of a separator of lists at the front of s, 0: none. */
static size_t list_mark(str s) {
    static const str marks[] = {{";", 1}, {",", 1}, {"；", 3}, {"、", 3}, {"，", 3}};
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (str_starts(s, marks[i])) return marks[i].n;
    return 0;
}

str cell_list(str in, arena *a) {
    AUTO(buf) b = {0};
    while (in.n) {
        size_t n = 0;
        while (n < in.n && list_mark(str_skip(in, n)) == 0) n++;
        str piece = str_trim(str_take(in, n));
        in = str_skip(in, n);
        in = str_skip(in, list_mark(in));
        if (piece.n == 0) continue;
        if (b.n) buf_byte(&b, ';');
        buf_add(&b, piece);
    }
    return keep(a, &b);
}

static bool units(str in, arena *a, str *out, str *wanted) {
    AUTO(buf) b = {0};
    str rest = cell_list(in, a), unit;
    int64_t factor;
    while (product_unit_next(&rest, &unit, &factor)) {
        if (factor <= 0) return *wanted = STR("units as 箱=24;盒=6: how many base units one has"), false;
        if (b.n) buf_byte(&b, ';');
        buf_add(&b, unit);
        buf_byte(&b, '=');
        dec_put(&b, factor, QUANTITY_SCALE, 0);
    }
    *out = keep(a, &b);
    return true;
}

static size_t longest(cell_type type) {
    switch (type) {
    case CELL_WORD: return LIMIT_TEXT;
    case CELL_TEXT:
    case CELL_LIST:
    case CELL_UNITS:
    case CELL_RULE:
    case CELL_REGION: return LIMIT_NAME;
    default: return LIMIT_ID;
    }
}

static bool one_line(str s) {
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f) return false;
    return utf8_valid(s);
}

static bool text(const catalog_column *col, str in, arena *a, str *out, str *wanted) {
    AUTO(buf) b = {0};
    if (in.n > longest(col->type)) {
        buf_printf(&b, "at most %zu bytes", longest(col->type));
        return *wanted = keep(a, &b), false;
    }
    if (!one_line(in)) return *wanted = STR("one line of plain text"), false;
    *out = in;
    return true;
}

bool cell_canonical(const catalog_column *col, str in, arena *a, str *out, str *wanted) {
    if (!text(col, in, a, out, wanted)) return false;
    switch (col->type) {
    case CELL_CHOICE: return choice(col, in, a, out, wanted);
    case CELL_DAY: return day(in, a, out, wanted);
    case CELL_TIME: return moment(in, a, out, wanted);
    case CELL_MONTH: return month(in, a, out, wanted);
    case CELL_DECIMAL:
    case CELL_SIGNED: return decimal(col, in, a, out, wanted);
    case CELL_RATE: return rate(in, a, out, wanted);
    case CELL_LIST: return *out = cell_list(in, a), true;
    case CELL_UNITS: return units(in, a, out, wanted);
    case CELL_RULE: return promotion_rule_parse(in, &(promotion_rule){0}) || (*wanted = promotion_rule_wanted, false);
    default: return true;
    }
}

bool catalog_id_ok(str word) {
    return word.n > 0 && word.n <= LIMIT_ID && one_line(word) && str_trim(word).n == word.n;
}
