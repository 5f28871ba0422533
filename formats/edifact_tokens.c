#include "formats/edifact_tokens.h"
#include "base/num.h"

static const edi_marks usual_marks = {':', '+', '?', '\''};

static bool is_break(char c) {
    return c == '\r' || c == '\n';
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || is_break(c);
}

static bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Service segments whose tag is not followed by a letter: "UNB+", "UNB:" under odd marks, but not "UNBELIEVABLE". */
bool edi_looks_like(str bytes) {
    static const char *const openers[] = {"UNB", "UNG", "UNH"};
    str s = str_trim(str_take(bytes, 512));
    if (str_starts(s, STR("UNA"))) return s.n >= 9 && !is_letter(s.p[3]) && !is_letter(s.p[4]) && !is_letter(s.p[8]);
    for (size_t i = 0; i < ARRAY_LEN(openers); i++)
        if (str_starts(s, str_of(openers[i]))) return s.n > 3 && !is_letter(s.p[3]) && !is_blank(s.p[3]);
    return false;
}

str edi_repertoire(str bytes) {
    str head = str_take(bytes, 512);
    size_t at = str_find(head, STR("UNB"));
    str s = at == SIZE_MAX ? STR_NONE : str_take(str_skip(head, at + 4), 4);
    return s.n == 4 && str_starts(s, STR("UNO")) ? s : STR_NONE;
}

/* Without UNA the terminator is the apostrophe; senders that end segments by line use none at all. */
static edi_marks assumed_marks(str text) {
    edi_marks m = usual_marks;
    if (!str_has(text, STR("'"))) m.terminator = '\n';
    return m;
}

void edi_reader_init(edi_reader *r, str text) {
    *r = (edi_reader){.rest = str_trim(text), .marks = assumed_marks(text)};
    buf_reserve(&r->text, 256); /* an empty segment has a text too */
}

void edi_reader_free(edi_reader *r) {
    buf_free(&r->text);
}

void edi_reader_auto(edi_reader *r) {
    edi_reader_free(r);
}

static void skip_blanks(edi_reader *r) {
    while (r->rest.n && is_blank(r->rest.p[0]) && r->rest.p[0] != r->marks.component) r->rest = str_skip(r->rest, 1);
    if (str_starts(r->rest, STR("\xef\xbb\xbf"))) r->rest = str_skip(r->rest, 3);
}

static bool take_una(edi_reader *r, err *e) {
    const char *p = r->rest.p;
    if (r->rest.n < 9) return err_set(e, ERR_DATA, "segment %llu: UNA is cut off", (unsigned long long)r->no + 1);
    r->marks = (edi_marks){p[3], p[4], p[6], p[8]};
    r->rest = str_skip(r->rest, 9);
    r->no++;
    skip_blanks(r);
    return true;
}

/* Copies the segment's bytes without line breaks into r->text and steps over its terminator. A released character
 * keeps its release mark here; splitting undoes it. */
static bool take_bytes(edi_reader *r, bool *ended, err *e) {
    const edi_marks *m = &r->marks;
    size_t i = 0;
    bool released = false;
    buf_clear(&r->text);
    for (; i < r->rest.n; i++) {
        char c = r->rest.p[i];
        if (!released && c == m->terminator) break;
        if (is_break(c)) continue;
        if (r->text.n == LIMIT_CELL)
            return err_set(e, ERR_DATA, "segment %llu: longer than %d bytes; is '%c' the segment terminator?",
                           (unsigned long long)r->no, LIMIT_CELL, m->terminator);
        buf_byte(&r->text, c);
        released = !released && c == m->release && m->release != ' ';
    }
    *ended = i < r->rest.n;
    r->rest = str_skip(r->rest, i + (*ended ? 1 : 0));
    return true;
}

static bool put_component(edi_segment *g, unsigned element, unsigned component, str value, err *e) {
    if (g->count == LIMIT_COLUMNS)
        return err_set(e, ERR_DATA, "segment %llu: more than %d components", (unsigned long long)g->no, LIMIT_COLUMNS);
    g->at[g->count++] = (edi_component){(uint16_t)element, (uint16_t)component, str_trim(value)};
    return true;
}

/* Splits in place: the text only shrinks when release marks go. */
static bool split(edi_reader *r, edi_segment *g, err *e) {
    const edi_marks *m = &r->marks;
    char *text = r->text.p;
    unsigned element = 0, component = 0;
    size_t from = 0, to = 0;
    for (size_t i = 0; i < r->text.n; i++) {
        char c = text[i];
        if (c == m->release && m->release != ' ' && i + 1 < r->text.n) {
            text[to++] = text[++i];
            continue;
        }
        if (c != m->element && c != m->component) {
            text[to++] = c;
            continue;
        }
        TRY(put_component(g, element, component, str_from(text + from, to - from), e));
        from = to;
        component = c == m->element ? 0 : component + 1;
        element += c == m->element ? 1 : 0;
    }
    return put_component(g, element, component, str_from(text + from, to - from), e);
}

