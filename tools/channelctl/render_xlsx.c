#include "tools/channelctl/render.h"

#include "base/csv_put.h"
#include <stdlib.h>
#include <unistd.h>
#include <xlsxwriter.h>

/* libxlsxwriter writes a file by name; it is made in the place for temporary files and copied to the output. */

/* A workbook's numbers are doubles: a figure of more digits stays a text, so that no fen is lost. */
enum { SHEET_ROWS = 1048576, NAME_SIZE = 1024, EXACT_DIGITS = 15 };

typedef struct book {
    char path[NAME_SIZE];
    lxw_workbook *book;
    lxw_worksheet *sheet;
    uint32_t row;
} book;

static bool begin(render *r) {
    book *b = calloc(1, sizeof *b);
    ASSERT(b != NULL);
    r->inner = b;
    const char *dir = getenv("TMPDIR");
    (void)snprintf(b->path, sizeof b->path, "%s/channelctl-XXXXXX", dir && *dir ? dir : P_tmpdir);
    int fd = mkstemp(b->path);
    if (fd < 0) return err_set(&r->why, ERR_INTERNAL, "cannot make a temporary file");
    (void)close(fd);
    lxw_workbook_options options = {.constant_memory = LXW_TRUE};
    b->book = workbook_new_opt(b->path, &options);
    b->sheet = b->book ? workbook_add_worksheet(b->book, "data") : NULL;
    if (b->sheet == NULL) return err_set(&r->why, ERR_INTERNAL, "cannot make a workbook");
    for (size_t i = 0; i < r->columns; i++) (void)worksheet_write_string(b->sheet, 0, (lxw_col_t)i, r->column[i], NULL);
    b->row = r->form == ANSWER_LIST;
    return true;
}

static void put_cell(book *b, uint32_t row, lxw_col_t col, const char *name, const json_t *v) {
    AUTO(buf) text = {0};
    if (v == NULL || json_is_null(v)) return;
    render_cell(v, &text);
    bool figure = (json_is_number(v) || render_is_figure(name)) && is_plain_number(buf_str(&text));
    if (figure && text.n <= EXACT_DIGITS)
        (void)worksheet_write_number(b->sheet, row, col, strtod(buf_z(&text), NULL), NULL);
    else
        (void)worksheet_write_string(b->sheet, row, col, buf_z(&text), NULL);
}

static void show(book *b, json_t *object) {
    const char *key;
    json_t *v;
    json_object_foreach(object, key, v) {
        (void)worksheet_write_string(b->sheet, b->row, 0, key, NULL);
        put_cell(b, b->row++, 1, key, v);
    }
}

static bool row(render *r, str line) {
    book *b = r->inner;
    if (b->row == SHEET_ROWS)
        return err_set(&r->why, ERR_DATA, "a sheet takes %d rows: narrow the question, or use -o csv", SHEET_ROWS);
    json_t *object = render_row(r, line);
    if (object == NULL) return false;
    if (r->form == ANSWER_SHOW) show(b, object);
    for (size_t i = 0; i < r->columns; i++)
        put_cell(b, b->row, (lxw_col_t)i, r->column[i], json_object_get(object, r->column[i]));
    b->row += r->form == ANSWER_LIST;
    json_decref(object);
    return true;
}

static bool copy(render *r, const char *path) {
    char piece[65536];
    FILE *in = fopen(path, "rb");
    if (in == NULL) return false;
    size_t n;
    bool ok = true;
    while (ok && (n = fread(piece, 1, sizeof piece, in)) > 0) ok = fwrite(piece, 1, n, r->out) == n;
    ok = ok && !ferror(in);
    (void)fclose(in);
    return ok;
}

static bool end(render *r) {
    book *b = r->inner;
    bool ok = workbook_close(b->book) == LXW_NO_ERROR && copy(r, b->path);
    (void)unlink(b->path);
    free(b);
    return ok || err_set(&r->why, ERR_INTERNAL, "the workbook cannot be written");
}

const render_form xlsx_form = {"xlsx", begin, row, end};
