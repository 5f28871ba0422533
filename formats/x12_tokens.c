#include "formats/x12_tokens.h"
#include "base/num.h"

enum { ISA_ELEMENTS = 16, ISA_COMPONENT = 104, ISA_TERMINATOR = 105 };

static bool is_break(char c) {
    return c == '\r' || c == '\n';
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || is_break(c);
}

static bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_separator(char c) {
    return !is_letter(c) && c != ' ' && c != '"' && c != '\0' && !is_break(c);
}

/* "ISA*00*", "GS*PT*", "ST*867*": a tag, then short elements between equal separators. A comma makes it a table. */
static bool begins(str s, const char *tag, size_t first, bool digits) {
    size_t n = strlen(tag);
    if (!str_starts(s, str_of(tag)) || s.n < n + first + 2) return false;
    char mark = s.p[n];
    if (!is_separator(mark) || mark == ',' || mark == ';' || s.p[n + 1 + first] != mark) return false;
    for (size_t i = 0; i < first; i++)
        if (digits ? !is_digit(s.p[n + 1 + i]) : !is_letter(s.p[n + 1 + i])) return false;
    return true;
}

bool x12_looks_like(str bytes) {
    str s = str_trim(str_take(bytes, 512));
    return begins(s, "ISA", 2, false) || begins(s, "GS", 2, false) || begins(s, "ST", 3, true);
}

/* --- separators --- */

static void take_terminator(x12_marks *m, str from) {
    const char *p = from.p, *end = from.p + from.n;
    if (from.n == 0 || is_break(*p)) return;
    (void)utf8_next(&p, end);
    m->terminator_n = (uint8_t)(p - from.p);
    memcpy(m->terminator, from.p, m->terminator_n);
}

/* Every separator of a well-formed ISA stands where its fixed widths put it. */
static bool marks_by_width(str isa, x12_marks *m) {
    static const uint8_t at[ISA_ELEMENTS] = {3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103};
    if (isa.n <= ISA_TERMINATOR) return false;
    for (size_t i = 0; i < ISA_ELEMENTS; i++)
        if (isa.p[at[i]] != isa.p[3]) return false;
    char component = isa.p[ISA_COMPONENT];
    if (is_letter(component) || is_blank(component)) return false;
    m->component = component;
    take_terminator(m, str_skip(isa, ISA_TERMINATOR));
    return true;
}

/* The sixteenth separator, then the component mark, then the terminator, wherever they stand. Where nothing but a line
 * break stands before the next segment, lines end the segments. */
static bool marks_by_count(str isa, x12_marks *m) {
    size_t i = 3, seen = 0;
    for (; i < isa.n && seen < ISA_ELEMENTS; i++) seen += isa.p[i] == m->element;
    str s = str_skip(isa, i);
    if (seen < ISA_ELEMENTS || s.n == 0) return false;
    m->counted = true;
    if (s.n > 1 && is_letter(s.p[1])) { /* no component mark: this is the terminator */
        take_terminator(m, s);
        return true;
    }
    if (is_break(s.p[0])) return true;
    m->component = s.p[0];
    s = str_skip(s, 1);
    while (s.n && is_break(s.p[0])) s = str_skip(s, 1);
    if (s.n && !is_blank(s.p[0]) && !is_letter(s.p[0])) take_terminator(m, s);
    return true;
}

/* A group or set without an interchange around it: the usual terminator, or lines. */
static void marks_assumed(str text, x12_marks *m) {
    if (memchr(text.p, '~', text.n) && m->element != '~') take_terminator(m, STR("~"));
}

static bool find_marks(x12_reader *r, err *e) {
    str s = r->rest;
    size_t tag = str_starts(s, STR("ISA")) ? 3 : 2;
    x12_marks m = {.element = s.n > tag ? s.p[tag] : '*'};
    if (tag == 2) marks_assumed(s, &m);
    else if (!marks_by_width(s, &m) && !marks_by_count(s, &m))
        return err_set(e, ERR_DATA, "segment %llu: ISA has less than %d elements; wanted a whole interchange",
                       (unsigned long long)r->no + 1, ISA_ELEMENTS);
    r->marks = m;
    return true;
}

