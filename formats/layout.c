#include "formats/layout.h"

#include "formats/value.h"

#include <stdarg.h>
#include <stdio.h>

enum { SHOWN_CELL = 200, SHOWN_LIST = 240 };

void finder_note(finder *f, uint64_t row, const char *fmt, ...) {
    char why[LIMIT_TEXT];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(why, sizeof why, fmt, ap);
    va_end(ap);
    docset_skip(f->out, f->rows->sheet, row, str_of(why));
}

bool mapping_has_columns(const mapping *m) {
    for (field i = 0; m && i < FIELD_COUNT; i++)
        if (m->columns[i].headers || m->columns[i].column) return true;
    return false;
}

/* ---- the first rows ---- */

static str shown(layout *l, str cell) {
    str cut = str_take(str_trim(cell), SHOWN_CELL);
    while (cut.n && !utf8_valid(cut)) cut.n--;
    return arena_str(&l->text, cut);
}

static bool keep_top(finder *f, err *e) {
    for (f->tops = 0; f->tops < LIMIT_TITLE_ROWS; f->tops++) {
        table_row row;
        TRY(f->rows->next(f->rows->self, &row, e));
        if (row.no == 0) break;
        top_row *t = &f->top[f->tops];
        *t = (top_row){.no = row.no, .cell = ARENA_NEW(&f->l->text, str, row.cells), .cells = row.cells};
        for (size_t i = 0; i < row.cells; i++) t->cell[i] = shown(f->l, row.cell[i]);
    }
    return f->tops > 0 || err_set(e, ERR_DATA, "the %s has no rows", f->rows->sheet ? "sheet" : "file");
}

/* ---- messages about them ---- */

/* The words of a row for a message: "a, b, c". */
static str list_cells(const top_row *t, buf *room) {
    for (size_t i = 0; i < t->cells && room->n < SHOWN_LIST; i++)
        if (t->cell[i].n && (i == 0 || !str_eq(t->cell[i], t->cell[i - 1]))) /* a merged cell once */
            buf_printf(room, "%s%.*s", room->n ? ", " : "", STR_ARG(t->cell[i]));
    if (room->n >= SHOWN_LIST) {
        room->n = SHOWN_LIST;
        while (room->n && !utf8_valid(buf_str(room))) room->n--;
        buf_addz(room, "…");
    }
    return buf_str(room);
}

static const top_row *fullest(const finder *f) {
    const top_row *best = &f->top[0];
    size_t most = 0;
    for (size_t i = 0; i < f->tops; i++) {
        size_t filled = 0;
        for (size_t c = 0; c < f->top[i].cells; c++) filled += f->top[i].cell[c].n > 0;
        if (filled > most) {
            most = filled;
            best = &f->top[i];
        }
    }
    return best;
}

static bool no_header(const finder *f, err *e) {
    AUTO(buf) list = {0};
    str found = list_cells(fullest(f), &list);
    return err_set(e, ERR_DATA,
                   "no header row among the first %d rows (row %llu reads: %.*s); wanted columns for date, sku and "
                   "quantity or amount; name them in a mapping",
                   LIMIT_TITLE_ROWS, (unsigned long long)fullest(f)->no, STR_ARG(found));
}

/* ---- what a line needs ---- */

static bool has(const layout *l, field f) {
    return l->column[f] != NO_COLUMN || l->constant[f].n > 0;
}

static bool check_needs(const finder *f, err *e) {
    const layout *l = f->l;
    bool payment = l->column[FIELD_D_TYPE] != NO_COLUMN || l->type == TYPE_PAYMENT;
    bool date = has(l, FIELD_N_DATE) || l->months, sku = has(l, FIELD_T_SKU) || payment;
    bool figure = has(l, FIELD_N_QUANTITY) || has(l, FIELD_N_AMOUNT) || l->months;
    if (date && sku && figure) return true;
    AUTO(buf) list = {0}, lacks = {0};
    if (!date) buf_addz(&lacks, "date");
    if (!sku) buf_printf(&lacks, "%ssku", lacks.n ? ", " : "");
    if (!figure) buf_printf(&lacks, "%squantity or amount", lacks.n ? ", " : "");
    if (f->header == NULL)
        return err_set(e, ERR_DATA, "the mapping names no column for: %s; wanted date, sku and quantity or amount",
                       buf_z(&lacks));
    str found = list_cells(f->header, &list);
    return err_set(e, ERR_DATA, "the header in row %llu (%.*s) has no column for: %s; name it in a mapping",
                   (unsigned long long)f->header->no, STR_ARG(found), buf_z(&lacks));
}

/* ---- type of a file without a type column ---- */

