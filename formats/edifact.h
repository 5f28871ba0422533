/* edifact — between the envelope (edifact.c: interchanges, messages, counts) and the readers of single message types. A
 * further type is a row of message_rows[] in edifact.c. Inside formats/ only. */
#ifndef FORMATS_EDIFACT_H
#define FORMATS_EDIFACT_H

#include "formats/edifact_tokens.h"
#include "formats/report.h"

/* A group of segments opens a level; it starts with what the level above says. */
typedef enum edi_level { LEVEL_MESSAGE, LEVEL_OUTER, LEVEL_INNER, LEVEL_COUNT } edi_level;

/* One message on its way into a docset. */
typedef struct edi_message {
    report r;
    facts at[LEVEL_COUNT];
    edi_level level;
    bool item_first; /* SLSRPT: layout item → place */
    /* INVRPT */
    enum { ORDER_OPEN, QUANTITY_OPENS, MOVE_OPENS } order; /* which segment begins a part of an item's stock */
    bool place_first;                                      /* places stand before their quantities */
    size_t parts_from;                                     /* first quantity of the open item and place */
    buf item;                                              /* codes of the open item or part */
    /* DESADV, RECADV */
    buf package;       /* codes of the open package */
    str package_id;    /* in the docset's words */
    map package_codes; /* package → its codes' word + 1 */
} edi_message;

typedef struct edi_reading {
    void (*begin)(edi_message *m);
    /** A segment between UNH and UNT. */
    void (*segment)(edi_message *m, const edi_segment *g);
    /** Posts what is open. */
    void (*end)(edi_message *m);
    const report_words *said;
} edi_reading;

extern const edi_reading edi_slsrpt, edi_invrpt, edi_desadv, edi_recadv;

/* ---- edifact_parts.c: segments that mean the same in every message ---- */

typedef struct edi_row {
    const char *tag;
    void (*run)(edi_message *m, const edi_segment *g);
} edi_row;
void edi_run(edi_message *m, const edi_segment *g, const edi_row *rows, size_t n);

static inline facts *edi_here(edi_message *m) {
    return &m->at[m->level];
}

/* A qualifier, the column it fills, how sure it is. */
typedef struct edi_choice {
    const char *qualifier;
    line_text column;
    uint8_t rank;
} edi_choice;

/* DTM qualifiers, the surest first. */
void edi_date_by(edi_message *m, const edi_segment *g, const char *const *qualifiers, size_t n);
/* NAD parties and RFF references. */
void edi_party_by(edi_message *m, const edi_segment *g, const edi_choice *choices, size_t n);
void edi_reference_by(edi_message *m, const edi_segment *g, const edi_choice *choices, size_t n);
/* QTY: waits for the facts of its item. */
void edi_quantity_by(edi_message *m, const edi_segment *g, const quantity_row *rows, size_t n, const char *wanted);

void edi_on_bgm(edi_message *m, const edi_segment *g); /* number and function */
void edi_on_cux(edi_message *m, const edi_segment *g);
void edi_on_pia(edi_message *m, const edi_segment *g);
void edi_on_imd(edi_message *m, const edi_segment *g); /* the item's name, below the message */
/** The item number of LIN itself, its line number; what an item above said of products is forgotten. */
void edi_take_lin(edi_message *m, const edi_segment *g);

/** GIN: batches, serial numbers and carton codes of the open item; false where it names none of them. */
bool edi_take_gin(edi_message *m, const edi_segment *g, buf *codes);

#endif
