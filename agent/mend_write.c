/* mend_write — the sheet that goes back to the clerk: what stood above the rows, the rows, and beside them what is wrong
 * and what to do. A file that is no table, or is no longer kept, comes back in the canonical columns. */
#include "agent/dialect.h"
#include "agent/mend.h"
#include "agent/original.h"
#include "base/csv_put.h"
#include "formats/clerk.h"
#include "formats/csv.h"
#include "formats/sheet.h"
#include "proto/digest.h"
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xlsxwriter.h>

enum { SHEET_NAME = 31 };

/* Where the cells go: one sheet after the other. */
typedef struct writer {
    buf csv; /* a CSV … */
    char separator;
    lxw_workbook *book; /* … or a workbook */
    lxw_worksheet *sheet;
    lxw_format *text, *head, *wrong, *mark;
    lxw_row_t row;
    uint16_t column;
    size_t sheets;
} writer;

typedef struct exporting {
    writer *w;
    const upload *u;
    const mend_rows *rows;
    const mapping *m;
    char origin[160];
    bool zh;
    size_t width, written;
} exporting;

/* ---- cells ---- */

static void put_cell(writer *w, str cell, lxw_format *look) {
    char room[LIMIT_CELL + 1];
    if (w->book == NULL) {
        if (w->column) buf_byte(&w->csv, w->separator);
        AUTO(buf) one = {0};
        buf_add(&one, cell);
        for (size_t i = 0; i < one.n; i++)
            if (one.p[i] == '\n' || one.p[i] == '\r') one.p[i] = ' ';
        bool quoted = w->separator != ',' && memchr(one.p, w->separator, one.n) != NULL;
        if (quoted) buf_printf(&w->csv, "\"%.*s\"", STR_ARG(buf_str(&one)));
        else
            csv_put(&w->csv, buf_str(&one));
    } else if (cell.n)
        worksheet_write_string(w->sheet, w->row, w->column, str_copy_z(cell, room, sizeof room), look);
    w->column++;
}

static void end_row(writer *w) {
    if (w->book == NULL) buf_addz(&w->csv, "\r\n");
    w->row++;
    w->column = 0;
}

static bool begin_sheet(writer *w, str name, err *e) {
    char title[3 * SHEET_NAME + 1];
    w->row = 0;
    w->sheets++;
    if (w->book == NULL)
        return w->sheets == 1 || err_set(e, ERR_USAGE, "the rows are of several sheets: write an .xlsx");
    (void)str_copy_z(str_take(name, 3 * SHEET_NAME), title, sizeof title);
    bool usable = name.n && name.n <= 3 * SHEET_NAME && workbook_validate_sheet_name(w->book, title) == LXW_NO_ERROR;
    w->sheet = workbook_add_worksheet(w->book, usable ? title : NULL);
    return w->sheet != NULL || err_set(e, ERR_INTERNAL, "no further sheet can be written");
}

/* ---- rows ---- */

static void put_cells(exporting *x, const str *cell, size_t cells, lxw_format *look) {
    for (size_t i = 0; i < cells; i++) put_cell(x->w, cell[i], look);
}

static void pad(exporting *x) {
    while (x->w->column < x->width) put_cell(x->w, STR(""), NULL);
}

static void put_header(exporting *x, const str *cell, size_t cells) {
    x->width = cells;
    put_cells(x, cell, cells, x->w->head);
    put_cell(x->w, x->zh ? STR("问题") : STR("problem 问题"), x->w->head);
    put_cell(x->w, x->zh ? STR("改法") : STR("what to do 改法"), x->w->head);
    put_cell(x->w, str_of(x->origin), x->w->mark);
    end_row(x->w);
}

static void put_row(exporting *x, const str *cell, size_t cells, const mend_row *m) {
    char mark[48];
    (void)snprintf(mark, sizeof mark, "%u.%" PRIu64, m->sheet, m->row);
    put_cells(x, cell, cells < x->width ? cells : x->width, x->w->text);
    pad(x);
    put_cell(x->w, m->problem, x->w->wrong);
    put_cell(x->w, m->hint, x->w->wrong);
    put_cell(x->w, str_of(mark), x->w->mark);
    end_row(x->w);
    x->written++;
}

/* ---- from the file itself ---- */

