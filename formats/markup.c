#include "formats/markup.h"

#include "formats/charset.h"
#include "formats/sheet.h"
#include "formats/tags.h"
#include "formats/value.h"
#include <stdlib.h>

enum { LOOK = 4096 };

typedef struct span { /* a cell that reaches into the rows below */
    unsigned left;
    bool is_word;
    buf text;
} span;

struct markup {
    str text;
    size_t at;       /* where reading stands */
    size_t sheet_at; /* where the sheet's rows begin */
    uint32_t sheets;
    str sheet_name;
    bool sheet_hidden;
    buf name, hidden;
    uint64_t row_no;
    sheet_row row;
    span spans[LIMIT_COLUMNS];
    buf value;
};

/* ---- a cell ---- */

/* White space runs become one blank. */
static void add_letter(buf *out, char c) {
    bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (blank && (out->n == 0 || out->p[out->n - 1] == ' ')) return;
    if (out->n <= 2 * LIMIT_CELL) buf_byte(out, blank ? ' ' : c);
}

/* Behind the table that begins inside a cell: it is a sheet of its own. */
static size_t behind_table(str s, size_t at) {
    tag t;
    unsigned open = 0;
    for (; tag_next(s, &at, &t); at = t.end) {
        if (t.kind != TAG_TABLE) continue;
        open += t.closing ? 0U : 1U;
        if (t.closing && --open == 0) return t.end;
    }
    return s.n;
}

/* The text of a cell that begins at `at`; a missing end is where the next cell or row begins, or the table ends. */
static size_t cell_text(markup *m, size_t at, bool *is_number) {
    buf_clear(&m->value);
    while (at < m->text.n) {
        char c = m->text.p[at];
        tag t;
        if (c == '<' && tag_at(m->text, at, &t)) {
            if (t.kind == TAG_CELL || t.kind == TAG_ROW || (t.kind == TAG_TABLE && t.closing) || t.kind == TAG_SHEET)
                return t.kind == TAG_CELL && t.closing ? t.end : at;
            if (t.kind == TAG_BREAK) add_letter(&m->value, ' ');
            if (t.kind == TAG_DATA && !t.closing) *is_number = str_is(tag_attribute(&t, STR("Type")), "Number");
            for (size_t i = 0; t.kind == TAG_CDATA && i < t.attributes.n; i++) add_letter(&m->value, t.attributes.p[i]);
            at = t.kind == TAG_TABLE ? behind_table(m->text, at) : t.end;
            continue;
        }
        size_t n = c == '&' ? tag_entity(str_skip(m->text, at), &m->value) : 0;
        if (n == 0) add_letter(&m->value, c);
        at += n ? n : 1;
    }
    return at;
}

static bool looks_like_number(str cell) {
    static const number_rule rule = {.decimal = '.', .scale = 6, .factor = 1};
    const char *wanted;
    number_value v;
    return number_read(cell, &rule, &v, &wanted) && v.v != NUM_NONE;
}

/* Excel's own HTML keeps the whole number beside the text that shows 1.23E+15. */
static str shown_or_kept(const markup *m, const tag *t) {
    str shown = str_trim(buf_str(&m->value)), kept = str_trim(tag_attribute(t, STR("num")));
    return kept.n && code_damaged(shown) ? kept : shown;
}

/* Cells that reach down from rows above stand before the row's next own one. */
static size_t past_spans(markup *m, size_t column) {
    for (; column < LIMIT_COLUMNS && m->spans[column].left > 0; column++) {
        span *s = &m->spans[column];
        s->left--;
        if (s->is_word) sheet_row_put(&m->row, column, buf_str(&s->text), true);
    }
    return column;
}

static void reach_down(markup *m, size_t column, unsigned rows, str text, bool is_word) {
    span *s = &m->spans[column];
    s->left = rows;
    s->is_word = is_word;
    buf_clear(&s->text);
    buf_add(&s->text, str_take(text, LIMIT_CELL));
}

static size_t take_cell(markup *m, const tag *t, size_t column) {
    unsigned index = tag_number(t, STR("Index"), 0);
    while (index > 0 && column + 1 < index && column < LIMIT_COLUMNS) {
        size_t behind = past_spans(m, column);
        column = behind > column ? behind : column + 1;
    }
    column = past_spans(m, column);
    unsigned across = tag_number(t, STR("MergeAcross"), 0) + tag_number(t, STR("colspan"), 1);
    unsigned down = tag_number(t, STR("MergeDown"), 0) + tag_number(t, STR("rowspan"), 1);
    bool is_number = false;
    buf_clear(&m->value);
    m->at = t->empty ? t->end : cell_text(m, t->end, &is_number);
    str text = shown_or_kept(m, t);
    bool is_word = !is_number && !looks_like_number(text);
    for (unsigned i = 0; i < (across ? across : 1); i++, column++) {
        if (i == 0 || is_word) sheet_row_put(&m->row, column, text, is_word);
        if (column >= LIMIT_COLUMNS) break;
        if (down > 1) reach_down(m, column, down - 1, text, is_word);
    }
    return column;
}

