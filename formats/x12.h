/* x12 — between the envelope (x12.c: interchanges, groups, sets, counts) and the readers of single transaction sets. A
 * further set is a row of set_rows[] in x12.c. Loops are read by what opens them, not by position: their order differs
 * between versions and senders. Inside formats/ only. */
#ifndef FORMATS_X12_H
#define FORMATS_X12_H

#include "formats/report.h"
#include "formats/x12_tokens.h"

/* What opens a level starts with what the level above says. */
typedef enum x12_level {
    SET_LEVEL,
    GROUP_LEVEL, /* 867: a transfer (PTD); 852, 846: a location (N1) */
    ITEM_LEVEL,  /* a product (LIN) */
    PART_LEVEL,  /* a quantity (QTY, ZA) */
    X12_LEVELS
} x12_level;

enum { X12_DEPTH = 8 }; /* of the tree of an 856 */

/* A level of the tree of an 856: shipment, order, tare, pack, item. */
typedef struct x12_node {
    facts at;
    uint32_t id;
    char kind;
    buf codes;    /* stated in it */
    bool counted; /* it states a quantity … */
    int64_t quantity;
    uint32_t unit;
    uint64_t segment; /* … here */
} x12_node;

/* A party's role in N1: the column its id fills and how sure it is. */
typedef struct x12_role {
    const char *code;
    line_text column;
    uint8_t rank;
    bool ship_to; /* its address says where the goods went */
} x12_role;

/* One transaction set on its way into a docset. */
typedef struct x12_message {
    report r;
    facts at[X12_LEVELS];
    x12_level level;
    buf codes;             /* of the open part */
    const x12_role *party; /* whose address follows; NULL: of no matter */
    uint64_t items;        /* LIN so far */
    int64_t units;         /* sum of the quantities of SN1 */
    /* the quantity that is open */
    const quantity_row *quantity;
    int64_t stated, spread; /* in the segment itself (NUM_NONE: not), in the SDQ after it */
    uint32_t unit, price_unit;
    bool is_spread;
    /* 867 */
    const struct x12_transfer *transfer;
    bool item_first; /* LIN before its QTY */
    /* 856 */
    x12_node node[X12_DEPTH];
    unsigned depth;
    uint64_t nodes;
} x12_message;

typedef struct x12_reading {
    /** A segment between ST and SE. */
    void (*segment)(x12_message *m, const x12_segment *g);
    /** Posts what is open. */
    void (*end)(x12_message *m);
    const report_words *said;
} x12_reading;

extern const x12_reading x12_867, x12_852, x12_846, x12_856;

/* ---- x12_parts.c: segments that mean the same in every set ---- */

typedef struct x12_row {
    const char *tag;
    void (*run)(x12_message *m, const x12_segment *g);
} x12_row;
void x12_run(x12_message *m, const x12_segment *g, const x12_row *rows, size_t n);

static inline facts *x12_here(x12_message *m) {
    return &m->at[m->level];
}

/** Number and purpose of the report. */
void x12_head(x12_message *m, str purpose, str number);
void x12_date(x12_message *m, facts *f, str value, uint8_t rank);
/** DTM qualifiers, the surest first, from rank `from`. */
void x12_date_by(x12_message *m, facts *f, const x12_segment *g, const char *const *qualifiers, size_t n, uint8_t from);
/** Product ids, batch and serial numbers of LIN, from element 2. */
void x12_take_ids(x12_message *m, facts *f, const x12_segment *g, buf *codes);
/** REF: batch, serial numbers, the number of invoice or order. */
void x12_take_reference(x12_message *m, facts *f, const x12_segment *g, buf *codes);
void x12_take_party(x12_message *m, facts *f, const x12_segment *g, const x12_role *roles, size_t n);
/** N4: the region goods went to, when the address is that of such a party. */
void x12_take_address(x12_message *m, facts *f, const x12_segment *g);
bool x12_take_quantity(x12_message *m, str value, int64_t *out);
bool x12_take_money(x12_message *m, str value, int64_t *out);
void x12_on_cur(x12_message *m, const x12_segment *g);
void x12_on_pid(x12_message *m, const x12_segment *g); /* the product's name */
/** CTT: the number of lines, as counted in either way. */
void x12_check_total(x12_message *m, const x12_segment *g, uint64_t counted, uint64_t or_counted);

/* ---- quantities of an item at places: 852 and 846 ---- */

/** The open quantity waits, with the facts of its part; its level is left. */
void x12_close_part(x12_message *m);
void x12_post_item(x12_message *m);
/** A quantity under a code; `value` may be empty where SDQ follows. */
void x12_open_part(x12_message *m, const quantity_row *row, str value, str unit);
/** LIN. */
void x12_open_item(x12_message *m, const x12_segment *g);
/** SDQ: one quantity spread over places. `row` is what is spread where no quantity is open. */
void x12_take_spread(x12_message *m, const x12_segment *g, const quantity_row *row);
/** N1 at which goods lie or are sold. */
void x12_open_place(x12_message *m, const x12_segment *g);

#endif
