/* Element strings: as people read them, "(01)…(21)…", and as scanners give them, with FNC1 behind what has no fixed
 * length. */
#include "proto/code_parts.h"

enum { FNC1 = 0x1d };

bool elements_add(elements *x, unsigned ai, str value) {
    if (x->n == ELEMENTS_MAX) return false;
    x->at[x->n++] = (struct element){ai, value};
    return true;
}

str elements_get(const elements *x, unsigned ai) {
    for (unsigned i = 0; i < x->n; i++)
        if (x->at[i].ai == ai) return x->at[i].value;
    return STR_NONE;
}

str elements_keep(elements *x, str s) {
    str kept = {x->room + x->used, s.n < sizeof x->room - x->used ? s.n : sizeof x->room - x->used};
    memcpy(x->room + x->used, s.p, kept.n);
    x->used += kept.n;
    return kept;
}

bool all_digits(str s) {
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9') return false;
    return s.n > 0;
}

char gs1_check_digit(str digits) {
    unsigned sum = 0;
    for (size_t i = 0; i < digits.n; i++) {
        unsigned digit = (unsigned)(digits.p[digits.n - 1 - i] - '0');
        sum += i % 2 ? digit : 3 * digit;
    }
    return (char)('0' + (10 - sum % 10) % 10);
}

bool is_primary(unsigned ai) {
    static const unsigned primary[] = {0, 1, 253, 255, 401, 402, 414, 417, 8003, 8004, 8006, 8010, 8013, 8017, 8018};
    for (size_t i = 0; i < ARRAY_LEN(primary); i++)
        if (primary[i] == ai) return true;
    return false;
}

/* Digits of the identifier that begins with these two digits: GS1 General Specifications, figure 3.2-1. */
static unsigned ai_digits(unsigned two) {
    if (two == 23 || two == 24 || two == 25 || (two >= 40 && two <= 42) || two == 71) return 3;
    if ((two >= 31 && two <= 36) || two == 39 || two == 43 || two == 70 || two == 72 || (two >= 80 && two <= 82))
        return 4;
    return two <= 3 || (two >= 10 && two <= 22) || two == 30 || two == 37 || two >= 90 ? 2 : 0;
}

/* Digits of a value of fixed length, behind which no FNC1 need stand (figure 7.8.5-2); 0: up to FNC1. */
static unsigned fixed_digits(unsigned two) {
    if (two == 0) return 18;
    if (two <= 3) return 14;
    if (two >= 11 && two <= 19) return 6;
    if (two == 20) return 2;
    if (two >= 31 && two <= 36) return 6;
    return two == 41 ? 13 : 0;
}

static unsigned number_of(str digits) {
    unsigned v = 0;
    for (size_t i = 0; i < digits.n; i++) v = v * 10 + (unsigned)(digits.p[i] - '0');
    return v;
}

/* "(21)" at the start of s: its identifier and how many bytes it takes; 0: none. */
static size_t bracketed(str s, unsigned *ai) {
    size_t n = 1;
    while (n < s.n && n < 6 && s.p[n] >= '0' && s.p[n] <= '9') n++;
    if (s.n < 4 || s.p[0] != '(' || n >= s.n || s.p[n] != ')' || n < 3 || n > 5) return 0;
    str digits = str_take(str_skip(s, 1), n - 1);
    if (ai_digits(number_of(str_take(digits, 2))) != digits.n) return 0;
    *ai = number_of(digits);
    return n + 1;
}

bool elements_within(str s) {
    unsigned ai;
    for (size_t i = 0; i < s.n; i++)
        if (bracketed(str_skip(s, i), &ai)) return true;
    return false;
}

bool elements_human(str s, elements *x, err *e) {
    unsigned ai, next;
    size_t head = bracketed(s, &ai);
    if (head == 0) return false;
    while (head) {
        size_t end = head, skip = 0;
        while (end < s.n && (skip = bracketed(str_skip(s, end), &next)) == 0) end++;
        str value = str_trim(str_from(s.p + head, end - head));
        if (value.n == 0) return err_set(e, ERR_DATA, "(%02u) has no value", ai);
        if (!elements_add(x, ai, value))
            return err_set(e, ERR_DATA, "more than %d identifiers in one code", ELEMENTS_MAX);
        s = str_skip(s, end);
        head = end < end + skip ? skip : 0;
        ai = next;
    }
    return true;
}

/* One element at *s; false when it cannot be one. */
static bool next_element(str *s, unsigned *ai, str *value) {
    if (s->n < 3 || !all_digits(str_take(*s, 2))) return false;
    unsigned two = number_of(str_take(*s, 2)), n = ai_digits(two), fixed = fixed_digits(two);
    if (n == 0 || s->n <= n || !all_digits(str_take(*s, n))) return false;
    *ai = number_of(str_take(*s, n));
    *s = str_skip(*s, n);
    size_t end = 0;
    while (end < s->n && s->p[end] != FNC1 && (fixed == 0 || end < fixed)) end++;
    if (end == 0 || (fixed && end < fixed)) return false;
    *value = str_take(*s, end);
    *s = str_skip(*s, end);
    if (s->n && s->p[0] == FNC1) *s = str_skip(*s, 1);
    return true;
}

/* Bytes before the first element: what a scanner says of the symbol, and FNC1. */
static size_t scanner_prefix(str s) {
    static const char *const symbols[] = {"]C1", "]e0", "]d2", "]Q3", "]J1"};
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(symbols) && n == 0; i++)
        if (str_starts(s, str_of(symbols[i]))) n = 3;
    while (n < s.n && s.p[n] == FNC1) n++;
    return n;
}

/* Without a prefix: an SSCC, or a GTIN with more behind it. Digits that end there may be anybody's own code. */
static bool looks_scanned(str s) {
    if (str_starts(s, STR("00"))) return s.n >= 20 && all_digits(str_take(s, 20));
    return str_starts(s, STR("01")) && s.n > 18 && all_digits(str_take(s, 18));
}

bool elements_scanned(str s, elements *x, err *e) {
    char plain[LIMIT_CODE];
    size_t prefix, n = 0;
    ASSERT(s.n <= sizeof plain);
    for (size_t i = 0; i < s.n; i++) plain[n++] = s.p[i] == '^' ? FNC1 : s.p[i];
    prefix = scanner_prefix(str_from(plain, n));
    if (prefix == 0 && !looks_scanned(s)) return false;
    str rest = str_skip(elements_keep(x, str_from(plain, n)), prefix);
    if (prefix && rest.n == 0) return err_set(e, ERR_DATA, "a scanner's prefix without a code behind it");
    while (rest.n) {
        unsigned ai;
        str value;
        if (next_element(&rest, &ai, &value) && elements_add(x, ai, value)) continue;
        x->n = 0;
        return prefix && err_set(e, ERR_DATA, "'%.*s' is no GS1 element", STR_ARG(str_take(rest, 24)));
    }
    return true;
}
