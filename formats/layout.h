/* layout — which column of a sheet is what: found from the header row by the mapping or the built-in names, with what
 * the header and the titles above it say besides (units, 万元, tax basis, type, year). Only columns of the layout are
 * read. */
#ifndef FORMATS_LAYOUT_H
#define FORMATS_LAYOUT_H

#include "formats/header.h"
#include "formats/table.h"
#include "proto/limits.h"

#define NO_COLUMN UINT32_MAX
enum { LAYOUT_MONTHS = 48 };

/* A month column, or a pair of them. */
typedef struct layout_month {
    int32_t month;      /* as month_of() */
    uint32_t column[2]; /* quantity, amount */
    int64_t factor[2];
} layout_month;

/* A row of the header as it stands in the sheet. */
typedef struct layout_names {
    const str *name;
    size_t width;
} layout_names;

typedef struct layout {
    arena text;
    const mapping *m;    /* may be NULL */
    uint64_t header_row; /* the last row of the header; 0: none, columns by number */
    size_t width;        /* cells of the header row */
    const str *header;   /* `width` names, of two rows joined; NULL without a header row */
    layout_names raw[2]; /* the one or two rows of the header */
    bool date1904;       /* as in table_rows */
    uint32_t column[FIELD_COUNT];
    int64_t factor[FIELD_COUNT];
    str constant[FIELD_COUNT]; /* where the column is absent or its cell blank */
    layout_month month[LAYOUT_MONTHS];
    size_t months;
    doc_type type; /* where no column says it */
} layout;

/** Read up to LIMIT_TITLE_ROWS rows, find the header, note skipped titles and what was guessed in `out`. The rows must
 *  be rewound afterwards. ERR_DATA: one line with what was found and what was wanted. */
MUST_USE bool layout_find(table_rows *rows, const mapping *m, docset *out, layout *l, err *e);
/** The column's name for messages: its header, or "column 5". */
str layout_column_name(const layout *l, uint32_t column, char room[static 24]);
void layout_free(layout *l);
void layout_auto(layout *l);

/* ---- inside the room: layout_header.c finds the header, layout_columns.c says what its columns are ---- */

/* The first rows of the sheet, kept: titles, header, some data. */
typedef struct top_row {
    uint64_t no;
    str *cell; /* cut to what is worth showing */
    size_t cells;
    size_t fields; /* recognised in it */
} top_row;

typedef struct finder {
    table_rows *rows;
    docset *out;
    layout *l;
    top_row top[LIMIT_TITLE_ROWS];
    size_t tops;
    const top_row *header; /* NULL: none; of two rows the lower one, with names joined */
    const top_row *upper;  /* of two rows the upper one, else NULL */
    top_row raw[2];        /* header and upper as they stand in the sheet */
    header_word word[FIELD_COUNT];
} finder;

void finder_note(finder *f, uint64_t row, const char *fmt, ...) PRINTF_LIKE(3, 4);
bool mapping_has_columns(const mapping *m);
bool mapping_has_headers(const mapping *m);
/** Find the header among f->top, of one row or two. */
void finder_header(finder *f);
/** Is the cell one of the headers wanted? */
bool header_wanted(const mapping_field *wanted, str cell);
/** Fill column, factor, constant, month from f->header by the mapping or the built-in names. */
MUST_USE bool layout_columns(finder *f, err *e);

#endif
