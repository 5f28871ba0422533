/* report — what the readers of EDI messages share. A message states facts segment by segment and quantities between
 * them; a quantity waits until all that is said of its item is known, then becomes a line of a document. Whether the
 * segments are EDIFACT's or X12's is no matter here. Inside formats/ only. */
#ifndef FORMATS_REPORT_H
#define FORMATS_REPORT_H

#include "formats/mapping.h"
#include "proto/docset.h"

/* What stands at one place of the message. A level below begins as a copy of the level above. */
typedef struct facts {
    uint32_t text[LINE_TEXT_COUNT]; /* word numbers, WORD_NONE: not stated */
    uint8_t rank[LINE_TEXT_COUNT];  /* how sure a text offered is: 1 best, 0 nothing yet */
    day_t date;
    uint8_t date_rank;
    int64_t price, amount; /* of a unit, of the item; micro, NUM_NONE: not stated */
    uint8_t price_rank;
    bool from_moa; /* the amount is stated as one, no price replaces it */
    bool damaged;  /* one of the texts could not be kept: the lines are refused */
    bool part;     /* it says which batch, place or serial of the item */
} facts;

/* What a code of a quantity means. Several quantities of one item may tell the same story (on hand and available, net
 * and gross): of those with the same type and direction only the best rank is taken. */
typedef struct quantity_row {
    const char *code;
    doc_type type; /* DOC_TYPE_COUNT: known, and no movement or count of ours */
    bool back;     /* goods that came back: posted negative however the sender signs them */
    uint8_t rank;  /* 1 best */
    bool net;      /* returns are taken off already */
    const char *meaning;
} quantity_row;

/* What the function or purpose of a message means: a replacement outranks the original and a cancellation both,
 * whichever comes first. */
typedef struct purpose_row {
    const char *code, *version;
    bool cancels;
} purpose_row;

/* Where a kind of message says what, for problems. */
typedef struct report_words {
    const char *head, *item, *date, *amount; /* segments that number the document, name the product … */
    const char *want_sku, *want_date;
} report_words;

/* One message on its way into a docset. */
typedef struct report {
    docset *out;
    const mapping *m; /* may be NULL */
    const report_words *said;
    uint32_t message; /* n-th of the file: two messages are never one document */
    uint64_t row;     /* segment being read … */
    char tag[8];      /* … and what it is called */
    uint64_t head_row;
    uint32_t number, version;
    bool cancels;
    unsigned types;      /* bit 1 << doc_type: what it speaks of */
    buf waiting, groups; /* quantities of the open item; the facts they stand in */
    map *numbers;        /* of the file's documents so far → bits as in `types`; NULL: not watched */
} report;

void report_begin(report *r, const report_words *said, docset *out, const mapping *m, uint32_t message);
void report_free(report *r);
/** Before the segment's facts are taken. */
void report_at(report *r, uint64_t row, str tag);

void report_problem(report *r, str found, const char *wanted, const char *hint);
/** The same, and something becomes no line. */
void report_refuse(report *r, str found, const char *wanted, const char *hint);
void report_leave_out(report *r, const char *fmt, ...) PRINTF_LIKE(2, 3);

void facts_clear(facts *f);
/** The word of a text of the message; WORD_NONE when empty, or (with a problem, and f damaged) when it cannot be kept.
 */
uint32_t report_word(report *r, facts *f, str value);
void report_keep(report *r, facts *f, line_text column, str value);
/** Keep it when nothing better stands there; of equals the first stays. */
void report_offer(report *r, facts *f, line_text column, str value, uint8_t rank);
/** The same, and of equals the last stays. */
void report_replace(report *r, facts *f, line_text column, str value, uint8_t rank);
/** Of equals the last stays. */
void facts_date(facts *f, day_t day, uint8_t rank);
/** Codes joined by ';', beyond LIMIT_CODES refused with the line. */
void codes_add(buf *codes, str code);
void report_codes(report *r, facts *f, str codes);

/** False, with a problem, when the purpose is none of the rows; it is then read as an original. */
bool report_purpose(report *r, const purpose_row *rows, size_t n, str code, const char *wanted);

/** The row of a code; NULL, noted as left out, when it is none of ours. */
const quantity_row *report_quantity_row(report *r, const quantity_row *rows, size_t n, str code, const char *wanted);
/** A quantity of the open item, in thousandths. False: too many. */
bool report_wait(report *r, const quantity_row *row, doc_type type, bool back, int64_t quantity, uint32_t unit);
size_t report_waiting(const report *r);
/** The newest quantity stands at this place, whatever its facts say of places. */
void report_waits_at(report *r, uint32_t place);
/** The quantities since the last call get these facts. */
void report_stamp(report *r, const facts *f);
/** Post what waits. `whole` (may be NULL): facts whose amount the sales of the item share that have none. */
void report_post(report *r, const facts *whole);
/** Post what waits; a cancellation withdraws the documents of `main_type` and of every other type it spoke of. */
void report_end(report *r, const facts *message, doc_type main_type);

/* ---- quantities that tell one story twice are left out before posting ---- */

typedef struct waiting_quantity {
    const quantity_row *row;
    doc_type type;
    uint64_t segment;
    int64_t quantity;
    uint32_t unit, place; /* place WORD_NONE: as in the facts */
    uint32_t group;
    bool back, dropped;
} waiting_quantity;

waiting_quantity *report_waiting_at(const report *r, size_t i);
const facts *report_facts_of(const report *r, const waiting_quantity *q);

#endif
