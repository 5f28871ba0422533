#include "formats/value.h"

enum { NUMBER_TEXT = 96 };

/* Signs that stand for words or are not ASCII, as one byte each in a folded number. */
enum { SIGN_YUAN = 1, SIGN_EURO, SIGN_TEN_THOUSAND, SIGN_HUNDRED_MILLION };

uint32_t half_width(uint32_t cp) {
    if (cp >= 0xff01 && cp <= 0xff5e) return cp - 0xff01 + 0x21;
    if (cp == 0x3000 || cp == 0xa0 || cp == 0x2009 || cp == 0x202f) return ' ';
    return cp == 0xffe5 ? 0xa5 : cp;
}

/* Most cells begin and end with a letter that no blank shares a byte with. */
static bool is_tight(str s) {
    unsigned char first = (unsigned char)s.p[0], last = (unsigned char)s.p[s.n - 1];
    return first > ' ' && first != 0xc2 && first != 0xe3 && first != 0xef && last > ' ' && last != 0x80 &&
           last != 0xa0 && last != 0xbf;
}

str cell_clean(str cell) {
    if (cell.n == 0) return cell;
    if (!is_tight(cell)) cell = str_trim(cell);
    if (cell.n == 0 || !strchr("='N\\", cell.p[0])) return cell;
    if (cell.n >= 3 && str_starts(cell, STR("=\"")) && cell.p[cell.n - 1] == '"') {
        cell = str_trim(str_from(cell.p + 2, cell.n - 3));
    } else if (cell.n > 1 && cell.p[0] == '\'') {
        cell = str_skip(cell, 1);
    }
    return str_is(cell, "NULL") || str_is(cell, "\\N") ? STR("") : cell;
}

/* ---- folding ---- */

static char sign_byte(uint32_t cp) {
    static const struct {
        uint32_t cp;
        char byte;
    } signs[] = {
        {0xa5, SIGN_YUAN},
        {0x5143, SIGN_YUAN}, /* ¥ 元 */
        {0x5706, SIGN_YUAN}, /* 圆 */
        {0x20ac, SIGN_EURO},
        {0x4e07, SIGN_TEN_THOUSAND},
        {0x842c, SIGN_TEN_THOUSAND},
        {0x4ebf, SIGN_HUNDRED_MILLION},
        {0x2212, '-'},
        {0x2013, '-'},
        {0x2014, '-'}, /* − – — */
        {0x2019, '\''},
    };
    for (size_t i = 0; i < ARRAY_LEN(signs); i++)
        if (signs[i].cp == cp) return signs[i].byte;
    return '\0';
}

/* The cell in ASCII and sign bytes; false when it holds anything else or is too long to be a number. */
static bool fold_number(str cell, char out[static NUMBER_TEXT], size_t *n) {
    *n = 0;
    if (cell.n == 0) return true;
    const char *p = cell.p, *end = p + cell.n;
    while (p < end) {
        if (*n == NUMBER_TEXT) return false;
        uint32_t cp = half_width(utf8_next(&p, end));
        char c = cp < 0x80 ? (char)cp : sign_byte(cp);
        if (c == '\0' || (cp < 0x20 && cp != '\t')) return false;
        out[(*n)++] = c == '\t' ? ' ' : c;
    }
    return true;
}

/* ---- the pieces of a number ---- */

typedef struct number_parts {
    bool negative;
    str body;     /* digits and marks between the first and the last digit */
    int exponent; /* of E+15 */
    bool scientific;
    unsigned ten; /* further power of ten: 万, 亿 */
    bool percent;
    str currency;
} number_parts;

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Currency words and signs before or after the digits. */
static bool take_currency(str *s, bool front, str *currency) {
    static const struct {
        str text, currency;
    } signs[] = {
        {{"CNY", 3}, {"CNY", 3}}, {{"RMB", 3}, {"CNY", 3}}, {{"USD", 3}, {"USD", 3}}, {{"EUR", 3}, {"EUR", 3}},
        {{"HKD", 3}, {"HKD", 3}}, {{"US$", 3}, {"USD", 3}}, {{"HK$", 3}, {"HKD", 3}}, {{"$", 1}, {"USD", 3}},
        {{"\1", 1}, {NULL, 0}},   {{"\2", 1}, {"EUR", 3}},
    };
    for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
        if (!(front ? str_starts(*s, signs[i].text) : str_ends(*s, signs[i].text))) continue;
        *s = front ? str_skip(*s, signs[i].text.n) : str_take(*s, s->n - signs[i].text.n);
        if (signs[i].currency.n) *currency = signs[i].currency;
        return true;
    }
    return false;
}