/* ---- rows ---- */

static void take_row(markup *m) {
    size_t column = 0;
    sheet_row_begin(&m->row, m->row_no);
    for (tag t; tag_next(m->text, &m->at, &t);) {
        if (t.kind == TAG_CELL && !t.closing) {
            column = take_cell(m, &t, column);
            continue;
        }
        if (t.kind == TAG_TABLE && !t.closing) {
            m->at = behind_table(m->text, m->at);
            continue;
        }
        bool ends = t.kind == TAG_ROW || t.kind == TAG_TABLE || t.kind == TAG_SHEET;
        if (!ends || (t.kind == TAG_ROW && t.closing)) m->at = t.end;
        if (ends) break;
    }
    while (column < LIMIT_COLUMNS) {
        (void)past_spans(m, column);
        column++;
    }
}

static bool next_row(void *self, table_row *row, err *e) {
    (void)e;
    markup *m = self;
    *row = (table_row){0};
    for (tag t; row->no == 0 && tag_next(m->text, &m->at, &t);) {
        if (t.kind == TAG_SHEET || (t.kind == TAG_TABLE && t.closing)) return true;
        if (t.kind == TAG_TABLE) m->at = behind_table(m->text, m->at);
        else
            m->at = t.end;
        if (t.kind != TAG_ROW || t.closing) continue;
        unsigned index = tag_number(&t, STR("Index"), 0);
        m->row_no = index > m->row_no ? index : m->row_no + 1;
        if (t.empty) continue;
        take_row(m);
        if (!sheet_row_blank(&m->row)) *row = sheet_row_view(&m->row);
    }
    return true;
}

static void rewind_sheet(void *self) {
    markup *m = self;
    m->at = m->sheet_at;
    m->row_no = 0;
    for (size_t i = 0; i < LIMIT_COLUMNS; i++) m->spans[i].left = 0;
}

/* ---- sheets ---- */

static void enter_sheet(markup *m, const tag *t) {
    str rest = str_skip(m->text, t->end), name = tag_attribute(t, STR("Name"));
    size_t end = str_find(rest, STR("</Worksheet"));
    str inside = str_take(rest, end == SIZE_MAX ? rest.n : end);
    m->sheet_hidden = str_has(inside, STR("<Visible>SheetHidden")) || str_has(inside, STR("<Visible>SheetVeryHidden"));
    buf_clear(&m->name);
    for (size_t i = 0; i < name.n && i < LIMIT_NAME;) {
        size_t n = name.p[i] == '&' ? tag_entity(str_skip(name, i), &m->name) : 0;
        if (n == 0) buf_byte(&m->name, name.p[i]);
        i += n ? n : 1;
    }
    while (m->name.n && !utf8_valid(buf_str(&m->name))) m->name.n--;
    if (m->sheet_hidden && m->hidden.n < LIMIT_TEXT)
        buf_printf(&m->hidden, "%s%.*s", m->hidden.n ? ", " : "", STR_ARG(buf_str(&m->name)));
}

bool markup_next_sheet(markup *m, table_rows *rows, bool *more, err *e) {
    size_t at = m->sheet_at;
    for (tag t; tag_next(m->text, &at, &t); at = t.end) {
        if (t.kind == TAG_SHEET && !t.closing) enter_sheet(m, &t);
        if (t.kind != TAG_TABLE || t.closing || m->sheet_hidden) continue;
        if (m->sheets == LIMIT_SHEETS)
            return err_set(e, ERR_DATA, "has more than %d tables; save it as XLSX or CSV", LIMIT_SHEETS);
        m->sheets++;
        m->sheet_at = t.end;
        rewind_sheet(m);
        *rows = (table_rows){
            .self = m, .next = next_row, .rewind = rewind_sheet, .sheet = m->sheets, .sheet_name = buf_str(&m->name)};
        return *more = true;
    }
    *more = false;
    return true;
}

/* ---- the whole ---- */

bool markup_likely(str text) {
    str head = str_take(text, LOOK);
    size_t at = 0;
    if (!str_starts(str_trim(head), STR("<"))) return false;
    for (tag t; tag_next(head, &at, &t); at = t.end)
        if (t.kind == TAG_TABLE || t.kind == TAG_PAGE || t.kind == TAG_WORKBOOK) return true;
    return false;
}

