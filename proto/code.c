#include "proto/code.h"

#include "proto/code_parts.h"
#include <inttypes.h>
#include <stdio.h>

enum { LAST_DIGITS = 18, SERIAL_LENGTH = 20 };

/* Bytes that hold so many digits. */
static const uint8_t value_bytes[LAST_DIGITS + 1] = {0, 1, 1, 2, 2, 3, 3, 3, 4, 4, 5, 5, 5, 6, 6, 7, 7, 8, 8};

static bool key_room(const code_key *k, size_t more) {
    return k->n + more <= LIMIT_CODE_KEY;
}

static void put_bytes(code_key *k, uint64_t v, size_t bytes) {
    for (size_t i = bytes; i-- > 0;) k->p[k->n++] = (uint8_t)(v >> (8 * i));
}

static uint64_t get_bytes(const uint8_t *p, size_t bytes) {
    uint64_t v = 0;
    for (size_t i = 0; i < bytes; i++) v = v << 8 | p[i];
    return v;
}

static uint64_t digits_value(str s) {
    uint64_t v = 0;
    for (size_t i = 0; i < s.n; i++) v = v * 10 + (uint64_t)(s.p[i] - '0');
    return v;
}

static unsigned last_digits(str s) {
    unsigned n = 0;
    while (n < s.n && n < LAST_DIGITS && s.p[s.n - 1 - n] >= '0' && s.p[s.n - 1 - n] <= '9') n++;
    return n;
}

static bool put_series(code_key *k, str s, err *e) {
    unsigned digits = last_digits(s);
    size_t head = s.n - digits, bytes = value_bytes[digits];
    if (!key_room(k, head + 2 + bytes))
        return err_set(e, ERR_DATA, "the code is too long: at most %d bytes", LIMIT_CODE_OWN);
    memcpy(k->p + k->n, s.p, head);
    k->n = (uint8_t)(k->n + head);
    put_bytes(k, digits, 2); /* a 0, then their number */
    put_bytes(k, digits_value(str_skip(s, head)), bytes);
    return true;
}

/* Where the series of a key begins; 0: it has none. */
static size_t series_at(code_kind kind) {
    switch (kind) {
    case CODE_UNIT:
    case CODE_LOT: return 7;
    case CODE_OWN:
    case CODE_OTHER: return 1;
    default: return 0;
    }
}

/* Where the value of the series begins, checked; 0: this is no key. */
static size_t value_at(const code_key *k) {
    size_t at = series_at(code_kind_of(k));
    if (at == 0 || at > k->n) return 0;
    const uint8_t *zero = memchr(k->p + at, 0, k->n - at);
    if (zero == NULL) return 0;
    size_t head = (size_t)(zero - k->p);
    if (head + 2 > k->n || k->p[head + 1] > LAST_DIGITS) return 0;
    return head + 2 + value_bytes[k->p[head + 1]] == k->n ? head + 2 : 0;
}

bool code_key_of(str stored, code_key *out) {
    if (stored.n == 0 || stored.n > LIMIT_CODE_KEY) return false;
    out->n = (uint8_t)stored.n;
    memcpy(out->p, stored.p, stored.n);
    switch (code_kind_of(out)) {
    case CODE_CLASS: return out->n == 7;
    case CODE_SSCC: return out->n == 9;
    default: return value_at(out) != 0;
    }
}

static bool check_gtin(str given, char digits[static 14], code_read *out, err *e) {
    if (!all_digits(given) || (given.n != 8 && given.n != 12 && given.n != 13 && given.n != 14))
        return err_set(e, ERR_DATA, "(01)%.*s: a GTIN has 8, 12, 13 or 14 digits", STR_ARG(str_take(given, 40)));
    memset(digits, '0', 14);
    memcpy(digits + 14 - given.n, given.p, given.n);
    out->check = gs1_check_digit(str_from(digits, 13));
    if (out->check != digits[13]) out->warnings |= CODE_CHECK_DIGIT;
    return true;
}

