#include "formats/xls.h"

#include "formats/biff.h"
#include "formats/compound.h"
#include <stdio.h>
#include <stdlib.h>

struct xls {
    buf stream;
    biff b;
    /* the sheet being read: where its cells are, by row */
    uint32_t *cell;
    size_t cells, cap, next;
    merges merges;
    sheet_row row;
};

/* ---- a sheet's cells ---- */

static bool holds_cell(uint16_t id) {
    static const uint16_t ids[] = {BIFF_NUMBER, BIFF_RK,      BIFF_MULRK,   BIFF_LABELSST,
                                   BIFF_LABEL,  BIFF_RSTRING, BIFF_BOOLERR, BIFF_FORMULA};
    for (size_t i = 0; i < ARRAY_LEN(ids); i++)
        if (ids[i] == id) return true;
    return false;
}

static uint32_t row_at(const xls *x, uint32_t at) {
    return biff_u16(x->b.stream, at + 4);
}

static void add_cell(xls *x, size_t at) {
    if (x->cells == x->cap) {
        x->cap = x->cap ? 2 * x->cap : 1024;
        x->cell = reallocarray(x->cell, x->cap, sizeof *x->cell);
        ASSERT(x->cell != NULL);
    }
    x->cell[x->cells++] = (uint32_t)at;
}

static bool add_merges(xls *x, const biff_record *r, err *e) {
    size_t n = biff_u16(r->body, 0);
    if (r->body.n < 2 + 8 * n) return biff_damaged(e);
    for (size_t i = 0; i < n; i++) {
        size_t at = 2 + 8 * i;
        merged_area area = {biff_u16(r->body, at) + 1, biff_u16(r->body, at + 2) + 1, biff_u16(r->body, at + 4),
                            biff_u16(r->body, at + 6)};
        TRY(merges_add(&x->merges, area, e));
    }
    return true;
}

/* Writers put cells down as they are told to, mostly but not always row by row. */
static int by_row(const void *a, const void *b, void *self) {
    uint32_t p = *(const uint32_t *)a, q = *(const uint32_t *)b, r = row_at(self, p), s = row_at(self, q);
    if (r != s) return r < s ? -1 : 1;
    return p < q ? -1 : p > q;
}

static void order_cells(xls *x) {
    for (size_t i = 1; i < x->cells; i++) {
        if (row_at(x, x->cell[i]) >= row_at(x, x->cell[i - 1])) continue;
        qsort_r(x->cell, x->cells, sizeof *x->cell, by_row, x);
        return;
    }
}

/* From the sheet's BOF to its EOF; charts stand inside with their own. */
static bool find_cells(xls *x, size_t at, err *e) {
    biff_record r;
    if (!biff_record_at(&x->b, at, &r) || r.id != BIFF_BOF) return biff_damaged(e);
    x->cells = 0;
    merges_clear(&x->merges);
    for (size_t depth = 1; depth > 0;) {
        at = r.next;
        if (!biff_record_at(&x->b, at, &r)) return biff_damaged(e);
        if (r.id == BIFF_BOF) depth++;
        if (r.id == BIFF_EOF) depth--;
        if (depth != 1) continue;
        if (holds_cell(r.id) && r.body.n >= 6) add_cell(x, at);
        if (r.id == BIFF_MERGEDCELLS) TRY(add_merges(x, &r, e));
    }
    order_cells(x);
    return true;
}

/* ---- values ---- */

static void put_number(xls *x, size_t column, uint32_t style, double v) {
    AUTO(buf) out = {0};
    cell_style s = style < x->b.styles ? x->b.style[style] : STYLE_PLAIN;
    bool is_word = cell_number_put(&out, v, s, x->b.date1904);
    sheet_row_put(&x->row, column, buf_str(&out), is_word);
}

/* A number in 30 bits: whole or the upper part of a double, perhaps in hundredths. */
static double rk_value(uint32_t rk) {
    double v;
    if (rk & 2) {
        v = (double)((int32_t)rk >> 2);
    } else {
        uint64_t bits = (uint64_t)(rk & ~3U) << 32;
        memcpy(&v, &bits, sizeof v);
    }
    return rk & 1 ? v / 100 : v;
}