bool edi_next(edi_reader *r, edi_segment *out, err *e) {
    e->code = ERR_OK;
    skip_blanks(r);
    if (str_starts(r->rest, STR("UNA")) && r->rest.n > 3 && !is_letter(r->rest.p[3])) TRY(take_una(r, e));
    if (r->rest.n == 0) return false;
    out->no = ++r->no;
    out->count = 0;
    TRY(take_bytes(r, &out->ended, e));
    TRY(split(r, out, e));
    out->tag = out->at[0].value;
    return true;
}

str edi_value(const edi_segment *g, unsigned element, unsigned component) {
    for (unsigned i = 0; i < g->count; i++)
        if (g->at[i].element == element && g->at[i].component == component) return g->at[i].value;
    return STR("");
}

bool edi_number(str s, unsigned scale, int64_t *out) {
    char plain[40];
    if (s.n >= sizeof plain) return false;
    for (size_t i = 0; i < s.n; i++) plain[i] = s.p[i] == ',' ? '.' : s.p[i];
    return dec_parse(str_from(plain, s.n), scale, out, NULL);
}

typedef enum span { SPAN_DAY, SPAN_MONTH, SPAN_WEEK } span;

/* Format qualifiers (2379) that mean days: digits of one value, of its year, what it spans; `range` writes two. */
static const struct day_format {
    const char *code;
    uint8_t digits, year;
    span span;
    bool range;
} day_formats[] = {
    {"102", 8, 4, SPAN_DAY, false},   {"101", 6, 2, SPAN_DAY, false},  {"203", 12, 4, SPAN_DAY, false},
    {"204", 14, 4, SPAN_DAY, false},  {"201", 10, 2, SPAN_DAY, false}, {"610", 6, 4, SPAN_MONTH, false},
    {"609", 4, 2, SPAN_MONTH, false}, {"616", 6, 4, SPAN_WEEK, false}, {"615", 4, 2, SPAN_WEEK, false},
    {"718", 8, 4, SPAN_DAY, true},    {"717", 6, 2, SPAN_DAY, true},   {"719", 12, 4, SPAN_DAY, true},
    {"716", 6, 4, SPAN_WEEK, true},   {"710", 6, 4, SPAN_MONTH, true},
};

static const struct day_format *day_format_of(str format, size_t digits) {
    for (size_t i = 0; i < ARRAY_LEN(day_formats); i++) {
        const struct day_format *f = &day_formats[i];
        if (format.n ? str_is(format, f->code) : f->digits == digits && f->span == SPAN_DAY && !f->range) return f;
    }
    return NULL;
}

static int digits_value(const char *p, size_t n) {
    int v = 0;
    while (n-- > 0) v = v * 10 + (*p++ - '0');
    return v;
}

/* ISO week: week 1 is the one with 4 January; its last day is a Sunday. */
static bool week_end(int year, int week, day_t *out) {
    day_t fourth = day_of(year, 1, 4);
    day_t sunday = fourth + 7 - (day_t)weekday_of(fourth) + 7 * (week - 1);
    if (week < 1 || civil_of(sunday - 3).year != year) return false;
    *out = sunday;
    return true;
}

bool edi_day(str value, str format, day_t *out) {
    char d[32];
    size_t n = 0;
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        if (c == '-') continue;
        if (c < '0' || c > '9' || n == sizeof d) return false;
        d[n++] = c;
    }
    const struct day_format *f = day_format_of(format, n);
    if (f == NULL || n != (size_t)f->digits * (f->range ? 2 : 1)) return false;
    const char *p = d + (f->range ? f->digits : 0);
    int year = digits_value(p, f->year);
    if (f->year == 2) year += year >= 50 ? 1900 : 2000;
    int part = digits_value(p + f->year, 2);
    if (year < 1 || year > 9998) return false;
    if (f->span == SPAN_WEEK) return week_end(year, part, out);
    if (part < 1 || part > 12) return false;
    unsigned month = (unsigned)part;
    unsigned day = f->span == SPAN_DAY ? (unsigned)digits_value(p + f->year + 2, 2) : days_in_month(year, month);
    if (!civil_ok(year, month, day)) return false;
    *out = day_of(year, month, day);
    return true;
}