static void take_front(str *s, number_parts *out, bool *sign, bool *open) {
    for (bool again = true; again;) {
        *s = str_trim(*s);
        again = take_currency(s, true, &out->currency);
        if (again || s->n == 0) continue;
        if ((s->p[0] == '-' || s->p[0] == '+') && !*sign) {
            out->negative = s->p[0] == '-';
            again = *sign = true;
        } else if (s->p[0] == '(' && !*open) {
            out->negative = again = *open = true;
        }
        if (again) *s = str_skip(*s, 1);
    }
}

static void take_back(str *s, number_parts *out, bool *sign, bool *open) {
    for (bool again = true; again;) {
        *s = str_trim(*s);
        again = take_currency(s, false, &out->currency);
        if (again || s->n == 0) continue;
        char c = s->p[s->n - 1];
        again = true;
        if ((c == '-' || c == '+') && !*sign) {
            out->negative = c == '-';
            *sign = true;
        } else if (c == ')' && *open) {
            *open = false;
        } else if (c == '%' && !out->percent) {
            out->percent = true;
        } else if (c == SIGN_TEN_THOUSAND && out->ten == 0) {
            out->ten = 4;
        } else if (c == SIGN_HUNDRED_MILLION && out->ten == 0) {
            out->ten = 8;
        } else {
            again = false;
        }
        if (again) s->n--;
    }
}

/* Cut "E+15" off the end. */
static bool take_exponent(str *s, number_parts *out) {
    size_t at = 0;
    while (at < s->n && s->p[at] != 'E' && s->p[at] != 'e') at++;
    if (at == s->n) return true;
    str digits = str_skip(*s, at + 1);
    bool negative = digits.n && digits.p[0] == '-';
    if (digits.n && (digits.p[0] == '-' || digits.p[0] == '+')) digits = str_skip(digits, 1);
    if (digits.n == 0 || digits.n > 3) return false;
    int v = 0;
    for (size_t i = 0; i < digits.n; i++) {
        if (!is_digit(digits.p[i])) return false;
        v = v * 10 + (digits.p[i] - '0');
    }
    out->scientific = true;
    out->exponent = negative ? -v : v;
    *s = str_take(*s, at);
    return true;
}

/* `folded` must outlive the parts. */
static bool number_split(str folded, number_parts *out) {
    *out = (number_parts){0};
    bool sign = false, open = false;
    take_front(&folded, out, &sign, &open);
    take_back(&folded, out, &sign, &open);
    if (open || !take_exponent(&folded, out)) return false;
    out->body = folded;
    bool any = false;
    for (size_t i = 0; i < folded.n; i++) {
        char c = folded.p[i];
        any = any || is_digit(c);
        if (!is_digit(c) && c != '.' && c != ',' && c != ' ' && c != '\'') return false;
    }
    return any;
}

/* ---- marks ---- */

typedef struct mark_facts {
    size_t commas, points;
    size_t last_comma, last_point; /* positions */
} mark_facts;

static mark_facts marks_of(str body) {
    mark_facts f = {0};
    for (size_t i = 0; i < body.n; i++) {
        if (body.p[i] == ',') f.commas++, f.last_comma = i;
        if (body.p[i] == '.') f.points++, f.last_point = i;
    }
    return f;
}

/* Does `mark` group the whole part by threes (1,234,567)? The first group has one to three digits and no leading 0. */
static bool groups(str whole, char mark) {
    str rest = whole, piece;
    for (bool first = true; str_split(&rest, mark, &piece); first = false) {
        for (size_t i = 0; i < piece.n; i++)
            if (!is_digit(piece.p[i])) return false;
        if (first ? piece.n == 0 || piece.n > 3 || piece.p[0] == '0' : piece.n != 3) return false;
    }
    return true;
}

