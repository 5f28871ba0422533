#include "formats/value.h"

enum { DATE_TEXT = 48 };

/* A date cell in pieces. `y`, `m`, `d` by their place in the cell: a year may stand first or last. */
typedef enum date_form {
    FORM_NONE,
    FORM_YMD,    /* the year is known: four digits in front, 20240321, 21-Mar-2024 */
    FORM_MONTH,  /* year and month only */
    FORM_ENDS_Y, /* a/b/2024 */
    FORM_SHORT,  /* 21/3/24: two digits each */
    FORM_NAMED,  /* 21-Mar-24: which number is the year? */
    FORM_SERIAL, /* 44819, 44819.5 */
    FORM_VAGUE,  /* Mar-24: a month of a year, or a day of a month */
} date_form;

typedef struct date_parts {
    date_form form;
    int a, b, c; /* FORM_YMD: year, month, day; FORM_NAMED: number, month, number; else in the order written */
} date_parts;

unsigned month_word(str word) {
    static const char *const months[] = {"january", "february", "march",     "april",   "may",      "june",
                                         "july",    "august",   "september", "october", "november", "december"};
    for (unsigned i = 0; i < ARRAY_LEN(months); i++) {
        str full = str_of(months[i]);
        if (str_ieq(word, full) || str_ieq(word, str_take(full, 3))) return i + 1;
    }
    return str_ieq(word, STR("sept")) ? 9 : 0;
}

