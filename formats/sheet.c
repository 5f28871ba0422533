#include "formats/sheet.h"

#include "formats/layout.h"

#include <stdlib.h>

/* ---- a row ---- */

void sheet_row_init(sheet_row *r) {
    arena_init(&r->text, (size_t)LIMIT_COLUMNS * (LIMIT_CELL + 32));
    r->cells = 0;
}

void sheet_row_free(sheet_row *r) {
    arena_free(&r->text);
}

void sheet_row_begin(sheet_row *r, uint64_t no) {
    arena_reset(&r->text);
    r->no = no;
    r->cells = 0;
    r->long_cell = r->excess = false;
}

static str cut_letters(str s, size_t most) {
    if (s.n <= most) return s;
    while (most > 0 && ((unsigned char)s.p[most] & 0xc0) == 0x80) most--;
    return str_take(s, most);
}

void sheet_row_put(sheet_row *r, size_t column, str text, bool is_word) {
    if (column >= LIMIT_COLUMNS) {
        r->excess = r->excess || str_trim(text).n > 0;
        return;
    }
    for (; r->cells <= column; r->cells++) {
        r->cell[r->cells] = STR("");
        r->is_word[r->cells] = false;
    }
    str kept = text.n ? arena_str(&r->text, cut_letters(text, LIMIT_CELL)) : STR("");
    r->long_cell = r->long_cell || text.n > LIMIT_CELL || kept.p == NULL;
    r->cell[column] = kept.p ? kept : STR("");
    r->is_word[column] = is_word;
}

bool sheet_row_blank(const sheet_row *r) {
    for (size_t i = 0; i < r->cells; i++)
        if (str_trim(r->cell[i]).n) return false;
    return !r->excess;
}

table_row sheet_row_view(const sheet_row *r) {
    return (table_row){.no = r->no, .cell = r->cell, .cells = r->cells, .long_cell = r->long_cell, .excess = r->excess};
}

/* ---- merged areas ---- */

void merges_clear(merges *m) {
    merges_begin(m);
    m->n = 0;
}

void merges_free(merges *m) {
    for (size_t i = 0; i < LIMIT_COLUMNS; i++) buf_free(&m->active[i].text);
    free(m->area);
    m->area = NULL;
}

bool merges_add(merges *m, merged_area area, err *e) {
    if (area.column >= LIMIT_COLUMNS || area.last_row < area.row || area.last_column < area.column) return true;
    if (area.last_column >= LIMIT_COLUMNS) area.last_column = LIMIT_COLUMNS - 1;
    if (m->n == LIMIT_MERGES)
        return err_set(e, ERR_DATA, "more than %d merged areas in one sheet; undo the merging or save it as CSV",
                       LIMIT_MERGES);
    if (m->n == m->cap) {
        m->cap = m->cap ? 2 * m->cap : 64;
        m->area = reallocarray(m->area, m->cap, sizeof *m->area);
        ASSERT(m->area != NULL);
    }
    m->area[m->n++] = area;
    return true;
}

static int by_row(const void *a, const void *b) {
    const merged_area *x = a, *y = b;
    if (x->row != y->row) return x->row < y->row ? -1 : 1;
    return x->column < y->column ? -1 : x->column > y->column;
}

void merges_begin(merges *m) {
    if (m->n) qsort(m->area, m->n, sizeof *m->area, by_row);
    m->next = m->actives = 0;
}

static void drop_ended(merges *m, uint64_t row) {
    for (size_t i = 0; i < m->actives;) {
        if (m->active[i].area->last_row >= row) {
            i++;
            continue;
        }
        merged_word last = m->active[--m->actives];
        m->active[m->actives] = m->active[i]; /* its buffer is used again */
        m->active[i] = last;
    }
}

/* An area whose first row or cell is not in the file has no word. */
static bool begin_areas(merges *m, const sheet_row *r, err *e) {
    for (; m->next < m->n && m->area[m->next].row <= r->no; m->next++) {
        const merged_area *a = &m->area[m->next];
        if (a->row != r->no || a->column >= r->cells || !r->is_word[a->column]) continue;
        if (m->actives == LIMIT_COLUMNS)
            return err_set(e, ERR_DATA, "row %llu: merged areas overlap; the workbook is damaged",
                           (unsigned long long)r->no);
        merged_word *w = &m->active[m->actives++];
        w->area = a;
        buf_clear(&w->text);
        buf_add(&w->text, r->cell[a->column]);
    }
    return true;
}

bool merges_fill(merges *m, sheet_row *r, err *e) {
    drop_ended(m, r->no);
    TRY(begin_areas(m, r, e));
    for (size_t i = 0; i < m->actives; i++) {
        const merged_word *w = &m->active[i];
        for (size_t c = w->area->column; c <= w->area->last_column; c++) sheet_row_put(r, c, buf_str(&w->text), true);
    }
    return true;
}

/* ---- texts kept once ---- */

