/* batch — the columnar form in which documents travel and are journaled. Written from a docset, read without an
 * allocation a line (one array a column, in the caller's arena). */
#ifndef PROTO_BATCH_H
#define PROTO_BATCH_H

#include "base/err.h"
#include "proto/content.h"
#include "proto/docset.h"
#include "proto/limits.h"

/* The file is the whole truth for the days from … to: what is missing in it is reversed with its last batch. */
typedef struct replace_span {
    uint64_t id; /* random, of this push: the same push sent again clears nothing a second time; 0: no replacement */
    day_t from, to;
} replace_span;

/** What the file as a whole tells each batch. */
typedef struct batch_cut {
    uint64_t epoch, first_seq;
    bool again;
    replace_span replace;
} batch_cut;

/** Receives one encoded batch (a wire.Batch without frame header). Returns false to stop. */
typedef bool (*batch_fn)(void *arg, uint64_t seq, str frame, size_t docs, size_t lines, err *e);

/** Cut a finished docset into batches of ≤ LIMIT_BATCH_LINES lines and ≤ LIMIT_BATCH_BYTES bytes and hand each to fn in
 *  order. A document longer than a batch travels in parts. A file without documents gives one empty batch, so that the
 *  centre knows it. ERR_DATA, before fn is called: a document is too long, or a line says what no batch may (no row, no
 *  date, figures beyond the limits, control characters). */
MUST_USE bool batch_cut_docset(const docset *s, const batch_cut *how, batch_fn fn, void *arg, err *e);

/* One decoded text column: word of row i = word[index ? index[i] : n == 1 ? 0 : i]. */
typedef struct text_column {
    uint32_t words;  /* 0: not stated in any row */
    const str *word; /* points into the frame */
    const uint32_t *index;
} text_column;

typedef struct batch {
    uint64_t epoch, seq;
    str file_name, dialect, charset, mapping, make;
    const uint8_t *sha256; /* 32 bytes */
    uint64_t file_size, file_lines;
    uint32_t file_batch, file_batches;
    bool again;
    replace_span replace;
    uint32_t docs, lines;
    text_column doc_text[DOC_TEXT_COUNT], line_text[LINE_TEXT_COUNT];
    const int64_t *doc_number[DOC_NUMBER_COUNT]; /* NULL: not stated in any row; else one a row, NUM_NONE: not stated */
    const int64_t *line_number[LINE_NUMBER_COUNT];
    const uint32_t *doc_first; /* docs + 1 entries: lines of document d are doc_first[d] … doc_first[d+1]-1 */
} batch;

/** Decode and check a frame (bounds, counts, UTF-8, control characters, known types). Everything is borrowed from
 *  `frame` or allocated in `a` (cap it at LIMIT_DECODE_BYTES). ERR_DATA says what is malformed. */
MUST_USE bool batch_decode(str frame, arena *a, batch *out, err *e);

static inline uint32_t column_word(const text_column *c, uint32_t row) {
    return c->words == 0 ? WORD_NONE : c->index ? c->index[row] : c->words == 1 ? 0 : row;
}
static inline str column_text(const text_column *c, uint32_t row) {
    uint32_t w = column_word(c, row);
    return w == WORD_NONE ? STR("") : c->word[w];
}
static inline int64_t column_number(const int64_t *column, uint32_t row) {
    return column ? column[row] : NUM_NONE;
}

/** Document `doc` of a batch as the digest sees it. */
lines_view batch_lines(const batch *b, uint32_t doc);
static inline doc_type batch_doc_type(const batch *b, uint32_t doc) {
    doc_type t = TYPE_SALE;
    (void)doc_type_parse(column_text(&b->doc_text[D_TYPE], doc), &t);
    return t;
}

/** Digest of a document's content (BLAKE2b-256): lines in canonical form, sorted, without provenance (row, sheet, line
 *  number of the source); equal lines add up. The same content in any order, dialect or batching gives the same digest.
 *  A document in parts: content_digest() over the batch_lines() of all its parts. */
void batch_document_digest(const batch *b, uint32_t doc, arena *scratch, uint8_t out[static 32]);

#endif