static bool has_rows(const mend_rows *rows, uint32_t sheet) {
    for (size_t i = 0; i < rows->n; i++)
        if (rows->one[i].sheet == sheet) return true;
    return false;
}

static bool export_sheet(exporting *x, table_rows *rows, err *e) {
    uint64_t header;
    table_row row;
    if (!sheet_header_row(rows, x->m, &header) || header == 0)
        return err_set(e, ERR_DATA, "the file has no header row");
    TRY(begin_sheet(x->w, rows->sheet_name, e));
    for (;;) {
        TRY(rows->next(rows->self, &row, e));
        if (row.no == 0) return true;
        const mend_row *m = mend_row_at(x->rows, rows->sheet, row.no);
        if (row.no == header) put_header(x, row.cell, row.cells);
        else if (row.no < header) {
            put_cells(x, row.cell, row.cells, x->w->text);
            end_row(x->w);
        } else if (m)
            put_row(x, row.cell, row.cells, m);
    }
}

static bool export_sheets(void *arg, const sheet_source *from, err *e) {
    exporting *x = arg;
    for (bool more = true;;) {
        table_rows rows = {0};
        TRY(from->next(from->self, &rows, &more, e));
        if (!more) return true;
        rows.file_name = str_of(x->u->name);
        if (has_rows(x->rows, rows.sheet)) TRY(export_sheet(x, &rows, e));
    }
}

/* ---- from what was sent ---- */

static void canonical_header(exporting *x) {
    str names[DOC_TEXT_COUNT + LINE_NUMBER_COUNT + LINE_TEXT_COUNT];
    size_t n = 0;
    for (size_t i = 0; i < DOC_TEXT_COUNT; i++) names[n++] = str_of(doc_text_facts[i].name);
    for (size_t i = N_DATE; i < N_SHEET; i++) names[n++] = str_of(line_number_facts[i].name);
    for (size_t i = 0; i < LINE_TEXT_COUNT; i++) names[n++] = str_of(line_text_facts[i].name);
    put_header(x, names, n);
}

static void canonical_row(exporting *x, const docset *d, const doc_line *l, const mend_row *m) {
    str cells[DOC_TEXT_COUNT + LINE_NUMBER_COUNT + LINE_TEXT_COUNT];
    AUTO(buf) figures = {0};
    size_t n = 0, at[LINE_NUMBER_COUNT + 1];
    for (size_t i = 0; i < DOC_TEXT_COUNT; i++) cells[n++] = words_get(&d->words, d->doc[l->doc].text[i]);
    for (size_t i = N_DATE; i < N_SHEET; i++) {
        int64_t v = l->number[i];
        at[i] = figures.n;
        if (v != NUM_NONE && i == N_DATE) day_put(&figures, (day_t)v);
        else if (v != NUM_NONE)
            dec_put(&figures, v, (unsigned)line_number_facts[i].scale, 0);
    }
    at[N_SHEET] = figures.n;
    for (size_t i = N_DATE; i < N_SHEET; i++) cells[n++] = str_from(figures.p + at[i], at[i + 1] - at[i]);
    for (size_t i = 0; i < LINE_TEXT_COUNT; i++) cells[n++] = words_get(&d->words, l->text[i]);
    put_row(x, cells, n, m);
}

static bool export_sent(exporting *x, spool *s, err *e) {
    AUTO(docset) sent = {0};
    docset_init(&sent);
    TRY(mend_docset_of(s, x->u, &sent, e));
    TRY(begin_sheet(x->w, STR(""), e));
    canonical_header(x);
    for (size_t i = 0; i < sent.lines; i++) {
        doc_line l = docset_at(&sent, i);
        uint32_t sheet = l.number[N_SHEET] == NUM_NONE ? 0 : (uint32_t)l.number[N_SHEET];
        const mend_row *m = mend_row_at(x->rows, sheet, (uint64_t)l.number[N_ROW]);
        if (m) canonical_row(x, &sent, &l, m);
    }
    return true;
}

/* ---- the file on disk ---- */

