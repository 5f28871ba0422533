/* dialects — how a partner's program writes what it knows. A dialect is a row of sim_dialects[] with a function that
 * writes one file: documents of one type, of one partner. What a dialect has no place for (receipts in a sales report)
 * comes in the canonical one instead. */
#ifndef SIM_DIALECTS_H
#define SIM_DIALECTS_H

#include "tools/sim/sheet.h"
#include "tools/sim/world.h"

/* One document as a file tells it. */
typedef struct sim_telling {
    const sim_document *doc;
    const sim_content *content;
    bool corrects; /* a greater version than what was told before */
} sim_telling;

typedef struct sim_dialect sim_dialect;

typedef struct sim_file {
    world *w;
    const sim_dialect *dialect;
    const sim_partner *partner;
    doc_type type;
    day_t first, last; /* days of its period */
    const sim_telling *told;
    size_t count;
} sim_file;

typedef enum sim_period { A_DAY, A_MONTH, A_YEAR } sim_period; /* of a file */

struct sim_dialect {
    const char *name, *extension;
    unsigned carries; /* bit 1 << doc_type */
    sim_period period;
    bool versions;    /* can say that a document replaces an earlier one */
    bool unnumbered;  /* has no place for document numbers, so corrections of single documents cannot be told */
    bool totals_only; /* can tell monthly totals only */
    bool (*write)(const sim_file *f, buf *out, err *e);
    const struct sheet_style *style; /* of write_sheet */
    const sheet_paper *paper;        /* of write_sheet and write_months */
};

extern const sim_dialect sim_dialects[];
extern const size_t sim_dialect_count;
const sim_dialect *sim_dialect_of(str name);

bool write_canonical(const sim_file *f, buf *out, err *e);
bool write_sheet(const sim_file *f, buf *out, err *e);
bool write_months(const sim_file *f, buf *out, err *e);       /* a row a product, two columns a month */
bool write_matrix(const sim_file *f, buf *out, err *e);       /* the months above the columns, totals all round */
bool write_slsrpt(const sim_file *f, buf *out, err *e);       /* place → item; returns as 153:-n */
bool write_slsrpt_items(const sim_file *f, buf *out, err *e); /* item → place; returns as 61:n */
bool write_867(const sim_file *f, buf *out, err *e);
bool write_852(const sim_file *f, buf *out, err *e);

/* What a line of an exported sheet may show. */
typedef enum sheet_field {
    SHEET_END,
    SHEET_DATE,
    SHEET_NUMBER,
    SHEET_TYPE,
    SHEET_PLACE,
    SHEET_CODE,
    SHEET_NAME,
    SHEET_UNIT,
    SHEET_QUANTITY,
    SHEET_PRICE,
    SHEET_AMOUNT
} sheet_field;

typedef struct sheet_column {
    sheet_field field;
    const char *sale, *receipt, *stock; /* its header; NULL: as of sales */
} sheet_column;

/* The header style of a program. */
typedef struct sheet_style {
    const char *sale, *receipt, *stock; /* titles; NULL: none */
    bool store_codes;                   /* shops by code, else by name */
    bool subtotals;                     /* 小计 below each document */
    const char *total, *case_word;
    sheet_column column[12];
} sheet_style;

extern const sheet_style style_plain, style_guanjiapo, style_kingdee, style_yonyou, style_english;

/* What writers share. */
static inline const sim_line *told_line(const sim_file *f, const sim_telling *t, size_t i) {
    return &f->w->line[t->content->first + i];
}
static inline const sim_product *product_of(const sim_file *f, const sim_line *l) {
    return &f->w->product[l->product];
}
static inline const sim_place *place_of(const sim_file *f, const sim_line *l) {
    return l->place == NO_PLACE ? NULL : &f->partner->place[l->place];
}
/** Quantity and price in the unit the line is written in. */
int64_t written_quantity(const sim_file *f, const sim_line *l);
int64_t written_price(const sim_file *f, const sim_line *l);
/** fen → "12.50". */
void put_money(buf *b, int64_t fen);

#endif