/* The decimal mark a body shows beyond doubt, 0 when it could be either or has none. */
static char mark_shown(str body) {
    mark_facts f = marks_of(body);
    if (f.commas && f.points) return f.last_comma > f.last_point ? ',' : '.';
    if (f.commas == 0 && f.points == 0) return '\0';
    char mark = f.commas ? ',' : '.', other = f.commas ? '.' : ',';
    if (f.commas + f.points > 1) return groups(body, mark) ? other : '\0';
    return groups(body, mark) ? '\0' : mark;
}

void number_look(number_marks *marks, str cell) {
    char text[NUMBER_TEXT];
    size_t n;
    number_parts parts;
    size_t points = 0, others = 0;
    for (size_t i = 0; i < cell.n; i++) {
        points += cell.p[i] == '.';
        others += !is_digit(cell.p[i]) && cell.p[i] != '.';
    }
    bool nothing_new = others == 0 && (points == 0 || (points == 1 && marks->point_decimal));
    if (nothing_new || !fold_number(cell_clean(cell), text, &n) || !number_split(str_from(text, n), &parts)) return;
    char mark = mark_shown(parts.body);
    marks->comma_decimal = marks->comma_decimal || mark == ',';
    marks->point_decimal = marks->point_decimal || mark == '.';
}

void number_decide(const number_marks *marks, char decimal, number_rule *rule) {
    rule->mixed = decimal == '\0' && marks->comma_decimal && marks->point_decimal;
    rule->decimal = decimal ? decimal : marks->comma_decimal && !marks->point_decimal ? ',' : '.';
}

/* ---- reading ---- */

typedef struct digits {
    unsigned __int128 v;
    unsigned decimals, significant;
} digits;

enum { KEPT_DIGITS = 36 };

/* Digits that no scale could keep are only checked: float noise is often longer than any figure. */
static bool add_digits(str s, bool after_mark, digits *d) {
    for (size_t i = 0; i < s.n; i++) {
        if (!is_digit(s.p[i])) return false;
        bool full = d->significant == KEPT_DIGITS || d->decimals == KEPT_DIGITS;
        if (full && !after_mark) return false;
        if (full) continue;
        d->v = d->v * 10 + (unsigned)(s.p[i] - '0');
        if (d->v) d->significant++;
        if (after_mark) d->decimals++;
    }
    return true;
}

static bool grouped_digits(str whole, char group, digits *d) {
    char mark = '\0';
    for (size_t i = 0; i < whole.n; i++)
        if (!is_digit(whole.p[i])) mark = whole.p[i];
    if (mark == '\0') return add_digits(whole, false, d);
    if ((mark != group && mark != ' ' && mark != '\'') || !groups(whole, mark)) return false;
    for (str piece; str_split(&whole, mark, &piece);)
        if (!add_digits(piece, false, d)) return false;
    return true;
}

static bool body_digits(str body, char decimal, digits *d) {
    size_t at = SIZE_MAX;
    for (size_t i = 0; i < body.n; i++) {
        if (body.p[i] != decimal) continue;
        if (at != SIZE_MAX) return false;
        at = i;
    }
    *d = (digits){0};
    if (at == SIZE_MAX) return grouped_digits(body, decimal == '.' ? ',' : '.', d);
    return grouped_digits(str_take(body, at), decimal == '.' ? ',' : '.', d) &&
           add_digits(str_skip(body, at + 1), true, d);
}

/* v × 10^power with `scale` decimals in mind, rounded half away from zero. *rounded: by more than a millionth of 1. */
static bool scaled(unsigned __int128 v, int power, unsigned scale, int64_t *out, bool *rounded) {
    for (; power > 0 && v; power--)
        if (__builtin_mul_overflow(v, (unsigned __int128)10, &v)) return false;
    unsigned __int128 unit = 1;
    for (int lost = 0; power < 0 && lost < KEPT_DIGITS; power++, lost++) unit *= 10;
    if (power < 0) v = 0;
    unsigned __int128 whole = v / unit, part = v % unit;
    if (part && part >= unit - part) {
        whole++;
        part = unit - part;
    }
    *rounded = scale < 6 && part && part >= unit / (unsigned)pow10_i64(6 - scale);
    if (whole > INT64_MAX) return false;
    *out = (int64_t)whole;
    return true;
}

