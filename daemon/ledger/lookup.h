/* lookup — words of a batch as the catalogue knows them on a business day. Each distinct word is resolved once a batch;
 * the lines then find its result by the word's number. What is to be created gets a provisional number here and its
 * real one when the plan is put. */
#ifndef LEDGER_LOOKUP_H
#define LEDGER_LOOKUP_H

#include "base/map.h"
#include "daemon/catalog/catalog.h"
#include "daemon/ledger/recall.h"
#include "proto/batch.h"

/* Provisional numbers: of partners and products to be created, and of customers not seen before. */
#define MADE_FIRST 0xf0000000U

typedef struct made {
    enum { MADE_PRODUCT, MADE_PLACE, MADE_CUSTOMER } what;
    uint32_t owner; /* the partner it stands below */
    str word;
    uint32_t real;
} made;

/* Across the batches that one entry touches. */
typedef struct makes {
    arena *a;
    made *row;
    size_t rows, cap;
    map index; /* what, owner, word → row */
} makes;

typedef struct memo_slot memo_slot;
typedef struct memo {
    memo_slot *slot;
    size_t used, cap;
} memo;

/* Settings that decide how a line is judged. */
typedef struct judge_rules {
    day_t oldest, today;
    uint32_t currency;
    str company;
    int64_t tax_rate; /* ppm */
    bool excl;        /* amounts are kept without VAT */
} judge_rules;
void judge_rules_load(txn *t, int64_t time_ms, judge_rules *out);

typedef struct lookup {
    txn *t;
    arena *a; /* results live as long as the memo */
    const batch *b;
    memo memo;
    makes *made;
    recall *known; /* from the batches before */
    uint32_t reporter;
    bool create;       /* unknown places and products are created */
    bool manufacturer; /* the reporter is one */
} lookup;

/** Begin with another batch or reporter; forgets what was resolved. */
void lookup_begin(lookup *l, txn *t, arena *a, const batch *b, uint32_t reporter, bool create, makes *m);

typedef struct product_word {
    uint32_t no;
    uint8_t wait; /* WAIT_PRODUCT, WAIT_UNIT; 0: known */
    bool unreviewed;
    int64_t factor;   /* thousandths of the base unit in one unit */
    int64_t tax_rate; /* ppm, NUM_NONE: the product states none */
    uint32_t brand;   /* on that day, 0 none */
} product_word;
const product_word *lookup_product(lookup *l, uint32_t row, day_t day);

typedef struct partner_word {
    uint32_t no;       /* 0: not known as a partner */
    uint32_t customer; /* its number as a plain customer when it is no partner */
    uint32_t home;     /* its region on that day, 0 unknown … */
    uint32_t province; /* … and the province that lies in */
    bool unreviewed, reports;
} partner_word;
/** Where a line stands: its place, or the reporter itself. no 0: unknown place. */
const partner_word *lookup_place(lookup *l, uint32_t row, day_t day);
/** The customer of a line (column customer, else counterparty). NULL: none stated. */
const partner_word *lookup_customer(lookup *l, uint32_t row, day_t day);
/** NULL: none stated. */
const partner_word *lookup_counterparty(lookup *l, uint32_t row, day_t day);

typedef struct region_word {
    uint32_t no; /* 0: unknown */
} region_word;
/** NULL: none stated. */
const region_word *lookup_ship_to(lookup *l, uint32_t row, day_t day);

typedef struct currency_word {
    uint32_t no; /* 0: no such currency */
    unsigned scale;
} currency_word;
const currency_word *lookup_currency(lookup *l, uint32_t row, uint32_t otherwise);

/** The real number of a provisional one; others are themselves. */
uint32_t made_real(const makes *m, uint32_t no);

#endif
