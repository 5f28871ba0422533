#include "agent/mend_sheet.h"

#include "agent/mend.h"
#include "formats/sheet.h"
#include <stdlib.h>

static const char mark_head[] = "channeld:";

bool mend_is_sheet(str titles) {
    return str_find(titles, str_of(mark_head)) != SIZE_MAX;
}

void corrected_auto(corrected *c) {
    free(c->row);
    arena_free(&c->text);
}

static kept_row *keep_row(corrected *c, const table_row *row, size_t cells) {
    if (c->rows == c->cap) {
        c->cap = c->cap ? 2 * c->cap : 64;
        c->row = reallocarray(c->row, c->cap, sizeof *c->row);
        ASSERT(c->row != NULL);
    }
    kept_row *k = &c->row[c->rows++];
    *k = (kept_row){.cells = row->cells < cells ? row->cells : cells};
    k->cell = ARENA_NEW(&c->text, str, k->cells + 1);
    ASSERT(k->cell != NULL);
    for (size_t i = 0; i < k->cells; i++) k->cell[i] = arena_str(&c->text, row->cell[i]);
    return k;
}

static bool read_origin(corrected *c, str mark, err *e) {
    str rest = str_skip(str_trim(mark), sizeof mark_head - 1), id, sha;
    int64_t no;
    if (!str_split(&rest, ':', &id) || !str_split(&rest, ':', &sha) || !dec_parse(id, 0, &no, NULL) || no < 1)
        return err_set(e, ERR_DATA, "the last column's name was changed; wanted channeld:… as it was given out");
    if (c->upload && c->upload != (uint64_t)no)
        return err_set(e, ERR_DATA, "the sheets are of different files; push each by itself");
    c->upload = (uint64_t)no;
    (void)str_copy_z(sha, c->sha, sizeof c->sha);
    (void)str_copy_z(str_trim(rest), c->signature, sizeof c->signature);
    return true;
}

/* "2.17": the sheet and row that a row came from. */
static bool read_mark(str cell, uint32_t *sheet, uint64_t *no) {
    str rest = str_trim(cell), first;
    int64_t a, b;
    if (!str_split(&rest, '.', &first) || !dec_parse(first, 0, &a, NULL) || !dec_parse(rest, 0, &b, NULL)) return false;
    if (a < 0 || a > LIMIT_SHEETS || b < 1) return false;
    *sheet = (uint32_t)a;
    *no = (uint64_t)b;
    return true;
}

static void unmarked(corrected *c, const table_row *row) {
    for (size_t i = 0; i < row->cells; i++)
        if (str_trim(row->cell[i]).n) {
            docset_problem(c->out, 0, row->no, STR("channeld"), str_trim(row->cell[i]),
                           STR("a row of the sheet that was given out"), STR("put new rows into a file of their own"));
            c->out->refused++;
            return;
        }
}

static size_t mark_column(const table_row *row) {
    for (size_t i = row->cells; i-- > 0;)
        if (str_starts(str_trim(row->cell[i]), str_of(mark_head))) return i;
    return SIZE_MAX;
}

/* Titles and header keep their places; 问题, 改法 and the mark are left out. */
static bool take_sheet(corrected *c, table_rows *rows, err *e) {
    table_row row;
    size_t mark = SIZE_MAX, first = c->rows, head = c->rows;
    uint32_t sheet = 0;
    rows->rewind(rows->self);
    for (;;) {
        TRY(rows->next(rows->self, &row, e));
        if (row.no == 0) break;
        if (mark == SIZE_MAX && (mark = mark_column(&row)) != SIZE_MAX) {
            TRY(mark >= 2 || err_set(e, ERR_DATA, "columns were removed before the last one"));
            TRY(read_origin(c, row.cell[mark], e));
            keep_row(c, &row, mark - 2)->no = c->rows - first + 1;
            head = c->rows;
            continue;
        }
        if (mark == SIZE_MAX) {
            keep_row(c, &row, row.cells)->no = c->rows - first + 1;
            continue;
        }
        uint64_t no;
        if (mark >= row.cells || !read_mark(row.cell[mark], &sheet, &no)) {
            unmarked(c, &row);
            continue;
        }
        kept_row *k = keep_row(c, &row, mark - 2);
        k->sheet = sheet;
        k->no = no;
    }
    if (mark == SIZE_MAX) return c->rows = first, true; /* a sheet of somebody else's */
    for (size_t i = first; i < head; i++) c->row[i].sheet = sheet;
    if (sheet < LIMIT_SHEETS && rows->sheet_name.n) c->name[sheet] = arena_str(&c->text, rows->sheet_name);
    return true;
}

static bool take_sheets(void *arg, const sheet_source *from, err *e) {
    for (bool more = true;;) {
        table_rows rows = {0};
        TRY(from->next(from->self, &rows, &more, e));
        if (!more) return true;
        TRY(take_sheet(arg, &rows, e));
    }
}

static int by_place(const void *x, const void *y) {
    const kept_row *a = x, *b = y;
    if (a->sheet != b->sheet) return a->sheet < b->sheet ? -1 : 1;
    return (a->no > b->no) - (a->no < b->no);
}

/* A row copied twice would count twice. */
static void drop_twins(corrected *c) {
    size_t kept = 0;
    if (c->rows) qsort(c->row, c->rows, sizeof *c->row, by_place);
    for (size_t i = 0; i < c->rows; i++) {
        if (kept && by_place(&c->row[kept - 1], &c->row[i]) == 0) {
            docset_problem(c->out, c->row[i].sheet, c->row[i].no, STR("channeld"), STR(""), STR("each row once"),
                           STR("remove one of the two"));
            c->out->refused++;
            continue;
        }
        c->row[kept++] = c->row[i];
    }
    c->rows = kept;
}

bool corrected_read(corrected *c, const source *in, err *e) {
    arena_init(&c->text, SIZE_MAX);
    TRY(sheets_visit(in, take_sheets, c, e));
    drop_twins(c);
    return true;
}
