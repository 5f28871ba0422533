/* posting — the lines a document's holding content put into the books: figures in base units and minor units, with
 * everything needed to take them out again and to say why they stand where they do. Nothing is ever resolved twice to
 * reverse a line: its posting says what was done.
 *
 * Stored by document number, column by column (a column that is the same in every row is written once). */
#ifndef LEDGER_POSTING_H
#define LEDGER_POSTING_H

#include "base/arena.h"
#include "base/num.h"
#include "daemon/catalog/catalog.h"
#include "daemon/ledger/kinds.h"

typedef struct posted {
    uint32_t partner;          /* where it stands: a place, the reporter, or the counterparty of a shipment */
    uint32_t product;          /* 0: payment */
    uint32_t customer;         /* customer without partner record; 0 none */
    uint32_t counterparty;     /* partner on the other side; 0 none */
    uint32_t home, region;     /* regions of the partner and of the goods' way; 0 unknown */
    uint32_t province, brand;  /* that home lies in, of the product: what flow_total is summed by; 0 none */
    uint32_t currency;         /* currency_no */
    uint32_t company, channel; /* index into the posting's texts */
    uint32_t line;             /* line of the content, from 0 through all its parts */
    day_t day;
    int64_t quantity; /* signed, thousandths of the base unit */
    int64_t amount;   /* signed, minor units on the setting's tax basis; NUM_NONE: no price known */
    uint8_t kind;     /* flow_kind */
    uint8_t source;   /* region_source */
    uint8_t rebated;  /* 1: the line says that it was paid out of the rebate account (paid_by_rebate) */
} posted;

/* Lines that wait for one word to be learnt. `soft`: they are posted and would only be judged better. */
typedef struct waiting {
    uint8_t reason; /* waiting_reason */
    bool soft;
    str word;
    uint32_t *line; /* ascending */
    uint32_t lines;
    int64_t amount; /* as stated, micro units of whatever currency, for a sense of size */
} waiting;

/* What the content says of a day, posted or waiting: its reporter has reported that day. */
typedef struct posting_day {
    day_t day;
    uint32_t lines, waiting;
} posting_day;

typedef struct posting {
    uint32_t content;    /* index of the content in its document */
    uint32_t posted;     /* lines of it that are posted … */
    uint32_t quarantine; /* … and that are not */
    posted *row;         /* a transfer has two rows a line */
    uint32_t rows;
    str *text; /* companies and channels; text[0] is "" */
    uint32_t texts;
    waiting *wait;
    uint32_t waits;
    posting_day *day; /* ascending; days beyond what is accepted are left out */
    uint32_t days;
} posting;

void posting_encode(const posting *p, buf *out);
/** Everything lives in `a` or is borrowed from `stored`. */
bool posting_decode(str stored, arena *a, posting *out);
/** The posting of a document, all of it in `a`; false when nothing is posted or waits. An unreadable one makes the
 *  transaction fail. */
bool posting_get(txn *t, uint64_t document, arena *a, posting *out);
/** Does a stored posting have a row of this customer? */
bool posting_has_customer(str stored, uint32_t customer);

/** Lines of the content behind a stored posting, posted and waiting. */
uint64_t posting_lines(str stored);

#endif
