/* custody — who had a code when: every move of the code itself and of the containers around it, in the order in which they
 * happened whatever the order in which they came.
 *
 * A document that names a carton moves all that lies in it on that day. The holder is the last partner to whom a shipment moved
 * it, or another line with a counterparty: a sale or transfer to a partner, a receipt from the one who held it (a receipt from
 * anybody else is a sighting: the goods turned up there), a return. Moves of one day are put in the order in which each
 * begins with the holder that the one before made; where that does not decide, by type, then by the document's identity.
 *
 * Where codes of documents stand: custody, under the container that the code lies in (so a partner's sales touch neighbouring
 * pages), or 0. What a document put there is listed in code_document, and taken out by it.
 *   move   kind u8, from u32, to u32, by u32, region u32, region_source u8, product u32, quantity zigzag */
#ifndef TRACE_CUSTODY_H
#define TRACE_CUSTODY_H

#include "base/calendar.h"
#include "daemon/trace/codes.h"

/* Numbers are stored. enum, number, name */
#define MOVE_KINDS(X)                                                                                                  \
    X(MOVE_SHIPPED, 1, "shipped")                                                                                      \
    X(MOVE_RECEIVED, 2, "received")                                                                                    \
    X(MOVE_TRANSFERRED, 3, "transferred")                                                                              \
    X(MOVE_SOLD, 4, "sold")                                                                                            \
    X(MOVE_RETURNED, 5, "returned")   /* by a customer, or a partner below */                                          \
    X(MOVE_SENT_BACK, 6, "sent_back") /* to the manufacturer, or a partner above */                                    \
    X(MOVE_COUNTED, 7, "counted")                                                                                      \
    X(MOVE_OBSERVED, 8, "observed") /* an event that moves nothing */

typedef enum move_kind {
#define X(kind, no, name) kind = no,
    MOVE_KINDS(X)
#undef X
} move_kind;
const char *move_kind_name(move_kind k);

typedef struct custody_move {
    move_kind kind;
    code_key named;    /* the code or the container around it that was named */
    uint32_t from, to; /* partners; 0: the manufacturer, a customer, or not known */
    uint32_t by;       /* where the line stands: who sold, received, counted it */
    uint32_t region, product;
    uint8_t source; /* region_source */
    int64_t quantity;
    day_t day;
    int64_t time_ms; /* of an event; of a document the beginning of its day */
    bool timed;      /* of an event */
    uint64_t ref;    /* document, or event with CODE_EVENT_REF */
    uint32_t line;   /* of the content, from 0 */
    uint8_t identity[16];
} custody_move;

/** All moves of a code up to a time, in order; at most LIMIT_CUSTODY, those of the code itself first. In `a`. */
size_t custody_moves(txn *t, const code_row *r, int64_t until_ms, arena *a, custody_move **out);

/** Put moves in the order in which they happened, in place (the rule above; pure). */
void custody_order(custody_move *m, size_t n);
/** The holder after `m` when `holder` had it before (pure). */
uint32_t custody_after(const custody_move *m, uint32_t holder);

typedef struct custody {
    code_row row; /* body.known: somebody commissioned it */
    code_standing standing;
    uint32_t holder; /* partner, 0 nobody */
    uint64_t moved;  /* document or event that made it the holder, 0 none */
    uint32_t moved_line;
    uint32_t outer;   /* outermost container around it, 0: none */
    uint32_t product; /* of its key or class, of what lies in it, of the line that moved it; 0 unknown */
    uint32_t class_no;
} custody;

/** A code as of a time; `before`: a document or event (reference) whose own moves and those after it do not count yet, 0 none.
 *  Everything that is not in *out lives in `a`, which may be reset afterwards. */
void custody_at(txn *t, const code_key *k, int64_t time_ms, uint64_t before, arena *a, custody *out);

/** The containers that a code ever lay in, at whatever time, nearest first; returns how many. */
size_t custody_around(txn *t, const code_key *k, code_key *out, size_t max);

/* Codes of a document's lines as they were posted. */
typedef struct document_codes {
    reader r;
} document_codes;
document_codes custody_document(txn *t, uint64_t document_no);
/** *home: where its move stands. */
bool document_codes_next(document_codes *d, code_key *k, uint32_t *line, uint32_t *home);

/** Partners to whom a lot was shipped or sold, ascending, at most `max`. `lot_key`: of kind CODE_LOT. */
size_t custody_lot(txn *t, const code_key *lot_key, uint32_t *out, size_t max);

/** Each time it was, in `a`; at most LIMIT_CUSTODY: to, day and ref. */
size_t custody_lot_moves(txn *t, const code_key *lot_key, arena *a, custody_move **out);

/** Documents that ledger posted with this entry (r->coded). */
MUST_USE bool trace_coded(txn *t, const entry *en, apply_result *r, err *e);

#endif
