#include "tools/sim/sheet.h"
#include "base/num.h"
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xlsxwriter.h>

void sheet_init(sheet *s) {
    *s = (sheet){.begins_row = true};
    arena_init(&s->text, SIZE_MAX);
}

void sheet_free(sheet *s) {
    arena_free(&s->text);
    buf_free(&s->cells);
}

void sheet_auto(sheet *s) {
    sheet_free(s);
}

static void add(sheet *s, sheet_cell c) {
    c.begins_row = s->begins_row;
    if (c.span == 0) c.span = 1;
    s->begins_row = false;
    buf_add(&s->cells, str_from(&c, sizeof c));
}

void sheet_row(sheet *s) {
    s->begins_row = true;
}

void sheet_text(sheet *s, const char *z) {
    sheet_wide(s, z, 1);
}

void sheet_wide(sheet *s, const char *z, unsigned span) {
    add(s, (sheet_cell){.kind = *z ? CELL_TEXT : CELL_EMPTY, .span = span, .text = arena_str(&s->text, str_of(z))});
}

void sheet_count(sheet *s, int64_t pieces) {
    add(s, (sheet_cell){.kind = CELL_COUNT, .value = pieces});
}

void sheet_money(sheet *s, int64_t fen) {
    add(s, (sheet_cell){.kind = CELL_MONEY, .value = fen});
}

void sheet_day(sheet *s, day_t day) {
    add(s, (sheet_cell){.kind = CELL_DAY, .value = day});
}

void sheet_blank(sheet *s, unsigned cells) {
    while (cells-- > 0) add(s, (sheet_cell){.kind = CELL_EMPTY});
}

static const sheet_cell *cells_of(const sheet *s, size_t *n) {
    *n = s->cells.n / sizeof(sheet_cell);
    return (const sheet_cell *)(const void *)s->cells.p;
}

/* --- cells as text --- */

/* Pieces with thousands parted by a point (1.234) could be decimals: programs that write so leave them whole. */
static void put_number(buf *b, const sheet_paper *p, int64_t v, unsigned scale) {
    AUTO(buf) plain = {0};
    bool minus = v < 0, parted = p->thousands && (scale || p->decimal == '.');
    dec_put(&plain, minus ? -v : v, scale, scale);
    size_t whole = plain.n - (scale ? scale + 1 : 0);
    buf_addz(b, minus ? p->brackets ? "(" : "-" : "");
    for (size_t i = 0; i < plain.n; i++) {
        if (parted && i > 0 && i < whole && (whole - i) % 3 == 0) buf_byte(b, p->decimal == ',' ? '.' : ',');
        buf_byte(b, plain.p[i] == '.' ? p->decimal : plain.p[i]);
    }
    buf_addz(b, minus && p->brackets ? ")" : "");
}

static void put_day(buf *b, const sheet_paper *p, day_t day) {
    civil c = civil_of(day);
    char text[40];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(text, sizeof text, p->day, c.year, c.month, c.day);
#pragma GCC diagnostic pop
    buf_addz(b, text);
}

static void put_cell(buf *b, const sheet_paper *p, const sheet_cell *c) {
    if (c->kind == CELL_TEXT) buf_add(b, c->text);
    if (c->kind == CELL_COUNT) put_number(b, p, c->value, 0);
    if (c->kind == CELL_MONEY) put_number(b, p, c->value, 2);
    if (c->kind == CELL_DAY) put_day(b, p, (day_t)c->value);
}

static void as_letters(str text, const char *charset, buf *out) {
    iconv_t cd = iconv_open(charset, "UTF-8");
    ASSERT(cd != (iconv_t)-1);
    char *in = (char *)(uintptr_t)text.p;
    size_t left = text.n, room = 4 * text.n + 16;
    buf_reserve(out, room);
    char *to = out->p + out->n;
    ASSERT(iconv(cd, &in, &left, &to, &room) != (size_t)-1 && left == 0); /* our own text: every letter has a code */
    out->n = (size_t)(to - out->p);
    iconv_close(cd);
}

static void put_letters(str text, sheet_letters letters, buf *out) {
    if (letters == LETTERS_GB18030) return as_letters(text, "GB18030", out);
    if (letters == LETTERS_UTF16) {
        buf_addz(out, "\xff\xfe");
        return as_letters(text, "UTF-16LE", out);
    }
    if (letters == LETTERS_UTF8_MARK) buf_addz(out, "\xef\xbb\xbf");
    buf_add(out, text);
}

/* --- separated values --- */

static void put_quoted(buf *b, str cell, char separator) {
    bool quoted = (cell.n && memchr(cell.p, separator, cell.n)) || str_has(cell, STR("\""));
    if (quoted) buf_byte(b, '"');
    for (size_t i = 0; i < cell.n; i++) {
        if (cell.p[i] == '"') buf_byte(b, '"');
        buf_byte(b, cell.p[i]);
    }
    if (quoted) buf_byte(b, '"');
}