/* --- segments --- */

void x12_reader_init(x12_reader *r, str text) {
    *r = (x12_reader){.rest = text};
    buf_reserve(&r->text, 256); /* an empty segment has a text too */
}

void x12_reader_free(x12_reader *r) {
    buf_free(&r->text);
}

void x12_reader_auto(x12_reader *r) {
    x12_reader_free(r);
}

static void skip_blanks(x12_reader *r) {
    for (;;) {
        if (r->rest.n && is_blank(r->rest.p[0])) r->rest = str_skip(r->rest, 1);
        else if (str_starts(r->rest, STR("\xef\xbb\xbf")))
            r->rest = str_skip(r->rest, 3);
        else
            return;
    }
}

static bool at_terminator(const x12_reader *r, size_t i) {
    const x12_marks *m = &r->marks;
    if (m->terminator_n == 0) return is_break(r->rest.p[i]);
    return r->rest.n - i >= m->terminator_n && memcmp(r->rest.p + i, m->terminator, m->terminator_n) == 0;
}

/* Copies the segment without line breaks into r->text and steps over its terminator. */
static bool take_bytes(x12_reader *r, bool *ended, err *e) {
    size_t i = 0;
    buf_clear(&r->text);
    for (; i < r->rest.n && !at_terminator(r, i); i++) {
        if (is_break(r->rest.p[i])) continue;
        if (r->text.n == LIMIT_CELL)
            return err_set(e, ERR_DATA, "segment %llu: longer than %d bytes; its end is not found",
                           (unsigned long long)r->no, LIMIT_CELL);
        buf_byte(&r->text, r->rest.p[i]);
    }
    *ended = i < r->rest.n;
    r->rest = str_skip(r->rest, *ended ? i + (r->marks.terminator_n ? r->marks.terminator_n : 1) : i);
    return true;
}

/* The last element of ISA is the component mark itself, which splitting by the element mark must not lose. */
static bool split(x12_reader *r, x12_segment *g, err *e) {
    str all = buf_str(&r->text), piece;
    while (str_split(&all, r->marks.element, &piece)) {
        if (g->count == LIMIT_COLUMNS)
            return err_set(e, ERR_DATA, "segment %llu: more than %d elements", (unsigned long long)g->no,
                           LIMIT_COLUMNS);
        g->at[g->count++] = str_trim(piece);
    }
    if (g->count == 0) g->at[g->count++] = STR("");
    return true;
}

bool x12_next(x12_reader *r, x12_segment *out, err *e) {
    e->code = ERR_OK;
    skip_blanks(r);
    if (r->rest.n == 0) return false;
    bool opens = begins(r->rest, "ISA", 2, false);
    if (opens || r->marks.element == '\0') TRY(find_marks(r, e));
    out->no = ++r->no;
    out->count = 0;
    TRY(take_bytes(r, &out->ended, e));
    TRY(split(r, out, e));
    out->tag = out->at[0];
    return true;
}

/* --- values --- */

bool x12_number(str s, unsigned scale, int64_t *out) {
    if (s.n < 2 || s.p[s.n - 1] != '-') return dec_parse(s, scale, out, NULL);
    if (!dec_parse(str_take(s, s.n - 1), scale, out, NULL) || s.p[0] == '-' || s.p[0] == '+') return false;
    *out = -*out;
    return true;
}

bool x12_day(str s, day_t *out) {
    int d[8];
    for (size_t i = 0; i < s.n && i < 8; i++) {
        if (!is_digit(s.p[i])) return false;
        d[i] = s.p[i] - '0';
    }
    if (s.n != 8 && s.n != 6) return false;
    const int *p = d + s.n - 4;
    int year = s.n == 8 ? d[0] * 1000 + d[1] * 100 + d[2] * 10 + d[3] : d[0] * 10 + d[1];
    if (s.n == 6) year += year >= 50 ? 1900 : 2000;
    unsigned month = (unsigned)(p[0] * 10 + p[1]), day = (unsigned)(p[2] * 10 + p[3]);
    if (year < 1 || !civil_ok(year, month, day)) return false;
    *out = day_of(year, month, day);
    return true;
}
