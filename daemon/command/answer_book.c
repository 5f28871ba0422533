#include "daemon/command/answer_form.h"

#include "base/csv_put.h"
#include <stdlib.h>
#include <xlsxwriter.h>

/* A workbook's numbers are doubles: a figure of more digits stays a text, so that no fen is lost. */
enum { SHEET_ROWS = 1048576, EXACT_DIGITS = 15 };

struct answer_book {
    lxw_workbook *book;
    lxw_worksheet *sheet;
    const char **column;
    size_t columns;
    uint32_t row;
};

answer_book *answer_book_new(const char *path, const char *const *columns, size_t n) {
    answer_book *b = calloc(1, sizeof *b);
    ASSERT(b != NULL);
    lxw_workbook_options options = {.constant_memory = LXW_TRUE};
    b->book = workbook_new_opt(path, &options);
    b->sheet = b->book ? workbook_add_worksheet(b->book, "data") : NULL;
    b->column = calloc(n + 1, sizeof *b->column);
    ASSERT(b->column != NULL);
    for (b->columns = 0; b->columns < n; b->columns++) {
        b->column[b->columns] = strdup(columns[b->columns]);
        if (b->sheet) (void)worksheet_write_string(b->sheet, 0, (lxw_col_t)b->columns, columns[b->columns], NULL);
    }
    b->row = n > 0;
    return b;
}

static void put_cell(answer_book *b, uint32_t row, lxw_col_t col, const char *name, const json_t *v) {
    AUTO(buf) text = {0};
    if (v == NULL || json_is_null(v)) return;
    answer_cell(v, &text);
    bool figure = (json_is_number(v) || answer_is_figure(name)) && is_plain_number(buf_str(&text));
    if (figure && text.n <= EXACT_DIGITS)
        (void)worksheet_write_number(b->sheet, row, col, strtod(buf_z(&text), NULL), NULL);
    else
        (void)worksheet_write_string(b->sheet, row, col, buf_z(&text), NULL);
}

static void put_show(answer_book *b, const json_t *object) {
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)object, key, v) {
        (void)worksheet_write_string(b->sheet, b->row, 0, key, NULL);
        put_cell(b, b->row++, 1, key, v);
    }
}

bool answer_book_row(answer_book *b, const json_t *row, err *e) {
    if (b->sheet == NULL) return err_set(e, ERR_INTERNAL, "cannot make a workbook");
    if (b->row >= SHEET_ROWS)
        return err_set(e, ERR_DATA, "a sheet takes %d rows: narrow the question, or use csv", SHEET_ROWS);
    if (b->columns == 0) {
        put_show(b, row);
        return true;
    }
    for (size_t i = 0; i < b->columns; i++)
        put_cell(b, b->row, (lxw_col_t)i, b->column[i], json_object_get(row, b->column[i]));
    b->row++;
    return true;
}

bool answer_book_end(answer_book *b, err *e) {
    bool ok = b->sheet != NULL && workbook_close(b->book) == LXW_NO_ERROR;
    for (size_t i = 0; i < b->columns; i++) free((void *)(uintptr_t)b->column[i]);
    free(b->column);
    free(b);
    return ok || err_set(e, ERR_INTERNAL, "the workbook cannot be written");
}
