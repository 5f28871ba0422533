/* papers — files kept as evidence: photos, proofs of sale, letters. The content stands in the journal, once, known by its
 * BLAKE2b-256; whoever names the digest names the file. A file of an agent travels in pieces, each in a question of its own,
 * and is journaled when it is whole.
 *
 *   paper        digest 32 → entry u64, time i64, partner u32 (0: the manufacturer's), size u32, name
 *   paper_piece  partner u32, digest 32, from u32 → time i64, bytes */
#ifndef TRACE_PAPERS_H
#define TRACE_PAPERS_H

#include "base/buf.h"
#include "daemon/store/apply.h"
#include "proto/digest.h"
#include "proto/journal.pb-c.h"

typedef struct paper {
    uint64_t entry;
    int64_t time_ms;
    uint32_t partner, size;
    str name; /* borrowed */
} paper;

bool paper_get(txn *t, const uint8_t digest[static DIGEST_SIZE], paper *out);

/** The content, out of the journal, in `a`; n 0 and *e when it cannot be read. */
str paper_bytes(txn *t, uint64_t entry_no, arena *a, err *e);

/* A piece of a file: its whole size and digest, and where the piece begins. */
typedef struct paper_piece {
    uint32_t partner, size, from;
    const uint8_t *digest;
    int64_t now_ms;
    str bytes;
} paper_piece;
/** Keep a piece; *whole (empty before) gets the content when it was the last that lacked. ERR_DATA: beyond the bounds, or
 *  the pieces are not what the digest says (they are forgotten). */
MUST_USE bool paper_take(txn *t, const paper_piece *p, buf *whole, err *e);
/** Pieces older than this moment are forgotten. */
void paper_forget(txn *t, int64_t before_ms);
/** Has the partner sent as many files today as it may? */
bool paper_too_many(txn *t, uint32_t partner_no, int64_t since_ms);

/** KIND_PAPER. A file known already is no error. */
MUST_USE bool trace_paper(txn *t, const entry *en, const Entry__Paper *m, apply_result *r, err *e);
bool paper_content(txn *t, uint32_t table, str stored_key, str val, buf *out);

#endif
