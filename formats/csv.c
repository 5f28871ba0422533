#include "formats/csv.h"

#include "formats/sheet.h"

#include "formats/formats.h"
#include "proto/limits.h"

#include <stdlib.h>

enum { LOOK_RECORDS = 100, LOOK_BYTES = 64 * 1024 };

static bool is_end(char c) {
    return c == '\n' || c == '\r';
}

/* ---- letters ---- */

/* The next letter without taking it; false at the end of the file. */
static bool peek(csv *c, char *out, bool *ok, err *e) {
    while (c->piece.n == 0) {
        if (c->ended) return false;
        if (!charset_next(&c->in, &c->piece, e)) return *ok = false;
        c->ended = c->piece.n == 0;
    }
    *out = c->piece.p[0];
    return true;
}

static void take(csv *c) {
    char letter = c->piece.p[0];
    if (letter == '\r' || (letter == '\n' && !c->after_cr)) c->line++;
    c->after_cr = letter == '\r';
    c->piece = str_skip(c->piece, 1);
}

/* ---- cells ---- */

static void cell_begin(csv *c) {
    c->cell_from = c->text.n;
}

static void cell_add(csv *c, str s) {
    size_t have = c->text.n - c->cell_from;
    if (c->cell_count >= LIMIT_COLUMNS) return;
    if (have + s.n > LIMIT_CELL) {
        c->long_cell = true;
        s.n = LIMIT_CELL - have;
    }
    buf_add(&c->text, s);
}

static void cell_end(csv *c) {
    if (c->cell_count < LIMIT_COLUMNS) c->cells[c->cell_count] = (csv_cell){c->cell_from, c->text.n - c->cell_from};
    c->cell_count++;
}

/* Add letters up to a separator, a line end or the end of the file. */
static bool plain_part(csv *c, err *e) {
    bool ok = true;
    char letter;
    while (peek(c, &letter, &ok, e)) {
        const char *p = c->piece.p, *end = p + c->piece.n;
        while (p < end && *p != c->sep && !is_end(*p)) p++;
        size_t n = (size_t)(p - c->piece.p);
        if (n == 0) break;
        cell_add(c, str_take(c->piece, n));
        c->piece = str_skip(c->piece, n);
        c->after_cr = false;
    }
    return ok;
}

/* Inside quotes, after the opening one, up to and with the closing one. */
static bool quoted_part(csv *c, err *e) {
    uint64_t opened = c->line;
    bool ok = true;
    char letter;
    while (peek(c, &letter, &ok, e)) {
        const char *p = c->piece.p, *end = p + c->piece.n;
        while (p < end && *p != '"' && !is_end(*p)) p++;
        size_t n = (size_t)(p - c->piece.p);
        if (n > 0) {
            cell_add(c, str_take(c->piece, n));
            c->piece = str_skip(c->piece, n);
            c->after_cr = false;
            continue;
        }
        take(c);
        if (letter == '"') {
            if (!peek(c, &letter, &ok, e) || letter != '"') return ok;
            take(c);
        }
        cell_add(c, str_from(&letter, 1));
    }
    return ok && err_set(e, ERR_DATA, "row %llu: a quote is opened and never closed; the file is cut off or damaged",
                         (unsigned long long)opened);
}

/* A cell up to its separator (taken) or line end (left). *more: another cell follows. */
static bool read_cell(csv *c, bool *more, err *e) {
    bool ok = true;
    char letter = '\0';
    cell_begin(c);
    while (peek(c, &letter, &ok, e) && letter == ' ') take(c);
    bool formula = ok && c->piece.n && letter == '=';
    if (formula) {
        take(c);
        if (!peek(c, &letter, &ok, e) || letter != '"') cell_add(c, STR("="));
    }
    if (ok && c->piece.n && letter == '"') {
        take(c);
        TRY(quoted_part(c, e));
    }
    TRY(ok && plain_part(c, e));
    cell_end(c);
    *more = peek(c, &letter, &ok, e) && letter == c->sep;
    if (*more) take(c);
    return ok;
}

/* ---- rows ---- */

static bool read_record(csv *c, err *e) {
    c->text.n = 0;
    c->cell_count = 0;
    c->long_cell = false;
    for (bool more = true; more;) TRY(read_cell(c, &more, e));
    bool ok = true;
    char letter;
    if (!peek(c, &letter, &ok, e)) return ok;
    take(c);
    if (letter == '\r' && peek(c, &letter, &ok, e) && letter == '\n') take(c);
    return ok;
}

static bool is_blank(const csv *c) {
    if (c->text.n && c->text.p[0] > ' ') return false;
    return str_trim(buf_str(&c->text)).n == 0;
}

bool csv_next(csv *c, table_row *row, err *e) {
    *row = (table_row){0};
    for (;;) {
        bool ok = true;
        char letter;
        if (!peek(c, &letter, &ok, e)) return ok;
        uint64_t no = c->line;
        TRY(read_record(c, e));
        if (is_blank(c)) continue;
        size_t n = c->cell_count < LIMIT_COLUMNS ? c->cell_count : LIMIT_COLUMNS;
        for (size_t i = 0; i < n; i++) c->views[i] = str_from(c->text.p + c->cells[i].from, c->cells[i].n);
        *row = (table_row){no, c->views, n, c->long_cell, c->cell_count > LIMIT_COLUMNS};
        return true;
    }
}

static void restart(csv *c) {
    charset_rewind(&c->in);
    c->piece = STR_NONE;
    c->ended = false;
    c->line = 1;
    c->after_cr = false;
}

