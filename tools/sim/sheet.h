/* sheet — a page of cells as a program exports it, and the ways in which such pages are written to files. */
#ifndef SIM_SHEET_H
#define SIM_SHEET_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/calendar.h"
#include "base/err.h"

typedef enum cell_kind { CELL_EMPTY, CELL_TEXT, CELL_COUNT, CELL_MONEY, CELL_DAY } cell_kind;

typedef struct sheet_cell {
    cell_kind kind;
    bool begins_row;
    unsigned span; /* columns */
    int64_t value; /* pieces, fen, a day */
    str text;
} sheet_cell;

typedef struct sheet {
    arena text;
    buf cells;
    bool begins_row;
} sheet;

void sheet_init(sheet *s);
void sheet_free(sheet *s);
void sheet_auto(sheet *s);
void sheet_row(sheet *s); /* the next cell begins a row */
void sheet_text(sheet *s, const char *z);
void sheet_wide(sheet *s, const char *z, unsigned span);
void sheet_count(sheet *s, int64_t pieces);
void sheet_money(sheet *s, int64_t fen);
void sheet_day(sheet *s, day_t day);
void sheet_blank(sheet *s, unsigned cells);

typedef enum sheet_letters { LETTERS_UTF8, LETTERS_UTF8_MARK, LETTERS_UTF16, LETTERS_GB18030 } sheet_letters;

/* How a page is put on paper. */
typedef struct sheet_paper {
    bool (*write)(const sheet *s, const struct sheet_paper *paper, buf *out, err *e);
    char separator;  /* of cells */
    char decimal;    /* the other mark parts thousands */
    bool thousands;  /* parted */
    bool brackets;   /* (12) for -12 */
    const char *day; /* year, month, day for printf */
    sheet_letters letters;
} sheet_paper;

bool paper_csv(const sheet *s, const sheet_paper *paper, buf *out, err *e);
bool paper_html(const sheet *s, const sheet_paper *paper, buf *out, err *e);
bool paper_xlsx(const sheet *s, const sheet_paper *paper, buf *out, err *e);

#endif