bool shared_texts_add(shared_texts *t, str text) {
    if (t->text.n + text.n > LIMIT_SHARED_TEXT || t->n == LIMIT_SHARED_TEXT / sizeof *t->end) return false;
    if (t->n == t->cap) {
        t->cap = t->cap ? 2 * t->cap : 256;
        t->end = reallocarray(t->end, t->cap, sizeof *t->end);
        ASSERT(t->end != NULL);
    }
    buf_add(&t->text, text);
    t->end[t->n++] = (uint32_t)t->text.n;
    return true;
}

str shared_texts_get(const shared_texts *t, size_t i) {
    size_t from = i ? t->end[i - 1] : 0;
    return t->end[i] == from ? STR("") : str_from(t->text.p + from, t->end[i] - from);
}

void shared_texts_free(shared_texts *t) {
    buf_free(&t->text);
    free(t->end);
    *t = (shared_texts){0};
}

/* ---- the sheets of a file ---- */

/* Rows as they come, remembering whether it was they that failed and not the table made of them. */
typedef struct watched {
    table_rows rows;
    bool failed;
} watched;

static bool watched_next(void *self, table_row *row, err *e) {
    watched *w = self;
    w->failed = !w->rows.next(w->rows.self, row, e);
    return !w->failed;
}

static void watched_rewind(void *self) {
    watched *w = self;
    w->rows.rewind(w->rows.self);
}

typedef struct walk {
    const mapping *m;
    docset *out;
    size_t read, unread;
    bool meant; /* `why` is of a sheet that was meant to be read */
    err why;
} walk;

/* What is said when in the end no sheet can be read: the first reason, of a table if there is one. */
static void keep_reason(walk *k, bool meant, const err *why) {
    if (k->unread++ > 0 && (k->meant || !meant)) return;
    k->meant = meant;
    k->why = *why;
}

static bool read_sheet(walk *k, const table_rows *sheet, err *e) {
    watched w = {.rows = *sheet};
    table_rows rows = *sheet;
    rows.self = &w;
    rows.next = watched_next;
    rows.rewind = watched_rewind;
    if (table_read(&rows, k->m, k->out, e)) return k->read++, true;
    if (w.failed) return false;
    keep_reason(k, rows.meant, e);
    AUTO(buf) why = {0};
    if (sheet->sheet_name.n) buf_printf(&why, "sheet '%.*s': ", STR_ARG(sheet->sheet_name));
    buf_addz(&why, e->text);
    if (!rows.meant) return docset_skip(k->out, sheet->sheet, 0, buf_str(&why)), true;
    docset_problem(k->out, sheet->sheet, 0, STR(""), sheet->sheet_name, str_of(e->text),
                   STR("mend the sheet, or remove it if it is not meant to be sent"));
    k->out->refused++;
    return true;
}

static void put_row(buf *out, const table_row *row) {
    for (size_t i = 0; i < row->cells; i++) {
        str cell = str_take(row->cell[i], LIMIT_TEXT);
        if (i) buf_byte(out, '\t');
        if (i && str_eq(row->cell[i], row->cell[i - 1])) continue; /* a merged title once, so that it is no full row */
        for (size_t k = 0; k < cell.n; k++) buf_byte(out, (unsigned char)cell.p[k] < ' ' ? ' ' : cell.p[k]);
    }
    buf_byte(out, '\n');
}

void sheets_top(const sheet_source *from, buf *out) {
    err e;
    for (bool more = true; out->n == 0;) {
        table_rows rows;
        table_row row;
        if (!from->next(from->self, &rows, &more, &e) || !more) return;
        rows.rewind(rows.self);
        for (int i = 0; i < LIMIT_TITLE_ROWS && rows.next(rows.self, &row, &e) && row.no; i++) put_row(out, &row);
    }
}

bool sheet_header_row(table_rows *rows, const mapping *m, uint64_t *header_row) {
    AUTO(docset) scratch = {0};
    AUTO(layout) l = {0};
    err e;
    docset_init(&scratch);
    rows->rewind(rows->self);
    bool found = layout_find(rows, m, &scratch, &l, &e);
    *header_row = l.header_row;
    rows->rewind(rows->self);
    return found;
}

void sheets_note_hidden(docset *out, str names) {
    AUTO(buf) why = {0};
    buf_printf(&why, "hidden sheets are not read: %.*s", STR_ARG(names));
    docset_skip(out, 0, 0, buf_str(&why));
}

bool sheets_read(const sheet_source *from, const source *in, const mapping *m, docset *out, err *e) {
    walk k = {.m = m, .out = out};
    for (bool more = true;;) {
        table_rows rows = {0};
        TRY(from->next(from->self, &rows, &more, e));
        if (!more) break;
        rows.file_name = str_of(in->name);
        TRY(read_sheet(&k, &rows, e));
    }
    if (k.read) return true;
    if (k.unread == 0) return err_set(e, ERR_DATA, "no visible sheet; wanted a sheet with date, product and quantity");
    *e = k.why;
    return k.unread == 1 ? false : err_wrap(e, "none of %zu sheets can be read; the first reason", k.unread);
}
