/* sheet — what workbooks of every make share: a row of cells being built, merged areas, texts kept once for all cells,
 * the walk over the sheets of a file. */
#ifndef FORMATS_SHEET_H
#define FORMATS_SHEET_H

#include "base/arena.h"
#include "formats/formats.h"
#include "formats/table.h"
#include "proto/limits.h"

/* ---- a row ---- */

typedef struct sheet_row {
    uint64_t no;
    arena text;
    str cell[LIMIT_COLUMNS];
    bool is_word[LIMIT_COLUMNS]; /* text, date or code: a merged area repeats it */
    size_t cells;
    bool long_cell, excess;
} sheet_row;

void sheet_row_init(sheet_row *r);
void sheet_row_free(sheet_row *r);
void sheet_row_begin(sheet_row *r, uint64_t no);
/** Copies the text, cut to LIMIT_CELL; columns from 0 may come in any order. */
void sheet_row_put(sheet_row *r, size_t column, str text, bool is_word);
bool sheet_row_blank(const sheet_row *r);
table_row sheet_row_view(const sheet_row *r);

/* ---- merged areas ---- */

/* A word in a merged area stands for every cell of it, a number only where it is written: else it would count twice. */
typedef struct merged_area {
    uint64_t row, last_row; /* as sheet_row.no */
    uint32_t column, last_column;
} merged_area;

typedef struct merged_word { /* an area that reaches into the row being read */
    const merged_area *area;
    buf text;
} merged_word;

typedef struct merges {
    merged_area *area;
    size_t n, cap, next; /* `next`: the first area that has not begun */
    merged_word active[LIMIT_COLUMNS];
    size_t actives;
} merges;

void merges_clear(merges *m);
void merges_free(merges *m);
/** Areas that hold no cell of ours are left out. ERR_DATA beyond LIMIT_MERGES. */
MUST_USE bool merges_add(merges *m, merged_area area, err *e);
/** All areas are known, or the sheet is read again: stand before its first row. */
void merges_begin(merges *m);
/** Fill the row's cells that lie in an area. Rows must come in order. ERR_DATA when areas overlap beyond reason. */
MUST_USE bool merges_fill(merges *m, sheet_row *r, err *e);

/* ---- texts kept once ---- */

typedef struct shared_texts {
    buf text;
    uint32_t *end;
    size_t n, cap;
} shared_texts;

/** False when LIMIT_SHARED_TEXT is reached. */
MUST_USE bool shared_texts_add(shared_texts *t, str text);
str shared_texts_get(const shared_texts *t, size_t i); /* i < n */
void shared_texts_free(shared_texts *t);

/* ---- the sheets of a file ---- */

typedef struct sheet_source {
    void *self;
    /** The next visible sheet; *more false when there is none. False when the file is damaged. */
    bool (*next)(void *self, table_rows *rows, bool *more, err *e);
} sheet_source;

/** The first rows of the first sheet that has any, as lines of cells between TABs; nothing when none can be read. */
void sheets_top(const sheet_source *from, buf *out);
/** Open a file of its make for the time of the call. */
typedef bool (*sheets_fn)(void *arg, const sheet_source *from, err *e);
bool xlsx_visit(const source *in, sheets_fn fn, void *arg, err *e);
bool xls_visit(const source *in, sheets_fn fn, void *arg, err *e);
bool markup_visit(const source *in, sheets_fn fn, void *arg, err *e);
bool csv_visit(const source *in, sheets_fn fn, void *arg, err *e);
/** The same for whatever table it is. ERR_DATA: none (EDI). */
MUST_USE bool sheets_visit(const source *in, sheets_fn fn, void *arg, err *e);
/** The last row of the sheet's header; false when no table is found in it. The rows are rewound. */
bool sheet_header_row(table_rows *rows, const mapping *m, uint64_t *header_row);
/** Note the sheets that are not looked at, so that nobody misses them unaware. */
void sheets_note_hidden(docset *out, str names);
/** Read every sheet that holds a table. One that holds none is noted as skipped, one that cannot be read as a problem;
 *  when no sheet can be read, or the file is damaged, false with the reason. */
MUST_USE bool sheets_read(const sheet_source *from, const source *in, const mapping *m, docset *out, err *e);

#endif