static bool key_of_sscc(str given, code_read *out, err *e) {
    if (!all_digits(given) || given.n != 18)
        return err_set(e, ERR_DATA, "(00)%.*s: an SSCC has 18 digits", STR_ARG(str_take(given, 40)));
    out->check = gs1_check_digit(str_take(given, 17));
    if (out->check != given.p[17]) out->warnings |= CODE_CHECK_DIGIT;
    out->key = (code_key){.n = 1, .p = {CODE_SSCC}};
    put_bytes(&out->key, digits_value(given), 8);
    return true;
}

static bool key_of_gtin(const elements *x, code_read *out, err *e) {
    char digits[14];
    str serial = elements_get(x, 21), lot = elements_get(x, 10);
    TRY(check_gtin(elements_get(x, 1), digits, out, e));
    code_kind kind = serial.p ? CODE_UNIT : lot.p ? CODE_LOT : CODE_CLASS;
    out->key = (code_key){.n = 1, .p = {(uint8_t)kind}};
    put_bytes(&out->key, digits_value(str_from(digits, 14)), 6);
    if (kind == CODE_CLASS) return true;
    str of = serial.p ? serial : lot;
    if (of.n > SERIAL_LENGTH) out->warnings |= CODE_LONG;
    if (serial.p && lot.p) (void)str_copy_z(lot, out->lot, sizeof out->lot);
    return put_series(&out->key, of, e);
}

static bool key_of_text(code_kind kind, str s, code_read *out, err *e) {
    out->key = (code_key){.n = 1, .p = {(uint8_t)kind}};
    return put_series(&out->key, s, e);
}

static bool key_of_other(const elements *x, code_read *out, err *e) {
    static const unsigned qualifiers[] = {21, 235, 254, 8011, 8019, 7040};
    AUTO(buf) b = {0};
    for (unsigned i = 0; i < x->n && b.n == 0; i++) {
        if (!is_primary(x->at[i].ai)) continue;
        buf_printf(&b, "(%02u)%.*s", x->at[i].ai, STR_ARG(x->at[i].value));
        for (size_t k = 0; k < ARRAY_LEN(qualifiers); k++) {
            str v = elements_get(x, qualifiers[k]);
            if (v.p) buf_printf(&b, "(%u)%.*s", qualifiers[k], STR_ARG(v));
        }
    }
    if (b.n == 0)
        return err_set(e, ERR_DATA,
                       "no identifier of goods in it: (01) GTIN with (21) serial or (10) lot, or (00) SSCC");
    return key_of_text(CODE_OTHER, buf_str(&b), out, e);
}

/* Decoded values may hold what no code has, or what would read as another identifier when written behind its own. */
static bool values_ok(elements *x, err *e) {
    for (unsigned i = 0; i < x->n; i++) {
        str v = x->at[i].value = str_trim(x->at[i].value);
        bool ok = v.n > 0 && utf8_valid(v) && !elements_within(v);
        for (size_t k = 0; ok && k < v.n; k++) ok = (uint8_t)v.p[k] >= 0x20 && v.p[k] != 0x7f;
        if (!ok) return err_set(e, ERR_DATA, "the value of (%02u) is empty or holds what no code has", x->at[i].ai);
    }
    return true;
}

static bool key_of_elements(const elements *x, code_read *out, err *e) {
    str sscc = elements_get(x, 0);
    if (sscc.p) return key_of_sscc(sscc, out, e);
    if (elements_get(x, 1).p == NULL || elements_get(x, 235).p) return key_of_other(x, out, e);
    return key_of_gtin(x, out, e);
}

void code_typed(char *word) {
    for (; *word; word++)
        if (*word == 0x1d) *word = '^';
}

/* An address keeps its path and query as they are; its host is the same in capitals. */
static size_t host_end(str s) {
    size_t scheme = str_find(s, STR("://"));
    if (scheme == SIZE_MAX || scheme > 8) return 0;
    size_t host = str_find(str_skip(s, scheme + 3), STR("/"));
    return host == SIZE_MAX ? s.n : scheme + 3 + host;
}

