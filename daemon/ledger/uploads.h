/* uploads — what came from whom: the sequence of each agent's batches, their receipts, and the files they were. */
#ifndef LEDGER_UPLOADS_H
#define LEDGER_UPLOADS_H

#include "base/arena.h"
#include "kv/kv.h"
#include "proto/digest.h"

/* Agents are known by id, people who bring files by their actor ("user:anna"). */
typedef struct upload_state {
    uint64_t epoch;    /* spool epoch of the newest batch, 0: nothing came yet */
    uint64_t last_seq; /* last batch of that epoch: the next must be one more; a new epoch begins at 1 */
    uint64_t upload;   /* the file that batch belonged to, 0: refused unread */
} upload_state;
/** False (and zeros) when nothing came from it yet. */
bool upload_state_get(txn *t, str who, upload_state *out);

/** The receipt of a batch that was taken or refused, for ever: wire.Receipt bytes, and the digest of the batch (32
 *  bytes, may be NULL), both borrowed. The same digest again is a repetition; another one is a second holder. */
bool upload_receipt(txn *t, str who, uint64_t epoch, uint64_t seq, str *receipt, const uint8_t **digest);

typedef struct upload {
    uint64_t no; /* journal entry of its first batch */
    uint32_t partner;
    str agent; /* "" when a person brought it */
    str actor, file, dialect;
    uint8_t sha256[32];
    int64_t time_ms;         /* of its first batch */
    uint64_t last;           /* entry of its newest batch */
    uint32_t batch, batches; /* batches came, batches of the file */
    uint64_t documents, lines, committed, duplicate, quarantined, refused, superseded;
    uint64_t withdrawn; /* journal entry, 0: stands */
    str reason;         /* of the withdrawal */
} upload;

/** The upload of a push that was the whole truth for a span and has cleared it; 0: it has not yet. */
uint64_t upload_replacement(txn *t, str who, uint64_t id);

void upload_encode(const upload *u, buf *out);
bool upload_decode(uint64_t no, str stored, upload *out); /* texts borrowed */
bool upload_get(txn *t, uint64_t no, upload *out);

#endif
