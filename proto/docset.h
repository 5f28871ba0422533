/* docset — the documents of one file as a reader understood them: what `formats` fills, what the agent and
 * `document import` cut into batches, what `import try` prints. Words are interned once per file; a line is kept packed,
 * only what it states (some 40 bytes), so that a file of 300,000 rows fits into 64 MiB beside its reader. */
#ifndef PROTO_DOCSET_H
#define PROTO_DOCSET_H

#include "base/json.h"
#include "base/map.h"
#include "proto/columns.h"

typedef struct doc_line {
    int64_t number[LINE_NUMBER_COUNT]; /* NUM_NONE: not stated */
    uint32_t text[LINE_TEXT_COUNT];    /* word number, WORD_NONE: not stated */
    uint32_t doc;                      /* index into docs */
} doc_line;

typedef struct doc_head {
    uint32_t text[DOC_TEXT_COUNT];
    doc_type type;
    uint32_t flags; /* doc_flag */
    uint32_t lines; /* counted by docset_finish */
    day_t date;     /* of its earliest line, by docset_finish; a cancellation's own date */
} doc_head;

/* One clear line about the input: where, what was found, what was wanted, what to do. Texts live in docset.text. */
typedef struct problem {
    str file;
    uint32_t sheet; /* 0: the file has none */
    uint64_t row;   /* 0: the file as a whole */
    str column, found, wanted, hint;
    bool refused; /* the row became no line, or not all it says did */
} problem;

typedef struct skipped_row {
    uint64_t row;
    uint32_t sheet;
    str why;
} skipped_row;

typedef struct docset {
    words words;
    arena text; /* of problems and the file's facts */
    size_t lines;
    doc_head *doc;
    size_t docs, doc_cap;
    problem *problems;
    size_t problem_count, problem_cap; /* ≤ LIMIT_SKIPPED kept */
    size_t problems_total;
    skipped_row *skipped;
    size_t skipped_count, skipped_cap;
    size_t skipped_total;
    size_t refused; /* data rows that could not become a line; each has a problem */
    size_t stayed;  /* rows of brands that the mapping does not name: not read */
    /* 32 bytes, set by the caller before reading: with which what must be hashed is; NULL: it is dropped */
    const uint8_t *privacy_key;
    str file_name, charset, dialect, mapping;
    str make; /* of its header row, as the agent tells files of one export from others; "" not told */
    uint8_t sha256[32];
    uint64_t size;
    /* inside */
    doc_line staged; /* the newest line until it is placed */
    bool staging;
    struct packed_line *packed; /* a line each: its document and where its bytes lie in the chunks */
    size_t packed_cap;
    uint8_t **chunk;
    size_t chunks, chunk_cap, chunk_used;
    /* while reading: documents by head and what else tells them apart */
    hash_places index;
    words extras;
    uint32_t *extra; /* a document each */
    size_t extra_cap;
} docset;

void docset_init(docset *s);
void docset_free(docset *s);
void docset_auto(docset *s);

/** A new line, all columns "not stated"; valid until the next call. Set columns, then docset_place() puts it in a
 *  document. */
doc_line *docset_line(docset *s);
/** Put the newest line into the document with this head (found by all its head texts, type and flags, plus `key_extra`,
 *  e.g. place and day of a document without number); created when new. Its D_TYPE text is set here. Not with
 * DOC_CANCEL: a cancellation has no lines. The document's number, until docset_finish. */
uint32_t docset_place(docset *s, const doc_head *head, str key_extra);
/** A document without lines (a cancellation of that date). */
void docset_cancel(docset *s, const doc_head *head, day_t date);
/** Drop the newest line again, placed or not (the row was refused). */
void docset_drop_line(docset *s);
void docset_problem(docset *s, uint32_t sheet, uint64_t row, str column, str found, str wanted, str hint);
void docset_skip(docset *s, uint32_t sheet, uint64_t row, str why);
/** Order lines by document (documents in order of first sight, lines in file order), count, date; documents that lost
 *  all their lines are dropped. Once, when all is read. */
void docset_finish(docset *s);

/** A line, i < lines. */
doc_line docset_at(const docset *s, size_t i);
/** `n` lines from i on into `out`. */
void docset_copy(const docset *s, size_t i, size_t n, doc_line *out);
/** Where the lines of a document begin: doc[d].lines of them, one after the other. After docset_finish. */
size_t docset_first(const docset *s, size_t doc);

/** Canonical columns of one line as a JSON object, "row" first, then what is stated: the form of `journal export` and
 *  `import try`. */
void line_json(json *j, const int64_t number[LINE_NUMBER_COUNT], const str text[LINE_TEXT_COUNT]);
/** Digest of a document's content, as batch_document_digest() of the same document. After docset_finish. */
void docset_digest(const docset *s, size_t doc, uint8_t out[static 32]);
/** {"partner","type","number","date","version","digest","file","file_sha256","lines":[…]} of one document. */
void docset_json(json *j, const docset *s, size_t doc);

#endif