static void put_flag(xls *x, size_t column, uint8_t v, bool is_error) {
    static const struct {
        uint8_t code;
        const char *name;
    } errors[] = {{0x00, "#NULL!"}, {0x07, "#DIV/0!"}, {0x0f, "#VALUE!"}, {0x17, "#REF!"},
                  {0x1d, "#NAME?"}, {0x24, "#NUM!"},   {0x2a, "#N/A"}};
    const char *text = v ? "TRUE" : "FALSE";
    for (size_t i = 0; is_error && i < ARRAY_LEN(errors); i++)
        if (errors[i].code == v || i == 0) text = errors[i].name;
    sheet_row_put(&x->row, column, str_of(text), true);
}

static bool put_text(xls *x, size_t column, const biff_record *r, size_t at, err *e) {
    AUTO(buf) text = {0};
    TRY(biff_text(&x->b, r, at, true, &text, e));
    sheet_row_put(&x->row, column, buf_str(&text), true);
    return true;
}

/* A text that a formula gave stands in a record of its own, soon behind. */
static bool put_formula_text(xls *x, size_t column, const biff_record *formula, err *e) {
    biff_record r = *formula;
    for (int i = 0; i < 4; i++) {
        if (!biff_record_at(&x->b, r.next, &r)) return biff_damaged(e);
        if (r.id == BIFF_STRING) return put_text(x, column, &r, 0, e);
        if (holds_cell(r.id)) break;
    }
    return true;
}

static bool put_formula(xls *x, size_t column, uint32_t style, const biff_record *r, err *e) {
    if (r->body.n < 14) return biff_damaged(e);
    if (biff_u16(r->body, 12) != 0xffff) return put_number(x, column, style, biff_double(r->body, 6)), true;
    switch (r->body.p[6]) {
    case 0: return put_formula_text(x, column, r, e);
    case 1: put_flag(x, column, (uint8_t)r->body.p[8], false); break;
    case 2: put_flag(x, column, (uint8_t)r->body.p[8], true); break;
    default: break;
    }
    return true;
}

static void put_several(xls *x, size_t column, const biff_record *r) {
    for (size_t at = 4; at + 6 + 2 <= r->body.n; at += 6, column++)
        put_number(x, column, biff_u16(r->body, at), rk_value(biff_u32(r->body, at + 2)));
}

static bool put_shared(xls *x, size_t column, const biff_record *r, err *e) {
    size_t i = biff_u32(r->body, 6);
    if (r->body.n < 10 || i >= x->b.shared.n) return biff_damaged(e);
    sheet_row_put(&x->row, column, shared_texts_get(&x->b.shared, i), true);
    return true;
}

static bool put_cell(xls *x, const biff_record *r, err *e) {
    size_t column = biff_u16(r->body, 2);
    uint32_t style = biff_u16(r->body, 4);
    switch (r->id) {
    case BIFF_NUMBER:
        if (r->body.n < 14) return biff_damaged(e);
        put_number(x, column, style, biff_double(r->body, 6));
        return true;
    case BIFF_RK:
        if (r->body.n < 10) return biff_damaged(e);
        put_number(x, column, style, rk_value(biff_u32(r->body, 6)));
        return true;
    case BIFF_BOOLERR:
        if (r->body.n < 8) return biff_damaged(e);
        put_flag(x, column, (uint8_t)r->body.p[6], r->body.p[7] != 0);
        return true;
    case BIFF_MULRK: put_several(x, column, r); return true;
    case BIFF_LABELSST: return put_shared(x, column, r, e);
    case BIFF_FORMULA: return put_formula(x, column, style, r, e);
    default: return put_text(x, column, r, 6, e);
    }
}

/* ---- rows ---- */

static void rewind_sheet(void *self) {
    xls *x = self;
    x->next = 0;
    merges_begin(&x->merges);
}

static bool build_row(xls *x, err *e) {
    uint32_t no = row_at(x, x->cell[x->next]);
    sheet_row_begin(&x->row, no + 1);
    for (; x->next < x->cells && row_at(x, x->cell[x->next]) == no; x->next++) {
        biff_record r;
        if (!biff_record_at(&x->b, x->cell[x->next], &r)) return biff_damaged(e);
        TRY(put_cell(x, &r, e) || err_wrap(e, "row %u", no + 1));
    }
    return merges_fill(&x->merges, &x->row, e);
}

static bool next_row(void *self, table_row *row, err *e) {
    xls *x = self;
    *row = (table_row){0};
    while (x->next < x->cells && row->no == 0) {
        TRY(build_row(x, e));
        if (!sheet_row_blank(&x->row)) *row = sheet_row_view(&x->row);
    }
    return true;
}

