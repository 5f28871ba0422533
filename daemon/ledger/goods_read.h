/* goods_read — the documents that goods.h sets side by side, each line with the words that tell where it belongs. */
#ifndef LEDGER_GOODS_READ_H
#define LEDGER_GOODS_READ_H

#include "daemon/ledger/document.h"
#include "daemon/ledger/facts.h"

/* One line of a shipment or a receipt, as it was posted. */
typedef struct deed_line {
    uint32_t product, line; /* line of the content */
    int64_t quantity;
    day_t day;
    str reference, codes; /* read_words() */
    bool damaged;
} deed_line;

typedef struct deed {
    uint64_t document;
    str number;
    uint8_t identity[IDENTITY_SIZE];
    const content *content;
    day_t day; /* earliest of its lines */
    deed_line *line;
    size_t lines;
} deed;

typedef struct deeds {
    deed *at;
    size_t n, cap;
} deeds;

typedef struct goods_reader {
    txn *t;
    arena *a; /* of everything read */
    facts *f;
    uint32_t partner;
    day_t from, to;
    deeds sent, received; /* by day, number, identity */
} goods_reader;

/** Read the documents of the days. */
MUST_USE bool goods_read(goods_reader *r, err *e);
/** Fill in reference, codes and damaged of every line. */
MUST_USE bool goods_read_words(goods_reader *r, deeds *list, err *e);

#endif