static bool key_of_own(str s, code_read *out, err *e) {
    char text[LIMIT_CODE];
    size_t host = host_end(s);
    if (s.n == 18 && all_digits(s)) return key_of_sscc(s, out, e);
    for (size_t i = 0; i < s.n; i++) {
        bool letter = i < host && s.p[i] >= 'A' && s.p[i] <= 'Z';
        text[i] = letter ? (char)(s.p[i] - 'A' + 'a') : s.p[i];
    }
    return key_of_text(CODE_OWN, str_from(text, s.n), out, e);
}

/* Full-width letters and digits as the plain ones; the sign pictures of FNC1 as FNC1. False: it is no text. */
static bool plain_text(str s, char *text, size_t *n) {
    if (!utf8_valid(s)) return false;
    *n = 0;
    for (const char *p = s.p, *end = s.p + s.n; p < end;) {
        uint32_t cp = utf8_next(&p, end);
        if (cp >= 0xff01 && cp <= 0xff5e) cp -= 0xfee0;
        if (cp == 0x241d) cp = 0x1d;
        if (cp == 0x200b || cp == 0x200e || cp == 0xfeff) continue;
        if (cp == 0x7f || (cp < 0x20 && cp != 0x1d)) return false;
        *n += utf8_put(cp, text + *n);
    }
    return true;
}

bool code_parse(str given, code_read *out, err *e) {
    static bool (*const spellings[])(str, elements *, err *) = {elements_human, elements_urn, elements_link,
                                                                elements_scanned};
    char text[LIMIT_CODE];
    elements x;
    size_t n;
    str s = str_trim(given);
    *out = (code_read){0};
    x.n = 0;
    x.used = 0;
    if (s.n == 0) return err_set(e, ERR_DATA, "no code");
    if (s.n > LIMIT_CODE) return err_set(e, ERR_DATA, "the code is too long: at most %d bytes", LIMIT_CODE);
    if (!plain_text(s, text, &n)) return err_set(e, ERR_DATA, "the code has characters that no code has");
    s = str_trim(str_from(text, n));
    for (size_t i = 0; i < ARRAY_LEN(spellings); i++) {
        err why = {0};
        if (spellings[i](s, &x, &why)) return values_ok(&x, e) && key_of_elements(&x, out, e);
        if (why.code != ERR_OK) return *e = why, false;
    }
    if (s.n == 0 || memchr(s.p, 0x1d, s.n)) return err_set(e, ERR_DATA, "FNC1 in what is no GS1 element string");
    return key_of_own(s, out, e);
}

void code_warn(buf *b, const code_read *c) {
    if (c->warnings & CODE_CHECK_DIGIT) buf_printf(b, "the check digit is wrong, %c would be right", c->check);
    if (c->warnings & CODE_LONG)
        buf_printf(b, "%sa serial or lot of more than %d characters is none of GS1", b->n ? "; " : "", SERIAL_LENGTH);
}

const char *code_kind_name(code_kind k) {
    static const char *const names[] = {"none", "unit", "lot", "class", "sscc", "own", "other"};
    return (size_t)k < ARRAY_LEN(names) ? names[k] : names[0];
}

static void put_series_text(const code_key *k, buf *out) {
    size_t value = value_at(k), from = series_at(code_kind_of(k));
    if (value == 0) return;
    unsigned digits = k->p[value - 1];
    buf_add(out, str_from(k->p + from, value - 2 - from));
    if (digits) buf_printf(out, "%0*" PRIu64, (int)digits, get_bytes(k->p + value, k->n - value));
}