static bool to_charset(const buf *utf8, const char *name, buf *out, err *e) {
    iconv_t cd = iconv_open(name, "UTF-8");
    if (cd == (iconv_t)-1) return err_set(e, ERR_INTERNAL, "%s: %s", name, strerror(errno));
    char *from = utf8->p, *to;
    size_t left = utf8->n, room = 2 * utf8->n + 16, size = room;
    buf_reserve(out, room);
    to = out->p + out->n;
    size_t bad = iconv(cd, &from, &left, &to, &room);
    (void)iconv_close(cd);
    out->n += size - room;
    return bad != (size_t)-1 || err_set(e, ERR_DATA, "a letter of the file is not in %s: write an .xlsx", name);
}

/* As Excel opens it: the file's own charset, else UTF-8 with its mark. */
static bool save_csv(const writer *w, const upload *u, const char *path, err *e) {
    AUTO(buf) out = {0};
    if (str_is(str_of(u->charset), "gb18030")) TRY(to_charset(&w->csv, "GB18030", &out, e));
    else
        buf_addz(&out, "\xEF\xBB\xBF"), buf_add(&out, buf_str(&w->csv));
    return file_write(path, buf_str(&out), 0600, e);
}

static bool open_book(writer *w, const char *path, err *e) {
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600); /* the library says more than a line when it cannot */
    if (fd < 0) return err_set(e, ERR_INTERNAL, "%s cannot be written: %s", path, strerror(errno));
    (void)close(fd);
    w->book = workbook_new(path);
    if (w->book == NULL) return err_set(e, ERR_INTERNAL, "%s cannot be written", path);
    lxw_format **formats[] = {&w->text, &w->head, &w->wrong, &w->mark};
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        *formats[i] = workbook_add_format(w->book);
        format_set_num_format(*formats[i], "@");
    }
    format_set_bold(w->head);
    format_set_font_color(w->wrong, 0xC00000);
    format_set_font_color(w->mark, 0xA0A0A0);
    return true;
}

static bool fill(exporting *x, spool *s, str original, err *e) {
    if (original.n && sheets_visit(SOURCE(original), export_sheets, x, e)) return true;
    if (original.n && (x->w->sheets || e->code != ERR_DATA)) return false;
    return export_sent(x, s, e);
}

static char separator_of(str original) {
    AUTO(csv) c = {0};
    err e;
    return csv_open(&c, original, &e) ? c.sep : ',';
}

static bool write_to(exporting *x, spool *s, str original, const char *path, err *e) {
    writer *w = x->w;
    bool xlsx = str_ends(str_of(path), STR(".xlsx")), text = str_is(str_of(x->u->dialect), "csv");
    if (!xlsx && !str_ends(str_of(path), STR(".csv")))
        return err_set(e, ERR_USAGE, "-o %s: wanted a name that ends in .xlsx or .csv", path);
    w->separator = text && original.n ? separator_of(original) : ',';
    if (!xlsx) return fill(x, s, original, e) && save_csv(w, x->u, path, e);
    TRY(open_book(w, path, e));
    bool ok = fill(x, s, original, e);
    lxw_error why = workbook_close(w->book);
    return ok && (why == LXW_NO_ERROR || err_set(e, ERR_INTERNAL, "%s cannot be written: %s", path, lxw_strerror(why)));
}

bool mend_write(const char *home_dir, spool *s, const upload *u, const char *path, bool zh, size_t *rows, err *e) {
    AUTO(mend_rows) list = {0};
    AUTO(buf) original = {0}, sha = {0};
    AUTO(dialect) how = {0};
    writer w = {0};
    exporting x = {.w = &w, .u = u, .rows = &list, .zh = zh};
    TRY(mend_rows_of(s, u, zh, &list, e));
    *rows = 0;
    if (list.n == 0) return true;
    if (!original_load(home_dir, u->id, &original, e) && e->code != ERR_NOT_FOUND) return false;
    if (original.n) TRY(dialect_find(home_dir, NULL, SOURCE(buf_str(&original)), &how, e));
    if (how.mapped) x.m = &how.m;
    hex_put(&sha, u->sha256, 8);
    (void)snprintf(x.origin, sizeof x.origin, "channeld:%" PRIu64 ":%s:%s", u->id, buf_z(&sha), how.signature);
    bool ok = write_to(&x, s, buf_str(&original), path, e);
    buf_free(&w.csv);
    *rows = x.written;
    return ok;
}