static bool type_from_titles(const finder *f, str *from, doc_type *type) {
    for (const top_row *t = f->top; f->header && t < f->header; t++)
        for (size_t c = 0; c < t->cells; c++)
            if (title_type(*from = t->cell[c], type)) return true;
    return title_type(*from = f->rows->sheet_name, type) || title_type(*from = f->rows->file_name, type);
}

static bool type_from_columns(const finder *f, str *from, doc_type *type) {
    static const field order[] = {FIELD_N_QUANTITY, FIELD_N_AMOUNT, FIELD_N_DATE, FIELD_N_UNIT_PRICE};
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        uint32_t column = f->l->column[order[i]];
        if (f->header == NULL || column == NO_COLUMN || column >= f->header->cells) continue;
        *from = f->header->cell[column];
        doc_type said = f->word[order[i]].type;
        if (said != DOC_TYPE_COUNT) return *type = said, true;
        if (title_type(*from, type)) return true;
    }
    return false;
}

static void find_type(finder *f) {
    layout *l = f->l;
    l->type = TYPE_SALE;
    if (doc_type_parse(l->constant[FIELD_D_TYPE], &l->type) || l->column[FIELD_D_TYPE] != NO_COLUMN) return;
    str from;
    if (type_from_titles(f, &from, &l->type) || type_from_columns(f, &from, &l->type))
        finder_note(f, 0, "no type column: read as %s, from '%.*s'", doc_type_name(l->type), STR_ARG(from));
    else
        finder_note(f, 0, "no type column: read as sale");
}

/* ---- date of a file without a date column: a count of stock mostly says it once, above ---- */

static bool day_from_titles(const finder *f, str *from, day_t *day) {
    for (const top_row *t = f->top; t < f->header; t++)
        for (size_t c = 0; c < t->cells; c++)
            if (title_day(*from = t->cell[c], day)) return true;
    return title_day(*from = f->rows->sheet_name, day) || title_day(*from = f->rows->file_name, day);
}

static void find_day(finder *f) {
    AUTO(buf) text = {0};
    str from;
    day_t day;
    if (f->header == NULL || has(f->l, FIELD_N_DATE) || f->l->months || !day_from_titles(f, &from, &day)) return;
    day_put(&text, day);
    f->l->constant[FIELD_N_DATE] = arena_str(&f->l->text, buf_str(&text));
    finder_note(f, 0, "no date column: all rows are of %s, from '%.*s'", buf_z(&text), STR_ARG(from));
}

static void note_titles(finder *f) {
    for (const top_row *t = f->top; f->header && t < f->header; t++) {
        AUTO(buf) list = {0};
        if (t == f->upper) continue;
        str text = str_take(list_cells(t, &list), 120);
        while (text.n && !utf8_valid(text)) text.n--;
        finder_note(f, t->no, "title above the header: %.*s", STR_ARG(text));
    }
}

static void keep_header(finder *f) {
    layout *l = f->l;
    if (f->header == NULL) return;
    l->header_row = f->header->no;
    l->width = f->header->cells;
    l->header = f->header->cell;
    for (size_t i = 0; i < 2; i++) l->raw[i] = (layout_names){f->raw[i].cell, f->raw[i].cells};
}

bool layout_find(table_rows *rows, const mapping *m, docset *out, layout *l, err *e) {
    *l = (layout){.m = m, .date1904 = rows->date1904};
    rows->meant = false;
    arena_init(&l->text, SIZE_MAX); /* LIMIT_TITLE_ROWS × LIMIT_COLUMNS × SHOWN_CELL at most */
    for (field i = 0; i < FIELD_COUNT; i++) {
        l->column[i] = NO_COLUMN;
        l->factor[i] = m && m->scale[i] ? m->scale[i] : 1;
        if (m) l->constant[i] = m->constants[i];
    }
    if (m && m->stream.n) l->constant[FIELD_D_STREAM] = m->stream;
    finder *f = ARENA_NEW(&l->text, finder, 1);
    *f = (finder){.rows = rows, .out = out, .l = l};
    TRY(keep_top(f, e));
    if (mapping_has_headers(m) || !mapping_has_columns(m)) {
        finder_header(f);
        if (f->header == NULL) return no_header(f, e);
    }
    keep_header(f);
    rows->meant = true;
    TRY(layout_columns(f, e));
    find_type(f);
    find_day(f);
    rows->meant = check_needs(f, e); /* a price list has a header, too */
    if (!rows->meant) return false;
    note_titles(f);
    return true;
}

str layout_column_name(const layout *l, uint32_t column, char room[static 24]) {
    if (column == NO_COLUMN) return STR("");
    if (l->header && column < l->width && l->header[column].n) return l->header[column];
    (void)snprintf(room, 24, "column %u", column + 1);
    return str_of(room);
}

void layout_free(layout *l) {
    arena_free(&l->text);
    *l = (layout){0};
}

void layout_auto(layout *l) {
    layout_free(l);
}