/* 年 and 月 become '/', 日 and 号 a blank; 时 分 秒 ':'; other letters beyond ASCII 'x'. */
static str fold_date(str cell, char out[static DATE_TEXT]) {
    static const struct {
        uint32_t cp;
        char c;
    } signs[] = {{0x5e74, '/'}, {0x6708, '/'}, {0x65e5, ' '}, {0x53f7, ' '},
                 {0x65f6, ':'}, {0x5206, ':'}, {0x79d2, ' '}};
    if (cell.n == 0) return str_from(out, 0);
    const char *p = cell.p, *end = p + cell.n;
    size_t n = 0;
    while (p < end && n < DATE_TEXT) {
        uint32_t cp = half_width(utf8_next(&p, end));
        char c = cp < 0x80 ? (char)cp : 'x';
        for (size_t i = 0; i < ARRAY_LEN(signs); i++)
            if (signs[i].cp == cp) c = signs[i].c;
        out[n++] = c;
    }
    return p < end ? STR("") : str_trim(str_from(out, n));
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static size_t run_of(str s, bool (*is)(char)) {
    size_t n = 0;
    while (n < s.n && is(s.p[n])) n++;
    return n;
}

static int number_at(str s, size_t from, size_t n) {
    int v = 0;
    for (size_t i = from; i < from + n; i++) v = v * 10 + (s.p[i] - '0');
    return v;
}

/* What may follow a date: nothing, or a time of day, perhaps with a zone, or the word of a weekday. */
static bool is_time(str rest) {
    if (rest.n == 0) return true;
    if (rest.p[0] != ' ' && rest.p[0] != 'T') return false;
    bool colon = false;
    for (size_t i = 1; i < rest.n; i++) {
        char c = rest.p[i];
        colon = colon || c == ':';
        if (c == '-' && !colon) return false; /* the second date of a span */
        if (!is_digit(c) && !strchr(" :.+-ZTAPMapmx", c)) return false;
    }
    return true;
}

/* 20240321, 202403, 20240321140500, 44819, 44819.25 */
static date_parts digits_only(str s, size_t n) {
    date_parts d = {0};
    str rest = str_skip(s, n);
    if ((n == 8 && is_time(rest)) || ((n == 12 || n == 14) && rest.n == 0))
        return (date_parts){FORM_YMD, number_at(s, 0, 4), number_at(s, 4, 2), number_at(s, 6, 2)};
    if (n == 6 && rest.n == 0) return (date_parts){FORM_MONTH, number_at(s, 0, 4), number_at(s, 4, 2), 0};
    bool fraction = rest.n > 1 && rest.p[0] == '.' && run_of(str_skip(rest, 1), is_digit) == rest.n - 1;
    if (n == 5 && (rest.n == 0 || fraction)) return (date_parts){FORM_SERIAL, number_at(s, 0, 5), 0, 0};
    return d;
}

typedef struct piece {
    str text;
    int v;
    bool word; /* the name of a month */
} piece;

/* Up to three pieces between marks; the rest is *after. */
static size_t split(str s, piece out[static 3], str *after) {
    size_t n = 0;
    while (n < 3 && s.n) {
        size_t digits = run_of(s, is_digit), letters = digits ? 0 : run_of(s, is_letter), len = digits + letters;
        if (len == 0 || len > 9 || (digits > 4)) return 0;
        out[n].text = str_take(s, len);
        out[n].word = letters > 0;
        out[n].v = letters ? (int)month_word(out[n].text) : number_at(s, 0, len);
        if (letters && out[n].v == 0) return 0;
        n++;
        s = str_skip(s, len);
        if (n == 3 || s.n == 0) break;
        if (!strchr("-/., ", s.p[0])) break;
        s = str_skip(s, 1);
        while (s.n && s.p[0] == ' ') s = str_skip(s, 1);
    }
    *after = s;
    return n;
}

static date_parts with_month_word(const piece p[static 3], size_t n) {
    if (n == 3 && p[1].word && p[2].text.n == 4) return (date_parts){FORM_YMD, p[2].v, p[1].v, p[0].v};
    if (n == 3 && p[0].word && p[2].text.n == 4) return (date_parts){FORM_YMD, p[2].v, p[0].v, p[1].v};
    if (n == 3 && p[1].word && p[0].text.n == 4) return (date_parts){FORM_YMD, p[0].v, p[1].v, p[2].v};
    if (n == 3 && p[1].word) return (date_parts){FORM_NAMED, p[0].v, p[1].v, p[2].v};
    if (n == 2 && p[0].word && p[1].text.n == 4) return (date_parts){FORM_MONTH, p[1].v, p[0].v, 0};
    return (date_parts){n == 2 ? FORM_VAGUE : FORM_NONE, 0, 0, 0};
}

static date_parts date_split(str s) {
    date_parts none = {0};
    size_t digits = run_of(s, is_digit);
    if (digits >= 5) return digits_only(s, digits);
    piece p[3] = {0};
    str after;
    size_t n = split(s, p, &after);
    bool dots = n >= 2 && p[0].text.p + p[0].text.n < s.p + s.n && p[0].text.p[p[0].text.n] == '.';
    if (n < 2 || !is_time(after)) return none;
    if (p[0].word || p[1].word || p[2].word) return with_month_word(p, n);
    if (n == 2 && p[0].text.n == 4 && !dots) return (date_parts){FORM_MONTH, p[0].v, p[1].v, 0};
    if (n == 2) return none;
    if (p[0].text.n == 4) return (date_parts){FORM_YMD, p[0].v, p[1].v, p[2].v};
    if (p[2].text.n == 4) return (date_parts){FORM_ENDS_Y, p[0].v, p[1].v, p[2].v};
    if (p[2].text.n == 2) return (date_parts){FORM_SHORT, p[0].v, p[1].v, p[2].v};
    return none;
}

static date_parts date_of(str cell) {
    char text[DATE_TEXT];
    return date_split(fold_date(cell_clean(cell), text));
}

void date_look(date_marks *marks, str cell) {
    date_parts p = date_of(cell);
    if (p.form == FORM_NONE) return;
    if (p.form != FORM_SERIAL) marks->written = true;
    if (p.form != FORM_ENDS_Y) return;
    if (p.a > 12 && p.a <= 31 && p.b <= 12) marks->day_first = true;
    if (p.b > 12 && p.b <= 31 && p.a <= 12) marks->month_first = true;
}

void date_decide(const date_marks *marks, date_order said, date_rule *rule) {
    rule->serials = !marks->written;
    rule->order = said;
    if (said == DATE_ANY && marks->day_first != marks->month_first)
        rule->order = marks->day_first ? DATE_DMY : DATE_MDY;
}

/* Two-digit years: 00–69 are 20xx. */
static int full_year(int y) {
    return y >= 100 ? y : y < 70 ? 2000 + y : 1900 + y;
}

/* Puts the parts into the order year, month, day; false when it cannot be known. */
static bool in_order(date_parts *p, date_order order) {
    if (p->form == FORM_YMD || p->form == FORM_MONTH) return true;
    date_parts in = *p;
    if (p->form == FORM_NAMED) {
        if (order == DATE_ANY) return false;
        *p = order == DATE_YMD ? (date_parts){FORM_YMD, full_year(in.a), in.b, in.c}
                               : (date_parts){FORM_YMD, full_year(in.c), in.b, in.a};
        return true;
    }
    if (p->form == FORM_ENDS_Y && order != DATE_MDY && order != DATE_DMY) {
        if (in.a > 12) order = DATE_DMY;
        else if (in.b > 12 || in.a == in.b)
            order = DATE_MDY;
    }
    if (p->form == FORM_ENDS_Y && order == DATE_YMD) return false;
    switch (order) {
    case DATE_YMD: *p = (date_parts){FORM_YMD, full_year(in.a), in.b, in.c}; return true;
    case DATE_DMY: *p = (date_parts){FORM_YMD, full_year(in.c), in.b, in.a}; return true;
    case DATE_MDY: *p = (date_parts){FORM_YMD, full_year(in.c), in.a, in.b}; return true;
    case DATE_ANY: break;
    }
    return false;
}

static bool serial_day(int serial, const date_rule *rule, day_t *out, const char **wanted, const char **hint) {
    *wanted = rule->serials ? "a date (a spreadsheet's serial number lies between 20000 and 80000)"
                            : "a date as in the other rows of this column";
    *hint = "write the date as 2026-03-21";
    if (!rule->serials || serial < 20000 || serial > 80000) return false;
    *out = (rule->date1904 ? day_of(1904, 1, 1) : day_of(1899, 12, 30)) + serial;
    return true;
}

bool date_read(str cell, const date_rule *rule, day_t *out, bool *month_only, const char **wanted, const char **hint) {
    *month_only = false;
    if (day_parse(cell, out)) return true;
    date_parts p = date_of(cell);
    if (p.form == FORM_SERIAL) return serial_day(p.a, rule, out, wanted, hint);
    *wanted = "a date";
    *hint = "write the date as 2026-03-21";
    if (p.form == FORM_NONE) return false;
    *wanted = "a whole date: this may be a month of a year or a day of a month";
    if (p.form == FORM_VAGUE) return false;
    *wanted = "a date whose order of day, month and year is clear";
    *hint = "say the order in the mapping: dates: d/m/y (or m/d/y, y/m/d)";
    if (!in_order(&p, rule->order)) return false;
    *month_only = p.form == FORM_MONTH;
    *wanted = "a day of the calendar";
    *hint = "correct the date, or say its order in the mapping: dates: d/m/y";
    if (p.a < 1900 || p.b < 1 || p.b > 12) return false;
    if (*month_only) p.c = (int)days_in_month(p.a, (unsigned)p.b);
    if (p.c < 1 || !civil_ok(p.a, (unsigned)p.b, (unsigned)p.c)) return false;
    *out = day_of(p.a, (unsigned)p.b, (unsigned)p.c);
    return true;
}