bool paper_csv(const sheet *s, const sheet_paper *p, buf *out, err *e) {
    (void)e;
    AUTO(buf) text = {0}, cell = {0};
    size_t n;
    const sheet_cell *c = cells_of(s, &n);
    for (size_t i = 0; i < n; i++, c++) {
        if (i) buf_addz(&text, c->begins_row ? "\r\n" : "");
        if (!c->begins_row) buf_byte(&text, p->separator);
        buf_clear(&cell);
        put_cell(&cell, p, c);
        put_quoted(&text, buf_str(&cell), p->separator);
        for (unsigned k = 1; k < c->span; k++) buf_byte(&text, p->separator);
    }
    buf_addz(&text, "\r\n");
    put_letters(buf_str(&text), p->letters, out);
    return true;
}

/* --- a web page that calls itself a workbook --- */

bool paper_html(const sheet *s, const sheet_paper *p, buf *out, err *e) {
    (void)e;
    size_t n;
    const sheet_cell *c = cells_of(s, &n);
    buf_addz(out,
             "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"></head>\n<body><table "
             "border=1>\n");
    for (size_t i = 0; i < n; i++, c++) {
        if (c->begins_row) buf_addz(out, i ? "</tr>\n<tr>" : "<tr>");
        if (c->span > 1) buf_printf(out, "<td colspan=%u>", c->span);
        else
            buf_addz(out, "<td>");
        put_cell(out, p, c);
        buf_addz(out, c->kind == CELL_EMPTY ? "&nbsp;</td>" : "</td>");
    }
    buf_addz(out, "</tr>\n</table></body></html>\n");
    return true;
}

/* --- a workbook --- */

enum { TEMP_PATH = 256 };

typedef struct book {
    lxw_workbook *book;
    lxw_worksheet *page;
    lxw_format *day, *money;
} book;

static void put_book_cell(const book *b, lxw_row_t row, lxw_col_t column, const sheet_cell *c) {
    char text[256];
    str_copy_z(c->text, text, sizeof text);
    civil d = civil_of(c->kind == CELL_DAY ? (day_t)c->value : 0);
    lxw_datetime when = {.year = d.year, .month = (int)d.month, .day = (int)d.day};
    if (c->span > 1)
        (void)worksheet_merge_range(b->page, row, column, row, (lxw_col_t)(column + c->span - 1), text, NULL);
    else if (c->kind == CELL_TEXT)
        (void)worksheet_write_string(b->page, row, column, text, NULL);
    else if (c->kind == CELL_COUNT)
        (void)worksheet_write_number(b->page, row, column, (double)c->value, NULL);
    else if (c->kind == CELL_MONEY)
        (void)worksheet_write_number(b->page, row, column, (double)c->value / 100, b->money);
    else if (c->kind == CELL_DAY)
        (void)worksheet_write_datetime(b->page, row, column, &when, b->day);
}

/* A fixed time of making: the same seed writes the same bytes. */
static bool write_book(const sheet *s, const char *path) {
    lxw_doc_properties made = {.title = "channel-sim", .created = 1767225600};
    book b = {.book = workbook_new(path)};
    if (b.book == NULL) return false;
    size_t n;
    const sheet_cell *c = cells_of(s, &n);
    lxw_row_t row = 0;
    lxw_col_t column = 0;
    (void)workbook_set_properties(b.book, &made);
    b.page = workbook_add_worksheet(b.book, "Sheet1");
    b.day = workbook_add_format(b.book);
    format_set_num_format(b.day, "yyyy\"年\"m\"月\"d\"日\"");
    b.money = workbook_add_format(b.book);
    format_set_num_format(b.money, "#,##0.00");
    for (size_t i = 0; i < n; i++, c++) {
        if (c->begins_row) {
            row += i > 0;
            column = 0;
        }
        put_book_cell(&b, row, column, c);
        column = (lxw_col_t)(column + c->span);
    }
    return workbook_close(b.book) == LXW_NO_ERROR;
}

static bool read_back(const char *path, buf *out) {
    char chunk[4096];
    FILE *f = fopen(path, "rb");
    if (f == NULL) return false;
    for (size_t got; (got = fread(chunk, 1, sizeof chunk, f)) > 0;) buf_add(out, str_from(chunk, got));
    return fclose(f) == 0;
}

/* libxlsxwriter writes a file by name; it is made in the place for temporary files and read back. */
bool paper_xlsx(const sheet *s, const sheet_paper *p, buf *out, err *e) {
    (void)p;
    char path[TEMP_PATH];
    const char *dir = getenv("TMPDIR");
    (void)snprintf(path, sizeof path, "%s/channel-sim-XXXXXX", dir && *dir ? dir : P_tmpdir);
    int fd = mkstemp(path);
    if (fd < 0) return err_set(e, ERR_INTERNAL, "cannot make a temporary file");
    (void)close(fd);
    bool ok = write_book(s, path) && read_back(path, out);
    (void)unlink(path);
    return ok || err_set(e, ERR_INTERNAL, "cannot make a workbook");
}