void code_text(const code_key *k, buf *out) {
    switch (code_kind_of(k)) {
    case CODE_SSCC: buf_printf(out, "(00)%018" PRIu64, get_be64(k->p + 1)); return;
    case CODE_CLASS: buf_printf(out, "(01)%014" PRIu64, code_gtin(k)); return;
    case CODE_UNIT:
    case CODE_LOT:
        buf_printf(out, "(01)%014" PRIu64 "(%s)", code_gtin(k), code_kind_of(k) == CODE_UNIT ? "21" : "10");
        put_series_text(k, out);
        return;
    default: put_series_text(k, out);
    }
}

uint64_t code_gtin(const code_key *k) {
    code_kind kind = code_kind_of(k);
    return kind == CODE_UNIT || kind == CODE_LOT || kind == CODE_CLASS ? get_bytes(k->p + 1, 6) : 0;
}

uint64_t code_as_gtin(const code_key *k) {
    AUTO(buf) b = {0};
    if (code_kind_of(k) != CODE_OWN) return 0;
    put_series_text(k, &b);
    str s = buf_str(&b);
    if (s.n == 16 && str_starts(s, STR("01"))) s = str_skip(s, 2);
    if (!all_digits(s) || (s.n != 8 && s.n != 12 && s.n != 13 && s.n != 14)) return 0;
    return gs1_check_digit(str_take(s, s.n - 1)) == s.p[s.n - 1] ? digits_value(s) : 0;
}

void code_serial(const code_key *k, buf *out) {
    put_series_text(k, out);
}

bool code_series(const code_key *k, size_t *prefix, uint64_t *value) {
    *prefix = value_at(k);
    if (*prefix == 0 || *prefix == k->n) return false;
    *value = get_bytes(k->p + *prefix, k->n - *prefix);
    return true;
}

code_key code_at(const code_key *k, uint64_t value) {
    code_key at = *k;
    at.n = (uint8_t)value_at(k);
    if (at.n) put_bytes(&at, value, (size_t)(k->n - at.n));
    return at;
}

/* The unit of a base and a serial: behind a GTIN it is its serial, else it is written on. */
static bool unit_of(const code_read *base, str spelled, str serial, code_read *out, err *e) {
    AUTO(buf) b = {0};
    uint64_t gtin = code_kind_of(&base->key) == CODE_CLASS ? code_gtin(&base->key) : code_as_gtin(&base->key);
    if (gtin) buf_printf(&b, "(01)%014" PRIu64 "(21)%.*s", gtin, STR_ARG(serial));
    else
        buf_printf(&b, "%.*s%.*s", STR_ARG(spelled), STR_ARG(serial));
    return code_parse(buf_str(&b), out, e);
}

bool code_range_parse(str spelled, str from, str to, code_range *out, err *e) {
    code_read base, first, last;
    size_t prefix;
    from = str_trim(from);
    to = str_trim(to);
    spelled = str_trim(spelled);
    TRY(code_parse(spelled, &base, e));
    if (from.n != to.n || from.n == 0 || from.n > SERIAL_LENGTH)
        return err_set(e, ERR_DATA, "from '%.*s' and to '%.*s': serials of equal length, at most %d characters",
                       STR_ARG(from), STR_ARG(to), SERIAL_LENGTH);
    TRY(unit_of(&base, spelled, from, &first, e) && unit_of(&base, spelled, to, &last, e));
    if (!code_series(&first.key, &out->prefix, &out->from) || !code_series(&last.key, &prefix, &out->to) ||
        prefix != out->prefix || memcmp(first.key.p, last.key.p, prefix) != 0 || out->from > out->to ||
        (code_kind_of(&first.key) != CODE_UNIT && code_kind_of(&first.key) != CODE_OWN))
        return err_set(e, ERR_DATA,
                       "from '%.*s' to '%.*s': serials that count up in their last digits, behind a GTIN or a code of "
                       "one's own",
                       STR_ARG(from), STR_ARG(to));
    out->first = first.key;
    out->last = last.key;
    return true;
}

bool code_next(str *rest, str *one) {
    while (str_split(rest, ';', one)) {
        *one = str_trim(*one);
        if (one->n) return true;
    }
    return false;
}
