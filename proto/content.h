/* content — what a document says, apart from where it stood: the one digest of docsets, batches and parts of batches.
 */
#ifndef PROTO_CONTENT_H
#define PROTO_CONTENT_H

#include "base/map.h"
#include "proto/columns.h"

/* A column of texts seen in place: row i has word[index[i × stride]]; without index word[0], or word[i] when there are
 * more words than one. words 0: not stated in any row. WORD_NONE in the index: not stated. */
typedef struct text_view {
    const str *word;
    const uint32_t *index;
    size_t stride;
    uint32_t words;
} text_view;

/* value NULL: not stated in any row. */
typedef struct number_view {
    const int64_t *value;
    size_t stride;
} number_view;

/* Consecutive lines of a document; row i of the views is line first + i. */
typedef struct lines_view {
    text_view text[LINE_TEXT_COUNT];
    number_view number[LINE_NUMBER_COUNT];
    uint32_t first, lines;
} lines_view;

/** BLAKE2b-256 over type, cancellation and lines. A line's key is its stated texts but `line`, and its stated numbers
 * but row, sheet, quantity, amount, discount; lines of one key become one with these three added up (never stated stays
 * not stated); lines in the order of their keys. `view` holds the parts of the document in any order. Scratch: 8 bytes
 * a line. */
void content_digest(doc_type type, bool cancelled, const lines_view *view, size_t views, arena *scratch,
                    uint8_t out[static 32]);

#endif
