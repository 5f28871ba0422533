/* line — one row of a table → lines of documents: its cells as numbers, dates and words of the docset, or one clear
 * problem. */
#ifndef FORMATS_LINE_H
#define FORMATS_LINE_H

#include "formats/layout.h"
#include "formats/totals.h"
#include "formats/value.h"

/* A column of numbers: where it stands, how it is read, what it sums up to. */
typedef struct figure {
    field f;
    uint32_t column; /* NO_COLUMN: only the constant */
    str constant;    /* the mapping's, for a blank cell */
    number_marks marks;
    number_rule rule;
    tally sum;
    bool summed; /* quantities and amounts; prices and rates have no totals */
} figure;

enum { FIGURES = 5 + 2 * LAYOUT_MONTHS };

typedef struct line_reader {
    const layout *l;
    docset *out;
    uint32_t sheet;
    figure figure[FIGURES];
    size_t figures, plain; /* the first `plain` are not of months */
    date_marks date_marks;
    date_rule date_rule;
    uint32_t last[FIELD_COUNT]; /* the column's word in the row before: neighbours are often alike */
    buf last_date;              /* the date cell of the row before … */
    day_t last_day;             /* … and its day */
    buf last_type;
    doc_type type;
    bool type_gift;
    size_t months_only; /* dates that were a month */
    uint32_t *lines;    /* of each document so far */
    size_t lines_cap;
} line_reader;

void line_reader_init(line_reader *r, const layout *l, docset *out, uint32_t sheet);
void line_reader_free(line_reader *r);

/** The cell of a field, cleaned; the mapping's constant where the column is absent or the cell blank. */
str line_cell(const line_reader *r, const table_row *row, field f);
/** First pass: let the columns show their marks. */
void line_look(line_reader *r, const table_row *row);
/** Between the passes. */
void line_decide(line_reader *r);
/** Can the row's date be read? Remembers it. */
bool line_has_date(line_reader *r, const table_row *row);
/** Does any summed column hold a readable number? */
bool line_has_figure(const line_reader *r, const table_row *row);
/** Second pass: a row that becomes no line though a total below counts it. */
void line_count(line_reader *r, const table_row *row);
/** Second pass: add the row's lines to the docset, or a problem. */
void line_take(line_reader *r, const table_row *row);
/** Does the row say that there was nothing (零申报) of its day, month or span? */
bool line_is_nil(const line_reader *r, const table_row *row);
/** Second pass: the row as a nil report, a line a day, or a problem. */
void line_take_nil(line_reader *r, const table_row *row);
/** Which document of a head the line belongs to: without a number place and day, with a scoped one the scope's span. */
void line_document_key(const doc_head *head, const doc_line *line, buf *key);
/** A problem of the row; `column` NO_COLUMN: the row as a whole. */
void line_problem(const line_reader *r, uint64_t row, uint32_t column, str found, const char *wanted, const char *hint);
/** The same, and the row becomes no line. */
void line_refuse(line_reader *r, uint64_t row, uint32_t column, str found, const char *wanted, const char *hint);

/* ---- inside the room: line_words.c reads the words of a row ---- */

/* What a row says of all its lines. */
typedef struct row_facts {
    const table_row *row;
    doc_type type;
    bool gift_type;
    int64_t number[LINE_NUMBER_COUNT];
    str currency; /* of a sign in a cell */
} row_facts;

/* Each false: the row is refused, its problem noted. */
MUST_USE bool row_type(line_reader *r, row_facts *x);
MUST_USE bool row_texts(line_reader *r, const row_facts *x, doc_line *line);
MUST_USE bool row_head(line_reader *r, const row_facts *x, doc_head *head);

#endif