void csv_rewind(csv *c) {
    restart(c);
    err e;
    if (c->sep_line) (void)read_record(c, &e); /* it was read once without fault */
}

/* ---- the separator ---- */

typedef struct shape {
    size_t cells[LOOK_RECORDS], records;
} shape;

/* Cells of the first records when split by `sep`. A quote still open where the look ends, or a fault of the bytes, ends
 * the look: the reading proper reports it. */
static void look(csv *c, char sep, shape *out) {
    err e;
    table_row row;
    restart(c);
    c->sep = sep;
    size_t bytes = 0;
    out->records = 0;
    while (out->records < LOOK_RECORDS && bytes < LOOK_BYTES && csv_next(c, &row, &e) && row.no) {
        while (row.cells > 1 && str_trim(row.cell[row.cells - 1]).n == 0) row.cells--;
        out->cells[out->records++] = row.cells;
        bytes += c->text.n + row.cells;
    }
}

static size_t most_frequent(const shape *s) {
    size_t best = 1, best_times = 0;
    for (size_t i = 0; i < s->records; i++) {
        size_t times = 0;
        for (size_t k = 0; k < s->records; k++) times += s->cells[k] == s->cells[i];
        if (times > best_times || (times == best_times && s->cells[i] > best)) {
            best = s->cells[i];
            best_times = times;
        }
    }
    return best;
}

/* How well the records agree on more than one column. `head` is the first record any separator cuts: it mostly holds
 * the names, so a mark that occurs only inside the data (a decimal comma, codes joined by ';') does not cut it. */
static uint64_t agreement(const shape *s, size_t head) {
    size_t columns = most_frequent(s), agree = 0;
    if (columns < 2) return 0;
    for (size_t i = 0; i < s->records; i++) agree += s->cells[i] == columns;
    uint64_t share = 1000 * agree / s->records, score = share * share * (columns - 1);
    return head < s->records && s->cells[head] >= 2 ? score : score / 8;
}

static void find_separator(csv *c) {
    static const char marks[] = {',', ';', '\t', '|'};
    shape shapes[ARRAY_LEN(marks)];
    size_t head = LOOK_RECORDS;
    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        look(c, marks[i], &shapes[i]);
        for (size_t k = 0; k < shapes[i].records && k < head; k++)
            if (shapes[i].cells[k] > 1) head = k;
    }
    uint64_t best = 0;
    c->sep = ',';
    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        uint64_t score = agreement(&shapes[i], head);
        if (score > best) {
            best = score;
            c->sep = marks[i];
        }
    }
}

/* A first line "sep=;" is a word to spreadsheets, not data. */
static bool named_separator(csv *c) {
    err e;
    restart(c);
    c->sep = '\n';
    if (!read_record(c, &e) || c->cell_count == 0) return false;
    str line = str_from(c->text.p, c->cells[0].n);
    if (line.n != 5 || !str_ieq(str_take(line, 4), STR("sep=")) || !strchr(",;\t|:#^~", line.p[4])) return false;
    c->sep = line.p[4];
    return true;
}

bool csv_open(csv *c, str bytes, err *e) {
    *c = (csv){.sep = ','};
    charset kind;
    TRY(charset_detect(bytes, &kind, e));
    charset_open(&c->in, bytes, kind);
    c->cells = calloc(LIMIT_COLUMNS, sizeof *c->cells);
    c->views = calloc(LIMIT_COLUMNS, sizeof *c->views);
    ASSERT(c->cells && c->views);
    c->sep_line = named_separator(c);
    if (!c->sep_line) find_separator(c);
    csv_rewind(c);
    return true;
}

void csv_close(csv *c) {
    charset_close(&c->in);
    buf_free(&c->text);
    free(c->cells);
    free(c->views);
    *c = (csv){0};
}

void csv_auto(csv *c) {
    csv_close(c);
}

/* ---- the format ---- */

static int sniff(str bytes) {
    static const str other[] = {{"PK\x03\x04", 4}, {"\xd0\xcf\x11\xe0", 4}, {"%PDF", 4}, {"\x1f\x8b", 2}};
    for (size_t i = 0; i < ARRAY_LEN(other); i++)
        if (str_starts(bytes, other[i])) return 0;
    return 1; /* any text may be a table; whoever knows better says so */
}

static bool next_row(void *self, table_row *row, err *e) {
    return csv_next(self, row, e);
}

static void rewind_rows(void *self) {
    csv_rewind(self);
}

static bool read_csv(const source *in, const mapping *m, docset *out, err *e) {
    AUTO(csv) c = {0};
    TRY(csv_open(&c, in->bytes, e));
    out->charset = arena_str(&out->text, str_of(charset_name(c.in.kind)));
    table_rows rows = {.self = &c, .next = next_row, .rewind = rewind_rows, .file_name = str_of(in->name)};
    return table_read(&rows, m, out, e);
}

/* A file of text is one sheet without number. */
static bool next_sheet(void *self, table_rows *rows, bool *more, err *e) {
    csv *c = self;
    (void)e;
    *more = !c->given;
    c->given = true;
    *rows = (table_rows){.self = c, .next = next_row, .rewind = rewind_rows};
    return true;
}

bool csv_visit(const source *in, sheets_fn fn, void *arg, err *e) {
    AUTO(csv) c = {0};
    return csv_open(&c, in->bytes, e) && fn(arg, &(sheet_source){&c, next_sheet}, e);
}

const format csv_format = {"csv", sniff, read_csv};
