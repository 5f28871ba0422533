/* usual — what this home usually sends: of each product and unit the last figures, of each day the sums, of each
 * document how it was last sent, and the companies its titles name. Kept in the spool's own tables, written in the
 * commit that takes a file (of more than 16,384 documents, those after them in commits that follow), longer than
 * its batches (LIMIT_USUAL_DAYS) and bounded (LIMIT_USUAL_PRODUCTS). */
#ifndef AGENT_USUAL_H
#define AGENT_USUAL_H

#include "agent/packs.h"
#include "agent/spool.h"
#include "formats/doubt.h"
#include "kv/kv.h"

enum { DOCUMENT_KEY = 16 };

/** Who a document is, as the centre tells documents apart. After docset_finish. */
void document_key_of(const docset *d, size_t doc, uint8_t out[static DOCUMENT_KEY]);

/** How a document was last sent. */
typedef struct known_document {
    uint64_t upload;
    uint32_t lines;
} known_document;
/** False: never, or too long ago (or the spool failed: *e has a code). */
bool known_find(spool *s, const uint8_t k[static DOCUMENT_KEY], known_document *out, err *e);

/** Sums of a type and unit over days. */
typedef struct day_sums {
    uint64_t lines;
    __int128 quantity, amount;
} day_sums;
MUST_USE bool usual_sums(spool *s, doc_type type, str unit, day_t from, day_t to, day_sums *out, err *e);

/** The view for doubts_find: `self` points to a usual_reader made by the caller. */
typedef struct usual_reader {
    spool *s;
    txn *t, *own;
    size_t line;        /* first of the document asked for */
    day_t from, to;     /* span that the file is to replace; from > to: none */
    const packs *packs; /* NULL: nothing is known of units */
} usual_reader;
/** Begin to look; today and oldest are the caller's to set. */
MUST_USE bool usual_begin(spool *s, usual_reader *r, doubt_view *v, err *e);
void usual_end(usual_reader *r);

/** Inside the room: what the partner is called, its own name first; at most 16 are kept. */
void usual_names(txn *t, const char *const *name, size_t n);

/** Inside the room: what documents from … to - 1 of a file taken by upload `id` teach. What was learnt already is not
 *  learnt twice, so a file may be learnt in pieces, and a piece again. */
void usual_learn(txn *t, const docset *d, uint64_t id, size_t from, size_t to);
/** Inside the room, with every file: the company that its `titles` (as doubts_find) name; what is older than
 *  LIMIT_USUAL_DAYS before today is forgotten. */
void usual_take(txn *t, str titles, day_t today);

#endif
