/* spool_inner — what the files of the spool share; not for others. Tables, keys and the forms of their records. */
#ifndef AGENT_SPOOL_INNER_H
#define AGENT_SPOOL_INNER_H

#include "agent/spool.h"
#include "kv/kv.h"

/* table, name: state — one record; info, frame, receipt — by seq; upload, local — by upload id */
#define SPOOL_TABLES(X)                                                                                                \
    X(TABLE_STATE, "state")                                                                                            \
    X(TABLE_INFO, "info")                                                                                              \
    X(TABLE_FRAME, "frame")                                                                                            \
    X(TABLE_RECEIPT, "receipt")                                                                                        \
    X(TABLE_UPLOAD, "upload")                                                                                          \
    X(TABLE_LOCAL, "local")         /* problems the reader here found: a wire.Receipt with seq 0 */                    \
    X(TABLE_USUAL, "usual")         /* type u8, sku, 0, unit: last samples of quantity and price (usual.c) */          \
    X(TABLE_USUAL_DAY, "usual_day") /* type u8, day, unit: lines, quantity, amount */                                  \
    X(TABLE_KNOWN, "known")         /* document key: upload, lines, day, digest, what it added to the days */          \
    X(TABLE_KNOWN_DAY, "known_day") /* day, document key: the order in which they are forgotten */

enum {
#define X(table, name) table,
    SPOOL_TABLES(X)
#undef X
        SPOOL_TABLE_COUNT
};

struct spool {
    kv *db;
    txn *w; /* changes not yet flushed */
    spool_state now;
    uint64_t quota;
};

typedef struct seq_key {
    uint8_t p[8];
} seq_key;

static inline str key_of(uint64_t no, seq_key *k) {
    put_be64(k->p, no);
    return str_from(k->p, sizeof k->p);
}

void state_put(txn *t, const spool_state *s);
bool state_parse(str bytes, spool_state *out);
void info_put(txn *t, uint64_t seq, const batch_info *i);
/** False: not there, or damaged (then t has failed). */
bool info_get(txn *t, uint64_t seq, batch_info *out);
void spool_upload_put(txn *t, const upload *u);
bool upload_parse(str bytes, upload *out);
bool spool_upload_get(txn *t, uint64_t id, upload *out);

/** The transaction that changes go to; begun when there is none. */
bool spool_writing(spool *s, err *e);
/** A view: the open write transaction, else a read transaction in *own (AUTO(txn) of the caller). NULL and *e. */
txn *spool_reading(spool *s, txn **own, err *e);

#endif