/* A spreadsheet shows a long number as 1.23457E+11: the digits it does not show are gone. */
static bool digits_lost(const number_parts *parts, const digits *d) {
    return parts->scientific && d->significant >= 6 && parts->exponent > (int)d->decimals;
}

static bool states_nothing(str folded) {
    for (size_t i = 0; i < folded.n; i++)
        if (folded.p[i] != '-' && folded.p[i] != ' ') return false;
    return true;
}

/* 13 and 13% are 0.13; 0.13 is itself. */
static bool rate_of(const number_parts *parts, int64_t *v) {
    int64_t one = pow10_i64(RATE_SCALE);
    return parts->percent || *v < one || mul_div(*v, 1, 100, v);
}

/* "1234.50" and the like, by far the most: digits and at most one point with no more decimals than are kept. */
static bool read_plain(str cell, const number_rule *rule, int64_t *out) {
    int64_t v = 0;
    unsigned decimals = 0;
    bool point = false, digit = false;
    if (cell.n == 0 || cell.n > 12 || rule->decimal != '.' || rule->mixed || rule->rate || rule->factor != 1)
        return false;
    for (size_t i = 0; i < cell.n; i++) {
        char c = cell.p[i];
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (!is_digit(c)) return false;
        digit = true;
        v = v * 10 + (c - '0');
        decimals += point;
    }
    if (!digit || decimals > rule->scale) return false;
    *out = v * pow10_i64(rule->scale - decimals);
    return true;
}

bool number_read(str cell, const number_rule *rule, number_value *out, const char **wanted) {
    char text[NUMBER_TEXT];
    size_t n;
    number_parts parts;
    digits d;
    *out = (number_value){.v = NUM_NONE};
    *wanted = "a number";
    if (read_plain(cell, rule, &out->v)) return true;
    cell = cell_clean(cell);
    if (str_is(cell, "/")) return true;
    if (!fold_number(cell, text, &n)) return false;
    if (states_nothing(str_from(text, n))) return true;
    if (!number_split(str_from(text, n), &parts)) return false;
    char shown = mark_shown(parts.body), decimal = rule->mixed && shown ? shown : rule->decimal;
    if (rule->mixed && !shown && (memchr(parts.body.p, ',', parts.body.n) || memchr(parts.body.p, '.', parts.body.n))) {
        *wanted = "a number whose decimal mark is clear: this column has both ',' and '.' as decimal mark";
        return false;
    }
    if (decimal == ',') *wanted = "a number with a decimal comma";
    if (!body_digits(parts.body, decimal, &d)) return false;
    *wanted = "all digits of the number: format the column as a number without exponent and export again";
    if (digits_lost(&parts, &d)) return false;
    *wanted = "a number of a plausible size";
    if (__builtin_mul_overflow(d.v, (unsigned __int128)(uint64_t)rule->factor, &d.v)) return false;
    int power = (int)rule->scale + (int)parts.ten + parts.exponent - (int)d.decimals - (parts.percent ? 2 : 0);
    if (!scaled(d.v, power, rule->scale, &out->v, &out->rounded)) return out->v = NUM_NONE, false;
    if (rule->rate && !rate_of(&parts, &out->v)) return false;
    if (parts.negative) out->v = -out->v;
    out->currency = parts.currency;
    return true;
}

bool code_damaged(str cell) {
    size_t at = 0;
    while (at < cell.n && (is_digit(cell.p[at]) || cell.p[at] == '.')) at++;
    if (at == 0 || at + 3 > cell.n || (cell.p[at] != 'E' && cell.p[at] != 'e') || cell.p[at + 1] != '+') return false;
    for (size_t i = at + 2; i < cell.n; i++)
        if (!is_digit(cell.p[i])) return false;
    return true;
}

bool formula_failed(str cell) {
    static const char *const errors[] = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"};
    if (cell.n == 0 || (cell.p[0] != '#' && cell.p[0] != '=')) return false;
    for (size_t i = 0; i < ARRAY_LEN(errors); i++)
        if (str_is(cell, errors[i])) return true;
    return cell.p[0] == '=';
}