/* Tables in tables cost a pass each. */
static bool check_nesting(str text, err *e) {
    size_t at = 0, depth = 0;
    for (tag t; tag_next(text, &at, &t); at = t.end) {
        if (t.kind != TAG_TABLE) continue;
        depth = !t.closing ? depth + 1 : depth > 0 ? depth - 1 : 0;
        if (depth > LIMIT_NESTED_TABLES)
            return err_set(e, ERR_DATA, "holds tables inside tables, more than %d deep; save it as XLSX or CSV",
                           LIMIT_NESTED_TABLES);
    }
    return true;
}

bool markup_open(str text, markup **out, err *e) {
    *out = NULL;
    if (str_has(text, STR("<!ENTITY")))
        return err_set(e, ERR_DATA, "declares entities, which no spreadsheet does; it is refused: save it as XLSX");
    TRY(check_nesting(text, e));
    markup *m = calloc(1, sizeof *m);
    ASSERT(m != NULL);
    m->text = text;
    sheet_row_init(&m->row);
    *out = m;
    return true;
}

void markup_close(markup *m) {
    if (m == NULL) return;
    for (size_t i = 0; i < LIMIT_COLUMNS; i++) buf_free(&m->spans[i].text);
    sheet_row_free(&m->row);
    buf_free(&m->name);
    buf_free(&m->hidden);
    buf_free(&m->value);
    free(m);
}

void markup_auto(markup **m) {
    markup_close(*m);
}

str markup_hidden(markup *m) {
    return buf_str(&m->hidden);
}

/* ---- the format ---- */

static bool next_sheet(void *self, table_rows *rows, bool *more, err *e) {
    return markup_next_sheet(self, rows, more, e);
}

/* The first piece as UTF-8; false when the letters are unknown. */
static bool first_piece(charset_stream *s, str bytes, str *piece) {
    charset kind;
    err e;
    if (!charset_detect(bytes, &kind, &e)) return false;
    charset_open(s, bytes, kind);
    return charset_next(s, piece, &e);
}

/* Is the first letter '<', whatever the letters are? Cheap, for most files it is not. */
static bool begins_with_tag(str bytes) {
    for (size_t i = 0; i < bytes.n && i < LOOK; i++) {
        char c = bytes.p[i];
        if (c == '<') return true;
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n' && c != '\0' && (c & 0x80) == 0) return false;
    }
    return false;
}

static int sniff(str bytes) {
    charset_stream s = {0};
    str piece;
    if (!begins_with_tag(bytes)) return 0;
    bool likely = first_piece(&s, bytes, &piece) && markup_likely(piece);
    charset_close(&s);
    return likely ? 85 : 0;
}

static bool as_utf8(charset_stream *s, str bytes, str *text, buf *room, err *e) {
    charset kind;
    TRY(charset_detect(bytes, &kind, e));
    charset_open(s, bytes, kind);
    for (;;) {
        TRY(charset_next(s, text, e));
        if (s->cd == NULL) return true; /* one piece, as it lies there */
        if (text->n == 0) break;
        buf_add(room, *text);
        if (room->n > LIMIT_MARKUP_BYTES) break;
    }
    *text = buf_str(room);
    return true;
}

static bool read_tables(const source *in, const mapping *m, str text, docset *out, err *e) {
    AUTO(markup) *k = NULL;
    if (text.n > LIMIT_MARKUP_BYTES)
        return err_set(e, ERR_DATA, "more than %d MiB of marked-up text; save it as XLSX or CSV",
                       LIMIT_MARKUP_BYTES >> 20);
    TRY(markup_open(text, &k, e));
    TRY(sheets_read(&(sheet_source){k, next_sheet}, in, m, out, e));
    if (markup_hidden(k).n) sheets_note_hidden(out, markup_hidden(k));
    return true;
}

static bool read_markup(const source *in, const mapping *m, docset *out, err *e) {
    AUTO(buf) room = {0};
    charset_stream s = {0};
    str text;
    bool ok = as_utf8(&s, in->bytes, &text, &room, e);
    if (ok) out->charset = arena_str(&out->text, str_of(charset_name(s.kind)));
    ok = ok && read_tables(in, m, text, out, e);
    charset_close(&s);
    return ok;
}

bool markup_visit(const source *in, sheets_fn fn, void *arg, err *e) {
    AUTO(buf) room = {0};
    AUTO(markup) *k = NULL;
    charset_stream s = {0};
    str text;
    bool ok = as_utf8(&s, in->bytes, &text, &room, e) &&
              (text.n <= LIMIT_MARKUP_BYTES ||
               err_set(e, ERR_DATA, "more than %d MiB of marked-up text", LIMIT_MARKUP_BYTES >> 20)) &&
              markup_open(text, &k, e) && fn(arg, &(sheet_source){k, next_sheet}, e);
    charset_close(&s);
    return ok;
}

const format markup_format = {"markup", sniff, read_markup};