bool xls_rows(xls *x, size_t sheet, table_rows *rows, err *e) {
    const biff_sheet *s = &x->b.sheet[sheet];
    TRY(find_cells(x, s->at, e));
    rewind_sheet(x);
    *rows = (table_rows){.self = x,
                         .next = next_row,
                         .rewind = rewind_sheet,
                         .sheet = (uint32_t)sheet + 1,
                         .sheet_name = s->name,
                         .date1904 = x->b.date1904};
    return true;
}

/* ---- the whole ---- */

/* What a compound file without a workbook is instead. */
static bool not_a_workbook(compound *c, err *e) {
    static const struct {
        const char *stream, *what;
    } others[] = {
        {"EncryptedPackage", "the workbook is protected by a password; save it without one"},
        {"WordDocument", "an old Word document; wanted the sheet itself, as XLSX or CSV"},
        {"PowerPoint Document", "an old presentation; wanted the sheet itself, as XLSX or CSV"},
    };
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        AUTO(buf) bytes = {0};
        bool found = false;
        err ignored;
        (void)!compound_stream(c, others[i].stream, &bytes, &found, &ignored);
        if (found) return err_set(e, ERR_DATA, "%s", others[i].what);
    }
    return err_set(e, ERR_DATA, "an Office file without a workbook; save the sheet as XLSX");
}

static bool take_stream(xls *x, str bytes, err *e) {
    if (!compound_likely(bytes)) return biff_open(&x->b, bytes, e);
    AUTO(compound) c = {0};
    bool found;
    TRY(compound_open(&c, bytes, e));
    TRY(compound_stream(&c, "Workbook", &x->stream, &found, e));
    if (!found) TRY(compound_stream(&c, "Book", &x->stream, &found, e));
    if (!found) return not_a_workbook(&c, e);
    return biff_open(&x->b, buf_str(&x->stream), e);
}

bool xls_open(str bytes, xls **out, err *e) {
    xls *x = calloc(1, sizeof *x);
    ASSERT(x != NULL);
    sheet_row_init(&x->row);
    *out = x;
    if (take_stream(x, bytes, e)) return true;
    xls_close(x);
    *out = NULL;
    return false;
}

void xls_close(xls *x) {
    if (x == NULL) return;
    biff_close(&x->b);
    buf_free(&x->stream);
    merges_free(&x->merges);
    sheet_row_free(&x->row);
    free(x->cell);
    free(x);
}

void xls_auto(xls **x) {
    xls_close(*x);
}

size_t xls_sheets(const xls *x) {
    return x->b.sheets;
}

str xls_hidden(const xls *x) {
    return buf_str(&x->b.hidden);
}

/* ---- the format ---- */

typedef struct reading {
    xls *x;
    size_t next;
} reading;

static bool next_sheet(void *self, table_rows *rows, bool *more, err *e) {
    reading *r = self;
    *more = r->next < xls_sheets(r->x);
    return !*more || xls_rows(r->x, r->next++, rows, e);
}

/* Some programs write the workbook's stream without its container. */
static bool bare_stream(str bytes) {
    return bytes.n > 8 && biff_u16(bytes, 0) == BIFF_BOF && (biff_u16(bytes, 2) == 8 || biff_u16(bytes, 2) == 16) &&
           (biff_u16(bytes, 4) == 0x0500 || biff_u16(bytes, 4) == 0x0600);
}

static int sniff(str bytes) {
    return compound_likely(bytes) || bare_stream(bytes) ? 90 : 0;
}

static bool read_xls(const source *in, const mapping *m, docset *out, err *e) {
    AUTO(xls) *x = NULL;
    TRY(xls_open(in->bytes, &x, e));
    char name[24];
    (void)snprintf(name, sizeof name, "cp%u", x->b.codepage);
    out->charset = x->b.v8 ? STR("utf-16le") : arena_str(&out->text, str_of(name));
    if (xls_hidden(x).n) sheets_note_hidden(out, xls_hidden(x));
    reading r = {.x = x};
    return sheets_read(&(sheet_source){&r, next_sheet}, in, m, out, e);
}

bool xls_visit(const source *in, sheets_fn fn, void *arg, err *e) {
    AUTO(xls) *x = NULL;
    TRY(xls_open(in->bytes, &x, e));
    reading r = {.x = x};
    return fn(arg, &(sheet_source){&r, next_sheet}, e);
}

const format xls_format = {"xls", sniff, read_xls};
