/* dialects — how a partner's program writes what it knows. A dialect is a row of sim_dialects[] with a function that
 * writes one file: documents of one type, of one partner. What a dialect has no place for (receipts in a sales report)
 * comes in the canonical one instead. */
#ifndef SIM_DIALECTS_H
#define SIM_DIALECTS_H

#include "base/buf.h"
#include "tools/sim/world.h"

/* One document as a file tells it. */
typedef struct sim_telling {
    const sim_document *doc;
    const sim_content *content;
    bool corrects; /* a greater version than what was told before */
} sim_telling;

typedef struct sim_file {
    world *w;
    const sim_partner *partner;
    doc_type type;
    day_t first, last; /* days of its period */
    const sim_telling *told;
    size_t count;
} sim_file;

typedef struct sim_dialect {
    const char *name, *extension;
    unsigned carries; /* bit 1 << doc_type */
    bool monthly;     /* a file a month, else a file a day */
    bool versions;    /* can say that a document replaces an earlier one */
    void (*write)(const sim_file *f, buf *out);
} sim_dialect;

extern const sim_dialect sim_dialects[];
extern const size_t sim_dialect_count;
const sim_dialect *sim_dialect_of(str name);

void write_canonical(const sim_file *f, buf *out);
void write_gb18030(const sim_file *f, buf *out);
void write_slsrpt(const sim_file *f, buf *out);       /* place → item; returns as 153:-n */
void write_slsrpt_items(const sim_file *f, buf *out); /* item → place; returns as 61:n */

/* What writers share. */
static inline const sim_line *told_line(const sim_file *f, const sim_telling *t, size_t i) {
    return &f->w->line[t->content->first + i];
}
static inline const sim_product *product_of(const sim_file *f, const sim_line *l) {
    return &f->w->product[l->product];
}
/** Quantity and price in the unit the line is written in. */
int64_t written_quantity(const sim_file *f, const sim_line *l);
int64_t written_price(const sim_file *f, const sim_line *l);
/** fen → "12.50". */
void put_money(buf *b, int64_t fen);
/** A CSV cell, quoted where needed, then a comma unless it is the last. */
void put_cell(buf *b, str cell, bool last);

#endif
