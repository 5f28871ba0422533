/* edifact — between the envelope (edifact.c: interchanges, messages, counts) and the reader of one message type. A
 * further type is a row of message_rows[] in edifact.c. Inside formats/ only. */
#ifndef FORMATS_EDIFACT_H
#define FORMATS_EDIFACT_H

#include "formats/edifact_tokens.h"
#include "formats/mapping.h"
#include "proto/docset.h"

/* A group of segments opens a level; it starts with what the level above says. SLSRPT nests place → item or item →
 * place, whichever comes first in the message. */
typedef enum edi_level { LEVEL_MESSAGE, LEVEL_OUTER, LEVEL_INNER, LEVEL_COUNT } edi_level;

/* Dates a quantity may stand on, the surest first. */
typedef enum edi_date { DATE_OF_SALE, DATE_PERIOD_END, DATE_PERIOD_START, DATE_OF_MESSAGE, EDI_DATES } edi_date;

typedef struct edi_facts {
    uint32_t text[LINE_TEXT_COUNT]; /* word numbers */
    day_t date[EDI_DATES];          /* DAY_MIN: not stated */
    int64_t price, amount;          /* of a unit, of the item; micro, NUM_NONE: not stated */
    uint8_t sku_rank, price_rank;   /* of what was taken so far, lower is better; 0: nothing yet */
    bool from_moa;                  /* the amount is MOA's, which PRI never replaces */
    bool damaged;                   /* one of its texts could not be kept: its lines are refused */
} edi_facts;

/* One SLSRPT message on its way into a docset. */
typedef struct slsrpt {
    docset *out;
    const mapping *m; /* may be NULL */
    edi_facts at[LEVEL_COUNT];
    edi_level level;
    bool item_first;   /* layout item → place */
    bool cancels;      /* BGM function 1 or 3 */
    bool counts_stock; /* QTY+145 was seen */
    uint32_t number, version;
    uint64_t bgm_row;
    buf pending; /* quantities of the open item: their amount may follow them */
    buf groups;  /* facts they stand in */
} slsrpt;

void slsrpt_begin(slsrpt *s, docset *out, const mapping *m);
/** A segment between UNH and UNT. */
void slsrpt_segment(slsrpt *s, const edi_segment *g);
/** Posts what is open and frees. */
void slsrpt_end(slsrpt *s);

#endif
